import { TerraformOutput, TerraformResource } from 'cdktf';
import { armErrors } from './literal.support';
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
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { Synthesized } from '../terraform/support';

const USERS = [{ name: 'ada', principalId: PRINCIPAL }];
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/vault`;
const OTHER = 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee';

const team = (props: Partial<azure.WorkspaceProps> = {}) =>
  synthesizedPlatform((stack) => new azure.Workspace(stack, 'Team', { users: USERS, ...props }));

const refused = (props: object, ...codes: string[]) => {
  const stack = platform();
  const before = stack.node.children.length;
  const message = refusal(
    () => new azure.Workspace(stack, 'Team', { users: USERS, ...props } as azure.WorkspaceProps),
    ...codes,
  );
  expect(stack.node.children).toHaveLength(before);
  return message;
};

/** The command that opens a notebook, as Terraform prints it. */
const commandOf = (props: Partial<azure.WorkspaceProps> = {}): string =>
  synthesizedPlatform((stack) => {
    const workspace = new azure.Workspace(stack, 'Team', { users: USERS, ...props });
    new TerraformOutput(stack, 'Command', { value: workspace.openCommand('ada') });
  }).json.output.Command.value;

const instancesOf = (json: Synthesized) =>
  all(json, 'azapi_resource').filter(({ type }) => type.includes('/computes@'));
const propertiesOf = (json: Synthesized) => instancesOf(json)[0].body.properties.properties;

/** The variables that the script of notebooks sets, references as they stand in Terraform. */
const variablesOf = (json: Synthesized) => {
  const { scriptData } = propertiesOf(json).setupScripts.scripts.startupScript;
  const script = [...scriptData.matchAll(/base64decode\("([^"]*)"\)|, ((?:azurerm|azapi)_[\w.-]+),/g)]
    .map(([, literal, reference]) => reference ?? Buffer.from(literal, 'base64').toString())
    .join('');
  return JSON.parse(script.split('\n').find((one) => one.startsWith('{'))!);
};

describe('a minimal workspace', () => {
  const { made, json } = team();

  test('its default child is the identity of notebooks', () => {
    expect((made.node.defaultChild as TerraformResource).terraformResourceType).toBe(
      'azurerm_user_assigned_identity',
    );
  });

  test('is a notebook for its person alone, without SSH, which stops after an hour', () => {
    const [{ '//': _, name, depends_on: ready, ...instance }] = instancesOf(json);
    const { setupScripts, ...properties } = instance.body.properties.properties;
    expect({ ...instance, body: undefined }).toEqual({
      id: 'Team_User-ada_Instance_FD2F97F1',
      type: 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01',
      parent_id: '${azapi_resource.MlWorkspace_D7805308.id}',
      location: 'westeurope',
      identity: [
        {
          type: 'UserAssigned',
          identity_ids: ['${azurerm_user_assigned_identity.Team_Identity_207A0A25.id}'],
        },
      ],
      response_export_values: [],
      schema_validation_enabled: false,
      lifecycle: { create_before_destroy: true },
      body: undefined,
    });
    expect(instance.body.properties).toMatchObject({
      computeType: 'ComputeInstance',
      disableLocalAuth: true,
    });
    expect(properties).toEqual({
      vmSize: 'Standard_DS3_v2',
      applicationSharingPolicy: 'Personal',
      computeInstanceAuthorizationType: 'personal',
      personalComputeInstanceSettings: {
        assignedUser: {
          objectId: PRINCIPAL,
          tenantId: '${azurerm_user_assigned_identity.Team_Identity_207A0A25.tenant_id}',
        },
      },
      enableNodePublicIp: true,
      sshSettings: { sshPublicAccess: 'Disabled' },
      idleTimeBeforeShutdown: 'PT60M',
    });
    expect(setupScripts.scripts.startupScript).toMatchObject({ scriptSource: 'inline', timeout: '5m' });
    expect(name).toContain('platform-team-u');
    expect(ready).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^azurerm_role_assignment\.Team_FilesRole/),
        expect.stringMatching(/^azurerm_role_assignment\.Team_WorkspaceStorageRole/),
      ]),
    );
  });

  test('the person may start and open it, see the workspace and keep files', () => {
    const own = roles(json).filter(({ principal }) => principal === PRINCIPAL);
    expect(own.map(({ role, scope }) => [role, scope.replace(/_[0-9A-F]{8}\./, '.')])).toEqual(
      expect.arrayContaining([
        [undefined, '${azapi_resource.Team_User-ada_Instance.id}'],
        ['Reader', '${azapi_resource.MlWorkspace.id}'],
        [
          'Storage File Data Privileged Contributor',
          '${data.azapi_resource.Team_WorkspaceStorage.output.properties.storageAccount}',
        ],
      ]),
    );
    expect(own).toHaveLength(3);
    expect(only(json, 'azurerm_role_definition').permissions).toEqual([
      {
        actions: ['read', 'start/action', 'stop/action', 'restart/action', 'applicationaccess/action'].map(
          (action) => `Microsoft.MachineLearningServices/workspaces/computes/${action}`,
        ),
      },
    ]);
  });

  test('homes stay when the workspace goes', () => {
    const kept = [
      ...all(json, 'azapi_resource').filter(({ type }) => type.includes('/workspaces@')),
      ...all(json, 'azurerm_storage_account'),
    ].map(({ lifecycle }) => lifecycle);
    expect(kept).toEqual([{ prevent_destroy: true }, { prevent_destroy: true }]);
    const { json: gone } = team({ retention: core.DataRetention.DESTROY });
    expect(all(gone, 'azurerm_storage_account').map(({ lifecycle }) => lifecycle)).toEqual([undefined]);
  });

  test('is started and opened by one command', () => {
    const id = '${azapi_resource.Team_User-ada_Instance_FD2F97F1.id}';
    expect(commandOf()).toBe(
      `az rest --method post --url '${id}/start?api-version=2025-12-01'; az rest --method get --url '${id}?api-version=2025-12-01' --query "properties.properties.applications[?contains(displayName, 'Lab')].endpointUri | [0]" --output tsv`,
    );
    expect(refusal(() => made.openCommand('eve'), 'CMC-012')).toBe(
      "platform/Team: user 'eve' was not declared; declared are ada [CMC-012]",
    );
  });

  test('its body is what ARM takes, but for the time that came later', () => {
    const known = JSON.parse(
      JSON.stringify(json)
        .replace(/"idleTimeBeforeShutdown":"PT60M",?/g, '')
        .replace(/computes@2025-12-01/g, 'computes@2025-06-01'),
    );
    expect(armErrors(known)).toEqual([]);
  });

  test('tells what was chosen, what bills, and how to open it', () => {
    const told = reportOf(made).filter(({ path }) => path === 'platform/Team');
    expect(told.map(({ entry: { kind, title } }) => `${kind}: ${title}`)).toEqual([
      'choice: Machine type',
      'idle-cost: Notebooks',
      'command: Start and open the notebook of ada',
      'note: Homes',
      'quota: Azure ML: the family of Standard_DS3_v2',
      'quota: Azure ML: TotalDedicatedCores',
    ]);
  });
});

describe('notebooks that exist already', () => {
  const id =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/theirs';

  test('are opened by the same command, and granted data', () => {
    const { made, json } = synthesizedPlatform((stack) => {
      const workspace = azure.Workspace.fromInstanceIds(stack, 'Team', {
        instanceIds: { ada: id },
        principalId: OTHER,
      });
      new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false }).grantRead(workspace);
      return workspace;
    });
    expect(made.openCommand('ada')).toContain(`az rest --method post --url '${id}/start?`);
    expect(roles(json).filter(({ principal }) => principal === OTHER)).toHaveLength(1);
  });
});

