import { LocalBackend, TerraformBackend, TerraformStack, Token, Tokenization } from 'cdktf';
import { IConstruct } from 'constructs';

/**
 * Exports values from the stack of a construct whether or not another stack uses them today, so that what another stack
 * begins or ceases to use never changes this one. cdktf hands them over by an output here and the state of this stack
 * there.
 */
export function exportAlways(construct: IConstruct, ...values: string[]): void {
  const stack = TerraformStack.of(construct);
  for (const token of values.filter((value) => Token.isUnresolved(value)).flatMap(referencesIn)) {
    if (token.originStack === stack) {
      stack.registerOutgoingCrossStackReference(token.identifier);
    }
  }
}

/** cdktf exports no type for its references. */
const referencesIn = (value: string) =>
  Tokenization.reverseString(value).tokens as unknown as {
    readonly identifier: string;
    readonly originStack?: TerraformStack;
  }[];

/**
 * The backend of a platform stack, as its `ensureBackendExists` gives it: the user's own, else the file where cdktf keeps
 * state, but by a relative path, so that nothing synthesized names the machine that it was made on.
 */
export function backendOf(stack: TerraformStack): TerraformBackend {
  const own = stack.node.children.find((child) => TerraformBackend.isBackend(child));
  return (
    (own as TerraformBackend | undefined) ??
    // Terraform runs in cdktf.out/stacks/<stack>.
    new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` })
  );
}
