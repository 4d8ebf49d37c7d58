import { App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3 } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  GPU,
  IMAGE,
  MAIN,
  notes,
  refused,
  served,
  withContainer,
  world,
} from './auto-scaling-endpoint.support';
import {
  CONTEXT,
  only,
  platform,
  refusal,
  staleExplanations,
  statements,
  synthesized,
  templateOf,
  unexplained,
} from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';

describe('the smallest endpoint', () => {
  const { app, stack, made: endpoint, template } = served();

  test('has the native endpoint as default child', () => {
    expect(endpoint.node.defaultChild).toBe(endpoint.endpoint);
    expect(endpoint.endpoint.cfnResourceType).toBe('AWS::SageMaker::Endpoint');
  });

  test('is one machine with a model, a configuration and logs of its own', () => {
    const role = only(template, 'AWS::IAM::Role');
    const model = only(template, 'AWS::SageMaker::Model');
    const config = only(template, 'AWS::SageMaker::EndpointConfig');
    const log = only(template, 'AWS::Logs::LogGroup');
    expect(model.Properties).toEqual({
      ExecutionRoleArn: { 'Fn::GetAtt': [role.id, 'Arn'] },
      EnableNetworkIsolation: true,
      PrimaryContainer: { Image: IMAGE },
    });
    expect(model.DependsOn).toEqual([only(template, 'AWS::IAM::ManagedPolicy').id]);
    expect(config.Properties).toEqual({
      KmsKeyId: { 'Fn::GetAtt': [only(template, 'AWS::KMS::Key').id, 'Arn'] },
      ProductionVariants: [
        {
          VariantName: 'main',
          ModelName: { 'Fn::GetAtt': [model.id, 'ModelName'] },
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
          InitialVariantWeight: 100,
          ContainerStartupHealthCheckTimeoutInSeconds: 600,
          RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
        },
      ],
    });
    expect(only(template, 'AWS::SageMaker::Endpoint')).toMatchObject({
      id: 'FraudEndpointB5354469',
      Properties: {
        EndpointName: 'platform-fraud-10da899c',
        EndpointConfigName: { 'Fn::GetAtt': [config.id, 'EndpointConfigName'] },
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
            TerminationWaitInSeconds: 300,
            MaximumExecutionTimeoutInSeconds: 28800,
          },
        },
      },
      DependsOn: [log.id],
    });
    expect(log.Properties).toMatchObject({
      LogGroupName: '/aws/sagemaker/Endpoints/platform-fraud-10da899c',
      RetentionInDays: 90,
      KmsKeyId: { 'Fn::GetAtt': [only(template, 'AWS::KMS::Key').id, 'Arn'] },
    });
  });

  test('makes nothing that was not asked for', () => {
    for (const type of [
      'AWS::CloudWatch::Alarm',
      'AWS::SNS::Topic',
      'AWS::ApplicationAutoScaling::ScalableTarget',
      'AWS::EC2::SecurityGroup',
      'AWS::CloudFormation::CustomResource',
      'AWS::Lambda::Function',
    ]) {
      template.resourceCountIs(type, 0);
    }
  });

  test('takes counts from the program while nothing scales it', () => {
    expect(only(template, 'AWS::SageMaker::Endpoint').Properties).not.toHaveProperty(
      'RetainAllVariantProperties',
    );
  });

  test('lets its role do what it needs and no more', () => {
    expect(statements(template).flatMap(({ actions }) => actions)).toEqual([
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      'cloudwatch:PutMetricData',
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:GenerateDataKey',
      'kms:CreateGrant',
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
      'ecr:GetAuthorizationToken',
    ]);
    expect(only(template, 'AWS::IAM::Role').Properties.AssumeRolePolicyDocument.Statement[0]).toMatchObject({
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });

  test('pulls a deep-learning container of AWS from its account', () => {
    const [pull] = statements(template).filter(({ actions }) => actions.includes('ecr:BatchGetImage'));
    expect(pull.resources).toEqual([
      {
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':ecr:us-east-1:763104351884:repository/pytorch-inference'],
        ],
      },
    ]);
  });

  test('names its address and the commands that go with it', () => {
    expect(stack.resolve(endpoint.url)).toEqual({
      'Fn::Join': [
        '',
        [
          'https://runtime.sagemaker.',
          { Ref: 'AWS::Region' },
          '.',
          { Ref: 'AWS::URLSuffix' },
          '/endpoints/platform-fraud-10da899c/invocations',
        ],
      ],
    });
    expect(endpoint.invokeCommand).toBe(
      'aws sagemaker-runtime invoke-endpoint --endpoint-name platform-fraud-10da899c --content-type application/json --body "fileb://$REQUEST" /dev/stdout',
    );
    expect(endpoint.shiftCommand).toContain('has the one variant main: there is no traffic to shift');
    expect(stack.resolve(endpoint.identityId)).toEqual({
      'Fn::GetAtt': [only(template, 'AWS::IAM::Role').id, 'Arn'],
    });
  });

  test('says what runs, why, and what it bills', () => {
    expect(notes(endpoint)).toMatchObject({
      'Machine of main': 'ml.m5.large: the default without accelerators.',
      Machines:
        '1 × ml.m5.large bill per hour without a request; during a rollout the new machines bill besides the old ones.',
    });
  });

  test('gives the natives', () => {
    expect(endpoint.model('main').cfnResourceType).toBe('AWS::SageMaker::Model');
    expect(endpoint.endpointConfig.cfnResourceType).toBe('AWS::SageMaker::EndpointConfig');
    expect(endpoint.scalableTarget('main')).toBeUndefined();
    expect(refusal(() => endpoint.model('green'), 'CMC-012')).toContain(
      "'green' was not declared; variants are main",
    );
    expect(refusal(() => endpoint.scalableTarget('green'), 'CMC-012')).toContain('platform/Fraud');
    expect(stack.resolve(endpoint.metricInvocations('main').toMetricConfig().metricStat)).toMatchObject({
      namespace: 'AWS/SageMaker',
      metricName: 'Invocations',
      statistic: 'Sum',
      dimensions: [
        { name: 'EndpointName', value: 'platform-fraud-10da899c' },
        { name: 'VariantName', value: 'main' },
      ],
    });
    expect(endpoint.metricModelLatency('main', { statistic: 'p50' }).statistic).toBe('p50');
  });

  test('satisfies the rules, with explanations that are needed', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('models and images', () => {
  test('files of a version are brought to MODEL_DIR, and nothing else is read', () => {
    const { serving, registry } = world();
    new aws.AutoScalingEndpoint(serving, 'Fraud', {
      variants: [
        {
          name: 'main',
          container: {
            image: registry.image('serve', '7'),
            environment: { WORKERS: '2' },
            startupTimeoutSeconds: 1800,
          },
          model: registry.model('fraud').version('7'),
        },
      ],
    });
    const template = templateOf(serving);
    const bucket = { 'Fn::ImportValue': 'foundation:ExportsOutputRefRegistryArtifacts7C2929DEB61BBB9B' };
    expect(only(template, 'AWS::SageMaker::Model').Properties.PrimaryContainer).toEqual({
      Image: expect.objectContaining({ 'Fn::Join': ['', expect.arrayContaining([':7'])] }),
      Environment: { WORKERS: '2', MODEL_DIR: '/opt/ml/model' },
      ModelDataSource: {
        S3DataSource: {
          S3Uri: { 'Fn::Join': ['', ['s3://', bucket, '/models/fraud/7/']] },
          S3DataType: 'S3Prefix',
          CompressionType: 'None',
        },
      },
    });
    const [variant] = only(template, 'AWS::SageMaker::EndpointConfig').Properties.ProductionVariants;
    expect(variant).toMatchObject({
      ContainerStartupHealthCheckTimeoutInSeconds: 1800,
      ModelDataDownloadTimeoutInSeconds: 1800,
    });
    const [read] = statements(template).filter(({ actions }) => actions.includes('s3:GetObject'));
    expect(JSON.stringify(read.resources)).toContain('/models/fraud/*');
  });

  test('versions and tags are given at deployment', () => {
    const { serving, registry } = world();
    new aws.AutoScalingEndpoint(serving, 'Fraud', {
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', core.DeployParameter.of('Tag', '7')) },
          model: registry.model('fraud').version(core.DeployParameter.of('Version', 'v7')),
        },
      ],
      scaling: {
        minInstances: core.DeployParameter.ofNumber('Least', 2),
        maxInstances: core.DeployParameter.ofNumber('Most', 4),
        cpuPercent: 50,
      },
    });
    const template = templateOf(serving);
    expect(Object.keys(template.findParameters('*'))).toEqual(
      expect.arrayContaining(['Tag', 'Version', 'Least', 'Most']),
    );
    expect(JSON.stringify(only(template, 'AWS::SageMaker::Model').Properties)).toContain('{"Ref":"Version"}');
    expect(
      only(template, 'AWS::SageMaker::EndpointConfig').Properties.ProductionVariants[0].InitialInstanceCount,
    ).toEqual({
      Ref: 'Least',
    });
    expect(only(template, 'AWS::ApplicationAutoScaling::ScalableTarget').Properties).toMatchObject({
      MinCapacity: { Ref: 'Least' },
      MaxCapacity: { Ref: 'Most' },
    });
  });

  test('SageMaker checks the approval where the model asks for it', () => {
    const { app, serving, registry } = world(true);
    const endpoint = new aws.AutoScalingEndpoint(serving, 'Fraud', {
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', core.DeployParameter.of('Unused', '7')) },
          model: registry.model('fraud').version(core.DeployParameter.of('Version', '7')),
        },
      ],
    });
    const template = templateOf(serving);
    expect(only(template, 'AWS::SageMaker::Model').Properties.PrimaryContainer).toEqual({
      ModelPackageName: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':sagemaker:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            `:model-package/${registry.modelPackageGroupName('fraud')}/`,
            { Ref: 'Version' },
          ],
        ],
      },
      Environment: { MODEL_DIR: '/opt/ml/model' },
    });
    expect(template.findParameters('Unused')).toEqual({});
    expect(notes(endpoint)['Approval of main']).toContain('refuses versions of fraud that are not approved');
    expect(endpoint.shiftCommand).toContain('--parameters Version=EARLIER');
    expect(statements(template).some(({ actions }) => actions.includes('ecr:BatchGetImage'))).toBe(true);
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('secrets come as references, with the way to them', () => {
    const { made, stack, template } = synthesized((scope) => {
      const key = new kms.Key(scope, 'Key');
      const secret = aws.Secret.fromSecretName(scope, 'Token', 'hugging-face');
      return {
        key,
        endpoint: new aws.AutoScalingEndpoint(scope, 'Fraud', {
          variants: withContainer({ secrets: { HF_TOKEN: secret } }),
          encryptionKey: aws.EncryptionKey.fromKey(scope, 'Mine', key),
        }),
      };
    });
    const model = only(template, 'AWS::SageMaker::Model').Properties;
    expect(model.PrimaryContainer.Environment.HF_TOKEN_SECRET_ID).toEqual({
      'Fn::Join': ['', expect.arrayContaining([':secret:hugging-face'])],
    });
    expect(model.EnableNetworkIsolation).toBe(false);
    expect(
      statements(template).some(({ actions }) => actions.includes('secretsmanager:GetSecretValue')),
    ).toBe(true);
    expect(only(template, 'AWS::SageMaker::EndpointConfig').Properties.KmsKeyId).toEqual(
      stack.resolve(made.key.keyArn),
    );
    expect(
      refused(
        {
          variants: withContainer({ secrets: { T: aws.Secret.fromSecretName(platform().stack, 'T', 't') } }),
          networkIsolation: true,
        },
        'CMC-009',
        'CMC-008',
      ),
    ).toContain('keeps the container of variants[0] from reading its secrets');
  });
});

