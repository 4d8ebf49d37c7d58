import { TerraformStack } from 'cdktf';
import {
  all,
  EMAIL,
  newApp,
  only,
  platformStack,
  refusal,
  Synthesized,
  synthesized,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { AutoScalingEndpoint, AutoScalingEndpointProps } from '../../src/google/auto-scaling-endpoint';
import { beforeAnythingRuns } from '../terraform/expressions';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/serve:1';
const MAIN: core.EndpointVariant = { name: 'main', container: { image: IMAGE } };

function serve(
  build: (stack: google.PlatformStack) => Partial<AutoScalingEndpointProps> = () => ({}),
  props: Partial<google.PlatformStackProps> = {},
) {
  const app = newApp();
  const stack = platformStack(app, 'serving', props);
  const made = new AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], ...build(stack) });
  const json = synthesized(app).serving;
  const calls = (id: string) => all(json, 'restful_operation').filter((one) => one.id.includes(id));
  return { stack, made, json, endpoint: only(json, 'google_vertex_ai_endpoint', 'Fraud_'), calls };
}

/** A name by what makes it. */
const madeBy = (json: Synthesized, name: string): string =>
  json.locals?.[name.replace(/^\$\{local\.(.*)\}$/, '$1')] ?? name;

const resourcesOf = (props: Partial<AutoScalingEndpointProps>) =>
  serve(() => props).calls('_Deployment_')[0].body.deployedModel.dedicatedResources;

const refused = (props: object) => {
  const stack = platformStack(newApp(), 'serving');
  const message = refusal(() => new AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], ...props }));
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
  return message;
};

test('default child', () => {
  const { made } = serve();
  expect(made.node.defaultChild).toBe(made.endpoint);
});

