/**
 * The same resources by hand: from the templates of a synthesized program, the source of a program that makes every
 * one of them with the typed L1 class of aws-cdk-lib, with references where the template has them, in as many stacks.
 */
import { readFileSync } from 'fs';
import { dirname, join } from 'path';
import * as cdk from 'aws-cdk-lib';

export type Json = any;
export type Template = { readonly [section: string]: { readonly [id: string]: Json } };

/** Where aws-cdk-lib has the class of a resource type, as `aws-cdk-lib/aws-s3.CfnBucket`. */
const CLASSES: { readonly [type: string]: string } = JSON.parse(
  readFileSync(
    join(
      dirname(require.resolve('aws-cdk-lib/package.json')),
      'cloudformation-include',
      'cfn-types-2-classes.json',
    ),
    'utf8',
  ),
);

/** The namespace of a resource type and the name of its class there. */
export function classOf(type: string): [namespace: string, name: string] {
  if (!CLASSES[type]) {
    throw new Error(`${type}: aws-cdk-lib has no class for it`);
  }
  return CLASSES[type].replace('aws-cdk-lib/', '').replace(/-/g, '_').split('.') as [string, string];
}

/** The stacks of an assembly in order of deployment. */
export function stacksOf(assembly: string) {
  const { artifacts } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8'));
  const found = Object.entries<Json>(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const names = new Set(found.map(([name]) => name));
  const stacks = found.map(([name, { properties, dependencies = [] }]) => ({
    name,
    needs: (dependencies as string[]).filter((other) => names.has(other)),
    tags: properties.tags as { [key: string]: string } | undefined,
    template: JSON.parse(readFileSync(join(assembly, properties.templateFile), 'utf8')) as Template,
  }));
  return inOrder(
    stacks,
    ({ name }) => name,
    ({ needs }) => needs,
  );
}

/** Everything after what it needs, else as it comes. */
export function inOrder<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  needsOf: (one: T) => string[],
): T[] {
  const byName = new Map(all.map((one) => [nameOf(one), one]));
  const done = new Set<T>();
  const visit = (one: T): void => {
    if (!done.has(one)) {
      byName.delete(nameOf(one));
      needsOf(one).forEach((name) => byName.has(name) && visit(byName.get(name)!));
      done.add(one);
    }
  };
  all.forEach(visit);
  return [...done];
}

const isIntrinsic = (value: Json): boolean => {
  const [key, ...others] =
    value && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  return others.length === 0 && (key === 'Ref' || /^Fn::/.test(key ?? ''));
};

/** An intrinsic function on its way through the classes' own reading of CloudFormation. */
export class Intrinsic implements cdk.IResolvable {
  public readonly creationStack = [];
  constructor(public readonly json: Json) {}
  public resolve(): Json {
    return this.json;
  }
  public toString(): string {
    return cdk.Token.asString(this);
  }
}

const markIntrinsics = (value: Json): Json => {
  if (isIntrinsic(value)) {
    return new Intrinsic(value);
  }
  if (Array.isArray(value)) {
    return value.map(markIntrinsics);
  }
  return value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, markIntrinsics(one)]))
    : value;
};

/** The props that a typed class takes for a resource's properties. */
export function propsOf(
  type: string,
  properties: Json,
): { readonly className: string; readonly props: Json } {
  const [namespace, name] = classOf(type);
  const read = (cdk as Json)[namespace][name]._fromCloudFormation(
    new cdk.Stack(),
    'Resource',
    { Type: type, Properties: properties },
    { parser: { parseValue: markIntrinsics, handleAttributes: () => undefined } },
  );
  if (Object.keys(read.rawOverrides).length) {
    throw new Error(`${type}: no props for ${JSON.stringify(read.rawOverrides)}`);
  }
  return { className: `cdk.${namespace}.${name}`, props: read._cfnProperties };
}

/** The identifiers that a value refers to, by Ref, Fn::GetAtt, Fn::Sub and Condition. */
export function references(value: Json): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(references);
  }
  if (!value || typeof value !== 'object') {
    return [];
  }
  return Object.entries<Json>(value).flatMap(([key, one]) => [
    ...((key === 'Ref' || key === 'Condition') && typeof one === 'string' ? [one] : []),
    ...(key === 'Fn::GetAtt' ? [one[0]] : []),
    ...(key === 'Fn::If' ? [one[0]] : []),
    ...references(one),
  ]);
}

