import { readFileSync } from 'fs';
import { join } from 'path';
import { CfnElement, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A resource as a template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
  readonly DependsOn?: string | readonly string[];
}

export interface Template {
  readonly Resources?: { readonly [id: string]: TemplateResource };
  readonly Outputs?: {
    readonly [id: string]: { readonly Value: unknown; readonly Export?: { readonly Name: unknown } };
  };
  readonly Parameters?: { readonly [id: string]: { readonly Type: string; readonly Default?: unknown } };
}

/** A stack, and the template that was written of it. */
export interface Written {
  readonly stack: Stack;
  readonly template: Template;
  /** The constructs of the stack, without those of stacks below it. */
  readonly constructs: readonly IConstruct[];
  /** The constructs of what the template names, by its logical id. */
  readonly elements: ReadonlyMap<string, IConstruct>;
}

/** Reads the template of a stack from where it was written. */
export function readTemplate(stack: Stack, outdir: string): Written {
  const constructs = stack.node.findAll().filter((one) => Stack.of(one) === stack);
  return {
    stack,
    template: JSON.parse(readFileSync(join(outdir, stack.templateFile), 'utf8')),
    constructs,
    elements: new Map(
      constructs
        .filter((one): one is CfnElement => CfnElement.isCfnElement(one))
        .map((element) => [String(stack.resolve(element.logicalId)), element]),
    ),
  };
}

/** What no other resource of the app has. */
export const keyOf = (stack: Stack, logicalId: string): string => `${stack.node.path}:${logicalId}`;
