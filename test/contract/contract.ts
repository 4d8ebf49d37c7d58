import type { Construct } from 'constructs';
import type * as core from '../../src/core';
import type { AtRest } from '../support/at-rest';
import type { Shiftable } from '../support/shift';

type Makes<Props, Made> = new (scope: Construct, id: string, props: Props) => Made;
type MakesFromNothing<Props, Made> = new (scope: Construct, id: string, props?: Props) => Made;

/** The namespaces that the contract is written against: the same program for each. */
export interface Namespace {
  readonly DataLake: MakesFromNothing<
    core.DataLakeProps,
    core.IDataLake & { readonly discoverCommand?: string }
  >;
  readonly AuditTrail: Makes<core.AuditTrailProps, core.IAuditTrail>;
  readonly GpuTrainingCluster: Makes<core.GpuTrainingClusterProps, core.IGpuTrainingCluster>;
  readonly ModelRegistry: Makes<core.ModelRegistryProps, core.IModelRegistry>;
  readonly AutoScalingEndpoint: Makes<core.AutoScalingEndpointProps, core.IAutoScalingEndpoint>;
  readonly ServerlessInference: Makes<core.ServerlessInferenceProps, core.IServerlessInference>;
  readonly Workspace: Makes<core.WorkspaceProps, core.IWorkspace & { readonly machineType: string }>;
  readonly PrivateNetwork: MakesFromNothing<core.PrivateNetworkProps, core.INetwork>;
  readonly EncryptionKey: MakesFromNothing<core.EncryptionKeyProps, core.IEncryptionKey>;
  readonly DeployPermissions: { of(scope: Construct): core.IDeployPermissions };
}

/** Two stacks of one program, the second deployed after the first. */
export interface Program {
  readonly foundation: Construct;
  readonly serving: Construct;
}

/** What a store of objects is, whichever the cloud. */
export interface StoreFacts {
  readonly open: boolean;
  readonly tlsOnly: boolean;
  readonly encrypted: boolean;
  /** With a key of the customer. */
  readonly customerKey: boolean;
  readonly restorableDays: number;
  readonly accessLogged: boolean;
  readonly expireAfterDays?: number;
  readonly coldAfterDays?: number;
  readonly kept: boolean;
}

export type Tags = { readonly [key: string]: string };

/** What a place to train is. */
export interface TrainingFacts {
  readonly machinesWhileIdle: number;
  readonly mostMachines: number;
  /** Machines that a job goes on with; where it may do with fewer. */
  readonly leastMachines?: number;
  readonly machineType: string;
  readonly spot: boolean;
  readonly onDemandAfterSpot: boolean;
  readonly startedAgain: boolean;
  readonly checkpointed: boolean;
  readonly encryptedDisks: boolean;
  readonly publicAddress: boolean;
  readonly timeLimitHours: number;
  readonly variables: string[];
  readonly callersChoose: string[];
  /** The datasets that jobs see as files, by their names. */
  readonly files: { readonly [name: string]: 'mounted' | 'downloaded' };
  /** The tags that bills are split by: of a job, and of what it runs on. */
  readonly costTags: { readonly job: Tags; readonly machines: Tags };
  /** The file system that nodes share, where there is one. */
  readonly scratch?: ScratchFacts;
  /** The lines that callers choose from; where the engine has them. */
  readonly queues?: { readonly name: string; readonly priority: number; readonly mostMachines: number }[];
}

/** What a file system that nodes share is. */
export interface ScratchFacts {
  readonly sizeGiB: number;
  /** With the key that was given. */
  readonly encrypted: boolean;
  /** Where jobs find it. */
  readonly directory: string;
  readonly showsZone: boolean;
  readonly kept: boolean;
}

/** What is told, and to whom. */
export interface AlarmFacts {
  readonly alarms: number;
  readonly mailed: string[];
  readonly called: string[];
  /** Channels that were there. */
  readonly channels: number;
}

export interface RegistryFacts {
  readonly models: number;
  readonly files: StoreFacts;
  readonly images: { readonly scanned: boolean; readonly immutable: boolean; readonly encrypted: boolean }[];
}

export interface EndpointFacts {
  readonly traffic: { readonly [variant: string]: number };
  readonly scaling: { readonly least: number; readonly most: number; readonly measures: string[] };
  readonly rollout: { readonly inSteps: boolean; readonly takenBackByAlarms: boolean };
  readonly captured: { readonly percent: number; readonly inZone: boolean } | undefined;
  readonly deploysApprovedOnly: boolean;
  readonly alarms: number;
  readonly logRetentionDays: number;
  readonly versionGivenAtDeployment: boolean;
  readonly runsInNetwork: boolean;
  /** Whether `streamUrl` is where the service passes on parts of an answer. */
  readonly streamed: boolean;
  readonly startupSeconds: number;
  /** The longest that a request may take. */
  readonly requestSeconds: number;
  readonly command?: string[];
  readonly args?: string[];
  readonly sharedMemoryMiB?: number;
  readonly diskGiB?: number;
  /** Variables of the first container; of a secret that the service injects, a value that says so. */
  readonly variables: { readonly [name: string]: unknown };
}

