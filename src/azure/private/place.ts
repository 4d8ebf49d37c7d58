import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { StorageReplication } from '../platform-stack';

const PLACE = Symbol.for('cloud-ml-constructs.azure.Place');

/** Where on Azure a stack is, and what it found there. */
export interface Place {
  readonly subscriptionId: string;
  readonly location: string;
  readonly resourceGroupName?: string;
  readonly storageReplication?: StorageReplication;
  readonly workspaceId?: string;
  readonly containerRegistryId?: string;
  readonly tags?: { readonly [name: string]: string };
}

/** Says where a stack is. */
export function setPlace(stack: TerraformStack, place: Place): void {
  Object.defineProperty(stack, PLACE, { value: place });
}

/** Where the stack of a construct is; undefined where nobody said so. */
export const placeOf = (construct: IConstruct): Place | undefined =>
  (TerraformStack.of(construct) as unknown as { [PLACE]?: Place })[PLACE];
