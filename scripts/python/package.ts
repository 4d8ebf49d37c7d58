/**
 * `npx projen package:python`: the wheel and the sdist, from what npm packs. jsii makes the modules of Python; here each
 * cloud comes to need only its own SDK, which is an extra of the package, and loads no other.
 */
import { execFileSync } from 'child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { corrected } from './corrected';

const root = join(__dirname, '..', '..');
const dist = join(root, 'dist');
/** Below the root, so that jsii finds the assemblies that this one depends on. */
const stage = join(dist, '.python');
const assembly = join(stage, 'package');
const code = join(stage, 'code', 'python');

/** The SDK of each cloud: its extra, the distribution, and what a program imports. */
const SDKS: { readonly [cloud: string]: { readonly distribution: string; readonly module: string } } = {
  aws: { distribution: 'aws-cdk-lib', module: 'aws_cdk' },
  google: { distribution: 'cdktf', module: 'cdktf' },
  azure: { distribution: 'cdktf', module: 'cdktf' },
};

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const run = (command: string, args: string[], cwd = root) => {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Changes a file, and fails where there is nothing to change. */
function edit(file: string, change: (text: string) => string): void {
  const text = read(file);
  const changed = change(text);
  if (changed === text) {
    throw new Error(`${file}: jsii-pacmak writes something else now`);
  }
  writeFileSync(file, changed);
}

/** What npm packs, less what only TypeScript reads. */
function stageAssembly(): void {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', stage]);
  const [tarball] = readdirSync(stage);
  run('tar', ['-xzf', join(stage, tarball), '-C', stage]);
  readdirSync(assembly, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .forEach((file) => rmSync(join(assembly, file)));
  // Examples in the language of the reader.
  cpSync(join(root, '.jsii.tabl.json'), join(assembly, '.jsii.tabl.json'));
}

function generateCode(): void {
  run(join(root, 'node_modules', '.bin', 'jsii-pacmak'), [
    ...['--code-only', '--target', 'python', '--outdir', join(stage, 'code'), assembly],
  ]);
}

const STRUCT =
  /(@jsii\.data_type\([^]*?\n    def __init__\(\n)([^]*?)(\n    \) -> None:\n[^]*?)(?=        if __debug__:\n)/g;
const LIST_OF_STRUCTS = /^ +(\w+): .*\btyping\.Sequence\[typing\.Union\["([\w.]+)", typing\.Dict\[/gm;

/**
 * jsii makes a struct of a dict, but not of the dicts in a list: it drops their keys, which Python spells otherwise,
 * and says nothing.
 */
const withStructsOfDicts = (text: string) =>
  text.replace(STRUCT, (_, begin, parameters: string, docs) =>
    [begin, parameters, docs]
      .concat(
        [...parameters.matchAll(LIST_OF_STRUCTS)].map(
          ([, name, struct]) => `        if isinstance(${name}, (list, tuple)):
            ${name} = [${struct}(**one) if isinstance(one, dict) else one for one in ${name}]
`,
        ),
      )
      .join(''),
  );

/** A program loads the SDK of the clouds that it uses, and is told what to install where it is missing. */
function loadSdksAtFirstUse(modules: string): void {
  edit(join(modules, '_jsii', '__init__.py'), (text) =>
    Object.values(SDKS).reduce((left, { module }) => left.replace(`import ${module}._jsii\n`, ''), text),
  );
  for (const [cloud, { distribution, module }] of Object.entries(SDKS)) {
    const needs = `cloud_ml_constructs.${cloud} needs ${distribution}: pip install "cloud-ml-constructs[${cloud}]"`;
    edit(join(modules, cloud, '__init__.py'), (text) =>
      text.replace(
        'from .._jsii import *\n',
        `try:
    import ${module}._jsii
except ModuleNotFoundError as error:
    raise ModuleNotFoundError('${needs}') from error

from .._jsii import *
`,
      ),
    );
    const others = Object.values(SDKS).filter((other) => other.module !== module);
    const loaded = others.filter((other) =>
      read(modules, cloud, '__init__.py').includes(`import ${other.module}`),
    );
    if (loaded.length) {
      throw new Error(`cloud_ml_constructs.${cloud} loads ${loaded[0].module}`);
    }
  }
}

/** The SDKs become extras; what the index shows comes from package.json. */
function describe(): void {
  const { keywords, homepage, bugs } = JSON.parse(read(root, 'package.json'));
  edit(join(code, 'setup.py'), (text) =>
    text.replace(/"""\n(\{[^]*\})\n"""/, (_, kwargs) => {
      const { install_requires: requirements, project_urls: urls, ...rest } = JSON.parse(kwargs);
      const ofSdk = (distribution: string) =>
        requirements.filter((one: string) => one.startsWith(`${distribution}>`));
      const ofSdks = Object.values(SDKS).flatMap(({ distribution }) => ofSdk(distribution));
      const described = {
        ...rest,
        url: homepage,
        keywords,
        project_urls: { ...urls, Issues: bugs.url, Changes: `${homepage}/blob/main/CHANGELOG.md` },
        license_files: ['LICENSE', 'THIRD-PARTY-NOTICES'],
        install_requires: requirements.filter((one: string) => !ofSdks.includes(one)),
        extras_require: Object.fromEntries(
          Object.entries(SDKS).map(([cloud, { distribution }]) => [cloud, ofSdk(distribution)]),
        ),
      };
      return `"""\n${JSON.stringify(described, undefined, 4)}\n"""`;
    }),
  );
  cpSync(join(assembly, 'THIRD-PARTY-NOTICES'), join(code, 'THIRD-PARTY-NOTICES'));
  // npm finds what a relative link means, PyPI does not.
  edit(join(code, 'README.md'), (text) =>
    corrected(text).replace(
      /(!?)(\[[^\]]*\]\()(?!https?:|#)/g,
      (_, image, link) => `${image}${link}${homepage}/${image ? 'raw' : 'blob'}/main/`,
    ),
  );
}

function build(): void {
  const venv = join(root, '.venv-package');
  const python = join(venv, 'bin', 'python');
  const requirements = read(__dirname, 'requirements.txt');
  const installed = join(venv, 'requirements.txt');
  if (!existsSync(installed) || read(installed) !== requirements) {
    run(process.env.PYTHON ?? 'python3', ['-m', 'venv', '--clear', venv]);
    run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-compile',
      '-r',
      join(__dirname, 'requirements.txt'),
    ]);
    writeFileSync(installed, requirements);
  }
  const out = join(dist, 'python');
  rmSync(out, { recursive: true, force: true });
  run(python, ['-m', 'build', '--no-isolation', '--outdir', out, code]);
  run(python, ['-m', 'twine', 'check', '--strict', ...readdirSync(out).map((file) => join(out, file))]);
  readdirSync(out).forEach((file) => console.log(join('dist', 'python', file)));
}

stageAssembly();
generateCode();
const modules = join(code, 'src', 'cloud_ml_constructs');
readdirSync(modules, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.py'))
  .forEach((file) => writeFileSync(join(modules, file), withStructsOfDicts(corrected(read(modules, file)))));
loadSdksAtFirstUse(modules);
describe();
build();
rmSync(stage, { recursive: true });
