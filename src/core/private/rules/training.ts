import { trainingAlarms } from './alarms';
import {
  DatasetMode,
  Fabric,
  GpuTrainingClusterProps,
  ScratchProps,
  TrainingDataset,
  TrainingQueue,
} from '../../gpu-training-cluster';
import { brandOf } from '../brand';
import {
  Rule,
  Schema,
  either,
  integer,
  list,
  literal,
  oneOf,
  record,
  required,
  struct,
  text,
} from '../schema';
import {
  aDataset,
  aRegistry,
  aZone,
  accelerators,
  anImage,
  days,
  instance,
  name,
  retention,
  secrets,
  variables,
  workloadRules,
} from './values';

/** Constructs may have any members. */
const hasData = (value: unknown) => brandOf(value) === undefined && 'data' in Object(value);

const trainingDataset = (cloud: string) =>
  literal(
    either(
      hasData,
      struct<TrainingDataset>({
        data: required(aDataset(cloud)),
        mode: literal(oneOf(DatasetMode.URI, DatasetMode.DOWNLOAD, DatasetMode.MOUNT)),
        name: name(24),
        sizeGiB: literal(integer({ min: 1 })),
      }),
      aDataset(cloud),
    ),
  );

const COST_TAG = '1 to 63 lower-case letters, digits, - and _, a letter or digit at both ends';

const costTags = record(
  literal(text({ pattern: /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/, means: COST_TAG })),
  {
    keys: /^(?!ml-)[a-z]([a-z0-9_-]{0,61}[a-z0-9])?$/,
    means: `${COST_TAG}, a letter first, not 'ml-', which is the platform's`,
  },
);

/** What decides which job comes next is known to the program. */
const trainingQueue: Schema<TrainingQueue> = {
  name: required(
    literal(
      text({
        pattern: /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
        means: '1 to 32 lower-case letters, digits and -, a letter first, no - last',
      }),
    ),
  ),
  priority: literal(integer({ min: 0, max: 999 })),
  maxAccelerators: literal(integer({ min: 1 })),
  costTags,
};

export const gpuTrainingClusterRules = (
  cloud: string,
  logRetentionDays: Rule,
): Schema<GpuTrainingClusterProps> => ({
  ...workloadRules(cloud, logRetentionDays),
  retention,
  image: required(anImage(cloud)),
  command: list(text(), { min: 1 }),
  datasets: list(trainingDataset(cloud)),
  scratch: struct<ScratchProps>({
    sizeGiB: required(literal(integer({ min: 1 }))),
    zone: aZone(cloud),
  }),
  registry: aRegistry(cloud),
  accelerators,
  machineType: text(),
  maxNodes: integer({ min: 1, max: 1000 }),
  minNodes: integer({ min: 1, max: 1000 }),
  capacity: instance('Capacity', 'Capacity.onDemand(), spot(), reserved() or queued()'),
  queues: list(struct(trainingQueue), { min: 1, max: 20, unique: 'name' }),
  costTags,
  fabric: literal(oneOf(Fabric.ANY, Fabric.REQUIRED)),
  timeLimitHours: integer({ min: 1, max: 672 }),
  maxRetries: integer({ min: 0, max: 10 }),
  diskGiB: integer({ min: 10, max: 16384 }),
  sharedMemoryMiB: integer({ min: 64 }),
  environment: record(text({ pattern: /^[^]*$/ }), variables),
  secrets: secrets(cloud),
  checkpointExpireAfterDays: days(),
  alarms: struct(trainingAlarms(cloud)),
});
