/** Strangers who use the packed package, each in a folder of its own outside of this tree. */
import { execFileSync } from 'child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';

export const root = join(__dirname, '..', '..');
export const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
export const json = (...path: string[]) => JSON.parse(read(...path));

/** The one file of a folder of `dist` that ends so; `npm run package-all` makes it. */
export function artifact(folder: string, end: string): string {
  const found = readdirSync(join(root, 'dist', folder)).filter((file) => file.endsWith(end));
  if (found.length !== 1) {
    throw new Error(`dist/${folder} has ${found.length} files *${end}: run npm run package-all`);
  }
  return join(root, 'dist', folder, found[0]);
}

export function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(command, args, {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { message, stdout, stderr } = error as { message: string; stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** What the tests of this repository run against: the floor of each range. */
const { devDependencies } = json(root, 'package.json');

/** The packages of an install command of the README: ours as it was packed, the others as they are pinned here. */
export function packagesOfReadme(sdk: string): { readonly [name: string]: string } {
  const command = new RegExp(`^npm install (cloud-ml-constructs .*\\b${sdk}\\b[^#\\n]*)`, 'm').exec(
    read(root, 'README.md'),
  );
  if (!command) {
    throw new Error(`the README has no command that installs ${sdk}`);
  }
  return Object.fromEntries(
    command[1]
      .trim()
      .split(/\s+/)
      .map((name) => [
        name,
        name === 'cloud-ml-constructs' ? `file:${artifact('js', '.tgz')}` : devDependencies[name],
      ]),
  );
}

export class Consumer {
  public readonly dir = mkdtempSync(join(tmpdir(), 'consumer-'));

  constructor(dependencies: { readonly [name: string]: string }, more: object = {}) {
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, dependencies, ...more }));
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], this.dir);
  }

  public get installed(): string[] {
    return readdirSync(join(this.dir, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^(@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path))
      .map(dirname)
      .sort();
  }

  public write(file: string, text: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), text);
  }

  /** Copies files of this repository. */
  public copy(folder: string, ...files: string[]): void {
    files.forEach((file) => cpSync(join(root, folder, file), join(this.dir, file)));
  }

  /** Modules of a package that is in this repository's node_modules already, as if they were installed: no download. */
  public borrow(name: string, ...modules: string[]): void {
    ['package.json', ...modules.map((module) => join('lib', module))].forEach((path) =>
      cpSync(join(root, 'node_modules', name, path), join(this.dir, 'node_modules', name, path), {
        recursive: true,
      }),
    );
  }

  /** The compiler of this repository and the types of node; everything else is what the consumer has. */
  public compile(options: string[], ...programs: string[]): void {
    const types = join(this.dir, 'node_modules', '@types');
    mkdirSync(types, { recursive: true });
    if (!readdirSync(types).includes('node')) {
      symlinkSync(join(root, 'node_modules', '@types', 'node'), join(types, 'node'));
    }
    run(
      process.execPath,
      [
        join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
        ...['--strict', '--target', 'es2022', '--lib', 'esnext', '--types', 'node', '--outDir', 'out'],
        ...options,
        ...programs.map((program) => `${program}.ts`),
      ],
      this.dir,
    );
  }

  /** Runs a compiled program; returns the folder that it synthesized to. */
  public synth(program: string): string {
    const out = join(this.dir, `synthesized-${program}`);
    mkdirSync(out);
    run(process.execPath, [join('out', `${program}.js`)], this.dir, { CDK_OUTDIR: out, CDKTF_OUTDIR: out });
    return out;
  }

  public evaluate(script: string): string {
    return run(process.execPath, ['-e', script], this.dir).trim();
  }

  public leave(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const NODE16 = ['--module', 'node16', '--moduleResolution', 'node16'];
export const NODE10 = ['--module', 'commonjs', '--moduleResolution', 'node10'];
/** Declarations of packages are taken as they are: the default of most projects. */
export const SKIP = '--skipLibCheck';

/** The quickstart is written for every cloud; a consumer of some has the types of these. */
export function quickstartFor(...clouds: string[]): string {
  return read(root, 'examples', 'quickstart', 'platform.ts')
    .replace('import type { aws, azure, google }', `import type { ${clouds.join(', ')} }`)
    .replace(
      'typeof aws | typeof google | typeof azure',
      clouds.map((cloud) => `typeof ${cloud}`).join(' | '),
    );
}

/** What a stack of Terraform holds, but for what cdktf says of itself. */
export function terraform(out: string, stack: string): object {
  const { '//': _, ...blocks } = json(out, 'stacks', stack, 'cdk.tf.json');
  return blocks;
}
