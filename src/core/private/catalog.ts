import { readFileSync } from 'fs';
import { join } from 'path';
import { Faults, show } from './faults';
import { nearest } from './nearest';

/** A machine type with accelerators; `shared` facts of all clouds, and one object named after its cloud. */
export interface Machine {
  readonly cloud: string;
  readonly name: string;
  readonly family: string;
  readonly accelerator: string;
  readonly count: number;
  /** Per accelerator. */
  readonly memoryGiB: number;
  readonly vcpu: number;
  readonly ramGiB: number;
  readonly rdma: null | { readonly type: string; readonly interfaces: number | null };
  /** null where nobody knows. */
  readonly spot: boolean | null;
  readonly onDemand: boolean | null;
  readonly arch: string;
  readonly status: 'ga' | 'limited' | 'preview' | 'legacy' | 'retired';
  /** The catalog's date when the row came in: among equals the oldest wins, so that no upgrade replaces what runs. */
  readonly since: string;
  readonly unverified?: string[];
  readonly aws?: {
    readonly sagemakerTraining: boolean;
    readonly sagemakerHosting: boolean;
    readonly sagemakerStudio: boolean;
    readonly neuronCores?: number;
  };
  /** null where nobody knows. */
  readonly azure?: {
    readonly azureMlCompute: boolean | null;
    readonly azureMlOnlineEndpoint: boolean | null;
    readonly quotaFamily: string | null;
  };
  readonly google?: {
    /** As Vertex AI names it; null where Vertex AI does not offer the machine type. */
    readonly vertexAcceleratorType: string | null;
    /** As Compute Engine names it; none for TPUs. */
    readonly guestAcceleratorType?: string;
    /** Whether the machine type has its accelerators by itself. */
    readonly attach: 'bundled' | 'guest_accelerator';
  };
}

interface Catalog {
  readonly accelerators: Record<
    string,
    { readonly memoryGiB: number; readonly kind: string; readonly aliases: string[] }
  >;
  readonly machines: Machine[];
  readonly serverlessGpu: ServerlessGpu[];
}

/** An accelerator of a serverless container service, with the processors and memory that come with it. */
export interface ServerlessGpu {
  readonly cloud: string;
  readonly name: string;
  readonly accelerator: string | null;
  readonly vcpu: unknown;
  readonly memoryMiB: unknown;
}

let loaded: Catalog | undefined;

/** Read at the first question: importing the package does not pay for it. */
export function catalog(): Catalog {
  return (loaded ??= JSON.parse(readFileSync(join(__dirname, 'accelerators.json'), 'utf8')) as Catalog);
}

/** Neither a TPU nor another chip of a cloud's own. */
export const isGpu = ({ accelerator }: Machine): boolean =>
  catalog().accelerators[accelerator].kind === 'gpu';

/** The accelerators of a cloud's serverless container service. */
export const serverlessGpus = (cloud: string): ServerlessGpu[] =>
  catalog().serverlessGpu.filter((row) => row.cloud === cloud);

export interface AcceleratorRequest {
  readonly name: string;
  readonly count: number;
  readonly memoryGiB: number;
}

/** Reads `NAME[:COUNT]`; adds a fault and returns nothing where that is no known accelerator. */
export function findAccelerator(
  request: string,
  prop: string,
  faults: Faults,
): AcceleratorRequest | undefined {
  const [, written, count] = /^([^:]*?)(?::(\d+(?:\.\d+)?))?$/.exec(request.trim()) ?? [];
  const { accelerators } = catalog();
  const name = Object.keys(accelerators).find((canonical) =>
    [canonical, ...accelerators[canonical].aliases].some(
      (alias) => alias.toLowerCase() === written?.toLowerCase(),
    ),
  );
  if (!name || Number(count) === 0) {
    const near = nearest(written ?? request.split(':')[0], Object.keys(accelerators));
    faults.add(
      'CMC-020',
      prop,
      `(${show(request)}) is no known accelerator: write NAME or NAME:COUNT${near.length ? `; nearest are ${near.join(', ')}` : `; known are ${Object.keys(accelerators).join(', ')}`}`,
    );
    return undefined;
  }
  return { name, count: count === undefined ? 1 : Number(count), memoryGiB: accelerators[name].memoryGiB };
}

export interface MachineQuestion {
  /** Alternatives in order: the first one that exists here is taken. */
  readonly accelerators: string[];
  readonly cloud: string;
  /** The service as a user knows it: `SageMaker training`. */
  readonly service: string;
  /** null where nobody knows: taken if nothing is known to be offered. */
  readonly offered: (machine: Machine) => boolean | null;
  readonly prop: string;
  /** Where to go if the service has none of them. */
  readonly wayOut?: string;
}

const STATUS_ORDER = ['ga', 'limited', 'legacy'];

/** The machine type for the first accelerator that a service offers. Never rounds a count up. */
export function chooseMachine(
  question: MachineQuestion,
  faults: Faults,
  rows: readonly Machine[] = catalog().machines,
): Machine | undefined {
  const { accelerators, prop } = question;
  const requests = accelerators.map((request, i) => findAccelerator(request, `${prop}[${i}]`, faults));
  if (requests.includes(undefined)) {
    return undefined;
  }
  const here = rows.filter(
    (row) =>
      row.cloud === question.cloud && STATUS_ORDER.includes(row.status) && question.offered(row) !== false,
  );
  const unsure = (row: Machine) => Number(question.offered(row) === null);
  for (const request of requests as AcceleratorRequest[]) {
    const [best] = here
      .filter((row) => row.accelerator === request.name && row.count === request.count)
      .sort((a, b) => unsure(a) - unsure(b) || older(a, b));
    if (best) {
      return best;
    }
  }
  const counts = (name: string) =>
    [...new Set(here.filter((row) => row.accelerator === name).map((row) => row.count))].sort(
      (a, b) => a - b,
    );
  const known = (requests as AcceleratorRequest[]).map(({ name }) =>
    counts(name).length ? `${name} in counts of ${counts(name).join(', ')}` : `no ${name}`,
  );
  const all = [...new Set(here.map((row) => row.accelerator))].join(', ');
  faults.add(
    'CMC-021',
    prop,
    `(${accelerators.join(', ')}): ${question.service} offers ${known.join('; ')}. Its accelerators are ${all || 'none'}${question.wayOut ? `; ${question.wayOut}` : ''}`,
  );
  return undefined;
}

/** Older rows first; then what is generally available, then the smallest. */
function older(a: Machine, b: Machine): number {
  return (
    inOrder(a.since, b.since) ||
    STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
    a.vcpu - b.vcpu ||
    a.ramGiB - b.ramGiB ||
    inOrder(a.name, b.name)
  );
}

/** By code units: the collation of a language takes milliseconds to load. */
const inOrder = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** The catalog's row of a machine type pinned by hand, if it has accelerators by itself that the catalog knows. */
export function findMachine(cloud: string, name: string): Machine | undefined {
  return catalog().machines.find(
    (row) => row.cloud === cloud && row.name === name && row.google?.attach !== 'guest_accelerator',
  );
}
