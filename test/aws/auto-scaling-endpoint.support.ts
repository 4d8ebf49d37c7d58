import { App } from 'aws-cdk-lib';
import { CONTEXT, platform, refusal, synthesized } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

export const IMAGE = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312';
export const CONTAINER: core.ServingContainer = { image: IMAGE };
export const MAIN: core.EndpointVariant = { name: 'main', container: CONTAINER };
export const GPU = { accelerators: ['L4:1', 'T4:1'] };

/** An endpoint of a stack of its own, with what it synthesizes to. */
export const served = (props: Partial<aws.AutoScalingEndpointProps> = {}) =>
  synthesized((stack) => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], ...props }));

/** What an endpoint refuses. */
export const refused = (props: Partial<aws.AutoScalingEndpointProps>, ...codes: string[]) => {
  const { stack } = platform();
  const message = refusal(
    () => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], ...props }),
    ...codes,
  );
  expect(stack.node.children).toEqual([]);
  return message;
};

export const withContainer = (container: Partial<core.ServingContainer>): core.EndpointVariant[] => [
  { name: 'main', container: { ...CONTAINER, ...container } },
];

/** A foundation and a serving stack with everything that an endpoint can be given. */
export function world(approvalRequired = false) {
  const app = new App({ context: CONTEXT });
  const foundation = new aws.PlatformStack(app, 'foundation');
  const serving = new aws.PlatformStack(app, 'serving');
  return {
    app,
    foundation,
    serving,
    lake: new aws.DataLake(foundation, 'Lake', { discovery: false }),
    network: new aws.PrivateNetwork(foundation, 'Network'),
    registry: new aws.ModelRegistry(foundation, 'Registry', {
      models: [{ name: 'fraud', approvalRequired }],
      images: ['serve'],
    }),
  };
}

export const notes = (endpoint: aws.AutoScalingEndpoint) =>
  Object.fromEntries(reportOf(endpoint).map(({ entry }) => [entry.title, entry.text]));

/** Rows of a table of refusals, named by their messages. */
export const titled = <T>(rows: [T, string, string][]) =>
  rows.map(([props, code, message]): [string, T, string] => [message, props, code]);
