/**
 * `npm run bench [-- --quick] [-- --only GROUP]`: measures the library side by side with what its users would run without
 * it, each in processes of its own and in turn, and writes bench/RESULTS.md; GROUP is `import`, `synth`, `growth`, one of
 * these with `-terraform`, `python`, `install` or `peer`. No test asserts any of it.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { byHand, mustBeSame, resourcesOf } from './baseline';
import { installSections, peerSections } from './packages';
import { pythonSections } from './python';
import { Pair, Section, table, write } from './results';
import {
  compare,
  Environment,
  Figures,
  filesOf,
  inTurn,
  loads,
  only,
  out,
  quick,
  root,
  run,
  transpile,
} from './runner';
import type { Sample } from './scenarios/measure';
import { terraformGrowthSections, terraformImportSections, terraformSynthSections } from './terraform';

/** What compiled sources take from aws-cdk-lib, as `aws_iam.Role`. */
function membersInSources(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .flatMap(
      (file) =>
        readFileSync(join(folder, file), 'utf8').match(/(?<=\baws_cdk_lib_1\.)(aws_\w+\.)?\w+/g) ?? [],
    );
  return [...new Set(found)].sort();
}

function importSections(): Section[] {
  const pairs = quick ? 5 : 15;
  // What nobody counts: files that no process has read yet.
  ['node', 'index', 'framework'].forEach((scenario) => run(scenario));
  const members = run<string[]>('members').join(' ');
  const services = membersInSources(join(root, 'lib', 'aws')).join(' ');
  const index = inTurn(
    pairs,
    () => run('index'),
    () => run('node'),
  );
  const entry = inTurn(
    pairs,
    () => run('aws'),
    () => run('framework'),
  );
  const touched = (MODULES: string[], MEMBERS: string, also = '') =>
    inTurn(
      pairs,
      () => run('modules', [], { MODULES: MODULES.join(' '), MEMBERS: also }),
      () => run('framework-members', [], { MEMBERS }),
    );
  const classes = touched(['cloud-ml-constructs/aws'], members);
  const everything = touched(filesOf('core', 'aws'), services, services);
  return [
    {
      title: 'Import',
      about:
        'In the process, from before `require` to after it. `index` stands against a node that loads nothing; `aws`, the ' +
        'entry `cloud-ml-constructs/aws`, against `aws-cdk-lib`. Both load their parts at first use, so the rows that follow ' +
        `touch every class of the entry, against aws-cdk-lib with just the members that these need to be defined ` +
        `(${members.split(' ').join(', ')}); and at last load every file of the entry, which no program needs, with all ` +
        `${services.split(' ').length} members of aws-cdk-lib that these name, against the same members alone.`,
      columns: ['library', 'framework'],
      pairs: [
        compare(index, ({ ms }) => ms, { what: 'index: time', unit: 'ms', by: 'difference', target: 5 }),
        compare(index, ({ processMs }) => processMs, {
          what: 'index: time since the process began',
          unit: 'ms',
          by: 'difference',
        }),
        ...loads(entry, 'aws'),
        ...loads(classes, 'every class'),
        ...loads(everything, 'every file and service'),
      ],
    },
  ];
}

/** Two programs that make the same resources: the library's, and one by hand that is made from its templates. */
function programs(name: string, program: string) {
  const [ours, theirs] = [join(out, 'ours', name), join(out, 'theirs', name)];
  const byHandProgram = join(out, `${name}-by-hand.js`);
  const library = (env: Environment) => run<Sample[]>('synth', [program, ours], { LIBRARY: 'yes', ...env });
  const hand = (env: Environment) => run<Sample[]>('synth', [byHandProgram, theirs], env);
  library({ VALIDATION: 'off' });
  writeFileSync(byHandProgram, byHand(join(ours, '0')));
  hand({ VALIDATION: 'off' });
  mustBeSame(join(ours, '0'), join(theirs, '0'));
  return { resources: resourcesOf(join(ours, '0')), ours: library, theirs: hand };
}

