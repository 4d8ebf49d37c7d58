/**
 * Random props of core: for every prop what is right and what is wrong, so that a test can mix both. A cloud's tests
 * give the constructs of that cloud.
 */
import * as fc from 'fast-check';
import * as core from '../../src/core';
import { isToken } from '../../src/core/private/tokens';

/** The same cases at each run; another seed, and more cases, at will. */
export const SEED = Number(process.env.FAST_CHECK_SEED ?? 20261123);
const TIMES = Number(process.env.FAST_CHECK_TIMES ?? 1);
if (!(TIMES > 0) || !Number.isInteger(SEED)) {
  throw new Error('FAST_CHECK_TIMES must be a number above 0, and FAST_CHECK_SEED a whole one');
}
if (TIMES > 1) {
  jest.setTimeout(60_000 * TIMES);
}
export const runs = (numRuns: number) => ({ numRuns: numRuns * TIMES, seed: SEED });
export const RUNS = runs(150);

export interface Field<T> {
  readonly valid: fc.Arbitrary<T>;
  readonly invalid: fc.Arbitrary<unknown>;
}

/** A field for every prop: the compiler refuses a forgotten one. */
export type Fields<P> = { readonly [K in keyof Required<P>]: Field<NonNullable<P[K]>> };

/** Constructs of the cloud that is tested, and of another one. */
export interface Made {
  readonly network: core.INetwork;
  readonly encryptionKey: core.IEncryptionKey;
  readonly secret: core.ISecret;
  readonly lake: core.IDataLake;
  readonly registry: core.IModelRegistry;
  readonly cluster: core.IGpuTrainingCluster;
  readonly channel: core.INotificationChannel;
}

/** Encoded strings, lists and numbers of aws-cdk-lib and cdktf. */
export const TOKENS = {
  texts: [
    '${Token[TOKEN.12]}',
    '${Token[AWS.AccountId.4]}',
    'a-${TfToken[TOKEN.3]}-b',
    '${TfToken[TOKEN.0]}',
  ],
  lists: [['#{Token[TOKEN.7]}'], ['#{TfToken[TOKEN.2]}']],
  numbers: [-1.8881545897087505e289, -8.10956221259138e298],
  objects: [{ resolve: () => 'later' }, { '&{TfToken[TOKEN.4]}': 'String Map Token Value' }],
};
const tokens = fc.constantFrom<unknown>(
  ...TOKENS.texts,
  ...TOKENS.numbers,
  ...TOKENS.objects,
  ...TOKENS.lists,
);

/** Anything at all but nothing and tokens. */
export const junk: fc.Arbitrary<unknown> = fc
  .oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true }),
    fc.constantFrom<unknown>(
      { node: null },
      { node: {} },
      { toJSON: null },
      Symbol('s'),
      () => 1,
      NaN,
      -Infinity,
    ),
  )
  .filter((value) => value !== undefined && value !== null && !isToken(value));

const but = (accepts: (value: unknown) => boolean) => junk.filter((value) => !accepts(value));
const isText = (value: unknown) => typeof value === 'string';

function near(values: unknown[], other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return values.length ? fc.oneof(fc.constantFrom(...values), other) : other;
}

/** The same, where no token will do. */
const literal = <T>({ valid, invalid }: Field<T>): Field<T> => ({
  valid: valid.filter((value) => !isToken(value)),
  invalid: fc.oneof({ weight: 4, arbitrary: invalid }, tokens),
});

export const whole = (min: number, max = 1_000_000): Field<number> => ({
  valid: fc.oneof({ weight: 9, arbitrary: fc.integer({ min, max }) }, fc.constantFrom(...TOKENS.numbers)),
  invalid: near(
    [min - 1, min + 0.5, `${min}`, ...(max < 1_000_000 ? [max + 1] : [])],
    but((value) => typeof value === 'number'),
  ),
});

export const decimal = (min: number, max = 1_000_000): Field<number> => ({
  valid: fc.oneof(
    { weight: 9, arbitrary: fc.double({ min, max, noNaN: true }) },
    fc.constantFrom(...TOKENS.numbers),
  ),
  invalid: near(
    [min - 0.1, `${min}`, NaN, Infinity, ...(max < 1_000_000 ? [max + 0.1] : [])],
    but((value) => typeof value === 'number'),
  ),
});

