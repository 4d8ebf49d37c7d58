import { Construct } from 'constructs';
import { Kubernetes, done, runOn, SHARED } from './gpu-training-cluster.kubernetes';
import { created, definitionOf, execute, minimal } from './gpu-training-cluster.workflow';
import { all, refusal, synthesizedStack } from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const { DOWNLOAD, MOUNT } = core.DatasetMode;
type Datasets = core.GpuTrainingClusterProps['datasets'];

const lakeIn = (scope: Construct) =>
  google.DataLake.fromBucketNames(scope, 'Lake', { bucketNames: { raw: 'our-raw', curated: 'our-curated' } });

/** A cluster with data of a lake of two buckets. */
const reading = (
  datasets: (lake: core.IDataLake) => Datasets,
  props: Partial<google.GpuTrainingClusterProps> = {},
) =>
  synthesizedStack(
    (scope) =>
      new google.GpuTrainingCluster(scope, 'Training', {
        ...minimal,
        datasets: datasets(lakeIn(scope)),
        ...props,
      }),
  );

const some = (lake: core.IDataLake): Datasets => [
  { data: lake.zone('raw'), mode: MOUNT },
  { data: lake.zone('curated').folder('team-a/images'), mode: MOUNT, name: 'team-images' },
  lake.zone('curated'),
];

const told = (cluster: google.GpuTrainingCluster) =>
  reportOf(cluster)
    .filter(({ entry }) => entry.title.startsWith('Dataset'))
    .map(({ entry }) => `${entry.title}: ${entry.text}`);

