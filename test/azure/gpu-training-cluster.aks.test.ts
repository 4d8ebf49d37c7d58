import { spawnSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Construct } from 'constructs';
import { Call, run, Service, unescaped } from './gpu-training-cluster.workflow';
import { probe } from './probe';
import {
  all,
  newApp,
  only,
  platform,
  refusal,
  roles,
  SUBSCRIPTION,
  Synthesized,
  synthesized,
  synthesizedPlatform,
} from './support';
import * as azure from '../../src/azure';
import { askScript, deleteCommand } from '../../src/azure/private/gpu-training-cluster/aks-commands';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { gpuTrainingCluster } from '../contract/gpu-training-cluster.contract';

const IMAGE = 'acmeml.azurecr.io/train:3';
const CLUSTER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/central/providers/Microsoft.ContainerService/managedClusters/shared`;
const SHARED = azure.TrainingEngine.aks({ clusterId: CLUSTER_ID });

const aks = (props: Partial<azure.GpuTrainingClusterProps> = {}, stackProps = {}) =>
  synthesizedPlatform(
    (stack) =>
      new azure.GpuTrainingCluster(stack, 'Training', {
        image: IMAGE,
        accelerators: ['T4:1'],
        command: ['torchrun', 'train.py'],
        engine: SHARED,
        ...props,
      }),
    stackProps,
  );

/** With a cluster of the stack's own. */
const own = (props: Partial<azure.GpuTrainingClusterProps> = {}, stackProps = {}) =>
  synthesizedPlatform(
    (stack) =>
      new azure.GpuTrainingCluster(stack, 'Training', {
        image: IMAGE,
        accelerators: ['T4:1'],
        engine: azure.TrainingEngine.aks(),
        network: new azure.PrivateNetwork(stack, 'Network', { internetEgress: true }),
        ...props,
      }),
    stackProps,
  );

const workflowOf = (json: Synthesized) =>
  all(json, 'azapi_resource').find(({ type }) => type.startsWith('Microsoft.Logic/workflows@'))!;
const definitionOf = (json: Synthesized) => unescaped(workflowOf(json).body.properties.definition);
const poolsOf = (json: Synthesized) => all(json, 'azurerm_kubernetes_cluster_node_pool');

/** The objects that a command makes. */
const objectsIn = (command: string): any[] =>
  [...command.matchAll(/echo ([A-Za-z0-9+/=]+)\|base64 -d/g)].map(([, text]) =>
    JSON.parse(Buffer.from(text, 'base64').toString()),
  );

/** AKS, whose nth look at a job prints the nth line, the last one for all after it. */
function kubernetes(...lines: string[]): { service: Service; commands: string[] } {
  const commands: string[] = [];
  let looks = 0;
  const service: Service = ({ body }: Call) => {
    commands.push(body.command);
    const look = body.command.startsWith('J=');
    const logs = look ? (lines[looks++] ?? lines[lines.length - 1]) : 'done\n';
    return { status: 200, body: { properties: { exitCode: logs === 'broken' ? 1 : 0, logs } } };
  };
  return { service, commands };
}

const on = (
  props: Partial<azure.GpuTrainingClusterProps>,
  lines: string[] = ['true,,,,\n', 'false,1,,,\n', 'false,,1,SuccessCriteriaMet Complete,\n'],
  input: object = {},
) => {
  const { service, commands } = kubernetes(...lines);
  const outcome = run(definitionOf(aks(props).json), { run: 'r1', ...input }, service);
  const jobs = commands.filter((one) => one.includes('kubectl create')).map((one) => objectsIn(one)[1]);
  const deleted = commands.filter((one) => one.includes(' delete job '));
  return { ...outcome, commands, jobs, deleted };
};

describe('a minimal cluster on a Kubernetes cluster that exists', () => {
  const { made, json } = aks();
  const namespace = made.kubernetesNamespace!;

  test('its default child is the pool of its machines', () => {
    expect(made.node.defaultChild).toBe(made.nodePools[0]);
    expect(made.computeCluster).toBeUndefined();
    expect(made.kubernetesCluster).toBeUndefined();
  });

  test('is a pool of machines from zero, and the workflow that brings jobs to it', () => {
    const { '//': _, id, name, ...rest } = only(json, 'azurerm_kubernetes_cluster_node_pool');
    expect(id).toMatch(/^Training_Machines-on-demand_/);
    expect(name).toMatch(/^[a-z][a-z0-9]{0,11}$/);
    expect(rest).toEqual({
      auto_scaling_enabled: true,
      depends_on: [],
      gpu_driver: 'Install',
      kubernetes_cluster_id: CLUSTER_ID,
      lifecycle: { create_before_destroy: true },
      max_count: 1,
      max_pods: 50,
      min_count: 0,
      mode: 'User',
      node_labels: { 'ml-cluster': namespace, 'ml-capacity': 'on-demand' },
      node_public_ip_enabled: false,
      node_taints: [`ml-cluster=${namespace}:NoSchedule`],
      os_disk_size_gb: 100,
      os_disk_type: 'Managed',
      scale_down_mode: 'Delete',
      vm_size: 'Standard_NC4as_T4_v3',
    });
    const ofAzureMl = all(json, 'azapi_resource').filter(({ type }) => type.includes('MachineLearning'));
    expect(ofAzureMl).toEqual([]);
  });

  test('its jobs are the identity of the cluster, by the name of their service account', () => {
    expect(only(json, 'azurerm_federated_identity_credential')).toMatchObject({
      audience: ['api://AzureADTokenExchange'],
      issuer: expect.stringMatching(/^\$\{data\.azurerm_kubernetes_cluster\..*\.oidc_issuer_url\}$/),
      parent_id: expect.stringMatching(/^\$\{azurerm_user_assigned_identity\.Training_Identity_/),
      subject: `system:serviceaccount:${namespace}:jobs`,
    });
  });

  test('its workflow may run commands in the one Kubernetes cluster, and nothing else', () => {
    const role = all(json, 'azurerm_role_definition').find(({ id }) => id.includes('CommandRole'))!;
    expect(role.scope).toBe(`/subscriptions/${SUBSCRIPTION}/resourceGroups/central`);
    expect(role.permissions).toEqual([
      {
        actions: [
          'Microsoft.ContainerService/managedClusters/read',
          'Microsoft.ContainerService/managedClusters/runCommand/action',
          'Microsoft.ContainerService/managedClusters/commandResults/read',
        ],
      },
    ]);
    const given = all(json, 'azurerm_role_assignment').filter(({ principal_id }) =>
      principal_id.includes('Submitter'),
    );
    expect(given.map(({ scope }) => scope)).toEqual([CLUSTER_ID]);
  });

  test('the report tells what bills, who may do what, and what comes next', () => {
    expect(reportOf(made).map(({ entry }) => `${entry.kind}: ${entry.title}`)).toEqual([
      'choice: Machine type',
      'choice: Fast network',
      'idle-cost: Training',
      'command: Submit a job',
      'command: Look at jobs',
      'note: Callers',
      'note: Others',
      'note: Stopping a job',
      'note: Order',
      'note: Kubernetes cluster',
      'quota: Compute: standard NCASv3_T4 Family',
      'quota: Compute: cores',
    ]);
  });

  test('asks AKS for exactly this', () => {
    const { response, failure, calls, commands, jobs } = on({});
    expect(failure).toBeUndefined();
    expect(response).toEqual({ statusCode: 202, body: { job: 'job-0858example-1', run: 'r1' } });
    expect(new Set(calls.map(({ method, uri }) => `${method} ${uri}`))).toEqual(
      new Set([`POST https://management.azure.com${CLUSTER_ID}/runCommand?api-version=2025-10-01`]),
    );
    expect(commands).toHaveLength(4);
    const [places] = objectsIn(commands[0]);
    expect(places.items.map(({ kind, metadata }: any) => `${kind} ${metadata.name}`)).toEqual([
      `Namespace ${namespace}`,
      'ServiceAccount jobs',
      'Service nodes',
      `DaemonSet ${namespace}-gpu`,
    ]);
    expect(places.items[1].metadata.annotations['azure.workload.identity/client-id']).toMatch(/client_id/);
    expect(places.items[3].spec.template.spec.nodeSelector).toEqual({ 'ml-cluster': namespace });
    const [{ metadata, spec }] = jobs;
    expect(metadata).toEqual({
      name: 'job-0858example-1',
      namespace,
      labels: { 'ml-cluster': namespace },
      annotations: { 'ml-run': 'r1', 'ml-order': '0' },
    });
    expect(spec).toMatchObject({
      suspend: true,
      completions: 1,
      parallelism: 1,
      backoffLimit: 3,
      activeDeadlineSeconds: 48 * 3600,
      podFailurePolicy: {
        rules: [
          { action: 'Count', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'job', operator: 'NotIn', values: [0] } },
        ],
      },
    });
    expect(spec.template.metadata.labels).toEqual({
      'ml-cluster': namespace,
      'azure.workload.identity/use': 'true',
    });
    const [{ env, ...container }] = spec.template.spec.containers;
    expect(container).toMatchObject({
      image: IMAGE,
      args: ['torchrun', 'train.py'],
      resources: { requests: { cpu: '3', memory: '19Gi' }, limits: { 'nvidia.com/gpu': '1' } },
    });
    expect(env.map(({ name }: any) => name)).toEqual([
      'PET_NPROC_PER_NODE',
      'AZURE_CLIENT_ID',
      'DEFAULT_IDENTITY_CLIENT_ID',
      'ML_ENTRY',
      'MASTER_PORT',
      'PET_MASTER_PORT',
      'CHECKPOINT_URI',
      'MODEL_OUTPUT_URI',
      'ML_SERVICE',
      'ML_NODES',
      'ML_LEAST_NODES',
      'ML_RESTARTS',
      'ML_JOB',
    ]);
    const value = (name: string) => env.find((one: any) => one.name === name).value;
    expect(value('CHECKPOINT_URI')).toMatch(/^abfss:\/\/jobs@.*\/checkpoints\/r1\/$/);
    expect([value('ML_JOB'), value('ML_NODES'), value('ML_RESTARTS')]).toEqual([
      'job-0858example-1',
      '1',
      '3',
    ]);
    expect(value('ML_ENTRY')).toContain('exec "$$@"');
  });
});

