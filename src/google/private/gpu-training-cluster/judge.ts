import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { judgeTrainingAlarms } from '../../../core/private/alarms';
import { isMarked } from '../../../core/private/brand';
import { DatasetPlan, planDatasets, refuseModes } from '../../../core/private/datasets';
import { Faults, show } from '../../../core/private/faults';
import {
  JobLimits,
  jobLimits,
  judgeElastic,
  refuseElastic,
  usedByTraining,
} from '../../../core/private/jobs';
import { MachineChoice } from '../../../core/private/machines';
import { judgeProfile } from '../../../core/private/profile';
import { refuseQueues } from '../../../core/private/queues';
import { gpuTrainingClusterRules } from '../../../core/private/rules/training';
import { judgeProps, list, literal, Schema, struct, text, valueOf } from '../../../core/private/schema';
import { judgeScratch, refuseScratch, ScratchService } from '../../../core/private/scratch';
import { isToken } from '../../../core/private/tokens';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import type { INetwork } from '../../private-network';
import type { GkeEngineOptions } from '../../training-engine';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { GKE, VERTEX_TRAINING } from '../machines';
import { SERVICE_ACCOUNT_EMAIL } from '../service-account';
import { isShared } from '../shared-network';
import { judgeEnvironment } from './environment';
import { isTpu, judgeMachine } from './machine';

/** What the props of a cluster mean. */
export interface TrainingPlan extends JobLimits {
  /** With engine gke. */
  readonly gke?: GkeEngineOptions;
  readonly choice: MachineChoice;
  readonly diskGiB: number;
  readonly datasets: DatasetPlan[];
  readonly datasetVariables: Record<string, string>;
}

/** What the arguments of a container may be on Vertex AI: one hundred thousand characters together. */
export const COMMAND = { items: 100, characters: 1000 };

const RULES = gpuTrainingClusterRules(CLOUD, logRetentionRule);

const SCHEMA: Schema<GpuTrainingClusterProps> = {
  ...RULES,
  serviceAccountEmail: SERVICE_ACCOUNT_EMAIL,
  workflowServiceAccountEmail: SERVICE_ACCOUNT_EMAIL,
  engine: valueOf(
    (value) => isMarked(value, 'google.TrainingEngine'),
    'made by google.TrainingEngine.vertexAi() or gke()',
  ),
  // The workflow counts with them.
  maxNodes: literal(RULES.maxNodes),
  minNodes: literal(RULES.minNodes),
  timeLimitHours: literal(RULES.timeLimitHours),
  maxRetries: literal(RULES.maxRetries),
  diskGiB: literal(RULES.diskGiB),
  command: list(
    text({ pattern: /[^]/, maxLength: COMMAND.characters, means: `1 to ${COMMAND.characters} characters` }),
    { min: 1, max: COMMAND.items },
  ),
};

export function judgeTraining(
  cluster: IConstruct,
  props: GpuTrainingClusterProps,
  faults: Faults,
): TrainingPlan {
  judgeProps(faults, struct(SCHEMA), props);
  const limits = jobLimits(props);
  if (faults.none) {
    usesAll(cluster, usedByTraining(props), faults);
    judgeImage(cluster, props.image, 'image', faults);
  }
  const gke = props.engine?._gke;
  const datasets = planDatasets(props.datasets, faults);
  const datasetVariables = judgeEnvironment(props, datasets, gke !== undefined, faults);
  refuseModes(
    datasets,
    gke ? 'GKE' : 'Vertex AI',
    {
      [core.DatasetMode.DOWNLOAD]:
        'take MOUNT, and let the program copy what it reads often from DATASET_<NAME>_DIR to its disk',
    },
    faults,
  );
  judgeTrainingAlarms(props.alarms, faults);
  judgeCapacity(limits, faults);
  judgeFiles(props, faults);
  refuseQueues(
    props.queues,
    gke ? 'GKE, whose jobs start in the order of their submission' : 'Vertex AI, which has no queues',
    'make a cluster for each team, install Kueue on a Kubernetes cluster of your own, or train on AWS, whose Batch has them',
    faults,
  );
  const { network, logRetentionDays } = props;
  judgeProfile(
    cluster,
    { network, logRetentionDays },
    faults,
    gke ? undefined : 'jobs have a way to the internet',
  );
  if (gke) {
    judgeGke(cluster, props, gke, limits, faults);
  } else {
    judgeVertex(props, faults);
  }
  const choice = judgeMachine(props, gke ? GKE : VERTEX_TRAINING, limits.capacity.kind, faults);
  if (choice && isTpu(choice) && limits.maxNodes > 1) {
    faults.add(
      'CMC-040',
      'maxNodes',
      `(${limits.maxNodes}) must be 1 with TPUs, whose hosts Vertex AI does not describe to a job: take the largest host, 'TPU-v5e:8', or GPUs`,
    );
  }
  return {
    ...limits,
    gke,
    choice: choice!,
    diskGiB: props.diskGiB ?? SMALLEST_DISK_GIB,
    datasets,
    datasetVariables,
  };
}

const SMALLEST_DISK_GIB = 100;

const FILESTORE: ScratchService = {
  title: 'Filestore',
  sizes: [
    { from: 1024, step: 256, to: 9984 },
    { from: 10240, step: 2560, to: 102400 },
  ],
};

