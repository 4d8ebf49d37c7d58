import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { Construct } from 'constructs';
import { text } from '../../../terraform/text';
import { nameOf } from '../names';
import { grantRoleTo } from '../roles';
import { Workspace } from '../workspace';

const COMPUTES = 'Microsoft.MachineLearningServices/workspaces/computes';

/** Files of homes are reached as who reaches them: the storage of the workspace takes no keys. */
export const HOME_FILES = 'Storage File Data Privileged Contributor';

/** A role that lets its holder start, stop and open an instance, and no more: no built-in one is that narrow. */
export function openRole(scope: Construct, { id }: Workspace): RoleDefinition {
  return new RoleDefinition(scope, 'OpenRole', {
    name: nameOf(scope, { maxLength: 128 }),
    scope: id,
    assignableScopes: [id],
    permissions: [
      {
        actions: [
          `${COMPUTES}/read`,
          `${COMPUTES}/start/action`,
          `${COMPUTES}/stop/action`,
          `${COMPUTES}/restart/action`,
          `${COMPUTES}/applicationaccess/action`,
        ],
      },
    ],
  });
}

/** Lets a person work with an instance: see the workspace, start and open the instance, keep files. */
export function admit(
  user: Construct,
  principalId: string,
  { instanceId, workspace, storageId, role }: Admission,
): void {
  new RoleAssignment(user, 'Open', {
    scope: instanceId,
    roleDefinitionId: role.roleDefinitionResourceId,
    principalId: text(principalId),
  });
  // Azure takes a role once for a person and a scope, however many notebooks are hers.
  const owner = workspace.owner as Construct;
  grantRoleTo(owner, principalId, { role: 'Reader', scope: workspace.id });
  grantRoleTo(owner, principalId, { role: HOME_FILES, scope: storageId });
}

export interface Admission {
  readonly instanceId: string;
  readonly workspace: Workspace;
  readonly storageId: string;
  readonly role: RoleDefinition;
}