test('minimal', () => {
  const { endpoint, calls } = serve();
  const { id, '//': _, ...attributes } = endpoint;
  expect(attributes).toEqual({
    name: expect.stringMatching(/^[1-9]\d{0,9}$/),
    display_name: 'serving/Fraud',
    location: 'europe-west4',
    dedicated_endpoint_enabled: true,
    lifecycle: { create_before_destroy: true, ignore_changes: ['traffic_split', 'description'] },
    depends_on: [],
  });
  const [model] = calls('_Model_');
  const [deployment] = calls('_Deployment_');
  const [traffic] = calls('Fraud_Traffic_');
  const location = '/projects/ml-project/locations/europe-west4';
  const name = `\${google_vertex_ai_endpoint.${id}.name}`;
  const poll = {
    url_locator: 'body.name',
    status_locator: 'body.[done,error]',
    status: { success: '[true]', pending: ['[]', '[false]'] },
    default_delay_sec: 15,
  };
  const modelId = model.body.modelId;
  expect(modelId).toMatch(/^serving-fraud-variant-main-[0-9a-f]{8}$/);
  expect(model).toMatchObject({
    path: `${location}/models:upload`,
    method: 'POST',
    body: {
      model: {
        displayName: 'Fraud main',
        containerSpec: {
          imageUri: IMAGE,
          env: [],
          ports: [{ containerPort: 8080 }],
          healthRoute: '/ping',
          predictRoute: '/invocations',
          startupProbe: { httpGet: { path: '/ping', port: 8080 }, periodSeconds: 10, failureThreshold: 60 },
          deploymentTimeout: '2400s',
        },
      },
    },
    poll,
    delete_method: 'DELETE',
    delete_path: `${location}/models/${modelId}`,
    poll_delete: poll,
    provider: 'restful.ml_vertex',
  });
  const deployedId = deployment.body.deployedModel.id;
  expect(deployedId).toMatch(/^\$\{local\.Fraud_Variant-main-DeploymentId_\w+\}$/);
  expect(deployment).toMatchObject({
    path: `${location}/endpoints/${name}:deployModel`,
    method: 'POST',
    body: {
      deployedModel: {
        displayName: 'main',
        model: `projects/ml-project/locations/europe-west4/models/${modelId}`,
        serviceAccount: expect.stringMatching(/^\$\{google_service_account\./),
        dedicatedResources: {
          machineSpec: { machineType: 'n1-standard-2' },
          minReplicaCount: 1,
          maxReplicaCount: 1,
        },
      },
    },
    poll,
    delete_method: 'POST',
    delete_path: `${location}/endpoints/${name}:undeployModel`,
    delete_body: { deployedModelId: deployedId },
    poll_delete: poll,
    depends_on: [`restful_operation.${model.id}`],
  });
  expect(traffic).toMatchObject({
    path: `${location}/endpoints/${name}`,
    method: 'PATCH',
    query: { updateMask: ['trafficSplit'] },
    body: { trafficSplit: { [deployedId]: 100 } },
    delete_method: 'PATCH',
    delete_body: { trafficSplit: {} },
    depends_on: [deployment, calls('_Scaling_')[0]].map(({ id: one }) => `restful_operation.${one}`),
  });
});

test('bring your own: an existing endpoint is asked', () => {
  const app = newApp();
  const stack = platformStack(app, 'serving');
  const existing = AutoScalingEndpoint.fromAttributes(stack, 'Existing', {
    endpointName: '42',
    host: '42.europe-west4-7.prediction.vertexai.goog',
  });
  expect(existing.url).toBe(
    'https://42.europe-west4-7.prediction.vertexai.goog/v1/projects/ml-project/locations/europe-west4/endpoints/42:rawPredict',
  );
  existing.grantInvoke(google.Workload.fromServiceAccount(stack, 'Caller', EMAIL));
  const member = only(synthesized(app).serving, 'google_vertex_ai_endpoint_iam_member');
  expect(member).toMatchObject({
    endpoint: '42',
    location: 'europe-west4',
    project: 'ml-project',
    member: `serviceAccount:${EMAIL}`,
  });
});

test('what is immutable is replaced under a new name, the new before the old', () => {
  const { json, calls } = serve();
  for (const [what, trigger, more] of [
    ['_Model_', '_ModelName_', {}],
    ['_Deployment_', '_DeploymentName_', { ignore_changes: ['body'] }],
  ] as const) {
    const { id } = only(json, 'terraform_data', trigger);
    expect(calls(what)[0].lifecycle).toEqual({
      ...more,
      create_before_destroy: true,
      replace_triggered_by: [`terraform_data.${id}`],
    });
  }
  const idsWith = (props: Partial<AutoScalingEndpointProps>) => {
    const { calls: made, json: whole } = serve(() => props);
    return [
      madeBy(whole, made('_Model_')[0].body.modelId),
      madeBy(whole, made('_Deployment_')[0].body.deployedModel.id),
      only(whole, 'google_vertex_ai_endpoint').name,
    ];
  };
  const [model, deployment, endpoint] = idsWith({});
  const scaled = idsWith({ scaling: { maxInstances: 4, cpuPercent: 60 } });
  expect(scaled[0]).toBe(model);
  expect(scaled[1]).toBe(deployment);
  expect(scaled[2]).toBe(endpoint);
  const changed = idsWith({ variants: [{ ...MAIN, container: { ...MAIN.container, port: 9000 } }] });
  expect(changed[0]).not.toBe(model);
  expect(changed[1]).not.toBe(deployment);
  expect(changed[2]).toBe(endpoint);
});

test('variants share the traffic by weight, which no deployment depends on', () => {
  const split = (blue?: number, green?: number) => {
    const { calls, made, json } = serve(() => ({
      variants: [
        { ...MAIN, name: 'green', weight: green },
        { ...MAIN, name: 'blue', weight: blue },
      ],
    }));
    const [one, two] = calls('_Deployment_').map(({ body }) => body.deployedModel);
    const trafficSplit = beforeAnythingRuns(json, calls('Fraud_Traffic_')[0].body.trafficSplit);
    const percentOf = ({ id }: { readonly id: string }) => trafficSplit[beforeAnythingRuns(json, id)];
    return {
      ids: { [one.displayName]: one.id, [two.displayName]: two.id },
      split: { [one.displayName]: percentOf(one), [two.displayName]: percentOf(two) },
      command: made.shiftCommand,
    };
  };
  expect(split(90, 10).split).toEqual({ blue: 90, green: 10 });
  expect(split(100, 0).split).toEqual({ blue: 100, green: undefined });
  expect(split().split).toEqual({ blue: 50, green: 50 });
  expect(split(90, 10).ids).toEqual(split(50, 50).ids);
  expect(split(90, 10).command).toMatch(/^VARIANT="\$VARIANT" STEPS="\$STEPS" .* bash -c '/);
});

test('the first accelerator that Vertex AI offers is taken', () => {
  expect(resourcesOf({ accelerators: ['B300:8', 'L4', 'T4'].slice(1) }).machineSpec).toEqual({
    machineType: 'g2-standard-4',
    acceleratorType: 'NVIDIA_L4',
    acceleratorCount: 1,
  });
  expect(resourcesOf({ accelerators: ['T4'] }).machineSpec).toEqual({
    machineType: 'n1-standard-4',
    acceleratorType: 'NVIDIA_TESLA_T4',
    acceleratorCount: 1,
  });
  expect(resourcesOf({ machineType: 'n1-standard-4' }).machineSpec).toEqual({ machineType: 'n1-standard-4' });
  expect(resourcesOf({ machineType: 'a2-highgpu-1g' }).machineSpec).toMatchObject({ acceleratorCount: 1 });
});

test('machines become more and fewer by requests, processors and accelerators', () => {
  const scaling = {
    minInstances: 2,
    maxInstances: 8,
    requestsPerMinutePerInstance: 600,
    cpuPercent: 60,
    gpuPercent: 70,
  };
  const online = 'aiplatform.googleapis.com/prediction/online';
  expect(resourcesOf({ accelerators: ['L4'], scaling })).toMatchObject({
    minReplicaCount: 2,
    maxReplicaCount: 8,
    autoscalingMetricSpecs: [
      { metricName: `${online}/request_count`, target: 600 },
      { metricName: `${online}/cpu/utilization`, target: 60 },
      { metricName: `${online}/accelerator/duty_cycle`, target: 70 },
    ],
  });
});

test('how a deployment scales is changed in place', () => {
  const { calls } = serve(() => ({
    scaling: {
      minInstances: core.DeployParameter.ofNumber('Least', 2),
      maxInstances: 8,
      requestsPerMinutePerInstance: 600,
    },
  }));
  const [deployment] = calls('_Deployment_');
  const { body, path, method, lifecycle, depends_on, delete_method, precheck } = calls('_Scaling_')[0];
  expect({ body, path, method, lifecycle, depends_on, delete_method, precheck }).toEqual({
    path: deployment.path.replace(':deployModel', ':mutateDeployedModel'),
    method: 'POST',
    body: {
      deployedModel: {
        id: deployment.body.deployedModel.id,
        dedicatedResources: {
          minReplicaCount: '${var.Least}',
          maxReplicaCount: 8,
          autoscalingMetricSpecs: [
            { metricName: 'aiplatform.googleapis.com/prediction/online/request_count', target: 600 },
          ],
        },
      },
      updateMask:
        'dedicatedResources.minReplicaCount,dedicatedResources.maxReplicaCount,dedicatedResources.autoscalingMetricSpecs',
    },
    precheck: deployment.precheck,
    depends_on: [`restful_operation.${deployment.id}`],
  });
});

test('machines are bought as asked', () => {
  expect(resourcesOf({ capacity: core.Capacity.spot() }).spot).toBe(true);
  const reservation = 'projects/ml-project/zones/europe-west4-a/reservations/gpus';
  expect(
    resourcesOf({ accelerators: ['H100:8'], capacity: core.Capacity.reserved(reservation) }).machineSpec,
  ).toEqual({
    machineType: 'a3-highgpu-8g',
    acceleratorType: 'NVIDIA_H100_80GB',
    acceleratorCount: 8,
    reservationAffinity: {
      reservationAffinityType: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [reservation],
    },
  });
});

test('the container is as asked', () => {
  const { calls, json } = serve((stack) => ({
    variants: [
      {
        name: 'main',
        container: {
          image: IMAGE,
          command: ['serve', '${HOME}'],
          args: ['%{x}'],
          environment: { B: '${B}', A: '1' },
          secrets: { TOKEN: google.Secret.fromSecretName(stack, 'Token', 'hf-token') },
          sharedMemoryMiB: 2048,
          startupTimeoutSeconds: 1800,
        },
      },
    ],
  }));
  const [model] = calls('_Model_');
  expect(model.body.model.containerSpec).toMatchObject({
    command: ['serve', '$${HOME}'],
    args: ['%%{x}'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '$${B}' },
      { name: 'TOKEN_SECRET_ID', value: 'projects/ml-project/secrets/hf-token' },
    ],
    sharedMemorySizeMb: '2048',
    startupProbe: { failureThreshold: 180 },
    deploymentTimeout: '3600s',
  });
  const { id } = only(json, 'google_secret_manager_secret_iam_member');
  expect(model.depends_on).toContain(`google_secret_manager_secret_iam_member.${id}`);
});

function fromRegistry(version: string | core.DeployParameter, approvalRequired = false) {
  const { app, foundation, serving } = twoStacks();
  const registry = new google.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud', approvalRequired }],
    images: ['serve'],
  });
  new AutoScalingEndpoint(serving, 'Fraud', {
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '7') },
        model: registry.model('fraud').version(version),
      },
    ],
  });
  const { foundation: first, serving: json } = synthesized(app);
  const calls = (id: string) => all(json, 'restful_operation').filter((one) => one.id.includes(id));
  return { first, json, calls };
}

