import { aws_kms as kms, aws_sns as sns } from 'aws-cdk-lib';
import {
  CONTAINER,
  MAIN,
  notes,
  refused,
  served,
  titled,
  withContainer,
} from './auto-scaling-endpoint.support';
import { only, platform, refusal, staleExplanations, statements, synthesized, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';

describe('scaling', () => {
  const scaling = {
    minInstances: 2,
    maxInstances: 8,
    requestsPerMinutePerInstance: 600,
    concurrentRequestsPerInstance: 4,
    cpuPercent: 60,
    gpuPercent: 70,
  };
  const { made: endpoint, template } = served({ accelerators: ['L4:4'], scaling });
  const policies = Object.fromEntries(
    Object.values(template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy')).map(
      ({ Properties }) => [Properties.PolicyName, Properties],
    ),
  );

  test('is a target per variant, once the endpoint stands', () => {
    expect(only(template, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      Properties: {
        ServiceNamespace: 'sagemaker',
        ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
        ResourceId: `endpoint/${endpoint.endpointName}/variant/main`,
        MinCapacity: 2,
        MaxCapacity: 8,
      },
      DependsOn: [only(template, 'AWS::SageMaker::Endpoint').id],
    });
    expect(endpoint.scalableTarget('main')?.cfnResourceType).toBe(
      'AWS::ApplicationAutoScaling::ScalableTarget',
    );
    template.resourceCountIs('AWS::IAM::Role', 1);
  });

  test('has a policy per intent, in the unit of the service', () => {
    const tracking = (name: string) => policies[name].TargetTrackingScalingPolicyConfiguration;
    expect(tracking('requestsPerMinutePerInstance')).toEqual({
      TargetValue: 600,
      PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      ScaleOutCooldown: 60,
      ScaleInCooldown: 300,
    });
    expect(tracking('concurrentRequestsPerInstance')).toMatchObject({
      TargetValue: 4,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
      },
    });
    // 48 processors and 4 accelerators, whose percents the service adds up.
    expect(tracking('cpuPercent').TargetValue).toBe(60 * 48);
    expect(tracking('gpuPercent')).toMatchObject({
      TargetValue: 70 * 4,
      CustomizedMetricSpecification: {
        Namespace: '/aws/sagemaker/Endpoints',
        MetricName: 'GPUUtilization',
        Statistic: 'Average',
        Dimensions: [
          { Name: 'EndpointName', Value: endpoint.endpointName },
          { Name: 'VariantName', Value: 'main' },
        ],
      },
    });
  });

  test('keeps the counts in an update, and takes the weights', () => {
    expect(only(template, 'AWS::SageMaker::Endpoint').Properties).toMatchObject({
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
    });
    expect(notes(endpoint)['Machine types']).toContain('give the variant a new name');
  });

  test.each([
    ['ml.m5.large', 2],
    ['ml.m5.xlarge', 4],
    ['ml.c5.9xlarge', 36],
    ['ml.c4.8xlarge', 36],
  ])('counts the processors of %s', (machineType, vcpus) => {
    const one = served({ machineType, scaling: { maxInstances: 2, cpuPercent: 50 } });
    expect(
      only(one.template, 'AWS::ApplicationAutoScaling::ScalingPolicy').Properties
        .TargetTrackingScalingPolicyConfiguration.TargetValue,
    ).toBe(50 * vcpus);
  });

  test.each(
    titled<core.ScalingProps>([
      [
        { minInstances: 4, maxInstances: 2 },
        'CMC-031',
        'scaling.maxInstances (2) must be at least scaling.minInstances (4)',
      ],
      [
        { maxInstances: 2 },
        'CMC-009',
        'scaling.maxInstances needs to know what to scale by: give one of requestsPerMinutePerInstance',
      ],
      [
        { cpuPercent: 50 },
        'CMC-009',
        'scaling.cpuPercent needs scaling.maxInstances above scaling.minInstances (1)',
      ],
      [{ minInstances: 0 }, 'CMC-004', 'ServerlessInference scales to zero'],
      [
        { maxInstances: 2, gpuPercent: 50 },
        'CMC-009',
        'needs accelerators, and ml.m5.large (machineType) has none that the catalog knows',
      ],
      [
        { minInstances: core.DeployParameter.of('Least', '2') },
        'CMC-003',
        'scaling.minInstances must be made by DeployParameter.ofNumber()',
      ],
    ]),
  )('refuses: %s', (message, props, code) => {
    expect(refused({ scaling: props }, code)).toContain(message);
  });

  test('refuses machines that the service does not scale or measure', () => {
    const machine = (machineType: string, props: core.ScalingProps, ...codes: string[]) =>
      refused({ machineType, scaling: { maxInstances: 2, ...props } }, ...codes);
    expect(machine('ml.t2.medium', { cpuPercent: 50 }, 'CMC-040')).toContain(
      'machineType (ml.t2.medium) is burstable',
    );
    expect(machine('ml.inf2.xlarge', { gpuPercent: 50 }, 'CMC-040')).toContain(
      'has Inferentia2, whose use SageMaker does not measure',
    );
    expect(machine('ml.m7i.metal', { cpuPercent: 50 }, 'CMC-009')).toContain(
      'needs a machine whose processors can be counted',
    );
  });
});

