import { App, aws_s3 as s3, aws_sns as sns, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MAIN, refused, served } from './auto-scaling-endpoint.support';
import { definitionOf, execute } from './gpu-training-cluster.states';
import { only, platform, refusal, staleExplanations, statements, synthesized, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const PEOPLE = { notify: ['ml@example.com'] };
const SCALING = { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 };

/** The rule whose logical id begins so. */
const ruleOf = (template: Template, id: RegExp) => {
  const [found] = Object.entries(template.findResources('AWS::Events::Rule')).filter(([one]) => id.test(one));
  return found[1].Properties;
};

/** The alarm whose description matches. */
const alarmOf = (template: Template, description: RegExp) =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) =>
    description.test(JSON.stringify(Properties.AlarmDescription)),
  )[0].Properties;

describe('who is told', () => {
  const { app, template } = synthesized((stack) => {
    const topic = new sns.Topic(stack, 'Pager', { enforceSSL: true });
    new aws.AutoScalingEndpoint(stack, 'Fraud', {
      variants: [MAIN],
      alarms: {
        notify: ['ml@example.com', 'https://chat.example.com/hooks/ml'],
        channels: [aws.NotificationChannel.fromTopic(stack, 'Channel', topic)],
        errorPercent: 1,
      },
    });
  });

  test('e-mail addresses and webhooks are subscribed to one encrypted topic', () => {
    expect(
      Object.values(template.findResources('AWS::SNS::Subscription')).map(({ Properties }) => [
        Properties.Protocol,
        Properties.Endpoint,
      ]),
    ).toEqual([
      ['email', 'ml@example.com'],
      ['https', 'https://chat.example.com/hooks/ml'],
    ]);
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
  });

  // EventBridge names no account: with a condition nothing that a rule tells would ever arrive.
  test('a topic of this app lets CloudWatch of this account and EventBridge publish, nobody else', () => {
    const policy = Object.entries(template.findResources('AWS::SNS::TopicPolicy')).filter(([id]) =>
      /^Pager/.test(id),
    )[0][1].Properties.PolicyDocument.Statement;
    expect(policy.filter(({ Effect }: any) => Effect === 'Allow')).toEqual(
      ['cloudwatch.amazonaws.com', 'events.amazonaws.com'].map((Service, i) => ({
        Sid: `${i + 1}`,
        Action: 'sns:Publish',
        Effect: 'Allow',
        Principal: { Service },
        Resource: { Ref: expect.stringMatching(/^Pager/) },
        ...(i === 0 && { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }),
      })),
    );
  });

  test('both are told of the same alarm', () => {
    expect(alarmOf(template, /More than 1 %[^,]*, variant main"/).AlarmActions).toEqual([
      { Ref: expect.stringMatching(/^FraudTopic/) },
      { Ref: expect.stringMatching(/^Pager/) },
    ]);
  });

  test('an imported topic keeps its policy, and is told by its ARN', () => {
    const topicArn = 'arn:aws:sns:eu-central-1:111122223333:pager';
    const { template: imported } = synthesized(
      (stack) =>
        new aws.ServerlessInference(stack, 'Thumbnails', {
          container: {
            image: new aws.ModelRegistry(stack, 'Registry', {
              models: [{ name: 'fraud' }],
              images: ['serve'],
            }).image('serve', '1'),
          },
          alarms: {
            channels: [
              aws.NotificationChannel.fromTopic(
                stack,
                'Channel',
                sns.Topic.fromTopicArn(stack, 'T', topicArn),
              ),
            ],
            atMaximumMinutes: 10,
          },
        }),
    );
    imported.resourceCountIs('AWS::SNS::TopicPolicy', 0);
    expect(only(imported, 'AWS::CloudWatch::Alarm').Properties.AlarmActions).toEqual([topicArn]);
  });

  test('nothing is left to explain', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test.each([
    ['a password', 'https://me:secret@chat.example.com/ml'],
    ['a token', 'https://chat.example.com/ml?token=secret'],
    ['a signature', 'https://chat.example.com/ml?a=1&sig=secret'],
    ['no encryption', 'http://chat.example.com/ml'],
  ])('a webhook with %s is refused, without repeating it', (_, url) => {
    const message = refused({ alarms: { notify: [url], errorPercent: 1 } }, 'CMC-006');
    expect(message).toContain('alarms.notify[0]');
    expect(message).toContain('give such a webhook by channels');
    expect(message).not.toContain('secret@');
    expect(message).not.toContain('=secret');
  });

  test('what is no topic, and a channel of another cloud, is refused', () => {
    const { stack } = platform();
    refusal(() => aws.NotificationChannel.fromTopic(stack, 'Channel', {} as sns.ITopic), 'CMC-003');
    expect(stack.node.children).toEqual([]);
    expect(
      refused(
        { alarms: { errorPercent: 1, channels: [new sns.Topic(platform().stack, 'T') as never] } },
        'CMC-010',
      ),
    ).toContain('take aws.NotificationChannel.from…');
  });

  test('a topic of a later stack is refused', () => {
    const app2 = new App();
    const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app2, id));
    second.addStackDependency(first);
    const channel = aws.NotificationChannel.fromTopic(second, 'Channel', new sns.Topic(second, 'Pager'));
    expect(
      refusal(
        () =>
          new aws.AutoScalingEndpoint(first, 'Fraud', {
            variants: [MAIN],
            alarms: { errorPercent: 1, channels: [channel] },
          }),
        'CMC-009',
      ),
    ).toContain('alarms.channels[0] would make stack first depend on second');
  });
});

