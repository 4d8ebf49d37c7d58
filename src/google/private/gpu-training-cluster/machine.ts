import { CapacityKind, GpuTrainingClusterProps } from '../../../core';
import { isGpu, Machine } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { MachineChoice, machineFor, MachineService } from '../../../core/private/machines';
import { isToken } from '../../../core/private/tokens';
import { TOPOLOGIES } from '../machines';

/** What Dynamic Workload Scheduler queues for. */
export const QUEUED_ACCELERATORS = ['L4', 'A100', 'A100-80GB', 'H100', 'H200', 'B200'];

const SOLD_AS: Partial<Record<CapacityKind, (machine: Machine) => boolean>> = {
  [CapacityKind.ON_DEMAND]: ({ onDemand }) => onDemand !== false,
  [CapacityKind.SPOT]: (machine) => machine.spot !== false && isGpu(machine),
  [CapacityKind.QUEUED]: ({ accelerator }) => QUEUED_ACCELERATORS.includes(accelerator),
};

/** The machine type of a cluster; nothing, with a fault, where the service has none. */
export function judgeMachine(
  props: GpuTrainingClusterProps,
  service: MachineService,
  capacity: CapacityKind,
  faults: Faults,
): MachineChoice | undefined {
  const sold = SOLD_AS[capacity] ?? (() => true);
  const { machineType } = props;
  const choice = machineFor(props, service, faults, { capacity, sold });
  if (!choice || !machineType || isToken(machineType)) {
    return choice;
  }
  const queued = capacity === CapacityKind.QUEUED;
  if (choice.machine ? !sold(choice.machine) : queued) {
    faults.add(
      'CMC-023',
      'capacity',
      `is ${capacity}, which ${service.title} does not have for ${machineType}${queued ? ` but for ${QUEUED_ACCELERATORS.join(', ')}` : ''}: take another capacity or machine type`,
    );
  }
  return choice;
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
