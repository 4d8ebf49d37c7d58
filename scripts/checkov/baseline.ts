/** What checkov finds, against what was looked at and let stand, with a reason. */

/** Findings that are none, where they are expected. */
export interface Entry {
  /** The ids of the checks. */
  readonly checks: string[];
  /** Patterns of `<type> <path of the construct in its stack>`; `*` is any text. */
  readonly on: string[];
  /** The only profile that it is said of; where it is left out each of them, which must have the finding. */
  readonly profile?: string;
  /** Patterns of `<program>/<stack>` that the entry says nothing of, and why not is in the reason. */
  readonly except?: string[];
  /** Which of the reasons. */
  readonly because: string;
}

/** What is let stand on a cloud, construct by construct. */
export interface Baseline {
  /** Each in a sentence. */
  readonly reasons: { readonly [name: string]: string };
  readonly constructs: { readonly [construct: string]: Entry[] };
}

/** A check that failed. */
export interface Finding {
  readonly check: string;
  readonly name: string;
  /** `<type> <path of the construct in its stack>`, for CloudFormation `<type> <logical id>`. */
  readonly resource: string;
  /** `<program>/<stack>`. */
  readonly stack: string;
  readonly profile: string;
  /** What the resource belongs to; undefined in programs that only their output is known of. */
  readonly construct?: string;
}

/** A finding with the reason why it stands. */
export interface Explained extends Finding {
  readonly because: string;
}

export interface Judgement {
  /** Findings that nothing covers. */
  readonly found: Finding[];
  /** Findings that stand. */
  readonly explained: Explained[];
  /** What covers nothing: what it lets stand is gone. */
  readonly stale: string[];
}

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(text);

const PROFILES = ['standard', 'regulated'];

/** One check of an entry on one of its patterns, under one profile. */
interface Cover {
  readonly says: string;
  readonly construct: string;
  readonly because: string;
  covers(finding: Finding): boolean;
}

function coversOf({ reasons, constructs }: Baseline): Cover[] {
  return Object.entries(constructs).flatMap(([construct, entries]) =>
    entries.flatMap(({ checks, on, profile, except = [], because }) =>
      checks.flatMap((check) =>
        on.flatMap((pattern) =>
          (profile ? [profile] : PROFILES).map((one) => ({
            says: `${construct}: ${check} on ${pattern} under ${one}`,
            construct,
            because: reasons[because],
            covers: (finding: Finding) =>
              check === finding.check &&
              matches(pattern, finding.resource) &&
              one === finding.profile &&
              [undefined, construct].includes(finding.construct) &&
              !except.some((stack) => matches(stack, finding.stack)),
          })),
        ),
      ),
    ),
  );
}

/** Judges findings by a baseline. */
export const judged = (findings: Finding[], baseline: Baseline): Judgement =>
  judgedBy(findings, coversOf(baseline));

/** What a template itself tells checkov to let stand. */
export interface Skip {
  readonly check: string;
  readonly resource: string;
  readonly because: string;
  /** `<program>/<stack>`. */
  readonly stack: string;
}

/** Judges findings by what their templates say. */
export const judgedBySkips = (findings: Finding[], skips: Skip[]): Judgement =>
  judgedBy(
    findings,
    skips.map(({ check, resource, stack, because }) => ({
      says: `${check} on ${resource} (${stack})`,
      construct: '',
      because,
      covers: (finding) =>
        finding.check === check && finding.resource === resource && finding.stack === stack,
    })),
  );

function judgedBy(findings: Finding[], covers: Cover[]): Judgement {
  const explained = findings.flatMap((finding) => {
    const cover = covers.find((one) => one.covers(finding));
    return cover
      ? [{ ...finding, construct: finding.construct ?? cover.construct, because: cover.because, finding }]
      : [];
  });
  const standing = new Set(explained.map(({ finding }) => finding));
  return {
    found: findings.filter((finding) => !standing.has(finding)),
    explained: explained.map(({ finding: _, ...one }) => one),
    stale: covers
      .filter((cover) => !findings.some((finding) => cover.covers(finding)))
      .map(({ says }) => says),
  };
}
