import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { CONTEXT } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { isValidationError, ValidationError } from '../../src/core/private/faults';
import { Fields, fieldsOf, junk, Made, propsOf } from '../core/arbitraries';
import * as basalt from '../core/dummies/basalt';

const SEED = Number(process.env.FAST_CHECK_SEED ?? 20261123);
const runs = (numRuns: number) => ({ numRuns, seed: SEED });

const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 365];
const VARIABLE = fc
  .stringMatching(/^[A-Z][A-Z_]{1,9}$/)
  .filter((name) => !/^(AWS|DATASET|PET|NCCL|LD)/.test(name));
const TEXT = fc.string({ minLength: 1, maxLength: 40 });

/** What a construct may be given, in the stack of its own. */
function provide(stack: Stack): Made {
  const network = new aws.PrivateNetwork(stack, 'Network');
  const lake = new aws.DataLake(stack, 'Lake', {
    zones: [{ name: 'raw' }, { name: 'curated' }],
    discovery: false,
  });
  const registry = new aws.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud' }, { name: 'checked', approvalRequired: true }],
    images: ['train', 'serve'],
  });
  return {
    network,
    encryptionKey: new aws.EncryptionKey(stack, 'Key'),
    secret: aws.Secret.fromSecretName(stack, 'Secret', 'token'),
    lake,
    registry,
    cluster: new aws.GpuTrainingCluster(stack, 'Training', {
      image: registry.image('train', '1'),
      accelerators: ['L4'],
    }),
  };
}

function elsewhere(): Made {
  const stack = new basalt.PlatformStack(undefined as never, 'other', {
    project: 'other',
    region: 'r',
  } as never);
  return {
    network: new basalt.PrivateNetwork(stack, 'Network'),
    encryptionKey: new basalt.EncryptionKey(stack, 'Key'),
    secret: basalt.Secret.fromVault(stack, 'Secret', 'vault', 'token'),
    lake: new basalt.DataLake(stack, 'Lake'),
    registry: new basalt.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['serve'],
    }),
    cluster: new basalt.GpuTrainingCluster(stack, 'Training', { image: 'i', accelerators: ['T4'] }),
  };
}

const newStack = () => new aws.PlatformStack(new App({ context: CONTEXT }), 'platform');
/** Shared by all runs: what refused props leave behind in it would be seen. */
const shared = newStack();
const here = provide(shared);
const there = {
  ...here,
  ...Object.fromEntries(Object.entries(elsewhere()).filter(([, made]) => made)),
} as Made;
const fields = fieldsOf(
  here,
  there,
  { valid: fc.constantFrom(...DAYS), invalid: fc.constantFrom<unknown>(2, 0, '30', 90.5) },
  { valid: fc.stringMatching(/^\d{12}$/), invalid: fc.constantFrom<unknown>('ours', 12, '1234') },
  {
    valid: fc.constantFrom('arn:aws:iam::111122223333:role/ada', 'arn:aws:iam::111122223333:user/ada'),
    invalid: fc.constantFrom<unknown>('ada', 12, 'arn:aws:iam::111122223333:group/ml'),
  },
);

const image = () => here.registry.image('serve', '1');
const CONSTRUCTS: [string, (scope: Construct, props: any) => Construct, Fields<any>, () => object][] = [
  [
    'EncryptionKey',
    (scope, props) => new aws.EncryptionKey(scope, 'Id', props),
    fields.encryptionKey,
    () => ({}),
  ],
  [
    'PrivateNetwork',
    (scope, props) => new aws.PrivateNetwork(scope, 'Id', props),
    fields.privateNetwork,
    () => ({}),
  ],
  ['DataLake', (scope, props) => new aws.DataLake(scope, 'Id', props), fields.dataLake, () => ({})],
  [
    'ModelRegistry',
    (scope, props) => new aws.ModelRegistry(scope, 'Id', props),
    fields.modelRegistry,
    () => ({ models: [{ name: 'fraud' }] }),
  ],
  [
    'GpuTrainingCluster',
    (scope, props) => new aws.GpuTrainingCluster(scope, 'Id', props),
    fields.gpuTrainingCluster,
    () => ({ image: here.registry.image('train', '1'), accelerators: ['L4'] }),
  ],
  [
    'AutoScalingEndpoint',
    (scope, props) => new aws.AutoScalingEndpoint(scope, 'Id', props),
    fields.autoScalingEndpoint,
    () => ({ variants: [{ name: 'main', container: { image: image() } }] }),
  ],
  [
    'ServerlessInference',
    (scope, props) => new aws.ServerlessInference(scope, 'Id', props),
    fields.serverlessInference,
    () => ({ container: { image: image() } }),
  ],
  [
    'Workspace',
    (scope, props) => new aws.Workspace(scope, 'Id', props),
    fields.workspace,
    () => ({ users: [{ name: 'ada' }] }),
  ],
];

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

