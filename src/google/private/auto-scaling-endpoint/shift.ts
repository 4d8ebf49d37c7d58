import type { VertexEndpoint } from './access';
import { Variant } from './variant';
import { nothingToShift, shiftCommand } from '../../../core/private/shift';

/** What an alarm looks at, twice, and what Cloud Monitoring is late. */
const WATCH_SECONDS = 900;

/**
 * Moves traffic to the variant `$VARIANT` in steps; without it back to the declared weights. Alerts are read by Cloud
 * Monitoring's own address, which gcloud only knows since 2025; `policies` are the names of the alert policies.
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
  const filter = `state="OPEN" AND metric.labels.deployed_model_id="@" AND (${policies.map((name) => `policy.name="${name}"`).join(' OR ')})`;
  return shiftCommand({
    endpointName: endpoint,
    shares: variants.map(({ plan, deploymentId }) => ({
      variant: plan.variant.name,
      weight: plan.weight,
      deployment: deploymentId,
    })),
    watchSeconds: WATCH_SECONDS,
    calls: {
      // The answer is ID=PERCENT;ID=PERCENT.
      weights: `gcloud ai endpoints describe ${where} --format="value(trafficSplit)" | tr ";=" "\\n:"`,
      // A deployment without traffic is left out.
      move: `gcloud ai endpoints update ${where} --quiet --traffic-split="$(printf "%s\\n" "$@" | sed "/:0$/d" | tr ":" "=" | paste -s -d , -)"`,
      alarms: policies.length
        ? [
            'RINGING=$(curl --fail-with-body --silent --show-error --get',
            '--header "Authorization: Bearer $(gcloud auth print-access-token)"',
            `--data-urlencode "filter=$(echo '${filter}' | sed "s/@/$(nameOf "$VARIANT")/")"`,
            `--data-urlencode "fields=alerts(name,policy.displayName)"`,
            `"https://monitoring.googleapis.com/v3/projects/${project}/alerts") || return 1;`,
            'case "$RINGING" in *\\"alerts\\"*) echo "$RINGING" | tr -d "\\n" ;; esac',
          ].join(' ')
        : undefined,
    },
  });
}
