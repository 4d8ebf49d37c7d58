import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { judgeProps, required, struct, text } from '../core/private/schema';
import { text as literally } from '../terraform/text';

/** A user-assigned identity that exists already. */
export interface ManagedIdentity {
  /** Its resource id: `/subscriptions/…/userAssignedIdentities/…`. */
  readonly resourceId: string;

  /** The object id of its principal: a GUID. Roles are given to it. */
  readonly principalId: string;

  /** Its client id: a GUID. Programs sign in with it. */
  readonly clientId: string;
}

/** Anything on Azure with an identity that can be granted to. Its `identityId` is the principal's object id. */
export interface IWorkload extends core.IWorkload {}

/**
 * A managed identity or service principal of your own as a workload, so that portable grants
 * (`lake.grantRead(workload)`) reach it.
 */
export class Workload extends Construct implements IWorkload {
  /**
   * A workload that runs as a principal of Microsoft Entra.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param principalId the object id of a managed identity or service principal, not its client id
   */
  public static fromPrincipalId(scope: Construct, id: string, principalId: string): IWorkload {
    return new Workload(scope, id, principalId);
  }

  public readonly identityId: string;

  private constructor(scope: Construct, id: string, principalId: string) {
    super(scope, id);
    judgeConstruct(this, 'Workload', (faults) =>
      judgeProps(faults, struct({ principalId: required(PRINCIPAL_ID) }), { principalId }),
    );
    this.identityId = literally(principalId);
  }
}

const PRINCIPAL_ID = text({
  pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  means: 'the object id of a principal: a GUID',
});
