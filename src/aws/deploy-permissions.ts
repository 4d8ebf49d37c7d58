import { aws_iam as iam, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import * as core from '../core';
import { deployPolicy, documentsOf, fileOf, policyTemplate } from './private/deploy-permissions/policies';
import { statementsOf, unknownTypesOf } from './private/deploy-permissions/statements';
import { CLOUD } from './private/judge';
import { judgeScope, withFile } from '../core/private/deploy-permissions';

/**
 * What an identity needs that deploys the resources of CloudFormation below a scope, yours among them: the policies of the
 * role that CloudFormation acts as. Resources are named as far as the program knows their names; what CloudFormation names is
 * named by the stack that it is in. Of keys and of what EC2 numbers, all in the region are allowed.
 *
 * Asked last, when the program is complete; what aspects change is seen at synthesis only, where a PlatformStack writes
 * `<stack>.deploy-policy.json` beside its template.
 *
 * ```ts
 * import { App, Stack, aws_iam as iam } from 'aws-cdk-lib';
 * import { aws as ml } from 'cloud-ml-constructs';
 *
 * const app = new App();
 * const foundation = new ml.PlatformStack(app, 'foundation');
 * new ml.DataLake(foundation, 'Lake');
 *
 * // Deployed by an administrator, once, and again when the program needs more.
 * const identity = new Stack(app, 'identity');
 * const documents = ml.DeployPermissions.of(foundation).policyDocuments;
 * new iam.ManagedPolicy(identity, 'Deploy', { document: documents[0] }); // one for each document
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
      sdk: 'aws-cdk-lib',
      isRoot: (root) => Stage.isStage(root) || Stack.isStack(root),
    });
    return new DeployPermissions(scope);
  }

  private constructor(private readonly scope: IConstruct) {}

  public get actions(): string[] {
    const actions = this.statements.flatMap((statement) => statement.actions);
    return [...new Set(actions)].sort();
  }

  public get unknownTypes(): string[] {
    return unknownTypesOf(this.scope);
  }

  /** What is allowed on what, in as few statements as say it. Roles are handed to the services that take them alone. */
  public get statements(): iam.PolicyStatement[] {
    return statementsOf(this.scope);
  }

  /** The statements, in as many documents as the size of a managed policy asks for: 6,144 characters. */
  public get policyDocuments(): iam.PolicyDocument[] {
    return documentsOf(this.statements);
  }

  /**
   * The shell command that makes managed policies of them, by a CloudFormation stack whose output `PolicyArns` is what
   * `cdk bootstrap --cloudformation-execution-policies` takes.
   */
  public get command(): string {
    const file = fileOf(this.scope);
    return withFile(file, policyTemplate(this.scope), deployPolicy(this.scope, file));
  }
}