describe('datasets on Vertex AI', () => {
  const { made, json } = reading(some);
  const requestOf = (of: typeof json) => created(execute(definitionOf(of), { run: 'r1' }))[0];

  test('are below /gcs, where every bucket is that a job may read', () => {
    const [{ containerSpec }] = requestOf(json).jobSpec.workerPoolSpecs;
    const variables = containerSpec.env.filter(({ name }: any) => name.startsWith('DATASET_'));
    expect(Object.fromEntries(variables.map(({ name, value }: any) => [name, value]))).toEqual({
      DATASET_RAW_URI: 'gs://our-raw/',
      DATASET_TEAM_IMAGES_URI: 'gs://our-curated/team-a/images/',
      DATASET_CURATED_URI: 'gs://our-curated/',
      DATASET_RAW_DIR: '/gcs/our-raw',
      DATASET_TEAM_IMAGES_DIR: '/gcs/our-curated/team-a/images',
    });
  });

  test('follow the names of buckets that only deployment knows', () => {
    const { json: own } = synthesizedStack((scope) => {
      const lake = new google.DataLake(scope, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
      return new google.GpuTrainingCluster(scope, 'Training', {
        ...minimal,
        datasets: [{ data: lake.zone('raw').folder('a'), mode: MOUNT }],
      });
    });
    const [{ containerSpec }] = requestOf(own).jobSpec.workerPoolSpecs;
    const [bucket] = all(own, 'google_storage_bucket').filter(({ id }) => id.includes('Zone-raw'));
    expect(containerSpec.env).toContainEqual({ name: 'DATASET_RAW_DIR', value: `/gcs/${bucket.name}/a` });
  });

  test('change nothing where they are given by URI', () => {
    const plain = JSON.stringify(reading((lake) => [lake]).json);
    expect(JSON.stringify(reading((lake) => [{ data: lake }]).json)).toBe(plain);
    expect(plain).not.toContain('_DIR');
  });

  test('may be read by jobs, of a folder no more than what is in it', () => {
    const given = all(json, 'google_storage_bucket_iam_member').filter(({ bucket }) => /^our-/.test(bucket));
    expect(given.map(({ bucket, condition }) => [bucket, condition?.title])).toEqual(
      expect.arrayContaining([
        ['our-raw', undefined],
        ['our-curated', undefined],
        ['our-curated', 'Below team-a/images/'],
      ]),
    );
    const folder = reading((lake) => [lake.zone('raw').folder('team-a')]).json;
    expect(
      all(folder, 'google_storage_bucket_iam_member')
        .filter(({ bucket }) => bucket === 'our-raw')
        .map(({ role, condition }) => [role, condition.title]),
    ).toEqual([['roles/storage.objectViewer', 'Below team-a/']]);
  });

  test('are told of', () => {
    expect(told(made)).toEqual([
      'Dataset raw: Mounted: files are read from the store as the program asks for them.',
      'Dataset team-images: Mounted: files are read from the store as the program asks for them.',
    ]);
  });
});

describe('datasets on GKE', () => {
  const { made, json } = reading(some, { engine: SHARED });
  const [job] = runOn(new Kubernetes([done(600)]), json)
    .calls.filter(({ method, url }) => method === 'POST' && url.endsWith('/jobs'))
    .map(({ body }) => body);
  const { metadata, spec } = job.spec.template;

  test('are volumes of Cloud Storage FUSE, to read only', () => {
    const volume = (bucketName: string, mountOptions: string) => ({
      driver: 'gcsfuse.csi.storage.gke.io',
      readOnly: true,
      volumeAttributes: { bucketName, mountOptions },
    });
    expect(spec.volumes.slice(1)).toEqual([
      { name: 'dataset-raw', csi: volume('our-raw', 'implicit-dirs') },
      {
        name: 'dataset-team-images',
        csi: volume('our-curated', 'implicit-dirs,only-dir=team-a/images'),
      },
    ]);
    expect(spec.containers[0].volumeMounts.slice(1)).toEqual([
      { name: 'dataset-raw', mountPath: '/mnt/datasets/raw', readOnly: true },
      { name: 'dataset-team-images', mountPath: '/mnt/datasets/team-images', readOnly: true },
    ]);
  });

  test('bring the container that serves them, as much of the machine as it takes', () => {
    expect(metadata.annotations).toEqual({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
      'gke-gcsfuse/volumes': 'true',
      'gke-gcsfuse/cpu-limit': '0',
      'gke-gcsfuse/memory-limit': '0',
      'gke-gcsfuse/ephemeral-storage-limit': '0',
    });
  });

  test('are where the variables say', () => {
    const variable = (name: string) => spec.containers[0].env.find((one: any) => one.name === name)?.value;
    expect(variable('DATASET_RAW_DIR')).toBe('/mnt/datasets/raw');
    expect(variable('DATASET_TEAM_IMAGES_DIR')).toBe('/mnt/datasets/team-images');
    expect(variable('DATASET_CURATED_DIR')).toBeUndefined();
    expect(variable('DATASET_TEAM_IMAGES_URI')).toBe('gs://our-curated/team-a/images/');
  });

  test('need the driver, which a cluster of the stack’s own has and an imported one may lack', () => {
    expect(told(made)).toContain(
      'Datasets: The Kubernetes cluster must have the CSI driver of Cloud Storage FUSE: gcloud container clusters update shared --location=europe-west4 --project=ml-project --update-addons=GcsFuseCsiDriver=ENABLED',
    );
    expect(told(reading((lake) => [lake], { engine: SHARED }).made)).toEqual([]);
    const own = synthesizedStack(
      (scope) =>
        new google.GpuTrainingCluster(scope, 'Training', {
          ...minimal,
          engine: google.TrainingEngine.gke(),
          network: new google.PrivateNetwork(scope, 'Network'),
          datasets: some(lakeIn(scope)),
        }),
    );
    const [{ addons_config }] = all(own.json, 'google_container_cluster');
    expect(addons_config.gcs_fuse_csi_driver_config).toEqual({ enabled: true });
    expect(told(own.made).filter((line) => line.startsWith('Datasets:'))).toEqual([]);
  });

  test('by URI bring neither volume nor annotation', () => {
    const plain = reading((lake) => [lake], { engine: SHARED }).json;
    expect(JSON.stringify(plain)).not.toContain('gcsfuse');
  });
});

test.each([
  ['Vertex AI', undefined],
  ['GKE', SHARED],
])('%s downloads nothing', (title, engine) => {
  expect(refusal(() => reading((lake) => [{ data: lake, mode: DOWNLOAD }], { engine }), 'CMC-040')).toContain(
    `datasets[0].mode is DOWNLOAD, which ${title} has not: take MOUNT, and let the program copy what it reads often from DATASET_<NAME>_DIR to its disk`,
  );
});
