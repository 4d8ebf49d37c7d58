import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { Machine } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { MachineChoice, machineFor } from '../../../core/private/machines';
import { gpuTrainingClusterRules } from '../../../core/private/rules';
import { integer, judgeProps, literal, Schema, struct } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { ML_COMPUTE } from '../machines';
import { judgePrivacy } from '../private-access';
import { judgeEnvironment } from './environment';

/** What the props of a cluster mean. */
export interface TrainingPlan {
  readonly capacity: core.Capacity;
  readonly choice: MachineChoice;
  /** Whether the machines are joined by InfiniBand. */
  readonly fabric: boolean;
  readonly maxNodes: number;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
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
  const { capacity = core.Capacity.onDemand(), maxNodes = 1, timeLimitHours = 24 } = props;
  if (faults.none) {
    usesAll(
      cluster,
      {
        network: props.network,
        encryptionKey: props.encryptionKey,
        datasets: props.datasets,
        registry: props.registry,
        ...Object.fromEntries(
          Object.entries(props.secrets ?? {}).map(([name, secret]) => [`secrets.${name}`, secret]),
        ),
      },
      faults,
    );
    judgeImage(cluster, props.image, 'image', faults);
    judgePrivacy(cluster, props.network, faults);
  }
  const datasetVariables = judgeEnvironment(props, faults);
  judgeCapacity(capacity, faults);
  judgeLimits(props, capacity, faults);

  const choice = chooseMachine(props, capacity, faults);
  judgeFabric(props, choice, faults);
  return {
    capacity,
    choice: choice!,
    fabric: Boolean(choice?.machine?.rdma) && (maxNodes > 1 || props.fabric === core.Fabric.REQUIRED),
    maxNodes,
    timeLimitHours,
    maxRetries: props.maxRetries ?? 3,
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

function judgeFabric(
  { fabric, machineType }: GpuTrainingClusterProps,
  choice: MachineChoice | undefined,
  faults: Faults,
): void {
  if (!choice || fabric !== core.Fabric.REQUIRED) {
    return;
  }
  if (machineType && isToken(machineType)) {
    faults.add('CMC-009', 'fabric', 'is required: it needs a machineType that is known before deployment');
  } else if (!choice.machine?.rdma) {
    faults.add(
      'CMC-040',
      'fabric',
      `is required, but ${choice.type} has no InfiniBand: take accelerators such as 'A100:8', 'A100-80GB:8' or 'H100:8'`,
    );
  }
}

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
  { timeLimitHours = 24, maxNodes = 1, diskGiB }: GpuTrainingClusterProps,
  { kind }: core.Capacity,
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
