import {
  MonitorAutoscaleSetting,
  MonitorAutoscaleSettingProfileRule,
} from '@cdktf/provider-azurerm/lib/monitor-autoscale-setting';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { Faults } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { isToken } from '../../../core/private/tokens';
import { numberValue } from '../../../terraform/deploy-parameter';
import { homeOf } from '../resource-group';

/** What Azure Monitor can scale by. */
const INTENTS = ['requestsPerMinutePerInstance', 'cpuPercent', 'gpuPercent'] as const;
type Intent = (typeof INTENTS)[number];

/** What makes machines more or fewer. */
export const intentsOf = (scaling: core.ScalingProps = {}): Intent[] =>
  INTENTS.filter((intent) => scaling[intent] !== undefined);

/** Judges how variants scale. */
export function judgeScaling(
  scaling: core.ScalingProps = {},
  machines: MachineChoice[],
  faults: Faults,
): void {
  const { minInstances: min = 1, maxInstances: max } = scaling;
  for (const [prop, count] of Object.entries({ minInstances: min, maxInstances: max })) {
    if (core.DeployParameter.isDeployParameter(count) && !(count as core.DeployParameter).isNumber) {
      faults.add('CMC-003', `scaling.${prop}`, 'must be made by DeployParameter.ofNumber()');
    }
  }
  const intents = intentsOf(scaling);
  const known = [min, max ?? min].every((count) => typeof count === 'number' && !isToken(count));
  const reach = known ? Number(max ?? min) - Number(min) : 1;
  if (reach < 0) {
    faults.add('CMC-031', 'scaling.maxInstances', `(${max}) must be at least scaling.minInstances (${min})`);
  } else if (intents.length && (max === undefined || reach === 0)) {
    faults.add(
      'CMC-009',
      `scaling.${intents[0]}`,
      'needs scaling.maxInstances above scaling.minInstances, else there is nothing to scale',
    );
  } else if (
    !intents.length &&
    max !== undefined &&
    reach > 0 &&
    scaling.concurrentRequestsPerInstance === undefined
  ) {
    faults.add(
      'CMC-009',
      'scaling.maxInstances',
      `needs to know what to scale by: give one of ${INTENTS.join(', ')}`,
    );
  }
  if (intents.includes('gpuPercent') && machines.some(({ type, machine }) => !machine && !isToken(type))) {
    faults.add(
      'CMC-009',
      'scaling.gpuPercent',
      'needs accelerators: give accelerators, or scale by cpuPercent',
    );
  }
}

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
        rule: intentsOf(scaling).flatMap((intent) => pair(MEASURES[intent](options), scaling[intent]!)),
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
