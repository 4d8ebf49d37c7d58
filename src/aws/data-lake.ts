import {
  aws_athena as athena,
  Duration,
  aws_glue as glue,
  aws_iam as iam,
  aws_s3 as s3,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { Catalog, permit } from './private/data-lake/catalog';
import { exportAlways } from './private/exports';
import { CLOUD, grantee, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { allow, Permission } from './private/platform-role';
import { emptyCommand } from './private/retention';
import { readPermissions, readWritePermissions, storageBucket } from './private/storage';
import { findDeclared } from '../core/private/declared';
import { Faults } from '../core/private/faults';
import { folderIn, lakeParts } from '../core/private/folders';
import { report } from '../core/private/report';
import { dataLakeRules } from '../core/private/rules/data';
import { flag, integer, judgeProps, Schema, struct, text } from '../core/private/schema';
import { judgeZones } from '../core/private/zones';

/** Props of a data lake on AWS. */
export interface DataLakeProps extends core.DataLakeProps {
  /**
   * When tables are discovered, as an EventBridge cron expression such as `cron(0 3 * * ? *)`.
   *
   * @default - when someone runs `discoverCommand`: each run bills at least ten minutes
   */
  readonly discoverySchedule?: string;

  /**
   * Bytes that one Athena query may scan, at least 10 MB: what bounds the cost of a mistake.
   *
   * @default - 1 TiB
   */
  readonly queryScanLimitMiB?: number;

  /**
   * Whether AWS Lake Formation governs the catalog: the crawler and every workload that the lake is granted to get
   * permissions of Lake Formation besides those of IAM. For accounts that took `IAMAllowedPrincipals` away.
   *
   * @default false
   */
  readonly lakeFormation?: boolean;
}

/** A data lake on AWS. */
export interface IDataLake extends core.IDataLake {
  /**
   * The native bucket of a zone.
   *
   * @param zone the zone's name
   */
  bucket(zone: string): s3.IBucket;
}

/** One zone of a data lake on AWS. */
export interface IDataZone extends core.IDataZone {
  /** The native bucket. */
  readonly bucket: s3.IBucket;
}

/** Props of a data lake whose buckets exist already. */
export interface FromBucketsProps {
  /** The buckets by zone name. */
  readonly buckets: { [zone: string]: s3.IBucket };
}

type Permissions = (bucket: s3.IBucket, prefix?: string) => Permission[];

/** Grants of data to native principals. */
export class DataGrants {
  /** @internal */
  constructor(private readonly lake: IDataLake) {}

  /**
   * Lets a native principal read.
   *
   * @param to a role, user or service of your own
   * @param part what it reads; without it all zones
   */
  public read(to: iam.IGrantable, part?: core.DataLakePart): iam.Grant {
    return this.give(to, readPermissions, part);
  }

  /**
   * Lets a native principal read, write and delete.
   *
   * @param to a role, user or service of your own
   * @param part what it reads and writes; without it all zones
   */
  public readWrite(to: iam.IGrantable, part?: core.DataLakePart): iam.Grant {
    return this.give(to, readWritePermissions, part);
  }

  private give(to: iam.IGrantable, permissions: Permissions, part?: core.DataLakePart): iam.Grant {
    const given = lakeParts(this.lake, part) as (DataZone | DataFolder)[];
    return given
      .flatMap(({ bucket, folderPath }) => allowAll(to, permissions(bucket, folderPath)))
      .reduce((all, grant) => all.combine(grant));
  }
}

const allowAll = (to: iam.IGrantable, permissions: Permission[]): iam.Grant[] =>
  permissions.map((permission) => allow(to, permission));

/** One zone of a lake: a bucket. */
class DataZone extends Construct implements IDataZone {
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly bucket: s3.IBucket;
  /** None: it is the whole bucket. */
  public readonly folderPath: undefined;

  constructor(
    scope: Construct,
    id: string,
    public readonly zoneName: string,
    makeBucket: (self: Construct) => s3.IBucket,
    private readonly granted: (workload: core.IWorkload) => void = () => undefined,
  ) {
    super(scope, id);
    judgeConstruct(this, 'DataZone', () => undefined);
    this.bucket = makeBucket(this);
    this.uri = `s3://${this.bucket.bucketName}/`;
    this.uris = { [zoneName]: this.uri };
    this.node.defaultChild = this.bucket.node.defaultChild;
  }

  public folder(path: string): core.IDataFolder {
    return folderIn(this, path, (id, folder) => new DataFolder(this, id, folder));
  }

  public grantRead(workload: core.IWorkload): void {
    allowAll(grantee(this, workload), readPermissions(this.bucket));
    this.granted(workload);
  }

  public grantReadWrite(workload: core.IWorkload): void {
    allowAll(grantee(this, workload), readWritePermissions(this.bucket));
    this.granted(workload);
  }
}

/** A folder of a zone: objects below a prefix. Tables of the catalog are of whole zones, so no grant of it reaches them. */
class DataFolder extends Construct implements core.IDataFolder {
  public readonly zoneName: string;
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly bucket: s3.IBucket;

  constructor(
    zone: DataZone,
    id: string,
    public readonly folderPath: string,
  ) {
    super(zone, id);
    judgeConstruct(this, 'DataFolder', () => undefined);
    this.zoneName = zone.zoneName;
    this.bucket = zone.bucket;
    this.uri = `${zone.uri}${folderPath}`;
    this.uris = { [this.zoneName]: this.uri };
  }

  public grantRead(workload: core.IWorkload): void {
    allowAll(grantee(this, workload), readPermissions(this.bucket, this.folderPath));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    allowAll(grantee(this, workload), readWritePermissions(this.bucket, this.folderPath));
  }
}

/** What a lake is, made or imported. */
abstract class DataLakeBase extends Construct implements IDataLake {
  /** Grants to native principals: of all zones, or of a part. */
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
    return this.find(name);
  }

  public bucket(zone: string): s3.IBucket {
    return this.find(zone).bucket;
  }

  public grantRead(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantRead(workload));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantReadWrite(workload));
  }

  private find(name: string): DataZone {
    return findDeclared(this, this._zones, 'zone', name, 'zones');
  }
}

