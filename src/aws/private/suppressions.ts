import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The packs of cdk-nag that the constructs are held against. */
export type Pack = 'AwsSolutions' | 'HIPAA.Security' | 'NIST.800.53.R5' | 'PCI.DSS.321';

/** A finding of scanners that stands. */
export interface Finding {
  /** The rules of cdk-nag, with the packs that have them. */
  readonly rules?: { readonly [rule: string]: readonly Pack[] };
  /** The checks of checkov. */
  readonly checkov?: readonly string[];
  /** Why it is right here. */
  readonly because: string;
}

/** Lets findings about a construct, and all below it, stand: for cdk-nag, and in the template for checkov. */
export function explain(construct: IConstruct, ...findings: Finding[]): void {
  for (const { rules = {}, checkov = [], because } of findings) {
    for (const [rule, packs] of Object.entries(rules)) {
      packs.forEach((pack) => acknowledge(construct, `${pack}-${rule}`, because));
    }
    const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
    // What was imported is in no template.
    if (checkov.length && CfnResource.isCfnResource(resource)) {
      skip(resource, checkov, because);
    }
  }
}

function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** What checkov reads beside a resource. */
interface Skips {
  readonly skip: { readonly id: string; readonly comment: string }[];
}

function skip(resource: CfnResource, checks: readonly string[], comment: string): void {
  const skipped = (resource.getMetadata('checkov') as Skips | undefined)?.skip ?? [];
  const added = checks.filter((id) => !skipped.some((one) => one.id === id));
  resource.addMetadata('checkov', {
    skip: [...skipped, ...added.map((id) => ({ id, comment }))],
  } satisfies Skips);
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
