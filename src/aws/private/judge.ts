import { Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { brand, brandOf } from '../../core/private/brand';
import { Faults, judge, judgeCall } from '../../core/private/faults';
import { aWorkload } from '../../core/private/rules';
import { IWorkload } from '../workload';

/** The cloud's name in brands and messages. */
export const CLOUD = 'aws';

/**
 * Judges the props of a construct of this cloud before its first child is made, and marks it as one. `find` collects
 * every fault and returns what the props mean.
 */
export function judgeConstruct<T>(construct: IConstruct, kind: string, find: (faults: Faults) => T): T {
  return judge(construct, (faults) => {
    if (!construct.node.scopes.some((scope) => Stack.isStack(scope))) {
      faults.add(
        'CMC-011',
        '',
        `is an aws.${kind} outside of an aws-cdk-lib Stack: put it into an aws.PlatformStack or a Stack`,
      );
      return undefined as T;
    }
    brand(construct, CLOUD, kind);
    return find(faults);
  });
}

/** The workload of a grant, checked. */
export function grantee(resource: IConstruct, workload: unknown): IWorkload {
  return judgeCall(resource, (faults) => {
    aWorkload(CLOUD)(workload, 'workload', faults);
    if (faults.none) {
      comesBefore(resource, workload as IConstruct, 'workload', faults, 'CMC-013');
    }
    return workload as IWorkload;
  });
}

/**
 * Lets the stack of `user` use `provider`, so that deployments keep that order. It is a fault when the order would
 * turn round, or when the two are in different stages, which CloudFormation cannot reference across.
 */
export function comesBefore(
  provider: IConstruct,
  user: IConstruct,
  prop: string,
  faults: Faults,
  code: 'CMC-009' | 'CMC-013' = 'CMC-009',
): void {
  const [from, to] = [Stack.of(user), Stack.of(provider)].map(rootOf);
  if (from === to) {
    return;
  }
  if (Stage.of(from) !== Stage.of(to)) {
    faults.add(
      'CMC-009',
      prop,
      `is in another stage (${to.node.path}): import what exists there with a from… method`,
    );
  } else if (dependsOn(to, from)) {
    faults.add(
      code,
      prop,
      `would make stack ${from.node.path} depend on ${to.node.path}, which already depends on it: put both into one stack, or turn the order`,
    );
  } else {
    from.addStackDependency(to, user.node.path);
  }
}

/** The stack that is deployed: the one above all nested ones. */
export function rootOf(stack: Stack): Stack {
  return stack.nestedStackParent ? rootOf(stack.nestedStackParent) : stack;
}

function dependsOn(stack: Stack, other: Stack, seen = new Set<Stack>()): boolean {
  return stack.dependencies.some(
    (next) => next === other || (!seen.has(next) && dependsOn(next, other, seen.add(next))),
  );
}

/** What the props object refers to, put in order: each construct of the library that the new one uses. */
export function usesAll(user: IConstruct, used: { readonly [prop: string]: unknown }, faults: Faults): void {
  for (const [prop, value] of Object.entries(used)) {
    [value].flat().forEach((one, i) => {
      if (brandOf(one)?.cloud === CLOUD) {
        comesBefore(one as IConstruct, user, Array.isArray(value) ? `${prop}[${i}]` : prop, faults);
      }
    });
  }
}
