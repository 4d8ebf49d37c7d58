import { execFileSync } from 'child_process';
import {
  aws_ec2 as ec2,
  aws_secretsmanager as secretsmanager,
  CfnResource,
  SecretValue,
  Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  cluster,
  completed,
  definitionOf,
  deployed,
  execute,
  IMAGE,
  minimal,
  PLAN,
  requestFor,
  RUN,
  TaskFailed,
} from './gpu-training-cluster.states';
import {
  only,
  platform,
  staleExplanations,
  statements,
  synthesized,
  templateOf,
  unexplained,
} from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

describe('a minimal cluster', () => {
  const made = cluster();

  test('its default child is the state machine', () => {
    expect((made.made.node.defaultChild as CfnResource).cfnResourceType).toBe(
      'AWS::StepFunctions::StateMachine',
    );
    expect(made.stack.getLogicalId(made.made.node.defaultChild as CfnResource)).toBe(
      'TrainingWorkflow989BB8D9',
    );
  });

  test('is a state machine that is encrypted, logged and traced, and nothing that bills while idle', () => {
    const { Properties } = only(made.template, 'AWS::StepFunctions::StateMachine');
    expect({ ...Properties, DefinitionString: '' }).toEqual({
      DefinitionString: '',
      StateMachineName: 'platform-training-3df68fe1',
      StateMachineType: 'STANDARD',
      RoleArn: { 'Fn::GetAtt': ['TrainingWorkflowRoleBB1E4D22', 'Arn'] },
      EncryptionConfiguration: {
        KmsDataKeyReusePeriodSeconds: 300,
        KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
        Type: 'CUSTOMER_MANAGED_KMS_KEY',
      },
      LoggingConfiguration: {
        Destinations: [
          {
            CloudWatchLogsLogGroup: {
              LogGroupArn: { 'Fn::GetAtt': ['TrainingWorkflowLogs102E40AF', 'Arn'] },
            },
          },
        ],
        IncludeExecutionData: true,
        Level: 'ALL',
      },
      TracingConfiguration: { Enabled: true },
    });
    const types = new Set(Object.values(made.template.toJSON().Resources).map(({ Type }: any) => Type));
    expect([...types].sort()).toEqual([
      'AWS::IAM::ManagedPolicy',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::StepFunctions::StateMachine',
    ]);
  });

  test('asks SageMaker for exactly this', async () => {
    expect(await requestFor(made.template)).toEqual({
      TrainingJobName: `platform-train-3df68fe1-${RUN}`,
      RoleArn: 'arn:aws:iam::111122223333:role/TrainingJobRoleF750C0D4',
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: 'File',
        ContainerEntrypoint: ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job'],
        ContainerArguments: ['torchrun', 'train.py'],
      },
      ResourceConfig: { InstanceType: 'ml.g6.xlarge', InstanceCount: 1, VolumeSizeInGB: 100 },
      StoppingCondition: { MaxRuntimeInSeconds: 86400 },
      RetryStrategy: { MaximumRetryAttempts: 3 },
      CheckpointConfig: {
        S3Uri: `s3://trainingjobs48909d8a/checkpoints/${RUN}/`,
        LocalPath: '/opt/ml/checkpoints',
      },
      OutputDataConfig: {
        S3OutputPath: `s3://trainingjobs48909d8a/output/${RUN}/`,
        KmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4444-5555-666677778888',
        CompressionType: 'NONE',
      },
      EnableNetworkIsolation: false,
      Environment: {
        ML_ENTRY: expect.stringContaining('exec "$@"'),
        MASTER_ADDR: 'algo-1',
        MASTER_PORT: '29500',
        PET_MASTER_ADDR: 'algo-1',
        PET_MASTER_PORT: '29500',
        PET_NPROC_PER_NODE: 'gpu',
        AWS_REGION: 'eu-central-1',
        AWS_DEFAULT_REGION: 'eu-central-1',
        CHECKPOINT_URI: `s3://trainingjobs48909d8a/checkpoints/${RUN}/`,
        MODEL_OUTPUT_URI: `s3://trainingjobs48909d8a/output/${RUN}/`,
      },
    });
  });

  test('its members', () => {
    const { made: it, stack } = made;
    expect(it.machineType).toBe('ml.g6.xlarge');
    expect(String(it.accelerator)).toBe('L4:1');
    expect(it.fabric).toBeUndefined();
    expect(it.identityId).toBe(it.role.roleArn);
    expect(stack.resolve(it.submitCommand)).toEqual({
      'Fn::Join': [
        '',
        [
          'aws stepfunctions start-execution --state-machine-arn ',
          { Ref: 'TrainingWorkflow989BB8D9' },
          ` --input '{"command":["torchrun","train.py"],"nodes":1,"run":"'"\${RUN:-$(date +%Y%m%d-%H%M%S)}"'"}'`,
        ],
      ],
    });
    expect(stack.resolve(it.outputUri)).toEqual({
      'Fn::Join': ['', ['s3://', { Ref: 'TrainingJobs48909D8A' }, '/output/']],
    });
  });

  test('its own bucket forgets checkpoints after 30 days, and nothing else', () => {
    const { LifecycleConfiguration } =
      made.template.findResources('AWS::S3::Bucket').TrainingJobs48909D8A.Properties;
    expect(LifecycleConfiguration.Rules).toEqual([
      {
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        NoncurrentVersionExpiration: { NoncurrentDays: 7 },
        Status: 'Enabled',
      },
      { ExpirationInDays: 30, Prefix: 'checkpoints/', Status: 'Enabled' },
    ]);
  });

  test('its roles name their resources and act for this account only', () => {
    const text = JSON.stringify(statements(made.template).map(({ actions }) => actions));
    expect(text).not.toContain('*');
    for (const { Properties } of Object.values(made.template.findResources('AWS::IAM::Role'))) {
      const [{ Condition }] = Properties.AssumeRolePolicyDocument.Statement;
      expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
    const encrypt = statements(made.template).find(
      ({ actions }) => actions.join() === 'kms:Decrypt,kms:GenerateDataKey',
    )!;
    expect(deployed(encrypt.raw.Condition)).toEqual({
      StringEquals: {
        'kms:EncryptionContext:aws:states:stateMachineArn':
          'arn:aws:states:eu-central-1:111122223333:stateMachine:platform-training-3df68fe1',
      },
    });
    const passed = statements(made.template).find(({ actions }) => actions.includes('iam:PassRole'))!;
    expect(passed.resources).toEqual([{ 'Fn::GetAtt': ['TrainingJobRoleF750C0D4', 'Arn'] }]);
    expect(passed.raw.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
    });
    const train = statements(made.template).find(({ actions }) =>
      actions.includes('sagemaker:CreateTrainingJob'),
    )!;
    expect(deployed(train.resources)).toEqual([
      'arn:aws:sagemaker:eu-central-1:111122223333:training-job/platform-train-3df68fe1-*',
    ]);
  });

  test('the report tells what was chosen, what bills, what comes next', () => {
    const entries = reportOf(made.made).map(({ entry }) => `${entry.kind}: ${entry.title}`);
    expect(entries).toEqual([
      'choice: Machine type',
      'choice: Fast network',
      'idle-cost: Training',
      'command: Submit a job',
      'command: Follow the logs of jobs',
      'note: Logs',
      'quota: SageMaker: ml.g6.xlarge for training job usage',
    ]);
  });

  test('scanners find nothing', () => {
    expect(unexplained(made.app)).toEqual([]);
    expect(staleExplanations(made.app)).toEqual([]);
  });

  test('another construct beside it changes nothing of it', () => {
    const two = synthesized((stack) => {
      new aws.DataLake(stack, 'Another', { discovery: false });
      return new aws.GpuTrainingCluster(stack, 'Training', minimal);
    });
    const own = (template: Template) =>
      Object.fromEntries(
        Object.entries(template.toJSON().Resources).filter(([id]) => id.startsWith('Training')),
      );
    expect(own(two.template)).toEqual(own(made.template));
  });
});

