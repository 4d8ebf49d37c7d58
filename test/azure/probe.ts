import { CognitiveDeployment } from '@cdktf/provider-azurerm/lib/cognitive-deployment';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { IConstruct } from 'constructs';
import { shiftable } from './shiftable';
import { newApp, PERSON, PLACE, platform } from './support';
import { NotificationChannel } from '../../src/azure';
import type { AuditTrail } from '../../src/azure/audit-trail';
import type { AutoScalingEndpoint } from '../../src/azure/auto-scaling-endpoint';
import type { GpuTrainingCluster } from '../../src/azure/gpu-training-cluster';
import { Secret } from '../../src/azure/secret';
import type { Workspace } from '../../src/azure/workspace';
import * as core from '../../src/core';
import {
  AlarmFacts,
  EndpointFacts,
  GrantFacts,
  Probe,
  Program,
  RegistryFacts,
  ServerlessFacts,
  StoreFacts,
  TrailFacts,
  TrainingFacts,
  WorkspaceFacts,
} from '../contract/contract';
import { atRestIn } from '../terraform/at-rest';
import { beforeAnythingRuns } from '../terraform/expressions';
import { below, jsonOf, pathOf, synthAgain, synthOf } from '../terraform/probe';

/** The resources of a type, of all stacks. */
const everywhere = (construct: IConstruct, type: string): any[] =>
  Object.values(synthOf(construct)).flatMap(({ resource }) => Object.values(resource?.[type] ?? {}));

/** Those of azapi, by their ARM type. */
const armBelow = (construct: IConstruct, type: string): any[] =>
  below(construct, 'azapi_resource').filter((resource) => resource.type.startsWith(`${type}@`));

const PAGER = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/pager';
const ML = 'Microsoft.MachineLearningServices/workspaces';

function alarms(watched: IConstruct): AlarmFacts {
  const told: string[][] = [
    ...below(watched, 'azurerm_monitor_scheduled_query_rules_alert_v2').map(
      ({ action }) => action.action_groups,
    ),
    ...['azurerm_monitor_metric_alert', 'azurerm_monitor_activity_log_alert'].flatMap((type) =>
      below(watched, type).map(({ action }) => action.map((one: any) => one.action_group_id)),
    ),
  ];
  const groups = below(watched, 'azurerm_monitor_action_group');
  return {
    alarms: told.length,
    mailed: groups.flatMap((group) => group.email_receiver.map((one: any) => one.email_address)),
    called: groups.flatMap((group) => (group.webhook_receiver ?? []).map((one: any) => one.service_uri)),
    channels: told[0].filter((id) => id === PAGER).length,
  };
}

function storesOf(construct: IConstruct): StoreFacts[] {
  const policies = below(construct, 'azurerm_storage_management_policy');
  const logged = below(construct, 'azurerm_monitor_diagnostic_setting');
  return below(construct, 'azurerm_storage_account').map((account) => {
    const id = `azurerm_storage_account.${account['//'].metadata.uniqueId}.id`;
    const actions = policies
      .filter(({ storage_account_id }) => storage_account_id.includes(id))
      .flatMap(({ rule }) => rule.map((one: any) => one.actions.base_blob ?? {}));
    const find = (key: string) =>
      actions.map((action) => action[key]).find((days: number | undefined) => days !== undefined);
    return {
      open: account.allow_nested_items_to_be_public || account.shared_access_key_enabled,
      tlsOnly: account.https_traffic_only_enabled && account.min_tls_version === 'TLS1_2',
      // By keys of the platform, twice; or by the one that it names.
      encrypted: account.infrastructure_encryption_enabled || account.customer_managed_key !== undefined,
      customerKey: account.customer_managed_key !== undefined,
      restorableDays: account.blob_properties.delete_retention_policy.days,
      accessLogged: logged.some(({ target_resource_id }) => target_resource_id.includes(id)),
      expireAfterDays: find('delete_after_days_since_modification_greater_than'),
      coldAfterDays: find('tier_to_cool_after_days_since_modification_greater_than'),
      kept: account.lifecycle?.prevent_destroy === true,
    };
  });
}

