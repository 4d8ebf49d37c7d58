import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { GenericResource } from '../../../terraform/generic';
import { apis } from '../apis';
import { BETA, betaProvider } from '../beta';
import { giveOnce, Grantee } from '../grants';
import { physicalName } from '../names';
import { once } from '../place';

/** An endpoint of Vertex AI, by what names it. */
export interface VertexEndpoint {
  readonly project: string;
  readonly location: string;
  readonly endpoint: string;
  /** The role that lets ask it. */
  readonly role: string;
}

/** The role that lets ask and nothing else: Google's own roles for endpoints also let change them. */
export function callerRole(construct: IConstruct): string {
  const stack = TerraformStack.of(construct);
  const id = 'MlEndpointCaller';
  return once(stack, id, () => {
    return new ProjectIamCustomRole(stack, id, {
      roleId: physicalName(stack, { maxLength: 64, separator: '_' }),
      title: 'Calls endpoints of Vertex AI',
      permissions: ['aiplatform.endpoints.predict'],
      dependsOn: apis(stack, 'iam'),
    });
  }).name;
}

/** Lets someone ask an endpoint: IAM of single endpoints is only in Google's beta provider. */
export const giveCaller = (to: Grantee, resource: IConstruct, endpoint: VertexEndpoint): GenericResource =>
  giveOnce(
    to,
    resource,
    'caller',
    (scope, id, { member }) =>
      new GenericResource(scope, id, {
        type: 'google_vertex_ai_endpoint_iam_member',
        form: BETA,
        provider: betaProvider(scope),
        arguments: { ...endpoint, member },
      }),
  );

/** Where any request is passed on to the container as it is. */
export const pathOf = (
  { project, location, endpoint }: Omit<VertexEndpoint, 'role'>,
  method: 'rawPredict' | 'streamRawPredict' = 'rawPredict',
): string => `/v1/projects/${project}/locations/${location}/endpoints/${endpoint}:${method}`;

/** A request with the identity of gcloud, by nothing but gcloud and curl. */
export const invokeCommandOf = (url: string, isPrivate = false): string =>
  `curl --fail-with-body${isPrivate ? ' --insecure' : ''} --header "Authorization: Bearer $(gcloud auth print-access-token)" --header 'content-type: application/json' --data-binary "@$REQUEST" '${url}'`;

/** What alarms watch of an endpoint, each deployment by itself. */
export function metricsOf(endpoint: string) {
  const filter = (metric: string, more = '') =>
    `resource.type="aiplatform.googleapis.com/Endpoint" AND resource.labels.endpoint_id="${endpoint}" AND metric.type="aiplatform.googleapis.com/prediction/online/${metric}"${more}`;
  return {
    latency: filter('prediction_latencies', ' AND metric.labels.latency_type="model"'),
    failed: filter('response_count', ' AND metric.labels.response_code=starts_with("5")'),
    asked: filter('response_count'),
    each: ['metric.label.deployed_model_id'],
    instances: filter('replicas'),
    eachOfInstances: ['metric.label.deployed_model_id'],
    instancesWanted: filter('target_replicas'),
  };
}