function synthSections(): Section[] {
  const program = join(transpile('examples', 'quickstart'), 'aws.js');
  const { resources, ours, theirs } = programs('quickstart', program);
  const twice = { RUNS: '[{},{}]' };
  const validated = inTurn(
    quick ? 3 : 15,
    () => ours(twice),
    () => theirs(twice),
  );
  const off = { ...twice, VALIDATION: 'off' };
  const unvalidated = inTurn(
    quick ? 5 : 15,
    () => ours(off),
    () => theirs(off),
  );
  const [cold, warm] = [0, 1];
  type Rows = Figures<Sample[]>;
  const rows = (runs: Rows, app: number, what: string, target?: number): Pair[] => [
    compare(runs, (samples) => samples[app].ms, { what, unit: 'ms', target }),
    compare(runs, (samples) => samples[app].cpuMs, { what: `${what}: processor time`, unit: 'ms' }),
    compare(runs, (samples) => samples[app].constructMs, { what: `${what}: construction`, unit: 'ms' }),
    compare(runs, (samples) => samples[app].synthMs, { what: `${what}: synthesis`, unit: 'ms' }),
  ];
  const whole = (runs: Rows, what: string): Pair[] => [
    compare(runs, (samples) => samples[cold].processMs, {
      what: `${what}: since the process began`,
      unit: 'ms',
    }),
    compare(runs, (samples) => samples[cold].rssMiB, { what: `${what}: memory of the process`, unit: 'MiB' }),
  ];
  const columns: [string, string] = ['library', 'L1s by hand'];
  return [
    {
      title: 'Synthesis of the quickstart, as the framework does it by default',
      about:
        `\`examples/quickstart/aws.ts\` (two stacks, ${resources} resources) against the same resources written with the typed ` +
        'L1 classes, the templates compared in this run and equal. From after `require` of the framework (and of the index of ' +
        'the library) to the end of `app.synth()`; the classes themselves load at first use, on both sides within what is ' +
        'measured. `first` is a new process, as `cdk synth` makes it: the target is judged there; `second` is another App in the ' +
        'same process. By default aws-cdk-lib validates the templates.',
      columns,
      pairs: [
        ...rows(validated, cold, 'first', 1.1),
        ...whole(validated, 'first'),
        ...rows(validated, warm, 'second'),
      ],
    },
    {
      title: 'The same without the validation of the framework',
      about:
        '`new App({ builtinCloudFormationValidation: false })`: what is left is construction, resolution and writing.',
      columns,
      pairs: [
        ...rows(unvalidated, cold, 'first'),
        ...whole(unvalidated, 'first'),
        ...rows(unvalidated, warm, 'second'),
      ],
    },
  ];
}

function growthSections(): Section[] {
  const [few, many] = [20, 200];
  const program = join(out, 'scenarios', 'growth.js');
  const warmUp = Array(3).fill({ ENDPOINTS: String(few) });
  const last = (samples: Sample[]) => samples[samples.length - 1];
  const measure = (
    endpoints: number,
    warm: boolean,
    validation: string,
    by: (env: Environment) => Sample[],
  ) => {
    const RUNS = JSON.stringify([...(warm ? warmUp : []), { ENDPOINTS: String(endpoints) }]);
    const sample = last(by({ RUNS, VALIDATION: validation }));
    return Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, value / endpoints]));
  };
  const library = (env: Environment) =>
    run<Sample[]>('synth', [program, join(out, 'ours', 'growth')], { LIBRARY: 'yes', ...env });
  const grown = (pairs: number, warm: boolean, validation = 'on') =>
    inTurn(
      pairs,
      () => measure(many, warm, validation, library),
      () => measure(few, warm, validation, library),
    );
  const resources = [few, many].map((endpoints) => {
    library({ RUNS: JSON.stringify([{ ENDPOINTS: String(endpoints) }]), VALIDATION: 'off' });
    return resourcesOf(join(out, 'ours', 'growth', '0'));
  });
  const pairs = quick ? 1 : 5;
  const cold = grown(pairs, false);
  const warm = grown(pairs, true);
  const unvalidated = grown(pairs, true, 'off');
  const rows = (runs: Figures<Sample>, what: string, target?: number): Pair[] => [
    compare(runs, ({ ms }) => ms, { what, unit: 'ms', target }),
    compare(runs, ({ cpuMs }) => cpuMs, { what: `${what}: processor time`, unit: 'ms' }),
    compare(runs, ({ constructMs }) => constructMs, { what: `${what}: construction`, unit: 'ms' }),
    compare(runs, ({ synthMs }) => synthMs, { what: `${what}: synthesis`, unit: 'ms' }),
  ];
  const about =
    `Per endpoint: ${few} and ${many} endpoints in eight stacks, with the registry in a ninth (${resources.join(' and ')} ` +
    'resources). `first` is a new process, which spreads the cost of starting over the endpoints; `warm` comes after three Apps of ' +
    `${few} in the same process, so that only growth is left.`;
  return [
    {
      title: 'Growth',
      about,
      columns: [`${many} endpoints`, `${few} endpoints`],
      pairs: [
        ...rows(cold, 'first', 1.3),
        ...rows(warm, 'warm', 1.3),
        ...rows(unvalidated, 'warm, without validation', 1.3),
      ],
    },
  ];
}

rmSync(out, { recursive: true, force: true });
transpile('bench', 'scenarios');
const groups: { readonly [name: string]: () => Section[] } = {
  import: importSections,
  synth: synthSections,
  growth: growthSections,
  'import-terraform': terraformImportSections,
  'synth-terraform': terraformSynthSections,
  'growth-terraform': terraformGrowthSections,
  python: pythonSections,
  install: installSections,
  peer: peerSections,
};
const version = (name: string) =>
  `${name} ${JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version}`;
for (const [group, measure] of Object.entries(groups).filter(([name]) => !only || name === only)) {
  process.stderr.write(`\n${group} `);
  const sections = measure();
  console.log(`\n\n${sections.map(table).join('\n\n')}`);
  const frameworks = group.endsWith('-terraform')
    ? ['cdktf']
    : ['python', 'install'].includes(group)
      ? ['aws-cdk-lib', 'cdktf']
      : ['aws-cdk-lib'];
  const framework = frameworks.map(version).join(', ');
  write(join(__dirname, 'RESULTS.md'), group, quick ? 'Quick run' : 'Full run', framework, sections);
}
