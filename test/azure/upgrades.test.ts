import { App } from 'cdktf';
import { PERSON, PRINCIPAL, SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { newApp, resourcesOf, terraform } from '../terraform/upgrades';
import { Changes, Native, Subject, withNative } from '../upgrades/changes';
import * as portable from '../upgrades/portable';
import { upgrades } from '../upgrades/upgrades';

const { setAndUnset } = portable;
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers`;

const VALUES: portable.Values = {
  training: {
    accelerators: [['T4:4'], ['A10G:8', 'H100:8']],
    machineTypes: ['Standard_NC4as_T4_v3', 'Standard_NC8as_T4_v3'],
  },
  serving: {
    accelerators: [['T4:1'], ['A100-80GB:1']],
    machineTypes: ['Standard_DS3_v2', 'Standard_DS4_v2'],
  },
  notebooks: {
    accelerators: [['T4:1'], ['A100-80GB:1']],
    machineTypes: ['Standard_DS3_v2', 'Standard_DS4_v2'],
  },
  accounts: [SUBSCRIPTION, '22222222-2222-3333-4444-555555555555'],
  persons: [PERSON, PRINCIPAL, 'dddddddd-bbbb-cccc-dddd-eeeeeeeeeeee'],
  reservation: `${GROUP}/Microsoft.Compute/capacityReservationGroups/ours`,
  namesPersons: true,
  scratchGiB: [1024, 2048],
  waiting: {},
  capture: ({ lake }) => ({ zone: lake.zone('raw') }),
};

const identities = setAndUnset(
  ...(['one', 'other'].map((name) => ({
    resourceId: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    principalId: PRINCIPAL,
    clientId: PERSON,
  })) as [azure.ManagedIdentity, azure.ManagedIdentity]),
);

const training = portable.gpuTrainingCluster(VALUES);
const ofTraining: Native<azure.GpuTrainingClusterProps, core.GpuTrainingClusterProps> = {
  managedIdentity: identities,
  engine: [undefined, azure.TrainingEngine.aks()],
  idleMinutes: setAndUnset(10, 20),
};

const platformStack: Changes<azure.PlatformStackProps> = {
  subscriptionId: { steps: [SUBSCRIPTION, '22222222-2222-3333-4444-555555555555'], identity: true },
  location: { steps: ['westeurope', 'northeurope'], identity: true },
  resourceGroupName: { steps: [undefined, 'ours', 'theirs'], identity: true },
  namePrefix: { steps: [undefined, 'team', 'other', undefined], identity: true },
  storageReplication: {
    'copies in another region': [azure.StorageReplication.ZRS, azure.StorageReplication.GZRS],
    'copies in other zones': [azure.StorageReplication.LRS, azure.StorageReplication.ZRS],
  },
  workspaceId: {
    steps: setAndUnset(
      `${GROUP}/Microsoft.MachineLearningServices/workspaces/one`,
      `${GROUP}/Microsoft.MachineLearningServices/workspaces/other`,
    ),
    identity: true,
  },
  containerRegistryId: {
    steps: setAndUnset(
      `${GROUP}/Microsoft.ContainerRegistry/registries/one`,
      `${GROUP}/Microsoft.ContainerRegistry/registries/other`,
    ),
    identity: true,
  },
  tags: setAndUnset<{ [name: string]: string }>({ team: 'one' }, { team: 'other' }),
  defenderForContainers: [undefined, true, undefined],
  allowedRegions: setAndUnset(['westeurope'], ['westeurope', 'northeurope']),
  regionGuard: { steps: [undefined, true, false, undefined], having: { allowedRegions: ['westeurope'] } },
  report: [undefined, true, false, undefined],
  securityProfile: {
    stricter: [core.SecurityProfile.STANDARD, core.SecurityProfile.REGULATED],
    'less strict': [core.SecurityProfile.REGULATED, core.SecurityProfile.STANDARD],
  },
};

const SUBJECTS: { readonly [called: string]: Subject } = {
  DataLake: portable.dataLake,
  AuditTrail: withNative<azure.AuditTrailProps, core.AuditTrailProps>(portable.auditTrail, {
    keys: ({ key, otherKey }) => [undefined, [key], [key, otherKey], undefined],
  }),
  ModelRegistry: portable.modelRegistry(VALUES),
  GpuTrainingCluster: withNative<azure.GpuTrainingClusterProps, core.GpuTrainingClusterProps>(
    training,
    ofTraining,
  ),
  'GpuTrainingCluster on AKS': withNative<azure.GpuTrainingClusterProps, core.GpuTrainingClusterProps>(
    training,
    { ...ofTraining, engine: [azure.TrainingEngine.aks(), undefined] },
    ({ network }) => ({ engine: azure.TrainingEngine.aks(), network }),
  ),
  AutoScalingEndpoint: withNative<azure.AutoScalingEndpointProps, core.AutoScalingEndpointProps>(
    portable.autoScalingEndpoint(VALUES),
    { managedIdentity: identities, maxConcurrentRequestsPerInstance: setAndUnset(2, 4) },
  ),
  ServerlessInference: withNative<azure.ServerlessInferenceProps, core.ServerlessInferenceProps>(
    portable.serverlessInference(),
    {
      managedIdentity: identities,
      authentication: [{ clientId: PERSON }, { clientId: PRINCIPAL }],
      allowedPrincipalIds: {
        steps: setAndUnset([PRINCIPAL], [PERSON]),
        having: { authentication: { clientId: PERSON } },
      },
    },
    () => ({
      authentication: { clientId: PERSON },
      alarms: { notify: ['ml@example.com'], atMaximumMinutes: 15 },
    }),
  ),
  Workspace: withNative<azure.WorkspaceProps, core.WorkspaceProps>(portable.workspace(VALUES), {
    stopHourUtc: setAndUnset(18, 19),
  }),
  PrivateNetwork: portable.privateNetwork,
  EncryptionKey: withNative<azure.EncryptionKeyProps, core.EncryptionKeyProps>(portable.encryptionKey, {
    network: ({ network, otherNetwork }) => setAndUnset(network, otherNetwork),
  }),
  PlatformStack: {
    construct: 'PlatformStack',
    base: () => ({ subscriptionId: SUBSCRIPTION, location: 'westeurope' }),
    changes: { '': platformStack },
  },
};

/** Types that hold data, with what it is. */
const DATA = {
  azurerm_container_registry: 'its images',
  azurerm_key_vault: 'the keys in it',
  azurerm_key_vault_key: 'all that it encrypted',
  azurerm_storage_account: 'its files',
  azurerm_storage_container: 'its files',
  azurerm_resource_group: 'all that is in it',
  azurerm_log_analytics_workspace: 'its logs',
  'Microsoft.MachineLearningServices/workspaces': 'its models, their versions and its notebooks',
  'Microsoft.MachineLearningServices/workspaces/models': 'its versions',
};

/** Of what ran, for as long as it says. */
const LOGS = 'its logs go with it';

upgrades({
  ml: azure,
  folder: __dirname,
  newStack: (props) =>
    new azure.PlatformStack(newApp() as App, 'platform', {
      ...{ subscriptionId: SUBSCRIPTION, location: 'westeurope', report: false },
      ...props,
    }),
  tagged: (team) => ({ tags: { team } }),
  // AKS fetches its own services from Microsoft.
  network: { internetEgress: true },
  secret: (scope, id) =>
    azure.Secret.fromSecretId(scope, id, {
      secretId: 'https://ours.vault.azure.net/secrets/token',
      keyVaultId: `${GROUP}/Microsoft.KeyVault/vaults/ours`,
    }),
  channel: (scope, id) =>
    azure.NotificationChannel.fromActionGroupId(scope, id, `${GROUP}/microsoft.insights/actionGroups/pager`),
  resourcesOf,
  engine: terraform(DATA, [], /(Kubernetes.*|Environment|ContainerApps)_Logs_Workspace/),
  data: DATA,
  addresses: [
    'azurerm_container_app',
    'azurerm_container_app_environment',
    'azurerm_user_assigned_identity',
    'azurerm_virtual_network',
    'Microsoft.Logic/workflows',
    'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
  ],
  subjects: SUBJECTS,
  reasons: {
    'ModelRegistry.encryptionKey': 'a workspace of Azure ML has its key for good',
    'PlatformStack.storageReplication: copies in other zones':
      'a storage account is in zones for good or not',
    'Workspace.encryptionKey': 'a workspace of Azure ML has its key for good',
  },
  destroyed: {
    'AutoScalingEndpoint.the whole construct': LOGS,
    'PrivateNetwork.the whole construct': LOGS,
  },
});
