import { createHash } from 'crypto';
import { Template } from 'aws-cdk-lib/assertions';
import jsonata from 'jsonata';
import { only, platform, refusal, synthesized } from './support';
import * as aws from '../../src/aws';

/** What CloudFormation makes of a value, with samples for what only a deployment knows. */
export function deployed(value: any): any {
  if (Array.isArray(value)) {
    return value.map(deployed);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const [[name, argument]] = Object.entries<any>(value).length
    ? Object.entries<any>(value)
    : [['', undefined]];
  switch (name) {
    case 'Fn::Join':
      return argument[1].map(deployed).join(argument[0]);
    case 'Fn::Select':
      return deployed(argument[1])[argument[0]];
    case 'Fn::Split':
      return deployed(argument[1]).split(argument[0]);
    case 'Ref':
      return (
        SAMPLES[argument] ??
        (/^\w*JobDefinition/.test(argument)
          ? batchArn(`job-definition/${argument}:1`)
          : /Subnet/.test(argument)
            ? attribute(argument, 'SubnetId').replace('sg-', 'subnet-')
            : argument.toLowerCase())
      );
    case 'Fn::GetAtt':
      return attribute(argument[0], argument[1]);
    default:
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deployed(inner)]));
  }
}

const SAMPLES: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
};
const batchArn = (resource: string) => `arn:aws:batch:eu-central-1:111122223333:${resource}`;

function attribute(id: string, name: string): string {
  if (/Arn$/.test(name)) {
    if (/JobQueue/.test(id)) return batchArn(`job-queue/${id}`);
    if (/Role/.test(id)) return `arn:aws:iam::111122223333:role/${id}`;
    if (/Key/.test(id)) {
      return 'arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4444-5555-666677778888';
    }
    if (/Image/.test(id)) return `arn:aws:ecr:eu-central-1:111122223333:repository/${id.toLowerCase()}`;
  }
  return `sg-${createHash('md5')
    .update(id + name)
    .digest('hex')
    .slice(0, 17)}`;
}

/** The definition of the one state machine of a template, as it is deployed. */
export const definitionOf = (template: Template): any =>
  JSON.parse(deployed(only(template, 'AWS::StepFunctions::StateMachine').Properties.DefinitionString));

/** JSONata as Step Functions has it: with functions of its own, without `$eval`. */
async function evaluate(value: any, bindings: Record<string, unknown>): Promise<any> {
  if (typeof value === 'string') {
    const [, source] = /^\{%([^]*)%\}$/.exec(value) ?? [];
    if (source === undefined) {
      return value;
    }
    const expression = jsonata(source);
    expression.registerFunction('hash', (text: string, algorithm: string) =>
      createHash(algorithm.replace('-', '').toLowerCase()).update(text).digest('hex'),
    );
    const result = await expression.evaluate(undefined, bindings);
    if (result === undefined) {
      throw new Error(`States.QueryEvaluationError: ${source} is undefined`);
    }
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map((element) => evaluate(element, bindings)));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(async ([key, inner]) => [key, await evaluate(inner, bindings)]);
    return Object.fromEntries(await Promise.all(entries));
  }
  return value;
}

/** What a service answers to a call: a result, or an error that is thrown. */
export type Answer = (resource: string, parameters: any, call: number) => unknown;

export class TaskFailed extends Error {
  constructor(
    public readonly error: string,
    public readonly failureCause: string,
  ) {
    super(error);
  }
}

export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly path: string[];
  readonly calls: { readonly resource: string; readonly parameters: any }[];
  readonly waits: number[];
  readonly error?: string;
  readonly cause?: string;
}

/** Executes a definition with the state types that the library uses. */
export async function execute(
  definition: any,
  input: unknown,
  {
    name = '01234567-89ab-cdef-0123-456789abcdef',
    answer = () => ({}),
  }: { name?: string; answer?: Answer } = {},
): Promise<Execution> {
  const path: string[] = [];
  const calls: { resource: string; parameters: any }[] = [];
  const waits: number[] = [];
  const variables: Record<string, unknown> = {};
  let at = definition.StartAt;
  let current = input;
  for (;;) {
    path.push(at);
    const state = definition.States[at];
    const states: any = {
      input: current,
      context: { Execution: { Name: name }, StateMachine: { Id: 'machine' } },
    };
    const value = (given: unknown) => evaluate(given, { ...variables, states });
    const assign = async (given: unknown = {}) => Object.assign(variables, await value(given));
    switch (state.Type) {
      case 'Succeed':
        return { status: 'SUCCEEDED', path, calls, waits };
      case 'Fail': {
        const [error, cause] = [await value(state.Error), await value(state.Cause)];
        return { status: 'FAILED', path, calls, waits, error, cause };
      }
      case 'Choice': {
        let next = state.Default;
        for (const choice of [...state.Choices].reverse()) {
          const holds = await value(choice.Condition);
          expect(typeof holds).toBe('boolean');
          next = holds ? choice.Next : next;
        }
        at = next;
        break;
      }
      case 'Wait':
        waits.push(await value(state.Seconds));
        at = state.Next;
        break;
      case 'Pass':
        await assign(state.Assign);
        at = state.Next;
        break;
      case 'Task': {
        const parameters = await value(state.Arguments);
        calls.push({ resource: state.Resource, parameters });
        try {
          states.result = answer(state.Resource, parameters, calls.length);
          const output = state.Output === undefined ? states.result : await value(state.Output);
          await assign(state.Assign);
          current = output;
          at = state.Next;
        } catch (error) {
          if (!(error instanceof TaskFailed)) {
            throw error;
          }
          states.errorOutput = { Error: error.error, Cause: error.failureCause };
          const [caught] = state.Catch ?? [];
          if (!caught) {
            return { status: 'FAILED', path, calls, waits, error: error.error, cause: error.failureCause };
          }
          current = await value(caught.Output);
          at = caught.Next;
        }
        break;
      }
      default:
        throw new Error(`no ${state.Type}`);
    }
  }
}

export const IMAGE = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/train:3';
export const PLAN = 'arn:aws:sagemaker:eu-central-1:111122223333:training-plan/h100';
export const RUN = '01234567-89ab-cdef-0123-456789abcdef';
export const minimal = { image: IMAGE, accelerators: ['L4:1'] };

type Props = Partial<aws.GpuTrainingClusterProps>;
const pinned = (props: Props) => ('machineType' in props ? { ...props, accelerators: undefined } : props);

/** One cluster in a stack of its own. */
export const cluster = (props: Props = {}) =>
  synthesized((stack) => new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, ...pinned(props) }));

/** One cluster of AWS Batch, with its network. */
export const batchCluster = (props: Props = {}) =>
  synthesized((stack) => {
    const network = new aws.PrivateNetwork(stack, 'Network');
    const engine = aws.TrainingEngine.BATCH;
    return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network, engine, ...pinned(props) });
  });

/** What a cluster with these props is refused with. */
export const bad = (props: object, ...codes: string[]) =>
  refusal(
    () => new aws.GpuTrainingCluster(platform().stack, 'Training', { ...minimal, ...props } as never),
    ...codes,
  );

export const completed = () => ({ TrainingJobStatus: 'Completed' });

/** The request that SageMaker gets for an input. */
export const requestFor = async (template: Template, input: object = { command: ['torchrun', 'train.py'] }) =>
  (await execute(definitionOf(template), input, { answer: completed })).calls[0].parameters;
