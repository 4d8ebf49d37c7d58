import { readFileSync } from 'fs';
import { join } from 'path';
import { App } from 'cdktf';
import { Block, blocksOf } from './run';
import { Synthesized } from './support';

/**
 * In which order Terraform creates, updates and destroys, as far as the graph alone decides it: what is not in order here may
 * happen at once. Edges are those of Terraform's own graph builder (`DestroyEdgeTransformer`, `CBDEdgeTransformer`,
 * `ForcedCBDTransformer`): references and depends_on, also through data sources and locals; destruction in reverse;
 * `create_before_destroy`, which passes on to all that the resource needs, and which the state remembers of what is
 * removed. cdktf deploys a stack after those that it depends on, and destroys it before them.
 *
 * What is replaced is read from the arguments: those that say what a resource is called and where, those below that its
 * provider documents, `replace_triggered_by`, and references to what is replaced in them. All else counts as an update.
 */
export interface Planned {
  readonly address: string;
  readonly type: string;
  readonly args: { readonly [argument: string]: any };
  readonly lifecycle: { readonly [argument: string]: any };
  /** Everything that must stand before, resources and data sources, near and far. */
  readonly needs: ReadonlySet<string>;
  readonly isData: boolean;
  /** By its own word, or because something that needs it says so. */
  readonly createBeforeDestroy: boolean;
}

export type Graph = ReadonlyMap<string, Planned>;
export type Change = 'create' | 'update' | 'replace' | 'destroy';

/** The graph of a stack. */
export function graphOf(json: Synthesized): Graph {
  const blocks = new Map(blocksOf(json).map((one) => [one.address, one]));
  const needs = new Map([...blocks.keys()].map((address) => [address, closure(address, blocks)]));
  const ownWord = ({ lifecycle }: Block) => Boolean(lifecycle.create_before_destroy);
  const forced = new Set(
    [...blocks.values()].filter(ownWord).flatMap(({ address }) => [address, ...needs.get(address)!]),
  );
  return new Map(
    [...blocks.values()].map(({ address, type, block, lifecycle, isData }) => [
      address,
      {
        ...{ address, type, lifecycle, isData },
        args: expanded(block, json),
        needs: needs.get(address)!,
        createBeforeDestroy: forced.has(address),
      },
    ]),
  );
}

function closure(address: string, blocks: ReadonlyMap<string, Block>): Set<string> {
  const found = new Set<string>();
  const visit = (one: string) =>
    blocks
      .get(one)!
      .needs.filter((need) => !found.has(need))
      .forEach((need) => visit((found.add(need), need)));
  visit(address);
  if (found.has(address)) {
    throw new Error(`${address} needs itself`);
  }
  return found;
}

/** The arguments of a block, with what locals stand for. */
function expanded({ '//': _, ...block }: Block['block'], json: Synthesized): Planned['args'] {
  const inline = (text: string): string =>
    text.replace(/\blocal\.([\w-]+)/g, (name, id) =>
      id in (json.locals ?? {}) ? `(${inline(JSON.stringify(json.locals[id]))})` : name,
    );
  return JSON.parse(JSON.stringify(block), (_key, value) =>
    typeof value === 'string' ? inline(value) : value,
  );
}

/** What a thing is called: two that differ in it can stand side by side. */
const NAMING = [
  ...['name', 'parent_id', 'path', 'id_builder', 'bucket', 'dataset_id', 'account_id', 'role_id', 'key_ring'],
  ...['member', 'role', 'principal_id', 'scope', 'role_definition_name', 'role_definition_id', 'resource_id'],
];
const PLACE = ['location', 'region', 'zone', 'project', 'resource_group_name'];
/** What else makes a resource anew, of what a program can change, by the documentation of the providers. */
const REPLACING: { readonly [type: string]: string[] } = {
  azurerm_machine_learning_compute_cluster: ['vm_size', 'vm_priority', 'subnet_resource_id'],
  azurerm_private_dns_zone_virtual_network_link: ['virtual_network_id'],
  azurerm_private_endpoint: ['subnet_id', 'private_service_connection'],
  azurerm_subnet: ['virtual_network_name'],
  google_compute_address: ['subnetwork'],
  google_compute_forwarding_rule: ['network', 'ip_address'],
  google_storage_bucket_iam_member: ['condition'],
  google_vertex_ai_endpoint: ['encryption_spec', 'network'],
};

/** Whether what replaces a resource has another name, so that both can be there. */
export const standsBeside = (one: Planned, other: Planned): boolean =>
  NAMING.some((name) => JSON.stringify(one.args[name]) !== JSON.stringify(other.args[name]));

