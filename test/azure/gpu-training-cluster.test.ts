import { TerraformStack } from 'cdktf';
import { run, unescaped } from './gpu-training-cluster.workflow';
import {
  all,
  newApp,
  only,
  platform,
  PRINCIPAL,
  refusal,
  roles,
  SUBSCRIPTION,
  Synthesized,
  synthesized,
  synthesizedPlatform,
} from './support';
import * as azure from '../../src/azure';
import { GpuTrainingCluster, GpuTrainingClusterProps } from '../../src/azure/gpu-training-cluster';
import { azapiResource } from '../../src/azure/private/azapi';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const IMAGE = 'acmeml.azurecr.io/train:3';
const T4 = { image: IMAGE, accelerators: ['T4:1'] };
const A100 = { image: IMAGE, accelerators: ['A100:8'] };

/** A stack with one cluster, made of these props. */
const training = (props: Partial<GpuTrainingClusterProps> = {}, stackProps = {}) =>
  synthesizedPlatform((stack) => new GpuTrainingCluster(stack, 'Training', { ...T4, ...props }), stackProps);

const refused = (props: Partial<GpuTrainingClusterProps>, stackProps = {}) => {
  const stack = platform('platform', stackProps);
  const before = stack.node.findAll().length;
  const message = refusal(() => new GpuTrainingCluster(stack, 'Training', { ...T4, ...props }));
  // Nothing half-built stays.
  expect(stack.node.findAll().length).toBe(before);
  return message;
};

/** The parts of the synthesized stack that the tests read. */
function parts(json: Synthesized) {
  const compute = only(json, 'azurerm_machine_learning_compute_cluster');
  const ofType = (type: string) =>
    all(json, 'azapi_resource').filter((one) => one.type.startsWith(`${type}@`));
  const [workflow] = ofType('Microsoft.Logic/workflows');
  const { definition } = workflow.body.properties;
  const { Submit, Until_the_job_has_ended: loop } = definition.actions;
  return {
    compute,
    workflow,
    definition,
    loop,
    job: Submit.inputs.body.properties,
    schema: definition.triggers.manual.inputs.schema,
    environment: ofType('Microsoft.MachineLearningServices/workspaces/environments/versions')[0],
  };
}

