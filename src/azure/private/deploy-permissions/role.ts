import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { Deployed, Needed } from './blocks';
import { BUILT_IN_ROLES, PRIVILEGED } from './built-in-roles';
import { nameOfScope, quoted, told } from '../../../core/private/deploy-permissions';
import { tellDeployIdentity } from '../../../terraform/deploy-identity';
import { blocksOfStack } from '../../../terraform/deploy-permissions';

/** A custom role, with the file that defines it. */
export interface DeployRole {
  readonly name: string;
  readonly scope: string;
  readonly file: string;
  readonly definition: string;
}

/** The role of each place that something is needed in; the first one is that of most actions. */
export function rolesOf(scope: IConstruct, deployed = new Deployed(scope)): DeployRole[] {
  return deployed.needed.map((needed, i) => {
    const place = needed.scope.replace(/^.*\//, '');
    const name = `Deploys ${nameOfScope(scope)} to ${place}`;
    return {
      name,
      scope: needed.scope,
      file: `${TerraformStack.isStack(scope) ? '' : `${nameOfScope(scope)}.`}deploy-role${i ? `.${place.replace(/\W+/g, '-')}` : ''}.json`,
      definition: JSON.stringify(definitionOf(name, needed)),
    };
  });
}

const definitionOf = (name: string, { scope, actions, dataActions }: Needed) => ({
  Name: name,
  IsCustom: true,
  Description: 'What the deployment needs, and no more',
  Actions: actions,
  NotActions: [],
  DataActions: dataActions,
  NotDataActions: [],
  AssignableScopes: [scope],
});

/** The command that makes a role of a file, or changes the one that there is. */
export const makeRole = (file: string): string => {
  const verb = (name: string) => `az role definition ${name} --role-definition @${file}`;
  return `{ ${verb('update')} || ${verb('create')}; }`;
};

/** The condition under which the role may be held: that it gives and takes no roles but these. */
export function conditionOf(roles: string[]): string | undefined {
  const ids = roles.map((role) => BUILT_IN_ROLES[role]);
  const bound = ids.every(Boolean)
    ? `ForAnyOfAnyValues:GuidEquals {${ids.join(', ')}}`
    : // The ids of roles that are made are not known: none that could give any.
      `ForAnyOfAllValues:GuidNotEquals {${PRIVILEGED.join(', ')}}`;
  const when = (verb: string, from: string) =>
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'})) OR (@${from}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ${bound}))`;
  return roles.length ? `${when('write', 'Request')} AND ${when('delete', 'Resource')}` : undefined;
}

/** The command that assigns a role to a principal, under the condition where it gives roles. */
export function assignRole(
  { name, scope, definition }: DeployRole,
  principalId: string,
  condition?: string,
): string {
  const only =
    condition && definition.includes('Microsoft.Authorization/roleAssignments/write')
      ? ` --condition ${quoted(condition)} --condition-version 2.0`
      : '';
  return `az role assignment create --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role '${name}' --scope ${scope}${only}`;
}

/** Lets a stack write the roles that its deployment needs, and report the command that makes them. */
export const tellDeployRoles = (stack: TerraformStack): void =>
  tellDeployIdentity<Deployed>(stack, {
    deployed: (synthesized) => new Deployed(stack, blocksOfStack(stack, synthesized)),
    files: (deployed) =>
      Object.fromEntries(rolesOf(stack, deployed).map(({ file, definition }) => [file, definition])),
    command: (deployed, folder) =>
      told(
        rolesOf(stack, deployed)
          .map((role) => makeRole(`${folder}/${role.file}`))
          .join(' && '),
        deployed.unknownTypes,
      ),
  });
