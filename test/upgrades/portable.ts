/** The changes of the props that all clouds have. */
import { Changes, Given, Steps, Subject, Ways } from './changes';
import * as core from '../../src/core';

/** Two of a kind that a cloud takes: one, and another to change to. */
type Choices<T> = readonly [T, T];

/** What is called differently on each cloud. */
export interface Values {
  readonly training: { readonly accelerators: Choices<string[]>; readonly machineTypes: Choices<string> };
  readonly serving: { readonly accelerators: Choices<string[]>; readonly machineTypes: Choices<string> };
  readonly notebooks: { readonly accelerators: Choices<string[]>; readonly machineTypes: Choices<string> };
  readonly accounts: Choices<string>;
  /** Persons, as the cloud names them. */
  readonly persons: readonly [string, string, string];
  readonly reservation: string;
  /** Whether notebooks are of persons who must be named. */
  readonly namesPersons: boolean;
  readonly scratchGiB: Choices<number>;
  /** What jobs that wait for machines can be watched with. */
  readonly waiting: object;
  /** Where requests to an endpoint are kept. */
  readonly capture: (given: Given) => core.CaptureProps;
}

/** From nothing to a value, to another one, and back to nothing. */
export const setAndUnset = <T>(one: T, other: T): Steps<T> => [undefined, one, other, undefined];

const flag: Steps<boolean> = [undefined, true, false, undefined];
const PEOPLE = ['ml-oncall@example.com', 'https://chat.example.com/ml'];
const { RETAIN, DESTROY } = core.DataRetention;

const common = {
  network: ({ network, otherNetwork }: Given) => setAndUnset(network, otherNetwork),
  encryptionKey: ({ key, otherKey }: Given) => setAndUnset(key, otherKey),
};
const retention: Steps<core.DataRetention> = [undefined, DESTROY, RETAIN, undefined];
const logRetentionDays = setAndUnset(60, 90);
const secrets = ({ secret }: Given): Steps<{ [name: string]: core.ISecret }> => [
  undefined,
  { HUB_TOKEN: secret },
  { OTHER_TOKEN: secret },
  undefined,
];
const environment = setAndUnset<{ [name: string]: string }>({ LEVEL: 'info' }, { LEVEL: 'debug', MORE: '1' });

const notifications: Changes<core.NotificationProps> = {
  notify: { 'another one': [PEOPLE.slice(0, 1), PEOPLE, PEOPLE.slice(0, 1)] },
  channels: ({ channel }) => [undefined, [channel], undefined],
};

const alarms: Changes<core.AlarmProps> = {
  ...notifications,
  p99LatencyMs: [300, 500, undefined],
  errorPercent: [1, 2, undefined],
  atMaximumMinutes: setAndUnset(10, 20),
};

const container: Changes<core.ServingContainer> = {
  image: ({ registry }) => [registry.image('serve', '1'), registry.image('serve', '2')],
  command: setAndUnset(['serve'], ['serve', '--fast']),
  args: setAndUnset(['--fast'], ['--slow']),
  port: setAndUnset(8081, 8082),
  healthPath: setAndUnset('/health', '/ready'),
  predictPath: setAndUnset('/predict', '/score'),
  environment,
  secrets,
  sharedMemoryMiB: setAndUnset(512, 1024),
  startupTimeoutSeconds: setAndUnset(100, 120),
  requestTimeoutSeconds: setAndUnset(20, 30),
};

const ZONES = { raw: { name: 'raw' }, curated: { name: 'curated' } };
const MODELS = { fraud: { name: 'fraud' }, churn: { name: 'churn' } };

export const dataLake: Subject = {
  construct: 'DataLake',
  base: () => ({ zones: [ZONES.raw, ZONES.curated] }),
  changes: {
    '': {
      ...common,
      retention,
      zones: {
        'one more': [
          [ZONES.raw, ZONES.curated],
          [ZONES.raw, { name: 'staged' }, ZONES.curated],
        ],
        'another order': [
          [ZONES.raw, ZONES.curated],
          [ZONES.curated, ZONES.raw],
        ],
        'one less': { steps: [[ZONES.raw, ZONES.curated], [ZONES.curated]], identity: true },
      },
      discovery: [undefined, false, true, undefined],
    } satisfies Changes<core.DataLakeProps>,
    'zones.0': {
      name: { steps: ['raw', 'landing'], identity: true },
      expireAfterDays: setAndUnset(400, 500),
      coldAfterDays: setAndUnset(40, 50),
      keepOldVersionsDays: setAndUnset(40, 50),
    } satisfies Changes<core.DataZoneProps>,
  },
};

