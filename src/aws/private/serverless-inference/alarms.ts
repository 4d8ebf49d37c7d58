import {
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
  Duration,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { toldTopics } from '../notifications';

/** Where an engine counts what alarms watch. */
export interface ServingMetrics {
  readonly namespace: string;
  readonly dimensions: { [name: string]: string };
  readonly latency: { readonly metricName: string; readonly perMillisecond: number };
  /** What failed because of the container or the service, as summands. */
  readonly failed: string[];
  /** What was asked for, as summands. */
  readonly asked: string[];
  /** What says how many instances there are, and what it says at the maximum. */
  readonly instances: {
    readonly metricName: string;
    readonly dimensions: { [name: string]: string };
    readonly most: number;
  };
}

export interface ServingAlarmProps {
  readonly alarms?: core.AlarmProps;
  readonly encryptionKey?: core.IEncryptionKey;
}

export interface ServingAlarms {
  readonly alarms: cloudwatch.Alarm[];
  readonly topic?: sns.Topic;
}

const PERIOD = Duration.minutes(5);

/** The alarms that were asked for. Nobody asking is no failure: a period without requests is quiet. */
export function servingAlarms(
  scope: Construct,
  metrics: ServingMetrics,
  props: ServingAlarmProps,
): ServingAlarms {
  const { p99LatencyMs, errorPercent, atMaximumMinutes } = props.alarms ?? {};
  const made: cloudwatch.Alarm[] = [];
  const alarm = (
    id: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    alarmDescription: string,
    own: Partial<cloudwatch.AlarmProps> = {},
  ) =>
    made.push(
      new cloudwatch.Alarm(scope, id, {
        metric,
        threshold,
        alarmDescription,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        ...own,
      }),
    );
  if (p99LatencyMs !== undefined) {
    const { metricName, perMillisecond } = metrics.latency;
    alarm(
      'LatencyAlarm',
      metricOf(metrics, metricName, 'p99'),
      p99LatencyMs * perMillisecond,
      `One of 100 requests took longer than ${p99LatencyMs} ms`,
    );
  }
  if (errorPercent !== undefined) {
    alarm(
      'ErrorAlarm',
      errorRate(metrics),
      errorPercent,
      `More than ${errorPercent} % of the requests failed`,
    );
  }
  if (atMaximumMinutes !== undefined) {
    const { metricName, dimensions, most } = metrics.instances;
    alarm(
      'AtMaximumAlarm',
      new cloudwatch.Metric({
        namespace: metrics.namespace,
        metricName,
        dimensionsMap: dimensions,
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      most,
      `As many instances as maxInstances allows, in each of ${atMaximumMinutes} minutes`,
      {
        evaluationPeriods: atMaximumMinutes,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      },
    );
  }
  const { topic, topics } = toldTopics(scope, 'Alarms', props.alarms, props.encryptionKey);
  made.forEach((one) => topics.forEach((to) => one.addAlarmAction(new actions.SnsAction(to))));
  return { alarms: made, topic };
}

const metricOf = ({ namespace, dimensions }: ServingMetrics, metricName: string, statistic: string) =>
  new cloudwatch.Metric({ namespace, metricName, dimensionsMap: dimensions, statistic, period: PERIOD });

function errorRate(metrics: ServingMetrics): cloudwatch.MathExpression {
  const id = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
  const sum = (names: string[]) => names.map((name) => `FILL(${id(name)}, 0)`).join(' + ');
  const names = [...new Set([...metrics.failed, ...metrics.asked])];
  return new cloudwatch.MathExpression({
    expression: `IF((${sum(metrics.asked)}) > 0, 100 * (${sum(metrics.failed)}) / (${sum(metrics.asked)}), 0)`,
    usingMetrics: Object.fromEntries(names.map((name) => [id(name), metricOf(metrics, name, 'Sum')])),
    label: 'Failed requests in percent',
    period: PERIOD,
  });
}