describe('bring your own', () => {
  test('key, network and a declared image of another stack', async () => {
    const { app, stack: foundation } = platform('foundation');
    const key = new aws.EncryptionKey(foundation, 'Key');
    const network = new aws.PrivateNetwork(foundation, 'Network');
    const registry = new aws.ModelRegistry(foundation, 'Registry', {
      models: [{ name: 'fraud-detector' }],
      images: ['train'],
    });
    const stack = new aws.PlatformStack(app, 'jobs');
    const made = new aws.GpuTrainingCluster(stack, 'Training', {
      image: registry.image('train', core.DeployParameter.of('TrainTag', '3')),
      machineType: 'ml.m5.xlarge',
      encryptionKey: key,
      registry,
      network,
    });
    const template = templateOf(stack);
    expect(template.findResources('AWS::KMS::Key')).toEqual({});
    expect(template.findParameters('TrainTag')).toMatchObject({ TrainTag: { Default: '3' } });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      EncryptionConfiguration: {
        KmsKeyId: { 'Fn::ImportValue': Match.stringLikeRegexp('foundation:.*Key') },
      },
    });
    expect(made.securityGroup).toBeDefined();
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('a native network, imported', () => {
    const { template } = synthesized((stack) => {
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-01234567',
        vpcCidrBlock: '10.0.0.0/16',
        availabilityZones: ['a', 'b'],
        isolatedSubnetIds: ['subnet-01234567', 'subnet-01234568'],
      });
      const network = aws.PrivateNetwork.fromVpc(stack, 'Network', { vpc });
      return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network });
    });
    expect(JSON.stringify(definitionOf(template))).toContain(
      '"Subnets":["subnet-01234567","subnet-01234568"]',
    );
  });
});

