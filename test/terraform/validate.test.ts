import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Namespace, Probe } from '../contract/contract';
import { stacksOfContract, stacksOfExamples, SynthesizedStack } from '../support/programs';

const terraform = (dir: string, ...args: string[]) =>
  spawnSync('terraform', args, {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, TF_IN_AUTOMATION: '1' },
  });

const isInstalled = spawnSync('terraform', ['version']).status === 0;
const mirror = process.env.CMC_PROVIDER_MIRROR;
const lacking = !isInstalled
  ? 'terraform is not installed'
  : !mirror
    ? 'CMC_PROVIDER_MIRROR names no mirror of providers'
    : !existsSync(mirror)
      ? `CMC_PROVIDER_MIRROR names no folder: ${mirror}`
      : undefined;
if (lacking) {
  console.warn(`not validated by Terraform with the real providers: ${lacking}`);
}

/** A folder where the providers of a stack are installed. */
function initialized(json: any): string {
  const dir = mkdtempSync(join(tmpdir(), 'validate-'));
  writeFileSync(
    join(dir, 'cdk.tf.json'),
    JSON.stringify({ terraform: { required_providers: json.terraform?.required_providers ?? {} } }),
  );
  const { status, stdout, stderr } = terraform(
    dir,
    'init',
    '-backend=false',
    '-input=false',
    '-no-color',
    ...(mirror ? [`-plugin-dir=${mirror}`] : []),
  );
  if (status !== 0) {
    rmSync(dir, { recursive: true });
    throw new Error(`terraform init: ${stdout}${stderr}`);
  }
  return dir;
}

/** What Terraform says against a stack. */
function faultsOf(dir: string, { name, json }: SynthesizedStack): string[] {
  writeFileSync(join(dir, 'cdk.tf.json'), JSON.stringify(json));
  const { diagnostics } = JSON.parse(terraform(dir, 'validate', '-json').stdout);
  return diagnostics
    .filter(({ severity }: any) => severity === 'error')
    .map(
      ({ summary, detail, address, snippet }: any) =>
        `${name} ${address ?? snippet?.context ?? ''}: ${summary}. ${detail}`,
    );
}

/** Stacks with the same providers share a folder: to install them takes longer than to validate. */
function faultsOfAll(stacks: SynthesizedStack[]): string[] {
  const folders = new Map<string, string>();
  try {
    return stacks.flatMap((stack) => {
      const providers = JSON.stringify(stack.json.terraform?.required_providers ?? {});
      folders.set(providers, folders.get(providers) ?? initialized(stack.json));
      return faultsOf(folders.get(providers)!, stack);
    });
  } finally {
    folders.forEach((dir) => rmSync(dir, { recursive: true }));
  }
}

const stack = (json: object): SynthesizedStack => ({ name: 'stack', json });

// What Terraform brings itself needs no mirror.
describe('Terraform itself', () => {
  const testHere = isInstalled ? test : test.skip;

  testHere('takes a stack that is valid', () => {
    const valid = stack({
      terraform: { required_version: '>= 1.4' },
      variable: { Version: { type: 'string', default: '1' } },
      resource: { terraform_data: { Name: { input: '${substr(sha1(var.Version), 0, 8)}' } } },
      output: { Name: { value: '${terraform_data.Name.output}' } },
    });
    expect(faultsOfAll([valid, valid])).toEqual([]);
  });

  testHere.each([
    [
      'an argument that is none',
      { resource: { terraform_data: { Name: { inputs: 'x' } } } },
      /Extraneous JSON object property|Unsupported argument/,
    ],
    [
      'a reference to nothing',
      { output: { Name: { value: '${terraform_data.Name.output}' } } },
      /Reference to undeclared resource/,
    ],
    ['a function that is none', { output: { Name: { value: '${hash("x")}' } } }, /Call to unknown function/],
    [
      'dependencies on another stack',
      {
        resource: {
          terraform_data: { Name: { depends_on: ['data.terraform_remote_state.other.outputs.name'] } },
        },
      },
      /depends_on/,
    ],
  ])('refuses %s', (_, json, fault) => {
    expect(faultsOfAll([stack(json)]).join()).toMatch(fault);
  });
});

describe('Terraform with the real providers', () => {
  const testWithMirror = lacking ? test.skip : test;
  // Loaded where there is something to do only: it takes longer than all else here.
  const loaded = (cloud: string) =>
    lacking
      ? undefined
      : {
          ml: jest.requireActual<Namespace>(`../../src/${cloud}`),
          probe: jest.requireActual<{ probe: Probe }>(`../${cloud}/probe`).probe,
        };

  testWithMirror.each([
    ['Google Cloud', 'google', loaded('google')],
    ['Azure', 'azure', loaded('azure')],
  ])(
    'takes every stack of the examples and of the contract on %s',
    (_, cloud, library) => {
      const { ml, probe } = library!;
      expect(faultsOfAll([...stacksOfExamples(cloud), ...stacksOfContract(ml, probe)])).toEqual([]);
    },
    30 * 60_000,
  );
});