const PSEUDO: { readonly [name: string]: string } = {
  AccountId: 'ACCOUNT_ID',
  NoValue: 'NO_VALUE',
  Partition: 'PARTITION',
  Region: 'REGION',
  StackId: 'STACK_ID',
  StackName: 'STACK_NAME',
  URLSuffix: 'URL_SUFFIX',
};

/** Writes the values of one stack as expressions. */
class Writer {
  constructor(private readonly template: Template) {}

  /** What stands for an intrinsic, as a text where nothing else is said. */
  private intrinsic(json: Json): string {
    const [[name, argument]] = Object.entries<Json>(json);
    switch (name) {
      case 'Ref':
        return argument.startsWith('AWS::')
          ? `cdk.Aws.${PSEUDO[argument.slice(5)]}`
          : `made.${argument}.${this.template.Parameters?.[argument] ? 'valueAsString' : 'ref'}`;
      case 'Fn::GetAtt':
        return this.attribute(argument[0], argument[1]);
      case 'Fn::Join':
        return Array.isArray(argument[1])
          ? `cdk.Fn.join(${this.value(argument[0])}, ${this.value(argument[1])})`
          : this.other(json);
      case 'Fn::ImportValue':
        return typeof argument === 'string'
          ? `cdk.Fn.importValue(${this.value(argument)})`
          : this.other(json);
      default:
        return this.other(json);
    }
  }

  private attribute(id: string, name: string): string {
    const [namespace, className] = classOf(this.template.Resources[id].Type);
    const member = `attr${name.replace(/\./g, '')}`;
    const typed = Object.getOwnPropertyDescriptor((cdk as Json)[namespace][className].prototype, member);
    return typed ? `made.${id}.${member}` : `cdk.Token.asString(made.${id}.getAtt(${JSON.stringify(name)}))`;
  }

  private other(json: Json): string {
    return `cdk.Token.asString(${JSON.stringify(json)})`;
  }

  public value(value: Json): string {
    if (isIntrinsic(value)) {
      return this.intrinsic(value);
    }
    if (cdk.Token.isUnresolved(value)) {
      return this.token(value);
    }
    if (Array.isArray(value)) {
      return `[${value.map((one) => this.value(one)).join(', ')}]`;
    }
    if (value && typeof value === 'object') {
      const members = Object.entries(value).filter(([, one]) => one !== undefined);
      return `{ ${members.map(([key, one]) => `${JSON.stringify(key)}: ${this.value(one)}`).join(', ')} }`;
    }
    return JSON.stringify(value);
  }

  /** An intrinsic function as the type that its place has. */
  private token(value: Json): string {
    const { json } = cdk.Tokenization.reverse(value) as Intrinsic;
    if (typeof value === 'number') {
      return this.template.Parameters?.[json.Ref]
        ? `made.${json.Ref}.valueAsNumber`
        : `cdk.Token.asNumber(${this.intrinsic(json)})`;
    }
    return Array.isArray(value) ? `cdk.Token.asList(${this.intrinsic(json)})` : this.intrinsic(json);
  }
}

const KNOWN_SECTIONS = ['Resources', 'Outputs', 'Parameters', 'Conditions', 'Rules', 'Description'];
const KNOWN_ATTRIBUTES = [
  'Type',
  'Properties',
  'DependsOn',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
  'Condition',
];

const refuse = (what: string, found: string[], known: string[]) => {
  const unknown = found.filter((name) => !known.includes(name));
  if (unknown.length) {
    throw new Error(`${what}: the baseline does not know ${unknown.join(', ')}`);
  }
};

/** What a stack makes by itself. */
export const OWN = ['BootstrapVersion', 'CheckBootstrapVersion'];

