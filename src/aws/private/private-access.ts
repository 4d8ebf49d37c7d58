import { Resource } from 'aws-cdk-lib';
import { INetwork } from '../private-network';

/** The condition of a grant that holds inside of a network only. */
export interface Condition {
  readonly [operator: string]: { readonly [key: string]: string };
}

/**
 * Callers of a service from inside of a network. Of an endpoint in another network, such as a hub, only its id says
 * where callers come from; else the network's id does, which is exported whether or not it is used.
 */
export function callersInside(network: INetwork, service: string): Condition {
  const endpoint = network.endpoint(service);
  return endpoint && !Resource.isOwnedResource(endpoint)
    ? { StringEquals: { 'aws:SourceVpce': endpoint.vpcEndpointId } }
    : { StringEquals: { 'aws:SourceVpc': network.networkId } };
}