export const auditTrail: Subject = {
  construct: 'AuditTrail',
  base: ({ lake }) => ({ datasets: [lake] }),
  changes: {
    '': {
      ...common,
      retention,
      datasets: ({ lake, otherLake }) => [[lake], [lake, otherLake], [otherLake, lake], [otherLake]],
      retainDays: { more: [undefined, 500, 600], less: [600, 500, undefined] },
      locked: [undefined, true],
      managementEvents: flag,
    } satisfies Changes<core.AuditTrailProps>,
  },
};

export const modelRegistry = ({ accounts: [one, other] }: Values): Subject => ({
  construct: 'ModelRegistry',
  base: () => ({ models: [MODELS.fraud, MODELS.churn], images: ['train', 'serve'], notify: PEOPLE }),
  changes: {
    '': {
      ...common,
      retention,
      ...notifications,
      models: {
        'one more': [
          [MODELS.fraud, MODELS.churn],
          [MODELS.fraud, { name: 'spam' }, MODELS.churn],
        ],
        'another order': [
          [MODELS.fraud, MODELS.churn],
          [MODELS.churn, MODELS.fraud],
        ],
        'one less': { steps: [[MODELS.fraud, MODELS.churn], [MODELS.churn]], identity: true },
      },
      images: {
        'one more': [
          ['train', 'serve'],
          ['train', 'embed', 'serve'],
        ],
        'another order': [
          ['train', 'serve'],
          ['serve', 'train'],
        ],
        'one less': { steps: [['train', 'serve'], ['serve']], identity: true },
      },
      readers: setAndUnset([one], [other]),
      publishers: setAndUnset([one], [other]),
    } satisfies Changes<core.ModelRegistryProps>,
    'models.0': {
      name: { steps: ['fraud', 'scam'], identity: true },
      approvalRequired: flag,
    } satisfies Changes<core.RegisteredModelProps>,
  },
});

const QUEUES = { urgent: { name: 'urgent', priority: 9 }, late: { name: 'late', priority: 1 } };

export const gpuTrainingCluster = ({ training, reservation, scratchGiB, waiting }: Values): Subject => {
  const { accelerators, machineTypes } = training;
  const [sizeGiB, moreGiB] = scratchGiB;
  const sharing = ({ network }: Given) => ({ network, scratch: { sizeGiB } });
  return {
    construct: 'GpuTrainingCluster',
    base: ({ registry, lake }) => ({
      image: registry.image('train', '1'),
      accelerators: accelerators[0],
      maxNodes: 2,
      datasets: [{ data: lake.zone('raw'), name: 'rows' }],
    }),
    changes: {
      '': {
        ...common,
        retention,
        logRetentionDays,
        image: ({ registry }) => [registry.image('train', '1'), registry.image('train', '2')],
        command: setAndUnset(['train.py'], ['train.py', '--fast']),
        datasets: ({ lake, otherLake }) => [[lake], [lake, otherLake], [otherLake], undefined],
        scratch: {
          steps: [undefined, { sizeGiB }, undefined],
          having: ({ network }) => ({ network }),
          identity: true,
        },
        registry: ({ registry }) => [undefined, registry, undefined],
        accelerators,
        machineType: { steps: machineTypes, having: { accelerators: undefined } },
        maxNodes: [2, 3, undefined],
        minNodes: setAndUnset(1, 2),
        capacity: {
          spot: [undefined, core.Capacity.spot(), core.Capacity.spot({ maxWaitHours: 4 }), undefined],
          'spot, else on demand': [undefined, core.Capacity.spot({ fallback: true })],
          reserved: [undefined, core.Capacity.reserved(reservation)],
          queued: [undefined, core.Capacity.queued(), undefined],
        },
        queues: {
          'the first, another one': [
            undefined,
            [QUEUES.urgent],
            [QUEUES.urgent, QUEUES.late],
            [QUEUES.late, QUEUES.urgent],
            [QUEUES.late],
            undefined,
          ],
        },
        costTags: setAndUnset<{ [key: string]: string }>({ team: 'vision' }, { team: 'speech', area: 'x' }),
        fabric: [undefined, core.Fabric.ANY],
        timeLimitHours: setAndUnset(12, 24),
        maxRetries: setAndUnset(1, 2),
        diskGiB: setAndUnset(300, 600),
        sharedMemoryMiB: setAndUnset(512, 1024),
        environment,
        secrets,
        checkpointExpireAfterDays: setAndUnset(30, 60),
        alarms: [undefined, { notify: PEOPLE }, undefined],
      } satisfies Changes<core.GpuTrainingClusterProps>,
      'datasets.0': {
        data: ({ lake }) => [lake.zone('raw'), lake.zone('curated')],
        mode: {
          download: [undefined, core.DatasetMode.DOWNLOAD, undefined],
          mount: [undefined, core.DatasetMode.MOUNT, undefined],
        },
        name: ['rows', 'lines'],
        sizeGiB: {
          steps: setAndUnset(10, 20),
          having: ({ lake }) => ({
            datasets: [{ data: lake.zone('raw'), mode: core.DatasetMode.DOWNLOAD }],
          }),
        },
      } satisfies Changes<core.TrainingDataset>,
      scratch: {
        sizeGiB: { steps: [sizeGiB, moreGiB], having: sharing },
        zone: {
          steps: ({ lake }) => [undefined, lake.zone('raw'), lake.zone('curated'), undefined],
          having: sharing,
        },
      } satisfies Changes<core.ScratchProps>,
      'queues.0': {
        name: { steps: ['urgent', 'asap'], having: { queues: [QUEUES.urgent, QUEUES.late] } },
        priority: { steps: [9, 8, undefined], having: { queues: [QUEUES.urgent, QUEUES.late] } },
        maxAccelerators: { steps: setAndUnset(8, 16), having: { queues: [{ name: 'urgent' }] } },
        costTags: {
          steps: setAndUnset<{ [key: string]: string }>({ team: 'vision' }, { team: 'speech' }),
          having: { queues: [QUEUES.urgent] },
        },
      } satisfies Changes<core.TrainingQueue>,
      alarms: {
        ...having({ alarms: { notify: PEOPLE } }, notifications),
        jobFailed: { steps: flag, having: { alarms: { notify: PEOPLE, noCapacityMinutes: 30 }, ...waiting } },
        noCapacityMinutes: {
          steps: setAndUnset(30, 60),
          having: { alarms: { notify: PEOPLE }, ...waiting },
        },
      } satisfies Changes<core.TrainingAlarmProps>,
    },
  };
};

