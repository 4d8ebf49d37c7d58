import * as fc from 'fast-check';
import { GIVEN, Grant, GRANT_NAMES, Later, Part, Plan } from './platform';
import * as core from '../../src/core';
import { hostileText } from '../core/hostile';

/** An arbitrary for each prop. */
export interface Options {
  readonly [prop: string]: fc.Arbitrary<unknown>;
}

/** A service that a construct can be made of, or a way of using one: what it takes besides what every one takes. */
export interface Engine {
  readonly name: string;
  /** Props that it always gets. */
  readonly always?: Options;
  /** Props that it gets now and then. */
  readonly sometimes?: Options;
  /** What it refuses. It is tried, but rarely. */
  readonly lacks?: string[];
  /** Whether it needs a network, or can be in none. */
  readonly place?: 'inside' | 'outside';
}

export const CONSTRUCTS = [
  'PrivateNetwork',
  'EncryptionKey',
  'DataLake',
  'ModelRegistry',
  'AuditTrail',
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
  'Workspace',
] as const;
export type Name = (typeof CONSTRUCTS)[number];

/** What the platforms of a cloud are made of. */
export interface Offer {
  readonly region: string;
  /** Props of stacks that only this cloud has. */
  readonly stack: Options;
  /** Props of a stack that lies somewhere else. */
  readonly elsewhere: object;
  readonly engines: { readonly [N in Name]: readonly Engine[] };
  /** An account, a project, a principal that models are shared with. */
  readonly account: string;
  readonly image: string;
  /** A user of notebooks: one whose notebook others may open, and one who has it alone, where the cloud has both. */
  readonly users: readonly core.WorkspaceUserProps[];
}

export const one = <T>(...values: T[]) => fc.constantFrom(...values);
export const whole = (min: number, max: number) => fc.integer({ min, max });
const later = (...values: Later[]) => fc.constantFrom(...values);
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });

const PEOPLE = ['ml-oncall@example.com', 'https://chat.example.com/ml'];
const notify = one([PEOPLE[0]], PEOPLE);
const channels = later(({ channel }) => [channel]);
const network = later((made) => made.network);
const encryptionKey = later(({ key }) => key);
const retention = one(core.DataRetention.RETAIN, core.DataRetention.DESTROY);
const days = whole(1, 3650);
/** Days that logs are kept: some that every cloud takes. */
const logRetentionDays = later(
  ({ regulated }) => (regulated ? 365 : 30),
  () => 365,
);
const words = fc.oneof(fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }), hostileText);
const environment = fc.dictionary(fc.stringMatching(/^[B-J][A-Z_]{1,6}$/), words, {
  maxKeys: 3,
  noNullPrototype: true,
});
const secrets = later(({ secret }) => ({ HUB_TOKEN: secret }));
const tags = one({ team: 'fraud' }, { team: 'fraud', 'cost-center': '42' });
const capacities = one(
  core.Capacity.onDemand(),
  core.Capacity.spot(),
  core.Capacity.spot({ fallback: true, maxWaitHours: 4 }),
  core.Capacity.queued({ maxWaitHours: 3 }),
  core.Capacity.reserved('r-1'),
);
const VERSION = core.DeployParameter.of('ModelVersion', '1');
const TAG = core.DeployParameter.of('ImageTag', '1');

const imageOf = (name: string, { image }: Pick<Offer, 'image'>): fc.Arbitrary<unknown> =>
  later(
    ({ registry }) => registry?.image(name, '1') ?? image,
    ({ registry }) => registry?.image(name, TAG) ?? image,
  );
const modelOf = (...names: string[]): fc.Arbitrary<unknown> =>
  fc.tuple(one(...names), one<string | core.DeployParameter>('1', VERSION)).map(
    ([name, version]): Later =>
      ({ registry }) =>
        registry?.model(name).version(version),
  );

