import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';

const root = join(__dirname, '..', '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith('.md'),
);
const examples = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(
    ([, code], i): [name: string, code: string] => [`${page}, example ${i + 1}`, code],
  ),
);

function run(code: string): void {
  const program = transpile(code, { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 });
  new Function('require', 'exports', program)((id: string) => jest.requireActual(id), {});
}

test.each(examples)('%s runs', (_, code) => {
  expect(() => run(code)).not.toThrow();
});

describe('the example of the README is the same on another cloud', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const lines = /^```diff\n(.*?)^```/ms.exec(readme)![1].trim().split('\n');
  const changed = (sign: string) =>
    lines.filter((line) => line.startsWith(sign)).map((line) => `${line.slice(1)}\n`);
  const [old, now] = [changed('-'), changed('+')];
  const [, example] = examples.find(([name]) => name === 'README.md, example 1')!;

  test.each([
    ['google', (code: string) => code],
    [
      'azure',
      (code: string) =>
        code
          .replaceAll("project: 'your-project'", "subscriptionId: '00000000-0000-0000-0000-000000000000'")
          .replace('google as ml', 'azure as ml')
          .replaceAll('region:', 'location:')
          .replaceAll("'europe-west4'", "'westeurope'"),
    ],
  ])('on %s', (_, further) => {
    expect(old).toHaveLength(now.length);
    const other = old.reduce((code, line, i) => {
      expect(code).toContain(line);
      return code.replace(line, now[i]);
    }, example);
    const out = mkdtempSync(join(tmpdir(), 'readme-'));
    process.env.CDKTF_OUTDIR = out;
    try {
      expect(() => run(`${further(other)}\napp.synth();`)).not.toThrow();
      expect(readdirSync(join(out, 'stacks')).sort()).toEqual(['foundation', 'serving']);
    } finally {
      delete process.env.CDKTF_OUTDIR;
      rmSync(out, { recursive: true });
    }
  });
});
