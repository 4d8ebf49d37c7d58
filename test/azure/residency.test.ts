import { CdnFrontdoorProfile } from '@cdktf/provider-azurerm/lib/cdn-frontdoor-profile';
import { CognitiveDeployment } from '@cdktf/provider-azurerm/lib/cognitive-deployment';
import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { CosmosdbAccount } from '@cdktf/provider-azurerm/lib/cosmosdb-account';
import { MssqlDatabase } from '@cdktf/provider-azurerm/lib/mssql-database';
import { PostgresqlFlexibleServer } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { RecoveryServicesVault } from '@cdktf/provider-azurerm/lib/recovery-services-vault';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageObjectReplication } from '@cdktf/provider-azurerm/lib/storage-object-replication';
import { TerraformStack, TerraformVariable } from 'cdktf';
import { newApp, only, PLACE, platform, refusal, SUBSCRIPTION, synthesized } from './support';
import * as azure from '../../src/azure';
import { azapiResource } from '../../src/azure/private/azapi';
import { reportOf } from '../../src/core/private/report';
import { TestStack } from '../terraform/support';

const LOCATION = PLACE.location;
const HOME = { resourceGroupName: 'ml', location: LOCATION };
const account = (name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/${name}`;
const AI = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.CognitiveServices/accounts/ai`;

/** A stack that may only be in its region, with what `build` puts into it, synthesized. */
function inside(build: (stack: azure.PlatformStack) => void, allowedRegions = [LOCATION]) {
  const app = newApp();
  const stack = platform('platform', { allowedRegions }, app);
  build(stack);
  return { stack, synth: () => synthesized(app).platform };
}

const storage =
  (accountReplicationType: string, location = LOCATION) =>
  (stack: TerraformStack) =>
    new StorageAccount(stack, 'Own', {
      resourceGroupName: 'ml',
      location,
      name: 'own',
      accountTier: 'Standard',
      accountReplicationType,
    });

const deployment = (sku: string) => (stack: TerraformStack) =>
  new CognitiveDeployment(stack, 'Chat', {
    name: 'chat',
    cognitiveAccountId: AI,
    model: { format: 'OpenAI', name: 'gpt-4o' },
    sku: { name: sku },
  });

describe('refuses', () => {
  test.each<[string, string, (stack: TerraformStack) => void, string]>([
    [
      'an account in another region',
      'CMC-050',
      storage('LRS', 'East US'),
      "platform: Own location ('East US') lies outside of allowedRegions (westeurope): move it there",
    ],
    [
      'copies in the pair of the region',
      'CMC-051',
      storage('RAGZRS'),
      "account_replication_type ('RAGZRS') takes copies out of allowedRegions (westeurope): take ZRS or LRS, or allow northeurope, where the copies lie",
    ],
    [
      'a registry that copies images',
      'CMC-051',
      (stack) =>
        new ContainerRegistry(stack, 'Own', {
          ...HOME,
          name: 'own',
          sku: 'Premium',
          georeplications: [{ location: 'eastus' }],
        }),
      "georeplications[0].location ('eastus') takes copies out",
    ],
    [
      'a database of two regions',
      'CMC-051',
      (stack) =>
        new CosmosdbAccount(stack, 'Own', {
          ...HOME,
          name: 'own',
          offerType: 'Standard',
          consistencyPolicy: { consistencyLevel: 'Session' },
          backup: { type: 'Continuous' },
          geoLocation: [
            { location: LOCATION, failoverPriority: 0 },
            { location: 'eastus', failoverPriority: 1 },
          ],
        }),
      "geo_location[1].location ('eastus')",
    ],
    [
      'backups that are geo-redundant by default',
      'CMC-051',
      (stack) => new RecoveryServicesVault(stack, 'Own', { ...HOME, name: 'own', sku: 'Standard' }),
      "('geo-redundant by default') takes copies out of allowedRegions (westeurope): give storage_mode_type",
    ],
    [
      'backups of a database that are geo-redundant by default',
      'CMC-051',
      (stack) => new MssqlDatabase(stack, 'Own', { name: 'own', serverId: 'server' }),
      'give storage_account_type',
    ],
    [
      'geo-redundant backups',
      'CMC-051',
      (stack) =>
        new PostgresqlFlexibleServer(stack, 'Own', { ...HOME, name: 'own', geoRedundantBackupEnabled: true }),
      'geo_redundant_backup_enabled (true) takes copies out of allowedRegions (westeurope): turn it off',
    ],
    [
      'objects that are copied to an account elsewhere',
      'CMC-051',
      (stack) =>
        new StorageObjectReplication(stack, 'Own', {
          sourceStorageAccountId: account('from'),
          destinationStorageAccountId: account('to'),
          rules: [{ sourceContainerName: 'a', destinationContainerName: 'a' }],
        }),
      'copy to an account that the program makes or reads',
    ],
    [
      'models that Azure answers from anywhere',
      'CMC-052',
      deployment('GlobalStandard'),
      "sku.name ('GlobalStandard') may be served from outside of allowedRegions (westeurope): take Standard",
    ],
    ['models of a zone of countries', 'CMC-052', deployment('DataZoneStandard'), "('DataZoneStandard')"],
    [
      'such models by azapi',
      'CMC-052',
      (stack) =>
        azapiResource(stack, 'Own', {
          type: 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01',
          name: 'chat',
          parentId: AI,
          body: { sku: { name: 'GlobalProvisionedManaged', capacity: 1 } },
        }),
      'Own body.sku.name',
    ],
    [
      'a network at the edge',
      'CMC-052',
      (stack) =>
        new CdnFrontdoorProfile(stack, 'Own', {
          name: 'own',
          resourceGroupName: 'ml',
          skuName: 'Standard_AzureFrontDoor',
        }),
      'take an application gateway',
    ],
    [
      'a resource of azapi in another region',
      'CMC-050',
      (stack) =>
        azapiResource(stack, 'Own', {
          type: 'Microsoft.Logic/workflows@2019-05-01',
          name: 'own',
          parentId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml`,
          location: 'eastus',
          body: {},
        }),
      "location ('eastus')",
    ],
    [
      'the address of a service elsewhere',
      'CMC-050',
      (stack) =>
        azapiResource(stack, 'Own', {
          type: 'Microsoft.Logic/workflows@2019-05-01',
          name: 'own',
          parentId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml`,
          location: LOCATION,
          body: { properties: { state: 'https://fraud.eastus.inference.ml.azure.com/score' } },
        }),
      'names eastus, which lies outside',
    ],
  ])('%s', (_, code, build, message) => {
    const refused = refusal(inside(build).synth, code);
    expect(refused).toContain(message);
  });

  test('copies in a pair that is not allowed, as the stack is made', () => {
    const storageReplication = azure.StorageReplication.GRS;
    const message = refusal(
      () => platform('p', { allowedRegions: [LOCATION], storageReplication }),
      'CMC-050',
    );
    expect(message).toContain("('GRS') keeps copies in the paired region (northeurope)");
  });
});

describe('takes', () => {
  test('what lies inside, and alarms, which are everywhere', () => {
    inside((stack) => {
      storage('ZRS', 'West Europe')(stack);
      deployment('Standard')(stack);
      const registry = new azure.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud', approvalRequired: true }],
        notify: ['ml@example.com'],
      });
      expect(registry.node.findAll().length).toBeGreaterThan(1);
    }).synth();
  });

  test('copies in a pair that is allowed too', () => {
    const app = newApp();
    const stack = platform(
      'platform',
      {
        allowedRegions: [LOCATION, 'northeurope'],
        storageReplication: azure.StorageReplication.GZRS,
      },
      app,
    );
    storage('RAGRS')(stack);
    new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    synthesized(app);
  });

  test('a place that only deployment knows, and tells of it', () => {
    const { stack, synth } = inside((here) => {
      const place = new TerraformVariable(here, 'Place', { type: 'string' });
      storage('LRS', place.stringValue)(here);
    });
    synth();
    const warnings = stack.node.metadata.filter(({ type }) => type === '@cdktf/warn');
    expect(warnings.map(({ data }) => data)).toEqual([expect.stringContaining('cannot judge: Own location')]);
  });
});

