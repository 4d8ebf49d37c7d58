import { IConstruct } from 'constructs';
import { CommonProps, IWorkload, RetentionProps } from './common';

/** Data that jobs can be given: a lake with all its zones, one zone, or a folder of a zone. */
export interface IDataset extends IConstruct {
  /** URIs by name, in lower case. Jobs find them as `DATASET_<NAME>_URI`. */
  readonly uris: { [name: string]: string };

  /**
   * Lets a workload read the data.
   *
   * @param workload who reads
   */
  grantRead(workload: IWorkload): void;

  /**
   * Lets a workload read, write and delete the data.
   *
   * @param workload who reads and writes
   */
  grantReadWrite(workload: IWorkload): void;
}

/** One zone of a data lake. */
export interface IDataZone extends IDataset {
  /** The zone's name. */
  readonly zoneName: string;

  /** Where the zone's objects are: `s3://…/`, `gs://…/`, `abfss://…/`. */
  readonly uri: string;

  /**
   * A folder of the zone, such as that of a team: what is granted of it, or given to a cluster, is no more than what is
   * in it. On Google Cloud whoever may read a folder may also list the names in the whole zone, because Cloud Storage
   * has no narrower right to list.
   *
   * @param path its path in the zone: names joined by `/`, of letters, digits, `_`, `-`, `.` and `=`. The last `/` may
   *   be left out
   * @throws ValidationError for a path that begins with `/`, or has `..` or wildcards
   */
  folder(path: string): IDataFolder;
}

/** A folder of a zone. Jobs find it by the name of the zone. */
export interface IDataFolder extends IDataset {
  /** The zone's name. */
  readonly zoneName: string;

  /** Its path in the zone, with `/` at the end. */
  readonly folderPath: string;

  /** Where the folder's objects are: `s3://…/`, `gs://…/`, `abfss://…/`. */
  readonly uri: string;
}

/** A part of a data lake. */
export interface DataLakePart {
  /**
   * The zone's name.
   *
   * @default - all zones
   */
  readonly zone?: string;

  /**
   * The path of a folder in the zone: names joined by `/`.
   *
   * @default - the whole zone
   */
  readonly folder?: string;
}

/** A data lake: zones of object storage. */
export interface IDataLake extends IDataset {
  /** The names of the zones, in their order. */
  readonly zoneNames: string[];

  /**
   * One zone.
   *
   * @param name the zone's name
   * @throws ValidationError for a name that the lake does not have
   */
  zone(name: string): IDataZone;
}

/** One zone of a data lake. */
export interface DataZoneProps {
  /** The zone's name: lower-case letters, digits and `-`, 2 to 24 characters, first a letter, last no `-`. */
  readonly name: string;

  /**
   * Days after which objects are deleted.
   *
   * @default - never
   */
  readonly expireAfterDays?: number;

  /**
   * Days after which objects move to cheaper storage that is still read without delay. On AWS S3 Intelligent-Tiering.
   *
   * @default - never
   */
  readonly coldAfterDays?: number;

  /**
   * Days that overwritten, deleted and expired objects can be restored.
   *
   * @default - 30 under SecurityProfile.STANDARD, 365 under REGULATED
   */
  readonly keepOldVersionsDays?: number;
}

/** Props of a data lake on every cloud. */
export interface DataLakeProps extends CommonProps, RetentionProps {
  /**
   * The zones, each private, encrypted, reached by TLS only, access-logged, with its own life cycle.
   *
   * @default - raw, curated and features, kept for ever
   */
  readonly zones?: DataZoneProps[];

  /**
   * Whether tables are discovered from the zones' files and found in a catalog.
   *
   * @default - true where the cloud has such a service (AWS, Google Cloud)
   */
  readonly discovery?: boolean;
}
