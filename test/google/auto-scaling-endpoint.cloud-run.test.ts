import { CloudRun } from './cloud-run';
import { alerts, deployed } from './shiftable';
import {
  all,
  EMAIL,
  newApp,
  only,
  platformStack,
  PROJECT,
  refusal,
  REGION,
  synthesized,
  twoStacks,
} from './support';
import { TOKEN } from './vertex';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { AutoScalingEndpoint, AutoScalingEndpointProps } from '../../src/google/auto-scaling-endpoint';
import { EndpointEngine } from '../../src/google/endpoint-engine';
import { RunningEndpoint, runShift, Shiftable, WATCHED } from '../support/shift';
import { StandIn } from '../support/stand-ins';
import { ProgramRun } from '../terraform/run';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/serve:1';
const MAIN: core.EndpointVariant = { name: 'main', container: { image: IMAGE } };
const TWO: Partial<AutoScalingEndpointProps> = {
  engine: EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }),
  variants: [
    { ...MAIN, name: 'green', weight: 10 },
    { ...MAIN, name: 'blue', weight: 90 },
  ],
};

const ofRun = (stack: google.PlatformStack, props: Partial<AutoScalingEndpointProps> = {}) =>
  new AutoScalingEndpoint(stack, 'Fraud', {
    engine: EndpointEngine.cloudRun(),
    variants: [MAIN],
    ...props,
  });

function serve(
  build: (stack: google.PlatformStack) => Partial<AutoScalingEndpointProps> = () => ({}),
  props: Partial<google.PlatformStackProps> = {},
) {
  const app = newApp();
  const stack = platformStack(app, 'serving', props);
  const made = ofRun(stack, build(stack));
  const json = synthesized(app).serving;
  const services = all(json, 'google_cloud_run_v2_service');
  return { stack, made, json, services, template: services[0].template };
}

test('default child', () => {
  const { made } = serve();
  expect(made.node.defaultChild).toBe(made.endpoint);
  expect(made.deployment('main')).toBe(made.endpoint);
  expect(refusal(() => made.model('main'))).toContain('CMC-040');
  expect(refusal(() => made.deployment('other'))).toContain('CMC-012');
});

test('minimal', () => {
  const { services, json } = serve();
  expect(services).toHaveLength(1);
  const { id, '//': _, ...attributes } = services[0];
  expect(id).toMatch(/^Fraud_Service-main_Service_/);
  expect(attributes).toEqual({
    name: expect.stringMatching(/^serving-fraud-service-main-[0-9a-f]{8}$/),
    location: 'europe-west4',
    ingress: 'INGRESS_TRAFFIC_ALL',
    invoker_iam_disabled: false,
    deletion_protection: false,
    lifecycle: { ignore_changes: ['traffic'] },
    template: {
      service_account: expect.stringMatching(
        /^\$\{google_service_account\.Fraud_Identity_Account_\w+\.email\}$/,
      ),
      execution_environment: 'EXECUTION_ENVIRONMENT_GEN2',
      timeout: '60s',
      scaling: { min_instance_count: 1, max_instance_count: 1 },
      containers: [
        {
          image: IMAGE,
          ports: { container_port: 8080 },
          env: [],
          resources: { cpu_idle: true, startup_cpu_boost: true, limits: { cpu: '2', memory: '8192Mi' } },
          startup_probe: {
            period_seconds: 10,
            timeout_seconds: 10,
            failure_threshold: 24,
            http_get: { path: '/ping', port: 8080 },
          },
        },
      ],
    },
    depends_on: [],
  });
  expect(Object.keys(json.resource!).sort()).toEqual([
    'google_cloud_run_v2_service',
    'google_logging_project_bucket_config',
    'google_logging_project_sink',
    'google_service_account',
    'terraform_data',
  ]);
});

test('nothing of a third party is downloaded', () => {
  const { json, stack } = serve(() => TWO);
  expect(Object.keys(json.terraform.required_providers)).toEqual(['google']);
  expect(stack.node.metadata.filter(({ data }) => String(data).includes('restful'))).toEqual([]);
});