function stackSource(name: string, template: Template): string {
  refuse(name, Object.keys(template), KNOWN_SECTIONS);
  refuse(`${name}.Rules`, Object.keys(template.Rules ?? {}), OWN);
  const writer = new Writer(template);
  const entries = (section: string) =>
    Object.entries<Json>(template[section] ?? {}).filter(([id]) => !OWN.includes(id));
  const camel = (object: Json) =>
    Object.fromEntries(
      Object.entries(object).map(([key, one]) => [key[0].toLowerCase() + key.slice(1), one]),
    );

  const parameters = entries('Parameters').map(
    ([id, parameter]) =>
      `made.${id} = new cdk.CfnParameter(stack, '${id}', ${writer.value(camel(parameter))});`,
  );
  const conditions = entries('Conditions').map(
    ([id, condition]) =>
      `made.${id} = new cdk.CfnCondition(stack, '${id}', { expression: cdk.Token.asAny(${JSON.stringify(condition)}) });`,
  );
  const resources = inOrder(
    entries('Resources'),
    ([id]) => id,
    ([, resource]) => [...references(resource), ...[resource.DependsOn ?? []].flat()],
  ).flatMap(([id, resource]) => {
    refuse(`${name}.${id}`, Object.keys(resource), KNOWN_ATTRIBUTES);
    const { className, props } = propsOf(resource.Type, resource.Properties ?? {});
    const made = `made.${id}`;
    return [
      `${made} = new ${className}(stack, '${id}', ${writer.value(props)});`,
      ...(resource.DeletionPolicy
        ? [`${made}.cfnOptions.deletionPolicy = '${resource.DeletionPolicy}';`]
        : []),
      ...(resource.UpdateReplacePolicy
        ? [`${made}.cfnOptions.updateReplacePolicy = '${resource.UpdateReplacePolicy}';`]
        : []),
      ...(resource.Metadata ? [`${made}.cfnOptions.metadata = ${writer.value(resource.Metadata)};`] : []),
      ...(resource.Condition ? [`${made}.cfnOptions.condition = made.${resource.Condition};`] : []),
      ...[resource.DependsOn ?? []]
        .flat()
        .map((other: string) => `${made}.addResourceDependency(made.${other});`),
    ];
  });
  const outputs = entries('Outputs').map(([id, { Value, Description, Export }]) => {
    const props = { value: Value, description: Description, exportName: Export?.Name };
    return `new cdk.CfnOutput(stack, '${id}', ${writer.value(props)});`;
  });
  return [...parameters, ...conditions, ...resources, ...outputs].map((line) => `  ${line}`).join('\n');
}

/** The source of the program that makes the resources of an assembly by hand. */
export function byHand(assembly: string): string {
  const stacks = stacksOf(assembly);
  return [
    "const cdk = require('aws-cdk-lib');",
    'const app = new cdk.App();',
    'const stacks = {};',
    ...stacks.map(({ name, needs, tags, template }) =>
      [
        '{',
        `  const made = {};`,
        `  const props = ${JSON.stringify({ tags, description: template.Description })};`,
        `  const stack = (stacks['${name}'] = new cdk.Stack(app, '${name}', props));`,
        stackSource(name, template),
        ...needs.map((other) => `  stack.addStackDependency(stacks['${other}']);`),
        '}',
      ].join('\n'),
    ),
    'app.synth();',
    '',
  ].join('\n');
}

/** Fails where two assemblies do not hold the same stacks with the same content. */
export function mustBeSame(one: string, other: string): void {
  const content = (assembly: string) =>
    stacksOf(assembly).map(({ name, needs, template }) => ({
      name,
      needs: [...needs].sort(),
      template: sorted(template),
    }));
  const [left, right] = [content(one), content(other)].map(
    (stacks) => new Map(stacks.map((stack) => [stack.name, stack])),
  );
  const different = [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
    differences(left.get(name), right.get(name), name),
  );
  if (different.length) {
    throw new Error(`the baseline is not the same:\n  ${different.slice(0, 20).join('\n  ')}`);
  }
}

/** How many resources an assembly holds. */
export const resourcesOf = (assembly: string): number =>
  stacksOf(assembly).reduce((sum, { template }) => sum + Object.keys(template.Resources ?? {}).length, 0);

/** The order of what a resource depends on says nothing. */
const sorted = (template: Template): Template => {
  for (const resource of Object.values(template.Resources)) {
    if (Array.isArray(resource.DependsOn)) {
      resource.DependsOn.sort();
    }
  }
  return template;
};

export function differences(one: Json, other: Json, path: string): string[] {
  if (one && other && typeof one === 'object' && typeof other === 'object') {
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
      differences(one[key], other[key], `${path}.${key}`),
    );
  }
  return one === other
    ? []
    : [`${path}: ${JSON.stringify(one)?.slice(0, 100)} and ${JSON.stringify(other)?.slice(0, 100)}`];
}
