import { Stack, Stage } from 'aws-cdk-lib';
import { engineRules } from '../../core/private/engine';
import { IWorkload } from '../workload';

/** The cloud's name in brands and messages. */
export const CLOUD = 'aws';

export const { judgeConstruct, grantee, comesBefore, usesAll } = engineRules<Stack, IWorkload>({
  cloud: CLOUD,
  stack: { sdk: 'aws-cdk-lib', name: 'Stack' },
  isStack: (scope) => Stack.isStack(scope),
  stackOf: (construct) => rootOf(Stack.of(construct)),
  // CloudFormation cannot refer from one to another. An environment is an account and a region, or open.
  boundary: 'stage or environment',
  apart: (from, to) => Stage.of(from) !== Stage.of(to) || from.environment !== to.environment,
  dependenciesOf: (stack) => stack.dependencies,
  addDependency: (from, to, user) => from.addStackDependency(to, user.node.path),
});

/** The stack that is deployed: the one above all nested ones. */
export function rootOf(stack: Stack): Stack {
  return stack.nestedStackParent ? rootOf(stack.nestedStackParent) : stack;
}
