import { aws_applicationautoscaling as autoscaling } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { intentsOf, judgeIntents, ScalingIntent, VariantMachine } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { numberValue } from '../deploy-parameter';

/** What SageMaker measures: all of them. */
export const INTENTS: ScalingIntent[] = [
  'requestsPerMinutePerInstance',
  'concurrentRequestsPerInstance',
  'cpuPercent',
  'gpuPercent',
];

/** Judges how variants scale. */
export function judgeScaling(
  scaling: core.ScalingProps | undefined,
  machines: VariantMachine[],
  faults: Faults,
): void {
  judgeIntents(scaling, { title: 'SageMaker', measured: INTENTS }, machines, faults);
  const intents = intentsOf(scaling, INTENTS);
  for (const { at, choice } of machines) {
    if (!choice) {
      continue;
    }
    if (intents.length && /^ml\.t\d/.test(choice.type)) {
      faults.add(
        'CMC-040',
        at,
        `(${choice.type}) is burstable; SageMaker does not scale such machines: take ml.m5.large, or leave scaling.${intents[0]} out`,
      );
    }
    if (intents.includes('gpuPercent') && choice.machine?.aws?.neuronCores) {
      faults.add(
        'CMC-040',
        'scaling.gpuPercent',
        `${choice.type} has ${choice.machine.accelerator}, whose use SageMaker does not measure: scale by concurrentRequestsPerInstance`,
      );
    }
    if (intents.includes('cpuPercent') && vcpusOf(choice) === undefined) {
      faults.add(
        'CMC-009',
        'scaling.cpuPercent',
        `needs a machine whose processors can be counted, which ${show(choice.type)} (${at}) is not: scale by another measure`,
      );
    }
  }
}

/** GPUs of a machine; SageMaker measures no Neuron devices. */
const gpusOf = ({ machine }: MachineChoice): number | undefined =>
  machine && !machine.aws?.neuronCores ? machine.count : undefined;

/** Processors of a machine: from the catalog, else from the size in its name. */
function vcpusOf({ type, machine }: MachineChoice): number | undefined {
  const [, count, size] = /^ml\.[a-z0-9-]+\.(\d*)(x?large|medium)$/.exec(type) ?? [];
  const bySize = { xlarge: 4 * Number(count || 1), large: 2, medium: 2 } as Record<string, number>;
  return machine?.vcpu ?? IRREGULAR[type] ?? bySize[size];
}
const IRREGULAR: Record<string, number> = { 'ml.c4.8xlarge': 36 };

export interface ScalingOptions {
  readonly endpointName: string;
  readonly variant: string;
  readonly scaling: core.ScalingProps;
  readonly machine: MachineChoice;
}

/** Scales a variant: a scalable target with one policy per intent. The largest count that a policy asks for holds. */
export function scaleVariant(scope: Construct, options: ScalingOptions): autoscaling.CfnScalableTarget {
  const { endpointName, variant, scaling } = options;
  const target = new autoscaling.CfnScalableTarget(scope, 'ScalableTarget', {
    serviceNamespace: 'sagemaker',
    scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
    resourceId: `endpoint/${endpointName}/variant/${variant}`,
    minCapacity: numberValue(scope, scaling.minInstances ?? 1),
    maxCapacity: numberValue(scope, scaling.maxInstances!),
  });
  for (const intent of intentsOf(scaling, INTENTS)) {
    new autoscaling.CfnScalingPolicy(scope, `Policy-${intent}`, {
      policyName: intent,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        ...MEASURES[intent](options),
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
      },
    });
  }
  return target;
}

type Measure = (
  options: ScalingOptions,
) => autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty;

const predefined = (predefinedMetricType: string, targetValue: number) => ({
  targetValue,
  predefinedMetricSpecification: { predefinedMetricType },
});

/** SageMaker adds up the percents of all devices of a machine. */
const utilization = (
  metricName: string,
  percent: number,
  devices: number,
  { endpointName, variant }: ScalingOptions,
) => ({
  targetValue: percent * devices,
  customizedMetricSpecification: {
    namespace: '/aws/sagemaker/Endpoints',
    metricName,
    statistic: 'Average',
    dimensions: [
      { name: 'EndpointName', value: endpointName },
      { name: 'VariantName', value: variant },
    ],
  },
});

const MEASURES: Record<ScalingIntent, Measure> = {
  requestsPerMinutePerInstance: ({ scaling }) =>
    predefined('SageMakerVariantInvocationsPerInstance', scaling.requestsPerMinutePerInstance!),
  concurrentRequestsPerInstance: ({ scaling }) =>
    predefined(
      'SageMakerVariantConcurrentRequestsPerModelHighResolution',
      scaling.concurrentRequestsPerInstance!,
    ),
  cpuPercent: (options) =>
    utilization('CPUUtilization', options.scaling.cpuPercent!, vcpusOf(options.machine)!, options),
  gpuPercent: (options) =>
    utilization('GPUUtilization', options.scaling.gpuPercent!, gpusOf(options.machine)!, options),
};
