import { Construct, RootConstruct } from 'constructs';
import * as basalt from './dummies/basalt';
import * as ember from './dummies/ember';
import { codesOf, refusalsOf, resourcesOf } from './dummies/shared';
import { Cloud, foundation, platforms, serving, withNativeProp } from './portable-program';
import { SecurityProfile } from '../../src/core';
import { brandOf } from '../../src/core/private/brand';
import { reportOf } from '../../src/core/private/report';

interface Case {
  readonly cloud: keyof typeof platforms;
  readonly ml: Cloud;
  readonly machineType: string;
  readonly fromParameter: string;
}

const CASES: Case[] = [
  { cloud: 'ember', ml: ember, machineType: 'flare.t4', fromParameter: 'param:FraudVersion' },
  { cloud: 'basalt', ml: basalt, machineType: 'slab-l4', fromParameter: 'var.FraudVersion' },
];

function synthesize({ cloud, ml }: Pick<Case, 'cloud' | 'ml'>) {
  const app = new RootConstruct();
  const stacks = {
    foundation: platforms[cloud](app, 'foundation'),
    serving: platforms[cloud](app, 'serving'),
  };
  const below = foundation(ml, stacks.foundation);
  return { app, stacks, ...below, ...serving(ml, stacks.serving, below) };
}

const grantsOf = (workload: Construct) =>
  resourcesOf(workload, 'grant').map(({ args }) => `${args.right} ${args.on}`);

describe.each(CASES)('the same program on $cloud', ({ cloud, ml, machineType, fromParameter }) => {
  test('makes constructs of that cloud only', () => {
    const { app } = synthesize({ cloud, ml });
    const made = app.node.findAll().flatMap((child) => brandOf(child) ?? []);
    expect(new Set(made.map((found) => found.cloud))).toEqual(new Set([cloud]));
    expect(made.map(({ kind }) => kind)).toEqual([
      'DataLake',
      'DataZone',
      'DataFolder',
      'DataZone',
      'ModelRegistry',
      'GpuTrainingCluster',
      'AutoScalingEndpoint',
      'ServerlessInference',
    ]);
  });

  test('takes the first accelerator that the cloud offers, and reports it', () => {
    const { training, stacks } = synthesize({ cloud, ml });
    expect(training.machineType).toBe(machineType);
    expect(reportOf(stacks.foundation)).toEqual([
      { path: 'foundation/Training', entry: { kind: 'choice', title: 'Machine type', text: machineType } },
    ]);
  });

  test('gives jobs the same environment, with addresses of the cloud', () => {
    const { training, lake } = synthesize({ cloud, ml });
    const [job] = resourcesOf(training).filter(({ args }) => args.environment);
    expect(job.args.environment).toEqual({
      DATASET_RAW_URI: lake.zone('raw').uri,
      DATASET_CURATED_URI: lake.uris.curated,
      DATASET_IMAGES_URI: `${lake.zone('raw').uri}team-a/images/`,
    });
    expect(lake.zone('raw').uri).toMatch(new RegExp(`^${cloud}://`));
  });

  test('writes grants on the side of the workload that they are for', () => {
    const { training, endpoint, thumbnails } = synthesize({ cloud, ml });
    expect(grantsOf(thumbnails)).toEqual(['read-models foundation/Registry', 'invoke serving/Fraud']);
    expect(grantsOf(endpoint)).toEqual([
      'read-models foundation/Registry',
      'read-write foundation/Lake/Zone-raw',
    ]);
    expect(grantsOf(training)).toEqual(
      expect.arrayContaining([
        'publish-models foundation/Registry',
        'read-write foundation/Lake/Zone-curated',
      ]),
    );
  });

  test('leaves the version of the model to the deployment', () => {
    const { endpoint } = synthesize({ cloud, ml });
    const [variant] = resourcesOf(endpoint).filter(({ args }) => args.model);
    expect(variant.args.model).toContain(fromParameter);
    expect(variant.args.machineType).toBe(machineType);
  });

  test('prints the verbs that go with each construct', () => {
    const { registry, training, endpoint, thumbnails } = synthesize({ cloud, ml });
    const commands = [
      training.submitCommand,
      registry.publishCommand('fraud-detector', '8', registry.image('serve', '8')),
      registry.approveCommand('fraud-detector', '8'),
      registry.pushCommand('serve', '8'),
      endpoint.invokeCommand,
      endpoint.shiftCommand,
      thumbnails.invokeCommand,
    ];
    expect(commands.filter((command) => command.startsWith(`${cloud} `))).toHaveLength(commands.length);
  });

  test('names what was declared when it is asked for something else', () => {
    const { registry, lake } = synthesize({ cloud, ml });
    expect(refusalsOf(() => registry.image('score', '1'))).toEqual([
      "foundation/Registry: name ('score') must be one of the declared images: train, serve, embed [CMC-012]",
    ]);
    expect(refusalsOf(() => registry.model('churn'))).toEqual([
      "foundation/Registry: name ('churn') must be one of the declared models: fraud-detector [CMC-012]",
    ]);
    expect(refusalsOf(() => lake.zone('gold'))).toEqual([
      "foundation/Lake: name ('gold') must be one of raw, curated [CMC-012]",
    ]);
  });

  test('removing one zone of a lake moves no other', () => {
    const zonesOf = (names: string[]) => {
      const lake = new ml.DataLake(platforms[cloud](new RootConstruct(), 's'), 'Lake', {
        zones: names.map((name) => ({ name })),
      });
      return { raw: lake.zone('raw').node.path, uri: lake.zone('raw').uri };
    };
    expect(zonesOf(['raw'])).toEqual(zonesOf(['curated', 'raw']));
  });
});

