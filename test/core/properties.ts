/**
 * What holds for all constructs of a cloud, whatever they are given. A cloud's test gives its probe; what differs between
 * clouds, such as what a service lacks, is in there and nowhere else.
 */
import { Construct, IConstruct } from 'constructs';
import * as fc from 'fast-check';
import { Field, Fields, fieldsOf, junk, Made, propsOf, runs, SEED } from './arbitraries';
import * as basalt from './dummies/basalt';
import { hostileText, runCommands } from './hostile';
import { NOTEBOOKS, PLACES, SHOWN } from './places';
import type * as aws from '../../src/aws';
import type * as azure from '../../src/azure';
import * as core from '../../src/core';
import { brandOf } from '../../src/core/private/brand';
import { isValidationError, ValidationError } from '../../src/core/private/faults';
import type * as google from '../../src/google';

/** An arbitrary for each prop of a construct. */
type Props = { readonly [prop: string]: fc.Arbitrary<any> };

const CONSTRUCTS = [
  'EncryptionKey',
  'PrivateNetwork',
  'DataLake',
  'AuditTrail',
  'ModelRegistry',
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
  'Workspace',
] as const;
type Name = (typeof CONSTRUCTS)[number];
const key = (name: Name) => (name[0].toLowerCase() + name.slice(1)) as Uncapitalize<Name>;

/** What the tests know of a cloud. */
export interface PropertiesProbe {
  readonly ml: typeof aws | typeof google | typeof azure;
  /** An empty platform stack of an app of its own. */
  readonly newStack: (props?: object) => Construct;
  /** Another platform stack of the same app. */
  readonly beside: (stack: Construct, id: string, props: object) => Construct;
  /** The prop of platform stacks that takes what all resources are tagged with. */
  readonly tags: string;
  /** A secret that exists already. */
  readonly secret: (scope: Construct, id: string) => core.ISecret;
  /** Somewhere that alarms are told, made already. */
  readonly channel: (scope: Construct, id: string) => core.INotificationChannel;
  readonly logRetentionDays: Field<number>;
  readonly account: Field<string>;
  readonly principal?: Field<string>;
  /** The props that only this cloud has, by construct. */
  readonly native: { readonly [C in Uncapitalize<Name>]?: Fields<any> };
  /** What is valid differs here: `undefined` alone where the service lacks it. */
  readonly valid: { readonly [C in Uncapitalize<Name>]?: Props };
  /** How many constructs are tried in one stack. */
  readonly inOneStack: number;
  /** What a stack synthesizes to; an error where the engine or the provider would refuse it. */
  readonly synthesize: (stack: Construct) => any;
  /** More props that take text, each with what gives it a text. */
  readonly texts: { readonly [place: string]: (scope: Construct, text: string) => unknown };
  /** Expressions in what was synthesized, of the engine or of the service, that hostile text has become. */
  readonly leaks: (json: any) => string[];
  /** Makes an output of the deployment. */
  readonly output: (scope: Construct, value: string) => void;
  /** All outputs of a stack, with anything for what only deployment knows. */
  readonly outputs: (json: any) => string[];
}

/** The error of a call: the library's own, or none. */
function refusedBy(call: () => unknown): ValidationError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!isValidationError(error)) {
      throw error;
    }
    return error;
  }
}

const PEOPLE = ['ml-oncall@example.com', 'https://chat.example.com/ml'];
const ALARMS = { notify: PEOPLE, p99LatencyMs: 300, errorPercent: 1 };