describe('rollouts and alarms', () => {
  const ALARMS = { notify: ['ml@example.com'], p99LatencyMs: 300, errorPercent: 1 };
  const TWO = { minInstances: 2 };
  const canary = core.Rollout.canary({ percent: 10, bakeMinutes: 15 });
  const { app, made, template } = synthesized((stack) => {
    const pager = new sns.Topic(stack, 'Pager', {
      enforceSSL: true,
      masterKey: new kms.Key(stack, 'PagerKey', { enableKeyRotation: true }),
    });
    return {
      pager,
      endpoint: new aws.AutoScalingEndpoint(stack, 'Fraud', {
        variants: [MAIN],
        scaling: TWO,
        rollout: canary,
        alarms: { ...ALARMS, channels: [aws.NotificationChannel.fromTopic(stack, 'Channel', pager)] },
      }),
    };
  });
  const alarms = Object.fromEntries(
    Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => [
      Properties.AlarmName.replace(`${made.endpoint.endpointName}-main-`, ''),
      Properties,
    ]),
  );

  test('a canary moves a share, watches it, and is taken back by alarms', () => {
    expect(only(template, 'AWS::SageMaker::Endpoint').Properties.DeploymentConfig).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'CANARY',
          CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
          WaitIntervalInSeconds: 900,
        },
        TerminationWaitInSeconds: 300,
        MaximumExecutionTimeoutInSeconds: 28800,
      },
      AutoRollbackConfiguration: {
        Alarms: [
          { AlarmName: `${made.endpoint.endpointName}-main-p99-latency-rollout` },
          { AlarmName: `${made.endpoint.endpointName}-main-error-percent-rollout` },
        ],
      },
    });
  });

  test('alarms measure in the unit of the service, and are quiet without requests', () => {
    expect(alarms['p99-latency']).toMatchObject({
      MetricName: 'ModelLatency',
      Namespace: 'AWS/SageMaker',
      ExtendedStatistic: 'p99',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 300000,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      Dimensions: [
        { Name: 'EndpointName', Value: made.endpoint.endpointName },
        { Name: 'VariantName', Value: 'main' },
      ],
    });
    expect(alarms['error-percent']).toMatchObject({
      Threshold: 1,
      Metrics: [
        // A metric without a value must not silence the alarm.
        {
          Expression:
            '100 * IF(FILL(broken, 0) - FILL(rejected, 0) > FILL(failed, 0), FILL(broken, 0) - FILL(rejected, 0), FILL(failed, 0)) / requests',
        },
        { Id: 'requests', MetricStat: { Metric: { MetricName: 'Invocations' }, Stat: 'Sum', Period: 300 } },
        { Id: 'failed', MetricStat: { Metric: { MetricName: 'Invocation5XXErrors' } } },
        { Id: 'broken', MetricStat: { Metric: { MetricName: 'InvocationModelErrors' } } },
        { Id: 'rejected', MetricStat: { Metric: { MetricName: 'Invocation4XXErrors' } } },
      ],
    });
  });

  test('alarms of a rollout see the new configuration only, and tell nobody', () => {
    const config = only(template, 'AWS::SageMaker::EndpointConfig').id;
    expect(alarms['p99-latency-rollout'].Dimensions).toContainEqual({
      Name: 'EndpointConfigName',
      Value: { 'Fn::GetAtt': [config, 'EndpointConfigName'] },
    });
    expect(
      JSON.stringify(alarms['error-percent-rollout'].Metrics).match(/EndpointConfigName"\]/g),
    ).toHaveLength(4);
    expect(alarms['p99-latency-rollout'].AlarmActions).toBeUndefined();
    expect(made.endpoint.alarms).toHaveLength(2);
    expect(made.endpoint.rolloutAlarms).toHaveLength(2);
  });

  test('alarms stand before the endpoint, whose role reads them', () => {
    expect(only(template, 'AWS::SageMaker::Endpoint').DependsOn).toEqual([
      expect.stringMatching(/^FraudLogGroup/),
      expect.stringMatching(/^FraudVariantmainRollouterrorpercent/),
      expect.stringMatching(/^FraudVariantmainRolloutp99latency/),
    ]);
    const [describe] = statements(template).filter(({ actions }) =>
      actions.includes('cloudwatch:DescribeAlarms'),
    );
    expect(JSON.stringify(describe.resources)).toContain(
      `:alarm:${made.endpoint.endpointName}-main-p99-latency-rollout`,
    );
    expect(describe.resources).toHaveLength(2);
  });

  test('people are mailed, and topics of your own told', () => {
    const mail = template.findResources('AWS::SNS::Subscription');
    expect(Object.values(mail).map(({ Properties }) => Properties.Endpoint)).toEqual(['ml@example.com']);
    expect(alarms['p99-latency'].AlarmActions).toEqual([
      { Ref: expect.stringMatching(/^FraudTopic/) },
      { Ref: expect.stringMatching(/^Pager/) },
    ]);
    expect(made.endpoint.topic).toBeDefined();
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('linear moves in equal steps', () => {
    const { template: linear } = served({
      scaling: TWO,
      alarms: { errorPercent: 1 },
      rollout: core.Rollout.linear({ percent: 25, bakeMinutes: 5 }),
    });
    expect(
      only(linear, 'AWS::SageMaker::Endpoint').Properties.DeploymentConfig.BlueGreenUpdatePolicy
        .TrafficRoutingConfiguration,
    ).toEqual({
      Type: 'LINEAR',
      LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 25 },
      WaitIntervalInSeconds: 300,
    });
  });

  test('all at once is watched for ten minutes, where there are alarms', () => {
    const { template: once } = served({ alarms: { errorPercent: 1 } });
    const { DeploymentConfig } = only(once, 'AWS::SageMaker::Endpoint').Properties;
    expect(DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration).toEqual({
      Type: 'ALL_AT_ONCE',
      WaitIntervalInSeconds: 600,
    });
    expect(DeploymentConfig.AutoRollbackConfiguration.Alarms).toHaveLength(1);
  });

  test.each(
    titled<Partial<aws.AutoScalingEndpointProps>>([
      [
        { scaling: {} },
        'CMC-032',
        'scaling.minInstances (1) must be at least 2: a canary rollout moves at most half of the machines',
      ],
      [
        { rollout: core.Rollout.canary({ percent: 60, bakeMinutes: 5 }) },
        'CMC-032',
        "moves 60 percent; SageMaker's canary takes whole percents from 1 to 50",
      ],
      [
        { rollout: core.Rollout.linear({ percent: 5, bakeMinutes: 5 }) },
        'CMC-032',
        'whole percents from 10 to 50',
      ],
      [
        { rollout: core.Rollout.canary({ percent: 50, bakeMinutes: 61 }) },
        'CMC-032',
        'bakes 61 minutes; SageMaker takes at most 60',
      ],
      [
        { rollout: core.Rollout.linear({ percent: 10, bakeMinutes: 50 }) },
        'CMC-032',
        'waits 505 minutes over 10 steps; SageMaker ends a rollout after 480',
      ],
      [{ machineType: 'ml.inf1.xlarge' }, 'CMC-032', 'Inf1 family all at once without watching'],
      [
        { alarms: undefined },
        'CMC-009',
        'rollout is canary without alarms, so that SageMaker checks nothing',
      ],
    ]),
  )('refuses: %s', (message, props, code) => {
    expect(refused({ scaling: TWO, rollout: canary, alarms: { errorPercent: 1 }, ...props }, code)).toContain(
      message,
    );
  });

  test('takes a parameter for the machines of a canary', () => {
    const minInstances = core.DeployParameter.ofNumber('Least', 2);
    expect(
      served({ scaling: { minInstances }, rollout: canary, alarms: { errorPercent: 1 } }).made,
    ).toBeDefined();
  });

  test('refuses what cannot be watched or told', () => {
    const six = Array.from({ length: 6 }, (_, i) => ({ ...MAIN, name: `v${i}` }));
    expect(refused({ variants: six, alarms: { p99LatencyMs: 1, errorPercent: 1 } }, 'CMC-032')).toContain(
      'make 12 alarms over all variants',
    );
    expect(refused({ alarms: { notify: ['ml@example.com'] } }, 'CMC-009')).toContain(
      'alarms.notify needs alarms.p99LatencyMs',
    );
    expect(
      refused({ alarms: { channels: [{} as core.INotificationChannel] } }, 'CMC-010', 'CMC-009'),
    ).toContain('alarms.channels[0]');
  });
});

