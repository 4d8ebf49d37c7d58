import { Synthesized } from '../terraform/support';

/** What Terraform would refuse of the stacks of an app: names of nothing, and circles within a stack and between them. */
export function faultsOf(stacks: { readonly [id: string]: Synthesized }): string[] {
  const dangling = Object.entries(stacks).flatMap(([id, json]) => danglingIn(id, json, stacks));
  const inside = Object.entries(stacks).flatMap(([id, json]) =>
    circles(edgesOf(json)).map((circle) => `${id}: a circle: ${circle}`),
  );
  const between = new Map(
    Object.entries(stacks).map(([id, json]) => [
      id,
      addressesIn(json, json).flatMap(({ output, name }) => (output ? originOf(name) : [])),
    ]),
  );
  return [...dangling, ...inside, ...circles(between).map((circle) => `a circle of stacks: ${circle}`)];
}

interface Address {
  /** `data.<type>.<name>`, `<type>.<name>`, `var.<name>`, `local.<name>`. */
  readonly address: string;
  readonly kind: 'resource' | 'data' | 'variable' | 'locals';
  readonly type: string;
  readonly name: string;
  /** What another stack puts out. */
  readonly output?: string;
}

/** How cdktf names the state of another stack. */
const originOf = (name: string) => name.replace('cross-stack-reference-input-', '');

/** Expressions of a text; what is escaped is none. */
const expressionsIn = (text: string): string[] => text.replace(/\$\$\{|%%\{/g, '').match(/\$\{[^]*\}/g) ?? [];

/** What a value refers to. */
function addressesIn(value: unknown, { terraform }: Synthesized): Address[] {
  const providers = [...Object.keys(terraform.required_providers), 'terraform'].join('|');
  const pattern = RegExp(
    `(?<![\\w.-])(?:(data\\.)?((?:${providers})_\\w+)\\.([A-Za-z_][\\w-]*)(?:\\.outputs\\.([\\w-]+))?|(var|local)\\.([\\w-]+))`,
    'g',
  );
  const found: Address[] = [];
  const read = (text: string) => {
    for (const [, data, type, name, output, scope, own] of text.matchAll(pattern)) {
      found.push(
        scope
          ? {
              address: `${scope}.${own}`,
              kind: scope === 'var' ? 'variable' : 'locals',
              type: '',
              name: own,
            }
          : { address: `${data ?? ''}${type}.${name}`, kind: data ? 'data' : 'resource', type, name, output },
      );
    }
  };
  const walk = (one: unknown, key = ''): void => {
    if (typeof one === 'string') {
      (key === 'depends_on' || key === 'replace_triggered_by' ? [one] : expressionsIn(one)).forEach(read);
    } else if (Array.isArray(one)) {
      one.forEach((element) => walk(element, key));
    } else if (typeof one === 'object' && one !== null) {
      Object.entries(one).forEach(([name, element]) => {
        if (name !== '//') {
          walk(name);
          walk(element, name);
        }
      });
    }
  };
  walk(value);
  return found;
}

function danglingIn(id: string, json: Synthesized, stacks: { readonly [id: string]: Synthesized }): string[] {
  return addressesIn(json, json).flatMap(({ address, kind, type, name, output }) => {
    const block = type ? json[kind]?.[type] : json[kind];
    if (block?.[name] === undefined) {
      return [`${id}: ${address} is nowhere`];
    }
    return output && stacks[originOf(name)]?.output?.[output] === undefined
      ? [`${id}: ${originOf(name)} puts out no ${output}`]
      : [];
  });
}

/** What each block needs. */
function edgesOf(json: Synthesized): ReadonlyMap<string, string[]> {
  const needs = (value: unknown) => addressesIn(value, json).map(({ address }) => address);
  const blocks = (kind: 'resource' | 'data', prefix: string) =>
    Object.entries<any>(json[kind] ?? {}).flatMap(([type, all]) =>
      Object.entries(all).map(([name, block]) => [`${prefix}${type}.${name}`, needs(block)] as const),
    );
  return new Map([
    ...blocks('resource', ''),
    ...blocks('data', 'data.'),
    ...Object.entries(json.locals ?? {}).map(([name, value]) => [`local.${name}`, needs(value)] as const),
  ]);
}

/** One circle, if there is any. */
function circles(edges: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (one: string, above: string[]): string | undefined => {
    if (above.includes(one)) {
      return [...above.slice(above.indexOf(one)), one].join(' → ');
    }
    if (!done.has(one)) {
      for (const need of edges.get(one) ?? []) {
        const circle = visit(need, [...above, one]);
        if (circle) return circle;
      }
      done.add(one);
    }
    return undefined;
  };
  for (const one of edges.keys()) {
    const circle = visit(one, []);
    if (circle) return [circle];
  }
  return [];
}
