import { StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { Discovery } from './private/data-lake/discovery';
import { Grantee, ofMember, ofWorkload } from './private/grants';
import { CLOUD, grantee, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { BUCKET_NAME, giveBucket, READ, READ_WRITE, storageBucket } from './private/storage';
import { findDeclared } from '../core/private/declared';
import { Faults } from '../core/private/faults';
import { folderIn, lakeParts } from '../core/private/folders';
import { report } from '../core/private/report';
import { dataLakeRules } from '../core/private/rules/data';
import { judgeProps, record, required, Schema, struct, text } from '../core/private/schema';
import { judgeZones } from '../core/private/zones';
import { exportAlways } from '../terraform/exports';
import { text as escaped } from '../terraform/text';

/** Props of a data lake on Google Cloud. */
export interface DataLakeProps extends core.DataLakeProps {
  /**
   * When tables are discovered: a cron expression of five fields, in UTC or with `TZ=Europe/Berlin ` before it.
   *
   * @default - when someone runs `discoverCommand`: scans bill by the time they take
   */
  readonly discoverySchedule?: string;
}

/** A data lake on Google Cloud. */
export interface IDataLake extends core.IDataLake {
  /**
   * The name of a zone's bucket.
   *
   * @param zone the zone's name
   */
  bucketName(zone: string): string;
}

/** One zone of a data lake on Google Cloud. */
export interface IDataZone extends core.IDataZone {
  /** The name of the bucket. */
  readonly bucketName: string;
}

/** Props of a data lake whose buckets exist already. */
export interface FromBucketNamesProps {
  /** The buckets' names by zone name. */
  readonly bucketNames: { [zone: string]: string };
}

/** Grants of data to native members. */
export class DataGrants {
  /** @internal */
  constructor(private readonly lake: IDataLake) {}

  /**
   * Lets a native member read.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   * @param part what it reads; without it all zones
   */
  public read(member: string, part?: core.DataLakePart): TerraformResource[] {
    return this.give(member, READ, part);
  }

  /**
   * Lets a native member read, write and delete.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   * @param part what it reads and writes; without it all zones
   */
  public readWrite(member: string, part?: core.DataLakePart): TerraformResource[] {
    return this.give(member, READ_WRITE, part);
  }

  private give(member: string, role: string, part?: core.DataLakePart): TerraformResource[] {
    const given = lakeParts(this.lake, part) as (DataZone | DataFolder)[];
    return given.map((one) => one._give(ofMember(one, member), role));
  }
}

/** One zone of a lake: a bucket. */
class DataZone extends Construct implements IDataZone {
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly bucketName: string;
  /** The bucket as commands name it: no reference to it. */
  public readonly literalName: string;
  /** None where the bucket exists already. */
  public readonly bucket?: TerraformResource;

  constructor(
    scope: Construct,
    id: string,
    public readonly zoneName: string,
    find: (self: Construct) => { name: string; literalName?: string; bucket?: TerraformResource },
  ) {
    super(scope, id);
    judgeConstruct(this, 'DataZone', () => undefined);
    const { name, literalName = name, bucket } = find(this);
    this.bucketName = name;
    this.literalName = literalName;
    this.bucket = bucket;
    this.uri = `gs://${name}/`;
    this.uris = { [zoneName]: this.uri };
    this.node.defaultChild = bucket;
  }

  public folder(path: string): core.IDataFolder {
    return folderIn(this, path, (id, folder) => new DataFolder(this, id, folder));
  }

  public grantRead(workload: core.IWorkload): void {
    this._give(ofWorkload(grantee(this, workload)), READ);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._give(ofWorkload(grantee(this, workload)), READ_WRITE);
  }

  /** @internal */
  public _give(to: Grantee, role: string): TerraformResource {
    return giveBucket(to, this, this.bucketName, role);
  }
}

/** A folder of a zone: objects below a prefix. */
class DataFolder extends Construct implements core.IDataFolder {
  public readonly zoneName: string;
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly bucketName: string;

  constructor(
    zone: DataZone,
    id: string,
    public readonly folderPath: string,
  ) {
    super(zone, id);
    judgeConstruct(this, 'DataFolder', () => undefined);
    this.zoneName = zone.zoneName;
    this.bucketName = zone.bucketName;
    this.uri = `${zone.uri}${folderPath}`;
    this.uris = { [this.zoneName]: this.uri };
  }

  public grantRead(workload: core.IWorkload): void {
    this._give(ofWorkload(grantee(this, workload)), READ);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._give(ofWorkload(grantee(this, workload)), READ_WRITE);
  }

  /** @internal */
  public _give(to: Grantee, role: string): TerraformResource {
    return giveBucket(to, this, this.bucketName, role, this.folderPath);
  }
}

/** What a lake is, made or imported. */
abstract class DataLakeBase extends Construct implements IDataLake {
  /** Grants to native members: of all zones, or of a part. */
  public readonly grants: DataGrants = new DataGrants(this);
  /** @internal */
  protected abstract readonly _zones: ReadonlyMap<string, DataZone>;

  public get zoneNames(): string[] {
    return [...this._zones.keys()];
  }

  public get uris(): { [name: string]: string } {
    return Object.fromEntries([...this._zones.values()].map(({ zoneName, uri }) => [zoneName, uri]));
  }

  public zone(name: string): core.IDataZone {
    return this._find(name);
  }

  public bucketName(zone: string): string {
    return this._find(zone).bucketName;
  }

  public grantRead(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantRead(workload));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantReadWrite(workload));
  }

  /** @internal */
  protected _find(name: string): DataZone {
    return findDeclared(this, this._zones, 'zone', name, 'zones');
  }
}

