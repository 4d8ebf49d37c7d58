/** The blocks of docs/compliance.md, and the summary of README.md, from what the tests and checkov wrote. */
import { AT_REST } from './at-rest';
import type { Answers, Cell } from './cells';
import type { Unscanned } from './unscanned';
import { table } from '../generated';

/** What is known of the clouds. */
export interface Found {
  /** By clouds, then one for each source: the packs of cdk-nag, checkov, own tests. */
  readonly answers: Readonly<Record<string, Answers[]>>;
  /** What checkov has no check for. */
  readonly unscanned: readonly Unscanned[];
}

export const CLOUDS: Readonly<Record<string, string>> = {
  aws: 'AWS',
  google: 'Google Cloud',
  azure: 'Azure',
};
const PROFILES = ['standard', 'regulated'];
/** What belongs to the user's part of a program. */
const NO_CONSTRUCT = 'none';

const unique = (all: readonly string[]): string[] => [...new Set(all)].sort();
const findingsOf = ({ explained }: Cell): number => unique(explained.map(({ rule }) => rule)).length;

/** The cells of a cloud, and the rules of its scanners. */
function joined(answers: readonly Answers[]): Answers {
  return {
    rules: Object.assign({}, ...answers.map(({ rules }) => rules)),
    cells: answers.flatMap(({ cells }) => cells).filter(({ construct }) => construct !== NO_CONSTRUCT),
  };
}

/** Construct × pack under each profile. */
function tableOf(answers: readonly Answers[]): string {
  const { rules, cells } = joined(answers);
  return PROFILES.map((profile) => {
    const those = cells.filter((cell) => cell.profile === profile);
    const scanners = Object.keys(rules).filter((name) => those.some(({ scanner }) => scanner === name));
    const rows = unique(those.map(({ construct }) => construct)).map((construct) => [
      construct,
      ...scanners.map((scanner) => {
        const cell = those.find((one) => one.construct === construct && one.scanner === scanner);
        const [asked, found] = cell ? [cell.rules, findingsOf(cell)] : [0, 0];
        return `${asked - found} / ${found} / ${rules[scanner] - asked}`;
      }),
    ]);
    return `**Under ${profile.toUpperCase()}**\n\n${table(['construct', ...scanners], rows)}`;
  }).join('\n\n');
}

/** `S3BucketReplicationEnabled` of three packs is said once. */
function rulesOf(cells: readonly { readonly scanner: string; readonly rule: string }[]): string {
  const bare = ({ scanner, rule }: (typeof cells)[number]) =>
    rule.startsWith(`${scanner}-`) ? rule.slice(scanner.length + 1) : rule;
  return unique(cells.map(bare))
    .map((name) => {
      const scanners = unique(cells.filter((one) => bare(one) === name).map(({ scanner }) => scanner));
      return `\`${name}\` (${scanners.join(', ')})`;
    })
    .join('<br>');
}

/** Every finding that stands, by its reason. */
function reasonsOf(answers: Found['answers']): string {
  const rows = Object.entries(answers).flatMap(([cloud, all]) => {
    const findings = joined(all).cells.flatMap(({ explained, ...cell }) =>
      explained.map((one) => ({ ...cell, ...one })),
    );
    return unique(findings.map(({ because }) => because)).map((because) => {
      const those = findings.filter((one) => one.because === because);
      return [
        CLOUDS[cloud],
        unique(those.map(({ construct }) => construct)).join(', '),
        rulesOf(those),
        PROFILES.filter((name) => those.some(({ profile }) => profile === name)).join(', '),
        because.replace(/\s+/g, ' ').replace(/\|/g, '\\|'),
      ];
    });
  });
  return table(['cloud', 'constructs', 'rules', 'profiles', 'reason'], rows);
}

function unscannedOf(all: readonly Unscanned[]): string {
  const rows = Object.entries(CLOUDS).flatMap(([cloud, title]) => {
    const those = all.filter((one) => one.cloud === cloud);
    const constructs = unique(those.flatMap((one) => one.constructs)).filter((one) => one !== NO_CONSTRUCT);
    return constructs.map((construct) => [
      title,
      construct,
      those
        .filter((one) => one.constructs.includes(construct))
        .map(({ type }) => `\`${type}\``)
        .join(', '),
    ]);
  });
  return table(['cloud', 'construct', 'types'], rows);
}

function keysOf(): string {
  const rows = Object.entries(AT_REST).flatMap(([cloud, kept]) =>
    kept.map(({ type, on, keeps, because }) => [
      CLOUDS[cloud],
      keeps,
      `\`${type}\`${on ? ` (\`${on.source.replace(/\|/g, '\\|')}\`)` : ''}`,
      because ?? 'yes',
    ]),
  );
  return table(['cloud', 'keeps', 'type', 'key of the customer'], rows);
}

/** The tables of the clouds. */
export const tablesOf = ({ answers }: Found): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(answers).map(([cloud, all]) => [cloud, tableOf(all)]));

/** The blocks of the page by their names. */
export const pageOf = (found: Found): Readonly<Record<string, string>> => ({
  ...tablesOf(found),
  reasons: reasonsOf(found.answers),
  unscanned: unscannedOf(found.unscanned),
  keys: keysOf(),
});

/** Scanner × cloud under each profile; a rule counts for each construct that it is about. */
export function summaryOf({ answers }: Found): string {
  const clouds = Object.keys(answers);
  const all = new Map(clouds.map((cloud) => [cloud, joined(answers[cloud])]));
  const scanners = [...new Set(clouds.flatMap((cloud) => Object.keys(all.get(cloud)!.rules)))];
  const head = clouds.flatMap((cloud) => PROFILES.map((profile) => `${CLOUDS[cloud]}, ${profile}`));
  const rows = scanners.map((scanner) => [
    scanner,
    ...clouds.flatMap((cloud) =>
      PROFILES.map((profile) => {
        const those = all
          .get(cloud)!
          .cells.filter((cell) => cell.scanner === scanner && cell.profile === profile);
        const found = those.reduce((sum, cell) => sum + findingsOf(cell), 0);
        const asked = those.reduce((sum, { rules }) => sum + rules, 0);
        return those.length ? `${asked - found} / ${found}` : '–';
      }),
    ),
  ]);
  return table(['', ...head], rows);
}
