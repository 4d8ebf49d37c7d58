import { AlarmFacts, CloudUnderTest, Contract, Tags, TrainingFacts } from './contract';
import * as core from '../../src/core';
import { QuotaNeed, sumQuotas } from '../../src/core/private/quotas';
import { reportOf } from '../../src/core/private/report';

/** A cluster with a lake and a registry, and what it is. */
function train(
  { ml, probe }: CloudUnderTest,
  props: Partial<core.GpuTrainingClusterProps> = {},
  datasets: (lake: core.IDataLake) => core.GpuTrainingClusterProps['datasets'] = (lake) => [lake],
  tags?: Tags,
): TrainingFacts {
  const program = probe.program({ tags });
  const lake = new ml.DataLake(program.foundation, 'Lake', { zones: [{ name: 'raw' }] });
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train'],
  });
  const cluster = new ml.GpuTrainingCluster(program.foundation, 'Training', {
    datasets: datasets(lake),
    registry,
    image: registry.image('train', '1'),
    ...('machineType' in props ? {} : { accelerators: ['L4:1', 'T4:1'] }),
    ...props,
  });
  expect(cluster.submitCommand).toContain('RUN');
  expect(cluster.outputUri).toMatch(/^\w+:\/\/.*\/$/s);
  return probe.training(program, cluster);
}

const PEOPLE = { notify: ['ml@example.com'] };
const MAILED = { mailed: PEOPLE.notify, called: [], channels: 0 };

/** What is told of the jobs of a cluster. */
function told({ ml, probe }: CloudUnderTest, props: Partial<core.GpuTrainingClusterProps>): AlarmFacts {
  const program = probe.program();
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train'],
  });
  const cluster = new ml.GpuTrainingCluster(program.foundation, 'Training', {
    image: registry.image('train', '1'),
    accelerators: ['L4:1', 'T4:1'],
    ...props,
  });
  return probe.alarms(program, cluster);
}

/** The quotas of a stack with a cluster, notebooks and an endpoint: the machine of each has one accelerator. */
function quotas(
  { ml, probe }: CloudUnderTest,
  { maxNodes, maxInstances, capacity }: { maxNodes: number; maxInstances: number; capacity?: core.Capacity },
): QuotaNeed[] {
  const { foundation } = probe.program();
  const registry = new ml.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train', 'serve'],
  });
  const accelerators = ['T4:1', 'L4:1'];
  const image = registry.image('train', '1');
  new ml.GpuTrainingCluster(foundation, 'Training', { image, accelerators, maxNodes, capacity });
  new ml.Workspace(foundation, 'Team', { users: [probe.user], accelerators });
  const container = { image: registry.image('serve', '1') };
  const model = registry.model('fraud').version('1');
  new ml.AutoScalingEndpoint(foundation, 'Fraud', {
    ...{ variants: [{ name: 'main', container, model }], accelerators: ['L4:1', 'T4:1'] },
    scaling: { minInstances: 1, maxInstances, requestsPerMinutePerInstance: 600 },
  });
  return sumQuotas(reportOf(foundation).flatMap(({ entry }) => entry.quota ?? []));
}

const namesOf = (needs: QuotaNeed[]) => needs.map(({ name }) => name);
const total = (needs: QuotaNeed[]) => needs.reduce((sum, { amount }) => sum + amount, 0);

/** A cluster whose nodes share a file system. Services have sizes of their own: the first one of these that it has. */
function share({ ml, probe }: CloudUnderTest, linked: boolean, retention?: core.DataRetention) {
  const program = probe.program();
  const { foundation } = program;
  const network = new ml.PrivateNetwork(foundation, 'Network');
  const encryptionKey = new ml.EncryptionKey(foundation, 'Key');
  const zone = linked
    ? new ml.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] }).zone('raw')
    : undefined;
  const registry = new ml.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train'],
  });
  const made = (sizeGiB: number) => {
    const cluster = new ml.GpuTrainingCluster(foundation, 'Training', {
      ...{ network, encryptionKey, retention, scratch: { sizeGiB, zone } },
      image: registry.image('train', '1'),
      accelerators: ['L4:1', 'T4:1'],
      maxNodes: 2,
    });
    return { ...probe.training(program, cluster), asked: sizeGiB };
  };
  try {
    return made(2400);
  } catch (error) {
    if (!/2400\) is no size .* 2560/.test((error as Error).message)) {
      throw error;
    }
    return made(2560);
  }
}

