import { mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { App as CdkApp } from 'aws-cdk-lib';
import { App, AzurermBackend, TerraformResource, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { platform, PRINCIPAL, refusal, SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
import { ROWS } from '../../src/azure/private/deploy-permissions/rows';
import { brand } from '../../src/core/private/brand';
import { actionsIn } from '../../src/terraform/deploy-permissions';
import { inShell } from '../support/stand-ins';
import { newApp } from '../terraform/support';

const IN_SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION}`;
const IN_GROUP = `${IN_SUBSCRIPTION}/resourceGroups/ml`;
const ACCOUNT = {
  name: 'ours',
  resourceGroupName: 'ml',
  location: 'westeurope',
  accountTier: 'Standard',
  accountReplicationType: 'LRS',
};

const { of } = azure.DeployPermissions;
const definitions = (scope: IConstruct): any[] => of(scope).roleDefinitions.map((text) => JSON.parse(text));
const reported = (app: App, stack: IConstruct): string[] => {
  const report = JSON.parse(readFileSync(join(app.outdir, 'stacks', stack.node.id, 'report.json'), 'utf8'));
  const entries = report.map(({ entry }: any) => entry);
  return entries.filter(({ title }: any) => title === 'Deploy identity').map(({ text }: any) => text);
};

/** Something of which nobody told what it needs. */
class Exotic extends TerraformResource {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'azurerm_mssql_server',
      terraformGeneratorMetadata: { providerName: 'azurerm' },
    });
  }
}

describe('DeployPermissions', () => {
  test('names the actions on a resource, in its group', () => {
    const account = new StorageAccount(platform(), 'Account', ACCOUNT);
    expect(definitions(account)).toEqual([
      {
        Name: 'Deploys platform-Account to ml',
        IsCustom: true,
        Description: expect.any(String),
        Actions: of(account).actions,
        NotActions: [],
        DataActions: [],
        NotDataActions: [],
        AssignableScopes: [IN_GROUP],
      },
    ]);
    expect(of(account).actions).toEqual([
      'Microsoft.Storage/storageAccounts/blobServices/read',
      'Microsoft.Storage/storageAccounts/blobServices/write',
      'Microsoft.Storage/storageAccounts/delete',
      'Microsoft.Storage/storageAccounts/fileServices/read',
      'Microsoft.Storage/storageAccounts/fileServices/write',
      'Microsoft.Storage/storageAccounts/listKeys/action',
      'Microsoft.Storage/storageAccounts/read',
      'Microsoft.Storage/storageAccounts/write',
    ]);
  });

  test('what is done to the subscription is in a role of the subscription, registering among it', () => {
    const stack = platform();
    new azure.EncryptionKey(stack, 'Key');
    const [inGroup, inSubscription] = definitions(stack).sort((a, b) =>
      a.AssignableScopes[0] > b.AssignableScopes[0] ? -1 : 1,
    );
    expect([inGroup, inSubscription].map(({ AssignableScopes }) => AssignableScopes)).toEqual([
      [IN_GROUP],
      [IN_SUBSCRIPTION],
    ]);
    expect(inGroup.Actions).toContain('Microsoft.KeyVault/vaults/write');
    expect(inSubscription.Actions).toEqual(
      expect.arrayContaining([
        'Microsoft.KeyVault/locations/deletedVaults/read',
        'Microsoft.KeyVault/register/action',
        'Microsoft.Resources/subscriptions/providers/read',
      ]),
    );
    expect(inSubscription.Actions.filter((action: string) => action.endsWith('/write'))).toEqual([]);
    expect(of(stack).dataActions).toEqual(inGroup.DataActions);
    expect(inGroup.DataActions).toContain('Microsoft.KeyVault/vaults/keys/create/action');
  });

  test('a stack that makes its group has one role, in the subscription', () => {
    const stack = platform('platform', { resourceGroupName: undefined });
    new azure.DataLake(stack, 'Lake');
    const [{ Actions, AssignableScopes }, ...others] = definitions(stack);
    expect([AssignableScopes, others]).toEqual([[IN_SUBSCRIPTION], []]);
    expect(Actions).toContain('Microsoft.Resources/subscriptions/resourceGroups/write');
  });

  test('allows what the arguments ask for, no more', () => {
    const actionsOf = (props: object) =>
      of(new StorageAccount(platform(), 'Account', { ...ACCOUNT, ...props })).actions;
    const plain = actionsOf({});
    const identity = { type: 'UserAssigned', identityIds: ['/subscriptions/s/identity'] };
    expect(actionsOf({ identity }).filter((action) => !plain.includes(action))).toEqual([
      'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
      'Microsoft.ManagedIdentity/userAssignedIdentities/read',
    ]);
  });

  test('approves endpoints of the services that they lead to', () => {
    const stack = platform();
    const network = new azure.PrivateNetwork(stack, 'Network');
    new azure.DataLake(stack, 'Lake', { network });
    const approvals = of(stack).actions.filter((action) => /Approval/.test(action));
    expect(approvals).toEqual([
      'Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action',
    ]);
  });

  test('needs the state, where it is in a storage account', () => {
    const stack = platform();
    new AzurermBackend(stack, {
      storageAccountName: 'states',
      containerName: 'tf',
      key: 'x',
      useAzureadAuth: true,
    });
    expect(of(stack).dataActions).toEqual(
      ['read', 'write'].map(
        (verb) => `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${verb}`,
      ),
    );
    const keyed = platform();
    new AzurermBackend(keyed, {
      storageAccountName: 's',
      containerName: 'tf',
      key: 'x',
      resourceGroupName: 'rg',
    });
    expect(of(keyed).actions).toContain('Microsoft.Storage/storageAccounts/listKeys/action');
  });

  test('a role on something of another group is given there', () => {
    const stack = platform();
    new RoleAssignment(stack, 'There', {
      scope: `${IN_SUBSCRIPTION}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme`,
      roleDefinitionName: 'Key Vault Secrets User',
      principalId: PRINCIPAL,
    });
    const there = definitions(stack).find(({ AssignableScopes: [scope] }) => scope.endsWith('/keys'));
    expect(there.Actions).toContain('Microsoft.Authorization/roleAssignments/write');
  });

  test('bounds the roles that are given', () => {
    const give = (...roles: string[]) => {
      const stack = platform();
      roles.forEach(
        (role) =>
          new RoleAssignment(stack, role, {
            scope: IN_GROUP,
            roleDefinitionName: role,
            principalId: PRINCIPAL,
          }),
      );
      return of(stack).condition;
    };
    expect(give()).toBeUndefined();
    expect(give('Reader', 'AcrPull')).toBe(
      "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {7f951dda-4ed3-4680-a7ca-43fe172d538d, acdd72a7-3385-48ef-bd42-f606fba81ae7})) AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {7f951dda-4ed3-4680-a7ca-43fe172d538d, acdd72a7-3385-48ef-bd42-f606fba81ae7}))",
    );
    // Owner, User Access Administrator and their like are none that an unknown role can be.
    expect(give('Reader', 'A role of ours')).toMatch(
      /ForAnyOfAllValues:GuidNotEquals \{8e3af657-a8ff-443c-a75c-2fe8c4bcb635, /,
    );
  });

  test('tells of types that it knows nothing of, and lets them be made', () => {
    const app = newApp();
    const stack = platform('platform', {}, app);
    new Exotic(stack, 'Exotic');
    expect(of(stack).unknownTypes).toEqual(['azurerm_mssql_server']);
    app.synth();
    expect(reported(app, stack)[0]).toMatch(/; \} # and what these need: azurerm_mssql_server$/);
  });

  test('is the same before synthesis and after', () => {
    const app = newApp();
    const stack = platform('platform', {}, app);
    new azure.GpuTrainingCluster(stack, 'Training', {
      image: 'acmeml.azurecr.io/train:3',
      accelerators: ['T4:1'],
    });
    const before = of(stack).roleDefinitions;
    app.synth();
    expect(of(stack).roleDefinitions).toEqual(before);
    const files = ['deploy-role.json', `deploy-role.${SUBSCRIPTION}.json`];
    expect(files.map((file) => readFileSync(join(app.outdir, 'stacks', 'platform', file), 'utf8'))).toEqual(
      before,
    );
    expect(reported(app, stack)).toEqual([
      files
        .map((file) => `--role-definition @cdktf.out/stacks/platform/${file}`)
        .map((role) => `{ az role definition update ${role} || az role definition create ${role}; }`)
        .join(' && '),
    ]);
  });
});

describe('what makes the roles', () => {
  test('is written by the command, which changes a role that there is', async () => {
    const account = new StorageAccount(platform(), "O'Hara", ACCOUNT);
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    const az = ({ args }: { args: string[] }) => {
      if (args[2] === 'update') {
        throw new Error('No such role');
      }
    };
    await inShell({ az }, async (shell) => {
      expect(await shell.run(`cd ${folder} && ${of(account).command}`)).toMatchObject({ code: 0 });
      expect(shell.calls.map((call) => call.slice(1))).toEqual(
        ['update', 'create'].map((verb) => [
          ...['role', 'definition', verb, '--role-definition'],
          '@platform-O-Hara.deploy-role.json',
        ]),
      );
      const written = readFileSync(join(folder, 'platform-O-Hara.deploy-role.json'), 'utf8');
      expect([written]).toEqual(of(account).roleDefinitions);
    });
  });

  test('is assigned to a principal under the condition, where it gives roles', async () => {
    const stack = platform();
    new RoleAssignment(stack, 'Given', {
      scope: IN_GROUP,
      roleDefinitionName: 'Reader',
      principalId: PRINCIPAL,
    });
    await inShell({ az: () => undefined }, async (shell) => {
      expect(await shell.run(of(stack).assignCommand(PRINCIPAL))).toMatchObject({ code: 0, err: '' });
      const argument = (call: string[], name: string) =>
        call.includes(name) ? call[call.indexOf(name) + 1] : undefined;
      const bounds = shell.calls.map((call) => [argument(call, '--scope'), argument(call, '--condition')]);
      expect(new Map(bounds as [string, string][])).toEqual(
        new Map([
          [IN_GROUP, of(stack).condition],
          [IN_SUBSCRIPTION, undefined],
        ]),
      );
    });
    refusal(() => of(stack).assignCommand('ada@example.com'), 'CMC-006');
  });

  test('is in the subscription that the provider finds in its environment, where the program has none', async () => {
    const stack = new TerraformStack(newApp(), 'theirs');
    new AzurermProvider(stack, 'azurerm', { features: [{}] });
    new StorageAccount(stack, 'Account', ACCOUNT);
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    await inShell({ az: () => undefined }, async (shell) => {
      await shell.run(`cd ${folder} && ${of(stack).command}`, { ARM_SUBSCRIPTION_ID: SUBSCRIPTION });
      const { AssignableScopes } = JSON.parse(readFileSync(join(folder, 'deploy-role.json'), 'utf8'));
      expect(AssignableScopes).toEqual([IN_SUBSCRIPTION]);
    });
  });
});

test('what is not of an app of cdktf, or of another cloud, is refused', () => {
  refusal(() => of(undefined as never), 'CMC-003');
  refusal(() => of(new CdkApp()), 'CMC-011');
  const theirs = new Construct(newApp(), 'Theirs');
  brand(theirs, 'google', 'DataLake');
  expect(refusal(() => of(theirs), 'CMC-010')).toMatch(/google\.DeployPermissions/);
});

test('actions are written as ARM writes them', () => {
  const actions = Object.values(ROWS).flatMap(actionsIn);
  expect(
    actions.filter((one) => !/^Microsoft\.[A-Za-z]+(\/[A-Za-z]+)+\/(action|delete|read|write)$/.test(one)),
  ).toEqual([]);
});
