/** What checkov finds, against what was looked at and let stand, with a reason. */

/** A finding that is none, where it is expected. */
export interface Entry {
  /** The check's id. */
  readonly check: string;
  /** Patterns of `<type> <path of the construct in its stack>`, for CloudFormation `<type> <logical id>`; `*` is any text. */
  readonly on: string[];
  /** Patterns of `<program>/<stack>` that the entry says nothing of, and why not is in the reason. */
  readonly except?: string[];
  /** Why it stands, in a sentence. */
  readonly because: string;
}

/** A check that failed. */
export interface Finding {
  readonly check: string;
  readonly name: string;
  /** `<type> <path of the construct in its stack>`. */
  readonly resource: string;
  /** `<program>/<stack>`. */
  readonly stack: string;
}

export interface Judgement {
  /** Findings that no entry covers. */
  readonly found: Finding[];
  /** Entries, or patterns of them, that cover nothing: what they let stand is gone. */
  readonly stale: string[];
}

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(text);

const covers = ({ check, except = [] }: Entry, pattern: string, finding: Finding): boolean =>
  check === finding.check &&
  matches(pattern, finding.resource) &&
  !except.some((stack) => matches(stack, finding.stack));

export function judged(findings: Finding[], entries: Entry[]): Judgement {
  return {
    found: findings.filter(
      (finding) => !entries.some((entry) => entry.on.some((pattern) => covers(entry, pattern, finding))),
    ),
    stale: entries.flatMap((entry) =>
      entry.on
        .filter((pattern) => !findings.some((finding) => covers(entry, pattern, finding)))
        .map((pattern) => `${entry.check} on ${pattern}`),
    ),
  };
}
