import { App } from 'cdktf';
import { files, one, trails, variantsOf, whole } from './arbitrary';
import { fuzz } from './fuzz';
import { TERRAFORM } from './terraform';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { platformStack, REGION } from '../google/support';
import { googleRules } from '../security/google.rules';

const capacity = one(
  core.Capacity.onDemand(),
  core.Capacity.spot(),
  core.Capacity.spot({ fallback: true, maxWaitHours: 4 }),
);
const image = `${REGION}-docker.pkg.dev/ml-project/ml/train:1`;
const datasets = files(core.DatasetMode.MOUNT);

fuzz('Google Cloud', {
  ...TERRAFORM,
  ml: google,
  tried: 90,
  stack: (app, id, props) => platformStack(app as App, id, props),
  given: {
    network: (scope, id) =>
      google.PrivateNetwork.fromNetwork(scope, id, {
        networkId: 'projects/host/global/networks/shared',
        subnetworkId: `projects/host/regions/${REGION}/subnetworks/ml`,
        podsRangeName: 'pods',
        servicesRangeName: 'services',
      }),
    key: (scope, id) =>
      google.EncryptionKey.fromKeyId(
        scope,
        id,
        `projects/host/locations/${REGION}/keyRings/r/cryptoKeys/ours`,
      ),
    secret: (scope, id) => google.Secret.fromSecretName(scope, id, 'hub-token'),
    channel: (scope, id) =>
      google.NotificationChannel.fromChannelId(scope, id, 'projects/ml-project/notificationChannels/42'),
    workload: (scope, id) =>
      google.Workload.fromServiceAccount(scope, id, 'theirs@other-project.iam.gserviceaccount.com'),
  },
  letSubmit: (cluster: google.GpuTrainingCluster) => cluster.grants.submit('group:scientists@example.com'),
  offer: {
    region: REGION,
    account: 'other-project',
    image,
    users: [{ name: 'ada' }, { name: 'ada', principalId: 'ada@example.com' }],
    stack: { labels: one({ team: 'fraud' }), enableApis: one(true, false) },
    elsewhere: { region: 'us-central1' },
    engines: {
      PrivateNetwork: [{ name: 'own' }],
      EncryptionKey: [{ name: 'own' }],
      DataLake: [{ name: 'Cloud Storage' }],
      ModelRegistry: [{ name: 'Vertex AI' }],
      AuditTrail: trails('Cloud Logging', {
        retainDays: whole(1, 3650),
        dataAccessLogs: one(...Object.values(google.DataAccessLogs)),
      }),
      GpuTrainingCluster: [
        {
          name: 'Vertex AI',
          sometimes: { capacity, datasets },
          lacks: ['minNodes', 'sharedMemoryMiB', 'queues', 'fabric', 'scratch'],
        },
        {
          name: 'Vertex AI with scratch',
          always: { scratch: one({ sizeGiB: 1024 }) },
          sometimes: { capacity, datasets },
          lacks: ['minNodes', 'sharedMemoryMiB', 'queues', 'fabric'],
          place: 'inside',
        },
        {
          name: 'GKE',
          always: {
            engine: one(google.TrainingEngine.gke(), google.TrainingEngine.gke({ zones: [`${REGION}-a`] })),
          },
          sometimes: { capacity, datasets, scratch: one({ sizeGiB: 1024 }), minNodes: one(1) },
          lacks: ['queues', 'fabric'],
          place: 'inside',
        },
      ],
      AutoScalingEndpoint: [
        {
          name: 'Vertex AI',
          always: { accelerators: one(['L4:1', 'T4:1'], ['T4:4', 'L4:4']) },
          sometimes: {
            scaling: one({ minInstances: 2, maxInstances: 4, cpuPercent: 70 }, { minInstances: 2 }),
            capture: one({ samplePercent: 50 }),
          },
          lacks: ['capacity', 'rollout', 'diskGiB'],
        },
        {
          name: 'Cloud Run',
          always: {
            engine: one(google.EndpointEngine.cloudRun()),
            accelerators: one(['L4:1']),
            variants: variantsOf({ image }, 1, 'fraud'),
          },
          sometimes: { scaling: one({ minInstances: 1, maxInstances: 4, concurrentRequestsPerInstance: 3 }) },
          lacks: ['capacity', 'rollout', 'capture', 'diskGiB'],
        },
        {
          name: 'Cloud Run behind a name',
          always: {
            engine: one(google.EndpointEngine.cloudRun({ hostName: 'ml.example.com' })),
            accelerators: one(['L4:1']),
            variants: variantsOf({ image }, 2, 'fraud'),
          },
          lacks: ['capacity', 'rollout', 'capture', 'diskGiB', 'scaling'],
          place: 'outside',
        },
      ],
      ServerlessInference: [
        {
          name: 'Cloud Run',
          sometimes: { concurrentRequestsPerInstance: whole(1, 80) },
          lacks: ['accelerators'],
        },
        { name: 'Cloud Run with GPU', always: { accelerators: one(['L4:1']) }, lacks: ['memoryMiB', 'cpu'] },
      ],
      Workspace: [
        {
          name: 'Vertex AI Workbench',
          sometimes: { zone: one('a', 'b'), editor: one(core.WorkspaceEditor.JUPYTERLAB) },
        },
      ],
    },
  },
  rules: googleRules,
});
