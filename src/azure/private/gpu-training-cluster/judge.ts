import { IConstruct } from 'constructs';
import { judgeEnvironment } from './environment';
import * as core from '../../../core';
import { judgeTrainingAlarms } from '../../../core/private/alarms';
import { isMarked } from '../../../core/private/brand';
import { Machine } from '../../../core/private/catalog';
import { DatasetPlan, planDatasets, refuseModes } from '../../../core/private/datasets';
import { Faults, show } from '../../../core/private/faults';
import {
  JobLimits,
  jobLimits,
  judgeElastic,
  judgeFabric,
  refuseElastic,
  usedByTraining,
} from '../../../core/private/jobs';
import { MachineChoice, machineFor, MachineService } from '../../../core/private/machines';
import { judgeProfile } from '../../../core/private/profile';
import { refuseQueues } from '../../../core/private/queues';
import { gpuTrainingClusterRules } from '../../../core/private/rules/training';
import { integer, judgeProps, literal, Schema, struct, valueOf } from '../../../core/private/schema';
import { refuseScratch } from '../../../core/private/scratch';
import { isToken } from '../../../core/private/tokens';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import type { INetwork } from '../../private-network';
import type { AksEngineOptions } from '../../training-engine';
import { identityRule } from '../identity';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { exitOf } from '../kubernetes';
import { logRetentionRule } from '../logs';
import { AKS, ML_COMPUTE } from '../machines';
import { judgePrivacy } from '../private-access';

/** What the props of a cluster mean. */
export interface TrainingPlan extends JobLimits {
  /** With engine aks. */
  readonly aks?: AksEngineOptions;
  readonly diskGiB: number;
  readonly choice: MachineChoice;
  /** Whether the machines are joined by InfiniBand. */
  readonly fabric: boolean;
  readonly idleMinutes: number;
  readonly datasets: DatasetPlan[];
  readonly datasetVariables: Record<string, string>;
}

const RULES = gpuTrainingClusterRules(CLOUD, logRetentionRule);

const SCHEMA: Schema<GpuTrainingClusterProps> = {
  ...RULES,
  engine: valueOf(
    (value) => isMarked(value, 'azure.TrainingEngine'),
    'made by azure.TrainingEngine.azureMl() or aks()',
  ),
  managedIdentity: identityRule,
  // They become parts of expressions and durations.
  maxNodes: literal(RULES.maxNodes),
  minNodes: literal(RULES.minNodes),
  maxRetries: literal(RULES.maxRetries),
  timeLimitHours: literal(RULES.timeLimitHours),
  sharedMemoryMiB: literal(RULES.sharedMemoryMiB),
  idleMinutes: literal(integer({ min: 1, max: 1440 })),
};

/** How long the service lets a job run, and on how many machines. */
const MOST = { hours: 504, spotHours: 168, nodes: 100 };

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
    judgePrivacy(cluster, props.network, faults);
    judgeProfile(cluster, { logRetentionDays: props.logRetentionDays }, faults);
  }
  const aks = props.engine?._aks;
  const datasets = planDatasets(props.datasets, faults);
  const datasetVariables = judgeEnvironment(props, datasets, aks !== undefined, faults);
  refuseQueues(
    props.queues,
    aks ? 'AKS, whose jobs start in the order of their submission' : 'Azure ML, whose compute has one line',
    'make a cluster for each team, install Kueue on a Kubernetes cluster of your own, or train on AWS, whose Batch has them',
    faults,
  );
  judgeAlarms(props.alarms, faults);
  refuseScratch(
    props,
    aks
      ? 'cannot be made with engine aks, whose machines have no client of Lustre, and whose NFS would cross the network in clear: leave it out, copy datasets to the disk of each node, and share files below CHECKPOINT_URI'
      : 'cannot be mounted by jobs of Azure ML, which reach stores of objects and no file system of your network: leave it out, copy datasets to the temporary disk of each node, and share files below CHECKPOINT_URI',
    faults,
  );
  if (aks) {
    judgeAks(props, aks, limits, faults);
    refuseModes(
      datasets,
      'AKS',
      {
        [core.DatasetMode.DOWNLOAD]:
          'take MOUNT, which keeps what was read on the disk of the machine, or engine azure.TrainingEngine.azureMl()',
      },
      faults,
    );
  } else {
    judgeAzureMl(props, limits, faults);
  }

  const choice = chooseMachine(props, aks ? AKS : ML_COMPUTE, limits.capacity, faults);
  return {
    ...limits,
    aks,
    choice: choice!,
    fabric: !aks && judgeFabric(props, choice, INFINIBAND, faults),
    idleMinutes: props.idleMinutes ?? 5,
    diskGiB: props.diskGiB ?? 100,
    datasets,
    datasetVariables,
  };
}

/** What Azure ML lacks. */
function judgeAzureMl(props: GpuTrainingClusterProps, limits: JobLimits, faults: Faults): void {
  judgeCapacity(limits.capacity, faults);
  judgeLimits(props, limits, faults);
  refuseElastic(
    props.minNodes,
    'Azure ML',
    'leave it out, or take engine azure.TrainingEngine.aks()',
    faults,
  );
}

/** The system disk holds the machine image. */
const SMALLEST_DISK_GIB = 64;
const RESERVATION = /^\/subscriptions\/.+\/capacityReservationGroups\/[^/]+$/;

