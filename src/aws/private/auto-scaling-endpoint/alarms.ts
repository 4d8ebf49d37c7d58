import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';

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
 * connections, which have no status, and also the requests that the model rejects (4XX): those are the caller's.
 */
function failedPercent(source: MetricSource): cloudwatch.MathExpression {
  const sum = (metricName: string) => requestMetric(source, metricName, { statistic: 'Sum', period: PERIOD });
  return new cloudwatch.MathExpression({
    label: 'Failed requests in percent',
    expression: '100 * IF(broken - rejected > failed, broken - rejected, failed) / requests',
    usingMetrics: {
      requests: sum('Invocations'),
      failed: sum('Invocation5XXErrors'),
      broken: sum('InvocationModelErrors'),
      rejected: sum('Invocation4XXErrors'),
    },
    period: PERIOD,
  });
}
