import { CLOUD } from './judge';
import { chooseMachine, findMachine, Machine } from '../../core/private/catalog';
import { Faults, show } from '../../core/private/faults';
import { isToken } from '../../core/private/tokens';

/** A service that offers VM sizes. */
export interface MachineService {
  readonly title: string;
  /** null where nobody knows. */
  readonly offered: (machine: Machine) => boolean | null;
  readonly wayOut?: string;
}

export const ML_COMPUTE: MachineService = {
  title: 'Azure ML compute',
  offered: (machine) => machine.azure!.azureMlCompute,
};

export const ML_ENDPOINT: MachineService = {
  title: 'Azure ML online endpoints',
  offered: (machine) => machine.azure!.azureMlOnlineEndpoint,
};

export interface MachineChoice {
  /** By Azure's name: `Standard_NC24ads_A100_v4`. */
  readonly type: string;
  /** The catalog's row; none for sizes without accelerators that it knows. */
  readonly machine?: Machine;
}

export interface MachineRequest {
  readonly accelerators?: string[];
  readonly machineType?: string;
  /** Where the two props stand: `variants[0].` */
  readonly at?: string;
}

const SIZE = /^Standard_[A-Z][A-Za-z0-9_-]*$/;

/** The VM size of a request; nothing, with a fault, where the service has none. Of two, the one that is known to be offered. */
export function machineFor(
  { accelerators, machineType, at = '' }: MachineRequest,
  service: MachineService,
  faults: Faults,
  narrow: (machine: Machine) => boolean = () => true,
): MachineChoice | undefined {
  if (accelerators && machineType) {
    faults.add('CMC-008', `${at}machineType`, 'excludes accelerators: give one of them');
    return undefined;
  }
  if (machineType) {
    return pinned(machineType, `${at}machineType`, service, faults);
  }
  const ask = (requests: string[], offered: (machine: Machine) => boolean, into: Faults) =>
    chooseMachine(
      {
        cloud: CLOUD,
        service: service.title,
        accelerators: requests,
        offered: (row) => offered(row) && narrow(row),
        prop: `${at}accelerators`,
        wayOut: service.wayOut,
      },
      into,
    );
  const found = ask(accelerators ?? [], (row) => service.offered(row) !== false, faults);
  const machine =
    found &&
    (ask([`${found.accelerator}:${found.count}`], (row) => service.offered(row) === true, new Faults()) ??
      found);
  return machine && { type: machine.name, machine };
}

function pinned(
  type: string,
  prop: string,
  service: MachineService,
  faults: Faults,
): MachineChoice | undefined {
  if (isToken(type)) {
    return { type };
  }
  if (!SIZE.test(type)) {
    faults.add('CMC-006', prop, `(${show(type)}) must be a VM size, such as Standard_NC4as_T4_v3`);
    return undefined;
  }
  const machine = findMachine(CLOUD, type);
  if (machine && service.offered(machine) === false) {
    faults.add(
      'CMC-022',
      prop,
      `(${show(type)}) is not offered by ${service.title}: ${service.wayOut ?? 'take another VM size'}`,
    );
    return undefined;
  }
  return { type, machine };
}
