import { mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import {
  App,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_s3 as s3,
  CfnResource,
  PermissionsBoundary,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import { App as TerraformApp } from 'cdktf';
import { Construct } from 'constructs';
import handlers from './deploy-permissions.handlers.json';
import { filledIn } from './probe';
import { CONTEXT, platform, refusal } from './support';
import * as aws from '../../src/aws';
import { ROWS } from '../../src/aws/private/deploy-permissions/rows';
import { brand } from '../../src/core/private/brand';
import { reportOf } from '../../src/core/private/report';
import { inShell } from '../support/stand-ins';

const PLACE = { env: { account: '111122223333', region: 'eu-central-1' } };

const stackWith = (build: (stack: aws.PlatformStack) => void, props: aws.PlatformStackProps = PLACE) => {
  const { stack } = platform('platform', props);
  build(stack);
  return stack;
};

/** The partition is a token everywhere. */
const told = (scope: Construct): { actions: string[]; resources: string[]; conditions?: object }[] =>
  aws.DeployPermissions.of(scope).statements.map(({ actions, resources, conditions }) => ({
    actions,
    resources: resources.map((arn) =>
      filledIn(Stack.of(scope).resolve(arn)).replace('<AWS::Partition>', 'aws'),
    ),
    ...(Object.keys(conditions as object).length && { conditions: conditions as object }),
  }));

const JOBS = {
  image: '763104351884.dkr.ecr.eu-central-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312',
  accelerators: ['L4:1'],
};

const statementFor = (scope: Construct, action: string) =>
  told(scope).find(({ actions }) => actions.includes(action))!;

const policiesIn = (template: any): any[] =>
  Object.values<any>(template.Resources).map(({ Type, Properties }) => {
    expect(Type).toBe('AWS::IAM::ManagedPolicy');
    return Properties.PolicyDocument;
  });

/** A cluster, an endpoint and what they are in. */
function everyday(stack: aws.PlatformStack): void {
  const network = new aws.PrivateNetwork(stack, 'Network');
  const lake = new aws.DataLake(stack, 'Lake');
  const registry = new aws.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train', 'serve'],
  });
  new aws.GpuTrainingCluster(stack, 'Training', {
    network,
    datasets: [lake],
    registry,
    image: registry.image('train', '1'),
    accelerators: ['L4:1'],
    engine: aws.TrainingEngine.BATCH,
  });
  new aws.AutoScalingEndpoint(stack, 'Fraud', {
    variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
    accelerators: ['L4:1'],
    scaling: { maxInstances: 4, requestsPerMinutePerInstance: 600 },
  });
}

/** An ARN in the partition with the longest name. */
const longest = (arn: unknown) => filledIn(arn).replace('<AWS::Partition>', 'aws-us-gov');

