import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { SERVICE_ACCOUNT_EMAIL } from './private/service-account';
import { judgeProps, required, struct } from '../core/private/schema';

/** Anything on Google Cloud with a service account that can be granted to. */
export interface IWorkload extends core.IWorkload {
  /** The identity as members of IAM policies are written: `serviceAccount:…`. */
  readonly member: string;
}

/**
 * A service account of your own as a workload, so that portable grants (`lake.grantRead(workload)`) reach it.
 */
export class Workload extends Construct implements IWorkload {
  /**
   * A workload that runs as a service account.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param email the e-mail of the service account: one of this app, or an existing one
   */
  public static fromServiceAccount(scope: Construct, id: string, email: string): IWorkload {
    return new Workload(scope, id, email);
  }

  public readonly identityId: string;
  public readonly member: string;

  private constructor(scope: Construct, id: string, email: string) {
    super(scope, id);
    judgeConstruct(this, 'Workload', (faults) => judgeProps(faults, struct({ email: EMAIL }), { email }));
    this.identityId = email;
    this.member = `serviceAccount:${email}`;
  }
}

const EMAIL = required(SERVICE_ACCOUNT_EMAIL);
