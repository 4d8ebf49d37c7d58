import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { done, failed, Kubernetes, runOn, SHARED, waiting } from './gpu-training-cluster.kubernetes';
import { cluster, EXECUTION, expressions, IMAGE, minimal, Raised } from './gpu-training-cluster.workflow';
import { probe } from './probe';
import { all, newApp, only, platformStack, refusal, rolesOf, Synthesized, synthesizedStack } from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { gpuTrainingCluster } from '../contract/gpu-training-cluster.contract';

const HOUR = 3600;
const gke = (props: Partial<google.GpuTrainingClusterProps> = {}) => cluster({ engine: SHARED, ...props });
const on = (props: Partial<google.GpuTrainingClusterProps>, statuses = [done(600)], input: object = {}) => {
  const kubernetes = new Kubernetes(statuses);
  return { kubernetes, ended: runOn(kubernetes, gke(props).json, input) };
};
const jobsOf = ({ ended }: ReturnType<typeof on>): any[] =>
  ended.calls.filter(({ method, url }) => method === 'POST' && url.endsWith('/jobs')).map(({ body }) => body);
const poolsOf = (json: Synthesized) => all(json, 'google_container_node_pool');

/** With a cluster of the stack's own. */
const own = (
  props: Partial<google.GpuTrainingClusterProps> = {},
  stack: Partial<google.PlatformStackProps> = {},
) =>
  synthesizedStack(
    (scope) =>
      new google.GpuTrainingCluster(scope, 'Training', {
        ...minimal,
        engine: google.TrainingEngine.gke(),
        network: new google.PrivateNetwork(scope, 'Network'),
        ...props,
      }),
    stack,
  );

