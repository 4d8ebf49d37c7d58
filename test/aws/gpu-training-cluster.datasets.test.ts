import { Stack } from 'aws-cdk-lib';
import { bad, definitionOf, execute, minimal, requestFor } from './gpu-training-cluster.states';
import { refusal, statements, synthesized, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const { DOWNLOAD, MOUNT } = core.DatasetMode;
type Datasets = core.GpuTrainingClusterProps['datasets'];

const lakeIn = (stack: Stack, ...zones: string[]) =>
  new aws.DataLake(stack, 'Lake', { zones: zones.map((name) => ({ name })), discovery: false });

/** A cluster with data of a lake of two zones. */
const reading = (
  datasets: (lake: aws.DataLake) => Datasets,
  props: Partial<aws.GpuTrainingClusterProps> = {},
) =>
  synthesized(
    (stack) =>
      new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        datasets: datasets(lakeIn(stack, 'raw', 'curated')),
        ...props,
      }),
  );

describe('datasets on SageMaker', () => {
  const made = reading((lake) => [
    { data: lake.zone('raw'), mode: DOWNLOAD, sizeGiB: 80 },
    { data: lake.zone('curated').folder('team-a/images'), mode: MOUNT, name: 'images' },
    lake.zone('curated'),
  ]);

  test('that are files are channels of every job; by URI they are none', async () => {
    const { InputDataConfig, AlgorithmSpecification, Environment } = await requestFor(made.template);
    const source = (uri: string) => ({
      S3DataSource: {
        S3DataType: 'S3Prefix',
        S3Uri: uri,
        S3DataDistributionType: 'FullyReplicated',
      },
    });
    const [raw, curated] = [Environment.DATASET_RAW_URI, Environment.DATASET_CURATED_URI];
    expect(InputDataConfig).toEqual([
      { ChannelName: 'dataset-raw', InputMode: 'File', DataSource: source(raw) },
      {
        ChannelName: 'dataset-images',
        InputMode: 'FastFile',
        DataSource: source(`${curated}team-a/images/`),
      },
    ]);
    expect(AlgorithmSpecification.TrainingInputMode).toBe('File');
    expect(raw).toMatch(/^s3:\/\/.+\/$/);
  });

  test('that are files have the folder of their channel in a variable', async () => {
    const { Environment } = await requestFor(made.template);
    expect(Object.keys(Environment).filter((name) => name.startsWith('DATASET_'))).toEqual([
      'DATASET_RAW_URI',
      'DATASET_IMAGES_URI',
      'DATASET_CURATED_URI',
      'DATASET_RAW_DIR',
      'DATASET_IMAGES_DIR',
    ]);
    expect(Environment.DATASET_RAW_DIR).toBe('/opt/ml/input/data/dataset-raw');
    expect(Environment.DATASET_IMAGES_DIR).toBe('/opt/ml/input/data/dataset-images');
  });

  test('change nothing where they are given by URI', async () => {
    const plain = reading((lake) => [lake]).template.toJSON();
    expect(reading((lake) => [{ data: lake, mode: core.DatasetMode.URI }]).template.toJSON()).toEqual(plain);
    const { InputDataConfig } = await requestFor(reading((lake) => [lake]).template);
    expect(InputDataConfig).toBeUndefined();
  });

  test('may be read by jobs, of a folder no more than what is in it', () => {
    const images = reading((lake) => [{ data: lake.zone('raw').folder('images'), mode: MOUNT }]);
    const onRaw = statements(images.template).filter(({ raw }) =>
      JSON.stringify(raw.Resource).includes('LakeZoneraw'),
    );
    expect(onRaw.map(({ actions, resources, raw }) => [actions, resources, raw.Condition])).toEqual([
      [['s3:ListBucket'], [expect.anything()], { StringLike: { 's3:prefix': ['images/*'] } }],
      [['s3:GetBucketLocation'], [expect.anything()], undefined],
      [
        ['s3:GetObject', 's3:GetObjectVersion'],
        [{ 'Fn::Join': ['', [expect.anything(), '/images/*']] }],
        undefined,
      ],
    ]);
  });

  test('stand beside what jobs share, also a zone of the same name', async () => {
    const { template } = synthesized((stack) => {
      const lake = lakeIn(stack, 'scratch');
      return new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        network: new aws.PrivateNetwork(stack, 'Network'),
        scratch: { sizeGiB: 1200 },
        datasets: [{ data: lake, mode: MOUNT }],
      });
    });
    const { InputDataConfig } = await requestFor(template);
    expect(InputDataConfig.map(({ ChannelName }: any) => ChannelName)).toEqual([
      'scratch',
      'dataset-scratch',
    ]);
  });

  test('are in the request that a queue hands on, too', async () => {
    const { template } = reading((lake) => [{ data: lake.zone('raw'), mode: MOUNT }], {
      capacity: core.Capacity.queued(),
    });
    const { calls } = await execute(
      definitionOf(template),
      { command: ['train'] },
      { answer: () => ({ JobId: 'id', Status: 'SUCCEEDED' }) },
    );
    const { ServiceRequestPayload } = calls[0].parameters;
    const { InputDataConfig } = JSON.parse(ServiceRequestPayload);
    expect(InputDataConfig).toMatchObject([{ ChannelName: 'dataset-raw', InputMode: 'FastFile' }]);
    expect(ServiceRequestPayload.length).toBeLessThan(10_000);
  });

  test('are told of, and need no explanation', () => {
    expect(
      reportOf(made.made)
        .filter(({ entry }) => entry.title.startsWith('Dataset '))
        .map(({ entry }) => `${entry.title}: ${entry.text}`),
    ).toEqual([
      'Dataset raw: Copied to the disk of each machine before the program starts: machines bill meanwhile.',
      'Dataset images: Mounted: files are read from the store as the program asks for them.',
    ]);
    expect(unexplained(made.app)).toEqual([]);
  });

  test('must fit the disk, as far as their size is known', () => {
    const of = (sizeGiB: number, props: Partial<aws.GpuTrainingClusterProps> = {}) => ({
      build: () =>
        reading((lake) => [{ data: lake, mode: DOWNLOAD, sizeGiB }], { accelerators: ['A100:8'], ...props }),
    });
    const network = { accelerators: undefined, machineType: 'ml.p3.8xlarge' };
    expect(refusal(() => of(60, network).build(), 'CMC-004')).toContain(
      'diskGiB (100) must be more than 120, which the downloads of datasets take: give more, or take mode MOUNT',
    );
    of(60, { ...network, diskGiB: 121 }).build();
    // Local disks are what they are.
    of(3000).build();
    refusal(() => of(4000).build(), 'CMC-004');
  });

  test('are as many as jobs take channels', () => {
    const names = Array.from({ length: 21 }, (_, i) => `zone-${i}`);
    const many = (count: number) => () =>
      synthesized(
        (stack) =>
          new aws.GpuTrainingCluster(stack, 'Training', {
            ...minimal,
            datasets: [{ data: lakeIn(stack, ...names.slice(0, count)), mode: MOUNT }],
          }),
      );
    many(20)();
    expect(refusal(many(21), 'CMC-004')).toContain(
      'datasets are 21 folders with scratch; SageMaker takes 20 input channels: leave mode out of some',
    );
  });

  test('keep their variables', () => {
    expect(bad({ environment: { DATASET_RAW_DIR: '/data' } }, 'CMC-008')).toContain(
      'environment.DATASET_RAW_DIR is set by the platform',
    );
  });
});

test.each([DOWNLOAD, MOUNT])('on AWS Batch %s is refused', (mode) => {
  const message = refusal(
    () =>
      synthesized((stack) => {
        const [network, lake] = [new aws.PrivateNetwork(stack, 'Network'), lakeIn(stack, 'raw')];
        const engine = aws.TrainingEngine.BATCH;
        const datasets = [{ data: lake, mode }];
        return new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network, engine, datasets });
      }),
    'CMC-040',
  );
  expect(message).toContain(
    `datasets[0].mode is ${mode.toUpperCase()}, which AWS Batch has not: leave engine out (SageMaker has it), or read DATASET_<NAME>_URI from the program`,
  );
});

test('what is no dataset is refused, however it is given', () => {
  const message = bad(
    { datasets: [{ data: 'raw' }, { data: undefined }, { mode: MOUNT }, { data: {}, how: MOUNT }, 'raw'] },
    'CMC-010',
    'CMC-002',
    'CMC-010',
    'CMC-001',
    'CMC-010',
    'CMC-010',
  );
  expect(message).toContain("datasets[0].data is 'raw'; it must be made by aws.DataLake");
  expect(message).toContain('datasets[1].data is required');
});
