/** What is measured on the clouds of Terraform. */
import { mkdirSync, readdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { byHandOnTerraform, mustBeSameOnTerraform, resourcesOnTerraform } from './baseline-terraform';
import { Pair, Section } from './results';
import {
  compare,
  Environment,
  Figures,
  filesOf,
  inTurn,
  loads,
  out,
  quick,
  root,
  run,
  transpile,
} from './runner';
import type { Sample } from './scenarios/measure';

const TERRAFORM_CLOUDS = { google: 'google', azure: 'azurerm' };

export function terraformImportSections(): Section[] {
  const pairs = quick ? 5 : 15;
  const entry = (ENTRY: string) => run('entry', [], { ENTRY });
  const modules = (...names: string[]) => run('modules', [], { MODULES: names.join(' ') });
  const measured = Object.entries(TERRAFORM_CLOUDS).flatMap(([cloud, provider]) => {
    const ours = `cloud-ml-constructs/${cloud}`;
    const files = filesOf('core', 'terraform', cloud, join('bindings', provider));
    const bindings = readdirSync(join(root, 'lib', 'bindings', provider))
      .filter((name) => name !== 'LICENSE')
      .map((name) => `@cdktf/provider-${provider}/lib/${name}`);
    const compared = (library: () => Sample, framework: () => Sample, what: string) => {
      // What nobody counts: files that no process has read yet.
      library();
      framework();
      return loads(inTurn(pairs, library, framework), what);
    };
    return [
      ...compared(
        () => entry(ours),
        () => entry('cdktf'),
        cloud,
      ),
      ...compared(
        () => modules(ours),
        () => modules('cdktf'),
        `${cloud}, every class`,
      ),
      ...compared(
        () => modules(...files),
        () => modules('cdktf', ...bindings),
        `${cloud}, every file and binding`,
      ),
    ];
  });
  return [
    {
      title: 'Import on Terraform',
      about:
        'In the process, from before `require` to after it. `google` and `azure`, the entries `cloud-ml-constructs/google` and ' +
        '`/azure`, against bare `cdktf`. They load their parts at first use, so the rows `every class` touch every class of the ' +
        'entry, still against bare `cdktf`; and `every file and binding` load every file of the entry and all bindings that these ' +
        'name, which no program needs, against `cdktf` with the same prebuilt bindings, imported one by one.',
      columns: ['library', 'framework'],
      pairs: measured,
    },
  ];
}

/** Two programs on Terraform that make the same resources: the library's, and one by hand made from what it synthesizes. */
function terraformPrograms(cloud: string) {
  const program = join(out, 'quickstart', `${cloud}.js`);
  const [ours, theirs] = ['ours', 'theirs'].map((side) => join(out, side, cloud));
  const byHandProgram = join(out, `${cloud}-by-hand.js`);
  [ours, theirs].forEach((folder) => mkdirSync(folder, { recursive: true }));
  const library = (env: Environment) =>
    run<Sample[]>('synth', [program, ours], { LIBRARY: 'yes', FRAMEWORK: 'cdktf', ...env });
  const hand = (env: Environment) =>
    run<Sample[]>('synth', [byHandProgram, theirs], { FRAMEWORK: 'cdktf', ...env });
  library({});
  writeFileSync(byHandProgram, byHandOnTerraform(join(ours, '0')));
  hand({});
  mustBeSameOnTerraform(join(ours, '0'), join(theirs, '0'));
  return { resources: resourcesOnTerraform(join(ours, '0')), ours: library, theirs: hand };
}

export function terraformSynthSections(): Section[] {
  transpile('examples', 'quickstart');
  return Object.keys(TERRAFORM_CLOUDS).map((cloud): Section => {
    const { resources, ours, theirs } = terraformPrograms(cloud);
    const twice = { RUNS: '[{},{}]' };
    const runs = inTurn(
      quick ? 3 : 15,
      () => ours(twice),
      () => theirs(twice),
    );
    const rows = (app: number, what: string, target?: number): Pair[] => [
      compare(runs, (samples) => samples[app].ms, { what, unit: 'ms', target }),
      compare(runs, (samples) => samples[app].cpuMs, { what: `${what}: processor time`, unit: 'ms' }),
      compare(runs, (samples) => samples[app].constructMs, { what: `${what}: construction`, unit: 'ms' }),
      compare(runs, (samples) => samples[app].synthMs, { what: `${what}: synthesis`, unit: 'ms' }),
    ];
    return {
      title: `Synthesis of the quickstart on ${cloud}`,
      about:
        `\`examples/quickstart/${cloud}.ts\` (two stacks, ${resources} resources) against the same resources written with the ` +
        'prebuilt bindings, the stacks compared in this run and equal. From after `require` of cdktf (and of the index of the ' +
        'library) to the end of `app.synth()`; classes and bindings load at first use, on both sides within what is measured. ' +
        '`first` is a new process, as `cdktf synth` makes it: the target is judged there; `second` is another App in the same process.',
      columns: ['library', 'bindings by hand'],
      pairs: [
        ...rows(0, 'first', 1.1),
        compare(runs, (samples) => samples[0].processMs, {
          what: 'first: since the process began',
          unit: 'ms',
        }),
        compare(runs, (samples) => samples[0].rssMiB, { what: 'first: memory of the process', unit: 'MiB' }),
        ...rows(1, 'second'),
      ],
    };
  });
}

export function terraformGrowthSections(): Section[] {
  const [few, many] = [20, 200];
  const program = join(out, 'scenarios', 'growth-terraform.js');
  return Object.keys(TERRAFORM_CLOUDS).map((CLOUD): Section => {
    const folder = join(out, 'ours', `growth-${CLOUD}`);
    mkdirSync(folder, { recursive: true });
    const library = (env: Environment) =>
      run<Sample[]>('synth', [program, folder], { LIBRARY: 'yes', FRAMEWORK: 'cdktf', CLOUD, ...env });
    const resources = [few, many].map((endpoints) => {
      library({ RUNS: JSON.stringify([{ ENDPOINTS: String(endpoints) }]) });
      return resourcesOnTerraform(join(folder, '0'));
    });
    const measure = (endpoints: number, warmUp: number) => {
      const counts = [...Array(warmUp).fill(few), endpoints];
      const samples = library({
        RUNS: JSON.stringify(counts.map((count) => ({ ENDPOINTS: String(count) }))),
      });
      return Object.fromEntries(
        Object.entries(samples[samples.length - 1]).map(([name, value]) => [name, value / endpoints]),
      );
    };
    const grown = (warmUp: number) =>
      inTurn(
        quick ? 1 : 5,
        () => measure(many, warmUp),
        () => measure(few, warmUp),
      );
    const rows = (runs: Figures<Sample>, what: string): Pair[] => [
      compare(runs, ({ ms }) => ms, { what, unit: 'ms', target: 1.3 }),
      compare(runs, ({ cpuMs }) => cpuMs, { what: `${what}: processor time`, unit: 'ms' }),
      compare(runs, ({ constructMs }) => constructMs, { what: `${what}: construction`, unit: 'ms' }),
      compare(runs, ({ synthMs }) => synthMs, { what: `${what}: synthesis`, unit: 'ms' }),
    ];
    return {
      title: `Growth on ${CLOUD}`,
      about:
        `Per endpoint: ${few} and ${many} endpoints in eight stacks, with the registry in a ninth (${resources.join(' and ')} ` +
        'resources). `first` is a new process; `warm` comes after three Apps of 20 in the same process.',
      columns: [`${many} endpoints`, `${few} endpoints`],
      pairs: [...rows(grown(0), 'first'), ...rows(grown(3), 'warm')],
    };
  });
}
