import { Faults } from '../../../core/private/faults';
import { datasetVariables, JOB_VARIABLES, reserveVariables } from '../../../core/private/jobs';

/** The port at which the nodes of a job meet, where the service names none. */
const MASTER_PORT = '29500';

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

const RESERVED = [
  ...JOB_VARIABLES,
  'ML_COMMAND',
  'RANK',
  'LOCAL_RANK',
  'WORLD_SIZE',
  'LOCAL_WORLD_SIZE',
  'AZURE_CLIENT_ID',
  'DEFAULT_IDENTITY_CLIENT_ID',
  'PET_NNODES',
  'PET_NODE_RANK',
  'PET_MASTER_ADDR',
  'PET_MASTER_PORT',
  'PET_NPROC_PER_NODE',
];

/** Variables that the service sets itself. */
const OF_THE_SERVICE = /^(AZUREML_|AZ_BATCH|MLFLOW_)/;

/** The variable that names a secret, because the service injects no values. */
export const secretVariable = (name: string) => `${name}_SECRET_ID`;

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

/** Judges the user's variables, and gives the ones that tell where datasets are. */
export function judgeEnvironment(
  props: {
    readonly environment?: { [name: string]: string };
    readonly secrets?: { [name: string]: unknown };
    readonly datasets?: readonly { readonly uris: { [name: string]: string } }[];
  },
  faults: Faults,
): Record<string, string> {
  const { environment = {}, secrets = {}, datasets = [] } = props;
  for (const [prop, names] of [
    ['environment', Object.keys(environment)],
    ['secrets', Object.keys(secrets)],
  ] as const) {
    reserveVariables(names, prop, RESERVED, faults);
    for (const name of names.filter((given) => OF_THE_SERVICE.test(given))) {
      faults.add('CMC-008', `${prop}.${name}`, 'is set by the service: choose another name');
    }
  }
  for (const name of Object.keys(secrets)) {
    if (secretVariable(name) in environment) {
      faults.add(
        'CMC-007',
        `secrets.${name}`,
        `becomes the variable ${secretVariable(name)}, which environment has too: rename one`,
      );
    }
  }
  return datasetVariables(datasets as never, faults);
}