const PROPS: Schema<DataLakeProps> = {
  ...dataLakeRules(CLOUD),
  discoverySchedule: text({
    pattern: /^cron\(.+\)$/,
    means: "an EventBridge cron expression such as 'cron(0 3 * * ? *)'",
  }),
  queryScanLimitMiB: integer({ min: 10 }),
  lakeFormation: flag,
};

/**
 * A data lake on AWS: one S3 bucket per zone, a Glue database with a crawler that discovers tables, and an Athena
 * workgroup that queries them. Idle, it bills for the stored bytes and the key.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws, core } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const lake = new aws.DataLake(stack, 'Lake', {
 *   zones: [{ name: 'raw', expireAfterDays: 365 }, { name: 'curated', coldAfterDays: 30 }],
 *   retention: core.DataRetention.DESTROY, // a trial: data goes with the stack
 * });
 * const bucket = lake.bucket('raw'); // the native s3.IBucket
 * const images = lake.zone('raw').folder('team-a/images'); // granted, or given to a cluster, by itself
 */
export class DataLake extends DataLakeBase {
  /**
   * A lake of buckets that exist already: buckets of this app, or imported ones. Give an imported bucket its
   * `encryptionKey`, else grants cannot include the key.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the buckets by zone name
   */
  public static fromBuckets(scope: Construct, id: string, props: FromBucketsProps): IDataLake {
    return new ImportedLake(scope, id, props);
  }

  /** The shell command that uploads the directory `$DATA` to the first zone. */
  public readonly uploadCommand: string;
  /**
   * The shell command that empties the zones, without which CloudFormation refuses to destroy it; undefined where
   * data is retained.
   */
  public readonly emptyCommand?: string;
  /** The native Glue database; undefined without discovery. */
  public readonly database?: glue.CfnDatabase;
  /** The native Glue crawler; undefined without discovery. */
  public readonly crawler?: glue.CfnCrawler;
  /** The native Athena workgroup; undefined without discovery. */
  public readonly workgroup?: athena.CfnWorkGroup;
  /** The shell command that discovers tables; undefined without discovery. */
  public readonly discoverCommand?: string;
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;