describe('a minimal cluster on a Kubernetes cluster that exists', () => {
  const { made, json } = gke();
  const { name } = only(json, 'google_workflows_workflow');

  test('its default child is the workflow, as with every engine', () => {
    expect((made.node.defaultChild as TerraformResource).terraformResourceType).toBe(
      'google_workflows_workflow',
    );
    expect(made.kubernetesCluster).toBeUndefined();
    expect(made.kubernetesNamespace).toBe(name);
    expect(made.nodePools).toHaveLength(1);
  });

  test('is a pool of machines from zero, and the workflow that brings jobs to it', () => {
    expect(Object.keys(json.resource!).sort()).toEqual([
      'google_container_node_pool',
      'google_logging_project_bucket_config',
      'google_logging_project_sink',
      'google_project_iam_member',
      'google_service_account',
      'google_service_account_iam_member',
      'google_storage_bucket',
      'google_storage_bucket_iam_member',
      'google_workflows_workflow',
      'terraform_data',
    ]);
    const {
      '//': _,
      id,
      depends_on,
      name: pool,
      node_config,
      ...rest
    } = only(json, 'google_container_node_pool');
    expect(id).toMatch(/^Training_Machines-on-demand_/);
    expect(depends_on).toHaveLength(1);
    expect(pool).toMatch(/^platform-training-/);
    expect(rest).toEqual({
      cluster: 'shared',
      location: 'europe-west4',
      initial_node_count: 0,
      autoscaling: { location_policy: 'ANY', total_max_node_count: 1, total_min_node_count: 0 },
      management: { auto_repair: true, auto_upgrade: true },
      network_config: { enable_private_nodes: true },
      lifecycle: { create_before_destroy: true },
    });
    const { service_account, ...config } = node_config;
    expect(service_account).toMatch(/^\$\{google_service_account\.Training_NodeAccount_\w+\.email\}$/);
    expect(config).toEqual({
      disk_size_gb: 100,
      guest_accelerator: [
        { count: 1, type: 'nvidia-l4', gpu_driver_installation_config: { gpu_driver_version: 'DEFAULT' } },
      ],
      gvnic: { enabled: true },
      image_type: 'COS_CONTAINERD',
      kubelet_config: { insecure_kubelet_readonly_port_enabled: 'FALSE' },
      labels: { 'ml-cluster': name, 'ml-capacity': 'on-demand' },
      machine_type: 'g2-standard-4',
      metadata: { 'disable-legacy-endpoints': 'true' },
      oauth_scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      resource_labels: { 'ml-platform': 'platform' },
      shielded_instance_config: { enable_integrity_monitoring: true },
      taint: [{ effect: 'NO_SCHEDULE', key: 'ml-cluster', value: name }],
      workload_metadata_config: { mode: 'GKE_METADATA' },
    });
  });

  test('three identities, each with only its own', () => {
    const of = (id: string) => {
      const account = all(json, 'google_service_account').find((one) =>
        one.id.startsWith(`Training_${id}_`),
      )!;
      return rolesOf(json, `\${google_service_account.${account.id}.member}`);
    };
    expect(of('JobAccount')).toEqual(['roles/storage.objectUser']);
    expect(of('WorkflowAccount')).toEqual(['roles/container.developer', 'roles/logging.logWriter']);
    expect(of('NodeAccount')).toEqual(['roles/container.defaultNodeServiceAccount']);
    const binding = only(json, 'google_service_account_iam_member');
    expect(binding.role).toBe('roles/iam.workloadIdentityUser');
    expect(binding.member).toBe(`serviceAccount:ml-project.svc.id.goog[${name}/jobs]`);
    expect(binding.service_account_id).toMatch(/Training_JobAccount/);
  });

  test('executions and jobs are logged with a retention of their own', () => {
    const { filter } = only(json, 'google_logging_project_sink');
    expect(filter).toContain(`resource.labels.workflow_id="${name}"`);
    expect(filter).toContain(
      `(resource.type="k8s_container" AND resource.labels.cluster_name="shared" AND resource.labels.namespace_name="${name}")`,
    );
  });

  test('is submitted to as with every engine', () => {
    expect(made.submitCommand).toMatch(new RegExp(`^gcloud workflows run ${name} --project=ml-project `));
  });

  test('the report tells what bills, who may do what, and what comes next', () => {
    expect(reportOf(made).map(({ entry }) => `${entry.kind}: ${entry.title}`)).toEqual([
      'choice: Machine type',
      'choice: Fast network',
      'idle-cost: Training',
      'command: Submit a job',
      'command: Look at jobs',
      'note: Callers',
      'note: Stopping a job',
      'note: Order',
      'quota: Compute Engine: NVIDIA_L4_GPUS',
      'quota: Compute Engine: GPUS_ALL_REGIONS',
      'note: Zones',
    ]);
  });

  test('asks Kubernetes for exactly this', () => {
    const kubernetes = new Kubernetes([done(600)]);
    const { status, result, calls } = runOn(kubernetes, json);
    const job = `job-${EXECUTION}-1`;
    const jobs = `/apis/batch/v1/namespaces/${name}/jobs`;
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v1/namespaces',
      `POST /api/v1/namespaces/${name}/serviceaccounts`,
      `POST /api/v1/namespaces/${name}/services`,
      `POST ${jobs}`,
      `GET ${jobs}/${job}`,
      `GET ${jobs}`,
      `PUT ${jobs}/${job}`,
      ...Array(8).fill(`GET ${jobs}/${job}`),
    ]);
    const bucket = all(json, 'google_storage_bucket').find(({ id }) => id.startsWith('Training'))!.name;
    expect({ status, result }).toEqual({
      status: 'SUCCEEDED',
      result: { job, run: 'r1', output: `gs://${bucket}/output/r1/` },
    });
    expect(calls[1].body.metadata.annotations['iam.gke.io/gcp-service-account']).toMatch(
      /@ml-project\.iam\.gserviceaccount\.com$/,
    );
    const { metadata, spec } = calls[3].body;
    expect(metadata).toEqual({
      name: job,
      namespace: name,
      labels: { 'ml-platform': 'platform', 'ml-cluster': name },
      annotations: { 'ml-run': 'r1', 'ml-order': expect.stringMatching(/^\d+$/) },
    });
    expect(spec).toMatchObject({
      suspend: true,
      completions: 1,
      parallelism: 1,
      backoffLimit: 3,
      activeDeadlineSeconds: 48 * HOUR,
      podFailurePolicy: {
        rules: [
          { action: 'Count', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'job', operator: 'NotIn', values: [0] } },
        ],
      },
    });
    expect(spec.successPolicy).toBeUndefined();
    const [{ env, ...container }] = spec.template.spec.containers;
    expect(container).toMatchObject({
      image: IMAGE,
      args: ['torchrun', 'train.py'],
      resources: { requests: { cpu: '3', memory: '11Gi' }, limits: { 'nvidia.com/gpu': '1' } },
    });
    expect(env).toEqual([
      { name: 'ML_ENTRY', value: expect.stringContaining('exec "$$@"') },
      { name: 'GOOGLE_CLOUD_PROJECT', value: 'ml-project' },
      { name: 'GOOGLE_CLOUD_REGION', value: 'europe-west4' },
      { name: 'MASTER_PORT', value: '29500' },
      { name: 'PET_MASTER_PORT', value: '29500' },
      { name: 'PET_NPROC_PER_NODE', value: 'gpu' },
      { name: 'CHECKPOINT_URI', value: `gs://${bucket}/checkpoints/r1/` },
      { name: 'MODEL_OUTPUT_URI', value: `gs://${bucket}/output/r1/` },
      { name: 'ML_SERVICE', value: 'nodes' },
      { name: 'ML_NODES', value: '1' },
      { name: 'ML_LEAST_NODES', value: '1' },
      { name: 'ML_RESTARTS', value: '3' },
      { name: 'ML_JOB', value: job },
    ]);
  });

  test('no expression is longer than Workflows takes', () => {
    const kubernetes = JSON.parse(
      gke({
        maxNodes: 4,
        minNodes: 2,
        capacity: core.Capacity.spot({ fallback: true }),
      }).json.resource!.google_workflows_workflow[
        only(json, 'google_workflows_workflow').id
      ].source_contents.replace(/\$\$\{/g, '${'),
    );
    expect(expressions(kubernetes).length).toBeGreaterThan(60);
    expressions(kubernetes).forEach((expression) => expect(expression.length).toBeLessThanOrEqual(400));
  });
});