test('a model of a registry in another stack, which the container may read', () => {
  const { json, calls } = fromRegistry('7');
  const [model] = calls('_Model_');
  expect(model.body.model.artifactUri).toMatch(
    /^gs:\/\/\$\{data\.terraform_remote_state\..*\}\/models\/fraud\/7\/$/,
  );
  expect(model.body.model.containerSpec.env).toEqual([
    { name: 'MODEL_URI', value: model.body.model.artifactUri },
  ]);
  expect(model.body.model.containerSpec.imageUri).toMatch(/\/serve:7$/);
  expect(madeBy(json, model.body.modelId)).toContain('sha1(jsonencode(');
  const { id } = only(json, 'google_storage_bucket_iam_member');
  expect(model.depends_on).toContain(`google_storage_bucket_iam_member.${id}`);
});

test('a version is given at deployment, and names what is made of it', () => {
  const { json, calls } = fromRegistry(core.DeployParameter.of('FraudVersion', '7'));
  expect(json.variable.FraudVersion.default).toBe('7');
  const [model] = calls('_Model_');
  expect(model.body.model.artifactUri).toContain('/models/fraud/${var.FraudVersion}/');
  expect(madeBy(json, model.body.modelId)).toContain('var.FraudVersion');
  const [deployment] = calls('_Deployment_');
  expect(Object.keys(calls('Fraud_Traffic_')[0].body.trafficSplit)).toEqual([
    deployment.body.deployedModel.id,
  ]);
});

