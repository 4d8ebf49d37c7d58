import { chooseMachine, ServerlessGpu, serverlessGpus } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { CLOUD } from '../judge';

/** What an instance of Cloud Run has. */
export interface InstanceSize {
  readonly cpu: number;
  readonly memoryMiB: number;
  /** Its accelerator, of which it has one; none without. */
  readonly gpu?: ServerlessGpu;
}

/** What was asked of an instance, and the props that asked. */
export interface SizeRequest {
  readonly accelerators?: string[];
  readonly cpu?: number;
  readonly memoryMiB?: number;
  /** @default 2048 */
  readonly defaultMemoryMiB?: number;
  /** The prop of the accelerators; what decides processors and memory stands below `sizeAt`. */
  readonly acceleratorsAt: string;
  readonly sizeAt: string;
  /** What has more. */
  readonly elsewhere: string;
}

/** By processors: the least and the most memory in MiB. */
const MEMORY: { readonly [cpu: number]: readonly [number, number] } = {
  1: [512, 4096],
  2: [512, 8192],
  4: [2048, 16384],
  8: [4096, 32768],
};
const SIZES = Object.keys(MEMORY).map(Number);
/** The least of what the catalog says as `4..8`. */
const leastOf = (range: unknown): number => Number(String(range).split('..')[0]);

function gpuOf(
  { acceleratorsAt, elsewhere }: SizeRequest,
  accelerators: string[],
  faults: Faults,
): ServerlessGpu | undefined {
  const offered = serverlessGpus(CLOUD);
  const rowOf = (name?: string) => offered.find(({ accelerator }) => accelerator === name);
  const machine = chooseMachine(
    {
      cloud: CLOUD,
      service: 'Cloud Run',
      accelerators,
      offered: ({ accelerator, count }) => count === 1 && rowOf(accelerator) !== undefined,
      prop: acceleratorsAt,
      wayOut: `take ${elsewhere} for others`,
    },
    faults,
  );
  return rowOf(machine?.accelerator);
}

/** Judges processors, memory and accelerators of an instance, and decides what was not given. */
export function judgeSize(asked: SizeRequest, faults: Faults): InstanceSize {
  const gpu = asked.accelerators && gpuOf(asked, asked.accelerators, faults);
  const least = gpu ? { cpu: leastOf(gpu.vcpu), memoryMiB: leastOf(gpu.memoryMiB) } : undefined;
  const memoryMiB = asked.memoryMiB ?? least?.memoryMiB ?? asked.defaultMemoryMiB ?? 2048;
  const fitting = SIZES.find((cpu) => cpu >= (least?.cpu ?? 0) && MEMORY[cpu][1] >= memoryMiB);
  const cpu = asked.cpu ?? fitting ?? 8;
  const [cpuAt, memoryAt] = [`${asked.sizeAt}cpu`, `${asked.sizeAt}memoryMiB`];
  const refuse = (prop: string, message: string) => faults.add('CMC-004', prop, message);
  if (!isToken(cpu) && !SIZES.includes(cpu)) {
    faults.add('CMC-005', cpuAt, `(${cpu}) must be one of ${SIZES.join(', ')}: Cloud Run has no others`);
  } else if (!isToken(cpu) && least && cpu < least.cpu) {
    refuse(cpuAt, `(${cpu}) must be at least ${least.cpu} with the accelerator ${gpu!.accelerator}`);
  }
  if (isToken(memoryMiB)) {
    return { cpu, memoryMiB, gpu };
  }
  if (least && memoryMiB < least.memoryMiB) {
    refuse(
      memoryAt,
      `(${memoryMiB}) must be at least ${least.memoryMiB} with the accelerator ${gpu!.accelerator}`,
    );
  } else if (MEMORY[cpu] && (memoryMiB < MEMORY[cpu][0] || memoryMiB > MEMORY[cpu][1])) {
    const [min, max] = MEMORY[cpu];
    refuse(
      memoryAt,
      `(${memoryMiB}) must be from ${min} to ${max} with ${cpu} processors on Cloud Run: ${memoryMiB > 32768 ? `${asked.elsewhere} has machines with more` : 'change cpu'}`,
    );
  }
  return { cpu, memoryMiB, gpu };
}
