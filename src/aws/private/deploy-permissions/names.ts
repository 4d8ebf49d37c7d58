import {
  CfnResource,
  DefaultTokenResolver,
  IPostProcessor,
  IResolvable,
  IResolveContext,
  Reference,
  Stack,
  Tokenization,
} from 'aws-cdk-lib';
import { Row, Rows } from './row';
import { rootOf } from '../judge';

/** The properties of a resource; of what only deployment knows, an intrinsic function. */
export type Properties = { readonly [name: string]: unknown };

const NAMED = 'Fn::Named';

/** In place of a reference: the names that it may lead to. An intrinsic function, so that no type of a property minds. */
interface Named {
  readonly [NAMED]: string[];
}

const isNamed = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && NAMED in value;

const isSub = (value: unknown): value is { readonly 'Fn::Sub': string } =>
  typeof value === 'object' && value !== null && typeof (value as Properties)['Fn::Sub'] === 'string';

/** A value as a part of a text. */
function text(value: unknown): string {
  if (isSub(value)) {
    return value['Fn::Sub'].replace(/\$\{[^}]*\}/g, '*');
  }
  if (isNamed(value)) {
    return value[NAMED].length === 1 ? value[NAMED][0] : '*';
  }
  return typeof value === 'object' ? '*' : String(value ?? '');
}

const CONCAT = { join: (left: unknown, right: unknown) => `${text(left)}${text(right)}` };

/** Shows other resources by their names. */
class NamesResolver extends DefaultTokenResolver {
  constructor(private readonly namesOf: (resource: CfnResource) => string[]) {
    super(CONCAT);
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token)) {
      return super.resolveToken(token, context, postProcessor);
    }
    const { target, displayName } = token;
    return {
      [NAMED]: CfnResource.isCfnResource(target) ? this.namesOf(target) : [pseudo(displayName, target)],
    } satisfies Named;
  }
}

const pseudo = (name: string, scope: Reference['target']): string =>
  name === 'AWS::StackName' ? rootOf(Stack.of(scope)).stackName : '*';

/** The properties in a template, with other resources shown by their names. */
function shown(value: unknown, namesOf: (logicalId: string) => string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => shown(one, namesOf));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value);
  const [key, argument] = entries[0] ?? [];
  if (entries.length === 1 && (key === 'Ref' || key === 'Fn::GetAtt')) {
    return { [NAMED]: namesOf([argument].flat()[0]) } satisfies Named;
  }
  if (entries.length === 1 && key === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown];
    return [shown(parts, namesOf)].flat().map(text).join(separator);
  }
  return Object.fromEntries(entries.map(([name, one]) => [name, shown(one, namesOf)]));
}

/** A template, and the stack that it is of. */
export interface Synthesized {
  readonly stack: Stack;
  readonly template: { readonly Resources?: { readonly [id: string]: { readonly Properties?: Properties } } };
}

/** Names, as a program knows them before anything is deployed. `*` stands for what it does not know. */
export class Names {
  private readonly known = new Map<CfnResource, Properties>();
  private readonly byId = new Map<string, CfnResource>();

  /**
   * @param rows what is known of types
   * @param synthesized what has been resolved already: much faster than to do it again
   */
  constructor(
    private readonly rows: Rows,
    private readonly synthesized?: Synthesized,
  ) {
    synthesized?.stack.node
      .findAll()
      .filter((one): one is CfnResource => CfnResource.isCfnResource(one) && one.stack === synthesized.stack)
      .forEach((resource) => this.byId.set(resource.stack.resolve(resource.logicalId), resource));
  }

  public propertiesOf(resource: CfnResource): Properties {
    const known = this.known.get(resource);
    if (known) {
      return known;
    }
    // What refers to itself, such as a rule of a security group, is not asked for its name twice.
    this.known.set(resource, {});
    const properties = this.written(resource) ?? this.resolved(resource);
    this.known.set(resource, properties);
    return properties;
  }

