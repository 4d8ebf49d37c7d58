import { VariantPlan } from './judge';
import * as core from '../../../core';

/** Sends the file `$REQUEST` and prints the answer. */
export const invokeCommandOf = (endpointName: string): string =>
  `aws sagemaker-runtime invoke-endpoint --endpoint-name ${endpointName} --content-type application/json --body "fileb://$REQUEST" /dev/stdout`;

/** Moves all traffic to the variant `$VARIANT`; without it back to the declared weights. */
export function shiftCommandOf(endpointName: string, variants: VariantPlan[]): string {
  if (variants.length === 1) {
    const { name, model } = variants[0].variant;
    const version = model?.version;
    const back = core.DeployParameter.isDeployParameter(version)
      ? `deploy with --parameters ${(version as core.DeployParameter).name}=EARLIER to go back to an earlier version`
      : 'deploy an earlier version of the program to go back';
    return `echo '${endpointName} has the one variant ${name}: there is no traffic to shift; ${back}'`;
  }
  const names = variants.map(({ variant }) => variant.name);
  const declared = variants.map(({ variant, weight }) => `${variant.name}:${weight}`).join(' ');
  const weight = `if [ -z "$VARIANT" ]; then w=\${v#*:}; elif [ "$VARIANT" = "\${v%:*}" ]; then w=100; else w=0; fi`;
  return [
    `case "$VARIANT" in ''|${names.join('|')})`,
    `aws sagemaker update-endpoint-weights-and-capacities --endpoint-name ${endpointName} --desired-weights-and-capacities`,
    `$(for v in ${declared}; do ${weight}; echo "VariantName=\${v%:*},DesiredWeight=$w"; done)`,
    `&& aws sagemaker wait endpoint-in-service --endpoint-name ${endpointName} ;;`,
    `*) echo "VARIANT must be empty (the declared weights) or one of ${names.join(', ')}" >&2; false ;; esac`,
  ].join(' ');
}
