import { NETWORK } from './network';
import { ASSIGN, crud, SUBNET } from './row';
import { Rows } from '../../../terraform/deploy-permissions';

const ML = 'Microsoft.MachineLearningServices/workspaces';
const CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers';
/** What has an identity of its own is made by who may assign it. */
const WITH_IDENTITY = { may: ASSIGN, when: ['identity'] };
/** What azurerm looks for when it is given the address of a vault. */
const VAULT = 'Microsoft.KeyVault/vaults/read';
/** Who sends logs to a workspace is asked for its keys. */
const LOGS_KEYS =
  'Microsoft.OperationalInsights/workspaces/read Microsoft.OperationalInsights/workspaces/sharedKeys/action';

/** What an identity needs that creates, reads, updates and deletes resources, by their types, those of azapi by ARM's. */
export const ROWS: Rows = {
  ...NETWORK,

  // The group, and who may what
  azurerm_resource_group: [
    {
      may: `${crud('Microsoft.Resources/subscriptions/resourceGroups')} Microsoft.Resources/subscriptions/resourceGroups/resources/read`,
      onSubscription: true,
    },
  ],
  'data azurerm_resource_group': [{ may: 'Microsoft.Resources/subscriptions/resourceGroups/read' }],
  'data azurerm_client_config': [],
  azurerm_role_assignment: [
    {
      may: `${crud('Microsoft.Authorization/roleAssignments')} Microsoft.Authorization/roleDefinitions/read`,
    },
  ],
  azurerm_role_definition: [{ may: crud('Microsoft.Authorization/roleDefinitions') }],
  azurerm_resource_group_policy_assignment: [
    {
      may: `${crud('Microsoft.Authorization/policyAssignments')} Microsoft.Authorization/policyDefinitions/read`,
    },
    WITH_IDENTITY,
  ],
  azurerm_user_assigned_identity: [{ may: crud('Microsoft.ManagedIdentity/userAssignedIdentities') }],
  azurerm_federated_identity_credential: [
    { may: crud('Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials') },
  ],
  azurerm_security_center_subscription_pricing: [
    { may: 'Microsoft.Security/pricings/read Microsoft.Security/pricings/write', onSubscription: true },
  ],

  // Data
  azurerm_storage_account: [
    {
      may: `${crud('Microsoft.Storage/storageAccounts')} Microsoft.Storage/storageAccounts/blobServices/read
        Microsoft.Storage/storageAccounts/blobServices/write Microsoft.Storage/storageAccounts/fileServices/read
        Microsoft.Storage/storageAccounts/fileServices/write Microsoft.Storage/storageAccounts/listKeys/action`,
    },
    { may: VAULT, when: ['customer_managed_key'] },
    WITH_IDENTITY,
  ],
  azurerm_storage_container: [{ may: crud(CONTAINERS) }],
  azurerm_storage_container_immutability_policy: [
    { may: crud(`${CONTAINERS}/immutabilityPolicies`) },
    { may: `${CONTAINERS}/immutabilityPolicies/lock/action`, when: ['locked'] },
  ],
  azurerm_storage_management_policy: [{ may: crud('Microsoft.Storage/storageAccounts/managementPolicies') }],
  azurerm_container_registry: [
    {
      may: `${crud('Microsoft.ContainerRegistry/registries')} Microsoft.ContainerRegistry/registries/replications/read`,
    },
    { may: 'Microsoft.ContainerRegistry/checkNameAvailability/read', onSubscription: true },
    { may: VAULT, when: ['encryption'] },
    WITH_IDENTITY,
  ],

  // Keys
  azurerm_key_vault: [
    { may: crud('Microsoft.KeyVault/vaults') },
    { may: 'Microsoft.KeyVault/locations/deletedVaults/read', onSubscription: true },
  ],
  azurerm_key_vault_key: [
    { may: VAULT },
    { may: 'Microsoft.Resources/subscriptions/resources/read', onSubscription: true },
    {
      may: `Microsoft.KeyVault/vaults/keyrotationpolicies/read Microsoft.KeyVault/vaults/keyrotationpolicies/write
        Microsoft.KeyVault/vaults/keys/create/action Microsoft.KeyVault/vaults/keys/delete
        Microsoft.KeyVault/vaults/keys/read Microsoft.KeyVault/vaults/keys/recover/action
        Microsoft.KeyVault/vaults/keys/update/action`,
      onData: true,
    },
  ],
  azurerm_disk_encryption_set: [
    {
      may: `${crud('Microsoft.Compute/diskEncryptionSets')} ${VAULT} Microsoft.KeyVault/vaults/deploy/action`,
    },
    WITH_IDENTITY,
  ],

  // Logs and alarms
  azurerm_log_analytics_workspace: [
    {
      may: `${crud('Microsoft.OperationalInsights/workspaces')} Microsoft.OperationalInsights/workspaces/sharedKeys/action`,
    },
  ],
  azurerm_log_analytics_workspace_table: [
    {
      may: `Microsoft.OperationalInsights/workspaces/read Microsoft.OperationalInsights/workspaces/tables/delete
        Microsoft.OperationalInsights/workspaces/tables/read Microsoft.OperationalInsights/workspaces/tables/write`,
    },
  ],
  azurerm_application_insights: [
    {
      may: `${crud('Microsoft.Insights/components')} Microsoft.Insights/components/currentBillingFeatures/read
        Microsoft.Insights/components/currentBillingFeatures/write Microsoft.OperationalInsights/workspaces/read`,
    },
  ],
  azurerm_monitor_diagnostic_setting: [
    {
      may: `${crud('Microsoft.Insights/diagnosticSettings')} Microsoft.Insights/diagnosticSettingsCategories/read`,
    },
    { may: LOGS_KEYS, when: ['log_analytics_workspace_id'] },
  ],
  azurerm_monitor_action_group: [{ may: crud('Microsoft.Insights/actionGroups') }],
  azurerm_monitor_activity_log_alert: [{ may: crud('Microsoft.Insights/activityLogAlerts') }],
  azurerm_monitor_autoscale_setting: [{ may: crud('Microsoft.Insights/autoscaleSettings') }],
  azurerm_monitor_metric_alert: [{ may: crud('Microsoft.Insights/metricAlerts') }],
  azurerm_monitor_scheduled_query_rules_alert_v2: [
    {
      // An alert asks its logs as who made it.
      may: `${crud('Microsoft.Insights/scheduledQueryRules')} Microsoft.OperationalInsights/workspaces/query/read
        Microsoft.OperationalInsights/workspaces/query/AmlOnlineEndpointTrafficLog/read
        Microsoft.OperationalInsights/workspaces/read`,
    },
  ],
  azurerm_monitor_data_collection_rule: [
    {
      may: `${crud('Microsoft.Insights/dataCollectionRules')} Microsoft.OperationalInsights/workspaces/read`,
    },
  ],
  azurerm_monitor_data_collection_rule_association: [
    {
      may: `${crud('Microsoft.Insights/dataCollectionRuleAssociations')} Microsoft.Insights/dataCollectionRules/read`,
    },
  ],

  // Training, serving and notebooks
  azurerm_kubernetes_cluster: [
    {
      may: `${crud('Microsoft.ContainerService/managedClusters')} Microsoft.ContainerService/managedClusters/agentPools/read
        Microsoft.ContainerService/managedClusters/agentPools/write
        Microsoft.ContainerService/managedClusters/listClusterUserCredential/action ${SUBNET}`,
    },
    { may: 'Microsoft.Compute/diskEncryptionSets/read', when: ['disk_encryption_set_id'] },
    WITH_IDENTITY,
  ],
  azurerm_kubernetes_cluster_node_pool: [
    {
      may: `Microsoft.ContainerService/managedClusters/read ${crud('Microsoft.ContainerService/managedClusters/agentPools')}
        ${SUBNET}`,
    },
  ],
  'data azurerm_kubernetes_cluster': [
    {
      may: `Microsoft.ContainerService/managedClusters/listClusterUserCredential/action
        Microsoft.ContainerService/managedClusters/read`,
    },
  ],
  azurerm_machine_learning_compute_cluster: [
    { may: `${crud(`${ML}/computes`)} ${ML}/read` },
    { may: SUBNET, when: ['subnet_resource_id'] },
    WITH_IDENTITY,
  ],
  azurerm_container_app: [
    {
      may: `${crud('Microsoft.App/containerApps')} Microsoft.App/containerApps/listSecrets/action
        Microsoft.App/managedEnvironments/join/action Microsoft.App/managedEnvironments/read`,
    },
    WITH_IDENTITY,
  ],
  azurerm_container_app_environment: [
    { may: crud('Microsoft.App/managedEnvironments') },
    { may: SUBNET, when: ['infrastructure_subnet_id'] },
    { may: LOGS_KEYS, when: ['log_analytics_workspace_id'] },
  ],
  'azapi_update_resource Microsoft.App/containerApps': [
    { may: 'Microsoft.App/containerApps/read Microsoft.App/containerApps/write' },
  ],
  'azapi_resource_action Microsoft.App/containerApps': [
    { may: 'Microsoft.App/containerApps/read Microsoft.App/containerApps/write' },
  ],
  'Microsoft.App/containerApps/authConfigs': [{ may: crud('Microsoft.App/containerApps/authConfigs') }],
  'Microsoft.Logic/workflows': [{ may: crud('Microsoft.Logic/workflows') }, WITH_IDENTITY],
  [ML]: [
    {
      // A workspace is made of others, which who makes it must see.
      may: `${crud(ML)} Microsoft.ContainerRegistry/registries/read Microsoft.Insights/components/read ${VAULT}
        Microsoft.Storage/storageAccounts/read`,
    },
    WITH_IDENTITY,
  ],
  [`data ${ML}`]: [{ may: `${ML}/read` }],
  [`${ML}/computes`]: [
    { may: crud(`${ML}/computes`) },
    { may: SUBNET, when: ['body.properties.properties.subnet'] },
    WITH_IDENTITY,
  ],
  [`${ML}/data`]: [{ may: crud(`${ML}/data`) }],
  [`${ML}/data/versions`]: [{ may: crud(`${ML}/data/versions`) }],
  [`${ML}/datastores`]: [{ may: crud(`${ML}/datastores`) }],
  [`${ML}/environments`]: [{ may: `${ML}/environments/read ${ML}/environments/write` }],
  [`${ML}/environments/versions`]: [{ may: crud(`${ML}/environments/versions`) }],
  [`${ML}/models`]: [{ may: crud(`${ML}/models`) }],
  [`data ${ML}/models/versions`]: [{ may: `${ML}/models/read ${ML}/models/versions/read` }],
  [`${ML}/onlineEndpoints`]: [{ may: crud(`${ML}/onlineEndpoints`) }, WITH_IDENTITY],
  [`data ${ML}/onlineEndpoints`]: [{ may: `${ML}/onlineEndpoints/read` }],
  [`azapi_resource_action ${ML}/onlineEndpoints`]: [
    { may: `${ML}/onlineEndpoints/read ${ML}/onlineEndpoints/write` },
  ],
  [`${ML}/onlineEndpoints/deployments`]: [{ may: crud(`${ML}/onlineEndpoints/deployments`) }],

  // Where the state is
  'backend local': [],
  'backend azurerm': [
    {
      may: `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read
        Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write`,
      onData: true,
    },
    {
      may: 'Microsoft.Storage/storageAccounts/listKeys/action Microsoft.Storage/storageAccounts/read',
      when: ['resource_group_name'],
    },
  ],
};
