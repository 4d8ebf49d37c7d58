/**
 * What users' compilers read: declarations without what is internal, and only those that an entry of the package leads
 * to. jsii itself refuses `stripInternal`. Fails where an entry leads to a declaration that is missing, or that mentions
 * the types of a provider, which a user does not have.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import * as ts from 'typescript';

const isInternal = (node: ts.Node) =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

/** What stands instead of an internal member: nobody makes what the library alone makes. */
const replacement = (node: ts.Node) =>
  ts.isConstructorDeclaration(node) ? '\n    protected constructor();' : '';

function withoutInternals(text: string): string {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (isInternal(node)) {
      found.push(node);
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(ts.createSourceFile('lib.d.ts', text, ts.ScriptTarget.Latest, true));
  return found.reduceRight(
    (left, node) => left.slice(0, node.pos) + replacement(node) + left.slice(node.end),
    text,
  );
}

/** Without the imports that nothing needs any more. */
function withoutUnusedImports(text: string): string {
  const rest = text.replace(/^import .+;\n/gm, '');
  const isUsed = (name: string) => new RegExp(`\\b${name}\\b`).test(rest);
  return text
    .replace(/^import \{ (.+) \} from (.+;)\n/gm, (_, names: string, from) => {
      const used = names.split(', ').filter((name) => isUsed(name.split(' as ').pop()!));
      return used.length ? `import { ${used.join(', ')} } from ${from}\n` : '';
    })
    .replace(/^import \* as (\w+) from .+;\n/gm, (line, name) => (isUsed(name) ? line : ''));
}

const IMPORT = /(?:\bfrom |\bimport\()['"](\.[^'"]+)['"]/g;

/** The declaration files that an entry leads to. */
function reachable(entry: string): Set<string> {
  const reached = new Set<string>();
  const visit = (file: string, from: string): void => {
    if (reached.has(file)) {
      return;
    }
    if (!existsSync(file)) {
      throw new Error(`${from}: imports ${file}, which is not there`);
    }
    const text = readFileSync(file, 'utf8');
    if (text.includes('@cdktf/provider-')) {
      throw new Error(`${file}: mentions the type of a binding, and ${from} leads there`);
    }
    reached.add(file);
    for (const [, path] of text.matchAll(IMPORT)) {
      const module = join(dirname(file), path);
      visit(existsSync(`${module}.d.ts`) ? `${module}.d.ts` : join(module, 'index.d.ts'), file);
    }
  };
  visit(entry, 'package.json');
  return reached;
}

export function finishDeclarations(lib: string): void {
  const all = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => join(lib, file));
  all.forEach((file) =>
    writeFileSync(file, withoutUnusedImports(withoutInternals(readFileSync(file, 'utf8')))),
  );
  const needed = reachable(join(lib, 'index.d.ts'));
  all.filter((file) => !needed.has(file)).forEach((file) => rmSync(file));
}
