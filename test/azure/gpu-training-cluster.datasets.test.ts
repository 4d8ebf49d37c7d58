import { Construct } from 'constructs';
import { run, unescaped } from './gpu-training-cluster.workflow';
import { all, only, refusal, SUBSCRIPTION, Synthesized, synthesizedPlatform } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const { DOWNLOAD, MOUNT } = core.DatasetMode;
type Datasets = core.GpuTrainingClusterProps['datasets'];

const IMAGE = 'acmeml.azurecr.io/train:3';
const CLUSTER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/central/providers/Microsoft.ContainerService/managedClusters/shared`;
const SHARED = azure.TrainingEngine.aks({ clusterId: CLUSTER_ID });

const containerOf = (account: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/data`;
const lakeIn = (scope: Construct) =>
  azure.DataLake.fromContainers(scope, 'Lake', {
    containers: { raw: containerOf('ourraw'), curated: containerOf('ourcurated') },
  });
const RAW = 'abfss://data@ourraw.dfs.core.windows.net/';
const CURATED = 'abfss://data@ourcurated.dfs.core.windows.net/';

/** A cluster with data of a lake of two containers. */
const reading = (
  datasets: (lake: core.IDataLake) => Datasets,
  props: Partial<azure.GpuTrainingClusterProps> = {},
) =>
  synthesizedPlatform(
    (scope) =>
      new azure.GpuTrainingCluster(scope, 'Training', {
        image: IMAGE,
        accelerators: ['T4:1'],
        command: ['torchrun', 'train.py'],
        datasets: datasets(lakeIn(scope)),
        ...props,
      }),
  );

const some =
  (mode: core.DatasetMode) =>
  (lake: core.IDataLake): Datasets => [
    { data: lake.zone('raw'), mode },
    { data: lake.zone('curated').folder('team-a/images'), mode: MOUNT, name: 'team-images' },
    lake.zone('curated'),
  ];

const definitionOf = (json: Synthesized) =>
  unescaped(
    all(json, 'azapi_resource').find(({ type }) => type.startsWith('Microsoft.Logic/workflows@'))!.body
      .properties.definition,
  );

const told = (cluster: azure.GpuTrainingCluster) =>
  reportOf(cluster)
    .filter(({ entry }) => entry.title.startsWith('Dataset'))
    .map(({ entry }) => `${entry.title}: ${entry.text}`);

describe('datasets on Azure ML', () => {
  const { made, json } = reading(some(DOWNLOAD));
  const jobOf = (of: Synthesized) => {
    const { calls } = run(definitionOf(of), { run: 'r1' }, () => ({
      status: 200,
      body: { properties: { status: 'Completed' } },
    }));
    return calls[0].body.properties;
  };
  const job = jobOf(json);

  test('that are files are inputs of every job; by URI they are none', () => {
    expect(job.inputs).toEqual({
      dataset_raw: { jobInputType: 'uri_folder', uri: RAW, mode: 'Download' },
      dataset_team_images: {
        jobInputType: 'uri_folder',
        uri: `${CURATED}team-a/images/`,
        mode: 'ReadOnlyMount',
      },
    });
    expect(job.environmentVariables).toMatchObject({
      DATASET_RAW_URI: RAW,
      DATASET_TEAM_IMAGES_URI: `${CURATED}team-a/images/`,
      DATASET_CURATED_URI: CURATED,
    });
  });

  test('have a variable each, from where the service puts them', () => {
    expect(job.command.split('; ').slice(0, 3)).toEqual([
      'export DATASET_RAW_DIR="${{inputs.dataset_raw}}"',
      'export DATASET_TEAM_IMAGES_DIR="${{inputs.dataset_team_images}}"',
      'eval "set -- $(printf %s "$ML_COMMAND" | base64 -d)"',
    ]);
  });

  test('change nothing where they are given by URI', () => {
    const plain = reading((lake) => [lake]).json;
    expect(JSON.stringify(reading((lake) => [{ data: lake }]).json)).toBe(JSON.stringify(plain));
    expect(jobOf(plain)).not.toHaveProperty('inputs');
    expect(jobOf(plain).command).not.toContain('_DIR');
  });

  test('may be read by jobs, of a folder no more than what is in it', () => {
    const { json: folder } = reading((lake) => [{ data: lake.zone('raw').folder('team-a'), mode: MOUNT }]);
    const [{ condition }] = all(folder, 'azurerm_role_assignment').filter(
      ({ scope }) => scope === containerOf('ourraw'),
    );
    expect(condition).toContain("blobs:path] StringStartsWith 'team-a/'");
    // The whole container and one of its folders are one role.
    const [both] = all(json, 'azurerm_role_assignment').filter(
      ({ scope }) => scope === containerOf('ourcurated'),
    );
    expect(both.condition).toBeUndefined();
  });

  test('are told of, with the disk that downloads take', () => {
    expect(told(made)).toEqual([
      'Dataset raw: Copied to the temporary disk of each machine before the program starts: machines bill meanwhile.',
      'Dataset team-images: Mounted: files are read from the store as the program asks for them.',
    ]);
  });
});

