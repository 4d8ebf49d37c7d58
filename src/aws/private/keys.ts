import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { rootOf } from './judge';
import * as core from '../../core';
import { brandOf } from '../../core/private/brand';
import { EncryptionKey, IEncryptionKey } from '../encryption-key';

/** The id of a stack's default key is part of the API: it decides the key's logical id. */
const DEFAULT_KEY = 'MlKey';

/** The key of a construct: the one it was given, else the default key of its root stack. */
export function keyFor(construct: IConstruct, given?: core.IEncryptionKey): IEncryptionKey {
  if (given) {
    return given as IEncryptionKey;
  }
  const stack = rootOf(Stack.of(construct));
  const found = stack.node.tryFindChild(DEFAULT_KEY);
  return (brandOf(found) ? found : new EncryptionKey(stack, DEFAULT_KEY)) as unknown as IEncryptionKey;
}
