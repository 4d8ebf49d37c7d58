import {
  aws_cloudtrail as cloudtrail,
  aws_iam as iam,
  aws_logs as logs,
  aws_s3 as s3,
  Duration,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { IDataZone } from './data-lake';
import { IEncryptionKey } from './encryption-key';
import { exportAlways } from './private/exports';
import { AUDIT_TRAIL } from './private/findings';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { logGroup, logGroupArn, logRetentionRule } from './private/logs';
import { physicalName } from './private/names';
import { PlatformRole } from './private/platform-role';
import { emptyCommand, removalPolicy } from './private/retention';
import { storageBucket } from './private/storage';
import { explain } from './private/suppressions';
import { judgeKept, Kept, keptAs, zonesOf } from '../core/private/audit';
import { Faults } from '../core/private/faults';
import { isRegulated, judgeProfile } from '../core/private/profile';
import { report } from '../core/private/report';
import { auditTrailRules } from '../core/private/rules/data';
import { flag, judgeProps, Schema, struct } from '../core/private/schema';
import { isToken } from '../core/private/tokens';

/** Props of an audit trail on AWS. */
export interface AuditTrailProps extends core.AuditTrailProps, core.LogProps {
  /**
   * Whether records go to CloudWatch Logs besides, where they are searched and alarmed on within minutes, for
   * `logRetentionDays`. Bills by the GB.
   *
   * @default - false under SecurityProfile.STANDARD, true under REGULATED
   */
  readonly cloudWatchLogs?: boolean;
}

const PROPS: Schema<AuditTrailProps> = {
  ...auditTrailRules(CLOUD),
  logRetentionDays: logRetentionRule,
  cloudWatchLogs: flag,
};

const SERVICE = 'cloudtrail.amazonaws.com';

/**
 * Records of who read and wrote data on AWS: a trail of AWS CloudTrail of its own, which leaves alone what the account
 * records already, with the S3 data events of the given zones and no others, and a bucket that keeps them under Object
 * Lock. A trail bills by the event; management events are the account's own business unless they are asked for.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const lake = new aws.DataLake(stack, 'Lake');
 * const audit = new aws.AuditTrail(stack, 'Audit', { datasets: [lake], retainDays: 730 });
 * const trail = audit.trail; // the native cloudtrail.CfnTrail
 */
export class AuditTrail extends Construct implements core.IAuditTrail {
  public readonly recordsId: string;
  public readonly readCommand: string;
  /**
   * The shell command that empties the bucket, without which CloudFormation refuses to destroy it; undefined where
   * data is retained.
   */
  public readonly emptyCommand?: string;
  /** The shell command that proves that nobody changed the records since the day `$DAY`. */
  public readonly validateCommand: string;
  /** The native trail. */
  public readonly trail: cloudtrail.CfnTrail;
  /** The native bucket of the records. */
  public readonly bucket: s3.IBucket;
  /** The native log group; undefined without `cloudWatchLogs`. */
  public readonly logGroup?: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    const buckets = judgeConstruct(this, 'AuditTrail', (faults) => judgeTrail(this, props, faults));

    const stack = Stack.of(this);
    const name = physicalName(this, { maxLength: 128 });
    const arn = stack.formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: name });
    const key = keyFor(this, props.encryptionKey);
    allowTrails(this, key);
    this.bucket = this.makeBucket(arn, key, keptAs(this, props), props);
    const { logRetentionDays, retention } = props;
    this.emptyCommand = emptyCommand(this, { retention, buckets: [this.bucket], governed: true });
    this.logGroup = this.inCloudWatch(props)
      ? logGroup(this, 'Logs', {
          ...{ logRetentionDays, encryptionKey: key, removalPolicy: removalPolicy(retention) },
        })
      : undefined;
    const role = this.logGroup && this.makeLogsRole(this.logGroup);
    this.trail = new cloudtrail.CfnTrail(this, 'Trail', {
      trailName: name,
      isLogging: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      enableLogFileValidation: true,
      kmsKeyId: key.key.keyArn,
      s3BucketName: this.bucket.bucketName,
      cloudWatchLogsLogGroupArn: this.logGroup?.logGroupArn,
      cloudWatchLogsRoleArn: role?.roleArn,
      advancedEventSelectors: [dataEvents(buckets), ...(props.managementEvents ? [MANAGEMENT_EVENTS] : [])],
    });
    this.trail.node.addDependency(this.bucket.policy!, ...(role?.ready ?? []));
    this.node.defaultChild = this.trail;
    explain(this.trail, AUDIT_TRAIL.oneRegion);
    this.recordsId = this.bucket.bucketName;
    const folder = `AWSLogs/${stack.account}/CloudTrail/${stack.region}`;
    this.readCommand = `aws s3 cp --recursive "s3://${this.recordsId}/${folder}/$(echo "$DAY" | tr - /)/" "$RECORDS"`;
    this.validateCommand = `aws cloudtrail validate-logs --trail-arn ${arn} --start-time "$DAY"`;
    exportAlways(this, this.recordsId, this.bucket.bucketArn);
    this.reportIt(props);
  }

  private inCloudWatch({ cloudWatchLogs }: AuditTrailProps): boolean {
    return cloudWatchLogs ?? isRegulated(this);
  }

  private makeBucket(
    arn: string,
    key: IEncryptionKey,
    { days, locked }: Kept,
    props: AuditTrailProps,
  ): s3.Bucket {
    const kept = Duration.days(days);
    const bucket = storageBucket(this, 'Records', {
      key,
      retention: props.retention,
      // The key is used in the name of the trail.
      bucketKey: false,
      // They are written once: what is old has expired.
      keepOldVersionsDays: 1,
      lifecycleRules: [{ expiration: kept }],
      objectLock: locked ? s3.ObjectLockRetention.compliance(kept) : s3.ObjectLockRetention.governance(kept),
    });
    const allow = (sid: string, action: string, resource: string, condition = {}) =>
      bucket.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          principals: [new iam.ServicePrincipal(SERVICE)],
          actions: [action],
          resources: [resource],
          conditions: { StringEquals: { 'aws:SourceArn': arn, ...condition } },
        }),
      );
    allow('TrailSees', 's3:GetBucketAcl', bucket.bucketArn);
    allow('TrailWrites', 's3:PutObject', bucket.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`), {
      's3:x-amz-acl': 'bucket-owner-full-control',
    });
    return bucket;
  }

  private makeLogsRole({ logGroupName }: logs.ILogGroup): PlatformRole {
    const { account, region } = Stack.of(this);
    return new PlatformRole(this, 'LogsRole', {
      // Of its own roles CloudTrail says to nobody for which account it takes them.
      assumedBy: new iam.ServicePrincipal(SERVICE),
      permissions: [
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [logGroupArn(this, `${logGroupName}:log-stream:${account}_CloudTrail_${region}*`)],
          wildcard: 'CloudTrail numbers its log streams.',
        },
      ],
    });
  }

  private reportIt(props: AuditTrailProps): void {
    report(this, 'command', 'Read the records of a day', this.readCommand);
    report(this, 'command', 'Prove that no record was changed', this.validateCommand);
    report(
      this,
      'note',
      'Audit trail',
      'Each read, write and deletion of an object is an event that bills, again in every other trail that records it. A region has at most five trails.',
    );
    if (props.managementEvents) {
      report(
        this,
        'note',
        'Management events',
        'AWS bills all trails of an account but the first that records them. Those of IAM are recorded in us-east-1.',
      );
    }
  }
}

function judgeTrail(trail: Construct, props: AuditTrailProps, faults: Faults): s3.IBucket[] {
  judgeProps(faults, struct(PROPS), props);
  judgeKept(trail, props, faults);
  judgeProfile(trail, { logRetentionDays: props.logRetentionDays }, faults);
  if (props.logRetentionDays && props.cloudWatchLogs === false) {
    faults.add('CMC-008', 'logRetentionDays', 'needs cloudWatchLogs: records are kept for retainDays');
  }
  const buckets = zonesOf<IDataZone>(props.datasets).map(({ bucket }) => bucket);
  const { region } = Stack.of(trail);
  buckets.forEach(({ bucketArn, env }) => {
    if (!isToken(region) && !isToken(env.region) && env.region !== region) {
      faults.add(
        'CMC-040',
        'datasets',
        `hold ${bucketArn} of ${env.region}: a trail of ${region} records what is there alone; make another one in a stack of ${env.region}`,
      );
    }
  });
  const { network, encryptionKey, datasets } = props;
  usesAll(trail, { network, encryptionKey, datasets }, faults);
  return buckets;
}

/** What is done to the objects of some buckets. */
const dataEvents = (buckets: s3.IBucket[]): cloudtrail.CfnTrail.AdvancedEventSelectorProperty => ({
  name: 'Reads and writes of data',
  fieldSelectors: [
    { field: 'eventCategory', equalTo: ['Data'] },
    { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
    { field: 'resources.ARN', startsWith: buckets.map((bucket) => bucket.arnForObjects('')) },
  ],
});

const MANAGEMENT_EVENTS: cloudtrail.CfnTrail.AdvancedEventSelectorProperty = {
  name: 'Changes to resources',
  fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }],
};

/** Lets the trails of this account encrypt with a key: the same statements for each of them. */
function allowTrails(scope: Construct, { key }: IEncryptionKey): void {
  const trails = Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: '*' });
  for (const [sid, action, condition] of [
    ['Trails', 'kms:GenerateDataKey', 'kms:EncryptionContext:aws:cloudtrail:arn'],
    ['TrailsSee', 'kms:DescribeKey', 'aws:SourceArn'],
  ]) {
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        principals: [new iam.ServicePrincipal(SERVICE)],
        actions: [action],
        resources: ['*'],
        conditions: { ArnLike: { [condition]: trails } },
      }),
    );
  }
}