describe('DeployPermissions', () => {
  test('names what is allowed, and on what', () => {
    const stack = stackWith(
      (scope) => new aws.ModelRegistry(scope, 'Registry', { models: [{ name: 'fraud' }] }),
    );
    const registry = stack.node.findChild('Registry') as aws.ModelRegistry;
    const [group] = registry.node
      .findAll()
      .filter((one) => CfnResource.isCfnResource(one))
      .filter(({ cfnResourceType }) => cfnResourceType === 'AWS::SageMaker::ModelPackageGroup');
    expect(told(group)).toEqual([
      {
        actions: [
          'sagemaker:AddTags',
          'sagemaker:CreateModelPackageGroup',
          'sagemaker:DeleteModelPackageGroup',
          'sagemaker:DeleteTags',
          'sagemaker:DescribeModelPackageGroup',
          'sagemaker:GetModelPackageGroupPolicy',
          'sagemaker:ListTags',
        ],
        resources: [
          'arn:aws:sagemaker:eu-central-1:111122223333:model-package-group/platform-registry-model-fraud-9393c675',
        ],
      },
    ]);
    expect(statementFor(stack, 'ssm:GetParameters').resources).toEqual([
      'arn:aws:ssm:eu-central-1:*:parameter/cdk-bootstrap/hnb659fds/version',
    ]);
  });

  test('names what CloudFormation will name by the stack, of whose name it may keep 24 characters', () => {
    const bucketsOf = (id: string) => {
      const { stack } = platform(id, PLACE);
      new s3.CfnBucket(stack, 'Bucket');
      return statementFor(stack, 's3:CreateBucket').resources;
    };
    expect(bucketsOf('Platform')).toEqual(['arn:aws:s3:::platform-*']);
    expect(bucketsOf('ml-platform-of-the-fraud-team')).toEqual(['arn:aws:s3:::ml-platform-of-the-fraud*']);
    const { stack } = platform('platform', PLACE);
    new s3.CfnBucket(stack, 'Bucket', { bucketName: 'ours' });
    expect(statementFor(stack, 's3:CreateBucket').resources).toEqual(['arn:aws:s3:::ours']);
  });

  test('allows what the properties ask for, no more', () => {
    const actionsOf = (props: s3.CfnBucketProps) =>
      aws.DeployPermissions.of(stackWith((stack) => new s3.CfnBucket(stack, 'Bucket', props))).actions;
    const website = ['s3:DeleteBucketWebsite', 's3:PutBucketWebsite'];
    const [plain, published] = [{}, { websiteConfiguration: { indexDocument: 'index.html' } }].map(actionsOf);
    expect(published.filter((action) => !plain.includes(action))).toEqual(website);
  });

  test('hands over the roles that the resources have, to the services that take them', () => {
    const passed = (build: (stack: aws.PlatformStack) => iam.IRole) =>
      told(
        stackWith((stack) => {
          new lambda.CfnFunction(stack, 'Function', {
            role: build(stack).roleArn,
            code: { imageUri: 'any' },
          });
        }),
      ).filter(({ actions }) => actions.includes('iam:PassRole'));
    const toLambda = { conditions: { StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com'] } } };
    const role = (name: string) => [`arn:aws:iam::111122223333:role/${name}`];
    const made = passed(
      (stack) => new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
    );
    expect(made).toEqual([{ actions: ['iam:PassRole'], resources: role('platform-*'), ...toLambda }]);
    const given = passed((stack) => iam.Role.fromRoleArn(stack, 'Role', role('ml/theirs')[0]));
    expect(given).toEqual([{ actions: ['iam:PassRole'], resources: role('ml/theirs'), ...toLambda }]);
  });

  test('a role of another stack is named by that stack, before synthesis and after', () => {
    const app = new App({ context: CONTEXT });
    const [identities, stack] = ['identities', 'platform'].map((id) => new aws.PlatformStack(app, id, PLACE));
    const role = new iam.Role(identities, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    new lambda.CfnFunction(stack, 'Function', { role: role.roleArn, code: { imageUri: 'any' } });
    const before = statementFor(stack, 'iam:PassRole');
    expect(before.resources).toEqual(['arn:aws:iam::111122223333:role/identities-*']);
    app.synth();
    expect(statementFor(stack, 'iam:PassRole')).toEqual(before);
    expect(aws.DeployPermissions.of(stack).actions).not.toContain('iam:CreateRole');
  });

  test('makes roles within their permissions boundary alone', () => {
    const boundary = 'arn:aws:iam::111122223333:policy/boundary';
    const stack = stackWith((scope) => {
      new iam.CfnRole(scope, 'Role', {
        assumeRolePolicyDocument: {},
        permissionsBoundary: boundary,
        managedPolicyArns: ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess'],
      });
    });
    const within = told(stack).find(({ conditions }) => conditions)!;
    expect(within).toEqual({
      actions: [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DetachRolePolicy',
        'iam:PutRolePermissionsBoundary',
      ],
      resources: ['arn:aws:iam::111122223333:role/platform-*'],
      conditions: { ArnLike: { 'iam:PermissionsBoundary': ['arn:*:iam::*:policy/boundary'] } },
    });
  });

  test('knows the boundary of a stack from synthesis on', () => {
    const permissionsBoundary = PermissionsBoundary.fromName('ours');
    const stack = stackWith((scope) => new aws.GpuTrainingCluster(scope, 'Training', JOBS), {
      ...PLACE,
      permissionsBoundary,
    });
    (stack.node.root as App).synth();
    expect(statementFor(stack, 'iam:CreateRole').conditions).toEqual({
      ArnLike: { 'iam:PermissionsBoundary': ['arn:*:iam::*:policy/ours'] },
    });
  });

  test('tells of types that it knows nothing of, and lets them be made', () => {
    const stack = stackWith((scope) => {
      new CfnResource(scope, 'Bot', { type: 'Acme::Team::Bot' });
      new CfnResource(scope, 'Budget', { type: 'Acme::Team::Budget' });
    });
    expect(aws.DeployPermissions.of(stack).unknownTypes).toEqual(['Acme::Team::Bot', 'Acme::Team::Budget']);
    expect(reported(stack)).toMatch(
      /CAPABILITY_IAM # and what these need: Acme::Team::Bot, Acme::Team::Budget$/,
    );
    (stack.node.root as App).synth();
  });

  test('of an app is what all of its stacks need; of a construct what is below it', () => {
    const app = new App({ context: CONTEXT });
    const [one, other] = ['one', 'other'].map((id) => new Stack(app, id, PLACE));
    new s3.CfnBucket(one, 'Bucket');
    new iam.CfnInstanceProfile(other, 'Profile', { roles: ['theirs'] });
    const all = aws.DeployPermissions.of(app).actions;
    expect(all).toEqual(
      [...new Set([one, other].flatMap((stack) => aws.DeployPermissions.of(stack).actions))].sort(),
    );
    expect(
      aws.DeployPermissions.of(one.node.findChild('Bucket')).actions.every((action) => /^s3:/.test(action)),
    ).toBe(true);
    expect(aws.DeployPermissions.of(new App()).actions).toEqual([]);
  });

  test('its documents fit into managed policies, without an action that is a wildcard', () => {
    const stack = stackWith(everyday);
    const { policyDocuments, statements, unknownTypes, actions } = aws.DeployPermissions.of(stack);
    const documents = policyDocuments.map((document) => stack.resolve(document));
    expect(documents.length).toBeGreaterThan(1);
    const sizes = documents.map(
      (document) =>
        JSON.stringify(document, (_, value) => (value?.['Fn::Join'] ? longest(value) : value)).length,
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6144);
    const written = documents.flatMap(({ Statement }) => Statement).flatMap(({ Action }) => Action);
    expect([...new Set(written)].sort()).toEqual(actions);
    expect(documents.flatMap(({ Statement }) => Statement)).toHaveLength(statements.length);
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action))).toEqual([]);
    expect(unknownTypes).toEqual([]);
  });

  test('a stack of no account and region has policies for any', () => {
    const stack = stackWith(
      (scope) => new aws.ModelRegistry(scope, 'Registry', { models: [{ name: 'fraud' }] }),
      {},
    );
    const [document] = aws.DeployPermissions.of(stack).policyDocuments;
    const resources = stack.resolve(document).Statement.flatMap(({ Resource }: any) => Resource);
    expect(resources).toContainEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::platform-*']],
    });
  });
});

