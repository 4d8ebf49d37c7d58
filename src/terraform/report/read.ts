import { Block, Content, Written } from './content';
import { Dialect } from './dialect';
import { factsOfStack } from './facts';
import { keyOf, referencesOf } from './references';
import { Found, usesOf } from './uses';
import { ReadStack, Resource } from '../../core/private/report/model';
import { KEPT } from '../kept';

/** What the stacks of an app say, each in the words of its cloud. */
export function readStacks(all: readonly Written[], dialectOf: (one: Written) => Dialect): ReadStack[] {
  const references = referencesOf(all);
  const blocks = new Map(all.map((one) => [one, blocksOf(one, dialectOf(one))]));
  const known = new Map([...blocks.values()].flat().map((found) => [found.key, found]));
  return all.map((one) => {
    const dialect = dialectOf(one);
    const own = blocks.get(one)!;
    return {
      stack: one.stack,
      constructs: one.stack.node.findAll(),
      resources: own.map((found) => resourceOf(found, one, dialect)),
      uses: usesOf(one, own, references, known, dialect),
      facts: () => factsOfStack(one, own, dialect),
    };
  });
}

/** Blocks by their addresses; the state of other stacks is no part of this one, nor what only Terraform's state has. */
function blocksOf({ stack, content }: Written, { typeOf }: Dialect): Found[] {
  const of = (prefix: '' | 'data.', blocks: Content['resource'] = {}): Found[] =>
    Object.entries(blocks)
      .filter(([type]) => type !== 'terraform_remote_state')
      .flatMap(([type, all]) =>
        Object.entries(all)
          .filter(([id]) => id !== KEPT)
          .map(([id, block]: [string, Block]) => ({
            key: keyOf(stack, `${prefix}${type}.${id}`),
            blockType: type,
            type: typeOf?.(type, block) ?? type,
            block,
            made: prefix === '',
          })),
      );
  return [...of('', content.resource), ...of('data.', content.data)];
}

/** What an override made has no construct. */
function resourceOf({ key, type, block, made }: Found, { stack }: Written, { groupOf }: Dialect): Resource {
  const path = block['//']?.metadata?.path;
  const group = path ? groupOf(path.slice(stack.node.path.length + 1)) : 'Other resources';
  return { key, type, path: path ?? stack.node.path, made, ...(group && { group }) };
}
