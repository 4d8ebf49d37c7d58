import { App, CfnOutput, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { filledIn } from './probe';
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
import * as core from '../../src/core';
import { inShell, StandIn } from '../support/stand-ins';

const BUCKET = 'AWS::S3::Bucket';

describe('a lake without props', () => {
  const { stack, made: lake, template } = synthesized((scope) => new aws.DataLake(scope, 'Lake'));

  test('each zone has its bucket as default child', () => {
    for (const name of ['raw', 'curated', 'features']) {
      const zone = lake.node.findChild(`Zone-${name}`);
      expect((zone.node.defaultChild as s3.CfnBucket).cfnResourceType).toBe(BUCKET);
    }
  });

  test('zones are raw, curated and features', () => {
    expect(lake.zoneNames).toEqual(['raw', 'curated', 'features']);
    expect(stack.resolve(lake.zone('raw').uri)).toEqual({
      'Fn::Join': ['', ['s3://', { Ref: 'LakeZonerawBucketD7F34696' }, '/']],
    });
  });

  test('a zone is private, encrypted, versioned, logged, cleaned up and kept', () => {
    const zone = template.findResources(BUCKET).LakeZonerawBucketD7F34696;
    expect(zone).toEqual({
      Type: BUCKET,
      UpdateReplacePolicy: 'Retain',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                KMSMasterKeyID: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
                SSEAlgorithm: 'aws:kms',
              },
            },
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            {
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
              NoncurrentVersionExpiration: { NoncurrentDays: 30 },
              Status: 'Enabled',
            },
          ],
        },
        LoggingConfiguration: {
          DestinationBucketName: { Ref: 'MlAccessLogsC6DD169A' },
          LogFilePrefix: 'platform/Lake/Zone-raw/Bucket/',
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
  });

  test('zones refuse plain HTTP and old TLS', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::S3::BucketPolicy'))) {
      const denied = Properties.PolicyDocument.Statement.filter(
        (statement: any) => statement.Effect === 'Deny',
      );
      expect(denied.map((statement: any) => statement.Condition)).toEqual([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      ]);
    }
  });

  test('access logs go to one bucket, which only the log service of this account writes to', () => {
    const [policy] = Object.values(
      template.findResources('AWS::S3::BucketPolicy', {
        Properties: { Bucket: { Ref: 'MlAccessLogsC6DD169A' } },
      }),
    );
    const allowed = policy.Properties.PolicyDocument.Statement.filter(
      (statement: any) => statement.Effect === 'Allow',
    );
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: 's3:PutObject',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  test('a crawler finds tables in all zones, only when it is run', () => {
    const { Properties } = only(template, 'AWS::Glue::Crawler');
    expect(Properties.Targets.S3Targets).toHaveLength(3);
    expect(Properties.Schedule).toBeUndefined();
    expect(Properties.SchemaChangePolicy).toEqual({
      DeleteBehavior: 'LOG',
      UpdateBehavior: 'UPDATE_IN_DATABASE',
    });
    expect(stack.resolve(lake.discoverCommand)).toEqual({
      'Fn::Join': ['', ['aws glue start-crawler --name ', { Ref: only(template, 'AWS::Glue::Crawler').id }]],
    });
  });

  test('the key lets Athena encrypt the results of queries, for workgroups of this account', () => {
    const { Statement } = only(template, 'AWS::KMS::Key').Properties.KeyPolicy;
    const workgroups = 'arn:<AWS::Partition>:athena:<AWS::Region>:<AWS::AccountId>:workgroup/*';
    const { Principal, Action, Condition } = Statement.find(({ Sid }: any) => Sid === 'QueryResults');
    expect(Principal).toEqual({ Service: 'encryption.athena.amazonaws.com' });
    expect(Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']);
    expect(Object.values(Condition.ArnLike).map(filledIn)).toEqual([workgroups, workgroups]);
  });

  test("the crawler's logs, bookmarks and results are encrypted with the key", () => {
    const { Properties } = only(template, 'AWS::Glue::SecurityConfiguration');
    const key = { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] };
    expect(Properties.EncryptionConfiguration).toEqual({
      CloudWatchEncryption: { CloudWatchEncryptionMode: 'SSE-KMS', KmsKeyArn: key },
      JobBookmarksEncryption: { JobBookmarksEncryptionMode: 'CSE-KMS', KmsKeyArn: key },
      S3Encryptions: [{ S3EncryptionMode: 'SSE-KMS', KmsKeyArn: key }],
    });
  });

  test('queries go through a workgroup that enforces encryption and a limit', () => {
    expect(only(template, 'AWS::Athena::WorkGroup').Properties.WorkGroupConfiguration).toEqual({
      BytesScannedCutoffPerQuery: 1024 ** 4,
      EnforceWorkGroupConfiguration: true,
      ManagedQueryResultsConfiguration: {
        Enabled: true,
        EncryptionConfiguration: { KmsKey: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] } },
      },
      PublishCloudWatchMetricsEnabled: true,
    });
  });

  test('names that Glue and Athena ask for are readable and theirs alone', () => {
    expect(only(template, 'AWS::Glue::Database').Properties.DatabaseInput.Name).toBe(
      'platform_lake_catalog_abe7078b',
    );
    expect(only(template, 'AWS::Athena::WorkGroup').Properties.Name).toMatch(
      /^platform-lake-catalog-[0-9a-f]{8}$/,
    );
  });

  test('what other stacks may need is exported before they need it', () => {
    const names = Object.keys(template.findOutputs('*'));
    expect(names.filter((name) => name.includes('LakeZoneraw'))).toHaveLength(2);
  });

  test('there is no custom resource and no function', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    expect(types.filter((type) => /^Custom::|CustomResource|AWS::Lambda/.test(type))).toEqual([]);
  });
});