describe('a cluster', () => {
  test('has the compute cluster as default child', () => {
    const { made } = training();
    expect(made.node.defaultChild).toBe(made.computeCluster);
    expect(made.computeCluster!.terraformResourceType).toBe('azurerm_machine_learning_compute_cluster');
  });

  test('is minimal: machines from zero, a workflow, an identity, a store', () => {
    const { json, made } = training();
    const { compute } = parts(json);
    expect(compute).toMatchObject({
      name: expect.stringMatching(/^platform-traini?n?g?-[0-9a-f]{8}$/),
      location: 'westeurope',
      machine_learning_workspace_id: expect.stringMatching(/^\$\{azapi_resource\.MlWorkspace_.*\.id\}$/),
      vm_size: 'Standard_NC4as_T4_v3',
      vm_priority: 'Dedicated',
      scale_settings: { min_node_count: 0, max_node_count: 1, scale_down_nodes_after_idle_duration: 'PT5M' },
      identity: {
        type: 'UserAssigned',
        identity_ids: [expect.stringMatching(/^\$\{azurerm_user_assigned_identity\.Training_Identity_/)],
      },
      ssh_public_access_enabled: false,
      local_auth_enabled: false,
      lifecycle: { create_before_destroy: true },
    });
    const own = Object.values(json.resource!).flatMap((resources) =>
      Object.keys(resources).filter((id) => id.startsWith('Training_')),
    );
    expect(own.map((id) => id.replace(/_[0-9A-F]{8}$/, '')).sort()).toEqual(
      [
        'Training_Compute',
        'Training_Environment',
        'Training_EnvironmentVersion',
        'Training_Identity',
        'Training_JobStorage',
        'Training_JobStorageLogs',
        'Training_Jobs',
        'Training_JobsLifecycle',
        'Training_JobsRole',
        'Training_Logs_Workspace',
        'Training_SubmitRole',
        'Training_Submitter_Identity',
        'Training_Submitter_Role',
        'Training_Workflow',
        'Training_WorkflowLogs',
        'Training_WorkspaceStorageRole',
      ].sort(),
    );
    expect(made.machineType).toBe('Standard_NC4as_T4_v3');
    expect(`${made.accelerator}`).toBe('T4:1');
    expect(made.fabric).toBeUndefined();
    expect(made.outputUri).toMatch(/^abfss:\/\/jobs@\$\{TfToken\[.*\]\}\.dfs\.core\.windows\.net\/output\/$/);
  });

  test('uses what exists: network, key, workspace, a machine type', () => {
    const workspaceId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/central/providers/Microsoft.MachineLearningServices/workspaces/shared`;
    const { json } = synthesizedPlatform(
      (stack) =>
        new GpuTrainingCluster(stack, 'Training', {
          image: IMAGE,
          machineType: 'Standard_D4s_v5',
          network: azure.PrivateNetwork.fromVirtualNetwork(stack, 'Network', {
            virtualNetworkId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub`,
            workloadSubnetId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/ml`,
            privateDns: core.PrivateDns.none(),
          }),
        }),
      { workspaceId },
    );
    const { compute, environment } = parts(json);
    expect(compute).toMatchObject({
      vm_size: 'Standard_D4s_v5',
      machine_learning_workspace_id: workspaceId,
      node_public_ip_enabled: false,
      subnet_resource_id: expect.stringMatching(/\/subnets\/ml$/),
    });
    expect(environment.body.properties.image).toBe(IMAGE);
    expect(all(json, 'azurerm_container_registry')).toEqual([]);
  });

  test('keeps its names when something else joins the stack', () => {
    const alone = parts(training().json);
    const { json } = synthesizedPlatform((stack) => {
      new azure.DataLake(stack, 'Lake');
      return new GpuTrainingCluster(stack, 'Training', T4);
    });
    expect(parts(json).compute.name).toBe(alone.compute.name);
    expect(parts(json).workflow.name).toBe(alone.workflow.name);
  });

  test('gets another name with what replaces it, and only then', () => {
    const name = (props: Partial<GpuTrainingClusterProps>) => parts(training(props).json).compute.name;
    expect(name({ maxNodes: 4 })).toBe(name({}));
    expect(name({ capacity: core.Capacity.spot() })).not.toBe(name({}));
    expect(name({ accelerators: ['T4:4'] })).not.toBe(name({}));
  });
});

describe('machines', () => {
  test('are the first accelerator that Azure ML offers', () => {
    const { made } = training({ accelerators: ['L4:1', 'T4:4'] });
    expect(made.machineType).toBe('Standard_NC64as_T4_v3');
  });

  test('are joined by InfiniBand where the size has it', () => {
    expect(training({ ...A100, maxNodes: 2 }).made.fabric).toBe('InfiniBand');
    expect(training(A100).made.fabric).toBeUndefined();
  });

  test('with the fast network required, a size that has it wins', () => {
    const { made } = training({
      accelerators: ['H100:8'],
      maxNodes: 2,
      fabric: core.Fabric.REQUIRED,
    });
    expect(made.machineType).toBe('Standard_ND96isr_H100_v5');
    const spot = training({
      accelerators: ['A100-80GB:8', 'A100:8'],
      maxNodes: 4,
      capacity: core.Capacity.spot(),
      fabric: core.Fabric.REQUIRED,
    });
    expect([spot.made.machineType, spot.made.fabric]).toEqual(['Standard_ND96amsr_A100_v4', 'InfiniBand']);
    expect(refused({ fabric: core.Fabric.REQUIRED })).toMatch(
      /^platform\/Training: fabric is required, but Standard_NC4as_T4_v3 has no InfiniBand.*\[CMC-040\]$/,
    );
  });

  test('of which nobody knows whether they are offered come with a warning', () => {
    const { made } = training({ accelerators: ['H200:8'] });
    const warnings = made.node.metadata.filter(({ type }) => /warn/.test(type)).map(({ data }) => data);
    expect(warnings).toEqual([expect.stringMatching(/offers Standard_ND96isr_H200_v5 is not known/)]);
    expect(training().made.node.metadata.filter(({ type }) => /warn/.test(type))).toEqual([]);
  });

  test('can be spot, as many as a job may have', () => {
    const { compute, loop } = parts(training({ capacity: core.Capacity.spot(), maxNodes: 3 }).json);
    expect(compute.vm_priority).toBe('LowPriority');
    expect(compute.scale_settings.max_node_count).toBe(3);
    // 24 hours to run, 24 to wait.
    expect(loop.limit.timeout).toBe('PT48H');
  });

  test('in a network have no public address; their files are reached privately', () => {
    const { json } = synthesizedPlatform(
      (stack) =>
        new GpuTrainingCluster(stack, 'Training', {
          ...T4,
          network: new azure.PrivateNetwork(stack, 'Network'),
        }),
    );
    expect(parts(json).compute.node_public_ip_enabled).toBe(false);
    const reached = all(json, 'azurerm_private_endpoint')
      .filter(({ id }) => id.startsWith('Training_'))
      .map((one) => [one.private_service_connection].flat()[0].subresource_names[0]);
    expect(reached.sort()).toEqual(['blob', 'dfs']);
  });
});

describe('a job', () => {
  test('is what Azure Resource Manager takes for one', () => {
    const { json } = training({ sharedMemoryMiB: 2048, environment: { A: '1' } });
    const { job } = parts(json);
    const body = JSON.parse(
      JSON.stringify({ properties: { ...job, resources: { ...job.resources, instanceCount: 2 } } })
        .replace(/\$\{[^}]*\.id\}/g, '/subscriptions/x')
        .replace(/\$\{[^}]*\}/g, 'x'),
    );
    // Literal, so that it is checked against the schema.
    synthesizedPlatform((stack) =>
      azapiResource(stack, 'Job', {
        type: 'Microsoft.MachineLearningServices/workspaces/jobs@2025-06-01',
        name: 'job',
        parentId: '/subscriptions/x',
        body,
      }),
    );
    expect(job.resources).toEqual({ instanceCount: "@outputs('Nodes')", shmSize: '2048m' });
  });

  test('has the portable environment', () => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
      return new GpuTrainingCluster(stack, 'Training', { ...A100, datasets: [lake], maxNodes: 2 });
    });
    const { job } = parts(json);
    expect(job.environmentVariables).toMatchObject({
      DATASET_RAW_URI: expect.stringMatching(/^abfss:\/\//),
      CHECKPOINT_URI: expect.stringMatching(/^abfss:\/\/jobs@.*\/checkpoints\/@\{outputs\('Run'\)\}\/$/),
      MODEL_OUTPUT_URI: expect.stringMatching(/^abfss:\/\/jobs@.*\/output\/@\{outputs\('Run'\)\}\/$/),
      NNODES: "@{outputs('Nodes')}",
      PET_NPROC_PER_NODE: '8',
    });
    for (const variable of ['NODE_RANK', 'MASTER_ADDR', 'MASTER_PORT']) {
      expect(job.command).toContain(`${variable}=`);
    }
    expect(job.distribution).toEqual({ distributionType: 'PyTorch', processCountPerInstance: 1 });
    expect(roles(json)).toContainEqual(
      expect.objectContaining({ role: 'Storage Blob Data Reader', id: expect.stringMatching(/^Training_/) }),
    );
  });

  test('leaves models in the store of the registry, and sees no more of it', () => {
    const { json, made } = synthesizedPlatform((stack) => {
      const registry = new azure.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['train'],
      });
      return new GpuTrainingCluster(stack, 'Training', {
        registry,
        image: registry.image('train', '3'),
        accelerators: ['T4:1'],
      });
    });
    expect(made.outputUri).toMatch(/\/training\/platform-training-[0-9a-f]{8}\/$/);
    const [grant] = all(json, 'azurerm_role_assignment').filter(({ condition }) => condition);
    expect(grant).toMatchObject({
      role_definition_name: 'Storage Blob Data Contributor',
      condition_version: '2.0',
      condition: expect.stringMatching(/StringStartsWith 'training\/platform-training-[0-9a-f]{8}\/'\)\)$/),
    });
    expect(roles(json)).toContainEqual(
      expect.objectContaining({ role: 'AcrPull', id: expect.stringMatching(/^Training_Role-AcrPull/) }),
    );
    expect(parts(json).environment.body.properties.image).toMatch(/:3$/);
  });

  test('gets secrets by reference', () => {
    const { json } = synthesizedPlatform((stack) => {
      const token = azure.Secret.fromSecretId(stack, 'Token', {
        secretId: 'https://acme.vault.azure.net/secrets/hub',
        keyVaultId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/acme`,
      });
      return new GpuTrainingCluster(stack, 'Training', { ...T4, secrets: { HUB_TOKEN: token } });
    });
    const { environmentVariables } = parts(json).job;
    expect(environmentVariables.HUB_TOKEN_SECRET_ID).toBe('https://acme.vault.azure.net/secrets/hub');
    expect(environmentVariables).not.toHaveProperty('HUB_TOKEN');
    expect(roles(json)).toContainEqual(expect.objectContaining({ role: 'Key Vault Secrets User' }));
  });

  test('gets text of users as they wrote it', () => {
    const { job, definition } = parts(
      training({
        environment: { A: '@{x}', B: '@x', C: '${x} %{x}', D: 'me@home' },
        command: ['sh', '-c', 'echo ${HOME} @{x}'],
      }).json,
    );
    expect(job.environmentVariables).toMatchObject({
      A: '@@{x}',
      B: '@@x',
      C: '$${x} %%{x}',
      D: 'me@home',
    });
    expect(definition.actions.Default_command.inputs).toEqual(['sh', '-c', 'echo $${HOME} @@{x}']);
  });

  test('ends at its time limit, all retries together', () => {
    const { job, loop } = parts(training({ timeLimitHours: 6, maxRetries: 2 }).json);
    expect(job.limits).toEqual({ jobLimitsType: 'Command', timeout: 'PT6H' });
    expect(loop.expression).toContain("greater(variables('attempt'), 2)");
    expect(loop.expression).toMatch(/addHours\(.*, 6\)/);
  });

  test('is started again after a failure, as another job of the same run', () => {
    const { loop, definition } = parts(training().json);
    const again = loop.actions.Failed.actions.Again.actions;
    expect(again.Next_name.inputs.value).toBe("@{outputs('Job_name')}-@{variables('attempt')}");
    expect(again.Submit_again.inputs).toEqual(definition.actions.Submit.inputs);
  });

  test('leaves checkpoints that expire', () => {
    const { json } = training({ checkpointExpireAfterDays: 3 });
    const { rule } = only(json, 'azurerm_storage_management_policy');
    expect([rule].flat()[0]).toMatchObject({
      filters: { prefix_match: ['jobs/checkpoints/'] },
      actions: { base_blob: { delete_after_days_since_modification_greater_than: 3 } },
    });
  });

  test('leaves files that stay, unless they are to go', () => {
    const stays = (json: Synthesized) =>
      all(json, 'azurerm_storage_account').find(({ id }) => id.startsWith('Training_'))!.lifecycle
        ?.prevent_destroy;
    expect(stays(training().json)).toBe(true);
    expect(stays(training({ retention: core.DataRetention.DESTROY }).json)).toBeUndefined();
  });
});

