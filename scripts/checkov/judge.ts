/**
 * `judge.ts REPORT FOLDER`: what checkov found in the stacks of a folder, against the baselines next to this file, on AWS
 * against what the templates say themselves. Fails on a finding beyond them, and on an entry that lets nothing stand any
 * more. Writes what stands, and what no check looks at, to coverage/compliance/checkov.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { Baseline, Finding, judged, judgedBySkips } from './baseline';
import type { StackFacts } from '../../test/support/compliance';
import { Answers, answersOf } from '../compliance/cells';
import { Unscanned } from '../compliance/unscanned';

const [report, folder] = process.argv.slice(2);
const COMPLIANCE = join(__dirname, '..', '..', 'coverage', 'compliance');
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** A resource of a stack. */
interface Made {
  readonly type: string;
  readonly id: string;
  /** What a baseline calls it. */
  readonly name: string;
  readonly construct?: string;
}

/** A stack with what is in it. */
class Scanned {
  public readonly stack: string;
  public readonly resources: Made[];

  constructor(
    public readonly file: string,
    private readonly facts: StackFacts,
  ) {
    this.stack = facts.stack;
    const json = read(join(folder, file));
    this.resources = json.Resources ? this.ofTemplate(json.Resources) : this.ofTerraform(json.resource ?? {});
  }

  public get profile(): string {
    return this.facts.profile;
  }

  /** checkov names a resource by its id, with its type or `resource` before it. */
  public find(named: string): Made {
    const [id, before] = [named.slice(named.lastIndexOf('.') + 1), named.slice(0, named.lastIndexOf('.'))];
    return this.resources.find((one) => one.id === id && ['resource', one.type].includes(before))!;
  }

  private ofTemplate(resources: Record<string, { Type: string }>): Made[] {
    return Object.entries(resources).map(([id, { Type: type }]) => this.made(type, id, `${type} ${id}`));
  }

  private ofTerraform(resources: Record<string, Record<string, any>>): Made[] {
    return Object.entries(resources).flatMap(([type, all]) =>
      Object.entries(all).map(([id, { '//': about }]) =>
        this.made(type, id, `${type} ${about.metadata.path.split('/').slice(1).join('/')}`),
      ),
    );
  }

  private made(type: string, id: string, name: string): Made {
    return { type, id, name, construct: this.facts.constructs[id] };
  }
}

const results = [read(report)].flat().map((one: any) => one.results);
const checks: any[] = results.flatMap(({ passed_checks: passed, failed_checks: failed }) => [
  ...passed,
  ...failed,
]);
/** What checkov cannot read, it leaves out: nothing of it is asked. */
const unread: string[] = results.flatMap(({ parsing_errors }) => parsing_errors ?? []);
unread.forEach((file) => console.log(`checkov cannot read ${file}`));
const told: Record<string, Answers> = {};
const unscanned: Unscanned[] = [];
let faults = unread.length;

for (const cloud of ['aws', 'google', 'azure']) {
  const facts: StackFacts[] = read(join(COMPLIANCE, `${cloud}.stacks.json`));
  const stacks = new Map(
    facts.map((one) => {
      const file = join(
        cloud,
        one.stack.replace(/\//g, '__'),
        cloud === 'aws' ? 'stack.template.json' : 'cdk.tf.json',
      );
      return [file, new Scanned(file, one)];
    }),
  );
  const answers = checks.flatMap((check) => {
    const stack = stacks.get(check.file_path.replace(/^\//, ''));
    return stack ? [{ check, stack, made: stack.find(check.resource) }] : [];
  });
  const findings = answers
    .filter(({ check }) => check.check_result.result === 'FAILED')
    .map(({ check, stack: { stack, profile }, made: { name: resource, construct } }): Finding => ({
      ...{ check: check.check_id, name: check.check_name },
      ...{ resource, stack, profile, construct },
    }));
  const baseline = join(__dirname, `${cloud}.json`);
  const { found, explained, stale } = existsSync(baseline)
    ? judged(findings, read(baseline) as Baseline)
    : judgedBySkips(
        findings,
        facts.flatMap(({ skips, stack }) => skips.map((one) => ({ ...one, stack }))),
      );
  faults += found.length + stale.length;
  console.log(
    `${cloud}: ${stacks.size} stacks, ${findings.length} findings, ${found.length} that nothing explains`,
  );
  const lines = found.map(({ check, name, resource }) => `  ${check} ${resource}: ${name}`);
  for (const line of new Set(lines)) {
    const { stack, construct } = found[lines.indexOf(line)];
    console.log(`${line} (${construct ?? 'example'} in ${stack} …)`);
  }
  stale.forEach((one) => console.log(`  stale on ${cloud}: ${one}`));

  const scanner = 'checkov';
  told[cloud] = answersOf([
    ...answers.flatMap(({ check, stack: { profile }, made: { construct } }) =>
      construct ? [{ profile, scanner, construct, rule: check.check_id as string }] : [],
    ),
    ...explained.flatMap(({ profile, construct, check: rule, because }) =>
      construct ? [{ profile, scanner, construct, rule, because }] : [],
    ),
  ]);
  const asked = new Set(answers.map(({ made: { type } }) => type));
  const silent = [...stacks.values()]
    .flatMap(({ resources }) => resources)
    .filter(({ type, construct }) => construct && !asked.has(type));
  for (const type of [...new Set(silent.map((one) => one.type))].sort()) {
    const constructs = silent.filter((one) => one.type === type).map(({ construct }) => construct!);
    unscanned.push({ cloud, type, constructs: [...new Set(constructs)].sort() });
  }
}
const passed = checks.filter(({ check_result: { result } }) => result === 'PASSED').length;
console.log(`${passed} checks passed`);
writeFileSync(join(COMPLIANCE, 'checkov.json'), `${JSON.stringify({ answers: told, unscanned }, null, 1)}\n`);
process.exit(faults > 0 || passed === 0 ? 1 : 0);
