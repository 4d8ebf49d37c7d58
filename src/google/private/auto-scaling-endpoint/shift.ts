import type { VertexEndpoint } from './access';
import { Variant } from './variant';
import { nothingToShift, revisionsOf, Share, shiftCommand, variantsOf } from '../../../core/private/shift';
import { RunService } from '../cloud-run/access';

/** What an alarm looks at, twice, and what Cloud Monitoring is late. */
const WATCH_SECONDS = 900;

/** Alert policies by their names, and the label that tells which variant rings. */
interface Watched {
  readonly project: string;
  readonly policies: string[];
  readonly label: string;
  /** Prints the label's value of `$VARIANT`, in shell. */
  readonly value: string;
}

/** Alerts are read by Cloud Monitoring's own address, which gcloud only knows since 2025. */
function ringing({ project, policies, label, value }: Watched): string | undefined {
  if (!policies.length) {
    return undefined;
  }
  const filter = `state="OPEN" AND ${label}="@" AND (${policies.map((name) => `policy.name="${name}"`).join(' OR ')})`;
  return [
    'RINGING=$(curl --fail-with-body --silent --show-error --get',
    '--header "Authorization: Bearer $(gcloud auth print-access-token)"',
    `--data-urlencode "filter=$(echo '${filter}' | sed "s/@/$(${value})/")"`,
    `--data-urlencode "fields=alerts(name,policy.displayName)"`,
    `"https://monitoring.googleapis.com/v3/projects/${project}/alerts") || return 1;`,
    'case "$RINGING" in *\\"alerts\\"*) echo "$RINGING" | tr -d "\\n" ;; esac',
  ].join(' ');
}

/** Who has nothing is left out: `NAME=PERCENT,NAME=PERCENT`. */
const SPLIT = `"$(printf "%s\\n" "$@" | sed "/:0$/d" | tr ":" "=" | paste -s -d , -)"`;

/**
 * Moves traffic of Vertex AI to the variant `$VARIANT` in steps; without it back to the declared weights. `policies`
 * are the names of the alert policies.
 */
export function shiftCommandOf(
  { project, location, endpoint }: Omit<VertexEndpoint, 'role'>,
  variants: Variant[],
  policies: string[],
): string {
  if (variants.length === 1) {
    const { name, model } = variants[0].plan.variant;
    return nothingToShift(endpoint, name, model?.version, '-var');
  }
  const where = `${endpoint} --project=${project} --region=${location}`;
  return shiftCommand({
    endpointName: endpoint,
    sharing: variantsOf(
      variants.map(({ plan, deploymentId }) => ({
        variant: plan.variant.name,
        weight: plan.weight,
        deployment: deploymentId,
      })),
    ),
    watchSeconds: WATCH_SECONDS,
    calls: {
      // The answer is ID=PERCENT;ID=PERCENT.
      weights: `gcloud ai endpoints describe ${where} --format="value(trafficSplit)" | tr ";=" "\\n:"`,
      move: `gcloud ai endpoints update ${where} --quiet --traffic-split=${SPLIT}`,
      alarms: ringing({
        ...{ project, policies },
        ...{ label: 'metric.labels.deployed_model_id', value: 'nameOf "$VARIANT"' },
      }),
    },
  });
}

/** A variant on Cloud Run behind a load balancer; `deployment` is its backend service. */
export interface BalancedShare extends Share {
  readonly deployment: string;
  readonly serviceName: string;
}

/** Moves traffic between services of Cloud Run by the weights of a URL map. */
export function shiftBalanced(
  project: string,
  urlMap: string,
  shares: BalancedShare[],
  policies: string[],
): string {
  const key = 'defaultRouteAction.weightedBackendServices';
  const backends = `https://www.googleapis.com/compute/v1/projects/${project}/global/backendServices`;
  const services = shares.map(({ variant, serviceName }) => `(${variant}) echo ${serviceName} ;;`).join(' ');
  return shiftCommand({
    endpointName: urlMap,
    sharing: variantsOf(shares),
    watchSeconds: WATCH_SECONDS,
    calls: {
      weights: `gcloud compute url-maps describe ${urlMap} --project=${project} --global --flatten=${key} --format="csv[no-heading](${key}.backendService.basename(),${key}.weight)" | tr "," ":"`,
      // JSON is YAML.
      move: [
        `SPLIT=$(printf "%s\\n" "$@" | sed 's|\\(.*\\):\\(.*\\)|{"backendService":"${backends}/\\1","weight":\\2}|' | paste -s -d , -);`,
        `printf '{"name":"%s","defaultRouteAction":{"weightedBackendServices":[%s]}}' ${urlMap} "$SPLIT" | gcloud compute url-maps import ${urlMap} --project=${project} --global --quiet`,
      ].join(' '),
      alarms: ringing({
        ...{ project, policies },
        ...{ label: 'resource.labels.service_name', value: `case "$VARIANT" in ${services} esac` },
      }),
    },
  });
}

/** Moves traffic of a service of Cloud Run to its revision `$VARIANT` in steps; without it to the latest one. */
export function shiftRevisions({ project, location, name }: RunService, policies: string[]): string {
  const where = `${name} --project=${project} --region=${location}`;
  const move = `gcloud run services update-traffic ${where} --quiet`;
  return shiftCommand({
    endpointName: name,
    sharing: revisionsOf(name, `${move} --to-latest`),
    watchSeconds: WATCH_SECONDS,
    calls: {
      // A revision can have traffic by its name and as the latest one, and a tag without any.
      weights: `gcloud run services describe ${where} --flatten=status.traffic --format="csv[no-heading](status.traffic.revisionName,status.traffic.percent)" | awk -F, '{ has[$1] += $2 } END { for (one in has) if (has[one]) print one ":" has[one] }'`,
      move: `${move} --to-revisions=${SPLIT}`,
      alarms: ringing({
        ...{ project, policies },
        ...{ label: 'resource.labels.revision_name', value: 'echo "$VARIANT"' },
      }),
    },
  });
}