test('a version that is not approved is refused at deployment', () => {
  const { json, calls } = fromRegistry('7.B', true);
  const [[id, approval]] = Object.entries(json.data!.restful_resource);
  expect(approval.id).toMatch(
    /^\/projects\/ml-project\/locations\/europe-west4\/models\/[a-z0-9-]+@approved-7-b$/,
  );
  expect(approval.allow_not_exist).toBeUndefined();
  expect(calls('_Model_')[0].depends_on).toContain(`data.restful_resource.${id}`);
  const given = fromRegistry(core.DeployParameter.of('FraudVersion', '7'), true).json.data!.restful_resource;
  expect(Object.values(given)[0].id).toContain('replace(lower(var.FraudVersion)');
});

test('two versions of a model are looked up, each by itself', () => {
  const { app, foundation, serving } = twoStacks();
  const registry = new google.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud', approvalRequired: true }],
  });
  new AutoScalingEndpoint(serving, 'Fraud', {
    variants: ['7', '8'].map((version) => ({
      ...MAIN,
      name: `v${version}`,
      model: registry.model('fraud').version(version),
    })),
  });
  const looked = Object.keys(synthesized(app).serving.data!.restful_resource);
  expect(looked.filter((id) => id.startsWith('Fraud_Approval-'))).toHaveLength(2);
});

