/**
 * Writes the API reference from the compiled assembly, for TypeScript and for Python: one file per submodule in docs/api, and
 * API.md as their index. With --check: compares what it was written from.
 */
import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { corrected } from './python/corrected';

const TITLES: Record<string, string> = {
  core: 'the vocabulary that every cloud shares',
  aws: 'Amazon Web Services, on aws-cdk-lib',
  google: 'Google Cloud, on cdktf',
  azure: 'Microsoft Azure, on cdktf',
};

const LANGUAGES: Record<string, { readonly title: string; readonly finish: (text: string) => string }> = {
  typescript: { title: 'TypeScript', finish: (text) => text },
  python: { title: 'Python', finish: corrected },
};

const root = join(__dirname, '..');
const target = join(root, 'docs', 'api');
const index = join(root, 'API.md');

function pages(language: string): { readonly submodule: string; readonly text: string }[] {
  const scratch = mkdtempSync(join(tmpdir(), 'api-docs-'));
  try {
    execFileSync(
      join(root, 'node_modules', '.bin', 'jsii-docgen'),
      ['--split-by-submodule', '--language', language, '--output', join(scratch, 'API')],
      { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return readdirSync(scratch)
      .map((file) => ({
        submodule: file.replace(/\.md$/, ''),
        text: readFileSync(join(scratch, file), 'utf8'),
      }))
      .filter(({ submodule }) => submodule in TITLES)
      .sort((a, b) => (a.submodule < b.submodule ? -1 : 1));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function write(): void {
  rmSync(target, { recursive: true, force: true });
  const sections = Object.entries(LANGUAGES).map(([language, { title, finish }]) => {
    mkdirSync(join(target, language), { recursive: true });
    const links = pages(language).map(({ submodule, text }) => {
      writeFileSync(join(target, language, `${submodule}.md`), finish(text));
      return `- [\`${submodule}\`](docs/api/${language}/${submodule}.md): ${TITLES[submodule]}`;
    });
    return `## ${title}\n\n${links.join('\n')}\n`;
  });
  const text = `# API reference\n\nGenerated from the source by \`npm run docgen:api\`.\n\n${sections.join('\n')}\n`;
  writeFileSync(index, `${text}<!-- written from ${source()}, as ${written()} -->\n`);
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What the reference is written from: the API with its docstrings, and the versions of the tool. */
function source(): string {
  const { types, submodules } = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8'));
  const { version } = JSON.parse(readFileSync(require.resolve('jsii-docgen/package.json'), 'utf8'));
  return hash(
    JSON.stringify([version, types, submodules], (key, value) =>
      /^(locationInModule|symbolId)$/.test(key) ? undefined : value,
    ),
  );
}

/** What was written. */
function written(): string {
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  );
  return hash(
    files
      .sort()
      .map((file) => file + readFileSync(join(target, file), 'utf8'))
      .join('\n'),
  );
}

if (!process.argv.includes('--check')) {
  write();
} else if (!readFileSync(index, 'utf8').includes(`<!-- written from ${source()}, as ${written()} -->`)) {
  throw new Error('the API reference is not current: run npm run docgen:api');
}
