import { App, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import * as core from '../core';
import { Deployed, ENVIRONMENT } from './private/deploy-permissions/blocks';
import { assignRole, conditionOf, makeRole, rolesOf } from './private/deploy-permissions/role';
import { CLOUD } from './private/judge';
import { judgeScope, withFile } from '../core/private/deploy-permissions';
import { judgeValue } from '../core/private/faults';
import { judgeProps, required, struct, text } from '../core/private/schema';

/**
 * What an identity needs that runs Terraform on the resources, data sources and the backend below a scope, yours among
 * them: a custom role in the resource group that they are in, and one in the subscription for what is done to that. Where a
 * stack makes its group, one in the subscription for all.
 *
 * ```ts
 * import { App } from 'cdktf';
 * import { azure as ml } from 'cloud-ml-constructs';
 *
 * const app = new App();
 * const foundation = new ml.PlatformStack(app, 'foundation', {
 *   subscriptionId: '00000000-0000-0000-0000-000000000000',
 *   location: 'westeurope',
 *   resourceGroupName: 'ml',
 * });
 * new ml.DataLake(foundation, 'Lake');
 *
 * const deploy = ml.DeployPermissions.of(foundation);
 * const makeRole = deploy.command;
 * const assignRole = deploy.assignCommand('11111111-1111-1111-1111-111111111111');
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

  /** Those on data among them. */
  public get actions(): string[] {
    const all = new Deployed(this.scope).needed.flatMap(({ actions, dataActions }) => [
      ...actions,
      ...dataActions,
    ]);
    return [...new Set(all)].sort();
  }

  /** The actions that are done to data: keys of a vault, a state in a storage account. */
  public get dataActions(): string[] {
    const all = new Deployed(this.scope).needed.flatMap(({ dataActions }) => dataActions);
    return [...new Set(all)].sort();
  }

  public get unknownTypes(): string[] {
    return new Deployed(this.scope).unknownTypes;
  }

  /** The roles, as `az role definition create --role-definition` takes them, each a JSON text. */
  public get roleDefinitions(): string[] {
    return rolesOf(this.scope).map(({ definition }) => definition);
  }

  /**
   * The condition of a role assignment that bounds the roles which the identity may give to others: those that the
   * resources give; or, where they make roles, whose ids only deployment knows, none by which one could give any role.
   * Undefined where they give none.
   */
  public get condition(): string | undefined {
    return conditionOf(new Deployed(this.scope).rolesGiven);
  }

  /** The shell command that makes the custom roles, or changes those that there are. */
  public get command(): string {
    return rolesOf(this.scope)
      .map(({ file, definition }) => withFile(file, definition, makeRole(file), ENVIRONMENT))
      .join(' && ');
  }

  /**
   * The shell command that assigns the roles to who deploys, under the condition.
   *
   * @param principalId the object id of its service principal or managed identity
   */
  public assignCommand(principalId: string): string {
    judgeValue(`${CLOUD}.DeployPermissions`, (faults) =>
      judgeProps(faults, struct({ principalId: OBJECT_ID }), { principalId }),
    );
    return rolesOf(this.scope)
      .map((role) => assignRole(role, principalId, this.condition))
      .join(' && ');
  }
}

const OBJECT_ID = required(
  text({ pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, means: 'an object id: a GUID' }),
);
