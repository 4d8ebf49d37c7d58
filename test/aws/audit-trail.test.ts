import { App, aws_cloudtrail as cloudtrail, aws_kms as kms, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
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
import { reportOf } from '../../src/core/private/report';
import { inShell } from '../support/stand-ins';

const TRAIL = 'AWS::CloudTrail::Trail';

/** A lake of one zone with a trail. */
const audited = (props: Partial<aws.AuditTrailProps> = {}) =>
  synthesized((stack) => {
    const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    return new aws.AuditTrail(stack, 'Audit', { datasets: [lake], ...props });
  });

/** The bucket of the records, and its policy. */
function records(template: Template) {
  const [[id, bucket]] = Object.entries(template.findResources('AWS::S3::Bucket')).filter(([name]) =>
    name.startsWith('AuditRecords'),
  );
  const policy = Object.values(template.findResources('AWS::S3::BucketPolicy')).find(
    ({ Properties }) => Properties.Bucket.Ref === id,
  )!;
  return {
    id,
    ...bucket.Properties,
    kept: bucket.DeletionPolicy,
    policy: policy.Properties.PolicyDocument.Statement,
  };
}

describe('a trail of a lake', () => {
  const { app, stack, made: audit, template } = audited();
  const trail = only(template, TRAIL);
  const store = records(template);

  test('has its native trail as default child', () => {
    expect((audit.node.defaultChild as cloudtrail.CfnTrail).cfnResourceType).toBe(TRAIL);
    expect(audit.trail).toBe(audit.node.defaultChild);
  });

  test('records the data events of the zones’ buckets, and nothing else', () => {
    expect(trail.Properties).toEqual({
      TrailName: expect.stringMatching(/^platform-audit-[0-9a-f]{8}$/),
      IsLogging: true,
      IsMultiRegionTrail: false,
      IncludeGlobalServiceEvents: false,
      EnableLogFileValidation: true,
      KMSKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^MlKey/), 'Arn'] },
      S3BucketName: { Ref: store.id },
      AdvancedEventSelectors: [
        {
          Name: 'Reads and writes of data',
          FieldSelectors: [
            { Field: 'eventCategory', Equals: ['Data'] },
            { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
            {
              Field: 'resources.ARN',
              StartsWith: [
                { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['LakeZonerawBucketD7F34696', 'Arn'] }, '/']] },
              ],
            },
          ],
        },
      ],
    });
  });

  test('keeps records for a year under Object Lock, then lets them go', () => {
    expect(store.ObjectLockEnabled).toBe(true);
    expect(store.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } },
    });
    expect(store.LifecycleConfiguration.Rules).toEqual([
      {
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Status: 'Enabled',
      },
      { ExpirationInDays: 365, Status: 'Enabled' },
    ]);
    expect(store).toMatchObject({
      kept: 'RetainExceptOnCreate',
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('only this trail writes to the bucket, and to nothing but its folder', () => {
    const arn = `arn:<AWS::Partition>:cloudtrail:<AWS::Region>:<AWS::AccountId>:trail/${trail.Properties.TrailName}`;
    const written = store.policy
      .filter(({ Effect }: any) => Effect === 'Allow')
      .map(({ Action, Principal, Resource, Condition }: any) => [
        Action,
        Principal.Service,
        filledIn(Resource),
        filledIn(Condition.StringEquals['aws:SourceArn']),
      ]);
    expect(written).toEqual([
      ['s3:GetBucketAcl', 'cloudtrail.amazonaws.com', `<${store.id}>`, arn],
      ['s3:PutObject', 'cloudtrail.amazonaws.com', `<${store.id}>/AWSLogs/<AWS::AccountId>/*`, arn],
    ]);
    expect(trail.DependsOn).toEqual([expect.stringMatching(/^AuditRecordsPolicy/)]);
  });

  test('trails of this account may encrypt with the key', () => {
    const { Properties } = only(template, 'AWS::KMS::Key');
    const trails = Properties.KeyPolicy.Statement.filter(({ Sid }: any) => /^Trails/.test(Sid));
    expect(trails.map(({ Action, Condition }: any) => [Action, Object.keys(Condition.ArnLike)])).toEqual([
      ['kms:GenerateDataKey', ['kms:EncryptionContext:aws:cloudtrail:arn']],
      ['kms:DescribeKey', ['aws:SourceArn']],
    ]);
    for (const { Condition } of trails) {
      expect(filledIn(Object.values(Condition.ArnLike)[0])).toBe(
        'arn:<AWS::Partition>:cloudtrail:<AWS::Region>:<AWS::AccountId>:trail/*',
      );
    }
  });

  test('prints what reads and proves the records, and tells what bills', async () => {
    const told = reportOf(audit).map(({ entry: { kind, title } }) => `${kind} ${title}`);
    expect(told).toEqual([
      'command Read the records of a day',
      'command Prove that no record was changed',
      'note Audit trail',
    ]);
    const commands = [audit.readCommand, audit.validateCommand].map((one) => filledIn(stack.resolve(one)));
    await inShell({ aws: () => undefined }, async (shell) => {
      for (const command of commands) {
        await shell.run(command.replace(/<(\w+)[^>]*>/g, '$1'), { DAY: '2026-11-30', RECORDS: '/tmp/r' });
      }
      expect(shell.calls).toEqual([
        [
          'aws',
          's3',
          'cp',
          '--recursive',
          `s3://${store.id}/AWSLogs/AWS/CloudTrail/AWS/2026/11/30/`,
          '/tmp/r',
        ],
        [
          'aws',
          'cloudtrail',
          'validate-logs',
          '--trail-arn',
          `arn:AWS:cloudtrail:AWS:AWS:trail/${trail.Properties.TrailName}`,
          '--start-time',
          '2026-11-30',
        ],
      ]);
    });
  });

  test('has no unexplained findings, and no stale explanations', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('props', () => {
  test('records stay as long and as firmly as asked', () => {
    const { template } = audited({ retainDays: 2557, locked: true });
    expect(records(template).ObjectLockConfiguration.Rule).toEqual({
      DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 },
    });
  });

  test('records may go with the trail', () => {
    const { template, made } = audited({ retention: core.DataRetention.DESTROY });
    expect(records(template).kept).toBe('Delete');
    expect(made.emptyCommand).toContain('--bypass-governance-retention');
  });

  test('management events are recorded where that is asked for', () => {
    const { template, made } = audited({ managementEvents: true });
    expect(only(template, TRAIL).Properties.AdvancedEventSelectors[1]).toEqual({
      Name: 'Changes to resources',
      FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }],
    });
    expect(reportOf(made).map(({ entry }) => entry.title)).toContain('Management events');
  });

  test('records go to CloudWatch Logs besides, as a role that writes there alone', () => {
    const { app, made, template } = audited({ cloudWatchLogs: true, logRetentionDays: 30 });
    const { id, Properties } = only(template, 'AWS::Logs::LogGroup');
    expect(Properties.RetentionInDays).toBe(30);
    expect(made.logGroup).toBeDefined();
    const trail = only(template, TRAIL);
    expect(trail.Properties.CloudWatchLogsLogGroupArn).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(trail.DependsOn).toHaveLength(2);
    // CloudTrail does not say for which account it takes the role: a condition would make the trail fail.
    expect(only(template, 'AWS::IAM::Role').Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } },
    ]);
    expect(statements(template).map(({ actions, resources }) => [actions, resources.map(filledIn)])).toEqual([
      [
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        [
          `arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<${id}>:log-stream:<AWS::AccountId>_CloudTrail_<AWS::Region>*`,
        ],
      ],
    ]);
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('under REGULATED: seven years, locked, in CloudWatch Logs, too', () => {
    const { app, stack } = platform('platform', { securityProfile: core.SecurityProfile.REGULATED });
    const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    new aws.AuditTrail(stack, 'Audit', { datasets: [lake] });
    const template = Template.fromStack(stack);
    expect(records(template).ObjectLockConfiguration.Rule.DefaultRetention).toEqual({
      Mode: 'COMPLIANCE',
      Days: 2557,
    });
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    expect(unexplained(app)).toEqual([]);
  });

  test('a key of the user’s own encrypts', () => {
    const { template } = synthesized((stack) => {
      const encryptionKey = aws.EncryptionKey.fromKey(stack, 'Key', new kms.Key(stack, 'Native'));
      const lake = aws.DataLake.fromBuckets(stack, 'Lake', {
        buckets: { raw: s3.Bucket.fromBucketName(stack, 'Raw', 'raw') },
      });
      return new aws.AuditTrail(stack, 'Audit', { datasets: [lake], encryptionKey });
    });
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^Native/), 'Arn'] };
    const trail = only(template, TRAIL).Properties;
    expect(trail.KMSKeyId).toEqual(key);
    expect(records(template).BucketEncryption.ServerSideEncryptionConfiguration[0]).toMatchObject({
      // CloudTrail may use the key in the name of a trail only, and a bucket's own key is used in that of the bucket.
      BucketKeyEnabled: false,
      ServerSideEncryptionByDefault: { KMSMasterKeyID: key },
    });
    expect(filledIn(trail.AdvancedEventSelectors[0].FieldSelectors[2].StartsWith[0])).toBe(
      'arn:<AWS::Partition>:s3:::raw/',
    );
  });

  test('zones are recorded once, and those of another stack, too', () => {
    const app = new App({ context: CONTEXT });
    const [data, audit] = ['data', 'audit'].map((id) => new aws.PlatformStack(app, id));
    const lake = new aws.DataLake(data, 'Lake', { zones: [{ name: 'raw' }, { name: 'curated' }] });
    new aws.AuditTrail(audit, 'Audit', { datasets: [lake.zone('raw'), lake] });
    const { FieldSelectors } = only(Template.fromStack(audit), TRAIL).Properties.AdvancedEventSelectors[0];
    expect(FieldSelectors[2].StartsWith.map(filledIn)).toEqual([
      expect.stringContaining('ZonerawBucket'),
      expect.stringContaining('ZonecuratedBucket'),
    ]);
    expect(audit.dependencies).toEqual([data]);
  });
});

