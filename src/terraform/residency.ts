import { DefaultTokenResolver, StringConcat, TerraformElement, TerraformStack, Tokenization } from 'cdktf';
import { warn } from './warning';
import { judgeResidency, NativeResource, Places } from '../core/private/residency';

/** What in a text Terraform fills in, and what of that whoever deploys chooses: a reference to a resource is judged there. */
export const REFERENCES: Pick<Places, 'isReference' | 'isOpen'> = {
  isReference: (text) => text.includes('${'),
  isOpen: (text) => /\$\{[^}]*\b(var|local)\./.test(text),
};

/**
 * Keeps everything below a stack in the allowed regions: what the program holds when it is complete, at synthesis,
 * providers, modules and resources of the user's own included.
 */
export function keepInside(stack: TerraformStack, allowed: readonly string[], places: Places): void {
  stack.node.addValidation({
    validate: () => {
      const told = judgeResidency(stack, nativeResources(stack), places, allowed);
      if (told) {
        warn(stack, told);
      }
      return [];
    },
  });
}

/** The blocks of a stack; the types of all but resources begin with their kind. */
export const nativeResources = (stack: TerraformStack): NativeResource[] =>
  stack.node
    .findAll()
    .filter((construct) => TerraformElement.isTerraformElement(construct))
    .flatMap((element) => {
      const at = element.node.path.slice(stack.node.path.length + 1);
      return blocksOf(resolved(element)).map(([type, body]) => ({ at, ...blockOf(type, body) }));
    });

const blocksOf = ({ resource = {}, data = {}, module = {}, provider = {} }: any): [string, any][] => [
  ...Object.entries<any>(resource).flatMap(([type, all]) => named(type, all)),
  ...Object.entries<any>(data).flatMap(([type, all]) => named(`data ${type}`, all)),
  ...named('module', module),
  ...Object.entries<any>(provider).flatMap(([name, all]) => named(`provider ${name}`, [all].flat())),
];

const named = (type: string, all: object): [string, any][] => Object.values(all).map((body) => [type, body]);

/** A block without what cdktf says of it; of azapi, by its ARM type. */
const blockOf = (type: string, { '//': _, ...body }: any): Omit<NativeResource, 'at'> => ({
  type: /^azapi_/.test(type) && typeof body.type === 'string' ? body.type.split('@')[0] : type,
  body,
});

/** An element as it is written, with Terraform's own expressions. */
const resolved = (element: TerraformElement): any =>
  Tokenization.resolve(element.toTerraform(), {
    scope: element,
    preparing: false,
    resolver: new DefaultTokenResolver(new StringConcat()),
  });
