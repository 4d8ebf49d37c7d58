import {
  DefaultTokenResolver,
  IPostProcessor,
  IResolvable,
  IResolveContext,
  StringConcat,
  TerraformElement,
  TerraformStack,
  Tokenization,
} from 'cdktf';
import { IConstruct } from 'constructs';

/** Some of what a type of resources needs. */
export interface Need {
  /** Actions, with spaces between them. */
  readonly may: string;
  /** Whether they are done to data, where a cloud tells them apart. @default false */
  readonly onData?: boolean;
  /** Whether they are done to a subscription, not to a group in it. @default false */
  readonly onSubscription?: boolean;
  /** Arguments of which one must be given, or be `argument=value`. @default - needed always */
  readonly when?: string[];
}

/** What resources, data sources and backends need, by their types. */
export interface Rows {
  readonly [type: string]: Need[];
}

/** A block of a stack. */
export interface Block {
  /** `google_storage_bucket`, `data google_project`, `backend gcs`. */
  readonly type: string;
  /** Its arguments; in place of what only deployment knows, `*`. */
  readonly body: { readonly [argument: string]: any };
  readonly stack: TerraformStack;
}

/** References stay unresolved: resolving them would make stacks depend on each other. */
class LiteralResolver extends DefaultTokenResolver {
  constructor() {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    return 'originStack' in token ? '*' : super.resolveToken(token, context, postProcessor);
  }
}

/** Providers of which no cloud asks permission. */
const NO_CLOUD = /^(data )?(local|null|random|terraform|time|tls)_/;

const isOfCloud = ({ type }: Block) => !NO_CLOUD.test(type);

/** The resources, data sources and backends below a scope. */
export const blocksBelow = (scope: IConstruct): Block[] =>
  scope.node
    .findAll()
    .filter((one) => TerraformElement.isTerraformElement(one))
    .flatMap(blocksOf)
    .filter(isOfCloud);

function blocksOf(element: TerraformElement): Block[] {
  const stack = TerraformStack.of(element);
  const json = Tokenization.resolve(element.toTerraform(), {
    scope: stack,
    preparing: false,
    resolver: new LiteralResolver(),
  });
  return blocksIn(json, stack);
}

/** The blocks of a stack, of which JSON that was synthesized tells faster than resolving it again. */
export const blocksOfStack = (stack: TerraformStack, synthesized?: object): Block[] =>
  synthesized ? blocksIn(unreferenced(synthesized), stack).filter(isOfCloud) : blocksBelow(stack);

const unreferenced = (json: object): object =>
  JSON.parse(JSON.stringify(json), (_, value) =>
    typeof value === 'string' ? value.replace(/\$\{[^}]*\}/g, '*') : value,
  );

function blocksIn(json: any, stack: TerraformStack): Block[] {
  const within = (kind: string, types: { [type: string]: object } = {}): Block[] =>
    Object.entries(types).flatMap(([type, all]) =>
      Object.values(all).map((body) => ({ type: `${kind}${type}`, body, stack })),
    );
  return [
    ...within('', json.resource),
    ...within('data ', json.data),
    ...Object.entries<object>(json.terraform?.backend ?? {}).map(([type, body]) => ({
      type: `backend ${type}`,
      body,
      stack,
    })),
  ];
}

/** Every text in a value, with the name that leads to it. */
export const textsIn = (value: unknown, name = ''): [name: string, text: string][] =>
  typeof value === 'string'
    ? [[name, value]]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, one]) => textsIn(one, Array.isArray(value) ? name : key))
      : [];

/** What a block needs of its row. */
export const needsOf = (rows: Rows, { type, body }: Block): Need[] =>
  (rows[type] ?? []).filter(({ when = [] }) => !when.length || when.some((given) => isGiven(body, given)));

function isGiven(body: Block['body'], given: string): boolean {
  const [path, value] = given.split('=');
  const found = path
    .split('.')
    .reduce<unknown[]>((all, key) => all.flatMap((one: any) => [one?.[key]].flat()), [body])
    .filter((one) => one !== undefined && one !== null);
  return value === undefined ? found.length > 0 : found.map(String).includes(value);
}

/** The types that have no row. */
export const unknownTypes = (rows: Rows, blocks: Block[]): string[] =>
  [...new Set(blocks.map(({ type }) => type))].filter((type) => !(type in rows)).sort();

/** The actions in needs, each once. */
export const actionsIn = (needs: Need[]): string[] =>
  [...new Set(needs.flatMap(({ may }) => may.trim().split(/\s+/)))].filter(Boolean).sort();
