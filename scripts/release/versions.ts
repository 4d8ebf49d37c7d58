/** What a version must be: semantic versioning, with the title of the change log as the one place that says it. */
import { gt, inc, lt, major, valid } from 'semver';

/** How the public API differs from the last release. */
export type Change = 'breaking' | 'addition' | 'none';

/** The section at the top of the change log. */
export interface Section {
  readonly title: string;
  /** Whether it tells of breaking changes, under a title of their own. */
  readonly breaking: boolean;
}

export function topSection(changelog: string): Section {
  const found = /^## (.+)\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog);
  if (!found) {
    throw new Error('the change log has no section');
  }
  return { title: found[1].trim(), breaking: /^### Breaking$/m.test(found[2]) };
}

/** While versions begin with 0 the second number counts breaking changes, as ranges of npm and pip understand them. */
export function leastVersion(last: string, change: Change): string {
  const unstable = major(last) === 0;
  const part = {
    breaking: unstable ? 'minor' : 'major',
    addition: unstable ? 'patch' : 'minor',
    none: 'patch',
  } as const;
  return inc(last, part[change])!;
}

/** Why the change log does not fit to what has changed. */
export function fault(section: Section, last: string | undefined, change: Change): string | undefined {
  if (change === 'breaking' && !section.breaking) {
    return `the API breaks: tell it in the change log, below "### Breaking" of "## ${section.title}"`;
  }
  if (section.title === 'Unreleased' || last === undefined || section.title === last) {
    return undefined;
  }
  const least = leastVersion(last, change);
  return !valid(section.title) || lt(section.title, least)
    ? `"## ${section.title}" of the change log must be ${least} or later: last was ${last}, and changes are: ${change}`
    : undefined;
}

/** The version that is released next: the title of the section at the top. */
export function nextVersion({ title }: Section, last: string | undefined): string {
  if (!valid(title) || (last !== undefined && !gt(title, last))) {
    throw new Error(
      `"## ${title}" of the change log must be the version to release${last ? `, later than ${last}` : ''}`,
    );
  }
  return title;
}

interface Assembly {
  readonly types?: {
    readonly [fqn: string]: {
      readonly methods?: { readonly name: string }[];
      readonly properties?: { readonly name: string }[];
      readonly members?: { readonly name: string }[];
    };
  };
}

/** Whether an assembly of jsii has a type or a member that another one has not. */
export function grew(old: Assembly, now: Assembly): boolean {
  const names = ({ types = {} }: Assembly) =>
    Object.entries(types).flatMap(([fqn, { methods = [], properties = [], members = [] }]) => [
      fqn,
      ...[...methods, ...properties, ...members].map(({ name }) => `${fqn}.${name}`),
    ]);
  const before = new Set(names(old));
  return names(now).some((name) => !before.has(name));
}
