import { alarmNames } from './alarms';
import { VariantPlan } from './judge';
import * as core from '../../../core';
import { nothingToShift, shiftCommand, variantsOf } from '../../../core/private/shift';

/** Sends the file `$REQUEST` and prints the answer. */
export const invokeCommandOf = (endpointName: string): string =>
  `aws sagemaker-runtime invoke-endpoint --endpoint-name ${endpointName} --content-type application/json --body "fileb://$REQUEST" /dev/stdout`;

/** Two periods of an alarm: the first one after a step is measured in part before it. */
const WATCH_SECONDS = 600;

/** Moves traffic to the variant `$VARIANT` in steps; without it back to the declared weights. */
export function shiftCommandOf(
  endpointName: string,
  variants: VariantPlan[],
  alarms?: core.AlarmProps,
): string {
  if (variants.length === 1) {
    const { name, model } = variants[0].variant;
    return nothingToShift(endpointName, name, model?.version, '--parameters');
  }
  const watched = alarmNames({ endpointName, variant: '$VARIANT' }, alarms).map((name) => `"${name}"`);
  const endpoint = `--endpoint-name ${endpointName}`;
  return shiftCommand({
    endpointName,
    sharing: variantsOf(variants.map(({ variant, weight }) => ({ variant: variant.name, weight }))),
    watchSeconds: WATCH_SECONDS,
    calls: {
      weights: `aws sagemaker describe-endpoint ${endpoint} --query "ProductionVariants[].[VariantName,CurrentWeight]" --output text | tr "\\t" ":"`,
      move: [
        `aws sagemaker update-endpoint-weights-and-capacities ${endpoint} --desired-weights-and-capacities`,
        `$(printf "%s\\n" "$@" | sed "s/\\(.*\\):\\(.*\\)/VariantName=\\1,DesiredWeight=\\2/") >/dev/null`,
        `&& aws sagemaker wait endpoint-in-service ${endpoint}`,
      ].join(' '),
      alarms: watched.length
        ? `aws cloudwatch describe-alarms --alarm-names ${watched.join(' ')} --state-value ALARM --query "MetricAlarms[].AlarmName" --output text`
        : undefined,
    },
  });
}
