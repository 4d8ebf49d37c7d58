import { armErrors } from './literal.support';
import { all, newApp, only, platform, refusal, roles, synthesized, synthesizedPlatform } from './support';
import * as azure from '../../src/azure';
import { ServerlessInference, ServerlessInferenceProps } from '../../src/azure';
import { SecurityProfile } from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const IMAGE = 'acmeml.azurecr.io/embed:1';
const CLIENT = '12345678-1234-1234-1234-123456789012';
const PERSON = '87654321-1234-1234-1234-123456789012';
const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';

type Props = Partial<Omit<ServerlessInferenceProps, 'container'>> & {
  readonly container?: Partial<ServerlessInferenceProps['container']>;
};

const inference = (stack: azure.PlatformStack, { container, ...props }: Props = {}, id = 'Thumbnails') =>
  new ServerlessInference(stack, id, { container: { image: IMAGE, ...container }, ...props });

const made = (props: Props = {}, profile?: SecurityProfile) =>
  synthesizedPlatform((stack) => inference(stack, props), { securityProfile: profile });

const container = (json: any) => only(json, 'azurerm_container_app').template.container[0];

const refused = (props: Props, ...codes: string[]) => {
  const stack = platform();
  const message = refusal(() => inference(stack, props), ...codes);
  expect(stack.node.tryFindChild('Thumbnails')).toBeUndefined();
  return message;
};

const authentication = { clientId: CLIENT, tenantId: PERSON };

test('its default child is the app', () => {
  const { made: one } = made();
  expect(one.node.defaultChild).toBe(one.containerApp);
  expect(one.containerApp.terraformResourceType).toBe('azurerm_container_app');
});

test('the smallest one is internal, scales to zero and runs as an identity of its own', () => {
  const { json, made: one } = made();
  const { id: identity } = only(json, 'azurerm_user_assigned_identity');
  const { id: environment } = only(json, 'azurerm_container_app_environment');
  const { '//': _, id: __, ...app } = only(json, 'azurerm_container_app');
  expect(app).toEqual({
    name: expect.stringMatching(/^[a-z][a-z0-9-]{1,31}$/),
    resource_group_name: 'ml',
    container_app_environment_id: `\${azurerm_container_app_environment.${environment}.id}`,
    revision_mode: 'Single',
    workload_profile_name: 'Consumption',
    identity: {
      type: 'UserAssigned',
      identity_ids: [`\${azurerm_user_assigned_identity.${identity}.id}`],
    },
    registry: [
      { server: 'acmeml.azurecr.io', identity: `\${azurerm_user_assigned_identity.${identity}.id}` },
    ],
    ingress: {
      target_port: 8080,
      external_enabled: false,
      allow_insecure_connections: false,
      transport: 'auto',
      traffic_weight: [{ latest_revision: true, percentage: 100 }],
    },
    template: {
      min_replicas: 0,
      max_replicas: 10,
      http_scale_rule: [{ name: 'requests', concurrent_requests: '10' }],
      container: [
        {
          name: 'serve',
          image: IMAGE,
          cpu: 1,
          memory: '2Gi',
          env: [
            { name: 'AZURE_CLIENT_ID', value: `\${azurerm_user_assigned_identity.${identity}.client_id}` },
          ],
          readiness_probe: [
            {
              transport: 'HTTP',
              port: 8080,
              path: '/ping',
              timeout: 5,
              interval_seconds: 5,
              failure_count_threshold: 3,
              success_count_threshold: 1,
            },
          ],
          liveness_probe: [
            {
              transport: 'HTTP',
              port: 8080,
              path: '/ping',
              timeout: 5,
              initial_delay: 1,
              interval_seconds: 60,
              failure_count_threshold: 10,
            },
          ],
        },
      ],
    },
  });
  expect(reportOf(one).map(({ entry }) => entry.text)).toContainEqual(
    expect.stringContaining('Only apps of its own'),
  );
});

test('memory, processors, instances and concurrency are as asked', () => {
  const { json } = made({
    memoryMiB: 4096,
    minInstances: 1,
    maxInstances: 5,
    concurrentRequestsPerInstance: 3,
    container: { startupTimeoutSeconds: 95, command: ['serve'], args: ['--x'], port: 9000 },
  });
  expect(only(json, 'azurerm_container_app').template).toMatchObject({
    min_replicas: 1,
    max_replicas: 5,
    http_scale_rule: [{ concurrent_requests: '3' }],
  });
  expect(container(json)).toMatchObject({
    cpu: 2,
    memory: '4Gi',
    command: ['serve'],
    args: ['--x'],
    liveness_probe: [{ port: 9000, interval_seconds: 10 }],
  });
  expect(container(made({ cpu: 0.25 }).json)).toMatchObject({ cpu: 0.25, memory: '0.5Gi' });
});

