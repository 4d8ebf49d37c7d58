import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { Place, placeOf } from './place';
import { physicalName } from '../../terraform/names';
import { text } from '../../terraform/text';

/** The id of a stack's own resource group is part of the API: it decides the group's address. */
const RESOURCE_GROUP = 'MlResourceGroup';

/** What every resource of Azure says of itself. */
export interface Home {
  readonly resourceGroupName: string;
  readonly location: string;
}

/** The resource group and location of a judged construct; a group of the stack's own is made on first need. */
export function homeOf(construct: IConstruct): Home {
  const { location, resourceGroupName } = requirePlace(construct);
  return {
    location: text(location),
    resourceGroupName: resourceGroupName ? text(resourceGroupName) : ownGroup(construct).name,
  };
}

/** The resource id of the group of a judged construct. */
export function resourceGroupId(construct: IConstruct): string {
  const { subscriptionId, resourceGroupName } = requirePlace(construct);
  return resourceGroupName
    ? text(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`)
    : ownGroup(construct).id;
}

/** What makes the deployment of a judged construct unique, none of it a reference to what is made here. */
export function deploymentOf(construct: IConstruct): readonly string[] {
  const place = requirePlace(construct);
  return [place.subscriptionId, place.resourceGroupName ?? ownGroupName(construct)];
}

export const requirePlace = (construct: IConstruct): Place => placeOf(construct)!;

function ownGroup(construct: IConstruct): ResourceGroup {
  const stack = TerraformStack.of(construct);
  return (
    (stack.node.tryFindChild(RESOURCE_GROUP) as ResourceGroup | undefined) ??
    new ResourceGroup(stack, RESOURCE_GROUP, {
      name: ownGroupName(construct),
      location: text(requirePlace(construct).location),
    })
  );
}

function ownGroupName(construct: IConstruct): string {
  const { subscriptionId, location } = requirePlace(construct);
  return physicalName(TerraformStack.of(construct), [subscriptionId, location], { maxLength: 60 });
}
