import { Construct } from 'constructs';
import { Variant } from './variant';
import { operation } from './vertex';
import { GenericResource } from '../../../terraform/generic';
import { placeOf } from '../place';

/**
 * The split of the traffic: set when every deployment stands, released before one is taken back. What `shiftCommand`
 * did stays until the program's own weights or deployments change.
 */
export function trafficSplit(scope: Construct, endpointName: string, variants: Variant[]): GenericResource {
  const { project, region } = placeOf(scope);
  const endpoint = `/projects/${project}/locations/${region}/endpoints/${endpointName}`;
  const split = Object.fromEntries(
    variants.filter(({ plan }) => plan.weight !== 0).map((one) => [one.deploymentId, one.plan.weight]),
  );
  const query = { updateMask: ['trafficSplit'] };
  const alone = [{ mutex: endpoint }];
  return operation(scope, 'Traffic', {
    arguments: {
      path: endpoint,
      method: 'PATCH',
      query,
      body: { trafficSplit: split },
      precheck: alone,
      id_builder: endpoint,
      delete_method: 'PATCH',
      delete_path: endpoint,
      delete_query: query,
      delete_body: { trafficSplit: {} },
      precheck_delete: alone,
    },
    dependsOn: variants.flatMap(({ deployment, scaling }) => [deployment, scaling]),
  });
}
