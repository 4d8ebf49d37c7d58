import { evaluate, Unknown, Value } from './expressions';
import type { Synthesized } from './support';
import { KEPT } from '../../src/terraform/kept';
import { Service, serving } from '../support/service';

/**
 * Walks what a stack synthesizes to as Terraform would, and sends the calls that the providers `restful` and `azapi` would
 * send, to a server of the test.
 *
 * It stands for: the order of the graph (references, depends_on, replace_triggered_by, create_before_destroy, what was
 * removed), variables, expressions, data sources and preconditions at the plan where all they need is known, else later;
 * of `restful_operation` its call, its polling and its call on destroy; of `azapi_resource` the look whether it is there, PUT,
 * polling, DELETE; of `azapi_resource_action` its call when applied or destroyed; data sources of both; states of other
 * stacks. All else (google, azurerm, time) calls nobody: it is noted as created, updated or deleted, with its arguments
 * and what the test says of its other attributes.
 *
 * It does not prove: that Terraform or the providers take the blocks (their schemas are checked elsewhere), what they do
 * concurrently or after an error, what they read back to find drift but where the test says it, and that the real services
 * answer as the test's server does.
 */
export interface World {
  /** Addresses of the test's servers, by the host that they stand for. */
  readonly hosts: { readonly [host: string]: string };
  /** What a resource has besides its arguments. */
  attributes?(type: string, args: Args, address: string): Args;
  /** What is read back of a resource before a plan, where someone changed it outside of Terraform. */
  refreshed?(type: string, args: Args): Args;
  /** Told of everything that calls nobody. */
  managed?(action: 'create' | 'update' | 'delete', type: string, args: Args): void;
  /** What other stacks put out, by id. */
  readonly outputs?: { readonly [stack: string]: { readonly [output: string]: Value } };
}

type Args = { readonly [argument: string]: Value };

interface Entry {
  readonly address: string;
  readonly type: string;
  readonly args: Args;
  readonly attributes: Args;
  readonly dependsOn: string[];
  readonly createBeforeDestroy: boolean;
  readonly preventDestroy: boolean;
}

export interface Block {
  readonly address: string;
  readonly type: string;
  readonly isData: boolean;
  readonly block: Args;
  readonly needs: string[];
  readonly lifecycle: Args;
}

type Action = 'none' | 'create' | 'update' | 'replace';

const META = ['//', 'depends_on', 'lifecycle', 'provider', 'provisioner', 'connection'];
/** Arguments whose change makes a resource anew. */
const REPLACING: { readonly [type: string]: string[] } = {
  restful_operation: ['path'],
  azapi_resource: ['name', 'parent_id', 'type', 'location'],
  azapi_resource_action: ['resource_id'],
};

export class TerraformRun {
  /** Every call and everything else that was made, changed or taken away, in order. */
  public readonly events: string[] = [];
  /** The calls alone, with their bodies. */
  public readonly calls: { readonly method: string; readonly path: string; readonly body?: Value }[] = [];
  private readonly state = new Map<string, Entry>();
  private json: Synthesized = {};
  private variables: Args = {};
  private data = new Map<string, Args>();
  private planned = new Map<string, Args | Unknown>();

  constructor(private readonly world: World) {}

  /** `terraform apply`; an error of the plan comes before the first call. */
  public async apply(json: Synthesized, variables: Args = {}): Promise<void> {
    this.json = json;
    this.variables = {
      ...Object.fromEntries(
        Object.entries(json.variable ?? {}).map(([name, one]: [string, any]) => [name, one.default]),
      ),
      ...variables,
    };
    this.data = new Map();
    for (const [address, entry] of this.state) {
      this.state.set(address, {
        ...entry,
        args: this.world.refreshed?.(entry.type, entry.args) ?? entry.args,
      });
    }
    const blocks = inOrder(blocksOf(json));
    const actions = await this.plan(blocks);
    this.planned = new Map();
    const removed = [...this.state.values()].filter(
      ({ address }) => !blocks.some((one) => one.address === address),
    );
    const late = removed.filter((one) => this.leavesLate(one));
    await this.remove(removed.filter((one) => !late.includes(one)));
    const deposed: Entry[] = [];
    for (const one of blocks) {
      if (one.isData) {
        if (!this.data.has(one.address)) {
          this.data.set(one.address, await this.read(one));
        }
        continue;
      }
      const old = this.state.get(one.address);
      const action = actions.get(one.address)!;
      if (action === 'none') {
        continue;
      }
      this.judge(one);
      const args = this.argsOf(one, action !== 'replace');
      const changed = action !== 'update' || !same(args, old!.args);
      if (action === 'replace' && one.lifecycle.create_before_destroy) {
        deposed.push(old!);
      } else if (action === 'replace') {
        await this.remove([old!]);
      }
      if (changed) {
        await this.make(one, args, action === 'update' ? old : undefined);
      }
    }
    await this.remove([...deposed, ...late]);
  }

