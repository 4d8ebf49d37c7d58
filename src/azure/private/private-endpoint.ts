import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import { TerraformElement } from 'cdktf';
import { Construct } from 'constructs';
import { report } from '../../core/private/report';
import { isToken } from '../../core/private/tokens';
import { INetwork } from '../private-network';
import { after } from './judge';
import { nameOf, NAMES } from './names';
import { homeOf } from './resource-group';

/** The names under which services are found privately. */
const ZONES = {
  blob: ['privatelink.blob.core.windows.net'],
  dfs: ['privatelink.dfs.core.windows.net'],
  file: ['privatelink.file.core.windows.net'],
  vault: ['privatelink.vaultcore.azure.net'],
  registry: ['privatelink.azurecr.io'],
  amlworkspace: ['privatelink.api.azureml.ms', 'privatelink.notebooks.azure.net'],
} as const satisfies { [service: string]: readonly string[] };

export interface PrivateEndpointOptions {
  readonly resourceId: string;
  readonly service: keyof typeof ZONES;
  /** @default `Endpoint-<service>` */
  readonly id?: string;
}

interface NamedNetwork extends INetwork {
  /** What makes names of a zone known in the network. */
  _dnsLink?(zone: string): TerraformElement | undefined;
}

/** A private endpoint of a resource in a network: a child of the construct whose resource it is. */
export function privateEndpoint(
  scope: Construct,
  network: INetwork,
  { resourceId, service, id = `Endpoint-${service}` }: PrivateEndpointOptions,
): PrivateEndpoint {
  const found = scope.node.tryFindChild(id)?.node.defaultChild as PrivateEndpoint | undefined;
  if (found) {
    return found;
  }
  const zones = ZONES[service].flatMap((zone) => network.privateDnsZoneId(zone) ?? []);
  const links = ZONES[service].flatMap((zone) => (network as NamedNetwork)._dnsLink?.(zone) ?? []);
  const { endpointSubnetId } = network;
  report(scope, 'idle-cost', `Private endpoint ${service}`, 'Bills per hour, used or not.');
  const holder = new Construct(scope, id);
  const endpoint = new PrivateEndpoint(holder, 'Resource', {
    ...homeOf(scope),
    // What waits for it may be made before it is destroyed, and so may it.
    name: nameOf(holder, {
      ...NAMES.endpoint,
      replacing: { network: isToken(endpointSubnetId) ? network.node.path : endpointSubnetId },
    }),
    subnetId: endpointSubnetId,
    privateServiceConnection: {
      name: service,
      privateConnectionResourceId: resourceId,
      subresourceNames: [service],
      isManualConnection: false,
    },
    privateDnsZoneGroup: zones.length ? { name: 'default', privateDnsZoneIds: zones } : undefined,
    // Who waits for the endpoint finds its name.
    dependsOn: after(scope, ...links),
  });
  holder.node.defaultChild = endpoint;
  return endpoint;
}