describe('callers', () => {
  test('choose command, nodes and run, nothing else', () => {
    const { schema, definition } = parts(training({ ...A100, maxNodes: 4 }).json);
    expect(schema).toEqual({
      type: 'object',
      properties: {
        command: { type: 'array', minItems: 1, items: { type: 'string' } },
        nodes: { type: 'integer', minimum: 1, maximum: 4 },
        run: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' },
      },
      required: ['command'],
      additionalProperties: false,
    });
    expect(definition.triggers.manual.operationOptions).toBe('EnableSchemaValidation');
    const read = [...JSON.stringify(definition).matchAll(/triggerBody\(\)\?\['(\w+)'\]/g)].map(
      ([, key]) => key,
    );
    expect([...new Set(read)].sort()).toEqual(['command', 'nodes', 'run']);
  });

  test('need no command where there is a default one', () => {
    expect(parts(training({ command: ['train'] }).json).schema.required).toEqual([]);
  });

  test('get their words through to the shell', () => {
    const { select } = parts(training().json).definition.actions.Words.inputs;
    // What the language of workflows reads: two quotes in a text are one.
    const [first, from, to, last] = [...select.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) =>
      text.replace(/''/g, "'"),
    );
    expect([first, from, to, last]).toEqual(["'", "'", "'\\''", "'"]);
  });

  test('submit with a command that names the run, and that Terraform can give out', () => {
    const { made } = training({ command: ['sh', '-c', "echo 'x' ${HOME}"] });
    expect(made.submitCommand).toContain('"$([ -n "$RUN" ] && echo "$RUN" || date +%Y%m%d-%H%M%S)"');
    expect(made.submitCommand.replace(/\$\{TfToken\[[^\]]*\]\}/g, '').replace(/\$\$\{/g, '')).not.toMatch(
      /\$\{/,
    );
    expect(made.submitCommand).toContain('listCallbackUrl');
  });

  test('may start the workflow, and have no role on the workspace', () => {
    const app = newApp();
    const foundation = platform('foundation', {}, app);
    const cluster = new GpuTrainingCluster(foundation, 'Training', T4);
    const serving = platform('serving', {}, app);
    const caller = azure.Workload.fromPrincipalId(serving, 'Caller', PRINCIPAL);
    cluster.grantSubmit(caller);
    cluster.grantSubmit(caller);
    cluster.grants.submit(PRINCIPAL);
    const json = synthesized(app);
    const [grant, ...others] = all(json.serving, 'azurerm_role_assignment');
    expect(others).toEqual([]);
    expect(grant).toMatchObject({
      principal_id: PRINCIPAL,
      id: expect.stringMatching(/^Caller_Submit-/),
      role_definition_id: expect.stringContaining('role_definition_resource_id'),
    });
    expect(only(json.foundation, 'azurerm_role_definition').permissions).toEqual([
      {
        actions: [
          'Microsoft.Logic/workflows/read',
          'Microsoft.Logic/workflows/triggers/read',
          'Microsoft.Logic/workflows/triggers/listCallbackUrl/action',
        ],
      },
    ]);
  });

  test('of an earlier stack cannot be granted to by a later one', () => {
    const app = newApp();
    const foundation = platform('foundation', {}, app);
    const caller = azure.Workload.fromPrincipalId(foundation, 'Caller', PRINCIPAL);
    const serving = platform('serving', {}, app);
    serving.addDependency(foundation);
    const cluster = new GpuTrainingCluster(serving, 'Training', T4);
    expect(refusal(() => cluster.grantSubmit(caller))).toContain('[CMC-013]');
  });
});

