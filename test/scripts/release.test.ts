import { readFileSync } from 'fs';
import { join } from 'path';
import { fault, grew, leastVersion, nextVersion, topSection } from '../../scripts/release/versions';

const section = (title: string, breaking = false) => ({ title, breaking });

test.each([
  ['0.1.2', 'none', '0.1.3'],
  ['0.1.2', 'addition', '0.1.3'],
  ['0.1.2', 'breaking', '0.2.0'],
  ['1.2.3', 'none', '1.2.4'],
  ['1.2.3', 'addition', '1.3.0'],
  ['1.2.3', 'breaking', '2.0.0'],
] as const)('after %s, with changes of kind %s, comes %s or later', (last, change, next) => {
  expect(leastVersion(last, change)).toBe(next);
  expect(fault(section(next, true), last, change)).toBeUndefined();
  expect(fault(section(last.replace(/\d+$/, '99'), true), last, change) !== undefined).toBe(
    next.replace(/\d+$/, '') !== last.replace(/\d+$/, ''),
  );
});

test('a breaking change is told', () => {
  expect(fault(section('Unreleased'), '0.1.0', 'breaking')).toContain('### Breaking');
  expect(fault(section('Unreleased', true), '0.1.0', 'breaking')).toBeUndefined();
});

test('what is released is the section at the top, once it has a version', () => {
  const changelog = '# Changelog\n\n## 0.2.0\n\n### Breaking\n\n- this\n\n## 0.1.0\n\n- that\n';
  expect(topSection(changelog)).toEqual(section('0.2.0', true));
  expect(topSection(changelog.replace('### Breaking\n', ''))).toEqual(section('0.2.0'));
  expect(nextVersion(topSection(changelog), '0.1.0')).toBe('0.2.0');
  expect(() => nextVersion(section('Unreleased'), undefined)).toThrow('the version to release');
  expect(() => nextVersion(section('0.1.0'), '0.1.0')).toThrow('later than 0.1.0');
});

test('the change log of this repository has a section at the top', () => {
  const changelog = readFileSync(join(__dirname, '..', '..', 'CHANGELOG.md'), 'utf8');
  expect(topSection(changelog).title).toMatch(/^(Unreleased|\d+\.\d+\.\d+)$/);
});

test('new types and members are additions, absent ones are not', () => {
  const old = { types: { 'a.B': { properties: [{ name: 'one' }, { name: 'two' }] } } };
  expect(grew(old, old)).toBe(false);
  expect(grew(old, { types: { 'a.B': { properties: [{ name: 'one' }] } } })).toBe(false);
  expect(grew(old, { types: { 'a.B': { methods: [{ name: 'three' }] } } })).toBe(true);
  expect(grew(old, { types: { ...old.types, 'a.C': {} } })).toBe(true);
});
