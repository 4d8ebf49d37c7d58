import { createHash } from 'crypto';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ITerraformDependable } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { belowFolders } from './conditions';
import { GenericProvider, GenericResource, ProviderForm } from '../../terraform/generic';
import { text } from '../../terraform/text';

/** A built-in role on one resource. */
export interface RoleGrant {
  readonly role: string;
  /** The resource id that it holds for. */
  readonly scope: string;
  /** What the role is for, told apart where one resource has several scopes: a zone's name. */
  readonly part?: string;
  /** The only folder of the container that it holds for, `team-a/`; those of several grants come together. */
  readonly folder?: string;
  /** Who gets it, where Azure cannot take it for a managed identity. @default 'service' */
  readonly principal?: 'service' | 'any';
}

const assignmentId = (resource: IConstruct, { role, part = '' }: RoleGrant) => {
  const hash = createHash('sha1').update(`${resource.node.path}\0${part}`).digest('hex').slice(0, 8);
  return `Role-${role.replace(/[^A-Za-z]/g, '')}-${hash}`;
};

/**
 * Gives a workload a role, once: a child of the workload, by the resource that grants it. In the stack of the workload,
 * so that no stack refers backwards.
 */
export function grantRole(
  workload: IConstruct & { readonly identityId: string },
  resource: IConstruct,
  grant: RoleGrant,
): RoleAssignment {
  return assign(workload as unknown as Construct, assignmentId(resource, grant), workload.identityId, grant);
}

/** Gives a role to a principal that is no construct: a child of the resource that grants it. */
export function grantRoleTo(resource: Construct, principalId: string, grant: RoleGrant): RoleAssignment {
  const hash = createHash('sha1').update(principalId).digest('hex').slice(0, 8);
  return assign(resource, `${assignmentId(resource, grant)}-${hash}`, text(principalId), {
    ...grant,
    principal: 'any',
  });
}

/** Gives a role to an identity of the construct's own. */
export function assignRole(
  scope: Construct,
  id: string,
  principalId: string,
  grant: RoleGrant,
): RoleAssignment {
  return assign(scope, id, principalId, grant);
}

function assign(scope: Construct, id: string, principalId: string, grant: RoleGrant): RoleAssignment {
  const found = scope.node.tryFindChild(id) as RoleAssignment | undefined;
  if (found) {
    widen(found, grant);
    return found;
  }
  const assignment = new RoleAssignment(scope, id, {
    scope: grant.scope,
    roleDefinitionName: grant.role,
    principalId,
    // Known to be one, it needs not be found first: a new identity is not in every directory replica yet.
    principalType: grant.principal === 'any' ? undefined : 'ServicePrincipal',
  });
  if (grant.folder) {
    limit(assignment, [grant.folder]);
  }
  return assignment;
}

/** The folders that roles are limited to. */
const FOLDERS = new WeakMap<RoleAssignment, string[]>();

function limit(assignment: RoleAssignment, folders: string[]): void {
  FOLDERS.set(assignment, folders);
  assignment.conditionVersion = '2.0';
  assignment.condition = belowFolders(folders);
}

/** Azure refuses a second assignment of a role that differs by its condition alone: one has the folders of all grants. */
function widen(assignment: RoleAssignment, { folder }: RoleGrant): void {
  const folders = FOLDERS.get(assignment);
  if (folders && folder) {
    limit(assignment, [...new Set([...folders, folder])].sort());
  } else if (folders) {
    FOLDERS.delete(assignment);
    assignment.resetCondition();
    assignment.resetConditionVersion();
  }
}

const TIME: ProviderForm = { name: 'time', source: 'hashicorp/time', version: '~> 0.13' };

/** Waits until what Azure says is made is there, roles above all: what needs it right after fails else. */
export function settled(scope: Construct, id: string, made: ITerraformDependable[]): GenericResource {
  GenericProvider.of(scope, TIME);
  return new GenericResource(scope, id, {
    type: 'time_sleep',
    form: TIME,
    arguments: { create_duration: '90s' },
    dependsOn: made,
  });
}
