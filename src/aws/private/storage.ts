import { ArnFormat, Duration, aws_iam as iam, aws_s3 as s3, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { DataRetention } from '../../core';
import { reportProfile } from '../../core/private/profile';
import { IEncryptionKey } from '../encryption-key';
import { ACCESS_LOGS as ACCESS_LOG_FINDINGS, BUCKETS } from './findings';
import { rootOf } from './judge';
import { Permission } from './platform-role';
import { profileOf } from './profile';
import { removalPolicy } from './retention';
import { explain } from './suppressions';

/** The id of a stack's access-log bucket is part of the API: it decides the bucket's logical id. */
const ACCESS_LOGS = 'MlAccessLogs';

/** The bucket that takes the access logs of all buckets of a root stack. */
function accessLogBucket(construct: IConstruct): s3.Bucket {
  const stack = rootOf(Stack.of(construct));
  const found = stack.node.tryFindChild(ACCESS_LOGS) as s3.Bucket | undefined;
  if (found) {
    return found;
  }
  const bucket = new s3.Bucket(stack, ACCESS_LOGS, {
    // S3 delivers access logs to buckets with its own keys only.
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        expiration: Duration.days(profileOf(stack).accessLogRetentionDays),
        noncurrentVersionExpiration: Duration.days(30),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
  });
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AccessLogs',
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  );
  reportProfile(stack);
  explain(bucket, BUCKETS.replication, ...Object.values(ACCESS_LOG_FINDINGS));
  return bucket;
}

export interface StorageOptions {
  readonly key: IEncryptionKey;
  readonly retention?: DataRetention;
  readonly lifecycleRules?: s3.LifecycleRule[];
  /** @default - as the profile says */
  readonly keepOldVersionsDays?: number;
  /** Whether S3 asks the key once for many objects, in the name of the bucket. @default true */
  readonly bucketKey?: boolean;
  /** How objects can neither be changed nor be deleted. @default - they can */
  readonly objectLock?: s3.ObjectLockRetention;
}

/** A bucket as every construct has it: private, TLS only, encrypted, versioned, access-logged, cleaned up. */
export function storageBucket(scope: Construct, id: string, options: StorageOptions): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: options.key.key,
    bucketKeyEnabled: options.bucketKey ?? true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    objectLockDefaultRetention: options.objectLock,
    removalPolicy: removalPolicy(options.retention),
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(7),
        noncurrentVersionExpiration: Duration.days(
          options.keepOldVersionsDays ?? profileOf(scope).oldVersionsDays,
        ),
      },
      ...(options.lifecycleRules ?? []),
    ],
  });
  // Not the L2's `serverAccessLogsBucket`: what that does depends on a feature flag of the app.
  const logs = accessLogBucket(scope);
  (bucket.node.defaultChild as s3.CfnBucket).loggingConfiguration = {
    destinationBucketName: logs.bucketName,
    logFilePrefix: `${bucket.node.path.replace(/[^A-Za-z0-9/-]/g, '-')}/`,
  };
  explain(bucket, BUCKETS.replication);
  return bucket;
}

const OBJECTS = 'Objects of the bucket, or of the prefix, cannot be named beforehand.';

/** What reading below a prefix of a bucket takes. */
export function readPermissions(bucket: s3.IBucket, prefix = ''): Permission[] {
  return [
    {
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: prefix ? { StringLike: { 's3:prefix': [`${prefix}*`] } } : undefined,
    },
    { actions: ['s3:GetBucketLocation'], resources: [bucket.bucketArn] },
    {
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
      wildcard: OBJECTS,
    },
    ...keyPermissions(bucket, ['kms:Decrypt', 'kms:DescribeKey']),
  ];
}

/** What reading, writing and deleting below a prefix of a bucket takes. */
export function readWritePermissions(bucket: s3.IBucket, prefix = ''): Permission[] {
  return [...readPermissions(bucket, prefix), ...writePermissions(bucket, prefix)];
}

/** What writing and deleting below a prefix of a bucket takes. */
export function writePermissions(bucket: s3.IBucket, prefix = ''): Permission[] {
  return [
    {
      actions: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
      wildcard: OBJECTS,
    },
    // Uploads in parts read what they encrypted.
    ...keyPermissions(bucket, ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey']),
  ];
}

function keyPermissions({ encryptionKey }: s3.IBucket, actions: string[]): Permission[] {
  return encryptionKey ? [{ actions, resources: [encryptionKey.keyArn] }] : [];
}

/** `arn:…:service:region:account:resource/name`, or with another separator. */
export const arn = (
  scope: IConstruct,
  service: string,
  resource: string,
  resourceName: string,
  colon = false,
): string =>
  Stack.of(scope).formatArn({
    service,
    resource,
    resourceName,
    arnFormat: colon ? ArnFormat.COLON_RESOURCE_NAME : ArnFormat.SLASH_RESOURCE_NAME,
  });
