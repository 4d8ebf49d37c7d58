import { App } from 'cdktf';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { newApp, resourcesOf, terraform } from '../terraform/upgrades';
import { Changes, Native, Subject, withNative } from '../upgrades/changes';
import * as portable from '../upgrades/portable';
import { upgrades } from '../upgrades/upgrades';

const { setAndUnset } = portable;

const VALUES: portable.Values = {
  training: { accelerators: [['T4:4'], ['L4:8']], machineTypes: ['g2-standard-4', 'g2-standard-8'] },
  serving: { accelerators: [['T4:1'], ['L4:1']], machineTypes: ['n1-standard-4', 'n1-standard-8'] },
  notebooks: { accelerators: [['T4:1'], ['L4:1']], machineTypes: ['e2-standard-4', 'e2-standard-8'] },
  accounts: ['reader-project', 'other-project'],
  persons: ['ada@example.com', 'grace@example.com', 'joan@example.com'],
  reservation: 'projects/ml-project/zones/europe-west4-a/reservations/ours',
  namesPersons: false,
  scratchGiB: [1024, 2048],
  waiting: {},
  capture: () => ({}),
};

const emails = setAndUnset(
  'one@ml-project.iam.gserviceaccount.com',
  'other@ml-project.iam.gserviceaccount.com',
);
const serviceAccount = { serviceAccountEmail: { steps: emails } };

const training = portable.gpuTrainingCluster(VALUES);
const ofTraining: Native<google.GpuTrainingClusterProps, core.GpuTrainingClusterProps> = {
  ...serviceAccount,
  workflowServiceAccountEmail: emails,
  engine: [undefined, google.TrainingEngine.gke()],
};
const endpoint = portable.autoScalingEndpoint(VALUES);
const ofEndpoint: Native<google.AutoScalingEndpointProps, core.AutoScalingEndpointProps> = {
  ...serviceAccount,
  engine: [undefined, google.EndpointEngine.cloudRun()],
};

const platformStack: Changes<google.PlatformStackProps> = {
  project: { steps: ['ml-project', 'other-project'], identity: true },
  region: { steps: ['europe-west4', 'europe-west1'], identity: true },
  namePrefix: { steps: [undefined, 'team', 'other', undefined], identity: true },
  labels: setAndUnset<{ [key: string]: string }>({ team: 'one' }, { team: 'other' }),
  enableApis: [false, true],
  allowedRegions: setAndUnset(['europe-west4'], ['europe-west4', 'europe-west1']),
  regionGuard: { steps: [undefined, true, false, undefined], having: { allowedRegions: ['europe-west4'] } },
  report: [undefined, true, false, undefined],
  securityProfile: {
    stricter: [core.SecurityProfile.STANDARD, core.SecurityProfile.REGULATED],
    'less strict': [core.SecurityProfile.REGULATED, core.SecurityProfile.STANDARD],
  },
};