  /** `terraform destroy`; nothing goes while something must stay. */
  public async destroy(): Promise<void> {
    const entries = [...this.state.values()];
    const kept = entries.filter(({ preventDestroy }) => preventDestroy);
    if (kept.length) {
      throw new Error(`prevent_destroy: ${kept.map(({ address }) => address).join(', ')}`);
    }
    await this.remove(entries);
  }

  public outputs(): { readonly [output: string]: Value } {
    return Object.fromEntries(
      Object.entries(this.json.output ?? {}).map(([name, { value }]: [string, any]) => [
        name,
        this.evaluate(value),
      ]),
    );
  }

  /** What a resource has now. */
  public attributes(type: string, part = ''): Args {
    const found = [...this.state.values()].filter((one) => one.type === type && one.address.includes(part));
    if (found.length !== 1) {
      throw new Error(`expected one ${type}, found ${found.map(({ address }) => address).join(', ')}`);
    }
    return found[0].attributes;
  }

  private async plan(blocks: Block[]): Promise<Map<string, Action>> {
    const actions = new Map<string, Action>();
    this.planned = new Map();
    for (const one of blocks) {
      const pending = one.needs.filter((address) => (actions.get(address) ?? 'none') !== 'none');
      if (one.isData) {
        const waits = ((one.block.depends_on ?? []) as string[]).some((address) => pending.includes(address));
        const args = waits ? new Unknown(one.address) : this.known(() => this.argsOf(one));
        if (!(args instanceof Unknown)) {
          this.data.set(one.address, await this.read(one));
        }
        continue;
      }
      const unmet = this.known(() => this.judge(one));
      const args = this.known(() => this.argsOf(one));
      const action = unmet && args instanceof Unknown ? 'update' : this.actionOf(one, args, pending);
      const old = this.state.get(one.address);
      const decided = !old ? 'create' : action;
      actions.set(one.address, decided);
      this.planned.set(
        one.address,
        decided === 'none'
          ? old!.attributes
          : decided === 'update'
            ? updated(old!.attributes, args instanceof Unknown ? {} : args)
            : args instanceof Unknown
              ? args
              : unknownBesides(args, one.address),
      );
    }
    return actions;
  }

  private known<T>(read: () => T): T | Unknown {
    try {
      return read();
    } catch (error) {
      if (error instanceof Unknown) {
        return error;
      }
      throw error;
    }
  }

  private actionOf(one: Block, args: Args | Unknown, pending: string[]): Action {
    const old = this.state.get(one.address);
    if (!old) {
      return 'create';
    }
    if (
      ((one.lifecycle.replace_triggered_by ?? []) as string[]).some((address) => pending.includes(address))
    ) {
      return 'replace';
    }
    if (args instanceof Unknown) {
      return 'update';
    }
    if ((REPLACING[one.type] ?? ['name']).some((name) => !same(args[name], old.args[name]))) {
      return 'replace';
    }
    return same(args, old.args) ? 'none' : 'update';
  }

  /** Fails where a precondition does not hold. */
  private judge({ lifecycle }: Block): void {
    for (const { condition, error_message } of [lifecycle.precondition ?? []].flat()) {
      if (!this.evaluate(condition)) {
        throw new Error(this.evaluate(error_message));
      }
    }
  }

  /** What is ignored of what stands already; what replaces it takes all that the program says. */
  private argsOf({ block, lifecycle, address }: Block, stays = true): Args {
    const own = Object.entries(block).filter(([name]) => !META.includes(name));
    const args = this.evaluate(Object.fromEntries(own)) as { [argument: string]: Value };
    const old = stays ? this.state.get(address) : undefined;
    for (const path of (old ? (lifecycle.ignore_changes ?? []) : []) as string[]) {
      copy(path.split('.'), old!.args, args);
    }
    return args;
  }

  private evaluate(value: Value): Value {
    return evaluate(value, (root) => this.named(root));
  }

