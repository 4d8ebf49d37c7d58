import { execFileSync } from 'child_process';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TerraformOutput, TerraformResource, TerraformVariable } from 'cdktf';
import {
  at,
  cluster,
  created,
  definitionOf,
  deployed,
  done,
  execute,
  EXECUTION,
  expressions,
  failed,
  IMAGE,
  Job,
  minimal,
  pending,
} from './gpu-training-cluster.workflow';
import {
  all,
  newApp,
  only,
  platformStack,
  refusal,
  rolesOf,
  synthesized,
  synthesizedStack,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { TestStack } from '../terraform/support';

const HOUR = 3600;
const run = (props: Partial<google.GpuTrainingClusterProps>, input: object = {}, jobs?: Job[]) =>
  execute(definitionOf(cluster(props).json), { run: 'r1', ...input }, jobs);
const requestFor = (props: Partial<google.GpuTrainingClusterProps>, input: object = {}) =>
  created(run(props, input))[0];

describe('a minimal cluster', () => {
  const { made, json } = cluster();
  const name = only(json, 'google_workflows_workflow').name;

  test('its default child is the workflow', () => {
    const child = made.node.defaultChild as TerraformResource;
    expect(child.terraformResourceType).toBe('google_workflows_workflow');
    expect(made.workflow).toBe(child);
  });

  test('is a workflow that is logged, and nothing that bills while idle', () => {
    const { source_contents, '//': _, depends_on, ...rest } = only(json, 'google_workflows_workflow');
    expect(source_contents.length).toBeLessThan(128 * 1024);
    // Of what `enableApis: false` leaves.
    expect(depends_on).toEqual([]);
    expect(rest).toEqual({
      id: 'Training_Workflow_989BB8D9',
      call_log_level: 'LOG_ALL_CALLS',
      deletion_protection: false,
      name: 'platform-training-a024df6b',
      region: 'europe-west4',
      service_account: '${google_service_account.Training_WorkflowAccount_11A58BF1.email}',
    });
    expect(Object.keys(json.resource!).sort()).toEqual([
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
  });

  test('asks Vertex AI for exactly this', () => {
    const bucket = all(json, 'google_storage_bucket').find(({ id }) => id.startsWith('Training'))!.name;
    const { calls } = execute(definitionOf(json), { run: 'r1' });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      method: 'POST',
      url: 'https://europe-west4-aiplatform.googleapis.com/v1/projects/ml-project/locations/europe-west4/customJobs',
    });
    expect(calls[0].body).toEqual({
      displayName: `${name}-r1`,
      labels: { 'ml-platform': 'platform', 'ml-cluster': name, 'ml-run': 'r1' },
      jobSpec: {
        workerPoolSpecs: [
          {
            machineSpec: {
              machineType: 'g2-standard-4',
              acceleratorType: 'NVIDIA_L4',
              acceleratorCount: 1,
            },
            replicaCount: 1,
            diskSpec: { bootDiskSizeGb: 100 },
            containerSpec: {
              imageUri: IMAGE,
              command: ['/bin/sh', '-c', 'eval "$ML_ENTRY"', 'job'],
              args: ['torchrun', 'train.py'],
              env: [
                { name: 'ML_ENTRY', value: expect.stringContaining('exec "$@"') },
                { name: 'GOOGLE_CLOUD_PROJECT', value: 'ml-project' },
                { name: 'GOOGLE_CLOUD_REGION', value: 'europe-west4' },
                { name: 'MASTER_PORT', value: '29500' },
                { name: 'PET_MASTER_PORT', value: '29500' },
                { name: 'PET_NPROC_PER_NODE', value: 'gpu' },
                { name: 'CHECKPOINT_URI', value: `gs://${bucket}/checkpoints/r1/` },
                { name: 'MODEL_OUTPUT_URI', value: `gs://${bucket}/output/r1/` },
              ],
            },
          },
        ],
        scheduling: { strategy: 'STANDARD', timeout: '86400s', disableRetries: true },
        serviceAccount: deployed(json, json.resource!.google_service_account && emailOf(json, 'JobAccount')),
      },
    });
  });

  test('its members', () => {
    expect(made.machineType).toBe('g2-standard-4');
    expect(String(made.accelerator)).toBe('L4:1');
    expect(made.networkAttachment).toBeUndefined();
    expect(made.submitCommand).toBe(
      `gcloud workflows run ${name} --project=ml-project --location=europe-west4 --data='{"command":["torchrun","train.py"],"nodes":1,"run":"'"$(echo "$RUN" | grep . || date +%Y%m%d-%H%M%S)"'"}'`,
    );
  });

  test('jobs and workflow are two identities, and each may do only its own', () => {
    const of = (id: string) => rolesOf(json, `\${google_service_account.${accountOf(json, id).id}.member}`);
    expect(of('JobAccount')).toEqual(['roles/storage.objectUser']);
    expect(of('WorkflowAccount')).toEqual([
      'roles/aiplatform.user',
      'roles/iam.serviceAccountUser',
      'roles/logging.logWriter',
    ]);
    expect(only(json, 'google_service_account_iam_member').service_account_id).toBe(
      `\${google_service_account.${accountOf(json, 'JobAccount').id}.name}`,
    );
  });

  test('its own bucket forgets checkpoints after 30 days, and nothing else that is current', () => {
    const [bucket] = all(json, 'google_storage_bucket').filter(({ id }) => id.startsWith('Training'));
    expect(bucket.lifecycle_rule).toContainEqual({
      action: { type: 'Delete' },
      condition: { age: 30, matches_prefix: ['checkpoints/'] },
    });
    expect(bucket).toMatchObject({ public_access_prevention: 'enforced', force_destroy: false });
  });

  test('the report tells what was chosen, what bills, what comes next', () => {
    expect(reportOf(made).map(({ entry }) => `${entry.kind}: ${entry.title}`)).toEqual([
      'choice: Machine type',
      'choice: Fast network',
      'idle-cost: Training',
      'command: Submit a job',
      'command: Follow the logs of the newest job',
      'note: Logs',
      'note: Stopping a job',
      'quota: Vertex AI: custom_model_training_nvidia_l4_gpus',
    ]);
    const logs = reportOf(made).find(({ entry }) => entry.title === 'Follow the logs of the newest job')!;
    // gcloud takes neither from the name of a job.
    expect(logs.entry.text).toMatch(
      /^gcloud ai custom-jobs stream-logs "\$\(.* --project=\S+ --region=\S+ .*\)" --project=\S+ --region=\S+$/,
    );
  });

  test('another construct beside it changes nothing of it', () => {
    const two = synthesizedStack((stack) => {
      new google.DataLake(stack, 'Another', { discovery: false });
      return new google.GpuTrainingCluster(stack, 'Training', minimal);
    });
    for (const type of Object.keys(json.resource!)) {
      for (const [id, resource] of Object.entries(json.resource![type])) {
        expect(two.json.resource![type][id]).toEqual(resource);
      }
    }
  });
});

const accountOf = (json: any, id: string) =>
  all(json, 'google_service_account').find((one) => one.id.startsWith(`Training_${id}_`))!;
const emailOf = (json: any, id: string) => `\${google_service_account.${accountOf(json, id).id}.email}`;

describe('bring your own', () => {
  test('key, network, lake and registry of another stack', () => {
    const { app, foundation, serving } = twoStacks();
    const key = new google.EncryptionKey(foundation, 'Key');
    const network = new google.PrivateNetwork(foundation, 'Network');
    const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    const registry = new google.ModelRegistry(foundation, 'Registry', {
      models: [{ name: 'fraud-detector' }],
      images: ['train'],
    });
    new google.GpuTrainingCluster(serving, 'Training', {
      image: registry.image('train', core.DeployParameter.of('TrainTag', '3')),
      machineType: 'n1-standard-8',
      encryptionKey: key,
      datasets: [lake],
      registry,
      network,
    });
    const json = synthesized(app).serving;
    expect(json.variable.TrainTag.default).toBe('3');
    const { source_contents, crypto_key_name } = only(json, 'google_workflows_workflow');
    expect(crypto_key_name).toContain('data.terraform_remote_state');
    expect(source_contents).toContain(':${var.TrainTag}');
    expect(source_contents).toContain('"encryptionSpec":{"kmsKeyName":"${data.terraform_remote_state');
    expect(source_contents).toContain('DATASET_RAW_URI');
    const attachment = only(json, 'google_compute_network_attachment');
    expect(attachment).toMatchObject({ connection_preference: 'ACCEPT_AUTOMATIC', region: 'europe-west4' });
    expect(source_contents).toContain(
      `"pscInterfaceConfig":{"networkAttachment":"\${google_compute_network_attachment.${attachment.id}.id}"}`,
    );
  });

  test('Vertex AI may give jobs an interface in the network, which its own role does not hold', () => {
    const { json } = synthesizedStack((stack) => {
      const network = new google.PrivateNetwork(stack, 'Network');
      return ['One', 'Two'].map((id) => new google.GpuTrainingCluster(stack, id, { ...minimal, network }));
    });
    const { id, permissions } = only(json, 'google_project_iam_custom_role');
    expect(permissions).toEqual([
      'compute.networkAttachments.get',
      'compute.networkAttachments.update',
      'compute.regionOperations.get',
    ]);
    expect(only(json, 'google_project_iam_member', 'MlJobInterfaces')).toMatchObject({
      project: 'ml-project',
      role: `\${google_project_iam_custom_role.${id}.name}`,
      member: '${google_project_service_identity.MlAgent-aiplatform.member}',
    });
  });

  test('models go below a folder of their own in the registry, and jobs may write nowhere else there', () => {
    const { json } = synthesizedStack((stack) => {
      const registry = new google.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] });
      return new google.GpuTrainingCluster(stack, 'Training', { ...minimal, registry });
    });
    const { name } = only(json, 'google_workflows_workflow');
    const [grant] = all(json, 'google_storage_bucket_iam_member').filter(({ condition }) => condition);
    expect(grant.role).toBe('roles/storage.objectUser');
    expect(grant.condition[0]?.expression ?? grant.condition.expression).toContain(
      `/objects/training/${name}/")`,
    );
    const { env } = created(execute(definitionOf(json), { run: 'r1' }))[0].jobSpec.workerPoolSpecs[0]
      .containerSpec;
    expect(env.find(({ name: variable }: any) => variable === 'MODEL_OUTPUT_URI').value).toMatch(
      new RegExp(`^gs://[^/]+/training/${name}/r1/$`),
    );
  });

  test('under REGULATED everything has the key of the stack', () => {
    const { json } = synthesizedStack(
      (scope) =>
        new google.GpuTrainingCluster(scope, 'Training', {
          ...minimal,
          network: new google.PrivateNetwork(scope, 'Network'),
        }),
      { securityProfile: core.SecurityProfile.REGULATED },
    );
    const { crypto_key_name, source_contents } = only(json, 'google_workflows_workflow');
    expect(crypto_key_name).toMatch(/^\$\{google_kms_crypto_key\.MlKey_\w+\.id\}$/);
    expect(source_contents).toContain(`"kmsKeyName":"${crypto_key_name}"`);
    const logs = all(json, 'google_logging_project_bucket_config');
    expect([...new Set(logs.map(({ retention_days }) => retention_days))]).toEqual([2557]);
    const agents = all(json, 'google_kms_crypto_key_iam_member').map(({ id }) => id.split('_')[1]);
    expect(agents.sort()).toEqual(['Agent-aiplatform', 'Agent-logging', 'Agent-storage', 'Agent-workflows']);
  });
});

