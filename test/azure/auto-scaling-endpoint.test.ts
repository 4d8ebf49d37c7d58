import { armErrors } from './literal.support';
import { all, newApp, only, platform, refusal, roles, synthesized, synthesizedPlatform } from './support';
import * as azure from '../../src/azure';
import { AutoScalingEndpoint, AutoScalingEndpointProps } from '../../src/azure';
import * as core from '../../src/core';
import { beforeAnythingRuns } from '../terraform/expressions';

const IMAGE = 'acmeml.azurecr.io/serve:1';
const PERSON = '87654321-1234-1234-1234-123456789012';
const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';
const ML = 'Microsoft.MachineLearningServices/workspaces';

type Props = Partial<AutoScalingEndpointProps>;
type Container = Partial<core.ServingContainer>;

const main = (container: Container = {}): core.EndpointVariant => ({
  name: 'main',
  container: { image: IMAGE, ...container },
});

const endpoint = (stack: azure.PlatformStack, props: Props = {}, id = 'Fraud') =>
  new AutoScalingEndpoint(stack, id, { variants: [main()], ...props });

const made = (props: Props = {}, profile?: core.SecurityProfile) =>
  synthesizedPlatform((stack) => endpoint(stack, props), { securityProfile: profile });

/** The azapi resources of a type. */
const arm = (json: any, type: string) =>
  all(json, 'azapi_resource').filter((one) => one.type === `${ML}/${type}@2025-06-01`);
const deployments = (json: any) => arm(json, 'onlineEndpoints/deployments');
const traffic = (json: any) => all(json, 'azapi_resource_action').find(({ when }) => when === 'apply')!;

/** An endpoint that serves a model of a registry. */
const withModel = (
  stack: azure.PlatformStack,
  { approvalRequired = false, version = '7' as string | core.DeployParameter } = {},
  props: Props = {},
) => {
  const registry = new azure.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud', approvalRequired }],
    images: ['serve'],
  });
  return endpoint(stack, {
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '1') },
        model: registry.model('fraud').version(version),
      },
    ],
    ...props,
  });
};

const refused = (props: Props, ...codes: string[]) => {
  const stack = platform();
  const message = refusal(() => endpoint(stack, props), ...codes);
  expect(stack.node.tryFindChild('Fraud')).toBeUndefined();
  return message;
};

test('its default child is the endpoint', () => {
  const { made: one } = made();
  expect(one.node.defaultChild).toBe(one.endpoint);
});

test('the smallest one is a machine without accelerators behind tokens of Entra', () => {
  const { json, made: one } = made();
  const { id: identity } = all(json, 'azurerm_user_assigned_identity').find(({ id }) =>
    id.startsWith('Fraud'),
  )!;
  expect(arm(json, 'onlineEndpoints')).toMatchObject([
    {
      name: expect.stringMatching(/^platform-fraud-[0-9a-f]{8}$/),
      location: 'westeurope',
      identity: [
        { type: 'UserAssigned', identity_ids: [`\${azurerm_user_assigned_identity.${identity}.id}`] },
      ],
      body: { kind: 'Managed', properties: { authMode: 'AADToken', publicNetworkAccess: 'Enabled' } },
    },
  ]);
  const [environment] = arm(json, 'environments/versions');
  expect(environment.body.properties).toEqual({
    image: IMAGE,
    osType: 'Linux',
    inferenceConfig: {
      livenessRoute: { path: '/ping', port: 8080 },
      readinessRoute: { path: '/ping', port: 8080 },
      startupRoute: { path: '/ping', port: 8080 },
      scoringRoute: { path: '/invocations', port: 8080 },
    },
  });
  const [deployment] = deployments(json);
  expect(deployment).toMatchObject({
    name: expect.stringMatching(/^main-[0-9a-z$]/),
    body: {
      kind: 'Managed',
      sku: { name: 'Default', capacity: 1 },
      properties: {
        endpointComputeType: 'Managed',
        instanceType: 'Standard_DS3_v2',
        requestSettings: { maxConcurrentRequestsPerInstance: 10, requestTimeout: 'PT60S' },
        startupProbe: { period: 'PT10S', failureThreshold: 60 },
      },
    },
    lifecycle: { create_before_destroy: true },
  });
  expect(one.url).toBe(`https://${one.endpointName}.westeurope.inference.ml.azure.com/invocations`);
  expect(one.invokeCommand).toContain('--resource https://ml.azure.com');
});

