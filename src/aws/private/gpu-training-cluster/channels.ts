import { DatasetMode } from '../../../core';
import { DatasetPlan, downloadedGiB, filesOf } from '../../../core/private/datasets';
import { Faults } from '../../../core/private/faults';

/** Any JSON of the States language. */
type Json = { readonly [key: string]: unknown };

/** Where SageMaker makes a folder for each input channel of a job. */
const CHANNELS = '/opt/ml/input/data';
const SCRATCH = 'scratch';
/** What CreateTrainingJob takes. */
const MOST_CHANNELS = 20;

/** Where SageMaker mounts what jobs share. */
export const SCRATCH_DIR = `${CHANNELS}/${SCRATCH}`;

/** A file system of FSx for Lustre. */
export interface Mount {
  readonly fileSystemId: string;
  readonly mountName: string;
}

/** Zones may have the name of what jobs share. */
const channelOf = ({ name }: DatasetPlan) => `dataset-${name}`;

/** Where jobs find a dataset as files. */
export const datasetDirectory = (dataset: DatasetPlan): string => `${CHANNELS}/${channelOf(dataset)}`;

const INPUT_MODES: Partial<Record<DatasetMode, string>> = {
  [DatasetMode.DOWNLOAD]: 'File',
  [DatasetMode.MOUNT]: 'FastFile',
};

/** What a job finds as files: the file system that nodes share, then datasets. */
export function inputChannels(datasets: readonly DatasetPlan[], scratch?: Mount): Json[] | undefined {
  const channels = [
    ...(scratch
      ? [
          {
            ChannelName: SCRATCH,
            DataSource: {
              FileSystemDataSource: {
                FileSystemId: scratch.fileSystemId,
                FileSystemType: 'FSxLustre',
                DirectoryPath: `/${scratch.mountName}`,
                FileSystemAccessMode: 'rw',
              },
            },
          },
        ]
      : []),
    ...filesOf(datasets).map((dataset) => ({
      ChannelName: channelOf(dataset),
      InputMode: INPUT_MODES[dataset.mode],
      DataSource: {
        S3DataSource: {
          S3DataType: 'S3Prefix',
          S3Uri: dataset.uri,
          // Every node sees all of it.
          S3DataDistributionType: 'FullyReplicated',
        },
      },
    })),
  ];
  return channels.length ? channels : undefined;
}

/** Whether a job takes so many channels, and a machine what is downloaded. */
export function judgeChannels(
  datasets: readonly DatasetPlan[],
  { scratch, diskGiB }: { readonly scratch: boolean; readonly diskGiB: number },
  faults: Faults,
): void {
  const count = filesOf(datasets).length + (scratch ? 1 : 0);
  if (count > MOST_CHANNELS) {
    faults.add(
      'CMC-004',
      'datasets',
      `are ${count} folders with scratch; SageMaker takes ${MOST_CHANNELS} input channels: leave mode out of some`,
    );
  }
  const needed = downloadedGiB(datasets);
  if (needed >= diskGiB) {
    faults.add(
      'CMC-004',
      'diskGiB',
      `(${diskGiB}) must be more than ${needed}, which the downloads of datasets take: give more, or take mode MOUNT`,
    );
  }
}
