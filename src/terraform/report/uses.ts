import { Block, Written } from './content';
import { Dialect, Grant } from './dialect';
import { keyOf, References } from './references';
import { Use } from '../../core/private/report/model';

/** A resource or a data source, as Terraform has it. */
export interface Found {
  readonly key: string;
  /** Terraform's type: `azapi_resource`. */
  readonly blockType: string;
  /** The native one: `Microsoft.MachineLearningServices/workspaces`. */
  readonly type: string;
  readonly block: Block;
  readonly made: boolean;
}

/** Arguments that are no use of what they name. */
const ASIDE = ['//', 'provider', 'lifecycle', 'depends_on'];

/** What the blocks of a stack do with others: what grants allow, else what their arguments are for. */
export function usesOf(
  from: Written,
  blocks: readonly Found[],
  references: References,
  known: ReadonlyMap<string, Found>,
  { grantOf, meaningOf }: Dialect,
): Use[] {
  const find = (value: unknown) => references.in(value, from).map((key) => known.get(key)!.block);
  return blocks.flatMap(({ key, blockType, block }) => {
    const named = Object.entries(block)
      .filter(([argument]) => !ASIDE.includes(argument))
      .map(([argument, value]): Argument => [argument, references.in(value, from)]);
    const grant = grantOf(blockType, block, find);
    const waits = [block.depends_on ?? []].flat().map((address) => keyOf(from.stack, String(address)));
    return [
      ...(grant
        ? granted(grant, named)
        : named.flatMap(([argument, keys]) =>
            keys.map((to) => ({
              from: key,
              to,
              meaning: meaningOf(argument, known.get(to)!.type) ?? 'uses',
            })),
          )),
      ...waits.map((to): Use => ({ from: key, to, meaning: 'after' })),
    ];
  });
}

/** An argument, and the keys of what it refers to. */
type Argument = readonly [name: string, keys: readonly string[]];

/** Who is granted something does it with whatever else the grant names; of who is elsewhere nothing is told. */
function granted({ who, what, meanings }: Grant, named: readonly Argument[]): Use[] {
  const keysOf = (wanted: (argument: string) => boolean) =>
    named.flatMap(([argument, keys]) => (wanted(argument) ? keys : []));
  const used = keysOf((argument) => argument !== who && !what.includes(argument));
  return keysOf((argument) => argument === who).flatMap((from) =>
    used.flatMap((to) => meanings.map((meaning) => ({ from, to, meaning }))),
  );
}