/** Makes the tests. */
export function properties(probe: PropertiesProbe): void {
  const ml = probe.ml as any;

  /** What a construct may be given, in the stack of its own. */
  const provide = (stack: Construct): Made => {
    const registry = new ml.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }, { name: 'checked', approvalRequired: true }],
      images: ['train', 'serve'],
    });
    return {
      registry,
      network: new ml.PrivateNetwork(stack, 'Network'),
      encryptionKey: new ml.EncryptionKey(stack, 'Key'),
      secret: probe.secret(stack, 'Secret'),
      channel: probe.channel(stack, 'Pager'),
      lake: new ml.DataLake(stack, 'Lake', {
        zones: [{ name: 'raw' }, { name: 'curated' }],
        discovery: false,
      }),
      cluster: new ml.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '1'),
        accelerators: ['T4'],
      }),
    };
  };

  const minimalOf = (name: Name, { registry, lake }: Made): object => {
    const container = { image: registry.image('serve', '1') };
    const minimal: Partial<Record<Name, object>> = {
      AuditTrail: { datasets: [lake] },
      ModelRegistry: { models: [{ name: 'fraud' }] },
      GpuTrainingCluster: { image: registry.image('train', '1'), accelerators: ['T4'] },
      AutoScalingEndpoint: { variants: [{ name: 'main', container }] },
      ServerlessInference: { container },
      Workspace: { users: [{ name: 'ada' }] },
    };
    return minimal[name] ?? {};
  };

  describe(`bad input (seed ${SEED})`, () => {
    /** Shared by all runs: what refused props leave behind in it would be seen. */
    const shared = probe.newStack();
    const here = provide(shared);
    const other = new basalt.PlatformStack(undefined as never, 'other', {
      project: 'other',
      region: 'r',
    } as never);
    const there: Made = {
      secret: basalt.Secret.fromVault(other, 'Secret', 'vault', 'token'),
      channel: basalt.NotificationChannel.fromBellId(other, 'Pager', 'pager'),
      registry: new basalt.ModelRegistry(other, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['serve'],
      }),
      cluster: new basalt.GpuTrainingCluster(other, 'Training', { image: 'i', accelerators: ['T4'] }),
      network: new basalt.PrivateNetwork(other, 'Network'),
      encryptionKey: new basalt.EncryptionKey(other, 'Key'),
      lake: new basalt.DataLake(other, 'Lake'),
    };
    const portable = fieldsOf(here, there, probe.logRetentionDays, probe.account, probe.principal);

    describe.each(CONSTRUCTS.filter((name) => name in ml))('%s', (name) => {
      const fields: Fields<any> = { ...portable[key(name)], ...probe.native[key(name)] };
      const minimal = minimalOf(name, here);
      const make = (scope: Construct, props: object) => new ml[name](scope, 'Id', props);
      let number = 0;
      const scope = () => new Construct(shared, `Run${++number}-${name}`);

      test('whatever it is given, it stands, or it raised a ValidationError and is gone', () => {
        const anything = fc
          .tuple(propsOf<any>(fields), fc.dictionary(fc.constantFrom(...Object.keys(fields)), junk))
          .map(([right, wrong]) => ({ ...minimal, ...right, ...wrong }));
        fc.assert(
          fc.property(anything, (props) => {
            const at = scope();
            const refused = refusedBy(() => make(at, props));
            expect(at.node.tryFindChild('Id') === undefined).toBe(refused !== undefined);
          }),
          runs(60),
        );
      });

      test('a fault in one prop is a fault that names it', () => {
        const oneWrong = fc
          .constantFrom(...Object.keys(fields))
          .chain((prop) =>
            fields[prop].invalid.map((value: unknown) => ({ prop, props: { ...minimal, [prop]: value } })),
          );
        fc.assert(
          fc.property(oneWrong, ({ prop, props }) => {
            const at = scope();
            const refused = refusedBy(() => make(at, props));
            expect(refused?.faults.map((fault) => fault.prop.split(/[.[]/)[0])).toContain(prop);
            expect(at.node.children).toEqual([]);
          }),
          runs(100),
        );
      });

      test('an unknown key is a fault that names it', () => {
        const refused = refusedBy(() => make(scope(), { ...minimal, noSuchProp: 1 }));
        expect(refused?.message).toContain('noSuchProp is no known prop');
      });
    });
  });

  describe(`valid props synthesize to what the engine accepts (seed ${SEED})`, () => {
    test.each(Object.entries(validProps(probe)).filter(([name]) => name in ml))('%s', (name, arbitrary) => {
      let room: { stack: Construct; made: Made } | undefined;
      let number = 0;
      const close = () => {
        const full = room;
        room = undefined;
        if (full) probe.synthesize(full.stack);
      };
      fc.assert(
        fc.property(arbitrary, (props) => {
          if (!room) {
            const stack = probe.newStack();
            room = { stack, made: provide(stack) };
          }
          const scope = new Construct(room.stack, `Run${++number}`);
          new ml[name](scope, 'Id', PROPS_OF[name as keyof typeof PROPS_OF](props, room.made));
          if (number % probe.inOneStack === 0) close();
        }),
        runs(25),
      );
      close();
    });
  });

  describe(`hostile text is refused, or stays text (seed ${SEED})`, () => {
    const places = { ...PLACES, ...('Workspace' in ml ? NOTEBOOKS : {}), ...probe.texts };
    test.each(Object.entries(places))('%s', (name, place) => {
      let accepted = 0;
      let ran = 0;
      const texts = fc.sample(hostileText, runs(15));
      for (let from = 0; from < texts.length; from += probe.inOneStack) {
        const stack = probe.newStack();
        const made = provide(stack);
        const refused = texts.slice(from, from + probe.inOneStack).map((text, i) => {
          const scope = new Construct(stack, `Run${i}`);
          return refusedBy(() =>
            [place(scope, text, made, ml, probe)]
              .flat()
              .flatMap(commandsOf)
              .forEach((command, j) => probe.output(new Construct(scope, `Command${j}`), command)),
          );
        });
        if (refused.every(Boolean)) continue;
        accepted += refused.filter((fault) => !fault).length;
        for (const one of stack.node.root.node.children.filter(isPlatformStack)) {
          const json = probe.synthesize(one as Construct);
          expect(probe.leaks(json)).toEqual([]);
          const hostile = runCommands(probe.outputs(json));
          expect(hostile.obeyed).toEqual([]);
          ran += hostile.ran;
        }
      }
      if (name === SHOWN) {
        expect({ accepted, ran }).toEqual({ accepted: texts.length, ran: texts.length });
      }
    });
  });
}

