import { Annotations, aws_s3 as s3, CfnElement, Resource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { filledIn } from './filled-in';
import {
  anywhere,
  ArgumentRule,
  copied,
  COPIES,
  judgeResidency,
  Meaning,
  NativeResource,
  NO_PLACE,
  PLACE,
  Places,
  TEXT,
  TypeRule,
} from '../../core/private/residency';
import { isToken } from '../../core/private/tokens';

const REGION =
  '(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-(?:de|gov|iso[bef]?))?-(?:central|east|west|(?:north|south)(?:east|west)?)-\\d';
const REGION_OR_ZONE = new RegExp(`^(${REGION})[a-z]?$`);

export const isRegion = (place: string): boolean => new RegExp(`^${REGION}$`).test(place);

/** How ARNs, addresses, embedded documents and lone texts name a region. */
const NAMED = [
  new RegExp(`^(${REGION})[a-z]?$`, 'g'),
  new RegExp(`\\barn:[^:\\s"']+:[^:\\s"']+:(${REGION}):`, 'g'),
  new RegExp(`[./-](${REGION})\\.(?:vpce\\.|api\\.)?(?:amazonaws|on\\.aws|sagemaker)\\b`, 'g'),
  new RegExp(`["'](${REGION})["']`, 'g'),
];

/** Inference profiles of Bedrock, and what guards them, answer from any region of a geography. */
const PROFILE =
  /(?<![\w.-])(apac|au|ca|eu|global|jp|us-gov|us)\.(?:ai21|amazon|anthropic|cohere|deepseek|google|guardrail|luma|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|stability|twelvelabs|writer|zai)\.[\w.:-]+/g;
const OF_THE_REGION =
  "call the model itself, without the geography before its name, or allow all of it by that name, such as 'eu'";

const MULTI_REGION: Meaning = {
  stray: (value, regions) =>
    value === true || value === 'true'
      ? copied(value, regions, 'leave it out: a key of several regions is copied to them')
      : undefined,
};

const ARGUMENTS: ArgumentRule[] = [
  { path: /(^|\.)Tags(\.|$)/, means: NO_PLACE },
  // Who asks, and from where.
  {
    path: /(^|\.)(GeoLocation|GeoProximityLocation|GeoRestrictions?|GeoMatch\w*|RfRegion)(\.|$)/,
    means: NO_PLACE,
  },
  { types: /^AWS::KMS::Key$/, path: /^MultiRegion$/, means: MULTI_REGION },
  {
    path: /(^|\.)(Replica\w*|Replicas|Destinations|CrossRegionCopy\w*)\.(\w+\.)*\w*Region(Name)?$/,
    means: COPIES,
  },
  {
    path: /(^|\.)(DestinationRegion|AutomaticBackupReplicationRegion|ReplicationRegions|RegionList)$/,
    means: COPIES,
  },
  { types: /^construct$/, path: /^env\.region$/, means: PLACE },
  { path: /(^|\.)(\w*Region|\w*Regions|RegionName|\w*AvailabilityZone(Name)?s?)$/, means: PLACE },
  { path: /(^|\.)(AWS_(DEFAULT_)?REGION|awslogs-region)$/, means: PLACE },
  // Names, flags and ids.
  { path: /(Region|AvailabilityZone|Replica|Geo)\w*$/, means: TEXT },
];

const copies =
  (what: string): TypeRule['stray'] =>
  (_, { allowed }) => ({
    code: 'CMC-051',
    message: `${what}, whether or not they are in allowedRegions (${allowed.join(', ')}): make one in the region alone`,
  });

const TYPES: TypeRule[] = [
  {
    types: /^AWS::KMS::ReplicaKey$/,
    stray: copies('is the copy of a key that others have in their regions'),
  },
  {
    types:
      /^AWS::(S3::MultiRegionAccessPoint|(RDS|DocDB)::GlobalCluster|MemoryDB::MultiRegionCluster|ElastiCache::GlobalReplicationGroup|SES::MultiRegionEndpoint)$/,
    stray: copies('is what several regions share'),
  },
  {
    types:
      /^AWS::(CloudFront::(Streaming)?Distribution|CloudFront::DistributionTenant|GlobalAccelerator::Accelerator)$/,
    stray: (_, regions) => anywhere('at the edge', regions, 'take an endpoint of the region'),
  },
];

/** What AWS knows of places, and the program of the buckets that it copies to: their ARNs name no region. */
export const placesIn = (scope: IConstruct): Places => ({
  arguments: [
    {
      types: /^AWS::S3::Bucket$/,
      path: /^ReplicationConfiguration\.Rules\.Destination\.Bucket$/,
      means: {
        stray: (bucket, regions) => {
          const region = regionOfBucket(scope, String(bucket));
          return region !== undefined && regions.isInside(region)
            ? undefined
            : copied(
                bucket,
                regions,
                'copy to a bucket there, and if it exists already, import it with its region: s3.Bucket.fromBucketAttributes(…, { bucketName, region })',
              );
        },
      },
    },
    ...ARGUMENTS,
  ],
  types: TYPES,
  isInside: (place, allowed) => {
    const [, region = place] = REGION_OR_ZONE.exec(place) ?? [];
    return allowed.includes(region);
  },
  namedIn: (text) => [
    ...NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map(([, place]) => ({ place }))),
    ...[...text.matchAll(PROFILE)].map(([, place]) => ({ place, instead: OF_THE_REGION })),
  ],
  // What the cdk command line looks up is a dummy before.
  isReference: (text) => text.includes('<') || /^dummy\d[a-z]$/.test(text),
  isOpen: (text) => text.includes('<?'),
});

