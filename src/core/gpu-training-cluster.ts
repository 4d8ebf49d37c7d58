import { TrainingAlarmProps } from './alarms';
import { Capacity } from './capacity';
import { CommonProps, ISecret, IWorkload, LogProps, RetentionProps } from './common';
import { ContainerImage } from './container';
import { IDataset, IDataZone } from './data-lake';
import { IModelRegistry } from './model-registry';

/** Whether machines must be joined by the cloud's fast network (RDMA). */
export enum Fabric {
  /** Used where machine type and engine have it. */
  ANY = 'any',
  /** A machine type or an engine without it is a ValidationError. */
  REQUIRED = 'required',
}

/** A line that jobs wait in for the machines of a cluster, such as that of a team. */
export interface TrainingQueue {
  /** The name that jobs are submitted under: 1 to 32 lower-case letters, digits and `-`, a letter first. */
  readonly name: string;

  /**
   * Which queue is served first when several have jobs, from 0 to 999: the higher one.
   *
   * @default 1
   */
  readonly priority?: number;

  /**
   * Accelerators that the jobs of the queue have at once, a multiple of those of one machine. A job that asks for more
   * machines gets as many as the queue may have.
   *
   * @default - as many as the cluster has
   */
  readonly maxAccelerators?: number;

  /**
   * Tags of the jobs of the queue, for bills: they win over those of the cluster and of the stack. Keys and values are
   * lower-case letters, digits, `-` and `_`, at most 63, a letter or digit at both ends, of keys a letter first.
   *
   * @default - those of the cluster
   */
  readonly costTags?: { [key: string]: string };
}

/** How a job sees a dataset. */
export enum DatasetMode {
  /** By its URI: the program reads the store itself. */
  URI = 'uri',
  /** As files that are copied to each machine before the program starts, and stay as they are while it runs. */
  DOWNLOAD = 'download',
  /** As files that are read from the store while the program runs: at once, and without a disk that holds them all. */
  MOUNT = 'mount',
}

/** A dataset, and how jobs see it. */
export interface TrainingDataset {
  /** A lake with all its zones, a zone, or a folder of a zone. */
  readonly data: IDataset;

  /**
   * How jobs see it: with DOWNLOAD and MOUNT as files to read in the folder that `DATASET_<NAME>_DIR` names. An engine
   * that lacks a mode is a ValidationError.
   *
   * @default DatasetMode.URI
   */
  readonly mode?: DatasetMode;

  /**
   * What jobs find it by, as NAME: lower-case letters, digits and `-`, 2 to 24 characters, first a letter, last no `-`.
   * For a zone, or a folder.
   *
   * @default - the name of the zone
   */
  readonly name?: string;

  /**
   * GiB that it has at most. With DOWNLOAD, so that one that does not fit the disk is an error before a job finds out.
   *
   * @default - unknown: a job ends when its disk is full
   */
  readonly sizeGiB?: number;
}

/** Somewhere to run training jobs. */
export interface IGpuTrainingCluster extends IWorkload {
  /** The machine type that was chosen, or given. */
  readonly machineType: string;

  /** Where jobs leave what they trained: `MODEL_OUTPUT_URI` is the folder of the run's name below it. */
  readonly outputUri: string;

  /**
   * The shell command that starts a job. Its run is named by the shell variable `RUN`, else by the time: a run that is
   * started again under its name resumes from its last checkpoint. With `queues`, the shell variable `QUEUE` names the
   * queue, else it is the first.
   */
  readonly submitCommand: string;
}

/** A fast file system that all nodes of a job share. It exists, and bills, as long as the cluster. */
export interface ScratchProps {
  /**
   * Its size in GiB. Services have sizes of their own (on AWS 1200 and multiples of 2400, on Google Cloud from 1024 by
   * 256): an error names the nearest ones.
   */
  readonly sizeGiB: number;

  /**
   * A zone of a lake whose objects are files below `SCRATCH_DIR/<zone>`: those that are there, and those that come,
   * change and go later. What jobs write there is not written to the zone.
   *
   * @default - none: jobs fill it
   */
  readonly zone?: IDataZone;
}