export const words: Field<string> = {
  valid: fc.oneof({ weight: 9, arbitrary: fc.string({ minLength: 1 }) }, fc.constantFrom(...TOKENS.texts)),
  invalid: near([''], but(isText)),
};

/** Texts that may be empty: values of variables, arguments. */
const anyText: Field<string> = { valid: fc.oneof(words.valid, fc.constant('')), invalid: but(isText) };

const form = (pattern: RegExp, ...wrong: string[]): Field<string> => ({
  valid: fc.oneof({ weight: 9, arbitrary: fc.stringMatching(pattern) }, fc.constantFrom(...TOKENS.texts)),
  invalid: near(wrong, but(isText)),
});

const kebab = (max: number, min = 2) => {
  const wrong = [
    'Raw',
    '1raw',
    'raw-',
    'raw zone',
    'r_w',
    '',
    'a'.repeat(max + 1),
    ...(min > 1 ? ['a'] : []),
  ];
  return form(new RegExp(`^[a-z][a-z0-9]{${min - 1},${max - 1}}$`), ...wrong);
};

const bool = literal<boolean>({
  valid: fc.boolean(),
  invalid: near(
    ['true', 1],
    but((value) => typeof value === 'boolean'),
  ),
});

const choice = <T>(...values: T[]) =>
  literal<T>({ valid: fc.constantFrom(...values), invalid: but((value) => values.includes(value as T)) });

interface ListForm<T> {
  readonly min?: number;
  readonly max?: number;
  /** What must differ between the elements. */
  readonly by?: (element: T) => unknown;
}

export function listOf<T>(
  { valid, invalid }: Field<T>,
  { min = 0, max = 4, by }: ListForm<T> = {},
): Field<T[]> {
  const list = by
    ? fc.uniqueArray(valid, { minLength: min, maxLength: max, selector: by })
    : fc.array(valid, { minLength: min, maxLength: max });
  const wrong: fc.Arbitrary<unknown>[] = [
    but((value) => Array.isArray(value)),
    fc.tuple(list, invalid).map(([right, fault]) => [...right, fault]),
  ];
  if (min > 0) wrong.push(fc.constant([]));
  if (by) wrong.push(valid.map((element) => [element, element]));
  return { valid: list, invalid: fc.oneof(...wrong) };
}

const mapOf = <T>({ valid, invalid }: Field<T>) =>
  literal<{ [name: string]: T }>({
    valid: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,9}$/), valid, { noNullPrototype: true }),
    invalid: fc.oneof(
      but((value) => typeof value === 'object' && !Array.isArray(value)),
      invalid.map((value) => ({ NAME: value })),
      fc.tuple(fc.constantFrom('', '1A', 'A-B', 'a b'), valid).map(([key, value]) => ({ [key]: value })),
    ),
  });

/** Valid props; those that are required always, the others now and then. */
export const propsOf = <P>(fields: Fields<P>, required: (keyof P & string)[] = []): fc.Arbitrary<P> =>
  fc.record(
    Object.fromEntries(Object.entries<Field<unknown>>(fields).map(([key, { valid }]) => [key, valid])),
    { requiredKeys: required, noNullPrototype: true } as object,
  ) as unknown as fc.Arbitrary<P>;

/** Props where just the given keys are wrong. */
export const faultyPropsOf = <P>(fields: Fields<P>, required: (keyof P & string)[] = []) =>
  fc.subarray(Object.keys(fields), { minLength: 1 }).chain((wrong) =>
    fc
      .tuple(
        propsOf(fields, required),
        fc.tuple(...wrong.map((key) => (fields as Record<string, Field<unknown>>)[key].invalid)),
      )
      .map(([props, values]) => ({
        wrong,
        props: { ...props, ...Object.fromEntries(wrong.map((key, i) => [key, values[i]])) },
      })),
  );

const objectOf = <P>(fields: Fields<P>, required: (keyof P & string)[] = []) =>
  literal<P>({
    valid: propsOf(fields, required),
    invalid: fc.oneof(
      but((value) => typeof value === 'object' && !Array.isArray(value)),
      faultyPropsOf(fields, required).map(({ props }) => props),
      propsOf(fields, required).map((props) => ({ ...props, no_such_prop: 1 })),
    ),
  });

