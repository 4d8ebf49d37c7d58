/**
 * The same resources by hand in Python: on AWS with the typed L1 classes; on Terraform with `cdktf.TerraformResource`,
 * because to import a provider's package alone costs a program many seconds.
 */
import * as cdk from 'aws-cdk-lib';
import { classOf, inOrder, Intrinsic, Json, OWN, propsOf, references, stacksOf, Template } from './baseline';
import { partsOf, stacksOf as stacksOnTerraform } from './baseline-terraform';

const snake = (name: string) =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z\d]+)/g, '$1_$2')
    .toLowerCase();

/** An intrinsic function as the type that its place has. */
function token(value: Json): string {
  const { json } = cdk.Tokenization.reverse(value) as Intrinsic;
  const type = typeof value === 'number' ? 'number' : Array.isArray(value) ? 'list' : 'string';
  return `cdk.Token.as_${type}(${literal(json)})`;
}

function literal(value: Json): string {
  if (value && typeof value === 'object' && !Array.isArray(value) && !cdk.Token.isUnresolved(value)) {
    const members = Object.entries(value).filter(([, one]) => one !== undefined);
    return `{${members.map(([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`).join(', ')}}`;
  }
  if (cdk.Token.isUnresolved(value)) {
    return token(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(literal).join(', ')}]`;
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return value === null ? 'None' : JSON.stringify(value);
}

const keywords = (props: Json) =>
  Object.entries<Json>(props)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `, ${snake(name)}=${literal(value)}`)
    .join('');

const entries = (template: Template, section: string) =>
  Object.entries<Json>(template[section] ?? {}).filter(([id]) => !OWN.includes(id));

function resourceInPython([id, resource]: [string, Json]): string[] {
  const { className, props } = propsOf(resource.Type, resource.Properties ?? {});
  const made = `made[${JSON.stringify(id)}]`;
  const option = (name: string, value: string) => [`${made}.cfn_options.${name} = ${value}`];
  const policy = (name: string) => `cdk.CfnDeletionPolicy.${snake(name).toUpperCase()}`;
  return [
    `${made} = ${className.replace('cdk.', '')}(stack, ${JSON.stringify(id)}${keywords(props)})`,
    ...(resource.DeletionPolicy ? option('deletion_policy', policy(resource.DeletionPolicy)) : []),
    ...(resource.UpdateReplacePolicy
      ? option('update_replace_policy', policy(resource.UpdateReplacePolicy))
      : []),
    ...(resource.Metadata ? option('metadata', literal(resource.Metadata)) : []),
    ...[resource.DependsOn ?? []]
      .flat()
      .map((other: string) => `${made}.add_resource_dependency(made[${JSON.stringify(other)}])`),
  ];
}

function stackInPython(template: Template): string[] {
  const lowered = (object: Json) =>
    Object.fromEntries(
      Object.entries(object).map(([key, one]) => [key[0].toLowerCase() + key.slice(1), one]),
    );
  const resources = inOrder(
    entries(template, 'Resources'),
    ([id]) => id,
    ([, resource]) => [...references(resource), ...[resource.DependsOn ?? []].flat()],
  );
  return [
    ...entries(template, 'Parameters').map(
      ([id, parameter]) => `cdk.CfnParameter(stack, ${JSON.stringify(id)}${keywords(lowered(parameter))})`,
    ),
    ...resources.flatMap(resourceInPython),
    ...entries(template, 'Outputs').map(([id, { Value, Description, Export }]) => {
      const value = typeof Value === 'string' ? literal(Value) : `cdk.Token.as_string(${literal(Value)})`;
      return `cdk.CfnOutput(stack, ${JSON.stringify(id)}, value=${value}${keywords({ description: Description, exportName: Export?.Name })})`;
    }),
  ];
}

/** The source of the program in Python that makes the resources of an assembly by hand. */
export function byHandInPython(assembly: string): string {
  const stacks = stacksOf(assembly);
  const types = stacks.flatMap(({ template }) => Object.values<Json>(template.Resources));
  const services = new Set(types.map(({ Type }) => classOf(Type)[0]));
  return [
    'import aws_cdk as cdk',
    `from aws_cdk import ${[...services].sort().join(', ')}`,
    'app = cdk.App()',
    'stacks = {}',
    ...stacks.flatMap(({ name, needs, tags, template }) => [
      `stack = stacks[${JSON.stringify(name)}] = cdk.Stack(app, ${JSON.stringify(name)}${keywords({ tags, description: template.Description })})`,
      'made = {}',
      ...stackInPython(template),
      ...needs.map((other) => `stack.add_stack_dependency(stacks[${JSON.stringify(other)}])`),
    ]),
    'app.synth()',
    '',
  ].join('\n');
}

/** The source of the program in Python that makes the resources of an output folder of cdktf by hand. */
export function byHandOnTerraformInPython(out: string): string {
  const override = (made: string, values: Json) =>
    Object.entries<Json>(values)
      .filter(([name]) => name !== '//')
      .map(([name, value]) => `${made}.add_override(${JSON.stringify(name)}, ${literal(value)})`);
  return [
    'import cdktf',
    'app = cdktf.App()',
    ...[...stacksOnTerraform(out)].flatMap(([name, stack]) => [
      `stack = cdktf.TerraformStack(app, ${JSON.stringify(name)})`,
      ...Object.entries<Json>(stack.variable ?? {}).flatMap(([id, variable]) => [
        `made = cdktf.TerraformVariable(stack, ${JSON.stringify(id)})`,
        ...override('made', variable),
      ]),
      ...partsOf(stack).flatMap(({ type, id, given, data }) => [
        `made = cdktf.Terraform${data ? 'DataSource' : 'Resource'}(stack, ${JSON.stringify(id)}, terraform_resource_type=${JSON.stringify(type)})`,
        `made.override_logical_id(${JSON.stringify(id)})`,
        ...override('made', given),
      ]),
      ...override('stack', {
        terraform: stack.terraform,
        provider: stack.provider,
        ...(stack.locals && { locals: stack.locals }),
      }),
      ...Object.entries<Json>(stack.output ?? {}).flatMap(([id, output]) => [
        `made = cdktf.TerraformOutput(stack, ${JSON.stringify(`out-${id}`)}${keywords(output)})`,
        `made.override_logical_id(${JSON.stringify(id)})`,
      ]),
    ]),
    'app.synth()',
    '',
  ].join('\n');
}
