/** Text that wants to be more than text, and how one sees that it became more. */
import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import * as fc from 'fast-check';

/** What an interpolation or a command of a hostile text names. */
const MARK = 'HOSTILE';
/** Makes a file, by the shell alone. */
const COMMAND = `: > ${MARK}`;

const HOSTILE = [
  `\${${MARK}}`,
  `%{${MARK}}`,
  `$\${${MARK}}`,
  `%%{${MARK}}`,
  `%{ if ${MARK} }x%{ endif }`,
  `\${file("/etc/${MARK}")}`,
  `@{${MARK}()}`,
  `@${MARK}()`,
  `{{${MARK}}}`,
  `{% $${MARK} %}`,
  `\${sys.get_env("${MARK}")}`,
  `'; ${COMMAND}; '`,
  `"; ${COMMAND}; "`,
  `$(${COMMAND})`,
  `\`${COMMAND}\``,
  `; ${COMMAND} #`,
  `a\n${COMMAND}\n`,
  `' \${${MARK}} "\\`,
  `"},"${MARK}":{"`,
  `'; rm -rf ${MARK}; '`,
  `../../${MARK}`,
  `-${MARK}`,
  `\\${MARK}`,
  `\u202e日本語${MARK}\u0301😀`,
  `${MARK}\u0000\u001b[2J`,
];

export const hostileText: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.string({ unit: 'grapheme', maxLength: 8 })),
    fc.constantFrom(...HOSTILE),
  )
  .map(([before, hostile]) => before + hostile);

/** Every text of a JSON document, keys too, without the comments of Terraform. */
export function textsIn(json: unknown): string[] {
  if (typeof json === 'string') {
    return [json];
  }
  return typeof json === 'object' && json !== null
    ? Object.entries(json).flatMap(([key, value]) => (key === '//' ? [] : [key, ...textsIn(value)]))
    : [];
}

/** Texts in which an interpolation of Terraform is a hostile one. */
export const interpolationsIn = (json: unknown): string[] =>
  textsIn(json).filter((text) => /(?<![$%])[$%]\{( if |file\("\/etc\/)?HOSTILE/.test(text));

/** A text as Terraform makes it, with anything for what only deployment knows. */
export const asDeployed = (text: string): string =>
  text.replace(/(?<![$%])[$%]\{("(\\.|[^"\\])*"|[^}"])*\}/g, 'X').replace(/([$%])\1\{/g, '$1{');

/** Expressions that are hostile themselves, not only hold a hostile text. */
export const hostileExpressions = (expressions: string[], literal: RegExp): string[] =>
  expressions.filter((expression) => expression.replace(literal, '').includes(MARK));

/** Runs commands that hold a hostile text. Every program that they call does nothing and succeeds. */
export function runCommands(commands: string[]): { ran: number; obeyed: string[] } {
  const hostile = commands.filter((command) => command.includes(MARK));
  const cwd = mkdtempSync(join(tmpdir(), 'commands-'));
  try {
    const obeyed = hostile.filter((command) => {
      const script = `PATH=/none\ncommand_not_found_handle() { :; }\n${command}`;
      const { stderr, error } = spawnSync('bash', ['-c', script], {
        cwd,
        encoding: 'utf8',
        timeout: 5000,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (error) {
        throw error;
      }
      const did = existsSync(join(cwd, MARK));
      rmSync(join(cwd, MARK), { force: true });
      return did || /syntax error|unexpected EOF/.test(stderr);
    });
    return { ran: hostile.length, obeyed };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
