import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { KeyVaultKey } from '@cdktf/provider-azurerm/lib/key-vault-key';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformElement } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { nameOf, NAMES } from './private/names';
import { privateEndpoint } from './private/private-endpoint';
import { homeOf } from './private/resource-group';
import { assignRole, settled } from './private/roles';
import { INetwork } from './private-network';
import { profileOf } from '../core/private/profile';
import { report } from '../core/private/report';
import { encryptionKeyRules } from '../core/private/rules/stack';
import { commonRules } from '../core/private/rules/values';
import { judgeProps, required, Schema, struct, text } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { keep } from '../terraform/kept';
import { text as literally } from '../terraform/text';

/** A customer-managed key of Azure Key Vault, with an identity that services use it by. */
export interface IEncryptionKey extends core.IEncryptionKey {
  /** The resource id of the vault. */
  readonly keyVaultId: string;

  /** The resource id of the user-assigned identity that may use the key. Services that encrypt run as it. */
  readonly identityId: string;

  /** The client id of that identity. */
  readonly identityClientId: string;
}

/** Props of a customer-managed key of Azure Key Vault. */
export interface EncryptionKeyProps extends core.EncryptionKeyProps {
  /**
   * The network that reaches the vault. With it the vault has no public address, and who deploys must be in the
   * network too.
   *
   * @default - the vault is reached over its public address, by identities that were granted to
   */
  readonly network?: core.INetwork;
}

/** Props of a key that exists already. */
export interface FromKeyIdProps {
  /** The key's id without a version: `https://<vault>.vault.azure.net/keys/<key>`. */
  readonly keyId: string;

  /** The resource id of its vault. */
  readonly keyVaultId: string;

  /** The resource id of a user-assigned identity with the role Key Vault Crypto Service Encryption User on it. */
  readonly identityId: string;

  /** The client id of that identity. */
  readonly identityClientId: string;
}

const FROM_KEY_ID: Schema<FromKeyIdProps> = {
  keyId: required(
    text({
      pattern: /^https:\/\/[^/]+\/keys\/[^/]+$/,
      means: "a key's id without a version: https://<vault>.vault.azure.net/keys/<key>",
    }),
  ),
  keyVaultId: required(text()),
  identityId: required(text()),
  identityClientId: required(text()),
};

/**
 * A customer-managed key of Azure Key Vault, rotated, in a vault of its own that no one can purge, with an identity that
 * services use it by. Under SecurityProfile.REGULATED constructs make one per stack on first need.
 */
export class EncryptionKey extends Construct implements IEncryptionKey {
  /**
   * A key that exists already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the key, and the identity that may use it
   */
  public static fromKeyId(scope: Construct, id: string, props: FromKeyIdProps): IEncryptionKey {
    return new ImportedKey(scope, id, props);
  }

  public readonly keyId: string;
  public readonly keyVaultId: string;
  public readonly identityId: string;
  public readonly identityClientId: string;
  /** @internal */
  public readonly _ready: TerraformElement[];

  constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', (faults) => {
      const { network } = commonRules(CLOUD);
      judgeProps(faults, struct<EncryptionKeyProps>({ ...encryptionKeyRules, network }), props);
      usesAll(this, { network: props.network }, faults);
    });

    const home = homeOf(this);
    const deployer = new DataAzurermClientConfig(this, 'Deployer', {});
    const vault = new KeyVault(this, 'Vault', {
      ...home,
      name: nameOf(this, NAMES.keyVault),
      tenantId: deployer.tenantId,
      // Storage and Azure Machine Learning only take keys that no one can purge.
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      publicNetworkAccessEnabled: !props.network,
      networkAcls: { bypass: 'AzureServices', defaultAction: props.network ? 'Deny' : 'Allow' },
    });
    keep(vault, props.retention);
    const endpoint = props.network
      ? privateEndpoint(this, props.network as INetwork, { resourceId: vault.id, service: 'vault' })
      : undefined;
    const officer = assignRole(this, 'DeployerRole', deployer.objectId, {
      role: 'Key Vault Crypto Officer',
      scope: vault.id,
      principal: 'any',
    });
    const key = new KeyVaultKey(this, 'Key', {
      name: 'ml',
      keyVaultId: vault.id,
      keyType: 'RSA',
      keySize: 3072,
      keyOpts: ['wrapKey', 'unwrapKey'],
      rotationPolicy: {
        automatic: { timeAfterCreation: `P${props.rotationDays ?? profileOf(this).keyRotationDays}D` },
      },
      dependsOn: [settled(this, 'DeployerRoleSettled', [officer]), ...(endpoint ? [endpoint] : [])],
    });
    keep(key, props.retention);
    const identity = new UserAssignedIdentity(this, 'Identity', {
      ...home,
      name: nameOf(this, NAMES.identity),
    });
    const role = assignRole(this, 'IdentityRole', identity.principalId, {
      role: 'Key Vault Crypto Service Encryption User',
      scope: key.resourceVersionlessId,
    });
    report(this, 'note', 'Key vault', 'Once made, its name stays taken for 90 days after its destruction.');

    this.node.defaultChild = key;
    this.keyId = key.versionlessId;
    this.keyVaultId = vault.id;
    this.identityId = identity.id;
    this.identityClientId = identity.clientId;
    this._ready = [settled(this, 'IdentityRoleSettled', [role])];
    exportAlways(this, this.keyId, this.keyVaultId, this.identityId, this.identityClientId);
  }
}

class ImportedKey extends Construct implements IEncryptionKey {
  public readonly keyId: string;
  public readonly keyVaultId: string;
  public readonly identityId: string;
  public readonly identityClientId: string;

  constructor(scope: Construct, id: string, props: FromKeyIdProps) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', (faults) => judgeProps(faults, struct(FROM_KEY_ID), props));
    const { keyId, keyVaultId, identityId, identityClientId } = literally(props);
    this.keyId = keyId;
    this.keyVaultId = keyVaultId;
    this.identityId = identityId;
    this.identityClientId = identityClientId;
  }
}
