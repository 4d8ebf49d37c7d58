import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { GenericDataSource } from '../../../terraform/generic';
import { text as literally } from '../../../terraform/text';
import { KeptTraffic, keptTraffic } from '../../../terraform/traffic';
import { AZAPI, azapi, ML_API } from '../azapi';
import { homeOf, requirePlace } from '../resource-group';

export interface TrafficOptions {
  readonly endpointId: string;
  readonly identityId: string;
  readonly properties: { readonly [property: string]: unknown };
  readonly variants: { readonly name: string; readonly deploymentName: string; readonly weight: number }[];
  readonly deployments: TerraformResource[];
}

const TYPE = `Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${ML_API}`;

/**
 * Moves the traffic when all deployments stand, and takes it away before one of them is destroyed. The endpoint is put
 * as a whole: an update would merge the traffic with that of deployments that go. What `shiftCommand` did stays until the
 * program's own weights change, also when variants are deployed anew.
 */
export function moveTraffic(scope: Construct, options: TrafficOptions): TerraformResource {
  const { endpointId, identityId, properties, variants, deployments } = options;
  const tags = literally(requirePlace(scope).tags);
  const put = (id: string, when: string, more: object) =>
    azapi(
      scope,
      id,
      'azapi_resource_action',
      {
        type: TYPE,
        resource_id: endpointId,
        method: 'PUT',
        when,
        body: {
          location: homeOf(scope).location,
          kind: 'Managed',
          tags,
          identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
          properties: { ...properties, ...more },
        },
      },
      { dependsOn: deployments },
    );
  put('ReleaseTraffic', 'destroy', { traffic: {} });
  const { description, percentOf } = variants.length > 1 ? kept(scope, options) : declared(variants);
  return put('Traffic', 'apply', {
    description,
    traffic: Object.fromEntries(
      variants.map(({ name, deploymentName }) => [deploymentName, percentOf(name)]),
    ),
  });
}

const declared = (variants: TrafficOptions['variants']) => ({
  description: undefined,
  percentOf: (name: string) => variants.find((one) => one.name === name)!.weight,
});

function kept(scope: Construct, { endpointId, variants }: TrafficOptions): KeptTraffic {
  // By its id, which is not known before it is made: then there is nothing to read.
  const running = new GenericDataSource(scope, 'Running', {
    type: 'azapi_resource',
    form: AZAPI,
    arguments: {
      type: TYPE,
      resource_id: endpointId,
      response_export_values: ['properties.traffic', 'properties.description'],
    },
  });
  const found = `data.azapi_resource.${running.friendlyUniqueId}.output.properties`;
  return keptTraffic(scope, 'Traffic', {
    declared: Object.fromEntries(variants.map(({ name, weight }) => [name, weight])),
    description: `${found}.description`,
    percentsOf: (variant) =>
      `[for name, percent in try(${found}.traffic, {}) : percent if can(regex("^${variant}-[0-9a-f]{7}$", name))]`,
  });
}