  private named(root: string): Value {
    switch (root) {
      case 'var':
        return this.variables;
      case 'terraform':
        return { workspace: 'default' };
      case 'local':
        return lazily((name) => this.evaluate(this.json.locals?.[name]));
      case 'data':
        return lazily((type) => lazily((name) => this.data.get(`data.${type}.${name}`) ?? unknown(name)));
      default:
        return lazily((name) => {
          const address = `${root}.${name}`;
          const planned = this.planned.get(address);
          if (planned instanceof Unknown) {
            throw planned;
          }
          return planned ?? this.state.get(address)?.attributes ?? unknown(address);
        });
    }
  }

  private async read(one: Block): Promise<Args> {
    const args = this.argsOf(one);
    switch (one.type) {
      case 'terraform_remote_state': {
        const [, stack] = /terraform\.(.+)\.tfstate$/.exec(args.config.path)!;
        return { outputs: this.world.outputs![stack] };
      }
      case 'restful_resource':
        return { id: args.id, output: (await this.restful('GET', args.id, args.query)).body };
      case 'azapi_resource': {
        const { body } = await this.arm('GET', args.resource_id, args.type);
        return { id: args.resource_id, output: exported(body, args.response_export_values) };
      }
      default:
        return this.withAttributes(one.type, args, one.address);
    }
  }

  private async make(one: Block, args: Args, old?: Entry): Promise<void> {
    let attributes = this.withAttributes(one.type, args, one.address);
    switch (one.type) {
      case 'restful_operation':
        await this.operation(args.method, args.path, args.query, args.body, args.poll);
        attributes = { ...args, id: args.id_builder ?? args.path };
        break;
      case 'azapi_resource': {
        const id = armId(args.parent_id, args.type, args.name);
        if (!old && (await this.arm('GET', id, args.type, undefined, true)).status !== 404) {
          throw new Error(`${id} is there already`);
        }
        const [{ default_tags }] = this.evaluate(this.json.provider.azapi);
        await this.arm('PUT', id, args.type, bodyOf({ tags: default_tags, ...args }));
        attributes = { ...args, id };
        break;
      }
      case 'azapi_resource_action':
        if ((args.when ?? 'apply') === 'apply') {
          await this.arm(args.method, args.resource_id, args.type, args.body);
        }
        break;
      default:
        this.note(old ? 'update' : 'create', one.type, one.address, args);
    }
    this.state.set(one.address, {
      address: one.address,
      type: one.type,
      args,
      attributes,
      dependsOn: one.needs,
      createBeforeDestroy: Boolean(one.lifecycle.create_before_destroy),
      preventDestroy: Boolean(one.lifecycle.prevent_destroy),
    });
  }

  /** Takes entries away, what depends on others first. */
  private async remove(entries: Entry[]): Promise<void> {
    const left = [...entries];
    while (left.length) {
      const i = left.findIndex(
        (one) =>
          !left.some((other) => other !== one && this.reaches(other.dependsOn, one.address, new Set())),
      );
      const [one] = left.splice(Math.max(i, 0), 1);
      await this.takeAway(one);
      if (this.state.get(one.address) === one) {
        this.state.delete(one.address);
      }
    }
  }

  private reaches(from: string[], address: string, seen: Set<string>): boolean {
    return from.some((next) => {
      if (next === address) {
        return true;
      }
      const known = seen.has(next);
      seen.add(next);
      return !known && this.reaches(this.state.get(next)?.dependsOn ?? [], address, seen);
    });
  }

  /** Whether it goes after everything else: it was to be created before it is destroyed, or what needs it was. */
  private leavesLate(one: Entry): boolean {
    return (
      one.createBeforeDestroy ||
      [...this.state.values()].some(
        (other) => other.createBeforeDestroy && this.reaches(other.dependsOn, one.address, new Set()),
      )
    );
  }

  private async takeAway({ type, args, attributes, address }: Entry): Promise<void> {
    switch (type) {
      case 'restful_operation':
        if (args.delete_method) {
          const path = args.delete_path ?? attributes.id;
          await this.operation(
            args.delete_method,
            path,
            args.delete_query,
            args.delete_body,
            args.poll_delete,
          );
        }
        break;
      case 'azapi_resource':
        await this.arm('DELETE', attributes.id, args.type);
        break;
      case 'azapi_resource_action':
        if (args.when === 'destroy') {
          await this.arm(args.method, args.resource_id, args.type, args.body);
        }
        break;
      default:
        this.note('delete', type, address, args);
    }
  }

