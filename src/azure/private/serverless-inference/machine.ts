import { findAccelerator, serverlessGpus } from '../../../core/private/catalog';
import { Faults } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import type { ServerlessInferenceProps } from '../../serverless-inference';
import { CLOUD } from '../judge';

/** What an instance has, and the workload profile that it runs in. */
export interface ServerlessMachine {
  readonly profile: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  /** The accelerator that was chosen. */
  readonly accelerator?: string;
}

/** The profile of instances without accelerators: every environment has it, because none can be added to one without. */
export const CONSUMPTION = 'Consumption';

/** Container Apps sells quarters of a processor, each with 512 MiB. */
const STEP = { cpu: 0.25, memoryMiB: 512 };
const MOST = { cpu: 4, memoryMiB: 8192 };

/** The machine of an instance: memory and processors go together, and both with an accelerator. */
export function serverlessMachine(
  props: Pick<ServerlessInferenceProps, 'accelerators' | 'cpu' | 'memoryMiB'>,
  faults: Faults,
): ServerlessMachine | undefined {
  return props.accelerators ? gpuMachine(props, props.accelerators, faults) : consumption(props, faults);
}

function consumption(
  { cpu, memoryMiB }: Pick<ServerlessInferenceProps, 'cpu' | 'memoryMiB'>,
  faults: Faults,
): ServerlessMachine {
  const more = 'take AutoScalingEndpoint for more';
  if (memoryMiB !== undefined && (memoryMiB % STEP.memoryMiB !== 0 || memoryMiB > MOST.memoryMiB)) {
    faults.add(
      'CMC-004',
      'memoryMiB',
      `(${memoryMiB}) must be from ${STEP.memoryMiB} to ${MOST.memoryMiB} in steps of ${STEP.memoryMiB}: ${more}`,
    );
  }
  if (cpu !== undefined && (cpu % STEP.cpu !== 0 || cpu > MOST.cpu)) {
    faults.add(
      'CMC-004',
      'cpu',
      `(${cpu}) must be from ${STEP.cpu} to ${MOST.cpu} in steps of ${STEP.cpu}: ${more}`,
    );
  }
  const memory = memoryMiB ?? (cpu === undefined ? 2048 : cpu * 2048);
  if (cpu !== undefined && memory !== cpu * 2048) {
    faults.add(
      'CMC-008',
      'cpu',
      `(${cpu}) comes with ${cpu * 2048} MiB on Container Apps, memoryMiB is ${memory}: give one of them`,
    );
  }
  return { profile: CONSUMPTION, cpu: memory / 2048, memoryMiB: memory };
}

function gpuMachine(
  props: Pick<ServerlessInferenceProps, 'cpu' | 'memoryMiB'>,
  accelerators: string[],
  faults: Faults,
): ServerlessMachine | undefined {
  const requests = accelerators.map((request, i) => findAccelerator(request, `accelerators[${i}]`, faults));
  if (requests.includes(undefined)) {
    return undefined;
  }
  const offered = serverlessGpus(CLOUD);
  const row = requests
    .map((request) => offered.find((one) => one.accelerator === request!.name && request!.count === 1))
    .find((one) => one !== undefined);
  if (!row) {
    faults.add(
      'CMC-021',
      'accelerators',
      `(${accelerators.join(', ')}): Container Apps offers 1 of ${offered.map(({ accelerator }) => accelerator).join(' or ')} per instance; take AutoScalingEndpoint for others`,
    );
    return undefined;
  }
  const machine = {
    profile: row.name,
    cpu: Number(row.vcpu),
    memoryMiB: Number(row.memoryMiB),
    accelerator: row.accelerator!,
  };
  for (const prop of ['cpu', 'memoryMiB'] as const) {
    const given = props[prop];
    if (given !== undefined && !isToken(given) && given > machine[prop]) {
      faults.add(
        'CMC-004',
        prop,
        `(${given}) is more than the ${machine[prop]} that come with ${machine.accelerator} on Container Apps: take AutoScalingEndpoint`,
      );
    }
  }
  return machine;
}