test('nobody but the person opens a notebook: grants are refused', () => {
  const stack = platform();
  const workspace = new azure.Workspace(stack, 'Team', { users: USERS });
  const portal = azure.Workload.fromPrincipalId(stack, 'Portal', OTHER);
  expect(refusal(() => workspace.grantOpen(portal), 'CMC-040')).toContain('name the person in users');
});

test('a person with two notebooks has each role once', () => {
  const { json } = synthesizedPlatform((stack) => {
    for (const id of ['One', 'Two']) {
      new azure.Workspace(stack, id, { users: USERS });
    }
  });
  const own = roles(json).filter(({ principal }) => principal === PRINCIPAL);
  expect(own.map(({ role }) => role).sort()).toEqual([
    'Reader',
    'Storage File Data Privileged Contributor',
    undefined,
    undefined,
  ]);
});

describe('what notebooks work with', () => {
  const { json } = synthesizedPlatform((stack) => {
    const registry = new azure.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['train'],
    });
    return new azure.Workspace(stack, 'Team', {
      users: USERS,
      datasets: [new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false })],
      cluster: new azure.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '1'),
        accelerators: ['T4:1'],
      }),
      image: registry.image('train', '1'),
      environment: { STAGE: '${HOME} "%{dev}"' },
      secrets: {
        TOKEN: azure.Secret.fromSecretId(stack, 'Secret', {
          keyVaultId: VAULT,
          secretId: 'https://vault.vault.azure.net/secrets/token',
        }),
      },
    });
  });

  test('datasets, secrets and the command of the cluster are in variables', () => {
    expect(variablesOf(json)).toEqual({
      STAGE: '${HOME} "%{dev}"',
      TOKEN_SECRET_ID: expect.any(String),
      DATASET_RAW_URI: expect.stringMatching(/^abfss:\/\/.+\/$/),
      SUBMIT_COMMAND: expect.stringMatching(/^az rest --method post /),
      AZURE_CLIENT_ID: expect.stringContaining('.client_id'),
    });
  });

  test('the identity reads datasets and secrets, pulls the image and starts jobs', () => {
    const own = all(json, 'azurerm_role_assignment').filter(({ principal_id }) =>
      /Team_Identity_\w+\.principal_id/.test(principal_id),
    );
    expect(own.map(({ role_definition_name: role }) => role).sort()).toEqual([
      'AcrPull',
      'Key Vault Secrets User',
      'Storage Blob Data Contributor',
      'Storage Blob Data Reader',
      'Storage File Data Privileged Contributor',
      undefined,
    ]);
  });

  test('an image runs beside the editors of the machine, with the homes', () => {
    expect(propertiesOf(json).customServices).toEqual([
      {
        name: 'jupyterlab',
        image: { type: 'docker', reference: expect.stringMatching(/\/train:1$/) },
        docker: { privileged: false },
        endpoints: [{ name: 'connect', protocol: 'http', target: 8888, published: 8889 }],
        volumes: [
          {
            type: 'bind',
            readOnly: false,
            source: '/home/azureuser/cloudfiles',
            target: '/home/azureuser/cloudfiles',
            bind: { createHostPath: true },
          },
        ],
      },
    ]);
  });
});

