import { Fn } from 'cdktf';
import * as core from '../../../core';
import { DatasetPlan } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';
import { judgeJobEnvironment, JobService, MASTER_PORT } from '../../../core/private/jobs';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { KUBERNETES_JOBS } from '../../../terraform/kubernetes/entry';
import { datasetDirectory } from '../../../terraform/kubernetes/job';
import { text } from '../../../terraform/text';

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

export interface JobEnvironmentProps {
  /** The entry script. */
  readonly entry: string;
  readonly project: string;
  readonly region: string;
  readonly datasets: Record<string, string>;
  readonly processesPerNode: string;
  /** Where the file system that nodes share is mounted. */
  readonly scratch?: string;
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
    ML_ENTRY: props.entry,
    GOOGLE_CLOUD_PROJECT: props.project,
    GOOGLE_CLOUD_REGION: props.region,
    MASTER_PORT,
    PET_MASTER_PORT: MASTER_PORT,
    PET_NPROC_PER_NODE: props.processesPerNode,
    ...(props.scratch && { SCRATCH_DIR: props.scratch }),
  };
}

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

const NOTHING = {
  entry: '',
  project: '',
  region: '',
  processesPerNode: '1',
  scratch: 'mounted',
  datasets: {},
  environment: {},
  secrets: {},
};

const OURS = ['ML_ENTRY', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_REGION'];

/** Vertex AI shows every bucket that a job may read as a folder. */
const inGcs = ({ uri }: DatasetPlan) => `/gcs/${uri.replace(/^gs:\/\//, '').replace(/\/$/, '')}`;

const VERTEX_JOBS: JobService = {
  title: 'Vertex AI',
  reserved: [...OURS, 'CLUSTER_SPEC', 'TF_CONFIG'],
  ofService: /^(CLOUD_ML_|AIP_)/,
  secretVariable,
  directoryOf: inGcs,
  limit: {
    variables: 100,
    ours: Object.keys(jobEnvironment(NOTHING)),
    wayOut: 'put values into one variable',
  },
};

const GKE_JOBS: JobService = {
  ...KUBERNETES_JOBS,
  reserved: [...OURS, ...KUBERNETES_JOBS.reserved],
  secretVariable,
  directoryOf: datasetDirectory,
};

/** Judges the user's variables, and gives the ones that tell where datasets are. */
export const judgeEnvironment = (
  props: core.GpuTrainingClusterProps,
  datasets: readonly DatasetPlan[],
  onGke: boolean,
  faults: Faults,
) => judgeJobEnvironment(props, datasets, onGke ? GKE_JOBS : VERTEX_JOBS, faults);
