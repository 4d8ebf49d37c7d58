import * as core from '../../../core';
import { chooseMachine } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { CLOUD } from '../judge';

/** What an instance of Cloud Run has. */
export interface InstanceSize {
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly gpu: boolean;
}

/** By processors: the least and the most memory in MiB. */
const MEMORY: { readonly [cpu: number]: readonly [number, number] } = {
  1: [512, 4096],
  2: [512, 8192],
  4: [2048, 16384],
  8: [4096, 32768],
};
const SIZES = Object.keys(MEMORY).map(Number);
/** What an instance with an L4 must have at least. */
const WITH_GPU = { cpu: 4, memoryMiB: 16384 };

/** Judges processors, memory and accelerators of an instance, and decides what was not given. */
export function judgeSize(props: core.ServerlessInferenceProps, faults: Faults): InstanceSize {
  const gpu = props.accelerators !== undefined;
  if (gpu) {
    chooseMachine(
      {
        cloud: CLOUD,
        service: 'Cloud Run',
        accelerators: props.accelerators!,
        offered: ({ accelerator, count }) => accelerator === 'L4' && count === 1,
        prop: 'accelerators',
        wayOut: 'take AutoScalingEndpoint for others',
      },
      faults,
    );
  }
  const memoryMiB = props.memoryMiB ?? (gpu ? WITH_GPU.memoryMiB : 2048);
  const fitting = SIZES.find((cpu) => (!gpu || cpu >= WITH_GPU.cpu) && MEMORY[cpu][1] >= memoryMiB);
  const cpu = props.cpu ?? fitting ?? 8;
  const refuse = (prop: string, message: string) => faults.add('CMC-004', prop, message);
  if (!isToken(cpu) && !SIZES.includes(cpu)) {
    faults.add('CMC-005', 'cpu', `(${cpu}) must be one of ${SIZES.join(', ')}: Cloud Run has no others`);
  } else if (!isToken(cpu) && gpu && cpu < WITH_GPU.cpu) {
    refuse('cpu', `(${cpu}) must be at least ${WITH_GPU.cpu} with an L4`);
  }
  if (isToken(memoryMiB)) {
    return { cpu, memoryMiB, gpu };
  }
  if (gpu && memoryMiB < WITH_GPU.memoryMiB) {
    refuse('memoryMiB', `(${memoryMiB}) must be at least ${WITH_GPU.memoryMiB} with an L4`);
  } else if (MEMORY[cpu] && (memoryMiB < MEMORY[cpu][0] || memoryMiB > MEMORY[cpu][1])) {
    const [min, max] = MEMORY[cpu];
    refuse(
      'memoryMiB',
      `(${memoryMiB}) must be from ${min} to ${max} with ${cpu} processors on Cloud Run: ${memoryMiB > 32768 ? 'AutoScalingEndpoint has machines with more' : 'change cpu'}`,
    );
  }
  return { cpu, memoryMiB, gpu };
}
