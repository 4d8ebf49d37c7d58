import { IConstruct } from 'constructs';
import { judgeChannels } from './channels';
import { judgeEnvironment } from './environment';
import { BATCH_TRAINING, MachineSize, sizeOf } from './machine';
import { commandRule } from './workflow';
import * as core from '../../../core';
import { judgeTrainingAlarms } from '../../../core/private/alarms';
import { DatasetPlan, planDatasets, refuseModes } from '../../../core/private/datasets';
import { Faults, show } from '../../../core/private/faults';
import { JobLimits, jobLimits, judgeFabric, usedByTraining, refuseElastic } from '../../../core/private/jobs';
import { MachineChoice, machineFor, Purchase } from '../../../core/private/machines';
import { judgeProfile } from '../../../core/private/profile';
import { judgeQueues, QueuePlan, refuseQueues } from '../../../core/private/queues';
import { gpuTrainingClusterRules } from '../../../core/private/rules/training';
import { flag, judgeProps, oneOf, Schema, struct, text } from '../../../core/private/schema';
import { judgeScratch, refuseScratch, ScratchService } from '../../../core/private/scratch';
import { isToken } from '../../../core/private/tokens';
import type { GpuTrainingClusterProps, TrainingEngine } from '../../gpu-training-cluster';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { localDisk } from '../local-disks';
import { logRetentionRule } from '../logs';
import { SAGEMAKER_TRAINING } from '../machines';

/** What the props of a cluster mean. */
export interface TrainingPlan extends JobLimits {
  readonly onBatch: boolean;
  readonly choice: MachineChoice;
  /** Whether the machines are joined by EFA. */
  readonly fabric: boolean;
  readonly diskGiB: number;
  /** With engine BATCH. */
  readonly size?: MachineSize;
  readonly datasets: DatasetPlan[];
  readonly datasetVariables: Record<string, string>;
  readonly queues: QueuePlan[];
}

const ENGINES: `${TrainingEngine}`[] = ['sagemaker', 'batch'];

const SCHEMA: Schema<GpuTrainingClusterProps> = {
  ...gpuTrainingClusterRules(CLOUD, logRetentionRule),
  command: commandRule,
  engine: oneOf(...ENGINES),
  capacityBlock: flag,
  machineImageId: text({ pattern: /^ami-[0-9a-f]{8,17}$/, means: 'the id of a machine image: ami-…' }),
};

export function judgeTraining(
  cluster: IConstruct,
  props: GpuTrainingClusterProps,
  faults: Faults,
): TrainingPlan {
  judgeProps(faults, struct(SCHEMA), props);
  const onBatch = (props.engine as `${TrainingEngine}` | undefined) === 'batch';
  const limits = jobLimits(props);
  const { capacity } = limits;
  if (faults.none) {
    usesAll(cluster, usedByTraining(props), faults);
    judgeImage(cluster, props.image, 'image', faults);
  }
  const datasets = planDatasets(props.datasets, faults);
  const datasetVariables = judgeEnvironment(props, datasets, onBatch ? 'batch' : 'sagemaker', faults);
  judgeCapacity(props, capacity, onBatch, faults);
  judgeTrainingAlarms(props.alarms, faults);
  judgeWaiting(props, capacity, onBatch, faults);
  (onBatch ? judgeBatch : judgeSageMaker)(props, faults);
  const { network, logRetentionDays } = props;
  judgeProfile(cluster, { network, logRetentionDays }, faults, 'jobs have a way to the internet');
  refuseElastic(
    props.minNodes,
    onBatch ? 'AWS Batch' : 'SageMaker',
    'leave it out, or take an engine on Kubernetes: google.TrainingEngine.gke(), azure.TrainingEngine.aks()',
    faults,
  );

  const choice = machineFor(
    props,
    onBatch ? BATCH_TRAINING : SAGEMAKER_TRAINING,
    faults,
    capacity.kind === core.CapacityKind.SPOT ? SPOT : undefined,
  );
  const fabric = judgeFabric(props, choice, EFA, faults);
  if (choice && !isToken(choice.type)) {
    judgeChoice(props, choice, capacity, onBatch, faults);
  }
  const diskGiB = (choice && judgeDisk(props, choice, onBatch, faults)) ?? 100;
  judgeData(props, datasets, { onBatch, choice, diskGiB }, faults);
  judgeOrder(props, limits, onBatch, faults);
  const queues = judgeQueues(props.queues, choice, faults);
  const size = choice && onBatch ? sizeOf(choice, 'machineType', faults) : undefined;
  return {
    ...limits,
    onBatch,
    choice: choice!,
    fabric,
    diskGiB,
    size,
    datasets,
    datasetVariables,
    queues,
  };
}

