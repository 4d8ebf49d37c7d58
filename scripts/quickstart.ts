/**
 * `npm run quickstart`: synthesizes examples/quickstart, and prints what it made, what was chosen and why, and the
 * commands that follow, in order.
 */
import { execFileSync } from 'child_process';
import { readdirSync, readFileSync, rmSync } from 'fs';
import { join, relative } from 'path';

const root = join(__dirname, '..');
const example = join(root, 'examples', 'quickstart');

interface ReportEntry {
  readonly kind: string;
  readonly title: string;
  readonly text: string;
}

function synthesizeAws(): string {
  const out = join(example, 'cdk.out');
  rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', 'aws.ts'], {
    cwd: example,
    env: { ...process.env, CDK_OUTDIR: out },
    stdio: 'inherit',
  });
  return out;
}

function printStacks(out: string): void {
  for (const template of readdirSync(out).filter((file) => file.endsWith('.template.json'))) {
    const name = template.replace('.template.json', '');
    const { Resources = {} } = JSON.parse(readFileSync(join(out, template), 'utf8'));
    const types = Object.values(Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
    const counts = [...new Set(types)]
      .sort()
      .map((type) => `${types.filter((other) => other === type).length} ${type}`);
    console.log(`\n  ${name}: ${types.length} resources in ${relative(root, join(out, template))}`);
    console.log(`    ${counts.join(', ')}`);
    const metadata: Record<string, any[]> = JSON.parse(
      readFileSync(join(out, `${name}.metadata.json`), 'utf8'),
    );
    for (const [path, entries] of Object.entries(metadata)) {
      for (const { type, data } of entries) {
        const { kind, title, text } = (type === 'cloud-ml-constructs:report' ? data : {}) as ReportEntry;
        if (kind && kind !== 'command') {
          console.log(`    ${path.slice(1)} – ${title}: ${text}`);
        }
      }
    }
  }
}

/** What a deployment printed, for a shell in a folder of the example. */
const printed = (stack: string, output: string, folder: string) =>
  `$(node -p "require('${relative(folder, '.') || '.'}/outputs.json').${stack}.${output}")`;

/** A command that a deployment printed, run. */
const run = (stack: string, output: string, variables = '') =>
  `${variables && `export ${variables} && `}eval "${printed(stack, output, '.')}"`;

const push = (output: string, folder: string) =>
  `(cd ${folder} && eval "${printed('foundation', output, folder)}")`;

const NEXT: [string, string[]][] = [
  ['Deploy foundation', ['npx cdk bootstrap', 'npx cdk deploy foundation --outputs-file outputs.json']],
  [
    'Build and push the images',
    [
      push('PushTrain', 'containers/train'),
      push('PushServe', 'containers/serve'),
      push('PushEmbed', 'containers/embed'),
    ],
  ],
  [
    'Submit training: on CSV files that you upload to the lake first, else on sample data that it makes',
    [
      'test ! -d data || (' + run('foundation', 'Upload', 'DATA=data') + ')',
      run('foundation', 'Submit', 'RUN=first'),
    ],
  ],
  [
    'Publish the model, once the job has succeeded, and approve it',
    [
      run('foundation', 'Publish', `MODEL_FILES=${printed('foundation', 'Output', '.')}first/`),
      run('foundation', 'Approve'),
    ],
  ],
  ['Deploy serving', ['npx cdk deploy serving --outputs-file serving.json --parameters FraudVersion=1']],
  [
    'Invoke',
    [
      `export REQUEST=request.json && eval "$(node -p "require('./serving.json').serving.InvokeEndpoint")"`,
      `export REQUEST=image.json && eval "$(node -p "require('./serving.json').serving.InvokeThumbnails")"`,
    ],
  ],
  [
    'Destroy: data, images and models stay, because they are retained by default',
    ['npx cdk destroy serving foundation'],
  ],
];

console.log('AWS (CloudFormation)');
const out = synthesizeAws();
printStacks(out);
console.log(`\n  Next, from ${relative(root, example)}, with AWS credentials and docker:`);
NEXT.forEach(([title, commands], i) => {
  console.log(`    ${i + 1}. ${title}`);
  commands.forEach((command) => console.log(`       ${command}`));
});