describe('a cluster of its own', () => {
  test('is private, with a release channel, one small machine for itself, and none of the default ones', () => {
    const { made, json } = own();
    const { '//': _, id, name, node_config, depends_on, ...rest } = only(json, 'google_container_cluster');
    expect(made.kubernetesCluster?.terraformResourceType).toBe('google_container_cluster');
    expect(id).toMatch(/^MlKubernetes-\w{8}_Cluster_/);
    expect(name).toMatch(/^platform-mlkubernetes-\w{8}-\w{8}$/);
    expect(name.length).toBeLessThanOrEqual(40);
    expect(rest).toEqual({
      addons_config: {
        gcs_fuse_csi_driver_config: { enabled: true },
        http_load_balancing: { disabled: true },
      },
      cluster_autoscaling: { autoscaling_profile: 'OPTIMIZE_UTILIZATION' },
      control_plane_endpoints_config: { dns_endpoint_config: { allow_external_traffic: true } },
      datapath_provider: 'ADVANCED_DATAPATH',
      default_max_pods_per_node: 32,
      deletion_protection: false,
      dns_config: {
        cluster_dns: 'CLOUD_DNS',
        cluster_dns_domain: 'cluster.local',
        cluster_dns_scope: 'CLUSTER_SCOPE',
      },
      enable_intranode_visibility: true,
      enable_shielded_nodes: true,
      initial_node_count: 1,
      ip_allocation_policy: {},
      lifecycle: { ignore_changes: ['node_config', 'initial_node_count'] },
      location: 'europe-west4',
      logging_config: { enable_components: ['SYSTEM_COMPONENTS', 'WORKLOADS'] },
      master_auth: { client_certificate_config: { issue_client_certificate: false } },
      master_authorized_networks_config: {},
      monitoring_config: { enable_components: ['SYSTEM_COMPONENTS'] },
      network: expect.stringMatching(/^\$\{google_compute_network\.Network_/),
      networking_mode: 'VPC_NATIVE',
      private_cluster_config: { enable_private_endpoint: true, enable_private_nodes: true },
      release_channel: { channel: 'REGULAR' },
      remove_default_node_pool: true,
      subnetwork: expect.stringMatching(/^\$\{google_compute_subnetwork\.Network_/),
      workload_identity_config: { workload_pool: 'ml-project.svc.id.goog' },
    });
    const [services] = poolsOf(json).filter((pool) => pool.id.includes('Services'));
    expect(services).toMatchObject({
      name: expect.stringMatching(/^services-/),
      initial_node_count: 0,
      autoscaling: { total_min_node_count: 1, total_max_node_count: 3 },
      network_config: { enable_private_nodes: true },
      node_config: { machine_type: 'e2-standard-2' },
    });
    expect(services.node_config.guest_accelerator).toBeUndefined();
    const [machines] = poolsOf(json).filter((pool) => pool.id.includes('Machines'));
    expect(machines.cluster).toBe(`\${google_container_cluster.${id}.name}`);
    const told = reportOf(made.node.scope!).filter(({ entry }) => entry.kind === 'idle-cost');
    expect(told.map(({ entry }) => entry.title)).toContain('Kubernetes cluster');
  });

  test('is one for all training clusters of a stack in a network, another in another network', () => {
    const { json } = synthesizedStack((stack) => {
      const engine = google.TrainingEngine.gke();
      const [one, two] = ['One', 'Two'].map((id) => new google.PrivateNetwork(stack, id));
      new google.GpuTrainingCluster(stack, 'A', { ...minimal, engine, network: one });
      new google.GpuTrainingCluster(stack, 'B', { ...minimal, engine, network: one });
      new google.GpuTrainingCluster(stack, 'C', { ...minimal, engine, network: two });
    });
    expect(all(json, 'google_container_cluster')).toHaveLength(2);
    expect(poolsOf(json)).toHaveLength(5);
    const namespaces = all(json, 'google_service_account_iam_member').map(({ member }) => member);
    expect(new Set(namespaces).size).toBe(3);
  });

  test('under REGULATED its secrets and all disks have the key of the stack', () => {
    const { json } = own({}, { securityProfile: core.SecurityProfile.REGULATED });
    const key = only(json, 'google_workflows_workflow').crypto_key_name;
    expect(only(json, 'google_container_cluster').database_encryption).toEqual({
      state: 'ENCRYPTED',
      key_name: key,
    });
    expect(poolsOf(json).map(({ node_config }) => node_config.boot_disk_kms_key)).toEqual([key, key]);
    const agents = all(json, 'google_kms_crypto_key_iam_member').map(({ id }) => id.split('_')[1]);
    expect(agents.sort()).toEqual([
      'Agent-compute',
      'Agent-container',
      'Agent-logging',
      'Agent-storage',
      'Agent-workflows',
    ]);
  });

  describe('in a network that another project shares', () => {
    const shared = (ranges: Partial<google.FromNetworkProps>, host = 'host') =>
      synthesizedStack(
        (stack) =>
          new google.GpuTrainingCluster(stack, 'Training', {
            image: IMAGE,
            accelerators: ['L4'],
            engine: google.TrainingEngine.gke(),
            network: google.PrivateNetwork.fromNetwork(stack, 'Shared', {
              networkId: `projects/${host}/global/networks/shared`,
              subnetworkId: `projects/${host}/regions/europe-west4/subnetworks/ml`,
              ...ranges,
            }),
          }),
      ).json;

    test('pods and services get the ranges that it has', () => {
      const json = shared({ podsRangeName: 'pods', servicesRangeName: 'services' });
      expect(only(json, 'google_container_cluster').ip_allocation_policy).toEqual({
        cluster_secondary_range_name: 'pods',
        services_secondary_range_name: 'services',
      });
    });

    test('they are named, both', () => {
      refusal(() => shared({}), 'CMC-009');
      refusal(() => shared({ podsRangeName: 'pods' }), 'CMC-009');
      expect(only(shared({}, 'ml-project'), 'google_container_cluster').ip_allocation_policy).toEqual({});
    });
  });

  test('machines pull an image that a registry declared', () => {
    const { json } = synthesizedStack((stack) => {
      const registry = new google.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['train'],
      });
      return new google.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '3'),
        accelerators: ['L4'],
        engine: SHARED,
      });
    });
    const { role, member } = only(json, 'google_artifact_registry_repository_iam_member');
    expect(role).toBe('roles/artifactregistry.reader');
    expect(member).toContain('Training_NodeAccount');
  });
});

