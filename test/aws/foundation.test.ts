import {
  App,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_kms as kms,
  aws_route53 as route53,
  aws_secretsmanager as secretsmanager,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import {
  CONTEXT,
  only,
  platform,
  refusal,
  staleExplanations,
  statements,
  synthesized,
  unexplained,
} from './support';
import * as aws from '../../src/aws';
import { physicalName } from '../../src/aws/private/names';
import { PlatformRole } from '../../src/aws/private/platform-role';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const EU = { account: '111122223333', region: 'eu-central-1' };

describe('PlatformStack', () => {
  test('is a stack with the props of one', () => {
    const { stack, app } = platform('platform', { env: EU, description: 'ours', tags: { team: 'ml' } });
    new aws.DataLake(stack, 'Lake');
    expect(app.synth().getStackArtifact(stack.artifactId).tags).toEqual({ team: 'ml' });
    expect(Template.fromStack(stack).toJSON().Description).toBe('ours');
  });

  test('leads all names with its prefix, by its own name', () => {
    const nameIn = (id: string, props: aws.PlatformStackProps) => platform(id, props).stack.stackName;
    expect([
      nameIn('platform', { namePrefix: 'acme' }),
      nameIn('platform', { namePrefix: 'acme', stackName: 'fraud' }),
      new aws.PlatformStack(new Stage(new App(), 'prod'), 'ml_1', { namePrefix: 'acme' }).stackName,
      nameIn('platform', {}),
    ]).toEqual(['acme-platform', 'acme-fraud', 'acme-prod-ml-1', 'platform']);
    refusal(() => platform('platform', { namePrefix: 'Acme_' }), 'CMC-006');
  });

  /** The five constructs, with a role each for what they do. */
  const withRoles = (stack: Construct) => {
    const registry = new aws.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['serve'],
    });
    const image = registry.image('serve', '1');
    const network = new aws.PrivateNetwork(stack, 'Network');
    new aws.DataLake(stack, 'Lake');
    new aws.GpuTrainingCluster(stack, 'Training', { network, image, accelerators: ['L4:1'] });
    new aws.AutoScalingEndpoint(stack, 'Fraud', {
      network,
      machineType: 'ml.m5.large',
      variants: [{ name: 'main', container: { image }, model: registry.model('fraud').version('1') }],
      scaling: { minInstances: 1, maxInstances: 2, requestsPerMinutePerInstance: 60 },
    });
    new aws.ServerlessInference(stack, 'Thumbnails', { container: { image } });
    return stack;
  };

  test('a permissions boundary that the program sets is on every role', () => {
    const { stack } = platform();
    withRoles(stack);
    const boundary = `arn:aws:iam::${EU.account}:policy/landing-zone`;
    iam.PermissionsBoundary.of(stack).apply(
      iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', boundary),
    );
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(5);
    expect(new Set(roles.map(({ Properties }) => Properties.PermissionsBoundary))).toEqual(
      new Set([boundary]),
    );
  });

  test('roles that were made beforehand are taken for those of constructs, and none is made', () => {
    const { stack } = platform('platform', { env: EU });
    const { stack: plain } = platform();
    const paths = withRoles(plain)
      .node.findAll()
      .filter((one) => one instanceof iam.Role)
      .map(({ node }) => node.path);
    iam.Role.customizeRoles(stack, {
      usePrecreatedRoles: Object.fromEntries(paths.map((path, i) => [path, `given-${i}`])),
    });
    withRoles(stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    expect(JSON.stringify(template.toJSON())).toContain(
      `:role/given-${paths.indexOf('platform/Training/JobRole')}`,
    );
  });

  test('puts its security profile in force below it', () => {
    const { stack } = platform('platform', { securityProfile: core.SecurityProfile.REGULATED });
    expect(core.SecurityProfile.of(new Construct(stack, 'Anything'))).toBe(core.SecurityProfile.REGULATED);
  });

  test('has a name that CloudFormation takes, which is judged before aws-cdk-lib does', () => {
    for (const id of ['a b', '1a', '', 'é', '../up', 'x'.repeat(129), '${Token[AWS.Region.4]}']) {
      expect(refusal(() => platform(id))).toContain('id ');
    }
    expect(refusal(() => platform('a b', { namePrefix: 'Acme!' }), 'CMC-006')).toContain('namePrefix');
    expect(platform('a b', { namePrefix: 'acme' }).stack.stackName).toBe('acme-a-b');
    expect(platform('a b', { stackName: 'ab' }).stack.stackName).toBe('ab');
  });

  test('goes to allowed regions only', () => {
    const allowedRegions = ['eu-west-1'];
    expect(platform('ok', { env: { region: 'eu-west-1' }, allowedRegions }).stack.region).toBe('eu-west-1');
    expect(refusal(() => platform('platform', { env: EU, allowedRegions }), 'CMC-050')).toContain(
      "env.region ('eu-central-1') must be one of allowedRegions: eu-west-1",
    );
    expect(refusal(() => platform('platform', { allowedRegions }), 'CMC-009')).toContain('give env.region');
  });

  test('constructs work in a plain stack too, under its app’s profile', () => {
    const app = new App({ context: CONTEXT });
    core.SecurityProfile.REGULATED.applyTo(app);
    const stack = new Stack(app, 'plain');
    new aws.PrivateNetwork(stack, 'Network');
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 2557 });
  });
});