describe('a cluster of its own', () => {
  test('is private, has one small machine for itself, and no address', () => {
    const { made, json } = own();
    expect(made.kubernetesCluster?.terraformResourceType).toBe('azurerm_kubernetes_cluster');
    const {
      '//': _,
      id,
      depends_on,
      oms_agent,
      name,
      identity,
      ...rest
    } = only(json, 'azurerm_kubernetes_cluster');
    expect(id).toMatch(/^MlKubernetes-\w{8}_Cluster_/);
    // AKS refuses a subnet without its way out.
    expect(depends_on).toEqual([
      expect.stringMatching(/^time_sleep\./),
      expect.stringMatching(/^azurerm_subnet_nat_gateway_association\.Network_Nat-workloads/),
    ]);
    expect(oms_agent.msi_auth_for_monitoring_enabled).toBe(true);
    expect(identity.type).toBe('UserAssigned');
    const subnet = expect.stringMatching(/^\$\{azurerm_subnet\.Network_Subnet-workloads_.*\.id\}$/);
    expect(rest).toEqual({
      automatic_upgrade_channel: 'stable',
      default_node_pool: {
        auto_scaling_enabled: true,
        max_count: 3,
        max_pods: 50,
        min_count: 1,
        name: 'services',
        node_public_ip_enabled: false,
        os_disk_size_gb: 64,
        temporary_name_for_rotation: 'servicesnew',
        upgrade_settings: { max_surge: '10%' },
        vm_size: 'Standard_D2s_v5',
        vnet_subnet_id: subnet,
      },
      dns_prefix: name,
      location: 'westeurope',
      network_profile: {
        dns_service_ip: '100.68.0.10',
        network_data_plane: 'cilium',
        network_plugin: 'azure',
        network_plugin_mode: 'overlay',
        network_policy: 'cilium',
        outbound_type: 'userAssignedNATGateway',
        pod_cidr: '100.64.0.0/14',
        service_cidr: '100.68.0.0/16',
      },
      node_os_upgrade_channel: 'NodeImage',
      oidc_issuer_enabled: true,
      private_cluster_enabled: true,
      private_cluster_public_fqdn_enabled: false,
      private_dns_zone_id: 'System',
      resource_group_name: 'ml',
      role_based_access_control_enabled: true,
      run_command_enabled: true,
      sku_tier: 'Standard',
      workload_identity_enabled: true,
    });
    expect(only(json, 'azurerm_kubernetes_cluster_node_pool').vnet_subnet_id).toEqual(subnet);
    expect(
      roles(json)
        .filter((one) => one.id.startsWith('MlKubernetes'))
        .map(({ role, scope }) => [role, scope.split('.')[0]]),
    ).toEqual([
      ['Private DNS Zone Contributor', '${azurerm_virtual_network'],
      ['Network Contributor', '${azurerm_subnet'],
    ]);
    const told = reportOf(made.node.scope!).filter(({ entry }) => entry.kind === 'idle-cost');
    expect(told.map(({ entry }) => entry.title)).toContain('Kubernetes cluster');
    // `az aks` knows no --ids.
    expect(
      reportOf(made.node.scope!).find(({ entry }) => entry.title === 'Look at jobs')!.entry.text,
    ).toMatch(
      new RegExp(
        `^az aks command invoke --name ${name} --resource-group ml --subscription ${SUBSCRIPTION} --command 'kubectl `,
      ),
    );
  });

  test('keeps the logs of pods as long as the profile says', () => {
    const { json } = own({}, { securityProfile: core.SecurityProfile.REGULATED });
    const rule = only(json, 'azurerm_monitor_data_collection_rule');
    expect(rule.data_flow).toEqual([
      { streams: ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents'], destinations: ['logs'] },
    ]);
    expect(JSON.parse(rule.data_sources.extension[0].extension_json).dataCollectionSettings).toMatchObject({
      enableContainerLogV2: true,
    });
    const tables = all(json, 'azurerm_log_analytics_workspace_table').filter(({ id }) =>
      id.includes('MlKubernetes'),
    );
    expect(tables).toMatchObject([{ name: 'ContainerLogV2', total_retention_in_days: 2556 }]);
    // A new workspace has none yet.
    expect(tables[0].depends_on).toEqual([expect.stringMatching(/^time_sleep\./)]);
    expect(only(json, 'azurerm_monitor_data_collection_rule_association').name).toBe(
      'ContainerInsightsExtension',
    );
  });

  test('encrypts the disks of all machines with a key, of the stack under REGULATED', () => {
    expect(all(own().json, 'azurerm_disk_encryption_set')).toEqual([]);
    const { json } = own({}, { securityProfile: core.SecurityProfile.REGULATED });
    const set = only(json, 'azurerm_disk_encryption_set');
    expect(set).toMatchObject({
      auto_key_rotation_enabled: true,
      key_vault_key_id: expect.stringMatching(/^\$\{azurerm_key_vault_key\.MlKey_.*\.versionless_id\}$/),
      identity: { type: 'UserAssigned' },
    });
    const { disk_encryption_set_id } = only(json, 'azurerm_kubernetes_cluster');
    expect(disk_encryption_set_id).toBe(`\${azurerm_disk_encryption_set.${set.id}.id}`);
    expect(roles(json).filter(({ scope }) => scope === disk_encryption_set_id)).toMatchObject([
      { role: 'Reader' },
    ]);
  });

  test('is one for all training clusters of a stack in a network', () => {
    const { json } = synthesizedPlatform((stack) => {
      const engine = azure.TrainingEngine.aks();
      const network = new azure.PrivateNetwork(stack, 'Network', { internetEgress: true });
      ['A', 'B'].forEach(
        (id) =>
          new azure.GpuTrainingCluster(stack, id, { image: IMAGE, accelerators: ['T4:1'], engine, network }),
      );
    });
    only(json, 'azurerm_kubernetes_cluster');
    expect(poolsOf(json)).toHaveLength(2);
    const subjects = all(json, 'azurerm_federated_identity_credential').map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(2);
  });

  test('an imported network leads out by its own routes', () => {
    const app = newApp();
    const stack = platform('platform', {}, app);
    const subnets = `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub`;
    const network = azure.PrivateNetwork.fromVirtualNetwork(stack, 'Network', {
      virtualNetworkId: subnets,
      workloadSubnetId: `${subnets}/subnets/work`,
    });
    const engine = azure.TrainingEngine.aks();
    new azure.GpuTrainingCluster(stack, 'Training', {
      image: IMAGE,
      accelerators: ['T4:1'],
      engine,
      network,
    });
    const { network_profile } = only(synthesized(app).platform, 'azurerm_kubernetes_cluster');
    expect(network_profile.outbound_type).toBe('userDefinedRouting');
  });

  test('its machines pull an image that a registry declared', () => {
    const { json } = synthesizedPlatform((stack) => {
      const registry = new azure.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['train'],
      });
      const network = new azure.PrivateNetwork(stack, 'Network', { internetEgress: true });
      new azure.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '3'),
        accelerators: ['T4:1'],
        engine: azure.TrainingEngine.aks(),
        network,
      });
    });
    const [pull] = roles(json).filter(({ id }) => id.startsWith('Training_PullRole'));
    expect(pull.role).toBe('AcrPull');
    expect(pull.principal).toMatch(/azurerm_kubernetes_cluster\..*kubelet_identity/);
  });
});

