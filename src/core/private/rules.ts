import type { AlarmProps, EndpointAlarmProps, NotificationProps, TrainingAlarmProps } from '../alarms';
import type { AuditTrailProps } from '../audit-trail';
import type {
  AutoScalingEndpointProps,
  CaptureProps,
  EndpointVariant,
  ScalingProps,
} from '../auto-scaling-endpoint';
import {
  DataRetention,
  EncryptionKeyProps,
  NamePrefixProps,
  PlatformStackCommonProps,
  PrivateNetworkProps,
  ResidencyProps,
  StackReportProps,
} from '../common';
import type { ContainerImage, ServingContainer } from '../container';
import type { DataLakeProps, DataZoneProps } from '../data-lake';
import { DeployParameter } from '../deploy-parameter';
import {
  DatasetMode,
  Fabric,
  GpuTrainingClusterProps,
  ScratchProps,
  TrainingDataset,
  TrainingQueue,
} from '../gpu-training-cluster';
import type { ModelRegistryProps, RegisteredModelProps } from '../model-registry';
import type { ServerlessInferenceProps } from '../serverless-inference';
import { WorkspaceEditor, WorkspaceProps, WorkspaceUserProps } from '../workspace';
import { brandOf, construct, isMarked } from './brand';
import {
  either,
  flag,
  integer,
  list,
  literal,
  number,
  oneOf,
  record,
  required,
  Rule,
  Schema,
  struct,
  text,
  valueOf,
} from './schema';

/** A value class of the library. */
const instance = (name: string, ways: string): Rule =>
  valueOf((value) => isMarked(value, name), `made by ${ways}`);

const isText = (value: unknown) => typeof value === 'string';
export const isContainerImage = (value: unknown): value is ContainerImage =>
  isMarked(value, 'ContainerImage');
const aRegistry = (cloud: string) =>
  construct(
    cloud,
    'ModelRegistry',
    `take new ${cloud}.ModelRegistry(…), or import one with ${cloud}.ModelRegistry.from…`,
  );

/** A value that a registry of this cloud gave. */
const ofRegistry =
  (cloud: string, rule: Rule, isOne: (value: unknown) => boolean): Rule =>
  (value, prop, faults) => {
    rule(value, prop, faults);
    if (isOne(value)) {
      aRegistry(cloud)((value as { registry: unknown }).registry, `${prop}.registry`, faults);
    }
  };

const imageOrAddress = either(
  isText,
  text(),
  valueOf(isContainerImage, "the address of an image, or registry.image('name', 'tag')"),
);
const anImage = (cloud: string) => ofRegistry(cloud, imageOrAddress, isContainerImage);
const aModelVersion = (cloud: string) =>
  literal(
    ofRegistry(cloud, instance('ModelVersion', "registry.model('name').version('1')"), (value) =>
      isMarked(value, 'ModelVersion'),
    ),
  );
const aNumberParameter: Rule = (value, prop, faults) => {
  if (!(value as DeployParameter).isNumber) {
    faults.add('CMC-003', prop, 'must be made by DeployParameter.ofNumber()');
  }
};
const aCount = (rule: Rule) => either(DeployParameter.isDeployParameter, aNumberParameter, rule);

/** `name` is what the message calls it. */
export const kebabName = (maxLength: number, minLength = 2): Rule =>
  text({
    pattern: new RegExp(`^(?=.{${minLength},${maxLength}}$)[a-z]([a-z0-9-]*[a-z0-9])?$`),
    means: `lower-case letters, digits and '-', ${minLength} to ${maxLength} characters, first a letter, last no '-'`,
  });

const email = text({
  pattern: /^[^@\s"'<>]+@[^@\s"'<>]+\.[^@\s"'<>]+$/,
  means: 'an e-mail address',
  maxLength: 254,
});
const isAddress = (value: unknown) => isText(value) && /^https?:/i.test(value as string);
/** What is written into a template must be no secret, and what may be one is not repeated in a message. */
const webhook: Rule = (value, prop, faults) => {
  if (!WEBHOOK.test(value as string) || (value as string).length > 2048) {
    faults.add(
      'CMC-006',
      prop,
      'must be an https address without user, password or secret parameter, which would stand in the template: give such a webhook by channels',
    );
  }
};
const SECRETS =
  '(access_?token|token|api_?key|key|secret|password|pass|pwd|sig|signature|auth|authorization|code)';
const WEBHOOK = new RegExp(`^https://(?![^/?#]*@)(?!.*[?&]${SECRETS}=)[^\\s"'<>/]+\\.[^\\s"'<>]+$`, 'i');
const variables = { keys: /^[A-Za-z_][A-Za-z0-9_]*$/, means: "letters, digits and '_', first no digit" };
const days = (max = 36500) => integer({ min: 1, max });
const path = text({ pattern: /^\/[\w\-./~%]*$/, means: "a path that begins with '/'" });
const accelerators = list(literal(text()), { min: 1 });
/** Names that become ids of constructs. */
const name = (maxLength: number, minLength?: number) => literal(kebabName(maxLength, minLength));

