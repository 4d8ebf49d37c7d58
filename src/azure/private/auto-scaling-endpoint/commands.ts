import * as core from '../../../core';
import { groupOf, nameIn, subscriptionOf } from '../ids';

export interface Traffic {
  readonly variant: string;
  readonly deploymentName: string;
  readonly weight: number;
}

/** Sends the file `$REQUEST` with a token of who is signed in to the Azure CLI. */
export const invokeCommandOf = (url: string): string =>
  [
    'curl --fail-with-body',
    '--header "authorization: Bearer $(az account get-access-token --resource https://ml.azure.com --query accessToken --output tsv)"',
    `--header 'content-type: application/json' --data-binary "@$REQUEST" ${url}`,
  ].join(' ');

/** Moves all traffic to the variant `$VARIANT`; without it back to the declared weights. */
export function shiftCommandOf(
  endpointName: string,
  workspaceId: string,
  traffic: Traffic[],
  version?: string | core.DeployParameter,
): string {
  if (traffic.length === 1) {
    const back = core.DeployParameter.isDeployParameter(version)
      ? `deploy with -var ${(version as core.DeployParameter).name}=EARLIER to go back to an earlier version`
      : 'deploy an earlier version of the program to go back';
    return `echo '${endpointName} has the one variant ${traffic[0].variant}: there is no traffic to shift; ${back}'`;
  }
  const names = traffic.map(({ variant }) => variant);
  const split = (weightOf: (one: Traffic) => number) =>
    traffic.map((one) => `${one.deploymentName}=${weightOf(one)}`).join(' ');
  const cases = names.map(
    (name) => `${name}) t='${split(({ variant }) => (variant === name ? 100 : 0))}' ;;`,
  );
  return [
    `case "$VARIANT" in '') t='${split(({ weight }) => weight)}' ;; ${cases.join(' ')}`,
    `*) echo "VARIANT must be empty (the declared weights) or one of ${names.join(', ')}" >&2; t= ;; esac;`,
    `[ -n "$t" ] && az ml online-endpoint update --name ${endpointName} --traffic "$t"`,
    `--workspace-name ${nameIn(workspaceId)} --resource-group ${groupOf(workspaceId)} --subscription ${subscriptionOf(workspaceId)}`,
  ].join(' ');
}
