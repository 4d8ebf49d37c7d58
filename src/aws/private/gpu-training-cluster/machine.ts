import { isGpu, Machine } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { MachineChoice, MachineService } from '../../../core/private/machines';
import { BATCH } from '../machines';

/** What AWS Batch trains on: NVIDIA GPUs that its machine images know, and Trainium. */
export const BATCH_TRAINING: MachineService = {
  ...BATCH,
  offered: (machine) =>
    machine.arch === 'amd64' &&
    (isGpu(machine) ? !/^(g4ad|g3s?|p2|p3|p3dn)$/.test(machine.family) : isTrainium(machine)),
};

const isTrainium = (machine: Machine) =>
  machine.family.startsWith('trn') && Boolean(machine.aws?.neuronCores);

/** `PET_NPROC_PER_NODE`: one process per accelerator, as torchrun says it. */
export function processesPerNode({ type, machine }: MachineChoice): string {
  if (machine) {
    return isGpu(machine) ? 'gpu' : String(machine.aws?.neuronCores ?? 1);
  }
  // A type that only deployment knows: torchrun looks for itself.
  return /^[a-z0-9.-]+$/.test(type) ? '1' : 'auto';
}

export interface MachineSize {
  readonly vcpu: number;
  /** What a container may have of it. */
  readonly memoryMiB: number;
  readonly gpus: number;
  readonly neuronDevices: number;
}

/** What a job that has a whole machine asks AWS Batch for. */
export function sizeOf(
  { type, machine }: MachineChoice,
  prop: string,
  faults: Faults,
): MachineSize | undefined {
  if (machine) {
    const count = machine.count;
    return {
      vcpu: machine.vcpu,
      memoryMiB: usable(machine.ramGiB),
      ...(isGpu(machine) ? { gpus: count, neuronDevices: 0 } : { gpus: 0, neuronDevices: count }),
    };
  }
  const [, family, size] = /^([mcr])\d[a-z]*\.(\d*x?large)$/.exec(type) ?? [];
  if (!family) {
    faults.add(
      'CMC-022',
      prop,
      `('${type}') is of unknown size: with engine BATCH take accelerators, or a type of the families m, c and r such as m5.xlarge`,
    );
    return undefined;
  }
  const vcpu = size === 'large' ? 2 : 4 * (parseInt(size, 10) || 1);
  return {
    vcpu,
    memoryMiB: usable(vcpu * { c: 2, m: 4, r: 8 }[family as 'c' | 'm' | 'r']),
    gpus: 0,
    neuronDevices: 0,
  };
}

/** The operating system and the agent keep a part, of small machines a larger one: a job that asks for more waits for ever. */
const usable = (gibibytes: number) => Math.floor(Math.min(gibibytes * 1024 * 0.9, gibibytes * 1024 - 600));
