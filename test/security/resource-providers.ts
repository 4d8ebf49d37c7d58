import { Resource, resourcesOfStack } from './walk';
import * as azure from '../../src/azure';
import { platform, synthesized } from '../azure/support';
import { newApp } from '../terraform/support';

/** What azurerm always registers, whichever set is asked of it. */
const ALWAYS = [
  'Microsoft.Authorization',
  'Microsoft.Compute',
  'Microsoft.ManagedIdentity',
  'Microsoft.Network',
  'Microsoft.Resources',
  'Microsoft.Storage',
];

/** The first that fits: which resource provider a resource of azurerm is of. */
const NAMESPACES: [RegExp, string][] = [
  [/^azurerm_(role_assignment|role_definition)$/, 'Microsoft.Authorization'],
  [/^azurerm_(user_assigned_identity|federated_identity_credential)$/, 'Microsoft.ManagedIdentity'],
  [/^azurerm_resource_group$/, 'Microsoft.Resources'],
  [/^azurerm_disk_encryption_set$/, 'Microsoft.Compute'],
  [/^azurerm_storage_/, 'Microsoft.Storage'],
  [
    /^azurerm_(private_dns|private_endpoint|virtual_network|subnet|nat_gateway|public_ip|network_)/,
    'Microsoft.Network',
  ],
  [/^azurerm_(monitor_|application_insights)/, 'microsoft.insights'],
  [/^azurerm_log_analytics_/, 'Microsoft.OperationalInsights'],
  [/^azurerm_key_vault/, 'Microsoft.KeyVault'],
  [/^azurerm_container_app/, 'Microsoft.App'],
  [/^azurerm_container_registry/, 'Microsoft.ContainerRegistry'],
  [/^azurerm_kubernetes_/, 'Microsoft.ContainerService'],
  [/^azurerm_machine_learning_/, 'Microsoft.MachineLearningServices'],
  [/^azurerm_security_center_/, 'Microsoft.Security'],
];

const namespaceOf = (type: string): string | undefined =>
  /\b([A-Za-z]+\.[A-Za-z]+)\//.exec(type)?.[1] ?? NAMESPACES.find(([form]) => form.test(type))?.[1];

/** Images are scanned where that is asked, which neither examples nor contract do. */
function scanned() {
  const app = newApp();
  platform('scanned', { defenderForContainers: true }, app);
  return { name: 'scanned', json: synthesized(app).scanned };
}

function registered(): string[] {
  const app = newApp();
  new azure.PrivateNetwork(platform('platform', {}, app), 'Network');
  return synthesized(app).platform.provider.azurerm[0].resource_providers_to_register;
}

/** Makes the tests: each of these resources can be made in a subscription that has registered nothing. */
export function resourceProviders(resources: readonly Resource[]): void {
  const types = [
    ...new Set(
      [...resources, ...resourcesOfStack(scanned())]
        .map(({ type }) => type)
        .filter((type) => /^azurerm_|\//.test(type)),
    ),
  ].sort();

  test('every resource is of a resource provider that is registered', () => {
    const known = [...ALWAYS, ...registered()].map((name) => name.toLowerCase());
    expect(types.length).toBeGreaterThan(30);
    expect(types.filter((type) => !known.includes(String(namespaceOf(type)).toLowerCase()))).toEqual([]);
  });

  test('none is registered that nothing is made of', () => {
    const used = types.map(namespaceOf);
    expect(
      registered().filter((name) => !used.some((one) => one?.toLowerCase() === name.toLowerCase())),
    ).toEqual([]);
  });
}
