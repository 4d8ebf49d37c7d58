import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { text } from '../../../terraform/text';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';

export interface EndpointAlarmProps {
  readonly alarms?: core.AlarmProps;
  readonly alarmActionGroupIds?: string[];
  /** The Log Analytics workspace that has the endpoint's traffic. */
  readonly logsId: string;
}

export interface EndpointAlarms {
  readonly alarms: MonitorScheduledQueryRulesAlertV2[];
  readonly group?: MonitorActionGroup;
}

const TRAFFIC = 'AmlOnlineEndpointTrafficLog';

/** The alarms that were asked for, over the log of requests. Nobody asking is no failure: no rows, no alarm. */
export function endpointAlarms(scope: Construct, props: EndpointAlarmProps): EndpointAlarms {
  const { p99LatencyMs, errorPercent, notify = [] } = props.alarms ?? {};
  const group = notify.length ? mailed(scope, notify) : undefined;
  const actionGroups = [...(group ? [group.id] : []), ...text(props.alarmActionGroupIds ?? [])];
  const alarm = (id: string, query: string, threshold: number, displayName: string) => {
    const holder = new Construct(scope, id);
    return new MonitorScheduledQueryRulesAlertV2(holder, 'Alert', {
      ...homeOf(scope),
      name: nameOf(holder, { maxLength: 100 }),
      displayName,
      scopes: [props.logsId],
      severity: 2,
      evaluationFrequency: 'PT5M',
      windowDuration: 'PT5M',
      // The table comes with the first request.
      skipQueryValidation: true,
      criteria: [
        {
          query: `${TRAFFIC} | ${query}`,
          metricMeasureColumn: 'value',
          timeAggregationMethod: 'Maximum',
          operator: 'GreaterThan',
          threshold,
        },
      ],
      action: actionGroups.length ? { actionGroups } : undefined,
    });
  };
  return {
    group,
    alarms: [
      ...(p99LatencyMs === undefined
        ? []
        : [
            alarm(
              'LatencyAlarm',
              'summarize value = percentile(TotalDurationMs, 99)',
              p99LatencyMs,
              `One of 100 requests took longer than ${p99LatencyMs} ms`,
            ),
          ]),
      ...(errorPercent === undefined
        ? []
        : [
            alarm(
              'ErrorAlarm',
              'summarize value = 100.0 * countif(toint(ResponseCode) >= 500) / count()',
              errorPercent,
              `More than ${errorPercent} percent of the requests failed`,
            ),
          ]),
    ],
  };
}

function mailed(scope: Construct, notify: string[]): MonitorActionGroup {
  return new MonitorActionGroup(scope, 'ActionGroup', {
    resourceGroupName: homeOf(scope).resourceGroupName,
    name: nameOf(scope, { maxLength: 60 }),
    shortName: 'ml-endpoint',
    emailReceiver: notify.map((address, i) => ({
      name: `email-${i}`,
      emailAddress: text(address),
      useCommonAlertSchema: true,
    })),
  });
}
