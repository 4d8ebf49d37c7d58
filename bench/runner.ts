/** Runs scenarios in processes of their own, and sets two of them side by side. */
import { spawnSync } from 'child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { Pair } from './results';
import type { Sample } from './scenarios/measure';

export const root = join(__dirname, '..');
export const out = join(__dirname, 'cdk.out');
export const quick = process.argv.includes('--quick');
export const only = process.argv[process.argv.indexOf('--only') + 1 || Infinity];

/** Programs run as the JavaScript that a user's build makes of them: no compiler in what is measured. */
export function transpile(...folder: string[]): string {
  const from = join(root, ...folder);
  const to = join(out, folder[folder.length - 1]);
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.ts'))) {
    const { outputText } = transpileModule(readFileSync(join(from, file), 'utf8'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    writeFileSync(join(to, file.replace(/\.ts$/, '.js')), outputText);
  }
  return to;
}

export type Environment = { readonly [name: string]: string };

/** Runs a scenario in a process of its own; returns what it hands back. */
export function run<T = Sample>(scenario: string, args: string[] = [], env: Environment = {}): T {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const { status, output, error } = spawnSync(
    process.execPath,
    [join(out, 'scenarios', `${scenario}.js`), ...args],
    {
      cwd: out,
      env: { PATH, HOME, TMPDIR, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (error || status !== 0) {
    throw new Error(`${[scenario, ...args].join(' ')} failed: ${error?.message ?? output[2]!.slice(-3000)}`);
  }
  return JSON.parse(output[3]!);
}

/** Runs two things in turn, the first of each pair alternating. */
export function inTurn<T>(
  pairs: number,
  ours: () => T,
  theirs: () => T,
): { readonly ours: T[]; readonly theirs: T[] } {
  const runs = { ours: [] as T[], theirs: [] as T[] };
  for (let i = 0; i < pairs; i++) {
    process.stderr.write('.');
    if (i % 2) {
      runs.theirs.push(theirs());
      runs.ours.push(ours());
    } else {
      runs.ours.push(ours());
      runs.theirs.push(theirs());
    }
  }
  return runs;
}

export type Figures<T> = { readonly ours: T[]; readonly theirs: T[] };
export const compare = <T>(
  runs: Figures<T>,
  figure: (run: T) => number,
  pair: Omit<Pair, 'ours' | 'theirs'>,
): Pair => ({
  ...pair,
  ours: runs.ours.map(figure),
  theirs: runs.theirs.map(figure),
});

/** All files of folders of the compiled package. */
export const filesOf = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(root, 'lib', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .map((file) => join(root, 'lib', folder, file)),
  );

/** What a load costs, in time and memory. */
export const loads = (runs: Figures<Sample>, what: string): Pair[] => [
  compare(runs, ({ ms }) => ms, { what: `${what}: time`, unit: 'ms', target: 1.15 }),
  compare(runs, ({ cpuMs }) => cpuMs, { what: `${what}: processor time`, unit: 'ms' }),
  compare(runs, ({ rssMiB }) => rssMiB, {
    what: `${what}: memory of the process`,
    unit: 'MiB',
    target: 1.15,
  }),
];