describe('callers choose command, nodes and run, nothing else', () => {
  test('the schema refuses all other input', () => {
    const { schema } = definitionOf(aks({ maxNodes: 4 }).json).triggers.manual.inputs;
    expect(Object.keys(schema.properties).sort()).toEqual(['command', 'nodes', 'run']);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.nodes.maximum).toBe(4);
  });

  test.each(['$(HOME)', '$$', '${x}', "it's", '@{x}', '"; rm -rf / #', '`id`'])(
    '%p is taken literally by all on the way',
    (value) => {
      const { jobs, commands } = on({ environment: { A: value } }, undefined, { command: ['echo', value] });
      const [{ env, args }] = jobs[0].spec.template.spec.containers;
      const asKubernetesReads = (text: string) => text.replace(/\$\$/g, '$');
      expect(args.map(asKubernetesReads)).toEqual(['echo', value]);
      expect(asKubernetesReads(env.find(({ name }: any) => name === 'A').value)).toBe(value);
      // No shell reads it.
      commands.forEach((command) => expect(command).not.toContain('rm -rf'));
    },
  );
});

describe('the life of a job', () => {
  test('a program that fails ends the run, with what Kubernetes says', () => {
    const { failure, deleted } = on({}, [
      'false,1,,,\n',
      'false,,,FailureTarget Failed,exited with code 1\n',
    ]);
    expect(failure).toBe('Job job-0858example-1: Failed. exited with code 1');
    expect(deleted).toEqual([]);
  });

  test('a job that Kubernetes refuses ends the run too', () => {
    const service: Service = () => ({
      status: 200,
      body: { properties: { exitCode: 1, logs: 'forbidden' } },
    });
    const { failure, calls } = run(definitionOf(aks().json), { run: 'r1' }, service);
    expect(failure).toBe('Kubernetes refused the job: forbidden');
    expect(calls).toHaveLength(1);
  });

  test('a look that fails is one too few', () => {
    const { failure } = on({}, ['broken', 'false,1,,,\n', 'broken', 'false,,1,Complete,\n']);
    expect(failure).toBeUndefined();
  });

  test('with several nodes the loss of one fails the others, so that all of it counts', () => {
    const { jobs } = on({ maxNodes: 3, maxRetries: 2 }, undefined, { nodes: 3 });
    expect(jobs[0].spec.backoffLimit).toBe(6);
    expect(jobs[0].spec.podFailurePolicy.rules.map(({ action }: any) => action)).toEqual(['Count']);
  });

  test('a job that has not ended within its time is deleted, counted from the first machine', () => {
    const { failure, deleted, hours } = on({ timeLimitHours: 6 }, [
      'true,,,,\n',
      'false,,,,\n',
      'false,1,,,\n',
    ]);
    expect(failure).toContain('Running. Not done within 6 hours');
    expect(deleted).toHaveLength(1);
    expect(hours).toBeGreaterThan(6);
    expect(hours).toBeLessThan(6.5);
  });

  test('one that gets no machines is deleted after a day, one with some of its machines too', () => {
    for (const ready of ['', '3']) {
      const { failure, deleted, hours } = on({ maxNodes: 4 }, [`false,${ready},,,\n`], { nodes: 4 });
      expect(failure).toContain('Late. No machines within 24 hours');
      expect(deleted.length).toBeGreaterThan(0);
      expect(hours).toBeLessThan(24.5);
    }
  });

  test('waiting in line is no waiting for machines', () => {
    const line = Array(600).fill('true,,,,\n');
    expect(on({}, [...line, 'false,1,,,\n', 'false,,1,Complete,\n']).failure).toBeUndefined();
  });

  test('spot machines are waited for, then those on demand are taken', () => {
    const capacity = core.Capacity.spot({ fallback: true, maxWaitHours: 2 });
    const none = Array(26).fill('false,,,,\n');
    const { failure, jobs, deleted } = on({ capacity }, [...none, 'false,1,,,\n', 'false,,1,Complete,\n']);
    expect(failure).toBeUndefined();
    expect(jobs.map(({ spec }) => spec.template.spec.nodeSelector['ml-capacity'])).toEqual([
      'spot',
      'on-demand',
    ]);
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual(['job-0858example-1', 'job-0858example-2']);
    expect(deleted).toHaveLength(1);
    expect(deleted[0]).toContain('delete job job-0858example-1 ');
  });

  test('without fallback that is the end', () => {
    const { failure, jobs } = on({ capacity: core.Capacity.spot({ maxWaitHours: 2 }) }, ['false,,,,\n']);
    expect(failure).toContain('No machines within 2 hours');
    expect(jobs).toHaveLength(1);
  });
});

