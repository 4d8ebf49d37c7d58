import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { ISynthesisSession, TerraformStack } from 'cdktf';

/** Arguments of a block, with what cdktf says of it. */
export interface Block {
  readonly '//'?: { readonly metadata?: { readonly path?: string } };
  readonly [argument: string]: unknown;
}

type Blocks = { readonly [type: string]: { readonly [id: string]: Block } };

/** What a stack was synthesized to. */
export interface Content {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly output?: { readonly [id: string]: { readonly value: unknown } };
  readonly locals?: { readonly [id: string]: unknown };
  readonly variable?: { readonly [id: string]: { readonly default?: unknown } };
  readonly provider?: { readonly [name: string]: readonly Block[] };
  readonly terraform?: {
    readonly required_providers?: {
      readonly [name: string]: { readonly source: string; readonly version?: string };
    };
  };
}

/** A stack, and what it was synthesized to. */
export interface Written {
  readonly stack: TerraformStack;
  readonly content: Content;
}

/** The folder of a stack, from the working directory. */
export const folderOf = (stack: TerraformStack, { outdir, manifest }: ISynthesisSession): string =>
  join(outdir, manifest.forStack(stack).workingDirectory);

/** Reads a stack where it was written in this session; what is not, as HCL is not, is synthesized for it. */
export function readContent(stack: TerraformStack, session: ISynthesisSession, written: boolean): Written {
  const file = join(folderOf(stack, session), 'cdk.tf.json');
  const content = written && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : stack.toTerraform();
  return { stack, content };
}
