import { Construct, IConstruct } from 'constructs';
import { AutoScalingEndpointProps, DeployParameter, Errors, IWorkload } from '../../../src/core';
import { brand } from '../../../src/core/private/brand';
import { chooseMachine, Machine, MachineQuestion } from '../../../src/core/private/catalog';
import { Faults, judge, show } from '../../../src/core/private/faults';
import { isToken } from '../../../src/core/private/tokens';

/** A native resource of a dummy cloud: what its template would hold. */
export class Resource extends Construct {
  public constructor(
    scope: IConstruct,
    id: string,
    public readonly type: string,
    public readonly args: Record<string, unknown> = {},
  ) {
    super(scope as Construct, id);
  }
}

/** The native resources below a scope. */
export const resourcesOf = (scope: IConstruct, type?: string): Resource[] =>
  scope.node
    .findAll()
    .filter((child): child is Resource => child instanceof Resource && (!type || child.type === type));

/** A name that no other construct of the app has. */
export const uniqueName = ({ node }: IConstruct) =>
  `${node.id.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${node.addr.slice(-8)}`;

/** Something that exists already: a construct with the members of its interface. */
export function imported<T extends Record<string, string>>(
  [scope, id]: [Construct, string],
  [cloud, kind]: [string, string],
  members: T,
): Construct & T {
  const construct = new Construct(scope, id);
  judge(construct, (faults) => {
    for (const [name, value] of Object.entries(members)) {
      if (!isToken(value) && !value) {
        faults.add('CMC-006', name, `(${show(value)}) must be a text that is not empty`);
      }
    }
  });
  brand(construct, cloud, kind);
  return Object.assign(construct, members);
}

/** A right, written on the grantee's side, once. */
export function grantTo(workload: IWorkload, owner: IConstruct, right: string): void {
  const id = `${right}-${owner.node.addr.slice(-8)}`;
  if (!workload.node.tryFindChild(id)) {
    new Resource(workload, id, 'grant', { right, on: owner.node.path, to: workload.identityId });
  }
}

/** A machine type that only a dummy cloud has. */
export const machine = (cloud: string, name: string, accelerator: string, count: number): Machine => ({
  cloud,
  name,
  accelerator,
  count,
  family: cloud,
  memoryGiB: 24,
  vcpu: 8 * count,
  ramGiB: 32 * count,
  rdma: null,
  spot: true,
  onDemand: true,
  arch: 'amd64',
  status: 'ga',
  since: '2026-01-01',
});

/** The machine type that is pinned by hand, or the one with the accelerators. */
export function machineTypeOf(
  props: { readonly accelerators?: string[]; readonly machineType?: string },
  at: string,
  question: Pick<MachineQuestion, 'cloud' | 'service'>,
  rows: readonly Machine[],
  faults: Faults,
): string | undefined {
  const { accelerators, machineType } = props;
  if (accelerators && machineType) {
    faults.add('CMC-008', `${at}accelerators`, 'and machineType exclude each other: give one');
  }
  const asked = { ...question, offered: () => true, prop: `${at}accelerators` };
  return machineType ?? (accelerators && chooseMachine({ ...asked, accelerators }, faults, rows)?.name);
}

/** What must hold between the props of an endpoint. */
export function judgeEndpoint({ variants, scaling = {} }: AutoScalingEndpointProps, faults: Faults): void {
  const weights = variants.flatMap(({ weight }) => weight ?? []);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length > 0 && (weights.length < variants.length || sum !== 100)) {
    faults.add(
      'CMC-030',
      'variants',
      `have the weights ${weights.join(', ')}; those of all variants must add up to 100`,
    );
  }
  const [min, max] = [scaling.minInstances ?? 1, scaling.maxInstances].map((count) =>
    DeployParameter.isDeployParameter(count)
      ? Number((count as DeployParameter).defaultValue)
      : (count as number),
  );
  if (max < min && !isToken(max) && !isToken(min)) {
    faults.add('CMC-031', 'scaling.maxInstances', `(${max}) must be at least scaling.minInstances (${min})`);
  }
}

/** The stable codes of the faults that a program raises; anything but a ValidationError is raised again. */
export function codesOf(run: () => unknown): string[] {
  return refusalsOf(run).map((line) => /\[(CMC-\d{3})\]$/.exec(line)?.[1] ?? `no code: ${line}`);
}

/** What a user reads, one line per fault; nothing where the program is right. */
export function refusalsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!Errors.isValidationError(error)) {
      throw error;
    }
    const lines = (error as Error).message.split('\n');
    return lines.length === 1 ? lines : lines.slice(1).map((line) => line.trim());
  }
  return [];
}