describe('an endpoint', () => {
  test('at its maximum is told: machines, counted by requests, in each of so many minutes', () => {
    const { made, template } = served({
      scaling: SCALING,
      alarms: { ...PEOPLE, atMaximumMinutes: 15 },
    });
    const name = made.endpointName;
    const dimensions = [
      { Name: 'EndpointName', Value: name },
      { Name: 'VariantName', Value: 'main' },
    ];
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: {
        Metric: { Dimensions: dimensions, MetricName, Namespace: 'AWS/SageMaker' },
        Period: 60,
        Stat: 'Sum',
      },
      ReturnData: false,
    });
    expect(only(template, 'AWS::CloudWatch::Alarm').Properties).toEqual({
      AlarmName: `${name}-main-at-maximum`,
      AlarmDescription: `As many machines as scaling allows, in each of 15 minutes: ${name}, variant main`,
      Metrics: [
        { Expression: 'FLOOR(requests / shares + 0.5)', Id: 'expr_1', Label: 'Machines', ReturnData: true },
        metric('requests', 'Invocations'),
        metric('shares', 'InvocationsPerInstance'),
      ],
      Threshold: 8,
      EvaluationPeriods: 15,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: expect.stringMatching(/^FraudTopic/) }],
    });
  });

  test('at its maximum takes no rollout back', () => {
    const { made, template } = served({
      scaling: SCALING,
      alarms: { ...PEOPLE, errorPercent: 1, atMaximumMinutes: 15, noCapacity: true },
    });
    expect(
      only(template, 'AWS::SageMaker::Endpoint').Properties.DeploymentConfig.AutoRollbackConfiguration.Alarms,
    ).toEqual([{ AlarmName: `${made.endpointName}-main-error-percent-rollout` }]);
    expect(made.rolloutAlarms).toHaveLength(1);
    expect(made.alarms).toHaveLength(2);
  });

  test('takes its maximum from a parameter', () => {
    const { template } = served({
      scaling: { ...SCALING, maxInstances: core.DeployParameter.ofNumber('Most', 8) },
      alarms: { atMaximumMinutes: 15 },
    });
    expect(only(template, 'AWS::CloudWatch::Alarm').Properties.Threshold).toEqual({ Ref: 'Most' });
  });

  test('that gets no machines is told, once for each time', () => {
    const { made, template } = served({ scaling: SCALING, alarms: { ...PEOPLE, noCapacity: true } });
    const name = made.endpointName;
    expect(only(template, 'AWS::Events::Rule').Properties).toMatchObject({
      EventPattern: {
        source: ['aws.sagemaker'],
        'detail-type': ['SageMaker Endpoint State Change'],
        detail: { EndpointName: [name], EndpointStatus: ['ROLLING_BACK', 'FAILED'] },
      },
      Targets: [
        {
          Arn: { Ref: expect.stringMatching(/^FraudTopic/) },
          InputTransformer: { InputPathsMap: { 'detail-EndpointStatus': '$.detail.EndpointStatus' } },
        },
      ],
    });
    expect(made.noCapacityRule).toBeDefined();
  });

  describe('that captures nothing though it is asked', () => {
    const app = new App();
    const foundation = new aws.PlatformStack(app, 'foundation');
    const serving = new aws.PlatformStack(app, 'serving');
    const lake = new aws.DataLake(foundation, 'Lake', { discovery: false });
    const endpoint = new aws.AutoScalingEndpoint(serving, 'Fraud', {
      variants: [MAIN],
      capture: { zone: lake.zone('raw') },
      alarms: { ...PEOPLE, captureSilentMinutes: 30 },
    });
    const name = endpoint.endpointName;
    const template = Template.fromStack(serving);

    test('is told where requests came in every five minutes, and S3 was asked to keep nothing', () => {
      expect(alarmOf(template, /^"Requests in every 5 of 30 minutes/)).toMatchObject({
        Metrics: [
          { Expression: 'SUM(METRICS())' },
          { MetricStat: { Metric: { MetricName: 'Invocations' }, Period: 300, Stat: 'Sum' } },
        ],
        Threshold: 0,
        EvaluationPeriods: 6,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      });
      const kept = alarmOf(template, /^"Nothing captured for 30 minutes/);
      expect(kept).toMatchObject({
        Namespace: 'AWS/S3',
        MetricName: 'PutRequests',
        Period: 300,
        Statistic: 'Sum',
        Threshold: 0,
        EvaluationPeriods: 6,
        ComparisonOperator: 'LessThanOrEqualToThreshold',
        TreatMissingData: 'breaching',
      });
      expect(kept.Dimensions).toContainEqual({ Name: 'FilterId', Value: name });
      expect(kept.AlarmActions).toBeUndefined();
      const { AlarmRule, AlarmActions, AlarmName } = only(
        template,
        'AWS::CloudWatch::CompositeAlarm',
      ).Properties;
      expect(AlarmName).toBe(`${name}-capture-silent`);
      expect(JSON.stringify(AlarmRule).match(/ALARM\(/g)).toHaveLength(2);
      expect(AlarmActions).toEqual([{ Ref: expect.stringMatching(/^FraudTopic/) }]);
    });

    test('has the requests below its name measured by the bucket of the zone, and no other', () => {
      const metrics = Object.values(Template.fromStack(foundation).findResources('AWS::S3::Bucket')).flatMap(
        ({ Properties }) => Properties.MetricsConfigurations ?? [],
      );
      expect(metrics).toEqual([{ Id: name, Prefix: `${name}/` }]);
    });

    test('is refused where the bucket is not of this app', () => {
      const { stack } = platform();
      const imported = aws.DataLake.fromBuckets(stack, 'Lake', {
        buckets: { raw: s3.Bucket.fromBucketName(stack, 'Raw', 'raw') },
      });
      expect(
        refusal(
          () =>
            new aws.AutoScalingEndpoint(stack, 'Fraud', {
              variants: [MAIN],
              capture: { zone: imported.zone('raw') },
              alarms: { captureSilentMinutes: 30 },
            }),
          'CMC-040',
        ),
      ).toContain('alarms.captureSilentMinutes counts requests of S3');
    });
  });

  test('is refused what it cannot be told', () => {
    const NOT_SCALED = 'needs scaling with maxInstances and something to scale by';
    expect(refused({ alarms: { ...PEOPLE, atMaximumMinutes: 5 } }, 'CMC-009')).toContain(
      `alarms.atMaximumMinutes ${NOT_SCALED}`,
    );
    expect(refused({ alarms: { ...PEOPLE, noCapacity: true } }, 'CMC-009')).toContain(
      `alarms.noCapacity ${NOT_SCALED}`,
    );
    expect(refused({ scaling: SCALING, alarms: { noCapacity: true } }, 'CMC-009')).toContain(
      'alarms.noCapacity needs alarms.notify or alarms.channels',
    );
    expect(refused({ alarms: { ...PEOPLE, captureSilentMinutes: 30 } }, 'CMC-009')).toContain(
      'alarms.captureSilentMinutes needs capture',
    );
  });
});