/** A file system is in a network that this program knows. */
function judgeFiles(props: GpuTrainingClusterProps, faults: Faults): void {
  if (props.engine?._gke?.cluster) {
    refuseScratch(
      props,
      'cannot be made for a cluster that exists, whose network this program does not know: leave cluster out of gke(), or leave scratch out',
      faults,
    );
  } else {
    judgeScratch(props, FILESTORE, faults);
  }
  if (props.scratch?.zone) {
    faults.add(
      'CMC-040',
      'scratch.zone',
      'cannot be linked: Filestore shows no buckets. Leave it out, and let one job copy DATASET_<ZONE>_URI to SCRATCH_DIR, where all later jobs find it',
    );
  }
}

/** What other services have and Vertex AI has not. */
function judgeVertex(
  { sharedMemoryMiB, fabric, diskGiB, minNodes }: GpuTrainingClusterProps,
  faults: Faults,
): void {
  refuseElastic(minNodes, 'Vertex AI', 'leave it out, or take engine google.TrainingEngine.gke()', faults);
  if (sharedMemoryMiB !== undefined) {
    faults.add(
      'CMC-040',
      'sharedMemoryMiB',
      'cannot be set on Vertex AI, whose jobs have no such setting: leave it out, and let data loaders share by files, or take engine google.TrainingEngine.gke()',
    );
  }
  if (fabric === core.Fabric.REQUIRED) {
    faults.add(
      'CMC-040',
      'fabric',
      'is required, but Vertex AI sets up no fast network (RDMA) for jobs: leave fabric out, or take one machine with 8 accelerators, which are joined inside of it',
    );
  }
  if (diskGiB !== undefined && diskGiB < SMALLEST_DISK_GIB) {
    faults.add(
      'CMC-004',
      'diskGiB',
      `(${diskGiB}) must be at least ${SMALLEST_DISK_GIB}, the smallest disk of Vertex AI`,
    );
  }
}

/** What Vertex AI has and GKE has not, and what GKE needs. */
function judgeGke(
  construct: IConstruct,
  { network, fabric, minNodes }: GpuTrainingClusterProps,
  { cluster }: GkeEngineOptions,
  { capacity: { kind, reservationId }, maxNodes }: JobLimits,
  faults: Faults,
): void {
  judgeElastic(minNodes, maxNodes, faults);
  if (cluster && network) {
    faults.add('CMC-008', 'network', 'is that of the cluster that engine names: leave one of them out');
  }
  if (!cluster && !network) {
    faults.add(
      'CMC-002',
      'network',
      'is required with engine gke, whose machines are in your network: give a PrivateNetwork, or a cluster that exists: gke({ cluster: { clusterName } })',
    );
  }
  if (network && isShared(construct, network as INetwork) && !(network as INetwork).podsRangeName) {
    faults.add(
      'CMC-009',
      'network',
      'is shared by another project, where GKE adds no ranges of addresses: name those that it has, PrivateNetwork.fromNetwork(…, { podsRangeName, servicesRangeName })',
    );
  }
  if (fabric === core.Fabric.REQUIRED) {
    faults.add(
      'CMC-040',
      'fabric',
      'is required, but GPUDirect takes networks of its own, which this engine does not make: leave fabric out, or take one machine with 8 accelerators, which are joined inside of it',
    );
  }
  if (kind === core.CapacityKind.QUEUED && maxNodes > 1) {
    faults.add(
      'CMC-040',
      'capacity',
      'is queued, which gives machines one by one on GKE: take maxNodes 1, or engine google.TrainingEngine.vertexAi()',
    );
  }
  if (kind === core.CapacityKind.RESERVED && isToken(reservationId)) {
    faults.add(
      'CMC-015',
      'capacity',
      'reserves what only deployment knows: write the name of the reservation',
    );
  }
}

const RESERVATION = /^projects\/[^/]+\/zones\/[^/]+\/reservations\/[^/]+$/;

/** Hours that Dynamic Workload Scheduler gives machines for. */
const QUEUED_HOURS = 168;

function judgeCapacity(
  { timeLimitHours, capacity: { kind, maxWaitHours, reservationId } }: JobLimits,
  faults: Faults,
): void {
  if (isToken(maxWaitHours)) {
    faults.add(
      'CMC-015',
      'capacity',
      'waits for as long as only deployment knows: write the number of hours',
    );
  }
  if (kind === core.CapacityKind.QUEUED && timeLimitHours > QUEUED_HOURS) {
    faults.add(
      'CMC-023',
      'capacity',
      `is queued, which Dynamic Workload Scheduler gives for at most ${QUEUED_HOURS} hours: take a timeLimitHours (${timeLimitHours}) of at most that, or another capacity`,
    );
  }
  if (
    kind === core.CapacityKind.RESERVED &&
    !isToken(reservationId) &&
    !RESERVATION.test(reservationId ?? '')
  ) {
    faults.add(
      'CMC-006',
      'capacity',
      `reserves ${show(reservationId)}; here it takes the full name of a reservation, which is shared with Vertex AI: 'projects/…/zones/…/reservations/…'`,
    );
  }
}