test.each([
  ['T4', 'Consumption-GPU-NC8as-T4', 8, '56Gi'],
  ['A100-80GB', 'Consumption-GPU-NC24-A100', 24, '220Gi'],
])('an instance has one %s, with what comes with it', (accelerator, profile, cpu, memory) => {
  const { json } = made({ accelerators: ['L4:1', `${accelerator}:1`] });
  expect(only(json, 'azurerm_container_app').workload_profile_name).toBe(profile);
  expect(container(json)).toMatchObject({ cpu, memory });
  expect(only(json, 'azurerm_container_app_environment').workload_profile).toEqual([
    { name: 'Consumption', workload_profile_type: 'Consumption' },
    { name: profile, workload_profile_type: profile },
  ]);
});

test('logs go to Log Analytics without a key and are kept as long as asked', () => {
  const { json } = made({ logRetentionDays: 30 });
  expect(only(json, 'azurerm_log_analytics_workspace').retention_in_days).toBe(30);
  expect(only(json, 'azurerm_container_app_environment').logs_destination).toBe('azure-monitor');
  expect(only(json, 'azurerm_monitor_diagnostic_setting').enabled_log).toEqual([
    { category_group: 'allLogs' },
  ]);
});

test('under REGULATED logs are kept for seven years', () => {
  const { json } = made({}, SecurityProfile.REGULATED);
  expect(all(json, 'azurerm_log_analytics_workspace_table')).toHaveLength(2);
});

test('secrets come from the key vault by reference, readable before the app is made', () => {
  const { json } = synthesizedPlatform((stack) => {
    const secret = azure.Secret.fromSecretId(stack, 'Token', {
      secretId: 'https://v.vault.azure.net/secrets/token',
      keyVaultId: VAULT,
    });
    inference(stack, { container: { secrets: { HF_TOKEN: secret } } });
  });
  const app = only(json, 'azurerm_container_app');
  expect(app.secret).toEqual([
    {
      name: expect.stringMatching(/^secret-[0-9a-f]{8}$/),
      key_vault_secret_id: 'https://v.vault.azure.net/secrets/token',
      identity: app.identity.identity_ids[0],
    },
  ]);
  expect(container(json).env).toContainEqual({ name: 'HF_TOKEN', secret_name: app.secret[0].name });
  expect(roles(json)).toMatchObject([{ role: 'Key Vault Secrets User', scope: `${VAULT}/secrets/token` }]);
  const { id: settled, depends_on } = only(json, 'time_sleep');
  expect(depends_on).toEqual([`azurerm_role_assignment.${roles(json)[0].id}`]);
  expect(app.depends_on).toEqual([`time_sleep.${settled}`]);
});

test('image and model of a registry are reached by the identity, before the app is made', () => {
  const { json } = synthesizedPlatform((stack) => {
    const registry = new azure.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['serve'],
    });
    inference(stack, {
      container: { image: registry.image('serve', '1') },
      model: registry.model('fraud').version('7'),
    });
  });
  const app = only(json, 'azurerm_container_app');
  expect(container(json).env).toContainEqual({
    name: 'MODEL_URI',
    value: expect.stringMatching(/fraud\/7\/$/),
  });
  expect(app.registry).toEqual([{ server: expect.any(String), identity: app.identity.identity_ids[0] }]);
  const own = roles(json).filter(({ id }) => id.startsWith('Thumbnails'));
  expect(own.map(({ role }) => role).sort()).toEqual(['AcrPull', 'Storage Blob Data Reader']);
  const settled = json.resource!.time_sleep[app.depends_on[0].split('.')[1]];
  expect(settled.depends_on.sort()).toEqual(own.map(({ id }) => `azurerm_role_assignment.${id}`).sort());
});

test('a model that must be approved is refused', () => {
  const stack = platform();
  const registry = new azure.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud', approvalRequired: true }],
  });
  refusal(() => inference(stack, { model: registry.model('fraud').version('7') }), 'CMC-040');
});

test('a version that is more than the name of a folder is refused', () => {
  const stack = platform();
  const registry = new azure.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] });
  refusal(() => inference(stack, { model: registry.model('fraud').version('../${x}') }), 'CMC-006');
});

test('text of users is taken literally', () => {
  const { json } = made({ container: { environment: { GREETING: '${hello} %{x}' } } });
  expect(container(json).env).toContainEqual({ name: 'GREETING', value: '$${hello} %%{x}' });
});

