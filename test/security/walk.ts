import { SynthesizedStack } from '../support/programs';

/** Something of a stack that a rule judges: a resource, a statement of a policy, a binding of a role. */
export interface Found {
  /** Where it is, for whoever has to mend it. */
  readonly where: string;
  /** The construct of the library that it belongs to, where that is known. */
  readonly construct?: string;
  /** The profile of its program. */
  readonly profile?: string;
}

/** A resource of a stack. */
export interface Resource extends Found {
  /** `AWS::S3::Bucket`, `google_storage_bucket`, or an ARM type without its version. */
  readonly type: string;
  readonly body: any;
}

export const isType =
  (...types: string[]) =>
  ({ type }: Resource) =>
    types.includes(type);

/** A statement that allows or denies, of whichever policy. */
export interface Statement extends Found {
  /** The type of the resource that the policy belongs to. */
  readonly type: string;
  readonly allows: boolean;
  readonly actions: string[];
  /** References are shown as `<LogicalId>`. */
  readonly resources: string[];
  /** What the policy of a resource names: `AWS:*`, `Service:s3.amazonaws.com`. */
  readonly principals: string[];
  readonly raw: any;
}

/** A role that someone has on something. */
export interface Binding extends Found {
  readonly type: string;
  readonly role: string;
  readonly member: string;
  /** What it is given on. */
  readonly on: string;
}

const belonging = ({ profile, constructs = {} }: SynthesizedStack, id: string): Partial<Found> => ({
  profile,
  construct: constructs[id],
});

const list = (value: any): any[] => (value === undefined ? [] : [value].flat());

/** Every value in a document, with the keys that lead to it. */
export function* values(document: unknown, path: string[] = []): Generator<{ path: string[]; value: any }> {
  yield { path, value: document };
  if (typeof document === 'object' && document !== null) {
    for (const [key, value] of Object.entries(document)) {
      yield* values(value, [...path, key]);
    }
  }
}

/** Every text in a document. */
export const texts = (document: unknown): { path: string[]; value: string }[] =>
  [...values(document)].filter(({ value }) => typeof value === 'string');

/** A text of a stack. */
export interface Text extends Found {
  /** The keys that lead to it. */
  readonly at: string;
  readonly value: string;
}

/** Every text of a stack. */
export const textsOfStack = ({ name, json }: SynthesizedStack): Text[] =>
  texts(json).map(({ path, value }) => ({ where: `${name} ${path.join('.')}`, at: path.join('.'), value }));

// CloudFormation

/** A value as CloudFormation would fill it in, references shown as `<LogicalId>`. */
export function filledIn(value: any): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  if ('Fn::Join' in value) {
    return value['Fn::Join'][1].map(filledIn).join(value['Fn::Join'][0]);
  }
  const named = value.Ref ?? value['Fn::ImportValue'] ?? value['Fn::GetAtt']?.[0];
  return `<${typeof named === 'string' ? named : 'value'}>`;
}

/** The resources of a template. */
export const resourcesOfTemplate = (stack: SynthesizedStack): Resource[] =>
  Object.entries<any>(stack.json.Resources ?? {}).map(([id, { Type, Properties }]) => ({
    ...belonging(stack, id),
    where: `${stack.name} ${id}`,
    type: Type,
    body: Properties ?? {},
  }));

/** The statements of a template, wherever a resource has a policy: its own, an identity's, one of trust, also as text. */
export function statementsOf(stack: SynthesizedStack): Statement[] {
  return resourcesOfTemplate(stack).flatMap(({ where, type, body, ...of }) =>
    [...values(body)]
      .filter(({ value }) => typeof value === 'object' && value !== null && 'Effect' in value)
      .map(({ path, value: raw }) => ({
        ...of,
        where: `${where} ${path.join('.')}`,
        type,
        allows: raw.Effect === 'Allow',
        actions: list(raw.Action).map(filledIn),
        resources: list(raw.Resource).map(filledIn),
        principals:
          typeof raw.Principal === 'string'
            ? [`AWS:${raw.Principal}`]
            : Object.entries(raw.Principal ?? {}).flatMap(([kind, given]) =>
                list(given).map((one) => `${kind}:${filledIn(one)}`),
              ),
        raw,
      })),
  );
}

// Terraform

/** The version of an ARM type says nothing of what it is. */
const typeOf = (type: string, body: any): string =>
  type.startsWith('azapi_') && typeof body.type === 'string'
    ? `${type === 'azapi_resource' ? '' : `${type} `}${body.type.split('@')[0]}`
    : type;

const blocks =
  (kind: 'resource' | 'data') =>
  (stack: SynthesizedStack): Resource[] =>
    Object.entries<any>(stack.json[kind] ?? {}).flatMap(([type, all]) =>
      Object.entries<any>(all).map(([id, { '//': about, ...body }]) => ({
        ...belonging(stack, id),
        where: `${stack.name} ${about?.metadata.path ?? id}`,
        type: `${kind === 'data' ? 'data ' : ''}${typeOf(type, body)}`,
        body,
      })),
    );

/** The resources of a stack, those of azapi by their ARM types. */
export const resourcesOfStack = blocks('resource');

/** What a stack reads, with `data ` before its type. */
export const dataOfStack = blocks('data');

/** The roles that a stack gives. */
export const bindingsOf = (stack: SynthesizedStack): Binding[] =>
  resourcesOfStack(stack).flatMap(({ type, body, ...of }) => {
    if (type === 'azurerm_role_assignment') {
      const role = body.role_definition_name ?? body.role_definition_id;
      return [{ ...of, type, role, member: body.principal_id, on: body.scope }];
    }
    if (!/_iam_(member|binding|policy)$/.test(type)) {
      return [];
    }
    const members = [...list(body.member), ...list(body.members), ...list(body.policy_data)];
    const on = type.replace(/_iam_(member|binding|policy)$/, '');
    return members.map((member) => ({ ...of, type, role: body.role ?? '', member, on }));
  });
