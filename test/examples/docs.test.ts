import { readdirSync, readFileSync } from 'fs';
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

test.each(examples)('%s runs', (_, code) => {
  const program = transpile(code, { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 });
  const run = new Function('require', 'exports', program);
  expect(() => run((id: string) => jest.requireActual(id), {})).not.toThrow();
});
