import { LoggingProjectBucketConfig } from '@cdktf/provider-google/lib/logging-project-bucket-config';
import { LoggingProjectSink } from '@cdktf/provider-google/lib/logging-project-sink';
import { Construct, IConstruct } from 'constructs';
import { apis } from './apis';
import { encryptedBy, keyFor } from './keys';
import { physicalName } from './names';
import { placeOf } from './place';
import { profileOf } from './profile';
import { DataRetention, IEncryptionKey } from '../../core';
import { integer, literal, Rule } from '../../core/private/schema';
import { keep } from '../../terraform/kept';

/** Cloud Logging keeps entries for 1 to 3650 days. */
export const logRetentionRule: Rule = literal(integer({ min: 1, max: 3650 }));

export const logRetentionDays = (construct: IConstruct, given?: number): number =>
  given ?? profileOf(construct).logRetentionDays;

export interface LogStoreOptions {
  /** Which entries: a filter of Cloud Logging. */
  readonly filter: string;
  readonly retentionDays?: number;
  /** @default - the default key of the stack under SecurityProfile.REGULATED */
  readonly encryptionKey?: IEncryptionKey;
  /** Whether retention can never be shortened, which can never be taken back. */
  readonly locked?: boolean;
  /** @default - it goes with its construct */
  readonly retention?: DataRetention;
}

/** Log entries with a retention of their own: a log bucket, and the sink that routes to it. */
export class LogStore extends Construct {
  public readonly bucket: LoggingProjectBucketConfig;
  public readonly sink: LoggingProjectSink;

  constructor(scope: Construct, id: string, options: LogStoreOptions) {
    super(scope, id);
    const { filter, retentionDays, encryptionKey, locked, retention } = options;
    const { project, region } = placeOf(this);
    const name = physicalName(this, { maxLength: 63 });
    const key = keyFor(this, encryptionKey);
    this.bucket = new LoggingProjectBucketConfig(this, 'Bucket', {
      project,
      location: region,
      bucketId: name,
      retentionDays: logRetentionDays(this, retentionDays),
      locked,
      cmekSettings: key && { kmsKeyName: key.keyId },
      dependsOn: [...apis(this, 'logging'), ...encryptedBy(this, key, 'logging')],
    });
    if (retention) {
      keep(this.bucket, retention);
    }
    this.sink = new LoggingProjectSink(this, 'Sink', {
      name,
      destination: `logging.googleapis.com/${this.bucket.id}`,
      filter,
      uniqueWriterIdentity: true,
    });
    this.node.defaultChild = this.bucket;
  }
}