const isPlatformStack = (construct: IConstruct) => brandOf(construct)?.kind === 'PlatformStack';

/** The shell commands that a construct prints; a command is itself. */
function commandsOf(made: unknown): string[] {
  if (typeof made === 'string') {
    return [made];
  }
  return [
    ...['submitCommand', 'invokeCommand', 'shiftCommand', 'uploadCommand', 'readCommand'].map(
      (name) => (made as any)?.[name],
    ),
    ...((made as any)?.userNames ?? []).map((user: string) => (made as core.IWorkspace).openCommand(user)),
  ].filter((command) => typeof command === 'string');
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const VARIABLE = fc
  .stringMatching(/^[A-Z][A-Z_]{1,9}$/)
  .filter((name) => !/^(AWS|DATASET|PET|NCCL|LD|AZURE|AZ_|AZUREML|K_|X_GOOGLE|PORT$|MODEL|CLOUD)/.test(name));
const TEXT = fc.string({ minLength: 1, maxLength: 40 });

/** Valid props of the five constructs, where they can be said by themselves. */
function validProps({ valid, native, logRetentionDays, principal }: PropertiesProbe) {
  const common = {
    network: fc.boolean(),
    encryptionKey: fc.boolean(),
    retention: maybe(fc.constantFrom(core.DataRetention.RETAIN, core.DataRetention.DESTROY)),
  };
  const logs = { logRetentionDays: maybe(logRetentionDays.valid.filter((days) => days > 0)) };
  const environment = maybe(fc.dictionary(VARIABLE, TEXT, { maxKeys: 4, noNullPrototype: true }));
  const days = fc.integer({ min: 1, max: 3650 });
  const { retention: _, ...served } = common;

  const portable: { readonly [construct: string]: Props } = {
    DataLake: {
      ...common,
      zones: maybe(
        fc.uniqueArray(
          fc.record({
            name: fc.stringMatching(/^[a-z][a-z0-9]{1,10}$/),
            coldAfterDays: maybe(fc.integer({ min: 1, max: 100 })),
            expireAfterDays: maybe(fc.integer({ min: 101, max: 3650 })),
            keepOldVersionsDays: maybe(days),
          }),
          { minLength: 1, maxLength: 3, selector: ({ name }) => name },
        ),
      ),
    },
    AuditTrail: {
      ...common,
      retainDays: maybe(days),
      // What is locked stays.
      locked: maybe(fc.constant(false)),
      managementEvents: maybe(fc.boolean()),
    },
    ModelRegistry: {
      ...common,
      models: fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[a-z][a-z0-9]{1,30}$/),
          approvalRequired: maybe(fc.boolean()),
        }),
        { minLength: 1, maxLength: 3, selector: ({ name }) => name },
      ),
      images: maybe(fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{1,30}$/), { maxLength: 3 })),
      notify: maybe(fc.constant(PEOPLE)),
    },
    GpuTrainingCluster: {
      ...common,
      ...logs,
      accelerators: fc.constantFrom(['L4'], ['T4:4'], ['H200:8', 'A10G:8'], ['A100:8'], ['H100:8']),
      maxNodes: fc.integer({ min: 1, max: 16 }),
      capacity: fc.constantFrom(
        core.Capacity.onDemand(),
        core.Capacity.spot(),
        core.Capacity.spot({ fallback: true, maxWaitHours: 4 }),
        core.Capacity.queued({ maxWaitHours: 3 }),
      ),
      timeLimitHours: maybe(fc.integer({ min: 1, max: 600 })),
      maxRetries: maybe(fc.integer({ min: 0, max: 10 })),
      diskGiB: maybe(fc.integer({ min: 10, max: 125 })),
      environment,
      command: maybe(fc.array(TEXT, { minLength: 1, maxLength: 5 })),
      checkpointExpireAfterDays: maybe(days),
      secret: fc.boolean(),
      data: fc.constantFrom('none', 'lake', 'zone', 'folder', 'named'),
      mode: fc.constant(core.DatasetMode.URI),
      publishes: fc.boolean(),
      costTags: maybe(fc.constantFrom({ team: 'fraud' }, { team: 'fraud', 'cost-center': '42' }, {})),
      told: fc.boolean(),
    },
    AutoScalingEndpoint: {
      ...served,
      ...logs,
      variants: fc.integer({ min: 1, max: 3 }),
      accelerators: maybe(fc.constantFrom(['L4'], ['T4:4', 'L4:4'], ['A10G'])),
      scaling: fc.constantFrom(
        { minInstances: 2 },
        { minInstances: 2, maxInstances: 4, concurrentRequestsPerInstance: 3 },
        { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
        { minInstances: 2, maxInstances: 4, cpuPercent: 70, requestsPerMinutePerInstance: 600 },
      ),
      capture: maybe(fc.integer({ min: 1, max: 100 })),
      inZone: fc.constant(true),
      alarms: fc.boolean(),
      model: maybe(fc.constantFrom('fraud', 'checked')),
      parameter: fc.boolean(),
      rollout: fc.constantFrom(
        core.Rollout.allAtOnce(),
        core.Rollout.canary({ percent: 20, bakeMinutes: 5 }),
        core.Rollout.linear({ percent: 25, bakeMinutes: 10 }),
      ),
      environment,
      secret: fc.boolean(),
    },
    ServerlessInference: {
      ...served,
      ...logs,
      memoryMiB: maybe(fc.integer({ min: 512, max: 8192 })),
      maxInstances: maybe(fc.integer({ min: 10, max: 500 })),
      minInstances: maybe(fc.integer({ min: 0, max: 10 })),
      model: fc.boolean(),
      alarms: fc.boolean(),
      environment,
      secret: fc.boolean(),
    },
    Workspace: {
      ...common,
      environment,
      users: fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[a-z][a-z0-9]{1,20}$/),
          principalId: maybe((principal ?? { valid: fc.constant(undefined) }).valid),
        }),
        { minLength: 1, maxLength: 3, selector: ({ name }) => name },
      ),
      editor: maybe(fc.constantFrom(core.WorkspaceEditor.JUPYTERLAB, core.WorkspaceEditor.VS_CODE)),
      accelerators: maybe(fc.constantFrom(['L4'], ['B300:8', 'A10G:8'], ['H100:8'])),
      diskGiB: maybe(fc.integer({ min: 10, max: 16384 })),
      idleShutdownMinutes: maybe(fc.integer({ min: 60, max: 525600 })),
      own: fc.boolean(),
      data: fc.boolean(),
      submits: fc.boolean(),
      secret: fc.boolean(),
    },
  };
  return Object.fromEntries(
    Object.entries(portable).map(([name, props]) => {
      const own = Object.entries<Field<any>>(native[key(name as Name)] ?? {}).map(([prop, field]) => [
        prop,
        maybe(field.valid),
      ]);
      return [name, fc.record({ ...props, ...Object.fromEntries(own), ...valid[key(name as Name)] })];
    }),
  );
}

