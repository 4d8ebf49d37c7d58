import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { IConstruct } from 'constructs';
import * as aws from '../../src/aws';

export { refusal } from '../support/refusal';

/** What every test app sets: CloudFormation's own rules are errors. */
export const CONTEXT = { '@aws-cdk/core:validateAgainstDefaultRules': true };

export interface Platform {
  readonly app: App;
  readonly stack: aws.PlatformStack;
}

/** An app with one empty stack. */
export function platform(id = 'platform', props: aws.PlatformStackProps = {}): Platform {
  const app = new App({ context: CONTEXT });
  return { app, stack: new aws.PlatformStack(app, id, props) };
}

/** A stack with what `build` puts into it, and what it synthesizes to. */
export function synthesized<T>(
  build: (stack: aws.PlatformStack) => T,
): Platform & { made: T; template: Template } {
  const { app, stack } = platform();
  const made = build(stack);
  return { app, stack, made, template: Template.fromStack(stack) };
}

/** The one resource of a type. */
export function only(template: Template, type: string): { id: string; [attribute: string]: any } {
  const found = Object.entries(template.findResources(type));
  if (found.length !== 1) {
    throw new Error(`expected one ${type}, found ${found.map(([id]) => id).join(', ') || 'none'}`);
  }
  return { id: found[0][0], ...found[0][1] };
}

/** Every allowed statement of every policy in a template, flat. */
export function statements(
  template: Template,
): { actions: string[]; resources: unknown[]; policy: string; raw: any }[] {
  const policies = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap((type) =>
    Object.entries(template.findResources(type)),
  );
  return policies.flatMap(([policy, { Properties }]) =>
    Properties.PolicyDocument.Statement.map((raw: any) => ({
      policy,
      raw,
      actions: [raw.Action].flat(),
      resources: [raw.Resource].flat(),
    })),
  );
}

/** Findings of cdk-nag's AwsSolutions that nobody explained, as `rule @ path`. Synthesizes the app first. */
export function unexplained(app: App): string[] {
  app.synth();
  return violations(app).sort();
}

/** Explanations that explain nothing any more, as `id @ path`. Synthesizes the app first. */
export function staleExplanations(app: App): string[] {
  app.synth();
  const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
  const explained = app.node
    .findAll()
    .flatMap((construct) =>
      acknowledgedIds(construct, key).map((id) => ({ id, path: construct.node.path, construct })),
    );
  const raw = withoutExplanations(app, key, () => violations(app));
  return explained
    .filter(({ id }) => id.startsWith('AwsSolutions-'))
    .filter(({ id, path }) => !raw.some((violation) => isBelow(violation, id, path)))
    .map(({ id, path }) => `${id} @ ${path}`);
}

const isBelow = (violation: string, id: string, path: string) =>
  violation.startsWith(`${id} @ `) && (violation.slice(id.length + 3) + '/').startsWith(`${path}/`);

function violations(app: App): string[] {
  const found = new AwsSolutionsChecks(app).validateScope(app).violations;
  return found.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} @ ${constructPath}`),
  );
}

function acknowledgedIds({ node }: IConstruct, key: string): string[] {
  return node.metadata
    .filter(({ type }) => type === key)
    .flatMap(({ data }) =>
      // A bare id is kept with the prefix of the kind of finding that it silences.
      Object.keys(data as object).map((id) => id.replace(/^Annotation::/, '')),
    );
}

function withoutExplanations<T>(app: App, key: string, measure: () => T): T {
  const nodes = app.node.findAll().map(({ node }) => node as unknown as { _metadata?: { type: string }[] });
  const kept = nodes.map((node) => node._metadata);
  try {
    nodes.forEach((node) => (node._metadata = node._metadata?.filter(({ type }) => type !== key)));
    return measure();
  } finally {
    nodes.forEach((node, i) => (node._metadata = kept[i]));
  }
}

/** The template of a stack in an app of several. */
export const templateOf = (stack: Stack): Template => Template.fromStack(stack);

/** A text of a template, with anything for what only deployment knows. */
export const textOf = (value: any): string =>
  typeof value === 'string' ? value : value?.['Fn::Join'] ? value['Fn::Join'][1].map(textOf).join('') : 'X';
