import { Aspects, TerraformElement, TerraformResource, TerraformStack } from 'cdktf';
import { DataRetention } from '../core';

/** Part of the addresses in states: it never changes. */
export const KEPT = 'MlKept';

/**
 * Lets a resource stay: Terraform refuses to destroy it, also when the program has it no longer. To be called with
 * `DESTROY` too, which lets it go.
 */
export function keep(resource: TerraformResource, retention?: DataRetention): void {
  if (retention !== DataRetention.DESTROY) {
    resource.lifecycle = { ...resource.lifecycle, preventDestroy: true };
  }
  keptIn(TerraformStack.of(resource)).held.add(resource);
}

const keptIn = (stack: TerraformStack): Kept =>
  (stack.node.tryFindChild(KEPT) as Kept | undefined) ?? new Kept(stack, KEPT);

/** Lets a stack know what it kept, also when it keeps nothing any more. */
export const keepTrack = (stack: TerraformStack): void =>
  Aspects.of(stack).add({ visit: (node) => node === stack && keptIn(stack) });

/**
 * `prevent_destroy` goes with the block that has it. So one block of the stack has an instance for each address that is
 * to stay, and `prevent_destroy` itself: who takes such a resource out of the program takes its instance away, and the
 * plan stops. What may go is moved out of that block first.
 */
class Kept extends TerraformElement {
  public readonly held = new Set<TerraformResource>();

  public toTerraform(): object {
    const addresses = (isKept: boolean) =>
      [...this.held]
        .filter((one) => isGuarded(one) === isKept)
        .map((one) => `${one.terraformResourceType}.${one.friendlyUniqueId}`)
        .sort();
    const moved = addresses(false).map((address) => ({
      from: `terraform_data.${KEPT}["${address}"]`,
      to: `terraform_data.MlReleased["${address}"]`,
    }));
    const block = {
      for_each: Object.fromEntries(addresses(true).map((address) => [address, 1])),
      lifecycle: { prevent_destroy: true },
      '//': { metadata: { path: this.node.path, uniqueId: KEPT } },
    };
    return { resource: { terraform_data: { [KEPT]: block } }, ...(moved.length > 0 && { moved }) };
  }
}

/** Whether Terraform is told so, by the library or by an override. */
const isGuarded = (resource: TerraformResource): boolean => {
  const { rawOverrides } = resource as unknown as { rawOverrides: any };
  return (rawOverrides.lifecycle?.prevent_destroy ?? resource.lifecycle?.preventDestroy) === true;
};