describe('a serverless inference at its maximum', () => {
  const alarmsOf = (engine: aws.ServerlessEngine) => {
    const { template } = synthesized((stack) => {
      const registry = new aws.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['serve'],
      });
      return new aws.ServerlessInference(stack, 'Thumbnails', {
        engine,
        container: { image: registry.image('serve', '1') },
        maxInstances: 5,
        alarms: { atMaximumMinutes: 10 },
      });
    });
    return only(template, 'AWS::CloudWatch::Alarm').Properties;
  };
  const each = {
    AlarmDescription: 'As many instances as maxInstances allows, in each of 10 minutes',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 10,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  };

  test('is told on AWS Lambda by the concurrency of the function', () => {
    expect(alarmsOf(aws.ServerlessEngine.LAMBDA)).toEqual({
      ...each,
      Namespace: 'AWS/Lambda',
      MetricName: 'ConcurrentExecutions',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^ThumbnailsFunction/) } }],
      Threshold: 5,
    });
  });

  test('is told on SageMaker by the share of the maximum', () => {
    expect(alarmsOf(aws.ServerlessEngine.SAGEMAKER)).toMatchObject({
      ...each,
      Namespace: 'AWS/SageMaker',
      MetricName: 'ServerlessConcurrentExecutionsUtilization',
      Threshold: 1,
    });
  });
});