const variant = ({ registry }: Given, name = 'main') => ({
  name,
  container: { image: registry.image('serve', '1') },
  model: registry.model('fraud').version('1'),
});

export const autoScalingEndpoint = ({ serving, capture }: Values): Subject => {
  const { accelerators, machineTypes } = serving;
  const pair = (given: Given, [one, other] = [80, 20]) => [
    { ...variant(given), weight: one },
    { ...variant(given, 'next'), weight: other },
  ];
  return {
    construct: 'AutoScalingEndpoint',
    base: (given) => ({
      variants: [variant(given)],
      accelerators: accelerators[0],
      scaling: { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
      alarms: { notify: PEOPLE, p99LatencyMs: 300, errorPercent: 1 },
    }),
    changes: {
      '': {
        ...common,
        logRetentionDays,
        variants: {
          'one more, one less': (given) => [
            [variant(given)],
            pair(given),
            [...pair(given)].reverse(),
            [variant(given, 'next')],
          ],
        },
        accelerators,
        machineType: { steps: machineTypes, having: { accelerators: undefined } },
        diskGiB: setAndUnset(100, 110),
        scaling: [
          { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
          { minInstances: 2 },
        ],
        rollout: {
          canary: [undefined, core.Rollout.canary({ percent: 50, bakeMinutes: 5 }), undefined],
          linear: [undefined, core.Rollout.linear({ percent: 50, bakeMinutes: 5 }), undefined],
        },
        capacity: {
          spot: [undefined, core.Capacity.spot()],
          reserved: [undefined, core.Capacity.reserved('reservation')],
        },
        capture: (given) => [undefined, capture(given), undefined],
        alarms: [{ notify: PEOPLE, errorPercent: 1 }, undefined],
      } satisfies Changes<core.AutoScalingEndpointProps>,
      'variants.0': {
        name: ['main', 'first'],
        container: ({ registry }) => [
          { image: registry.image('serve', '1') },
          { image: registry.image('serve', '2'), environment: { LEVEL: 'info' } },
        ],
        model: ({ registry }) => [
          registry.model('fraud').version('1'),
          registry.model('fraud').version('2'),
          undefined,
        ],
        weight: { place: 'variants', steps: (given: Given) => [pair(given), pair(given, [70, 30])] as any },
        accelerators: { steps: accelerators, having: { accelerators: undefined } },
        machineType: { steps: machineTypes, having: { accelerators: undefined } },
      } satisfies Changes<core.EndpointVariant>,
      'variants.0.container': container,
      scaling: {
        minInstances: [2, 3, 2],
        maxInstances: [4, 5, 4],
        requestsPerMinutePerInstance: [600, 700],
        concurrentRequestsPerInstance: setAndUnset(4, 8),
        cpuPercent: setAndUnset(60, 70),
        gpuPercent: setAndUnset(60, 70),
      } satisfies Changes<core.ScalingProps>,
      capture: {
        zone: { steps: ({ lake }) => [lake.zone('raw'), lake.zone('curated')] },
        samplePercent: {
          steps: setAndUnset(10, 20),
          having: (given) => ({ capture: capture(given) }),
        },
      } satisfies Changes<core.CaptureProps>,
      alarms: {
        ...alarms,
        noCapacity: flag,
        captureSilentMinutes: {
          steps: setAndUnset(15, 30),
          having: (given) => ({ capture: capture(given) }),
        },
      } satisfies Changes<core.EndpointAlarmProps>,
    },
  };
};

export const serverlessInference = (): Subject => ({
  construct: 'ServerlessInference',
  base: ({ registry }) => ({
    container: { image: registry.image('serve', '1') },
    alarms: { notify: PEOPLE, p99LatencyMs: 300, errorPercent: 1 },
  }),
  changes: {
    '': {
      ...common,
      logRetentionDays,
      container: ({ registry }) => [
        { image: registry.image('serve', '1') },
        { image: registry.image('serve', '2'), environment: { LEVEL: 'info' } },
      ],
      model: ({ registry }) => [
        undefined,
        registry.model('fraud').version('1'),
        registry.model('fraud').version('2'),
        undefined,
      ],
      memoryMiB: setAndUnset(1024, 2048),
      cpu: setAndUnset(1, 2),
      accelerators: [undefined, ['L4:1'], undefined],
      maxInstances: setAndUnset(5, 6),
      minInstances: setAndUnset(1, 2),
      concurrentRequestsPerInstance: setAndUnset(1, 4),
      alarms: [{ notify: PEOPLE, errorPercent: 1 }, undefined],
    } satisfies Changes<core.ServerlessInferenceProps>,
    container: { ...container, startupTimeoutSeconds: setAndUnset(20, 30) },
    alarms,
  },
});

export const workspace = ({ notebooks, persons, namesPersons }: Values): Subject => {
  const { accelerators, machineTypes } = notebooks;
  const user = (name: string, i: number) => ({ name, ...(namesPersons && { principalId: persons[i] }) });
  const [ada, grace, joan] = ['ada', 'grace', 'joan'].map(user);
  return {
    construct: 'Workspace',
    base: () => ({ users: [ada, grace] }),
    changes: {
      '': {
        ...common,
        retention,
        users: {
          'one more': [
            [ada, grace],
            [ada, joan, grace],
          ],
          'another order': [
            [ada, grace],
            [grace, ada],
          ],
          'one less': { steps: [[ada, grace], [grace]], identity: true },
        },
        editor: {
          'VS Code': [undefined, core.WorkspaceEditor.VS_CODE, undefined],
          RStudio: [undefined, core.WorkspaceEditor.RSTUDIO, undefined],
        },
        image: ({ registry }) => [
          undefined,
          registry.image('train', '1'),
          registry.image('train', '2'),
          undefined,
        ],
        datasets: ({ lake, otherLake }) => [undefined, [lake], [lake, otherLake], undefined],
        cluster: ({ cluster }) => [undefined, cluster, undefined],
        accelerators: [undefined, ...accelerators, undefined],
        machineType: [undefined, ...machineTypes, undefined],
        diskGiB: [undefined, 150, 200],
        idleShutdownMinutes: setAndUnset(60, 120),
        environment,
        secrets,
      } satisfies Changes<core.WorkspaceProps>,
      'users.0': {
        name: { steps: ['ada', 'lovelace'], identity: true },
        principalId: namesPersons ? [persons[0], persons[2]] : setAndUnset(persons[0], persons[1]),
      } satisfies Changes<core.WorkspaceUserProps>,
    },
  };
};

export const privateNetwork: Subject = {
  construct: 'PrivateNetwork',
  base: () => ({}),
  changes: {
    '': {
      cidr: setAndUnset('10.1.0.0/16', '10.2.0.0/16'),
      zones: setAndUnset(3, 2),
      internetEgress: flag,
      privateDns: { none: [undefined, core.PrivateDns.none(), undefined] },
      logRetentionDays,
    } satisfies Changes<core.PrivateNetworkProps>,
  },
};

export const encryptionKey: Subject = {
  construct: 'EncryptionKey',
  base: () => ({}),
  changes: {
    '': { retention, rotationDays: setAndUnset(180, 200) } satisfies Changes<core.EncryptionKeyProps>,
  },
};

/** The same changes of a construct that has more, before and after. */
function having<C extends { [prop: string]: Ways<any> }>(more: object, changes: C): C {
  return Object.fromEntries(
    Object.entries(changes).map(([prop, ways]) => [
      prop,
      Array.isArray(ways) || typeof ways === 'function'
        ? { steps: ways, having: more }
        : Object.fromEntries(
            Object.entries(ways).map(([called, way]) => [called, { steps: way, having: more }]),
          ),
    ]),
  ) as unknown as C;
}