const reported = (stack: Stack): string => {
  const entries = reportOf(stack).filter(({ entry }) => entry.title === 'Deploy identity');
  expect(entries.map(({ entry, path }) => [path, entry.kind])).toEqual([[stack.node.path, 'command']]);
  return stack.resolve(entries[0].entry.text);
};

describe('what makes the policies', () => {
  test('lies beside the template of a platform stack, and its command is in the report', () => {
    const app = new App({ context: CONTEXT });
    const stack = new aws.PlatformStack(new Stage(app, 'prod'), 'platform', PLACE);
    everyday(stack);
    app.synth();
    const file = join(app.outdir, 'assembly-prod', `${stack.artifactId}.deploy-policy.json`);
    const template = JSON.parse(readFileSync(file, 'utf8'));
    expect(policiesIn(template)).toEqual(
      aws.DeployPermissions.of(stack).policyDocuments.map((document) => stack.resolve(document)),
    );
    expect(reported(stack)).toBe(
      `aws cloudformation deploy --template-file cdk.out/assembly-prod/${stack.artifactId}.deploy-policy.json --stack-name prod-platform-deploy-policy --capabilities CAPABILITY_IAM`,
    );
    // As `npm run quickstart` reads it.
    const metadata = readFileSync(join(dirname(file), `${stack.artifactId}.metadata.json`), 'utf8');
    expect(metadata).toContain(JSON.stringify(reported(stack)));
    const refs = Object.keys(template.Resources).map((Ref) => ({ Ref }));
    expect(template.Outputs.PolicyArns.Value).toEqual({ 'Fn::Join': [',', refs] });
  });

  test('is written by the command of anything else, whatever it is called', async () => {
    const stack = stackWith((scope) => {
      const place = new Construct(scope, `O'Hara $(id) "x"`);
      new s3.CfnBucket(place, 'Bucket', { bucketName: `it's` });
    });
    const { command } = aws.DeployPermissions.of(stack.node.children[0] as Construct);
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    await inShell({ aws: () => undefined }, async (shell) => {
      expect(await shell.run(`cd ${folder} && ${command}`)).toMatchObject({ code: 0, err: '' });
      const name = 'platform-O-Hara-id-x';
      expect(shell.calls).toEqual([
        [
          ...['aws', 'cloudformation', 'deploy', '--template-file', `${name}.deploy-policy.json`],
          ...['--stack-name', `${name}-deploy-policy`, '--capabilities', 'CAPABILITY_IAM'],
        ],
      ]);
      const written = readFileSync(join(folder, `${name}.deploy-policy.json`), 'utf8');
      expect(policiesIn(JSON.parse(written))[0].Statement[0].Resource).toEqual({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ":s3:::it's"]],
      });
    });
  });
});

