import { createHash } from 'crypto';
import { DefaultTokenResolver, StringConcat, TerraformResource, Tokenization } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { judgeCall } from '../../core/private/faults';
import { judgeProps, required, struct, text as aText } from '../../core/private/schema';
import { text } from '../../terraform/text';
import { IWorkload } from '../workload';

/** Who is granted to, and where that is written. */
export interface Grantee {
  readonly scope: Construct;
  readonly member: string;
  /** Tells members apart that have one scope. */
  readonly id: string;
}

/** A workload: grants are its children. It was checked by `grantee` of ./judge. */
export const ofWorkload = (workload: IWorkload): Grantee => ({
  scope: workload as unknown as Construct,
  member: workload.member,
  id: '',
});

/** A native member such as `group:ml@example.com`: grants are children of the resource. */
export const ofMember = (resource: IConstruct, member: string): Grantee => {
  const resolved = JSON.stringify(
    Tokenization.resolve(member, {
      scope: resource,
      resolver: new DefaultTokenResolver(new StringConcat()),
      preparing: false,
    }),
  );
  return {
    scope: resource as Construct,
    member: text(member),
    id: `-${createHash('sha1').update(resolved).digest('hex').slice(0, 8)}`,
  };
};

/** Everybody is nobody's caller. */
export const judgeCaller = (resource: IConstruct, member: string): void =>
  judgeCall(resource, (faults) => judgeProps(faults, struct({ member: CALLER }), { member }));

const CALLER = required(
  aText({
    pattern: /^(?!allUsers$|allAuthenticatedUsers$)[A-Za-z]+:.+$/,
    means: 'a member such as group:ml@example.com: nobody calls without the identity of Google',
  }),
);

/**
 * A role on a resource, given to someone once however often it is asked for.
 *
 * @param resource the construct that is granted
 * @param role `roles/storage.objectViewer`
 * @param make makes the native IAM member
 */
export function giveOnce<T extends TerraformResource>(
  { scope, member, id }: Grantee,
  resource: IConstruct,
  role: string,
  make: (scope: Construct, id: string, given: { readonly role: string; readonly member: string }) => T,
): T {
  const name = `Grant-${role.replace(/^.*\//, '')}-${resource.node.addr.slice(-8)}${id}`;
  return (scope.node.tryFindChild(name) as T | undefined) ?? make(scope, name, { role, member });
}
