import { TerraformResource } from 'cdktf';
import {
  all,
  only,
  platformStack,
  refusal,
  synthesizedStack,
  twoStacks,
  newApp,
  synthesized,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/notebooks:1';

const team = (props: Partial<google.WorkspaceProps> = {}, stack: Partial<google.PlatformStackProps> = {}) =>
  synthesizedStack(
    (scope) => new google.Workspace(scope, 'Team', { users: [{ name: 'ada' }], ...props }),
    stack,
  );

const refused = (props: object, ...codes: string[]) => {
  const stack = platformStack(newApp());
  const before = stack.node.children.length;
  const message = refusal(
    () =>
      new google.Workspace(stack, 'Team', { users: [{ name: 'ada' }], ...props } as google.WorkspaceProps),
    ...codes,
  );
  expect(stack.node.children).toHaveLength(before);
  return message;
};

const setupOf = (json: any) => only(json, 'google_workbench_instance').gce_setup;

/** The variables that the script of notebooks sets. */
const variablesOf = (json: any) =>
  JSON.parse(
    setupOf(json)
      .metadata['startup-script'].split('\n')
      .find((line: string) => line.startsWith('{')),
  );

/** What a machine without a public address cannot start without: the way to Google, its names, the roles. */
const WAYS_AND_ROLES = [
  expect.stringMatching(/^google_compute_route\.Team_Network_GoogleApis_/),
  ...[
    ...['googleapiscom', 'pkgdev', 'runapp', 'gcrio'],
    ...['notebookscloudgooglecom', 'notebooksgoogleusercontentcom'],
  ].flatMap((domain) =>
    ['managed_zone', 'record_set', 'record_set'].map((type) =>
      expect.stringMatching(RegExp(`^google_dns_${type}\\.Team_Network_Dns-${domain}_`)),
    ),
  ),
  expect.stringMatching(/^google_project_iam_member\.Team_Account_Project-logginglogWriter_/),
];

describe('a minimal workspace', () => {
  const { made, json } = team();

  test('its default child is the service account', () => {
    expect((made.node.defaultChild as TerraformResource).terraformResourceType).toBe(
      'google_service_account',
    );
  });

  test('is a notebook without a public address, whose machine stops after an hour', () => {
    const { '//': _, id, ...instance } = only(json, 'google_workbench_instance');
    expect(id).toBe('Team_User-ada_Instance_FD2F97F1');
    const { metadata, ...setup } = instance.gce_setup;
    expect({ ...instance, gce_setup: setup }).toEqual({
      name: 'platform-team-user-ada-679a7e0e',
      location: 'europe-west4-b',
      depends_on: WAYS_AND_ROLES,
      lifecycle: { prevent_destroy: true },
      gce_setup: {
        machine_type: 'e2-standard-4',
        disable_public_ip: true,
        service_accounts: [{ email: '${google_service_account.Team_Account_2AA4E17F.email}' }],
        network_interfaces: [
          {
            network: '${google_compute_network.Team_Network_87725AA6.id}',
            subnet: '${google_compute_subnetwork.Team_Network_Subnetwork_28E7A152.id}',
          },
        ],
        boot_disk: { disk_encryption: 'GMEK', disk_size_gb: '150', disk_type: 'PD_BALANCED' },
        data_disks: { disk_encryption: 'GMEK', disk_size_gb: '100', disk_type: 'PD_BALANCED' },
        shielded_instance_config: {
          enable_integrity_monitoring: true,
          enable_secure_boot: true,
          enable_vtpm: true,
        },
      },
    });
    expect({ ...metadata, 'startup-script': '' }).toEqual({
      'block-project-ssh-keys': 'true',
      'enable-guest-attributes': 'true',
      'idle-timeout-seconds': '3600',
      'notebook-disable-root': 'true',
      'serial-port-enable': 'false',
      'startup-script': '',
    });
  });

  test('its network leads to the domains of notebooks and nowhere else', () => {
    expect(all(json, 'google_dns_managed_zone').map(({ dns_name }) => dns_name)).toEqual(
      expect.arrayContaining(['notebooks.cloud.google.com.', 'notebooks.googleusercontent.com.']),
    );
    expect(all(json, 'google_compute_router_nat')).toEqual([]);
  });

  test('nobody may open it yet', () => {
    expect(all(json, 'google_service_account_iam_member')).toEqual([]);
    expect(all(json, 'google_workbench_instance_iam_member')).toEqual([]);
  });

  test('is started and opened by one command', () => {
    const name = only(json, 'google_workbench_instance').name;
    expect(made.openCommand('ada')).toBe(
      `gcloud workbench instances start ${name} --location=europe-west4-b --project=ml-project; echo "https://$(gcloud workbench instances describe ${name} --location=europe-west4-b --project=ml-project --format='value(proxyUri)')"`,
    );
    expect(refusal(() => made.openCommand('eve'), 'CMC-012')).toBe(
      "platform/Team: user 'eve' was not declared; declared are ada [CMC-012]",
    );
  });

  test('tells what was chosen, what bills, and how to open it', () => {
    const told = reportOf(made).filter(({ path }) => path === 'platform/Team');
    expect(told.map(({ entry: { kind, text } }) => [kind, text]).slice(0, 3)).toEqual([
      ['choice', 'e2-standard-4: the usual one of general use.'],
      [
        'idle-cost',
        'Each notebook bills for its machine from its making until it was idle for 60 minutes, and for its disks of 150 and 100 GiB always.',
      ],
      ['command', made.openCommand('ada')],
    ]);
  });
});

describe('notebooks that exist already', () => {
  const imported = () =>
    synthesizedStack((stack) => {
      const workspace = google.Workspace.fromInstanceNames(stack, 'Team', {
        instanceNames: { ada: 'their-notebook' },
        zone: 'europe-west4-a',
        serviceAccountEmail: 'theirs@ml-project.iam.gserviceaccount.com',
      });
      new google.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false }).grantRead(workspace);
      (workspace as google.Workspace).grants.open('user:ada@example.com');
      return workspace;
    });

  test('are opened by the same command, and granted data and opening', () => {
    const { made, json } = imported();
    expect(made.openCommand('ada')).toContain('start their-notebook --location=europe-west4-a');
    expect(only(json, 'google_storage_bucket_iam_member', 'Team')).toMatchObject({
      member: 'serviceAccount:theirs@ml-project.iam.gserviceaccount.com',
      role: 'roles/storage.objectViewer',
    });
    expect(only(json, 'google_service_account_iam_member')).toMatchObject({
      service_account_id: 'projects/ml-project/serviceAccounts/theirs@ml-project.iam.gserviceaccount.com',
      role: 'roles/iam.serviceAccountUser',
      member: 'user:ada@example.com',
    });
    expect(only(json, 'google_workbench_instance_iam_member')).toMatchObject({
      name: 'their-notebook',
      location: 'europe-west4-a',
      member: 'user:ada@example.com',
    });
  });
});