describe('zones', () => {
  test('expire, grow cold and keep old versions as they are told', () => {
    const { template } = synthesized(
      (stack) =>
        new aws.DataLake(stack, 'Lake', {
          zones: [{ name: 'raw', expireAfterDays: 365, coldAfterDays: 30, keepOldVersionsDays: 7 }],
        }),
    );
    template.hasResourceProperties(BUCKET, {
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } }),
          {
            ExpirationInDays: 365,
            Status: 'Enabled',
            Transitions: [{ StorageClass: 'INTELLIGENT_TIERING', TransitionInDays: 30 }],
          },
        ],
      },
    });
  });

  test('another zone, or another order, moves no other', () => {
    const ids = (zones: core.DataZoneProps[]) => {
      const { template } = synthesized(
        (stack) => new aws.DataLake(stack, 'Lake', { zones, lakeFormation: true }),
      );
      return Object.keys(template.toJSON().Resources);
    };
    const [a, b, c] = [{ name: 'a-zone' }, { name: 'b-zone' }, { name: 'c-zone' }];
    expect(ids([c, b, a]).sort()).toEqual(ids([a, b, c]).sort());
    expect(ids([a, b, c])).toEqual(expect.arrayContaining(ids([c, a])));
  });

  test('are deleted with the stack only when that was asked for', () => {
    const { template } = synthesized(
      (stack) =>
        new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], retention: core.DataRetention.DESTROY }),
    );
    const policies = Object.entries(template.findResources(BUCKET)).map(([id, { DeletionPolicy }]) => [
      id,
      DeletionPolicy,
    ]);
    expect(Object.fromEntries(policies)).toEqual({
      LakeZonerawBucketD7F34696: 'Delete',
      MlAccessLogsC6DD169A: 'Retain',
    });
  });

  describe('are emptied by a command', () => {
    const { template } = synthesized((stack) => {
      const zones = [{ name: 'raw' }, { name: 'curated' }];
      const lake = new aws.DataLake(stack, 'Lake', { zones, retention: core.DataRetention.DESTROY });
      new CfnOutput(stack, 'Empty', { value: lake.emptyCommand! });
    });
    const { Value } = template.findOutputs('Empty').Empty;
    const command = Value['Fn::Join'][1].map((part: any) => part.Ref ?? part).join('');
    const BUCKETS = ['LakeZonerawBucketD7F34696', 'LakeZonecuratedBucket51054459'];

    /** S3 with some versions in each bucket, of which it lists two at once and may refuse to delete some. */
    const emptied = async (versions: number, refused?: string) => {
      const left = new Map(BUCKETS.map((one) => [one, Array.from({ length: versions }, (_, i) => `${i}`)]));
      const cli: StandIn = ({ args, input }) => {
        const bucket = args[args.indexOf('--bucket') + 1];
        const all = left.get(bucket)!;
        if (args[1] === 'list-object-versions') {
          return JSON.stringify({ Objects: all.slice(0, 2).map((VersionId) => ({ Key: 'a b', VersionId })) });
        }
        expect(args[args.indexOf('--delete') + 1]).toBe('file:///dev/stdin');
        expect(args).not.toContain('--bypass-governance-retention');
        const given: string[] = JSON.parse(input).Objects.map(({ VersionId }: any) => VersionId);
        left.set(
          bucket,
          all.filter((one) => one === refused || !given.includes(one)),
        );
        return given.includes(refused!) ? 'AccessDenied a b' : 'None';
      };
      const { code, err } = await inShell({ aws: cli }, (shell) => shell.run(command));
      return { code, err, left: [...left.values()].flat() };
    };

    test('page by page', async () => {
      expect(await emptied(5)).toEqual({ code: 0, err: '', left: [] });
      expect(await emptied(0)).toEqual({ code: 0, err: '', left: [] });
    });

    test('which ends where S3 refuses', async () => {
      const { code, err, left } = await emptied(3, '2');
      expect([code, err.trim(), left]).toEqual([1, 'AccessDenied a b', ['2', '0', '1', '2']]);
    });

    test('that is there where data may go', () => {
      const { made } = synthesized((stack) => [
        new aws.DataLake(stack, 'Lake'),
        new aws.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] }),
      ]);
      expect(made.map(({ emptyCommand }) => emptyCommand)).toEqual([undefined, undefined]);
    });
  });
});

