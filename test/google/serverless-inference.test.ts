import { TerraformStack } from 'cdktf';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { EncryptionKey } from '../../src/google/encryption-key';
import { ModelRegistry } from '../../src/google/model-registry';
import { NotificationChannel } from '../../src/google/notification-channel';
import { PlatformStack } from '../../src/google/platform-stack';
import { PrivateNetwork } from '../../src/google/private-network';
import { Secret } from '../../src/google/secret';
import { ServerlessInference, ServerlessInferenceProps } from '../../src/google/serverless-inference';
import { Workload } from '../../src/google/workload';
import { newApp, only, refusal, synthesized, Synthesized } from '../terraform/support';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/embed:1';
const PLACE = { project: 'ml-project', region: 'europe-west4' };

function serve(build: (stack: PlatformStack) => Partial<ServerlessInferenceProps> = () => ({})) {
  const app = newApp();
  const stack = new PlatformStack(app, 'serving', PLACE);
  const { container, ...props } = build(stack);
  const made = new ServerlessInference(stack, 'Thumbnails', {
    container: { image: IMAGE, ...container },
    ...props,
  });
  const json: Synthesized = synthesized(app).serving;
  const service = only(json, 'google_cloud_run_v2_service');
  return { stack, made, json, service, container: service.template.containers[0] };
}

const refused = (props: object, build?: (stack: PlatformStack) => object) => {
  const app = newApp();
  const stack = new PlatformStack(app, 'serving', PLACE);
  const message = refusal(
    () =>
      new ServerlessInference(stack, 'Thumbnails', {
        container: { image: IMAGE },
        ...props,
        ...build?.(stack),
      } as ServerlessInferenceProps),
  );
  expect(stack.node.tryFindChild('Thumbnails')).toBeUndefined();
  return message;
};

test('default child', () => {
  const { made } = serve();
  expect(made.node.defaultChild).toBe(made.service);
});

test('minimal', () => {
  const { service } = serve();
  const { id, '//': _, ...attributes } = service;
  expect(id).toMatch(/^Thumbnails_Service_/);
  expect(attributes).toEqual({
    name: expect.stringMatching(/^serving-thumbnails-[0-9a-f]{8}$/),
    location: 'europe-west4',
    ingress: 'INGRESS_TRAFFIC_ALL',
    invoker_iam_disabled: false,
    deletion_protection: false,
    template: {
      service_account: expect.stringMatching(
        /^\$\{google_service_account\.Thumbnails_Identity_Account_\w+\.email\}$/,
      ),
      execution_environment: 'EXECUTION_ENVIRONMENT_GEN2',
      timeout: '60s',
      scaling: { min_instance_count: 0, max_instance_count: 10 },
      containers: [
        {
          image: IMAGE,
          ports: { container_port: 8080 },
          env: [],
          resources: { cpu_idle: true, startup_cpu_boost: true, limits: { cpu: '1', memory: '2048Mi' } },
          startup_probe: {
            period_seconds: 10,
            timeout_seconds: 10,
            failure_threshold: 24,
            http_get: { path: '/ping', port: 8080 },
          },
        },
      ],
    },
    depends_on: [expect.stringMatching(/^google_project_service\.MlApi-run$/)],
  });
});

test('bring your own: an existing service is asked', () => {
  const app = newApp();
  const stack = new PlatformStack(app, 'serving', PLACE);
  const existing = ServerlessInference.fromAttributes(stack, 'Existing', {
    serviceName: 'embed',
    url: 'https://embed-1234.europe-west4.run.app/invocations',
    project: 'other-project',
  });
  existing.grantInvoke(
    Workload.fromServiceAccount(stack, 'Caller', 'caller@ml-project.iam.gserviceaccount.com'),
  );
  expect(existing.invokeCommand).toContain("'https://embed-1234.europe-west4.run.app/invocations'");
  const {
    id: _,
    '//': __,
    ...member
  } = only(synthesized(app).serving, 'google_cloud_run_v2_service_iam_member');
  expect(member).toEqual({
    project: 'other-project',
    location: 'europe-west4',
    name: 'embed',
    role: 'roles/run.invoker',
    member: 'serviceAccount:caller@ml-project.iam.gserviceaccount.com',
  });
});

test('nobody may call it until that is granted, and everybody never', () => {
  const { json, made } = serve();
  expect(json.resource!.google_cloud_run_v2_service_iam_member).toBeUndefined();
  for (const member of ['allUsers', 'allAuthenticatedUsers']) {
    expect(refusal(() => made.grants.invoke(member))).toContain('CMC-006');
  }
});