describe('what SageMaker fixes or lacks', () => {
  test.each(
    titled<Partial<core.ServingContainer>>([
      [{ port: 9000 }, 'CMC-040', 'variants[0].container.port (9000) must be 8080, which SageMaker fixes'],
      [{ healthPath: '/health' }, 'CMC-040', "healthPath ('/health') must be '/ping'"],
      [{ predictPath: '/predict' }, 'CMC-040', "predictPath ('/predict') must be '/invocations'"],
      [{ command: ['serve'] }, 'CMC-040', 'set ENTRYPOINT in the image'],
      [
        { args: ['--fast'] },
        'CMC-040',
        "SageMaker runs the image's own entrypoint with the argument 'serve'",
      ],
      [{ sharedMemoryMiB: 1024 }, 'CMC-040', 'SageMaker sizes /dev/shm by the machine'],
      [
        { requestTimeoutSeconds: 90 },
        'CMC-004',
        'requestTimeoutSeconds (90) must be a whole number from 1 to 60',
      ],
      [
        { startupTimeoutSeconds: 30 },
        'CMC-004',
        'startupTimeoutSeconds (30) must be a whole number from 60 to 3600',
      ],
      [{ image: 'docker.io/library/python:3' }, 'CMC-060', 'must be in Amazon ECR'],
      [
        { environment: { LONG: 'x'.repeat(1025) } },
        'CMC-006',
        'more than the 1024 bytes that SageMaker takes',
      ],
      [
        { environment: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`V${i}`, ''])) },
        'CMC-004',
        'makes 101 variables with those of the platform and 0 secrets; SageMaker takes 100',
      ],
      [
        {
          environment: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`V${i}`, 'x'.repeat(1000)])),
        },
        'CMC-006',
        'SageMaker takes 32768',
      ],
    ]),
  )('refuses: %s', (message, container, code) => {
    expect(refused({ variants: withContainer(container) }, code)).toContain(message);
  });

  test('takes the contract when it is written out', () => {
    const contract = {
      port: 8080,
      healthPath: '/ping',
      predictPath: '/invocations',
      requestTimeoutSeconds: 60,
    };
    expect(served({ variants: withContainer(contract) }).template.toJSON()).toEqual(
      served().template.toJSON(),
    );
  });

  test('refuses variables and models that the platform or the registry cannot take', () => {
    const { stack } = platform();
    const registry = new aws.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'strict', approvalRequired: true }, { name: 'free' }],
      images: ['serve'],
    });
    const refuse = (model: core.ModelVersion, container: core.ServingContainer, ...codes: string[]) =>
      refusal(
        () => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [{ name: 'main', container, model }] }),
        ...codes,
      );
    const own = { image: registry.image('serve', '1') };
    expect(
      refuse(registry.model('free').version('1'), { ...own, environment: { MODEL_DIR: '/' } }, 'CMC-008'),
    ).toContain('MODEL_DIR is set by the platform');
    expect(refuse(registry.model('free').version('a/b'), own, 'CMC-006')).toContain(
      'variants[0].model.version',
    );
    expect(refuse(registry.model('strict').version('v1'), own, 'CMC-006')).toContain(
      'the number that SageMaker gave the version',
    );
    expect(refuse(registry.model('strict').version('1'), CONTAINER, 'CMC-060')).toContain(
      'must be an image of the registry platform/Registry',
    );
    expect(
      refuse(registry.model('free').version(core.DeployParameter.ofNumber('V', 1)), own, 'CMC-003'),
    ).toContain('DeployParameter.of()');
    expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
  });

  test('refuses an image of another region', () => {
    const { stack } = platform('platform', { env: { region: 'eu-central-1' } });
    expect(
      refusal(() => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN] }), 'CMC-060'),
    ).toContain("is in us-east-1; SageMaker pulls from the endpoint's own region (eu-central-1) only");
  });

  test('refuses capacity that endpoints do not have', () => {
    expect(refused({ capacity: core.Capacity.spot() }, 'CMC-040')).toContain(
      'capacity is spot, which SageMaker endpoints do not have',
    );
    expect(refused({ capacity: core.Capacity.queued() }, 'CMC-040')).toContain(
      'use Capacity.onDemand() with scaling',
    );
    expect(refused({ capacity: core.Capacity.reserved('cr-1') }, 'CMC-006')).toContain(
      'ARN of a SageMaker training plan',
    );
  });

  test('uses a reservation', () => {
    const plan = 'arn:aws:sagemaker:us-east-1:123456789012:training-plan/mine';
    const { made, template } = served({ accelerators: ['H100:8'], capacity: core.Capacity.reserved(plan) });
    expect(only(template, 'AWS::SageMaker::EndpointConfig').Properties.ProductionVariants[0]).toMatchObject({
      InstanceType: 'ml.p5.48xlarge',
      CapacityReservationConfig: {
        CapacityReservationPreference: 'capacity-reservations-only',
        MlReservationArn: plan,
      },
    });
    expect(notes(made).Reservation).toContain('must hold both');
  });

  test('says everything at once, also unknown keys', () => {
    const props = {
      variants: [{ ...MAIN, machineType: 'large' }],
      acelerators: ['L4'],
      capture: {},
    } as never;
    const message = refused(props, 'CMC-001', 'CMC-006', 'CMC-009');
    expect(message).toContain("acelerators is no known prop; did you mean 'accelerators'?");
    expect(message).toContain('capture.zone is required: SageMaker keeps requests in a bucket only');
    expect(refused({ variants: undefined as never }, 'CMC-002')).toContain('variants is required');
    expect(refused({ accelerators: ['L4:3'] }, 'CMC-021')).toContain(
      'SageMaker hosting offers L4 in counts of 1, 4, 8',
    );
  });
});

