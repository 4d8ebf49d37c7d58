import { Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  bad,
  batchCluster,
  cluster,
  definitionOf,
  execute,
  minimal,
  requestFor,
} from './gpu-training-cluster.states';
import { synthesized, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const queues: core.TrainingQueue[] = [
  { name: 'research', priority: 5, costTags: { team: 'research' } },
  { name: 'night' },
  { name: 'vision', maxAccelerators: 16, costTags: { team: 'vision', project: 'lidar' } },
];

const found = (template: Template, type: string): [string, any][] =>
  Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties]);

const submitted = async (template: Template, input: object) =>
  execute(definitionOf(template), input, {
    answer: (resource) =>
      resource.includes('submit')
        ? { JobId: 'id' }
        : resource.endsWith('describeServiceJob')
          ? { Status: 'SUCCEEDED' }
          : { Jobs: [{ Status: 'SUCCEEDED' }] },
  });

describe('queues in front of SageMaker', () => {
  const made = cluster({ accelerators: ['A100:8'], maxNodes: 4, queues });

  test('share the machines of the cluster by priority; one with a maximum has its own', () => {
    const environments = found(made.template, 'AWS::Batch::ServiceEnvironment');
    expect(environments.map(([, { CapacityLimits }]) => CapacityLimits)).toEqual([
      [{ CapacityUnit: 'NUM_INSTANCES', MaxCapacity: 4 }],
      [{ CapacityUnit: 'NUM_INSTANCES', MaxCapacity: 2 }],
    ]);
    const [[shared], [own]] = environments;
    expect(
      found(made.template, 'AWS::Batch::JobQueue').map(([id, { Priority, ServiceEnvironmentOrder }]) => [
        id.replace(/[0-9A-F]{8}$/, ''),
        Priority,
        ServiceEnvironmentOrder[0].ServiceEnvironment['Fn::GetAtt'][0],
      ]),
    ).toEqual([
      ['TrainingJobQueueresearch', 5, shared],
      ['TrainingJobQueuenight', 1, shared],
      ['TrainingJobQueuevision', 1, own],
    ]);
    expect(Object.keys(made.made.jobQueues)).toEqual(['research', 'night', 'vision']);
    expect(made.made.jobQueue).toBe(made.made.jobQueues.research);
    expect(reportOf(made.made).map(({ entry }) => entry.text)).toContain(
      'Its jobs have up to 2 machines of their own, besides those of the other queues.',
    );
  });

  test.each([
    [{}, 'research', 4, [{ Key: 'team', Value: 'research' }]],
    [{ queue: 'night' }, 'night', 4, []],
    [
      { queue: 'vision' },
      'vision',
      2,
      [
        { Key: 'project', Value: 'lidar' },
        { Key: 'team', Value: 'vision' },
      ],
    ],
  ])('%j: the queue, as many machines as it may have, its tags', async (input, queue, nodes, tags) => {
    const { status, calls } = await submitted(made.template, { command: ['x'], nodes: 9, ...input });
    expect(status).toBe('SUCCEEDED');
    const { JobQueue, ServiceRequestPayload } = calls[0].parameters;
    expect(JobQueue).toMatch(new RegExp(`job-queue/TrainingJobQueue${queue}[0-9A-F]{8}$`));
    const request = JSON.parse(ServiceRequestPayload);
    expect(request.ResourceConfig.InstanceCount).toBe(nodes);
    expect(request.Tags).toEqual(tags);
  });

  test.each([{ queue: 'other' }, { queue: 1 }, { queue: '' }, { queue: ['night'] }])(
    '%j is no declared queue',
    async (input) => {
      expect(await submitted(made.template, { command: ['x'], ...input })).toMatchObject({
        status: 'FAILED',
        error: 'BadInput',
        cause: expect.stringContaining('queue (research, night, vision)'),
        calls: [],
      });
    },
  );

  test('are chosen on the command line; a cluster without queues takes none', async () => {
    expect(made.made.submitCommand).toContain(
      `'{"command":["torchrun","train.py"],"nodes":4,"queue":"'"$(echo "$QUEUE" | grep . || echo research)"'","run":"'"\${RUN:-$(date +%Y%m%d-%H%M%S)}"'"}'`,
    );
    const without = cluster();
    expect(without.made.submitCommand).not.toContain('QUEUE');
    expect(without.made.jobQueues).toEqual({});
    expect(await execute(definitionOf(without.template), { command: ['x'], queue: 'night' })).toMatchObject({
      status: 'FAILED',
      error: 'BadInput',
    });
  });

  test('tell of jobs that wait for machines, as any queue of AWS Batch', () => {
    const { template } = cluster({
      queues,
      accelerators: ['A100:8'],
      alarms: { notify: ['ml@example.com'], noCapacityMinutes: 60 },
    });
    expect(definitionOf(template).States).toHaveProperty('Tell');
  });

  test('every wildcard has a reason', () => expect(unexplained(made.app)).toEqual([]));
});

