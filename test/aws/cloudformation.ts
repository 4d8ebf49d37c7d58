import { readFileSync } from 'fs';
import { join } from 'path';
import { Aspects, Stack } from 'aws-cdk-lib';
import { Engine, Resource, Resources } from '../upgrades/effects';

/** What a resource type takes for a new resource only: always, and at times; and what names it. */
interface Facts {
  readonly always?: string;
  readonly sometimes?: string;
  readonly name?: string;
}

const FACTS: { readonly [type: string]: Facts } = JSON.parse(
  readFileSync(join(__dirname, 'replacements.json'), 'utf8'),
);

/** What a name is unique in. */
const WITHIN: { readonly [type: string]: string } = {
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'ScalingTargetId',
  'AWS::Lambda::Alias': 'FunctionName',
};

/** What the schemas of resource types that have no handlers yet leave out, as the user guide has it. */
const BESIDES: { readonly [type: string]: string } = {
  'AWS::FSx::FileSystem': 'LustreConfiguration/DeploymentType StorageType',
  'AWS::Glue::Database': 'DatabaseInput/Name',
};

/** Types that hold data, with what it is. */
export const DATA: { readonly [type: string]: string } = {
  'AWS::S3::Bucket': 'its objects',
  'AWS::KMS::Key': 'all that it encrypted',
  'AWS::ECR::Repository': 'its images',
  'AWS::SageMaker::ModelPackageGroup': 'its versions, and who approved them',
  'AWS::SageMaker::Domain': 'the homes of all its users',
  'AWS::SageMaker::UserProfile': 'what the user may open the home with',
  'AWS::SageMaker::Space': 'the home',
  'AWS::FSx::FileSystem': 'its files',
  'AWS::Logs::LogGroup': 'its logs',
};

/** Logs of what runs are gone with it; an audit trail's are not. */
const PASSING = /(JobLogs|WorkflowLogs|LogGroup|FlowLogGroup)[0-9A-F]{8}$/;

/** Types whose name or address others have: they lose it with another id. */
export const ADDRESSES = [
  'AWS::Athena::WorkGroup',
  'AWS::CloudTrail::Trail',
  'AWS::EC2::VPC',
  'AWS::Glue::Database',
  'AWS::Lambda::Function',
  'AWS::Lambda::Url',
  'AWS::SageMaker::Endpoint',
  'AWS::SNS::Topic',
  'AWS::StepFunctions::StateMachine',
];

const split = (text = '') => text.split(' ').filter(Boolean);

function factsOf(type: string): { readonly replacing: string[]; readonly name: string[] } {
  const facts = FACTS[type];
  if (!facts) {
    throw new Error(
      `test/aws/replacements.json has no ${type}: scripts/cloudformation-replacements.ts writes it`,
    );
  }
  const { always, sometimes, name } = facts;
  return {
    replacing: [always, sometimes, BESIDES[type]].flatMap(split),
    name: [WITHIN[type], name].flatMap(split),
  };
}

const at = (resource: Resource, path: string) =>
  path.split('/').reduce<any>((value, key) => value?.[key], resource.told.Properties);

/** The ids that a value refers to. */
function referred(value: any): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = [value.Ref, [value['Fn::GetAtt']].flat()[0]].filter((id) => typeof id === 'string');
  return [...own, ...Object.values(value).flatMap(referred)];
}

function nameOf(resource: Resource, replaced: ReadonlySet<string>): string | undefined {
  const parts = factsOf(resource.type).name.map((path) => at(resource, path));
  const isKnown =
    parts.every((part) => part !== undefined) && !referred(parts).some((id) => replaced.has(id));
  return parts.length > 0 && isKnown ? JSON.stringify(parts) : undefined;
}

/** CloudFormation, as its resource schemas say it. */
export const CLOUDFORMATION: Engine = {
  replacing: (before, after, replaced) =>
    factsOf(after.type).replacing.filter((path) => {
      const [was, is] = [at(before, path), at(after, path)];
      return JSON.stringify(was) !== JSON.stringify(is) || referred(is).some((id) => replaced.has(id));
    }),
  name: nameOf,
  names: ({ told: { Properties = {} } }) =>
    Object.entries<any>(Properties)
      .filter(([property]) => /^(\w*Name|DatabaseInput)$/.test(property))
      .map(([, value]) => value.Name ?? value)
      .filter((value) => typeof value === 'string'),
  madeFirst: () => true,
  holdsData: ({ id, type }) => type in DATA && !PASSING.test(id),
  fate: (before, after, replaced) => {
    const name = after && nameOf(after, replaced);
    if (name !== undefined && name === nameOf(before, replaced)) {
      // The new one would be made first, and its name is taken.
      return 'refused';
    }
    // What is replaced is so by the new template, what is removed by the old one.
    const policy = after ? after.told.UpdateReplacePolicy : before.told.DeletionPolicy;
    return /^Retain/.test(policy) ? 'kept' : 'lost';
  },
};

/** What a stack synthesizes to, without the files of an app, which take most of the time. */
export function resourcesOf(stack: Stack): Resources {
  for (const construct of stack.node.findAll()) {
    const scopes = construct.node.scopes.flatMap((scope) => Aspects.of(scope).all);
    scopes.forEach((aspect) => aspect.visit(construct));
  }
  const { Resources: all } = stack.resolve(
    (stack as unknown as { _toCloudFormation(): object })._toCloudFormation(),
  );
  return new Map(
    Object.entries<any>(all ?? {}).map(([id, { Type, Metadata: _, ...told }]) => [
      id,
      { id, type: Type, told },
    ]),
  );
}
