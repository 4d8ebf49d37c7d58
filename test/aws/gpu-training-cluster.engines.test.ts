import { App, aws_iam as iam, aws_stepfunctions as sfn, Lazy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  bad,
  batchCluster,
  cluster,
  definitionOf,
  deployed,
  execute,
  IMAGE,
  minimal,
  PLAN,
  requestFor,
} from './gpu-training-cluster.states';
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
import { reportOf } from '../../src/core/private/report';

describe('AWS Batch', () => {
  const single = batchCluster({
    capacity: core.Capacity.spot({ maxWaitHours: 2 }),
    sharedMemoryMiB: 8192,
    diskGiB: 200,
  });
  const many = batchCluster({ accelerators: ['A100:8'], maxNodes: 4 });

  test('single node on spot', () => {
    const { ComputeResources, ...rest } = only(single.template, 'AWS::Batch::ComputeEnvironment').Properties;
    expect(rest).toEqual({
      Type: 'MANAGED',
      ReplaceComputeEnvironment: false,
      UpdatePolicy: { JobExecutionTimeoutMinutes: 360, TerminateJobsOnUpdate: false },
    });
    expect(ComputeResources).toMatchObject({
      Type: 'SPOT',
      AllocationStrategy: 'SPOT_PRICE_CAPACITY_OPTIMIZED',
      MinvCpus: 0,
      MaxvCpus: 4,
      InstanceTypes: ['g6.xlarge'],
      Ec2Configuration: [{ ImageType: 'ECS_AL2023_NVIDIA' }],
    });
    expect(ComputeResources.Subnets).toHaveLength(2);
    expect(ComputeResources.SecurityGroupIds).toHaveLength(1);
    expect(ComputeResources.PlacementGroup).toBeUndefined();
    expect(only(single.template, 'AWS::Batch::JobQueue').Properties.JobStateTimeLimitActions).toEqual([
      {
        Action: 'CANCEL',
        State: 'RUNNABLE',
        Reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
        MaxTimeSeconds: 7200,
      },
    ]);
    expect(only(single.template, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData).toEqual({
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: {
            DeleteOnTermination: true,
            Encrypted: true,
            KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
            VolumeSize: 200,
            VolumeType: 'gp3',
          },
        },
      ],
      MetadataOptions: { HttpPutResponseHopLimit: 1, HttpTokens: 'required' },
    });
  });

  test('one job with the whole machine', () => {
    const { ContainerProperties, ...rest } = only(single.template, 'AWS::Batch::JobDefinition').Properties;
    expect(rest).toEqual({
      JobDefinitionName: expect.stringMatching(/^platform-training-compute-[0-9a-f]{8}$/),
      Type: 'container',
      PropagateTags: true,
      PlatformCapabilities: ['EC2'],
      Timeout: { AttemptDurationSeconds: 86400 },
      RetryStrategy: {
        Attempts: 4,
        EvaluateOnExit: [
          { Action: 'RETRY', OnStatusReason: 'Host EC2*' },
          { Action: 'EXIT', OnReason: '*' },
        ],
      },
    });
    expect(ContainerProperties).toMatchObject({
      Image: IMAGE,
      JobRoleArn: { 'Fn::GetAtt': ['TrainingJobRoleF750C0D4', 'Arn'] },
      ResourceRequirements: [
        { Type: 'VCPU', Value: '4' },
        { Type: 'MEMORY', Value: '14745' },
        { Type: 'GPU', Value: '1' },
      ],
      LinuxParameters: { SharedMemorySize: 8192 },
      LogConfiguration: {
        LogDriver: 'awslogs',
        Options: { 'awslogs-group': { Ref: expect.stringMatching(/^TrainingJobLogs/) } },
      },
    });
    expect(ContainerProperties.Environment).toContainEqual({ Name: 'PET_NPROC_PER_NODE', Value: 'gpu' });
    expect(ContainerProperties.Privileged).toBeUndefined();
  });

  test('many nodes: neighbours joined by EFA', () => {
    const { NetworkInterfaces } = only(many.template, 'AWS::EC2::LaunchTemplate').Properties
      .LaunchTemplateData;
    expect(
      NetworkInterfaces.map((one: any) => [one.NetworkCardIndex, one.DeviceIndex, one.InterfaceType]),
    ).toEqual([
      [0, 0, 'efa'],
      [1, 1, 'efa-only'],
      [2, 1, 'efa-only'],
      [3, 1, 'efa-only'],
    ]);
    const { ComputeResources } = only(many.template, 'AWS::Batch::ComputeEnvironment').Properties;
    expect(ComputeResources).toMatchObject({
      Type: 'EC2',
      MaxvCpus: 384,
      PlacementGroup: { Ref: expect.any(String) },
    });
    expect(ComputeResources.Subnets).toHaveLength(1);
    expect(ComputeResources.SecurityGroupIds).toBeUndefined();
    expect(only(many.template, 'AWS::EC2::PlacementGroup').Properties).toEqual({ Strategy: 'cluster' });
    const { NodeProperties, Type } = only(many.template, 'AWS::Batch::JobDefinition').Properties;
    expect(Type).toBe('multinode');
    const [{ Container, TargetNodes }] = NodeProperties.NodeRangeProperties;
    expect([NodeProperties.MainNode, NodeProperties.NumNodes, TargetNodes]).toEqual([0, 4, '0:']);
    expect(Container.Ulimits).toEqual([{ Name: 'memlock', HardLimit: -1, SoftLimit: -1 }]);
    expect(Container.LinuxParameters.Devices.map(({ HostPath }: any) => HostPath)).toEqual(
      [0, 1, 2, 3].map((i) => `/dev/infiniband/uverbs${i}`),
    );
    expect(Container.Environment).toContainEqual({ Name: 'FI_PROVIDER', Value: 'efa' });
    expect(many.made.fabric).toBe('EFA');
  });

  test('the execution submits command, nodes and the places of the run, and ends as the job ends', async () => {
    const answer = (resource: string) =>
      /submit/.test(resource) ? { JobId: 'j' } : { Jobs: [{ Status: 'SUCCEEDED' }] };
    const { status, calls } = await execute(
      definitionOf(many.template),
      { command: ['torchrun', 'train.py'], nodes: 9, run: 'r' },
      { answer },
    );
    expect(status).toBe('SUCCEEDED');
    expect(calls[0].resource).toBe('arn:aws:states:::aws-sdk:batch:submitJob');
    expect(calls[0].parameters).toEqual({
      JobName: expect.stringMatching(/^platform-train-/),
      JobQueue: expect.stringContaining(':job-queue/'),
      JobDefinition: expect.stringContaining(':job-definition/'),
      NodeOverrides: {
        NumNodes: 4,
        NodePropertyOverrides: [
          {
            TargetNodes: '0:',
            ContainerOverrides: {
              Command: ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job', 'torchrun', 'train.py'],
              Environment: [
                { Name: 'CHECKPOINT_URI', Value: 's3://trainingjobs48909d8a/checkpoints/r/' },
                { Name: 'MODEL_OUTPUT_URI', Value: 's3://trainingjobs48909d8a/output/r/' },
              ],
            },
          },
        ],
      },
    });
    expect(calls[1]).toEqual({
      resource: 'arn:aws:states:::aws-sdk:batch:describeJobs',
      parameters: { Jobs: ['j'] },
    });
    const alone = await execute(definitionOf(single.template), { command: ['x'] }, { answer });
    expect(alone.calls[0].parameters.ContainerOverrides.Command.at(-1)).toBe('x');
  });

  test.each([
    { image: 'evil' },
    { JobDefinition: 'arn:aws:batch:eu-west-1:111122223333:job-definition/evil' },
    { environment: { A: 'b' } },
    { RoleArn: 'arn:aws:iam::111122223333:role/admin' },
    { queue: 'arn:aws:batch:eu-west-1:111122223333:job-queue/theirs' },
  ])('callers choose no %p, in one job and in many nodes', async (input) => {
    for (const { template } of [single, many]) {
      expect(await execute(definitionOf(template), { command: ['x'], ...input })).toMatchObject({
        error: 'BadInput',
        calls: [],
      });
    }
  });

  test('the time limit is that of all attempts together', async () => {
    const hours = (n: number) => Date.now() - n * 3_600_000;
    const jobs = [
      { Status: 'RUNNABLE' },
      { Status: 'RUNNING', StartedAt: hours(1), Attempts: [] },
      { Status: 'RUNNING', StartedAt: hours(1), Attempts: [{ StartedAt: hours(25) }] },
      { Status: 'FAILED', StatusReason: 'over' },
    ];
    const { path, calls } = await execute(
      definitionOf(single.template),
      { command: ['x'] },
      {
        answer: (resource) =>
          /describe/.test(resource)
            ? { Jobs: [jobs.shift()] }
            : /submit/.test(resource)
              ? { JobId: 'j' }
              : {},
      },
    );
    expect(path.slice(-6)).toEqual(['Ended?', 'Stop', 'Wait', 'Ask', 'Ended?', 'Failed']);
    expect(calls.filter(({ resource }) => /terminate/.test(resource))).toEqual([
      {
        resource: 'arn:aws:states:::aws-sdk:batch:terminateJob',
        parameters: { JobId: 'j', Reason: expect.any(String) },
      },
    ]);
  });

  test('Trainium: its devices and its machine image', () => {
    const { template } = batchCluster({ accelerators: ['Trainium:16'] });
    const { Ec2Configuration } = only(template, 'AWS::Batch::ComputeEnvironment').Properties.ComputeResources;
    expect(Ec2Configuration).toEqual([
      { ImageType: 'ECS_AL2023', ImageIdOverride: { Ref: expect.any(String) } },
    ]);
    const { LinuxParameters, ResourceRequirements } = only(template, 'AWS::Batch::JobDefinition').Properties
      .ContainerProperties;
    expect(LinuxParameters.Devices).toHaveLength(16);
    expect(LinuxParameters.Devices[15].HostPath).toBe('/dev/neuron15');
    expect(ResourceRequirements.map(({ Type }: any) => Type)).toEqual(['VCPU', 'MEMORY']);
  });

  test('processors only, with a machine image of your own', () => {
    const { template, made } = batchCluster({
      machineType: 'm5.4xlarge',
      machineImageId: 'ami-0123456789abcdef0',
    });
    const { ComputeResources } = only(template, 'AWS::Batch::ComputeEnvironment').Properties;
    expect(ComputeResources).toMatchObject({
      InstanceTypes: ['m5.4xlarge'],
      MaxvCpus: 16,
      Ec2Configuration: [{ ImageType: 'ECS_AL2023', ImageIdOverride: 'ami-0123456789abcdef0' }],
    });
    expect(
      only(template, 'AWS::Batch::JobDefinition').Properties.ContainerProperties.ResourceRequirements,
    ).toEqual([
      { Type: 'VCPU', Value: '16' },
      { Type: 'MEMORY', Value: '58982' },
    ]);
    expect(made.accelerator).toBeUndefined();
  });

  test.each([
    ['c5.large', '3496'],
    ['m5.large', '7372'],
  ])('a job leaves %s what its operating system takes', (machineType, memory) => {
    const { template } = batchCluster({ machineType });
    expect(
      only(template, 'AWS::Batch::JobDefinition').Properties.ContainerProperties.ResourceRequirements,
    ).toContainEqual({ Type: 'MEMORY', Value: memory });
  });

  test('reserved: a capacity block', () => {
    const { template } = batchCluster({
      accelerators: ['H100:8'],
      capacity: core.Capacity.reserved('cr-0123456789abcdef0'),
      capacityBlock: true,
    });
    expect(only(template, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData).toMatchObject({
      CapacityReservationSpecification: {
        CapacityReservationTarget: { CapacityReservationId: 'cr-0123456789abcdef0' },
      },
      InstanceMarketOptions: { MarketType: 'capacity-block' },
    });
  });

  test('reserved: in no placement group, which reservations are made without', () => {
    const { template, made } = batchCluster({
      accelerators: ['H100:8'],
      maxNodes: 2,
      capacity: core.Capacity.reserved('cr-0123456789abcdef0'),
    });
    template.resourceCountIs('AWS::EC2::PlacementGroup', 0);
    const { ComputeResources } = only(template, 'AWS::Batch::ComputeEnvironment').Properties;
    expect(ComputeResources.PlacementGroup).toBeUndefined();
    expect(ComputeResources.Subnets).toHaveLength(1);
    expect(reportOf(made).find(({ entry }) => entry.title === 'Reservation')?.entry.text).toContain(
      'first subnet',
    );
  });

  test('B300 machines, whose first network card has no EFA, have it on the sixteen others', () => {
    const { template } = batchCluster({
      accelerators: ['B300:8'],
      maxNodes: 2,
      capacity: core.Capacity.reserved('cr-0123456789abcdef0'),
    });
    const { NetworkInterfaces } = only(template, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
    expect(
      NetworkInterfaces.map((one: any) => [one.NetworkCardIndex, one.DeviceIndex, one.InterfaceType]),
    ).toEqual([[0, 0, 'interface'], ...Array.from({ length: 16 }, (_, i) => [i + 1, 0, 'efa-only'])]);
  });

  test('secrets by value, read when the container starts and not by the job', () => {
    const { template } = synthesized((stack) => {
      const network = new aws.PrivateNetwork(stack, 'Network');
      return new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        network,
        engine: aws.TrainingEngine.BATCH,
        secrets: { HF_TOKEN: aws.Secret.fromSecretName(stack, 'Token', 'hf') },
      });
    });
    const { Secrets } = only(template, 'AWS::Batch::JobDefinition').Properties.ContainerProperties;
    expect(Secrets).toEqual([{ Name: 'HF_TOKEN', ValueFrom: expect.anything() }]);
    const reads = statements(template).filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    expect(reads.map(({ policy }) => policy)).toEqual([expect.stringContaining('StartRole')]);
    expect(endpoints(template)).toContain('secretsmanager');
  });

  test('asks the network for the endpoints of the container agent, and reports them', () => {
    expect(endpoints(single.template)).toEqual([
      'ecr.api',
      'ecr.dkr',
      'ecs',
      'ecs-agent',
      'ecs-telemetry',
      'logs',
    ]);
    expect(reportOf(single.stack).filter(({ entry }) => entry.title.startsWith('Endpoint'))).toHaveLength(6);
  });

  test('its log group is its own, with retention', () => {
    const groups = Object.entries(
      batchCluster({ logRetentionDays: 14 }).template.findResources('AWS::Logs::LogGroup'),
    );
    const [[, { Properties }]] = groups.filter(([id]) => id.startsWith('TrainingJobLogs'));
    expect(Properties).toEqual({ KmsKeyId: expect.anything(), RetentionInDays: 14 });
  });

  test('the key lets the launching services encrypt disks, by no name of a role', () => {
    const { KeyPolicy } = only(single.template, 'AWS::KMS::Key').Properties;
    const disks = KeyPolicy.Statement.filter(({ Sid }: any) => /^MachineDisk/.test(Sid ?? ''));
    expect(disks.map(({ Sid }: any) => Sid)).toEqual(['MachineDisks', 'MachineDiskGrants']);
    for (const { Condition } of disks) {
      expect(Condition.StringEquals).toEqual({ 'kms:CallerAccount': { Ref: 'AWS::AccountId' } });
      expect(Condition.ArnLike['aws:PrincipalArn']).toHaveLength(5);
    }
  });

  test('scanners find nothing', () => {
    for (const { app } of [single, many]) {
      expect(unexplained(app)).toEqual([]);
      expect(staleExplanations(app)).toEqual([]);
    }
  });

  const endpoints = (template: Template) =>
    Object.keys(
      template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }),
    )
      .map((id) =>
        deployed(template.findResources('AWS::EC2::VPCEndpoint')[id].Properties.ServiceName).replace(
          'com.amazonaws.eu-central-1.',
          '',
        ),
      )
      .sort();
});

