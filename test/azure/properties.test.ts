import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { all, newApp, platform, PRINCIPAL, synthesized, SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { listOf } from '../core/arbitraries';
import { asDeployed, hostileExpressions, interpolationsIn, textsIn } from '../core/hostile';
import { properties } from '../core/properties';

const nothing = fc.constant(undefined);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/ours`;
const minutes = {
  valid: fc.integer({ min: 1, max: 1440 }),
  invalid: fc.constantFrom<unknown>(0, 1441, 1.5, '5'),
};
const guid = { valid: fc.uuid(), invalid: fc.constantFrom<unknown>('us', '', 7) };

/** Notebooks of a person, which Azure asks for. */
const notebooks = (props: (text: string) => object) => (scope: Construct, text: string) =>
  new azure.Workspace(scope, 'Id', { users: [{ name: 'ada', principalId: PRINCIPAL }], ...props(text) });

/** The expressions in a text of a Logic Apps definition. */
const expressionsIn = (text: string): string[] =>
  /^@(?![@{])/.test(text) ? [text] : [...text.matchAll(/(?<!@)@\{([^]*?)\}/g)].map(([found]) => found);

properties({
  ml: azure,
  newStack: (props) => platform('platform', props, newApp()),
  beside: ({ node }, id, props) => platform(id, props, node.root as App),
  tags: 'tags',
  secret: (scope, id) =>
    azure.Secret.fromSecretId(scope, id, {
      secretId: 'https://ours.vault.azure.net/secrets/token',
      keyVaultId: VAULT,
    }),
  channel: (scope, id) =>
    azure.NotificationChannel.fromActionGroupId(
      scope,
      id,
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/microsoft.insights/actionGroups/pager`,
    ),
  logRetentionDays: {
    valid: fc.oneof(fc.integer({ min: 30, max: 730 }), fc.constantFrom(1095, 2557, 4383)),
    invalid: fc.constantFrom<unknown>(29, 731, '30', 90.5),
  },
  account: { valid: fc.uuid(), invalid: fc.constantFrom<unknown>(12, '') },
  principal: guid,
  native: {
    auditTrail: {
      keys: { valid: fc.constant([]), invalid: fc.constantFrom<unknown>(['key'], 'key', [7]) },
    },
    gpuTrainingCluster: { idleMinutes: minutes },
    autoScalingEndpoint: {
      maxConcurrentRequestsPerInstance: { ...minutes, valid: fc.integer({ min: 1, max: 1000 }) },
    },
    serverlessInference: { allowedPrincipalIds: listOf(guid, { by: (id) => id }) },
    workspace: {
      stopHourUtc: {
        valid: fc.integer({ min: 0, max: 23 }),
        invalid: fc.constantFrom<unknown>(-1, 24, 1.5, '5'),
      },
    },
  },
  valid: {
    dataLake: {
      zones: maybe(
        fc.constant([{ name: 'raw', keepOldVersionsDays: 365, coldAfterDays: 3 }, { name: 'curated' }]),
      ),
    },
    modelRegistry: { readers: nothing, publishers: nothing },
    gpuTrainingCluster: {
      mode: fc.constantFrom(core.DatasetMode.URI, core.DatasetMode.DOWNLOAD, core.DatasetMode.MOUNT),
      accelerators: fc.constantFrom(['T4'], ['T4:4'], ['H200:8', 'A10G:8', 'H100:8'], ['A100:8'], ['H100:8']),
      capacity: fc.constantFrom(
        core.Capacity.onDemand(),
        core.Capacity.spot(),
        core.Capacity.spot({ maxWaitHours: 4 }),
      ),
      timeLimitHours: maybe(fc.integer({ min: 1, max: 168 })),
      diskGiB: nothing,
    },
    autoScalingEndpoint: {
      // Models are in the workspace of their registry, which has its own key.
      encryptionKey: fc.constant(false),
      accelerators: maybe(fc.constantFrom(['T4'], ['T4:4', 'L4:4'], ['A100-80GB'])),
      scaling: fc.constantFrom(
        { minInstances: 2 },
        { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
        { minInstances: 2, maxInstances: 4, cpuPercent: 70, requestsPerMinutePerInstance: 600 },
      ),
      rollout: fc.constant(core.Rollout.allAtOnce()),
      alarms: fc.constant(true),
    },
    serverlessInference: {
      encryptionKey: fc.constant(false),
      alarms: fc.constant(false),
      memoryMiB: maybe(fc.integer({ min: 1, max: 16 }).map((steps) => steps * 512)),
      // Apps of a network share its logs.
      logRetentionDays: nothing,
      authentication: fc.record({ clientId: fc.uuid() }),
    },
    workspace: {
      users: fc.uniqueArray(
        fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9]{1,20}$/), principalId: fc.uuid() }),
        { minLength: 1, maxLength: 3, selector: ({ name }) => name },
      ),
      // VS Code has no image.
      editor: maybe(fc.constant(core.WorkspaceEditor.JUPYTERLAB)),
      accelerators: maybe(fc.constantFrom(['T4'], ['L4:1', 'T4:4'], ['A100-80GB'])),
      diskGiB: nothing,
      idleShutdownMinutes: maybe(fc.integer({ min: 15, max: 4320 })),
    },
  },
  inOneStack: Infinity,
  synthesize: (stack) => synthesized(stack.node.root as App)[TerraformStack.of(stack).node.id],
  texts: {
    'who uses notebooks': notebooks((name) => ({ users: [{ name, principalId: PRINCIPAL }] })),
    'the person of a notebook': notebooks((text) => ({
      users: [{ name: 'ada', principalId: `${PRINCIPAL}${text}` }],
    })),
    'the image of notebooks': notebooks((image) => ({ image })),
    'the machine of notebooks': notebooks((machineType) => ({ machineType })),
    'the environment of notebooks': notebooks((text) => ({ environment: { NAME: text } })),
    'names in the environment of notebooks': notebooks((text) => ({ environment: { [text]: 'value' } })),
    'names of secrets': (scope, text) =>
      azure.Secret.fromSecretId(scope, 'Id', {
        secretId: `https://ours.vault.azure.net/secrets/${text}`,
        keyVaultId: VAULT,
      }),
    'ids of vaults': (scope, text) =>
      azure.Secret.fromSecretId(scope, 'Id', {
        secretId: 'https://ours.vault.azure.net/secrets/token',
        keyVaultId: `${VAULT}${text}`,
      }),
    'principals of grants': (scope, text) => {
      const lake = new azure.DataLake(scope, 'Id');
      lake.grants.read(text);
      return lake;
    },
    'action groups of alarms': (scope, text) =>
      new azure.AutoScalingEndpoint(scope, 'Id', {
        variants: [{ name: 'main', container: { image: 'ours.azurecr.io/serve:1' } }],
        alarms: {
          errorPercent: 1,
          channels: [
            azure.NotificationChannel.fromActionGroupId(
              scope,
              'Pager',
              `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/microsoft.insights/actionGroups/${text}`,
            ),
          ],
        },
      }),
    'who may call': (scope, text) =>
      new azure.ServerlessInference(scope, 'Id', {
        container: { image: 'ours.azurecr.io/serve:1' },
        authentication: { clientId: text, tenantId: text },
        allowedPrincipalIds: [text],
      }),
  },
  leaks: (json) => [
    ...interpolationsIn(json),
    ...all(json, 'azapi_resource')
      .filter(({ type }) => type.startsWith('Microsoft.Logic/workflows@'))
      .flatMap(({ body }) =>
        hostileExpressions(textsIn(body).map(asDeployed).flatMap(expressionsIn), /'(''|[^'])*'/g),
      ),
  ],
  output: (scope, value) => new TerraformOutput(scope, 'Output', { value }),
  outputs: ({ output = {} }) =>
    Object.values<any>(output)
      .map(({ value }) => value)
      .filter((value) => typeof value === 'string')
      .map(asDeployed),
});
