import { datasetDirectory } from './channels';
import * as core from '../../../core';
import { DatasetPlan } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment, JobService, MASTER_PORT } from '../../../core/private/jobs';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';

/**
 * Makes the portable job environment from the file in which SageMaker describes the nodes, then becomes the command.
 * It holds no `${`: CloudFormation may take that for a substitution of the state machine's definition.
 */
export const SAGEMAKER_ENTRY = [
  `r=$(tr -d ' \\n"' </opt/ml/input/config/resourceconfig.json)`,
  'f() { echo "$r"|sed -n "s/.*$1.*/\\1/p"; }',
  `h=$(f '[{,]hosts:\\[\\([^]]*\\)\\]')`,
  `i=$(f 'network_interface_name:\\([a-z0-9]*\\)')`,
  `export NNODES=$(echo "$h"|tr , '\\n'|wc -l|tr -d ' ')`,
  `export NODE_RANK=$(($(f 'current_host:algo-\\([0-9]*\\)')-1))`,
  'export PET_NNODES=$NNODES PET_NODE_RANK=$NODE_RANK',
  '[ -z "$i" ]||export NCCL_SOCKET_IFNAME=$i',
  'exec "$@"',
].join(';');

/** The same, from the variables that AWS Batch gives the nodes. The main node is not told its own address. */
export const BATCH_ENTRY = [
  'm=$AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS',
  '[ -n "$m" ]||m=$(hostname -i 2>/dev/null||echo 127.0.0.1)',
  'export MASTER_ADDR=${m%% *} NNODES=${AWS_BATCH_JOB_NUM_NODES:-1} NODE_RANK=${AWS_BATCH_JOB_NODE_INDEX:-0}',
  'export PET_NNODES=$NNODES PET_NODE_RANK=$NODE_RANK PET_MASTER_ADDR=$MASTER_ADDR',
  'exec "$@"',
].join(';');

/** The command line that runs the entry script, from a variable because of the length that items may have. */
export const ENTRY_POINT = ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job'];

export interface JobEnvironmentProps {
  readonly engine: 'sagemaker' | 'batch';
  readonly region: string;
  readonly datasets: Record<string, string>;
  readonly processesPerNode: string;
  readonly fabric: boolean;
  readonly multiNode: boolean;
  /** Where the file system that nodes share is mounted. */
  readonly scratch?: string;
  readonly environment: Record<string, string>;
  /** The variables that name secrets. */
  readonly secretReferences: Record<string, string>;
}

/** The variables of a job that are the same for every run. */
export function jobEnvironment(props: JobEnvironmentProps): Record<string, string> {
  const onSageMaker = props.engine === 'sagemaker';
  return {
    ...props.environment,
    ...props.secretReferences,
    ...props.datasets,
    ML_ENTRY: onSageMaker ? SAGEMAKER_ENTRY : BATCH_ENTRY,
    MASTER_PORT,
    PET_MASTER_PORT: MASTER_PORT,
    PET_NPROC_PER_NODE: props.processesPerNode,
    // Without it clients ask us-east-1 first, which a private network does not reach.
    AWS_REGION: props.region,
    AWS_DEFAULT_REGION: props.region,
    ...(onSageMaker && { MASTER_ADDR: 'algo-1', PET_MASTER_ADDR: 'algo-1' }),
    // The interface of the container agent leads to no other node.
    ...(!onSageMaker && props.multiNode && { NCCL_SOCKET_IFNAME: '^lo,docker,ecs' }),
    ...(props.fabric && { FI_PROVIDER: 'efa' }),
    ...(props.scratch && { SCRATCH_DIR: props.scratch }),
  };
}

const RESERVED = [
  'ML_ENTRY',
  'FI_PROVIDER',
  'NCCL_SOCKET_IFNAME',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'TRAINING_JOB_NAME',
  'TRAINING_JOB_ARN',
];

const NOTHING = { region: '', datasets: {}, processesPerNode: '1', environment: {}, secretReferences: {} };
const ALL = { ...NOTHING, fabric: true, multiNode: true, scratch: 'mounted' };

const JOBS: Record<JobEnvironmentProps['engine'], JobService> = {
  sagemaker: {
    title: 'SageMaker',
    reserved: RESERVED,
    secretVariable,
    directoryOf: datasetDirectory,
    limit: {
      variables: 100,
      ours: Object.keys(jobEnvironment({ engine: 'sagemaker', ...ALL })),
      wayOut: 'put values into one variable, or take engine BATCH',
    },
  },
  batch: {
    title: 'AWS Batch',
    reserved: RESERVED,
    ofService: /^AWS_BATCH/,
    secretVariable: (name) => name,
  },
};

/** What SageMaker takes of one value. */
const CHARACTERS = 512;

/** Judges the user's variables, and gives the ones that tell where datasets are. */
export function judgeEnvironment(
  props: core.GpuTrainingClusterProps,
  datasets: readonly DatasetPlan[],
  engine: JobEnvironmentProps['engine'],
  faults: Faults,
): Record<string, string> {
  const long = ([, value]: [string, string]) => !isToken(value) && value.length > CHARACTERS;
  for (const [name, value] of engine === 'sagemaker'
    ? Object.entries(props.environment ?? {}).filter(long)
    : []) {
    faults.add(
      'CMC-040',
      `environment.${name}`,
      `has ${value.length} characters; SageMaker takes ${CHARACTERS}: put the value into a file of a dataset, or take engine BATCH`,
    );
  }
  return judgeJobEnvironment(props, datasets, JOBS[engine], faults);
}
