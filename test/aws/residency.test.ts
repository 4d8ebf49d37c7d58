import {
  App,
  aws_bedrock as bedrock,
  aws_cloudfront as cloudfront,
  aws_dynamodb as dynamodb,
  aws_ecr as ecr,
  aws_iam as iam,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_s3 as s3,
  aws_secretsmanager as secretsmanager,
  CfnParameter,
  CfnResource,
  NestedStack,
  Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CONTEXT, only, refusal, staleExplanations, unexplained } from './support';
import * as aws from '../../src/aws';
import { reportOf } from '../../src/core/private/report';

const REGION = 'eu-west-1';
const env = { region: REGION, account: '123456789012' };
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234';

/** A stack that may only be in its region, with what `build` puts into it. */
function inside(build: (stack: Stack) => void, props: aws.PlatformStackProps = {}) {
  const app = new App({ context: CONTEXT });
  const stack = new aws.PlatformStack(app, 'platform', { env, allowedRegions: [REGION], ...props });
  build(stack);
  return { app, stack, synth: () => Template.fromStack(stack) };
}

const bucketTo = (destination: string) => (stack: Stack) =>
  new s3.CfnBucket(stack, 'Own', {
    replicationConfiguration: {
      role: 'arn:aws:iam::123456789012:role/copies',
      rules: [{ status: 'Enabled', destination: { bucket: destination } }],
    },
  });

const variable = (value: string) => (stack: Stack) =>
  new lambda.CfnFunction(stack, 'Own', {
    code: { imageUri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:1' },
    packageType: 'Image',
    role: 'arn:aws:iam::123456789012:role/own',
    environment: { variables: { VALUE: value } },
  });

describe('refuses', () => {
  test.each<[string, string, (stack: Stack) => void, string]>([
    [
      'a replica of a secret',
      'CMC-051',
      (stack) => new secretsmanager.CfnSecret(stack, 'Own', { replicaRegions: [{ region: 'us-east-1' }] }),
      "platform: Own ReplicaRegions[0].Region ('us-east-1') takes copies out of allowedRegions (eu-west-1)",
    ],
    [
      'a registry that copies images',
      'CMC-051',
      (stack) =>
        new ecr.CfnReplicationConfiguration(stack, 'Own', {
          replicationConfiguration: {
            rules: [{ destinations: [{ region: 'us-east-1', registryId: '123456789012' }] }],
          },
        }),
      "Destinations[0].Region ('us-east-1')",
    ],
    [
      'a table of several regions',
      'CMC-051',
      (stack) =>
        new dynamodb.CfnGlobalTable(stack, 'Own', {
          attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
          keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
          billingMode: 'PAY_PER_REQUEST',
          replicas: [{ region: REGION }, { region: 'us-east-1' }],
        }),
      "Replicas[1].Region ('us-east-1')",
    ],
    [
      'a bucket that is copied to one whose region nobody says',
      'CMC-051',
      bucketTo('arn:aws:s3:::backup'),
      'import it with its region: s3.Bucket.fromBucketAttributes',
    ],
    [
      'a bucket that is copied to another region',
      'CMC-051',
      (stack) => {
        const elsewhere = new Stack(stack.node.root as App, 'elsewhere', { env: { region: 'us-east-1' } });
        s3.Bucket.fromBucketAttributes(elsewhere, 'Backup', { bucketName: 'backup', region: 'us-east-1' });
        bucketTo('arn:aws:s3:::backup')(stack);
      },
      'Destination.Bucket',
    ],
    [
      'a key of several regions',
      'CMC-051',
      (stack) => new kms.CfnKey(stack, 'Own', { multiRegion: true, keyPolicy: {} }),
      'MultiRegion (true) takes copies out',
    ],
    [
      'the replica of a key',
      'CMC-051',
      (stack) =>
        new kms.CfnReplicaKey(stack, 'Own', {
          primaryKeyArn: KEY.replace('us-east-1', REGION),
          keyPolicy: {},
        }),
      'is the copy of a key that others have in their regions',
    ],
    [
      'a network at the edge',
      'CMC-052',
      (stack) =>
        new cloudfront.CfnDistribution(stack, 'Own', {
          distributionConfig: {
            enabled: true,
            defaultCacheBehavior: { targetOriginId: 'own', viewerProtocolPolicy: 'https-only' },
          },
        }),
      "('at the edge') may be served from outside",
    ],
    [
      'an inference profile of a geography',
      'CMC-052',
      (stack) =>
        new bedrock.CfnApplicationInferenceProfile(stack, 'Own', {
          inferenceProfileName: 'own',
          modelSource: {
            copyFrom: `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0`,
          },
        }),
      'ModelSource.CopyFrom',
    ],
    [
      'a container that calls a global inference profile',
      'CMC-052',
      variable('global.anthropic.claude-sonnet-4-20250514-v1:0'),
      'call the model itself, without the geography before its name',
    ],
    [
      'a variable that says another region',
      'CMC-050',
      variable('us-east-1'),
      "('us-east-1') names us-east-1",
    ],
    [
      'the address of a service elsewhere',
      'CMC-050',
      variable('https://runtime.sagemaker.us-east-1.amazonaws.com'),
      'names us-east-1, which lies outside of allowedRegions (eu-west-1)',
    ],
    [
      'an image of a registry elsewhere',
      'CMC-050',
      variable('123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1'),
      'names us-east-1',
    ],
    [
      'a right on something elsewhere',
      'CMC-050',
      (stack) =>
        new iam.ManagedPolicy(stack, 'Own', {
          statements: [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [KEY] })],
        }),
      'PolicyDocument.Statement[0].Resource',
    ],
    [
      'an override',
      'CMC-051',
      (stack) => {
        const secret = new secretsmanager.Secret(stack, 'Own');
        (secret.node.defaultChild as CfnResource).addPropertyOverride('ReplicaRegions', [
          { Region: 'us-east-1' },
        ]);
      },
      "Own/Resource ReplicaRegions[0].Region ('us-east-1')",
    ],
    [
      'what a nested stack holds',
      'CMC-051',
      (stack) =>
        new secretsmanager.CfnSecret(new NestedStack(stack, 'Nested'), 'Own', {
          replicaRegions: [{ region: 'us-east-1' }],
        }),
      'Nested/Own ReplicaRegions[0].Region',
    ],
    [
      'a stack below it in another region',
      'CMC-050',
      (stack) =>
        new CfnResource(new Stack(stack, 'Below', { env: { region: 'us-east-1' } }), 'Own', {
          type: 'AWS::SNS::Topic',
        }),
      "Below env.region ('us-east-1')",
    ],
  ])('%s', (_, code, build, message) => {
    const refused = refusal(inside(build).synth, code);
    expect(refused).toContain(message);
  });

  test('a key that was imported from another region, and what uses it', () => {
    const { synth } = inside((stack) => {
      const encryptionKey = aws.EncryptionKey.fromKey(stack, 'Key', kms.Key.fromKeyArn(stack, 'Native', KEY));
      new aws.DataLake(stack, 'Lake', { encryptionKey, discovery: false, zones: [{ name: 'raw' }] });
    });
    const message = refusal(synth);
    expect(message).toContain("Native env.region ('us-east-1') lies outside of allowedRegions (eu-west-1)");
    expect(message).toContain('Lake/Zone-raw/Bucket/Resource BucketEncryption');
  });
});