describe('EncryptionKey', () => {
  const { made: key, template } = synthesized((stack) => new aws.EncryptionKey(stack, 'Key'));

  test('has the native key as default child', () => {
    expect((key.node.defaultChild as kms.CfnKey).cfnResourceType).toBe('AWS::KMS::Key');
  });

  test('is rotated and kept', () => {
    const { Properties, DeletionPolicy } = only(template, 'AWS::KMS::Key');
    expect(Properties).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    template.resourceCountIs('AWS::KMS::Alias', 0);
  });

  test('lets services of this account log and notify, and no one else', () => {
    const [, ...services] = only(template, 'AWS::KMS::Key').Properties.KeyPolicy.Statement;
    expect(services.map(({ Sid, Condition }: any) => [Sid, Object.keys(Condition ?? {})])).toEqual([
      ['Logs', ['ArnLike']],
      ['Alarms', ['StringEquals']],
      // Of what EventBridge tells an encrypted topic, KMS sees no account.
      ['Events', []],
    ]);
    expect(
      services.flatMap(({ Action }: any) => Action).filter((action: string) => action.includes('*')),
    ).toEqual([]);
  });

  test('is one per root stack by default, and does not grow with its users', () => {
    const policy = (lakes: number) => {
      const { template: made } = synthesized((stack) => {
        Array.from({ length: lakes }, (_, i) => new aws.DataLake(stack, `Lake${i}`));
      });
      return only(made, 'AWS::KMS::Key').Properties.KeyPolicy;
    };
    expect(policy(3)).toEqual(policy(1));
  });

  test('can be imported', () => {
    const { template: made } = synthesized((stack) => {
      const native = kms.Key.fromKeyArn(
        stack,
        'Native',
        'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012',
      );
      new aws.DataLake(stack, 'Lake', { encryptionKey: aws.EncryptionKey.fromKey(stack, 'Key', native) });
    });
    made.resourceCountIs('AWS::KMS::Key', 0);
  });

  test('refuses a rotation that KMS does not do', () => {
    expect(
      refusal(() => new aws.EncryptionKey(platform().stack, 'Key', { rotationDays: 30 }), 'CMC-004'),
    ).toBe('platform/Key: rotationDays (30) must be a whole number from 90 to 365 [CMC-004]');
  });
});