test('the bodies are such as ARM takes', () => {
  const { json } = synthesizedPlatform((stack) => {
    const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    withModel(stack, {}, { capture: { zone: lake.zone('raw'), samplePercent: 10 } });
  });
  expect(armErrors(json)).toEqual([]);
});

test('variants share the traffic, which moves when they stand and is released before one goes', () => {
  const { json } = made({
    variants: [
      { ...main(), name: 'blue', weight: 90 },
      { ...main(), name: 'green', weight: 10 },
    ],
  });
  const [blue, green] = deployments(json);
  const after = [blue, green].map(({ id }) => `azapi_resource.${id}`);
  expect(beforeAnythingRuns(json, traffic(json))).toMatchObject({
    method: 'PUT',
    body: {
      properties: {
        authMode: 'AADToken',
        traffic: {
          [beforeAnythingRuns(json, blue.name)]: 90,
          [beforeAnythingRuns(json, green.name)]: 10,
        },
      },
    },
    depends_on: expect.arrayContaining(after),
  });
  const release = all(json, 'azapi_resource_action').find(({ when }) => when === 'destroy')!;
  expect(release).toMatchObject({
    method: 'PUT',
    body: { properties: { traffic: {} } },
    depends_on: expect.arrayContaining(after),
  });
});

test('a deployment is named after what it runs, whatever the count of its machines', () => {
  const nameWith = (props: Props) => deployments(made(props).json)[0].name;
  const [one] = [nameWith({})];
  expect(nameWith({})).toBe(one);
  expect(nameWith({ scaling: { minInstances: 2 } })).toBe(one);
  expect(nameWith({ variants: [main({ environment: { A: '1' } })] })).not.toBe(one);
  expect(nameWith({ machineType: 'Standard_F4s_v2' })).not.toBe(one);
});

test('machines have the first accelerators that are offered', () => {
  const { json } = made({ accelerators: ['L4:1', 'T4:1'] });
  expect(deployments(json)[0].body.properties.instanceType).toBe('Standard_NC4as_T4_v3');
});

test('a model of a registry is served in its workspace, by an identity that may read it', () => {
  const { json, made: one } = synthesizedPlatform((stack) => withModel(stack));
  const [deployment] = deployments(json);
  expect(deployment.body.properties.model).toMatch(/\/models\/.+\/versions\/7$/);
  expect(deployment.body.properties.environmentVariables.MODEL_DIR).toMatch(
    /^\/var\/azureml-app\/azureml-models\/.+\/7$/,
  );
  const own = roles(json).filter(({ id }) => id.startsWith('Fraud'));
  expect(own.map(({ role }) => role).sort()).toEqual(['AcrPull', 'Storage Blob Data Reader']);
  const [native] = arm(json, 'onlineEndpoints');
  const settled = json.resource!.time_sleep[native.depends_on[0].split('.')[1]];
  expect(settled.depends_on.sort()).toEqual(own.map(({ id }) => `azurerm_role_assignment.${id}`).sort());
  expect(one.shiftCommand).toContain(one.endpointName);
  expect(arm(json, 'onlineEndpoints')[0].parent_id).toContain('MlWorkspace');
});

test('a version is given at deployment, and names the deployment', () => {
  const { json } = synthesizedPlatform((stack) =>
    withModel(stack, { version: core.DeployParameter.of('FraudVersion', '7') }),
  );
  const [deployment] = deployments(json);
  expect(json.variable!.FraudVersion.default).toBe('7');
  expect(deployment.body.properties.model).toContain('${var.FraudVersion}');
  expect(deployment.name).toContain('var.FraudVersion');
});