/** What queues of AWS Batch can be in front of, and what they can put in order. */
function judgeOrder(
  { queues }: GpuTrainingClusterProps,
  { capacity }: JobLimits,
  onBatch: boolean,
  faults: Faults,
): void {
  if (!onBatch && capacity.kind === core.CapacityKind.SPOT) {
    refuseQueues(queues, 'SageMaker with spot capacity', 'take Capacity.onDemand(), or engine BATCH', faults);
  }
  for (const [i, queue] of (Array.isArray(queues) ? queues : []).entries()) {
    if (queue?.priority !== undefined && queue.maxAccelerators !== undefined) {
      faults.add(
        'CMC-040',
        `queues[${i}].priority`,
        'cannot be set with maxAccelerators on AWS Batch, which puts queues in order that share machines, and gives one with a maximum its own: leave one of them out',
      );
    }
  }
}

const LUSTRE: ScratchService = {
  title: 'FSx for Lustre',
  sizes: [
    { from: 1200, step: 1200, to: 1200 },
    { from: 2400, step: 2400 },
  ],
};

const EFA = {
  title: 'EFA',
  wayOut: "take a larger machine of its family, or accelerators such as 'A100:8' or 'H100:8'",
};

const SPOT: Purchase = { capacity: core.CapacityKind.SPOT, sold: ({ spot }) => spot !== false };

/** What the machine that was found must be able to do. */
function judgeChoice(
  { machineType }: GpuTrainingClusterProps,
  { type, machine }: MachineChoice,
  { kind }: core.Capacity,
  onBatch: boolean,
  faults: Faults,
): void {
  const prop = machineType ? 'machineType' : 'accelerators';
  if (machine?.spot === false && kind === core.CapacityKind.SPOT) {
    faults.add('CMC-023', 'capacity', `is spot, but ${type} is not sold as spot: take Capacity.onDemand()`);
  }
  const bought = [core.CapacityKind.ON_DEMAND, core.CapacityKind.QUEUED].includes(kind);
  if (onBatch && machine?.onDemand === false && bought) {
    faults.add(
      'CMC-023',
      prop,
      `makes ${type}, which EC2 sells by reservation only: take Capacity.reserved('cr-…') or engine SAGEMAKER`,
    );
  }
}

function judgeCapacity(
  props: GpuTrainingClusterProps,
  { kind, maxWaitHours, fallback, reservationId }: core.Capacity,
  onBatch: boolean,
  faults: Faults,
): void {
  const inLine = kind === core.CapacityKind.QUEUED || (onBatch && kind === core.CapacityKind.SPOT);
  if (inLine && (maxWaitHours ?? 0) > 24) {
    faults.add(
      'CMC-023',
      'capacity',
      `waits ${maxWaitHours} hours; a queue of AWS Batch ends what waited 24: take maxWaitHours of at most 24`,
    );
  }
  if (onBatch && kind === core.CapacityKind.SPOT && (props.maxNodes ?? 1) > 1) {
    faults.add(
      'CMC-023',
      'capacity',
      'is spot, which multi-node jobs of AWS Batch refuse: leave engine out (SageMaker does it), take Capacity.onDemand(), or maxNodes 1',
    );
  }
  if (onBatch && fallback) {
    faults.add(
      'CMC-040',
      'capacity',
      'has fallback, which engine BATCH has not: leave engine out (SageMaker does it), or leave fallback out',
    );
  }
  if (kind === core.CapacityKind.RESERVED && !isToken(reservationId)) {
    const [form, means] = onBatch
      ? [
          /^cr-[0-9a-f]{8,17}$/,
          "the id of an EC2 capacity reservation or capacity block: Capacity.reserved('cr-…')",
        ]
      : [
          /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:training-plan\/.+$/,
          'the ARN of a SageMaker training plan; EC2 reservations are for engine BATCH',
        ];
    if (typeof reservationId !== 'string' || !(form as RegExp).test(reservationId)) {
      faults.add('CMC-006', 'capacity', `reserves ${show(reservationId)}; here it takes ${means as string}`);
    }
  }
  if (props.capacityBlock && !(onBatch && kind === core.CapacityKind.RESERVED)) {
    faults.add('CMC-009', 'capacityBlock', "needs engine BATCH and Capacity.reserved('cr-…')");
  }
}

