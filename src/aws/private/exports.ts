import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { rootOf } from './judge';

/**
 * Exports values from the stack of a construct whether or not another stack uses them today, so that removing the
 * last use never has to wait for another deployment. Values of nested stacks stay inside.
 */
export function exportAlways(construct: IConstruct, ...values: string[]): void {
  const stack = Stack.of(construct);
  if (rootOf(stack) !== stack) {
    return;
  }
  for (const value of values) {
    if (Token.isUnresolved(value)) {
      stack.exportValue(value);
    }
  }
}