test('a cluster uses the lake, the registry and the network of an earlier stack', () => {
  const app = newApp();
  const foundation = platform('foundation', {}, app);
  const lake = new azure.DataLake(foundation, 'Lake');
  const registry = new azure.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train'],
  });
  const network = new azure.PrivateNetwork(foundation, 'Network');
  const later = platform('later', {}, app);
  const cluster = new GpuTrainingCluster(later, 'Training', {
    datasets: [lake],
    registry,
    network,
    image: registry.image('train', core.DeployParameter.of('TrainTag', '3')),
    accelerators: ['T4:1'],
  });
  const json = synthesized(app);
  expect(parts(json.later).environment.body.properties.image).toContain('${var.TrainTag}');
  expect(roles(json.foundation).filter(({ principal }) => principal.includes('Training'))).toEqual([]);
  expect(cluster.node.findAll().length).toBeGreaterThan(10);
});

describe('security', () => {
  test('the one who submits jobs is not the one who runs them', () => {
    const { json } = training();
    const { job, definition } = parts(json);
    const submitter = definition.actions.Submit.inputs.authentication.identity;
    expect(submitter).toContain('Submitter');
    expect(job.identity.resourceId).not.toBe(submitter);
    expect(roles(json).filter(({ role }) => role === 'AzureML Data Scientist')).toEqual([
      expect.objectContaining({ principal: expect.stringContaining('Submitter_Identity') }),
    ]);
  });

  test('REGULATED takes a network and a key of the customer', () => {
    const regulated = { securityProfile: core.SecurityProfile.REGULATED };
    expect(refused({}, regulated)).toMatch(
      /network is required under SecurityProfile.REGULATED.*\[CMC-009\]/,
    );
    const { json } = synthesizedPlatform(
      (stack) =>
        new GpuTrainingCluster(stack, 'Training', {
          ...T4,
          network: new azure.PrivateNetwork(stack, 'Network'),
        }),
      regulated,
    );
    const account = all(json, 'azurerm_storage_account').find(({ id }) => id.startsWith('Training_'))!;
    expect(account.customer_managed_key).toBeDefined();
  });

  test('logs of the workflow are kept as long as asked', () => {
    const { json } = training({ logRetentionDays: 400 });
    const logs = all(json, 'azurerm_log_analytics_workspace').find(({ id }) => id.startsWith('Training_'))!;
    expect(logs.retention_in_days).toBe(400);
  });
});

