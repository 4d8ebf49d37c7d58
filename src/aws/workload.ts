import { aws_iam as iam } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';

/** Anything on AWS with a role that can be granted to; also where an `iam.IGrantable` is asked for. */
export interface IWorkload extends core.IWorkload, iam.IGrantable {}

/**
 * A role of your own as a workload, so that portable grants (`lake.grantRead(workload)`) reach it.
 */
export class Workload extends Construct implements IWorkload {
  /**
   * A workload that runs as a role.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param role the role: one of this app, or an imported one
   */
  public static fromRole(scope: Construct, id: string, role: iam.IRole): IWorkload {
    return new Workload(scope, id, role);
  }

  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;

  private constructor(scope: Construct, id: string, role: iam.IRole) {
    super(scope, id);
    judgeConstruct(this, 'Workload', () => undefined);
    this.identityId = role.roleArn;
    this.grantPrincipal = role.grantPrincipal;
  }
}
