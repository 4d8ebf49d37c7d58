import { Stack, Tokenization } from 'aws-cdk-lib';
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
    // What is put together, such as the ARN of what exists already, refers to nothing here.
    const { tokens, length } = Tokenization.reverseString(value);
    if (tokens.length === 1 && length === 1) {
      stack.exportValue(value);
    }
  }
}