const containerOf = (offer: Pick<Offer, 'image'>): fc.Arbitrary<object> =>
  fc.record(
    { image: imageOf('serve', offer), environment, secrets, startupTimeoutSeconds: fc.constant(60) },
    { requiredKeys: ['image'], noNullPrototype: true },
  );

/** Up to so many variants of an endpoint, some with a model of one of these names. */
export const variantsOf = (
  offer: Pick<Offer, 'image'>,
  most: number,
  ...models: string[]
): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(containerOf(offer), maybe(modelOf(...models))), { minLength: 1, maxLength: most })
    .map((all) =>
      all.map(([container, model], i) => ({
        name: ['blue', 'green'][i],
        container,
        model,
        weight: all.length > 1 ? [90, 10][i] : 100,
      })),
    );

/** An audit trail that stays, and one that can go. */
export const trails = (name: string, sometimes: Options = {}): Engine[] => [
  { name, sometimes, lacks: ['retention'] },
  {
    name: `${name}, to be destroyed`,
    always: { retention: one(core.DataRetention.DESTROY), locked: one(false) },
    sometimes,
  },
];

/** What every cloud may be asked of a construct, whether it has it or not. */
function portable(offer: Offer): {
  readonly [N in Name]: { readonly always: Options; readonly sometimes: Options };
} {
  const { account, users } = offer;
  const common = { encryptionKey };
  const training = imageOf('train', offer);
  const container = containerOf(offer);
  const zone = (name: string) =>
    fc.record(
      {
        name: fc.constant(name),
        coldAfterDays: whole(1, 100),
        expireAfterDays: whole(101, 3650),
        keepOldVersionsDays: whole(1, 365),
      },
      { requiredKeys: ['name'], noNullPrototype: true },
    );
  const alarms = fc.record(
    { notify, channels, p99LatencyMs: whole(1, 1000), errorPercent: whole(1, 100) },
    { requiredKeys: ['channels', 'p99LatencyMs'], noNullPrototype: true },
  );
  return {
    PrivateNetwork: {
      always: {},
      sometimes: {
        cidr: one('10.3.0.0/16', '172.16.0.0/20'),
        zones: whole(2, 3),
        internetEgress: fc.boolean(),
        privateDns: one(core.PrivateDns.create(), core.PrivateDns.none()),
        logRetentionDays,
      },
    },
    EncryptionKey: { always: {}, sometimes: { retention, rotationDays: whole(90, 365) } },
    DataLake: {
      always: { zones: fc.tuple(zone('raw'), zone('curated')) },
      sometimes: { ...common, retention, discovery: fc.boolean() },
    },
    ModelRegistry: {
      always: {
        models: fc.constant([{ name: 'fraud' }, { name: 'checked', approvalRequired: true }]),
        images: fc.constant(['train', 'serve']),
      },
      sometimes: {
        ...{ ...common, retention, notify, channels },
        ...{ readers: fc.constant([account]), publishers: fc.constant([account]) },
      },
    },
    AuditTrail: {
      always: {
        datasets: later(
          ({ lake }) => [lake],
          ({ lake }) => [lake!.zone('raw')],
        ),
      },
      sometimes: {
        ...common,
        retention,
        retainDays: days,
        locked: fc.boolean(),
        managementEvents: fc.boolean(),
      },
    },
    GpuTrainingCluster: {
      always: { image: training, accelerators: one(['L4:1', 'T4:1'], ['T4:4'], ['A100:8'], ['H100:8']) },
      sometimes: {
        ...{ ...common, retention, logRetentionDays, environment, secrets },
        command: fc.array(words, { minLength: 1, maxLength: 4 }),
        datasets: later(...DATASETS),
        registry: later(({ registry }) => registry),
        maxNodes: whole(1, 8),
        minNodes: whole(1, 2),
        capacity: capacities,
        queues: later(
          () => [{ name: 'urgent', priority: 9, costTags: { team: 'search' } }, { name: 'rest' }],
          () => [{ name: 'small', maxAccelerators: 8 }],
        ),
        scratch: later(
          () => ({ sizeGiB: 1200 }),
          () => ({ sizeGiB: 1024 }),
        ),
        costTags: tags,
        fabric: one(core.Fabric.ANY, core.Fabric.REQUIRED),
        timeLimitHours: whole(1, 160),
        maxRetries: whole(0, 9),
        diskGiB: whole(100, 120),
        sharedMemoryMiB: whole(64, 4096),
        checkpointExpireAfterDays: days,
        alarms: later(
          ({ channel }) => ({ channels: [channel] }),
          ({ channel }) => ({ notify: PEOPLE, channels: [channel], jobFailed: true }),
        ),
      },
    },
    AutoScalingEndpoint: {
      always: { variants: variantsOf(offer, 2, 'fraud', 'checked') },
      sometimes: {
        ...{ ...common, logRetentionDays },
        accelerators: one(['L4:1', 'T4:1'], ['T4:4']),
        scaling: one<core.ScalingProps>(
          { minInstances: 2 },
          { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
          { minInstances: 2, maxInstances: 4, concurrentRequestsPerInstance: 3 },
          { minInstances: 2, maxInstances: 4, cpuPercent: 70 },
          { minInstances: core.DeployParameter.ofNumber('Least', 2), maxInstances: 4, cpuPercent: 70 },
        ),
        diskGiB: whole(100, 200),
        capacity: capacities,
        rollout: one(
          core.Rollout.allAtOnce(),
          core.Rollout.canary({ percent: 50, bakeMinutes: 5 }),
          core.Rollout.linear({ percent: 50, bakeMinutes: 5 }),
        ),
        capture: later(
          ({ lake }) => lake && { zone: lake.zone('raw'), samplePercent: 50 },
          ({ lake }) => lake && { zone: lake.zone('curated') },
        ),
        alarms,
      },
    },
    ServerlessInference: {
      always: { container },
      sometimes: {
        ...{ ...common, logRetentionDays, model: modelOf('fraud') },
        memoryMiB: one(1024, 2048, 4096),
        cpu: one(1, 2),
        accelerators: one(['L4:1']),
        maxInstances: whole(10, 100),
        minInstances: whole(0, 5),
        concurrentRequestsPerInstance: whole(1, 10),
        alarms,
      },
    },
    Workspace: {
      always: { users: one(...users).map((user) => [user]) },
      sometimes: {
        ...{ ...common, retention, environment, secrets },
        editor: one(...Object.values(core.WorkspaceEditor)),
        image: training,
        datasets: later(({ lake }) => lake && [lake]),
        cluster: later(({ cluster }) => cluster),
        accelerators: one(['L4:1', 'T4:1'], ['T4:4']),
        diskGiB: whole(100, 500),
        idleShutdownMinutes: whole(60, 1440),
      },
    },
  };
}

const DATASETS: Later[] = [
  ({ lake }) => lake && [lake],
  ({ lake }) => lake && [lake.zone('raw'), { data: lake.zone('curated'), mode: core.DatasetMode.URI }],
  ({ lake }) => lake && [lake.zone('raw').folder('team-a/images')],
];
/** As `DATASETS`, seen by jobs as files. */
export const files = (mode: core.DatasetMode): fc.Arbitrary<unknown> =>
  later(
    ...DATASETS,
    ({ lake }) => lake && [{ data: lake.zone('raw'), mode }],
    ({ lake }) => lake && [{ data: lake.zone('raw').folder('team-a'), mode, name: 'ours' }],
  );

/** So many constructs as they have options get nothing that they may be refused for. */
const RARELY = 60;

/** Constructs of a kind, in the network of the platform. */
function partOf(name: Name, home: number, offer: Offer): fc.Arbitrary<Part> {
  const { always, sometimes } = portable(offer)[name];
  const joins = !/PrivateNetwork|EncryptionKey/.test(name);
  const at = fc.oneof({ weight: 12, arbitrary: fc.constant(home) }, whole(0, 2));
  const anything = fc.oneof(
    { weight: RARELY, arbitrary: fc.constant({}) },
    ...Object.entries(sometimes).map(([prop, values]) => values.map((value) => ({ [prop]: value }))),
  );
  const ofEngine = (engine: Engine) => {
    const known = Object.entries({ ...sometimes, ...engine.sometimes }).filter(
      ([prop]) => !engine.lacks?.includes(prop),
    );
    const must = {
      ...always,
      ...(joins && engine.place !== 'outside' && { network }),
      ...engine.always,
    };
    const props = fc.record({ ...Object.fromEntries(known), ...must }, {
      requiredKeys: Object.keys(must),
      noNullPrototype: true,
    } as object);
    return fc.tuple(at, props, anything).map(([stackNumber, right, wrong]) => ({
      at: stackNumber,
      engine: engine.name,
      place: engine.place,
      props: { ...right, ...wrong },
    }));
  };
  return fc.oneof(...offer.engines[name].map(ofEngine));
}

/** Ids as people write them, and as nobody should. */
const suffix = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  one('-日本語', '.a b', '…'.repeat(40), '<script>alert(1)</script>'),
  hostileText,
);