describe('queues of AWS Batch', () => {
  const made = batchCluster({ accelerators: ['A100:8'], maxNodes: 4, queues });

  test('share a compute environment by priority; one with a maximum has its own', () => {
    const environments = found(made.template, 'AWS::Batch::ComputeEnvironment');
    expect(environments.map(([, { ComputeResources }]) => ComputeResources.MaxvCpus)).toEqual([384, 192]);
    const [[shared], [own]] = environments;
    expect(
      found(made.template, 'AWS::Batch::JobQueue').map(([, { Priority, ComputeEnvironmentOrder }]) => [
        Priority,
        ComputeEnvironmentOrder[0].ComputeEnvironment['Fn::GetAtt'][0],
      ]),
    ).toEqual([
      [5, shared],
      [1, shared],
      [1, own],
    ]);
  });

  test('get jobs with their tags, which go on to the tasks', async () => {
    const { calls } = await submitted(made.template, { command: ['x'], nodes: 9, queue: 'vision' });
    expect(calls[0].parameters).toMatchObject({
      JobQueue: expect.stringMatching(/TrainingComputeJobQueuevision/),
      Tags: { team: 'vision', project: 'lidar' },
      NodeOverrides: { NumNodes: 2 },
    });
    expect(found(made.template, 'AWS::Batch::JobDefinition')[0][1].PropagateTags).toBe(true);
    expect(
      (await submitted(made.template, { command: ['x'], queue: 'night' })).calls[0].parameters.Tags,
    ).toEqual({});
  });
});

describe('tags of the stack', () => {
  const tagged = (props: Partial<aws.GpuTrainingClusterProps> = {}) =>
    synthesized((stack) => {
      stack.tags.setTag('team', 'platform');
      Tags.of(stack).add('stage', 'prod');
      return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, ...props });
    });

  test('reach training jobs of SageMaker', async () => {
    expect((await requestFor(tagged().template)).Tags).toEqual([
      { Key: 'stage', Value: 'prod' },
      { Key: 'team', Value: 'platform' },
    ]);
    expect((await requestFor(cluster().template)).Tags).toBeUndefined();
  });

  test('a tag of the queue wins over that of the stack', async () => {
    const { calls } = await submitted(tagged({ queues }).template, { command: ['x'], queue: 'vision' });
    expect(JSON.parse(calls[0].parameters.ServiceRequestPayload).Tags).toEqual([
      { Key: 'project', Value: 'lidar' },
      { Key: 'stage', Value: 'prod' },
      { Key: 'team', Value: 'vision' },
    ]);
  });

  test('reach machines of AWS Batch and their disks', () => {
    const { template } = synthesized((stack) => {
      Tags.of(stack).add('team', 'platform');
      const network = new aws.PrivateNetwork(stack, 'Network');
      const engine = aws.TrainingEngine.BATCH;
      return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network, engine });
    });
    const [[, { LaunchTemplateData }]] = found(template, 'AWS::EC2::LaunchTemplate');
    expect(LaunchTemplateData.TagSpecifications).toEqual(
      ['instance', 'volume'].map((ResourceType) => ({
        ResourceType,
        Tags: [{ Key: 'team', Value: 'platform' }],
      })),
    );
    expect(found(template, 'AWS::Batch::JobDefinition')[0][1].Tags).toEqual({ team: 'platform' });
  });
});