describe.each(CONSTRUCTS)('%s', (_, make, of, minimal) => {
  let number = 0;
  const scope = () => new Construct(shared, `Run${++number}-${_}`);

  test('whatever it is given, it stands, or it raised a ValidationError and is gone', () => {
    const anything = fc
      .tuple(propsOf<any>(of), fc.dictionary(fc.constantFrom(...Object.keys(of)), junk))
      .map(([right, wrong]) => ({ ...minimal(), ...right, ...wrong }));
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
      .constantFrom(...Object.keys(of))
      .chain((key) =>
        of[key].invalid.map((value: unknown) => ({ key, props: { ...minimal(), [key]: value } })),
      );
    fc.assert(
      fc.property(oneWrong, ({ key, props }) => {
        const at = scope();
        const refused = refusedBy(() => make(at, props));
        expect(refused?.faults.map(({ prop }) => prop.split(/[.[]/)[0])).toContain(key);
        expect(at.node.children).toEqual([]);
      }),
      runs(100),
    );
  });

  test('an unknown key is a fault that names it', () => {
    const refused = refusedBy(() => make(scope(), { ...minimal(), noSuchProp: 1 }));
    expect(refused?.message).toContain('noSuchProp is no known prop');
  });
});

describe('valid props synthesize to what CloudFormation accepts', () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const common = {
    network: fc.boolean(),
    encryptionKey: fc.boolean(),
    logRetentionDays: maybe(fc.constantFrom(...DAYS)),
  };
  const retention = maybe(fc.constantFrom(core.DataRetention.RETAIN, core.DataRetention.DESTROY));
  const environment = maybe(fc.dictionary(VARIABLE, TEXT, { maxKeys: 4, noNullPrototype: true }));

  /** The shared props of a construct: which of them, by their own constructs. */
  const commonOf = ({ network, encryptionKey, ...rest }: any, made: Made) => ({
    ...rest,
    network: network ? made.network : undefined,
    encryptionKey: encryptionKey ? made.encryptionKey : undefined,
  });
  const days = fc.integer({ min: 1, max: 3650 });

  const lake = fc.record({
    ...{ network: common.network, encryptionKey: common.encryptionKey, retention },
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
    lakeFormation: fc.boolean(),
    discoverySchedule: maybe(fc.constant('cron(0 3 * * ? *)')),
    queryScanLimitMiB: maybe(fc.integer({ min: 10, max: 1_000_000 })),
  });
  const registry = fc.record({
    ...{ network: common.network, encryptionKey: common.encryptionKey, retention },
    models: fc.uniqueArray(
      fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9]{1,30}$/), approvalRequired: maybe(fc.boolean()) }),
      {
        minLength: 1,
        maxLength: 3,
        selector: ({ name }) => name,
      },
    ),
    images: maybe(fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{1,30}$/), { maxLength: 3 })),
    notify: maybe(fc.constant(['ml@example.com'])),
    readers: maybe(fc.constant(['111122223333'])),
    publishers: maybe(fc.constant(['444455556666'])),
  });
  const cluster = fc.record({
    ...common,
    retention,
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
    data: fc.boolean(),
    publishes: fc.boolean(),
  });
  const endpoint = fc.record({
    ...common,
    variants: fc.integer({ min: 1, max: 3 }),
    accelerators: maybe(fc.constantFrom(['L4'], ['T4:4', 'L4:4'], ['A10G'])),
    scaled: fc.boolean(),
    capture: maybe(fc.integer({ min: 1, max: 100 })),
    alarms: fc.boolean(),
    model: maybe(fc.constantFrom('fraud', 'checked')),
    parameter: fc.boolean(),
    rollout: fc.constantFrom(
      core.Rollout.allAtOnce(),
      core.Rollout.canary({ percent: 20, bakeMinutes: 5 }),
      core.Rollout.linear({ percent: 25, bakeMinutes: 10 }),
    ),
    environment,
  });
  const serverless = fc.record({
    ...common,
    memoryMiB: maybe(fc.integer({ min: 128, max: 10240 })),
    maxInstances: maybe(fc.integer({ min: 10, max: 500 })),
    minInstances: maybe(fc.integer({ min: 0, max: 10 })),
    model: fc.boolean(),
    alarms: fc.boolean(),
    environment,
  });
  const workspace = fc.record({
    ...{ network: common.network, encryptionKey: common.encryptionKey, retention, environment },
    users: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z][a-z0-9]{1,20}$/),
        principalId: maybe(fc.constant('arn:aws:iam::111122223333:role/ada')),
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
  });

  const ALARMS = { notify: ['ml-oncall@example.com'], p99LatencyMs: 300, errorPercent: 1 };
  const build: [string, fc.Arbitrary<any>, (stack: Stack, made: Made, props: any) => void][] = [
    ['DataLake', lake, (stack, made, props) => new aws.DataLake(stack, 'Id', commonOf(props, made))],
    [
      'ModelRegistry',
      registry,
      (stack, made, props) => new aws.ModelRegistry(stack, 'Id', commonOf(props, made)),
    ],
    [
      'GpuTrainingCluster',
      cluster,
      (stack, made, { secret, data, publishes, ...props }) =>
        new aws.GpuTrainingCluster(stack, 'Id', {
          ...commonOf(props, made),
          image: made.registry.image('train', '1'),
          secrets: secret ? { TOKEN: made.secret } : undefined,
          datasets: data ? [made.lake] : undefined,
          registry: publishes ? made.registry : undefined,
        }),
    ],
    [
      'AutoScalingEndpoint',
      endpoint,
      (
        stack,
        made,
        { variants, scaled, capture, alarms, model, parameter, environment: variables, ...props },
      ) => {
        const version = parameter ? core.DeployParameter.of('Version', '1') : '1';
        new aws.AutoScalingEndpoint(stack, 'Id', {
          ...commonOf(props, made),
          variants: Array.from({ length: variants }, (_, i) => ({
            name: `v${i}`,
            container: { image: made.registry.image('serve', '1'), environment: variables },
            model: model && made.registry.model(model).version(version),
          })),
          scaling: scaled
            ? { minInstances: 2, maxInstances: 4, concurrentRequestsPerInstance: 3 }
            : { minInstances: 2 },
          capture: capture && { zone: made.lake.zone('raw'), samplePercent: capture },
          rollout: alarms ? props.rollout : undefined,
          alarms: alarms ? ALARMS : undefined,
        });
      },
    ],
    [
      'ServerlessInference',
      serverless,
      (stack, made, { model, alarms, environment: variables, ...props }) =>
        new aws.ServerlessInference(stack, 'Id', {
          ...commonOf(props, made),
          container: { image: made.registry.image('serve', '1'), environment: variables },
          model: model ? made.registry.model('fraud').version('3') : undefined,
          alarms: alarms ? ALARMS : undefined,
        }),
    ],
    [
      'Workspace',
      workspace,
      (stack, made, { own, data, submits, secret, ...props }) =>
        new aws.Workspace(stack, 'Id', {
          ...commonOf(props, made),
          image: own ? made.registry.image('train', '1') : undefined,
          datasets: data ? [made.lake] : undefined,
          cluster: submits ? made.cluster : undefined,
          secrets: secret ? { TOKEN: made.secret } : undefined,
        }),
    ],
  ];

  test.each(build)('%s', (_, arbitrary, make) => {
    fc.assert(
      fc.property(arbitrary, (props) => {
        const stack = newStack();
        make(stack, provide(stack), props);
        // The rules of CloudFormation are errors here.
        const resources = Object.values(
          Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>,
        );
        expect(resources.filter(({ Type }) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
      }),
      runs(25),
    );
  });
});