/** Constructs and value classes: those of the library, and nothing that looks like them. */
const made = <T>(values: T[], ...wrong: unknown[]) =>
  literal<T>({ valid: fc.constantFrom(...values), invalid: near(wrong, junk) });

const email = form(/^[a-z]{1,9}@[a-z]{1,9}\.(com|org)$/, 'me', 'me@home', 'a b@c.de', '');
/** A webhook without a secret; others would stand in the template. */
const webhook = form(
  /^https:\/\/[a-z]{1,9}\.example\.com\/[a-z]{0,9}$/,
  'http://a.example.com/',
  'https://me:secret@a.example.com/',
  'https://me@a.example.com/',
  'https://a.example.com/?token=1',
  'https://a.example.com/?a=1&API_KEY=2',
  'https://a',
  'https://a.example.com/ b',
);
const days = whole(1, 36500);
const path = form(/^\/[a-z0-9/]{0,9}$/, 'ping', '', '/a b');
const accelerators = literal(listOf(literal(words), { min: 1 }));
const uniqueText = { by: (element: string) => element };
const retention = choice(core.DataRetention.RETAIN, core.DataRetention.DESTROY);

/** The fields of every props interface of core, with the constructs of a cloud and, as faults, those of another. */
export function fieldsOf(
  here: Made,
  there: Made,
  logRetentionDays: Field<number>,
  account: Field<string>,
  principal: Field<string> = words,
) {
  const commonFields: Fields<core.CommonProps> = {
    network: made([here.network], there.network, here.lake, 'vpc-1'),
    encryptionKey: made([here.encryptionKey], there.encryptionKey, here.network, 'key-1'),
  };
  const capacity = made(
    [core.Capacity.onDemand(), core.Capacity.spot(), core.Capacity.queued(), core.Capacity.reserved('r-1')],
    'spot',
    core.Rollout.allAtOnce(),
  );
  const folder = (lake: core.IDataLake) => lake.zone('raw').folder('team-a/images');
  const data = made<core.IDataset>(
    [here.lake, here.lake.zone('raw'), folder(here.lake)],
    there.lake,
    folder(there.lake),
    here.registry,
  );
  const datasets = literal(listOf(data));
  const secrets = mapOf(made([here.secret], there.secret, 'arn:secret'));
  const image: Field<string | core.ContainerImage> = {
    valid: fc.oneof(words.valid, fc.constant(new core.ContainerImage(here.registry, 'serve', '1'))),
    invalid: near(['', new core.ContainerImage(there.registry, 'serve', '1')], but(isText)),
  };
  const model = made(
    [new core.ModelVersion(here.registry, 'fraud', '1')],
    new core.ModelVersion(there.registry, 'fraud', '1'),
    'fraud:1',
  );
  const count = (field: Field<number>): Field<number | core.DeployParameter> => ({
    ...field,
    valid: fc.oneof(field.valid, fc.constant(core.DeployParameter.ofNumber('Count', 2))),
  });

  const zone: Fields<core.DataZoneProps> = {
    name: literal(kebab(24)),
    expireAfterDays: days,
    coldAfterDays: days,
    keepOldVersionsDays: days,
  };
  const trainingDataset: Fields<core.TrainingDataset> = {
    data,
    mode: choice(core.DatasetMode.URI, core.DatasetMode.DOWNLOAD, core.DatasetMode.MOUNT),
    name: literal(kebab(24)),
    sizeGiB: literal(whole(1)),
  };
  const withModes = objectOf(trainingDataset, ['data']);
  const trainingDatasets = literal(
    listOf<core.IDataset | core.TrainingDataset>({
      valid: fc.oneof(data.valid, withModes.valid),
      invalid: fc.oneof(data.invalid, withModes.invalid),
    }),
  );
  const costTags = literal<{ [key: string]: string }>({
    valid: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), fc.stringMatching(/^[a-z0-9]{1,20}$/), {
      noNullPrototype: true,
    }),
    invalid: fc.constantFrom<unknown>(
      ...[[], 'team', { Team: 'a' }, { '1a': 'a' }, { 'ml-run': 'a' }],
      ...[{ team: 'A' }, { team: '' }, { team: 1 }],
    ),
  });
  const trainingQueue: Fields<core.TrainingQueue> = {
    name: literal(kebab(32, 1)),
    priority: literal(whole(0, 999)),
    maxAccelerators: literal(whole(1)),
    costTags,
  };
  const container: Fields<core.ServingContainer> = {
    image,
    command: listOf(words, { min: 1 }),
    args: listOf(anyText),
    port: whole(1, 65535),
    healthPath: path,
    predictPath: path,
    environment: mapOf(anyText),
    secrets,
    sharedMemoryMiB: whole(64),
    startupTimeoutSeconds: whole(1),
    requestTimeoutSeconds: whole(1),
  };
  const notification: Fields<core.NotificationProps> = {
    notify: literal(
      listOf(
        {
          valid: fc.oneof(email.valid, webhook.valid),
          invalid: fc.oneof(email.invalid, webhook.invalid),
        },
        uniqueText,
      ),
    ),
    channels: literal(listOf(made([here.channel], there.channel, here.lake, 'topic'), { max: 1 })),
  };
  const alarms: Fields<core.AlarmProps> = {
    ...notification,
    p99LatencyMs: decimal(1),
    errorPercent: decimal(0.01, 100),
    atMaximumMinutes: literal(whole(1, 1380)),
  };
  const endpointAlarms: Fields<core.EndpointAlarmProps> = {
    ...alarms,
    noCapacity: bool,
    captureSilentMinutes: literal({
      valid: fc.integer({ min: 3, max: 144 }).map((fives) => fives * 5),
      invalid: near([14, 16, 725], whole(15, 720).invalid),
    }),
  };
  const trainingAlarms: Fields<core.TrainingAlarmProps> = {
    ...notification,
    jobFailed: bool,
    noCapacityMinutes: literal(whole(5, 10080)),
  };
  const scaling: Fields<core.ScalingProps> = {
    minInstances: count(whole(1)),
    maxInstances: count(whole(1, 10000)),
    requestsPerMinutePerInstance: decimal(0.01),
    concurrentRequestsPerInstance: decimal(0.01),
    cpuPercent: decimal(1, 100),
    gpuPercent: decimal(1, 100),
  };
  const variant: Fields<core.EndpointVariant> = {
    name: literal(kebab(24, 1)),
    container: objectOf(container, ['image']),
    model,
    weight: decimal(0, 100),
    accelerators,
    machineType: words,
  };
  const capture: Fields<core.CaptureProps> = {
    zone: made([here.lake.zone('raw')], there.lake.zone('raw'), here.lake, 'raw'),
    samplePercent: whole(1, 100),
  };
  const registeredModel: Fields<core.RegisteredModelProps> = {
    name: literal(kebab(40)),
    approvalRequired: bool,
  };

  const platformStack: Fields<core.PlatformStackCommonProps> = {
    securityProfile: made([core.SecurityProfile.STANDARD, core.SecurityProfile.REGULATED], 'regulated'),
    allowedRegions: literal(listOf(literal(words), { min: 1, ...uniqueText })),
    regionGuard: bool,
    namePrefix: literal(form(/^[a-z][a-z0-9]{0,9}$/, 'Acme', 'acme-', '1acme', 'acme-platforms')),
    report: bool,
  };
  const privateNetwork: Fields<core.PrivateNetworkProps> = {
    logRetentionDays,
    cidr: literal(
      form(
        /^(10|172|192)\.[1-9]\.0\.0\/(1[6-9]|2[0-4])$/,
        '10.0.0.0',
        '10.0.0.0/8',
        '10.0.0.0/25',
        '10.0.0.256/16',
      ),
    ),
    zones: literal(whole(2, 3)),
    internetEgress: bool,
    privateDns: made([core.PrivateDns.create(), core.PrivateDns.none()], 'none'),
  };
  const encryptionKey: Fields<core.EncryptionKeyProps> = { retention, rotationDays: literal(whole(90, 365)) };
  const dataLake: Fields<core.DataLakeProps> = {
    ...commonFields,
    retention,
    zones: literal(listOf(objectOf(zone, ['name']), { min: 1, by: ({ name }) => name })),
    discovery: bool,
  };
  const auditTrail: Fields<core.AuditTrailProps> = {
    ...commonFields,
    retention,
    datasets: literal(
      listOf(made<core.IDataset>([here.lake, here.lake.zone('raw')], there.lake, here.registry), {
        min: 1,
        max: 2,
        by: (dataset) => dataset,
      }),
    ),
    retainDays: literal(whole(1, 36500)),
    locked: bool,
    managementEvents: bool,
  };
  const modelRegistry: Fields<core.ModelRegistryProps> = {
    ...commonFields,
    ...notification,
    retention,
    models: literal(listOf(objectOf(registeredModel, ['name']), { min: 1, by: ({ name }) => name })),
    images: literal(listOf(literal(kebab(40)), uniqueText)),
    readers: listOf(account, uniqueText),
    publishers: listOf(account, uniqueText),
  };
  const scratch: Fields<core.ScratchProps> = {
    sizeGiB: literal(whole(1)),
    zone: made([here.lake.zone('raw')], there.lake.zone('raw'), here.lake, 'raw'),
  };
  const gpuTrainingCluster: Fields<core.GpuTrainingClusterProps> = {
    ...commonFields,
    retention,
    logRetentionDays,
    image,
    command: listOf(words, { min: 1 }),
    datasets: trainingDatasets,
    scratch: objectOf(scratch, ['sizeGiB']),
    registry: made([here.registry], there.registry, here.lake),
    accelerators,
    machineType: words,
    maxNodes: whole(1, 1000),
    minNodes: whole(1, 1000),
    queues: literal(listOf(objectOf(trainingQueue, ['name']), { min: 1, by: ({ name }) => name })),
    costTags,
    capacity,
    fabric: choice(core.Fabric.ANY, core.Fabric.REQUIRED),
    timeLimitHours: whole(1, 672),
    maxRetries: whole(0, 10),
    diskGiB: whole(10, 16384),
    sharedMemoryMiB: whole(64),
    environment: mapOf(anyText),
    secrets,
    checkpointExpireAfterDays: days,
    alarms: objectOf(trainingAlarms),
  };
  const autoScalingEndpoint: Fields<core.AutoScalingEndpointProps> = {
    ...commonFields,
    logRetentionDays,
    variants: literal(
      listOf(objectOf(variant, ['name', 'container']), { min: 1, max: 3, by: ({ name }) => name }),
    ),
    accelerators,
    machineType: words,
    diskGiB: whole(10, 16384),
    scaling: objectOf(scaling),
    rollout: made([core.Rollout.allAtOnce(), core.Rollout.canary({ percent: 10, bakeMinutes: 5 })], 'canary'),
    capacity,
    capture: objectOf(capture),
    alarms: objectOf(endpointAlarms),
  };
  const serverlessInference: Fields<core.ServerlessInferenceProps> = {
    ...commonFields,
    logRetentionDays,
    container: objectOf(container, ['image']),
    model,
    memoryMiB: whole(128),
    cpu: decimal(0.1),
    accelerators,
    maxInstances: whole(1),
    minInstances: whole(0),
    concurrentRequestsPerInstance: whole(1),
    alarms: objectOf(alarms),
  };
  const workspaceUser: Fields<core.WorkspaceUserProps> = {
    name: literal(kebab(24)),
    principalId: principal,
  };
  const workspace: Fields<core.WorkspaceProps> = {
    ...commonFields,
    retention,
    users: literal(listOf(objectOf(workspaceUser, ['name']), { min: 1, by: ({ name }) => name })),
    editor: choice(...Object.values(core.WorkspaceEditor)),
    image,
    datasets,
    cluster: made([here.cluster], there.cluster, here.lake),
    accelerators,
    machineType: words,
    diskGiB: whole(10, 16384),
    idleShutdownMinutes: whole(10, 525600),
    environment: mapOf(anyText),
    secrets,
  };
  return {
    platformStack,
    privateNetwork,
    encryptionKey,
    dataLake,
    auditTrail,
    modelRegistry,
    gpuTrainingCluster,
    autoScalingEndpoint,
    serverlessInference,
    workspace,
  };
}
