import { App } from 'cdktf';
import { files, one, trails, whole } from './arbitrary';
import { fuzz } from './fuzz';
import { TERRAFORM } from './terraform';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { PERSON, PLACE, platform, PRINCIPAL, SUBSCRIPTION } from '../azure/support';
import { azureRules, SCIENTISTS } from '../security/azure.rules';

const ours = (type: string) => `/subscriptions/${SUBSCRIPTION}/resourceGroups/shared/providers/${type}`;
const VAULT = ours('Microsoft.KeyVault/vaults/ours');
const VNET = ours('Microsoft.Network/virtualNetworks/hub');
const accelerators = one(['T4'], ['T4:4'], ['A100:8'], ['H200:8', 'H100:8']);
const capacity = one(core.Capacity.onDemand(), core.Capacity.spot(), core.Capacity.spot({ maxWaitHours: 4 }));

fuzz('Azure', {
  ...TERRAFORM,
  ml: azure,
  tried: 70,
  stack: (app, id, props) => platform(id, { ...PLACE, ...props }, app as App),
  given: {
    network: (scope, id) =>
      azure.PrivateNetwork.fromVirtualNetwork(scope, id, {
        virtualNetworkId: VNET,
        workloadSubnetId: `${VNET}/subnets/workloads`,
        endpointSubnetId: `${VNET}/subnets/endpoints`,
        containerAppsSubnetId: `${VNET}/subnets/apps`,
      }),
    key: (scope, id) =>
      azure.EncryptionKey.fromKeyId(scope, id, {
        keyId: 'https://ours.vault.azure.net/keys/ml',
        keyVaultId: VAULT,
        identityId: ours('Microsoft.ManagedIdentity/userAssignedIdentities/keys'),
        identityClientId: PRINCIPAL,
      }),
    secret: (scope, id) =>
      azure.Secret.fromSecretId(scope, id, {
        secretId: 'https://ours.vault.azure.net/secrets/hub-token',
        keyVaultId: VAULT,
      }),
    channel: (scope, id) =>
      azure.NotificationChannel.fromActionGroupId(scope, id, ours('microsoft.insights/actionGroups/pager')),
    workload: (scope, id) =>
      azure.Workload.fromPrincipalId(scope, id, 'eeeeeeee-bbbb-cccc-dddd-eeeeeeeeeeee'),
  },
  letSubmit: (cluster: azure.GpuTrainingCluster) => cluster.grants.submit(SCIENTISTS),
  offer: {
    region: PLACE.location,
    account: PRINCIPAL,
    image: 'acmeml.azurecr.io/train:1',
    users: [{ name: 'ada', principalId: PERSON }],
    stack: { tags: one({ team: 'fraud' }), resourceGroupName: one('ml', undefined) },
    elsewhere: { location: 'northeurope' },
    engines: {
      PrivateNetwork: [{ name: 'own', always: { internetEgress: one(true, true, false) } }],
      EncryptionKey: [{ name: 'own' }],
      DataLake: [{ name: 'Storage', lacks: ['discovery'] }],
      ModelRegistry: [{ name: 'Azure ML', lacks: ['readers', 'publishers'] }],
      AuditTrail: trails('diagnostic settings'),
      GpuTrainingCluster: [
        {
          name: 'Azure ML',
          always: { accelerators },
          sometimes: { capacity, datasets: files(core.DatasetMode.DOWNLOAD), idleMinutes: whole(1, 60) },
          lacks: ['minNodes', 'queues', 'fabric', 'scratch', 'diskGiB'],
        },
        {
          name: 'AKS',
          always: { accelerators, engine: one(azure.TrainingEngine.aks()) },
          sometimes: { capacity, datasets: files(core.DatasetMode.MOUNT), minNodes: one(1) },
          lacks: ['queues', 'fabric', 'scratch'],
          place: 'inside',
        },
      ],
      AutoScalingEndpoint: [
        {
          name: 'Azure ML',
          sometimes: {
            accelerators: one(['T4'], ['T4:4', 'L4:4']),
            scaling: one(
              { minInstances: 2 },
              { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
              { minInstances: 2, maxInstances: 4, cpuPercent: 70 },
            ),
            maxConcurrentRequestsPerInstance: whole(1, 100),
          },
          lacks: ['capacity', 'rollout', 'diskGiB', 'encryptionKey'],
        },
      ],
      ServerlessInference: [
        {
          name: 'Container Apps',
          sometimes: { authentication: one({ clientId: PRINCIPAL }) },
          lacks: ['encryptionKey', 'alarms', 'logRetentionDays', 'memoryMiB', 'cpu', 'accelerators'],
        },
      ],
      Workspace: [
        {
          name: 'Azure ML',
          sometimes: {
            accelerators: one(['T4'], ['T4:4']),
            editor: one(core.WorkspaceEditor.JUPYTERLAB, core.WorkspaceEditor.RSTUDIO),
            stopHourUtc: whole(0, 23),
          },
          lacks: ['diskGiB'],
        },
      ],
    },
  },
  rules: azureRules,
});