describe('options', () => {
  test('discovery runs by a schedule, or not at all', () => {
    const scheduled = synthesized(
      (stack) => new aws.DataLake(stack, 'Lake', { discoverySchedule: 'cron(0 3 * * ? *)' }),
    );
    scheduled.template.hasResourceProperties('AWS::Glue::Crawler', {
      Schedule: { ScheduleExpression: 'cron(0 3 * * ? *)' },
    });
    const without = synthesized((stack) => new aws.DataLake(stack, 'Lake', { discovery: false }));
    without.template.resourceCountIs('AWS::Glue::Crawler', 0);
    without.template.resourceCountIs('AWS::Athena::WorkGroup', 0);
    expect(without.made.discoverCommand).toBeUndefined();
  });

  test('Lake Formation governs the crawler and everyone that the lake is granted to', () => {
    const { template } = synthesized((stack) => {
      const lake = new aws.DataLake(stack, 'Lake', {
        zones: [{ name: 'raw' }, { name: 'curated' }],
        lakeFormation: true,
      });
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      lake.grantRead(aws.Workload.fromRole(stack, 'Reader', role));
    });
    template.resourceCountIs('AWS::LakeFormation::Resource', 2);
    const [location] = Object.values(template.findResources('AWS::LakeFormation::Resource'));
    const { AssumeRolePolicyDocument: trust } =
      template.toJSON().Resources[location.Properties.RoleArn['Fn::GetAtt'][0]].Properties;
    expect(trust.Statement.map(({ Principal }: any) => Principal.Service)).toEqual([
      'glue.amazonaws.com',
      'lakeformation.amazonaws.com',
    ]);
    template.hasResourceProperties('AWS::LakeFormation::PrincipalPermissions', {
      Permissions: ['SELECT', 'DESCRIBE'],
      Resource: { Table: { TableWildcard: {} } },
      Principal: { DataLakePrincipalIdentifier: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] } },
    });
    template.hasResourceProperties('AWS::LakeFormation::PrincipalPermissions', {
      Permissions: ['DATA_LOCATION_ACCESS'],
    });
  });

  test('a key of your own encrypts it, and no other is made', () => {
    const { template } = synthesized((stack) => {
      const key = new kms.Key(stack, 'Own');
      new aws.DataLake(stack, 'Lake', { encryptionKey: aws.EncryptionKey.fromKey(stack, 'Key', key) });
    });
    const { id } = only(template, 'AWS::KMS::Key');
    expect(id).toMatch(/^Own/);
    template.hasResourceProperties(BUCKET, {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          Match.objectLike({
            ServerSideEncryptionByDefault: { KMSMasterKeyID: { 'Fn::GetAtt': [id, 'Arn'] } },
          }),
        ],
      },
    });
  });

  test('its network reaches it through a gateway endpoint', () => {
    const { template } = synthesized(
      (stack) => new aws.DataLake(stack, 'Lake', { network: new aws.PrivateNetwork(stack, 'Network') }),
    );
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.s3']] },
    });
  });
});

