/**
 * The same resources by hand, on Terraform: from the stacks of a synthesized program, the source of a program that makes
 * every one of them with its prebuilt binding, or with cdktf's generic resource where there is none, with references
 * where the stacks have them.
 */
import { existsSync, readdirSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { differences, inOrder } from './baseline';

type Json = any;
type Stack = { readonly [block: string]: Json };

const PACKAGES: { readonly [provider: string]: string } = {
  google: '@cdktf/provider-google',
  azurerm: '@cdktf/provider-azurerm',
};

const camel = (name: string) => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const quote = (value: unknown) => JSON.stringify(value);

interface Binding {
  readonly module: string;
  readonly className: string;
  /** Attributes whose keys are the user's. */
  readonly maps: ReadonlySet<string>;
}

/** The prebuilt binding of a type; none where the provider has no package. */
function bindingOf(type: string): Binding | undefined {
  const [, data = '', provider, name] = /^(data_)?([a-z]+)_(\w+)$/.exec(type) ?? [];
  const module = `${PACKAGES[provider]}/lib/${data ? `data-${provider}-` : ''}${name?.replace(/_/g, '-')}`;
  const folder = join(dirname(require.resolve('cdktf/package.json')), '..', module);
  if (!PACKAGES[provider] || !existsSync(folder)) {
    return undefined;
  }
  const types = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  const [, className] = /export declare class (\w+) extends cdktf\.Terraform(?:Resource|DataSource)/.exec(
    types,
  )!;
  const maps = [...types.matchAll(/readonly (\w+)\??: \{\s*\[key: string\]: string/g)].map(
    ([, found]) => found,
  );
  return { module, className, maps: new Set(maps) };
}

const META = ['depends_on', 'lifecycle', 'provider', '//', 'count', 'for_each'];
const REFERENCE = /(?<!\$)\$\{((?:data\.)?[a-z]\w*)\.([\w-]+)\.(\w+)\}/g;

/** A text, with a reference where it has one. */
function text(value: string, known: ReadonlySet<string>): string {
  // Within a larger expression a reference stays as it stands.
  if (/(?<!\$)\$\{/.test(value.replace(REFERENCE, ''))) {
    return quote(value);
  }
  const parts: string[] = [];
  let from = 0;
  for (const { 0: all, 1: type, 2: id, 3: attribute, index } of value.matchAll(REFERENCE)) {
    if (known.has(`${type}.${id}`)) {
      parts.push(
        quote(value.slice(from, index)),
        `made[${quote(`${type}.${id}`)}].getStringAttribute(${quote(attribute)})`,
      );
      from = index + all.length;
    }
  }
  parts.push(quote(value.slice(from)));
  return parts.filter((part) => part !== '""').join(' + ') || '""';
}

function source(
  value: Json,
  known: ReadonlySet<string>,
  key: (name: string) => string,
  maps: ReadonlySet<string>,
): string {
  if (typeof value === 'string') {
    return text(value, known);
  }
  if (Array.isArray(value)) {
    return `[${value.map((one) => source(one, known, key, maps)).join(', ')}]`;
  }
  if (value && typeof value === 'object') {
    const members = Object.entries(value).map(([name, one]) => {
      const own = maps.has(key(name)) ? (kept: string) => kept : key;
      return `${quote(key(name))}: ${source(one, known, own, maps)}`;
    });
    return `{ ${members.join(', ')} }`;
  }
  return quote(value);
}

interface Part {
  readonly address: string;
  readonly type: string;
  readonly id: string;
  readonly given: Json;
  readonly data: boolean;
}

/** Resources and data sources in the order of their references. */
export function partsOf({ resource = {}, data = {} }: Stack): Part[] {
  const parts = (blocks: Json, isData: boolean): Part[] =>
    Object.entries<Json>(blocks).flatMap(([type, made]) =>
      Object.entries<Json>(made).map(([id, given]) => ({
        ...{ type, id, given, data: isData },
        address: `${isData ? 'data.' : ''}${type}.${id}`,
      })),
    );
  const all = [...parts(data, true), ...parts(resource, false)];
  const needs = ({ given }: Part) => {
    const written = JSON.stringify({ ...given, '//': undefined });
    return all.filter(({ address }) => written.includes(address)).map(({ address }) => address);
  };
  return inOrder(all, ({ address }) => address, needs);
}

function partSource({ address, type, id, given, data }: Part, known: ReadonlySet<string>): string[] {
  const made = `made[${quote(address)}]`;
  const args = Object.fromEntries(Object.entries(given).filter(([name]) => !META.includes(name)));
  const meta = Object.fromEntries(
    Object.entries<Json>(given).filter(([name]) => META.includes(name) && name !== '//'),
  );
  const lines: string[] = [];
  const binding = bindingOf(data ? `data_${type}` : type);
  if (type === 'terraform_remote_state') {
    const { config, workspace } = given;
    lines.push(
      `${made} = new cdktf.DataTerraformRemoteStateLocal(stack, ${quote(id)}, ${quote(config)});`,
      `${made}.addOverride('workspace', ${quote(workspace)});`,
    );
  } else if (binding) {
    const config = source(args, known, camel, binding.maps);
    lines.push(
      `${made} = new (require(${quote(binding.module)}).${binding.className})(stack, ${quote(id)}, ${config});`,
    );
  } else {
    const kind = data ? 'TerraformDataSource' : 'TerraformResource';
    lines.push(
      `${made} = new cdktf.${kind}(stack, ${quote(id)}, { terraformResourceType: ${quote(type)} });`,
      ...Object.entries(args).map(
        ([name, value]) =>
          `${made}.addOverride(${quote(name)}, ${source(value, known, (kept) => kept, new Set())});`,
      ),
    );
  }
  lines.push(`${made}.overrideLogicalId(${quote(id)});`);
  lines.push(
    ...Object.entries(meta).map(
      ([name, value]) =>
        `${made}.addOverride(${quote(name)}, ${source(value, known, (kept) => kept, new Set())});`,
    ),
  );
  return lines;
}

/** cdktf asks for a provider by its binding; what has none is given as it stands. */
const providers = ({ provider = {} }: Stack, known: ReadonlySet<string>): string[] =>
  Object.entries<Json>(provider).flatMap(([name, [given]]) => {
    if (!PACKAGES[name]) {
      return [
        `stack.addOverride(${quote(`provider.${name}`)}, ${source(provider[name], known, (kept) => kept, new Set())});`,
      ];
    }
    const { features, ...rest } = given;
    const className = `${name[0].toUpperCase()}${name.slice(1)}Provider`;
    const made = `made[${quote(`provider.${name}`)}]`;
    return [
      `${made} = new (require(${quote(`${PACKAGES[name]}/lib/provider`)}).${className})(stack, ${quote(name)}, ${features ? `{ features: ${source(features, known, camel, new Set())} }` : '{}'});`,
      ...Object.entries(rest).map(
        ([key, value]) =>
          `${made}.addOverride(${quote(key)}, ${source(value, known, (kept) => kept, new Set())});`,
      ),
    ];
  });

const KNOWN = ['//', 'terraform', 'provider', 'resource', 'data', 'variable', 'output', 'locals'];

function stackSource(name: string, stack: Stack): string {
  const unknown = Object.keys(stack).filter((block) => !KNOWN.includes(block));
  if (unknown.length) {
    throw new Error(`${name}: the baseline does not know ${unknown.join(', ')}`);
  }
  const parts = partsOf(stack);
  const known = new Set(parts.map(({ address }) => address));
  const block = (path: string, value: Json) =>
    value === undefined
      ? []
      : [`stack.addOverride(${quote(path)}, ${source(value, known, (kept) => kept, new Set())});`];
  return [
    ...Object.entries<Json>(stack.variable ?? {}).map(
      ([id, variable]) =>
        `new cdktf.TerraformVariable(stack, ${quote(id)}, ${source(variable, known, camel, new Set())});`,
    ),
    ...parts.flatMap((part) => partSource(part, known)),
    ...block('terraform', stack.terraform),
    ...providers(stack, known),
    ...block('locals', stack.locals),
    ...Object.entries<Json>(stack.output ?? {}).flatMap(([id, output], i) => [
      `made.output${i} = new cdktf.TerraformOutput(stack, ${quote(`out-${id}`)}, ${source(output, known, (kept) => kept, new Set())});`,
      `made.output${i}.overrideLogicalId(${quote(id)});`,
    ]),
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}

export function stacksOf(out: string): Map<string, Stack> {
  const folder = join(out, 'stacks');
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, JSON.parse(readFileSync(join(folder, name, 'cdk.tf.json'), 'utf8'))]),
  );
}

/** The source of the program that makes the resources of an output folder by hand. */
export function byHandOnTerraform(out: string): string {
  return [
    "const cdktf = require('cdktf');",
    'const app = new cdktf.App();',
    ...[...stacksOf(out)].map(([name, stack]) =>
      [
        '{',
        '  const made = {};',
        `  const stack = new cdktf.TerraformStack(app, ${quote(name)});`,
        '  new cdktf.LocalBackend(stack, {});',
        stackSource(name, stack),
        '}',
      ].join('\n'),
    ),
    'app.synth();',
    '',
  ].join('\n');
}

/** Without what cdktf notes for itself. */
const told = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(told)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([name]) => name !== '//')
            .map(([name, one]) => [name, told(one)]),
        )
      : value;

/** Fails where two output folders do not hold the same stacks with the same content. */
export function mustBeSameOnTerraform(one: string, other: string): void {
  const [left, right] = [stacksOf(one), stacksOf(other)];
  const different = [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
    differences(told(left.get(name)), told(right.get(name)), name),
  );
  if (different.length) {
    throw new Error(`the baseline is not the same:\n  ${different.slice(0, 20).join('\n  ')}`);
  }
}

/** How many resources an output folder holds. */
export const resourcesOnTerraform = (out: string): number =>
  [...stacksOf(out).values()].reduce(
    (sum, { resource = {} }) =>
      sum + Object.values<Json>(resource).reduce((all: number, made) => all + Object.keys(made).length, 0),
    0,
  );
