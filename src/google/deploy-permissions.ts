import { App, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import * as core from '../core';
import { Deployed } from './private/deploy-permissions/blocks';
import { conditionsOf, giveRole, makeRole, rolesOf } from './private/deploy-permissions/role';
import { CLOUD } from './private/judge';
import { judgeScope, withFile } from '../core/private/deploy-permissions';
import { judgeValue } from '../core/private/faults';
import { required, struct, judgeProps, text } from '../core/private/schema';

/**
 * What an identity needs that runs Terraform on the resources, data sources and the backend below a scope, yours among
 * them: a custom role in each project that they are in. Terraform names nothing before it runs, and custom roles know no
 * names, so that what is allowed is allowed on all of a project.
 *
 * ```ts
 * import { App } from 'cdktf';
 * import { google as ml } from 'cloud-ml-constructs';
 *
 * const app = new App();
 * const foundation = new ml.PlatformStack(app, 'foundation', { project: 'ml-project', region: 'europe-west4' });
 * new ml.DataLake(foundation, 'Lake');
 *
 * const deploy = ml.DeployPermissions.of(foundation);
 * const makeRole = deploy.command;
 * const grantRole = deploy.grantCommand('serviceAccount:ci@ml-project.iam.gserviceaccount.com');
 * ```
 */
export class DeployPermissions implements core.IDeployPermissions {
  /**
   * What a scope needs.
   *
   * @param scope a construct, a stack, or an app
   */
  public static of(scope: IConstruct): DeployPermissions {
    judgeScope(scope, {
      cloud: CLOUD,
      sdk: 'cdktf',
      isRoot: (root) => App.isApp(root) || TerraformStack.isStack(root),
    });
    return new DeployPermissions(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  public get actions(): string[] {
    return [...new Set([...this.deployed.permissions.values()].flat())].sort();
  }

  public get unknownTypes(): string[] {
    return this.deployed.unknownTypes;
  }

  /** The projects that the resources are in; `$GOOGLE_PROJECT` for the one that the provider finds in its environment. */
  public get projects(): string[] {
    return [...this.deployed.permissions.keys()].sort();
  }

  /**
   * The permissions that are needed in a project.
   *
   * @param project one of `projects`
   */
  public permissionsIn(project: string): string[] {
    return this.deployed.permissions.get(project) ?? [];
  }

  /**
   * Conditions of IAM that bound the roles which the identity may give to others, those that the resources give: each
   * belongs to a binding of its own. None where roles are given that only deployment knows.
   */
  public get conditions(): string[] {
    return conditionsOf(this.deployed.rolesGiven);
  }

  /** The shell command that makes the custom roles, or changes those that there are. */
  public get command(): string {
    return rolesOf(this.scope)
      .map((role) => withFile(role.file, role.definition, makeRole(role, role.file)))
      .join(' && ');
  }

  /**
   * The shell command that gives the roles to who deploys, under the conditions.
   *
   * @param member as IAM names one: `serviceAccount:…`, `principalSet:…`
   */
  public grantCommand(member: string): string {
    judgeValue(`${CLOUD}.DeployPermissions`, (faults) =>
      judgeProps(faults, struct({ member: MEMBER }), { member }),
    );
    return rolesOf(this.scope)
      .map((role) => giveRole(role, member, this.conditions))
      .join(' && ');
  }

  private get deployed(): Deployed {
    return new Deployed(this.scope);
  }
}

const MEMBER = required(
  text({ pattern: /^[a-zA-Z]+:[^\s']+$/, means: 'a member of IAM: its kind, a colon and its name' }),
);
