import { entryOf, inputOf } from './environment';
import { evaluated, literal } from './expression';
import { DatasetMode } from '../../../core';
import { DatasetPlan, filesOf } from '../../../core/private/datasets';
import { text } from '../../../terraform/text';

/** Any JSON of a request. */
export type Json = { readonly [key: string]: unknown };

export interface JobProps {
  readonly experiment: string;
  readonly environmentId: string;
  readonly computeId: string;
  readonly identity: { readonly resourceId: string; readonly clientId: string };
  /** Variables that are the same for every run, as Terraform takes them. */
  readonly environment: Record<string, string>;
  /** `abfss://…/`, below which runs have theirs. */
  readonly checkpoints: string;
  readonly models: string;
  readonly timeLimitHours: number;
  readonly sharedMemoryMiB?: number;
  readonly datasets: readonly DatasetPlan[];
  /** As Terraform takes them. */
  readonly tags: Readonly<Record<string, string>>;
}

const INPUT_MODES: Partial<Record<DatasetMode, string>> = {
  [DatasetMode.DOWNLOAD]: 'Download',
  [DatasetMode.MOUNT]: 'ReadOnlyMount',
};

const literals = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, literal(value)]));

/** What a job finds as files. */
const inputs = (datasets: readonly DatasetPlan[]): Json =>
  Object.fromEntries(
    datasets.map((dataset) => [
      inputOf(dataset),
      { jobInputType: 'uri_folder', uri: literal(dataset.uri), mode: INPUT_MODES[dataset.mode] },
    ]),
  );

/** The parts of a job that its caller chooses, as expressions of the workflow. */
export interface Chosen {
  readonly run: string;
  readonly nodes: string;
  /** The command as shell words. */
  readonly words: string;
}

/** The command job of Azure ML that a run is: what ARM calls `workspaces/jobs`. */
export function job(props: JobProps, chosen: Chosen): Json {
  const ofRun = (folder: string) => `${literal(folder)}@{${chosen.run}}/`;
  const files = filesOf(props.datasets);
  return {
    properties: {
      jobType: 'Command',
      displayName: evaluated(chosen.run),
      experimentName: props.experiment,
      ...(Object.keys(props.tags).length && { tags: literals(props.tags) }),
      command: text(entryOf(files)),
      ...(files.length && { inputs: inputs(files) }),
      environmentId: props.environmentId,
      computeId: props.computeId,
      identity: { identityType: 'Managed', ...props.identity },
      // One process for each node: the program starts its own.
      distribution: { distributionType: 'PyTorch', processCountPerInstance: 1 },
      resources: {
        instanceCount: evaluated(chosen.nodes),
        ...(props.sharedMemoryMiB !== undefined && { shmSize: `${props.sharedMemoryMiB}m` }),
      },
      limits: { jobLimitsType: 'Command', timeout: `PT${props.timeLimitHours}H` },
      environmentVariables: {
        ...literals(props.environment),
        CHECKPOINT_URI: ofRun(props.checkpoints),
        MODEL_OUTPUT_URI: ofRun(props.models),
        NNODES: `@{${chosen.nodes}}`,
        ML_COMMAND: `@{base64(${chosen.words})}`,
      },
    },
  };
}