test('an instance has an accelerator, for which it may take long to start', () => {
  const { services, template } = serve(() => ({
    accelerators: ['H100:8', 'L4'],
    engine: EndpointEngine.cloudRun({ cpu: 8, memoryMiB: 32768 }),
    variants: [
      {
        name: 'main',
        container: { image: IMAGE, startupTimeoutSeconds: 1800, requestTimeoutSeconds: 3600 },
      },
    ],
  }));
  expect(services[0].template.node_selector).toEqual({ accelerator: 'nvidia-l4' });
  expect(template.gpu_zonal_redundancy_disabled).toBe(true);
  expect(template.timeout).toBe('3600s');
  expect(template.containers[0].resources).toEqual({
    cpu_idle: false,
    startup_cpu_boost: true,
    limits: { cpu: '8', memory: '32768Mi', 'nvidia.com/gpu': '1' },
  });
  expect(template.containers[0].startup_probe).toMatchObject({ period_seconds: 10, failure_threshold: 180 });
});

test('instances become more and fewer by concurrent requests, as deployment gives them too', () => {
  const { template, json } = serve(() => ({
    scaling: {
      minInstances: core.DeployParameter.ofNumber('Least', 2),
      maxInstances: 8,
      concurrentRequestsPerInstance: 4,
    },
  }));
  expect(template.max_instance_request_concurrency).toBe(4);
  expect(template.scaling).toEqual({ min_instance_count: '${var.Least}', max_instance_count: 8 });
  expect(json.variable.Least.default).toBe(2);
});

test('variants share the traffic by weight, behind one name with a certificate', () => {
  const { json, services, made } = serve(() => TWO);
  expect(services.map(({ ingress }) => ingress)).toEqual([
    'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
    'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
  ]);
  expect(services[0].custom_audiences).toEqual(['https://fraud.example.com']);
  const groups = all(json, 'google_compute_region_network_endpoint_group');
  expect(groups.map(({ cloud_run: { service } }) => service)).toEqual(
    services.map(({ id }) => `\${google_cloud_run_v2_service.${id}.name}`),
  );
  const backends = all(json, 'google_compute_backend_service');
  expect(backends.map(({ backend }) => backend)).toEqual(
    groups.map(({ id }) => [{ group: `\${google_compute_region_network_endpoint_group.${id}.id}` }]),
  );
  const map = only(json, 'google_compute_url_map');
  expect(map.default_route_action.weighted_backend_services).toEqual([
    { backend_service: `\${google_compute_backend_service.${backends[0].id}.id}`, weight: 90 },
    { backend_service: `\${google_compute_backend_service.${backends[1].id}.id}`, weight: 10 },
  ]);
  expect(backends[0].id).toContain('blue');
  expect(only(json, 'google_compute_managed_ssl_certificate').managed).toEqual({
    domains: ['fraud.example.com'],
  });
  expect(only(json, 'google_compute_ssl_policy')).toMatchObject({ min_tls_version: 'TLS_1_2' });
  const { id: proxy, url_map } = only(json, 'google_compute_target_https_proxy');
  expect(url_map).toBe(`\${google_compute_url_map.${map.id}.id}`);
  const { id: address } = only(json, 'google_compute_global_address');
  expect(only(json, 'google_compute_global_forwarding_rule')).toMatchObject({
    target: `\${google_compute_target_https_proxy.${proxy}.id}`,
    port_range: '443',
    ip_address: `\${google_compute_global_address.${address}.address}`,
    load_balancing_scheme: 'EXTERNAL_MANAGED',
  });
  expect(made.url).toBe('https://fraud.example.com/invocations');
  expect(made.node.defaultChild).toBe(made.forwardingRule);
});

test('traffic that was moved stays until the declared weights change', () => {
  const mapOf = (props: Partial<AutoScalingEndpointProps>) =>
    only(serve(() => ({ ...TWO, ...props })).json, 'google_compute_url_map');
  const [green, blue] = TWO.variants!;
  const before = mapOf({});
  expect(before.lifecycle).toEqual({
    create_before_destroy: true,
    ignore_changes: ['default_route_action'],
  });
  const again = mapOf({ variants: [{ ...green, container: { image: IMAGE, port: 9000 } }, blue] });
  expect(again.name).toBe(before.name);
  const weighted = mapOf({
    variants: [
      { ...green, weight: 50 },
      { ...blue, weight: 50 },
    ],
  });
  expect(weighted.name).not.toBe(before.name);
});

