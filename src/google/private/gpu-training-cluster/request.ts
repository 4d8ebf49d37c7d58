import { ENTRY_POINT } from './environment';
import { TrainingPlan } from './judge';
import { machineSpec } from './machine';
import { Scratch } from './scratch';
import { CapacityKind } from '../../../core';

/** Any JSON of a workflow. */
export type Json = { readonly [key: string]: unknown };

export interface JobProps {
  readonly plan: TrainingPlan;
  /** The start of the names of jobs, and their label. */
  readonly jobPrefix: string;
  readonly image: string;
  readonly serviceAccount: string;
  readonly environment: Record<string, string>;
  readonly labels: Record<string, string>;
  /** `gs://…/`, below which runs have theirs. */
  readonly checkpoints: string;
  readonly models: string;
  readonly kmsKeyName?: string;
  readonly networkAttachment?: string;
  readonly scratch?: Scratch;
}

/** How Vertex AI calls what was bought. */
export const STRATEGIES: Record<CapacityKind, string> = {
  [CapacityKind.ON_DEMAND]: 'STANDARD',
  [CapacityKind.SPOT]: 'SPOT',
  [CapacityKind.QUEUED]: 'FLEX_START',
  // Only these machines use a reservation; they are not spot ones.
  [CapacityKind.RESERVED]: 'STANDARD',
};

/** Where a run's files are: a prefix, which is a variable of the workflow, then the run's name. */
export const ofRun = (prefix: 'checkpoints' | 'models'): string => `\${${prefix} + run + "/"}`;

/** The variables of a job, those of its run last. */
export const variables = (environment: Record<string, string>): Json[] =>
  Object.entries({
    ...environment,
    CHECKPOINT_URI: ofRun('checkpoints'),
    MODEL_OUTPUT_URI: ofRun('models'),
  }).map(([name, value]) => ({ name, value }));

/** So many machines of a job, as Vertex AI's API takes them. `environment` is a variable of the workflow. */
export const workerPool = ({ plan, image, scratch }: JobProps, replicaCount: number | string): Json => ({
  machineSpec: machineSpec(plan.choice, plan.capacity.reservationId),
  replicaCount,
  diskSpec: { bootDiskSizeGb: plan.diskGiB },
  containerSpec: { imageUri: image, command: ENTRY_POINT, args: '${command}', env: '${environment}' },
  nfsMounts: scratch && [{ server: scratch.server, path: scratch.path, mountPoint: scratch.mountPoint }],
});

/** The request of Vertex AI's customJobs.create, from the variables of the workflow. */
export const customJob = (props: JobProps): Json => ({
  displayName: '${prefix + "-" + run}',
  labels: { ...props.labels, 'ml-cluster': props.jobPrefix, 'ml-run': '${text.to_lower(run)}' },
  jobSpec: {
    workerPoolSpecs: '${pools}',
    scheduling: {
      strategy: '${strategy}',
      timeout: '${string(int(double(limit) - used)) + "s"}',
      maxWaitDuration:
        props.plan.capacity.kind === CapacityKind.QUEUED
          ? `${props.plan.capacity.maxWaitHours! * 3600}s`
          : undefined,
      // The workflow counts: Vertex AI's own number of retries is fixed.
      disableRetries: true,
    },
    serviceAccount: props.serviceAccount,
    pscInterfaceConfig: props.networkAttachment && { networkAttachment: props.networkAttachment },
  },
  encryptionSpec: props.kmsKeyName && { kmsKeyName: props.kmsKeyName },
});