  private note(action: 'create' | 'update' | 'delete', type: string, address: string, args: Args): void {
    this.events.push(`${action} ${address}`);
    this.world.managed?.(action, type, args);
  }

  private withAttributes(type: string, args: Args, address: string): Args {
    const own: { [attribute: string]: Value } = {
      ...args,
      ...(type === 'terraform_data' && { output: args.input }),
      ...this.world.attributes?.(type, args, address),
    };
    return lazily((name) => own[name] ?? `<${address}.${name}>`, own);
  }

  // -- restful ---------------------------------------------------------------------------------------------------------

  private async operation(
    method: string,
    path: string,
    query: Args,
    body: Value,
    poll?: Args,
  ): Promise<void> {
    let answer = await this.restful(method, path, query, body);
    if (!poll) {
      return;
    }
    expect([poll.url_locator, poll.status_locator]).toEqual(['body.name', 'body.[done,error]']);
    for (;;) {
      const status = JSON.stringify(
        ['done', 'error'].filter((key) => key in answer.body).map((key) => answer.body[key]),
      );
      if (status === poll.status.success) {
        return;
      }
      if (!poll.status.pending.includes(status)) {
        throw new Error(`${method} ${path} ended as ${status}`);
      }
      answer = await this.restful('GET', `/${answer.body.name}`, undefined);
    }
  }

  private restful(method: string, path: string, query: Args = {}, body?: Value) {
    const provider = this.json.provider.restful.find((one: Args) => one.alias === 'ml_vertex');
    const { base_url, security } = this.evaluate(provider);
    const values = Object.entries(query).flatMap(([name, all]) =>
      all.map((one: string) => `${name}=${encodeURIComponent(one)}`),
    );
    return this.call(method, `${base_url}${path}${values.length ? `?${values.join('&')}` : ''}`, body, {
      authorization: `Bearer ${security.http.token.token}`,
    });
  }

  // -- azapi -----------------------------------------------------------------------------------------------------------

  private async arm(method: string, id: string, type: string, body?: Value, maybe = false) {
    const url = (path: string) => (path.startsWith('https:') ? path : `https://management.azure.com${path}`);
    const answer = await this.call(
      method,
      url(`${id}?api-version=${type.split('@')[1]}`),
      body,
      { authorization: 'Bearer arm' },
      maybe,
    );
    for (let next = answer.headers.get('azure-asyncoperation'); next;) {
      const { status, error } = (
        await this.call('GET', url(next), undefined, { authorization: 'Bearer arm' })
      ).body;
      if (status === 'Failed') {
        throw new Error(`${method} ${id}: ${JSON.stringify(error)}`);
      }
      next = status === 'Succeeded' ? null : next;
    }
    return answer;
  }

