/**
 * The commands of the documents, run as they are written: bash, jq and the programs are real, the command lines of clouds, of
 * Terraform, of cdk and of npm are stood in for. They know the stacks and the outputs that the programs really have.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'fs';
import { basename, dirname, join, relative } from 'path';
import { json, read, root, run } from './support';
import { Call, inShell, StandIn } from '../../test/support/stand-ins';

/** Documents whose commands others run, for real. */
const ELSEWHERE: { readonly [document: string]: string } = {
  'README.md': 'scripts/consumer installs the packages and begins a project by them',
  'CONTRIBUTING.md': '.ci/run runs them; the mirror of providers needs access to the registry',
  'examples/quickstart/containers/README.md': 'tests/run.sh trains and serves; its images need docker',
  'examples/quickstart/python/README.md': 'scripts/consumer/python.sh',
};

const documents = ['README.md', 'CONTRIBUTING.md', ...below('docs'), ...below('examples')].filter((file) =>
  /^```sh$/m.test(read(root, file)),
);

function below(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/node_modules|\.out\/|\.venv/.test(file))
    .map((file) => join(folder, file));
}

const blocksOf = (document: string) =>
  [...read(root, document).matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block);

const ran = new Set<string>();

/** Runs a program of an example, once for each of what it reads of its environment. */
function program(file: string, cwd: string, variables: Call['env'] = {}): void {
  const { WEIGHTS_VERSION } = variables;
  const key = [cwd, file, WEIGHTS_VERSION].join();
  if (ran.has(key)) {
    return;
  }
  const register = require.resolve('ts-node/register/transpile-only');
  // Other tests ask whether the templates are valid.
  const out = {
    CDK_OUTDIR: join(cwd, 'cdk.out'),
    CDKTF_OUTDIR: join(cwd, 'cdktf.out'),
    CDK_VALIDATION: 'false',
  };
  run(process.execPath, ['-r', register, file], cwd, { ...variables, ...out });
  ran.add(key);
}

/** A command that says which output it is: what the real ones do is run by test/life. */
const placeholder = (output: string) => `: ${output}`;

/** `cdk`: synthesizes the program of --app, or of cdk.json; knows its stacks and their outputs. */
function cdk(args: string[], { cwd, env }: Call): void {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  if (args[0] === 'bootstrap') {
    return;
  }
  const app = option('--app') ?? json(cwd, 'cdk.json').app;
  const out = join(cwd, 'cdk.out');
  program(/(\S+\.ts)$/.exec(app)![1], cwd, env);
  const named = args.slice(1).filter((arg, i, all) => !arg.startsWith('-') && !all[i - 1]?.startsWith('--'));
  const outputs = named.map((stack) => {
    const { Outputs } = json(out, `${stack}.template.json`);
    return [stack, Object.fromEntries(Object.keys(Outputs).map((name) => [name, placeholder(name)]))];
  });
  const file = option('--outputs-file');
  if (file) {
    writeFileSync(join(cwd, file), JSON.stringify(Object.fromEntries(outputs)));
  }
}

const tasks = Object.keys(json(root, '.projen', 'tasks.json').tasks);

const npx: StandIn = (call) => {
  const [tool, ...args] = call.args;
  if (tool === 'cdk') {
    cdk(args, call);
  } else if (tool === 'ts-node') {
    program(args.at(-1)!, call.cwd, call.env);
  } else if (tool !== 'projen' || !tasks.includes(args[0])) {
    throw new Error(`npx ${call.args.join(' ')}: no such tool or task`);
  }
};

/** `terraform` and `cdktf`: know the stacks that were synthesized, and their outputs. */
const terraform: StandIn = ({ args, cwd }) => {
  const [, folder] = /^-chdir=(.+)$/.exec(args[0])!;
  const { output } = json(cwd, folder, 'cdk.tf.json');
  const name = args[1] === 'output' ? args.at(-1)! : undefined;
  if (name && !(name in output)) {
    throw new Error(`${folder} has no output ${name}`);
  }
  return name && placeholder(name);
};
const cdktf: StandIn = ({ args, cwd, env }) => {
  const app = args.includes('--app') ? args[args.indexOf('--app') + 1] : json(cwd, 'cdktf.json').app;
  program(/(\S+\.ts)$/.exec(app)![1], cwd, env);
  json(cwd, 'cdktf.out', 'stacks', args[1], 'cdk.tf.json');
};

/** Names of files that are given to a command line must exist. */
const withFiles: StandIn = ({ args, cwd }) => {
  const files = args
    .filter((arg, i) => /^(@|--file=)/.test(arg) || args[i - 1] === '--template-file')
    .map((arg) => arg.replace(/^(@|--file=)/, ''));
  const missing = files.filter((file) => !existsSync(join(cwd, file)));
  if (missing.length) {
    throw new Error(`no such file: ${missing.join()}`);
  }
};
const nothing: StandIn = () => undefined;
const STAND_INS = { npx, terraform, cdktf, npm: nothing, aws: withFiles, gcloud: withFiles, az: withFiles };
const VARIABLES = { HF_TOKEN: 'hf_token', KEY_VAULT: 'ours', KEY_VAULT_GROUP: 'ml' };

/** The page on the identity that deploys speaks of the quickstart. */
const FOLDERS: { readonly [document: string]: string } = { 'docs/deploy-identity.md': 'examples/quickstart' };

/** What the reader has done before: the programs of this folder that write files for Terraform. */
const BEFORE: { readonly [document: string]: string[] } = {
  'docs/deploy-identity.md': ['google.ts', 'azure.ts'],
};

test('documents whose commands are run elsewhere have some', () => {
  expect(Object.keys(ELSEWHERE).filter((document) => !documents.includes(document))).toEqual([]);
});

describe.each(documents.filter((document) => !(document in ELSEWHERE)))('%s', (document) => {
  const folder = join(root, FOLDERS[document] ?? dirname(document));
  const hasRoot = blocksOf(document).some((block) => block.includes(`cd ${relative(root, folder)}`));

  test('its commands run as they are written', async () => {
    mkdirSync(join(folder, 'cdk.out'), { recursive: true });
    await inShell(STAND_INS, async (shell) => {
      for (const file of BEFORE[document] ?? []) {
        program(file, folder);
      }
      for (const block of blocksOf(document)) {
        const fromRoot =
          (hasRoot && /npm ci|cd examples/.test(block)) || block.includes(`examples/${basename(folder)}/`);
        const { code, err } = await shell.run(
          `set -e -o pipefail\ncd '${fromRoot ? root : folder}'\n${block}`,
          VARIABLES,
        );
        expect({ block, code, err }).toEqual({ block, code: 0, err: '' });
      }
      expect(shell.calls.length).toBeGreaterThan(0);
    });
  });
});
