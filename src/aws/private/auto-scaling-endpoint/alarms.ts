import {
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
  Duration,
  aws_events as events,
  aws_s3 as s3,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import { AUTO_SCALING_ENDPOINT } from '../findings';
import { tell, toldTopics } from '../notifications';
import { explain } from '../suppressions';
import { bucketOf } from './config';
import type { Variant } from './variant';

/** Which requests a metric counts: those of a variant; with `endpointConfigName` only what runs that configuration. */
export interface MetricSource {
  readonly endpointName: string;
  readonly variant: string;
  readonly endpointConfigName?: string;
}

/** A metric of SageMaker's about requests. */
export function requestMetric(
  { endpointName, variant, endpointConfigName }: MetricSource,
  metricName: string,
  options: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/SageMaker',
    metricName,
    dimensionsMap: {
      EndpointName: endpointName,
      VariantName: variant,
      ...(endpointConfigName && { EndpointConfigName: endpointConfigName }),
    },
    ...options,
  });
}

/** The alarms that thresholds ask for. */
const KINDS = ['p99-latency', 'error-percent'] as const;

const asked = ({ p99LatencyMs, errorPercent }: core.AlarmProps = {}) =>
  KINDS.filter(
    (kind) => ({ 'p99-latency': p99LatencyMs, 'error-percent': errorPercent })[kind] !== undefined,
  );

/** How many alarms thresholds make for each variant. */
export const alarmsPerVariant = (alarms?: core.AlarmProps): number => asked(alarms).length;

/** Literal, so that the role which reads the alarms needs no reference to them. */
const nameOf = ({ endpointName, variant }: MetricSource, kind: string, rollout: boolean) =>
  `${endpointName}-${variant}-${kind}${rollout ? '-rollout' : ''}`;

/** The names of the alarms that watch a variant. */
export const alarmNames = (source: MetricSource, alarms?: core.AlarmProps): string[] =>
  asked(alarms).map((kind) => nameOf(source, kind, false));

/** The names of the alarms that take a variant's rollout back. */
export const rolloutAlarmNames = (source: MetricSource, alarms?: core.AlarmProps): string[] =>
  asked(alarms).map((kind) => nameOf(source, kind, true));

