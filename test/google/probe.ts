import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { VertexAiEndpoint } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { IConstruct } from 'constructs';
import { atRestIn } from './at-rest';
import { shiftable } from './shiftable';
import { newApp, platformStack, REGION } from './support';
import * as core from '../../src/core';
import * as google from '../../src/google';
import {
  AlarmFacts,
  EndpointFacts,
  GrantFacts,
  Probe,
  Program,
  RegistryFacts,
  ScratchFacts,
  ServerlessFacts,
  StoreFacts,
  Tags,
  TrailFacts,
  TrainingFacts,
  WorkspaceFacts,
} from '../contract/contract';
import { beforeAnythingRuns } from '../terraform/expressions';
import { below, jsonOf, synthAgain, synthOf } from '../terraform/probe';

function storesOf(construct: IConstruct): StoreFacts[] {
  return below(construct, 'google_storage_bucket').map((bucket) => {
    const rules: any[] = bucket.lifecycle_rule;
    const find = (type: string, state?: string) =>
      rules.find(({ action, condition }) => action.type === type && condition.with_state === state)
        ?.condition;
    const open = bucket.public_access_prevention !== 'enforced' || !bucket.uniform_bucket_level_access;
    return {
      open,
      // Who is not anonymous shows a token, which Cloud Storage takes over TLS only.
      tlsOnly: !open && bucket.website === undefined,
      // By Google's keys, or by the one that it names.
      encrypted: bucket.encryption === undefined || bucket.encryption.default_kms_key_name !== undefined,
      customerKey: bucket.encryption?.default_kms_key_name !== undefined,
      restorableDays: bucket.versioning.enabled ? find('Delete', 'ARCHIVED')?.days_since_noncurrent_time : 0,
      accessLogged: bucket.logging !== undefined,
      expireAfterDays: find('Delete', 'LIVE')?.age,
      coldAfterDays: find('SetStorageClass')?.age,
      kept: !bucket.force_destroy,
    };
  });
}

/** By a path of the container on Kubernetes, by the name of a folder on Vertex AI. */
function mounted(source: string): string {
  const [, path] = /"name":"scratch","mountPath":"([^"]+)"/.exec(source) ?? [];
  return path ?? `/mnt/nfs/${/"mountPoint":"(\w+)"/.exec(source)![1]}`;
}