test('two models of one registry are read, each by itself', () => {
  const { app, foundation, serving } = twoStacks();
  const registry = new google.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'old' }, { name: 'new' }],
  });
  new AutoScalingEndpoint(serving, 'Fraud', {
    variants: ['old', 'new'].map((name) => ({ ...MAIN, name, model: registry.model(name).version('1') })),
  });
  const members = all(synthesized(app).serving, 'google_storage_bucket_iam_member');
  expect(members.map(({ condition }) => condition.title).sort()).toEqual([
    'Below models/new/',
    'Below models/old/',
  ]);
});

test('in a network there is an address, and none on the internet', () => {
  const { endpoint, json, made } = serve((stack) => ({
    network: new google.PrivateNetwork(stack, 'Network'),
  }));
  expect(endpoint.dedicated_endpoint_enabled).toBeUndefined();
  expect(endpoint.private_service_connect_config).toEqual({
    enable_private_service_connect: true,
    project_allowlist: ['ml-project'],
  });
  const rule = only(json, 'google_compute_forwarding_rule');
  const [[attachment]] = Object.entries(json.data!.restful_resource);
  expect(rule).toMatchObject({
    target: `\${data.restful_resource.${attachment}.output.deployedModels[0].privateEndpoints.serviceAttachment}`,
    load_balancing_scheme: '',
    network: expect.stringMatching(/^\$\{google_compute_network\./),
    ip_address: expect.stringMatching(/^\$\{google_compute_address\./),
    lifecycle: { ignore_changes: ['target'] },
  });
  expect(only(json, 'google_compute_address').address_type).toBe('INTERNAL');
  expect(made.invokeCommand).toContain('--insecure');
});

test('requests and answers are captured to BigQuery', () => {
  const { endpoint, json } = serve(() => ({ capture: { samplePercent: 10 } }));
  const { id, delete_contents_on_destroy: emptied } = only(json, 'google_bigquery_dataset');
  expect(emptied).toBe(false);
  expect(endpoint.predict_request_response_logging_config).toEqual({
    enabled: true,
    sampling_rate: 0.1,
    bigquery_destination: {
      output_uri: `bq://\${google_bigquery_dataset.${id}.project}.\${google_bigquery_dataset.${id}.dataset_id}`,
    },
  });
});

test('a key of the customer encrypts endpoint, models and what is captured', () => {
  const { endpoint, json, calls } = serve((stack) => ({
    encryptionKey: new google.EncryptionKey(stack, 'Key'),
    capture: {},
  }));
  const key = endpoint.encryption_spec.kms_key_name;
  expect(key).toMatch(/^\$\{google_kms_crypto_key\./);
  expect(calls('_Model_')[0].body.model.encryptionSpec).toEqual({ kmsKeyName: key });
  expect(only(json, 'google_bigquery_dataset').default_encryption_configuration).toEqual({
    kms_key_name: key,
  });
  expect(only(json, 'google_kms_crypto_key_iam_member', 'bigquery').member).toMatch(
    /^\$\{data\.google_bigquery_default_service_account\./,
  );
  const agent = only(json, 'google_kms_crypto_key_iam_member', 'aiplatform').id;
  expect(endpoint.depends_on).toContain(`google_kms_crypto_key_iam_member.${agent}`);
});

test('regulated: private, with a key of the customer', () => {
  const props = { securityProfile: core.SecurityProfile.REGULATED };
  const { endpoint } = serve((stack) => ({ network: new google.PrivateNetwork(stack, 'Network') }), props);
  expect(endpoint.encryption_spec.kms_key_name).toMatch(/^\$\{google_kms_crypto_key\.MlKey/);
  expect(refusal(() => serve(() => ({}), props))).toContain('CMC-009');
});

test('alarms watch latency and errors of each deployment, and mail people', () => {
  const { json } = serve(() => ({
    alarms: { p99LatencyMs: 300, errorPercent: 1, notify: ['oncall@example.com'] },
  }));
  const conditions = all(json, 'google_monitoring_alert_policy').map(
    (one) => one.conditions[0].condition_threshold,
  );
  expect(conditions.map(({ threshold_value: value }) => value).sort()).toEqual([0.01, 300]);
  for (const { aggregations } of conditions) {
    expect(aggregations[0].group_by_fields).toEqual(['metric.label.deployed_model_id']);
  }
  expect(only(json, 'google_monitoring_notification_channel').type).toBe('email');
});

test('logs are kept as long as asked', () => {
  const { json } = serve(() => ({ logRetentionDays: 30 }));
  expect(only(json, 'google_logging_project_bucket_config').retention_days).toBe(30);
});

test('a third party is named before it is downloaded, once per stack', () => {
  const { stack, json } = serve((one) => {
    new AutoScalingEndpoint(one, 'Other', { variants: [MAIN] });
    return {};
  });
  const warnings = stack.node.metadata.filter(({ data }) => String(data).includes('magodo/restful'));
  expect(warnings.length).toBeGreaterThan(0);
  expect(reportOf(stack).filter(({ entry }) => entry.title === 'Third-party provider')).toHaveLength(1);
  expect(json.terraform.required_providers.restful).toEqual({ source: 'magodo/restful', version: '~> 0.25' });
  expect(json.provider.restful).toEqual([
    {
      alias: 'ml_vertex',
      base_url: 'https://europe-west4-aiplatform.googleapis.com/v1',
      security: { http: { token: { token: '${data.google_client_config.MlClient.access_token}' } } },
    },
  ]);
});

test('who may ask stands with the caller, over stacks in one direction only', () => {
  const { app, foundation, serving } = twoStacks();
  const [asked, caller] = [foundation, serving].map(
    (stack) => new AutoScalingEndpoint(stack, 'Endpoint', { variants: [MAIN] }),
  );
  asked.grantInvoke(caller);
  asked.grantInvoke(caller);
  expect(refusal(() => caller.grantInvoke(asked))).toContain('CMC-013');
  const json = synthesized(app);
  expect(json.foundation.resource!.google_vertex_ai_endpoint_iam_member).toBeUndefined();
  const member = only(json.serving, 'google_vertex_ai_endpoint_iam_member');
  expect(member.role).toMatch(/^\$\{data\.terraform_remote_state\./);
  expect(only(json.foundation, 'google_project_iam_custom_role').permissions).toEqual([
    'aiplatform.endpoints.predict',
  ]);
  for (const everybody of ['allUsers', 'allAuthenticatedUsers']) {
    expect(refusal(() => asked.grants.invoke(everybody))).toContain('CMC-006');
  }
});

test('names and addresses stay when others come, and differ between deployments', () => {
  const namesIn = (project: string, others: boolean) => {
    const app = newApp();
    const stack = platformStack(app, 'serving', { project });
    if (others) {
      new google.DataLake(stack, 'Lake');
      new AutoScalingEndpoint(stack, 'Another', { variants: [MAIN] });
    }
    const made = new AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN] });
    const json = synthesized(app).serving;
    const id = TerraformStack.of(made).getLogicalId(made.endpoint);
    return [
      id,
      json.resource!.google_vertex_ai_endpoint[id].name,
      madeBy(json, only(json, 'terraform_data', 'Fraud_Variant-main_ModelName').input),
      madeBy(json, only(json, 'terraform_data', 'Fraud_Variant-main_DeploymentName').input),
    ];
  };
  expect(namesIn('ml-project', true)).toEqual(namesIn('ml-project', false));
  expect(namesIn('ml-project', false)[1]).not.toBe(namesIn('ml-other', false)[1]);
});

test('the report says what was chosen, what bills and what comes next', () => {
  const { stack, made } = serve(() => ({ accelerators: ['L4'] }));
  const kinds = reportOf(stack)
    .filter(({ path }) => path === made.node.path)
    .map(({ entry }) => entry.kind);
  expect(kinds).toEqual(['choice', 'idle-cost', 'quota', 'note', 'command', 'command']);
  expect(made.shiftCommand).toContain('there is no traffic to shift');
  for (const text of [made.url, made.invokeCommand, made.shiftCommand]) {
    expect(text).toContain(made.endpointName);
  }
});

test('natives by variant', () => {
  const { made } = serve();
  expect(made.model('main').terraformResourceType).toBe('restful_operation');
  expect(refusal(() => made.deployment('other'))).toContain('CMC-012');
});

test.each<[string, string, object]>([
  [
    'CMC-040',
    'scaling.concurrentRequestsPerInstance',
    { scaling: { maxInstances: 8, concurrentRequestsPerInstance: 4 } },
  ],
  ['CMC-040', 'shiftCommand', { rollout: core.Rollout.canary({ percent: 10, bakeMinutes: 5 }) }],
  ['CMC-040', 'shiftCommand', { rollout: core.Rollout.linear({ percent: 10, bakeMinutes: 5 }) }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.queued() }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.spot({ fallback: true }) }],
  ['CMC-040', 'capacity', { capacity: core.Capacity.spot({ maxWaitHours: 2 }) }],
  ['CMC-006', 'capacity', { capacity: core.Capacity.reserved('gpus') }],
  ['CMC-021', 'accelerators', { accelerators: ['TPU-v5e:4'] }],
  ['CMC-022', 'machineType', { machineType: 'g4-standard-48' }],
  ['CMC-006', 'machineType', { machineType: 'ml.m5.large' }],
  ['CMC-008', 'machineType', { machineType: 'n1-standard-4', accelerators: ['T4'] }],
  ['CMC-031', 'scaling.maxInstances', { scaling: { minInstances: 4, maxInstances: 2, cpuPercent: 60 } }],
  ['CMC-009', 'scaling.maxInstances', { scaling: { maxInstances: 2 } }],
  ['CMC-009', 'scaling.cpuPercent', { scaling: { cpuPercent: 60 } }],
  ['CMC-009', 'scaling.gpuPercent', { scaling: { maxInstances: 2, gpuPercent: 60 } }],
  ['CMC-004', 'scaling.cpuPercent', { scaling: { maxInstances: 2, cpuPercent: 60.5 } }],
  ['CMC-004', 'scaling.minInstances', { scaling: { minInstances: 0 } }],
  ['CMC-030', 'variants', { variants: [{ ...MAIN, weight: 90 }] }],
  [
    'CMC-004',
    'weight',
    {
      variants: [
        { ...MAIN, weight: 99.5 },
        { ...MAIN, name: 'b', weight: 0.5 },
      ],
    },
  ],
  [
    'CMC-004',
    'requestTimeoutSeconds',
    { variants: [{ ...MAIN, container: { image: IMAGE, requestTimeoutSeconds: 601 } }] },
  ],
  [
    'CMC-008',
    'AIP_MODE',
    { variants: [{ ...MAIN, container: { image: IMAGE, environment: { AIP_MODE: '1' } } }] },
  ],
  ['CMC-060', 'container.image', { variants: [{ ...MAIN, container: { image: 'nginx' } }] }],
  ['CMC-009', 'alarms.notify', { alarms: { notify: ['a@example.com'] } }],
])('refused with %s: %s', (code, prop, props) => {
  const message = refused(props);
  expect(message).toContain(prop);
  expect(message).toContain(code);
});

test('a zone takes no capture', () => {
  const stack = platformStack(newApp(), 'serving');
  const zone = new google.DataLake(stack, 'Lake').zone('raw');
  const message = refusal(
    () => new AutoScalingEndpoint(stack, 'Fraud', { variants: [MAIN], capture: { zone } }),
  );
  expect(message).toContain('CMC-040');
  expect(message).toContain('BigQuery');
});
