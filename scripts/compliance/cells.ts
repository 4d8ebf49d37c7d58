/** What a rule of a scanner says of something that a construct makes. */
export interface Told {
  readonly profile: string;
  readonly scanner: string;
  readonly construct: string;
  readonly rule: string;
  /** Why it stands, where it is a finding. */
  readonly because?: string;
}

/** What a scanner says of a construct under a profile: a cell of the table. */
export interface Cell {
  readonly profile: string;
  readonly scanner: string;
  readonly construct: string;
  /** How many rules are about it. */
  readonly rules: number;
  /** The findings that stand, each with its reason. */
  readonly explained: { readonly rule: string; readonly because: string }[];
}

/** Sums up what was told. */
export function cellsOf(told: readonly Told[]): Cell[] {
  return grouped(told, ({ profile, scanner, construct }) => `${profile} ${scanner} ${construct}`).map(
    (group) => {
      const [{ profile, scanner, construct }] = group;
      const findings = grouped(
        group.filter(({ because }) => because),
        ({ rule, because }) => `${rule} ${because}`,
      );
      return {
        ...{ profile, scanner, construct },
        rules: new Set(group.map(({ rule }) => rule)).size,
        explained: findings.map(([{ rule, because }]) => ({ rule, because: because! })),
      };
    },
  );
}

/** In the order of their keys. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
