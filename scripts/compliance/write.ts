/**
 * `npm run compliance`: runs the tests that ask scanners, and checkov; prints what they say of each construct, and writes
 * it into docs/compliance.md and README.md. With `--check` it runs nothing and writes nothing: it only says whether both
 * are what was found last.
 */
import { spawnSync } from 'child_process';
import { existsSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';
import type { Answers } from './cells';
import { CLOUDS, Found, pageOf, summaryOf, tablesOf } from './page';
import type { Unscanned } from './unscanned';
import { Generated } from '../generated';

const root = join(__dirname, '..', '..');
const folder = join(root, 'coverage', 'compliance');
/** The exit code of a check that cannot be made here. */
const SKIPPED = 77;
const checks = process.argv.includes('--check');

function run(command: string, ...args: string[]): number {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

function read(file: string): any {
  if (!existsSync(join(folder, file))) {
    throw new Error(`coverage/compliance has no ${file}: run \`npm run compliance\``);
  }
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** What was found last, on AWS by cdk-nag too. */
function foundBy(checkov: { answers: Readonly<Record<string, Answers>>; unscanned: Unscanned[] }): Found {
  const answersOn = (cloud: string): Answers[] => [
    ...(cloud === 'aws' ? [read('aws.json')] : []),
    ...(checkov.answers[cloud] ? [checkov.answers[cloud]] : []),
    read(`${cloud}.own.json`),
  ];
  const clouds = Object.keys(CLOUDS);
  return {
    answers: Object.fromEntries(clouds.map((cloud) => [cloud, answersOn(cloud)])),
    unscanned: checkov.unscanned,
  };
}

const show = (found: Found): void =>
  Object.entries(tablesOf(found)).forEach(([cloud, text]) => console.log(`\n# ${CLOUDS[cloud]}\n\n${text}`));

/** Asks all scanners; false where checkov cannot be installed. */
function ask(): boolean {
  rmSync(folder, { recursive: true, force: true });
  const tested = run('npx', 'jest', 'test/security', 'test/aws/compliance');
  const scanned = tested || run('bash', 'scripts/checkov.sh');
  if (tested || ![0, SKIPPED].includes(scanned)) {
    throw new Error('something is not as it must be: see above');
  }
  return scanned === 0;
}

if (!checks && !ask()) {
  show(foundBy({ answers: {}, unscanned: [] }));
  console.log('\ncheckov was not run, and its columns are missing: docs/compliance.md stays as it is.');
  process.exit();
}
const found = foundBy(read('checkov.json'));
if (!checks) {
  show(found);
}
const generated = new Generated('compliance');
generated.blocks('docs/compliance.md', pageOf(found));
generated.blocks('README.md', { compliance: summaryOf(found) });
generated.finish();