describe('callers choose command, nodes and run, nothing else', () => {
  const definition = definitionOf(cluster({ maxNodes: 4 }).template);
  const run = (input: object, name?: string) =>
    execute(definition, { command: ['x'], ...input }, { name, answer: completed });
  const first = async (input: object, name?: string) => (await run(input, name)).calls[0].parameters;

  test.each([
    [undefined, 1],
    [1, 1],
    [3, 3],
    [4, 4],
    [5, 4],
    [1e9, 4],
    [0, 1],
    [-2, 1],
    [2.9, 2],
  ])('nodes %p become %p', async (nodes, given) => {
    expect((await first({ nodes })).ResourceConfig.InstanceCount).toBe(given);
  });

  test.each([
    { image: 'evil' },
    { environment: { A: 'b' } },
    { RoleArn: 'arn:aws:iam::111122223333:role/admin' },
    { nodes: '2' },
    { nodes: null },
    { run: '' },
    { run: 'a/b' },
    { run: '../other' },
    { run: 'x'.repeat(64) },
    { run: 7 },
    { command: 'torchrun train.py' },
    { command: [] },
    { command: [''] },
    { command: [1] },
    { command: ['x'.repeat(257)] },
    { command: Array(97).fill('x') },
    { command: undefined },
  ])('%p is refused before anything starts', async (input) => {
    const given = JSON.parse(JSON.stringify({ command: ['x'], ...input }));
    expect(await execute(definition, given)).toMatchObject({
      status: 'FAILED',
      path: ['Check the input', 'Refused'],
      error: 'BadInput',
      calls: [],
    });
  });

  test.each(['text', ['a'], 7, null])('the input %p is refused', async (input) => {
    expect((await execute(definition, input)).path).toEqual(['Check the input', 'Refused']);
  });

  test('the key that a parent execution leaves is no choice', async () => {
    expect((await run({ AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn' })).status).toBe('SUCCEEDED');
  });

  test('a command of one word stays a list', async () => {
    expect((await first({ command: ['./train'] })).AlgorithmSpecification.ContainerArguments).toEqual([
      './train',
    ]);
  });

  test('a run resumes from its own checkpoints; without one the execution is the run', async () => {
    const again = await first({ run: 'fraud_7' });
    expect(again.CheckpointConfig.S3Uri).toBe('s3://trainingjobs48909d8a/checkpoints/fraud_7/');
    expect(again.Environment.CHECKPOINT_URI).toBe('s3://trainingjobs48909d8a/checkpoints/fraud_7/');
    expect(again.Environment.MODEL_OUTPUT_URI).toBe('s3://trainingjobs48909d8a/output/fraud_7/');
    expect(again.TrainingJobName).toContain(RUN);
    expect((await first({}, 'nightly.2026_11')).Environment.CHECKPOINT_URI).toBe(
      's3://trainingjobs48909d8a/checkpoints/nightly-2026_11/',
    );
  });

  test.each(['a', 'nightly-7', 'nightly_7', 'n-', `${RUN}_${RUN}`, 'x'.repeat(80), 'ünïcode'])(
    'the execution %p makes a name that SageMaker takes',
    async (name) => {
      const { TrainingJobName } = await first({}, name);
      expect(`${TrainingJobName}-od`).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
      expect(TrainingJobName).toMatch(/^platform-train-3df68fe1-/);
    },
  );

  test('a default command is taken where the caller has none', async () => {
    const words = ['python', "it's", '"quoted"', '{% $states %}', 'a\\b'];
    const { made, template } = cluster({ command: words });
    const args = async (input: object) =>
      (await requestFor(template, input)).AlgorithmSpecification.ContainerArguments;
    expect(await args({})).toEqual(words);
    expect(await args({ command: ['other'] })).toEqual(['other']);
    const [, , input] = Stack.of(made).resolve(made.submitCommand)['Fn::Join'][1];
    const printed = execFileSync('sh', ['-c', `printf %s ${input.replace('--input', '')}`], {
      env: { RUN: 'first' },
    });
    expect(JSON.parse(String(printed))).toEqual({ command: words, nodes: 1, run: 'first' });
  });
});

describe('the job environment', () => {
  test('datasets by name, the store of a registry, variables and secrets of the user', async () => {
    const { template, app } = synthesized((stack) => {
      const lake = new aws.DataLake(stack, 'Lake', { discovery: false });
      const registry = new aws.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['train'],
      });
      const native = new secretsmanager.Secret(stack, 'Token', {
        secretStringValue: SecretValue.unsafePlainText('x'),
      });
      return new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        datasets: [lake],
        registry,
        environment: { EPOCHS: '3', LOOKS_LIKE: '{% $states.input %}', EMPTY: '' },
        secrets: { HF_TOKEN: aws.Secret.fromSecret(stack, 'HfToken', native) },
      });
    });
    const { Environment, OutputDataConfig } = await requestFor(template);
    expect(Environment).toMatchObject({
      DATASET_RAW_URI: 's3://lakezonerawbucketd7f34696/',
      DATASET_CURATED_URI: 's3://lakezonecuratedbucket51054459/',
      DATASET_FEATURES_URI: 's3://lakezonefeaturesbuckete57bf085/',
      MODEL_OUTPUT_URI: `s3://registryartifacts7c2929de/training/platform-train-3df68fe1/${RUN}/`,
      CHECKPOINT_URI: `s3://trainingjobs48909d8a/checkpoints/${RUN}/`,
      EPOCHS: '3',
      LOOKS_LIKE: '{% $states.input %}',
      EMPTY: '',
      HF_TOKEN_SECRET_ID: expect.any(String),
    });
    expect(OutputDataConfig.S3OutputPath).toContain('trainingjobs48909d8a/output/');

    const registryWrites = statements(template).filter(
      ({ actions, resources }) =>
        actions.includes('s3:PutObject') && JSON.stringify(resources).includes('Registry'),
    );
    expect(registryWrites.map(({ resources }) => resources)).toEqual([
      [
        {
          'Fn::Join': [
            '',
            [{ 'Fn::GetAtt': ['RegistryArtifacts7C2929DE', 'Arn'] }, '/training/platform-train-3df68fe1/*'],
          ],
        },
      ],
    ]);
    const secretReads = statements(template).filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    expect(secretReads.map(({ policy }) => policy)).toEqual([expect.stringContaining('TrainingJobRole')]);
    expect(unexplained(app).filter((finding) => !finding.includes('SMG4'))).toEqual([]);
  });

  test('one process for each accelerator', async () => {
    const processes = async (props: object) =>
      (await requestFor(cluster(props).template)).Environment.PET_NPROC_PER_NODE;
    expect(await processes({ accelerators: ['Trainium:16'] })).toBe('32');
    expect(await processes({ machineType: 'ml.m5.large' })).toBe('1');
  });
});

