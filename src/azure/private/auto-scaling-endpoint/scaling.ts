import {
  MonitorAutoscaleSetting,
  MonitorAutoscaleSettingProfileRule,
} from '@cdktf/provider-azurerm/lib/monitor-autoscale-setting';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { intentsOf, judgeIntents, VariantMachine } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { isToken } from '../../../core/private/tokens';
import { numberValue } from '../../../terraform/deploy-parameter';
import { homeOf } from '../resource-group';

/** What Azure Monitor can scale by. */
export const INTENTS = ['requestsPerMinutePerInstance', 'cpuPercent', 'gpuPercent'] as const;
type Intent = (typeof INTENTS)[number];

/** Judges how variants scale. A size that only deployment knows may have GPUs. */
export const judgeScaling = (
  scaling: core.ScalingProps | undefined,
  machines: VariantMachine[],
  faults: Faults,
): void =>
  judgeIntents(
    scaling,
    { title: 'Azure ML', measured: INTENTS },
    machines.filter(({ choice }) => !isToken(choice?.type)),
    faults,
  );

export interface ScalingOptions {
  readonly endpointId: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  /** Of the setting: changes with the deployment, so that the new one can stand before the old one goes. */
  readonly name: string;
  readonly scaling: core.ScalingProps;
}

/**
 * Scales a deployment by Azure Monitor: for each intent a rule that adds a machine above the target and one that takes
 * one away well below it. One more machine is added if any rule says so, one taken away if all do.
 */
export function scaleDeployment(scope: Construct, options: ScalingOptions): MonitorAutoscaleSetting {
  const { scaling } = options;
  const minimum = numberValue(scope, scaling.minInstances ?? 1);
  return new MonitorAutoscaleSetting(scope, 'Autoscale', {
    ...homeOf(scope),
    name: options.name,
    targetResourceId: options.deploymentId,
    profile: [
      {
        name: 'load',
        capacity: { minimum, default: minimum, maximum: numberValue(scope, scaling.maxInstances!) },
        rule: intentsOf(scaling, INTENTS).flatMap((intent) =>
          pair(MEASURES[intent](options), scaling[intent]!),
        ),
      },
    ],
  });
}

type Trigger = Pick<
  MonitorAutoscaleSettingProfileRule['metricTrigger'],
  'metricName' | 'metricResourceId' | 'divideByInstanceCount' | 'dimensions'
>;

/** Well below: a machine fewer must not bring the others above the target. */
const FEWER_BELOW = 0.5;

function pair(trigger: Trigger, target: number): MonitorAutoscaleSettingProfileRule[] {
  const rule = (
    operator: string,
    threshold: number,
    direction: string,
    window: string,
  ): MonitorAutoscaleSettingProfileRule => ({
    metricTrigger: {
      ...trigger,
      operator,
      threshold,
      statistic: 'Average',
      timeAggregation: 'Average',
      timeGrain: 'PT1M',
      timeWindow: window,
    },
    scaleAction: { direction, type: 'ChangeCount', value: 1, cooldown: window },
  });
  return [
    rule('GreaterThan', target, 'Increase', 'PT5M'),
    rule('LessThan', target * FEWER_BELOW, 'Decrease', 'PT15M'),
  ];
}

const MEASURES: Record<Intent, (options: ScalingOptions) => Trigger> = {
  requestsPerMinutePerInstance: ({ endpointId, deploymentName }) => ({
    // Only the endpoint counts requests, by deployment.
    metricName: 'RequestsPerMinute',
    metricResourceId: endpointId,
    divideByInstanceCount: true,
    dimensions: [{ name: 'deployment', operator: 'Equals', values: [deploymentName] }],
  }),
  cpuPercent: ({ deploymentId }) => ({
    metricName: 'CpuUtilizationPercentage',
    metricResourceId: deploymentId,
  }),
  gpuPercent: ({ deploymentId }) => ({
    metricName: 'GpuUtilizationPercentage',
    metricResourceId: deploymentId,
  }),
};