describe('callers choose command, nodes and run, nothing else', () => {
  test.each([
    [undefined, 1],
    [3, 3],
    [9, 4],
    [0, 1],
  ])('nodes %p become %p', (nodes, given) => {
    const [{ spec }] = jobsOf(on({ maxNodes: 4 }, undefined, nodes === undefined ? {} : { nodes }));
    expect([spec.completions, spec.parallelism]).toEqual([given, given]);
  });

  test.each([
    { image: 'evil' },
    { environment: {} },
    { namespace: 'kube-system' },
    { run: 'a/b' },
    { command: [] },
  ])('%p is refused before anything starts', (input) => {
    expect(on({}, undefined, input).ended).toMatchObject({
      status: 'FAILED',
      error: { code: 400 },
      calls: [],
    });
  });

  test.each(['$(HOME)', '$$', '${x}', "it's", '"quoted"\n'])(
    '%p is taken literally by all on the way',
    (value) => {
      const [{ spec }] = jobsOf(on({ environment: { A: value } }, undefined, { command: ['echo', value] }));
      const [{ env, args }] = spec.template.spec.containers;
      const asKubernetesReads = (text: string) => text.replace(/\$\$/g, '$');
      expect(args.map(asKubernetesReads)).toEqual(['echo', value]);
      expect(asKubernetesReads(env[0].value)).toBe(value);
      // No reference is left that is not escaped.
      [env[0].value, args[1]].forEach((text) => expect(text.replace(/\$\$/g, '')).not.toContain('$'));
    },
  );
});