describe('the revisions of one variant', () => {
  let run: CloudRun;
  let program: ProgramRun;
  let command: string;
  let service: string;
  const revision = (n: number) => `${service}-0000${n}-abc`;
  const deploy = (tag: number) => program.apply({ Tag: String(tag) });
  const at = [`--project=${PROJECT}`, `--region=${REGION}`];
  beforeAll(async () => {
    run = new CloudRun();
    const stack = platformStack(newApp());
    const registry = new google.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['serve'],
    });
    const image = registry.image('serve', core.DeployParameter.of('Tag', '1'));
    const variants = [{ name: 'main', container: { image } }];
    const made = ofRun(stack, { variants, alarms: WATCHED });
    ({ program, command } = await deployed(made, run));
    [service] = [...run.services.keys()];
    await deploy(2);
  });

  /** Traffic is moved by bash, as gcloud and Cloud Monitoring are stood in for. */
  const shift = async (
    VARIANT: string,
    more: object = {},
    ringing: RunningEndpoint['ringing'] = () => [],
  ) => {
    const running = new RunningEndpoint();
    running.ringing = ringing;
    const gcloud: StandIn = ({ args }) => {
      switch (args[0] === 'auth' ? args[1] : args[2]) {
        case 'print-access-token':
          return TOKEN;
        case 'describe':
          expect(args).toEqual([
            ...['run', 'services', 'describe', service, ...at, '--flatten=status.traffic'],
            '--format=csv[no-heading](status.traffic.revisionName,status.traffic.percent)',
          ]);
          // A tag has no traffic of its own.
          return Object.entries(run.percents(service))
            .map(([name, percent]) => `${name},${percent}\n${name},\n`)
            .join('');
        default: {
          expect(args.slice(0, -1)).toEqual(['run', 'services', 'update-traffic', service, ...at, '--quiet']);
          const [, split] = /^--(?:to-revisions=(.+)|to-latest)$/.exec(args.at(-1)!)!;
          if (split) {
            const percents = split.split(',').map((one) => one.split('='));
            run.assign(
              service,
              Object.fromEntries(percents.map(([name, percent]) => [name, Number(percent)])),
            );
          } else {
            run.services.get(service)!.traffic = undefined;
          }
          return running.move(run.percents(service));
        }
      }
    };
    const curl = alerts(running, 'resource.labels.revision_name', VARIANT);
    const standIns = () => ({ gcloud, curl });
    const shiftable: Shiftable = { command, standIns, deployAgain: () => Promise.reject() };
    const { code, err } = await runShift(shiftable, running, { VARIANT, ...more });
    return { code, err };
  };

  test('are gone back to at once, and stay so until another one is asked for', async () => {
    expect(run.percents(service)).toEqual({ [revision(2)]: 100 });
    expect(await shift(revision(1), { STEPS: '100' })).toMatchObject({ code: 0 });
    expect(run.percents(service)).toEqual({ [revision(1)]: 100 });
    await deploy(3);
    expect(run.percents(service)).toEqual({ [revision(1)]: 100 });
  });

  test('take the traffic in steps, and give it back when an alarm of theirs rings', async () => {
    const { code, err } = await shift(revision(3), {}, (moves) => (moves === 2 ? ['error-percent'] : []));
    expect([code, run.percents(service)]).toEqual([1, { [revision(1)]: 100 }]);
    expect(err).toContain('the traffic is as it was');
    expect(await shift(revision(3), { STEPS: '10 50' })).toMatchObject({ code: 0 });
    expect(run.percents(service)).toEqual({ [revision(1)]: 50, [revision(3)]: 50 });
  });

  test('are followed by the latest one again without VARIANT', async () => {
    expect(await shift('')).toMatchObject({ code: 0 });
    expect(run.percents(service)).toEqual({ [revision(3)]: 100 });
    await deploy(4);
    expect(run.percents(service)).toEqual({ [revision(4)]: 100 });
  });

  test('are those of the service, or nothing is moved', async () => {
    const { code, err } = await shift('other-00001-abc');
    expect([code, err]).toEqual([1, expect.stringContaining(`a revision of ${service}`)]);
    // Refused by Cloud Run.
    expect(await shift(revision(9))).toMatchObject({ code: 1 });
    expect(run.percents(service)).toEqual({ [revision(4)]: 100 });
  });
});