test('an image of another project is said to need its permission', () => {
  const told = (image: string) => reportOf(cluster({ image }).made).map(({ entry }) => entry.title);
  expect(told(IMAGE)).not.toContain('Image');
  expect(told(IMAGE.replace('ml-project', 'other-project'))).toContain('Image');
});

test('in a stack that does not say where it is, Terraform finds it out', () => {
  const app = newApp();
  const stack = new TestStack(app, 'plain');
  new GoogleProvider(stack, 'google', {});
  const registry = new google.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] });
  new google.GpuTrainingCluster(stack, 'Training', { ...minimal, registry });
  const json = synthesized(app).plain;
  const { source_contents, name } = only(json, 'google_workflows_workflow');
  expect(source_contents).toContain(`"prefix":"${name}"`);
  expect(source_contents).toContain('"api":"https://${data.google_client_config.MlClient.region}-aiplatform');
  const inExpressions = source_contents.match(/\$\$\{(?:[^"\\]|\\.)*/g)!;
  expect(inExpressions.filter((expression: string) => /google_\w+\./.test(expression))).toEqual([]);
});

describe('callers choose command, nodes and run, nothing else', () => {
  const definition = definitionOf(cluster({ command: undefined, maxNodes: 4 }).json);
  const start = (input: any) => execute(definition, input);
  const first = (input: object) => created(start({ command: ['x'], ...input }))[0];

  test.each([
    [undefined, 1],
    [1, 1],
    [3, 3],
    [4, 4],
    [5, 4],
    [1e9, 4],
    [0, 1],
    [-2, 1],
  ])('nodes %p become %p', (nodes, given) => {
    const pools = first(nodes === undefined ? {} : { nodes }).jobSpec.workerPoolSpecs;
    expect(pools.map(({ replicaCount }: any) => replicaCount)).toEqual(given === 1 ? [1] : [1, given - 1]);
    const [chief, workers = chief] = pools;
    expect({ ...workers, replicaCount: 1 }).toEqual(chief);
  });

  test.each([
    { image: 'evil' },
    { environment: { A: 'b' } },
    { serviceAccount: 'admin@ml-project.iam.gserviceaccount.com' },
    { nodes: '2' },
    { nodes: 2.5 },
    { run: '' },
    { run: 'a/b' },
    { run: '../other' },
    { run: 'x'.repeat(64) },
    { run: 7 },
    { command: 'torchrun train.py' },
    { command: [] },
    { command: [''] },
    { command: [1] },
    { command: ['x'.repeat(1001)] },
    { command: Array(101).fill('x') },
    { command: undefined },
  ])('%p is refused before anything starts', (input) => {
    const given = JSON.parse(JSON.stringify({ command: ['x'], ...input }));
    expect(start(given)).toMatchObject({ status: 'FAILED', error: { code: 400 }, calls: [] });
  });

  test.each(['text', ['a'], 7, null])('the input %p is refused', (input) => {
    expect(start(input)).toMatchObject({ status: 'FAILED', error: { code: 400 }, calls: [] });
  });

  test('a run resumes from its own checkpoints; without one the execution is the run', () => {
    const uri = (input: object) =>
      first(input).jobSpec.workerPoolSpecs[0].containerSpec.env.find(
        ({ name }: any) => name === 'CHECKPOINT_URI',
      ).value;
    expect(uri({ run: 'fraud_7' })).toMatch(/\/checkpoints\/fraud_7\/$/);
    expect(uri({})).toContain(`/checkpoints/${EXECUTION}/`);
  });

  test('the command that is printed gives what it says', () => {
    const { made } = cluster({ command: ['sh', '-c', `echo "it's" \${HOME} %{x}`], maxNodes: 2 });
    const shell = (env: object) =>
      JSON.parse(
        execFileSync('sh', ['-c', `gcloud() { printf '%s' "\${6#--data=}"; }; ${made.submitCommand}`], {
          env: { PATH: process.env.PATH, ...env },
          encoding: 'utf8',
        }),
      );
    const expected = { command: ['sh', '-c', `echo "it's" \${HOME} %{x}`], nodes: 2 };
    expect(shell({ RUN: 'again' })).toEqual({ ...expected, run: 'again' });
    expect(shell({}).run).toMatch(/^\d{8}-\d{6}$/);
  });

  test('the command can be an output', () => {
    const { json } = synthesizedStack((stack) => {
      const made = new google.GpuTrainingCluster(stack, 'Training', { ...minimal, command: ['${x}'] });
      new TerraformOutput(stack, 'submit', { value: made.submitCommand });
    });
    expect(json.output.submit.value).not.toMatch(/[$%]\{/);
  });
});

describe('what users write is taken literally', () => {
  const env = (environment: { [name: string]: string }) =>
    requestFor({ environment }).jobSpec.workerPoolSpecs[0].containerSpec.env;

  test.each(['${sys.get_env("X")}', 'a ${b} c', '%{if}', '"quoted"\n', 'ünïcödé ${x}', "it's \\ $HOME"])(
    '%p in a variable',
    (value) => expect(env({ A: value })[0]).toEqual({ name: 'A', value }),
  );

  test('long ones too', () => {
    const value = '${x}'.repeat(1000);
    expect(env({ A: value })[0]).toEqual({ name: 'A', value });
  });

  test('the usual command', () => {
    const command = ['sh', '-c', 'echo ${HOME} "x"'];
    expect(requestFor({ command }).jobSpec.workerPoolSpecs[0].containerSpec.args).toEqual(command);
  });

  test('a value that only deployment knows cannot leave its place', () => {
    const { json } = synthesizedStack((stack) => {
      const variable = new TerraformVariable(stack, 'greeting', { type: 'string' });
      return new google.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        environment: { A: `say ${variable.stringValue}` },
      });
    });
    expect(only(json, 'google_workflows_workflow').source_contents).toContain(
      '"encoded":{"t0":"${base64encode("say ${var.greeting}")}"}',
    );
  });

  test('numbers that the workflow counts with are known to the program', () => {
    const message = refusal(() =>
      synthesizedStack((stack) => {
        const { numberValue } = new TerraformVariable(stack, 'nodes', { type: 'number' });
        return new google.GpuTrainingCluster(stack, 'Training', { ...minimal, maxNodes: numberValue });
      }),
    );
    expect(message).toContain('CMC-015');
  });
});

test('references stand in variables, never in an expression, where cdktf spoils them', () => {
  const { json } = synthesizedStack((stack) => {
    const registry = new google.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] });
    const lake = new google.DataLake(stack, 'Lake', { discovery: false });
    return new google.GpuTrainingCluster(stack, 'Training', { ...minimal, registry, datasets: [lake] });
  });
  const { source_contents } = only(json, 'google_workflows_workflow');
  const bare = source_contents.replace(/(?<!\$)\$\{[^}]*\}/g, '');
  expect(bare).not.toMatch(/google_\w+\./);
  const { env } = created(execute(definitionOf(json), { run: 'r1' }))[0].jobSpec.workerPoolSpecs[0]
    .containerSpec;
  expect(env.find(({ name }: any) => name === 'DATASET_RAW_URI').value).toMatch(/^gs:\/\/platform-lake/);
});