test('a version that is not approved is refused at deployment', () => {
  const { json } = synthesizedPlatform((stack) => withModel(stack, { approvalRequired: true }));
  const [id, version] = Object.entries(json.data!.azapi_resource)[0];
  expect(version.resource_id).toMatch(/versions\/7$/);
  expect(deployments(json)[0].lifecycle.precondition).toEqual([
    {
      condition: `\${try(data.azapi_resource.${id}.output.properties.tags.approval, "") == "approved"}`,
      error_message: expect.stringContaining('not approved'),
    },
  ]);
});

describe('scaling', () => {
  const scaling = { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600, cpuPercent: 60 };

  test('has a pair of rules for each intent', () => {
    const { json } = made({ scaling });
    const [deployment] = deployments(json);
    const { profile, target_resource_id } = only(json, 'azurerm_monitor_autoscale_setting');
    expect(target_resource_id).toBe(`\${azapi_resource.${deployment.id}.id}`);
    expect(profile[0].capacity).toEqual({ minimum: 2, default: 2, maximum: 8 });
    expect(
      profile[0].rule.map(({ metric_trigger: t, scale_action: a }: any) => [
        t.metric_name,
        t.operator,
        t.threshold,
        a.direction,
      ]),
    ).toEqual([
      ['RequestsPerMinute', 'GreaterThan', 600, 'Increase'],
      ['RequestsPerMinute', 'LessThan', 300, 'Decrease'],
      ['CpuUtilizationPercentage', 'GreaterThan', 60, 'Increase'],
      ['CpuUtilizationPercentage', 'LessThan', 30, 'Decrease'],
    ]);
    expect(profile[0].rule[0].metric_trigger).toMatchObject({
      divide_by_instance_count: true,
      dimensions: [{ name: 'deployment', values: [deployment.name] }],
    });
  });

  test('owns the counts, and its name goes with the deployment', () => {
    const { json } = made({ scaling });
    const [deployment] = deployments(json);
    expect(deployment.lifecycle.ignore_changes).toEqual(['body.sku.capacity']);
    expect(only(json, 'azurerm_monitor_autoscale_setting').name.endsWith(deployment.name)).toBe(true);
  });

  test('by accelerators', () => {
    const { json } = made({ accelerators: ['T4'], scaling: { maxInstances: 2, gpuPercent: 70 } });
    expect(
      only(json, 'azurerm_monitor_autoscale_setting').profile[0].rule[0].metric_trigger.metric_name,
    ).toBe('GpuUtilizationPercentage');
  });
});

test('requests and answers are kept in a zone that the identity may write to', () => {
  const { json } = synthesizedPlatform((stack) => {
    const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    endpoint(stack, { capture: { zone: lake.zone('raw'), samplePercent: 10 } });
  });
  const { collections } = deployments(json)[0].body.properties.dataCollector;
  expect(Object.keys(collections)).toEqual(['request', 'response']);
  expect(collections.request).toMatchObject({ dataCollectionMode: 'Enabled', samplingRate: 0.1 });
  // The service takes ids of ARM only.
  expect(collections.request.dataId).toMatch(
    /^\$\{azapi_resource\.MlWorkspace_\w+\.id\}\/data\/[\w-]+\/versions\/1$/,
  );
  expect(arm(json, 'data/versions').map(({ body }) => body.properties.dataUri)).toEqual([
    expect.stringMatching(/^azureml:\/\/datastores\/.+\/request$/),
    expect.stringMatching(/^azureml:\/\/datastores\/.+\/response$/),
  ]);
  expect(
    roles(json)
      .filter(({ id }) => id.startsWith('Fraud'))
      .map(({ role }) => role),
  ).toContain('Storage Blob Data Contributor');
});

test('alarms watch latency and errors and tell people', () => {
  const { json } = made({ alarms: { p99LatencyMs: 300, errorPercent: 1, notify: ['a@example.com'] } });
  const alarms = all(json, 'azurerm_monitor_scheduled_query_rules_alert_v2');
  const { id: group, email_receiver } = only(json, 'azurerm_monitor_action_group');
  expect(alarms.map(({ criteria }) => criteria[0].threshold).sort()).toEqual([1, 300]);
  alarms.forEach(({ action }) =>
    expect(action.action_groups).toEqual([`\${azurerm_monitor_action_group.${group}.id}`]),
  );
  expect(email_receiver).toMatchObject([{ email_address: 'a@example.com' }]);
});