describe('the life of a job', () => {
  test('a program that fails ends the run, with what Kubernetes says', () => {
    const { ended } = on({}, [failed(900, 'Container job exited with code 1')]);
    expect(ended).toMatchObject({ status: 'FAILED' });
    expect(ended.error.message).toBe(
      `Job job-${EXECUTION}-1 ended as Failed: Container job exited with code 1`,
    );
  });

  test('with several nodes the loss of one fails the others, so that all of it counts', () => {
    const [{ spec }] = jobsOf(on({ maxNodes: 3, maxRetries: 2 }, undefined, { nodes: 3 }));
    expect(spec.backoffLimit).toBe(6);
    expect(spec.podFailurePolicy.rules.map(({ action }: any) => action)).toEqual(['Count']);
  });

  test('what is there already is left as it is; any other error is one', () => {
    const { json } = gke();
    const kubernetes = new Kubernetes([done(60)]);
    expect(runOn(kubernetes, json).status).toBe('SUCCEEDED');
    expect(runOn(kubernetes, json, { run: 'r2' }).status).toBe('SUCCEEDED');
    const forbidden = {
      request: () => {
        throw new Raised({ code: 403, message: 'forbidden' });
      },
    };
    expect(runOn(forbidden, json)).toMatchObject({ status: 'FAILED', error: { code: 403 } });
  });

  test('a job that has not ended within its time is deleted, counted from the first machine', () => {
    const { kubernetes, ended } = on({ timeLimitHours: 6 }, [waiting(1)]);
    expect(ended.status).toBe('FAILED');
    expect(ended.error.message).toContain('ended as Overtime: not done within 6 hours');
    expect(kubernetes.deleted).toEqual([
      { name: `job-${EXECUTION}-1`, query: { propagationPolicy: 'Background' } },
    ]);
    expect(ended.seconds).toBeGreaterThan(6 * HOUR);
    expect(ended.seconds).toBeLessThan(6.3 * HOUR);
  });

  test('one that gets no machines is deleted after a day, one with some of its machines too', () => {
    for (const ready of [0, 3]) {
      const { kubernetes, ended } = on({ maxNodes: 4 }, [waiting(ready)], { nodes: 4 });
      expect(ended.error.message).toContain('ended as Late: no machines within 24 hours');
      expect(kubernetes.deleted).toHaveLength(1);
    }
  });

  test('spot machines are waited for, then those on demand are taken', () => {
    const capacity = core.Capacity.spot({ fallback: true, maxWaitHours: 2 });
    const ran = on({ capacity }, [waiting(), done(HOUR)]);
    expect(ran.ended.status).toBe('SUCCEEDED');
    expect(jobsOf(ran).map(({ spec }) => spec.template.spec.nodeSelector['ml-capacity'])).toEqual([
      'spot',
      'on-demand',
    ]);
    expect(jobsOf(ran).map(({ metadata }) => metadata.name)).toEqual([
      `job-${EXECUTION}-1`,
      `job-${EXECUTION}-2`,
    ]);
    expect(ran.kubernetes.deleted.map(({ name }) => name)).toEqual([`job-${EXECUTION}-1`]);
  });

  test('without fallback that is the end', () => {
    const ran = on({ capacity: core.Capacity.spot({ maxWaitHours: 2 }) }, [waiting()]);
    expect(ran.ended.error.message).toContain('no machines within 2 hours');
    expect(jobsOf(ran)).toHaveLength(1);
  });

  test('jobs start in the order of their submission, as many as have machines together', () => {
    const { json } = gke({ maxNodes: 4 });
    const { name } = only(json, 'google_workflows_workflow');
    const other = (order: number, suspend: boolean, status = {}) => ({
      metadata: { annotations: { 'ml-order': String(order) } },
      spec: { suspend, parallelism: 2 },
      status,
    });
    const run = (...others: object[]) => {
      const kubernetes = new Kubernetes([done(60)]);
      const jobs = `/apis/batch/v1/namespaces/${name}/jobs`;
      others.forEach((job, i) => kubernetes.add(jobs, `other-${i}`, job));
      // In the end they go.
      const request = (args: any, seconds: number) => {
        others.forEach((_, i) => seconds > HOUR && kubernetes.objects.delete(`${jobs}/other-${i}`));
        return kubernetes.request(args, seconds);
      };
      const ended = runOn({ request }, json, { nodes: 4 });
      expect(ended.status).toBe('SUCCEEDED');
      return ended.calls.find(({ method }) => method === 'PUT')!.at;
    };
    const late = 4e12;
    expect(run()).toBeLessThan(HOUR);
    expect(run(other(1, false, { active: 2 }))).toBeGreaterThan(HOUR);
    expect(run(other(1, true))).toBeGreaterThan(HOUR);
    expect(run(other(late, true))).toBeLessThan(HOUR);
    expect(run(other(late, false, { active: 2 }))).toBeGreaterThan(HOUR);
    expect(run(other(1, false, { conditions: [{ type: 'Complete', status: 'True' }] }))).toBeLessThan(HOUR);
  });

  test('the longest job takes fewer steps than a workflow may have', () => {
    const { steps } = on({ timeLimitHours: 672 }, [done(56 * HOUR)]).ended;
    expect(steps * (672 / 56)).toBeLessThan(90000);
  });
});