describe('what is not the same on every cloud', () => {
  test('a native prop is taken by its own cloud and refused by name on the other', () => {
    const stack = (cloud: keyof typeof platforms) => platforms[cloud](new RootConstruct(), 'stack');
    expect(codesOf(() => withNativeProp(ember, stack('ember')))).toEqual([]);
    expect(refusalsOf(() => withNativeProp(basalt, stack('basalt')))).toEqual([
      expect.stringMatching(/^stack\/Locked: objectLock is no known prop.* Known are .*zones.*\[CMC-001\]$/),
    ]);
  });

  test('the first accelerator of a list may be there on one cloud only', () => {
    const train = ({ ml, cloud }: Case) =>
      codesOf(
        () =>
          new ml.GpuTrainingCluster(platforms[cloud](new RootConstruct(), 's'), 'Training', {
            image: 'registry.example.com/train:1',
            accelerators: ['A100:8'],
          }),
      );
    expect(CASES.map(train)).toEqual([[], ['CMC-021']]);
  });
});

describe('a construct of another cloud', () => {
  const twoClouds = () => {
    const app = new RootConstruct();
    return {
      here: platforms.ember(app, 'here'),
      there: synthesize({ cloud: 'basalt', ml: basalt }),
      app,
    };
  };

  test('is refused as a dataset, a key, a network and a registry, each by its prop', () => {
    const { here, there } = twoClouds();
    const make = () =>
      new ember.GpuTrainingCluster(here, 'Training', {
        image: 'registry.example.com/train:1',
        accelerators: ['T4'],
        datasets: [there.lake],
        registry: there.registry,
        network: new basalt.PrivateNetwork(here, 'Network'),
        encryptionKey: basalt.EncryptionKey.fromVaultKey(here, 'Key', 'vault', 'key'),
        secrets: { TOKEN: basalt.Secret.fromVault(here, 'Secret', 'vault', 'token') },
      });
    const refusals = refusalsOf(make);
    expect(refusals.map((line) => line.split(' is ')[0])).toEqual([
      'network',
      'encryptionKey',
      'datasets[0]',
      'registry',
      'secrets.TOKEN',
    ]);
    expect(refusals[2]).toBe(
      'datasets[0] is basalt.DataLake (the construct foundation/Lake); it must be made by ember.DataLake or ember.DataZone or ember.DataFolder: take new ember.DataLake(…), or import one with ember.DataLake.from… [CMC-010]',
    );
  });

  test("is refused behind an image and a model: both are the registry's", () => {
    const { here, there } = twoClouds();
    const make = () =>
      new ember.AutoScalingEndpoint(here, 'Endpoint', {
        variants: [
          {
            name: 'main',
            container: { image: there.registry.image('serve', '1') },
            model: there.registry.model('fraud-detector').version('1'),
          },
        ],
      });
    expect(refusalsOf(make).map((line) => line.split(' is ')[0])).toEqual([
      'variants[0].container.image.registry',
      'variants[0].model.registry',
    ]);
  });

  test('is refused as a grantee', () => {
    const { here, there } = twoClouds();
    const lake = new ember.DataLake(here, 'Lake');
    const before = resourcesOf(there.app).length;
    expect(codesOf(() => lake.grantRead(there.training))).toEqual(['CMC-010']);
    expect(resourcesOf(there.app)).toHaveLength(before);
  });
});

