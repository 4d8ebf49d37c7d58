/**
 * `judge.ts REPORT FOLDER`: what checkov found in the stacks of a folder, against the baselines next to this file. Fails on
 * a finding beyond them, and on an entry that lets nothing stand any more.
 */
import { readdirSync, readFileSync } from 'fs';
import { basename, dirname, join } from 'path';
import { Entry, Finding, judged } from './baseline';

const [report, folder] = process.argv.slice(2);
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** `<type> <path>`: checkov names a resource by its id, with or without its type. */
function resourceOf(file: string, named: string): string {
  const id = named.slice(named.lastIndexOf('.') + 1);
  if (!file.endsWith('.tf.json')) {
    return `${named.slice(0, named.lastIndexOf('.'))} ${id}`;
  }
  const made: [string, Record<string, any>][] = Object.entries(read(join(folder, file)).resource);
  const [type, resources] = made.find(
    ([one, all]) => id in all && (named === `${one}.${id}` || named === `resource.${id}`),
  )!;
  return `${type} ${resources[id]['//'].metadata.path.split('/').slice(1).join('/')}`;
}

const findings = [read(report)].flat().flatMap(({ results }: any) =>
  results.failed_checks.map((one: any): Finding & { cloud: string } => {
    const file = one.file_path.replace(/^\//, '');
    return {
      cloud: file.split('/')[0],
      check: one.check_id,
      name: one.check_name,
      resource: resourceOf(file, one.resource),
      stack: basename(dirname(file)).replace(/__/g, '/'),
    };
  }),
);
const passed = [read(report)].flat().reduce((sum: number, { summary }: any) => sum + summary.passed, 0);
const clouds = readdirSync(folder);
let faults = 0;
for (const cloud of clouds) {
  const baseline: Entry[] = read(join(__dirname, `${cloud}.json`));
  const here = findings.filter((one) => one.cloud === cloud);
  const { found, stale } = judged(here, baseline);
  faults += found.length + stale.length;
  console.log(
    `${cloud}: ${readdirSync(join(folder, cloud)).length} stacks, ${here.length} findings, ${found.length} beyond the baseline`,
  );
  const lines = found.map(({ check, name, resource }) => `  ${check} ${resource}: ${name}`);
  for (const line of new Set(lines)) {
    console.log(`${line} (${found[lines.indexOf(line)].stack} …)`);
  }
  stale.forEach((one) => console.log(`  stale in ${cloud}.json: ${one}`));
}
console.log(`${passed} checks passed`);
process.exit(faults > 0 || passed === 0 ? 1 : 0);