describe('editors', () => {
  const IMAGE = 'mcr.microsoft.com/azureml/rstudio:1';
  const addressOf = (props: Partial<azure.WorkspaceProps>) => commandOf(props).split('; ')[1];
  const name = '${azapi_resource.Team_User-ada_Instance_FD2F97F1.name}';

  test('RStudio is an image behind the sign-in of the machine', () => {
    const editor = core.WorkspaceEditor.RSTUDIO;
    expect(propertiesOf(team({ editor, image: IMAGE }).json).customServices).toMatchObject([
      { name: 'rstudio', endpoints: [{ target: 8787, published: 8788 }] },
    ]);
    expect(addressOf({ editor, image: IMAGE })).toBe(
      `echo 'https://${name}-8788.westeurope.instances.azureml.ms/'`,
    );
    expect(refused({ editor }, 'CMC-009')).toContain('needs an image that runs RStudio at port 8787');
  });

  test('VS Code opens from the page of the machine', () => {
    const editor = core.WorkspaceEditor.VS_CODE;
    expect(addressOf({ editor })).toMatch(
      /^echo 'https:\/\/ml\.azure\.com\/compute\/\$\{azapi_resource\.[^}]*\.name\}\/details\?wsid=\$\{azapi_resource\.[^}]*\.id\}'$/,
    );
    expect(refused({ editor, image: IMAGE }, 'CMC-040')).toContain('leave image out');
  });
});

