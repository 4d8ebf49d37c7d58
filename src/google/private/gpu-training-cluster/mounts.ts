import { TrainingPlan } from './judge';
import { Scratch, SCRATCH_DIR } from './scratch';
import { DatasetPlan, filesOf } from '../../../core/private/datasets';
import { datasetDirectory, JobVolume } from '../../../terraform/kubernetes/job';
import { IDataZone } from '../../data-lake';

/** Brings the container that serves mounted buckets, which may take what the machine has left. */
const FUSE = {
  'gke-gcsfuse/volumes': 'true',
  'gke-gcsfuse/cpu-limit': '0',
  'gke-gcsfuse/memory-limit': '0',
  'gke-gcsfuse/ephemeral-storage-limit': '0',
};

/** What the pods of a job mount, and what their annotations must say of it. */
export function mountsOf(
  { datasets }: TrainingPlan,
  scratch?: Scratch,
): { readonly volumes: JobVolume[]; readonly podAnnotations?: Record<string, string> } {
  const mounted = filesOf(datasets);
  return {
    volumes: [
      ...(scratch
        ? [
            {
              name: 'scratch',
              directory: SCRATCH_DIR.gke,
              source: { nfs: { server: scratch.server, path: scratch.path } },
            },
          ]
        : []),
      ...mounted.map(bucketVolume),
    ],
    ...(mounted.length && { podAnnotations: FUSE }),
  };
}

/** A bucket, or a folder of it, by the CSI driver of Cloud Storage FUSE. */
function bucketVolume(dataset: DatasetPlan): JobVolume {
  const { bucketName } = dataset.data as IDataZone;
  const folder = 'folderPath' in dataset.data ? [`only-dir=${dataset.data.folderPath.slice(0, -1)}`] : [];
  return {
    name: `dataset-${dataset.name}`,
    directory: datasetDirectory(dataset),
    readOnly: true,
    source: {
      csi: {
        driver: 'gcsfuse.csi.storage.gke.io',
        readOnly: true,
        volumeAttributes: { bucketName, mountOptions: ['implicit-dirs', ...folder].join(',') },
      },
    },
  };
}
