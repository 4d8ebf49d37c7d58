import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { apis } from './apis';
import { physicalName, SERVICE_ACCOUNT } from './names';
import { placeOf } from './place';
import { Rule, text as aText } from '../../core/private/schema';
import { text } from '../../terraform/text';

export const SERVICE_ACCOUNT_EMAIL: Rule = aText({
  pattern: /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/,
  means: 'the e-mail of a service account: name@project.iam.gserviceaccount.com',
});

/** The service account that a workload runs as, with nothing but what it is given: one of its own, or an existing one. */
export class WorkloadAccount extends Construct {
  /** The resource; none where it exists already. */
  public readonly account?: TerraformResource;
  /** `projects/…/serviceAccounts/…` */
  public readonly id: string;
  public readonly name: string;
  public readonly email: string;
  public readonly member: string;

  constructor(scope: Construct, id: string, displayName: string, existing?: string) {
    super(scope, id);
    if (existing) {
      this.name = `projects/-/serviceAccounts/${existing}`;
      this.id = this.name;
      this.email = existing;
      this.member = `serviceAccount:${existing}`;
      return;
    }
    const account = new ServiceAccount(this, 'Account', {
      accountId: physicalName(this, SERVICE_ACCOUNT),
      displayName: text(displayName.slice(0, 100)),
      dependsOn: apis(this, 'iam'),
    });
    this.node.defaultChild = account;
    this.account = account;
    this.id = account.id;
    this.name = account.name;
    this.email = account.email;
    this.member = account.member;
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
          dependsOn: apis(this, 'cloudresourcemanager'),
        }),
    );
  }
}
