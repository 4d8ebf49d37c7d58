import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IDataZone } from './data-lake';
import { turnOnDataAccessLogs } from './private/audit-trail/data-access';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { LogStore } from './private/logs';
import { placeOf } from './private/place';
import { judgeKept, keptAs, zonesOf } from '../core/private/audit';
import { Faults } from '../core/private/faults';
import { report } from '../core/private/report';
import { auditTrailRules } from '../core/private/rules/data';
import { integer, judgeProps, literal, oneOf, Schema, struct } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';

/** Who turns on the Data Access logs of Cloud Storage, which a project has on for all of its buckets or for none. */
export enum DataAccessLogs {
  /**
   * The stack of the trail, for its project. One stack of a project does, and only where the project has no audit
   * configuration of Cloud Storage of its own: else the plan stops, and says so.
   */
  ENABLE = 'enable',
  /** They are on already: in the project, its folder or its organization. Nothing of that is changed. */
  EXISTING = 'existing',
}

/** Props of an audit trail on Google Cloud. */
export interface AuditTrailProps extends core.AuditTrailProps {
  /**
   * Who turns on the Data Access logs of Cloud Storage. Without them nothing is recorded.
   *
   * @default DataAccessLogs.ENABLE
   */
  readonly dataAccessLogs?: DataAccessLogs;
}

const PROPS: Schema<AuditTrailProps> = {
  ...auditTrailRules(CLOUD, integer({ min: 1, max: 3650, because: 'Cloud Logging keeps no entry longer' })),
  dataAccessLogs: literal(oneOf(...Object.values(DataAccessLogs))),
};

/**
 * Records of who read and wrote data on Google Cloud: a log bucket of Cloud Logging with its own retention, and the sink
 * that routes to it the Data Access audit logs of the given zones' buckets, and no others. Buckets of other projects are
 * recorded in theirs. Entries bill by the GiB.
 */
export class AuditTrail extends Construct implements core.IAuditTrail {
  public readonly recordsId: string;
  public readonly readCommand: string;
  /** The native log bucket. */
  public readonly logBucket: TerraformResource;
  /** The native sink. */
  public readonly sink: TerraformResource;
  /** The native audit configuration of the project; undefined where the logs are on already. */
  public readonly auditConfig?: TerraformResource;

  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    judgeConstruct(this, 'AuditTrail', (faults) => judgeTrail(this, props, faults));

    const { days, locked } = keptAs(this, props);
    this.auditConfig =
      props.dataAccessLogs === DataAccessLogs.EXISTING ? undefined : turnOnDataAccessLogs(this);
    const store = new LogStore(this, 'Records', {
      filter: this.filter(props),
      retentionDays: days,
      locked,
      retention: props.retention ?? core.DataRetention.RETAIN,
      encryptionKey: keyFor(this, props.encryptionKey),
    });
    this.logBucket = store.bucket;
    this.sink = store.sink;
    this.node.defaultChild = store.bucket;
    this.recordsId = store.bucket.id;
    const { project, region } = placeOf(this);
    this.readCommand = `gcloud logging read 'timestamp>="'"$DAY"'T00:00:00Z" AND timestamp<="'"$DAY"'T23:59:59.999Z"' --project=${project} --bucket=${store.bucket.bucketIdInput} --location=${region} --view=_AllLogs --format=json > "$RECORDS/$DAY.json"`;
    exportAlways(this, this.recordsId);
    report(this, 'command', 'Read the records of a day', this.readCommand);
    report(
      this,
      'note',
      'Audit trail',
      'Each read and write of an object is an entry that bills by its size.',
    );
  }

  /** Data Access logs of the buckets, and the Admin Activity logs of the project where they are asked for. */
  private filter({ datasets, managementEvents }: AuditTrailProps): string {
    const { project } = placeOf(this);
    const log = (name: string) => `logName="projects/${project}/logs/cloudaudit.googleapis.com%2F${name}"`;
    const buckets = zonesOf<IDataZone>(datasets).map(({ bucketName }) => `"${bucketName}"`);
    const data = `${log('data_access')} AND resource.type="gcs_bucket" AND resource.labels.bucket_name=(${buckets.join(' OR ')})`;
    return managementEvents ? `(${data}) OR ${log('activity')}` : data;
  }
}

function judgeTrail(trail: Construct, props: AuditTrailProps, faults: Faults): void {
  judgeProps(faults, struct(PROPS), props);
  judgeKept(trail, props, faults);
  const { network, encryptionKey, datasets } = props;
  usesAll(trail, { network, encryptionKey, datasets }, faults);
}