/** SageMaker starts a job or ends it, and says nothing in between. */
function judgeWaiting(
  { alarms, queues }: GpuTrainingClusterProps,
  { kind }: core.Capacity,
  onBatch: boolean,
  faults: Faults,
): void {
  if (alarms?.noCapacityMinutes !== undefined && !onBatch && kind !== core.CapacityKind.QUEUED && !queues) {
    faults.add(
      'CMC-040',
      'alarms.noCapacityMinutes',
      'cannot be watched where SageMaker takes jobs directly, because it says nothing while one waits: take Capacity.queued() or engine BATCH; a job that got no machine ends, and alarms.jobFailed tells it',
    );
  }
}

function judgeSageMaker(props: GpuTrainingClusterProps, faults: Faults): void {
  judgeScratch(props, LUSTRE, faults);
  if (props.sharedMemoryMiB !== undefined) {
    faults.add(
      'CMC-040',
      'sharedMemoryMiB',
      'cannot be set on SageMaker, which gives containers what the machine has: leave it out, or take engine BATCH',
    );
  }
  if (props.machineImageId !== undefined) {
    faults.add(
      'CMC-009',
      'machineImageId',
      'needs engine BATCH: SageMaker chooses its machine images itself',
    );
  }
}

function judgeBatch(props: GpuTrainingClusterProps, faults: Faults): void {
  refuseScratch(
    props,
    'cannot be mounted with engine BATCH, whose machine images hold no client of Lustre: leave engine out (SageMaker mounts it), or leave scratch out',
    faults,
  );
  if (!props.network) {
    faults.add(
      'CMC-002',
      'network',
      'is required with engine BATCH, whose machines are in your network: give a PrivateNetwork, or leave engine out',
    );
  }
  if ((props.maxRetries ?? 0) > 9) {
    faults.add(
      'CMC-004',
      'maxRetries',
      `(${props.maxRetries}) must be at most 9 with engine BATCH, which starts a job ten times`,
    );
  }
}

/** How datasets become files. */
function judgeData(
  { scratch }: GpuTrainingClusterProps,
  datasets: readonly DatasetPlan[],
  machine: { readonly onBatch: boolean; readonly choice?: MachineChoice; readonly diskGiB: number },
  faults: Faults,
): void {
  const { onBatch, choice, diskGiB } = machine;
  if (onBatch) {
    const wayOut = 'leave engine out (SageMaker has it), or read DATASET_<NAME>_URI from the program';
    refuseModes(
      datasets,
      'AWS Batch',
      { [core.DatasetMode.DOWNLOAD]: wayOut, [core.DatasetMode.MOUNT]: wayOut },
      faults,
    );
  } else if (!isToken(diskGiB)) {
    // Types with local disks have no other.
    const local = choice && localDisk(choice.type);
    const disk = (local?.present && local.sizeGiB) || diskGiB;
    judgeChannels(datasets, { scratch: scratch !== undefined, diskGiB: disk }, faults);
  }
}

/** The machine image of AWS Batch fills this much. */
const BATCH_DISK_GIB = 30;

function judgeDisk(
  { diskGiB }: GpuTrainingClusterProps,
  { type }: MachineChoice,
  onBatch: boolean,
  faults: Faults,
): number | undefined {
  if (diskGiB === undefined || isToken(diskGiB)) {
    return diskGiB;
  }
  const { present, sizeGiB } = onBatch ? { present: false, sizeGiB: undefined } : localDisk(type);
  if (onBatch && diskGiB < BATCH_DISK_GIB) {
    faults.add(
      'CMC-004',
      'diskGiB',
      `(${diskGiB}) must be at least ${BATCH_DISK_GIB} with engine BATCH: the machine image fills that much`,
    );
  }
  if (present && sizeGiB !== undefined && diskGiB > sizeGiB) {
    faults.add(
      'CMC-040',
      'diskGiB',
      `(${diskGiB}) is more than the ${sizeGiB} GiB of local disk that ${type} has, and SageMaker adds no other: take a larger machine, or engine BATCH`,
    );
  }
  return diskGiB;
}