const stack = (offer: Offer): fc.Arbitrary<{ [prop: string]: unknown }> =>
  fc.record(
    {
      namePrefix: one('acme', 'acme-ml'),
      allowedRegions: one([offer.region], [offer.region, 'elsewhere-1']),
      report: fc.boolean(),
      ...offer.stack,
    },
    { requiredKeys: [], noNullPrototype: true },
  );

const grant: fc.Arbitrary<Grant> = fc.record({ what: fc.constantFrom(...GRANT_NAMES), to: fc.nat(5) });

/** Whole platforms. */
export function platforms(offer: Offer): fc.Arbitrary<Plan> {
  const part = (name: Name, home = 0) => partOf(name, home, offer);
  const own = (name: 'PrivateNetwork' | 'EncryptionKey') =>
    fc.oneof({ weight: 4, arbitrary: part(name) }, fc.constant<Part>({ at: 0, engine: GIVEN, props: {} }));
  return fc
    .record({
      regulated: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
      stack: stack(offer),
      number: whole(1, 3),
      lastElsewhere: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, fc.constant(true)),
      suffix,
      network: maybe(own('PrivateNetwork')),
      key: maybe(own('EncryptionKey')),
      lake: maybe(part('DataLake'), 4),
      registry: maybe(part('ModelRegistry'), 4),
      trail: maybe(part('AuditTrail')),
      trainings: fc.array(part('GpuTrainingCluster'), { maxLength: 2 }),
      endpoints: fc.array(part('AutoScalingEndpoint', 2), { maxLength: 2 }),
      serverless: fc.array(part('ServerlessInference', 2), { maxLength: 2 }),
      workspace: maybe(part('Workspace', 1)),
      stranger: fc.boolean(),
      grants: fc.array(grant, { maxLength: 3 }),
      submits: fc.boolean(),
      permissions: fc.boolean(),
    })
    .map(({ stack: props, number, lastElsewhere, regulated: strict, network: given, ...plan }) => {
      const places = [...plan.trainings, ...plan.endpoints, ...plan.serverless].map(({ place }) => place);
      // What is regulated is private.
      const regulated = strict && !places.includes('outside');
      const isPrivate = regulated || places.includes('inside');
      return {
        ...plan,
        regulated,
        network: given ?? (isPrivate ? { at: 0, engine: 'own', props: { internetEgress: true } } : undefined),
        stacks: Array.from({ length: number }, (_, i) => ({
          ...props,
          ...(lastElsewhere && i === number - 1 && offer.elsewhere),
          ...(regulated && { securityProfile: core.SecurityProfile.REGULATED }),
        })),
      };
    });
}