export const gpuTrainingCluster: Contract = {
  construct: 'GpuTrainingCluster',
  promises: [
    {
      title: 'The quotas that a stack needs are told, with the commands that check and request them',
      check(cloud) {
        const few = quotas(cloud, { maxNodes: 1, maxInstances: 2 });
        const spot = quotas(cloud, { maxNodes: 1, maxInstances: 2, capacity: core.Capacity.spot() });
        expect(namesOf(few).length).toBeGreaterThan(0);
        expect(namesOf(spot).some((name) => !namesOf(few).includes(name))).toBe(true);
        for (const { check, request } of [...few, ...spot]) {
          expect(check).toMatch(/^(aws service-quotas|gcloud beta quotas|az) /);
          expect(request).toMatch(/^(aws service-quotas|gcloud beta quotas|az quota) .*"\$AMOUNT"/);
        }
        const moreNodes = quotas(cloud, { maxNodes: 2, maxInstances: 2 });
        const moreInstances = quotas(cloud, { maxNodes: 1, maxInstances: 4 });
        expect(namesOf(moreNodes)).toEqual(namesOf(few));
        expect(total(moreNodes)).toBeGreaterThan(total(few));
        expect(total(moreInstances)).toBeGreaterThan(total(few));
      },
    },
    {
      title: 'Nothing runs while there is no job',
      check: (cloud) => expect(train(cloud).machinesWhileIdle).toBe(0),
    },
    {
      title: 'The first accelerator that the cloud offers is taken',
      check(cloud) {
        const [first, second] = ['L4:1', 'T4:1'].map((accelerator) => {
          try {
            return train(cloud, { accelerators: [accelerator] }).machineType;
          } catch {
            return undefined;
          }
        });
        expect(train(cloud).machineType).toBe(first ?? second);
      },
    },
    {
      title: 'A job has up to maxNodes machines',
      check: (cloud) => expect(train(cloud, { maxNodes: 4 }).mostMachines).toBe(4),
    },
    {
      title: 'A job goes on with fewer machines than it asked for',
      check: (cloud) =>
        expect(train(cloud, { minNodes: 2, maxNodes: 4 })).toMatchObject({
          leastMachines: 2,
          mostMachines: 4,
        }),
    },
    {
      title: 'Jobs on spot machines are started again and resume from a checkpoint',
      check: (cloud) =>
        expect(train(cloud, { capacity: core.Capacity.spot() })).toMatchObject({
          spot: true,
          startedAgain: true,
          checkpointed: true,
        }),
    },
    {
      title: 'A job that finds no spot machine runs on demand',
      check: (cloud) =>
        expect(train(cloud, { capacity: core.Capacity.spot({ fallback: true }) }).onDemandAfterSpot).toBe(
          true,
        ),
    },
    {
      title: 'Several machines of a job can be spot',
      check: (cloud) =>
        expect(train(cloud, { capacity: core.Capacity.spot(), maxNodes: 2 })).toMatchObject({
          spot: true,
          mostMachines: 2,
        }),
    },
    {
      title: 'Jobs wait in line for machines',
      check: (cloud) => expect(train(cloud, { capacity: core.Capacity.queued() }).machinesWhileIdle).toBe(0),
    },
    {
      title: 'A fast network that is required is there, or an error',
      check(cloud) {
        expect(() => train(cloud, { fabric: core.Fabric.REQUIRED, maxNodes: 2 })).toThrow(/\[CMC-0\d\d\]/);
        expect(
          train(cloud, { fabric: core.Fabric.REQUIRED, maxNodes: 2, accelerators: ['A100:8', 'A100-80GB:8'] })
            .mostMachines,
        ).toBe(2);
      },
    },
    {
      title: 'The job environment is the same on every cloud',
      check: (cloud) =>
        expect(train(cloud, { maxNodes: 2 }).variables).toEqual(
          expect.arrayContaining([
            'DATASET_RAW_URI',
            'CHECKPOINT_URI',
            'MODEL_OUTPUT_URI',
            'NNODES',
            'NODE_RANK',
            'MASTER_ADDR',
            'MASTER_PORT',
          ]),
        ),
    },
    {
      title: 'Jobs see a dataset as files that are read from the store as they ask for them',
      check(cloud) {
        const { files, variables } = train(cloud, {}, (lake) => [
          { data: lake.zone('raw').folder('team-a'), mode: core.DatasetMode.MOUNT },
        ]);
        expect(files).toEqual({ raw: 'mounted' });
        expect(variables).toEqual(expect.arrayContaining(['DATASET_RAW_URI', 'DATASET_RAW_DIR']));
        expect(train(cloud).files).toEqual({});
      },
    },
    {
      title: 'Jobs see a dataset as files that are on the machine before they start',
      check(cloud) {
        const { files, variables } = train(cloud, {}, (lake) => [
          { data: lake, mode: core.DatasetMode.DOWNLOAD },
        ]);
        expect(files).toEqual({ raw: 'downloaded' });
        expect(variables).toContain('DATASET_RAW_DIR');
      },
    },
    {
      title: 'Callers choose command, nodes and the name of the run, nothing else',
      check: (cloud) => expect(train(cloud).callersChoose.sort()).toEqual(['command', 'nodes', 'run']),
    },
    {
      title: 'Queues are served by priority and have at most so many accelerators',
      check: (cloud) =>
        expect(
          train(cloud, {
            maxNodes: 4,
            queues: [
              { name: 'research', priority: 5 },
              { name: 'night', maxAccelerators: 2 },
            ],
          }).queues,
        ).toEqual([
          { name: 'research', priority: 5, mostMachines: 4 },
          { name: 'night', priority: 1, mostMachines: 2 },
        ]),
    },
    {
      title: 'Callers choose one of the queues of a cluster',
      check: (cloud) =>
        expect(train(cloud, { queues: [{ name: 'research' }] }).callersChoose.sort()).toEqual([
          'command',
          'nodes',
          'queue',
          'run',
        ]),
    },
    {
      title: 'Disks are encrypted and machines have no public address',
      check: (cloud) => {
        const { ml, probe } = cloud;
        const program = probe.program();
        const network = new ml.PrivateNetwork(program.foundation, 'Network');
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: [{ name: 'fraud' }],
          images: ['train'],
        });
        const cluster = new ml.GpuTrainingCluster(program.foundation, 'Training', {
          network,
          image: registry.image('train', '1'),
          accelerators: ['L4:1', 'T4:1'],
        });
        expect(probe.training(program, cluster)).toMatchObject({
          encryptedDisks: true,
          publicAddress: false,
        });
      },
    },
    {
      title: 'A job that failed is told',
      check: (cloud) => expect(told(cloud, { alarms: PEOPLE })).toMatchObject({ alarms: 1, ...MAILED }),
    },
    {
      title: 'A job that waits for machines is told',
      check: (cloud) =>
        expect(
          told(cloud, {
            capacity: core.Capacity.queued(),
            alarms: { ...PEOPLE, jobFailed: false, noCapacityMinutes: 60 },
          }),
        ).toMatchObject({ alarms: 1, ...MAILED }),
    },
    {
      title: 'Nodes of a job share a fast file system that is encrypted and kept',
      check(cloud) {
        const { scratch, variables, asked } = share(cloud, false);
        expect(variables).toContain('SCRATCH_DIR');
        expect(scratch).toEqual({
          sizeGiB: asked,
          encrypted: true,
          directory: expect.stringMatching(/^\/.+/),
          showsZone: false,
          kept: true,
        });
        expect(share(cloud, false, core.DataRetention.DESTROY).scratch!.kept).toBe(false);
      },
    },
    {
      title: 'The file system that nodes share shows a zone of a lake',
      check: (cloud) => expect(share(cloud, true).scratch!.showsZone).toBe(true),
    },
    {
      title: 'Cost tags reach jobs and machines',
      check(cloud) {
        const stack = { team: 'platform', project: 'lidar' };
        const tagged = (costTags?: Tags) => train(cloud, { costTags }, undefined, stack).costTags;
        expect(tagged()).toMatchObject({ job: stack, machines: stack });
        const own = { ...stack, team: 'vision' };
        expect(tagged({ team: 'vision' })).toMatchObject({ job: own, machines: own });
        expect(() => train(cloud, { costTags: { Team: 'vision' } })).toThrow(/costTags.*\[CMC-006\]/);
      },
    },
    {
      title: 'Jobs end at their time limit',
      check: (cloud) => expect(train(cloud, { timeLimitHours: 6 }).timeLimitHours).toBe(6),
    },
  ],
};
