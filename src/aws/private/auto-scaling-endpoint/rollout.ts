import { aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { EndpointPlan } from './judge';
import * as core from '../../../core';
import { Faults } from '../../../core/private/faults';

/** Seconds that the old machines stay after a rollout, for requests under way. */
const TERMINATION_SECONDS = 300;
/** Seconds that a rollout all at once is watched: two periods of an alarm. */
const WATCH_SECONDS = 600;
/** What SageMaker allows at most. */
const LONGEST_SECONDS = 8 * 3600;
/** Alarms that one rollout can watch. */
const MOST_ALARMS = 10;

/** What a rollout is judged by. */
export interface RolloutQuestion {
  readonly rollout?: core.Rollout;
  /** A parameter cannot be judged. */
  readonly minInstances: number | core.DeployParameter;
  readonly machineTypes: string[];
  readonly alarms: number;
}

/** Judges a rollout by the limits of SageMaker's deployment guardrails. */
export function judgeRollout(
  { rollout, minInstances, machineTypes, alarms }: RolloutQuestion,
  faults: Faults,
): void {
  const refuse = (prop: string, message: string) => faults.add('CMC-032', prop, message);
  if (alarms > MOST_ALARMS) {
    refuse(
      'alarms',
      `make ${alarms} alarms over all variants; SageMaker watches at most ${MOST_ALARMS} during a rollout: give one threshold, or use fewer variants`,
    );
  }
  if (!rollout || rollout.kind === core.RolloutKind.ALL_AT_ONCE) {
    return;
  }
  const [percent, minutes] = [rollout.percent!, rollout.bakeMinutes!];
  const least = rollout.kind === core.RolloutKind.LINEAR ? 10 : 1;
  if (percent < least || percent > 50 || !Number.isInteger(percent)) {
    refuse(
      'rollout',
      `moves ${percent} percent; SageMaker's ${rollout.kind} takes whole percents from ${least} to 50`,
    );
  }
  if (minutes > 60) {
    refuse('rollout', `bakes ${minutes} minutes; SageMaker takes at most 60`);
  }
  const total = stepsOf(rollout) * minutes + TERMINATION_SECONDS / 60;
  if (total >= LONGEST_SECONDS / 60) {
    refuse(
      'rollout',
      `waits ${Math.round(total)} minutes over ${stepsOf(rollout)} steps; SageMaker ends a rollout after ${LONGEST_SECONDS / 60}: take larger steps or bake them shorter`,
    );
  }
  if (typeof minInstances === 'number' && minInstances < 2) {
    refuse(
      'scaling.minInstances',
      `(${minInstances}) must be at least 2: a ${rollout.kind} rollout moves at most half of the machines at first; or use Rollout.allAtOnce()`,
    );
  }
  if (machineTypes.some((type) => type.startsWith('ml.inf1.'))) {
    refuse(
      'rollout',
      `is ${rollout.kind}; SageMaker moves machines of the Inf1 family all at once without watching: use Inferentia2, or Rollout.allAtOnce()`,
    );
  }
  if (alarms === 0) {
    faults.add(
      'CMC-009',
      'rollout',
      `is ${rollout.kind} without alarms, so that SageMaker checks nothing between the steps: give alarms.p99LatencyMs or alarms.errorPercent`,
    );
  }
}

const stepsOf = ({ kind, percent }: core.Rollout): number =>
  kind === core.RolloutKind.LINEAR ? Math.ceil(100 / percent!) : 2;

/** How SageMaker replaces what runs. */
export function deploymentConfig(
  rollout = core.Rollout.allAtOnce(),
  alarmNames: string[],
): sagemaker.CfnEndpoint.DeploymentConfigProperty {
  const size = rollout.percent && { type: 'CAPACITY_PERCENT', value: rollout.percent };
  return {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: {
        ...{
          [core.RolloutKind.ALL_AT_ONCE]: { type: 'ALL_AT_ONCE' },
          [core.RolloutKind.CANARY]: { type: 'CANARY', canarySize: size },
          [core.RolloutKind.LINEAR]: { type: 'LINEAR', linearStepSize: size },
        }[rollout.kind],
        waitIntervalInSeconds: rollout.bakeMinutes
          ? Math.round(rollout.bakeMinutes * 60)
          : alarmNames.length
            ? WATCH_SECONDS
            : 0,
      } as sagemaker.CfnEndpoint.TrafficRoutingConfigProperty,
      terminationWaitInSeconds: TERMINATION_SECONDS,
      maximumExecutionTimeoutInSeconds: LONGEST_SECONDS,
    },
    autoRollbackConfiguration: alarmNames.length
      ? { alarms: alarmNames.map((alarmName) => ({ alarmName })) }
      : undefined,
  };
}

/**
 * What an update of the endpoint leaves as it is: counts belong to the scaling, weights to `shiftCommand`. CloudFormation
 * knows nothing of the weights that the program declared before, so it cannot tell a new declaration from an old one.
 */
export function retained({
  scaled,
  variants,
}: EndpointPlan): Pick<
  sagemaker.CfnEndpointProps,
  'retainAllVariantProperties' | 'excludeRetainedVariantProperties'
> {
  const declared = [
    ...(scaled ? [] : ['DesiredInstanceCount']),
    ...(variants.length > 1 ? [] : ['DesiredWeight']),
  ];
  return declared.length === 2
    ? {}
    : {
        retainAllVariantProperties: true,
        excludeRetainedVariantProperties: declared.length
          ? declared.map((variantPropertyType) => ({ variantPropertyType }))
          : undefined,
      };
}