describe('PrivateNetwork', () => {
  const { made: network, template } = synthesized((stack) => new aws.PrivateNetwork(stack, 'Network'));

  test('has the VPC as default child', () => {
    expect((network.node.defaultChild as ec2.CfnVPC).cfnResourceType).toBe('AWS::EC2::VPC');
  });

  test('has isolated subnets in two zones, no way in or out, free endpoints only', () => {
    expect(only(template, 'AWS::EC2::VPC').Properties).toMatchObject({
      CidrBlock: '10.0.0.0/16',
      EnableDnsHostnames: true,
      EnableDnsSupport: true,
    });
    template.resourceCountIs('AWS::EC2::Subnet', 2);
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    const endpoints = Object.values(template.findResources('AWS::EC2::VPCEndpoint'));
    expect(endpoints.map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway', 'Gateway']);
  });

  test('logs its flows to an encrypted group with retention', () => {
    expect(only(template, 'AWS::EC2::FlowLog').Properties.TrafficType).toBe('ALL');
    expect(only(template, 'AWS::Logs::LogGroup').Properties).toMatchObject({
      RetentionInDays: 90,
      KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
    });
  });

  test('makes an interface endpoint when one is asked for, once', () => {
    const { template: made } = synthesized((stack) => {
      const asked = new aws.PrivateNetwork(stack, 'Network');
      expect(asked.endpoint('lambda')).toBe(asked.endpoint('lambda'));
      asked.endpoint('sagemaker.runtime');
    });
    const interfaces = made.findResources('AWS::EC2::VPCEndpoint', {
      Properties: { VpcEndpointType: 'Interface' },
    });
    expect(Object.keys(interfaces)).toHaveLength(2);
    expect(only(made, 'AWS::EC2::SecurityGroup').Properties.SecurityGroupIngress).toEqual([
      expect.objectContaining({ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 }),
    ]);
  });

  test('reaches the internet only when that was asked for', () => {
    const { template: made } = synthesized(
      (stack) => new aws.PrivateNetwork(stack, 'Network', { internetEgress: true }),
    );
    made.resourceCountIs('AWS::EC2::NatGateway', 1);
    made.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  test('spans three zones where the stack knows its region', () => {
    const { stack } = platform('platform', { env: EU });
    expect(new aws.PrivateNetwork(stack, 'Network', { zones: 3 }).workloadSubnets).toHaveLength(3);
    expect(
      refusal(() => new aws.PrivateNetwork(platform().stack, 'Network', { zones: 3 }), 'CMC-009'),
    ).toContain('give env');
  });

  test('endpoints admit subnets that a VPC got other addresses for', () => {
    const { template: made } = synthesized((stack) => {
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        vpcCidrBlock: '10.1.0.0/16',
        availabilityZones: ['a', 'b', 'c'],
        isolatedSubnetIds: [1, 2, 3].map((n) => `subnet-0123456789abcdef${n}`),
        isolatedSubnetIpv4CidrBlocks: ['10.1.4.0/24', '100.64.0.0/24', '100.64.1.0/24'],
      });
      return aws.PrivateNetwork.fromVpc(stack, 'Network', { vpc }).endpoint('lambda');
    });
    const { SecurityGroupIngress } = only(made, 'AWS::EC2::SecurityGroup').Properties;
    expect(SecurityGroupIngress.map(({ CidrIp, FromPort }: any) => [CidrIp, FromPort])).toEqual(
      ['10.1.0.0/16', '100.64.0.0/24', '100.64.1.0/24'].map((cidr) => [cidr, 443]),
    );
  });

  test('can be a VPC that exists already', () => {
    const {
      stack,
      made,
      template: own,
    } = synthesized((scope) => {
      const vpc = new ec2.Vpc(scope, 'Vpc', { restrictDefaultSecurityGroup: false });
      const imported = aws.PrivateNetwork.fromVpc(scope, 'Network', { vpc, hasS3Endpoint: false });
      imported.endpoint('lambda');
      return imported;
    });
    expect(made.workloadSubnets).toHaveLength(2);
    expect(stack.resolve(made.networkId)).toEqual({ Ref: expect.stringMatching(/^Vpc/) });
    own.resourceCountIs('AWS::EC2::VPCEndpoint', 2);
  });

  test('makes no endpoint that the VPC has already', () => {
    const { template: own } = synthesized((scope) => {
      const vpc = new ec2.Vpc(scope, 'Vpc', { restrictDefaultSecurityGroup: false });
      const lambda = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, 'E', {
        vpcEndpointId: 'vpce-1',
        port: 443,
      });
      const imported = aws.PrivateNetwork.fromVpc(scope, 'Network', { vpc, existingEndpoints: { lambda } });
      expect(imported.endpoint('lambda')).toBe(lambda);
    });
    own.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });

  test('leaves private names of endpoints to someone else, or enters them into zones that exist', () => {
    const { made, template: without } = synthesized((scope) => {
      const none = new aws.PrivateNetwork(scope, 'Network', { privateDns: core.PrivateDns.none() });
      none.endpoint('lambda');
      return none;
    });
    without.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: false,
    });
    expect(reportOf(made).map(({ entry }) => entry.title)).toContain('Private name lambda');

    const { template: entered } = synthesized((scope) => {
      const zone = route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
        hostedZoneId: 'Z1',
        zoneName: 'lambda.eu-west-1.amazonaws.com',
      });
      const privateDns = aws.PrivateDns.fromHostedZones({ lambda: zone });
      new aws.PrivateNetwork(scope, 'Network', { privateDns }).endpoint('lambda');
    });
    entered.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: false,
    });
    expect(
      Object.values(entered.findResources('AWS::Route53::RecordSet')).map(({ Properties }) => [
        Properties.HostedZoneId,
        Properties.Name,
        Properties.Type,
      ]),
    ).toEqual([
      ['Z1', 'lambda.eu-west-1.amazonaws.com.', 'A'],
      ['Z1', '*.lambda.eu-west-1.amazonaws.com.', 'A'],
    ]);
  });

  test('makes no endpoint in subnets that another account shares', () => {
    const { made, template: own } = synthesized((scope) => {
      const vpc = ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
        vpcId: 'vpc-1',
        availabilityZones: ['eu-west-1a', 'eu-west-1b'],
        privateSubnetIds: ['subnet-1', 'subnet-2'],
      });
      const shared = aws.PrivateNetwork.fromVpc(scope, 'Network', { vpc, sharedSubnets: true });
      const lake = new aws.DataLake(scope, 'Lake', { network: shared, discovery: false });
      new aws.ModelRegistry(scope, 'Registry', { network: shared, models: [{ name: 'fraud' }] });
      expect(lake.node.path).toContain('Lake');
      return shared;
    });
    own.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    expect(reportOf(made).map(({ entry }) => entry.title)).toEqual(
      expect.arrayContaining(['Endpoint ecr.api', 'Endpoint ecr.dkr', 'Endpoint sagemaker.api']),
    );
    const vpc = ec2.Vpc.fromVpcAttributes(platform().stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-1'],
    });
    refusal(
      () =>
        aws.PrivateNetwork.fromVpc(platform().stack, 'Network', {
          vpc,
          sharedSubnets: true,
          hasS3Endpoint: false,
          privateDns: core.PrivateDns.none(),
        }),
      'CMC-008',
      'CMC-008',
    );
  });

  test('refuses ranges that a VPC cannot have', () => {
    for (const cidr of ['10.0.0.0/8', '10.0.0.0/28', '300.0.0.0/16', 'ten']) {
      refusal(() => new aws.PrivateNetwork(platform().stack, 'Network', { cidr }), 'CMC-006');
    }
  });

  test('cdk-nag finds nothing that is not explained, and no explanation is stale', () => {
    const { app, stack } = platform();
    new aws.PrivateNetwork(stack, 'Network').endpoint('lambda');
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('Secret', () => {
  test('is read by a grant on the reader’s side', () => {
    const { template } = synthesized((stack) => {
      const native = new secretsmanager.Secret(stack, 'Native', { encryptionKey: new kms.Key(stack, 'Key') });
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      aws.Secret.fromSecret(stack, 'Token', native).grantRead(aws.Workload.fromRole(stack, 'Reader', role));
    });
    expect(statements(template).map(({ actions }) => actions)).toEqual([
      ['kms:Decrypt'],
      ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    ]);
  });

  test('can be named', () => {
    const { stack, made } = synthesized((scope) => {
      new aws.EncryptionKey(scope, 'Key');
      return aws.Secret.fromSecretName(scope, 'Token', 'huggingface');
    });
    expect(JSON.stringify(stack.resolve(made.secretId))).toContain(':secret:huggingface');
  });
});

describe('the role of a workload', () => {
  test('has managed policies of its own, as many as their size asks for, and no inline one', () => {
    const { template } = synthesized((stack) => {
      const role = new PlatformRole(stack, 'Role', {
        assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com'),
      });
      for (let i = 0; i < 40; i++) {
        role.allow({
          actions: ['s3:GetObject'],
          resources: [`arn:aws:s3:::bucket-${i}/${'x'.repeat(100)}/*`],
          wildcard: 'Objects.',
        });
      }
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
    const policies = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(policies.length).toBeGreaterThan(1);
    for (const { Properties } of policies) {
      expect(JSON.stringify(Properties.PolicyDocument).length).toBeLessThan(6144);
    }
    expect(statements(template).flatMap(({ resources }) => resources)).toHaveLength(40);
  });
});

describe('names', () => {
  const nameOf = (stackName: string, path: string[], maxLength = 63) => {
    const stack = new Stack(new App(), 'id', { stackName });
    return physicalName(
      path.reduce((scope: Construct, id) => new Construct(scope, id), stack),
      { maxLength },
    );
  };

  test('differ by stack name, so that two deployments of one program do not collide', () => {
    expect(nameOf('fraud-dev', ['Fraud'])).not.toBe(nameOf('fraud-prod', ['Fraud']));
  });

  test('fit, begin with a letter and stay apart however long their prefix is', () => {
    const names = new Set<string>();
    for (let i = 0; i < 10_000; i++) {
      const name = nameOf('a'.repeat(100), ['x'.repeat(60), `${i}`], 40);
      expect(name).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
      names.add(name);
    }
    expect(names.size).toBe(10_000);
  });

  test('are readable where there is nothing to read', () => {
    expect(nameOf('a', ['123', 'é'])).toMatch(/^a-123-[0-9a-f]{8}$/);
  });
});

describe('stages and environments', () => {
  test('what is in another environment must be imported', () => {
    const app = new App();
    const [here, open] = [{ env: EU }, {}].map((props, i) => new aws.PlatformStack(app, `stack${i}`, props));
    const lake = new aws.DataLake(here, 'Lake', { discovery: false });
    const theirs = aws.Workload.fromRole(open, 'Theirs', iam.Role.fromRoleName(open, 'Role', 'ml'));
    expect(refusal(() => lake.grantRead(theirs), 'CMC-009')).toContain('is in another stage or environment');
    const encryptionKey = new aws.EncryptionKey(open, 'Key');
    refusal(() => new aws.DataLake(here, 'Encrypted', { encryptionKey }), 'CMC-009');
  });

  test('an id that only deployment knows is refused', () => {
    const { stack } = platform();
    expect(refusal(() => new aws.DataLake(stack, stack.account), 'CMC-015')).toContain('id is known only');
  });

  test('what is in another stage must be imported', () => {
    const app = new App();
    const [dev, prod] = ['dev', 'prod'].map((id) => new aws.PlatformStack(new Stage(app, id), 'platform'));
    const network = new aws.PrivateNetwork(dev, 'Network');
    expect(refusal(() => new aws.DataLake(prod, 'Lake', { network }), 'CMC-009')).toContain(
      'import what exists there',
    );
  });

  test('stacks that depend on each other in turn are refused', () => {
    const app = new App();
    const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app, id));
    const network = new aws.PrivateNetwork(first, 'Network');
    new aws.DataLake(second, 'Lake', { network });
    const key = new aws.EncryptionKey(second, 'Key');
    expect(refusal(() => new aws.DataLake(first, 'Lake', { encryptionKey: key }), 'CMC-009')).toContain(
      'turn the order',
    );
  });
});