test('an instance has an L4, with the processors and memory that it needs', () => {
  const { service, container } = serve(() => ({ accelerators: ['H100:8', 'L4'] }));
  expect(service.template.node_selector).toEqual({ accelerator: 'nvidia-l4' });
  expect(service.template.gpu_zonal_redundancy_disabled).toBe(true);
  expect(container.resources).toEqual({
    cpu_idle: false,
    startup_cpu_boost: true,
    limits: { cpu: '4', memory: '16384Mi', 'nvidia.com/gpu': '1' },
  });
  expect(container.startup_probe).toMatchObject({ period_seconds: 10, failure_threshold: 60 });
});

test('processors go with the memory', () => {
  const sizeOf = (memoryMiB: number) => serve(() => ({ memoryMiB })).container.resources.limits;
  expect([512, 4096, 4097, 16384, 32768].map(sizeOf).map(({ cpu }: any) => cpu)).toEqual([
    '1',
    '1',
    '2',
    '4',
    '8',
  ]);
});

test('the container is as asked', () => {
  const { service, container } = serve(() => ({
    container: {
      image: IMAGE,
      command: ['serve', '${HOME}'],
      args: ['--rate', '100%{if}'],
      port: 9000,
      healthPath: '/health',
      environment: { ZEBRA: '${A}', ALPHA: '1' },
      requestTimeoutSeconds: 900,
      startupTimeoutSeconds: 7,
    },
    concurrentRequestsPerInstance: 4,
    minInstances: 1,
    maxInstances: 3,
  }));
  expect(container).toMatchObject({
    command: ['serve', '$${HOME}'],
    args: ['--rate', '100%%{if}'],
    ports: { container_port: 9000 },
    env: [
      { name: 'ALPHA', value: '1' },
      { name: 'ZEBRA', value: '$${A}' },
    ],
    startup_probe: { period_seconds: 1, failure_threshold: 7, http_get: { path: '/health', port: 9000 } },
  });
  expect(service.template).toMatchObject({
    timeout: '900s',
    max_instance_request_concurrency: 4,
    scaling: { min_instance_count: 1, max_instance_count: 3 },
  });
});

test('secrets are given by value, once the container may read them', () => {
  const { service, container, json } = serve((stack) => ({
    container: {
      image: IMAGE,
      secrets: { TOKEN: Secret.fromSecretName(stack, 'Token', 'hf-token') },
    },
  }));
  expect(container.env).toEqual([
    {
      name: 'TOKEN',
      value_source: {
        secret_key_ref: { secret: 'projects/ml-project/secrets/hf-token', version: 'latest' },
      },
    },
  ]);
  const member = only(json, 'google_secret_manager_secret_iam_member');
  expect(member.role).toBe('roles/secretmanager.secretAccessor');
  expect(service.depends_on).toContain(`google_secret_manager_secret_iam_member.${member.id}`);
});

test('a model of a registry in another stack is mounted, once the container may read it', () => {
  const app = newApp();
  const [foundation, serving] = ['foundation', 'serving'].map((id) => new PlatformStack(app, id, PLACE));
  const registry = new ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['embed'],
  });
  new ServerlessInference(serving, 'Thumbnails', {
    container: { image: registry.image('embed', '2') },
    model: registry.model('fraud').version(core.DeployParameter.of('FraudVersion', '7')),
  });
  const json = synthesized(app).serving;
  const service = only(json, 'google_cloud_run_v2_service');
  const [container] = service.template.containers;
  expect(container.image).toMatch(/\/embed:2$/);
  const bucket = expect.stringMatching(/^\$\{data\.terraform_remote_state\./);
  expect(service.template.volumes).toEqual([{ name: 'models', gcs: { bucket, read_only: true } }]);
  expect(container.volume_mounts).toEqual([{ name: 'models', mount_path: '/mnt/models' }]);
  expect(container.env).toEqual([
    { name: 'MODEL_DIR', value: '/mnt/models/models/fraud/${var.FraudVersion}/' },
    { name: 'MODEL_URI', value: expect.stringMatching(/^gs:.*\/models\/fraud\/\$\{var\.FraudVersion\}\/$/) },
  ]);
  const member = only(json, 'google_storage_bucket_iam_member');
  expect(member).toMatchObject({ bucket, role: 'roles/storage.objectViewer' });
  expect(member.condition).toBeUndefined();
  expect(service.depends_on).toContain(`google_storage_bucket_iam_member.${member.id}`);
});

