import { Construct } from 'constructs';
import * as fc from 'fast-check';
import * as core from '../../src/core';

/** What a platform has when a construct is made. */
export interface Made {
  readonly regulated: boolean;
  network?: core.INetwork;
  key?: core.IEncryptionKey;
  secret?: core.ISecret;
  channel?: core.INotificationChannel;
  lake?: core.IDataLake;
  registry?: core.IModelRegistry;
  cluster?: core.IGpuTrainingCluster;
  readonly workloads: core.IWorkload[];
  readonly invocable: (core.IAutoScalingEndpoint | core.IServerlessInference)[];
  workspace?: core.IWorkspace;
}

/** The value of a prop that refers to what the platform has; `undefined` leaves the prop out. */
export type Later = (made: Made) => unknown;

/** A construct of a platform. */
export interface Part {
  /** The stack that it is in, by number; the last one where there are fewer. */
  readonly at: number;
  /** The engine, or the way of using it, that the props were chosen for. */
  readonly engine: string;
  readonly place?: 'inside' | 'outside';
  /** Values, and `Later`. */
  readonly props: { readonly [prop: string]: unknown };
}

export interface Grant {
  readonly what: keyof typeof GRANTS;
  /** To which workload, by number. */
  readonly to: number;
}

/** A program, before it is made. */
export interface Plan {
  readonly regulated: boolean;
  readonly stacks: { readonly [prop: string]: unknown }[];
  /** Comes after each id of a construct. */
  readonly suffix: string;
  readonly network?: Part;
  readonly key?: Part;
  readonly lake?: Part;
  readonly registry?: Part;
  readonly trail?: Part;
  readonly trainings: Part[];
  readonly endpoints: Part[];
  readonly serverless: Part[];
  readonly workspace?: Part;
  /** Whether there is a workload of someone else. */
  readonly stranger: boolean;
  readonly grants: Grant[];
  /** Whether scientists may submit jobs. */
  readonly submits: boolean;
  readonly permissions: boolean;
}

/** Where platforms are made. */
export interface Builder {
  readonly ml: any;
  stack(scope: Construct, id: string, props: object): Construct;
  /** What exists already. */
  readonly given: {
    network(scope: Construct, id: string): core.INetwork;
    key(scope: Construct, id: string): core.IEncryptionKey;
    secret(scope: Construct, id: string): core.ISecret;
    channel(scope: Construct, id: string): core.INotificationChannel;
    workload(scope: Construct, id: string): core.IWorkload;
  };
  /** Lets the scientists of the rules of security submit jobs. */
  letSubmit(cluster: any): void;
  /** Makes an output of the deployment. */
  output(scope: Construct, value: string): void;
}

/** What imports an existing one instead of making one. */
export const GIVEN = 'given';

const GRANTS = {
  'lake.grantRead': ({ lake }: Made, to: core.IWorkload) => lake?.grantRead(to),
  'lake.grantReadWrite': ({ lake }: Made, to: core.IWorkload) => lake?.grantReadWrite(to),
  'folder.grantRead': ({ lake }: Made, to: core.IWorkload) =>
    lake?.zone('raw').folder('team-a').grantRead(to),
  'folder.grantReadWrite': ({ lake }: Made, to: core.IWorkload) =>
    lake?.zone('curated').folder('team-b/x').grantReadWrite(to),
  'registry.grantRead': ({ registry }: Made, to: core.IWorkload) => registry?.grantRead(to),
  'registry.grantPublish': ({ registry }: Made, to: core.IWorkload) => registry?.grantPublish(to),
  'secret.grantRead': ({ secret }: Made, to: core.IWorkload) => secret?.grantRead(to),
  'endpoint.grantInvoke': ({ invocable }: Made, to: core.IWorkload) => invocable[0]?.grantInvoke(to),
  'workspace.grantOpen': ({ workspace }: Made, to: core.IWorkload) => workspace?.grantOpen(to),
};
export const GRANT_NAMES = Object.keys(GRANTS) as Grant['what'][];

/** A platform as a program makes it, line by line. */
export class Platform {
  /** What was called so far, as someone would write it. */
  public readonly program: string[] = [];
  private readonly stacks: Construct[] = [];
  private readonly made: Made;

  constructor(
    private readonly root: Construct,
    private readonly plan: Plan,
    private readonly builder: Builder,
  ) {
    this.made = { regulated: plan.regulated, workloads: [], invocable: [] };
  }

