import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import { IConstruct } from 'constructs';
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

/** What alarms watch of a service. */
export function metricsOf(name: string) {
  const filter = (metric: string, more = '') =>
    `resource.type="cloud_run_revision" AND resource.labels.service_name="${name}" AND metric.type="run.googleapis.com/${metric}"${more}`;
  return {
    latency: filter('request_latencies'),
    failed: filter('request_count', ' AND metric.labels.response_code_class="5xx"'),
    asked: filter('request_count'),
  };
}