describe('takes', () => {
  test('what lies inside, and copies that stay there', () => {
    inside((stack) => {
      const bucket = new s3.Bucket(stack, 'Bucket', { versioned: true });
      bucketTo(bucket.bucketArn)(stack).tags.setTag('Region', 'us-east-1');
      s3.Bucket.fromBucketName(stack, 'Backup', 'backup');
      bucketTo('arn:aws:s3:::backup')(new NestedStack(stack, 'Nested'));
      new aws.PrivateNetwork(stack, 'Network', { internetEgress: true });
      new aws.DataLake(stack, 'Lake');
    }).synth();
  });

  test('a geography that is allowed by its name', () => {
    inside(variable('eu.anthropic.claude-sonnet-4-20250514-v1:0'), {
      allowedRegions: [REGION, 'eu'],
    }).synth();
  });

  test('a region that only deployment knows, and tells of it', () => {
    const { stack, synth } = inside((here) => {
      const region = new CfnParameter(here, 'Place');
      new secretsmanager.CfnSecret(here, 'Own', { replicaRegions: [{ region: region.valueAsString }] });
    });
    synth();
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('cannot judge: Own ReplicaRegions\\[0\\]\\.Region\\. Write'),
    );
  });
});

describe('a guard', () => {
  const guarded = () =>
    inside(
      (stack) => {
        new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
        const assumeRolePolicyDocument = new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['sts:AssumeRole'],
              principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
            }),
          ],
        });
        new iam.CfnRole(stack, 'Own', { assumeRolePolicyDocument });
      },
      { regionGuard: true, allowedRegions: [REGION, 'eu-central-1', 'eu'] },
    );

  test('denies the roles of the stack calls to other regions', () => {
    const { app, stack, synth } = guarded();
    const { Properties } = only(synth(), 'AWS::IAM::ManagedPolicy');
    expect(Properties.Roles).toEqual([{ Ref: expect.stringMatching(/^Role/) }, { Ref: 'Own' }]);
    expect(Properties.PolicyDocument.Statement).toEqual([
      {
        Sid: 'OutsideOfAllowedRegions',
        Effect: 'Deny',
        NotAction: expect.arrayContaining(['iam:*', 'sts:*']),
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': [REGION, 'eu-central-1'] } },
      },
    ]);
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
    const commands = reportOf(stack).map(({ entry }) => / --content '(.*)'$/.exec(entry.text)?.[1]);
    expect(JSON.parse(commands.find(Boolean)!)).toEqual(Properties.PolicyDocument);
  });

  test('needs regions, and guards a stack of the user’s own, too', () => {
    const app = new App({ context: CONTEXT });
    expect(refusal(() => new aws.PlatformStack(app, 'p', { regionGuard: true }), 'CMC-009')).toContain(
      'regionGuard needs allowedRegions',
    );
    const stack = new Stack(app, 'plain', { env });
    expect(
      refusal(() => aws.PlatformStack.adopt(stack, { allowedRegions: ['us-east-1'] }), 'CMC-050'),
    ).toContain("env.region ('eu-west-1') must be one of allowedRegions: us-east-1");
    aws.PlatformStack.adopt(stack, { allowedRegions: [REGION], regionGuard: true });
    new secretsmanager.CfnSecret(stack, 'Own', { replicaRegions: [{ region: 'us-east-1' }] });
    expect(stack.node.tryFindChild('MlRegionGuard')).toBeDefined();
    refusal(() => app.synth(), 'CMC-051');
  });
});
