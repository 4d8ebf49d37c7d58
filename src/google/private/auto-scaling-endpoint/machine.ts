import * as core from '../../../core';
import { catalog, chooseMachine, findMachine, Machine } from '../../../core/private/catalog';
import { Faults, show } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { CLOUD } from '../judge';

export interface MachineChoice {
  readonly type: string;
  /** The catalog's row; none for types without accelerators that it knows. */
  readonly machine?: Machine;
}

export interface MachineRequest {
  readonly accelerators?: string[];
  readonly machineType?: string;
}

const SERVICE = 'Vertex AI prediction';

/** What serves where no machine is asked for: 2 vCPU and 7.5 GB. */
const DEFAULT_MACHINE: MachineChoice = { type: 'n1-standard-2' };

const offered = ({ google, accelerator }: Machine) =>
  Boolean(google?.vertexAcceleratorType) && catalog().accelerators[accelerator].kind === 'gpu';

/** The machine type of a variant; nothing, with a fault, where Vertex AI has none. */
export function machineFor(
  { accelerators, machineType }: MachineRequest,
  kind: core.CapacityKind,
  at: string,
  faults: Faults,
): MachineChoice | undefined {
  if (accelerators && machineType) {
    faults.add('CMC-008', `${at}machineType`, 'excludes accelerators: give one of them');
    return undefined;
  }
  if (machineType) {
    return pinned(machineType, `${at}machineType`, faults);
  }
  if (!accelerators) {
    return DEFAULT_MACHINE;
  }
  const machine = chooseMachine(
    {
      cloud: CLOUD,
      service: kind === core.CapacityKind.ON_DEMAND ? SERVICE : `${SERVICE} with capacity ${kind}`,
      accelerators,
      offered: (row) =>
        offered(row) &&
        (kind !== core.CapacityKind.ON_DEMAND || row.onDemand !== false) &&
        (kind !== core.CapacityKind.SPOT || row.spot !== false),
      prop: `${at}accelerators`,
      wayOut: 'another capacity may have more',
    },
    faults,
  );
  return machine && { type: machine.name, machine };
}

function pinned(type: string, prop: string, faults: Faults): MachineChoice | undefined {
  if (isToken(type)) {
    return { type };
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(type)) {
    faults.add('CMC-006', prop, `(${show(type)}) must be a machine type, such as n1-standard-4`);
    return undefined;
  }
  const row = findMachine(CLOUD, type);
  // Machines that accelerators are attached to have none by themselves.
  const machine = row?.google?.attach === 'bundled' ? row : undefined;
  if (machine && !offered(machine)) {
    faults.add(
      'CMC-022',
      prop,
      `(${show(type)}) is not offered by ${SERVICE}: take another machine type, or accelerators`,
    );
    return undefined;
  }
  return { type, machine };
}

/** A machine as Vertex AI's API takes it. */
export const machineSpec = ({ type, machine }: MachineChoice, reservationId?: string) => ({
  machineType: type,
  ...(machine && {
    acceleratorType: machine.google!.vertexAcceleratorType,
    acceleratorCount: machine.count,
  }),
  ...(reservationId && {
    reservationAffinity: {
      reservationAffinityType: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [reservationId],
    },
  }),
});