describe('capacity', () => {
  test('spot machines, and those on demand where they are the way out', () => {
    const { json } = gke({ capacity: core.Capacity.spot({ fallback: true }), maxNodes: 3 });
    expect(
      poolsOf(json).map(({ node_config }) => [node_config.spot, node_config.labels['ml-capacity']]),
    ).toEqual([
      [undefined, 'on-demand'],
      [true, 'spot'],
    ]);
    expect(new Set(poolsOf(json).map(({ name }) => name)).size).toBe(2);
  });

  test.each([
    ['ml-project', 'gpus'],
    ['other-project', 'projects/other-project/reservations/gpus'],
  ])('machines reserved in %s, in the zone of the reservation', (project, value) => {
    const capacity = core.Capacity.reserved(`projects/${project}/zones/europe-west4-b/reservations/gpus`);
    const { node_config, node_locations } = only(gke({ capacity }).json, 'google_container_node_pool');
    expect(node_locations).toEqual(['europe-west4-b']);
    expect(node_config.reservation_affinity).toEqual({
      consume_reservation_type: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [value],
    });
  });

  test('queued machines are those of Dynamic Workload Scheduler', () => {
    const { node_config, management } = only(
      gke({ capacity: core.Capacity.queued({ maxWaitHours: 48 }) }).json,
      'google_container_node_pool',
    );
    expect(management.auto_repair).toBe(false);
    expect(node_config).toMatchObject({
      flex_start: true,
      max_run_duration: '604800s',
      reservation_affinity: { consume_reservation_type: 'NO_RESERVATION' },
    });
  });

  test('the zones that were named; the shared memory that was asked for', () => {
    const engine = google.TrainingEngine.gke({
      cluster: { clusterName: 'shared', location: 'europe-west4-a' },
      zones: ['europe-west4-a'],
    });
    const { node_locations, location } = only(gke({ engine }).json, 'google_container_node_pool');
    expect({ node_locations, location }).toEqual({
      node_locations: ['europe-west4-a'],
      location: 'europe-west4-a',
    });
    const [{ spec }] = jobsOf(on({ sharedMemoryMiB: 1024 }));
    expect(spec.template.spec.volumes[0].emptyDir).toEqual({ medium: 'Memory', sizeLimit: '1024Mi' });
  });
});