test('what is not of an app of CDK, or of another cloud, is refused', () => {
  const { of } = aws.DeployPermissions;
  expect(refusal(() => of(undefined as never), 'CMC-003')).toMatch(/scope is undefined/);
  refusal(() => of({} as never), 'CMC-003');
  expect(refusal(() => of(new TerraformApp()), 'CMC-011')).toMatch(/not one of aws-cdk-lib/);
  const theirs = new Construct(new App(), 'Theirs');
  brand(theirs, 'google', 'DataLake');
  expect(refusal(() => of(theirs), 'CMC-010')).toMatch(/google\.DataLake .*google\.DeployPermissions/);
});

/** What handlers list, and no row has. */
const LEFT_OUT: { [type: string]: { [reason: string]: string[] } } = {
  'AWS::Athena::WorkGroup': {
    'Work groups for SQL act as whoever asks, not as a role of the service.': ['iam:CreateServiceLinkedRole'],
  },
  'AWS::CloudTrail::Trail': {
    'For trails of organizations, which constructs never make.': [
      'organizations:DescribeOrganization',
      'organizations:ListAWSServiceAccessForOrganization',
    ],
    'The role is of the stack, whose row has it.': ['iam:GetRole'],
  },
  'AWS::EC2::FlowLog': {
    'A flow log of a VPC has no scaling group.': ['autoscaling:DescribeTags'],
  },
  'AWS::EC2::VPCEndpoint': {
    'No action of IAM.': ['vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation'],
  },
  'AWS::Lambda::Alias': {
    'For aliases whose update policy names CodeDeploy: that is no property, and constructs never do.': [
      'codedeploy:CreateDeployment',
      'codedeploy:GetDeployment',
      'codedeploy:GetDeploymentConfig',
      'codedeploy:GetDeploymentGroup',
      'codedeploy:StopDeployment',
    ],
  },
  'AWS::Logs::LogGroup': { 'No action of IAM.': ['s3:REST.PUT.OBJECT'] },
  'AWS::S3::Bucket': {
    'A bucket is made and deleted empty: nothing is done to objects.': ['s3:DeleteObject', 's3:PutObjectAcl'],
    'No action of IAM: deleting a configuration takes the right to put it.': [
      's3:DeleteBucketAnalyticsConfiguration',
      's3:DeleteBucketCors',
      's3:DeleteBucketEncryption',
      's3:DeleteBucketLifecycle',
      's3:DeleteBucketMetricsConfiguration',
      's3:DeleteBucketReplication',
      's3:PutBucketReplication',
      's3:PutObjectLockConfiguration',
    ],
  },
  'AWS::SageMaker::Domain': {
    'No actions of IAM, and constructs have no file system for homes.': [
      'efs:CreateFileSystem',
      'efs:DeleteFileSystem',
      'efs:DeleteMountTarget',
      'efs:DescribeMountTargets',
    ],
  },
};

