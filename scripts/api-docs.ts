/**
 * Writes the API reference from the compiled assembly: one file per submodule in docs/api, and API.md as their index.
 */
import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const TITLES: Record<string, string> = {
  core: 'the vocabulary that every cloud shares',
  aws: 'Amazon Web Services, on aws-cdk-lib',
  google: 'Google Cloud, on cdktf',
  azure: 'Microsoft Azure, on cdktf',
};

const root = join(__dirname, '..');
const target = join(root, 'docs', 'api');
const scratch = mkdtempSync(join(tmpdir(), 'api-docs-'));
try {
  execFileSync(
    join(root, 'node_modules', '.bin', 'jsii-docgen'),
    ['--split-by-submodule', '--output', join(scratch, 'API')],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const links = readdirSync(scratch)
    .map((file) => ({ file, submodule: file.replace(/\.md$/, '') }))
    .filter(({ submodule }) => submodule in TITLES)
    .sort((a, b) => (a.submodule < b.submodule ? -1 : 1))
    .map(({ file, submodule }) => {
      writeFileSync(join(target, `${submodule}.md`), readFileSync(join(scratch, file)));
      return `- [\`${submodule}\`](docs/api/${submodule}.md): ${TITLES[submodule]}`;
    });
  writeFileSync(
    join(root, 'API.md'),
    `# API reference\n\nGenerated from the source by \`npm run docgen:api\`.\n\n${links.join('\n')}\n`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