describe('who opens a notebook', () => {
  test('the person that it belongs to, and may start and stop it', () => {
    const { json } = team({
      users: [{ name: 'ada', principalId: 'ada@example.com' }, { name: 'grace' }],
    });
    const [ada, grace] = all(json, 'google_workbench_instance');
    expect([ada.instance_owners, grace.instance_owners]).toEqual([['ada@example.com'], undefined]);
    expect(only(json, 'google_service_account_iam_member')).toMatchObject({
      role: 'roles/iam.serviceAccountUser',
      member: 'user:ada@example.com',
      service_account_id: '${google_service_account.Team_Account_2AA4E17F.name}',
    });
    expect(only(json, 'google_workbench_instance_iam_member')).toMatchObject({
      role: expect.stringMatching(/^\$\{google_project_iam_custom_role\.Team_OpenRole_\w+\.name\}$/),
      member: 'user:ada@example.com',
      name: '${google_workbench_instance.Team_User-ada_Instance_FD2F97F1.name}',
    });
  });

  test('by a role that starts, stops and finds it, and no more', () => {
    const { json } = team({ users: [{ name: 'ada', principalId: 'ada@example.com' }] });
    expect(only(json, 'google_project_iam_custom_role')).toMatchObject({
      role_id: 'platform_team_05f3cc22',
      permissions: ['notebooks.instances.get', 'notebooks.instances.start', 'notebooks.instances.stop'],
    });
  });

  test('a native member opens those that belong to nobody', () => {
    const { json } = synthesizedStack((stack) => {
      const workspace = new google.Workspace(stack, 'Team', {
        users: [{ name: 'ada', principalId: 'ada@example.com' }, { name: 'grace' }],
      });
      workspace.grants.open('user:eve@example.com');
      workspace.grants.open('user:eve@example.com');
    });
    const opened = all(json, 'google_workbench_instance_iam_member').filter(
      ({ member }) => member === 'user:eve@example.com',
    );
    expect(opened.map(({ name }) => name)).toEqual([
      expect.stringContaining('google_workbench_instance.Team_User-grace_Instance'),
    ]);
  });

  test('a workload of a later stack opens them; notebooks of persons open for nobody else', () => {
    const { app, foundation, serving } = twoStacks();
    const workspace = new google.Workspace(foundation, 'Team', { users: [{ name: 'ada' }] });
    const portal = google.Workload.fromServiceAccount(
      serving,
      'Portal',
      'portal@ml-project.iam.gserviceaccount.com',
    );
    workspace.grantOpen(portal);
    const bound = new google.Workspace(foundation, 'Bound', {
      users: [{ name: 'ada', principalId: 'ada@example.com' }],
    });
    expect(refusal(() => bound.grantOpen(portal), 'CMC-040')).toContain('leave principalId out');
    expect(refusal(() => bound.grants.open('user:eve@example.com'), 'CMC-040')).toContain(
      'belong to a person',
    );
    const { foundation: first, serving: second } = synthesized(app);
    expect(all(first, 'google_workbench_instance_iam_member').map(({ member }) => member)).toEqual([
      'user:ada@example.com',
    ]);
    expect(only(second, 'google_workbench_instance_iam_member')).toMatchObject({
      member: 'serviceAccount:portal@ml-project.iam.gserviceaccount.com',
    });
  });

  test('a workload of an earlier stack would turn the order', () => {
    const { foundation, serving } = twoStacks();
    const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] });
    const workspace = new google.Workspace(serving, 'Team', { users: [{ name: 'ada' }], datasets: [lake] });
    const early = google.Workload.fromServiceAccount(
      foundation,
      'Early',
      'early@ml-project.iam.gserviceaccount.com',
    );
    refusal(() => workspace.grantOpen(early), 'CMC-013');
  });
});

