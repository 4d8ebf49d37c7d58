import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { apis } from '../apis';
import { serviceAgent } from '../keys';
import { CUSTOM_ROLE, physicalName } from '../names';
import { once, placeOf } from '../place';

/** The id of what lets jobs attach is part of the API: it decides the names of the role and of the grant. */
const JOB_INTERFACES = 'MlJobInterfaces';

/** What Vertex AI does to a network attachment as its service agent, whose own role holds none of it. */
const PERMISSIONS = [
  'compute.networkAttachments.get',
  'compute.networkAttachments.update',
  'compute.regionOperations.get',
];

/** Lets Vertex AI give jobs an interface by network attachments of the project, which take no permissions themselves. */
class JobInterfaces extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { project } = placeOf(this);
    const role = new ProjectIamCustomRole(this, 'Role', {
      project,
      roleId: physicalName(this, CUSTOM_ROLE),
      title: 'Gives jobs of Vertex AI their interfaces',
      permissions: PERMISSIONS,
      dependsOn: apis(this, 'iam'),
    });
    new ProjectIamMember(this, 'Grant', {
      project,
      role: role.name,
      member: serviceAgent(this, 'aiplatform'),
      dependsOn: apis(this, 'cloudresourcemanager'),
    });
    this.node.defaultChild = role;
  }
}

/** Once per stack. */
export function letJobsAttach(cluster: Construct): void {
  const stack = TerraformStack.of(cluster);
  once(stack, JOB_INTERFACES, () => new JobInterfaces(stack, JOB_INTERFACES));
}
