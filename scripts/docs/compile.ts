/**
 * Compiles every TypeScript example of the documentation, as jsii-rosetta compiles those of docstrings and README: it takes
 * each page for the readme of a submodule of the compiled assembly.
 */
import { execFileSync } from 'child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const root = join(__dirname, '..', '..');
const docs = join(root, 'docs');
const assembly = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8'));
/** Where the package for Python finds what is translated here already. */
const tablet = join(root, '.jsii.tabl.json');
const pages = readdirSync(docs).filter((file) => file.endsWith('.md'));
for (const page of pages) {
  const markdown = readFileSync(join(docs, page), 'utf8');
  assembly.submodules[`${assembly.name}.${page.replace(/\W/g, '_')}`] = { readme: { markdown } };
}

const scratch = mkdtempSync(join(tmpdir(), 'docs-'));
try {
  writeFileSync(join(scratch, '.jsii'), JSON.stringify(assembly));
  execFileSync(
    join(root, 'node_modules', '.bin', 'jsii-rosetta'),
    ['extract', '--strict', '--compile', '--cache-to', tablet, '--directory', root, scratch],
    { stdio: 'inherit' },
  );
  console.log(`compiled: the examples of docstrings, README.md and ${pages.length} pages of docs`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
