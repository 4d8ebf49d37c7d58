import { TerraformStack } from 'cdktf';
import { Written } from './content';
import { piecesOf } from './expressions';

/** Finds what texts of Terraform refer to: the keys of resources and data sources. */
export interface References {
  readonly in: (value: unknown, from: Written) => string[];
}

/** What no other resource of the app has. */
export const keyOf = (stack: TerraformStack, address: string): string => `${stack.node.path}:${address}`;

/** `<type>.<name>`, `data.<type>.<name>`, and what another stack prints. */
const ADDRESS = /(?<![\w.-])(data\.)?([a-z][\w-]*)\.([A-Za-z_][\w-]*)(?:\.outputs\.([\w-]+))?/g;

/** How cdktf names the state of another stack. */
const STATE = 'cross-stack-reference-input-';

/** Knows the resources of all stacks of an app, and what they print for each other. */
export function referencesOf(all: readonly Written[]): References {
  const byPath = new Map(all.map((one) => [one.stack.node.path, one]));
  const origins = new Map(all.map((one) => [one, originsOf(one)]));
  const collect = (value: unknown, from: Written, found: Set<string>, locals: Set<string>): void => {
    if (typeof value === 'string') {
      piecesOf(value).forEach(
        (piece) => 'expression' in piece && read(piece.expression, from, found, locals),
      );
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) {
        collect(key, from, found, locals);
        collect(one, from, found, locals);
      }
    }
  };
  const read = (expression: string, from: Written, found: Set<string>, locals: Set<string>): void => {
    for (const [, data = '', type, id, output] of expression.matchAll(ADDRESS)) {
      const origin = output && byPath.get(origins.get(from)!.get(id)!);
      if (origin) {
        collect(origin.content.output?.[output]?.value, origin, found, locals);
      } else if (type === 'local' && !locals.has(id)) {
        collect(from.content.locals?.[id], from, found, locals.add(id));
      } else if (from.content[data ? 'data' : 'resource']?.[type]?.[id]) {
        found.add(keyOf(from.stack, `${data}${type}.${id}`));
      }
    }
  };
  return {
    in: (value, from) => {
      const found = new Set<string>();
      collect(value, from, found, new Set());
      return [...found];
    },
  };
}

/** The paths of the stacks that a stack reads the states of, by what it calls these. */
const originsOf = ({ stack }: Written): ReadonlyMap<string, string> =>
  new Map(
    stack.node.children
      .filter(({ node }) => node.id.startsWith(STATE))
      .map(({ node }) => [stack.getLogicalId(node), node.id.slice(STATE.length)]),
  );