  constructor(scope: Construct, id: string, props: DataLakeProps = {}) {
    super(scope, id);
    const zones = judgeConstruct(this, 'DataLake', (faults) => judgeLake(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    this._zones = new Map(
      zones.map((zone) => {
        const bucket = (self: Construct) =>
          storageBucket(self, 'Bucket', {
            key,
            retention: props.retention,
            keepOldVersionsDays: zone.keepOldVersionsDays,
            lifecycleRules: lifecycle(zone),
          });
        return [
          zone.name,
          new DataZone(this, `Zone-${zone.name}`, zone.name, bucket, (workload) => this.govern(workload)),
        ];
      }),
    );
    const buckets = [...this._zones.values()].map(({ bucket }) => bucket);
    this.uploadCommand = `aws s3 sync "$DATA" ${this.zone(zones[0].name).uri}`;
    report(this, 'command', 'Upload data', this.uploadCommand);
    this.emptyCommand = emptyCommand(this, { retention: props.retention, buckets });
    exportAlways(this, ...buckets.flatMap(({ bucketName, bucketArn }) => [bucketName, bucketArn]));

    if (props.discovery ?? true) {
      const catalog = new Catalog(this, 'Catalog', { ...props, key, zones: [...this._zones.values()] });
      this.database = catalog.database;
      this.crawler = catalog.crawler;
      this.workgroup = catalog.workgroup;
      this.discoverCommand = `aws glue start-crawler --name ${catalog.crawler.ref}`;
      report(this, 'command', 'Discover tables', this.discoverCommand);
    }
  }

  /** Under Lake Formation a workload also reads the tables, not only the objects. */
  private govern(workload: core.IWorkload): void {
    const id = `LakeFormation-${this.node.id}`;
    const catalog = this.node.tryFindChild('Catalog') as Catalog | undefined;
    if (catalog?.governed && !workload.node.tryFindChild(id)) {
      const tables = {
        catalogId: Stack.of(this).account,
        databaseName: catalog.database.ref,
        tableWildcard: {},
      };
      permit(workload as unknown as Construct, id, workload.identityId, { table: tables }, [
        'SELECT',
        'DESCRIBE',
      ]);
    }
  }
}

function judgeLake(lake: Construct, props: DataLakeProps, faults: Faults): core.DataZoneProps[] {
  judgeProps(faults, struct(PROPS), props);
  const zones = judgeZones(props.zones, faults);
  if (props.discovery === false) {
    for (const prop of ['discoverySchedule', 'queryScanLimitMiB', 'lakeFormation'] as const) {
      if (props[prop]) {
        faults.add('CMC-008', prop, 'needs discovery: leave it out, or leave out discovery: false');
      }
    }
  }
  usesAll(lake, { network: props.network, encryptionKey: props.encryptionKey }, faults);
  return zones;
}

function lifecycle({ coldAfterDays, expireAfterDays }: core.DataZoneProps): s3.LifecycleRule[] {
  const rule: s3.LifecycleRule = {
    ...(expireAfterDays && { expiration: Duration.days(expireAfterDays) }),
    ...(coldAfterDays && {
      transitions: [
        { storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(coldAfterDays) },
      ],
    }),
  };
  return Object.keys(rule).length ? [rule] : [];
}

class ImportedLake extends DataLakeBase {
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;

  constructor(scope: Construct, id: string, props: FromBucketsProps) {
    super(scope, id);
    judgeConstruct(this, 'DataLake', (faults) => {
      if (!Object.keys(props.buckets ?? {}).length) {
        faults.add('CMC-002', 'buckets', 'is required: give at least one, by the name of its zone');
      }
    });
    this._zones = new Map(
      Object.entries(props.buckets).map(([name, bucket]) => [
        name,
        new DataZone(this, `Zone-${name}`, name, () => bucket),
      ]),
    );
  }
}