export interface ServerlessFacts {
  readonly leastInstances: number;
  readonly mostInstances: number;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly openToAnyone: boolean;
  readonly reachableFromInternet: boolean;
  readonly variables: string[];
  readonly logRetentionDays: number;
}

/** What the notebooks of a team are. */
export interface WorkspaceFacts {
  readonly notebooks: number;
  readonly stoppedAfterIdleMinutes: number;
  readonly homeGiB?: number;
  readonly homesEncrypted: boolean;
  readonly homesKept: boolean;
  readonly publicAddress: boolean;
  /** Who may open a notebook, as the cloud names persons. */
  readonly persons: string[];
  readonly variables: string[];
  /** What the identity of notebooks was given on others' constructs: a kind of role or action each. */
  readonly may: string[];
  readonly editor: core.WorkspaceEditor;
}

/** What is recorded of who read and wrote data. */
export interface TrailFacts {
  /** Zones whose data is recorded. */
  readonly zones: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** With the key that was given. */
  readonly encrypted: boolean;
  readonly unchangedDays: number;
  /** For everybody. */
  readonly locked: boolean;
  readonly kept: boolean;
  readonly managementEvents: boolean;
  /** Whether nothing that records already is replaced by it. */
  readonly leavesAlone: boolean;
}

export interface SecretFacts {
  /** Who may read a secret. */
  readonly readers: number;
  /** Places where a deployment would read its value and write it down. */
  readonly readByDeployment: number;
}

export interface GrantFacts {
  /** Actions that the identity may do, without those of its own construct. */
  readonly actions: string[];
  /** The stack that the grant is written in. */
  readonly stack: string;
  /** The folders that it reaches, each once; `''` where it is all that the resource has. */
  readonly folders: string[];
}

/** What the stacks of a program are told. */
export interface ProgramProps extends core.NamePrefixProps, core.ResidencyProps {
  /** Tags, labels, of all that takes them. */
  readonly tags?: { [key: string]: string };
}

/** Reads facts from what a program synthesizes to: the only place of the contract that knows a cloud's output. */
export interface Probe {
  /** A guard is that of the first stack: clouds have one for both. */
  program(props?: ProgramProps): Program;
  /** The region of its stacks. */
  readonly region: string;
  /** What lies elsewhere, is copied there or served from there. */
  readonly strays: { readonly [what: string]: (stack: Construct) => void };
  /** The regions that each guard of a program allows. */
  guards(program: Program): string[][];
  stores(program: Program, lake: core.IDataLake): StoreFacts[];
  training(program: Program, cluster: core.IGpuTrainingCluster): TrainingFacts;
  registry(program: Program, registry: core.IModelRegistry): RegistryFacts;
  endpoint(program: Program, endpoint: core.IAutoScalingEndpoint): EndpointFacts;
  /** An endpoint with the variants blue and green, deployed to what stands in for the cloud. */
  shiftable(program: Program, endpoint: core.IAutoScalingEndpoint): Promise<Shiftable>;
  serverless(program: Program, serverless: core.IServerlessInference): ServerlessFacts;
  workspace(program: Program, workspace: core.IWorkspace): WorkspaceFacts;
  /** A person, as the cloud names one. */
  readonly person: string;
  /** A user of whom no more is said than the cloud must know. */
  readonly user: core.WorkspaceUserProps;
  /** A secret that exists already. */
  secret(scope: Construct): core.ISecret;
  secrets(program: Program): SecretFacts;
  trail(program: Program, trail: core.IAuditTrail): TrailFacts;
  /** What the stacks of a program have services keep. */
  atRest(program: Program): AtRest[];
  /** Somewhere that alarms are told, made already. */
  channel(program: Program): core.INotificationChannel;
  alarms(program: Program, watched: Construct): AlarmFacts;
  /** The physical names of what the stacks of a program hold, as far as they are literal. */
  names(program: Program): string[];
  /** How many names lead to private addresses of services, or to zones that have such names. */
  privateNames(program: Program): number;
  /** What a grant adds to the program of `build`. */
  grant(build: (program: Program) => () => void): GrantFacts;
}

export interface CloudUnderTest {
  readonly name: string;
  readonly ml: Namespace;
  readonly probe: Probe;
  /** What the cloud lacks: the promise's title, and the text of the error that names the alternative. */
  readonly lacks: { readonly [title: string]: RegExp };
}

/** Something that holds on every cloud, or is an error there. */
export interface Promised {
  readonly title: string;
  check(cloud: CloudUnderTest): void | Promise<void>;
}

/** The promises of one construct. */
export interface Contract {
  readonly construct: string;
  readonly promises: Promised[];
}
