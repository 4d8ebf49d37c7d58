import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SecretManagerSecretVersion } from '@cdktf/provider-google/lib/secret-manager-secret-version';
import { GcsBackend, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { CANARY, cage } from './canary';
import { googleRules } from './google.rules';
import { stayInside } from './places';
import { cover } from './rows';
import { TESTS, writeRules } from './rules';
import { dataOfStack, resourcesOfStack } from './walk';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { called } from '../../src/google/private/deploy-permissions/blocks';
import { ROWS } from '../../src/google/private/deploy-permissions/rows';
import { PLACES } from '../../src/google/private/residency';
import { blocksOfStack } from '../../src/terraform/deploy-permissions';
import { everything } from '../contract/everything';
import { atRestIn } from '../google/at-rest';
import { probe } from '../google/probe';
import { platformStack, REGION } from '../google/support';
import { keptWithKeys } from '../support/at-rest';
import { stacksOfContract, stacksOfExamples, stacksOfProgram, writeStacks } from '../support/programs';
import { newApp } from '../terraform/support';

const stacks = [
  ...stacksOfExamples('google'),
  ...stacksOfContract(google, probe),
  ...stacksOfProgram('everything', probe, (program) => {
    const secret = google.Secret.fromSecretName(program.foundation, 'HubToken', 'hub-token');
    const training = everything(google, program, { secret, user: probe.user }) as google.GpuTrainingCluster;
    training.grants.submit('group:scientists@example.com');
  }),
  ...stacksOfProgram('engines', probe, ({ foundation, serving }) => {
    const network = new google.PrivateNetwork(foundation, 'Network', { internetEgress: true });
    const registry = new google.ModelRegistry(foundation, 'Registry', {
      network,
      models: [{ name: 'fraud' }],
      images: ['train', 'serve'],
    });
    const training = new google.GpuTrainingCluster(foundation, 'Training', {
      network,
      registry,
      image: registry.image('train', '1'),
      engine: google.TrainingEngine.gke(),
      accelerators: ['L4:1'],
      maxNodes: 2,
      scratch: { sizeGiB: 1024 },
    });
    training.grants.submit('group:scientists@example.com');
    new google.AutoScalingEndpoint(serving, 'Fraud', {
      network,
      engine: google.EndpointEngine.cloudRun(),
      variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
      accelerators: ['L4:1'],
    });
    new google.AutoScalingEndpoint(serving, 'Captured', {
      network,
      variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
      accelerators: ['L4:1'],
      capture: {},
    });
  }),
];
writeStacks('google', 'cdk.tf.json', stacks);
writeRules('google');
googleRules(stacks, TESTS);

keptWithKeys(
  'google',
  stacks.filter(({ profile }) => profile === 'regulated').flatMap(({ json }) => atRestIn(json)),
);

describe('secrets', () =>
  cage(() => {
    const app = newApp();
    const stack = platformStack(app, 'platform');
    const own = new SecretManagerSecret(stack, 'Own', { secretId: 'hub-token', replication: { auto: {} } });
    new SecretManagerSecretVersion(stack, 'OwnValue', { secret: own.id, secretData: CANARY });
    const secrets = { HUB_TOKEN: google.Secret.fromSecretId(stack, 'HubToken', own.id) };
    const network = new google.PrivateNetwork(stack, 'Network', { internetEgress: true });
    const image = `${REGION}-docker.pkg.dev/ml-project/ml/train:1`;
    const [accelerators, container] = [['L4:1'], { image, secrets }];
    const [gke, cloudRun] = [google.TrainingEngine.gke(), google.EndpointEngine.cloudRun()];
    const variants = [{ name: 'main', container }];
    new google.GpuTrainingCluster(stack, 'Jobs', { image, accelerators, secrets });
    new google.GpuTrainingCluster(stack, 'Gke', { image, accelerators, secrets, network, engine: gke });
    new google.AutoScalingEndpoint(stack, 'Served', { variants, accelerators });
    new google.AutoScalingEndpoint(stack, 'Run', { variants, accelerators, engine: cloudRun });
    new google.ServerlessInference(stack, 'Called', { container });
    new google.Workspace(stack, 'Team', { users: [{ name: 'ada' }], network, secrets });
    return {
      synth: () => app.synth(),
      outdir: app.outdir,
      own: 'OwnValue',
      given: ['Jobs', 'Gke', 'Served', 'Run', 'Called', 'Team'],
      named: /google_secret_manager_secret\.Own\./,
    };
  }));

describe('places', () =>
  stayInside(
    stacks
      .flatMap((stack) => [...resourcesOfStack(stack), ...dataOfStack(stack)])
      .map(({ where, type, body }) => ({ at: where, type, body })),
    PLACES,
    'europe-west4',
    // Data sets that a program has beside the library's.
    ["FraudStack/Reports location ('EU')", "FraudStack/Events location ('EU')"],
  ));

/** Of types that neither examples nor contract make. */
const rare = stacksOfProgram('rare', probe, ({ foundation, serving }) => {
  [foundation, serving].forEach((stack) => core.SecurityProfile.STANDARD.applyTo(stack));
  new google.PlatformStack(foundation.node.root as unknown as Construct, 'guarded', {
    project: 'ml-project',
    region: 'europe-west4',
    allowedRegions: ['europe-west4'],
    regionGuard: true,
  });
  new GcsBackend(foundation as unknown as TerraformStack, { bucket: 'states' });
  const container = { image: 'europe-west4-docker.pkg.dev/acme/ml/serve:1' };
  const network = google.PrivateNetwork.fromNetwork(foundation, 'Shared', {
    networkId: 'projects/host/global/networks/shared',
    subnetworkId: 'projects/host/regions/europe-west4/subnetworks/ml',
    serviceAgentsGranted: false,
  });
  new google.ServerlessInference(foundation, 'Thumbnails', { network, container });
  new google.AutoScalingEndpoint(foundation, 'Public', {
    engine: google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }),
    variants: [{ name: 'main', container }],
    accelerators: ['L4:1'],
  });
  new google.AutoScalingEndpoint(serving, 'Captured', {
    encryptionKey: new google.EncryptionKey(serving, 'Key'),
    variants: [{ name: 'main', container }],
    capture: { samplePercent: 100 },
  });
});
// The type of a block may say what it calls; no stack is asked for that.
cover(
  ROWS,
  [...stacks, ...rare]
    .flatMap(({ json }) => blocksOfStack(undefined as never, json).map(called))
    .map(({ type }) => type),
);