test('the container is as asked, secrets by value, once it may read them', () => {
  const { services, template, json } = serve((stack) => ({
    variants: [
      {
        name: 'main',
        container: {
          image: IMAGE,
          command: ['serve', '${HOME}'],
          args: ['%{x}'],
          environment: { B: '${B}', A: '1' },
          secrets: { TOKEN: google.Secret.fromSecretName(stack, 'Token', 'hf-token') },
        },
      },
    ],
  }));
  expect(template.containers[0]).toMatchObject({
    command: ['serve', '$${HOME}'],
    args: ['%%{x}'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '$${B}' },
      {
        name: 'TOKEN',
        value_source: {
          secret_key_ref: { secret: 'projects/ml-project/secrets/hf-token', version: 'latest' },
        },
      },
    ],
  });
  const { id } = only(json, 'google_secret_manager_secret_iam_member');
  expect(services[0].depends_on).toContain(`google_secret_manager_secret_iam_member.${id}`);
});

test('models of a registry in another stack are mounted, the version given at deployment', () => {
  const { app, foundation, serving } = twoStacks();
  const registry = new google.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['serve'],
  });
  const version = (name: string) =>
    registry.model('fraud').version(core.DeployParameter.of(`${name}Version`, '7'));
  ofRun(serving, {
    ...TWO,
    variants: ['Blue', 'Green'].map((name) => ({
      name: name.toLowerCase(),
      container: { image: registry.image('serve', '7') },
      model: version(name),
    })),
  });
  const json = synthesized(app).serving;
  const services = all(json, 'google_cloud_run_v2_service');
  expect(services.map(({ template }) => template.containers[0].env[0])).toEqual([
    { name: 'MODEL_DIR', value: '/mnt/models/models/fraud/${var.BlueVersion}/' },
    { name: 'MODEL_DIR', value: '/mnt/models/models/fraud/${var.GreenVersion}/' },
  ]);
  const { id, role } = only(json, 'google_storage_bucket_iam_member');
  expect(role).toBe('roles/storage.objectViewer');
  for (const { template, depends_on } of services) {
    expect(template.volumes[0].gcs.read_only).toBe(true);
    expect(depends_on).toContain(`google_storage_bucket_iam_member.${id}`);
  }
});

test('a model that must be approved is refused', () => {
  const stack = platformStack(newApp(), 'serving');
  const registry = new google.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud', approvalRequired: true }],
  });
  const message = refusal(() =>
    ofRun(stack, { variants: [{ ...MAIN, model: registry.model('fraud').version('7') }] }),
  );
  expect(message).toContain('CMC-040');
  expect(message).toContain('EndpointEngine.vertexAi()');
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
});