/** What rows have, and no handler lists. */
const BEYOND: { [type: string]: { [reason: string]: string[] } } = {
  'AWS::ApplicationAutoScaling::ScalableTarget': {
    'Who registers an endpoint must be allowed what is done to it then.': [
      'sagemaker:DescribeEndpoint',
      'sagemaker:DescribeEndpointConfig',
      'sagemaker:UpdateEndpointWeightsAndCapacities',
    ],
  },
  'AWS::EC2::Subnet': {
    'For `Fn::GetAZs`, by which subnets find their zones.': ['ec2:DescribeAvailabilityZones'],
  },
  'AWS::Lambda::Function': {
    'Lambda looks into the repository of an image as the one who deploys.': [
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
      'ecr:GetRepositoryPolicy',
    ],
  },
};

describe('rows', () => {
  const lower = (all: string[]) => [...new Set(all.map((one) => one.toLowerCase()))].sort();
  const listed = (type: string) =>
    lower(Object.values((handlers as Record<string, object>)[type]).flatMap((all: string) => all.split(' ')));
  const inRow = (type: string) =>
    lower(
      ROWS[type].needs.flatMap((need) => ('pass' in need ? ['iam:PassRole'] : need.may.trim().split(/\s+/))),
    );
  const explained = (all: { [reason: string]: string[] } = {}) => lower(Object.values(all).flat());
  const types = Object.keys(ROWS).sort();
  const withHandlers = types.filter((type) => Object.keys((handlers as Record<string, object>)[type]).length);

  test('are compared with the handlers of all types that there are', () => {
    expect(Object.keys(handlers).sort()).toEqual(types);
    // Types without a list are older than handlers; their rows are from the documentation of their services.
    expect(types.filter((type) => !withHandlers.includes(type))).toEqual([
      'AWS::CloudFormation::WaitConditionHandle',
      'AWS::FSx::FileSystem',
      'AWS::Glue::SecurityConfiguration',
      'AWS::LakeFormation::Resource',
      'AWS::Route53::RecordSet',
      'AWS::SageMaker::EndpointConfig',
    ]);
  });

  test.each(withHandlers)('%s: what its handlers list, but for what has a reason', (type) => {
    const [own, theirs] = [inRow(type), listed(type)];
    expect(theirs.filter((action) => !own.includes(action))).toEqual(explained(LEFT_OUT[type]));
    expect(own.filter((action) => !theirs.includes(action))).toEqual(explained(BEYOND[type]));
  });

  test('allow no action that is a wildcard', () => {
    const actions = types.flatMap(inRow);
    expect(actions.filter((action) => !/^[a-z0-9-]+:[a-z]+$/.test(action))).toEqual([]);
  });
});