function training(cluster: GpuTrainingCluster): TrainingFacts {
  const [compute] = below(cluster, 'azurerm_machine_learning_compute_cluster');
  const [workflow] = armBelow(cluster, 'Microsoft.Logic/workflows');
  const { definition } = workflow.body.properties;
  const pools = below(cluster, 'azurerm_kubernetes_cluster_node_pool');
  if (pools.length > 0) {
    const first = pools.find(({ priority }) => priority === 'Spot') ?? pools[0];
    const names = definition.actions.Given.inputs.map(({ name }: any) => name);
    const entry = definition.actions.Given.inputs.find(({ name }: any) => name === 'ML_ENTRY').value;
    const text = JSON.stringify(definition);
    const services: any[] = Object.values(jsonOf(cluster).resource!.azurerm_kubernetes_cluster ?? {});
    return {
      machinesWhileIdle: [...pools, ...services.map(({ default_node_pool }) => default_node_pool)].reduce(
        (sum, { min_count }) => sum + min_count,
        0,
      ),
      mostMachines: first.max_count,
      leastMachines: Number(/^@min\(.*, (\d+)\)$/.exec(definition.actions.Least.inputs)?.[1]),
      machineType: first.vm_size,
      spot: first.priority === 'Spot',
      onDemandAfterSpot: first.priority === 'Spot' && text.includes('Submit_again') && pools.length === 2,
      startedAgain: /@mul\([1-9]\d*, /.test(text),
      checkpointed: names.includes('CHECKPOINT_URI'),
      // Azure encrypts every disk.
      encryptedDisks: true,
      publicAddress: pools.some(({ node_public_ip_enabled }) => node_public_ip_enabled),
      timeLimitHours: Number(
        /variables\('started'\)\), (\d+)\)/.exec(definition.actions.Until_the_job_has_ended.expression)?.[1],
      ),
      variables: [...names, ...[...entry.matchAll(/\b([A-Z_]+)=/g)].map(([, name]: string[]) => name)],
      callersChoose: Object.keys(definition.triggers.manual.inputs.schema.properties),
      costTags: { job: definition.actions.Manifest.inputs.metadata.labels, machines: first.tags ?? {} },
      files: Object.fromEntries(
        definition.actions.Manifest.inputs.spec.template.spec.volumes
          .filter(({ persistentVolumeClaim: claim }: any) => claim)
          .map(({ name }: any) => [name.replace(/^dataset-/, ''), 'mounted']),
      ),
    };
  }
  const { Submit } = definition.actions;
  const job = Submit.inputs.body.properties;
  const timeLimit = /^PT(\d+)H$/.exec(job.limits.timeout)!;
  return {
    machinesWhileIdle: compute.scale_settings.min_node_count,
    mostMachines: compute.scale_settings.max_node_count,
    machineType: compute.vm_size,
    spot: compute.vm_priority === 'LowPriority',
    onDemandAfterSpot: false,
    startedAgain: JSON.stringify(definition).includes('attempt'),
    checkpointed: 'CHECKPOINT_URI' in job.environmentVariables,
    // Azure encrypts every disk.
    encryptedDisks: true,
    publicAddress: compute.node_public_ip_enabled,
    timeLimitHours: Number(timeLimit[1]),
    variables: [
      ...Object.keys(job.environmentVariables),
      ...[...job.command.matchAll(/\b([A-Z_]+)=/g)].map(([, name]: string[]) => name),
    ],
    callersChoose: Object.keys(definition.triggers.manual.inputs.schema.properties),
    costTags: { job: job.tags ?? {}, machines: compute.tags ?? {} },
    files: Object.fromEntries(
      Object.entries<any>(job.inputs ?? {}).map(([name, { mode }]) => [
        name.replace(/^dataset_/, ''),
        mode === 'ReadOnlyMount' ? 'mounted' : 'downloaded',
      ]),
    ),
  };
}

function registryOf(registry: core.IModelRegistry): RegistryFacts {
  const scanned = Object.values(
    jsonOf(registry).resource?.azurerm_security_center_subscription_pricing ?? {},
  );
  const names = ['train', 'serve'].filter((name) => {
    try {
      return registry.image(name, '1');
    } catch {
      return false;
    }
  });
  return {
    models: armBelow(registry, `${ML}/models`).length,
    files: storesOf(registry)[0],
    // Repositories come to be by pushing.
    images: names.map((name) => ({
      scanned: scanned.some(
        ({ resource_type, tier }) => resource_type === 'Containers' && tier === 'Standard',
      ),
      immutable: registry.pushCommand(name, '1').endsWith('--write-enabled false'),
      // By keys of the platform, or by the one that it names.
      encrypted: true,
    })),
  };
}