/** What AKS lacks, and what it needs. */
function judgeAks(
  { network, fabric, minNodes, idleMinutes, diskGiB }: GpuTrainingClusterProps,
  { clusterId }: AksEngineOptions,
  { capacity: { kind, reservationId }, maxNodes }: JobLimits,
  faults: Faults,
): void {
  judgeElastic(minNodes, maxNodes, faults);
  if (!network && !clusterId) {
    faults.add(
      'CMC-002',
      'network',
      "is required with engine aks, whose machines are in your network: give a PrivateNetwork, or a cluster that exists: aks({ clusterId: '/subscriptions/…' })",
    );
  } else if (!clusterId && exitOf(network as INetwork) === 'none') {
    faults.add(
      'CMC-009',
      'network',
      'needs internetEgress: true with engine aks, which fetches its own services from Microsoft',
    );
  }
  if (fabric === core.Fabric.REQUIRED) {
    faults.add(
      'CMC-040',
      'fabric',
      'is required, but on AKS InfiniBand takes an operator of its own, which this engine does not install: take engine azure.TrainingEngine.azureMl()',
    );
  }
  if (idleMinutes !== undefined) {
    faults.add(
      'CMC-040',
      'idleMinutes',
      'cannot be set on AKS, whose autoscaler gives machines of all pools back after 10 minutes: leave it out',
    );
  }
  if (diskGiB !== undefined && diskGiB < SMALLEST_DISK_GIB) {
    faults.add(
      'CMC-004',
      'diskGiB',
      `(${diskGiB}) must be at least ${SMALLEST_DISK_GIB} with engine aks: the machine image is on it too`,
    );
  }
  if (kind === core.CapacityKind.QUEUED) {
    faults.add(
      'CMC-040',
      'capacity',
      'is queued, which AKS has not: its jobs wait for machines anyway; take Capacity.onDemand(), or Capacity.spot({ maxWaitHours })',
    );
  }
  if (kind === core.CapacityKind.RESERVED && !isToken(reservationId) && !RESERVATION.test(reservationId!)) {
    faults.add(
      'CMC-006',
      'capacity',
      `reserves ${show(reservationId)}; here it takes the resource id of a capacity reservation group: /subscriptions/…/capacityReservationGroups/…`,
    );
  }
}

/** With a fast network required, a size that has it wins over one that has not. */
function chooseMachine(
  props: GpuTrainingClusterProps,
  service: MachineService,
  { kind: capacity }: core.Capacity,
  faults: Faults,
): MachineChoice | undefined {
  const sold = ({ spot }: Machine) => capacity !== core.CapacityKind.SPOT || spot !== false;
  const joined =
    props.fabric === core.Fabric.REQUIRED && props.accelerators
      ? machineFor(props, service, new Faults(), {
          capacity,
          sold: (row) => sold(row) && row.rdma !== null,
        })
      : undefined;
  return joined ?? machineFor(props, service, faults, { capacity, sold });
}

const INFINIBAND = {
  title: 'InfiniBand',
  wayOut: "take accelerators such as 'A100:8', 'A100-80GB:8' or 'H100:8'",
};

function judgeCapacity({ kind, fallback }: core.Capacity, faults: Faults): void {
  if (kind === core.CapacityKind.QUEUED) {
    faults.add(
      'CMC-040',
      'capacity',
      'is queued, which Azure ML has not: its jobs wait for machines anyway; take Capacity.onDemand(), or Capacity.spot({ maxWaitHours })',
    );
  }
  if (kind === core.CapacityKind.RESERVED) {
    faults.add(
      'CMC-040',
      'capacity',
      'is reserved, but compute of Azure ML takes no capacity reservations: take Capacity.onDemand(), and ask for the quota of the VM family, or take engine azure.TrainingEngine.aks()',
    );
  }
  if (fallback) {
    faults.add(
      'CMC-040',
      'capacity',
      'has fallback, but a compute cluster of Azure ML has one priority: leave fallback out, and start the run again under its name on a second cluster with Capacity.onDemand()',
    );
  }
}

function judgeAlarms(alarms: core.TrainingAlarmProps | undefined, faults: Faults): void {
  judgeTrainingAlarms(alarms, faults);
  if (alarms?.noCapacityMinutes !== undefined) {
    faults.add(
      'CMC-040',
      'alarms.noCapacityMinutes',
      'is nothing that Azure measures of a job: take Capacity.spot({ maxWaitHours }), after which a job is ended and alarms.jobFailed tells it',
    );
  }
}

function judgeLimits(
  { diskGiB }: GpuTrainingClusterProps,
  { capacity: { kind }, timeLimitHours, maxNodes }: JobLimits,
  faults: Faults,
): void {
  const spot = kind === core.CapacityKind.SPOT;
  const most = spot ? MOST.spotHours : MOST.hours;
  if (timeLimitHours > most) {
    faults.add(
      'CMC-004',
      'timeLimitHours',
      `(${timeLimitHours}) must be at most ${most}: Azure ML ends jobs ${spot ? 'on low-priority machines after 7 days' : 'after 21 days'}`,
    );
  }
  if (maxNodes > MOST.nodes) {
    faults.add(
      'CMC-004',
      'maxNodes',
      `(${maxNodes}) must be at most ${MOST.nodes}: nodes of a compute cluster that talk to each other are no more`,
    );
  }
  if (diskGiB !== undefined) {
    faults.add(
      'CMC-040',
      'diskGiB',
      'cannot be set on Azure ML, whose machines have a system disk of 120 GiB and the temporary disk of their size: leave it out, or take a machineType with a larger temporary disk',
    );
  }
}
