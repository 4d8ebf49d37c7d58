import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { Faults } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
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

const intentsOf = (scaling: core.ScalingProps): Intent[] =>
  INTENTS.filter((intent) => scaling[intent] !== undefined);

/** Judges how variants scale; `machines` stand by the prop that chose them. */
export function judgeScaling(
  scaling: core.ScalingProps = {},
  machines: { readonly at: string; readonly choice: MachineChoice }[],
  faults: Faults,
): void {
  const { minInstances: min = 1, maxInstances: max } = scaling;
  const intents = intentsOf(scaling);
  if (scaling.concurrentRequestsPerInstance !== undefined) {
    faults.add(
      'CMC-040',
      'scaling.concurrentRequestsPerInstance',
      'is nothing that Vertex AI measures: scale by requestsPerMinutePerInstance, cpuPercent or gpuPercent',
    );
  }
  for (const [prop, count] of Object.entries({ minInstances: min, maxInstances: max })) {
    if (core.DeployParameter.isDeployParameter(count) && !(count as core.DeployParameter).isNumber) {
      faults.add('CMC-003', `scaling.${prop}`, 'is a text; it must be a number: DeployParameter.ofNumber()');
    }
  }
  const known = [min, max ?? min].every((count) => typeof count === 'number' && !isToken(count));
  const reach = known ? Number(max ?? min) - Number(min) : 1;
  if (reach < 0) {
    faults.add('CMC-031', 'scaling.maxInstances', `(${max}) must be at least scaling.minInstances (${min})`);
  } else if (intents.length && (max === undefined || reach === 0)) {
    faults.add(
      'CMC-009',
      `scaling.${intents[0]}`,
      `needs scaling.maxInstances above scaling.minInstances${known ? ` (${min})` : ''}, else there is nothing to scale`,
    );
  } else if (
    !intents.length &&
    scaling.concurrentRequestsPerInstance === undefined &&
    max !== undefined &&
    reach > 0
  ) {
    faults.add(
      'CMC-009',
      'scaling.maxInstances',
      `needs to know what to scale by: give one of ${INTENTS.join(', ')}`,
    );
  }
  for (const intent of intents) {
    const target = scaling[intent]!;
    if (!isToken(target) && !Number.isInteger(target)) {
      faults.add(
        'CMC-004',
        `scaling.${intent}`,
        `(${target}) must be a whole number: Vertex AI takes no other`,
      );
    }
  }
  for (const { at, choice } of intents.includes('gpuPercent') ? machines : []) {
    if (!choice.machine) {
      faults.add(
        'CMC-009',
        'scaling.gpuPercent',
        `needs accelerators, and ${choice.type} (${at}) has none that the catalog knows: give accelerators, or scale by cpuPercent`,
      );
    }
  }
}

/** Replicas as Vertex AI's API takes them. */
export function replicas(scope: IConstruct, scaling: core.ScalingProps = {}) {
  const min = scaling.minInstances ?? 1;
  const specs = intentsOf(scaling).map((intent) => ({
    metricName: `aiplatform.googleapis.com/prediction/online/${METRICS[intent]}`,
    target: scaling[intent],
  }));
  return {
    minReplicaCount: numberValue(scope, min),
    maxReplicaCount: numberValue(scope, scaling.maxInstances ?? min),
    ...(specs.length && { autoscalingMetricSpecs: specs }),
  };
}