test('every expression is as short as Workflows takes it', () => {
  const all_ = expressions(
    definitionOf(
      cluster({
        capacity: core.Capacity.spot({ fallback: true }),
        maxNodes: 4,
        environment: { A: '${x}'.repeat(60) },
      }).json,
    ),
  );
  expect(all_.length).toBeGreaterThan(20);
  all_.forEach((expression) => expect(expression.length).toBeLessThanOrEqual(400));
});

describe('lost machines', () => {
  test('a job is started again, and has what is left of its time', () => {
    const ended = run({}, {}, [failed(13, 6 * HOUR), failed(14, 6 * HOUR), done(HOUR)]);
    expect(ended.status).toBe('SUCCEEDED');
    const timeouts = created(ended).map(({ jobSpec }) => parseInt(jobSpec.scheduling.timeout, 10) / HOUR);
    expect(timeouts).toEqual([24, 18, 12]);
    const [first, second] = created(ended);
    expect({ ...second.jobSpec, scheduling: 0 }).toEqual({ ...first.jobSpec, scheduling: 0 });
  });

  test('as often as maxRetries says', () => {
    for (const maxRetries of [0, 2]) {
      const ended = run({ maxRetries }, {}, [failed(13)]);
      expect(created(ended)).toHaveLength(maxRetries + 1);
      expect(ended).toMatchObject({ status: 'FAILED', error: { code: 13 } });
      expect(ended.error.message).toContain('code 13');
    }
  });

  test.each([3, 7, 0])("the program's own failure (code %d) is the end", (code) => {
    expect(created(run({}, {}, [failed(code)]))).toHaveLength(1);
  });

  test('a job that was cancelled or whose time is over is not started again', () => {
    for (const state of ['JOB_STATE_CANCELLED', 'JOB_STATE_EXPIRED']) {
      const ended = run({ capacity: core.Capacity.spot() }, {}, [() => ({ state, start: 0, end: 10 })]);
      expect(created(ended)).toHaveLength(1);
      expect(ended.status).toBe('FAILED');
    }
    expect(created(run({ timeLimitHours: 1 }, {}, [failed(13, HOUR - 30)]))).toHaveLength(1);
  });

  test('the longest job takes fewer steps than a workflow may have', () => {
    const { steps } = run({ timeLimitHours: 672 }, {}, [done(672 * HOUR)]);
    expect(steps).toBeLessThan(90000);
  });
});

