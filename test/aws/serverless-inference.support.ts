import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { platform, statements } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';

export type Props = Partial<Omit<aws.ServerlessInferenceProps, 'container'>> & {
  container?: Partial<core.ServingContainer>;
};

/** A stack with a registry, and what makes serverless inferences in it. */
export function serving(props: aws.PlatformStackProps = {}) {
  const { app, stack } = platform('platform', props);
  const registry = new aws.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'embedder' }, { name: 'fraud-detector', approvalRequired: true }],
    images: ['embed'],
  });
  const make = (id: string, { container, ...rest }: Props = {}, scope: Stack = stack) =>
    new aws.ServerlessInference(scope, id, {
      container: { image: registry.image('embed', '2'), ...container },
      ...rest,
    });
  return { app, stack, registry, make, template: () => Template.fromStack(stack) };
}

/** A command as a shell would see it after deployment, references shown as <LogicalId> or <Pseudo::Parameter>. */
export function shell(scope: Stack, command: string): string {
  const show = (value: any): string => {
    if (typeof value === 'string') {
      return value;
    }
    return 'Fn::Join' in value
      ? value['Fn::Join'][1].map(show).join(value['Fn::Join'][0])
      : `<${value.Ref ?? value['Fn::GetAtt']?.join('.') ?? 'part'}>`;
  };
  return show(scope.resolve(command));
}

export const functionOf = (template: Template, id: string) =>
  Object.entries(template.findResources('AWS::Lambda::Function')).find(([name]) =>
    name.startsWith(`${id}Function`),
  )![1];
export const statementsOf = (template: Template, id: string) =>
  statements(template).filter(({ policy }) => policy.startsWith(`${id}Role`));
