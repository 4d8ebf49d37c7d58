import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { giveOnce, Grantee, ofMember, ofWorkload } from './private/grants';
import { grantee, judgeConstruct } from './private/judge';
import { placeOf } from './private/place';
import { judgeProps, required, struct, text } from '../core/private/schema';

/** A secret of Secret Manager. */
export interface ISecret extends core.ISecret {
  /** The secret's name in its project. */
  readonly secretName: string;
}

/** Lets native members read a secret. */
export class SecretGrants {
  /** @internal */
  constructor(private readonly secret: Secret) {}

  /**
   * Lets a native member read the secret's value.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   */
  public read(member: string): TerraformResource {
    return this._give(ofMember(this.secret, member));
  }

  /** @internal */
  public _give(to: Grantee): TerraformResource {
    return giveOnce(
      to,
      this.secret,
      'roles/secretmanager.secretAccessor',
      (scope, id, given) =>
        new SecretManagerSecretIamMember(scope, id, { secretId: this.secret.secretId, ...given }),
    );
  }
}

/**
 * A secret of Secret Manager, handed to containers and jobs by reference. Cloud Run gives a container the value in the
 * variable; Vertex AI does not inject values: there a variable NAME becomes `NAME_SECRET_ID`, and the container reads
 * the secret itself.
 */
export class Secret extends Construct implements ISecret {
  /**
   * A secret that exists already, also one of another project.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param secretId `projects/…/secrets/…`
   */
  public static fromSecretId(scope: Construct, id: string, secretId: string): ISecret {
    return new Secret(scope, id, secretId, ID, () => secretId);
  }

  /**
   * A secret that exists already, by its name.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param secretName the secret's name in this project
   */
  public static fromSecretName(scope: Construct, id: string, secretName: string): ISecret {
    return new Secret(
      scope,
      id,
      secretName,
      NAME,
      (self) => `projects/${placeOf(self).project}/secrets/${secretName}`,
    );
  }

  public readonly secretId: string;
  public readonly secretName: string;
  /** Grants to native members. */
  public readonly grants: SecretGrants;

  private constructor(
    scope: Construct,
    id: string,
    given: string,
    form: typeof ID,
    find: (self: Construct) => string,
  ) {
    super(scope, id);
    judgeConstruct(this, 'Secret', (faults) =>
      judgeProps(faults, struct({ [form.prop]: form.rule }), { [form.prop]: given }),
    );
    this.secretId = find(this);
    this.secretName = given.split('/').pop()!;
    this.grants = new SecretGrants(this);
  }

  public grantRead(workload: core.IWorkload): void {
    this.grants._give(ofWorkload(grantee(this, workload)));
  }
}

const ID = {
  prop: 'secretId',
  rule: required(
    text({ pattern: /^projects\/[\w.:-]+\/secrets\/[\w-]{1,255}$/, means: 'projects/…/secrets/…' }),
  ),
};
const NAME = {
  prop: 'secretName',
  rule: required(text({ pattern: /^[\w-]{1,255}$/, means: "letters, digits, '_' and '-', at most 255" })),
};