describe('what SageMaker gets keeps within its limits', () => {
  test('with everything set', async () => {
    const { template } = synthesized((stack) => {
      const network = new aws.PrivateNetwork(stack, 'Network', {});
      return new aws.GpuTrainingCluster(stack, 'A'.repeat(60), {
        ...minimal,
        network,
        datasets: [new aws.DataLake(stack, 'Lake', { discovery: false })],
        capacity: core.Capacity.spot({ fallback: true, maxWaitHours: 648 }),
        maxNodes: 16,
        maxRetries: 10,
        timeLimitHours: 672,
        environment: Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`V${i}`, 'x'.repeat(512)])),
      });
    });
    const input = { command: Array(96).fill('x'.repeat(256)), nodes: 16, run: 'r'.repeat(63) };
    const request = await requestFor(template, input);
    expect(`${request.TrainingJobName}-od`.length).toBeLessThanOrEqual(63);
    expect(request.TrainingJobName).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    const { ContainerArguments, ContainerEntrypoint, TrainingImage } = request.AlgorithmSpecification;
    expect(TrainingImage.length).toBeLessThanOrEqual(255);
    expect(ContainerArguments.length + ContainerEntrypoint.length).toBeLessThanOrEqual(100);
    [...ContainerArguments, ...ContainerEntrypoint].forEach((item) =>
      expect(item.length).toBeLessThanOrEqual(256),
    );
    const variables = Object.entries<string>(request.Environment);
    expect(variables.length).toBeLessThanOrEqual(100);
    variables.forEach(([name, value]) => {
      expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
      expect(value.length).toBeLessThanOrEqual(512);
    });
    expect(request.StoppingCondition.MaxRuntimeInSeconds).toBeLessThanOrEqual(28 * 86400);
    expect(request.StoppingCondition.MaxWaitTimeInSeconds).toBeGreaterThanOrEqual(
      request.StoppingCondition.MaxRuntimeInSeconds,
    );
    expect(request.RetryStrategy.MaximumRetryAttempts).toBeLessThanOrEqual(30);
    expect(request.RoleArn).toMatch(/^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/);
    expect(JSON.stringify(definitionOf(template)).length).toBeLessThan(1024 * 1024);
    expect(JSON.stringify(definitionOf(template))).not.toContain('${');
  });
});

