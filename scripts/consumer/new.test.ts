/** An empty folder becomes a platform that synthesizes, by the commands of the README. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { artifact, json, read, root, run } from './support';

/** The commands below the title of the README, the options of its comment given. */
function commandsOfReadme(options: string): string {
  const [, commands] =
    /## Begin\n[^]*?```sh\n([^]*?)```/.exec(read(root, 'README.md')) ??
    fail('README.md has no commands under Begin');
  const from = `--from cloud-ml-constructs --cloud aws --language typescript`;
  if (!commands.includes(from)) fail(`README.md: ${from} is not among the commands`);
  return commands
    .replace(from, `--from ${artifact('js', '.tgz')} ${options}`)
    .replace('npx projen new', `${join(root, 'node_modules', '.bin', 'projen')} new --no-git`);
}

function fail(message: string): never {
  throw new Error(message);
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that holds the project `ml-platform`, made and synthesized. */
function begin(options: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'begin-'));
  folders.push(folder);
  const constraints = join(folder, 'constraints.txt');
  const { version, devDependencies } = json(root, 'package.json');
  writeFileSync(
    constraints,
    [
      `cloud-ml-constructs==${version}`,
      `aws-cdk-lib==${devDependencies['aws-cdk-lib']}`,
      `cdktf==${devDependencies.cdktf}`,
      '',
    ].join('\n'),
  );
  run('bash', ['-euc', commandsOfReadme(options)], folder, {
    // At a desk: with CI, projen installs what a lock file says, which a new project has not.
    CI: undefined,
    PIP_CONSTRAINT: constraints,
    PIP_FIND_LINKS: join(root, 'dist', 'python'),
    npm_config_prefer_offline: 'true',
  });
  return join(folder, 'ml-platform');
}

test('on AWS in TypeScript', () => {
  const project = begin('--cloud aws --language typescript');
  const { Resources } = json(project, 'cdk.out', 'serving.template.json');
  expect(Object.values<any>(Resources).map(({ Type }) => Type)).toContain('AWS::SageMaker::Endpoint');
  expect(readdirSync(join(project, 'containers')).sort()).toEqual(['embed', 'serve', 'train']);
  expect(read(project, 'cdk.out', 'report.md')).toContain('serving');
});

test('on a cloud of Terraform in Python', () => {
  const project = begin('--cloud google --language python');
  const { resource } = json(project, 'cdktf.out', 'stacks', 'serving', 'cdk.tf.json');
  expect(Object.keys(resource)).toContain('google_cloud_run_v2_service');
  expect(readdirSync(project)).toEqual(
    expect.arrayContaining(['google_app.py', 'ml_platform.py', 'containers']),
  );
  expect(readdirSync(project)).not.toContain('platform.ts');
});

test('an unknown cloud is refused with those that there are', () => {
  expect(() => begin('--cloud oracle')).toThrow("cloud ('oracle') must be one of aws, google, azure");
});
