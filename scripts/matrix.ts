/**
 * `npm run matrix`: runs the contract suite on every cloud, and writes the support matrix into README.md from what it
 * found. With `--check` it only says whether the matrix is current.
 */
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { Generated, table } from './generated';

const results = join(__dirname, '..', 'coverage', 'contract');

interface Cell {
  readonly construct: string;
  readonly promise: string;
  readonly holds: boolean;
  /** The error that names the alternative. */
  readonly instead?: string;
}

const TITLES: Record<string, string> = { aws: 'AWS', google: 'Google Cloud', azure: 'Azure' };
/** What the answers rest on. Nothing was deployed to a real cloud yet. */
const EVIDENCE: Record<string, string> = {
  aws: 'CloudFormation schemas, emulator',
  google: "provider's schemas",
  azure: "provider's schemas, ARM types",
};

const found = readdirSync(results).map((file) => file.replace(/\.json$/, ''));
const clouds = Object.keys(TITLES).filter((cloud) => found.includes(cloud));
const cells = Object.fromEntries(
  clouds.map((cloud) => [cloud, JSON.parse(readFileSync(join(results, `${cloud}.json`), 'utf8')) as Cell[]]),
);

const reasons: string[] = [];

/** The number of a reason; equal ones share it. */
function numberOf(reason: string): number {
  const written = reason
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|')
    .replace(/\$\{[^}]*\}/g, '…');
  if (!reasons.includes(written)) {
    reasons.push(written);
  }
  return reasons.indexOf(written) + 1;
}

/** The numbers of the reasons of an error: a line each, where there are several. */
function numbersOf(instead: string): number[] {
  const [, several, text] = /^[^:]*: (\d+ faults\n)?([^]*)$/.exec(instead)!;
  return (several ? text.trim().split('\n') : [text]).map((reason) => numberOf(reason.trim()));
}

/** What holds of promises, or why it does not. */
function answer(cloud: string, construct: string, ...asked: string[]): string {
  const those = cells[cloud].filter((one) => one.construct === construct && asked.includes(one.promise));
  const numbers = those.flatMap(({ holds, instead }) => (holds ? [] : numbersOf(instead!)));
  return numbers.length ? `error (${[...new Set(numbers)].join(', ')})` : those.length ? 'yes' : '–';
}

const promises = cells[clouds[0]].map(({ construct, promise }) => ({ construct, promise }));
const rows = promises
  .filter(({ construct }) => construct !== 'Grants')
  .map(({ construct, promise }) => [
    construct,
    promise,
    ...clouds.map((cloud) => answer(cloud, construct, promise)),
  ]);

/** Grants by what the clouds answer: those that are alike everywhere share a row. */
const grants = new Map<string, { readonly names: string[]; readonly answers: string[] }>();
const ofGrants = promises.filter(({ construct }) => construct === 'Grants').map(({ promise }) => promise);
for (const name of new Set(ofGrants.map((promise) => promise.split(' ')[0]))) {
  const own = ofGrants.filter((promise) => promise.startsWith(`${name} `));
  const answers = clouds.map((cloud) => answer(cloud, 'Grants', ...own));
  const { names } = grants.get(answers.join()) ?? { names: [] };
  grants.set(answers.join(), { names: [...names, name], answers });
}
const grantRows = [...grants.values()].map(({ names, answers }) => [
  'grants',
  `${names.map((name) => `\`${name}\``).join(', ')}: over two stacks written on the grantee’s side; one that points backwards is an error`,
  ...answers,
]);

const matrix = table(
  ['construct', 'promise', ...clouds.map((cloud) => TITLES[cloud])],
  [...rows, ...grantRows, ['', '*evidence*', ...clouds.map((cloud) => `*${EVIDENCE[cloud]}*`)]],
);
const notes = reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n');
const readme = new Generated('matrix');
readme.blocks('README.md', { matrix: `${matrix}\n\n${notes}` });
readme.finish();