const SUBJECTS: { readonly [called: string]: Subject } = {
  DataLake: withNative<google.DataLakeProps, core.DataLakeProps>(portable.dataLake, {
    discoverySchedule: setAndUnset('0 3 * * *', '0 4 * * *'),
  }),
  AuditTrail: withNative<google.AuditTrailProps, core.AuditTrailProps>(portable.auditTrail, {
    dataAccessLogs: [undefined, google.DataAccessLogs.EXISTING, undefined],
  }),
  ModelRegistry: portable.modelRegistry(VALUES),
  GpuTrainingCluster: withNative<google.GpuTrainingClusterProps, core.GpuTrainingClusterProps>(
    training,
    ofTraining,
  ),
  'GpuTrainingCluster on GKE': withNative<google.GpuTrainingClusterProps, core.GpuTrainingClusterProps>(
    training,
    { ...ofTraining, engine: [google.TrainingEngine.gke(), undefined] },
    ({ network }) => ({ engine: google.TrainingEngine.gke(), network }),
  ),
  AutoScalingEndpoint: withNative<google.AutoScalingEndpointProps, core.AutoScalingEndpointProps>(
    endpoint,
    ofEndpoint,
  ),
  'AutoScalingEndpoint on Cloud Run': withNative<
    google.AutoScalingEndpointProps,
    core.AutoScalingEndpointProps
  >(endpoint, { ...ofEndpoint, engine: [google.EndpointEngine.cloudRun(), undefined] }, (given) => ({
    engine: google.EndpointEngine.cloudRun(),
    variants: [{ name: 'main', container: { image: given.registry.image('serve', '1') } }],
    accelerators: ['L4:1'],
    scaling: { minInstances: 2, maxInstances: 4, concurrentRequestsPerInstance: 8 },
    alarms: { notify: ['ml@example.com'], p99LatencyMs: 300, errorPercent: 1 },
  })),
  ServerlessInference: withNative<google.ServerlessInferenceProps, core.ServerlessInferenceProps>(
    portable.serverlessInference(),
    serviceAccount,
  ),
  Workspace: withNative<google.WorkspaceProps, core.WorkspaceProps>(portable.workspace(VALUES), {
    zone: { steps: setAndUnset('b', 'c'), identity: true },
  }),
  PrivateNetwork: portable.privateNetwork,
  EncryptionKey: portable.encryptionKey,
  PlatformStack: {
    construct: 'PlatformStack',
    base: () => ({ project: 'ml-project', region: 'europe-west4', enableApis: false }),
    changes: { '': platformStack },
  },
};

/** Types that hold data, with what it is. */
const DATA = {
  google_artifact_registry_repository: 'its images',
  google_bigquery_dataset: 'its tables',
  google_filestore_instance: 'its files',
  google_kms_crypto_key: 'all that it encrypted',
  google_kms_key_ring: 'the keys in it',
  google_logging_project_bucket_config: 'its records',
  google_storage_bucket: 'its objects',
  google_workbench_instance: 'the home',
};

/** Of what ran, for as long as it says. */
const LOGS = 'its logs go with it';

upgrades({
  ml: google,
  folder: __dirname,
  newStack: (props) =>
    new google.PlatformStack(newApp() as App, 'platform', {
      ...{ project: 'ml-project', region: 'europe-west4', enableApis: false, report: false },
      ...props,
    }),
  tagged: (team) => ({ labels: { team } }),
  secret: (scope, id) => google.Secret.fromSecretName(scope, id, 'token'),
  channel: (scope, id) =>
    google.NotificationChannel.fromChannelId(scope, id, 'projects/ml-project/notificationChannels/42'),
  resourcesOf,
  // A key ring cannot be deleted, a bucket and a dataset not with what is in them.
  engine: terraform(
    DATA,
    ['google_storage_bucket', 'google_kms_key_ring', 'google_bigquery_dataset'],
    /FlowLogs|JobLogs/,
  ),
  data: DATA,
  addresses: [
    'google_cloud_run_v2_service',
    'google_compute_address',
    'google_compute_network',
    'google_vertex_ai_endpoint',
    'google_workflows_workflow',
  ],
  subjects: SUBJECTS,
  reasons: {
    'AutoScalingEndpoint.capture': 'a dataset with tables is not deleted',
    'ModelRegistry.encryptionKey': 'a repository has its key for good: the plan stops at prevent_destroy',
    'PlatformStack.securityProfile: less strict': 'what is there is encrypted with the key: the plan stops',
    'PlatformStack.securityProfile: stricter':
      'a repository has its key for good: the plan stops at prevent_destroy',
    'Workspace.encryptionKey': 'a disk has its key for good: the plan stops at prevent_destroy',
    'Workspace.network': 'an instance has its network for good: the plan stops at prevent_destroy',
    'Workspace.users[].principalId': 'an instance has its owner for good: the plan stops at prevent_destroy',
  },
  destroyed: {
    'AutoScalingEndpoint on Cloud Run.the whole construct': LOGS,
    'AutoScalingEndpoint.the whole construct': LOGS,
    'GpuTrainingCluster on GKE.the whole construct': LOGS,
    'GpuTrainingCluster.the whole construct': LOGS,
    'ServerlessInference.the whole construct': LOGS,
  },
});
