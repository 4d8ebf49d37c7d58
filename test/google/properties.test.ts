import { App, TerraformOutput, TerraformStack } from 'cdktf';
import * as fc from 'fast-check';
import { deployed, expressions, minimal } from './gpu-training-cluster.workflow';
import { all, newApp, platformStack, synthesized } from './support';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { asDeployed, hostileExpressions, interpolationsIn } from '../core/hostile';
import { properties } from '../core/properties';

properties({
  ml: google,
  newStack: (props) => platformStack(newApp(), 'platform', props),
  beside: ({ node }, id, props) => platformStack(node.root as App, id, props),
  tags: 'labels',
  secret: (scope, id) => google.Secret.fromSecretName(scope, id, 'token'),
  channel: (scope, id) =>
    google.NotificationChannel.fromChannelId(scope, id, 'projects/ml-project/notificationChannels/42'),
  logRetentionDays: {
    valid: fc.integer({ min: 1, max: 3650 }),
    invalid: fc.constantFrom<unknown>(0, 3651, '30', 90.5),
  },
  account: {
    valid: fc.stringMatching(/^[a-z][a-z0-9]{5,9}$/),
    invalid: fc.constantFrom<unknown>(12, '', 'A b'),
  },
  principal: {
    valid: fc.stringMatching(/^[a-z]{1,9}$/).map((name) => `${name}@example.com`),
    invalid: fc.constantFrom<unknown>('ada', 12, 'ml@ml-project.iam.gserviceaccount.com'),
  },
  native: {
    auditTrail: {
      retainDays: {
        valid: fc.integer({ min: 1, max: 3650 }),
        invalid: fc.constantFrom<unknown>(0, 3651, 1.5, '5'),
      },
      dataAccessLogs: {
        valid: fc.constantFrom(...Object.values(google.DataAccessLogs)),
        invalid: fc.constantFrom<unknown>('on', '', true),
      },
    },
    dataLake: {
      discoverySchedule: {
        valid: fc.constantFrom('0 3 * * *', 'TZ=Europe/Berlin 0 3 * * *'),
        invalid: fc.constantFrom<unknown>('daily', '', 3),
      },
    },
    workspace: {
      zone: {
        valid: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        invalid: fc.constantFrom<unknown>('g', '', 'europe-west4-a', 1),
      },
    },
  },
  valid: {
    gpuTrainingCluster: {
      mode: fc.constantFrom(core.DatasetMode.URI, core.DatasetMode.MOUNT),
      accelerators: fc.constantFrom(['L4'], ['T4:4'], ['H200:8', 'A10G:8', 'L4:8'], ['A100:8'], ['H100:8']),
      capacity: fc.constantFrom(
        core.Capacity.onDemand(),
        core.Capacity.spot(),
        core.Capacity.spot({ fallback: true, maxWaitHours: 4 }),
      ),
      diskGiB: fc.option(fc.integer({ min: 100, max: 4000 }), { nil: undefined }),
    },
    autoScalingEndpoint: {
      accelerators: fc.option(fc.constantFrom(['L4'], ['T4:4', 'L4:4'], ['A100']), { nil: undefined }),
      scaling: fc.constantFrom(
        { minInstances: 2 },
        { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
        { minInstances: 2, maxInstances: 4, cpuPercent: 70, requestsPerMinutePerInstance: 600 },
      ),
      inZone: fc.constant(false),
      rollout: fc.constant(core.Rollout.allAtOnce()),
      alarms: fc.constant(true),
    },
    serverlessInference: { alarms: fc.constant(true) },
    workspace: {
      editor: fc.option(fc.constant(core.WorkspaceEditor.JUPYTERLAB), { nil: undefined }),
      accelerators: fc.option(fc.constantFrom(['L4'], ['A10G:8', 'T4:4'], ['A100']), { nil: undefined }),
      idleShutdownMinutes: fc.option(fc.integer({ min: 10, max: 1440 }), { nil: undefined }),
    },
  },
  inOneStack: Infinity,
  synthesize: (stack) => synthesized(stack.node.root as App)[TerraformStack.of(stack).node.id],
  texts: {
    'names of secrets': (scope, text) => google.Secret.fromSecretName(scope, 'Id', text),
    'ids of secrets': (scope, text) =>
      google.Secret.fromSecretId(scope, 'Id', `projects/ml-project/secrets/${text}`),
    'names of buckets that exist': (scope, text) =>
      google.DataLake.fromBucketNames(scope, 'Id', { bucketNames: { raw: text } }),
    'ids of keys that exist': (scope, text) =>
      google.EncryptionKey.fromKeyId(
        scope,
        'Id',
        `projects/p/locations/europe-west4/keyRings/r/cryptoKeys/${text}`,
      ),
    'names of reservations': (scope, text) =>
      new google.GpuTrainingCluster(scope, 'Id', {
        ...minimal,
        capacity: core.Capacity.reserved(`projects/ml-project/zones/europe-west4-a/reservations/${text}`),
      }),
    'channels of alarms': (scope, text) =>
      google.NotificationChannel.fromChannelId(
        scope,
        'Id',
        `projects/ml-project/notificationChannels/${text}`,
      ),
    'members of grants': (scope, text) => {
      const lake = new google.DataLake(scope, 'Id', { discovery: false });
      lake.grants.read(text);
      lake.grants.read(`user:${text}@example.com`);
      return lake;
    },
  },
  leaks: (json) => [
    ...interpolationsIn(json),
    ...all(json, 'google_workflows_workflow').flatMap(({ source_contents: source }) =>
      hostileExpressions(expressions(JSON.parse(deployed(json, source))), /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g),
    ),
  ],
  output: (scope, value) => new TerraformOutput(scope, 'Output', { value }),
  outputs: ({ output = {} }) =>
    Object.values<any>(output)
      .map(({ value }) => value)
      .filter((value) => typeof value === 'string')
      .map(asDeployed),
});