test('logs are kept as long as asked', () => {
  const { json } = made({ logRetentionDays: 30 });
  expect(
    all(json, 'azurerm_log_analytics_workspace').find(({ id }) => id.startsWith('Fraud'))!.retention_in_days,
  ).toBe(30);
});

test('of a secret a container gets the id, and may read it', () => {
  const { json } = synthesizedPlatform((stack) => {
    const secret = azure.Secret.fromSecretId(stack, 'Token', {
      secretId: 'https://v.vault.azure.net/secrets/token',
      keyVaultId: VAULT,
    });
    endpoint(stack, { variants: [main({ secrets: { HF_TOKEN: secret }, environment: { A: '${x}' } })] });
  });
  expect(deployments(json)[0].body.properties.environmentVariables).toMatchObject({
    A: '$${x}',
    HF_TOKEN_SECRET_ID: 'https://v.vault.azure.net/secrets/token',
  });
  expect(
    roles(json)
      .filter(({ id }) => id.startsWith('Fraud'))
      .map(({ role }) => role),
  ).toContain('Key Vault Secrets User');
});

test('in a network it is reached from there only, by the private endpoint of its workspace', () => {
  const { json } = synthesizedPlatform((stack) =>
    endpoint(stack, { network: new azure.PrivateNetwork(stack, 'Network') }),
  );
  expect(arm(json, 'onlineEndpoints')[0].body.properties.publicNetworkAccess).toBe('Disabled');
  expect(traffic(json).body.properties.publicNetworkAccess).toBe('Disabled');
  expect(
    all(json, 'azurerm_private_endpoint').map((one) => one.private_service_connection.subresource_names[0]),
  ).toContain('amlworkspace');
});

describe('grants', () => {
  const twoStacks = () => {
    const app = newApp();
    return { app, foundation: platform('foundation', {}, app), serving: platform('serving', {}, app) };
  };
  const caller = (stack: azure.PlatformStack) => azure.Workload.fromPrincipalId(stack, 'Caller', PERSON);

  test('to ask are written in the stack of the one who is granted to, and allow no more', () => {
    const { app, foundation, serving } = twoStacks();
    const asked = endpoint(foundation);
    asked.grantInvoke(caller(serving));
    const stacks = synthesized(app);
    expect(only(stacks.foundation, 'azurerm_role_definition').permissions).toEqual([
      { actions: [`${ML}/onlineEndpoints/score/action`] },
    ]);
    expect(roles(stacks.serving)).toHaveLength(1);
  });

  test('that would point backwards are refused', () => {
    const { foundation, serving } = twoStacks();
    serving.addDependency(foundation);
    refusal(() => endpoint(serving).grantInvoke(caller(foundation)), 'CMC-013');
  });

  test('go to native principals once', () => {
    const { json } = synthesizedPlatform((stack) => {
      const asked = endpoint(stack);
      asked.grants.invoke(PERSON);
      asked.grants.invoke(PERSON);
    });
    expect(roles(json).filter(({ id }) => id.startsWith('Fraud_Invoke'))).toHaveLength(1);
  });

  test('to it reach its identity', () => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
      lake.grantRead(endpoint(stack));
    });
    expect(
      roles(json)
        .filter(({ id }) => id.startsWith('Fraud'))
        .map(({ role }) => role),
    ).toEqual(['Storage Blob Data Reader']);
  });
});

test('a registry of another stack is used without depends_on', () => {
  const app = newApp();
  const foundation = platform('foundation', {}, app);
  const registry = new azure.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['serve'],
  });
  const one = endpoint(platform('serving', {}, app), {
    network: new azure.PrivateNetwork(foundation, 'Network'),
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '1') },
        model: registry.model('fraud').version('7'),
      },
    ],
  });
  expect(one.deployment('main')).toBeDefined();
  expect(deployments(synthesized(app).serving)).toHaveLength(1);
});

