import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { intentsOf, judgeIntents, VariantMachine } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { numberValue } from '../../../terraform/deploy-parameter';

/** What Vertex AI measures for each intent. */
const METRICS = {
  requestsPerMinutePerInstance: 'request_count',
  cpuPercent: 'cpu/utilization',
  gpuPercent: 'accelerator/duty_cycle',
} as const;
type Intent = keyof typeof METRICS;
const INTENTS = Object.keys(METRICS) as Intent[];

/** Judges how variants scale. */
export function judgeScaling(
  scaling: core.ScalingProps = {},
  machines: VariantMachine[],
  faults: Faults,
): void {
  judgeIntents(
    scaling,
    { title: 'Vertex AI', measured: INTENTS, wayOut: 'or take EndpointEngine.cloudRun()' },
    machines,
    faults,
  );
  for (const intent of intentsOf(scaling, INTENTS)) {
    const target = scaling[intent]!;
    if (!isToken(target) && !Number.isInteger(target)) {
      faults.add(
        'CMC-004',
        `scaling.${intent}`,
        `(${target}) must be a whole number: Vertex AI takes no other`,
      );
    }
  }
}

/** Replicas as Vertex AI's API takes them. */
export function replicas(scope: IConstruct, scaling: core.ScalingProps = {}) {
  const min = scaling.minInstances ?? 1;
  const specs = intentsOf(scaling, INTENTS).map((intent) => ({
    metricName: `aiplatform.googleapis.com/prediction/online/${METRICS[intent]}`,
    target: scaling[intent],
  }));
  return {
    minReplicaCount: numberValue(scope, min),
    maxReplicaCount: numberValue(scope, scaling.maxInstances ?? min),
    ...(specs.length && { autoscalingMetricSpecs: specs }),
  };
}
