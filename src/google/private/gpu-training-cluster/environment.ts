import { Fn } from 'cdktf';
import { Faults } from '../../../core/private/faults';
import { datasetVariables, JOB_VARIABLES, reserveVariables } from '../../../core/private/jobs';
import { isToken } from '../../../core/private/tokens';
import { text } from '../../../terraform/text';

/** The port at which the nodes of a job meet. */
const MASTER_PORT = '29500';

/**
 * Makes the portable job environment from the variable in which Vertex AI describes the nodes, then becomes the command.
 * Quotes inside of texts are escaped there, so that no text looks like a key. It holds no `${`, which Workflows may take
 * for an expression.
 */
export const VERTEX_ENTRY = [
  `s=$(printf %s "$CLUSTER_SPEC"|tr -d ' \\n\\r\\t')`,
  `f() { printf '%s\\n' "$s"|sed -n "s/.*$1.*/\\1/p"; }`,
  `w=$(f '"workerpool1":\\[\\([^]]*\\)\\]')`,
  'export NNODES=1 NODE_RANK=0 MASTER_ADDR=127.0.0.1',
  `[ -z "$w" ]||{ NNODES=$(($(printf %s "$w"|tr -cd ,|wc -c)+2)); MASTER_ADDR=$(f '"workerpool0":\\["\\([^":]*\\)'); }`,
  `[ "$(f '"type":"\\(workerpool[0-9]*\\)"')" != workerpool1 ]||NODE_RANK=$(($(f '"index":\\([0-9]*\\)')+1))`,
  'export PET_NNODES=$NNODES PET_NODE_RANK=$NODE_RANK PET_MASTER_ADDR=$MASTER_ADDR',
  'exec "$@"',
].join(';');

/** The command line that runs the entry script; what follows it is the command of the job. */
export const ENTRY_POINT = ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job'];

const RESERVED = [
  ...JOB_VARIABLES,
  'ML_ENTRY',
  'CLUSTER_SPEC',
  'TF_CONFIG',
  'GOOGLE_CLOUD_PROJECT',
  'GOOGLE_CLOUD_REGION',
  'PET_NNODES',
  'PET_NODE_RANK',
  'PET_MASTER_ADDR',
  'PET_MASTER_PORT',
  'PET_NPROC_PER_NODE',
];

/** What Vertex AI sets besides. */
const OF_VERTEX = /^(CLOUD_ML_|AIP_)/;

export interface JobEnvironmentProps {
  readonly project: string;
  readonly region: string;
  readonly datasets: Record<string, string>;
  readonly processesPerNode: string;
  readonly environment: Record<string, string>;
  /** The ids of secrets, by the user's names for them. */
  readonly secrets: Record<string, string>;
}

/** The variables of a job that are the same for every run. */
export function jobEnvironment(props: JobEnvironmentProps): Record<string, string> {
  const secrets = Object.entries(props.secrets).map(([name, id]) => [secretVariable(name), id]);
  return {
    ...props.environment,
    ...Object.fromEntries(secrets),
    ...props.datasets,
    ML_ENTRY: VERTEX_ENTRY,
    GOOGLE_CLOUD_PROJECT: props.project,
    GOOGLE_CLOUD_REGION: props.region,
    MASTER_PORT,
    PET_MASTER_PORT: MASTER_PORT,
    PET_NPROC_PER_NODE: props.processesPerNode,
  };
}

/** The variable that names a secret: Vertex AI does not inject values. */
export const secretVariable = (name: string) => `${name}_SECRET_ID`;

/** Variables that a run adds: CHECKPOINT_URI and MODEL_OUTPUT_URI. */
const OF_A_RUN = 2;

/** What Vertex AI takes. */
const MOST_VARIABLES = 100;

/**
 * Texts of users as Workflows takes them literally. Those that might pass for an expression, and those that only
 * deployment knows, which might break the JSON that they stand in, go by a variable of the workflow in base64. Only
 * variables hold references: inside of an expression cdktf takes them for a part of its own.
 */
export class Literals {
  /** The variable, by the keys that expressions find its parts by. */
  public readonly encoded: Record<string, string> = {};

  public of(value: string): string {
    if (!isToken(value) && !value.includes('${')) {
      return value;
    }
    const key = `t${Object.keys(this.encoded).length}`;
    this.encoded[key] = isToken(value) ? Fn.base64encode(text(value)) : Buffer.from(value).toString('base64');
    return `\${text.decode(base64.decode(encoded.${key}))}`;
  }
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
  const names = { environment: Object.keys(environment), secrets: Object.keys(secrets) };
  for (const prop of ['environment', 'secrets'] as const) {
    reserveVariables(names[prop], prop, RESERVED, faults);
    for (const name of names[prop].filter((given) => OF_VERTEX.test(given))) {
      faults.add('CMC-008', `${prop}.${name}`, 'is set by Vertex AI: choose another name');
    }
  }
  for (const name of names.secrets.filter((given) => names.environment.includes(secretVariable(given)))) {
    faults.add(
      'CMC-007',
      `secrets.${name}`,
      `becomes the variable ${secretVariable(name)}, which environment has too: rename one`,
    );
  }
  const found = datasetVariables(datasets as never, faults);
  const platform = jobEnvironment({
    ...{ project: '', region: '', processesPerNode: '1', datasets: found },
    ...{ environment: {}, secrets: {} },
  });
  const count = Object.keys(platform).length + names.environment.length + names.secrets.length + OF_A_RUN;
  if (count > MOST_VARIABLES) {
    faults.add(
      'CMC-004',
      'environment',
      `makes ${count} variables with secrets, datasets and the platform's own; Vertex AI takes ${MOST_VARIABLES}: put values into one variable`,
    );
  }
  return found;
}
