import { execFileSync, spawnSync } from 'child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { App, TerraformBackend, TerraformStack } from 'cdktf';
import { backendOf } from '../../src/terraform/exports';

export { refusal } from '../support/refusal';

/** What a stack synthesizes to. */
export interface Synthesized {
  readonly resource?: { readonly [type: string]: { readonly [id: string]: any } };
  readonly data?: { readonly [type: string]: { readonly [id: string]: any } };
  readonly [block: string]: any;
}

/** An app that leaves nothing in the working directory. */
export const newApp = (): App => new App({ outdir: mkdtempSync(join(tmpdir(), 'cdktf-')) });

/** A stack as a platform stack is one: without a path of this machine. */
export class TestStack extends TerraformStack {
  public ensureBackendExists(): TerraformBackend {
    return backendOf(this);
  }
}

/**
 * What every stack of an app synthesizes to, by id, with validations. It is an error where Terraform would refuse it and
 * where it would differ on another machine. What the real providers' schemas tell comes after the tests of a file: to load
 * them takes longer than to check hundreds of stacks.
 */
export function synthesized(
  app: App,
  origin = expect.getState().currentTestName,
): { readonly [stack: string]: Synthesized } {
  app.synth();
  const stacks = app.node
    .findAll()
    .filter((node) => TerraformStack.isStack(node))
    .map(({ node }) => [node.id, readFileSync(join(app.outdir, 'stacks', node.id, 'cdk.tf.json'), 'utf8')]);
  stacks.forEach(([id, json]) => refuseForeign(id, json));
  refuseForeign('the manifest', readFileSync(join(app.outdir, 'manifest.json'), 'utf8'));
  stacks.forEach(([id, json]) => unchecked.set(json, `${origin ?? 'no test'}: ${id}`));
  return Object.fromEntries(stacks.map(([id, json]) => [id, JSON.parse(json)]));
}

/** What a stack with what `build` puts into it synthesizes to. */
export function synthesizedStack<T>(build: (stack: TestStack) => T): { made: T; json: Synthesized } {
  const app = newApp();
  const made = build(new TestStack(app, 'platform'));
  return { made, json: synthesized(app).platform };
}

/** The resources of a type, with their ids. */
export const all = (json: Synthesized, type: string): { id: string; [attribute: string]: any }[] =>
  Object.entries(json.resource?.[type] ?? {}).map(([id, resource]) => ({ id, ...resource }));

/** The one resource of a type, whose id has a text in it. */
export function only(json: Synthesized, type: string, part = ''): { id: string; [attribute: string]: any } {
  const found = all(json, type).filter(({ id }) => id.includes(part));
  if (found.length !== 1) {
    throw new Error(`expected one ${type}, found ${found.map(({ id }) => id).join(', ') || 'none'}`);
  }
  return found[0];
}

/** What Terraform refuses and cdktf does not, and what only this machine has. */
function refuseForeign(stack: string, json: string): void {
  JSON.parse(json, (key, value) => {
    if (key === 'depends_on' && [value].flat().some((one) => String(one).includes('.outputs.'))) {
      throw new Error(`${stack}: depends_on names another stack: ${value}`);
    }
    return value;
  });
  for (const path of [process.cwd(), tmpdir()]) {
    if (json.includes(`${path}/`)) {
      throw new Error(`${stack}: holds a path of this machine below ${path}`);
    }
  }
}

export const checker = resolve(process.env.CHECK_TERRAFORM ?? '../shared/tools/check-terraform.mjs');
if (!existsSync(checker)) {
  console.warn(`not checked against the providers' schemas: no ${checker} (CHECK_TERRAFORM)`);
}

/** What was synthesized in this file, each once, with the test and the stack that it is of. */
const unchecked = new Map<string, string>();

afterAll(() => {
  if (!existsSync(checker) || unchecked.size === 0) {
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'schemas-'));
  const origins = [...unchecked.values()];
  [...unchecked.keys()].forEach((json, i) => writeFileSync(join(dir, `${i}.tf.json`), json));
  const { status, stdout, stderr } = spawnSync(process.execPath, [checker, dir], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  rmSync(dir, { recursive: true });
  // It takes the meta-argument of providers for an argument, and its schemas lost the arguments that are called `description`.
  const errors = stdout
    .split('\n')
    .filter((line) => line.startsWith('error ') && !/\.(alias|description): unknown argument$/.test(line))
    .map((line) => line.replace(/\S*?(\d+)\.tf\.json/, (_, i) => origins[Number(i)]));
  if (errors.length > 0 || ![0, 1].includes(status!)) {
    throw new Error(`${checker}:\n${[...errors, stderr].join('\n')}`);
  }
});

/** `test` where Terraform itself is at hand; elsewhere the tests are shown as skipped. */
export const testWithTerraform = spawnSync('terraform', ['version']).status === 0 ? test : test.skip;

/** What Terraform makes of outputs that need no provider. */
export function outputsOf(json: Synthesized): { readonly [output: string]: unknown } {
  const dir = mkdtempSync(join(tmpdir(), 'terraform-'));
  const run = (...args: string[]) =>
    execFileSync('terraform', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
  try {
    const { variable, locals, output } = json;
    writeFileSync(join(dir, 'main.tf.json'), JSON.stringify({ variable, locals, output }));
    run('init', '-input=false');
    run('apply', '-auto-approve', '-input=false');
    const outputs: { [output: string]: { value: unknown } } = JSON.parse(run('output', '-json'));
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
