import { CLOUD } from './judge';
import { chooseMachine, findMachine, Machine } from '../../core/private/catalog';
import { Faults, show } from '../../core/private/faults';
import { isToken } from '../../core/private/tokens';

/** A service that offers machine types. */
export interface MachineService {
  readonly title: string;
  /** The prefix of the service's names before the EC2 type. */
  readonly prefix: '' | 'ml.';
  readonly offered: (machine: Machine) => boolean;
  readonly wayOut?: string;
}

export const SAGEMAKER_TRAINING: MachineService = {
  title: 'SageMaker training',
  prefix: 'ml.',
  offered: (machine) => machine.aws!.sagemakerTraining,
};

export const SAGEMAKER_HOSTING: MachineService = {
  title: 'SageMaker hosting',
  prefix: 'ml.',
  offered: (machine) => machine.aws!.sagemakerHosting,
};

export const BATCH: MachineService = { title: 'AWS Batch on EC2', prefix: '', offered: () => true };

export interface MachineChoice {
  /** By the service's name. */
  readonly type: string;
  /** The catalog's row; none for types without accelerators that it knows. */
  readonly machine?: Machine;
}

export interface MachineRequest {
  readonly accelerators?: string[];
  readonly machineType?: string;
  /** Where the two props stand: `variants[0].` */
  readonly at?: string;
}

const TYPE = /^(ml\.)?[a-z][a-z0-9-]*\.(\d*x?large|medium|small|micro|nano|metal)(-\w+)?$/;

/** The machine type of a request; nothing, with a fault, where the service has none. */
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
  const machine = chooseMachine(
    {
      cloud: CLOUD,
      service: service.title,
      accelerators: accelerators ?? [],
      offered: (row) => service.offered(row) && narrow(row),
      prop: `${at}accelerators`,
      wayOut: service.wayOut,
    },
    faults,
  );
  return machine && { type: `${service.prefix}${machine.name}`, machine };
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
  if (!TYPE.test(type) || type.startsWith('ml.') !== (service.prefix === 'ml.')) {
    faults.add(
      'CMC-006',
      prop,
      `(${show(type)}) must be a machine type of ${service.title}, such as ${service.prefix}g5.xlarge`,
    );
    return undefined;
  }
  const machine = findMachine(CLOUD, type.slice(service.prefix.length));
  if (machine && !service.offered(machine)) {
    faults.add(
      'CMC-022',
      prop,
      `(${show(type)}) is not offered by ${service.title}: ${service.wayOut ?? 'take another machine type'}`,
    );
    return undefined;
  }
  return { type, machine };
}