const MEASURES: { readonly [metric: string]: string } = {
  RequestsPerMinute: 'requestsPerMinute',
  CpuUtilizationPercentage: 'cpu',
  GpuUtilizationPercentage: 'gpu',
};

function endpoint(made: AutoScalingEndpoint): EndpointFacts {
  const deployments = armBelow(made, `${ML}/onlineEndpoints/deployments`);
  const [{ body }] = armBelow(made, `${ML}/onlineEndpoints`);
  const { traffic } = below(made, 'azapi_resource_action').find(({ when }) => when === 'apply').body
    .properties;
  const variantOf = (deployment: any) => /Variant-(\w+)/.exec(pathOf(deployment))![1];
  const known = (value: any) => beforeAnythingRuns(jsonOf(made), value);
  const weightOf = (deployment: any) => known(traffic)[known(deployment.name)];
  const [setting] = below(made, 'azurerm_monitor_autoscale_setting');
  const [profile] = setting?.profile ?? [];
  const out = (profile?.rule ?? []).filter((rule: any) => rule.scale_action.direction === 'Increase');
  const collector = deployments[0].body.properties.dataCollector;
  const variables = Object.keys(jsonOf(made).variable ?? {});
  return {
    traffic: Object.fromEntries(deployments.map((one) => [variantOf(one), weightOf(one)]).sort()),
    scaling: {
      least: profile?.capacity.minimum,
      most: profile?.capacity.maximum,
      measures: out.map((rule: any) => MEASURES[rule.metric_trigger.metric_name]),
    },
    rollout: { inSteps: false, takenBackByAlarms: false },
    captured: collector && {
      percent: collector.collections.request.samplingRate * 100,
      inZone: armBelow(made, `${ML}/datastores`).some(
        (store) => store.body.properties.datastoreType === 'AzureDataLakeGen2',
      ),
    },
    deploysApprovedOnly: deployments.every(({ lifecycle }) =>
      lifecycle.precondition?.some(({ condition }: any) => condition.includes('== "approved"')),
    ),
    alarms: made.alarms.length,
    // Beyond two years a table says it.
    logRetentionDays:
      below(made, 'azurerm_log_analytics_workspace_table')[0]?.total_retention_in_days ??
      below(made, 'azurerm_log_analytics_workspace')[0].retention_in_days,
    versionGivenAtDeployment: variables.some((name) => JSON.stringify(deployments).includes(`var.${name}`)),
    runsInNetwork: body.properties.publicNetworkAccess === 'Disabled',
    streamed: made.streamUrl === made.url,
    startupSeconds: deployments[0].body.properties.startupProbe.failureThreshold * 10,
    requestSeconds: Number(
      /^PT(\d+)S$/.exec(deployments[0].body.properties.requestSettings.requestTimeout)![1],
    ),
    variables: deployments[0].body.properties.environmentVariables,
  };
}

function serverless(made: IConstruct): ServerlessFacts {
  const [{ template, ingress }] = below(made, 'azurerm_container_app');
  const authenticated = armBelow(made, 'Microsoft.App/containerApps/authConfigs').length > 0;
  // That of a network is next to the network.
  const [environment] = everywhere(made, 'azurerm_container_app_environment');
  const isInternal = environment.internal_load_balancer_enabled === true;
  const named = (id: string, { '//': { metadata } }: any) => id.includes(metadata.uniqueId);
  const sent = everywhere(made, 'azurerm_monitor_diagnostic_setting').find(({ target_resource_id }) =>
    named(target_resource_id, environment),
  );
  const logs = everywhere(made, 'azurerm_log_analytics_workspace').find((workspace) =>
    named(sent.log_analytics_workspace_id, workspace),
  );
  return {
    leastInstances: template.min_replicas,
    mostInstances: template.max_replicas,
    memoryMiB: parseFloat(template.container[0].memory) * 1024,
    // Fixed by the service.
    timeoutSeconds: 240,
    openToAnyone: ingress.external_enabled && !isInternal && !authenticated,
    reachableFromInternet: ingress.external_enabled && !isInternal,
    variables: template.container[0].env.map(({ name }: any) => name),
    logRetentionDays: logs.retention_in_days,
  };
}