/** The alarms of a variant; with `endpointConfigName` those that take its rollout back. */
export function variantAlarms(
  scope: Construct,
  source: MetricSource,
  alarms?: core.AlarmProps,
): cloudwatch.Alarm[] {
  const rollout = source.endpointConfigName !== undefined;
  const who = `${source.endpointName}, variant ${source.variant}${rollout ? ', the configuration that a rollout brings' : ''}`;
  const alarm = (
    kind: string,
    props: Pick<cloudwatch.AlarmProps, 'metric' | 'threshold' | 'alarmDescription'>,
  ) =>
    new cloudwatch.Alarm(scope, rollout ? `Rollout-${kind}` : `Alarm-${kind}`, {
      ...props,
      alarmName: nameOf(source, kind, rollout),
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  const make = {
    'p99-latency': ({ p99LatencyMs: ms }: core.AlarmProps) => ({
      metric: requestMetric(source, 'ModelLatency', { statistic: 'p99', period: PERIOD }),
      // The service measures in microseconds.
      threshold: ms! * 1000,
      alarmDescription: `99 of 100 requests took longer than ${ms} ms in the model: ${who}`,
    }),
    'error-percent': ({ errorPercent: percent }: core.AlarmProps) => ({
      metric: failedPercent(source),
      threshold: percent!,
      alarmDescription: `More than ${percent} % of the requests failed: ${who}`,
    }),
  };
  return asked(alarms).map((kind) => alarm(kind, make[kind](alarms!)));
}

const PERIOD = Duration.minutes(5);

/**
 * Requests that failed because of the model or the service, in percent. Model errors count timeouts and broken
 * connections, which have no status, and also the requests that the model rejects (4XX): those are the caller's. A kind of
 * error that was not told is none: with a hole in one of them the whole expression would have no value.
 */
function failedPercent(source: MetricSource): cloudwatch.MathExpression {
  const sum = (metricName: string) => requestMetric(source, metricName, { statistic: 'Sum', period: PERIOD });
  const told = (id: string) => `FILL(${id}, 0)`;
  return new cloudwatch.MathExpression({
    label: 'Failed requests in percent',
    expression: `100 * IF(${told('broken')} - ${told('rejected')} > ${told('failed')}, ${told('broken')} - ${told('rejected')}, ${told('failed')}) / requests`,
    usingMetrics: {
      requests: sum('Invocations'),
      failed: sum('Invocation5XXErrors'),
      broken: sum('InvocationModelErrors'),
      rejected: sum('Invocation4XXErrors'),
    },
    period: PERIOD,
  });
}

/**
 * Whether a variant runs with as many machines as it can have. Each request counts as one by the one metric and as one
 * divided by the machines by the other; a minute without requests is no minute at the maximum.
 */
export function atMaximumAlarm(
  scope: Construct,
  source: MetricSource,
  { minutes, machines }: { readonly minutes: number; readonly machines: number },
): cloudwatch.Alarm {
  const period = Duration.minutes(1);
  const sum = (metricName: string) => requestMetric(source, metricName, { statistic: 'Sum', period });
  return new cloudwatch.Alarm(scope, 'Alarm-at-maximum', {
    alarmName: nameOf(source, 'at-maximum', false),
    alarmDescription: `As many machines as scaling allows, in each of ${minutes} minutes: ${source.endpointName}, variant ${source.variant}`,
    metric: new cloudwatch.MathExpression({
      label: 'Machines',
      expression: 'FLOOR(requests / shares + 0.5)',
      usingMetrics: { requests: sum('Invocations'), shares: sum('InvocationsPerInstance') },
      period,
    }),
    threshold: machines,
    evaluationPeriods: minutes,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}

/** Tells that SageMaker took back a change of the number of machines, or gave the endpoint up. */
function noCapacityRule(scope: Construct, endpointName: string, topics: sns.ITopic[]): events.Rule {
  const status = events.EventField.fromPath('$.detail.EndpointStatus');
  return new events.Rule(scope, 'NoCapacityRule', {
    description: `Machines that SageMaker did not give to ${endpointName}`,
    eventPattern: {
      source: ['aws.sagemaker'],
      detailType: ['SageMaker Endpoint State Change'],
      detail: { EndpointName: [endpointName], EndpointStatus: ['ROLLING_BACK', 'FAILED'] },
    },
    targets: tell(
      topics,
      `Endpoint ${endpointName} is ${status}: SageMaker did not give the machines that were asked for. FailureReason of aws sagemaker describe-endpoint says more.`,
    ),
  });
}

/** The requests of S3 that SageMaker makes to keep what was captured: nothing of its own counts them. */
function captureSilentAlarm(
  scope: Construct,
  capture: {
    readonly endpointName: string;
    readonly variants: string[];
    readonly bucket: s3.IBucket;
    readonly minutes: number;
  },
): cloudwatch.CompositeAlarm {
  const { endpointName, bucket, minutes } = capture;
  (bucket as s3.Bucket).addMetric({ id: endpointName, prefix: `${endpointName}/` });
  const alarm = (
    id: string,
    metric: cloudwatch.IMetric,
    comparisonOperator: cloudwatch.ComparisonOperator,
    treatMissingData: cloudwatch.TreatMissingData,
    alarmDescription: string,
  ) =>
    new cloudwatch.Alarm(scope, id, {
      metric,
      threshold: 0,
      comparisonOperator,
      evaluationPeriods: minutes / PERIOD.toMinutes(),
      treatMissingData,
      alarmDescription,
    });
  const requests = Object.fromEntries(
    capture.variants.map((variant, i) => [
      `r${i}`,
      requestMetric({ endpointName, variant }, 'Invocations', { statistic: 'Sum', period: PERIOD }),
    ]),
  );
  const requested = alarm(
    'Alarm-requested',
    new cloudwatch.MathExpression({
      label: 'Requests',
      expression: 'SUM(METRICS())',
      usingMetrics: requests,
      period: PERIOD,
    }),
    cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    cloudwatch.TreatMissingData.NOT_BREACHING,
    `Requests in every 5 of ${minutes} minutes: ${endpointName}`,
  );
  const silent = alarm(
    'Alarm-nothing-kept',
    new cloudwatch.Metric({
      namespace: 'AWS/S3',
      metricName: 'PutRequests',
      dimensionsMap: { BucketName: bucket.bucketName, FilterId: endpointName },
      statistic: 'Sum',
      period: PERIOD,
    }),
    cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    cloudwatch.TreatMissingData.BREACHING,
    `Nothing captured for ${minutes} minutes: ${endpointName}`,
  );
  [requested, silent].forEach((part) => explain(part, AUTO_SCALING_ENDPOINT.partOfAlarm));
  return new cloudwatch.CompositeAlarm(scope, 'Alarm-capture-silent', {
    compositeAlarmName: `${endpointName}-capture-silent`,
    alarmDescription: `Nothing of the requests was captured for ${minutes} minutes, though some came in every 5: ${endpointName}`,
    alarmRule: cloudwatch.AlarmRule.allOf(
      cloudwatch.AlarmRule.fromAlarm(requested, cloudwatch.AlarmState.ALARM),
      cloudwatch.AlarmRule.fromAlarm(silent, cloudwatch.AlarmState.ALARM),
    ),
  });
}

export interface EndpointAlarms {
  readonly alarms: cloudwatch.AlarmBase[];
  readonly noCapacityRule?: events.Rule;
  readonly topic?: sns.Topic;
}

/** Lets people be told of the variants, and of the endpoint as a whole. */
export function endpointAlarms(
  scope: Construct,
  { alarms, capture, encryptionKey }: AutoScalingEndpointProps,
  variants: Variant[],
): EndpointAlarms {
  const [{ source }] = variants;
  const { endpointName } = source;
  const minutes = alarms?.captureSilentMinutes;
  const silent =
    capture && minutes
      ? captureSilentAlarm(scope, {
          endpointName,
          variants: variants.map((one) => one.source.variant),
          bucket: bucketOf(capture),
          minutes,
        })
      : undefined;
  const made = [...variants.flatMap((one) => one.alarms), ...(silent ? [silent] : [])];
  const { topic, topics } = toldTopics(scope, 'Topic', alarms, encryptionKey);
  made.forEach((alarm) => alarm.addAlarmAction(...topics.map((to) => new actions.SnsAction(to))));
  return {
    topic,
    alarms: made,
    noCapacityRule: alarms?.noCapacity ? noCapacityRule(scope, endpointName, topics) : undefined,
  };
}
