import { App, aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { Props, serving, shell, statementsOf } from './serverless-inference.support';
import { CONTEXT, only, refusal, staleExplanations, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';

describe('a container on SageMaker serverless', () => {
  const { app, stack, registry, make, template: synthesize } = serving();
  const thumbnails = make('Thumbnails', {
    engine: aws.ServerlessEngine.SAGEMAKER,
    memoryMiB: 3072,
    maxInstances: 20,
    minInstances: 1,
    container: { environment: { LEVEL: 'info' } },
    model: registry.model('embedder').version('7'),
    alarms: { p99LatencyMs: 250, errorPercent: 2 },
  });
  const template = synthesize();
  const name = 'platform-thumbnails-87776401';

  test('has the endpoint as default child', () => {
    expect((thumbnails.node.defaultChild as sagemaker.CfnEndpoint).cfnResourceType).toBe(
      'AWS::SageMaker::Endpoint',
    );
    expect(thumbnails.endpoint).toBe(thumbnails.node.defaultChild);
    expect(thumbnails.function).toBeUndefined();
  });

  test('is an unnamed model and configuration behind a named endpoint', () => {
    const model = only(template, 'AWS::SageMaker::Model');
    expect(model.DependsOn).toEqual([expect.stringMatching(/^ThumbnailsRolePolicy/)]);
    expect(model.Properties).toEqual({
      ExecutionRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ThumbnailsRole/), 'Arn'] },
      PrimaryContainer: {
        Image: expect.anything(),
        Environment: {
          LEVEL: 'info',
          MODEL_URI: {
            'Fn::Join': ['', ['s3://', { Ref: 'RegistryArtifacts7C2929DE' }, '/models/embedder/7/']],
          },
        },
      },
    });
    expect(only(template, 'AWS::SageMaker::EndpointConfig').Properties).toEqual({
      KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
      ProductionVariants: [
        {
          VariantName: 'main',
          ModelName: { 'Fn::GetAtt': [model.id, 'ModelName'] },
          ServerlessConfig: { MaxConcurrency: 20, MemorySizeInMB: 3072, ProvisionedConcurrency: 1 },
        },
      ],
    });
    const endpoint = only(template, 'AWS::SageMaker::Endpoint');
    expect(endpoint.Properties).toEqual({
      EndpointName: name,
      EndpointConfigName: {
        'Fn::GetAtt': [only(template, 'AWS::SageMaker::EndpointConfig').id, 'EndpointConfigName'],
      },
    });
    expect(endpoint.DependsOn).toEqual([only(template, 'AWS::Logs::LogGroup').id]);
    expect(only(template, 'AWS::Logs::LogGroup').Properties.LogGroupName).toBe(
      `/aws/sagemaker/Endpoints/${name}`,
    );
  });

  test('is asked through SageMaker’s runtime', () => {
    expect(thumbnails.endpointName).toBe(name);
    expect(shell(stack, thumbnails.url)).toBe(
      `https://runtime.sagemaker.<AWS::Region>.<AWS::URLSuffix>/endpoints/${name}/invocations`,
    );
    expect(shell(stack, thumbnails.invokeCommand)).toBe(
      `aws sagemaker-runtime invoke-endpoint --region <AWS::Region> --endpoint-name ${name} --content-type application/json --body "fileb://$REQUEST" /dev/stdout`,
    );
  });

  test('is watched by the model’s latency and failures', () => {
    const dimensions = [
      { Name: 'EndpointName', Value: name },
      { Name: 'VariantName', Value: 'main' },
    ];
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ModelLatency',
      ExtendedStatistic: 'p99',
      Threshold: 250000,
      Dimensions: dimensions,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 2,
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: Match.stringLikeRegexp('invocation5XXErrors') }),
      ]),
    });
  });

  test('scales to zero unless asked otherwise', () => {
    const { make: makeOther, template: other } = serving();
    makeOther('Zero', { engine: aws.ServerlessEngine.SAGEMAKER });
    expect(
      only(other(), 'AWS::SageMaker::EndpointConfig').Properties.ProductionVariants[0].ServerlessConfig,
    ).toEqual({
      MaxConcurrency: 10,
      MemorySizeInMB: 2048,
    });
  });

  test('lets a workload ask it', () => {
    const { stack: other, make: makeOther } = serving();
    makeOther('Endpoint', { engine: aws.ServerlessEngine.SAGEMAKER }).grantInvoke(makeOther('Caller'));
    const [granted] = statementsOf(Template.fromStack(other), 'Caller').slice(-1);
    expect(granted.actions).toEqual(['sagemaker:InvokeEndpoint']);
    expect(shell(other, granted.resources[0] as never)).toMatch(/:endpoint\/platform-endpoint-[0-9a-f]{8}$/);
  });

  test('needs no explanation that is missing or stale', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('refusals', () => {
  const { stack, registry, make } = serving({ env: { region: 'eu-west-1', account: '123456789012' } });
  const network = new aws.PrivateNetwork(stack, 'Network');
  const secret = aws.Secret.fromSecretName(stack, 'Token', 'token');
  const { SAGEMAKER } = aws.ServerlessEngine;
  const refused = (props: Props, ...codes: string[]) => {
    const message = refusal(() => make('Refused', props), ...codes);
    expect(stack.node.tryFindChild('Refused')).toBeUndefined();
    return message;
  };
  const container = (props: Partial<core.ServingContainer>): Props => ({ container: props });
  const environment = (variables: { [name: string]: string }): Props => container({ environment: variables });

  test.each<[string, Props, string]>([
    ['accelerators', { accelerators: ['T4'] }, 'CMC-040 … take AutoScalingEndpoint'],
    ['cpu', { cpu: 2 }, 'CMC-040 … one per 1769 MiB'],
    ['concurrency', { concurrentRequestsPerInstance: 2 }, 'CMC-040 … raise maxInstances'],
    [
      'approval',
      { model: registry.model('fraud-detector').version('7') },
      'CMC-040 … take AutoScalingEndpoint',
    ],
    ['minInstances', { minInstances: 11 }, 'CMC-031 … (11) must be at most maxInstances (10)'],
    ['too little memory', { memoryMiB: 127 }, 'CMC-004 … from 128 to 10240'],
    ['too much memory', { memoryMiB: 10241 }, 'CMC-004 … from 128 to 10240'],
    ['too long', container({ requestTimeoutSeconds: 901 }), 'CMC-004 … of at most 900'],
    ['too little space', { ephemeralStorageMiB: 511 }, 'CMC-004 … from 512 to 10240'],
    ['streaming in a network', { streaming: true, network }, 'CMC-040 … leave out network'],
    ['shared memory', container({ sharedMemoryMiB: 64 }), 'CMC-040 … ephemeralStorageMiB'],
    [
      'a slow start',
      container({ startupTimeoutSeconds: 61 }),
      'CMC-040 … must be at most requestTimeoutSeconds (60)',
    ],
    ['the port of the runtime', container({ port: 9001 }), 'CMC-040 … not 9001'],
    ['a privileged port', container({ port: 80 }), 'CMC-040 … from 1024'],
    ['an argument twice', container({ args: ['-a', '1', '-b', '1'] }), 'CMC-007 … --name=value'],
    ['a variable of AWS Lambda', environment({ AWS_REGION: 'x' }), 'CMC-008 … choose another name'],
    ['a variable of the adapter', environment({ AWS_LWA_PORT: '1' }), 'CMC-008 … in the image'],
    ['a variable of the platform', environment({ MODEL_URI: 'x' }), 'CMC-008 … choose another name'],
    ['a short variable', environment({ A: 'x' }), 'CMC-006 … at least two characters'],
    ['a variable with _', environment({ _A: 'x' }), 'CMC-006 … begin with a letter'],
    [
      'a secret beside its variable',
      container({ environment: { T1_SECRET_ID: 'x' }, secrets: { T1: secret } }),
      'CMC-007 … T1_SECRET_ID',
    ],
    ['long variables', environment({ LONG: 'x'.repeat(3400) }), 'CMC-004 … AWS Lambda takes 3328'],
    [
      'a foreign image',
      container({ image: 'docker.io/library/python:3' }),
      'CMC-060 … must be in Amazon ECR',
    ],
    [
      'an image elsewhere',
      container({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/embed:2' }),
      'CMC-060 … in the region of its stack, eu-west-1',
    ],
    [
      'a FIPS address',
      container({ image: '123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/embed:2' }),
      'CMC-060 … without FIPS',
    ],
    [
      'people and no threshold',
      { alarms: { notify: ['a@example.com'] } },
      'CMC-009 … needs alarms.p99LatencyMs',
    ],
    ['retention', { logRetentionDays: 2 }, 'CMC-005 … must be one of'],
    ['an unknown engine', { engine: 'fargate' as never }, "CMC-005 … 'lambda', 'sagemaker'"],
    ['an unknown prop', { memory: 1 } as never, 'CMC-001 … memoryMiB'],
  ])('%s on AWS Lambda', (_, props, expected) => {
    const [code, text] = expected.split(' … ');
    expect(refused(props, code)).toContain(text);
  });

  test.each<[string, Props, string]>([
    ['memory between steps', { memoryMiB: 1500 }, 'CMC-004 … in steps of 1024'],
    ['too many instances', { maxInstances: 201 }, 'CMC-004 … from 1 to 200'],
    [
      'too long',
      container({ requestTimeoutSeconds: 61 }),
      'CMC-004 … ServerlessEngine.LAMBDA takes up to 900',
    ],
    ['a network', { network }, 'CMC-040 … take ServerlessEngine.LAMBDA'],
    ['streaming', { streaming: true }, 'CMC-040 … take ServerlessEngine.LAMBDA'],
    ['space', { ephemeralStorageMiB: 1024 }, 'CMC-040 … take ServerlessEngine.LAMBDA'],
    ['a port', container({ port: 9000 }), 'CMC-040 … is 8080'],
    ['a path', container({ predictPath: '/predict' }), 'CMC-040 … is /invocations'],
    ['a command', container({ command: ['python'] }), "CMC-040 … the argument 'serve'"],
    ['a slow start', container({ startupTimeoutSeconds: 181 }), 'CMC-040 … at most 180'],
    ['shared memory', container({ sharedMemoryMiB: 64 }), 'CMC-040 … leave it out'],
    ['accelerators', { accelerators: ['T4'] }, 'CMC-040 … SageMaker serverless'],
    [
      'approval',
      { model: registry.model('fraud-detector').version('7') },
      'CMC-040 … take AutoScalingEndpoint',
    ],
    ['a long variable', environment({ LONG: 'x'.repeat(1025) }), 'CMC-004 … SageMaker takes 1024'],
  ])('%s on SageMaker serverless', (_, props, expected) => {
    const [code, text] = expected.split(' … ');
    expect(refused({ engine: SAGEMAKER, ...props }, code)).toContain(text);
  });

  test('come all at once', () => {
    const message = refused(
      {
        accelerators: ['T4'],
        cpu: 1,
        minInstances: 20,
        container: { port: 9001, environment: { AWS_REGION: 'x' } },
      },
      'CMC-031',
      'CMC-040',
      'CMC-040',
      'CMC-040',
      'CMC-008',
    );
    expect(message).toContain('platform/Refused: 5 faults');
  });

  test('a regulated function without a network', () => {
    const {
      app,
      make: regulated,
      stack: other,
    } = serving({ securityProfile: core.SecurityProfile.REGULATED });
    expect(refusal(() => regulated('Refused'), 'CMC-009')).toContain('URL on the internet');
    regulated('Inside', { network: new aws.PrivateNetwork(other, 'Network') });
    refusal(() => regulated('Endpoint', { engine: SAGEMAKER }), 'CMC-040');
    Template.fromStack(other).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 2557 });
    const packs = [HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks].map((Pack) => new Pack(app));
    const found = packs.flatMap((pack) => pack.validateScope(app).violations);
    const paths = found.flatMap(({ violatingResources }) =>
      violatingResources.map(({ constructPath }) => constructPath),
    );
    expect(paths.filter((path) => /^platform\/Inside/.test(path!))).toEqual([]);
  });

  test('a registry of a later stack', () => {
    const app = new App({ context: CONTEXT });
    const [early, late] = ['early', 'late'].map((id) => new aws.PlatformStack(app, id));
    late.addStackDependency(early);
    const later = new aws.ModelRegistry(late, 'Registry', {
      models: [{ name: 'embedder' }],
      images: ['embed'],
    });
    const image = later.image('embed', '2');
    expect(
      refusal(() => new aws.ServerlessInference(early, 'Refused', { container: { image } }), 'CMC-009'),
    ).toContain('container.image');
  });

  test('no stack at all', () => {
    refusal(
      () =>
        new aws.ServerlessInference(new App(), 'Refused', {
          container: { image: registry.image('embed', '2') },
        }),
      'CMC-011',
    );
  });
});