const bucketName = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

/** The region of a bucket of the template, or of one that the program imports. */
function regionOfBucket(scope: IConstruct, arn: string): string | undefined {
  if (arn.startsWith('<')) {
    return Stack.of(scope).region;
  }
  const found = scope.node.root.node
    .findAll()
    .find(
      (one): one is Resource & s3.IBucket =>
        Resource.isResource(one) &&
        'bucketArn' in one &&
        bucketName(filledIn(one.stack.resolve(one.bucketArn), [])) === bucketName(arn),
    );
  return found?.env.region;
}

/** Keeps everything below a stack in the allowed regions: what the program holds when it is complete, at synthesis. */
export function keepInside(stack: Stack, allowed: readonly string[]): void {
  stack.node.addValidation({
    validate: () => {
      const told = judgeResidency(stack, nativeResources(stack), placesIn(stack), allowed);
      if (told) {
        Annotations.of(stack).addWarningV2('cloud-ml-constructs:openPlaces', told);
      }
      return [];
    },
  });
}

/** What the templates of a stack and of those below it hold, and what the program itself says of regions. */
export function nativeResources(root: Stack): NativeResource[] {
  const below = root.node.findAll();
  const at = ({ node }: IConstruct) => node.path.slice(root.node.path.length + 1) || node.id;
  return [
    ...below
      .filter((construct) => Stack.isStack(construct))
      .flatMap((stack) =>
        fragmentsOf(stack).map(({ element, ...resource }) => ({ at: at(element), ...resource })),
      ),
    ...below.flatMap((construct) => {
      const region = regionOf(construct);
      return region ? [{ at: at(construct), type: 'construct', body: { env: { region } } }] : [];
    }),
  ];
}

/** The resources of one template, as CloudFormation takes them, with what the user overrode. */
function fragmentsOf(stack: Stack): { element: CfnElement; type: string; body: unknown }[] {
  const fragments = stack.node
    .findAll()
    .filter((one): one is CfnElement => CfnElement.isCfnElement(one) && one.stack === stack)
    .map((element) => {
      const { _toCloudFormation } = element as unknown as { _toCloudFormation(): object };
      const { Parameters = {}, Resources = {} } = stack.resolve(_toCloudFormation.call(element));
      return { element, Parameters, Resources };
    });
  const parameters = fragments.flatMap(({ Parameters }) => Object.keys(Parameters));
  return fragments.flatMap(({ element, Resources }) =>
    Object.values<any>(Resources).map(({ Type, Properties = {} }) => ({
      element,
      type: Type,
      body: filledIn(Properties, parameters),
    })),
  );
}

/** Stacks, and constructs that came from somewhere else, know their region; undefined where only deployment does. */
function regionOf(construct: IConstruct): string | undefined {
  const region = Stack.isStack(construct)
    ? construct.region
    : Resource.isResource(construct)
      ? (construct as Resource).env.region
      : undefined;
  return isToken(region) ? undefined : region;
}