describe('datasets on AKS', () => {
  const { made, json } = reading(some(MOUNT), { engine: SHARED });
  const namespace = made.kubernetesNamespace!;
  const { Places, Manifest, Given } = definitionOf(json).actions;
  const { spec } = Manifest.inputs.spec.template;
  const volumes: any[] = Places.inputs.items.filter(({ kind }: any) => kind === 'PersistentVolume');
  const claims: any[] = Places.inputs.items.filter(({ kind }: any) => kind === 'PersistentVolumeClaim');

  test('are volumes of the cluster’s own, mounted as the identity of its jobs', () => {
    const { id } = only(json, 'azurerm_user_assigned_identity', 'Training_Identity');
    const attributes = (storageAccount: string) => ({
      storageAccount,
      containerName: 'data',
      protocol: 'fuse2',
      isHnsEnabled: 'true',
      clientID: `\${azurerm_user_assigned_identity.${id}.client_id}`,
      mountWithWorkloadIdentityToken: 'true',
    });
    const options = [
      '-o allow_other',
      '--file-cache-timeout-in-seconds=120',
      '--cancel-list-on-mount-seconds=10',
    ];
    expect(
      volumes.map(({ metadata: { name }, spec: one }) => {
        expect(one).toMatchObject({
          accessModes: ['ReadOnlyMany'],
          persistentVolumeReclaimPolicy: 'Retain',
          claimRef: { name, namespace },
          csi: { driver: 'blob.csi.azure.com', volumeHandle: name },
        });
        return [one.csi.volumeAttributes, one.mountOptions];
      }),
    ).toEqual([
      [attributes('ourraw'), options],
      [attributes('ourcurated'), [...options, '--subdirectory=team-a/images/']],
    ]);
  });

  test('are claimed by pods, to read only', () => {
    expect(claims.map(({ metadata, spec: { volumeName } }) => [metadata, volumeName])).toEqual(
      volumes.map(({ metadata: { name } }) => [{ name, namespace }, name]),
    );
    expect(spec.volumes.slice(1)).toEqual(
      ['dataset-raw', 'dataset-team-images'].map((name, i) => ({
        name,
        persistentVolumeClaim: { claimName: claims[i].metadata.name, readOnly: true },
      })),
    );
    expect(spec.containers[0].volumeMounts.slice(1)).toEqual([
      { name: 'dataset-raw', mountPath: '/mnt/datasets/raw', readOnly: true },
      { name: 'dataset-team-images', mountPath: '/mnt/datasets/team-images', readOnly: true },
    ]);
    expect(Given.inputs).toContainEqual({ name: 'DATASET_RAW_DIR', value: '/mnt/datasets/raw' });
  });

  test('that change are other volumes: Kubernetes changes none', () => {
    const names = (path: string) =>
      definitionOf(
        reading((lake) => [{ data: lake.zone('raw').folder(path), mode: MOUNT }], { engine: SHARED }).json,
      )
        .actions.Places.inputs.items.filter(({ kind }: any) => kind === 'PersistentVolume')
        .map(({ metadata }: any) => metadata.name);
    expect(names('a')).toEqual(names('a'));
    expect(names('a')).not.toEqual(names('b'));
  });

  test('need the driver, which a cluster of the stack’s own gets when one asks for it', () => {
    expect(told(made)).toContain(
      `Datasets: The Kubernetes cluster must have the CSI driver of Blob Storage: az aks update --name shared --resource-group central --subscription ${SUBSCRIPTION} --enable-blob-driver`,
    );
    const own = (mode: core.DatasetMode) =>
      synthesizedPlatform(
        (scope) =>
          new azure.GpuTrainingCluster(scope, 'Training', {
            image: IMAGE,
            accelerators: ['T4:1'],
            engine: azure.TrainingEngine.aks(),
            network: new azure.PrivateNetwork(scope, 'Network', { internetEgress: true }),
            datasets: [{ data: lakeIn(scope), mode }],
          }),
      );
    const mounted = own(MOUNT);
    expect(only(mounted.json, 'azurerm_kubernetes_cluster').storage_profile).toEqual({
      blob_driver_enabled: true,
    });
    expect(told(mounted.made).filter((line) => line.startsWith('Datasets:'))).toEqual([]);
    expect(
      only(own(core.DatasetMode.URI).json, 'azurerm_kubernetes_cluster').storage_profile,
    ).toBeUndefined();
  });

  test('are not downloaded', () => {
    expect(
      refusal(() => reading((lake) => [{ data: lake, mode: DOWNLOAD }], { engine: SHARED }), 'CMC-040'),
    ).toContain(
      'datasets[0].mode is DOWNLOAD, which AKS has not: take MOUNT, which keeps what was read on the disk of the machine, or engine azure.TrainingEngine.azureMl()',
    );
  });
});
