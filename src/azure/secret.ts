import { Construct } from 'constructs';
import * as core from '../core';
import { grantee, judgeConstruct } from './private/judge';
import { grantRole, grantRoleTo } from './private/roles';
import { judgeProps, literal, required, Schema, struct, text } from '../core/private/schema';
import { text as literally } from '../terraform/text';

/** A secret of Azure Key Vault. */
export interface ISecret extends core.ISecret {
  /** The resource id of its vault. */
  readonly keyVaultId: string;

  /** The secret's name in the vault. */
  readonly secretName: string;
}

/** Props of a secret that exists already. */
export interface FromSecretIdProps {
  /** The secret's id without a version, which means the current one: `https://<vault>.vault.azure.net/secrets/<name>`. */
  readonly secretId: string;

  /** The resource id of its vault, whose permissions are roles (Azure RBAC), not access policies. */
  readonly keyVaultId: string;
}

/** Lets native principals read a secret. */
export class SecretGrants {
  /** @internal */
  constructor(private readonly secret: Secret) {}

  /**
   * Lets a native principal read the secret's value.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   */
  public read(principalId: string): void {
    grantRoleTo(this.secret, principalId, this.secret._reading);
  }
}

/**
 * A secret of Azure Key Vault, handed to containers and jobs by reference. What does not inject values hands over a
 * variable `NAME_SECRET_ID` instead of NAME, and the container reads the secret itself.
 */
export class Secret extends Construct implements ISecret {
  /**
   * A secret that exists already. Its value never passes through Terraform.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the secret and its vault
   */
  public static fromSecretId(scope: Construct, id: string, props: FromSecretIdProps): ISecret {
    return new Secret(scope, id, props);
  }

  public readonly secretId: string;
  public readonly keyVaultId: string;
  public readonly secretName: string;
  /** Grants to native principals. */
  public readonly grants: SecretGrants = new SecretGrants(this);

  private constructor(scope: Construct, id: string, props: FromSecretIdProps) {
    super(scope, id);
    judgeConstruct(this, 'Secret', (faults) => judgeProps(faults, struct(FROM_SECRET_ID), props));
    const { secretId, keyVaultId } = literally(props);
    this.secretId = secretId;
    this.keyVaultId = keyVaultId;
    this.secretName = secretId.slice(secretId.lastIndexOf('/') + 1);
  }

  public grantRead(workload: core.IWorkload): void {
    grantRole(grantee(this, workload), this, this._reading);
  }

  /** @internal */
  public get _reading() {
    return { role: 'Key Vault Secrets User', scope: `${this.keyVaultId}/secrets/${this.secretName}` };
  }
}

const FROM_SECRET_ID: Schema<FromSecretIdProps> = {
  // Its name is cut out of it.
  secretId: required(
    literal(
      text({
        pattern: /^https:\/\/[^/]+\/secrets\/[0-9A-Za-z-]{1,127}$/,
        means: "a secret's id without a version: https://<vault>.vault.azure.net/secrets/<name>",
      }),
    ),
  ),
  keyVaultId: required(
    text({
      pattern: /^\/subscriptions\/.+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/,
      means: 'the resource id of a key vault',
    }),
  ),
};