describe('grants', () => {
  test('submit: start executions of the one machine', () => {
    const { template } = synthesized((stack) => {
      const it = new aws.GpuTrainingCluster(stack, 'Training', minimal);
      it.grants.submit(
        new iam.Role(stack, 'Scheduler', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') }),
      );
      return it;
    });
    const found = statements(template).filter(({ policy }) => policy.startsWith('Scheduler'));
    expect(found.map(({ actions, resources }) => [actions, resources])).toEqual([
      [['states:StartExecution'], [{ Ref: 'TrainingWorkflow989BB8D9' }]],
    ]);
  });

  function twoStacks() {
    const app = new App({ context: CONTEXT });
    const first = new aws.PlatformStack(app, 'first');
    const second = new aws.PlatformStack(app, 'second');
    const training = new aws.GpuTrainingCluster(first, 'Training', minimal);
    return { app, first, second, training };
  }

  test('submit to a workload of a later stack', () => {
    const { app, first, second, training } = twoStacks();
    const role = new iam.Role(second, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    training.grantSubmit(aws.Workload.fromRole(second, 'Caller', role));
    app.synth();
    expect(second.dependencies).toEqual([first]);
    expect(JSON.stringify(templateOf(second).toJSON())).toContain('first:ExportsOutputRefTrainingWorkflow');
  });

  test('submit to a workload of an earlier stack is refused', () => {
    const { first, second } = twoStacks();
    const role = new iam.Role(first, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const caller = aws.Workload.fromRole(first, 'Caller', role);
    second.addStackDependency(first);
    const later = new aws.GpuTrainingCluster(second, 'Training', minimal);
    expect(refusal(() => later.grantSubmit(caller), 'CMC-013')).toMatch('second/Training');
  });

  test('a lake of a later stack for a cluster of an earlier one is refused, of an earlier one is granted', () => {
    const { first, second, training } = twoStacks();
    second.addStackDependency(first);
    const lake = new aws.DataLake(second, 'Lake', { discovery: false });
    refusal(() => lake.grantRead(training), 'CMC-013');
    const later = new aws.GpuTrainingCluster(second, 'Later', minimal);
    new aws.DataLake(first, 'Lake', { discovery: false }).grantReadWrite(later);
    expect(JSON.stringify(templateOf(second).findResources('AWS::IAM::ManagedPolicy'))).toContain(
      'first:ExportsOutput',
    );
  });

  test('what other stacks may need is exported', () => {
    expect(Object.keys(cluster().template.toJSON().Outputs)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('RefTrainingWorkflow'),
        expect.stringContaining('TrainingJobRole'),
        expect.stringContaining('RefTrainingJobs'),
      ]),
    );
  });

  test('native access', () => {
    const { stack } = platform();
    const training = new aws.GpuTrainingCluster(stack, 'Training', minimal);
    (training.node.defaultChild as sfn.CfnStateMachine).addPropertyOverride('StateMachineName', 'mine');
    training.role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }),
    );
    expect(
      only(Template.fromStack(stack), 'AWS::StepFunctions::StateMachine').Properties.StateMachineName,
    ).toBe('mine');
  });
});

