/**
 * The shapes of core hold for every cloud and every language: core and both dummy clouds are compiled by jsii as if
 * they were the package.
 */
import { spawnSync } from 'child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..', '..');
const CLOUDS = ['ember', 'basalt'];
const CLASSES = [
  'PlatformStack',
  'PrivateNetwork',
  'EncryptionKey',
  'DataLake',
  'ModelRegistry',
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
];

interface JsiiType {
  readonly kind: string;
  readonly interfaces?: string[];
  readonly methods?: { readonly name: string; readonly static?: boolean }[];
  readonly properties?: { readonly name: string; readonly optional?: boolean }[];
}

interface Compiled {
  readonly status: number | null;
  readonly output: string;
  readonly types: Record<string, JsiiType>;
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Compiles a package of core and the dummies; `change` edits a dummy's source first. */
function compile(change: (source: string, file: string) => string = (source) => source): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'jsii-shapes-'));
  folders.push(folder);
  const source = join(folder, 'src');
  mkdirSync(source);
  cpSync(join(ROOT, 'src', 'core'), join(source, 'core'), { recursive: true });
  const adapted = (file: string) =>
    readFileSync(join(__dirname, file), 'utf8')
      .replace(/'(\.\.\/)+src\//g, "'./")
      .replace(/'\.\/dummies\//g, "'./");
  for (const file of ['dummies/shared.ts', 'dummies/ember.ts', 'dummies/basalt.ts', 'portable-program.ts']) {
    const name = file.replace('dummies/', '');
    writeFileSync(join(source, name), change(adapted(file), name));
  }
  writeFileSync(
    join(source, 'index.ts'),
    ['core', ...CLOUDS].map((name) => `export * as ${name} from './${name}';\n`).join(''),
  );
  writeFileSync(join(folder, 'README.md'), '# Shapes\n');
  cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { repository, author, license, types, main, version, devDependencies, peerDependencies, jsii } =
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      ...{ name: 'shapes', description: 'Shapes', repository, author, license, types, main, version },
      jsii: { ...jsii, outdir: 'dist' },
      peerDependencies: { constructs: peerDependencies.constructs },
      devDependencies: { constructs: devDependencies.constructs },
    }),
  );
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'jsii'),
    ['--silence-warnings=reserved-word'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' },
    },
  );
  const output = `${stdout}${stderr}`;
  return {
    status,
    output,
    types: status === 0 ? JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8')).types : {},
  };
}

const memberNames = (members: readonly { readonly name: string }[] = []) => members.map(({ name }) => name);

describe('core and two clouds that implement all of it', () => {
  let compiled: Compiled;
  beforeAll(() => {
    compiled = compile();
  });
  const type = (name: string) => compiled.types[`shapes.${name}`];

  test('compile without an error, together with the portable program', () => {
    expect(compiled.output.split('\n').filter((line) => /\b(error|warning)\b/.test(line))).toEqual([]);
    expect(compiled.status).toBe(0);
  });

  test.each(CLASSES)('%s is a class of that name on every cloud', (name) => {
    expect(CLOUDS.map((cloud) => type(`${cloud}.${name}`)?.kind)).toEqual(['class', 'class']);
  });

  test.each(CLASSES)('the props of %s extend those of core with something native', (name) => {
    const inCore = name === 'PlatformStack' ? 'core.PlatformStackCommonProps' : `core.${name}Props`;
    for (const cloud of CLOUDS) {
      const props = type(`${cloud}.${name}Props`);
      expect(props.interfaces).toEqual([`shapes.${inCore}`]);
      expect(memberNames(props.properties).length).toBeGreaterThan(0);
    }
  });

  test.each([
    ['PrivateNetwork', 'INetwork'],
    ['EncryptionKey', 'IEncryptionKey'],
    ['Secret', 'ISecret'],
    ['DataLake', 'IDataLake'],
    ['ModelRegistry', 'IModelRegistry'],
    ['GpuTrainingCluster', 'IGpuTrainingCluster'],
    ['AutoScalingEndpoint', 'IAutoScalingEndpoint'],
    ['ServerlessInference', 'IServerlessInference'],
  ])('%s implements core.%s on every cloud', (name, expected) => {
    for (const cloud of CLOUDS) {
      const direct = type(`${cloud}.${name}`).interfaces ?? [];
      const all = direct.flatMap((found) => [found, ...(compiled.types[found]?.interfaces ?? [])]);
      expect(all).toContain(`shapes.core.${expected}`);
    }
  });

  test("a cloud's IDataLake extends core's with native members, different on each cloud", () => {
    expect(CLOUDS.map((cloud) => type(`${cloud}.IDataLake`).interfaces)).toEqual([
      ['shapes.core.IDataLake'],
      ['shapes.core.IDataLake'],
    ]);
    expect(CLOUDS.map((cloud) => memberNames(type(`${cloud}.IDataLake`).methods))).toEqual([
      ['bucket'],
      ['storage'],
    ]);
  });

  test('what exists already is imported by statics that no other cloud has', () => {
    const statics = (cloud: string) =>
      Object.keys(compiled.types)
        .filter((name) => name.startsWith(`shapes.${cloud}.`))
        .flatMap((name) => memberNames(compiled.types[name].methods?.filter((method) => method.static)));
    expect(statics('ember')).toEqual(expect.arrayContaining(['fromBuckets', 'fromMeshId', 'fromRole']));
    expect(statics('ember').filter((name) => statics('basalt').includes(name))).toEqual([]);
  });

  test('members of helpers that are not exported reach the class that a user sees', () => {
    for (const cloud of CLOUDS) {
      expect(memberNames(type(`${cloud}.DataLake`).methods)).toEqual(
        expect.arrayContaining(['zone', 'grantRead', 'grantReadWrite']),
      );
    }
  });

  test('the error and the helpers stay inside', () => {
    const names = Object.keys(compiled.types).map((name) => name.split('.').pop());
    expect(names).not.toContain('ValidationError');
    expect(
      names.filter((name) => ['Resource', 'Faults', 'Lake', 'Zone', 'Machine', 'Brand'].includes(name!)),
    ).toEqual([]);
  });
});

describe('the compiler refuses', () => {
  const edits: Record<string, [string, string][]> = {
    'ember.ts': [
      ['readonly multicast?: boolean', 'readonly zones: number'],
      ['readonly objectLock?: boolean', 'readonly encryptionKey?: EncryptionKey'],
    ],
    'portable-program.ts': [['// @ts-expect-error a misspelt key of a zone', '']],
  };
  let output: string;
  beforeAll(() => {
    const apply = (source: string, file: string) =>
      (edits[file] ?? []).reduce((changed, [from, to]) => changed.replace(from, to), source);
    output = compile(apply).output;
  });

  test.each([
    ['a cloud that requires what core leaves open', /PrivateNetworkProps/],
    ["a cloud that narrows the type of core's prop", /DataLakeProps/],
    ['a portable program with a misspelt key', /portable-program.*'expire'/],
  ])('%s', (_, message) => {
    expect(output).toMatch(message);
  });
});
