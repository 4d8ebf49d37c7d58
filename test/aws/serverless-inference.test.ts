import {
  App,
  aws_ec2 as ec2,
  aws_ecr as ecr,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_s3 as s3,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
  Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { functionOf, Props, serving, shell, statementsOf } from './serverless-inference.support';
import { CONTEXT, only, refusal, staleExplanations, statements, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

describe('a container on AWS Lambda', () => {
  const { app, stack, make, template: synthesize } = serving();
  const thumbnails = make('Thumbnails', { memoryMiB: 4096, maxInstances: 5 });
  const template = synthesize();

  test('has the function as default child', () => {
    expect((thumbnails.node.defaultChild as lambda.CfnFunction).cfnResourceType).toBe(
      'AWS::Lambda::Function',
    );
  });

  test('is one function behind a URL, with its own role and logs', () => {
    const { Properties, DependsOn } = functionOf(template, 'Thumbnails');
    expect(DependsOn).toEqual(['ThumbnailsRolePolicyEF5647B6']);
    expect(Properties).toEqual({
      Architectures: ['x86_64'],
      Code: { ImageUri: expect.objectContaining({ 'Fn::Join': expect.anything() }) },
      Description: 'Serverless inference platform/Thumbnails',
      Environment: {
        Variables: {
          AWS_LWA_ASYNC_INIT: 'true',
          AWS_LWA_ERROR_STATUS_CODES: '500-599',
          AWS_LWA_INVOKE_MODE: 'buffered',
          AWS_LWA_PASS_THROUGH_PATH: '/invocations',
          AWS_LWA_PORT: '8080',
          AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '200-399',
          AWS_LWA_READINESS_CHECK_PATH: '/ping',
        },
      },
      EphemeralStorage: { Size: 512 },
      ImageConfig: { Command: ['serve'] },
      KmsKeyArn: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
      LoggingConfig: { LogGroup: { Ref: expect.stringMatching(/^ThumbnailsLogGroup/) } },
      MemorySize: 4096,
      PackageType: 'Image',
      ReservedConcurrentExecutions: 5,
      Role: { 'Fn::GetAtt': [expect.stringMatching(/^ThumbnailsRole/), 'Arn'] },
      Timeout: 60,
      TracingConfig: { Mode: 'Active' },
    });
    expect(only(template, 'AWS::Logs::LogGroup').Properties).toEqual({
      KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
      RetentionInDays: 90,
    });
    expect(only(template, 'AWS::Lambda::Url').Properties).toEqual({
      AuthType: 'AWS_IAM',
      InvokeMode: 'BUFFERED',
      TargetFunctionArn: { 'Fn::GetAtt': [expect.stringMatching(/^ThumbnailsFunction/), 'Arn'] },
    });
  });

  test('pulls the image of its tag', () => {
    const uri = shell(stack, functionOf(template, 'Thumbnails').Properties.Code.ImageUri);
    expect(uri).toBe('<part>.dkr.ecr.<part>.<AWS::URLSuffix>/<RegistryImageembed99B8CD03>:2');
  });

  test('is open to nobody, and changes no policy of the repository', () => {
    template.resourceCountIs('AWS::Lambda::Permission', 0);
    const { Statement } = only(template, 'AWS::ECR::Repository').Properties.RepositoryPolicyText;
    expect(Statement.map(({ Sid }: any) => Sid)).toEqual(['Lambda']);
  });

  test('may only write its logs and traces, and read its environment', () => {
    expect(statementsOf(template, 'Thumbnails').map(({ actions }) => actions)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['kms:Decrypt'],
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    ]);
    const role = Object.values(template.findResources('AWS::IAM::Role'))[0].Properties;
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  test('is asked at its URL, with a signature', () => {
    const [{ id }] = [only(template, 'AWS::Lambda::Url')];
    expect(shell(stack, thumbnails.url)).toBe(`<${id}.FunctionUrl>invocations`);
    expect(stack.resolve(thumbnails.endpointName)).toEqual({
      Ref: expect.stringMatching(/^ThumbnailsFunction/),
    });
    expect(shell(stack, thumbnails.invokeCommand)).toBe(
      [
        'eval "$(aws configure export-credentials --format env)" && curl --fail-with-body --aws-sigv4 aws:amz:<AWS::Region>:lambda',
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${AWS_SESSION_TOKEN:+-H"x-amz-security-token: $AWS_SESSION_TOKEN"}',
        `--header 'content-type: application/json' --data-binary "@$REQUEST" <${id}.FunctionUrl>invocations`,
      ].join(' '),
    );
  });

  test('shows its native resources', () => {
    expect(stack.resolve(thumbnails.function!.functionArn)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^ThumbnailsFunction/), 'Arn'],
    });
    expect(thumbnails.functionUrl!.authType).toBe(lambda.FunctionUrlAuthType.AWS_IAM);
    expect(thumbnails.function!.role).toBe(thumbnails.role);
    expect(thumbnails.identityId).toBe(thumbnails.role.roleArn);
    expect([
      thumbnails.alias,
      thumbnails.endpoint,
      thumbnails.securityGroup,
      thumbnails.topic,
      thumbnails.alarms,
    ]).toEqual([undefined, undefined, undefined, undefined, []]);
  });

  test('reports the engine, the quota and the command', () => {
    expect(reportOf(thumbnails).map(({ entry }) => `${entry.kind}: ${entry.title}`)).toEqual([
      'choice: Engine',
      'quota: Lambda: Concurrent executions',
      'command: Ask for a prediction',
    ]);
  });

  test('exports what other stacks may refer to', () => {
    const exported = Object.values(template.findOutputs('*', { Export: Match.anyValue() })).map(({ Value }) =>
      JSON.stringify(Value),
    );
    expect(exported.filter((value) => value.includes('Thumbnails'))).toEqual([
      expect.stringMatching(/"Ref":"ThumbnailsFunction/),
      expect.stringMatching(/"ThumbnailsFunction\w+","Arn"/),
      expect.stringMatching(/"ThumbnailsRole\w+","Arn"/),
      expect.stringMatching(/"ThumbnailsUrl\w+","FunctionUrl"/),
    ]);
  });

  test('makes no custom resource', () => {
    expect(Object.values(template.toJSON().Resources).map(({ Type }: any) => Type)).not.toContainEqual(
      expect.stringMatching(/^Custom::|CustomResource/),
    );
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('needs no explanation that is missing or stale', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('what the container is given', () => {
  const { stack, make, registry, template: synthesize } = serving();
  const secret = aws.Secret.fromSecret(stack, 'Token', new secretsmanager.Secret(stack, 'NativeToken'));
  const version = core.DeployParameter.of('EmbedderVersion', '7');
  make('Plain', { container: { args: ['--quiet'] } });
  make('Own', {
    container: {
      command: ['python', '/srv/app.py'],
      port: 9000,
      healthPath: '/healthz',
      predictPath: '/v1/predict',
      requestTimeoutSeconds: 300,
      startupTimeoutSeconds: 200,
      environment: { ZETA: 'z', ALPHA: 'a' },
      secrets: { HF_TOKEN: secret },
    },
    model: registry.model('embedder').version(version),
    streaming: true,
    logRetentionDays: 30,
  });
  const template = synthesize();
  const { Properties } = functionOf(template, 'Own');
  const variables = Properties.Environment.Variables;

  test('command and arguments take the place of the image’s own', () => {
    expect(Properties.ImageConfig).toEqual({ EntryPoint: ['python', '/srv/app.py'] });
    expect(functionOf(template, 'Plain').Properties.ImageConfig).toEqual({ Command: ['--quiet'] });
  });

  test('the adapter finds port and paths', () => {
    expect(variables).toMatchObject({
      AWS_LWA_PORT: '9000',
      AWS_LWA_READINESS_CHECK_PATH: '/healthz',
      AWS_LWA_PASS_THROUGH_PATH: '/v1/predict',
    });
    expect(Properties.Timeout).toBe(300);
  });

  test('variables are sorted, secrets are references', () => {
    expect(Object.keys(variables)).toEqual(Object.keys(variables).sort());
    expect(variables).toMatchObject({ ALPHA: 'a', ZETA: 'z' });
    expect(variables.HF_TOKEN_SECRET_ID).toEqual({ Ref: expect.stringMatching(/^NativeToken/) });
    expect(variables.HF_TOKEN).toBeUndefined();
    expect(statementsOf(template, 'Own')).toContainEqual(
      expect.objectContaining({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      }),
    );
  });

  test('a model is fetched from its version, which the deployment gives', () => {
    expect(shell(stack, variables.MODEL_URI)).toBe(
      's3://<RegistryArtifacts7C2929DE>/models/embedder/<EmbedderVersion>/',
    );
    expect(variables.MODEL_DIR).toBeUndefined();
    expect(Properties.EphemeralStorage).toEqual({ Size: 10240 });
    const reads = statementsOf(template, 'Own').filter(({ actions }) =>
      actions.some((action) => action.startsWith('s3:')),
    );
    expect(reads.map(({ actions }) => actions)).toEqual([
      ['s3:ListBucket'],
      ['s3:GetBucketLocation'],
      ['s3:GetObject', 's3:GetObjectVersion'],
    ]);
    expect(shell(stack, reads[2].resources[0] as never)).toBe(
      '<RegistryArtifacts7C2929DE.Arn>/models/embedder/*',
    );
  });

  test('answers may be streamed', () => {
    expect(variables.AWS_LWA_INVOKE_MODE).toBe('response_stream');
    template.hasResourceProperties('AWS::Lambda::Url', { InvokeMode: 'RESPONSE_STREAM' });
  });

  test('logs are kept as long as asked', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('an image by its address reminds of the repository’s policy', () => {
    const { stack: other, make: makeOther } = serving();
    makeOther('Foreign', { container: { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/embed:2' } });
    makeOther('Declared');
    const infos = Annotations.fromStack(other).findInfo('*', Match.stringLikeRegexp('lambda.amazonaws.com'));
    expect(infos.map(({ id }) => id)).toEqual(['/platform/Foreign']);
    expect(functionOf(Template.fromStack(other), 'Foreign').Properties.Code.ImageUri).toBe(
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/embed:2',
    );
  });

  test('an imported registry reminds of it too', () => {
    const { stack: other, make: makeOther } = serving();
    const imported = aws.ModelRegistry.fromAttributes(other, 'Imported', {
      artifactBucket: s3.Bucket.fromBucketName(other, 'Bucket', 'models'),
      repositories: { embed: ecr.Repository.fromRepositoryName(other, 'Repository', 'embed') },
      modelPackageGroups: { embedder: 'embedder' },
    });
    makeOther('Foreign', { container: { image: imported.image('embed', '2') } });
    expect(
      Annotations.fromStack(other).findInfo('*', Match.stringLikeRegexp('lambda.amazonaws.com')),
    ).toHaveLength(1);
  });
});

describe('instances that are kept ready', () => {
  /** The description decides whether a version is published. */
  const described = (
    props: Props,
    change: (made: aws.ServerlessInference, stack: Stack) => void = () => undefined,
  ) => {
    const { stack, make, template } = serving();
    change(make('Ready', { minInstances: 2, ...props }), stack);
    return only(template(), 'AWS::Lambda::Version');
  };
  const tag = core.DeployParameter.of('EmbedTag', '2');
  const { app, stack, registry, make, template: synthesize } = serving();
  const ready = make('Ready', {
    minInstances: 2,
    container: { image: registry.image('embed', tag) },
    model: registry.model('embedder').version(core.DeployParameter.of('EmbedderVersion', '7')),
    alarms: { p99LatencyMs: 200 },
  });
  ready.grants.invoke(new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() }));
  const template = synthesize();
  const alias = only(template, 'AWS::Lambda::Alias');

  test('stand behind the alias live, which the URL leads to', () => {
    expect(alias.Properties).toEqual({
      Name: 'live',
      FunctionName: { Ref: expect.stringMatching(/^ReadyFunction/) },
      FunctionVersion: { 'Fn::GetAtt': [only(template, 'AWS::Lambda::Version').id, 'Version'] },
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
    const url = only(template, 'AWS::Lambda::Url');
    expect(url.Properties.Qualifier).toBe('live');
    expect(url.DependsOn).toEqual([alias.id]);
    expect(ready.alias!.aliasName).toBe('live');
  });

  test('must be ready before they take requests', () => {
    expect(functionOf(template, 'Ready').Properties.Environment.Variables.AWS_LWA_ASYNC_INIT).toBe('false');
  });

  test('are published anew when a deployment gives another value', () => {
    expect(only(template, 'AWS::Lambda::Version').Properties.Description).toEqual({
      'Fn::Join': [
        ' ',
        [expect.stringMatching(/^[0-9a-f]{16}$/), { Ref: 'EmbedTag' }, { Ref: 'EmbedderVersion' }],
      ],
    });
  });

  test('are published anew with every change that a version keeps, and no other', () => {
    const before = described({});
    expect(described({})).toEqual(before);
    expect(described({ memoryMiB: 3072 }).Properties.Description).not.toEqual(before.Properties.Description);
    expect(described({ container: { environment: { A1: '1' } } }).Properties.Description).not.toEqual(
      before.Properties.Description,
    );
    const overridden = described({}, (made) =>
      (made.node.defaultChild as lambda.CfnFunction).addPropertyOverride('MemorySize', 3333),
    );
    expect(overridden.Properties.Description).not.toEqual(before.Properties.Description);
    expect(described({ maxInstances: 20 })).toEqual(before);
    expect(described({}, (_, scope) => void new sns.Topic(scope, 'Unrelated'))).toEqual(before);
    expect(described({ container: { environment: { B1: '2', A1: '1' } } })).toEqual(
      described({ container: { environment: { A1: '1', B1: '2' } } }),
    );
  });

  test('are watched and asked by the alias', () => {
    const alarm = only(template, 'AWS::CloudWatch::Alarm').Properties;
    expect(alarm.Dimensions.map(({ Name }: any) => Name)).toEqual(['FunctionName', 'Resource']);
    const granted = statements(template).filter(({ policy }) => policy.startsWith('Caller'));
    expect(granted.map(({ resources }) => resources)).toEqual([[{ Ref: alias.id }], [{ Ref: alias.id }]]);
  });

  test('are reported with what they bill', () => {
    expect(reportOf(ready)).toContainEqual({
      path: 'platform/Ready',
      entry: {
        kind: 'idle-cost',
        title: 'Ready instances',
        text: '2 instances of 2048 MiB bill all the time.',
      },
    });
    expect(unexplained(app)).toEqual([]);
  });
});

describe('a private container', () => {
  const { app, stack, make, template: synthesize } = serving();
  const network = new aws.PrivateNetwork(stack, 'Network');
  const secret = aws.Secret.fromSecretName(stack, 'Token', 'token');
  const inside = make('Inside', { network, container: { secrets: { HF_TOKEN: secret } } });
  const ready = make('Ready', { network, minInstances: 1 });
  inside.grantInvoke(ready);
  const template = synthesize();

  test('has no URL', () => {
    template.resourceCountIs('AWS::Lambda::Url', 0);
    expect(inside.functionUrl).toBeUndefined();
  });

  test('runs in the network’s subnets, behind a security group of its own', () => {
    const group = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).find(([id]) =>
      id.startsWith('Inside'),
    )!;
    expect(functionOf(template, 'Inside').Properties.VpcConfig).toEqual({
      SecurityGroupIds: [{ 'Fn::GetAtt': [group[0], 'GroupId'] }],
      SubnetIds: network.workloadSubnets.map(({ subnetId }) => stack.resolve(subnetId)),
    });
    expect(group[1].Properties.SecurityGroupIngress).toBeUndefined();
    expect(group[1].Properties.SecurityGroupEgress).toEqual([
      {
        CidrIp: '0.0.0.0/0',
        Description: 'HTTPS, as far as the network has routes',
        FromPort: 443,
        IpProtocol: 'tcp',
        ToPort: 443,
      },
    ]);
    expect(inside.securityGroup!.node.path).toBe('platform/Inside/SecurityGroup');
  });

  test('is asked through the network’s endpoint only', () => {
    expect(statementsOf(template, 'Ready').at(-1)!.raw).toEqual({
      Action: 'lambda:InvokeFunction',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^InsideFunction/), 'Arn'] },
      Condition: { StringEquals: { 'aws:SourceVpc': { Ref: expect.stringMatching(/^NetworkVpc/) } } },
    });
    const name = stack.resolve(inside.endpointName).Ref;
    expect(shell(stack, inside.url)).toBe(
      `https://lambda.<AWS::Region>.<AWS::URLSuffix>/2015-03-31/functions/<${name}>/invocations`,
    );
    expect(shell(stack, inside.invokeCommand)).toBe(
      `aws lambda invoke --region <AWS::Region> --function-name <${name}> --payload "fileb://$REQUEST" /dev/stdout`,
    );
    expect(shell(stack, ready.url)).toMatch(/\/invocations\?Qualifier=live$/);
    expect(shell(stack, ready.invokeCommand)).toContain(' --qualifier live ');
  });

  test('makes the endpoints that it needs, once', () => {
    const made = Object.keys(
      template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }),
    );
    expect(made).toEqual([
      expect.stringMatching(/^NetworkEndpointlambda/),
      expect.stringMatching(/^NetworkEndpointsecretsmanager/),
    ]);
  });

  test('lets AWS Lambda, not the code, make network interfaces', () => {
    const found = statementsOf(template, 'Inside').find(({ actions }) =>
      actions.includes('ec2:CreateNetworkInterface'),
    )!;
    expect(found.raw.Condition).toEqual({ Null: { 'lambda:SourceFunctionArn': 'true' } });
  });

  test('works in a network that exists already', () => {
    const { stack: other, make: makeOther } = serving();
    const vpc = ec2.Vpc.fromVpcAttributes(other, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      vpcCidrBlock: '10.1.0.0/16',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      isolatedSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    });
    const endpoint = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(other, 'Lambda', {
      vpcEndpointId: 'vpce-0123456789abcdef0',
      port: 443,
    });
    const existing = aws.PrivateNetwork.fromVpc(other, 'Network', {
      vpc,
      existingEndpoints: { lambda: endpoint },
    });
    const caller = makeOther('Caller');
    makeOther('Inside', { network: existing }).grantInvoke(caller);
    const made = Template.fromStack(other);
    made.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    expect(functionOf(made, 'Inside').Properties.VpcConfig.SubnetIds).toEqual([
      'subnet-0123456789abcdef0',
      'subnet-0123456789abcdef1',
    ]);
    expect(statementsOf(made, 'Caller').at(-1)!.raw.Condition).toEqual({
      StringEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' },
    });
  });

  test('needs no explanation that is missing or stale', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('alarms', () => {
  const { app, stack, make, template: synthesize } = serving();
  const mine = new sns.Topic(stack, 'Mine', {
    enforceSSL: true,
    masterKey: aws.EncryptionKey.fromKey(stack, 'K', new aws.EncryptionKey(stack, 'Own').key).key,
  });
  const watched = make('Watched', {
    alarms: {
      notify: ['ml@example.com'],
      channels: [aws.NotificationChannel.fromTopic(stack, 'Channel', mine)],
      p99LatencyMs: 300,
      errorPercent: 1,
    },
  });
  const template = synthesize();
  const [latency, errors] = watched.alarms
    .map((alarm) => stack.resolve((alarm.node.defaultChild as any)._toCloudFormation()).Resources)
    .map((found: any) => Object.values(found)[0] as any);

  test('watch the duration of the function', () => {
    expect(latency.Properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Duration',
      ExtendedStatistic: 'p99',
      Period: 300,
      Threshold: 300,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('watch the share of what failed or was throttled', () => {
    expect(errors.Properties.Threshold).toBe(1);
    expect(errors.Properties.Metrics[0].Expression).toBe(
      'IF((FILL(invocations, 0) + FILL(throttles, 0)) > 0, 100 * (FILL(errors, 0) + FILL(throttles, 0)) / (FILL(invocations, 0) + FILL(throttles, 0)), 0)',
    );
    expect(
      errors.Properties.Metrics.slice(1).map(({ Id, MetricStat }: any) => [
        Id,
        MetricStat.Metric.MetricName,
        MetricStat.Stat,
      ]),
    ).toEqual([
      ['errors', 'Errors', 'Sum'],
      ['throttles', 'Throttles', 'Sum'],
      ['invocations', 'Invocations', 'Sum'],
    ]);
  });

  test('tell people and topics of your own', () => {
    expect(latency.Properties.AlarmActions).toEqual([
      stack.resolve(watched.topic!.topicArn),
      stack.resolve(mine.topicArn),
    ]);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ml@example.com',
    });
    expect(unexplained(app)).toEqual([]);
  });
});

describe('grants', () => {
  test('to ask at the URL take both actions, on the caller’s side', () => {
    const { stack, make } = serving();
    make('Asked').grantInvoke(make('Caller'));
    const template = Template.fromStack(stack);
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^AskedFunction/), 'Arn'] };
    expect(
      statementsOf(template, 'Caller')
        .slice(-2)
        .map(({ raw }) => raw),
    ).toEqual([
      {
        Action: 'lambda:InvokeFunctionUrl',
        Effect: 'Allow',
        Resource: arn,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        Action: 'lambda:InvokeFunction',
        Effect: 'Allow',
        Resource: arn,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    ]);
    template.resourceCountIs('AWS::Lambda::Permission', 0);
  });

  test('may go round: to each other and to itself', () => {
    const { stack, make } = serving();
    const [a, b] = [make('A'), make('B', { minInstances: 1 })];
    a.grantInvoke(b);
    b.grantInvoke(a);
    b.grantInvoke(b);
    const template = Template.fromStack(stack);
    expect(functionOf(template, 'A').DependsOn).toEqual([expect.stringMatching(/^ARolePolicy/)]);
    const waitedFor =
      template.findResources('AWS::IAM::ManagedPolicy')[functionOf(template, 'A').DependsOn[0]];
    expect(JSON.stringify(waitedFor)).not.toContain('lambda:Invoke');
  });

  test('reach it as a workload', () => {
    const { stack, make } = serving();
    const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    lake.grantRead(make('Reader'));
    expect(statementsOf(Template.fromStack(stack), 'Reader')).toContainEqual(
      expect.objectContaining({ actions: ['s3:GetObject', 's3:GetObjectVersion'] }),
    );
  });

  test('go from a later stack to an earlier one, never back', () => {
    const app = new App({ context: CONTEXT });
    const [early, late] = ['early', 'late'].map((id) => new aws.PlatformStack(app, id));
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/embed:2';
    const first = new aws.ServerlessInference(early, 'First', { container: { image } });
    const second = new aws.ServerlessInference(late, 'Second', { container: { image } });
    first.grantInvoke(second);
    expect(refusal(() => second.grantInvoke(first), 'CMC-013')).toContain('late');
    expect(statementsOf(Template.fromStack(late), 'Second').at(-1)!.resources).toEqual([
      { 'Fn::ImportValue': expect.stringMatching(/^early:/) },
    ]);
    expect(Template.fromStack(early).toJSON().Resources).not.toHaveProperty('SecondFunction');
  });

  test('refuse what is no workload', () => {
    const { stack, make } = serving();
    expect(
      refusal(() => make('Asked').grantInvoke(new sns.Topic(stack, 'Topic') as never), 'CMC-010'),
    ).toContain('aws.Workload');
  });
});

describe('a function that exists already', () => {
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:embed';
  const url = 'https://abc.lambda-url.eu-west-1.on.aws/invocations';
  const { stack, make, template: synthesize } = serving();
  const caller = make('Caller');
  const plain = aws.ServerlessInference.fromFunctionArn(stack, 'Plain', `${arn}:live`);
  const open = aws.ServerlessInference.fromAttributes(stack, 'Open', { functionArn: arn, url });
  plain.grantInvoke(caller);
  open.grantInvoke(caller);
  const granted = statementsOf(synthesize(), 'Caller').slice(-3);

  test('is asked through the Invoke API', () => {
    expect(plain.endpointName).toBe('embed');
    expect(shell(stack, plain.url)).toBe(
      'https://lambda.eu-west-1.<AWS::URLSuffix>/2015-03-31/functions/embed/invocations?Qualifier=live',
    );
    expect(plain.invokeCommand).toBe(
      'aws lambda invoke --region eu-west-1 --function-name embed --qualifier live --payload "fileb://$REQUEST" /dev/stdout',
    );
    expect(granted[0].raw).toEqual({
      Action: 'lambda:InvokeFunction',
      Effect: 'Allow',
      Resource: `${arn}:live`,
    });
  });

  test('is asked through its URL', () => {
    expect(open.url).toBe(url);
    expect(open.invokeCommand).toContain(`--aws-sigv4 aws:amz:eu-west-1:lambda`);
    expect(granted.slice(1).map(({ actions }) => actions)).toEqual([
      ['lambda:InvokeFunctionUrl'],
      ['lambda:InvokeFunction'],
    ]);
  });

  test('may be known to the deployment only', () => {
    const native = lambda.Function.fromFunctionName(stack, 'Native', 'embed');
    const imported = aws.ServerlessInference.fromFunctionArn(stack, 'ByReference', native.functionArn);
    expect(stack.resolve(imported.endpointName)).toEqual({
      'Fn::Select': [6, { 'Fn::Split': [':', expect.anything()] }],
    });
  });

  test('is no workload', () => {
    expect(refusal(() => plain.grantInvoke(open as never), 'CMC-010')).toContain('aws.InvocableFunction');
  });

  test('must be named well', () => {
    refusal(() => aws.ServerlessInference.fromFunctionArn(stack, 'Bad', 'embed'), 'CMC-006');
    refusal(
      () => aws.ServerlessInference.fromAttributes(stack, 'Bad', { functionArn: arn, url: 'http://x' }),
      'CMC-006',
    );
    expect(stack.node.tryFindChild('Bad')).toBeUndefined();
  });
});

describe('names', () => {
  test('stay when something unrelated is added', () => {
    const build = (more: boolean) => {
      const { stack, make } = serving();
      if (more) {
        make('Another', { engine: aws.ServerlessEngine.SAGEMAKER });
      }
      make('One', { minInstances: 1, alarms: { errorPercent: 1 } });
      make('Two', { engine: aws.ServerlessEngine.SAGEMAKER });
      const all = Object.entries(Template.fromStack(stack).toJSON().Resources);
      return Object.fromEntries(all.filter(([id]) => /^(One|Two)/.test(id)));
    };
    expect(build(true)).toEqual(build(false));
  });
});
