import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { Machine } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { JobLimits, jobLimits, judgeFabric, refuseElastic, usedByTraining } from '../../../core/private/jobs';
import { MachineChoice, machineFor } from '../../../core/private/machines';
import { gpuTrainingClusterRules } from '../../../core/private/rules';
import { integer, judgeProps, literal, Schema, struct } from '../../../core/private/schema';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { ML_COMPUTE } from '../machines';
import { judgePrivacy } from '../private-access';
import { judgeEnvironment } from './environment';

/** What the props of a cluster mean. */
export interface TrainingPlan extends JobLimits {
  readonly choice: MachineChoice;
  /** Whether the machines are joined by InfiniBand. */
  readonly fabric: boolean;
  readonly idleMinutes: number;
  readonly datasetVariables: Record<string, string>;
}

const RULES = gpuTrainingClusterRules(CLOUD, logRetentionRule);

const SCHEMA: Schema<GpuTrainingClusterProps> = {
  ...RULES,
  // They become parts of expressions and durations.
  maxNodes: literal(RULES.maxNodes),
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
  }
  const datasetVariables = judgeEnvironment(props, faults);
  judgeCapacity(limits.capacity, faults);
  judgeLimits(props, limits, faults);
  refuseElastic(
    props.minNodes,
    'Azure ML',
    'leave it out, or take google.TrainingEngine.gke(), on Google Cloud',
    faults,
  );

  const choice = chooseMachine(props, limits.capacity, faults);
  return {
    ...limits,
    choice: choice!,
    fabric: judgeFabric(props, choice, INFINIBAND, faults),
    idleMinutes: props.idleMinutes ?? 5,
    datasetVariables,
  };
}

/** With a fast network required, a size that has it wins over one that has not. */
function chooseMachine(
  props: GpuTrainingClusterProps,
  { kind: capacity }: core.Capacity,
  faults: Faults,
): MachineChoice | undefined {
  const sold = ({ spot }: Machine) => capacity !== core.CapacityKind.SPOT || spot !== false;
  const joined =
    props.fabric === core.Fabric.REQUIRED && props.accelerators
      ? machineFor(props, ML_COMPUTE, new Faults(), {
          capacity,
          sold: (row) => sold(row) && row.rdma !== null,
        })
      : undefined;
  return joined ?? machineFor(props, ML_COMPUTE, faults, { capacity, sold });
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
      'is reserved, but compute of Azure ML takes no capacity reservations: take Capacity.onDemand(), and ask for the quota of the VM family',
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