describe('refused is', () => {
  test.each<[string, Partial<GpuTrainingClusterProps>, RegExp]>([
    ['queued capacity', { capacity: core.Capacity.queued() }, /capacity is queued, .*take .*\[CMC-040\]/],
    ['reserved capacity', { capacity: core.Capacity.reserved('r') }, /capacity is reserved, .*\[CMC-040\]/],
    [
      'fallback',
      { capacity: core.Capacity.spot({ fallback: true }) },
      /capacity has fallback, .*\[CMC-040\]/,
    ],
    [
      'a file system that nodes share',
      { scratch: { sizeGiB: 4096 } },
      /scratch cannot be mounted by jobs of Azure ML.*CHECKPOINT_URI \[CMC-040\]/,
    ],
    ['a disk', { diskGiB: 200 }, /diskGiB cannot be set on Azure ML.*\[CMC-040\]/],
    ['too long', { timeLimitHours: 600 }, /timeLimitHours \(600\) must be at most 504.*\[CMC-004\]/],
    [
      'too long on spot',
      { timeLimitHours: 200, capacity: core.Capacity.spot() },
      /timeLimitHours \(200\) must be at most 168.*\[CMC-004\]/,
    ],
    ['too many', { maxNodes: 101 }, /maxNodes \(101\) must be at most 100.*\[CMC-004\]/],
    ['no machine', { accelerators: undefined }, /accelerators is required.*\[CMC-002\]/],
    ['both', { machineType: 'Standard_NC4as_T4_v3' }, /machineType excludes accelerators.*\[CMC-008\]/],
    ['an accelerator of others', { accelerators: ['L4:1'] }, /Azure ML compute offers no L4.*\[CMC-021\]/],
    ['a VM size of others', { accelerators: undefined, machineType: 'ml.g5.xlarge' }, /\[CMC-006\]/],
    ['an image of others', { image: 'docker.io/train:1' }, /\[CMC-060\]/],
    ['a variable of the platform', { environment: { NNODES: '1' } }, /environment.NNODES .*\[CMC-008\]/],
    ['a variable of the service', { environment: { AZUREML_X: '1' } }, /environment.AZUREML_X .*\[CMC-008\]/],
    ['unknown', { engine: 'aks' } as never, /engine .*azure.TrainingEngine.*\[CMC-003\]/],
  ])('%s', (_, props, message) => {
    expect(refused(props)).toMatch(message);
  });

  test('a stack that says not where it is', () => {
    const stack = new TerraformStack(newApp(), 'bare');
    expect(refusal(() => new GpuTrainingCluster(stack, 'Training', T4))).toContain('[CMC-011]');
  });

  test('all at once', () => {
    expect(refused({ diskGiB: 200, timeLimitHours: 600, capacity: core.Capacity.queued() })).toMatch(
      /3 faults/,
    );
  });
});

