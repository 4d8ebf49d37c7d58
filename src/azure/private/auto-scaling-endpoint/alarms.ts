import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import type { Variant } from './variant';
import * as core from '../../../core';
import { sendLogs } from '../logs';
import { metricAlarm } from '../metric-alarm';
import { nameOf } from '../names';
import { toldGroups } from '../notifications';
import { homeOf } from '../resource-group';

export interface EndpointAlarmProps {
  readonly alarms?: core.EndpointAlarmProps;
  /** The Log Analytics workspace that has the endpoint's traffic. */
  readonly logsId: string;
  readonly variants: Variant[];
  /** Machines of a variant at most. */
  readonly most: number;
}

export interface EndpointAlarms {
  readonly alarms: TerraformResource[];
  /** The names of those that may mean a bad release. */
  readonly namesOfRelease: string[];
  readonly group?: MonitorActionGroup;
}

const TRAFFIC = 'AmlOnlineEndpointTrafficLog';
/** What Azure Monitor did to the number of machines. */
export const SCALE_ACTIONS = 'AutoscaleScaleActionsLog';

/** The alarms that were asked for. Nobody asking is no failure: no rows, no alarm. */
export function endpointAlarms(scope: Construct, props: EndpointAlarmProps): EndpointAlarms {
  const { alarms = {}, logsId, variants, most } = props;
  const { p99LatencyMs, errorPercent, atMaximumMinutes, noCapacity } = alarms;
  const { group, groupIds } = toldGroups(scope, 'ml-endpoint', alarms);
  const alarm = (id: string, query: string, threshold: number, displayName: string) => {
    const holder = new Construct(scope, id);
    return new MonitorScheduledQueryRulesAlertV2(holder, 'Alert', {
      ...homeOf(scope),
      name: nameOf(holder, { maxLength: 100 }),
      displayName,
      scopes: [logsId],
      severity: 2,
      evaluationFrequency: 'PT5M',
      windowDuration: 'PT5M',
      // The table comes with the first row.
      skipQueryValidation: true,
      criteria: [
        {
          query,
          metricMeasureColumn: 'value',
          timeAggregationMethod: 'Maximum',
          operator: 'GreaterThan',
          threshold,
        },
      ],
      action: groupIds.length ? { actionGroups: groupIds } : undefined,
    });
  };
  const ofRelease: MonitorScheduledQueryRulesAlertV2[] = [];
  const others: TerraformResource[] = [];
  if (p99LatencyMs !== undefined) {
    ofRelease.push(
      alarm(
        'LatencyAlarm',
        `${TRAFFIC} | summarize value = percentile(TotalDurationMs, 99)`,
        p99LatencyMs,
        `One of 100 requests took longer than ${p99LatencyMs} ms`,
      ),
    );
  }
  if (errorPercent !== undefined) {
    ofRelease.push(
      alarm(
        'ErrorAlarm',
        `${TRAFFIC} | summarize value = 100.0 * countif(toint(ResponseCode) >= 500) / count()`,
        errorPercent,
        `More than ${errorPercent} percent of the requests failed`,
      ),
    );
  }
  if (atMaximumMinutes !== undefined) {
    others.push(
      ...variants.map((variant) =>
        metricAlarm(variant, 'AtMaximumAlarm', {
          resourceId: variant.autoscale!.id,
          namespace: 'Microsoft.Insights/autoscalesettings',
          metric: 'ObservedCapacity',
          aggregation: 'Average',
          operator: 'GreaterThanOrEqual',
          threshold: most,
          minutes: atMaximumMinutes,
          description: `As many machines as scaling allows, for ${atMaximumMinutes} minutes`,
          groupIds,
        }),
      ),
    );
  }
  if (noCapacity) {
    variants.forEach((variant) =>
      sendLogs(variant, 'SendScaleActions', {
        resourceId: variant.autoscale!.id,
        workspaceId: logsId,
        logs: [{ category: 'AutoscaleScaleActions' }],
      }),
    );
    others.push(
      alarm(
        'NoCapacityAlarm',
        `${SCALE_ACTIONS} | where ResultType == "Failed" | summarize value = count()`,
        0,
        'Azure did not give the machines that scaling asked for, within 5 minutes',
      ),
    );
  }
  return {
    group,
    alarms: [...ofRelease, ...others],
    namesOfRelease: ofRelease.map(({ nameInput }) => nameInput!),
  };
}
