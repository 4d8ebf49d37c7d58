import * as core from '../../../core';
import { nothingToShift, Share, shiftCommand, variantsOf } from '../../../core/private/shift';
import { groupOf, nameIn, subscriptionOf } from '../ids';

/** Sends the file `$REQUEST` with a token of who is signed in to the Azure CLI. */
export const invokeCommandOf = (url: string): string =>
  [
    'curl --fail-with-body',
    '--header "authorization: Bearer $(az account get-access-token --resource https://ml.azure.com --query accessToken --output tsv)"',
    `--header 'content-type: application/json' --data-binary "@$REQUEST" ${url}`,
  ].join(' ');

/** What an alarm looks at, twice, and what the log of requests is late. */
const WATCH_SECONDS = 900;

/**
 * Moves traffic to the variant `$VARIANT` in steps; without it back to the declared weights. `alarms` are the names of
 * the alert rules, which watch the endpoint as a whole: what fired before the first step is not counted.
 */
export function shiftCommandOf(
  endpointName: string,
  workspaceId: string,
  traffic: Share[],
  alarms: string[],
  version?: string | core.DeployParameter,
): string {
  if (traffic.length === 1) {
    return nothingToShift(endpointName, traffic[0].variant, version, '-var');
  }
  const subscription = subscriptionOf(workspaceId);
  const where = `--name ${endpointName} --workspace-name ${nameIn(workspaceId)} --resource-group ${groupOf(workspaceId)} --subscription ${subscription}`;
  const fired = alarms.map((name) => `contains(properties.essentials.alertRule, '${name}')`).join(' || ');
  return shiftCommand({
    endpointName,
    sharing: variantsOf(traffic),
    watchSeconds: WATCH_SECONDS,
    calls: {
      weights: `az ml online-endpoint show ${where} --query traffic --output json | tr -d "{}\\" \\n" | tr "," "\\n"`,
      move: `az ml online-endpoint update ${where} --traffic "$(echo "$@" | tr ":" "=")" --output none`,
      alarms: alarms.length
        ? [
            `az rest --method get --url "https://management.azure.com/subscriptions/${subscription}/providers/Microsoft.AlertsManagement/alerts"`,
            '--url-parameters api-version=2019-05-05-preview monitorCondition=Fired "customTimeRange=$SINCE/$(date -u +%Y-%m-%dT%H:%M:%SZ)"',
            `--query "value[?${fired}].name" --output tsv`,
          ].join(' ')
        : undefined,
    },
  });
}
