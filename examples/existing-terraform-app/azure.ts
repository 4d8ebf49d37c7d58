import { DataAzurermResourceGroup } from '@cdktf/provider-azurerm/lib/data-azurerm-resource-group';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { App, AzurermBackend, TerraformOutput, TerraformResource, TerraformStack } from 'cdktf';
import { azure as ml, core } from 'cloud-ml-constructs';
import { Construct } from 'constructs';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const inGroup = (group: string, resource: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${resource}`;
/** The hub of the landing zone is a subscription of its own. */
const HUB_ZONES = '/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/hub-network';

/** A team's own stack, with its own state, provider and resources: the constructs are guests here. */
export class FraudStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // What the team has already: its state, its provider, a resource group, resources of its own.
    new AzurermBackend(this, {
      resourceGroupName: 'terraform',
      storageAccountName: 'acmeterraform',
      containerName: 'state',
      key: `fraud/${id}.tfstate`,
      useAzureadAuth: true,
    });
    new AzurermProvider(this, 'azurerm', {
      subscriptionId: SUBSCRIPTION,
      tenantId: 'cccccccc-2222-3333-4444-555555555555',
      clientId: 'dddddddd-2222-3333-4444-555555555555',
      useOidc: true,
      // What the constructs need of it: no storage account of theirs takes keys, and some are private.
      storageUseAzuread: true,
      features: [{ storage: [{ dataPlaneAvailable: false }] }],
    });
    const group = new DataAzurermResourceGroup(this, 'Group', { name: 'fraud' });
    const events = new StorageAccount(this, 'Events', {
      name: 'acmefraudevents',
      resourceGroupName: group.name,
      location: group.location,
      accountTier: 'Standard',
      accountReplicationType: 'ZRS',
      isHnsEnabled: true,
      sharedAccessKeyEnabled: false,
    });
    const clicks = new StorageContainer(this, 'Clicks', { name: 'clicks', storageAccountId: events.id });
    const analyst = new UserAssignedIdentity(this, 'Analyst', {
      name: 'fraud-analyst',
      resourceGroupName: group.name,
      location: group.location,
    });

    // Where the constructs are, and the workspace and registry that they share with other teams.
    ml.PlatformStack.adopt(this, {
      subscriptionId: SUBSCRIPTION,
      location: 'westeurope',
      resourceGroupName: 'fraud',
      workspaceId: inGroup('ml-shared', 'Microsoft.MachineLearningServices/workspaces/acme-ml'),
      containerRegistryId: inGroup('ml-shared', 'Microsoft.ContainerRegistry/registries/acmeml'),
      tags: { team: 'fraud', costCentre: '4711' },
    });

    // The network that the hub gave the team, and private DNS zones of the hub.
    const subnet = (name: string) =>
      inGroup('fraud-network', `Microsoft.Network/virtualNetworks/fraud/subnets/${name}`);
    const network = ml.PrivateNetwork.fromVirtualNetwork(this, 'Network', {
      virtualNetworkId: inGroup('fraud-network', 'Microsoft.Network/virtualNetworks/fraud'),
      workloadSubnetId: subnet('workloads'),
      endpointSubnetId: subnet('endpoints'),
      privateDns: ml.PrivateDns.fromResourceGroup(HUB_ZONES),
    });
    const past = ml.DataLake.fromContainers(this, 'Past', {
      containers: {
        history: inGroup(
          'fraud-data',
          'Microsoft.Storage/storageAccounts/acmehistory/blobServices/default/containers/data',
        ),
        clicks: clicks.id,
      },
    });
    const token = ml.Secret.fromSecretId(this, 'HubToken', {
      secretId: 'https://acme-fraud.vault.azure.net/secrets/hugging-face-token',
      keyVaultId: inGroup('fraud-data', 'Microsoft.KeyVault/vaults/acme-fraud'),
    });

    const lake = new ml.DataLake(this, 'Lake', { network, zones: [{ name: 'features' }] });
    const registry = new ml.ModelRegistry(this, 'Registry', {
      network,
      models: [{ name: 'fraud-detector' }],
      images: ['train', 'serve'],
    });
    const training = new ml.GpuTrainingCluster(this, 'Training', {
      network,
      registry,
      image: registry.image('train', '1'),
      datasets: [past, lake],
      secrets: { HF_TOKEN: token },
      accelerators: ['A100-80GB:1'],
      capacity: core.Capacity.spot(),
    });
    const endpoint = new ml.AutoScalingEndpoint(this, 'Fraud', {
      network,
      machineType: 'Standard_DS3_v2',
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', '1') },
          model: registry.model('fraud-detector').version('1'),
        },
      ],
    });

    // Portable grants go between constructs, native ones to the object id of any principal.
    lake.grantReadWrite(training);
    lake.grants.read(analyst.principalId);
    endpoint.grants.invoke(analyst.principalId);

    // A native resource, one step away: the member that names it, or the default child.
    lake.storageAccount('features').addOverride('tags.dataset', events.name);
    (endpoint.node.defaultChild as TerraformResource).addOverride('tags.owner', 'fraud');
    new TerraformOutput(this, 'Submit', { value: training.submitCommand });
    new TerraformOutput(this, 'Invoke', { value: endpoint.invokeCommand });
  }
}

if (require.main === module) {
  const app = new App();
  new FraudStack(app, 'fraud-azure');
  app.synth();
}
