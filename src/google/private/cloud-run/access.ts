import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import { IConstruct } from 'constructs';
import { ServingMetrics } from '../alarms';
import { giveOnce, Grantee } from '../grants';

/** A service of Cloud Run, by what names it. */
export interface RunService {
  readonly project: string;
  readonly location: string;
  readonly name: string;
}

/** Lets someone call a service: nobody may without. */
export const giveInvoker = (
  to: Grantee,
  resource: IConstruct,
  service: RunService,
): CloudRunV2ServiceIamMember =>
  giveOnce(
    to,
    resource,
    'roles/run.invoker',
    (scope, id, given) => new CloudRunV2ServiceIamMember(scope, id, { ...service, ...given }),
  );

/** A request with the identity of gcloud, by nothing but gcloud and curl. */
export const invokeCommandOf = (url: string): string =>
  `curl --fail-with-body --header "Authorization: Bearer $(gcloud auth print-identity-token)" --header 'content-type: application/json' --data-binary "@$REQUEST" '${url}'`;

/** What alarms watch of services: all requests, or those of each service or revision by itself. */
export function metricsOf(names: string[], each?: 'service_name' | 'revision_name'): ServingMetrics {
  const those =
    names.length === 1
      ? `resource.labels.service_name="${names[0]}"`
      : `resource.labels.service_name=one_of(${names.map((name) => `"${name}"`).join(', ')})`;
  const filter = (metric: string, more = '') =>
    `resource.type="cloud_run_revision" AND ${those} AND metric.type="run.googleapis.com/${metric}"${more}`;
  return {
    latency: filter('request_latencies'),
    failed: filter('request_count', ' AND metric.labels.response_code_class="5xx"'),
    asked: filter('request_count'),
    each: each && [`resource.label.${each}`],
    instances: filter('container/instance_count'),
    eachOfInstances: ['resource.label.service_name', 'resource.label.revision_name'],
  };
}

/** Which log entries are those of services. */
export const logFilterOf = (...names: string[]): string =>
  `resource.type="cloud_run_revision" AND resource.labels.service_name=${names.length === 1 ? `"${names[0]}"` : `(${names.map((name) => `"${name}"`).join(' OR ')})`}`;
