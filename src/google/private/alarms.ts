import {
  MonitoringAlertPolicy,
  MonitoringAlertPolicyConditionsConditionThreshold,
} from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';
import { apis } from './apis';
import * as core from '../../core';
import { judgeTold } from '../../core/private/alarms';
import { Faults } from '../../core/private/faults';
import { list, required, Rule, text as aText } from '../../core/private/schema';
import { isToken } from '../../core/private/tokens';
import { text } from '../../terraform/text';

/** What alarms watch, as filters of Cloud Monitoring. */
export interface ServingMetrics {
  /** Milliseconds, a distribution. */
  readonly latency: string;
  /** Requests that failed because of the container or the service. */
  readonly failed: string;
  /** All requests. */
  readonly asked: string;
  /** The labels whose values are watched each by itself. */
  readonly each?: string[];
}

export interface ServingAlarmProps {
  readonly alarms?: core.AlarmProps;
  readonly alarmChannels?: string[];
}

export interface ServingAlarms {
  readonly alarms: MonitoringAlertPolicy[];
  readonly channels: MonitoringNotificationChannel[];
}

export const alarmChannelsRule: Rule = list(
  required(
    aText({
      pattern: /^projects\/[^/]+\/notificationChannels\/[^/]+$/,
      means: 'projects/…/notificationChannels/…',
    }),
  ),
  { unique: 'itself' },
);

/** Somebody to tell needs something to watch. */
export const judgeAlarms = ({ alarms, alarmChannels }: ServingAlarmProps, faults: Faults): void =>
  judgeTold(alarms, { 'alarms.notify': alarms?.notify, alarmChannels }, faults);

const PERIOD = '300s';

/** Channels that mail people; `purpose` stands in the console before their addresses. */
export function mailChannels(
  scope: Construct,
  addresses: string[],
  purpose = '',
): MonitoringNotificationChannel[] {
  const dependsOn = apis(scope, 'monitoring');
  return addresses.map(
    (address, i) =>
      new MonitoringNotificationChannel(scope, isToken(address) ? `Mail${i}` : `Mail-${address}`, {
        displayName: `${purpose}${text(address)}`,
        type: 'email',
        labels: { email_address: text(address) },
        dependsOn,
      }),
  );
}

/** The alarms that were asked for, and the channels that mail people. A period without requests is quiet. */
export function servingAlarms(
  scope: Construct,
  metrics: ServingMetrics,
  { alarms = {}, alarmChannels = [] }: ServingAlarmProps,
): ServingAlarms {
  const { p99LatencyMs, errorPercent, notify = [] } = alarms;
  if (p99LatencyMs === undefined && errorPercent === undefined) {
    return { alarms: [], channels: [] };
  }
  const dependsOn = apis(scope, 'monitoring');
  const channels = mailChannels(scope, notify);
  const notificationChannels = [...channels.map(({ name }) => name), ...text(alarmChannels)];
  const alarm = (
    id: string,
    displayName: string,
    threshold: Omit<MonitoringAlertPolicyConditionsConditionThreshold, 'comparison' | 'duration'>,
  ) =>
    new MonitoringAlertPolicy(scope, id, {
      displayName: text(`${displayName}: ${scope.node.path}`),
      combiner: 'OR',
      conditions: [
        {
          displayName,
          conditionThreshold: {
            ...threshold,
            comparison: 'COMPARISON_GT',
            duration: '0s',
            trigger: { count: 1 },
          },
        },
      ],
      alertStrategy: { autoClose: '1800s' },
      notificationChannels: notificationChannels.length ? notificationChannels : undefined,
      dependsOn,
    });
  const aggregated = (perSeriesAligner: string, crossSeriesReducer: string) => [
    { alignmentPeriod: PERIOD, perSeriesAligner, crossSeriesReducer, groupByFields: metrics.each },
  ];
  return {
    channels,
    alarms: [
      ...(p99LatencyMs === undefined
        ? []
        : [
            alarm('LatencyAlarm', `One of 100 requests took longer than ${p99LatencyMs} ms`, {
              filter: metrics.latency,
              aggregations: aggregated('ALIGN_DELTA', 'REDUCE_PERCENTILE_99'),
              thresholdValue: p99LatencyMs,
            }),
          ]),
      ...(errorPercent === undefined
        ? []
        : [
            alarm('ErrorAlarm', `More than ${errorPercent} % of the requests failed`, {
              filter: metrics.failed,
              aggregations: aggregated('ALIGN_RATE', 'REDUCE_SUM'),
              denominatorFilter: metrics.asked,
              denominatorAggregations: aggregated('ALIGN_RATE', 'REDUCE_SUM'),
              thresholdValue: errorPercent / 100,
            }),
          ]),
    ],
  };
}
