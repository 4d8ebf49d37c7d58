import * as core from '../../../core';
import { DatasetPlan, datasetVariable, filesOf } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment, JobService, MASTER_PORT } from '../../../core/private/jobs';
import { secretVariable } from '../../../core/private/secrets';
import { KUBERNETES_ENTRY, KUBERNETES_JOBS } from '../../../terraform/kubernetes/entry';
import { datasetDirectory } from '../../../terraform/kubernetes/job';

/**
 * Makes the portable job environment from what Azure ML tells the one process of each node, then becomes the command.
 * The service's own RANK, LOCAL_RANK and WORLD_SIZE count processes that the program starts itself, so they are taken
 * away. The command comes as shell words in base64, so that no layer in between reads it.
 */
export const ENTRY = [
  'eval "set -- $(printf %s "$ML_COMMAND" | base64 -d)"',
  'm=${MASTER_ADDR:-${AZ_BATCH_MASTER_NODE%%:*}}',
  'export NNODES=${NNODES:-1} NODE_RANK=${NODE_RANK:-${RANK:-0}}',
  `export MASTER_ADDR=\${m:-127.0.0.1} MASTER_PORT=\${MASTER_PORT:-${MASTER_PORT}}`,
  'export PET_NNODES=$NNODES PET_NODE_RANK=$NODE_RANK PET_MASTER_ADDR=$MASTER_ADDR PET_MASTER_PORT=$MASTER_PORT',
  'unset RANK LOCAL_RANK WORLD_SIZE LOCAL_WORLD_SIZE ML_COMMAND',
  'exec "$@"',
].join('; ');

/** What Azure ML calls a dataset that it mounts or downloads. */
export const inputOf = ({ name }: DatasetPlan): string => `dataset_${name.replace(/-/g, '_')}`;

/** The entry script of jobs with datasets as files. Azure ML tells their folders in the command alone. */
export const entryOf = (datasets: readonly DatasetPlan[]): string =>
  [
    ...filesOf(datasets).map(
      (dataset) => `export ${datasetVariable(dataset.name, 'DIR')}="\${{inputs.${inputOf(dataset)}}}"`,
    ),
    ENTRY,
  ].join('; ');

export interface JobEnvironmentProps {
  readonly environment: Record<string, string>;
  /** The ids of secrets by the names of variables. */
  readonly secrets: Record<string, string>;
  readonly datasets: Record<string, string>;
  readonly processesPerNode: string;
  /** The client id of the identity that jobs run as. */
  readonly clientId: string;
}

/** The variables of a job that are the same for every run. */
export function jobEnvironment(props: JobEnvironmentProps): Record<string, string> {
  return {
    ...props.environment,
    ...Object.fromEntries(Object.entries(props.secrets).map(([name, id]) => [secretVariable(name), id])),
    ...props.datasets,
    PET_NPROC_PER_NODE: props.processesPerNode,
    // A machine has no identity but the user-assigned one, which clients must be told.
    AZURE_CLIENT_ID: props.clientId,
    DEFAULT_IDENTITY_CLIENT_ID: props.clientId,
  };
}

/** The same for jobs of Kubernetes. */
export const aksEnvironment = (props: JobEnvironmentProps): Record<string, string> => ({
  ...jobEnvironment(props),
  ML_ENTRY: KUBERNETES_ENTRY,
  MASTER_PORT,
  PET_MASTER_PORT: MASTER_PORT,
});

const AKS_JOBS: JobService = {
  ...KUBERNETES_JOBS,
  reserved: [
    ...KUBERNETES_JOBS.reserved,
    'AZURE_CLIENT_ID',
    'AZURE_TENANT_ID',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_AUTHORITY_HOST',
    'DEFAULT_IDENTITY_CLIENT_ID',
  ],
  secretVariable,
  directoryOf: datasetDirectory,
};

const ML_JOBS: JobService = {
  title: 'Azure ML',
  reserved: [
    'ML_COMMAND',
    'RANK',
    'LOCAL_RANK',
    'WORLD_SIZE',
    'LOCAL_WORLD_SIZE',
    'AZURE_CLIENT_ID',
    'DEFAULT_IDENTITY_CLIENT_ID',
  ],
  ofService: /^(AZUREML_|AZ_BATCH|MLFLOW_)/,
  secretVariable,
};

/** Judges the user's variables, and gives the ones that tell where datasets are. */
export const judgeEnvironment = (
  props: core.GpuTrainingClusterProps,
  datasets: readonly DatasetPlan[],
  onAks: boolean,
  faults: Faults,
) => judgeJobEnvironment(props, datasets, onAks ? AKS_JOBS : ML_JOBS, faults);
