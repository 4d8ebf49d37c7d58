import { ResourceGroupPolicyAssignment } from '@cdktf/provider-azurerm/lib/resource-group-policy-assignment';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { nameOf } from './names';
import { regionName } from './regions';
import { resourceGroupId } from './resource-group';
import { report } from '../../core/private/report';
import { text } from '../../terraform/text';

/** The id of a stack's guard is part of the API: it decides the assignment's address. */
const REGION_GUARD = 'MlRegionGuard';

/** "Allowed locations": built in, for resources, not for resource groups. */
const ALLOWED_LOCATIONS =
  '/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c';

/** The policy that lets nothing be made or changed in the resource group of a stack but in the allowed regions. */
export class RegionGuard extends Construct {
  constructor(stack: TerraformStack, allowedRegions: readonly string[]) {
    super(stack, REGION_GUARD);
    this.node.defaultChild = new ResourceGroupPolicyAssignment(this, 'Policy', {
      name: nameOf(this, { maxLength: 64 }),
      displayName: 'Allowed locations',
      resourceGroupId: resourceGroupId(this),
      policyDefinitionId: ALLOWED_LOCATIONS,
      parameters: JSON.stringify({
        listOfAllowedLocations: { value: allowedRegions.map(regionName).map(text) },
      }),
    });
    report(
      this,
      'note',
      'Policy "Allowed locations"',
      'Holds for all of the resource group, also for what others make there; what has no region is let pass, and where resource groups lie is a matter of the subscription. Whoever deploys needs the role Resource Policy Contributor on the group.',
    );
  }
}