/** Props of a training cluster on every cloud. */
export interface GpuTrainingClusterProps extends CommonProps, RetentionProps, LogProps {
  /** An image declared by a registry (`registry.image('train', '3')`), or the address of one that the service can pull. */
  readonly image: string | ContainerImage;

  /**
   * The command of a job that names none.
   *
   * @default - each job names its own
   */
  readonly command?: string[];

  /**
   * Data that jobs may read, found as `DATASET_<NAME>_URI`, where NAME is a zone's name in upper case: lakes, zones and
   * folders, or any of them with a `mode` in which jobs see files, at `DATASET_<NAME>_DIR`.
   *
   * @default - none
   */
  readonly datasets?: (IDataset | TrainingDataset)[];

  /**
   * A fast file system that all nodes of all jobs share, mounted at the folder that `SCRATCH_DIR` names, encrypted with
   * `encryptionKey`. It needs `network`, which alone reaches it, and goes by `retention`: one that is retained bills on.
   *
   * @default - none: nodes have their own disks, and share stores of objects
   */
  readonly scratch?: ScratchProps;

  /**
   * The registry that jobs train models for: `MODEL_OUTPUT_URI` is in its store, so that publishing copies nothing
   * out of it.
   *
   * @default - `MODEL_OUTPUT_URI` is in the cluster's own store
   */
  readonly registry?: IModelRegistry;

  /**
   * Accelerators of each machine as `NAME[:COUNT]`, alternatives in the order of preference: the first one that this
   * cloud's service offers is taken.
   *
   * @default - those of `machineType`
   */
  readonly accelerators?: string[];

  /**
   * The machine type, by the cloud's own name, instead of `accelerators`.
   *
   * @default - the smallest one with the `accelerators`
   */
  readonly machineType?: string;

  /**
   * Machines that one job may have, at least 1.
   *
   * @default 1
   */
  readonly maxNodes?: number;

  /**
   * Machines that a job goes on with while others are lost or not there yet, at least 1, at most `maxNodes`. `NNODES` is
   * then `MIN:MAX`, as `torchrun --nnodes` takes it, and a job has succeeded when its node 0 has. For engines on
   * Kubernetes: others are a ValidationError.
   *
   * @default - a job needs every machine that it asked for
   */
  readonly minNodes?: number;

  /**
   * How the machines are bought.
   *
   * @default Capacity.onDemand()
   */
  readonly capacity?: Capacity;

  /**
   * The lines that jobs wait in, at most 20, of which callers choose one. Each cloud names the engines that have them;
   * with others they are a ValidationError.
   *
   * @default - jobs are not sorted
   */
  readonly queues?: TrainingQueue[];

  /**
   * Tags of jobs, machines, disks and stores of the cluster, for bills: they win over those of the stack. Keys and values
   * are lower-case letters, digits, `-` and `_`, at most 63, a letter or digit at both ends, of keys a letter first.
   *
   * @default - those of the stack
   */
  readonly costTags?: { [key: string]: string };

  /**
   * Whether machines must be joined by the cloud's fast network (RDMA).
   *
   * @default Fabric.ANY
   */
  readonly fabric?: Fabric;

  /**
   * Hours after which a job is stopped, from 1 to 672, all retries together.
   *
   * @default 24
   */
  readonly timeLimitHours?: number;

  /**
   * How often a job is started again after a failure of the service or a lost machine.
   *
   * @default 3
   */
  readonly maxRetries?: number;

  /**
   * Disk of each machine in GiB. Machine types with local disks have theirs besides.
   *
   * @default 100
   */
  readonly diskGiB?: number;

  /**
   * Shared memory (`/dev/shm`) in MiB.
   *
   * @default - what the service gives
   */
  readonly sharedMemoryMiB?: number;

  /**
   * Environment variables of every job, besides the portable job environment. Names are letters, digits and `_`,
   * first no digit.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Environment variables of every job whose values are secrets, by reference: NAME, or `NAME_SECRET_ID` with the
   * identifier of the secret where the service injects no values.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: ISecret };

  /**
   * Days after which checkpoints are deleted.
   *
   * @default 30
   */
  readonly checkpointExpireAfterDays?: number;

  /**
   * When people are told of jobs.
   *
   * @default - nobody is told
   */
  readonly alarms?: TrainingAlarmProps;
}
