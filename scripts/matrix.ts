/**
 * `npm run matrix`: runs the contract suite on every cloud, and writes the support matrix into README.md from what it
 * found. With `--check` it only says whether the matrix is current.
 */
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

const root = join(__dirname, '..');
const results = join(root, 'coverage', 'contract');
const readme = join(root, 'README.md');
const [BEGIN, END] = ['<!-- matrix: written by `npm run matrix` -->', '<!-- end of matrix -->'];

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
function note(instead: string): number {
  const reason = instead
    .replace(/^[^:]*: (\d+ faults\n)?\s*/, '')
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|')
    .replace(/\$\{[^}]*\}/g, '…');
  if (!reasons.includes(reason)) {
    reasons.push(reason);
  }
  return reasons.indexOf(reason) + 1;
}

function answer(cloud: string, construct: string, promise: string): string {
  const cell = cells[cloud].find((one) => one.construct === construct && one.promise === promise);
  return cell === undefined ? '–' : cell.holds ? 'yes' : `error (${note(cell.instead!)})`;
}

const promises = cells[clouds[0]].map(({ construct, promise }) => ({ construct, promise }));
const rows = promises
  .filter(({ construct }) => construct !== 'Grants')
  .map(({ construct, promise }) => [
    construct,
    promise,
    ...clouds.map((cloud) => answer(cloud, construct, promise)),
  ]);
const grants = promises.filter(({ construct }) => construct === 'Grants').map(({ promise }) => promise);
const allGrants = clouds.map((cloud) =>
  grants.every((promise) => answer(cloud, 'Grants', promise) === 'yes') ? 'yes' : 'in part',
);

const line = (fields: string[]) => `| ${fields.join(' | ')} |`;
const table = [
  line(['construct', 'promise', ...clouds.map((cloud) => TITLES[cloud])]),
  line(['---', '---', ...clouds.map(() => '---')]),
  ...rows.map(line),
  line([
    'all',
    'Grants over two stacks are written on the grantee’s side; one that points backwards is an error',
    ...allGrants,
  ]),
  line(['', '*evidence*', ...clouds.map((cloud) => `*${EVIDENCE[cloud]}*`)]),
].join('\n');
const notes = reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n');
const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(BEGIN);
const [, after] = (rest ?? '').split(END);
if (after === undefined) {
  throw new Error(`README.md has no place for the matrix: ${BEGIN} … ${END}`);
}
const written = `${before}${BEGIN}\n\n${table}\n\n${notes}\n\n${END}${after}`;
if (!process.argv.includes('--check')) {
  writeFileSync(readme, written);
} else if (written !== text) {
  throw new Error(
    'the support matrix in README.md is not what the contract suite finds: run `npm run matrix`',
  );
}
