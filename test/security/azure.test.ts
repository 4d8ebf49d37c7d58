import { KeyVaultSecret } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import { AzurermBackend, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { azureRules, SCIENTISTS } from './azure.rules';
import { CANARY, cage } from './canary';
import { stayInside } from './places';
import { resourceProviders } from './resource-providers';
import { cover } from './rows';
import { TESTS, writeRules } from './rules';
import { dataOfStack, resourcesOfStack } from './walk';
import * as azure from '../../src/azure';
import { called } from '../../src/azure/private/deploy-permissions/blocks';
import { ROWS } from '../../src/azure/private/deploy-permissions/rows';
import { PLACES } from '../../src/azure/private/residency';
import * as core from '../../src/core';
import { blocksOfStack } from '../../src/terraform/deploy-permissions';
import { probe } from '../azure/probe';
import { platform } from '../azure/support';
import { everything } from '../contract/everything';
import { keptWithKeys } from '../support/at-rest';
import { stacksOfContract, stacksOfExamples, stacksOfProgram, writeStacks } from '../support/programs';
import { atRestIn } from '../terraform/at-rest';
import { newApp } from '../terraform/support';

const VAULT =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/team';

const stacks = [
  ...stacksOfExamples('azure'),
  ...stacksOfContract(azure, probe),
  ...stacksOfProgram('everything', probe, (program) => {
    const secret = azure.Secret.fromSecretId(program.foundation, 'HubToken', {
      secretId: 'https://team.vault.azure.net/secrets/hub-token',
      keyVaultId: VAULT,
    });
    const training = everything(azure, program, { secret, user: probe.user }) as azure.GpuTrainingCluster;
    training.grants.submit(SCIENTISTS);
  }),
  ...stacksOfProgram('engines', probe, ({ foundation }) => {
    const network = new azure.PrivateNetwork(foundation, 'Network', { internetEgress: true });
    const registry = new azure.ModelRegistry(foundation, 'Registry', {
      network,
      models: [{ name: 'fraud' }],
      images: ['train'],
    });
    const training = new azure.GpuTrainingCluster(foundation, 'Training', {
      network,
      registry,
      image: registry.image('train', '1'),
      engine: azure.TrainingEngine.aks(),
      accelerators: ['T4:1'],
      maxNodes: 2,
    });
    training.grants.submit(SCIENTISTS);
  }),
  ...stacksOfProgram('authenticated', probe, ({ foundation, serving }) => {
    const network = new azure.PrivateNetwork(foundation, 'Network');
    const registry = new azure.ModelRegistry(foundation, 'Registry', {
      network,
      models: [{ name: 'fraud' }],
      images: ['embed'],
    });
    new azure.ServerlessInference(serving, 'Callable', {
      network,
      container: { image: registry.image('embed', '1') },
      authentication: {
        clientId: '22222222-2222-3333-4444-555555555555',
        tenantId: '33333333-2222-3333-4444-555555555555',
      },
      allowedPrincipalIds: [SCIENTISTS],
    });
  }),
];
writeStacks('azure', 'cdk.tf.json', stacks);
writeRules('azure');
azureRules(stacks, TESTS);

keptWithKeys(
  'azure',
  stacks.filter(({ profile }) => profile === 'regulated').flatMap(({ json }) => atRestIn(json)),
);

describe('secrets', () =>
  cage(() => {
    const app = newApp();
    const stack = platform('platform', {}, app);
    new KeyVaultSecret(stack, 'Own', { name: 'hub-token', keyVaultId: VAULT, value: CANARY });
    const secretId = 'https://team.vault.azure.net/secrets/hub-token';
    const secrets = {
      HUB_TOKEN: azure.Secret.fromSecretId(stack, 'HubToken', { secretId, keyVaultId: VAULT }),
    };
    const network = new azure.PrivateNetwork(stack, 'Network', { internetEgress: true });
    const image = 'acmeml.azurecr.io/train:1';
    const [accelerators, container] = [['T4:1'], { image, secrets }];
    const aks = azure.TrainingEngine.aks();
    new azure.GpuTrainingCluster(stack, 'Jobs', { image, accelerators, secrets });
    new azure.GpuTrainingCluster(stack, 'Aks', { image, accelerators, secrets, network, engine: aks });
    new azure.AutoScalingEndpoint(stack, 'Served', { variants: [{ name: 'main', container }], accelerators });
    new azure.ServerlessInference(stack, 'Called', { container, network });
    new azure.Workspace(stack, 'Team', { users: [probe.user], network, secrets });
    return {
      synth: () => app.synth(),
      outdir: app.outdir,
      own: 'Own',
      given: ['Jobs', 'Aks', 'Served', 'Called', 'Team'],
      named: /secrets\/hub-token/,
    };
  }));

describe('places', () =>
  stayInside(
    stacks
      .flatMap((stack) => [...resourcesOfStack(stack), ...dataOfStack(stack)])
      .map(({ where, type, body }) => ({ at: where, type, body })),
    PLACES,
    'westeurope',
  ));

/** Of types that neither examples nor contract make. */
const rare = stacksOfProgram('rare', probe, ({ foundation }) => {
  core.SecurityProfile.STANDARD.applyTo(foundation);
  new azure.PlatformStack(foundation.node.root as unknown as Construct, 'guarded', {
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    location: 'westeurope',
    allowedRegions: ['westeurope'],
    regionGuard: true,
  });
  new AzurermBackend(foundation as unknown as TerraformStack, {
    storageAccountName: 'states',
    containerName: 'states',
    key: 'foundation',
  });
  new azure.GpuTrainingCluster(foundation, 'Training', {
    image: 'acmeml.azurecr.io/train:3',
    engine: azure.TrainingEngine.aks({
      clusterId: VAULT.replace('Microsoft.KeyVault/vaults', 'Microsoft.ContainerService/managedClusters'),
    }),
    accelerators: ['T4:1'],
  });
});
// The type of a block may say what it calls; no stack is asked for that.
resourceProviders(stacks.flatMap(resourcesOfStack));

cover(
  ROWS,
  [...stacks, ...rare]
    .flatMap(({ json }) => blocksOfStack(undefined as never, json).map(called))
    .map(({ type }) => type),
);
