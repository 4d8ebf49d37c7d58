import { DatasetPlan, filesOf } from '../../../core/private/datasets';
import { datasetDirectory, JobVolume, Manifest } from '../../../terraform/kubernetes/job';
import { contentHash } from '../../../terraform/names';
import { IDataZone } from '../../data-lake';

export interface ContainerMounts {
  readonly volumes: JobVolume[];
  /** What must be there before pods can mount them. */
  readonly places: Manifest[];
}

/** The containers, or folders of containers, that pods mount by the CSI driver of Blob Storage, as the identity of jobs. */
export function containerMounts(
  datasets: readonly DatasetPlan[],
  namespace: string,
  clientId: string,
): ContainerMounts {
  const mounted = filesOf(datasets).map((dataset) => mount(dataset, namespace, clientId));
  return {
    volumes: mounted.map(({ volume }) => volume),
    places: mounted.flatMap(({ places }) => places),
  };
}

function mount(dataset: DatasetPlan, namespace: string, clientId: string) {
  const { storageAccountName, containerName } = dataset.data as IDataZone;
  const volumeAttributes = {
    storageAccount: storageAccountName,
    containerName,
    protocol: 'fuse2',
    isHnsEnabled: 'true',
    clientID: clientId,
    // Accounts have no keys that work.
    mountWithWorkloadIdentityToken: 'true',
  };
  const mountOptions = [
    '-o allow_other',
    '--file-cache-timeout-in-seconds=120',
    // Else each mount bills for the listing of the whole container.
    '--cancel-list-on-mount-seconds=10',
    ...('folderPath' in dataset.data ? [`--subdirectory=${dataset.data.folderPath}`] : []),
  ];
  // What Kubernetes never changes has a name of its content.
  const name = `${namespace}-${dataset.name}-${contentHash({ volumeAttributes, mountOptions })}`;
  const common = { accessModes: ['ReadOnlyMany'], storageClassName: '' };
  // Kubernetes asks for a size, and the driver for none.
  const size = { storage: '1Ti' };
  return {
    volume: {
      name: `dataset-${dataset.name}`,
      directory: datasetDirectory(dataset),
      readOnly: true as const,
      source: { persistentVolumeClaim: { claimName: name, readOnly: true } },
    },
    places: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          ...common,
          capacity: size,
          persistentVolumeReclaimPolicy: 'Retain',
          claimRef: { name, namespace },
          mountOptions,
          csi: { driver: 'blob.csi.azure.com', volumeHandle: name, volumeAttributes },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace },
        spec: { ...common, resources: { requests: size }, volumeName: name },
      },
    ],
  };
}