describe('the disk of machines', () => {
  const variantOf = (props: Partial<aws.AutoScalingEndpointProps>) =>
    only(served(props).template, 'AWS::SageMaker::EndpointConfig').Properties.ProductionVariants[0];

  test('is a volume where they have none of their own', () => {
    expect(variantOf({ diskGiB: 200 }).VolumeSizeInGB).toBe(200);
    expect(variantOf({ diskGiB: 512, accelerators: ['V100:1'] })).toMatchObject({
      InstanceType: 'ml.p3.2xlarge',
      VolumeSizeInGB: 512,
    });
    expect(variantOf({})).not.toHaveProperty('VolumeSizeInGB');
  });

  test('is their own where they have one that is large enough: SageMaker attaches none to them', () => {
    const variant = variantOf({ diskGiB: 200, accelerators: ['L4:1'] });
    expect(variant.InstanceType).toBe('ml.g6.xlarge');
    expect(variant).not.toHaveProperty('VolumeSizeInGB');
  });

  test.each<[object, string]>([
    [{ diskGiB: 513 }, 'must be at most 512: SageMaker attaches no larger volume'],
    [
      { diskGiB: 250, accelerators: ['L4:1'] },
      'more than the 232 GiB of disk that ml.g6.xlarge has of its own',
    ],
    [
      { diskGiB: 50, machineType: 'ml.m5d.large' },
      'cannot be set for ml.m5d.large, which has disks of its own',
    ],
  ])('refuses %j', (props, message) => expect(refused(props)).toContain(message));
});