describe('capacity', () => {
  const strategies = (ended: ReturnType<typeof run>) =>
    created(ended).map(({ jobSpec }) => jobSpec.scheduling.strategy);

  test('spot machines that are lost are looked for again', () => {
    const ended = run({ capacity: core.Capacity.spot(), maxNodes: 2 }, { nodes: 2 }, [failed(8), done(60)]);
    expect(strategies(ended)).toEqual(['SPOT', 'SPOT']);
    expect(ended.status).toBe('SUCCEEDED');
    expect(created(ended)[1].jobSpec.workerPoolSpecs).toHaveLength(2);
  });

  test('waiting for spot machines ends after maxWaitHours, and is no retry', () => {
    const none: Job = (age) => ({
      state: age < 1800 ? 'JOB_STATE_PENDING' : 'JOB_STATE_FAILED',
      error: { code: 8, message: 'no machines' },
    });
    const ended = run({ capacity: core.Capacity.spot({ maxWaitHours: 4 }), maxRetries: 0 }, {}, [none]);
    expect(ended.status).toBe('FAILED');
    expect(created(ended).length).toBeGreaterThan(3);
    expect(ended.seconds).toBeGreaterThan(3.9 * HOUR);
    expect(ended.seconds).toBeLessThan(5 * HOUR);
  });

  test('a job that nobody has spot machines for is cancelled, then runs on demand', () => {
    const capacity = core.Capacity.spot({ fallback: true, maxWaitHours: 2 });
    const ended = run({ capacity }, {}, [pending, done(HOUR)]);
    expect(strategies(ended)).toEqual(['SPOT', 'STANDARD']);
    expect(ended.calls.map(({ url }) => url.split('/').pop())).toEqual([
      'customJobs',
      '0:cancel',
      'customJobs',
    ]);
    expect(ended.calls[1].at).toBeGreaterThanOrEqual(2 * HOUR);
    expect(ended.calls[1].at).toBeLessThan(2 * HOUR + 600);
    expect(ended.status).toBe('SUCCEEDED');
  });

  test('one that got machines while it was cancelled runs on demand too', () => {
    const late: Job = (_age, _asked, cancelled) =>
      cancelled ? { state: 'JOB_STATE_CANCELLED', start: HOUR, end: HOUR } : pending(0, 0, false);
    const capacity = core.Capacity.spot({ fallback: true, maxWaitHours: 2 });
    expect(strategies(run({ capacity }, {}, [late, done(60)]))).toEqual(['SPOT', 'STANDARD']);
  });

  test('without fallback that is the end', () => {
    const ended = run({ capacity: core.Capacity.spot({ maxWaitHours: 2 }) }, {}, [pending]);
    expect(strategies(ended)).toEqual(['SPOT']);
    expect(ended.status).toBe('FAILED');
  });

  test('a job that runs on spot machines is left alone however long it takes', () => {
    const ended = run({ capacity: core.Capacity.spot({ maxWaitHours: 1 }) }, {}, [done(20 * HOUR)]);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(ended.calls).toHaveLength(1);
  });

  test('queued jobs wait in the line of Dynamic Workload Scheduler', () => {
    const { jobSpec } = requestFor({ capacity: core.Capacity.queued({ maxWaitHours: 48 }) });
    expect(jobSpec.scheduling).toMatchObject({ strategy: 'FLEX_START', maxWaitDuration: '172800s' });
    const waited: Job = () => ({ state: 'JOB_STATE_FAILED', error: { code: 8, message: 'no machines' } });
    expect(created(run({ capacity: core.Capacity.queued() }, {}, [waited]))).toHaveLength(1);
  });

  test('reserved machines, by the full name of the reservation', () => {
    const name = 'projects/ml-project/zones/europe-west4-a/reservations/gpus';
    const { jobSpec } = requestFor({ accelerators: ['H100:8'], capacity: core.Capacity.reserved(name) });
    expect(jobSpec.workerPoolSpecs[0].machineSpec.reservationAffinity).toEqual({
      reservationAffinityType: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [name],
    });
  });

  test.each<[string, Partial<google.GpuTrainingClusterProps>]>([
    ['CMC-006', { capacity: core.Capacity.reserved('gpus') }],
    ['CMC-023', { capacity: core.Capacity.queued(), timeLimitHours: 169 }],
    ['CMC-021', { capacity: core.Capacity.queued(), accelerators: ['T4:1'] }],
    ['CMC-021', { capacity: core.Capacity.spot(), accelerators: ['TPU-v5e:4'] }],
    ['CMC-021', { accelerators: ['H100:1'] }],
    ['CMC-021', { accelerators: ['RTXPRO6000:1'] }],
    ['CMC-023', { accelerators: undefined, machineType: 'n1-standard-8', capacity: core.Capacity.queued() }],
    ['CMC-023', { accelerators: undefined, machineType: 'a3-highgpu-1g' }],
    ['CMC-022', { accelerators: undefined, machineType: 'g4-standard-48' }],
    ['CMC-006', { accelerators: undefined, machineType: 'ml.g5.xlarge' }],
    ['CMC-008', { machineType: 'g2-standard-4' }],
    ['CMC-002', { accelerators: undefined }],
    ['CMC-040', { fabric: core.Fabric.REQUIRED, maxNodes: 2, accelerators: ['A100:8'] }],
    ['CMC-040', { sharedMemoryMiB: 1024 }],
    ['CMC-040', { accelerators: ['TPU-v5e:8'], maxNodes: 2 }],
    ['CMC-004', { diskGiB: 50 }],
    ['CMC-008', { environment: { CLUSTER_SPEC: 'x' } }],
    ['CMC-008', { environment: { AIP_MODEL_DIR: 'x' } }],
    ['CMC-008', { environment: { DATASET_RAW_URI: 'x' } }],
    ['CMC-004', { environment: Object.fromEntries(Array.from({ length: 95 }, (_, i) => [`V${i}`, 'x'])) }],
    ['CMC-060', { image: 'docker.io/library/python:3' }],
    ['CMC-004', { command: Array(101).fill('x') }],
    ['CMC-003', { engine: 'kubernetes' } as object],
    ['CMC-040', { minNodes: 1 }],
    ['CMC-004', { logRetentionDays: 4000 }],
  ])('%s: %j', (code, props) => {
    expect(refusal(() => cluster(props))).toContain(code);
  });

  test('all faults at once, and nothing half-built', () => {
    const app = newApp();
    const stack = platformStack(app);
    const message = refusal(
      () =>
        new google.GpuTrainingCluster(stack, 'Training', {
          ...minimal,
          sharedMemoryMiB: 1024,
          diskGiB: 50,
          fabric: core.Fabric.REQUIRED,
        }),
    );
    expect(message).toContain('3 faults');
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
  });
});

