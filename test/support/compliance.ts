import { mkdirSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { IConstruct } from 'constructs';
import { answersOf, Told } from '../../scripts/compliance/cells';
import { brandOf } from '../../src/core/private/brand';

const ROOT = join(__dirname, '..', '..');

/** What belongs to no construct of the library. */
export const NO_CONSTRUCT = 'none';

/** The construct of the library that something belongs to: the outermost one, or what its stack shares. */
export function constructOf({ node: { scopes } }: IConstruct): string {
  const kinds = scopes.flatMap((scope) => brandOf(scope)?.kind ?? []);
  const shared = scopes.find(({ node }) => /^Ml[A-Z]/.test(node.id));
  return (
    kinds.find((kind) => kind !== 'PlatformStack') ?? shared?.node.id.replace(/-.*$/, '') ?? NO_CONSTRUCT
  );
}

/** What is known of a stack that a scanner cannot know. */
export interface StackFacts {
  /** `<program>/<stack>`. */
  readonly stack: string;
  readonly profile: string;
  /** The construct that each resource belongs to, by its id. */
  readonly constructs: { readonly [id: string]: string };
  /** What its template tells checkov to let stand. */
  readonly skips: { readonly check: string; readonly resource: string; readonly because: string }[];
}

/** Writes coverage/compliance/<name>.json, which scripts read. */
export function writeFacts(name: string, facts: object): void {
  const file = join(ROOT, 'coverage', 'compliance', `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(facts, null, 1)}\n`);
}

/** Writes what was told of the constructs of a cloud, summed up. */
export const writeAnswers = (name: string, told: Told[]): void => writeFacts(name, answersOf(told));