describe('refused', () => {
  const batch = (props: object = {}) => ({ engine: aws.TrainingEngine.BATCH, ...props });
  const inNetwork = (props: object, ...codes: string[]) => {
    const { stack } = platform();
    const network = new aws.PrivateNetwork(stack, 'Network');
    return refusal(
      () =>
        new aws.GpuTrainingCluster(stack, 'Training', {
          ...minimal,
          ...batch({ network, ...props }),
        } as never),
      ...codes,
    );
  };

  test('no machine', () => {
    expect(bad({ accelerators: undefined }, 'CMC-002')).toMatch(
      'platform/Training: accelerators is required, or machineType',
    );
  });

  test('both ways to a machine', () => {
    bad({ machineType: 'ml.g5.xlarge' }, 'CMC-008');
  });

  test('an accelerator, a count or a type that SageMaker does not train on', () => {
    expect(bad({ accelerators: ['L5'] }, 'CMC-020')).toMatch('L4');
    expect(bad({ accelerators: ['A100:3'] }, 'CMC-021')).toMatch('A100 in counts of 8');
    bad({ accelerators: undefined, machineType: 'ml.inf2.xlarge' }, 'CMC-022');
    bad({ accelerators: undefined, machineType: 'g5.xlarge' }, 'CMC-006');
  });

  test('an image of another registry', () => {
    expect(bad({ image: 'pytorch/pytorch:2.5' }, 'CMC-060')).toMatch('Amazon ECR');
  });

  test('fabric that the machine has not', () => {
    expect(bad({ fabric: core.Fabric.REQUIRED, maxNodes: 2 }, 'CMC-040')).toMatch('ml.g6.xlarge has no EFA');
  });

  test('fabric of a machine that only deployment knows', () => {
    bad(
      {
        accelerators: undefined,
        machineType: Lazy.string({ produce: () => 'ml.g5.xlarge' }),
        fabric: core.Fabric.REQUIRED,
      },
      'CMC-009',
    );
  });

  test('shared memory on SageMaker', () => {
    expect(bad({ sharedMemoryMiB: 1024 }, 'CMC-040')).toMatch('engine BATCH');
  });

  test('more disk than a machine has', () => {
    expect(bad({ diskGiB: 500 }, 'CMC-040')).toMatch(
      'more than the 232 GiB of local disk that ml.g6.xlarge has',
    );
  });

  test('names of variables that the platform sets', () => {
    const message = bad(
      { environment: { NODE_RANK: '1', PET_NNODES: '2', DATASET_RAW_URI: 's3://x/', ML_ENTRY: 'x' } },
      ...Array(4).fill('CMC-008'),
    );
    expect(message).toMatch('environment.PET_NNODES is set by the platform');
  });

  test('variables beyond the limits of SageMaker', () => {
    expect(bad({ environment: { LONG: 'x'.repeat(513) } }, 'CMC-040')).toMatch(
      'environment.LONG has 513 characters',
    );
    const many = Object.fromEntries(Array.from({ length: 95 }, (_, i) => [`V${i}`, 'x']));
    expect(bad({ environment: many }, 'CMC-004')).toMatch('SageMaker takes 100');
  });

  test('a secret and a variable that become one', () => {
    const { stack } = platform();
    const secrets = { A: aws.Secret.fromSecretName(stack, 'Secret', 'a') };
    refusal(
      () =>
        new aws.GpuTrainingCluster(stack, 'Training', {
          ...minimal,
          secrets,
          environment: { A_SECRET_ID: 'x' },
        }),
      'CMC-007',
    );
  });

  test('two datasets of one name', () => {
    const { stack } = platform();
    const lakes = ['One', 'Two'].map(
      (id) => new aws.DataLake(stack, id, { discovery: false, zones: [{ name: 'raw' }] }),
    );
    expect(
      refusal(
        () => new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, datasets: lakes }),
        'CMC-007',
      ),
    ).toMatch('datasets[1]');
  });

  test('commands beyond the limits of SageMaker', () => {
    bad({ command: [] }, 'CMC-004');
    bad({ command: ['x'.repeat(257)] }, 'CMC-006');
    bad({ command: Array(97).fill('x') }, 'CMC-004');
  });

  test('reservations of the wrong kind', () => {
    expect(bad({ capacity: core.Capacity.reserved('cr-0123456789abcdef0') }, 'CMC-006')).toMatch(
      'training plan',
    );
    expect(inNetwork({ capacity: core.Capacity.reserved(PLAN) }, 'CMC-006')).toMatch('cr-…');
    bad({ capacityBlock: true }, 'CMC-009');
    bad({ machineImageId: 'ami-0123456789abcdef0' }, 'CMC-009');
  });

  test('a longer wait than queues have', () => {
    expect(bad({ capacity: core.Capacity.queued({ maxWaitHours: 25 }) }, 'CMC-023')).toMatch('at most 24');
  });

  test('a log retention that CloudWatch does not know', () => {
    bad({ logRetentionDays: 8 }, 'CMC-005');
  });

  test('a misspelt prop, and all faults at once', () => {
    const message = bad({ maxNode: 2, diskGiB: 1, timeLimitHours: 900 }, 'CMC-001', 'CMC-004', 'CMC-004');
    expect(message).toMatch("did you mean 'maxNodes'");
  });

  test('AWS Batch without a network', () => {
    expect(bad(batch(), 'CMC-002')).toMatch('network is required with engine BATCH');
  });

  test('AWS Batch: what it cannot do', () => {
    expect(inNetwork({ maxNodes: 2, capacity: core.Capacity.spot() }, 'CMC-023')).toMatch(
      'multi-node jobs of AWS Batch refuse',
    );
    expect(inNetwork({ capacity: core.Capacity.spot({ fallback: true }) }, 'CMC-040')).toMatch(
      'leave engine out',
    );
    inNetwork({ capacity: core.Capacity.spot({ maxWaitHours: 30 }) }, 'CMC-023');
    inNetwork({ maxRetries: 10 }, 'CMC-004');
    inNetwork({ diskGiB: 20 }, 'CMC-004');
    inNetwork({ environment: { AWS_BATCH_X: '1' } }, 'CMC-008');
    expect(
      inNetwork({ accelerators: ['H200:8'], machineType: undefined, capacity: core.Capacity.onDemand() })
        .length,
    ).toBeGreaterThan(0);
    inNetwork({ accelerators: undefined, machineType: 'x2gd.large' }, 'CMC-022');
    inNetwork({ accelerators: ['Radeon-Pro-V520'] }, 'CMC-021');
  });

  test('nothing half-built stays', () => {
    const { stack } = platform();
    refusal(() => new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, maxNodes: 0 }), 'CMC-004');
    expect(stack.node.children).toEqual([]);
    expect(new aws.GpuTrainingCluster(stack, 'Training', minimal).node.path).toBe('platform/Training');
  });

  test('a construct of another cloud, and one outside of a stack', () => {
    const foreign = { node: { path: 'x' } } as never;
    bad({ network: foreign }, 'CMC-010');
    refusal(() => new aws.GpuTrainingCluster(new App(), 'Training', minimal), 'CMC-011');
  });
});

test('no custom resource, no Lambda function', () => {
  for (const { template } of [cluster(), batchCluster()]) {
    const types = Object.values(template.toJSON().Resources).map(({ Type }: any) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource|Lambda/.test(type))).toEqual([]);
  }
});
