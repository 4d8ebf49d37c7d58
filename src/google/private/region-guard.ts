import { OrgPolicyPolicy } from '@cdktf/provider-google/lib/org-policy-policy';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { apis } from './apis';
import { placeOf } from './place';
import { REGION } from './residency';
import { report } from '../../core/private/report';
import { text } from '../../terraform/text';

/** The id of a stack's guard is part of the API: it decides the policy's address. */
const REGION_GUARD = 'MlRegionGuard';

/** The organization policy that lets nothing new be made in a project but in the allowed regions. */
export class RegionGuard extends Construct {
  constructor(stack: TerraformStack, allowedRegions: readonly string[]) {
    super(stack, REGION_GUARD);
    const { project } = placeOf(this);
    const parent = `projects/${project}`;
    this.node.defaultChild = new OrgPolicyPolicy(this, 'Policy', {
      name: `${parent}/policies/gcp.resourceLocations`,
      parent,
      spec: {
        inheritFromParent: false,
        rules: [{ values: { allowedValues: allowedRegions.map(valueOf).map(text) } }],
      },
      dependsOn: apis(this, 'orgpolicy'),
    });
    report(
      this,
      'note',
      'Organization policy gcp.resourceLocations',
      `Holds for all of ${project}, for what is made from now on, instead of what the project inherits: allow no more than the organization does. One stack of a project has it. Whoever deploys needs roles/orgpolicy.policyAdmin, which is given on the organization.`,
    );
  }
}

/** A region with its zones; larger places by themselves. */
const valueOf = (place: string): string =>
  REGION.test(place) ? `in:${place}-locations` : place.toLowerCase();
