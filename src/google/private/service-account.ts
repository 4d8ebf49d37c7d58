import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import { apis } from './apis';
import { physicalName, SERVICE_ACCOUNT } from './names';
import { placeOf } from './place';
import { text } from '../../terraform/text';

/** The service account that a workload runs as, with nothing but what it is given. */
export class WorkloadAccount extends Construct {
  public readonly account: ServiceAccount;
  public readonly email: string;
  public readonly member: string;

  constructor(scope: Construct, id: string, displayName: string) {
    super(scope, id);
    this.account = new ServiceAccount(this, 'Account', {
      accountId: physicalName(this, SERVICE_ACCOUNT),
      displayName: text(displayName.slice(0, 100)),
      dependsOn: apis(this, 'iam'),
    });
    this.node.defaultChild = this.account;
    this.email = this.account.email;
    this.member = this.account.member;
  }

  /** Roles on the whole project: only where no resource takes them. */
  public onProject(...roles: string[]): ProjectIamMember[] {
    const { project } = placeOf(this);
    return roles.map(
      (role) =>
        new ProjectIamMember(this, `Project-${role.replace(/^.*\//, '')}`, {
          project,
          role,
          member: this.member,
        }),
    );
  }
}
