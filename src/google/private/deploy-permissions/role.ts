import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { Deployed, ENVIRONMENT } from './blocks';
import { nameOfScope, quoted, told } from '../../../core/private/deploy-permissions';
import { tellDeployIdentity } from '../../../terraform/deploy-identity';
import { blocksOfStack } from '../../../terraform/deploy-permissions';

/** A custom role of a project, with the file that defines it. */
export interface DeployRole {
  readonly project: string;
  readonly roleId: string;
  readonly file: string;
  readonly definition: string;
}

/** The role of each project; the first one is that of most permissions. */
export function rolesOf(scope: IConstruct, deployed = new Deployed(scope)): DeployRole[] {
  const roleId = `${nameOfScope(scope, '_').slice(0, 57)}_deploy`;
  return [...deployed.permissions]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([project, includedPermissions], i) => ({
      project,
      roleId,
      file: `${TerraformStack.isStack(scope) ? '' : `${nameOfScope(scope)}.`}deploy-role${i ? `.${project.replace(/\W+/g, '-')}` : ''}.json`,
      definition: JSON.stringify({
        title: `Deploys ${nameOfScope(scope)}`.slice(0, 100),
        description: 'What the deployment needs, and no more',
        stage: 'GA',
        includedPermissions,
      }),
    }));
}

const inProject = (project: string) => `--project=${project === ENVIRONMENT ? `"${project}"` : project}`;

/** The command that makes a role of a file, or changes the one that there is. */
export const makeRole = ({ project, roleId }: DeployRole, file: string): string => {
  const verb = (name: string) =>
    `gcloud iam roles ${name} ${roleId} ${inProject(project)} --file=${file} --quiet`;
  return `{ ${verb('update')} || ${verb('create')}; }`;
};

/** What `hasOnly` takes. */
const ROLES_AT_ONCE = 10;

/** The conditions under which the role may be held: that it gives others no roles but these. */
export function conditionsOf(roles: string[]): string[] {
  const parts = Array.from({ length: Math.ceil(roles.length / ROLES_AT_ONCE) }, (_, i) =>
    roles.slice(i * ROLES_AT_ONCE, (i + 1) * ROLES_AT_ONCE),
  );
  return parts.map(
    (some) =>
      `api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly([${some.map((role) => `"${role}"`).join(', ')}])`,
  );
}

/** The command that gives a role to a member, under each condition. */
export const giveRole = ({ project, roleId }: DeployRole, member: string, conditions: string[]): string =>
  (conditions.length ? conditions : [undefined])
    .map((condition, i) => {
      const only = condition ? `^|^title=deploys-${i + 1}|expression=${condition}` : 'None';
      return `gcloud projects add-iam-policy-binding ${project === ENVIRONMENT ? `"${project}"` : project} --role=projects/${project}/roles/${roleId} --member=${quoted(member)} --condition=${quoted(only)}`;
    })
    .join(' && ');

/** Lets a stack write the roles that its deployment needs, and report the command that makes them. */
export const tellDeployRole = (stack: TerraformStack): void =>
  tellDeployIdentity<Deployed>(stack, {
    deployed: (synthesized) => new Deployed(stack, blocksOfStack(stack, synthesized)),
    files: (deployed) =>
      Object.fromEntries(rolesOf(stack, deployed).map(({ file, definition }) => [file, definition])),
    command: (deployed, folder) =>
      told(
        rolesOf(stack, deployed)
          .map((role) => makeRole(role, `${folder}/${role.file}`))
          .join(' && '),
        deployed.unknownTypes,
      ),
  });
