import { CapacityKind } from '../capacity';
import { chooseMachine, findMachine, Machine } from './catalog';
import { Faults, show } from './faults';
import { isToken } from './tokens';

/** A service that offers machine types. */
export interface MachineService {
  readonly cloud: string;
  /** As a user knows it: `SageMaker training`. */
  readonly title: string;
  /** What stands before the catalog's names: `ml.` */
  readonly prefix?: string;
  /** The form of the names of machine types, and one of them. */
  readonly form: RegExp;
  readonly example: string;
  /** null where nobody knows. */
  readonly offered: (machine: Machine) => boolean | null;
  /** Where to go if the service has none of the accelerators. */
  readonly wayOut?: string;
  /** The type where none is asked for; without it, to ask for none is a fault. */
  readonly usual?: string;
}

/** What a machine is asked by, and where the two props stand: `variants[0].` */
export interface MachineRequest {
  readonly accelerators?: string[];
  readonly machineType?: string;
  readonly at?: string;
}

/** How the machine is bought, and which ones are sold so. */
export interface Purchase {
  readonly capacity: CapacityKind;
  readonly sold: (machine: Machine) => boolean;
}

export interface MachineChoice {
  /** By the service's name. */
  readonly type: string;
  /** The catalog's row; none for types without accelerators that it knows. */
  readonly machine?: Machine;
}

/** The machine type of a request; nothing, with a fault, where the service has none. A pinned type is not asked how it is sold. */
export function machineFor(
  { accelerators, machineType, at = '' }: MachineRequest,
  service: MachineService,
  faults: Faults,
  purchase?: Purchase,
): MachineChoice | undefined {
  const { cloud, title, prefix = '', usual, offered, wayOut } = service;
  if (accelerators && machineType) {
    faults.add('CMC-008', `${at}machineType`, 'excludes accelerators: give one of them');
    return undefined;
  }
  if (machineType) {
    return pinned(machineType, `${at}machineType`, service, faults);
  }
  if (!accelerators) {
    if (!usual) {
      faults.add(
        'CMC-002',
        `${at}accelerators`,
        "is required, or machineType: ['T4:1'] is one T4 for each machine",
      );
    }
    return usual ? { type: usual } : undefined;
  }
  const special = purchase && purchase.capacity !== CapacityKind.ON_DEMAND;
  const machine = chooseMachine(
    {
      cloud,
      service: special ? `${title} with capacity ${purchase.capacity}` : title,
      accelerators,
      offered: (row) => (purchase && !purchase.sold(row) ? false : offered(row)),
      prop: `${at}accelerators`,
      wayOut,
    },
    faults,
  );
  return machine && { type: `${prefix}${machine.name}`, machine };
}

function pinned(
  type: string,
  prop: string,
  { cloud, title, prefix = '', form, example, offered }: MachineService,
  faults: Faults,
): MachineChoice | undefined {
  if (isToken(type)) {
    return { type };
  }
  if (!form.test(type)) {
    faults.add('CMC-006', prop, `(${show(type)}) must be a machine type of ${title}, such as ${example}`);
    return undefined;
  }
  const machine = findMachine(cloud, type.slice(prefix.length));
  if (machine && offered(machine) === false) {
    faults.add(
      'CMC-022',
      prop,
      `(${show(type)}) is not offered by ${title}: take another machine type, or accelerators`,
    );
    return undefined;
  }
  return { type, machine };
}
