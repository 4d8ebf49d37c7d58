import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { acknowledgeWildcards } from './suppressions';

/** What a role may do, with a reason where resources cannot be named. */
export interface Permission {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: { [operator: string]: { [key: string]: unknown } };
  /** Why a resource holds `*`: required there. */
  readonly wildcard?: string;
}

/** Characters that a managed policy may have, less some room. */
const POLICY_CHARACTERS = 5500;
/** What a reference, such as that to an ARN, resolves to. */
const REFERENCE_CHARACTERS = 120;

export interface PlatformRoleProps extends iam.RoleProps {
  readonly permissions?: Permission[];
}

/**
 * A role whose grants, those of other constructs included, go to managed policies of its own: no inline policies, and
 * as many policies as their size limit asks for.
 */
export class PlatformRole extends iam.Role {
  private readonly policies: { readonly policy: iam.ManagedPolicy; size: number }[] = [];
  private sealed = 0;
  private readonly wildcards: { resource: string; reason: string }[] = [];

  constructor(scope: Construct, id: string, { permissions = [], ...props }: PlatformRoleProps) {
    super(scope, id, props);
    acknowledgeWildcards(this, () => this.wildcards);
    permissions.forEach((permission) => this.allow(permission));
  }

  public allow(permission: Permission): iam.Grant {
    return allow(this, permission);
  }

  /** Everything that must stand before the role is used. */
  public get ready(): IDependable[] {
    return this.policies.map(({ policy }) => policy);
  }

  /**
   * Everything that must stand before the role is used. What is granted from now on gets policies of its own: it may
   * name what waits for these, such as an endpoint that may call itself.
   */
  public seal(): IDependable[] {
    this.sealed = this.policies.length;
    return this.ready;
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const text = JSON.stringify(statement.toStatementJson());
    const size = text.length + REFERENCE_CHARACTERS * (text.match(/Token\[/g) ?? []).length;
    let last = this.policies.slice(this.sealed).at(-1);
    if (!last || last.size + size > POLICY_CHARACTERS) {
      const id = `Policy${this.policies.length || ''}`;
      last = { policy: new iam.ManagedPolicy(this, id, { roles: [this] }), size: 0 };
      this.policies.push(last);
    }
    last.policy.addStatements(statement);
    last.size += size;
    return { statementAdded: true, policyDependable: last.policy };
  }

  /** Records why resources of a permission cannot be named. */
  public explain(resources: string[], reason: string): void {
    this.wildcards.push(...resources.map((resource) => ({ resource, reason })));
  }
}

/** Gives a permission to any principal; the policy is written on the principal's side. */
export function allow(
  to: iam.IGrantable,
  { actions, resources, conditions, wildcard }: Permission,
): iam.Grant {
  const grant = iam.Grant.addToPrincipal({
    grantee: to,
    actions,
    resourceArns: resources,
    conditions: conditions as never,
  });
  const principal = to.grantPrincipal;
  if (wildcard && principal instanceof PlatformRole) {
    principal.explain(resources, wildcard);
  }
  return grant;
}

/** A principal of a service, on behalf of this account only. */
export function servicePrincipal(scope: Construct, service: string): iam.ServicePrincipal {
  return new iam.ServicePrincipal(service, {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}