describe('buckets that exist already', () => {
  test('are a lake that jobs and grants can use', () => {
    const { stack, made, template } = synthesized((scope) => {
      const key = kms.Key.fromKeyArn(
        scope,
        'Key',
        'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012',
      );
      const bucket = s3.Bucket.fromBucketAttributes(scope, 'Bucket', {
        bucketName: 'ours',
        encryptionKey: key,
      });
      const lake = aws.DataLake.fromBuckets(scope, 'Lake', { buckets: { raw: bucket } });
      const role = new iam.Role(scope, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      lake.grantReadWrite(aws.Workload.fromRole(scope, 'Writer', role));
      return lake;
    });
    expect(stack.resolve(made.uris)).toEqual({ raw: 's3://ours/' });
    expect(made.bucket('raw').bucketName).toBe('ours');
    const [{ policy }] = statements(template);
    expect(policy).toMatch(/^Role/);
    const granted = Object.fromEntries(
      statements(template).map(({ actions, resources }) => [actions[0], resources.length]),
    );
    expect(Object.keys(granted)).toEqual(
      expect.arrayContaining(['s3:GetObject', 's3:PutObject', 'kms:Decrypt', 's3:ListBucket']),
    );
  });

  test('must be some', () => {
    refusal(() => aws.DataLake.fromBuckets(platform().stack, 'Lake', { buckets: {} }), 'CMC-002');
  });
});

describe('grants', () => {
  test('reach native principals by the least actions', () => {
    const { template } = synthesized((stack) => {
      const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
      lake.grants.read(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    });
    expect(
      statements(template)
        .flatMap(({ actions }) => actions)
        .sort(),
    ).toEqual([
      'kms:Decrypt',
      'kms:DescribeKey',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
    ]);
  });

  describe('of a folder', () => {
    const raw = { 'Fn::GetAtt': [expect.stringMatching(/^LakeZoneraw/), 'Arn'] };
    const below = (folder: string) => [{ 'Fn::Join': ['', [raw, `/${folder}*`]] }];
    /** Policies on objects and their lists: actions, resources and conditions. */
    const onObjects = (template: Template) =>
      statements(template)
        .filter(({ actions }) => actions.some((action) => /Object|ListBucket$/.test(action)))
        .map(({ actions, resources, raw: { Condition } }) => [actions[0], resources, Condition]);
    const lakeIn = (stack: Stack, props: aws.DataLakeProps = {}) =>
      new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }, { name: 'gold' }], ...props });
    const roleIn = (stack: Stack) =>
      new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });

    test('are for what is below it, and its lists for its names', () => {
      const { template } = synthesized((stack) =>
        lakeIn(stack, { discovery: false })
          .zone('raw')
          .folder('team-a')
          .grantReadWrite(aws.Workload.fromRole(stack, 'Team', roleIn(stack))),
      );
      expect(onObjects(template)).toEqual([
        ['s3:ListBucket', [raw], { StringLike: { 's3:prefix': ['team-a/*'] } }],
        ['s3:GetObject', below('team-a/'), undefined],
        ['s3:PutObject', below('team-a/'), undefined],
      ]);
    });

    test('reach native principals, as those of a zone', () => {
      const { template } = synthesized((stack) => {
        const [lake, role] = [lakeIn(stack, { discovery: false }), roleIn(stack)];
        lake.grants.read(role, { zone: 'raw', folder: 'team-a/images/' });
        lake.grants.read(role, { zone: 'gold' });
      });
      const gold = { 'Fn::GetAtt': [expect.stringMatching(/^LakeZonegold/), 'Arn'] };
      expect(onObjects(template)).toEqual([
        ['s3:ListBucket', [raw], { StringLike: { 's3:prefix': ['team-a/images/*'] } }],
        ['s3:GetObject', below('team-a/images/'), undefined],
        ['s3:ListBucket', [gold], undefined],
        ['s3:GetObject', [{ 'Fn::Join': ['', [gold, '/*']] }], undefined],
      ]);
    });

    test('give no tables, which are of whole zones', () => {
      const tables = (grant: (lake: aws.DataLake, team: aws.IWorkload) => void) =>
        Object.keys(
          synthesized((stack) =>
            grant(
              lakeIn(stack, { lakeFormation: true }),
              aws.Workload.fromRole(stack, 'Team', roleIn(stack)),
            ),
          ).template.findResources('AWS::LakeFormation::PrincipalPermissions'),
        ).filter((id) => id.startsWith('Team'));
      expect(tables((lake, team) => lake.zone('raw').grantRead(team))).toHaveLength(1);
      expect(tables((lake, team) => lake.zone('raw').folder('team-a').grantRead(team))).toEqual([]);
    });

    test('are of what the lake has', () => {
      const { stack } = platform();
      const [lake, role] = [lakeIn(stack), roleIn(stack)];
      refusal(() => lake.grants.read(role, { zone: 'bronze' }), 'CMC-012');
      refusal(() => lake.grants.read(role, { zone: 'raw', folder: '../gold' }), 'CMC-006');
      refusal(() => lake.grants.read(role, { folder: 'a' }), 'CMC-009');
      refusal(() => lake.grants.read(role, { zone: 'raw', prefix: 'a' } as never), 'CMC-001');
    });
  });

  describe('over two stacks', () => {
    const build = () => {
      const app = new App({ context: CONTEXT });
      const first = new aws.PlatformStack(app, 'first');
      const second = new aws.PlatformStack(app, 'second');
      const workload = (stack: Stack) =>
        aws.Workload.fromRole(
          stack,
          'Workload',
          new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }),
        );
      return { app, first, second, workload };
    };

    test('are written in the stack of the one who reads, and change nothing in the other', () => {
      const [granted, plain] = [true, false].map((grant) => {
        const { first, second, workload } = build();
        const lake = new aws.DataLake(first, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
        const reader = workload(second);
        if (grant) {
          lake.grantRead(reader);
        }
        return { first: Template.fromStack(first).toJSON(), second: Template.fromStack(second) };
      });
      expect(statements(granted.second)).toHaveLength(4);
      expect(statements(plain.second)).toHaveLength(0);
      expect(granted.first).toEqual(plain.first);
    });

    test('cannot point backwards', () => {
      const { first, second, workload } = build();
      second.addStackDependency(first);
      const lake = new aws.DataLake(second, 'Lake');
      const message = refusal(() => lake.grantRead(workload(first)), 'CMC-013');
      expect(message).toBe(
        'second/Lake/Zone-raw: workload would make stack first depend on second, which already depends on it: put both into one stack, or turn the order [CMC-013]',
      );
    });
  });

  test('go to workloads of this cloud only', () => {
    const { stack } = platform();
    const lake = new aws.DataLake(stack, 'Lake');
    expect(refusal(() => lake.grantRead(stack as never), 'CMC-010')).toContain(
      'wrap a native identity with aws.Workload.from…',
    );
  });
});