export const retention = literal(oneOf(DataRetention.RETAIN, DataRetention.DESTROY));

/** The shared props of every construct of a cloud. */
export const commonRules = (cloud: string) => ({
  network: construct(
    cloud,
    'PrivateNetwork',
    `take new ${cloud}.PrivateNetwork(…), or import one with ${cloud}.PrivateNetwork.from…`,
  ),
  encryptionKey: construct(
    cloud,
    'EncryptionKey',
    `take new ${cloud}.EncryptionKey(…), or import one with ${cloud}.EncryptionKey.from…`,
  ),
});

const secrets = (cloud: string) =>
  record(construct(cloud, 'Secret', `use the from… methods of ${cloud}.Secret`), variables);

const aDataset = (cloud: string) =>
  construct(
    cloud,
    ['DataLake', 'DataZone', 'DataFolder'],
    `take new ${cloud}.DataLake(…), or import one with ${cloud}.DataLake.from…`,
  );

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

const aZone = (cloud: string) => construct(cloud, 'DataZone', "take it from a lake: lake.zone('raw')");

export const namePrefixRules: Schema<NamePrefixProps> = {
  namePrefix: literal(
    text({
      pattern: /^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/,
      means: "lower-case letters, digits and '-', at most 10 characters, first a letter, last no '-'",
    }),
  ),
};

export const residencyRules: Schema<ResidencyProps> = {
  allowedRegions: list(literal(text()), { min: 1, unique: 'itself' }),
  regionGuard: flag,
};

export const stackReportRules: Schema<StackReportProps> = { report: flag };

export const platformStackRules: Schema<PlatformStackCommonProps> = {
  ...namePrefixRules,
  ...residencyRules,
  ...stackReportRules,
  securityProfile: instance('SecurityProfile', 'SecurityProfile.STANDARD or SecurityProfile.REGULATED'),
};

export const encryptionKeyRules: Schema<EncryptionKeyProps> = {
  retention,
  rotationDays: literal(integer({ min: 90, max: 365 })),
};

/** How a network finds private names: a value of core, or of the cloud's own class. */
export const privateDnsRule = (cloud: string): Rule =>
  valueOf(
    (value) => isMarked(value, 'PrivateDns') && [undefined, cloud].includes(brandOf(value)?.cloud),
    `made by PrivateDns.create(), PrivateDns.none() or ${cloud}.PrivateDns.from…`,
  );

export const privateNetworkRules = (cloud: string, logRetentionDays: Rule): Schema<PrivateNetworkProps> => ({
  logRetentionDays,
  privateDns: privateDnsRule(cloud),
  cidr: literal(
    text({
      pattern: /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)\/(1[6-9]|2[0-4])$/,
      means: 'an address range such as 10.0.0.0/16, with a prefix from /16 to /24',
    }),
  ),
  zones: literal(integer({ min: 2, max: 3 })),
  internetEgress: flag,
});

const dataZone: Schema<DataZoneProps> = {
  name: required(name(24)),
  expireAfterDays: days(),
  coldAfterDays: days(),
  keepOldVersionsDays: days(),
};

export const dataLakeRules = (cloud: string): Schema<DataLakeProps> => ({
  ...commonRules(cloud),
  retention,
  zones: list(struct(dataZone), { min: 1, unique: 'name' }),
  discovery: flag,
});

export const auditTrailRules = (cloud: string, retainDays = days()): Schema<AuditTrailProps> => ({
  ...commonRules(cloud),
  retention,
  datasets: required(
    list(
      construct(
        cloud,
        ['DataLake', 'DataZone'],
        `take new ${cloud}.DataLake(…), import one with ${cloud}.DataLake.from…, or take one of its zones`,
      ),
      { min: 1, unique: 'itself' },
    ),
  ),
  retainDays: literal(retainDays),
  locked: flag,
  managementEvents: flag,
});

const registeredModel: Schema<RegisteredModelProps> = {
  name: required(name(40)),
  approvalRequired: flag,
};

export const modelRegistryRules = (cloud: string, account: Rule): Schema<ModelRegistryProps> => ({
  ...commonRules(cloud),
  retention,
  models: required(list(struct(registeredModel), { min: 1, unique: 'name' })),
  images: list(name(40), { unique: 'itself' }),
  ...notification(cloud),
  readers: list(account, { unique: 'itself' }),
  publishers: list(account, { unique: 'itself' }),
});

const workloadRules = (cloud: string, logRetentionDays: Rule) => ({
  ...commonRules(cloud),
  logRetentionDays,
});

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

const servingContainer = (cloud: string): Schema<ServingContainer> => ({
  image: required(anImage(cloud)),
  command: list(text(), { min: 1 }),
  args: list(text({ pattern: /^[^]*$/ })),
  port: integer({ min: 1, max: 65535 }),
  healthPath: path,
  predictPath: path,
  environment: record(text({ pattern: /^[^]*$/ }), variables),
  secrets: secrets(cloud),
  sharedMemoryMiB: integer({ min: 64 }),
  startupTimeoutSeconds: integer({ min: 1 }),
  requestTimeoutSeconds: integer({ min: 1 }),
});

