/** What a rule of a scanner says of something that a construct makes. */
export interface Told {
  readonly profile: string;
  readonly scanner: string;
  readonly rule: string;
  /** Undefined where the rule is about nothing that a construct makes. */
  readonly construct?: string;
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

/** What scanners say of the constructs of a cloud. */
export interface Answers {
  /** How many rules each scanner has, whatever they are about. */
  readonly rules: { readonly [scanner: string]: number };
  readonly cells: Cell[];
}

/** Sums up what was told. */
export const answersOf = (told: readonly Told[]): Answers => ({
  rules: Object.fromEntries(
    grouped(told, ({ scanner }) => scanner).map((group) => [group[0].scanner, rulesIn(group)]),
  ),
  cells: grouped(
    told.filter(({ construct }) => construct),
    ({ profile, scanner, construct }) => `${profile} ${scanner} ${construct}`,
  ).map(cellOf),
});

const rulesIn = (told: readonly Told[]): number => new Set(told.map(({ rule }) => rule)).size;

function cellOf(told: Told[]): Cell {
  const [{ profile, scanner, construct }] = told;
  const findings = grouped(
    told.filter(({ because }) => because),
    ({ rule, because }) => `${rule} ${because}`,
  );
  return {
    ...{ profile, scanner, construct: construct! },
    rules: rulesIn(told),
    explained: findings.map(([{ rule, because }]) => ({ rule, because: because! })),
  };
}

/** In the order of their keys. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    groups.get(key)?.push(one) ?? groups.set(key, [one]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