describe('machines', () => {
  const machineOf = (props: Partial<google.GpuTrainingClusterProps>) =>
    requestFor(props).jobSpec.workerPoolSpecs[0].machineSpec;

  test.each<[string[], object]>([
    [['L4:1', 'T4:1'], { machineType: 'g2-standard-4', acceleratorType: 'NVIDIA_L4', acceleratorCount: 1 }],
    [
      ['RTXPRO6000', 'T4:2'],
      { machineType: 'n1-standard-16', acceleratorType: 'NVIDIA_TESLA_T4', acceleratorCount: 2 },
    ],
    [['H100:8'], { machineType: 'a3-highgpu-8g', acceleratorType: 'NVIDIA_H100_80GB', acceleratorCount: 8 }],
    [['TPU-v5e:4'], { machineType: 'ct5lp-hightpu-4t', tpuTopology: '2x2' }],
    [['TPU-v5e:8'], { machineType: 'ct5lp-hightpu-8t', tpuTopology: '2x4' }],
  ])('%j', (accelerators, spec) => expect(machineOf({ accelerators })).toEqual(spec));

  test('a machine type without accelerators has none attached', () => {
    expect(machineOf({ accelerators: undefined, machineType: 'n1-standard-8' })).toEqual({
      machineType: 'n1-standard-8',
    });
  });

  test('one that has them by itself names them', () => {
    expect(machineOf({ accelerators: undefined, machineType: 'a2-highgpu-4g' })).toEqual({
      machineType: 'a2-highgpu-4g',
      acceleratorType: 'NVIDIA_TESLA_A100',
      acceleratorCount: 4,
    });
  });
});