describe('faults', () => {
  const make =
    (props: object, at: Stack = platform().stack) =>
    () =>
      new aws.AuditTrail(at, 'Audit', props as never);

  test('are told all at once, and nothing stays', () => {
    const { stack } = platform();
    const message = refusal(
      make({ datasets: [], retainDays: 0, lock: true }, stack),
      'CMC-001',
      'CMC-004',
      'CMC-004',
    );
    expect(message).toContain("lock is no known prop; did you mean 'locked'?");
    expect(stack.node.children).toEqual([]);
  });

  test('of what excludes each other', () => {
    const { stack } = platform();
    const datasets = [new aws.DataLake(stack, 'Lake')];
    const retention = core.DataRetention.DESTROY;
    expect(refusal(make({ datasets, retention, locked: true }, stack), 'CMC-008')).toContain('locked: false');
    const props = { datasets, cloudWatchLogs: false, logRetentionDays: 30 };
    expect(refusal(make(props, stack), 'CMC-008')).toContain('logRetentionDays needs cloudWatchLogs');
  });

  test('data of another region, whose events are recorded there', () => {
    const app = new App({ context: CONTEXT });
    const stack = new aws.PlatformStack(app, 'platform', { env: { region: 'eu-west-1' } });
    const raw = s3.Bucket.fromBucketAttributes(stack, 'Raw', { bucketName: 'raw', region: 'us-east-1' });
    const lake = aws.DataLake.fromBuckets(stack, 'Lake', { buckets: { raw } });
    expect(refusal(make({ datasets: [lake] }, stack), 'CMC-040')).toContain(
      'a trail of eu-west-1 records what is there alone; make another one in a stack of us-east-1',
    );
  });
});
