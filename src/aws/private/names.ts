import { createHash } from 'crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { rootOf } from './judge';

export interface NameForm {
  readonly maxLength: number;
  /** @default '-' */
  readonly separator?: string;
}

/**
 * A name for a resource that CloudFormation does not name itself: readable, unique in an account and region, and the
 * same for as long as stack name and path stay. `<stack>-<path>-<8 hex>`, lower-case.
 */
export function physicalName(construct: IConstruct, { maxLength, separator = '-' }: NameForm): string {
  const stack = rootOf(Stack.of(construct));
  const path = construct.node.path.slice(stack.node.path.length);
  // Only a nested stack's name is a token, and only of a root stack is asked here; a user may still pass one.
  const stackName = Token.isUnresolved(stack.stackName) ? stack.node.path : stack.stackName;
  const hash = createHash('sha256').update(`${stackName}\0${path}`).digest('hex').slice(0, 8);
  const readable = `${stackName}${path}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, separator)
    .slice(0, maxLength - 9)
    .replace(new RegExp(`^[^a-z]+|${separator}+$`, 'g'), '');
  return `${readable || 'ml'}${separator}${hash}`;
}
