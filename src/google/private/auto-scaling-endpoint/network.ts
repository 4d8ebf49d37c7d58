import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeForwardingRule } from '@cdktf/provider-google/lib/compute-forwarding-rule';
import { Construct } from 'constructs';
import { Variant } from './variant';
import { RESTFUL, vertexProvider } from './vertex';
import { report } from '../../../core/private/report';
import { GenericDataSource } from '../../../terraform/generic';
import type { INetwork } from '../../private-network';
import { apis } from '../apis';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';

/** The way in from a network: an address of it that leads to the endpoint's service attachment. */
export class PrivateAccess extends Construct {
  public readonly address: ComputeAddress;
  public readonly forwardingRule: ComputeForwardingRule;

  constructor(scope: Construct, id: string, network: INetwork, endpointName: string, variants: Variant[]) {
    super(scope, id);
    const { project, region } = placeOf(this);
    const name = physicalName(this, RFC1035);
    this.address = new ComputeAddress(this, 'Address', {
      name,
      region,
      addressType: 'INTERNAL',
      subnetwork: network.subnetworkId,
      dependsOn: apis(this, 'compute'),
    });
    // Vertex AI makes the attachment with the first deployment.
    const endpoint = new GenericDataSource(this, 'Attachment', {
      type: 'restful_resource',
      form: RESTFUL,
      provider: vertexProvider(this),
      arguments: { id: `/projects/${project}/locations/${region}/endpoints/${endpointName}` },
      dependsOn: variants.map(({ deployment }) => deployment),
    });
    this.forwardingRule = new ComputeForwardingRule(this, 'ForwardingRule', {
      name,
      region,
      target: endpoint.getStringAttribute('output.deployedModels[0].privateEndpoints.serviceAttachment'),
      network: network.networkId,
      ipAddress: this.address.id,
      loadBalancingScheme: '',
      // Deployments come and go; the endpoint's attachment stays.
      lifecycle: { ignoreChanges: ['target'] },
    });
    report(
      scope,
      'idle-cost',
      'Private Service Connect',
      'The way in from the network bills per hour and per GiB.',
    );
    report(
      scope,
      'note',
      'Private',
      'Containers of a private endpoint reach no network: the image must hold what it needs besides the files of its model. The certificate is not signed for the address.',
    );
  }
}
