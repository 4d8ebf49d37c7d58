import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { artifact, json, read, root, run } from './support';

const MB = 1e6;
const tarball = artifact('js', '.tgz');
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
run('tar', ['-xzf', tarball, '-C', folder], root);
const dir = join(folder, 'package');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) =>
  statSync(join(dir, file)).isFile(),
);
const manifest = json(dir, 'package.json');
const assembly = json(dir, '.jsii');

test('the package of npm is small, and has nothing but what a user needs', () => {
  expect(statSync(tarball).size).toBeLessThan(5 * MB);
  const bundled = manifest.bundleDependencies ?? [];
  expect(readdirSync(dir).sort()).toEqual(
    [
      '.jsii',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES',
      'lib',
      ...(bundled.length ? ['node_modules'] : []),
      'package.json',
    ].sort(),
  );
  const other = files
    .filter((file) => file.startsWith('lib/') && !/\.(js|d\.ts)$/.test(file))
    // What a new project begins with, and what projen reads of it.
    .filter((file) => !/^lib\/bindings\/[a-z]+\/LICENSE$|^lib\/projects\/(\.jsii$|samples\/)/.test(file));
  expect(other).toEqual(['lib/core/private/accelerators.json']);
});

test('every entry is there', () => {
  const entries = Object.values<string | { types: string; default: string }>(manifest.exports)
    .flatMap((entry) => (typeof entry === 'string' ? [entry] : [entry.types, entry.default]))
    .concat(manifest.main, manifest.types, ...Object.values<string[]>(manifest.typesVersions['*']).flat());
  // jsii writes its warnings only where something is deprecated.
  const missing = entries.filter((entry) => !existsSync(join(dir, entry)));
  expect(missing.filter((entry) => entry !== './.warnings.jsii.js')).toEqual([]);
});

test('declarations mention neither providers nor what is internal', () => {
  const declarations = files.filter((file) => file.startsWith('lib/') && file.endsWith('.d.ts'));
  expect(declarations.length).toBeGreaterThan(50);
  expect(declarations.filter((file) => /@cdktf\/provider-|@internal/.test(read(dir, file)))).toEqual([]);
});

test('nothing tells where it was built', () => {
  expect(files.filter((file) => read(dir, file).includes(root))).toEqual([]);
});

test('constructs are needed, an SDK is needed by who uses it, and nothing else', () => {
  const { peerDependencies, peerDependenciesMeta, scripts } = manifest;
  expect(Object.keys(peerDependencies).sort()).toEqual(['aws-cdk-lib', 'cdktf', 'constructs']);
  expect(peerDependenciesMeta).toEqual({ 'aws-cdk-lib': { optional: true }, cdktf: { optional: true } });
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(manifest.bundleDependencies ?? []);
  // Nothing runs at a user's when they install.
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

test('bindings are under their own licence, with its text, and the notices name each', () => {
  const notices = read(dir, 'THIRD-PARTY-NOTICES');
  for (const provider of readdirSync(join(dir, 'lib', 'bindings'))) {
    expect(notices).toContain(`lib/bindings/${provider}`);
    expect(read(dir, 'lib', 'bindings', provider, 'LICENSE')).toContain(
      'Mozilla Public License, version 2.0',
    );
  }
  const sources = files.filter((file) => file.startsWith('lib/bindings/') && file.endsWith('.js'));
  expect(
    sources.filter(
      (file) =>
        !read(dir, file).startsWith('/*! Copyright (c) HashiCorp, Inc. SPDX-License-Identifier: MPL-2.0.'),
    ),
  ).toEqual([]);
});

test('what TypeScript may leave out, Python may too: there the props of a struct are keywords of the call', () => {
  const needed = (fqn?: string): string[] => {
    const { datatype, properties = [], interfaces = [] } = assembly.types[fqn!] ?? {};
    const own = properties.filter(({ optional }: any) => !optional).map(({ name }: any) => name);
    return datatype ? [...own, ...interfaces.flatMap(needed)] : [];
  };
  const calls = Object.values<any>(assembly.types).flatMap(({ fqn, methods = [], initializer }) =>
    [...methods, ...(initializer ? [initializer] : [])].map(({ name = 'constructor', parameters = [] }) => ({
      call: `${fqn}.${name}`,
      last: parameters[parameters.length - 1],
    })),
  );
  expect(
    calls.filter(({ last }) => last?.optional && needed(last.type.fqn).length).map(({ call }) => call),
  ).toEqual([]);
});

test('Construct Hub takes it: what it asks of package.json and of the assembly', () => {
  const { name, version, license, keywords, jsii, stability, description, repository, homepage } = manifest;
  expect(jsii.targets).toHaveProperty('python.module', 'cloud_ml_constructs');
  expect(keywords).toEqual(expect.arrayContaining(['aws-cdk', 'cdk', 'cdktf', 'machine-learning', 'mlops']));
  expect({ name, version, license }).toEqual({
    name: assembly.name,
    version: assembly.version,
    license: assembly.license,
  });
  expect(license).toBe('Apache-2.0');
  expect(read(dir, 'LICENSE')).toContain('Apache License');
  expect(stability).toBe('experimental');
  expect(assembly.docs.stability).toBe('experimental');
  expect(description).toMatch(/machine learning.*MLOps.*multi-cloud/i);
  expect(repository.url).toBe(`${homepage}.git`);
  expect(Object.keys(assembly.dependencies).sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
});