describe('what notebooks work with', () => {
  const { json } = synthesizedStack((stack) => {
    const registry = new google.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['train'],
    });
    return new google.Workspace(stack, 'Team', {
      users: [{ name: 'ada' }],
      datasets: [new google.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false })],
      cluster: new google.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '1'),
        accelerators: ['L4:1'],
      }),
      image: registry.image('train', core.DeployParameter.of('Tag', '1')),
      environment: { STAGE: '${HOME} %{dev}' },
      secrets: { TOKEN: google.Secret.fromSecretId(stack, 'Secret', 'projects/ml-project/secrets/token') },
    });
  });

  test('datasets, secrets and the command of the cluster are in variables', () => {
    expect(variablesOf(json)).toEqual({
      STAGE: '$${HOME} %%{dev}',
      TOKEN_SECRET_ID: 'projects/ml-project/secrets/token',
      DATASET_RAW_URI: expect.stringMatching(/^gs:\/\/.+\/$/),
      SUBMIT_COMMAND: expect.stringMatching(/^gcloud workflows run /),
      GOOGLE_CLOUD_PROJECT: 'ml-project',
      GOOGLE_CLOUD_REGION: 'europe-west4',
    });
  });

  test('the service account reads datasets and secrets, pulls the image and starts jobs', () => {
    const member = '${google_service_account.Team_Account_2AA4E17F.member}';
    const roles = Object.entries(json.resource!)
      .filter(([type]) => type.endsWith('_iam_member'))
      .flatMap(([, resources]) => Object.values(resources))
      .filter((resource) => resource.member === member)
      .map(({ role }) => role)
      .sort();
    expect(roles).toEqual([
      'roles/artifactregistry.reader',
      'roles/logging.logWriter',
      'roles/secretmanager.secretAccessor',
      'roles/storage.objectViewer',
      'roles/workflows.invoker',
    ]);
  });

  test('an image is a repository and a tag, which deployment may give', () => {
    const { repository, tag } = setupOf(json).container_image;
    expect(repository).toMatch(/\/train$/);
    expect(tag).toBe('${var.Tag}');
    expect(setupOf(team({ image: IMAGE }).json).container_image).toEqual({
      repository: 'europe-west4-docker.pkg.dev/ml-project/images/notebooks',
      tag: '1',
    });
  });
});

