import { cluster, definitionOf, execute, Job, minimal } from './gpu-training-cluster.workflow';
import { all, only, platformStack, newApp, refusal, synthesizedStack } from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/serve:1';
const PEOPLE = { notify: ['ml@example.com'] };
const SCALING = { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 };
const CLOUD_RUN = google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' });

const endpoint = (stack: google.PlatformStack, props: Partial<google.AutoScalingEndpointProps>) =>
  new google.AutoScalingEndpoint(stack, 'Fraud', {
    variants: [{ name: 'main', container: { image: IMAGE } }],
    ...props,
  });
const served = (props: Partial<google.AutoScalingEndpointProps>) =>
  synthesizedStack((stack) => endpoint(stack, props));
const conditionOf = (policy: any) => policy.conditions[0].condition_threshold;

test('each address has a channel of its own, told with channels that exist', () => {
  const { json } = synthesizedStack((stack) =>
    endpoint(stack, {
      alarms: {
        errorPercent: 1,
        notify: ['ml@example.com', 'https://chat.example.com/ml'],
        channels: [
          google.NotificationChannel.fromChannelId(stack, 'Pager', 'projects/p/notificationChannels/42'),
        ],
      },
    }),
  );
  const channels = all(json, 'google_monitoring_notification_channel');
  expect(channels.map(({ type, labels }) => [type, labels])).toEqual([
    ['email', { email_address: 'ml@example.com' }],
    ['webhook_tokenauth', { url: 'https://chat.example.com/ml' }],
  ]);
  expect(only(json, 'google_monitoring_alert_policy').notification_channels).toEqual([
    ...channels.map(({ id }) => `\${google_monitoring_notification_channel.${id}.name}`),
    'projects/p/notificationChannels/42',
  ]);
});

test('an endpoint at its maximum is told, each deployment by its replicas', () => {
  const { json, made } = served({ scaling: SCALING, alarms: { ...PEOPLE, atMaximumMinutes: 15 } });
  const policy = only(json, 'google_monitoring_alert_policy');
  expect(policy.display_name).toMatch(/^As many instances as scaling allows, for 15 minutes: /);
  expect(conditionOf(policy)).toEqual({
    filter: expect.stringContaining('metric.type="aiplatform.googleapis.com/prediction/online/replicas"'),
    aggregations: [
      {
        alignment_period: '60s',
        per_series_aligner: 'ALIGN_MEAN',
        cross_series_reducer: 'REDUCE_SUM',
        group_by_fields: ['metric.label.deployed_model_id'],
      },
    ],
    comparison: 'COMPARISON_GT',
    threshold_value: 7.5,
    duration: '900s',
    trigger: { count: 1 },
  });
  expect(made.alarms).toHaveLength(1);
});

test('the maximum may be a parameter', () => {
  const { json } = served({
    scaling: { ...SCALING, maxInstances: core.DeployParameter.ofNumber('Most', 8) },
    alarms: { atMaximumMinutes: 15 },
  });
  expect(conditionOf(only(json, 'google_monitoring_alert_policy')).threshold_value).toBe(
    '${(var.Most - 0.5)}',
  );
});