describe('capacity', () => {
  const spot = cluster({
    capacity: core.Capacity.spot({ maxWaitHours: 6 }),
    timeLimitHours: 10,
    maxRetries: 0,
  });

  test('spot: SageMaker waits for machines, restarts what it loses', async () => {
    const request = await requestFor(spot.template);
    expect(request.EnableManagedSpotTraining).toBe(true);
    expect(request.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 36000, MaxWaitTimeInSeconds: 57600 });
    expect(request.RetryStrategy).toBeUndefined();
  });

  test('spot without fallback: what ends without machines fails', async () => {
    const answer = () => ({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxWaitTimeExceeded' });
    const { status, path, error, cause } = await execute(
      definitionOf(spot.template),
      { command: ['x'] },
      { answer },
    );
    expect([status, path.at(-1), error]).toEqual(['FAILED', 'Failed', 'TrainingFailed']);
    expect(cause).toContain('MaxWaitTimeExceeded');
  });

  describe('fallback', () => {
    const definition = definitionOf(cluster({ capacity: core.Capacity.spot({ fallback: true }) }).template);
    const stopped = { TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxWaitTimeExceeded' };
    const first = (fail: () => unknown) =>
      execute(
        definition,
        { command: ['x'], run: 'r' },
        {
          answer: (_resource, _parameters, call) => (call === 1 ? fail() : completed()),
        },
      );

    test.each([
      ['is answered', () => stopped],
      [
        'is thrown',
        () => {
          throw new TaskFailed('States.TaskFailed', JSON.stringify(stopped));
        },
      ],
    ])('runs on demand from the last checkpoint when the waiting %s', async (_how, fail) => {
      const { status, path, calls } = await first(fail);
      expect(status).toBe('SUCCEEDED');
      expect(path).toEqual([
        'Check the input',
        'Prepare',
        'Train on spot',
        'Ended?',
        'Train on demand',
        'Ended on demand?',
        'Done',
      ]);
      const [{ parameters: one }, { parameters: two }] = calls;
      expect(two.TrainingJobName).toBe(`${one.TrainingJobName}-od`);
      expect(two.EnableManagedSpotTraining).toBeUndefined();
      expect(two.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 86400 });
      expect(two.CheckpointConfig).toEqual(one.CheckpointConfig);
    });

    test('is not for a program that fails', async () => {
      const { status, calls, error, cause } = await first(() => {
        throw new TaskFailed(
          'States.TaskFailed',
          JSON.stringify({ TrainingJobStatus: 'Failed', FailureReason: 'AlgorithmError' }),
        );
      });
      expect([status, calls.length, error]).toEqual(['FAILED', 1, 'States.TaskFailed']);
      expect(cause).toContain('AlgorithmError');
    });
  });

  test('a machine type whose spot is unknown is warned of', () => {
    const { stack } = cluster({ accelerators: ['H100:1'], capacity: core.Capacity.spot() });
    Annotations.fromStack(stack).hasWarning(
      '/platform/Training',
      Match.stringLikeRegexp('ml.p5.4xlarge.*spot is not known'),
    );
    Annotations.fromStack(spot.stack).hasNoWarning('/platform/Training', Match.stringLikeRegexp('spot'));
  });

  test('reserved: a SageMaker training plan', async () => {
    const { template } = cluster({ accelerators: ['H100:8'], capacity: core.Capacity.reserved(PLAN) });
    expect((await requestFor(template)).ResourceConfig.TrainingPlanArn).toBe(PLAN);
    const resources = statements(template).filter(({ actions }) =>
      actions.includes('sagemaker:CreateTrainingJob'),
    );
    expect(JSON.stringify(resources)).toContain(PLAN);
  });

  describe('queued', () => {
    const made = cluster({ maxNodes: 2, capacity: core.Capacity.queued({ maxWaitHours: 12 }) });

    test('a service queue of AWS Batch, which hands on what the nodes can take', () => {
      expect(only(made.template, 'AWS::Batch::ServiceEnvironment').Properties).toEqual({
        ServiceEnvironmentType: 'SAGEMAKER_TRAINING',
        CapacityLimits: [{ CapacityUnit: 'NUM_INSTANCES', MaxCapacity: 2 }],
      });
      expect(only(made.template, 'AWS::Batch::JobQueue').Properties).toEqual({
        JobQueueType: 'SAGEMAKER_TRAINING',
        Priority: 1,
        ServiceEnvironmentOrder: [
          {
            Order: 1,
            ServiceEnvironment: {
              'Fn::GetAtt': ['TrainingServiceEnvironment3A32435B', 'ServiceEnvironmentArn'],
            },
          },
        ],
        JobStateTimeLimitActions: [
          {
            Action: 'TERMINATE',
            State: 'RUNNABLE',
            Reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
            MaxTimeSeconds: 43200,
          },
        ],
      });
      expect(made.made.jobQueue).toBeDefined();
      expect(made.made.serviceEnvironment).toBeDefined();
    });

    test('the execution submits the same request, asks ever more seldom, ends as the job ends', async () => {
      const states = ['SUBMITTED', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED'];
      const { status, calls, waits } = await execute(
        definitionOf(made.template),
        { command: ['x'], nodes: 2 },
        {
          answer: (_resource, _parameters, call) =>
            call === 1 ? { JobId: 'j-1' } : { Status: states[call - 2] },
        },
      );
      expect(status).toBe('SUCCEEDED');
      expect(waits).toEqual([30, 60, 90, 120, 150]);
      const [submit, ask] = calls;
      expect(submit.resource).toBe('arn:aws:states:::aws-sdk:batch:submitServiceJob');
      const payload = JSON.parse(submit.parameters.ServiceRequestPayload);
      expect(payload).toMatchObject({
        ResourceConfig: { InstanceCount: 2, InstanceType: 'ml.g6.xlarge' },
        AlgorithmSpecification: { ContainerArguments: ['x'] },
        Environment: { CHECKPOINT_URI: `s3://trainingjobs48909d8a/checkpoints/${RUN}/` },
      });
      expect({ ...submit.parameters, ServiceRequestPayload: '' }).toEqual({
        JobName: payload.TrainingJobName,
        JobQueue: 'arn:aws:batch:eu-central-1:111122223333:job-queue/TrainingJobQueue2EF9B1BD',
        ServiceJobType: 'SAGEMAKER_TRAINING',
        ServiceRequestPayload: '',
      });
      expect(ask).toEqual({
        resource: 'arn:aws:states:::aws-sdk:batch:describeServiceJob',
        parameters: { JobId: 'j-1' },
      });
    });

    test('a job that fails fails the execution, with its reason', async () => {
      const { status, error, cause } = await execute(
        definitionOf(made.template),
        { command: ['x'] },
        {
          answer: (_resource, _parameters, call) =>
            call === 1 ? { JobId: 'j-1' } : { Status: 'FAILED', StatusReason: 'no machines' },
        },
      );
      expect([status, error, cause]).toEqual(['FAILED', 'TrainingFailed', 'Job j-1: no machines']);
    });

    test('four weeks of asking fit into the history of an execution', async () => {
      let seconds = 0;
      let asked = 0;
      for (; seconds < 35 * 86400; asked++) {
        seconds += Math.min(1800, 30 + 30 * asked);
      }
      expect(asked * 9).toBeLessThan(25_000);
    });

    test('scanners find nothing', () => {
      expect(unexplained(made.app)).toEqual([]);
      expect(staleExplanations(made.app)).toEqual([]);
    });
  });
});

describe('machines and disks', () => {
  test.each([
    ['ml.m5.xlarge', { VolumeSizeInGB: 200, VolumeKmsKeyId: expect.stringContaining(':key/') }],
    ['ml.p3.2xlarge', { VolumeSizeInGB: 200, VolumeKmsKeyId: expect.stringContaining(':key/') }],
    ['ml.g5.xlarge', { VolumeSizeInGB: 200 }],
    ['ml.r5d.24xlarge', { VolumeSizeInGB: 200 }],
  ])('%s', async (machineType, expected) => {
    const { template } = cluster({ machineType, diskGiB: 200 });
    expect((await requestFor(template)).ResourceConfig).toEqual({
      InstanceType: machineType,
      InstanceCount: 1,
      ...expected,
    });
  });

  test('EFA is used and reported where nodes and machines have it', async () => {
    const { made, template } = cluster({ accelerators: ['A100:8'], maxNodes: 2 });
    expect(made.fabric).toBe('EFA');
    expect((await requestFor(template)).Environment.FI_PROVIDER).toBe('efa');
    expect(reportOf(made).find(({ entry }) => entry.title === 'Fast network')!.entry.text).toMatch(
      /EFA joins up to 2/,
    );
  });

  test('in a network: no public address, nodes reach each other and HTTPS', async () => {
    const { template, app } = synthesized((stack) => {
      const network = new aws.PrivateNetwork(stack, 'Network');
      return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network });
    });
    const { VpcConfig } = await requestFor(template);
    expect(VpcConfig.Subnets).toHaveLength(2);
    expect(VpcConfig.SecurityGroupIds).toHaveLength(1);
    expect(
      template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }),
    ).toEqual({});
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [
        { CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443, IpProtocol: 'tcp', Description: 'HTTPS' },
      ],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { IpProtocol: '-1' });
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { IpProtocol: '-1' });
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('retention of logs and data', () => {
    const { made, template } = cluster({
      logRetentionDays: 7,
      retention: core.DataRetention.DESTROY,
      checkpointExpireAfterDays: 3,
    });
    expect(only(template, 'AWS::Logs::LogGroup').Properties).toMatchObject({
      LogGroupName: '/aws/vendedlogs/states/platform-training-3df68fe1',
      RetentionInDays: 7,
      KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
    });
    const bucket = template.findResources('AWS::S3::Bucket').TrainingJobs48909D8A;
    expect(bucket.DeletionPolicy).toBe('Delete');
    expect(made.emptyCommand).toContain('aws s3api delete-objects');
    expect(bucket.Properties.LifecycleConfiguration.Rules[1].ExpirationInDays).toBe(3);
  });

  test('text that looks like a placeholder of CloudFormation', () => {
    const command = ['${AWS::Region}', '\\${!x}'];
    const { template, app } = cluster({ command, environment: { NAME: '${x}' } });
    expect(() => app.synth()).not.toThrow();
    const definition = JSON.stringify(definitionOf(template));
    expect(definition).toContain(JSON.stringify(JSON.stringify(command)).slice(1, -1));
    expect(definition).toContain('"NAME":"${x}"');
  });
});
