import { App, aws_sns as sns, CfnOutput, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { CONTEXT, textOf } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { hostileExpressions, textsIn } from '../core/hostile';
import { properties } from '../core/properties';

properties({
  ml: aws,
  newStack: (props = {}) => new aws.PlatformStack(new App({ context: CONTEXT }), 'platform', props),
  beside: ({ node }, id, props) => new aws.PlatformStack(node.root, id, props),
  tags: 'tags',
  secret: (scope, id) => aws.Secret.fromSecretName(scope, id, 'token'),
  channel: (scope, id) => aws.NotificationChannel.fromTopic(scope, id, new sns.Topic(scope, `${id}Topic`)),
  logRetentionDays: {
    valid: fc.constantFrom(1, 3, 5, 7, 14, 30, 60, 90, 365),
    invalid: fc.constantFrom<unknown>(2, 0, '30', 90.5),
  },
  account: {
    valid: fc.stringMatching(/^\d{12}$/),
    invalid: fc.constantFrom<unknown>('ours', 12, '1234'),
  },
  principal: {
    valid: fc.constantFrom('arn:aws:iam::111122223333:role/ada', 'arn:aws:iam::111122223333:user/ada'),
    invalid: fc.constantFrom<unknown>('ada', 12, 'arn:aws:iam::111122223333:group/ml'),
  },
  native: {
    auditTrail: { cloudWatchLogs: { valid: fc.boolean(), invalid: fc.constantFrom<unknown>('yes', 1) } },
  },
  valid: {
    gpuTrainingCluster: {
      mode: fc.constantFrom(core.DatasetMode.URI, core.DatasetMode.DOWNLOAD, core.DatasetMode.MOUNT),
    },
    dataLake: {
      lakeFormation: fc.boolean(),
      discoverySchedule: fc.option(fc.constant('cron(0 3 * * ? *)'), { nil: undefined }),
      queryScanLimitMiB: fc.option(fc.integer({ min: 10, max: 1_000_000 }), { nil: undefined }),
    },
    modelRegistry: {
      readers: fc.option(fc.constant(['111122223333']), { nil: undefined }),
      publishers: fc.option(fc.constant(['444455556666']), { nil: undefined }),
    },
  },
  inOneStack: 5,
  synthesize: (stack) => {
    // The rules of CloudFormation are errors here.
    const template = Template.fromStack(stack as Stack).toJSON();
    const types = Object.values<any>(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    return template;
  },
  texts: {
    'names of secrets': (scope, text) => aws.Secret.fromSecretName(scope, 'Id', text),
  },
  leaks: ({ Resources }) =>
    Object.values<any>(Resources)
      .filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')
      .flatMap(({ Properties }) => textsIn(JSON.parse(textOf(Properties.DefinitionString))))
      .filter((text) => /^\{%[^]*%\}$/.test(text))
      .flatMap((expression) => hostileExpressions([expression], /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g)),
  output: (scope, value) => new CfnOutput(scope, 'Output', { value }),
  outputs: ({ Outputs = {} }) => Object.values<any>(Outputs).map(({ Value }) => textOf(Value)),
});
