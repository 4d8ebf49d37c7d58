import { Capacity } from '../capacity';
import { Fabric, GpuTrainingClusterProps } from '../gpu-training-cluster';
import { dataOf, DatasetPlan, datasetVariables } from './datasets';
import { Faults } from './faults';
import { MachineChoice } from './machines';
import { isToken } from './tokens';

/** The port at which the nodes of a job meet. */
export const MASTER_PORT = '29500';

/** The variables of the portable job environment and torchrun's, which a user cannot set. */
export const JOB_VARIABLES = [
  'CHECKPOINT_URI',
  'MODEL_OUTPUT_URI',
  'SCRATCH_DIR',
  'NNODES',
  'NODE_RANK',
  'MASTER_ADDR',
  'MASTER_PORT',
  'PET_NNODES',
  'PET_NODE_RANK',
  'PET_MASTER_ADDR',
  'PET_MASTER_PORT',
  'PET_NPROC_PER_NODE',
];

/** Variables that a run adds: CHECKPOINT_URI and MODEL_OUTPUT_URI. */
const OF_A_RUN = 2;

/** A user's variable may not hide one that the platform sets. */
export function reserveVariables(
  names: readonly string[],
  prop: string,
  reserved: readonly string[],
  faults: Faults,
): void {
  for (const name of names.filter(
    (given) => reserved.includes(given) || /^DATASET_.*_(URI|DIR)$/.test(given),
  )) {
    faults.add('CMC-008', `${prop}.${name}`, `is set by the platform: choose another name`);
  }
}

/** What a service makes of the variables of a job. */
export interface JobService {
  readonly title: string;
  /** Variables of the platform besides those of every job. */
  readonly reserved: readonly string[];
  /** Variables that the service sets itself. */
  readonly ofService?: RegExp;
  /** The variable that a secret becomes. */
  readonly secretVariable: (name: string) => string;
  /** Where jobs find a dataset as files. @default - its entry script says it */
  readonly directoryOf?: (dataset: DatasetPlan) => string;
  /** How many variables a job may have, those that the platform sets in every run, and where to go with more. */
  readonly limit?: { readonly variables: number; readonly ours: readonly string[]; readonly wayOut: string };
}

/** Judges the user's variables, and gives the ones that tell where datasets are. */
export function judgeJobEnvironment(
  { environment = {}, secrets = {} }: JobEnvironment,
  datasets: readonly DatasetPlan[],
  { title, reserved, ofService, secretVariable, directoryOf, limit }: JobService,
  faults: Faults,
): Record<string, string> {
  const names = { environment: Object.keys(environment), secrets: Object.keys(secrets) };
  for (const prop of ['environment', 'secrets'] as const) {
    reserveVariables(names[prop], prop, [...JOB_VARIABLES, ...reserved], faults);
    for (const name of names[prop].filter((given) => ofService?.test(given))) {
      faults.add('CMC-008', `${prop}.${name}`, `is set by ${title}: choose another name`);
    }
  }
  for (const name of names.secrets.filter((given) => names.environment.includes(secretVariable(given)))) {
    faults.add(
      'CMC-007',
      `secrets.${name}`,
      `becomes the variable ${secretVariable(name)}, which environment has too: rename one`,
    );
  }
  const found = datasetVariables(datasets, directoryOf);
  const users = [...names.environment, ...names.secrets, ...Object.keys(found)];
  const count = users.length + OF_A_RUN + (limit?.ours.length ?? 0);
  if (limit && count > limit.variables) {
    faults.add(
      'CMC-004',
      'environment',
      `makes ${count} variables with secrets, datasets and the platform's own; ${title} takes ${limit.variables}: ${limit.wayOut}`,
    );
  }
  return found;
}

type JobEnvironment = Pick<GpuTrainingClusterProps, 'environment' | 'secrets'>;

/** What a cluster refers to, by the props that name it. */
export const usedByTraining = ({
  network,
  encryptionKey,
  datasets,
  scratch,
  registry,
  secrets = {},
  alarms,
}: GpuTrainingClusterProps): Record<string, unknown> => ({
  network,
  encryptionKey,
  datasets: datasets?.map(dataOf),
  'scratch.zone': scratch?.zone,
  registry,
  'alarms.channels': alarms?.channels,
  ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [`secrets.${name}`, secret])),
});

/** What jobs may take, whatever runs them. */
export interface JobLimits {
  readonly capacity: Capacity;
  readonly maxNodes: number;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
}

/** The limits that a cluster has, decided where nobody gave them. */
export const jobLimits = ({
  capacity = Capacity.onDemand(),
  maxNodes = 1,
  timeLimitHours = 24,
  maxRetries = 3,
}: GpuTrainingClusterProps): JobLimits => ({ capacity, maxNodes, timeLimitHours, maxRetries });

/** Whether the machines of a job are joined by the fast network of a service; a fault where it is required and they have none. */
export function judgeFabric(
  { fabric, maxNodes = 1 }: GpuTrainingClusterProps,
  choice: MachineChoice | undefined,
  { title, wayOut }: { readonly title: string; readonly wayOut: string },
  faults: Faults,
): boolean {
  const joinable = Boolean(choice?.machine?.rdma);
  if (choice && isToken(choice.type) && fabric === Fabric.REQUIRED) {
    faults.add('CMC-009', 'fabric', 'is required: it needs a machineType that is known before deployment');
  } else if (choice && !joinable && fabric === Fabric.REQUIRED) {
    faults.add('CMC-040', 'fabric', `is required, but ${choice.type} has no ${title}: ${wayOut}`);
  }
  return joinable && (maxNodes > 1 || fabric === Fabric.REQUIRED);
}

/** Where a job is over when it loses a machine. */
export function refuseElastic(
  minNodes: number | undefined,
  service: string,
  wayOut: string,
  faults: Faults,
): void {
  if (minNodes !== undefined) {
    faults.add(
      'CMC-040',
      'minNodes',
      `cannot be set on ${service}, whose jobs need every machine that they asked for: ${wayOut}`,
    );
  }
}

/** Where a job may go on with fewer machines. */
export function judgeElastic(minNodes: number | undefined, maxNodes: number, faults: Faults): void {
  if (minNodes !== undefined && minNodes > maxNodes) {
    faults.add('CMC-031', 'minNodes', `(${minNodes}) must be at most maxNodes (${maxNodes})`);
  }
}