test('traffic is shifted by a command', () => {
  const { made: one } = made({
    variants: [
      { ...main(), name: 'blue' },
      { ...main(), name: 'green' },
    ],
  });
  expect(one.shiftCommand).toContain('az ml online-endpoint update');
  refusal(() => one.deployment('red'), 'CMC-012');
  expect(one.autoscaleSetting('blue')).toBeUndefined();
});

test('an endpoint that exists already is asked', () => {
  const url = 'https://old.westeurope.inference.ml.azure.com/invocations';
  expect(
    AutoScalingEndpoint.fromAttributes(platform(), 'Old', { endpointName: 'old', url }).invokeCommand,
  ).toContain(url);
});

test.each<[string, Props, ...string[]]>([
  ['a canary', { rollout: core.Rollout.canary({ percent: 10, bakeMinutes: 5 }) }, 'CMC-040'],
  ['a linear rollout', { rollout: core.Rollout.linear({ percent: 10, bakeMinutes: 5 }) }, 'CMC-040'],
  ['spot', { capacity: core.Capacity.spot() }, 'CMC-040'],
  ['scaling by concurrency', { scaling: { maxInstances: 2, concurrentRequestsPerInstance: 4 } }, 'CMC-040'],
  ['scaling by nothing', { scaling: { maxInstances: 2 } }, 'CMC-009'],
  ['scaling to nothing', { scaling: { cpuPercent: 50 } }, 'CMC-009'],
  [
    'a minimum above the maximum',
    { scaling: { minInstances: 3, maxInstances: 2, cpuPercent: 5 } },
    'CMC-031',
  ],
  ['accelerators by which nothing scales', { scaling: { maxInstances: 2, gpuPercent: 50 } }, 'CMC-009'],
  ['capture without a zone', { capture: {} }, 'CMC-009'],
  ['somebody to tell of nothing', { alarms: { notify: ['a@example.com'] } }, 'CMC-009'],
  ['requests above 180 seconds', { variants: [main({ requestTimeoutSeconds: 181 })] }, 'CMC-004'],
  ['a command', { variants: [main({ command: ['x'] })] }, 'CMC-040'],
  ['arguments', { variants: [main({ args: ['x'] })] }, 'CMC-040'],
  ['shared memory', { variants: [main({ sharedMemoryMiB: 64 })] }, 'CMC-040'],
  ['variables of the platform', { variants: [main({ environment: { MODEL_DIR: '/' } })] }, 'CMC-008'],
  ['an accelerator that it has not', { accelerators: ['L4'] }, 'CMC-021'],
  ['accelerators and a machine type', { accelerators: ['T4'], machineType: 'Standard_F4s_v2' }, 'CMC-008'],
  ['an image that it cannot pull', { variants: [main({ image: 'docker.io/x/y:1' })] }, 'CMC-060'],
  [
    'weights that do not add up',
    {
      variants: [
        { ...main(), weight: 50 },
        { ...main(), name: 'other', weight: 40 },
      ],
    },
    'CMC-030',
  ],
  ['two addresses', { variants: [main(), { ...main({ predictPath: '/v2' }), name: 'other' }] }, 'CMC-008'],
])('refuses %s', (_, props, ...codes) => void refused(props, ...codes));

test('refuses a version that Azure ML has not', () => {
  refusal(() => withModel(platform(), { version: 'seven days' }), 'CMC-006');
  refusal(
    () => withModel(platform(), { version: core.DeployParameter.ofNumber('FraudVersion', 7) }),
    'CMC-003',
  );
});

test('the way out of a canary is named', () => {
  expect(refused({ rollout: core.Rollout.canary({ percent: 10, bakeMinutes: 5 }) })).toContain(
    'shiftCommand',
  );
});

test('under REGULATED a network is required', () => {
  refusal(
    () => endpoint(platform('platform', { securityProfile: core.SecurityProfile.REGULATED })),
    'CMC-009',
  );
});

test('names differ by subscription', () => {
  const nameIn = (subscriptionId: string) =>
    arm(synthesizedPlatform((stack) => endpoint(stack), { subscriptionId }).json, 'onlineEndpoints')[0].name;
  expect(nameIn('11111111-2222-3333-4444-555555555555')).not.toBe(
    nameIn('99999999-2222-3333-4444-555555555555'),
  );
});
