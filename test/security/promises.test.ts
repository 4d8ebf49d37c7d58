import { existsSync, readFileSync } from 'fs';
import { join } from 'path';

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** A promise of SECURITY.md with the tests that it names: their titles and files. */
const promises = [...read('SECURITY.md').matchAll(/^\| (?!promise|---|\*\*)([^|]+) \| ([^|]*) \|$/gm)].map(
  ([, promise, tests]) => ({
    promise,
    tests: [...tests.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title, file]) => ({ title, file })),
  }),
);

/** Whether a file has tests by this title: a string of its source, but for a remark in parentheses. */
const has = (source: string, title: string) =>
  ["'", '"', '`'].some((quote) => [quote, ' ('].some((end) => source.includes(`${quote}${title}${end}`)));

test('there are promises', () => {
  expect(promises.length).toBeGreaterThan(15);
});

test.each(promises)('$promise', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter(({ title, file }) => !existsSync(join(root, file)) || !has(read(file), title))).toEqual(
    [],
  );
});
