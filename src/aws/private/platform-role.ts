import { aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { profileOf } from './profile';
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
const REFERENCE_CHARACTERS = 140;

export interface PlatformRoleProps extends iam.RoleProps {
  readonly permissions?: Permission[];
}

/** The managed policies of one role: as many as their size limit asks for. */
class ManagedPolicies {
  private readonly made: { readonly policy: iam.ManagedPolicy; size: number }[] = [];
  private sealed = 0;
  private readonly wildcards: { resource: string; reason: string }[] = [];

  constructor(
    private readonly scope: Construct,
    private readonly role: iam.IRole,
  ) {
    acknowledgeWildcards(scope, () => this.wildcards);
  }

  public get all(): iam.ManagedPolicy[] {
    return this.made.map(({ policy }) => policy);
  }

  public seal(): void {
    this.sealed = this.made.length;
  }

  public add(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    // The name of a token has a number, which tells how many were made before.
    const parts = JSON.stringify(statement.toStatementJson()).split(/[$#]\{Token\[[^\]]*\]\}/);
    const size = parts.join('').length + REFERENCE_CHARACTERS * (parts.length - 1);
    let last = this.made.slice(this.sealed).at(-1);
    if (!last || last.size + size > POLICY_CHARACTERS) {
      const id = `Policy${this.made.length || ''}`;
      last = { policy: new iam.ManagedPolicy(this.scope, id, { roles: [this.role] }), size: 0 };
      this.made.push(last);
    }
    last.policy.addStatements(statement);
    last.size += size;
    return { statementAdded: true, policyDependable: last.policy };
  }

  public explain(resources: string[], reason: string): void {
    this.wildcards.push(...resources.map((resource) => ({ resource, reason })));
  }
}

/** A role whose grants, those of other constructs included, go to managed policies of its own: no inline policies. */
export class PlatformRole extends iam.Role {
  private readonly policies: ManagedPolicies;

  constructor(scope: Construct, id: string, { permissions = [], ...props }: PlatformRoleProps) {
    super(scope, id, props);
    this.policies = new ManagedPolicies(this, this);
    permissions.forEach((permission) => this.allow(permission));
  }

  public allow(permission: Permission): iam.Grant {
    return allow(this, permission);
  }

  /** Everything that must stand before the role is used. */
  public get ready(): IDependable[] {
    return this.policies.all;
  }

  /**
   * Everything that must stand before the role is used. What is granted from now on gets policies of its own: it may
   * name what waits for these, such as an endpoint that may call itself.
   */
  public seal(): IDependable[] {
    this.policies.seal();
    return this.ready;
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    return this.policies.add(statement);
  }

  /** Records why resources of a permission cannot be named. */
  public explain(resources: string[], reason: string): void {
    this.policies.explain(resources, reason);
  }
}

/** A role that is not of the library, whose grants go to managed policies instead of inline ones. */
class ManagedRole extends Construct implements iam.IPrincipal {
  public readonly grantPrincipal: iam.IPrincipal = this;
  public readonly assumeRoleAction: string;
  public readonly policyFragment: iam.PrincipalPolicyFragment;
  public readonly principalAccount?: string;
  private readonly policies: ManagedPolicies;

  constructor(scope: Construct, id: string, native: iam.IRole) {
    super(scope, id);
    this.assumeRoleAction = native.assumeRoleAction;
    this.policyFragment = native.policyFragment;
    this.principalAccount = native.principalAccount;
    this.policies = new ManagedPolicies(this, native);
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    return this.policies.add(statement);
  }

  public explain(resources: string[], reason: string): void {
    this.policies.explain(resources, reason);
  }
}

/** A role as its grants are written: to policies of the kind that the profile in force takes. */
export const grantedTo = (native: iam.IRole): iam.IPrincipal =>
  profileOf(native).inlinePolicies
    ? native.grantPrincipal
    : ((native.node.tryFindChild('MlGrants') as ManagedRole | undefined) ??
      new ManagedRole(native as unknown as Construct, 'MlGrants', native));

const isForeignRole = (principal: iam.IPrincipal): principal is iam.Role =>
  principal instanceof iam.Role && !(principal instanceof PlatformRole);

/** Gives a permission to any principal; the policy is written on the principal's side. */
export function allow(
  to: iam.IGrantable,
  { actions, resources, conditions, wildcard }: Permission,
): iam.Grant {
  const native = to.grantPrincipal;
  const principal = isForeignRole(native) ? grantedTo(native) : native;
  const grant = iam.Grant.addToPrincipal({
    grantee: principal,
    actions,
    resourceArns: resources,
    conditions: conditions as never,
  });
  if (wildcard && (principal instanceof PlatformRole || principal instanceof ManagedRole)) {
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
