import { crud, SUBNET } from './row';
import { Rows } from '../../../terraform/deploy-permissions';

const SUBNETS = 'Microsoft.Network/virtualNetworks/subnets';
const approves = (service: string, type: string) => ({
  may: `${type}/privateEndpointConnectionsApproval/action`,
  when: [`private_service_connection.subresource_names=${service}`],
});

/** Networks, and the ways in and out of them. */
export const NETWORK: Rows = {
  azurerm_virtual_network: [{ may: crud('Microsoft.Network/virtualNetworks') }],
  azurerm_subnet: [{ may: `${crud(SUBNETS)} Microsoft.Network/virtualNetworks/read` }],
  azurerm_network_security_group: [{ may: crud('Microsoft.Network/networkSecurityGroups') }],
  azurerm_subnet_network_security_group_association: [
    {
      may: `Microsoft.Network/networkSecurityGroups/join/action Microsoft.Network/networkSecurityGroups/read
        ${SUBNETS}/read ${SUBNETS}/write Microsoft.Network/virtualNetworks/read`,
    },
  ],
  azurerm_nat_gateway: [{ may: crud('Microsoft.Network/natGateways') }],
  azurerm_public_ip: [{ may: crud('Microsoft.Network/publicIPAddresses') }],
  azurerm_nat_gateway_public_ip_association: [
    {
      may: `Microsoft.Network/natGateways/read Microsoft.Network/natGateways/write
        Microsoft.Network/publicIPAddresses/join/action Microsoft.Network/publicIPAddresses/read`,
    },
  ],
  azurerm_subnet_nat_gateway_association: [
    {
      may: `Microsoft.Network/natGateways/join/action Microsoft.Network/natGateways/read ${SUBNETS}/read ${SUBNETS}/write
        Microsoft.Network/virtualNetworks/read`,
    },
  ],
  azurerm_private_dns_zone: [
    { may: `${crud('Microsoft.Network/privateDnsZones')} Microsoft.Network/privateDnsZones/SOA/read` },
  ],
  azurerm_private_dns_zone_virtual_network_link: [
    {
      may: `${crud('Microsoft.Network/privateDnsZones/virtualNetworkLinks')} Microsoft.Network/privateDnsZones/read
        Microsoft.Network/virtualNetworks/join/action`,
    },
  ],
  azurerm_private_dns_a_record: [{ may: crud('Microsoft.Network/privateDnsZones/A') }],
  azurerm_private_endpoint: [
    {
      may: `${crud('Microsoft.Network/privateEndpoints')} ${SUBNET} Microsoft.Network/networkInterfaces/read`,
    },
    {
      may: `Microsoft.Network/privateDnsZones/join/action Microsoft.Network/privateDnsZones/read
        ${crud('Microsoft.Network/privateEndpoints/privateDnsZoneGroups')}`,
      when: ['private_dns_zone_group'],
    },
    ...['blob', 'dfs', 'file'].map((service) => approves(service, 'Microsoft.Storage/storageAccounts')),
    approves('vault', 'Microsoft.KeyVault/vaults'),
    approves('registry', 'Microsoft.ContainerRegistry/registries'),
    approves('amlworkspace', 'Microsoft.MachineLearningServices/workspaces'),
  ],
};
