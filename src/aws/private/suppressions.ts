import { Stack, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Accepts a finding of cdk-nag, with the reason why it is right here. Children inherit it. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/**
 * Accepts wildcards in the resources of a policy. The finding's id holds the reference as the template has it, which
 * is known when references between stacks are resolved: at validation.
 */
export function acknowledgeWildcards(
  policyScope: IConstruct,
  wildcards: () => { resource: string; reason: string }[],
): void {
  policyScope.node.addValidation({
    validate: () => {
      const stack = Stack.of(policyScope);
      const seen = new Set<string>();
      for (const { resource, reason } of wildcards()) {
        const id = `AwsSolutions-IAM5[Resource::${flatten(stack.resolve(resource))}]`;
        if (id.includes('*') && !seen.has(id)) {
          seen.add(id);
          acknowledge(policyScope, id, reason);
        }
      }
      return [];
    },
  });
}

/** A reference as cdk-nag writes it. */
function flatten(value: unknown): string {
  if (typeof value === 'string') {
    return value.replace(/\$\{/g, '<').replace(/\}/g, '>');
  }
  const [[name, argument]] = Object.entries(value as Record<string, any>);
  switch (name) {
    case 'Fn::Join':
      return argument[1].map(flatten).join(argument[0]);
    case 'Fn::GetAtt':
      return `<${argument.map(flatten).join('.')}>`;
    case 'Fn::Sub':
    case 'Fn::ImportValue':
      return flatten(argument);
    case 'Ref':
      return `<${argument}>`;
    default:
      return JSON.stringify(value);
  }
}
