import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { LocalBackend, TerraformResource, TerraformStack, Testing } from 'cdktf';
import { keptIn } from './upgrades';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { keep, keepTrack } from '../../src/terraform/kept';

const { DESTROY, RETAIN } = core.DataRetention;

interface Kept {
  readonly [id: string]: core.DataRetention;
}

/** A stack with such resources, of a type that needs no provider. */
function stackWith(all: Kept): TerraformStack {
  const stack = new TerraformStack(Testing.app(), 'platform');
  new LocalBackend(stack, { path: 'terraform.tfstate' });
  keepTrack(stack);
  Object.entries(all).forEach(([id, retention]) =>
    keep(new TerraformResource(stack, id, { terraformResourceType: 'terraform_data' }), retention),
  );
  return stack;
}

const written = (stack: TerraformStack) => JSON.parse(Testing.synth(stack));

test('what is kept is known by its address, what may go is moved out of the way', () => {
  const { resource, moved } = written(stackWith({ Lake: RETAIN, Home: RETAIN, Trial: DESTROY }));
  expect(keptIn(resource)).toEqual(['terraform_data.Home', 'terraform_data.Lake']);
  expect(resource.terraform_data.Lake.lifecycle).toEqual({ prevent_destroy: true });
  expect(resource.terraform_data.Trial.lifecycle).toBeUndefined();
  expect(moved).toEqual([
    {
      from: 'terraform_data.MlKept["terraform_data.Trial"]',
      to: 'terraform_data.MlReleased["terraform_data.Trial"]',
    },
  ]);
});

test('a stack without data knows it, too', () => {
  const { resource, moved } = written(stackWith({}));
  expect(resource.terraform_data).toEqual({
    MlKept: expect.objectContaining({ for_each: {}, lifecycle: { prevent_destroy: true } }),
  });
  expect(moved).toBeUndefined();
});

test('an override decides', () => {
  const stack = stackWith({ Lake: RETAIN, Trial: DESTROY });
  const [lake, trial] = ['Lake', 'Trial'].map((id) => stack.node.findChild(id) as TerraformResource);
  lake.addOverride('lifecycle.prevent_destroy', false);
  trial.addOverride('lifecycle.prevent_destroy', true);
  expect(keptIn(written(stack).resource)).toEqual(['terraform_data.Trial']);
});

test.each<[string, () => TerraformStack]>([
  [
    'google',
    () =>
      new google.PlatformStack(Testing.app(), 'platform', { project: 'ml-project', region: 'europe-west4' }),
  ],
  [
    'azure',
    () =>
      new azure.PlatformStack(Testing.app(), 'platform', {
        subscriptionId: '11111111-2222-3333-4444-555555555555',
        location: 'westeurope',
      }),
  ],
])('stacks of %s keep track from the beginning, those that are adopted, too', (cloud, make) => {
  expect(keptIn(written(make()).resource)).toEqual([]);
  const own = new TerraformStack(Testing.app(), 'own');
  if (cloud === 'google') {
    google.PlatformStack.adopt(own);
  } else {
    azure.PlatformStack.adopt(own, {
      subscriptionId: '11111111-2222-3333-4444-555555555555',
      location: 'westeurope',
    });
  }
  expect(keptIn(written(own).resource)).toEqual([]);
});

const hasTerraform = spawnSync('terraform', ['version']).status === 0;

(hasTerraform ? describe : describe.skip)('asked of Terraform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const terraform = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('terraform', [...args, '-no-color'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: join(folder, 'none') },
    });
    return { status, said: stdout + stderr };
  };
  /** Deploys a program; what stands afterwards, or why not. */
  function deploy(all: Kept): string[] | string {
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(written(stackWith(all))));
    const { status, said } = terraform('apply', '-auto-approve', '-input=false');
    return status === 0 ? standing() : said.replace(/\s+/g, ' ');
  }
  const standing = () =>
    terraform('state', 'list')
      .said.split('\n')
      .filter((line) => /^terraform_data\.\w+$/.test(line));

  test('what is taken out of the program stops the plan until its address is forgotten; what was let go before goes', () => {
    writeFileSync(join(folder, 'none'), '');
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(written(stackWith({}))));
    expect(terraform('init', '-input=false').status).toBe(0);
    expect(deploy({})).toEqual([]);
    const all = { Lake: RETAIN, Home: RETAIN, Trial: DESTROY };
    const names = ['terraform_data.Home', 'terraform_data.Lake', 'terraform_data.Trial'];
    expect(deploy(all)).toEqual(names);

    // One of them, and all of them.
    const stopped =
      /Resource terraform_data\.MlKept\["terraform_data\.Lake"\] has lifecycle\.prevent_destroy set/;
    expect(deploy({ Home: RETAIN, Trial: DESTROY })).toMatch(stopped);
    expect(deploy({})).toMatch(stopped);
    expect(standing()).toEqual(names);

    // What never was to stay goes, and so does what was let go by a deployment.
    expect(deploy({ Lake: RETAIN, Home: RETAIN })).toEqual(names.slice(0, 2));
    expect(deploy({ Lake: RETAIN, Home: DESTROY })).toEqual(names.slice(0, 2));
    expect(deploy({ Lake: RETAIN })).toEqual(['terraform_data.Lake']);

    // Let go, then kept again.
    expect(deploy({ Lake: DESTROY })).toEqual(['terraform_data.Lake']);
    expect(deploy({ Lake: RETAIN })).toEqual(['terraform_data.Lake']);
    expect(deploy({})).toMatch(stopped);

    // The commands of the documentation.
    const forget = ['terraform_data.MlKept["terraform_data.Lake"]', 'terraform_data.Lake'];
    expect(terraform('state', 'rm', ...forget).status).toBe(0);
    expect(deploy({})).toEqual([]);
  });
});
