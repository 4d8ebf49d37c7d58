import { Lazy, Stack, Token } from 'aws-cdk-lib';

/** JSON with what only deployment knows, in which `${` is never a placeholder for CloudFormation to fill in. */
export function literalJson(stack: Stack, value: unknown): string {
  const json = stack.toJsonString(value);
  return Token.asString(
    Lazy.uncachedAny({ produce: (context) => withoutPlaceholders(context.resolve(json)) }),
  );
}

/** What an intrinsic function joins is text and other functions. */
function withoutPlaceholders(value: any): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{/g, '\\u0024{');
  }
  const joined = value['Fn::Join'];
  return joined ? { 'Fn::Join': [joined[0], joined[1].map(withoutPlaceholders)] } : value;
}
