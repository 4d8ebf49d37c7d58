import { TerraformElement, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import * as core from '../../core';
import { brandOf } from '../../core/private/brand';
import { EncryptionKey, IEncryptionKey } from '../encryption-key';

/** The id of a stack's default key is part of the API: it decides the key's address. */
const DEFAULT_KEY = 'MlKey';

/**
 * The key of a construct: the one it was given, else under REGULATED the default key of its stack, else none: Azure's own
 * keys encrypt.
 */
export function keyFor(construct: IConstruct, given?: core.IEncryptionKey): IEncryptionKey | undefined {
  if (given) {
    return given as IEncryptionKey;
  }
  if (core.SecurityProfile.of(construct) !== core.SecurityProfile.REGULATED) {
    return undefined;
  }
  const stack = TerraformStack.of(construct);
  const found = stack.node.tryFindChild(DEFAULT_KEY);
  return (brandOf(found) ? found : new EncryptionKey(stack, DEFAULT_KEY)) as unknown as IEncryptionKey;
}

/** What a use of a key must wait for; nothing for one that was there before. */
export const readyOf = (key?: core.IEncryptionKey): TerraformElement[] =>
  (key as { _ready?: TerraformElement[] } | undefined)?._ready ?? [];
