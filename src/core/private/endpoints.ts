import type { EndpointVariant, ScalingProps } from '../auto-scaling-endpoint';
import { Faults } from './faults';
import { MachineChoice, machineFor, MachineRequest, MachineService, Purchase } from './machines';
import { isToken } from './tokens';

/** The machines of one variant. */
export interface VariantMachine {
  readonly choice?: MachineChoice;
  /** The prop that chose them, and why it is these. */
  readonly at: string;
  readonly why: string;
}

/** The machines of each variant: its own, or those of the endpoint. */
export function variantMachines(
  props: MachineRequest & { readonly variants: readonly EndpointVariant[] },
  service: MachineService,
  faults: Faults,
  purchase?: Purchase,
): VariantMachine[] {
  const shared = machineFor(props, service, faults, purchase);
  return props.variants.map(({ accelerators, machineType }, i) => {
    const own =
      accelerators || machineType ? { accelerators, machineType, at: `variants[${i}].` } : undefined;
    const asked: MachineRequest = own ?? props;
    return {
      choice: own ? machineFor(own, service, faults, purchase) : shared,
      at: `${own?.at ?? ''}${asked.accelerators ? 'accelerators' : 'machineType'}`,
      why: whyOf(asked, service),
    };
  });
}

const whyOf = ({ accelerators, machineType }: MachineRequest, { title }: MachineService): string =>
  accelerators
    ? `the first of ${accelerators.join(', ')} that ${title} offers`
    : machineType
      ? 'as pinned by machineType'
      : 'the default without accelerators';

/** A service that splits traffic, and whether it does so by whole percents only. */
export interface TrafficService {
  readonly title: string;
  readonly wholePercents: boolean;
}

/** The variable that a container finds the number of its accelerators in. */
export const ACCELERATOR_COUNT = 'ACCELERATOR_COUNT';

/** What a container is told of its machine. A part of an accelerator looks like one. */
export const machineVariables = (machine?: { readonly count: number }): Record<string, string> =>
  machine ? { [ACCELERATOR_COUNT]: String(Math.ceil(machine.count)) } : {};

/** All weights or none, which is equal shares: whole percents or hundredths of them, that add up exactly. */
export function weightsOf(
  variants: readonly EndpointVariant[],
  { title, wholePercents }: TrafficService,
  faults: Faults,
): number[] {
  const given = variants.map(({ weight }) => weight).filter((weight) => weight !== undefined);
  if (given.length === 0) {
    const parts = wholePercents ? 1 : 100;
    const share = Math.floor((100 * parts) / variants.length);
    const [first] = variants.map(({ name }) => name).sort();
    return variants.map(
      ({ name }) => (name === first ? 100 * parts - share * (variants.length - 1) : share) / parts,
    );
  }
  variants.forEach(({ weight }, i) => {
    if (weight === undefined) {
      faults.add('CMC-030', `variants[${i}].weight`, 'is missing: give every variant a weight, or none');
    } else if (wholePercents && !isToken(weight) && !Number.isInteger(weight)) {
      faults.add(
        'CMC-004',
        `variants[${i}].weight`,
        `(${weight}) must be a whole percent: ${title} takes no other`,
      );
    }
  });
  const sum = given.reduce((all, weight) => all + weight, 0);
  if (given.length === variants.length && !given.some(isToken) && Math.abs(sum - 100) > 1e-6) {
    faults.add('CMC-030', 'variants', `have weights of ${sum} together; they must add up to 100`);
  }
  return given;
}

const INTENTS = [
  'requestsPerMinutePerInstance',
  'concurrentRequestsPerInstance',
  'cpuPercent',
  'gpuPercent',
] as const;

/** What a variant can be scaled by. */
export type ScalingIntent = (typeof INTENTS)[number];

/** What makes machines more or fewer, of the intents that a service measures. */
export const intentsOf = <Intent extends ScalingIntent>(
  scaling: ScalingProps = {},
  measured: readonly Intent[],
): Intent[] => measured.filter((intent) => scaling[intent] !== undefined);

/** Whether machines become more and fewer. */
export const isScaled = (scaling?: ScalingProps): boolean => intentsOf(scaling, INTENTS).length > 0;

/** A service that scales, and what it measures. */
export interface ScalingService {
  readonly title: string;
  readonly measured: readonly ScalingIntent[];
  /** What else there is: continues the sentence. */
  readonly wayOut?: string;
}

/** Judges what to scale by, between which counts, and whether the machines have it. */
export function judgeIntents(
  scaling: ScalingProps = {},
  { title, measured, wayOut }: ScalingService,
  machines: readonly Pick<VariantMachine, 'at' | 'choice'>[],
  faults: Faults,
): void {
  const { minInstances: min = 1, maxInstances: max } = scaling;
  const given = intentsOf(scaling, INTENTS);
  const [intent] = intentsOf(scaling, measured);
  for (const lacking of given.filter((one) => !measured.includes(one))) {
    const others = measured.join(', ').replace(/, (\w+)$/, ' or $1');
    const instead = wayOut ? `${others}, ${wayOut}` : others;
    faults.add('CMC-040', `scaling.${lacking}`, `is nothing that ${title} measures: scale by ${instead}`);
  }
  const known = [min, max ?? min].every((count) => typeof count === 'number' && !isToken(count));
  const reach = known ? Number(max ?? min) - Number(min) : 1;
  if (reach < 0) {
    faults.add('CMC-031', 'scaling.maxInstances', `(${max}) must be at least scaling.minInstances (${min})`);
  } else if (intent && (max === undefined || reach === 0)) {
    faults.add(
      'CMC-009',
      `scaling.${intent}`,
      `needs scaling.maxInstances above scaling.minInstances${known ? ` (${min})` : ''}, else there is nothing to scale`,
    );
  } else if (given.length === 0 && max !== undefined && reach > 0) {
    faults.add(
      'CMC-009',
      'scaling.maxInstances',
      `needs to know what to scale by: give one of ${measured.join(', ')}`,
    );
  }
  for (const { at, choice } of scaling.gpuPercent === undefined ? [] : machines) {
    if (choice && !choice.machine) {
      faults.add(
        'CMC-009',
        'scaling.gpuPercent',
        `needs accelerators, and ${choice.type} (${at}) has none that the catalog knows: give accelerators, or scale by cpuPercent`,
      );
    }
  }
}