test('a model that must be approved, and a version that is none, are refused', () => {
  const build = (stack: PlatformStack) => {
    const registry = new ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud', approvalRequired: true }],
    });
    return { model: registry.model('fraud').version('${7}') };
  };
  const message = refused({}, build);
  expect(message).toContain('CMC-040');
  expect(message).toContain('CMC-006');
});

test('in a network only callers inside reach it, and all that it sends goes through', () => {
  const { service } = serve((stack) => ({ network: new PrivateNetwork(stack, 'Network') }));
  expect(service.ingress).toBe('INGRESS_TRAFFIC_INTERNAL_ONLY');
  expect(service.template.vpc_access).toEqual({
    egress: 'ALL_TRAFFIC',
    network_interfaces: [
      {
        network: expect.stringMatching(/^\$\{google_compute_network\./),
        subnetwork: expect.stringMatching(/^\$\{google_compute_subnetwork\./),
      },
    ],
  });
});

test('a key of the customer encrypts what it keeps, which the service agent may use beforehand', () => {
  const { service, json } = serve((stack) => ({ encryptionKey: new EncryptionKey(stack, 'Key') }));
  expect(service.template.encryption_key).toMatch(/^\$\{google_kms_crypto_key\./);
  const member = only(json, 'google_kms_crypto_key_iam_member');
  expect(service.depends_on).toContain(`google_kms_crypto_key_iam_member.${member.id}`);
});

test('regulated: private, with a key of the customer', () => {
  const app = newApp();
  const stack = new PlatformStack(app, 'serving', {
    ...PLACE,
    securityProfile: core.SecurityProfile.REGULATED,
  });
  const container = { image: IMAGE };
  expect(refusal(() => new ServerlessInference(stack, 'Open', { container }))).toContain('CMC-009');
  new ServerlessInference(stack, 'Private', { container, network: new PrivateNetwork(stack, 'Network') });
  const service = only(synthesized(app).serving, 'google_cloud_run_v2_service');
  expect(service.template.encryption_key).toMatch(/^\$\{google_kms_crypto_key\.MlKey/);
});

test('logs are kept as long as asked', () => {
  const { json, service } = serve(() => ({ logRetentionDays: 30 }));
  expect(only(json, 'google_logging_project_bucket_config').retention_days).toBe(30);
  expect(only(json, 'google_logging_project_sink').filter).toBe(
    `resource.type="cloud_run_revision" AND resource.labels.service_name="\${google_cloud_run_v2_service.${service.id}.name}"`,
  );
  expect(only(serve().json, 'google_logging_project_bucket_config').retention_days).toBe(90);
});

test('alarms watch latency and errors, and mail people', () => {
  const { json, made } = serve((stack) => ({
    alarms: {
      p99LatencyMs: 300,
      errorPercent: 1,
      notify: ['oncall@example.com'],
      channels: [
        NotificationChannel.fromChannelId(stack, 'Pager', 'projects/ml-project/notificationChannels/42'),
      ],
    },
  }));
  expect(made.alarms).toHaveLength(2);
  const policies: any[] = Object.values(json.resource!.google_monitoring_alert_policy);
  const thresholds = policies.map(({ conditions }) => conditions[0].condition_threshold);
  expect(thresholds).toEqual([
    expect.objectContaining({
      filter: expect.stringContaining('"5xx"'),
      denominator_filter: expect.stringContaining('request_count'),
      threshold_value: 0.01,
    }),
    expect.objectContaining({
      filter: expect.stringContaining('request_latencies'),
      threshold_value: 300,
      aggregations: [
        {
          alignment_period: '300s',
          per_series_aligner: 'ALIGN_DELTA',
          cross_series_reducer: 'REDUCE_PERCENTILE_99',
        },
      ],
    }),
  ]);
  const channel = only(json, 'google_monitoring_notification_channel');
  expect(channel.labels).toEqual({ email_address: 'oncall@example.com' });
  for (const { notification_channels } of policies) {
    expect(notification_channels).toEqual([
      `\${google_monitoring_notification_channel.${channel.id}.name}`,
      'projects/ml-project/notificationChannels/42',
    ]);
  }
});

test('who may call stands with the caller, over stacks in one direction only', () => {
  const app = newApp();
  const [first, second] = ['first', 'second'].map((id) => new PlatformStack(app, id, PLACE));
  const make = (stack: PlatformStack) =>
    new ServerlessInference(stack, 'Serverless', { container: { image: IMAGE } });
  const [asked, caller] = [make(first), make(second)];
  asked.grantInvoke(caller);
  asked.grantInvoke(caller);
  const message = refusal(() => caller.grantInvoke(asked));
  expect(message).toContain('CMC-013');
  const json = synthesized(app);
  expect(json.first.resource!.google_cloud_run_v2_service_iam_member).toBeUndefined();
  const member = only(json.second, 'google_cloud_run_v2_service_iam_member');
  expect(member).toMatchObject({ role: 'roles/run.invoker', location: 'europe-west4' });
  expect(member.member).toMatch(/^\$\{google_service_account\.Serverless_Identity/);
});

test('it may call itself', () => {
  const app = newApp();
  const stack = new PlatformStack(app, 'serving', PLACE);
  const made = new ServerlessInference(stack, 'Self', { container: { image: IMAGE } });
  made.grantInvoke(made);
  expect(only(synthesized(app).serving, 'google_cloud_run_v2_service_iam_member').role).toBe(
    'roles/run.invoker',
  );
});

test('names and addresses stay when others come, and differ between deployments', () => {
  const nameIn = (project: string, others: boolean) => {
    const app = newApp();
    const stack = new PlatformStack(app, 'serving', { ...PLACE, project });
    if (others) {
      new ServerlessInference(stack, 'Another', { container: { image: IMAGE } });
    }
    const made = new ServerlessInference(stack, 'Thumbnails', { container: { image: IMAGE } });
    const services = synthesized(app).serving.resource!.google_cloud_run_v2_service;
    const id = TerraformStack.of(made).getLogicalId(made.service);
    return [id, services[id].name];
  };
  expect(nameIn('ml-project', true)).toEqual(nameIn('ml-project', false));
  expect(nameIn('ml-project', false)[1]).not.toBe(nameIn('ml-other', false)[1]);
});

test('the report says what bills and how to ask', () => {
  const { stack, made } = serve(() => ({ minInstances: 1, accelerators: ['L4:1'] }));
  const entries = reportOf(stack).filter(({ path }) => path === made.node.path);
  expect(entries.map(({ entry }) => entry.kind)).toEqual([...['choice', 'quota', 'idle-cost', 'command']]);
  expect(made.invokeCommand).toContain('gcloud auth print-identity-token');
});

test.each<[string, string, object]>([
  ['CMC-021', 'accelerators', { accelerators: ['A100:8'] }],
  ['CMC-005', 'cpu', { cpu: 3 }],
  ['CMC-004', 'cpu', { cpu: 1, accelerators: ['L4'] }],
  ['CMC-004', 'memoryMiB', { memoryMiB: 8192, accelerators: ['L4'] }],
  ['CMC-004', 'memoryMiB', { memoryMiB: 8192, cpu: 1 }],
  ['CMC-004', 'memoryMiB', { memoryMiB: 65536 }],
  ['CMC-004', 'concurrentRequestsPerInstance', { concurrentRequestsPerInstance: 1001 }],
  ['CMC-031', 'minInstances', { minInstances: 11 }],
  [
    'CMC-004',
    'container.requestTimeoutSeconds',
    { container: { image: IMAGE, requestTimeoutSeconds: 3601 } },
  ],
  ['CMC-004', 'container.startupTimeoutSeconds', { container: { image: IMAGE, startupTimeoutSeconds: 241 } }],
  ['CMC-040', 'container.sharedMemoryMiB', { container: { image: IMAGE, sharedMemoryMiB: 64 } }],
  ['CMC-008', 'container.environment.PORT', { container: { image: IMAGE, environment: { PORT: '1' } } }],
  ['CMC-060', 'container.image', { container: { image: 'docker.io/library/nginx' } }],
  ['CMC-009', 'alarms.notify', { alarms: { notify: ['a@example.com'] } }],
  ['CMC-001', 'engine', { engine: 'lambda' }],
])('refused with %s: %s', (code, prop, props) => {
  const message = refused(props);
  expect(message).toContain(prop);
  expect(message).toContain(code);
});

test('all faults at once', () => {
  expect(refused({ cpu: 3, minInstances: 11, logRetentionDays: 4000 })).toContain('3 faults');
});
