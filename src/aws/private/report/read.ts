import { Stack } from 'aws-cdk-lib';
import { factsOfStack } from './facts';
import { References, referencesOf } from './references';
import { keyOf, readTemplate, Written } from './template';
import { usesOf } from './uses';
import { ReadStack, Resource } from '../../../core/private/report/model';
import { rootOf } from '../judge';

/** What the templates of a stage's stacks say, each with what is nested in it. */
export function readStacks(stacks: readonly Stack[], outdir: string): ReadStack[] {
  const all = stacks.map((stack) => readTemplate(stack, outdir));
  const references = referencesOf(all);
  const types = new Map(all.flatMap(resourcesOf).map(({ key, type }) => [key, type]));
  return all
    .filter(({ stack }) => rootOf(stack) === stack)
    .map((root) =>
      readStack(
        root,
        all.filter(({ stack }) => rootOf(stack) === root.stack),
        references,
        types,
      ),
    );
}

function readStack(
  root: Written,
  nested: readonly Written[],
  references: References,
  types: ReadonlyMap<string, string>,
): ReadStack {
  const constructs = nested.flatMap((one) => one.constructs);
  return {
    stack: root.stack,
    constructs,
    resources: nested.flatMap(resourcesOf),
    uses: nested.flatMap((one) => usesOf(one, references, types)),
    facts: () => factsOfStack(root, constructs),
  };
}

/** What is in a template that no construct made is told of together. */
const resourcesOf = ({ stack, template, elements }: Written): Resource[] =>
  Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata')
    .map(([id, { Type }]) => ({
      key: keyOf(stack, id),
      type: Type,
      path: elements.get(id)?.node.path ?? stack.node.path,
      made: true,
      ...(!elements.has(id) && { group: 'Other resources' }),
    }));
