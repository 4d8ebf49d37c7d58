/** What is generated of files that are otherwise written by hand. */
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

const root = join(__dirname, '..');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** Files of the repository that a command writes, or with `--check` compares. */
export class Generated {
  private readonly stale: string[] = [];
  private readonly checks = process.argv.includes('--check');

  constructor(private readonly command: string) {}

  /** The whole of a file. */
  public file(file: string, text: string): void {
    const path = join(root, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) {
      return;
    }
    this.stale.push(file);
    if (!this.checks) {
      writeFileSync(path, text);
    }
  }

  /** What stands between the markers of a file, by their names. */
  public blocks(file: string, blocks: { readonly [name: string]: string }): void {
    const filled = Object.entries(blocks).reduce(
      (text, [name, block]) => {
        const [begin, end] = [
          `<!-- ${name}: written by \`npm run ${this.command}\` -->`,
          `<!-- end of ${name} -->`,
        ];
        const [before, rest = ''] = text.split(begin);
        const [, after] = rest.split(end);
        if (after === undefined) {
          throw new Error(`${file} has no place for what is generated: ${begin} … ${end}`);
        }
        return `${before}${begin}\n\n${block}\n\n${end}${after}`;
      },
      readFileSync(join(root, file), 'utf8'),
    );
    this.file(file, filled);
  }

  /** Says what was written; with `--check` fails on what is not current. */
  public finish(): void {
    const files = this.stale.join(', ');
    if (files && this.checks) {
      throw new Error(`not current: ${files}; run \`npm run ${this.command}\``);
    }
    console.log(files ? `written: ${files}` : 'current');
  }
}