/** What Terraform does to each resource of a stack. */
export function changesOf(prior: Graph, next: Graph): ReadonlyMap<string, Change> {
  const changes = new Map<string, Change>();
  const changeOf = ({ address, type, args, lifecycle, isData }: Planned): Change | undefined => {
    const replacing = [...NAMING, ...PLACE, ...(REPLACING[type] ?? [])];
    const old = prior.get(address);
    if (isData || !old) {
      return isData ? undefined : 'create';
    }
    const textOf = (value: any) => JSON.stringify(value) ?? '';
    const moved = (value: any) =>
      [...changes].some(([other, change]) => change === 'replace' && textOf(value).includes(`${other}.`));
    const differs = (name: string) => textOf(args[name]) !== textOf(old.args[name]) || moved(args[name]);
    const names = Object.keys({ ...old.args, ...args }).filter(
      (name) => !['depends_on', 'lifecycle', ...(lifecycle.ignore_changes ?? [])].includes(name),
    );
    const triggered = (lifecycle.replace_triggered_by ?? []).some((other: string) => changes.has(other));
    return triggered || names.some((name) => replacing.includes(name) && differs(name))
      ? 'replace'
      : names.some(differs)
        ? 'update'
        : undefined;
  };
  const visit = (one: Planned): void => {
    if (!seen.has(one.address)) {
      seen.add(one.address);
      one.needs.forEach((need) => visit(next.get(need)!));
      const change = changeOf(one);
      if (change) {
        changes.set(one.address, change);
      }
    }
  };
  const seen = new Set<string>();
  next.forEach(visit);
  [...prior.values()]
    .filter(({ address, isData }) => !isData && !next.has(address))
    .forEach(({ address }) => changes.set(address, 'destroy'));
  return changes;
}

/** `apply` creates or updates, `destroy` destroys. */
type Step = `${'apply' | 'destroy'} ${string}`;

/** The steps of a change of a stack, and which comes before which. */
export class Order {
  public readonly changes: ReadonlyMap<string, Change>;
  private readonly after = new Map<Step, Set<Step>>();

  constructor(
    public readonly prior: Graph,
    public readonly next: Graph,
  ) {
    const changes = changesOf(prior, next);
    this.changes = changes;
    const applied = (address: string) => /create|update|replace/.test(changes.get(address) ?? '');
    const destroyed = (address: string) => /destroy|replace/.test(changes.get(address) ?? '');
    const late = (address: string) => (next.get(address) ?? prior.get(address))!.createBeforeDestroy;
    // A destruction, and the apply that waits for it; where the new one is made first, the other way round.
    const around = (gone: string, made: string) =>
      late(gone)
        ? this.connect(`apply ${made}`, `destroy ${gone}`)
        : this.connect(`destroy ${gone}`, `apply ${made}`);
    for (const [address, { needs }] of next) {
      needs.forEach(
        (need) => applied(address) && applied(need) && this.connect(`apply ${need}`, `apply ${address}`),
      );
    }
    for (const [address, { needs }] of prior) {
      needs.forEach((need) => {
        if (destroyed(address) && destroyed(need)) {
          this.connect(`destroy ${address}`, `destroy ${need}`);
        }
        if (destroyed(address) && applied(need)) {
          around(address, need);
        }
        if (applied(address) && destroyed(need)) {
          around(need, address);
        }
      });
      if (applied(address) && destroyed(address)) {
        around(address, address);
      }
    }
    this.steps.forEach((step) => {
      if (this.comesBefore(step, step)) {
        throw new Error(`a cycle through ${step}`);
      }
    });
  }

  public get steps(): Step[] {
    return [...this.changes].flatMap(([address, change]): Step[] => [
      ...(change === 'destroy' ? [] : [`apply ${address}` as const]),
      ...(change === 'destroy' || change === 'replace' ? [`destroy ${address}` as const] : []),
    ]);
  }

  /** Whether one step has certainly ended when another one begins. */
  public comesBefore(one: Step, other: Step, seen = new Set<Step>()): boolean {
    return [...(this.after.get(one) ?? [])].some((next) => {
      const isNew = !seen.has(next);
      seen.add(next);
      return next === other || (isNew && this.comesBefore(next, other, seen));
    });
  }

  private connect(one: Step, other: Step): void {
    this.after.set(one, (this.after.get(one) ?? new Set()).add(other));
  }
}

const NOTHING: Graph = new Map();

export const creationOf = (graph: Graph): Order => new Order(NOTHING, graph);
export const destructionOf = (graph: Graph): Order => new Order(graph, NOTHING);

/** The stacks of a synthesized app in the order that cdktf deploys them in. */
export function deployedInOrder(app: App): string[] {
  const { stacks } = JSON.parse(readFileSync(join(app.outdir, 'manifest.json'), 'utf8'));
  const order: string[] = [];
  const visit = (name: string) => {
    if (!order.includes(name)) {
      stacks[name].dependencies.forEach(visit);
      order.push(name);
    }
  };
  Object.keys(stacks).forEach(visit);
  return order;
}