describe('variants', () => {
  const variants = [
    { ...MAIN, name: 'green', weight: 10, machineType: 'ml.c5.xlarge' },
    { ...MAIN, name: 'blue', weight: 90 },
  ];
  const { made: endpoint, template } = served({ variants, ...GPU, capacity: core.Capacity.onDemand() });

  test('share the traffic by weight, each on its machines', () => {
    const { ProductionVariants } = only(template, 'AWS::SageMaker::EndpointConfig').Properties;
    expect(
      ProductionVariants.map(({ VariantName, InitialVariantWeight, InstanceType }: any) => [
        VariantName,
        InitialVariantWeight,
        InstanceType,
      ]),
    ).toEqual([
      ['blue', 90, 'ml.g6.xlarge'],
      ['green', 10, 'ml.c5.xlarge'],
    ]);
    expect(notes(endpoint)).toMatchObject({
      'Machine of blue': 'ml.g6.xlarge: the first of L4:1, T4:1 that SageMaker hosting offers.',
      'Machine of green': 'ml.c5.xlarge: as pinned by machineType.',
    });
  });

  test('in another order change nothing', () => {
    expect(served({ variants: [...variants].reverse(), ...GPU }).template.toJSON()).toEqual(
      template.toJSON(),
    );
  });

  test('have equal shares that add up, where none has a weight', () => {
    const three = ['c', 'a', 'b'].map((name) => ({ ...MAIN, name }));
    const { ProductionVariants } = only(
      served({ variants: three }).template,
      'AWS::SageMaker::EndpointConfig',
    ).Properties;
    const weights = ProductionVariants.map((one: any) => one.InitialVariantWeight);
    expect(weights).toEqual([33.34, 33.33, 33.33]);
  });

  test('are shifted by one command, and stay so when the endpoint is deployed again', () => {
    expect(endpoint.shiftCommand).toMatch(/^VARIANT="\$VARIANT" STEPS="\$STEPS" .* bash -c '[^']*'$/);
    const retained = (props: Parameters<typeof served>[0]) => {
      const { RetainAllVariantProperties: all, ExcludeRetainedVariantProperties: but } = only(
        served(props).template,
        'AWS::SageMaker::Endpoint',
      ).Properties;
      return [all, but?.map(({ VariantPropertyType }: any) => VariantPropertyType)];
    };
    const scaling = { maxInstances: 4, cpuPercent: 50 };
    const two = { variants: [MAIN, { ...MAIN, name: 'next' }] };
    expect(retained(two)).toEqual([true, ['DesiredInstanceCount']]);
    expect(retained({ ...two, scaling })).toEqual([true, undefined]);
    expect(retained({ variants: [MAIN], scaling })).toEqual([true, ['DesiredWeight']]);
    expect(retained({ variants: [MAIN] })).toEqual([undefined, undefined]);
  });

  test('have all a weight or none, of 100 together', () => {
    const weighted = (...weights: (number | undefined)[]) => ({
      variants: weights.map((weight, i) => ({ ...MAIN, name: `v${i}`, weight })),
    });
    expect(refused(weighted(50, undefined), 'CMC-030')).toBe(
      'platform/Fraud: variants[1].weight is missing: give every variant a weight, or none [CMC-030]',
    );
    expect(refused(weighted(50, 40), 'CMC-030')).toContain(
      'variants have weights of 90 together; they must add up to 100',
    );
    expect(served(weighted(33.4, 33.3, 33.3)).made.endpointName).toBeDefined();
  });

  test('have different names', () => {
    expect(refused({ variants: [MAIN, MAIN] }, 'CMC-007')).toContain(
      "variants[1].name ('main') occurs twice",
    );
  });
});