/** What the roles of a program's stacks are. */
const given = ({ foundation, serving }: Program) =>
  [foundation, serving].map((stack) => ({
    stack: stack.node.id,
    roles: Object.entries(jsonOf(stack).resource?.azurerm_role_assignment ?? {}).map(([id, assignment]) => ({
      id,
      role: (assignment.role_definition_name ?? 'a role of its own') as string,
      folders: [...(assignment.condition ?? '').matchAll(/StringStartsWith '([^']*)'/g)].map(
        ([, folder]: string[]) => folder,
      ),
    })),
  }));

const MAY: { readonly [role: string]: string } = {
  'Storage Blob Data Reader': 'read data',
  AcrPull: 'pull images',
};
const EDITORS: { readonly [service: string]: core.WorkspaceEditor } = {
  jupyterlab: core.WorkspaceEditor.JUPYTERLAB,
  rstudio: core.WorkspaceEditor.RSTUDIO,
};

function notebooks(made: Workspace): WorkspaceFacts {
  const instances = armBelow(made, `${ML}/computes`).map(({ body }) => body.properties.properties);
  const [{ idleTimeBeforeShutdown: idle, setupScripts, customServices, enableNodePublicIp }] = instances;
  const shares = everywhere(made, 'azurerm_storage_account').filter((account) =>
    pathOf(account).includes('/MlWorkspace/'),
  );
  const ofIdentity = everywhere(made, 'azurerm_role_assignment').filter(({ principal_id: principal }) =>
    /Team_Identity_\w+\.principal_id/.test(principal),
  );
  const script = [...setupScripts.scripts.startupScript.scriptData.matchAll(/base64decode\("([^"]*)"\)/g)]
    .map(([, part]) => Buffer.from(part, 'base64').toString())
    .join('');
  const isCode = made.openCommand(made.userNames[0]).includes('https://ml.azure.com/compute/');
  return {
    notebooks: instances.length,
    stoppedAfterIdleMinutes: Number(/^PT(\d+)M$/.exec(idle)![1]),
    homesEncrypted: shares.every(({ infrastructure_encryption_enabled: twice }) => twice),
    homesKept: shares.every(({ lifecycle }) => lifecycle?.prevent_destroy === true),
    publicAddress: enableNodePublicIp,
    persons: instances.map(({ personalComputeInstanceSettings: own }) => own.assignedUser.objectId),
    variables: [...script.matchAll(/"(\w+)":/g)].map(([, name]) => name),
    may: ofIdentity.map(({ role_definition_name: role, scope }) =>
      /Microsoft.Logic|_Workflow_/.test(scope) ? 'start jobs' : MAY[role],
    ),
    editor: isCode ? core.WorkspaceEditor.VS_CODE : EDITORS[customServices?.[0].name ?? 'jupyterlab'],
  };
}

function trail(made: AuditTrail): TrailFacts {
  const [account] = below(made, 'azurerm_storage_account');
  const settings = below(made, 'azurerm_monitor_diagnostic_setting').filter((one) => one.storage_account_id);
  const policies = below(made, 'azurerm_storage_container_immutability_policy');
  const data = settings.filter((one) => one.target_resource_id.endsWith('/blobServices/default'));
  const records = (category: string) =>
    data.every(({ enabled_log: logs }) => logs.some((log: any) => log.category === category));
  const others = everywhere(made, 'azurerm_monitor_diagnostic_setting').filter(
    (one) => one.storage_account_id === undefined,
  );
  return {
    zones: data.length,
    reads: records('StorageRead'),
    writes: records('StorageWrite') && records('StorageDelete'),
    encrypted: account.customer_managed_key.key_vault_key_id.includes('azurerm_key_vault_key.Key'),
    unchangedDays: Math.min(...policies.map((one) => one.immutability_period_in_days)),
    locked: policies.every((one) => one.locked),
    kept: account.lifecycle?.prevent_destroy === true,
    managementEvents: settings.some((one) => /^\/subscriptions\/[^/]+$/.test(one.target_resource_id)),
    // Beside those that are there: by other names, and to where none of them sends.
    leavesAlone: settings.every(({ name }) => !others.some((other) => other.name === name)),
  };
}

export const probe: Probe = {
  person: PERSON,
  user: { name: 'ada', principalId: PERSON },
  workspace: (_, made) => notebooks(made as Workspace),
  region: PLACE.location,
  strays: {
    'another region': (scope) => new ResourceGroup(scope, 'Stray', { name: 'stray', location: 'eastus' }),
    'copies elsewhere': (scope) =>
      new StorageAccount(scope, 'Stray', {
        name: 'stray',
        resourceGroupName: 'ml',
        location: PLACE.location,
        accountTier: 'Standard',
        accountReplicationType: 'GRS',
      }),
    'models from anywhere': (scope) =>
      new CognitiveDeployment(scope, 'Stray', {
        name: 'stray',
        cognitiveAccountId: 'account',
        model: { format: 'OpenAI', name: 'gpt-4o' },
        sku: { name: 'GlobalStandard' },
      }),
  },
  guards: ({ foundation }) =>
    below(foundation, 'azurerm_resource_group_policy_assignment').map(
      ({ parameters }) => JSON.parse(parameters).listOfAllowedLocations.value,
    ),
  program({ regionGuard, ...props } = {}): Program {
    const app = newApp();
    return {
      // Azure scans images for the whole subscription: one stack says so.
      foundation: platform('foundation', { defenderForContainers: true, ...props, regionGuard }, app),
      serving: platform('serving', props, app),
    };
  },
  stores: (_, lake) => storesOf(lake),
  names: ({ foundation, serving }) =>
    [foundation, serving].flatMap((stack) =>
      [
        'azurerm_storage_account',
        'azurerm_user_assigned_identity',
        'azurerm_log_analytics_workspace',
        'azurerm_container_registry',
        'azurerm_key_vault',
        'azurerm_virtual_network',
        'azurerm_container_app_environment',
      ].flatMap((type) => below(stack, type).map(({ name }) => name)),
    ),
  secret: (scope) =>
    Secret.fromSecretId(scope, 'HubToken', {
      secretId: 'https://acme.vault.azure.net/secrets/hub-token',
      keyVaultId:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme',
    }),
  secrets: (program) => ({
    readers: given(program)
      .flatMap(({ roles }) => roles)
      .filter(({ role }) => role === 'Key Vault Secrets User').length,
    readByDeployment: Object.values(program).filter((stack) =>
      Object.keys(jsonOf(stack).data ?? {}).some((type) => type.startsWith('azurerm_key_vault')),
    ).length,
  }),
  trail: (_, made) => trail(made as AuditTrail),
  atRest: (program) => Object.values(synthOf(program.foundation)).flatMap(atRestIn),
  privateNames: ({ foundation }) => below(foundation, 'azurerm_private_dns_zone').length,
  training: (_, cluster) => training(cluster as GpuTrainingCluster),
  registry: (_, made) => registryOf(made),
  endpoint: (_, made) => endpoint(made as AutoScalingEndpoint),
  shiftable: (_, made) => shiftable(made as AutoScalingEndpoint),
  channel: ({ foundation }) => NotificationChannel.fromActionGroupId(foundation, 'Pager', PAGER),
  alarms: (_, watched) => alarms(watched),
  serverless: (_, made) => serverless(made),
  grant(build): GrantFacts {
    const program = probe.program();
    const grant = build(program);
    const before = given(program).flatMap(({ roles }) => roles.map(({ id }) => id));
    grant();
    synthAgain(program.foundation);
    const [changed] = given(program)
      .map(({ stack, roles }) => ({ stack, added: roles.filter(({ id }) => !before.includes(id)) }))
      .filter(({ added }) => added.length > 0);
    return {
      stack: changed.stack,
      actions: changed.added.map(({ role }) => role),
      folders: [...new Set(changed.added.flatMap(({ folders }) => (folders.length ? folders : [''])))],
    };
  },
};