test('in a network only callers inside reach it, and all that it sends goes through', () => {
  const { services } = serve((stack) => ({ network: new google.PrivateNetwork(stack, 'Network') }));
  expect(services[0].ingress).toBe('INGRESS_TRAFFIC_INTERNAL_ONLY');
  expect(services[0].template.vpc_access).toEqual({
    egress: 'ALL_TRAFFIC',
    network_interfaces: [
      {
        network: expect.stringMatching(/^\$\{google_compute_network\./),
        subnetwork: expect.stringMatching(/^\$\{google_compute_subnetwork\./),
      },
    ],
  });
  const stack = platformStack(newApp(), 'serving');
  const network = new google.PrivateNetwork(stack, 'Network');
  const { variants } = TWO;
  expect(refusal(() => ofRun(stack, { variants, network }))).toMatch(/variants needs .*CMC-040/);
  const { engine } = TWO;
  expect(refusal(() => ofRun(stack, { engine, network }))).toMatch(/engine\.hostName needs .*CMC-040/);
});

test('regulated: private, with a key of the customer', () => {
  const props = { securityProfile: core.SecurityProfile.REGULATED };
  const { template, services, json } = serve(
    (stack) => ({ network: new google.PrivateNetwork(stack, 'Network') }),
    props,
  );
  expect(template.encryption_key).toMatch(/^\$\{google_kms_crypto_key\.MlKey/);
  const { id } = only(json, 'google_kms_crypto_key_iam_member', 'Agent-run');
  expect(services[0].depends_on).toContain(`google_kms_crypto_key_iam_member.${id}`);
  expect(refusal(() => serve(() => ({}), props))).toContain('CMC-009');
});

test('alarms watch latency and errors of each variant', () => {
  const { json, services } = serve(() => ({
    ...TWO,
    alarms: { p99LatencyMs: 300, errorPercent: 1, notify: ['oncall@example.com'] },
  }));
  const conditions = all(json, 'google_monitoring_alert_policy').map(
    (one) => one.conditions[0].condition_threshold,
  );
  expect(conditions.map(({ threshold_value: value }) => value).sort()).toEqual([0.01, 300]);
  const names = services.map(({ id }) => `"\${google_cloud_run_v2_service.${id}.name}"`).join(', ');
  for (const { filter, aggregations } of conditions) {
    expect(filter).toContain(`resource.labels.service_name=one_of(${names})`);
    expect(aggregations[0].group_by_fields).toEqual(['resource.label.service_name']);
  }
});

test('logs are kept as long as asked', () => {
  const { json, services } = serve(() => ({ ...TWO, logRetentionDays: 30 }));
  expect(only(json, 'google_logging_project_bucket_config').retention_days).toBe(30);
  const names = services.map(({ id }) => `"\${google_cloud_run_v2_service.${id}.name}"`).join(' OR ');
  expect(only(json, 'google_logging_project_sink').filter).toBe(
    `resource.type="cloud_run_revision" AND resource.labels.service_name=(${names})`,
  );
});

test('who may ask stands with the caller, for every variant, over stacks in one direction only', () => {
  const { app, foundation, serving } = twoStacks();
  const asked = ofRun(foundation, TWO);
  const caller = ofRun(serving);
  asked.grantInvoke(caller);
  asked.grantInvoke(caller);
  expect(refusal(() => caller.grantInvoke(asked))).toContain('CMC-013');
  for (const everybody of ['allUsers', 'allAuthenticatedUsers']) {
    expect(refusal(() => asked.grants.invoke(everybody))).toContain('CMC-006');
  }
  const json = synthesized(app);
  expect(json.foundation.resource!.google_cloud_run_v2_service_iam_member).toBeUndefined();
  const members = all(json.serving, 'google_cloud_run_v2_service_iam_member');
  expect(members.map(({ role }) => role)).toEqual(['roles/run.invoker', 'roles/run.invoker']);
  expect(members[0].name).not.toBe(members[1].name);
});

test('native members may ask', () => {
  const app = newApp();
  const made = ofRun(platformStack(app, 'serving'));
  made.grants.invoke(`serviceAccount:${EMAIL}`);
  expect(only(synthesized(app).serving, 'google_cloud_run_v2_service_iam_member')).toMatchObject({
    role: 'roles/run.invoker',
    member: `serviceAccount:${EMAIL}`,
    location: 'europe-west4',
  });
});

test('names stay when others come, and differ between deployments', () => {
  const namesIn = (project: string, others: boolean) => {
    const { services, json } = serve(
      (stack) => {
        if (others) {
          new google.DataLake(stack, 'Lake');
        }
        return TWO;
      },
      { project },
    );
    return [services[0].name, only(json, 'google_compute_url_map').name];
  };
  expect(namesIn('ml-project', true)).toEqual(namesIn('ml-project', false));
  expect(namesIn('ml-project', false)).not.toEqual(namesIn('ml-other', false));
});

test('the report says what was chosen, what bills and what comes next', () => {
  const { stack, made } = serve(() => ({ accelerators: ['L4'], scaling: { minInstances: 2 } }));
  const entries = reportOf(stack)
    .filter(({ path }) => path === made.node.path)
    .map(({ entry }) => entry);
  expect(entries.map(({ kind }) => kind)).toEqual([
    ...['choice', 'idle-cost', 'quota', 'note', 'command', 'command'],
  ]);
  expect(entries[1].text).toContain('2 × 4 processors, 16384 MiB and one L4 bill all the time');
  expect(made.invokeCommand).toContain('gcloud auth print-identity-token');
  expect(made.invokeCommand).toContain(made.url);
});

test.each<[string, string, object]>([
  ['CMC-040', 'scaling.requestsPerMinutePerInstance', { scaling: { requestsPerMinutePerInstance: 600 } }],
  ['CMC-040', 'scaling.cpuPercent', { scaling: { maxInstances: 2, cpuPercent: 60 } }],
  ['CMC-040', 'scaling.gpuPercent', { scaling: { maxInstances: 2, gpuPercent: 60 } }],
  ['CMC-009', 'scaling.maxInstances', { scaling: { maxInstances: 2 } }],
  ['CMC-009', 'scaling.concurrentRequestsPerInstance', { scaling: { concurrentRequestsPerInstance: 4 } }],
  [
    'CMC-004',
    'scaling.concurrentRequestsPerInstance',
    { scaling: { maxInstances: 2, concurrentRequestsPerInstance: 4.5 } },
  ],
  ['CMC-004', 'scaling.maxInstances', { scaling: { maxInstances: 1001, concurrentRequestsPerInstance: 4 } }],
  ['CMC-031', 'scaling.maxInstances', { scaling: { minInstances: 4, maxInstances: 2 } }],
  ['CMC-004', 'scaling.minInstances', { scaling: { minInstances: 0 } }],
  ['CMC-040', 'rollout', { rollout: core.Rollout.canary({ percent: 10, bakeMinutes: 5 }) }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.spot() }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.reserved('gpus') }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.queued() }],
  ['CMC-040', 'capture', { capture: {} }],
  ['CMC-040', 'machineType', { machineType: 'n1-standard-4' }],
  ['CMC-040', 'variants[0].machineType', { variants: [{ ...MAIN, machineType: 'n1-standard-4' }] }],
  ['CMC-021', 'accelerators', { accelerators: ['H100:8', 'L4:2'] }],
  ['CMC-021', 'variants[0].accelerators', { variants: [{ ...MAIN, accelerators: ['T4'] }] }],
  ['CMC-005', 'engine.cpu', { engine: EndpointEngine.cloudRun({ cpu: 3 }) }],
  [
    'CMC-004',
    'engine.memoryMiB',
    { accelerators: ['L4'], engine: EndpointEngine.cloudRun({ memoryMiB: 8192 }) },
  ],
  ['CMC-009', 'hostName', { variants: TWO.variants }],
  ['CMC-030', 'variants', { variants: [{ ...MAIN, weight: 90 }] }],
  [
    'CMC-040',
    'variants[0].container.sharedMemoryMiB',
    { variants: [{ ...MAIN, container: { image: IMAGE, sharedMemoryMiB: 1024 } }] },
  ],
  [
    'CMC-004',
    'variants[0].container.startupTimeoutSeconds',
    { variants: [{ ...MAIN, container: { image: IMAGE, startupTimeoutSeconds: 600 } }] },
  ],
  [
    'CMC-004',
    'variants[0].container.requestTimeoutSeconds',
    { variants: [{ ...MAIN, container: { image: IMAGE, requestTimeoutSeconds: 3601 } }] },
  ],
  ['CMC-060', 'variants[0].container.image', { variants: [{ ...MAIN, container: { image: 'nginx' } }] }],
  ['CMC-003', 'engine', { engine: 'cloud-run' }],
])('refused with %s: %s', (code, prop, props) => {
  const stack = platformStack(newApp(), 'serving');
  const message = refusal(() => ofRun(stack, props));
  expect(message).toContain(prop);
  expect(message).toContain(code);
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
});

test.each([
  ['CMC-006', { hostName: 'https://fraud.example.com' }],
  ['CMC-004', { memoryMiB: 65536 }],
  ['CMC-001', { gpu: 1 }],
])('an engine is refused with %s', (code, options) => {
  expect(refusal(() => EndpointEngine.cloudRun(options as google.CloudRunEngineOptions))).toContain(code);
});