test('machines that Vertex AI does not give are told, as replicas that are fewer than wanted', () => {
  const { json } = served({ scaling: SCALING, alarms: { ...PEOPLE, noCapacity: true } });
  const condition = conditionOf(only(json, 'google_monitoring_alert_policy'));
  expect(condition).toMatchObject({
    filter: expect.stringMatching(/online\/replicas"$/),
    denominator_filter: expect.stringMatching(/online\/target_replicas"$/),
    comparison: 'COMPARISON_LT',
    threshold_value: 0.999,
    duration: '1800s',
  });
  expect(condition.denominator_aggregations).toEqual(condition.aggregations);
});

test('on Cloud Run the maximum is that of each revision', () => {
  const { json } = served({
    engine: CLOUD_RUN,
    scaling: { maxInstances: 8, concurrentRequestsPerInstance: 4 },
    alarms: { atMaximumMinutes: 15 },
  });
  const condition = conditionOf(only(json, 'google_monitoring_alert_policy'));
  expect(condition.filter).toContain('metric.type="run.googleapis.com/container/instance_count"');
  expect(condition.aggregations[0].group_by_fields).toEqual([
    'resource.label.service_name',
    'resource.label.revision_name',
  ]);
});

test('a shift of traffic is taken back by alarms of the release, not by those of capacity', () => {
  const variant = (name: string) => ({ name, container: { image: IMAGE } });
  const { json, made } = served({
    variants: [variant('blue'), variant('green')],
    scaling: SCALING,
    alarms: { ...PEOPLE, errorPercent: 1, atMaximumMinutes: 15, noCapacity: true },
  });
  expect(made.alarms).toHaveLength(3);
  const read = [...made.shiftCommand.matchAll(/policy\.name="/g)];
  expect(read).toHaveLength(1);
  expect(all(json, 'google_monitoring_alert_policy')).toHaveLength(3);
});

test('a serverless inference at its maximum is told by its instances', () => {
  const { json } = synthesizedStack(
    (stack) =>
      new google.ServerlessInference(stack, 'Thumbnails', {
        container: { image: IMAGE },
        maxInstances: 5,
        alarms: { atMaximumMinutes: 5 },
      }),
  );
  expect(conditionOf(only(json, 'google_monitoring_alert_policy'))).toMatchObject({
    threshold_value: 4.5,
    duration: '300s',
  });
});

describe('a training cluster', () => {
  test('tells of jobs that failed', () => {
    const { json, made } = cluster({ alarms: PEOPLE });
    const { name } = only(json, 'google_workflows_workflow');
    const policy = only(json, 'google_monitoring_alert_policy');
    expect(policy.display_name).toMatch(/^A training job failed, or was refused for its input: /);
    expect(conditionOf(policy)).toMatchObject({
      filter: `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${name}" AND metric.type="workflows.googleapis.com/finished_execution_count" AND metric.labels.status="FAILED"`,
      threshold_value: 0,
      duration: '0s',
    });
    expect(made.alarms).toHaveLength(1);
    expect(reportOf(made).map(({ entry }) => entry.text)).toContain('Jobs are told to ml@example.com.');
  });

  test('tells of jobs that wait, from the log of the workflow', () => {
    const { json } = cluster({ alarms: { ...PEOPLE, jobFailed: false, noCapacityMinutes: 60 } });
    const { name } = only(json, 'google_workflows_workflow');
    expect(only(json, 'google_monitoring_alert_policy').conditions[0].condition_matched_log.filter).toBe(
      `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${name}" AND severity=WARNING AND jsonPayload.event="waits-for-machines"`,
    );
  });

  test('writes once to the log that a job waits', () => {
    const { json } = cluster({ alarms: { ...PEOPLE, noCapacityMinutes: 60 } });
    const logged: any[] = [];
    const late: Job = (age) =>
      age < 3 * 3600
        ? { state: 'JOB_STATE_PENDING' }
        : { state: 'JOB_STATE_SUCCEEDED', start: 10800, end: 11000 };
    const { status } = execute(definitionOf(json), { run: 'r1' }, [late], {
      'sys.log': (args, seconds) => logged.push({ ...args, seconds }),
    });
    expect(status).toBe('SUCCEEDED');
    expect(logged).toEqual([
      {
        severity: 'WARNING',
        json: { event: 'waits-for-machines', job: expect.stringMatching(/customJobs\/0$/), run: 'r1' },
        seconds: expect.any(Number),
      },
    ]);
    expect(logged[0].seconds).toBeGreaterThan(3600);
    expect(logged[0].seconds).toBeLessThan(3600 + 600);
  });

  test('has the same workflow without alarms of waiting', () => {
    expect(definitionOf(cluster({ alarms: PEOPLE }).json)).toEqual(definitionOf(cluster().json));
    expect(JSON.stringify(definitionOf(cluster().json))).not.toContain('waits-for-machines');
  });

  test('on GKE tells of jobs that wait, too', () => {
    const { json } = synthesizedStack(
      (stack) =>
        new google.GpuTrainingCluster(stack, 'Training', {
          ...minimal,
          network: new google.PrivateNetwork(stack, 'Network'),
          engine: google.TrainingEngine.gke(),
          alarms: { ...PEOPLE, noCapacityMinutes: 60 },
        }),
    );
    const source = only(json, 'google_workflows_workflow').source_contents;
    expect(source).toContain('started == 0 and not(told) and sys.now() - since > 3600');
    expect(source).toContain('waits-for-machines');
  });
});

test.each<[string, Partial<google.AutoScalingEndpointProps>, string, string]>([
  [
    'capacity that Cloud Run does not tell',
    {
      engine: CLOUD_RUN,
      scaling: { maxInstances: 8, concurrentRequestsPerInstance: 4 },
      alarms: { ...PEOPLE, noCapacity: true },
    },
    'CMC-040',
    'take alarms.errorPercent, or EndpointEngine.vertexAi()',
  ],
  [
    'silence that BigQuery tells six hours late',
    { capture: {}, alarms: { ...PEOPLE, captureSilentMinutes: 30 } },
    'CMC-040',
    'ask the table of captureDataset by a scheduled query',
  ],
])('refuses %s', (_, props, code, message) => {
  const stack = platformStack(newApp(), 'serving');
  expect(refusal(() => endpoint(stack, props), code)).toContain(message);
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
});

test('refuses what is no notification channel', () => {
  const stack = platformStack(newApp(), 'serving');
  expect(
    refusal(() => google.NotificationChannel.fromChannelId(stack, 'Pager', 'pager'), 'CMC-006'),
  ).toContain('projects/…/notificationChannels/…');
});
