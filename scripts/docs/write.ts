/**
 * `npm run docs`: writes what is generated of the documentation – the page of validation codes and the marked blocks of
 * the pages. With `--check` it only says whether they are current.
 */
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { blocksOf } from './created';
import { errorsPage } from './errors';
import { PROGRAMS } from './programs';

const docs = join(__dirname, '..', '..', 'docs');
const stale: string[] = [];

function write(file: string, text: string): void {
  const path = join(docs, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) {
    return;
  }
  stale.push(`docs/${file}`);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  }
}

/** A page with what is generated between its markers. */
function withBlocks(page: string): string {
  return Object.entries(blocksOf(page)).reduce(
    (text, [name, block]) => {
      const [begin, end] = [`<!-- ${name}: written by \`npm run docs\` -->`, `<!-- end of ${name} -->`];
      const [before, rest = ''] = text.split(begin);
      const [, after] = rest.split(end);
      if (after === undefined) {
        throw new Error(`docs/${page}.md has no place for what is generated: ${begin} … ${end}`);
      }
      return `${before}${begin}\n\n${block}\n\n${end}${after}`;
    },
    readFileSync(join(docs, `${page}.md`), 'utf8'),
  );
}

Object.keys(PROGRAMS).forEach((page) => write(`${page}.md`, withBlocks(page)));
write('errors.md', errorsPage());
if (stale.length && process.argv.includes('--check')) {
  throw new Error(`not current: ${stale.join(', ')}; run \`npm run docs\``);
}
console.log(stale.length ? `written: ${stale.join(', ')}` : 'the documentation is current');
