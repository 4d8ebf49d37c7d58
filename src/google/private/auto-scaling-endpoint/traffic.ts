import { VertexAiEndpoint } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { TerraformLocal } from 'cdktf';
import { Construct } from 'constructs';
import { Variant } from './variant';
import { operation, RESTFUL, vertexProvider } from './vertex';
import { GenericDataSource, GenericResource } from '../../../terraform/generic';
import { keptTraffic } from '../../../terraform/traffic';
import { placeOf } from '../place';

/**
 * The split of the traffic: set when every deployment stands, released before one is taken back. What `shiftCommand`
 * did stays until the program's own weights change, also when variants are deployed anew.
 */
export function trafficSplit(
  scope: Construct,
  native: VertexAiEndpoint,
  variants: Variant[],
): GenericResource {
  const { project, region } = placeOf(scope);
  const endpoint = `/projects/${project}/locations/${region}/endpoints/${native.name}`;
  const body = variants.length > 1 ? kept(scope, native, variants) : declared(variants);
  const alone = [{ mutex: endpoint }];
  return operation(scope, 'Traffic', {
    arguments: {
      path: endpoint,
      method: 'PATCH',
      // One text: the API takes no parameter twice.
      query: { updateMask: [Object.keys(body).join(',')] },
      body,
      precheck: alone,
      id_builder: endpoint,
      delete_method: 'PATCH',
      delete_path: endpoint,
      delete_query: { updateMask: ['trafficSplit'] },
      delete_body: { trafficSplit: {} },
      precheck_delete: alone,
    },
    dependsOn: variants.flatMap(({ deployment, scaling }) => [deployment, scaling]),
  });
}

const declared = (variants: Variant[]) => ({
  trafficSplit: Object.fromEntries(variants.map(({ deploymentId, plan }) => [deploymentId, plan.weight])),
});

function kept(scope: Construct, native: VertexAiEndpoint, variants: Variant[]) {
  // By its id, which is not known before it is made: then there is nothing to read.
  const running = new GenericDataSource(scope, 'Running', {
    type: 'restful_resource',
    form: RESTFUL,
    provider: vertexProvider(scope),
    arguments: { id: `/${native.id}` },
  });
  const output = `data.restful_resource.${running.friendlyUniqueId}.output`;
  const { description, percentOf } = keptTraffic(scope, 'Traffic', {
    declared: Object.fromEntries(variants.map(({ plan }) => [plan.variant.name, plan.weight])),
    description: `${output}.description`,
    percentsOf: (variant) =>
      `[for one in try(${output}.deployedModels, []) : try(${output}.trafficSplit[one.id], 0) if try(one.displayName, "") == "${variant}"]`,
  });
  const all = new TerraformLocal(
    scope,
    'TrafficById',
    Object.fromEntries(
      variants.map(({ deploymentId, plan }) => [deploymentId, percentOf(plan.variant.name)]),
    ),
  );
  return {
    // Who has nothing is left out.
    trafficSplit: `\${{for id, percent in local.${all.friendlyUniqueId} : id => percent if percent > 0}}`,
    description,
  };
}
