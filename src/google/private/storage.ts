import { StorageBucket, StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { apis } from './apis';
import { giveOnce, Grantee } from './grants';
import { encryptedBy, keyFor } from './keys';
import { BUCKET, physicalName } from './names';
import { once, placeOf } from './place';
import { profileOf } from './profile';
import { DataRetention } from '../../core';
import { reportProfile } from '../../core/private/profile';
import { text } from '../../core/private/schema';
import { IEncryptionKey } from '../encryption-key';

/** The id of a stack's access-log bucket is part of the API: it decides the bucket's name. */
const ACCESS_LOGS = 'MlAccessLogs';

const ABORT_UPLOADS: StorageBucketLifecycleRule = {
  action: { type: 'AbortIncompleteMultipartUpload' },
  condition: { age: 7 },
};

/** What holds for every bucket. */
const guarded = (scope: Construct) => ({
  location: placeOf(scope).region,
  storageClass: 'STANDARD',
  uniformBucketLevelAccess: true,
  publicAccessPrevention: 'enforced',
});

/** The bucket that takes the access logs of all buckets of a stack. */
class AccessLogs extends Construct {
  public readonly bucket: StorageBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const key = keyFor(this);
    this.bucket = new StorageBucket(this, 'Bucket', {
      ...guarded(this),
      name: physicalName(this, BUCKET),
      forceDestroy: false,
      encryption: key && { defaultKmsKeyName: key.keyId },
      softDeletePolicy: { retentionDurationSeconds: 0 },
      lifecycleRule: [
        { action: { type: 'Delete' }, condition: { age: profileOf(this).accessLogRetentionDays } },
      ],
      dependsOn: [...apis(this, 'storage'), ...encryptedBy(this, key, 'storage')],
    });
    // The group that Cloud Storage delivers usage logs as.
    new StorageBucketIamMember(this, 'Delivery', {
      bucket: this.bucket.name,
      role: 'roles/storage.objectCreator',
      member: 'group:cloud-storage-analytics@google.com',
    });
    this.node.defaultChild = this.bucket;
    reportProfile(this);
  }
}

export interface StorageOptions {
  readonly key?: IEncryptionKey;
  readonly retention?: DataRetention;
  readonly lifecycleRules?: StorageBucketLifecycleRule[];
  /** @default - as the profile says */
  readonly keepOldVersionsDays?: number;
  /** Whether what is gone by then can still be brought back for a while. @default true */
  readonly softDelete?: boolean;
}

/** A bucket as every construct has it: private, encrypted, versioned, access-logged, cleaned up. */
export function storageBucket(scope: Construct, id: string, options: StorageOptions): StorageBucket {
  const stack = TerraformStack.of(scope);
  const { oldVersionsDays, softDeleteDays } = profileOf(scope);
  const logs = once(stack, ACCESS_LOGS, () => new AccessLogs(stack, ACCESS_LOGS));
  return new StorageBucket(scope, id, {
    ...guarded(scope),
    name: physicalName(scope, BUCKET),
    // What holds objects is only deleted when that was asked for.
    forceDestroy: options.retention === DataRetention.DESTROY,
    versioning: { enabled: true },
    softDeletePolicy: { retentionDurationSeconds: (options.softDelete ?? true) ? softDeleteDays * 86400 : 0 },
    encryption: options.key && { defaultKmsKeyName: options.key.keyId },
    logging: {
      logBucket: logs.bucket.name,
      logObjectPrefix: scope.node.path.replace(/[^A-Za-z0-9/-]/g, '-'),
    },
    lifecycleRule: [
      ABORT_UPLOADS,
      {
        action: { type: 'Delete' },
        condition: {
          daysSinceNoncurrentTime: options.keepOldVersionsDays ?? oldVersionsDays,
          withState: 'ARCHIVED',
        },
      },
      ...(options.lifecycleRules ?? []),
    ],
    dependsOn: [...apis(scope, 'storage'), ...encryptedBy(scope, options.key, 'storage')],
  });
}

export const READ = 'roles/storage.objectViewer';
/** Also to overwrite and delete, not to change who may. */
export const READ_WRITE = 'roles/storage.objectUser';

/** A grant of a prefix stands beside those of others. */
const part = (grantee: Grantee, prefix = ''): Grantee => ({
  ...grantee,
  id: `${prefix && `-${prefix.replace(/[^a-z0-9]+/g, '-').replace(/-$/, '')}`}${grantee.id}`,
});

/**
 * A role on a bucket, or on what is below a prefix of it. Keys need no role: Cloud Storage itself uses them.
 *
 * @param resource the construct that is granted
 */
export const giveBucket = (
  grantee: Grantee,
  resource: IConstruct,
  bucket: string,
  role: string,
  prefix?: string,
): StorageBucketIamMember =>
  giveOnce(part(grantee, prefix), resource, role, (scope, id, given) => {
    return new StorageBucketIamMember(scope, id, {
      bucket,
      ...given,
      condition: prefix
        ? {
            title: `Below ${prefix}`.slice(0, 100),
            // Who reads a prefix lists the bucket: IAM has no condition on the prefix of a listing.
            expression: `resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}")`,
          }
        : undefined,
    });
  });

/** Of a bucket that exists already. */
export const BUCKET_NAME = text({
  pattern: /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/,
  means: 'the name of a bucket, without gs://',
});
