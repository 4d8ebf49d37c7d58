import {
  MonitoringAlertPolicy,
  MonitoringAlertPolicyConditionsConditionThreshold,
} from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Op, Token } from 'cdktf';
import { Construct } from 'constructs';
import { apis } from './apis';
import { toldChannels } from './notifications';
import * as core from '../../core';
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
  /** How many instances there are. */
  readonly instances: string;
  /** The labels whose values have a maximum each. */
  readonly eachOfInstances: string[];
  /** How many instances there should be; undefined where the service does not say. */
  readonly instancesWanted?: string;
}

export interface ServingAlarmProps {
  readonly alarms?: core.EndpointAlarmProps;
  /** Instances at most. */
  readonly most: number;
}

export interface ServingAlarms {
  readonly alarms: MonitoringAlertPolicy[];
  /** Those of them that may mean a bad release. */
  readonly ofRelease: MonitoringAlertPolicy[];
  readonly channels: MonitoringNotificationChannel[];
}

const PERIOD = '300s';
/** How long machines may be missing: a container starts in that time. */
const MISSING_MINUTES = 30;

type Threshold = Omit<
  MonitoringAlertPolicyConditionsConditionThreshold,
  'comparison' | 'duration' | 'aggregations'
> &
  Pick<MonitoringAlertPolicyConditionsConditionThreshold, 'aggregations'> & {
    readonly minutes?: number;
    readonly below?: boolean;
  };

/** An alert policy that compares a number; a period without data is quiet. */
export function thresholdAlarm(
  scope: Construct,
  id: string,
  displayName: string,
  notificationChannels: string[],
  { minutes = 0, below = false, ...threshold }: Threshold,
): MonitoringAlertPolicy {
  return new MonitoringAlertPolicy(scope, id, {
    displayName: text(`${displayName}: ${scope.node.path}`),
    combiner: 'OR',
    conditions: [
      {
        displayName,
        conditionThreshold: {
          ...threshold,
          comparison: below ? 'COMPARISON_LT' : 'COMPARISON_GT',
          duration: `${minutes * 60}s`,
          trigger: { count: 1 },
        },
      },
    ],
    alertStrategy: { autoClose: '1800s' },
    notificationChannels: notificationChannels.length ? notificationChannels : undefined,
    dependsOn: apis(scope, 'monitoring'),
  });
}

/** The alarms that were asked for, and the channels that tell people. A period without requests is quiet. */
export function servingAlarms(
  scope: Construct,
  metrics: ServingMetrics,
  { alarms = {}, most }: ServingAlarmProps,
): ServingAlarms {
  const { p99LatencyMs, errorPercent, atMaximumMinutes, noCapacity } = alarms;
  const { channels, names } = toldChannels(scope, alarms);
  const aggregated = (perSeriesAligner: string, crossSeriesReducer: string) => [
    { alignmentPeriod: PERIOD, perSeriesAligner, crossSeriesReducer, groupByFields: metrics.each },
  ];
  const counted = (alignmentPeriod: string) => [
    {
      alignmentPeriod,
      perSeriesAligner: 'ALIGN_MEAN',
      crossSeriesReducer: 'REDUCE_SUM',
      groupByFields: metrics.eachOfInstances,
    },
  ];
  const asked = {
    LatencyAlarm: p99LatencyMs !== undefined && {
      title: `One of 100 requests took longer than ${p99LatencyMs} ms`,
      filter: metrics.latency,
      aggregations: aggregated('ALIGN_DELTA', 'REDUCE_PERCENTILE_99'),
      thresholdValue: p99LatencyMs,
    },
    ErrorAlarm: errorPercent !== undefined && {
      title: `More than ${errorPercent} % of the requests failed`,
      filter: metrics.failed,
      aggregations: aggregated('ALIGN_RATE', 'REDUCE_SUM'),
      denominatorFilter: metrics.asked,
      denominatorAggregations: aggregated('ALIGN_RATE', 'REDUCE_SUM'),
      thresholdValue: errorPercent / 100,
    },
    AtMaximumAlarm: atMaximumMinutes !== undefined && {
      title: `As many instances as scaling allows, for ${atMaximumMinutes} minutes`,
      filter: metrics.instances,
      aggregations: counted('60s'),
      thresholdValue: justBelow(most),
      minutes: atMaximumMinutes,
    },
    NoCapacityAlarm: noCapacity === true && {
      title: `Fewer instances than scaling asked for, for ${MISSING_MINUTES} minutes`,
      filter: metrics.instances,
      aggregations: counted(PERIOD),
      denominatorFilter: metrics.instancesWanted,
      denominatorAggregations: counted(PERIOD),
      thresholdValue: 0.999,
      below: true,
      minutes: MISSING_MINUTES,
    },
  };
  const made = Object.entries(asked).flatMap(([id, alarm]) => {
    if (!alarm) {
      return [];
    }
    const { title, ...threshold } = alarm;
    return [thresholdAlarm(scope, id, title, names, threshold)];
  });
  return {
    channels,
    alarms: made,
    ofRelease: made.filter(({ node }) => ['LatencyAlarm', 'ErrorAlarm'].includes(node.id)),
  };
}

/** Alert policies have no "at least". */
const justBelow = (count: number): number =>
  isToken(count) ? Token.asNumber(Op.sub(count, 0.5)) : count - 0.5;
