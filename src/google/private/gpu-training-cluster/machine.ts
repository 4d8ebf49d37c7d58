import { CapacityKind, GpuTrainingClusterProps } from '../../../core';
import { catalog, chooseMachine, findMachine, Machine } from '../../../core/private/catalog';
import { Faults, show } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { CLOUD } from '../judge';

export interface MachineChoice {
  readonly type: string;
  /** The catalog's row; none for types without accelerators that it knows. */
  readonly machine?: Machine;
}

const SERVICE = 'Vertex AI training';

const isGpu = (machine: Machine) => catalog().accelerators[machine.accelerator].kind === 'gpu';

/** How the chips of one host are joined. Vertex AI takes these TPUs by their machine type. */
const TOPOLOGIES: Record<string, string> = {
  'ct5lp-hightpu-1t': '1x1',
  'ct5lp-hightpu-4t': '2x2',
  'ct5lp-hightpu-8t': '2x4',
};

const offered = (machine: Machine) =>
  Boolean(machine.google?.vertexAcceleratorType) && (isGpu(machine) || machine.name in TOPOLOGIES);

/** What Dynamic Workload Scheduler queues for. */
export const QUEUED_ACCELERATORS = ['L4', 'A100', 'A100-80GB', 'H100', 'H200', 'B200'];

const SOLD_AS: Partial<Record<CapacityKind, (machine: Machine) => boolean>> = {
  [CapacityKind.ON_DEMAND]: ({ onDemand }) => onDemand !== false,
  [CapacityKind.SPOT]: (machine) => machine.spot !== false && isGpu(machine),
  [CapacityKind.QUEUED]: ({ accelerator }) => QUEUED_ACCELERATORS.includes(accelerator),
};

/** The machine type of a cluster; nothing, with a fault, where Vertex AI has none. */
export function machineFor(
  { accelerators, machineType }: GpuTrainingClusterProps,
  capacity: CapacityKind,
  faults: Faults,
): MachineChoice | undefined {
  if (accelerators && machineType) {
    faults.add('CMC-008', 'machineType', 'excludes accelerators: give one of them');
    return undefined;
  }
  if (machineType) {
    return pinned(machineType, capacity, faults);
  }
  if (!accelerators) {
    faults.add('CMC-002', 'accelerators', "is required, or machineType: ['L4:1'] is one L4 for each machine");
    return undefined;
  }
  const sold = SOLD_AS[capacity] ?? (() => true);
  const machine = chooseMachine(
    {
      cloud: CLOUD,
      service: `${SERVICE} with capacity ${capacity}`,
      accelerators,
      offered: (row) => offered(row) && sold(row),
      prop: 'accelerators',
      wayOut: 'another capacity may have more',
    },
    faults,
  );
  return machine && { type: machine.name, machine };
}

function pinned(type: string, capacity: CapacityKind, faults: Faults): MachineChoice | undefined {
  if (isToken(type)) {
    return { type };
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(type)) {
    faults.add('CMC-006', 'machineType', `(${show(type)}) must be a machine type, such as n1-standard-8`);
    return undefined;
  }
  const row = findMachine(CLOUD, type);
  // Machines that accelerators are attached to have none by themselves.
  const machine = row?.google?.attach === 'bundled' ? row : undefined;
  if (machine && !offered(machine)) {
    faults.add(
      'CMC-022',
      'machineType',
      `(${show(type)}) is not offered by ${SERVICE}: take another machine type, or accelerators`,
    );
    return undefined;
  }
  const sold = SOLD_AS[capacity];
  const buyable = machine ? (sold?.(machine) ?? true) : capacity !== CapacityKind.QUEUED;
  if (!buyable) {
    faults.add(
      'CMC-023',
      'capacity',
      `is ${capacity}, which ${SERVICE} does not have for ${type}${capacity === CapacityKind.QUEUED ? ` but for ${QUEUED_ACCELERATORS.join(', ')}` : ''}: take another capacity or machine type`,
    );
    return undefined;
  }
  return { type, machine };
}

/** `PET_NPROC_PER_NODE`: one process per accelerator, as torchrun says it. */
export function processesPerNode({ type, machine }: MachineChoice): string {
  if (isToken(type)) {
    return 'auto';
  }
  return machine && isGpu(machine) ? 'gpu' : '1';
}

export const isTpu = ({ machine }: MachineChoice): boolean => machine !== undefined && !isGpu(machine);

/** A machine as Vertex AI's API takes it. */
export function machineSpec({ type, machine }: MachineChoice, reservationId?: string): object {
  return {
    machineType: type,
    ...(machine &&
      (isGpu(machine)
        ? { acceleratorType: machine.google!.vertexAcceleratorType, acceleratorCount: machine.count }
        : { tpuTopology: TOPOLOGIES[type] })),
    reservationAffinity: reservationId && {
      reservationAffinityType: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [reservationId],
    },
  };
}