/** The shared props of a construct, by its own stack's constructs. */
const commonOf = ({ network, encryptionKey, ...rest }: any, made: Made) => ({
  ...rest,
  network: network ? made.network : undefined,
  encryptionKey: encryptionKey ? made.encryptionKey : undefined,
});
const secretsOf = (given: boolean, { secret }: Made) => (given ? { TOKEN: secret } : undefined);

/** Data as a cluster takes it. */
function dataOf(
  how: string,
  mode: core.DatasetMode,
  lake: core.IDataLake,
): core.GpuTrainingClusterProps['datasets'] {
  const folder = lake.zone('raw').folder('team-a/images');
  const given: { readonly [how: string]: core.GpuTrainingClusterProps['datasets'] } = {
    lake: [lake],
    zone: [{ data: lake.zone('raw'), mode }, lake.zone('curated')],
    folder: [{ data: folder, mode }],
    named: [lake, { data: folder, mode, name: 'images' }],
  };
  return given[how];
}

const PROPS_OF = {
  DataLake: commonOf,
  AuditTrail: (props: any, made: Made) => ({ ...commonOf(props, made), datasets: [made.lake] }),
  ModelRegistry: commonOf,
  GpuTrainingCluster: ({ secret, data, mode, publishes, told, ...props }: any, made: Made) => ({
    ...commonOf(props, made),
    image: made.registry.image('train', '1'),
    secrets: secretsOf(secret, made),
    datasets: dataOf(data, mode, made.lake),
    registry: publishes ? made.registry : undefined,
    alarms: told ? { notify: PEOPLE, channels: [made.channel] } : undefined,
  }),
  AutoScalingEndpoint: (
    { variants, capture, inZone, alarms, model, parameter, environment, secret, rollout, ...props }: any,
    made: Made,
  ) => {
    const version = parameter ? core.DeployParameter.of('Version', '1') : '1';
    return {
      ...commonOf(props, made),
      variants: Array.from({ length: variants }, (_, i) => ({
        name: `v${i}`,
        container: {
          image: made.registry.image('serve', '1'),
          environment,
          secrets: secretsOf(secret, made),
        },
        model: model && made.registry.model(model).version(version),
      })),
      capture: capture && { zone: inZone ? made.lake.zone('raw') : undefined, samplePercent: capture },
      // Alarms take it back.
      rollout: alarms ? rollout : undefined,
      alarms: alarms
        ? {
            ...ALARMS,
            channels: [made.channel],
            ...(props.scaling.maxInstances && { atMaximumMinutes: 15, noCapacity: true }),
          }
        : undefined,
    };
  },
  Workspace: ({ own, data, submits, secret, ...props }: any, made: Made) => ({
    ...commonOf(props, made),
    image: own ? made.registry.image('train', '1') : undefined,
    datasets: data ? [made.lake] : undefined,
    cluster: submits ? made.cluster : undefined,
    secrets: secretsOf(secret, made),
  }),
  ServerlessInference: ({ model, alarms, environment, secret, ...props }: any, made: Made) => ({
    ...commonOf(props, made),
    container: {
      image: made.registry.image('serve', '1'),
      environment,
      secrets: secretsOf(secret, made),
    },
    model: model ? made.registry.model('fraud').version('3') : undefined,
    alarms: alarms ? ALARMS : undefined,
  }),
};