describe('a private endpoint that captures', () => {
  const { app, foundation, serving, lake, network } = world();
  const endpoint = new aws.AutoScalingEndpoint(serving, 'Fraud', {
    variants: [MAIN],
    network,
    capture: { zone: lake.zone('raw'), samplePercent: 20 },
    logRetentionDays: 30,
  });
  const caller = new aws.AutoScalingEndpoint(serving, 'Caller', { variants: [MAIN] });
  endpoint.grantInvoke(caller);
  endpoint.grants.invoke(new iam.Role(serving, 'Own', { assumedBy: new iam.AccountRootPrincipal() }));
  const template = templateOf(serving);
  const [model] = Object.values(
    template.findResources('AWS::SageMaker::Model', { Properties: { VpcConfig: Match.anyValue() } }),
  );

  test('runs in the subnets behind a security group of its own', () => {
    const group = only(template, 'AWS::EC2::SecurityGroup');
    expect(model.Properties.VpcConfig).toEqual({
      SecurityGroupIds: [{ 'Fn::GetAtt': [group.id, 'GroupId'] }],
      Subnets: network.workloadSubnets.map(({ subnetId }) => serving.resolve(subnetId)),
    });
    expect(group.Properties).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }],
    });
    expect(group.Properties.SecurityGroupIngress).toBeUndefined();
    expect(model.Properties.EnableNetworkIsolation).toBe(true);
    expect(statements(template).flatMap(({ actions }) => actions)).toContain('ec2:CreateNetworkInterface');
  });

  test('is reached from inside by an endpoint of the network', () => {
    templateOf(foundation).hasResourceProperties('AWS::EC2::VPCEndpoint', {
      ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.sagemaker.runtime']] },
      PrivateDnsEnabled: true,
    });
  });

  test('is granted to callers in the network, on the endpoint alone', () => {
    const grants = statements(template).filter(({ actions }) => actions.includes('sagemaker:InvokeEndpoint'));
    expect(grants).toHaveLength(2);
    for (const { raw, actions } of grants) {
      expect(actions).toEqual(['sagemaker:InvokeEndpoint', 'sagemaker:InvokeEndpointWithResponseStream']);
      expect(serving.resolve(raw.Resource)).toEqual(serving.resolve(endpoint.endpointArn));
      expect(raw.Condition).toEqual({
        StringEquals: { 'aws:SourceVpc': serving.resolve(network.networkId) },
      });
    }
    expect(notes(endpoint).Private).toContain('Grants hold for requests that come from the network');
  });

  test('keeps requests and answers readable in the zone, below its name', () => {
    const [config] = Object.values(
      template.findResources('AWS::SageMaker::EndpointConfig', {
        Properties: { DataCaptureConfig: Match.anyValue() },
      }),
    );
    expect(config.Properties.DataCaptureConfig).toEqual({
      EnableCapture: true,
      InitialSamplingPercentage: 20,
      DestinationS3Uri: {
        'Fn::Join': [
          '',
          ['s3://', serving.resolve(lake.bucket('raw').bucketName), `/${endpoint.endpointName}`],
        ],
      },
      KmsKeyId: serving.resolve(lake.bucket('raw').encryptionKey!.keyArn),
      CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      CaptureContentTypeHeader: {
        JsonContentTypes: ['application/json', 'application/jsonlines'],
        CsvContentTypes: ['text/csv'],
      },
    });
    const [write] = statements(template).filter(({ actions }) => actions.includes('s3:PutObject'));
    expect(write.actions).toEqual(['s3:PutObject', 's3:AbortMultipartUpload']);
    expect(write.resources).toEqual([
      { 'Fn::Join': ['', [serving.resolve(lake.bucket('raw').bucketArn), `/${endpoint.endpointName}/*`]] },
    ]);
  });

  test('keeps logs as long as asked', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/sagemaker/Endpoints/${endpoint.endpointName}`,
      RetentionInDays: 30,
    });
  });

  test('satisfies the rules', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('lets containers out that must call others', () => {
    const { template: open, foundation: base } = (() => {
      const { foundation: below, serving: above, network: inside } = world();
      const secret = aws.Secret.fromSecretName(above, 'Token', 'token');
      new aws.AutoScalingEndpoint(above, 'A', {
        variants: withContainer({ secrets: { TOKEN: secret } }),
        network: inside,
      });
      new aws.AutoScalingEndpoint(above, 'B', { variants: [MAIN], networkIsolation: false });
      return { template: templateOf(above), foundation: templateOf(below) };
    })();
    expect(
      Object.values(open.findResources('AWS::SageMaker::Model')).map(
        ({ Properties }) => Properties.EnableNetworkIsolation,
      ),
    ).toEqual([false, false]);
    expect(JSON.stringify(base.findResources('AWS::EC2::VPCEndpoint'))).toContain('.secretsmanager');
  });

  test('needs two subnets', () => {
    const { stack } = platform();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      maxAzs: 1,
      natGateways: 0,
      subnetConfiguration: [{ name: 'In', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const small = aws.PrivateNetwork.fromVpc(stack, 'Small', { vpc });
    expect(
      refusal(
        () => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], network: small }),
        'CMC-004',
      ),
    ).toContain('network has 1 subnets for workloads; SageMaker endpoints need 2 to 16');
  });
});

describe('what exists already', () => {
  test('is asked by its name, and has no role to grant to', () => {
    const { made, stack, template } = synthesized((scope) => {
      const endpoint = aws.AutoScalingEndpoint.fromEndpointName(scope, 'Old', 'Fraud-Old');
      const role = new iam.Role(scope, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      endpoint.grantInvoke(aws.Workload.fromRole(scope, 'Caller', role));
      return endpoint;
    });
    expect(made.invokeCommand).toContain('--endpoint-name Fraud-Old ');
    expect(JSON.stringify(stack.resolve(made.url))).toContain('/endpoints/Fraud-Old/invocations');
    expect(JSON.stringify(stack.resolve(made.endpointArn))).toContain(':endpoint/fraud-old');
    const [grant] = statements(template);
    expect(grant.raw.Condition).toBeUndefined();
    expect(grant.resources).toEqual([stack.resolve(made.endpointArn)]);
    const bucket = new s3.Bucket(stack, 'Bucket');
    const lake = aws.DataLake.fromBuckets(stack, 'Lake', { buckets: { raw: bucket } });
    expect(refusal(() => lake.grantRead(made as never), 'CMC-010')).toContain('aws.Workload.from');
    expect(refusal(() => aws.AutoScalingEndpoint.fromEndpointName(stack, 'Bad', 'a b'), 'CMC-006')).toContain(
      'the name of a SageMaker endpoint',
    );
  });

  test('is captured to a bucket of your own', () => {
    const { template } = synthesized((scope) => {
      const lake = aws.DataLake.fromBuckets(scope, 'Lake', {
        buckets: { raw: s3.Bucket.fromBucketName(scope, 'Raw', 'my-raw') },
      });
      return new aws.AutoScalingEndpoint(scope, 'Fraud', {
        variants: [MAIN],
        capture: { zone: lake.zone('raw') },
      });
    });
    const { DataCaptureConfig } = only(template, 'AWS::SageMaker::EndpointConfig').Properties;
    expect(DataCaptureConfig.DestinationS3Uri).toBe('s3://my-raw/platform-fraud-10da899c');
    expect(DataCaptureConfig.KmsKeyId).toBeUndefined();
  });
});

describe('over two stacks', () => {
  test('grants go from the endpoint to who comes after it, and not back', () => {
    const app = new App({ context: CONTEXT });
    const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app, id));
    const before = new aws.AutoScalingEndpoint(first, 'Before', { variants: [MAIN] });
    const after = new aws.AutoScalingEndpoint(second, 'After', { variants: [MAIN] });
    before.grantInvoke(after);
    before.grantInvoke(before);
    expect(refusal(() => after.grantInvoke(before), 'CMC-013')).toContain('already depends on it');
    expect(refusal(() => after.grantInvoke({} as never), 'CMC-010')).toContain('workload');
    expect(JSON.stringify(statements(templateOf(second)).at(-1)!.resources)).toContain(before.endpointName);
    expect(Object.keys(templateOf(first).findOutputs('*'))).toEqual(
      Object.keys(templateOf(first).findOutputs('*')).filter((name) => name.includes('MlKey')),
    );
    expect(unexplained(app)).toEqual([]);
  });

  test('an unrelated construct changes no name', () => {
    const build = (more: boolean) => {
      const { stack } = platform();
      if (more) {
        new aws.DataLake(stack, 'Lake', { discovery: false });
      }
      new aws.AutoScalingEndpoint(stack, 'Fraud', {
        variants: [MAIN],
        scaling: { maxInstances: 2, cpuPercent: 50 },
        alarms: { errorPercent: 1 },
      });
      const { Resources } = Template.fromStack(stack).toJSON();
      return Object.fromEntries(Object.entries(Resources).filter(([id]) => id.startsWith('Fraud')));
    };
    expect(build(true)).toEqual(build(false));
  });
});
