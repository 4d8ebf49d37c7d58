/** What is measured of programs in Python. */
import { execFileSync } from 'child_process';
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { mustBeSame, resourcesOf } from './baseline';
import { byHandInPython, byHandOnTerraformInPython } from './baseline-python';
import { mustBeSameOnTerraform, resourcesOnTerraform } from './baseline-terraform';
import { Section } from './results';
import { compare, inTurn, out, quick, root } from './runner';
import type { Sample } from './scenarios/measure';

const PYTHON = join(root, '.venv-consumer', 'bin', 'python');

/** One run of a program that synthesizes to a folder. */
function run(program: string, folder: string): Sample {
  const { PATH = '', HOME = '' } = process.env;
  const args = [join(root, 'bench', 'scenarios', 'python.py'), program, join(out, 'memory')];
  const env = { PATH, HOME, CDK_OUTDIR: folder, CDKTF_OUTDIR: folder };
  return JSON.parse(
    execFileSync(PYTHON, args, { cwd: out, env, stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
  );
}

interface Cloud {
  readonly framework: string;
  readonly byHand: (folder: string) => string;
  readonly same: (one: string, other: string) => void;
  readonly resources: (folder: string) => number;
  readonly target: number;
  /** The most that the largest process may have. */
  readonly memoryMiB?: number;
}

const onTerraform: Cloud = {
  framework: '`cdktf.TerraformResource`s with their arguments as overrides, in bare cdktf',
  byHand: byHandOnTerraformInPython,
  same: mustBeSameOnTerraform,
  resources: resourcesOnTerraform,
  target: 1.25,
  // 150 MB.
  memoryMiB: 143,
};

const CLOUDS: { readonly [cloud: string]: Cloud } = {
  aws: {
    framework: 'the typed L1 classes, in bare aws-cdk-lib',
    byHand: byHandInPython,
    same: mustBeSame,
    resources: resourcesOf,
    target: 1.1,
  },
  google: onTerraform,
  azure: onTerraform,
};

function section(cloud: string, { framework, byHand, same, resources, target, memoryMiB }: Cloud): Section {
  const [ours, theirs] = ['ours', 'theirs'].map((side) => join(out, side, `python-${cloud}`));
  [ours, theirs].forEach((folder) => mkdirSync(folder, { recursive: true }));
  const hand = join(out, `${cloud}_by_hand.py`);
  const library = () => run(join(root, 'examples', 'quickstart', 'python', `${cloud}_app.py`), ours);
  const bare = () => run(hand, theirs);
  // What nobody counts: compilation to bytecode, and jsii's own unpacking.
  library();
  writeFileSync(hand, byHand(ours));
  bare();
  same(ours, theirs);
  const runs = inTurn(quick ? 3 : 9, library, bare);
  return {
    title: `Python: the quickstart on ${cloud}, from start to end`,
    about:
      `\`examples/quickstart/python/${cloud}_app.py\` (${resources(ours)} resources) against a program in Python that makes the same ` +
      `with ${framework}; what both write is compared in this run and equal. A process from its start to its end; processor ` +
      'time, on which the target is judged, is that of Python and of the node that it starts. Both SDKs and the wheel are installed.',
    columns: ['library', 'framework'],
    pairs: [
      compare(runs, ({ ms }) => ms, { what: 'time', unit: 'ms' }),
      compare(runs, ({ cpuMs }) => cpuMs, { what: 'processor time', unit: 'ms', target }),
      compare(runs, ({ largestMiB }) => largestMiB, {
        what: 'memory of the larger process',
        unit: 'MiB',
        ...(memoryMiB && { by: 'itself' as const, target: memoryMiB }),
      }),
      compare(runs, ({ togetherMiB }) => togetherMiB, {
        what: 'memory of python and node together',
        unit: 'MiB',
      }),
    ],
  };
}

export function pythonSections(): Section[] {
  const stdio: 'ignore'[] = ['ignore', 'ignore'];
  execFileSync('npx', ['projen', 'package:python'], { cwd: root, stdio });
  execFileSync('bash', [join(root, 'scripts', 'consumer', 'install-wheel.sh')], { cwd: root, stdio });
  return Object.entries(CLOUDS).map(([cloud, how]) => section(cloud, how));
}