describe('machines', () => {
  test('in a network they have no public address', () => {
    const { json } = synthesizedPlatform(
      (stack) =>
        new azure.Workspace(stack, 'Team', {
          users: USERS,
          network: new azure.PrivateNetwork(stack, 'Network'),
        }),
    );
    expect(propertiesOf(json)).toMatchObject({
      enableNodePublicIp: false,
      subnet: { id: expect.stringMatching(/^\$\{azurerm_subnet\.Network_.*\.id\}$/) },
    });
  });

  test('the first accelerator that compute instances offer is taken; time and hour are as asked', () => {
    const { made, json } = team({
      accelerators: ['L4:1', 'T4:1'],
      idleShutdownMinutes: 15,
      stopHourUtc: 22,
    });
    expect([made.machineType, made.accelerator?.toString()]).toEqual(['Standard_NC4as_T4_v3', 'T4:1']);
    expect(propertiesOf(json)).toMatchObject({
      vmSize: 'Standard_NC4as_T4_v3',
      idleTimeBeforeShutdown: 'PT15M',
      schedules: {
        computeStartStop: [
          {
            status: 'Enabled',
            action: 'Stop',
            triggerType: 'Cron',
            cron: { timeZone: 'UTC', expression: '0 22 * * *' },
          },
        ],
      },
    });
  });

  test('an instance takes no change: another one has another name', () => {
    const nameOf = (props: Partial<azure.WorkspaceProps>) => instancesOf(team(props).json)[0].name;
    expect(nameOf({})).toBe(nameOf({}));
    expect(nameOf({})).not.toBe(nameOf({ environment: { STAGE: 'dev' } }));
  });
});

describe('what is refused', () => {
  test('a user without a person', () => {
    expect(refused({ users: [{ name: 'ada' }] }, 'CMC-002')).toContain('users[0].principalId is required');
    refused({ users: [{ name: 'ada', principalId: 'ada@example.com' }] }, 'CMC-006');
  });

  test('a disk of its own', () => {
    expect(refused({ diskGiB: 100 }, 'CMC-040')).toContain('file share that grows');
  });

  test('times that Azure ML does not take', () => {
    refused({ idleShutdownMinutes: 14 }, 'CMC-004');
    refused({ stopHourUtc: 24 }, 'CMC-004');
  });

  test('images that no identity pulls, sizes and accelerators that there are not', () => {
    refused({ image: 'docker.io/jupyter/base-notebook' }, 'CMC-060');
    expect(refused({ accelerators: ['L4:1'] }, 'CMC-021')).toContain('Azure ML compute instances');
  });

  test('variables of the platform', () => {
    refused({ environment: { SUBMIT_COMMAND: 'x', AZURE_CLIENT_ID: 'y' } }, 'CMC-008', 'CMC-008');
  });

  test('no network where everything is private', () => {
    const app = newApp();
    const stack = platform('platform', { securityProfile: core.SecurityProfile.REGULATED }, app);
    refusal(() => new azure.Workspace(stack, 'Team', { users: USERS }), 'CMC-009');
    expect(Object.keys(synthesized(app).platform.resource!)).toEqual(['terraform_data']);
  });
});
