import { keyOf, Written } from './template';

/** Finds what values of templates refer to: the keys of resources. */
export interface References {
  /** What one value refers to, however deep. */
  readonly in: (value: unknown, from: Written) => string[];
}

/** A name that somebody may have written out: longer than any word of the services. */
const NAME = /[\w-]{12,}/g;

/** Knows the resources, exports and given names of all stacks of an app. */
export function referencesOf(all: readonly Written[]): References {
  const exported = exportsOf(all);
  const named = namesOf(all);
  const find = (value: unknown, from: Written): string[] => {
    if (typeof value === 'string') {
      return (value.match(NAME) ?? []).flatMap((name) => named.get(name) ?? []);
    }
    if (Array.isArray(value)) {
      return value.flatMap((one) => find(one, from));
    }
    return typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(
          ([name, argument]) => called(name, argument, from) ?? find(argument, from),
        )
      : [];
  };
  const own = (id: unknown, { stack, template }: Written): string[] =>
    template.Resources?.[String(id)] ? [keyOf(stack, String(id))] : [];
  /** What a function of CloudFormation refers to; undefined where its arguments say so. */
  const called = (name: string, argument: any, from: Written): string[] | undefined => {
    switch (name) {
      case 'Ref':
        return own(argument, from);
      case 'Fn::GetAtt':
        return own([argument].flat()[0].split('.')[0], from);
      case 'Fn::Sub':
        return subbed([argument].flat() as [string, object?], from);
      case 'Fn::ImportValue':
      case 'Fn::GetStackOutput': {
        const output =
          exported.get(JSON.stringify(argument)) ??
          exported.get(`${argument.StackName}.${argument.OutputName}`);
        return output && find(output.value, output.of);
      }
      default:
        return undefined;
    }
  };
  const subbed = ([text, values = {}]: [string, object?], from: Written): string[] => [
    ...[...text.matchAll(/\$\{(\w+)[^}]*\}/g)].flatMap(([, id]) => own(id, from)),
    ...find(values, from),
    ...find(text, from),
  ];
  return { in: (value, from) => [...new Set(find(value, from))] };
}

/** What stacks hand over, by what their users write. */
function exportsOf(all: readonly Written[]) {
  const exported = new Map<string, { readonly value: unknown; readonly of: Written }>();
  for (const of of all) {
    for (const [id, { Value, Export }] of Object.entries(of.template.Outputs ?? {})) {
      exported.set(`${of.stack.stackName}.${id}`, { value: Value, of });
      if (Export) {
        exported.set(JSON.stringify(Export.Name), { value: Value, of });
      }
    }
  }
  return exported;
}

/** Resources by the names that their templates give them, such as those of endpoints. */
function namesOf(all: readonly Written[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { stack, template } of all) {
    for (const [id, { Properties = {} }] of Object.entries(template.Resources ?? {})) {
      for (const [property, value] of Object.entries(Properties)) {
        if (property.endsWith('Name') && typeof value === 'string' && value.length >= 12) {
          names.set(value, keyOf(stack, id));
        }
      }
    }
  }
  return names;
}
