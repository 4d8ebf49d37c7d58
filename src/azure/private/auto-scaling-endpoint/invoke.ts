import { createHash } from 'crypto';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { Construct, IConstruct } from 'constructs';
import { nameOf } from '../names';
import { resourceGroupId } from '../resource-group';

/** A role that lets its holder ask for predictions, and no more: no built-in one is that narrow. */
export function invokeRole(endpoint: Construct): RoleDefinition {
  const group = resourceGroupId(endpoint);
  return new RoleDefinition(endpoint, 'InvokeRole', {
    name: nameOf(endpoint, { maxLength: 128 }),
    scope: group,
    assignableScopes: [group],
    permissions: [{ actions: ['Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action'] }],
  });
}

export interface InvokeGrant {
  readonly endpointId: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  /** Whether the principal is known to be a managed identity or service principal. */
  readonly servicePrincipal: boolean;
}

/** Lets a principal ask, once: a child of `holder`. */
export function allowInvoke(holder: IConstruct, endpoint: IConstruct, grant: InvokeGrant): RoleAssignment {
  const { principalId, servicePrincipal } = grant;
  const about = servicePrincipal ? endpoint.node.path : `${endpoint.node.path}\0${principalId}`;
  const id = `Invoke-${createHash('sha1').update(about).digest('hex').slice(0, 8)}`;
  return (
    (holder.node.tryFindChild(id) as RoleAssignment | undefined) ??
    new RoleAssignment(holder as Construct, id, {
      scope: grant.endpointId,
      roleDefinitionId: grant.roleDefinitionId,
      principalId,
      principalType: servicePrincipal ? 'ServicePrincipal' : undefined,
    })
  );
}