  /** Makes all of it; an error where something is refused. */
  public make(): void {
    const { plan, made } = this;
    this.makeStacks();
    this.makeFoundation();
    plan.trainings.forEach((part, i) => {
      made.cluster = this.one('GpuTrainingCluster', `Training${i}`, part);
      made.workloads.push(made.cluster!);
      this.show(part, made.cluster!.submitCommand);
      if (plan.submits) {
        this.program.push(`${made.cluster!.node.path}.grants.submit(…)`);
        this.builder.letSubmit(made.cluster);
      }
    });
    for (const [name, parts] of [
      ['AutoScalingEndpoint', plan.endpoints],
      ['ServerlessInference', plan.serverless],
    ] as const) {
      parts.forEach((part, i) => {
        const one = this.one(name, `${name}${i}`, part);
        made.invocable.push(one);
        made.workloads.push(one);
        this.show(part, one.invokeCommand);
      });
    }
    if (plan.workspace) {
      made.workspace = this.one('Workspace', 'Team', plan.workspace);
      made.workloads.push(made.workspace!);
      this.show(plan.workspace, made.workspace!.openCommand(made.workspace!.userNames[0]));
    }
    this.grant();
    if (plan.permissions) {
      this.program.push(`DeployPermissions.of(${this.stacks[0].node.path})`);
      this.builder.output(this.stacks[0], this.builder.ml.DeployPermissions.of(this.stacks[0]).command);
    }
  }

  private makeStacks(): void {
    this.plan.stacks.forEach((props, i) => {
      const id = ['foundation', 'serving', 'more'][i];
      this.program.push(`new PlatformStack(app, '${id}', ${shown(props)})`);
      this.stacks.push(this.builder.stack(this.root, id, props));
    });
  }

  private makeFoundation(): void {
    const { plan, made, builder } = this;
    const [first] = this.stacks;
    made.secret = builder.given.secret(first, 'Secret');
    made.channel = builder.given.channel(first, 'Pager');
    made.network = this.oneOrGiven('PrivateNetwork', 'network', plan.network);
    made.key = this.oneOrGiven('EncryptionKey', 'key', plan.key);
    made.lake = plan.lake && this.one('DataLake', 'Lake', plan.lake);
    made.registry = plan.registry && this.one('ModelRegistry', 'Registry', plan.registry);
    if (plan.trail && made.lake) {
      this.one('AuditTrail', 'Audit', plan.trail);
    }
    if (plan.stranger) {
      made.workloads.push(builder.given.workload(first, 'Stranger'));
    }
  }

  private oneOrGiven(name: string, kind: 'network' | 'key', part?: Part): any {
    if (part?.engine !== GIVEN) {
      return part && this.one(name, name, part);
    }
    this.program.push(`${name}.from…(${this.stackOf(part).node.path}, …)`);
    return this.builder.given[kind](this.stackOf(part), name);
  }

  private one(name: string, id: string, part: Part): any {
    const props = resolved(part.props, this.made);
    const [scope, whole] = [this.stackOf(part), `${id}${this.plan.suffix}`];
    this.program.push(`new ${name}(${scope.node.path}, ${JSON.stringify(whole)}, ${shown(props)})`);
    return new this.builder.ml[name](scope, whole, props);
  }

  private grant(): void {
    const { workloads } = this.made;
    for (const { what, to } of this.plan.grants.filter(() => workloads.length > 0)) {
      const workload = workloads[to % workloads.length];
      this.program.push(`${what}(${workload.node.path})`);
      GRANTS[what](this.made, workload);
    }
  }

  private show(part: Part, command: string): void {
    this.builder.output(this.stackOf(part), command);
  }

  private stackOf({ at }: Part): Construct {
    return this.stacks[Math.min(at, this.stacks.length - 1)];
  }
}

/** Props with what the platform has; what it has not is left out. */
function resolved(value: unknown, made: Made): any {
  if (typeof value === 'function') {
    return resolved((value as Later)(made), made);
  }
  if (Array.isArray(value)) {
    return value.map((one) => resolved(one, made));
  }
  return isPlain(value)
    ? Object.fromEntries(
        Object.entries(value)
          .map(([key, one]) => [key, resolved(one, made)])
          .filter(([, one]) => one !== undefined),
      )
    : value;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Props as someone reads them: constructs by their paths. */
const shown = (props: object): string =>
  JSON.stringify(props, (_, value) => (Construct.isConstruct(value) ? `<${value.node.path}>` : value));

/** The constructs of a plan, with their kinds. */
export const partsOf = (plan: Plan): [kind: string, part: Part][] =>
  (
    [
      ['PrivateNetwork', plan.network],
      ['EncryptionKey', plan.key],
      ['DataLake', plan.lake],
      ['ModelRegistry', plan.registry],
      ['AuditTrail', plan.lake && plan.trail],
      ...plan.trainings.map((one) => ['GpuTrainingCluster', one] as const),
      ...plan.endpoints.map((one) => ['AutoScalingEndpoint', one] as const),
      ...plan.serverless.map((one) => ['ServerlessInference', one] as const),
      ['Workspace', plan.workspace],
    ] as const
  ).flatMap(([kind, part]) => (part ? [[kind, part]] : []));

/** A plan that fast-check prints as its program. */
export function printable(plan: Plan, program: () => string[]): Plan {
  return Object.assign(plan, { [fc.toStringMethod]: () => `\n${program().join('\n')}\n` });
}