const scaling: Schema<ScalingProps> = {
  minInstances: aCount(
    integer({ min: 1, because: 'endpoints bill while idle; ServerlessInference scales to zero' }),
  ),
  maxInstances: aCount(integer({ min: 1, max: 10000 })),
  requestsPerMinutePerInstance: number({ min: 0.01 }),
  concurrentRequestsPerInstance: number({ min: 0.01 }),
  cpuPercent: number({ min: 1, max: 100 }),
  gpuPercent: number({ min: 1, max: 100 }),
};

const notification = (cloud: string): Schema<NotificationProps> => ({
  notify: literal(list(either(isAddress, webhook, email), { unique: 'itself' })),
  channels: list(construct(cloud, 'NotificationChannel', `take ${cloud}.NotificationChannel.from…`), {
    unique: 'itself',
  }),
});

const alarms = (cloud: string): Schema<AlarmProps> => ({
  ...notification(cloud),
  p99LatencyMs: number({ min: 1 }),
  errorPercent: number({ min: 0.01, max: 100 }),
  atMaximumMinutes: literal(integer({ min: 1, max: 1380 })),
});

const endpointAlarms = (cloud: string): Schema<EndpointAlarmProps> => ({
  ...alarms(cloud),
  noCapacity: flag,
  captureSilentMinutes: literal(integer({ min: 15, max: 720, step: 5 })),
});

const trainingAlarms = (cloud: string): Schema<TrainingAlarmProps> => ({
  ...notification(cloud),
  jobFailed: flag,
  noCapacityMinutes: literal(integer({ min: 5, max: 10080 })),
});

const variant = (cloud: string): Schema<EndpointVariant> => ({
  name: required(name(24, 1)),
  container: required(struct(servingContainer(cloud))),
  model: aModelVersion(cloud),
  weight: number({ min: 0, max: 100 }),
  accelerators,
  machineType: text(),
});

export const autoScalingEndpointRules = (
  cloud: string,
  logRetentionDays: Rule,
): Schema<AutoScalingEndpointProps> => ({
  ...workloadRules(cloud, logRetentionDays),
  variants: required(list(struct(variant(cloud)), { min: 1, max: 10, unique: 'name' })),
  accelerators,
  machineType: text(),
  diskGiB: integer({ min: 10, max: 16384 }),
  scaling: struct(scaling),
  rollout: instance('Rollout', 'Rollout.allAtOnce(), canary() or linear()'),
  capacity: instance('Capacity', 'Capacity.onDemand(), spot(), reserved() or queued()'),
  capture: struct<CaptureProps>({
    zone: aZone(cloud),
    samplePercent: integer({ min: 1, max: 100 }),
  }),
  alarms: struct(endpointAlarms(cloud)),
});

export const serverlessInferenceRules = (
  cloud: string,
  logRetentionDays: Rule,
): Schema<ServerlessInferenceProps> => ({
  ...workloadRules(cloud, logRetentionDays),
  container: required(struct(servingContainer(cloud))),
  model: aModelVersion(cloud),
  memoryMiB: integer({ min: 128 }),
  cpu: number({ min: 0.1 }),
  accelerators,
  maxInstances: integer({ min: 1 }),
  minInstances: integer({ min: 0 }),
  concurrentRequestsPerInstance: integer({ min: 1 }),
  alarms: struct(alarms(cloud)),
});

export const workspaceUser: Schema<WorkspaceUserProps> = {
  name: required(name(24)),
  principalId: text(),
};

export const workspaceRules = (
  cloud: string,
  user: Schema<WorkspaceUserProps> = workspaceUser,
): Schema<WorkspaceProps> => ({
  ...commonRules(cloud),
  retention,
  users: required(list(struct(user), { min: 1, unique: 'name' })),
  editor: literal(oneOf(WorkspaceEditor.JUPYTERLAB, WorkspaceEditor.VS_CODE, WorkspaceEditor.RSTUDIO)),
  image: anImage(cloud),
  datasets: list(aDataset(cloud)),
  cluster: construct(cloud, 'GpuTrainingCluster', `take new ${cloud}.GpuTrainingCluster(…)`),
  accelerators,
  machineType: text(),
  diskGiB: integer({ min: 10, max: 16384 }),
  idleShutdownMinutes: integer({ min: 10, max: 525600 }),
  environment: record(text({ pattern: /^[^]*$/ }), variables),
  secrets: secrets(cloud),
});

/** The workload that a grant is for. */
export const aWorkload =
  (cloud: string): Rule =>
  (value, prop, faults) => {
    const found = brandOf(value);
    if (found?.cloud !== cloud || !WORKLOADS.includes(found.kind)) {
      construct(cloud, WORKLOADS, `wrap a native identity with ${cloud}.Workload.from…`)(value, prop, faults);
    }
  };
const WORKLOADS = [
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
  'Workspace',
  'Workload',
];
