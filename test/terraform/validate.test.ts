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
    // A plan needs credentials, of whatever value, though it does not use them.
    env: { ...process.env, TF_IN_AUTOMATION: '1', GOOGLE_OAUTH_ACCESS_TOKEN: 'none' },
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

type Check = (dir: string, json: any) => any[];

const validated: Check = (dir, json) => {
  writeFileSync(join(dir, 'cdk.tf.json'), JSON.stringify(json));
  return JSON.parse(terraform(dir, 'validate', '-json').stdout).diagnostics;
};

/** What a plan asks the cloud for, and what other stacks tell, is unknown. */
function withoutData({ data: _, ...json }: any): any {
  const told = JSON.stringify(json)
    .replace(/"data\.\w+\.[\w-]+"/g, '"terraform_data.Unknown"')
    // Of no type that is known, either.
    .replace(/\bdata\.\w+\.[\w-]+(\.[\w-]+)*/g, 'jsondecode(terraform_data.Unknown.id)');
  const { terraform: settings, resource, ...others } = JSON.parse(told);
  return {
    ...others,
    terraform: { ...settings, backend: undefined },
    resource: { ...resource, terraform_data: { ...resource?.terraform_data, Unknown: {} } },
  };
}

/** A plan of all that is new, which no cloud is called for. */
const planned: Check = (dir, json) => {
  writeFileSync(join(dir, 'cdk.tf.json'), JSON.stringify(withoutData(json)));
  return terraform(dir, 'plan', '-json', '-input=false', '-lock=false', '-refresh=false')
    .stdout.split('\n')
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line).diagnostic ?? []);
};

/** What Terraform says against a stack. */
const faultsOf = (dir: string, { name, json }: SynthesizedStack, check: Check): string[] =>
  check(dir, json)
    .filter(({ severity }: any) => severity === 'error')
    .map(
      ({ summary, detail, address, snippet }: any) =>
        `${name} ${address ?? snippet?.context ?? ''}: ${summary}. ${detail}`,
    );

/** Stacks with the same providers share a folder: to install them takes longer than to validate. */
function faultsOfAll(stacks: SynthesizedStack[], check = validated): string[] {
  const folders = new Map<string, string>();
  try {
    return stacks.flatMap((stack) => {
      const providers = JSON.stringify(stack.json.terraform?.required_providers ?? {});
      folders.set(providers, folders.get(providers) ?? initialized(stack.json));
      return faultsOf(folders.get(providers)!, stack, check);
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
    expect(faultsOfAll([valid], planned)).toEqual([]);
  });

  testHere('plans a stack that refers to others, and says what is wrong with it', () => {
    const json = {
      data: { terraform_remote_state: { other: { backend: 'local' } } },
      resource: {
        terraform_data: {
          Name: { input: '${data.terraform_remote_state.other.outputs.cross-stack-output-a}' },
        },
      },
    };
    const refused = { ...json, output: { Name: { value: '${substr("a", "b", 1)}' } } };
    expect(faultsOfAll([stack(json)], planned)).toEqual([]);
    expect(faultsOfAll([stack(refused)], planned).join()).toContain('Invalid function argument');
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
    // Azure's provider asks who deploys before it plans anything.
    ['plans', 'Google Cloud', planned, 'google', loaded('google')],
    ['takes', 'Azure', validated, 'azure', loaded('azure')],
  ])(
    '%s every stack of the examples and of the contract on %s',
    (_verb, _name, check, cloud, library) => {
      const { ml, probe } = library!;
      const stacks = [...stacksOfExamples(cloud), ...stacksOfContract(ml, probe)];
      expect(faultsOfAll(stacks, check)).toEqual([]);
      console.info(`${stacks.length} stacks`);
    },
    30 * 60_000,
  );
});