/** Volumes of Kubernetes, or folders of Vertex AI, which has them all. */
const files = (source: string): TrainingFacts['files'] =>
  Object.fromEntries(
    [
      ...source.matchAll(/"name":"dataset-([\w-]+)","csi":\{"driver":"gcsfuse/g),
      ...source.matchAll(/"name":"DATASET_(\w+)_DIR","value":"(?:\/gcs\/|\$\$\{text)/g),
    ].map(([, name]) => [name.toLowerCase(), 'mounted' as const]),
  );

/** Labels of the custom job, or of the job of Kubernetes. */
const jobLabels = (source: string): Tags =>
  JSON.parse(
    /"labels":(\{(?:"[\w-]+":"[^"]*",)*"ml-cluster":"[^"]*"(?:,"[\w-]+":"[^"]*")*\}),"(?:annotations|jobSpec)"/.exec(
      source,
    )![1],
  );

function scratch(cluster: IConstruct, source: string): ScratchFacts | undefined {
  const [instance] = below(cluster, 'google_filestore_instance');
  return (
    instance && {
      sizeGiB: instance.file_shares.capacity_gb,
      encrypted: instance.kms_key_name.includes('google_kms_crypto_key.Key'),
      directory: mounted(source),
      showsZone: false,
      kept: instance.lifecycle?.prevent_destroy === true,
    }
  );
}

function training(cluster: IConstruct): TrainingFacts {
  const [{ source_contents: source }] = below(cluster, 'google_workflows_workflow');
  const number = (pattern: RegExp, otherwise = 0) => Number(pattern.exec(source)?.[1] ?? otherwise);
  const job = jobLabels(source);
  const asked = {
    files: files(source),
    scratch: scratch(cluster, source),
    checkpointed: source.includes('"CHECKPOINT_URI"'),
    // Google encrypts every disk.
    encryptedDisks: true,
    timeLimitHours: number(/\{"limit":(\d+)\}/) / 3600,
    variables: [
      ...[...source.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name),
      ...[...source.matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name),
    ],
    callersChoose: [
      ...new Set([...source.matchAll(/map\.get\(input, \\"(\w+)\\"\)/g)].map(([, name]) => name)),
    ],
  };
  const pools = below(cluster, 'google_container_node_pool');
  if (pools.length > 0) {
    const first = pools.find(({ node_config }) => node_config.spot) ?? pools[0];
    const every: any[] = Object.values(jsonOf(cluster).resource!.google_container_node_pool);
    return {
      ...asked,
      costTags: { job, machines: first.node_config.resource_labels ?? {} },
      machinesWhileIdle: every.reduce((sum, { autoscaling }) => sum + autoscaling.total_min_node_count, 0),
      mostMachines: first.autoscaling.total_max_node_count,
      leastMachines: number(/\{"least":"\$\$\{math\.min\(nodes, (\d+)\)\}"\}/),
      machineType: first.node_config.machine_type,
      spot: first.node_config.spot ?? false,
      onDemandAfterSpot:
        pools.some(({ node_config }) => !node_config.spot) && first.node_config.spot === true,
      startedAgain: number(/\{"retries":(\d+)\}/) > 0,
      publicAddress: !pools.every(({ network_config }) => network_config.enable_private_nodes),
    };
  }
  return {
    ...asked,
    // Its machines bill as the job.
    costTags: { job, machines: job },
    machinesWhileIdle:
      below(cluster, 'google_compute_instance').length + below(cluster, 'google_container_node_pool').length,
    mostMachines: number(/math\.min\(nodes, (\d+)\)/, 1),
    machineType: /"machineType":"([^"]+)"/.exec(source)![1],
    spot: /\{"strategy":"SPOT"\}/.test(source),
    onDemandAfterSpot: /\{"strategy":"SPOT"\}[^]*\{"strategy":"STANDARD"\}/.test(source),
    startedAgain: number(/retries >= (\d+)/) > 0,
    publicAddress: !/"(pscInterfaceConfig|network)":/.test(source),
  };
}

function registryOf(registry: IConstruct): RegistryFacts {
  return {
    // The first version makes the native model: Terraform has no resource for it.
    models: registry.node.children.filter(({ node }) => node.id.startsWith('Model-')).length,
    files: storesOf(registry)[0],
    images: below(registry, 'google_artifact_registry_repository').map((repository) => ({
      scanned: repository.vulnerability_scanning_config.enablement_config === 'INHERITED',
      immutable: repository.docker_config.immutable_tags,
      // By Google's keys, or by the one that it names.
      encrypted: true,
    })),
  };
}

function alarms(watched: IConstruct): AlarmFacts {
  const policies = below(watched, 'google_monitoring_alert_policy');
  const made = below(watched, 'google_monitoring_notification_channel');
  const those = (type: string) => made.filter((channel) => channel.type === type);
  return {
    alarms: policies.length,
    mailed: those('email').map(({ labels }) => labels.email_address),
    called: those('webhook_tokenauth').map(({ labels }) => labels.url),
    channels: policies[0].notification_channels.length - made.length,
  };
}

const MEASURES: { readonly [metric: string]: string } = {
  'online/request_count': 'requestsPerMinute',
  'cpu/utilization': 'cpu',
  'accelerator/duty_cycle': 'gpu',
};

const byName = (env: { name: string; value?: string }[] = []) =>
  Object.fromEntries(env.map(({ name, value = 'injected' }) => [name, value]));

const secondsOf = (probe: any): number => probe.period_seconds * probe.failure_threshold;

function onCloudRun(made: google.AutoScalingEndpoint, services: any[]): EndpointFacts {
  const nameOf = (resource: any): string => resource['//'].metadata.path.split('/').slice(-2)[0];
  const [map] = below(made, 'google_compute_url_map');
  const weights: any[] = map?.default_route_action.weighted_backend_services ?? [{ weight: 100 }];
  const [{ template }] = services;
  return {
    traffic: Object.fromEntries(
      below(made, map ? 'google_compute_backend_service' : 'google_cloud_run_v2_service').map((one, i) => [
        nameOf(one),
        weights[i].weight,
      ]),
    ),
    scaling: {
      least: template.scaling.min_instance_count,
      most: template.scaling.max_instance_count,
      measures: template.max_instance_request_concurrency ? ['concurrentRequests'] : [],
    },
    rollout: { inSteps: false, takenBackByAlarms: false },
    captured: undefined,
    deploysApprovedOnly: false,
    alarms: made.alarms.length,
    logRetentionDays: below(made, 'google_logging_project_bucket_config')[0].retention_days,
    versionGivenAtDeployment: JSON.stringify(services).includes('var.FraudVersion'),
    runsInNetwork: services.every(
      ({ ingress, template: { vpc_access: access } }) =>
        ingress === 'INGRESS_TRAFFIC_INTERNAL_ONLY' && access.egress === 'ALL_TRAFFIC',
    ),
    ...{ command: template.containers[0].command, args: template.containers[0].args },
    streamed: made.streamUrl === made.url,
    startupSeconds: secondsOf(template.containers[0].startup_probe),
    requestSeconds: parseInt(template.timeout, 10),
    variables: byName(template.containers[0].env),
  };
}

function endpoint(made: google.AutoScalingEndpoint): EndpointFacts {
  const services = below(made, 'google_cloud_run_v2_service');
  if (services.length) {
    return onCloudRun(made, services);
  }
  const json = jsonOf(made);
  const operations = below(made, 'restful_operation').map(({ body }) => ({
    ...body,
    ...(body?.trafficSplit && { trafficSplit: beforeAnythingRuns(json, body.trafficSplit) }),
  }));
  const container = operations.find((body) => body?.model?.containerSpec).model.containerSpec;
  const { trafficSplit } = operations.find((body) => body?.trafficSplit);
  const deployed = operations.flatMap((body) =>
    body?.deployedModel?.displayName ? [body.deployedModel] : [],
  );
  const resources = deployed[0].dedicatedResources;
  const metrics: any[] = resources.autoscalingMetricSpecs ?? [];
  const [{ predict_request_response_logging_config: capture, private_service_connect_config: psc }] = below(
    made,
    'google_vertex_ai_endpoint',
  );
  return {
    traffic: Object.fromEntries(
      deployed.map(({ id, displayName }) => [displayName, trafficSplit[beforeAnythingRuns(json, id)]]),
    ),
    scaling: {
      least: resources.minReplicaCount,
      most: resources.maxReplicaCount,
      measures: metrics.map(({ metricName }) => MEASURES[metricName.split('/').slice(-2).join('/')]),
    },
    rollout: { inSteps: false, takenBackByAlarms: false },
    captured: capture && { percent: capture.sampling_rate * 100, inZone: false },
    deploysApprovedOnly: Object.values(json.data?.restful_resource ?? {}).some(({ id }) =>
      id.includes('@approved-'),
    ),
    alarms: made.alarms.length,
    logRetentionDays: below(made, 'google_logging_project_bucket_config')[0].retention_days,
    versionGivenAtDeployment: Object.keys(json.variable ?? {}).some((name) =>
      JSON.stringify(operations).includes(`var.${name}`),
    ),
    runsInNetwork: psc !== undefined && below(made, 'google_compute_forwarding_rule').length === 1,
    ...{ command: container.command, args: container.args },
    sharedMemoryMiB: container.sharedMemorySizeMb && Number(container.sharedMemorySizeMb),
    streamed: made.streamUrl.endsWith(':streamRawPredict'),
    startupSeconds: container.startupProbe.periodSeconds * container.startupProbe.failureThreshold,
    // Fixed by the service.
    requestSeconds: 600,
    variables: byName(container.env),
  };
}

function serverless(made: IConstruct): ServerlessFacts {
  const [{ template, ingress }] = below(made, 'google_cloud_run_v2_service');
  const { memory } = template.containers[0].resources.limits;
  const members: any[] = Object.values(jsonOf(made).resource?.google_cloud_run_v2_service_iam_member ?? {});
  return {
    leastInstances: template.scaling.min_instance_count,
    mostInstances: template.scaling.max_instance_count,
    memoryMiB: memory.endsWith('Gi') ? parseInt(memory, 10) * 1024 : parseInt(memory, 10),
    timeoutSeconds: parseInt(template.timeout, 10),
    openToAnyone: members.some(({ member }) => /^all(Authenticated)?Users$/.test(member)),
    reachableFromInternet: ingress === 'INGRESS_TRAFFIC_ALL',
    variables: Object.keys(byName(template.containers[0].env)),
    logRetentionDays: below(made, 'google_logging_project_bucket_config')[0].retention_days,
  };
}

/** What the members of a program's stacks may do, as text to compare. */
const given = ({ foundation, serving }: Program) =>
  [foundation, serving].map((stack) => ({
    stack: stack.node.id,
    roles: Object.entries(jsonOf(stack).resource ?? {})
      .filter(([type]) => type.endsWith('_iam_member'))
      .flatMap(([, members]) =>
        Object.entries(members).map(([id, { role, condition }]) => ({
          id,
          role: role as string,
          folder: /\/objects\/([^"]*)"\)$/.exec(condition?.expression)?.[1] ?? '',
        })),
      ),
  }));

const MAY: { readonly [role: string]: string } = {
  'roles/storage.objectViewer': 'read data',
  'roles/workflows.invoker': 'start jobs',
  'roles/artifactregistry.reader': 'pull images',
};

function notebooks(made: google.Workspace): WorkspaceFacts {
  const instances = below(made, 'google_workbench_instance');
  const [{ gce_setup: setup, lifecycle }] = instances;
  const ofIdentity = Object.entries(jsonOf(made).resource!)
    .filter(([type]) => type.endsWith('_iam_member'))
    .flatMap(([, resources]) => Object.values(resources))
    .filter(({ member }) => /google_service_account\.Team_Account_\w+\.member/.test(member));
  return {
    notebooks: instances.length,
    stoppedAfterIdleMinutes: Number(setup.metadata['idle-timeout-seconds']) / 60,
    homeGiB: Number(setup.data_disks.disk_size_gb),
    // By Google's keys, or by the one that it names.
    homesEncrypted: /^[CG]MEK$/.test(setup.data_disks.disk_encryption),
    homesKept: lifecycle?.prevent_destroy === true,
    publicAddress: !setup.disable_public_ip,
    persons: instances.flatMap(({ instance_owners: owners }) => owners ?? []),
    variables: [...setup.metadata['startup-script'].matchAll(/"(\w+)":/g)].map(([, name]) => name),
    may: ofIdentity.map(({ role }) => MAY[role]),
    editor: core.WorkspaceEditor.JUPYTERLAB,
  };
}

function trail(made: google.AuditTrail): TrailFacts {
  const [bucket] = below(made, 'google_logging_project_bucket_config');
  const [{ filter }] = below(made, 'google_logging_project_sink');
  const [config] = Object.values(jsonOf(made).resource!.google_project_iam_audit_config);
  const types: string[] = config.audit_log_config.map((one: any) => one.log_type);
  return {
    zones: filter.match(/google_storage_bucket\.\S+\.name/g).length,
    reads: types.includes('DATA_READ'),
    writes: types.includes('DATA_WRITE'),
    encrypted: bucket.cmek_settings.kms_key_name.includes('google_kms_crypto_key.Key'),
    unchangedDays: bucket.retention_days,
    locked: bucket.locked,
    kept: bucket.lifecycle?.prevent_destroy === true,
    managementEvents: filter.includes('cloudaudit.googleapis.com%2Factivity'),
    // A configuration that is there already stops the plan.
    leavesAlone: config.lifecycle.precondition.length === 1,
  };
}

export const probe: Probe = {
  region: REGION,
  strays: {
    'another region': (scope) => new StorageBucket(scope, 'Stray', { name: 'stray', location: 'US' }),
    'copies elsewhere': (scope) =>
      new SecretManagerSecret(scope, 'Stray', { secretId: 'stray', replication: { auto: {} } }),
    'models from anywhere': (scope) =>
      new VertexAiEndpoint(scope, 'Stray', { name: '1', displayName: 'stray', location: 'global' }),
  },
  guards: ({ foundation }) =>
    below(foundation, 'google_org_policy_policy').map(({ spec }) =>
      spec.rules[0].values.allowed_values.map((value: string) => /^in:(.+)-locations$/.exec(value)![1]),
    ),
  person: 'ada@example.com',
  user: { name: 'ada' },
  workspace: (_, made) => notebooks(made as google.Workspace),
  program({ regionGuard, tags: labels, ...props } = {}): Program {
    const app = newApp();
    return {
      foundation: platformStack(app, 'foundation', { ...props, labels, regionGuard }),
      serving: platformStack(app, 'serving', { ...props, labels }),
    };
  },
  stores: (_, lake) => lake.zoneNames.flatMap((name) => storesOf(lake.zone(name))),
  training: (_, cluster) => training(cluster),
  registry: (_, made) => registryOf(made),
  endpoint: (_, made) => endpoint(made as google.AutoScalingEndpoint),
  shiftable: (_, made) => shiftable(made as google.AutoScalingEndpoint),
  channel: ({ foundation }) =>
    google.NotificationChannel.fromChannelId(
      foundation,
      'Pager',
      'projects/ml-project/notificationChannels/42',
    ),
  alarms: (_, watched) => alarms(watched),
  serverless: (_, made) => serverless(made),
  names: ({ foundation, serving }) =>
    [foundation, serving].flatMap((stack) =>
      [
        ['google_storage_bucket', 'name'],
        ['google_service_account', 'account_id'],
        ['google_artifact_registry_repository', 'repository_id'],
        ['google_workflows_workflow', 'name'],
        ['google_compute_network', 'name'],
        ['google_kms_key_ring', 'name'],
        ['google_cloud_run_v2_service', 'name'],
      ].flatMap(([type, key]) => below(stack, type).map((resource) => resource[key])),
    ),
  secret: (scope) => google.Secret.fromSecretName(scope, 'HubToken', 'hub-token'),
  secrets: (program) => ({
    readers: given(program)
      .flatMap(({ roles }) => roles)
      .filter(({ role }) => role === 'roles/secretmanager.secretAccessor').length,
    readByDeployment: Object.values(program).filter((stack) =>
      Object.keys(jsonOf(stack).data ?? {}).some((type) => type.startsWith('google_secret_manager')),
    ).length,
  }),
  trail: (_, made) => trail(made as google.AuditTrail),
  atRest: (program) => Object.values(synthOf(program.foundation)).flatMap(atRestIn),
  privateNames: ({ foundation }) => below(foundation, 'google_dns_managed_zone').length,
  grant(build): GrantFacts {
    const program = probe.program();
    const grant = build(program);
    const before = given(program).flatMap(({ roles }) => roles.map(({ id }) => id));
    grant();
    synthAgain(program.foundation);
    const [changed] = given(program)
      .map(({ stack, roles }) => ({ stack, actions: roles.filter(({ id }) => !before.includes(id)) }))
      .filter(({ actions }) => actions.length > 0);
    return {
      stack: changed.stack,
      actions: changed.actions.map(({ role }) => role),
      folders: [...new Set(changed.actions.map(({ folder }) => folder))],
    };
  },
};