describe('a guard', () => {
  test('is a policy of the resource group', () => {
    const app = newApp();
    const stack = platform('platform', { allowedRegions: [LOCATION, 'northeurope'], regionGuard: true }, app);
    const { parameters, name, ...policy } = only(
      synthesized(app).platform,
      'azurerm_resource_group_policy_assignment',
    );
    expect(policy).toMatchObject({
      resource_group_id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml`,
      policy_definition_id:
        '/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c',
    });
    expect(JSON.parse(parameters)).toEqual({
      listOfAllowedLocations: { value: [LOCATION, 'northeurope'] },
    });
    expect(name).toMatch(/^platform-mlregionguard-[0-9a-f]{8}$/);
    expect(reportOf(stack).map(({ entry }) => entry.text)).toContainEqual(
      expect.stringContaining('Resource Policy Contributor'),
    );
  });

  test('needs regions, and guards a stack of the user’s own, too', () => {
    expect(refusal(() => platform('p', { regionGuard: true }), 'CMC-009')).toContain('needs allowedRegions');
    const app = newApp();
    const stack = new TestStack(app, 'plain');
    new AzurermProvider(stack, 'azurerm', { features: [{}], storageUseAzuread: true });
    azure.PlatformStack.adopt(stack, { ...PLACE, allowedRegions: [LOCATION], regionGuard: true });
    storage('LRS', 'eastus')(stack);
    expect(stack.node.tryFindChild('MlRegionGuard')).toBeDefined();
    expect(refusal(() => app.synth(), 'CMC-050')).toContain("plain: Own location ('eastus')");
  });
});
