import { KmsCryptoKey } from '@cdktf/provider-google/lib/kms-crypto-key';
import { KmsKeyRing } from '@cdktf/provider-google/lib/kms-key-ring';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { apis } from './private/apis';
import { judgeConstruct } from './private/judge';
import { physicalName, RFC1035 } from './private/names';
import { Once } from './private/once';
import { placeOf } from './private/place';
import { profileOf } from './private/profile';
import { encryptionKeyRules } from '../core/private/rules/stack';
import { flag, judgeProps, required, struct, text } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { keep } from '../terraform/kept';

/** A customer-managed key of Cloud KMS. */
export interface IEncryptionKey extends core.IEncryptionKey {
  /** The native key; undefined for an imported one. */
  readonly cryptoKey?: TerraformResource;

  /** Whether the service agents that encrypt with the key were let use it elsewhere. */
  readonly serviceAgentsGranted: boolean;
}

/** Props of a customer-managed key of Cloud KMS. */
export interface EncryptionKeyProps extends core.EncryptionKeyProps {}

/** Options of a key that exists already. */
export interface FromKeyIdOptions {
  /**
   * Whether the service agents that encrypt with the key (of Cloud Storage, Artifact Registry, Vertex AI …) may use it
   * already. Else each is let use it when a construct needs it.
   *
   * @default false
   */
  readonly serviceAgentsGranted?: boolean;
}

/**
 * A customer-managed key of Cloud KMS, rotated, in a key ring of its own. Neither can ever be deleted: destroying the
 * key destroys its material, after 30 days. Under SecurityProfile.REGULATED constructs make one per stack on first need,
 * so most programs never name this class.
 */
export class EncryptionKey extends Construct implements IEncryptionKey {
  /**
   * A key that exists already, in the region of what it encrypts.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param keyId `projects/…/locations/…/keyRings/…/cryptoKeys/…`
   * @param options what was done to it already
   */
  public static fromKeyId(
    scope: Construct,
    id: string,
    keyId: string,
    options: FromKeyIdOptions = {},
  ): IEncryptionKey {
    return new ImportedKey(scope, id, keyId, options);
  }

  public readonly cryptoKey?: TerraformResource;
  public readonly keyId: string;
  public readonly serviceAgentsGranted: boolean = false;
  /** The native key ring. */
  public readonly keyRing: TerraformResource;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', (faults) => judgeProps(faults, struct(encryptionKeyRules), props));

    // The name of a destroyed ring is never free again.
    const suffix = new Once(this, 'Suffix').hex;
    const ring = new KmsKeyRing(this, 'Ring', {
      name: `${physicalName(this, { ...RFC1035, maxLength: 54 })}-${suffix}`,
      location: placeOf(this).region,
      dependsOn: apis(this, 'cloudkms'),
    });
    const key = new KmsCryptoKey(this, 'Key', {
      name: 'ml',
      keyRing: ring.id,
      purpose: 'ENCRYPT_DECRYPT',
      rotationPeriod: `${(props.rotationDays ?? profileOf(this).keyRotationDays) * 86400}s`,
      destroyScheduledDuration: `${30 * 86400}s`,
    });
    keep(key, props.retention);
    this.node.defaultChild = key;
    this.keyRing = ring;
    this.cryptoKey = key;
    this.keyId = key.id;
    exportAlways(this, this.keyId);
  }
}

class ImportedKey extends Construct implements IEncryptionKey {
  public readonly serviceAgentsGranted: boolean;

  constructor(
    scope: Construct,
    id: string,
    public readonly keyId: string,
    options: FromKeyIdOptions,
  ) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', (faults) =>
      judgeProps(faults, struct({ keyId: KEY_ID, serviceAgentsGranted: flag }), { keyId, ...options }),
    );
    this.serviceAgentsGranted = options.serviceAgentsGranted ?? false;
  }
}

const KEY_ID = required(
  text({
    pattern: /^projects\/[\w.:-]+\/locations\/[\w-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/,
    means: 'projects/…/locations/…/keyRings/…/cryptoKeys/…',
  }),
);