describe('grants', () => {
  test('secrets are handed on by their ids, which jobs may read', () => {
    const { json } = synthesizedStack((stack) => {
      const secret = google.Secret.fromSecretName(stack, 'Token', 'hub-token');
      return new google.GpuTrainingCluster(stack, 'Training', { ...minimal, secrets: { HUB: secret } });
    });
    const { env } = created(execute(definitionOf(json), { run: 'r1' }))[0].jobSpec.workerPoolSpecs[0]
      .containerSpec;
    expect(env).toContainEqual({ name: 'HUB_SECRET_ID', value: 'projects/ml-project/secrets/hub-token' });
    expect(only(json, 'google_secret_manager_secret_iam_member').role).toBe(
      'roles/secretmanager.secretAccessor',
    );
  });

  test('who submits is given that in its own stack; backwards is an error', () => {
    const { app, foundation, serving } = twoStacks();
    const training = new google.GpuTrainingCluster(foundation, 'Training', minimal);
    const later = new google.GpuTrainingCluster(serving, 'Later', minimal);
    const workload = google.Workload.fromServiceAccount(
      serving,
      'Pipeline',
      'ci@ml-project.iam.gserviceaccount.com',
    );
    training.grantSubmit(workload);
    training.grantSubmit(workload);
    expect(refusal(() => later.grantSubmit(training))).toContain('CMC-013');
    expect(rolesOf(synthesized(app).serving, 'serviceAccount:ci@ml-project.iam.gserviceaccount.com')).toEqual(
      ['roles/workflows.invoker'],
    );
  });

  test('a native member submits', () => {
    const { json } = synthesizedStack((stack) => {
      const training = new google.GpuTrainingCluster(stack, 'Training', minimal);
      training.grants.submit('group:ml@example.com');
      return training;
    });
    expect(rolesOf(json, 'group:ml@example.com')).toEqual(['roles/workflows.invoker']);
  });

  test('a cluster is a workload, in both directions of stacks', () => {
    const { app, foundation, serving } = twoStacks();
    const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    const training = new google.GpuTrainingCluster(serving, 'Training', minimal);
    lake.grantReadWrite(training);
    const late = new google.DataLake(serving, 'Late', { zones: [{ name: 'raw' }], discovery: false });
    const early = new google.GpuTrainingCluster(foundation, 'Early', minimal);
    expect(refusal(() => late.grantRead(early))).toContain('CMC-013');
    expect(() => synthesized(app)).not.toThrow();
  });
});

test('two deployments of one program have no name in common', () => {
  const [one, other] = ['ml-project', 'ml-other-project'].map((project) => cluster({}, { project }).json);
  for (const [type, attribute] of [
    ['google_workflows_workflow', 'name'],
    ['google_storage_bucket', 'name'],
    ['google_service_account', 'account_id'],
  ]) {
    const names = [one, other].map((json) => all(json, type).map((resource) => resource[attribute]));
    expect(names[0].filter((name) => names[1].includes(name))).toEqual([]);
  }
  expect(at(0)).toMatch(/^2026/);
});