test('the report says what was chosen, what bills and which commands come next', () => {
  const { made } = training({ capacity: core.Capacity.spot() });
  const entries = reportOf(made).map(({ entry }) => `${entry.kind}: ${entry.title}`);
  expect(entries).toEqual(
    expect.arrayContaining([
      'choice: Machine type',
      'choice: Fast network',
      'idle-cost: Training',
      'command: Submit a job',
      'command: Follow the logs of a job',
      'quota: Azure ML: TotalLowPriorityCores',
      'note: Network',
    ]),
  );
  const logs = reportOf(made).find(({ entry }) => entry.title === 'Follow the logs of a job')!;
  // az ml has no --ids.
  expect(logs.entry.text).toMatch(
    /^az ml job stream --name JOB --workspace-name \S+ --resource-group \S+ --subscription \S+,/,
  );
});

describe('the workflow, run by an interpreter', () => {
  type Life = [status: string, hours: number][];
  /** `lives` is what becomes of the first job, of the second one: statuses, each for some hours, the last one for ever. */
  function runWith(props: Partial<GpuTrainingClusterProps>, input: object, ...lives: Life[]) {
    const { definition } = parts(training(props).json);
    let [submitted, job] = [0, -1];
    const outcome = run(unescaped(definition), input, ({ method }, hours) => {
      if (method === 'PUT') {
        [submitted, job] = [hours, job + 1];
        return { status: 201 };
      }
      let left = hours - submitted;
      const life = lives[job];
      const [status] = life.find(([, lasts]) => (left -= lasts) < 0) ?? life[life.length - 1];
      return { status: 200, body: { properties: { status } } };
    });
    return { ...outcome, submissions: outcome.calls.filter(({ method }) => method === 'PUT') };
  }
  const input = { command: ['python', "it's", '$HOME', '@{x}'], nodes: 2, run: 'fraud-1' };

  test('submits the job, answers with its name, and ends well', () => {
    const { submissions, response, failure } = runWith({ maxNodes: 4 }, input, [
      ['Queued', 1],
      ['Running', 3],
      ['Completed', 1],
    ]);
    expect(failure).toBeUndefined();
    expect(response).toEqual({
      statusCode: 202,
      body: { job: expect.stringMatching(/-0858EXAMPLE$/), run: 'fraud-1' },
    });
    expect(submissions).toHaveLength(1);
    const [{ uri, body }] = submissions;
    expect(uri).toMatch(
      /^https:\/\/management\.azure\.com.*\/jobs\/[\w-]+-0858EXAMPLE\?api-version=2025-06-01$/,
    );
    const { environmentVariables: variables, resources, displayName } = body.properties;
    expect(Buffer.from(variables.ML_COMMAND, 'base64').toString()).toBe(`'python' 'it'\\''s' '$HOME' '@{x}'`);
    expect(variables).toMatchObject({
      NNODES: '2',
      CHECKPOINT_URI: expect.stringMatching(/\/checkpoints\/fraud-1\/$/),
      MODEL_OUTPUT_URI: expect.stringMatching(/\/output\/fraud-1\/$/),
    });
    expect([resources.instanceCount, displayName]).toEqual([2, 'fraud-1']);
  });

  test('fills in what the caller left out, and never takes more nodes than there may be', () => {
    const { submissions } = runWith({ command: ['train', '@{y} ${z}'] }, { nodes: 9 }, [['Completed', 1]]);
    const { environmentVariables: variables, resources } = submissions[0].body.properties;
    expect(Buffer.from(variables.ML_COMMAND, 'base64').toString()).toBe("'train' '@{y} ${z}'");
    expect(resources.instanceCount).toBe(1);
    expect(variables.CHECKPOINT_URI).toMatch(/\/checkpoints\/0858EXAMPLE\/$/);
  });

  test('starts a failed job again under its run, and gives up after maxRetries', () => {
    const failing: Life = [
      ['Running', 1],
      ['Failed', 1],
    ];
    const again = runWith({}, input, failing, [
      ['Running', 1],
      ['Completed', 1],
    ]);
    expect(again.failure).toBeUndefined();
    expect(again.submissions.map(({ uri }) => /jobs\/.*EXAMPLE(.*)\?/.exec(uri)![1])).toEqual(['', '-1']);
    expect(again.submissions[1].body).toEqual(again.submissions[0].body);
    const never = runWith({ maxRetries: 0 }, input, failing);
    expect(never.submissions).toHaveLength(1);
    expect(never.failure).toMatch(/: Failed$/);
  });

  test('lets a cancelled job be', () => {
    const { submissions, failure } = runWith({}, input, [['Canceled', 1]]);
    expect(submissions).toHaveLength(1);
    expect(failure).toMatch(/: Canceled$/);
  });

  test('cancels what is still there after the time limit, counted from the start', () => {
    const { hours, calls } = runWith({ timeLimitHours: 6 }, input, [
      ['Queued', 10],
      ['Running', 999],
    ]);
    expect(hours).toBeGreaterThan(16);
    expect(hours).toBeLessThan(16.5);
    expect(calls[calls.length - 1]).toMatchObject({
      method: 'POST',
      uri: expect.stringContaining('/cancel?'),
    });
  });

  test('cancels what found no spot machine in time', () => {
    const capacity = core.Capacity.spot({ maxWaitHours: 2 });
    const { hours, calls } = runWith({ capacity, timeLimitHours: 1 }, input, [['Queued', 99]]);
    expect(hours).toBeGreaterThanOrEqual(3);
    expect(hours).toBeLessThan(3.2);
    expect(calls[calls.length - 1].uri).toContain('/cancel?');
  });

  test('tells the caller why the job was refused', () => {
    const { definition } = parts(training().json);
    const { response, failure, calls } = run(unescaped(definition), input, () => ({
      status: 400,
      body: { error: 'quota' },
    }));
    expect(response).toEqual({ statusCode: 400, body: { error: 'quota' } });
    expect(failure).toBeDefined();
    expect(calls).toHaveLength(1);
  });
});
