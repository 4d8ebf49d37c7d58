import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { text as literally } from '../../../terraform/text';
import { azapi, ML_API } from '../azapi';
import { homeOf, requirePlace } from '../resource-group';

export interface TrafficOptions {
  readonly endpointId: string;
  readonly identityId: string;
  readonly properties: { readonly [property: string]: unknown };
  /** Percents by the names of deployments. */
  readonly traffic: { readonly [deploymentName: string]: number };
  readonly deployments: TerraformResource[];
}

/**
 * Moves the traffic when all deployments stand, and takes it away before one of them is destroyed. The endpoint is put
 * as a whole: an update would merge the traffic with that of deployments that go. Until the program's split changes,
 * what `shiftCommand` did stays.
 */
export function moveTraffic(scope: Construct, options: TrafficOptions): TerraformResource {
  const { endpointId, identityId, properties, traffic, deployments } = options;
  const tags = literally(requirePlace(scope).tags);
  const put = (id: string, when: string, split: object) =>
    azapi(
      scope,
      id,
      'azapi_resource_action',
      {
        type: `Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${ML_API}`,
        resource_id: endpointId,
        method: 'PUT',
        when,
        body: {
          location: homeOf(scope).location,
          kind: 'Managed',
          tags,
          identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
          properties: { ...properties, traffic: split },
        },
      },
      { dependsOn: deployments },
    );
  put('ReleaseTraffic', 'destroy', {});
  return put('Traffic', 'apply', traffic);
}