  /** As the template says; nothing of what it takes from other stacks. */
  private written(resource: CfnResource): Properties | undefined {
    const { stack, template } = this.synthesized ?? {};
    const found = resource.stack === stack && template?.Resources?.[stack.resolve(resource.logicalId)];
    if (!stack || !found || JSON.stringify(found.Properties ?? {}).includes('Fn::ImportValue')) {
      return undefined;
    }
    const namesOf = (id: string) => {
      const target = this.byId.get(id);
      return target ? this.namesOf(target) : [pseudo(id, stack)];
    };
    return shown(found.Properties ?? {}, namesOf) as Properties;
  }

  private resolved(resource: CfnResource): Properties {
    const { Resources } = Tokenization.resolve(
      (resource as unknown as { _toCloudFormation(): object })._toCloudFormation(),
      {
        scope: resource,
        preparing: false,
        resolver: new NamesResolver((other) => this.namesOf(other)),
      },
    );
    return (Object.values(Resources as object)[0] as { Properties?: Properties }).Properties ?? {};
  }

  /** The names that a resource may have: its own, else those that CloudFormation may make. */
  public namesOf(resource: CfnResource): string[] {
    const row: Row | undefined = this.rows[resource.cfnResourceType];
    const [own] = row?.name ? values(this.propertiesOf(resource), row.name) : [];
    const names =
      own !== undefined
        ? namesIn(own)
        : [
            beginsWith(rootOf(Stack.of(resource)).stackName),
            ...(row?.byLogicalId ? [beginsWith(Stack.of(resource).getLogicalId(resource))] : []),
          ];
    return row?.lower ? names.map((one) => one.toLowerCase()) : names;
  }

  /** The ARNs that a form of a row stands for. */
  public arns(form: string, resource: CfnResource): string[] {
    const row = this.rows[resource.cfnResourceType];
    const { partition, region, account } = Stack.of(resource);
    const whole = `arn:${partition}:${form}`.replace(/:R:/, `:${region}:`).replace(/:A:/, `:${account}:`);
    const [, property] = /\{([^}]*)\}/.exec(form) ?? [];
    if (property === undefined) {
      return [form === '*' ? form : whole];
    }
    const given = values(this.propertiesOf(resource), property).flatMap(namesIn);
    const own = property === row.name ? this.namesOf(resource) : given.length ? given : ['*'];
    return own.map((one) => whole.replaceAll(`{${property}}`, row.lower ? one.toLowerCase() : one));
  }
}

/** CloudFormation leaves 24 characters or more of a stack's name, then a `-` and what else there is. */
function beginsWith(start: string): string {
  const [most, clean] = [24, start.replace(/^-+/, '').replace(/-{2,}/g, '-')];
  return clean.length > most ? `${clean.slice(0, most)}*` : `${clean}-*`;
}

/** The values that a path leads to; `*` stands for each of a list, and a list at the end for its elements. */
export function values(document: unknown, path: string): unknown[] {
  return path
    .split('.')
    .reduce<unknown[]>(
      (found, key) =>
        found.flatMap((one) => (key === '*' ? [one].flat() : [(one as Properties | undefined)?.[key]])),
      [document],
    )
    .flat()
    .filter((value) => value !== undefined && value !== null);
}

/** The names in what names a thing: an ARN, the address of a bucket, an image or a variant, or the name itself. */
export function namesIn(value: unknown): string[] {
  const written = isNamed(value) ? value[NAMED] : text(value);
  return [written].flat().map((one) => {
    const [, bucket] = /^(?:s3:\/\/|arn:[^:]*:s3:::)([^/]*)/.exec(one) ?? [];
    const [, repository] = /\.dkr\.ecr\.[^/]*\/([^:@]*)/.exec(one) ?? [];
    const [, inArn] = /^arn:(?:[^:]*:){4}(?:[^:/]*[:/])?(.*)$/.exec(one) ?? [];
    const [, endpoint] = /^endpoint\/([^/]*)\/variant\//.exec(one) ?? [];
    return bucket ?? repository ?? endpoint ?? inArn ?? one;
  });
}