describe("a class of the user's own", () => {
  test('that implements the interface is refused with the way to bring it', () => {
    const stack = platforms.ember(new RootConstruct(), 'stack');
    class MyKey extends Construct {
      public readonly keyId = 'mine';
    }
    const make = () => new ember.DataLake(stack, 'Lake', { encryptionKey: new MyKey(stack, 'MyKey') });
    expect(refusalsOf(make)).toEqual([
      'stack/Lake: encryptionKey is the construct stack/MyKey; it must be made by ember.EncryptionKey: take new ember.EncryptionKey(…), or import one with ember.EncryptionKey.from… [CMC-010]',
    ]);
  });
});

describe('what exists already', () => {
  test("is brought by statics that each cloud names its own way, and stands for the library's own", () => {
    const stack = platforms.ember(new RootConstruct(), 'stack');
    const lake = ember.DataLake.fromBuckets(stack, 'Lake', { raw: 'my-raw' });
    const training = new ember.GpuTrainingCluster(stack, 'Training', {
      image: 'registry.example.com/train:1',
      machineType: 'flare.t4',
      datasets: [lake, ember.DataZone.fromBucketName(stack, 'Zone', 'gold', 'my-gold')],
      encryptionKey: ember.EncryptionKey.fromKeyArn(stack, 'Key', 'key-1'),
      network: ember.PrivateNetwork.fromMeshId(stack, 'Network', 'mesh-1'),
      secrets: { HUB_TOKEN: ember.Secret.fromSecretName(stack, 'Token', 'hub') },
    });
    expect(resourcesOf(training, 'queue')[0].args).toMatchObject({
      environment: { DATASET_RAW_URI: 'ember://my-raw/', DATASET_GOLD_URI: 'ember://my-gold/' },
      key: 'key-1',
    });
    expect(grantsOf(training)).toEqual([
      'read stack/Lake/Zone-raw',
      'read stack/Zone',
      'read-secret stack/Token',
    ]);
  });

  test('native identities are granted to as workloads, or by the grants of the class', () => {
    const stack = platforms.basalt(new RootConstruct(), 'stack');
    const lake = basalt.DataLake.fromStorageAccount(stack, 'Lake', { account: 'old', zones: ['raw'] });
    const account = basalt.Workload.fromAccount(stack, 'Ci', 'ci@example.com');
    lake.grantRead(account);
    lake.grants.readZone('raw', 'analyst@example.com');
    expect(resourcesOf(stack, 'grant').map(({ args }) => `${args.to} ${args.right} ${args.on}`)).toEqual([
      'analyst@example.com read stack/Lake/Zone-raw',
      'ci@example.com read stack/Lake',
    ]);
  });

  test('an imported endpoint can be granted on', () => {
    const stack = platforms.ember(new RootConstruct(), 'stack');
    const endpoint = ember.AutoScalingEndpoint.fromEndpointName(stack, 'Old', 'old', 'role/old');
    const caller = ember.Workload.fromRole(stack, 'Caller', 'role/caller');
    endpoint.grantInvoke(caller);
    endpoint.grantInvoke(caller);
    expect(resourcesOf(stack, 'grant').map(({ args }) => args.to)).toEqual(['role/caller']);
  });
});

describe('under SecurityProfile.REGULATED', () => {
  test('constructs of one root stack share one key of the customer', () => {
    const app = new RootConstruct();
    const stack = new ember.PlatformStack(app, 'stack', {
      realm: 'north',
      securityProfile: SecurityProfile.REGULATED,
    });
    new ember.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    new ember.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud-detector' }] });
    const [key] = resourcesOf(stack, 'key');
    expect(resourcesOf(stack, 'key')).toHaveLength(1);
    expect(key.node.path).toBe('stack/MlKey/Key');
    expect(resourcesOf(stack, 'bucket').map(({ args }) => args.key)).toEqual(
      resourcesOf(stack, 'bucket').map(() => (stack.node.findChild('MlKey') as ember.EncryptionKey).keyId),
    );
  });
});