describe('the look at a job', () => {
  /** Runs the script with a kubectl that prints what it is told, and writes down what it is asked. */
  function look(state: string, others: string[] = [], { nodes = 2, order = '10' } = {}) {
    const dir = mkdtempSync(join(tmpdir(), 'look-'));
    try {
      writeFileSync(join(dir, 'others'), others.map((line) => `${line}\n`).join(''));
      writeFileSync(
        join(dir, 'kubectl'),
        `#!/bin/sh\necho "$@" >>${dir}/asked\ncase "$2 $3" in "get job") printf %s '${state}';; "get jobs") cat ${dir}/others;; *) echo patched;; esac\n`,
        { mode: 0o755 },
      );
      const script = `J=job-1; O=${order}; N=${nodes}\n${askScript('training', 4)}`;
      const { stdout, status } = spawnSync('sh', ['-c', script], {
        env: { PATH: `${dir}:${process.env.PATH}` },
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      const asked = readFileSync(join(dir, 'asked'), 'utf8');
      return { told: stdout, started: asked.includes('patch job job-1'), asked };
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  test('prints its state in one line', () => {
    const { told, started, asked } = look('false,2,,,');
    expect(told).toBe('false,2,,,\n');
    expect(started).toBe(false);
    expect(asked.trim().split('\n')).toHaveLength(1);
    expect(asked).toContain(
      '--namespace=training get job job-1 -o jsonpath={.spec.suspend},{.status.ready},',
    );
  });

  test.each<[string[], boolean]>([
    [[], true],
    [['true,10,2,'], true],
    [['false,1,2,'], true],
    [['false,1,3,'], false],
    [['true,9,3,'], false],
    [['true,11,3,'], true],
    [['false,11,3,'], false],
    [['false,1,3,SuccessCriteriaMet Complete'], true],
    [['false,1,3,FailureTarget Failed'], true],
    [['false,1,3,FailureTarget'], false],
    [['false,1,1,', 'false,2,1,'], true],
    [['false,1,1,', 'false,2,2,'], false],
    [['true,,3,'], false],
  ])('with %j a job of two of four machines starts: %p', (others, starts) => {
    const { told, started } = look('true,,,,', others);
    expect(started).toBe(starts);
    expect(told).toBe('true,,,,\n');
  });

  test('what is deleted is the job alone', () => {
    expect(deleteCommand('training')).toBe(
      "kubectl --namespace=training delete job @{variables('job')} --ignore-not-found --wait=false",
    );
  });
});

describe('capacity', () => {
  test('spot machines, and those on demand where they are the way out', () => {
    const { json } = aks({ capacity: core.Capacity.spot({ fallback: true }), maxNodes: 3 });
    const [onDemand, spot] = poolsOf(json);
    expect(onDemand.priority).toBeUndefined();
    expect(spot).toMatchObject({
      priority: 'Spot',
      eviction_policy: 'Delete',
      spot_max_price: -1,
      max_count: 3,
      node_labels: { 'ml-capacity': 'spot', 'kubernetes.azure.com/scalesetpriority': 'spot' },
    });
    expect(spot.node_taints).toContain('kubernetes.azure.com/scalesetpriority=spot:NoSchedule');
    expect(onDemand.name).not.toBe(spot.name);
  });

  test('machines of a capacity reservation group, disks and shared memory of the size that was asked for', () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.Compute/capacityReservationGroups/gpus`;
    const { json } = aks({ capacity: core.Capacity.reserved(group), diskGiB: 512, sharedMemoryMiB: 1024 });
    expect(only(json, 'azurerm_kubernetes_cluster_node_pool')).toMatchObject({
      capacity_reservation_group_id: group,
      os_disk_size_gb: 512,
    });
    const { Manifest } = definitionOf(json).actions;
    expect(Manifest.inputs.spec.template.spec.volumes[0].emptyDir).toEqual({
      medium: 'Memory',
      sizeLimit: '1024Mi',
    });
  });
});

test('elastic jobs go on with minNodes of the nodes that were asked for', () => {
  const { jobs } = on({ minNodes: 2, maxNodes: 4 }, undefined, { nodes: 4 });
  const { env } = jobs[0].spec.template.spec.containers[0];
  const value = (name: string) => env.find((one: any) => one.name === name).value;
  expect([value('ML_LEAST_NODES'), value('ML_NODES')]).toEqual(['2', '4']);
  expect(jobs[0].spec.successPolicy).toEqual({ rules: [{ succeededIndexes: '0' }] });
  const { failure } = on({ minNodes: 2, maxNodes: 4, timeLimitHours: 2 }, ['false,2,,,\n'], { nodes: 4 });
  expect(failure).toContain('Not done within 2 hours');
});

describe('faults', () => {
  test.each<[string, Partial<azure.GpuTrainingClusterProps>]>([
    ['CMC-002', { engine: azure.TrainingEngine.aks() }],
    ['CMC-003', { engine: 'aks' as never }],
    ['CMC-031', { minNodes: 3, maxNodes: 2 }],
    ['CMC-040', { minNodes: 1, engine: azure.TrainingEngine.azureMl() }],
    ['CMC-040', { fabric: core.Fabric.REQUIRED, maxNodes: 2, accelerators: ['A100:8'] }],
    ['CMC-040', { capacity: core.Capacity.queued() }],
    ['CMC-040', { idleMinutes: 5 }],
    ['CMC-040', { scratch: { sizeGiB: 4096 } }],
    ['CMC-004', { diskGiB: 32 }],
    ['CMC-006', { capacity: core.Capacity.reserved('gpus') }],
    ['CMC-021', { accelerators: ['MI300X:8'] }],
    ['CMC-021', { accelerators: ['A10:0.5'] }],
    ['CMC-008', { environment: { ML_JOB: 'x' } }],
    ['CMC-008', { environment: { AZURE_FEDERATED_TOKEN_FILE: 'x' } }],
  ])('%s: %j', (code, props) => expect(refusal(() => aks(props))).toContain(code));

  test('a network without a way out, and nothing half-built', () => {
    const stack = platform();
    const network = new azure.PrivateNetwork(stack, 'Network');
    const engine = azure.TrainingEngine.aks();
    const message = refusal(
      () =>
        new azure.GpuTrainingCluster(stack, 'Training', {
          image: IMAGE,
          accelerators: ['T4'],
          engine,
          network,
        }),
    );
    expect(message).toMatch(/network needs internetEgress.*CMC-009/);
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
  });

  test.each([[{ clusterId: 'shared' }], [{ cluster: CLUSTER_ID }]])('an engine with %j', (options) => {
    expect(refusal(() => azure.TrainingEngine.aks(options as never))).toMatch(/CMC-00[16]/);
  });
});

test('two deployments of one program have no name in common', () => {
  const [one, other] = ['ml', 'other'].map((resourceGroupName) => own({}, { resourceGroupName }).json);
  for (const type of ['azurerm_kubernetes_cluster', 'azurerm_kubernetes_cluster_node_pool']) {
    const names = [one, other].map((json) => all(json, type).map(({ name }) => name));
    expect(names[0].filter((name) => names[1].includes(name))).toEqual([]);
  }
});

describe('the promises of the contract', () => {
  class OnAks extends azure.GpuTrainingCluster {
    constructor(scope: Construct, id: string, props: core.GpuTrainingClusterProps) {
      super(scope, id, { ...props, engine: SHARED });
    }
  }
  const lacks: { [title: string]: RegExp } = {
    'Jobs see a dataset as files that are on the machine before they start':
      /datasets\[0\]\.mode is DOWNLOAD.*take MOUNT.*CMC-040/,
    'Jobs wait in line for machines': /capacity is queued.*CMC-040/,
    'A job that waits for machines is told': /noCapacityMinutes is nothing that Azure measures[^]*CMC-040/,
    'Queues are served by priority and have at most so many accelerators':
      /queues cannot be set.*Kueue.*CMC-040/,
    'Callers choose one of the queues of a cluster': /queues cannot be set.*Kueue.*CMC-040/,
    'A fast network that is required is there, or an error': /fabric is required.*CMC-040/,
    'Nodes of a job share a fast file system that is encrypted and kept':
      /scratch cannot be made with engine aks.*CHECKPOINT_URI.*CMC-040/,
    'The file system that nodes share shows a zone of a lake':
      /scratch cannot be made with engine aks.*CHECKPOINT_URI.*CMC-040/,
  };
  const cloud = { name: 'azure', ml: { ...azure, GpuTrainingCluster: OnAks }, probe, lacks: {} };

  test.each(gpuTrainingCluster.promises.map((promise) => [promise.title, promise] as const))(
    '%s',
    async (title, promise) => {
      if (!lacks[title]) {
        await promise.check(cloud);
        return;
      }
      const message = refusal(() => promise.check(cloud));
      expect(message).toMatch(lacks[title]);
    },
  );
});