describe('elastic jobs', () => {
  const elastic = { minNodes: 2, maxNodes: 4 };
  const leastOf = (nodes: number) => {
    const [{ spec }] = jobsOf(on(elastic, undefined, { nodes }));
    const value = (name: string) =>
      spec.template.spec.containers[0].env.find((variable: any) => variable.name === name).value;
    return [value('ML_LEAST_NODES'), value('ML_NODES'), spec.successPolicy];
  };

  test('go on with minNodes of the nodes that were asked for', () => {
    expect(leastOf(4)).toEqual(['2', '4', { rules: [{ succeededIndexes: '0' }] }]);
    expect(leastOf(1).slice(0, 2)).toEqual(['1', '1']);
  });

  test('count as started with so many', () => {
    const { ended } = on({ ...elastic, timeLimitHours: 2 }, [waiting(2)], { nodes: 4 });
    expect(ended.error.message).toContain('Overtime');
  });
});

describe('faults', () => {
  test.each<[string, Partial<google.GpuTrainingClusterProps>]>([
    ['CMC-002', { engine: google.TrainingEngine.gke() }],
    ['CMC-003', { engine: 'gke' as never }],
    ['CMC-031', { minNodes: 3, maxNodes: 2 }],
    ['CMC-040', { fabric: core.Fabric.REQUIRED, maxNodes: 2, accelerators: ['H100:8'] }],
    ['CMC-040', { capacity: core.Capacity.queued(), maxNodes: 2 }],
    ['CMC-006', { capacity: core.Capacity.reserved('gpus') }],
    ['CMC-021', { accelerators: ['TPU-v5e:4'] }],
    ['CMC-021', { accelerators: ['GB200:4'] }],
    ['CMC-008', { environment: { ML_JOB: 'x' } }],
    ['CMC-008', { environment: { KUBERNETES_SERVICE_HOST: 'x' } }],
    ['CMC-008', { environment: { PET_RDZV_BACKEND: 'x' } }],
  ])('%s: %j', (code, props) => expect(refusal(() => gke(props))).toContain(code));

  test('a network next to a cluster that exists, and nothing half-built', () => {
    const stack = platformStack(newApp());
    const network = new google.PrivateNetwork(stack, 'Network');
    const message = refusal(
      () => new google.GpuTrainingCluster(stack, 'Training', { ...minimal, engine: SHARED, network }),
    );
    expect(message).toContain('CMC-008');
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
  });

  test.each([
    [{ cluster: { clusterName: 'Shared' } }],
    [{ cluster: {} }],
    [{ cluster: { clusterName: 'shared', location: 'here' } }],
    [{ zones: [] }],
    [{ zones: ['europe-west4'] }],
    [{ zone: 'europe-west4-a' }],
  ])('an engine with %j', (options) => {
    expect(refusal(() => google.TrainingEngine.gke(options as never))).toMatch(/CMC-00[1246]/);
  });

  test('GKE has machines that Vertex AI has not', () => {
    expect(gke({ accelerators: ['RTXPRO6000:1'] }).made.machineType).toBe('g4-standard-48');
  });
});

test('two deployments of one program have no name in common', () => {
  const [one, other] = ['ml-project', 'ml-other-project'].map((project) => own({}, { project }).json);
  for (const type of ['google_container_cluster', 'google_container_node_pool']) {
    const names = [one, other].map((json) => all(json, type).map(({ name }) => name));
    // The pool of services is named within its cluster.
    expect(names[0].filter((name) => names[1].includes(name) && !/^services-/.test(name))).toEqual([]);
  }
});

describe('the promises of the contract', () => {
  /** On a cluster that exists, unless there is a network for one of its own. */
  class OnGke extends google.GpuTrainingCluster {
    constructor(scope: Construct, id: string, props: core.GpuTrainingClusterProps) {
      super(scope, id, { ...props, engine: props.network ? google.TrainingEngine.gke() : SHARED });
    }
  }
  const lacks: { [title: string]: RegExp } = {
    'Jobs see a dataset as files that are on the machine before they start':
      /datasets\[0\]\.mode is DOWNLOAD.*take MOUNT.*CMC-040/,
    'Queues are served by priority and have at most so many accelerators':
      /queues cannot be set.*Kueue.*CMC-040/,
    'Callers choose one of the queues of a cluster': /queues cannot be set.*Kueue.*CMC-040/,
    'A fast network that is required is there, or an error': /fabric is required.*CMC-040/,
    'The file system that nodes share shows a zone of a lake': /scratch\.zone .*DATASET_<ZONE>_URI.*CMC-040/,
  };
  const cloud = { name: 'google', ml: { ...google, GpuTrainingCluster: OnGke }, probe, lacks: {} };

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