describe('faults', () => {
  test('name construct, prop, what was given and what is allowed, all at once', () => {
    const { stack } = platform();
    const message = refusal(
      () =>
        new aws.DataLake(stack, 'Lake', {
          zones: [{ name: 'Raw' }, { name: 'raw', coldAfterDays: 30, expireAfterDays: 10 }, { name: 'raw' }],
          queryScanLimitMiB: 1,
          expire: 3,
        } as aws.DataLakeProps),
      'CMC-001',
      'CMC-006',
      'CMC-007',
      'CMC-004',
      'CMC-031',
    );
    expect(message).toMatch(/^platform\/Lake: 5 faults\n {2}expire is no known prop/);
    expect(message).toContain("zones[0].name ('Raw') must be lower-case letters, digits and '-'");
    expect(message).toContain("zones[2].name ('raw') occurs twice");
    expect(message).toContain('queryScanLimitMiB (1) must be a whole number of at least 10');
    expect(message).toContain('zones[1].coldAfterDays (30) must be less than expireAfterDays (10)');
  });

  test('leave nothing in the tree', () => {
    const { stack } = platform();
    refusal(() => new aws.DataLake(stack, 'Lake', { zones: [] }), 'CMC-004');
    expect(stack.node.children).toEqual([]);
    expect(new aws.DataLake(stack, 'Lake').zoneNames).toHaveLength(3);
  });

  test('say which zones there are', () => {
    const { stack } = platform();
    const lake = new aws.DataLake(stack, 'Lake');
    expect(refusal(() => lake.zone('gold'), 'CMC-012')).toBe(
      "platform/Lake: zone 'gold' was not declared; zones are raw, curated, features [CMC-012]",
    );
  });

  test('options of discovery need discovery', () => {
    refusal(
      () => new aws.DataLake(platform().stack, 'Lake', { discovery: false, lakeFormation: true }),
      'CMC-008',
    );
  });

  test('it lives in a stack of its own engine', () => {
    expect(refusal(() => new aws.DataLake(new App() as never, 'Lake'), 'CMC-011')).toContain(
      'put it into an aws.PlatformStack',
    );
  });
});

test('cdk-nag finds nothing that is not explained, and no explanation is stale', () => {
  const { app, stack } = platform();
  new aws.DataLake(stack, 'Lake', { lakeFormation: true, discoverySchedule: 'cron(0 3 * * ? *)' });
  expect(unexplained(app)).toEqual([]);
  expect(staleExplanations(app)).toEqual([]);
});