const PROPS: Schema<DataLakeProps> = {
  ...dataLakeRules(CLOUD),
  discoverySchedule: text({
    pattern: /^((CRON_)?TZ=[\w/+-]+ )?\S+( \S+){4}$/,
    means: "a cron expression of five fields such as '0 3 * * *'",
  }),
};

/**
 * A data lake on Google Cloud: one Cloud Storage bucket per zone, Dataplex scans that discover BigLake tables, which
 * BigQuery queries. A PrivateNetwork reaches it by Google's private addresses, for which `network` makes nothing. Idle, it
 * bills for the stored bytes.
 */
export class DataLake extends DataLakeBase {
  /**
   * A lake of buckets that exist already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the buckets' names by zone name
   */
  public static fromBucketNames(scope: Construct, id: string, props: FromBucketNamesProps): IDataLake {
    return new ImportedLake(scope, id, props);
  }

  /** The shell command that uploads the directory `$DATA` to the first zone. */
  public readonly uploadCommand: string;
  /** The native connection that BigQuery reads the zones through; undefined without discovery. */
  public readonly connection?: TerraformResource;
  /** The shell commands that discover tables; undefined without discovery. */
  public readonly discoverCommand?: string;
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;
  private readonly discovery?: Discovery;

  constructor(scope: Construct, id: string, props: DataLakeProps = {}) {
    super(scope, id);
    const zones = judgeConstruct(this, 'DataLake', (faults) => judgeLake(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    this._zones = new Map(
      zones.map((zone) => {
        const find = (self: Construct) => {
          const bucket = storageBucket(self, 'Bucket', {
            key,
            retention: props.retention,
            keepOldVersionsDays: zone.keepOldVersionsDays,
            lifecycleRules: lifecycle(zone),
            // What expires anyway is not worth a second copy.
            softDelete: zone.expireAfterDays === undefined,
          });
          return { name: bucket.name, literalName: bucket.nameInput, bucket };
        };
        return [zone.name, new DataZone(this, `Zone-${zone.name}`, zone.name, find)];
      }),
    );
    const made = [...this._zones.values()];
    this.uploadCommand = `gcloud storage rsync --recursive "$DATA" gs://${made[0].literalName}/`;
    report(this, 'command', 'Upload data', this.uploadCommand);
    exportAlways(this, ...made.map(({ bucketName }) => bucketName));

    if (props.discovery ?? true) {
      this.discovery = new Discovery(this, 'Discovery', {
        zones: made,
        schedule: escaped(props.discoverySchedule),
      });
      this.connection = this.discovery.connection;
      this.discoverCommand = this.discovery.command;
      report(this, 'command', 'Discover tables', this.discoverCommand);
    }
  }

  /**
   * The native bucket of a zone.
   *
   * @param zone the zone's name
   */
  public bucket(zone: string): TerraformResource {
    return this._find(zone).bucket!;
  }

  /**
   * The native scan that discovers the tables of a zone; undefined without discovery.
   *
   * @param zone the zone's name
   */
  public scan(zone: string): TerraformResource | undefined {
    return this.discovery?.scans.get(this._find(zone).zoneName);
  }
}

function judgeLake(lake: Construct, props: DataLakeProps, faults: Faults): core.DataZoneProps[] {
  judgeProps(faults, struct(PROPS), props);
  const zones = judgeZones(props.zones, faults);
  if (props.discovery === false && props.discoverySchedule) {
    faults.add(
      'CMC-008',
      'discoverySchedule',
      'needs discovery: leave it out, or leave out discovery: false',
    );
  }
  usesAll(lake, { network: props.network, encryptionKey: props.encryptionKey }, faults);
  return zones;
}

function lifecycle({ coldAfterDays, expireAfterDays }: core.DataZoneProps): StorageBucketLifecycleRule[] {
  return [
    // Live versions become old ones, and these go as such.
    ...(expireAfterDays
      ? [{ action: { type: 'Delete' }, condition: { age: expireAfterDays, withState: 'LIVE' } }]
      : []),
    ...(coldAfterDays
      ? [
          {
            action: { type: 'SetStorageClass', storageClass: 'NEARLINE' },
            condition: { age: coldAfterDays, matchesStorageClass: ['STANDARD'] },
          },
        ]
      : []),
  ];
}

class ImportedLake extends DataLakeBase {
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;

  constructor(scope: Construct, id: string, props: FromBucketNamesProps) {
    super(scope, id);
    judgeConstruct(this, 'DataLake', (faults) => {
      judgeProps(
        faults,
        struct<FromBucketNamesProps>({ bucketNames: required(record(BUCKET_NAME, ZONES)) }),
        props,
      );
      if (faults.none && !Object.keys(props.bucketNames).length) {
        faults.add('CMC-002', 'bucketNames', 'is required: give at least one, by the name of its zone');
      }
    });
    this._zones = new Map(
      Object.entries(props.bucketNames).map(([zone, name]) => [
        zone,
        new DataZone(this, `Zone-${zone}`, zone, () => ({ name })),
      ]),
    );
  }
}

const ZONES = {
  keys: /^(?=.{2,24}$)[a-z]([a-z0-9-]*[a-z0-9])?$/,
  means: "the name of a zone: lower-case letters, digits and '-', 2 to 24 characters",
};
