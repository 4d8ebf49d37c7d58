import { TerraformLocal } from 'cdktf';
import { Construct } from 'constructs';

export interface RunningTraffic {
  /** What the program declares: percents by the names of variants. */
  readonly declared: { readonly [variant: string]: number };
  /** Where the endpoint's description is read, as an address. */
  readonly description: string;
  /** The expression of the percents that a variant's deployments have now, as a list. */
  readonly percentsOf: (variant: string) => string;
}

/** Traffic as it is to be set: the description goes with it, as the memory of what was declared. */
export interface KeptTraffic {
  readonly description: string;
  readonly percentOf: (variant: string) => number;
}

/**
 * The split that an endpoint has now, if it was made of the weights that the program still declares; else the declared
 * one. So a shift stays until the program itself asks for another one. Who deploys reads it when planning.
 */
export function keptTraffic(scope: Construct, id: string, running: RunningTraffic): KeptTraffic {
  const { declared, percentsOf } = running;
  const all = Object.entries(declared);
  const description = `Declared traffic: ${all.map(([variant, percent]) => `${variant} ${percent}`).join(', ')}`;
  const has = new TerraformLocal(
    scope,
    `${id}Running`,
    Object.fromEntries(all.map(([variant]) => [variant, `\${sum(concat([0], ${percentsOf(variant)}))}`])),
  );
  const percentNow = (variant: string) => `local.${has.friendlyUniqueId}["${variant}"]`;
  const keeps = new TerraformLocal(
    scope,
    `${id}Keeps`,
    `\${try(${running.description}, "") == "${description}" && ${all
      .map(([variant]) => percentNow(variant))
      .join(' + ')} == 100}`,
  );
  return {
    description,
    percentOf: (variant) =>
      `\${local.${keeps.friendlyUniqueId} ? ${percentNow(variant)} : ${declared[variant]}}` as unknown as number,
  };
}