describe('a training cluster', () => {
  const IMAGE = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/train:3';
  const cluster = (stack: Stack, props: Partial<aws.GpuTrainingClusterProps>) =>
    new aws.GpuTrainingCluster(stack, 'Training', { image: IMAGE, accelerators: ['T4:4'], ...props });
  const made = (props: Partial<aws.GpuTrainingClusterProps>) => synthesized((stack) => cluster(stack, props));

  test('tells each job that failed, by name', () => {
    const { app, made: training, template } = made({ alarms: PEOPLE });
    expect(only(template, 'AWS::Events::Rule').Properties).toMatchObject({
      Description: 'Training jobs of platform/Training that failed, were refused or ran out of time',
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: expect.stringMatching(/^TrainingWorkflow/) }],
          status: ['FAILED', 'TIMED_OUT'],
        },
      },
      Targets: [
        {
          Arn: { Ref: expect.stringMatching(/^TrainingAlarms/) },
          InputTransformer: {
            InputPathsMap: {
              'detail-name': '$.detail.name',
              'detail-status': '$.detail.status',
              'detail-executionArn': '$.detail.executionArn',
            },
          },
        },
      ],
    });
    expect(training.alarmRules).toHaveLength(1);
    expect(reportOf(training).map(({ entry }) => entry.text)).toContain('Jobs are told to ml@example.com.');
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('tells nobody without alarms, and changes nothing', () => {
    const { template } = made({ capacity: core.Capacity.queued() });
    template.resourceCountIs('AWS::Events::Rule', 0);
    template.resourceCountIs('AWS::SNS::Topic', 0);
    expect(Object.keys(definitionOf(template).States)).not.toContain('Tell');
  });

  describe('whose jobs wait for machines', () => {
    const { app, template } = made({
      capacity: core.Capacity.queued(),
      alarms: { ...PEOPLE, jobFailed: false, noCapacityMinutes: 60 },
    });
    const INPUT = { command: ['torchrun', 'train.py'], nodes: 1, run: 'r1' };
    /** Waits for some polls, two hours apart, then runs and ends. */
    const submit = (polls: number) => {
      let asked = 0;
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'] });
      const answer = (resource: string) => {
        if (/:submitServiceJob$/.test(resource)) {
          return { JobId: 'id' };
        }
        if (/:describeServiceJob$/.test(resource)) {
          asked += 1;
          jest.setSystemTime(Date.now() + 7_200_000);
          return { Status: asked <= polls ? 'RUNNABLE' : 'SUCCEEDED' };
        }
        return {};
      };
      return execute(definitionOf(template), INPUT, { answer }).finally(() => jest.useRealTimers());
    };

    test('tells it once, by an event of its own', async () => {
      const { status, calls } = await submit(3);
      expect(status).toBe('SUCCEEDED');
      const told = calls.filter(({ resource }) => /events:putEvents$/.test(resource));
      expect(told).toHaveLength(1);
      expect(told[0].parameters.Entries).toEqual([
        {
          Source: 'cloud-ml-constructs',
          DetailType: 'Training Job Waits For Machines',
          Detail: { stateMachine: 'machine', job: expect.any(String), minutes: 120 },
        },
      ]);
    });

    test('has a rule for that event, and lets the state machine put no other', () => {
      expect(ruleOf(template, /JobWaitsRule/).EventPattern).toEqual({
        source: ['cloud-ml-constructs'],
        'detail-type': ['Training Job Waits For Machines'],
        detail: { stateMachine: [{ Ref: expect.stringMatching(/^TrainingWorkflow/) }] },
      });
      template.resourceCountIs('AWS::Events::Rule', 1);
      const [put] = statements(template).filter(({ actions }) => actions.includes('events:PutEvents'));
      expect(put.raw.Condition).toEqual({ StringEquals: { 'events:source': 'cloud-ml-constructs' } });
      expect(JSON.stringify(put.resources)).toContain(':event-bus/default');
      expect(unexplained(app)).toEqual([]);
      expect(staleExplanations(app)).toEqual([]);
    });
  });

  test.each<[string, Partial<aws.GpuTrainingClusterProps>, string, string]>([
    ['alarms that tell nobody', { alarms: {} }, 'CMC-009', 'alarms needs alarms.notify or alarms.channels'],
    [
      'alarms of nothing',
      { alarms: { ...PEOPLE, jobFailed: false } },
      'CMC-009',
      'alarms needs alarms.jobFailed or alarms.noCapacityMinutes',
    ],
    [
      'waiting that SageMaker does not tell',
      { alarms: { ...PEOPLE, noCapacityMinutes: 60 } },
      'CMC-040',
      'take Capacity.queued() or engine BATCH',
    ],
  ])('refuses %s', (_, props, code, message) => {
    const { stack } = platform();
    expect(refusal(() => cluster(stack, props), code)).toContain(message);
    expect(stack.node.children).toEqual([]);
  });
});