describe('cost tags of a cluster', () => {
  const costTags = { team: 'fraud', project: 'claims' };
  const pairs = (tags: object) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const tagged = (props: (stack: aws.PlatformStack) => Partial<aws.GpuTrainingClusterProps>) =>
    synthesized((stack) => {
      Tags.of(stack).add('team', 'platform');
      const made = new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, costTags, ...props(stack) });
      new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
      return made;
    });

  test('win over those of the stack: jobs, machines, disks and stores have them, and nothing else', async () => {
    const { template } = tagged(() => ({}));
    const own = pairs({ project: 'claims', team: 'fraud' });
    expect((await requestFor(template)).Tags).toEqual(own);
    const buckets = Object.fromEntries(
      found(template, 'AWS::S3::Bucket').map(([id, { Tags: tags }]) => [id, tags]),
    );
    const idOf = (part: string) => Object.keys(buckets).find((id) => id.startsWith(part))!;
    expect(buckets[idOf('TrainingJobs')]).toEqual(own);
    expect(buckets[idOf('LakeZoneraw')]).toEqual(pairs({ team: 'platform' }));
  });

  test('go to machines of AWS Batch and their disks', () => {
    const { template } = tagged((stack) => ({
      engine: aws.TrainingEngine.BATCH,
      network: new aws.PrivateNetwork(stack, 'Network'),
    }));
    const [[, { LaunchTemplateData }]] = found(template, 'AWS::EC2::LaunchTemplate');
    expect(LaunchTemplateData.TagSpecifications.map(({ Tags: tags }: any) => tags)).toEqual(
      Array(2).fill(pairs({ project: 'claims', team: 'fraud' })),
    );
    expect(found(template, 'AWS::Batch::JobDefinition')[0][1].Tags).toEqual(costTags);
  });

  test('give way to those of a queue', async () => {
    const { template } = tagged(() => ({ queues }));
    const { calls } = await submitted(template, { command: ['x'], queue: 'research' });
    expect(JSON.parse(calls[0].parameters.ServiceRequestPayload).Tags).toEqual(
      pairs({ project: 'claims', team: 'research' }),
    );
  });

  test.each([{ Team: 'a' }, { team: 'A team' }, { '1st': 'a' }, { 'ml-run': 'a' }, { team: '' }])(
    '%j are refused',
    (tags) => expect(bad({ costTags: tags }, 'CMC-006')).toMatch(/costTags/),
  );
});

test('queues that cannot be had are refused', () => {
  const q = (one: object) => ({ queues: [{ name: 'a', ...one }] });
  expect(bad({ ...q({}), capacity: core.Capacity.spot() }, 'CMC-040')).toContain('engine BATCH');
  expect(bad(q({ priority: 2, maxAccelerators: 1 }), 'CMC-040')).toContain('queues[0].priority');
  expect(bad({ accelerators: ['A100:8'], ...q({ maxAccelerators: 12 }) }, 'CMC-004')).toContain(
    'multiple of the 8 accelerators',
  );
  bad(q({ priority: 1000 }), 'CMC-004');
  bad({ queues: [] }, 'CMC-004');
  bad({ queues: [{ name: 'a' }, { name: 'a' }] }, 'CMC-007');
  bad({ queues: [{ name: 'A' }] }, 'CMC-006');
  bad({ queues: [{ priority: 1 }] }, 'CMC-002');
  bad(q({ costTags: { team: 'A team' } }), 'CMC-006');
  bad({ accelerators: undefined, machineType: 'ml.p99.48xlarge', ...q({ maxAccelerators: 8 }) }, 'CMC-009');
});