describe('with authentication', () => {
  const { json, made: one } = made({ authentication, allowedPrincipalIds: [PERSON] });
  const app = only(json, 'azurerm_container_app');

  test('only tokens of allowed principals are taken', () => {
    const { id: identity } = only(json, 'azurerm_user_assigned_identity');
    expect(only(json, 'azapi_resource')).toMatchObject({
      type: 'Microsoft.App/containerApps/authConfigs@2025-01-01',
      parent_id: `\${azurerm_container_app.${app.id}.id}`,
      name: 'current',
      body: {
        properties: {
          platform: { enabled: true },
          globalValidation: { unauthenticatedClientAction: 'Return401' },
          httpSettings: { requireHttps: true },
          identityProviders: {
            azureActiveDirectory: {
              enabled: true,
              registration: {
                clientId: CLIENT,
                openIdIssuer: `https://login.microsoftonline.com/${PERSON}/v2.0`,
              },
              validation: {
                allowedAudiences: [CLIENT, `api://${CLIENT}`],
                defaultAuthorizationPolicy: {
                  allowedPrincipals: {
                    identities: [`\${azurerm_user_assigned_identity.${identity}.principal_id}`, PERSON],
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  test('it opens after that, and closes before that ends', () => {
    const after = [`azapi_resource.${only(json, 'azapi_resource').id}`];
    expect(app.ingress.external_enabled).toBe(false);
    expect(app.lifecycle).toEqual({ ignore_changes: ['ingress[0].external_enabled'] });
    expect(only(json, 'azapi_update_resource')).toMatchObject({
      type: 'Microsoft.App/containerApps@2025-01-01',
      body: { properties: { configuration: { ingress: { external: true } } } },
      depends_on: after,
    });
    expect(only(json, 'azapi_resource_action')).toMatchObject({
      method: 'PATCH',
      when: 'destroy',
      body: { properties: { configuration: { ingress: { external: false } } } },
      depends_on: after,
    });
  });

  test('callers send a token', () => {
    expect(one.invokeCommand).toContain(`--scope ${CLIENT}/.default`);
  });

  test('the tenant is that of who deploys', () => {
    const { json: other } = made({ authentication: { clientId: CLIENT } });
    expect(JSON.stringify(only(other, 'azapi_resource').body)).toContain('data.azurerm_client_config');
  });
});

test('the bodies are such as ARM takes', () => {
  const { json } = made({ authentication });
  expect(armErrors(json)).toEqual([]);
});

describe('in a network', () => {
  const build = (stack: azure.PlatformStack) => {
    const network = new azure.PrivateNetwork(stack, 'Network');
    return [inference(stack, { network }), inference(stack, { network, accelerators: ['T4'] }, 'Other')];
  };

  test('it is reached from the network, at an address of the network', () => {
    const { json } = synthesizedPlatform(build);
    expect(only(json, 'azurerm_container_app_environment')).toMatchObject({
      internal_load_balancer_enabled: true,
      public_network_access: 'Disabled',
      infrastructure_subnet_id: expect.stringContaining('azurerm_subnet'),
    });
    expect(all(json, 'azurerm_container_app').map(({ ingress }) => ingress.external_enabled)).toEqual([
      true,
      true,
    ]);
    expect(only(json, 'azurerm_private_dns_a_record').name).toBe('*');
  });

  test('all share the one environment that its subnet takes', () => {
    const {
      json,
      made: [one, other],
    } = synthesizedPlatform(build);
    expect(one.environment).toBe(other.environment);
    expect(only(json, 'azurerm_container_app_environment').workload_profile).toHaveLength(2);
  });

  test('the environment has a name that azurerm takes, however long that of its network is', () => {
    const { json } = synthesizedPlatform((stack) => {
      const network = new azure.PrivateNetwork(stack, 'Network-of-all-the-teams-that-serve-models-of-vision');
      inference(stack, { network });
    });
    const { name } = only(json, 'azurerm_container_app_environment');
    expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9-]{0,58}[a-z]?$/);
    expect(name).toHaveLength(59);
  });

  test('their logs are kept equally long', () => {
    const stack = platform();
    const network = new azure.PrivateNetwork(stack, 'Network');
    inference(stack, { network });
    expect(refusal(() => inference(stack, { network, logRetentionDays: 30 }, 'Other'), 'CMC-040')).toContain(
      'must be 90',
    );
  });

  test('also from another stack', () => {
    const app = newApp();
    const foundation = platform('foundation', {}, app);
    const network = new azure.PrivateNetwork(foundation, 'Network');
    inference(platform('serving', {}, app), { network });
    const stacks = synthesized(app);
    expect(all(stacks.foundation, 'azurerm_container_app_environment')).toHaveLength(1);
    expect(all(stacks.serving, 'azurerm_container_app')).toHaveLength(1);
  });
});

describe('grants', () => {
  const twoStacks = () => {
    const app = newApp();
    return { app, foundation: platform('foundation', {}, app), serving: platform('serving', {}, app) };
  };
  const identities = (json: any) =>
    only(json, 'azapi_resource').body.properties.identityProviders.azureActiveDirectory.validation
      .defaultAuthorizationPolicy.allowedPrincipals.identities;

  test('a workload of an earlier stack may ask', () => {
    const { app, foundation, serving } = twoStacks();
    const caller = inference(foundation, {}, 'Caller');
    const asked = inference(serving, { authentication });
    asked.grantInvoke(caller);
    asked.grantInvoke(caller);
    expect(identities(synthesized(app).serving)).toEqual([
      expect.anything(),
      expect.stringContaining('foundation'),
    ]);
  });

  test('a workload of a later stack is refused', () => {
    const { foundation, serving } = twoStacks();
    const asked = inference(foundation, { authentication });
    const caller = inference(serving, {}, 'Caller');
    serving.addDependency(foundation);
    refusal(() => asked.grantInvoke(caller), 'CMC-013');
  });

  test('without authentication nobody is', () => {
    const stack = platform();
    const caller = inference(stack, {}, 'Caller');
    expect(refusal(() => inference(stack).grantInvoke(caller), 'CMC-040')).toContain(
      'give authentication: { clientId, tenantId }',
    );
    refusal(() => inference(stack, {}, 'Third').grants.invoke(PERSON), 'CMC-009');
  });

  test('native principals may ask', () => {
    const { json } = synthesizedPlatform((stack) =>
      inference(stack, { authentication }).grants.invoke(PERSON),
    );
    expect(identities(json)).toEqual([expect.anything(), PERSON]);
  });
});

test('an app that exists already is asked', () => {
  const one = ServerlessInference.fromAttributes(platform(), 'Old', {
    endpointName: 'old',
    url: 'https://old.x.westeurope.azurecontainerapps.io/invocations',
    clientId: CLIENT,
  });
  expect(one.invokeCommand).toContain(CLIENT);
  refusal(
    () => ServerlessInference.fromAttributes(platform(), 'Old', { endpointName: 'old', url: 'http://old' }),
    'CMC-006',
  );
});

test.each<[string, Props, ...string[]]>([
  ['memory above 8192', { memoryMiB: 10240 }, 'CMC-004'],
  ['memory between the steps', { memoryMiB: 1000 }, 'CMC-004'],
  ['processors between the steps', { cpu: 0.3 }, 'CMC-004'],
  ['memory that does not go with the processors', { cpu: 1, memoryMiB: 4096 }, 'CMC-008'],
  ['an accelerator that it has not', { accelerators: ['H100'] }, 'CMC-021'],
  ['two accelerators', { accelerators: ['T4:2'] }, 'CMC-021'],
  ['more memory than comes with the accelerator', { accelerators: ['T4'], memoryMiB: 65536 }, 'CMC-004'],
  ['a minimum above the maximum', { minInstances: 4, maxInstances: 2 }, 'CMC-031'],
  ['another time for a request than 240 seconds', { container: { requestTimeoutSeconds: 30 } }, 'CMC-040'],
  ['a start above 2400 seconds', { container: { startupTimeoutSeconds: 3600 } }, 'CMC-004'],
  ['shared memory', { container: { sharedMemoryMiB: 1024 } }, 'CMC-040'],
  ['variables of the platform', { container: { environment: { MODEL_URI: 'x' } } }, 'CMC-008'],
  ['latency alarms', { alarms: { p99LatencyMs: 100 } }, 'CMC-040'],
  ['error alarms', { alarms: { errorPercent: 1 } }, 'CMC-040'],
  ['somebody to tell of nothing', { alarms: { notify: ['a@example.com'] } }, 'CMC-009'],
  ['an image that it cannot pull', { container: { image: 'docker.io/x/y:1' } }, 'CMC-060'],
  ['allowed principals without authentication', { allowedPrincipalIds: [PERSON] }, 'CMC-009'],
  ['an app registration by its name', { authentication: { clientId: 'fraud' } }, 'CMC-006'],
])('refuses %s', (_, props, ...codes) => void refused(props, ...codes));

test('refuses a key, and an address on the internet under REGULATED', () => {
  const stack = platform('platform', { securityProfile: SecurityProfile.REGULATED });
  const key = new azure.EncryptionKey(stack, 'Key');
  refusal(() => inference(stack, { encryptionKey: key }), 'CMC-040');
  refusal(() => inference(stack, { authentication }), 'CMC-009');
});

test('names differ by subscription and stay', () => {
  const nameIn = (subscriptionId: string) =>
    only(synthesizedPlatform((stack) => inference(stack), { subscriptionId }).json, 'azurerm_container_app')
      .name;
  const one = nameIn('11111111-2222-3333-4444-555555555555');
  expect(one).toBe(nameIn('11111111-2222-3333-4444-555555555555'));
  expect(one).not.toBe(nameIn('99999999-2222-3333-4444-555555555555'));
});
