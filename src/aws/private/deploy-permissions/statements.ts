import { aws_iam as iam, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Names, namesIn, Properties, Synthesized, values } from './names';
import { Need, PassedRole } from './row';
import { ROWS } from './rows';

type Conditions = { readonly [operator: string]: { readonly [key: string]: unknown } };

/** One action on one resource. */
interface Right {
  readonly action: string;
  readonly arn: string;
  readonly conditions?: Conditions;
}

/** What the native resources below a scope need. */
export function statementsOf(scope: IConstruct, synthesized?: Synthesized): iam.PolicyStatement[] {
  const names = new Names(ROWS, synthesized);
  const resources = resourcesOf(scope);
  return grouped([
    ...resources.flatMap((resource) => rightsOf(resource, names)),
    ...mayPass(resources.flatMap((resource) => passes(resource, names))),
    ...below(scope, isParameter).flatMap(readsParameter),
    ...below(scope, (one): one is Stack => Stack.isStack(one)).flatMap(readsBootstrap),
  ]);
}

/** The types of resources below a scope that have no row. */
export const unknownTypesOf = (scope: IConstruct): string[] =>
  unique(resourcesOf(scope).map(({ cfnResourceType }) => cfnResourceType))
    .filter((type) => !(type in ROWS))
    .sort();

const below = <T>(scope: IConstruct, is: (construct: unknown) => construct is T): T[] =>
  scope.node.findAll().filter((construct): construct is T & IConstruct => is(construct));

const resourcesOf = (scope: IConstruct): CfnResource[] =>
  below(scope, (one): one is CfnResource => CfnResource.isCfnResource(one));

const unique = <T>(all: T[]): T[] => [...new Set(all)];

const needsOf = ({ cfnResourceType }: CfnResource) => ROWS[cfnResourceType]?.needs ?? [];

const rightsOf = (resource: CfnResource, names: Names): Right[] =>
  needsOf(resource)
    .filter((need): need is Need => 'may' in need)
    .filter(
      ({ when = [] }) => !when.length || when.some((given) => isGiven(names.propertiesOf(resource), given)),
    )
    .flatMap((need) => allows(resource, names, need));

function isGiven(properties: Properties, given: string): boolean {
  const [path, value] = given.split('=');
  const found = values(properties, path);
  return value === undefined ? found.length > 0 : found.includes(value);
}

function allows(resource: CfnResource, names: Names, { may, on }: Need): Right[] {
  const boundaries = values(names.propertiesOf(resource), 'PermissionsBoundary').flatMap(namesIn);
  return may
    .trim()
    .split(/\s+/)
    .flatMap((action) =>
      on
        .flatMap((form) => names.arns(form, resource))
        .map((arn) => ({ action, arn, conditions: conditionsOf(action, boundaries) })),
    );
}

/** What a role that is made may be at most, it is from the first; what has a boundary can be given no more than it. */
const BOUNDED = [
  'iam:AttachRolePolicy',
  'iam:CreateRole',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
];

function conditionsOf(action: string, boundaries: string[]): Conditions | undefined {
  if (action === 'kms:CreateGrant') {
    return { Bool: { 'kms:GrantIsForAWSResource': 'true' } };
  }
  return boundaries.length && BOUNDED.includes(action)
    ? { ArnLike: { 'iam:PermissionsBoundary': boundaries.map((name) => `arn:*:iam::*:policy/${name}`) } }
    : undefined;
}

/** A role that is handed over. */
interface Passing {
  readonly arn: string;
  readonly service: string;
}

function passes(resource: CfnResource, names: Names): Passing[] {
  const { partition, account } = Stack.of(resource);
  return needsOf(resource)
    .filter((need): need is PassedRole => 'pass' in need)
    .flatMap(({ pass, to }) =>
      values(names.propertiesOf(resource), pass)
        .flatMap(namesIn)
        .map((role) => ({
          arn: `arn:${partition}:iam::${account}:role/${role}`,
          service: `${to}.amazonaws.com`,
        })),
    );
}

/** Each role to all services that it is handed to. */
const mayPass = (passings: Passing[]): Right[] =>
  passings.map(({ arn }) => ({
    action: 'iam:PassRole',
    arn,
    conditions: {
      StringEquals: {
        'iam:PassedToService': unique(
          passings.filter((other) => other.arn === arn).map(({ service }) => service),
        ).sort(),
      },
    },
  }));

const isParameter = (construct: unknown): construct is CfnParameter => construct instanceof CfnParameter;

/** CloudFormation reads parameters of Systems Manager as the one who deploys. */
const readsParameter = (parameter: CfnParameter): Right[] =>
  parameter.type.startsWith('AWS::SSM::Parameter::Value')
    ? [readsNamed(parameter.stack, String(parameter.default))]
    : [];

/** The one by which a stack finds out whether CDK's bootstrap is new enough; it comes with synthesis. */
const readsBootstrap = (stack: Stack): Right[] =>
  stack.synthesizer.bootstrapQualifier
    ? [readsNamed(stack, `/cdk-bootstrap/${stack.synthesizer.bootstrapQualifier}/version`)]
    : [];

const readsNamed = (stack: Stack, parameter: string): Right => ({
  action: 'ssm:GetParameters',
  // Those that AWS publishes are of no account.
  arn: `arn:${stack.partition}:ssm:${stack.region}:*:parameter/${parameter.replace(/^\//, '')}`,
});

/** As few statements as say the same. */
function grouped(rights: Right[]): iam.PolicyStatement[] {
  const arns = new Map<string, { right: Right; arns: Set<string> }>();
  for (const right of rights) {
    const key = `${right.action} ${JSON.stringify(right.conditions)}`;
    arns.set(key, arns.get(key) ?? { right, arns: new Set() });
    arns.get(key)!.arns.add(right.arn);
  }
  const statements = new Map<string, { actions: string[]; resources: string[]; conditions?: Conditions }>();
  for (const { right, arns: all } of arns.values()) {
    const resources = widest([...all]);
    const key = JSON.stringify([resources, right.conditions]);
    const one = statements.get(key) ?? { actions: [], resources, conditions: right.conditions };
    one.actions.push(right.action);
    statements.set(key, one);
  }
  return [...statements.values()]
    .map((one) => ({ ...one, actions: one.actions.sort() }))
    .sort((a, b) => (a.actions[0] < b.actions[0] ? -1 : 1))
    .map((one) => new iam.PolicyStatement(one as iam.PolicyStatementProps));
}

/** Without what another one says already. */
const widest = (arns: string[]): string[] =>
  arns
    .filter(
      (arn) =>
        !arns.some((other) => other !== arn && other.endsWith('*') && arn.startsWith(other.slice(0, -1))),
    )
    .sort();
