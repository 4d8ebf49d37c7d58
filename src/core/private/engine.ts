import { IConstruct } from 'constructs';
import { brand, brandOf } from './brand';
import { Faults, judge, judgeCall } from './faults';
import { aWorkload } from './rules/workload';
import { isToken } from './tokens';
import { IWorkload } from '../common';

/** What a cloud's rules need to know about its engine; `Stack` is what is deployed as one. */
export interface Engine<Stack extends IConstruct> {
  readonly cloud: string;
  /** What a construct must be in, in words: SDK and class. */
  readonly stack: { readonly sdk: string; readonly name: string };
  readonly isStack: (scope: IConstruct) => boolean;
  readonly stackOf: (construct: IConstruct) => Stack;
  /** What stacks cannot refer across, in words, and whether it is between two. */
  readonly boundary: string;
  readonly apart: (from: Stack, to: Stack) => boolean;
  readonly dependenciesOf: (stack: Stack) => Stack[];
  readonly addDependency: (from: Stack, to: Stack, user: IConstruct) => void;
}

/** The rules that every construct of a cloud follows, whatever its engine. */
export interface EngineRules<Workload> {
  /**
   * Judges the props of a construct of this cloud before its first child is made, and marks it as one. `find` collects
   * every fault and returns what the props mean.
   */
  readonly judgeConstruct: <T>(construct: IConstruct, kind: string, find: (faults: Faults) => T) => T;
  /** The workload of a grant, checked. */
  readonly grantee: (resource: IConstruct, workload: unknown) => Workload;
  /**
   * Lets the stack of `user` use `provider`, so that deployments keep that order. It is a fault when the order would
   * turn round, or when nothing can refer from the one to the other.
   */
  readonly comesBefore: (
    provider: IConstruct,
    user: IConstruct,
    prop: string,
    faults: Faults,
    code?: 'CMC-009' | 'CMC-013',
  ) => void;
  /** What the props object refers to, put in order: each construct of the library that the new one uses. */
  readonly usesAll: (user: IConstruct, used: { readonly [prop: string]: unknown }, faults: Faults) => void;
}

const a = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

export function engineRules<Stack extends IConstruct, Workload extends IWorkload>(
  engine: Engine<Stack>,
): EngineRules<Workload> {
  const { cloud } = engine;

  const dependsOn = (stack: Stack, other: Stack, seen = new Set<Stack>()): boolean =>
    engine
      .dependenciesOf(stack)
      .some((next) => next === other || (!seen.has(next) && dependsOn(next, other, seen.add(next))));

  const comesBefore: EngineRules<Workload>['comesBefore'] = (
    provider,
    user,
    prop,
    faults,
    code = 'CMC-009',
  ) => {
    const [from, to] = [user, provider].map(engine.stackOf);
    if (from === to) {
      return;
    }
    if (engine.apart(from, to)) {
      faults.add(
        'CMC-009',
        prop,
        `is in another ${engine.boundary} (${to.node.path}): import what exists there with a from… method`,
      );
    } else if (dependsOn(to, from)) {
      faults.add(
        code,
        prop,
        `would make stack ${from.node.path} depend on ${to.node.path}, which already depends on it: put both into one stack, or turn the order`,
      );
    } else {
      engine.addDependency(from, to, user);
    }
  };

  return {
    comesBefore,
    judgeConstruct: (construct, kind, find) =>
      judge(construct, (faults) => {
        if (!construct.node.scopes.some(engine.isStack)) {
          const { sdk, name } = engine.stack;
          faults.add(
            'CMC-011',
            '',
            `is ${a(cloud)}.${kind} outside of ${a(sdk)} ${name}: put it into ${a(cloud)}.PlatformStack or ${a(name)}`,
          );
          return undefined as ReturnType<typeof find>;
        }
        if (isToken(construct.node.id)) {
          faults.add('CMC-015', 'id', 'is known only at deployment; names are made of it at synthesis');
        }
        brand(construct, cloud, kind);
        return find(faults);
      }),
    grantee: (resource, workload) =>
      judgeCall(resource, (faults) => {
        aWorkload(cloud)(workload, 'workload', faults);
        if (faults.none) {
          comesBefore(resource, workload as IConstruct, 'workload', faults, 'CMC-013');
        }
        return workload as Workload;
      }),
    usesAll: (user, used, faults) => {
      for (const [prop, value] of Object.entries(used)) {
        [value].flat().forEach((one, i) => {
          if (brandOf(one)?.cloud === cloud) {
            comesBefore(one as IConstruct, user, Array.isArray(value) ? `${prop}[${i}]` : prop, faults);
          }
        });
      }
    },
  };
}
