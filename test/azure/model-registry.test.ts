import {
  all,
  newApp,
  only,
  platform,
  PRINCIPAL,
  refusal,
  roles,
  SUBSCRIPTION,
  synthesized,
  synthesizedPlatform,
} from './support';
import * as azure from '../../src/azure';
import { judgeImage, resolveImage, resolveModel } from '../../src/azure/private/images';
import * as core from '../../src/core';
import { Faults } from '../../src/core/private/faults';
import { reportOf } from '../../src/core/private/report';

const MODELS = [{ name: 'fraud' }];
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers`;
const WORKSPACE = `${GROUP}/Microsoft.MachineLearningServices/workspaces/mine`;
const ACR = `${GROUP}/Microsoft.ContainerRegistry/registries/mine`;
const EXISTING: azure.FromRegistryProps = {
  workspaceId: WORKSPACE,
  artifactContainerId: `${GROUP}/Microsoft.Storage/storageAccounts/mine/blobServices/default/containers/models`,
  datastoreName: 'models',
  modelAssets: { fraud: 'fraud-model' },
  approvalRequired: ['fraud'],
  containerRegistryId: ACR,
  repositories: { serve: 'team/serve' },
};

const registryWith = (
  props: Partial<azure.ModelRegistryProps> = {},
  stackProps: Partial<azure.PlatformStackProps> = {},
) =>
  synthesizedPlatform(
    (stack) => new azure.ModelRegistry(stack, 'Registry', { models: MODELS, ...props }),
    stackProps,
  );

const ofType = (json: Parameters<typeof all>[0], type: string) =>
  all(json, 'azapi_resource').filter((one) =>
    one.type.startsWith(`Microsoft.MachineLearningServices/${type}@`),
  );

describe('a registry with one model', () => {
  const { made: registry, json } = registryWith({ images: ['serve'] });

  test('default child is the account of the files', () => {
    expect(registry.node.defaultChild).toBe(registry.artifactAccount);
  });

  test('files are private, encrypted, versioned and kept', () => {
    const { Registry_Artifacts_94C8F02B: account } = json.resource!.azurerm_storage_account;
    expect(account).toMatchObject({
      is_hns_enabled: false,
      shared_access_key_enabled: false,
      allow_nested_items_to_be_public: false,
      infrastructure_encryption_enabled: true,
      blob_properties: { versioning_enabled: true, delete_retention_policy: { days: 365 } },
      lifecycle: { prevent_destroy: true },
    });
    expect(only(json, 'azurerm_storage_management_policy').rule[0].actions).toEqual({
      version: { delete_after_days_since_creation: 365 },
    });
  });

  test('the model is one of the workspace, which finds the files as its identity', () => {
    const [model] = ofType(json, 'workspaces/models');
    expect(model).toMatchObject({
      name: expect.stringMatching(/^platform-registry-model-fraud-[0-9a-f]{8}$/),
      parent_id: '${azapi_resource.MlWorkspace_D7805308.id}',
      body: { properties: { tags: { registry: 'platform/Registry', model: 'fraud' } } },
      lifecycle: { prevent_destroy: true },
    });
    const [datastore] = ofType(json, 'workspaces/datastores');
    expect(datastore.body.properties).toMatchObject({
      datastoreType: 'AzureBlob',
      containerName: 'models',
      credentials: { credentialsType: 'None' },
    });
    expect(roles(json).map(({ role }) => role)).toContain('Storage Blob Data Contributor');
    expect(only(json, 'azurerm_container_registry').lifecycle).toEqual({ prevent_destroy: true });
  });

  test('commands publish, approve, push and lock, with names that can be run', () => {
    const image = registry.image('serve', '1');
    const publish = registry.publishCommand('fraud', '3', image);
    expect(publish).toMatch(
      /^AZCOPY_AUTO_LOGIN_TYPE=AZCLI azcopy copy "\$\(echo "\$MODEL_FILES" \| sed 's:\/\*\$::'\)\/\*" "https:\/\/platformregistry/,
    );
    expect(publish).toContain('--version 3');
    expect(publish).toContain('tags.approval=approved');
    expect(registry.approveCommand('fraud', '3')).toMatch(
      /--set tags\.approval=approved --workspace-name platform-mlworkspace-[0-9a-f]{8} --resource-group ml --subscription /,
    );
    const push = registry.pushCommand('serve', '7');
    expect(push).toContain('docker push platformmlworkspace');
    expect(push).toMatch(/az acr repository update .*serve:7 --write-enabled false$/);
    for (const command of [publish, push]) {
      expect(command).not.toContain('${');
    }
  });

  test('only what was declared is given out', () => {
    expect(registry.model('fraud').version('1').version).toBe('1');
    refusal(() => registry.model('churn'), 'CMC-012');
    refusal(() => registry.image('train', '1'), 'CMC-012');
    refusal(() => registry.image('serve', 'a b'), 'CMC-006');
  });

  test('says that the subscription scans images', () => {
    expect(reportOf(registry).map(({ entry }) => entry.title)).toContain('Scanning of images');
  });
});

test('two registries of a stack share its workspace and keep their images apart', () => {
  const { json, made } = synthesizedPlatform((stack) =>
    ['One', 'Two'].map((id) => new azure.ModelRegistry(stack, id, { models: MODELS, images: ['serve'] })),
  );
  expect(ofType(json, 'workspaces')).toHaveLength(1);
  expect(made[0].repositoryUri('serve')).not.toBe(made[1].repositoryUri('serve'));
  expect(made[0].modelAssetName('fraud')).not.toBe(made[1].modelAssetName('fraud'));
});

test('a stack with a workspace of its own takes its container registry too', () => {
  const { json, made } = registryWith(
    { images: ['serve'] },
    { workspaceId: WORKSPACE, containerRegistryId: ACR },
  );
  expect(ofType(json, 'workspaces')).toEqual([]);
  expect(made.repositoryUri('serve')).toMatch(/^mine\.azurecr\.io\/platform-registry-[0-9a-f]{8}\/serve$/);
  expect(ofType(json, 'workspaces/models')[0].parent_id).toBe(WORKSPACE);
  refusal(() => registryWith({ images: ['serve'] }, { workspaceId: WORKSPACE }), 'CMC-009');
});

test('with a network files and workspace are reached over private endpoints alone', () => {
  const { json } = synthesizedPlatform(
    (stack) =>
      new azure.ModelRegistry(stack, 'Registry', {
        models: MODELS,
        network: new azure.PrivateNetwork(stack, 'Network'),
      }),
  );
  for (const { public_network_access_enabled } of all(json, 'azurerm_storage_account')) {
    expect(public_network_access_enabled).toBe(false);
  }
  expect(all(json, 'azurerm_private_endpoint')).toHaveLength(6);
});

test('changes of versions are told through webhooks and action groups that exist', () => {
  const { json } = synthesizedPlatform((stack) => {
    const pager = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/pager';
    const channels = [azure.NotificationChannel.fromActionGroupId(stack, 'Pager', pager)];
    const notify = ['https://chat.example.com/ml'];
    return new azure.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }], notify, channels });
  });
  const group = only(json, 'azurerm_monitor_action_group');
  expect(group.email_receiver).toEqual([]);
  expect(group.webhook_receiver).toMatchObject([{ service_uri: 'https://chat.example.com/ml' }]);
  expect(only(json, 'azurerm_monitor_activity_log_alert').action).toEqual([
    { action_group_id: `\${azurerm_monitor_action_group.${group.id}.id}` },
    { action_group_id: expect.stringContaining('/actionGroups/pager') },
  ]);
});

test('changes of versions are mailed', () => {
  const { json } = registryWith({ notify: ['ml@example.com'] });
  expect(only(json, 'azurerm_monitor_action_group').email_receiver).toMatchObject([
    { email_address: 'ml@example.com' },
  ]);
  expect(only(json, 'azurerm_monitor_activity_log_alert')).toMatchObject({
    location: 'global',
    scopes: ['${azapi_resource.MlWorkspace_D7805308.id}'],
    criteria: { operation_name: 'Microsoft.MachineLearningServices/workspaces/models/versions/write' },
  });
});

test('everything goes where that was asked', () => {
  const { json } = registryWith({ retention: core.DataRetention.DESTROY, images: ['serve'] });
  const kept = Object.values(json.resource!).flatMap((ofOneType) =>
    Object.values(ofOneType).filter(
      ({ lifecycle, for_each: each }) =>
        lifecycle?.prevent_destroy && (!each || Object.keys(each).length > 0),
    ),
  );
  expect(kept).toEqual([]);
});

describe('a registry that exists', () => {
  test('is used by its parts', () => {
    const { json, made } = synthesizedPlatform((stack) => {
      const registry = azure.ModelRegistry.fromAttributes(stack, 'Registry', EXISTING);
      registry.grantRead(azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL));
      return registry;
    });
    expect(roles(json).map(({ role, scope }) => `${role} ${scope}`)).toEqual([
      `AcrPull ${ACR}`,
      `Reader ${WORKSPACE}`,
      `Storage Blob Data Reader ${EXISTING.artifactContainerId}`,
    ]);
    expect(made.repositoryUri('serve')).toBe('mine.azurecr.io/team/serve');
    expect(made.publishCommand('fraud', '1', made.image('serve', '2'))).toBe(
      'AZCOPY_AUTO_LOGIN_TYPE=AZCLI azcopy copy "$(echo "$MODEL_FILES" | sed \'s:/*$::\')/*" "https://mine.blob.core.windows.net/models/fraud/1/" --recursive' +
        ' && az ml model create --name fraud-model --version 1 --type custom_model' +
        ' --path azureml://datastores/models/paths/fraud/1/ --set tags.approval=pending' +
        ` tags.image=mine.azurecr.io/team/serve:2 --workspace-name mine --resource-group ml --subscription ${SUBSCRIPTION}`,
    );
  });

  test('must be one', () => {
    const from = (props: Partial<azure.FromRegistryProps>) => () =>
      azure.ModelRegistry.fromAttributes(platform(), 'Registry', { ...EXISTING, ...props });
    refusal(from({ modelAssets: {} }), 'CMC-002');
    refusal(from({ containerRegistryId: undefined }), 'CMC-009');
  });
});

describe('grants', () => {
  test('publishing is pushing, writing files and registering', () => {
    const { json } = synthesizedPlatform((stack) => {
      const registry = new azure.ModelRegistry(stack, 'Registry', { models: MODELS });
      registry.grantPublish(azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL));
      registry.grants.read(PRINCIPAL);
    });
    const given = roles(json).filter(({ principal }) => principal === PRINCIPAL);
    expect(given.filter(({ id }) => id.startsWith('Workload')).map(({ role }) => role)).toEqual([
      'AcrPush',
      'AzureML Data Scientist',
      'Storage Blob Data Contributor',
    ]);
    expect(given.filter(({ id }) => id.startsWith('Registry')).map(({ role }) => role)).toEqual([
      'AcrPull',
      'Reader',
      'Storage Blob Data Reader',
    ]);
  });

  test('go forward between stacks, never backwards', () => {
    const app = newApp();
    const [foundation, serving] = ['foundation', 'serving'].map((id) => platform(id, {}, app));
    const registry = new azure.ModelRegistry(foundation, 'Registry', { models: MODELS });
    registry.grantRead(azure.Workload.fromPrincipalId(serving, 'Workload', PRINCIPAL));
    const later = new azure.ModelRegistry(serving, 'Later', { models: MODELS });
    const earlier = azure.Workload.fromPrincipalId(foundation, 'Workload', PRINCIPAL);
    refusal(() => later.grantPublish(earlier), 'CMC-013');
    const json = synthesized(app);
    expect(roles(json.serving).filter(({ principal }) => principal === PRINCIPAL)).toHaveLength(3);
  });
});

describe('what others use', () => {
  test('a version is where publishing puts it', () => {
    const stack = platform();
    const registry = azure.ModelRegistry.fromAttributes(stack, 'Registry', EXISTING);
    expect(resolveModel(stack, registry.model('fraud').version('3'))).toMatchObject({
      uri: 'https://mine.blob.core.windows.net/models/fraud/3/',
      versionId: `${WORKSPACE}/models/fraud-model/versions/3`,
      approvalRequired: true,
    });
  });

  test('images are pulled from Azure and Microsoft only', () => {
    const stack = platform();
    const faultsOf = (image: string | core.ContainerImage) => {
      const faults = new Faults();
      judgeImage(stack, image, 'image', faults);
      return faults.none;
    };
    const registry = new azure.ModelRegistry(stack, 'Registry', { models: MODELS, images: ['serve'] });
    expect(
      [
        'team.azurecr.io/serve:1',
        'mine01.azurecr.io/serve:1',
        'mcr.microsoft.com/azureml/openmpi5.0-cuda12.4:1',
        'docker.io/library/python:3',
        'python',
      ].map(faultsOf),
    ).toEqual([false, true, true, false, false]);
    expect(faultsOf(registry.image('serve', '1'))).toBe(true);
    expect(resolveImage(stack, registry.image('serve', '1'))).toMatchObject({
      uri: `${registry.repositoryUri('serve')}:1`,
      roles: [{ role: 'AcrPull' }],
    });
    expect(resolveImage(stack, 'mine01.azurecr.io/serve:1')).toMatchObject({
      server: 'mine01.azurecr.io',
      roles: [],
    });
  });
});

test('refuses what Azure lacks, all at once', () => {
  const stack = platform();
  const message = refusal(
    () =>
      new azure.ModelRegistry(stack, 'Registry', {
        models: [],
        readers: [SUBSCRIPTION],
        publishers: [SUBSCRIPTION],
      }),
    'CMC-004',
    'CMC-040',
    'CMC-040',
  );
  expect(message).toContain("registry.grants.publish('<object id>')");
  expect(stack.node.children).toEqual([]);
});