describe('machines', () => {
  test('the first accelerator that Workbench offers is taken', () => {
    const { made, json } = team({ accelerators: ['H100:8', 'L4:1'], zone: 'c' });
    expect([made.machineType, made.accelerator?.toString()]).toEqual(['g2-standard-4', 'L4:1']);
    expect(setupOf(json)).toMatchObject({
      machine_type: 'g2-standard-4',
      accelerator_configs: [{ type: 'NVIDIA_L4', core_count: '1' }],
      shielded_instance_config: { enable_secure_boot: false },
    });
    expect(only(json, 'google_workbench_instance').location).toBe('europe-west4-c');
  });

  test('disk and time are as asked', () => {
    const setup = setupOf(team({ diskGiB: 500, idleShutdownMinutes: 240 }).json);
    expect(setup.data_disks.disk_size_gb).toBe('500');
    expect(setup.metadata['idle-timeout-seconds']).toBe('14400');
  });

  test('disks are encrypted with a key of the customer, which their services may use', () => {
    const { json } = synthesizedStack(
      (stack) =>
        new google.Workspace(stack, 'Team', {
          users: [{ name: 'ada' }],
          encryptionKey: new google.EncryptionKey(stack, 'Key'),
        }),
    );
    const { boot_disk: boot, data_disks: data } = setupOf(json);
    for (const disk of [boot, data]) {
      expect(disk).toMatchObject({
        disk_encryption: 'CMEK',
        kms_key: expect.stringContaining('google_kms_crypto_key.'),
      });
    }
    const { depends_on } = only(json, 'google_workbench_instance');
    expect(depends_on).toEqual([
      expect.stringContaining('Agent-compute'),
      expect.stringContaining('Agent-notebooks'),
      ...WAYS_AND_ROLES,
    ]);
  });
});

test('the agent of Compute Engine uses the key when its API made it', () => {
  const { json } = synthesizedStack(
    (stack) => new google.Workspace(stack, 'Team', { users: [{ name: 'ada' }] }),
    { securityProfile: core.SecurityProfile.REGULATED, enableApis: true },
  );
  expect(only(json, 'google_kms_crypto_key_iam_member', 'MlKey_Agent-compute')).toMatchObject({
    member: expect.stringContaining('@compute-system.iam.gserviceaccount.com'),
    depends_on: ['google_project_service.MlApi-compute'],
  });
});

test('homes go only where that was asked', () => {
  const { json } = team({ retention: core.DataRetention.DESTROY });
  expect(only(json, 'google_workbench_instance').lifecycle).toBeUndefined();
});

describe('what is refused', () => {
  test('other editors', () => {
    expect(refused({ editor: core.WorkspaceEditor.RSTUDIO }, 'CMC-040')).toContain('Cloud Workstations');
    expect(refused({ editor: core.WorkspaceEditor.VS_CODE }, 'CMC-040')).toContain('take JUPYTERLAB');
  });

  test('more than a day, which Workbench does not take', () => {
    expect(refused({ idleShutdownMinutes: 1441 }, 'CMC-004')).toContain('from 10 to 1440');
  });

  test('images of other registries, and digests', () => {
    refused({ image: 'docker.io/jupyter/base-notebook' }, 'CMC-060');
    const digest = `${IMAGE.replace(':1', '')}@sha256:${'0'.repeat(64)}`;
    expect(refused({ image: digest }, 'CMC-040')).toContain('image:tag');
  });

  test('who is no person', () => {
    refused({ users: [{ name: 'ada', principalId: 'ada' }] }, 'CMC-006');
    refused({ users: [{ name: 'ada', principalId: 'a@p.iam.gserviceaccount.com' }] }, 'CMC-006');
  });

  test('accelerators and machine types that Workbench lacks, zones that there are not', () => {
    expect(refused({ accelerators: ['H100:8'] }, 'CMC-021')).toContain('Vertex AI Workbench offers');
    refused({ machineType: 'a3-highgpu-8g' }, 'CMC-022');
    refused({ zone: 'europe-west4-b' }, 'CMC-005');
  });

  test('variables of the platform', () => {
    refused({ environment: { SUBMIT_COMMAND: 'x', DATASET_RAW_URI: 'y' } }, 'CMC-008', 'CMC-008');
  });
});
