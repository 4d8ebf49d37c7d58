import { References } from './references';
import { keyOf, TemplateResource, Written } from './template';
import { Meaning, Use } from '../../../core/private/report/model';

/** A statement of a policy. */
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
}

const isStatement = (value: object): value is Statement => 'Effect' in value && 'Action' in value;

/** What the resources of a stack do with others: what policies allow, else what their properties are for. */
export const usesOf = (from: Written, references: References, types: ReadonlyMap<string, string>): Use[] =>
  Object.entries(from.template.Resources ?? {}).flatMap(([id, resource]) =>
    new Reader(keyOf(from.stack, id), from, references, types).read(resource),
  );

/** Reads one resource. */
class Reader {
  /** Who a policy is of: they do what it allows. */
  private users: readonly string[] = [];

  constructor(
    private readonly key: string,
    private readonly from: Written,
    private readonly references: References,
    private readonly types: ReadonlyMap<string, string>,
  ) {}

  public read({ Properties = {}, DependsOn = [] }: TemplateResource): Use[] {
    const users = this.found(Properties.Roles ?? []);
    this.users = users.length ? users : [this.key];
    const waits = [DependsOn].flat().map((id) => keyOf(this.from.stack, id));
    return [
      ...this.walk(Properties, []),
      ...waits.map((to): Use => ({ from: this.key, to, meaning: 'after' })),
    ];
  }

  private walk(value: unknown, path: readonly string[]): Use[] {
    if (Array.isArray(value)) {
      return value.flatMap((one) => this.walk(one, path));
    }
    if (typeof value !== 'object' || value === null || isFunction(value)) {
      return this.found(value).map((to) => ({
        from: this.key,
        to,
        meaning: meaningOf(path, this.types.get(to)!),
      }));
    }
    return isStatement(value)
      ? this.allowed(value)
      : Object.entries(value).flatMap(([name, one]) => this.walk(one, [...path, name]));
  }

  private allowed({ Effect, Action, Resource = [], Principal = [] }: Statement): Use[] {
    const meanings = Effect === 'Allow' ? meaningsOf([Action].flat()) : [];
    const [resources, principals] = [this.found(Resource), this.found(Principal)];
    return meanings.flatMap((meaning) => [
      ...this.users.flatMap((from) =>
        resources.map((to) => ({ from, to, meaning: ofNetworks(this.types.get(to)!) ?? meaning })),
      ),
      ...principals.map((from) => ({ from, to: this.key, meaning })),
    ]);
  }

  private found(value: unknown): string[] {
    return this.references.in(value, this.from).filter((to) => to !== this.key);
  }
}

/** A function of CloudFormation. */
const isFunction = (value: object) => {
  const names = Object.keys(value);
  return names.length === 1 && /^(Ref$|Fn::)/.test(names[0]);
};

/** Types that say by themselves what they are used for. */
const TYPES: readonly (readonly [RegExp, Meaning])[] = [
  [/^AWS::KMS::/, 'encrypted by'],
  [/^AWS::Logs::LogGroup$/, 'logs to'],
  [/^AWS::ECR::Repository$/, 'pulls images'],
  [/^AWS::SNS::Topic$/, 'notifies'],
  [/^AWS::SecretsManager::/, 'reads'],
  [/^AWS::EC2::(VPC|Subnet|SecurityGroup|RouteTable|NetworkAcl)$/, 'runs in'],
];

/** Whoever may make interfaces in a network does so to run there. */
const ofNetworks = (type: string) =>
  /^AWS::EC2::(VPC|Subnet|SecurityGroup)$/.test(type) ? 'runs in' : undefined;

const meaningOf = (path: readonly string[], type: string): Meaning =>
  path.some((name) => /Logging|AccessLog|LogDestination/.test(name))
    ? 'logs to'
    : (TYPES.find(([types]) => types.test(type))?.[1] ?? 'uses');

/** Actions by what they come to; the first that matches. */
const ACTIONS: readonly (readonly [RegExp, Meaning | undefined])[] = [
  [/^kms:(Encrypt|GenerateDataKey|CreateGrant)/, 'encrypted by'],
  [/^kms:/, 'decrypts with'],
  [/^iam:PassRole$|GetAuthorizationToken$/, undefined],
  [/^ecr:(Put|Initiate|Upload|Complete)/, 'pushes images'],
  [/^ecr:/, 'pulls images'],
  [/:Invoke/, 'invokes'],
  [
    /^(states:Start|batch:Submit|sagemaker:Create\w*Job$|sagemaker:StartPipeline|glue:Start|codebuild:Start)/,
    'starts',
  ],
  [/^sns:Publish/, 'notifies'],
  [/^logs:/, 'logs to'],
  [/:(Batch)?(Get|List|Describe|Read|Query|Scan|Select|Search|Head)/, 'reads'],
  [/:(Batch)?(Put|Delete|Create|Update|Write|Abort|Restore|Register|Send)/, 'writes'],
];

const meaningsOf = (actions: readonly string[]): Meaning[] => [
  ...new Set(actions.flatMap((action) => ACTIONS.find(([names]) => names.test(action))?.[1] ?? [])),
];