  private async call(
    method: string,
    url: string,
    body: Value,
    headers: { readonly [name: string]: string },
    maybe = false,
  ): Promise<{ status: number; headers: Headers; body: Value }> {
    const { host, pathname, search } = new URL(url);
    const server = this.world.hosts[host];
    if (!server) {
      throw new Error(`nobody stands for ${host}`);
    }
    const path = `${pathname}${search}`;
    this.events.push(`${method} ${path}`);
    this.calls.push({ method, path, body });
    const answer = await fetch(`${server}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok && !(maybe && answer.status === 404)) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
  }
}

/** What a program talks to: a world by the address of a server, and what that server answers. */
export interface Served {
  world(url: string): World;
  readonly service: Service;
}

/** The stacks of a program, deployed in the order that they are given in; what one puts out, later ones read. */
export class ProgramRun {
  private readonly hosts: { [host: string]: string } = {};
  private readonly outputs: { [stack: string]: { readonly [output: string]: Value } } = {};
  private readonly runs: { readonly [stack: string]: TerraformRun };

  constructor(
    private readonly stacks: { readonly [stack: string]: Synthesized },
    private readonly served: Served,
  ) {
    const { hosts, outputs } = this;
    this.runs = Object.fromEntries(
      Object.keys(stacks).map((stack) => [stack, new TerraformRun({ ...served.world(''), hosts, outputs })]),
    );
  }

  /** `terraform apply` of each stack, which takes the variables that it has. */
  public apply(variables: Args = {}): Promise<void> {
    return serving(this.served.service, async (url) => {
      Object.assign(this.hosts, this.served.world(url).hosts);
      for (const [stack, json] of Object.entries(this.stacks)) {
        const own = Object.entries(variables).filter(([name]) => name in (json.variable ?? {}));
        await this.runs[stack].apply(json, Object.fromEntries(own));
        this.outputs[stack] = this.runs[stack].outputs();
      }
    });
  }

  /** What a stack puts out. */
  public output(stack: string, name: string): Value {
    return this.outputs[stack][name];
  }
}

const unknown = (name: string): never => {
  throw new Unknown(`${name} is known later`);
};

const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/** An object whose members are found when they are asked for. */
const lazily = (find: (name: string) => Value, own: Args = {}): Args =>
  new Proxy(own, { get: (_, name) => (typeof name === 'string' ? find(name) : undefined) });

/** An empty block is filled in by who makes it. */
const unknownBesides = (args: Args, address: string): Args =>
  lazily((name) =>
    name in args && JSON.stringify(args[name]) !== '{}' ? args[name] : unknown(`${address}.${name}`),
  );

const updated = (old: Args, args: Args): Args =>
  lazily((name) => (name in args ? args[name] : old[name]), { ...old, ...args });

function copy([name, ...rest]: string[], from: Value, to: Value): void {
  if (!rest.length) {
    to[name] = from?.[name];
  } else if (to[name]) {
    copy(rest, from?.[name], to[name]);
  }
}

/** Only what is asked for, by its path. */
const exported = (body: Value, paths: string[] = []): Value =>
  paths.reduce((all, path) => {
    const names = path.split('.');
    const value = names.reduce((one, name) => one?.[name], body);
    return value === undefined ? all : merged(all, names, value);
  }, {});

const merged = (all: Value, [name, ...rest]: string[], value: Value): Value => ({
  ...all,
  [name]: rest.length ? merged(all?.[name] ?? {}, rest, value) : value,
});

/** `…/workspaces/onlineEndpoints@…` below a workspace: its last segment names the kind. */
const armId = (parentId: string, type: string, name: string): string => {
  const [kinds] = type.split('@');
  const segments = kinds.split('/');
  return segments.length === 2
    ? `${parentId}/providers/${kinds}/${name}`
    : `${parentId}/${segments.at(-1)}/${name}`;
};

function bodyOf({ body, location, identity, tags }: Args): Value {
  const ids = identity?.[0];
  return {
    ...body,
    ...(location && { location }),
    ...(tags && { tags }),
    ...(ids && {
      identity: {
        type: ids.type,
        userAssignedIdentities: Object.fromEntries(ids.identity_ids.map((id: string) => [id, {}])),
      },
    }),
  };
}

export function blocksOf(json: Synthesized): Block[] {
  const all = (kind: 'resource' | 'data') =>
    Object.entries(json[kind] ?? {}).flatMap(([type, blocks]) =>
      Object.entries(blocks)
        // `kept.test.ts` asks Terraform itself what it stops.
        .filter(([name]) => name !== KEPT)
        .map(([name, block]) => ({
          address: `${kind === 'data' ? 'data.' : ''}${type}.${name}`,
          isData: kind === 'data',
          type,
          block: block as Args,
          lifecycle: (block as Args).lifecycle ?? {},
          needs: [] as string[],
        })),
    );
  const blocks = [...all('data'), ...all('resource')];
  const addresses = new Set(blocks.map(({ address }) => address));
  const needsOf = (value: Value, seen = new Set<string>()): string[] => {
    if (typeof value !== 'string') {
      return value && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, one]) => [
            ...needsOf(key, seen),
            ...(key === '//' ? [] : needsOf(one, seen)),
          ])
        : [];
    }
    const found = value.match(/(data\.)?[a-z][\w-]*\.[A-Za-z][\w-]*/g) ?? [];
    return found.flatMap((one) => {
      const [root, name] = one.split('.');
      if (root !== 'local' || seen.has(name)) {
        return addresses.has(one) ? [one] : [];
      }
      seen.add(name);
      return needsOf(json.locals?.[name], seen);
    });
  };
  return blocks.map((one) => ({
    ...one,
    needs: [...new Set(needsOf(one.block))].filter((need) => need !== one.address),
  }));
}

function inOrder(blocks: Block[]): Block[] {
  const done: Block[] = [];
  const visit = (one: Block, above: string[]) => {
    if (above.includes(one.address)) {
      throw new Error(`a cycle: ${[...above, one.address].join(' → ')}`);
    }
    if (!done.includes(one)) {
      one.needs.forEach((need) =>
        visit(
          blocks.find(({ address }) => address === need)!,
          [...above, one.address],
        ),
      );
      done.push(one);
    }
  };
  blocks.forEach((one) => visit(one, []));
  return done;
}
