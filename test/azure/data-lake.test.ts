import { App } from 'cdktf';
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

const REGULATED = { securityProfile: core.SecurityProfile.REGULATED };
const CONTAINER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/mine/blobServices/default/containers/data`;

const lakeWith = (props: azure.DataLakeProps, stackProps: Partial<azure.PlatformStackProps> = {}) =>
  synthesizedPlatform((stack) => new azure.DataLake(stack, 'Lake', props), stackProps);

describe('a lake without props', () => {
  const { made: lake, json } = lakeWith({});

  test('each zone has its account as default child', () => {
    for (const name of ['raw', 'curated', 'features']) {
      expect(lake.node.findChild(`Zone-${name}`).node.defaultChild).toBe(lake.storageAccount(name));
    }
    expect((lake.storageAccount('raw') as { terraformResourceType?: string }).terraformResourceType).toBe(
      'azurerm_storage_account',
    );
  });

  test('zones are raw, curated and features', () => {
    expect(lake.zoneNames).toEqual(['raw', 'curated', 'features']);
    expect(lake.zone('raw').uri).toMatch(
      /^abfss:\/\/data@platformlakezone[0-9a-f]{8}\.dfs\.core\.windows\.net\/$/,
    );
    expect(new Set(Object.values(lake.uris)).size).toBe(3);
  });

  test('a zone takes no keys and nobody unknown, is encrypted twice, restorable, logged and kept', () => {
    const { 'Lake_Zone-raw_Account_EF845EF4': account } = json.resource!.azurerm_storage_account;
    const { '//': _, ...zone } = account;
    expect(zone).toEqual({
      name: expect.stringMatching(/^platformlakezone[0-9a-f]{8}$/),
      resource_group_name: 'ml',
      location: 'westeurope',
      account_kind: 'StorageV2',
      account_tier: 'Standard',
      account_replication_type: 'ZRS',
      is_hns_enabled: true,
      min_tls_version: 'TLS1_2',
      https_traffic_only_enabled: true,
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      allowed_copy_scope: 'AAD',
      local_user_enabled: false,
      infrastructure_encryption_enabled: true,
      public_network_access_enabled: true,
      network_rules: { default_action: 'Allow', bypass: ['AzureServices'] },
      blob_properties: {
        delete_retention_policy: { days: 30 },
        container_delete_retention_policy: { days: 30 },
      },
      depends_on: [],
      lifecycle: { prevent_destroy: true },
    });
    expect(all(json, 'azurerm_storage_container')).toHaveLength(3);
    for (const { container_access_type, lifecycle } of all(json, 'azurerm_storage_container')) {
      expect([container_access_type, lifecycle]).toEqual(['private', { prevent_destroy: true }]);
    }
    expect(all(json, 'azurerm_monitor_diagnostic_setting')).toHaveLength(3);
    expect(only(json, 'azurerm_log_analytics_workspace').retention_in_days).toBe(365);
  });

  test('uploads go by identity, and what is overwritten is said to be lost', () => {
    expect(lake.uploadCommand).toMatch(
      /^AZCOPY_AUTO_LOGIN_TYPE=AZCLI azcopy copy "\$\(echo "\$DATA" \| sed 's:\/\*\$::'\)\/\*" "https:\/\/platformlakezone[0-9a-f]{8}\.blob\.core\.windows\.net\/data\/" --recursive$/,
    );
    expect(reportOf(lake).map(({ entry }) => entry.title)).toEqual(
      expect.arrayContaining(['Upload data', 'Overwritten files']),
    );
  });
});

test('zones grow cold, expire and are restorable each in its own time', () => {
  const { json } = lakeWith({
    zones: [
      { name: 'raw', coldAfterDays: 30, expireAfterDays: 365 },
      { name: 'xy', keepOldVersionsDays: 7 },
    ],
  });
  const [policy] = all(json, 'azurerm_storage_management_policy');
  expect(all(json, 'azurerm_storage_management_policy')).toHaveLength(1);
  expect(policy.rule[0].actions).toEqual({
    base_blob: {
      tier_to_cool_after_days_since_modification_greater_than: 30,
      delete_after_days_since_modification_greater_than: 365,
    },
  });
  expect(
    all(json, 'azurerm_storage_account')
      .map(({ blob_properties }) => blob_properties.delete_retention_policy.days)
      .sort(),
  ).toEqual([30, 7]);
});

test('with a network a zone is reached over private endpoints alone', () => {
  const { json, made } = synthesizedPlatform(
    (stack) =>
      new azure.DataLake(stack, 'Lake', {
        zones: [{ name: 'raw' }],
        network: new azure.PrivateNetwork(stack, 'Network'),
      }),
  );
  expect(only(json, 'azurerm_storage_account')).toMatchObject({
    public_network_access_enabled: false,
    network_rules: { default_action: 'Deny', bypass: ['AzureServices'] },
  });
  expect(
    all(json, 'azurerm_private_endpoint').map(
      ({ private_service_connection: connection }) => connection.subresource_names[0],
    ),
  ).toEqual(['blob', 'dfs']);
  expect(reportOf(made).filter(({ entry }) => entry.kind === 'idle-cost')).toHaveLength(2);
});

test('a key of the customer encrypts each zone, after its identity may use it', () => {
  const { json } = synthesizedPlatform(
    (stack) =>
      new azure.DataLake(stack, 'Lake', {
        zones: [{ name: 'raw' }],
        encryptionKey: new azure.EncryptionKey(stack, 'Key'),
      }),
  );
  const account = only(json, 'azurerm_storage_account');
  expect(account.customer_managed_key.key_vault_key_id).toMatch(/versionless_id\}$/);
  expect(account.identity.identity_ids).toEqual([account.customer_managed_key.user_assigned_identity_id]);
  expect(account.depends_on).toEqual([expect.stringMatching(/^time_sleep\.Key_IdentityRoleSettled/)]);
});

test('data goes with the lake where that was asked', () => {
  const { json } = lakeWith({ retention: core.DataRetention.DESTROY });
  for (const type of ['azurerm_storage_account', 'azurerm_storage_container']) {
    expect(all(json, type).filter(({ lifecycle }) => lifecycle)).toEqual([]);
  }
});

test('containers that exist are a lake too', () => {
  const { json, made } = synthesizedPlatform((stack) => {
    const lake = azure.DataLake.fromContainers(stack, 'Lake', { containers: { raw: CONTAINER } });
    lake.grantRead(azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL));
    return lake;
  });
  expect(made.zone('raw').uri).toBe('abfss://data@mine.dfs.core.windows.net/');
  expect(made.containerId('raw')).toBe(CONTAINER);
  expect(roles(json)).toMatchObject([{ role: 'Storage Blob Data Reader', scope: CONTAINER }]);
  const stack = platform();
  refusal(() => azure.DataLake.fromContainers(stack, 'L', { containers: {} }), 'CMC-002');
  refusal(() => azure.DataLake.fromContainers(stack, 'L', { containers: { raw: 'raw' } }), 'CMC-006');
  expect(stack.node.tryFindChild('L')).toBeUndefined();
});

describe('grants', () => {
  test('are roles on the containers, children of the grantee, once each', () => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake');
      const workload = azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL);
      lake.grantRead(workload);
      lake.zone('raw').grantRead(workload);
      lake.zone('raw').grantReadWrite(workload);
    });
    expect(
      roles(json)
        .map(({ role }) => role)
        .sort(),
    ).toEqual(['Storage Blob Data Contributor', ...Array(3).fill('Storage Blob Data Reader')]);
    for (const { id, scope, principal } of roles(json)) {
      expect([id, scope, principal]).toEqual([
        expect.stringMatching(/^Workload_Role-/),
        expect.stringMatching(/^\$\{azurerm_storage_container\..*\.id\}$/),
        PRINCIPAL,
      ]);
    }
  });

  test('reach native principals', () => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
      lake.grants.read(PRINCIPAL);
      lake.grants.readWrite(PRINCIPAL);
    });
    expect(all(json, 'azurerm_role_assignment').map(({ principal_type }) => principal_type)).toEqual([
      undefined,
      undefined,
    ]);
  });

  const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
  const READS = `!(ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'})`;
  const WRITES = ['write', 'add/action', 'delete', 'move/action']
    .map((action) => `!(ActionMatches{'${BLOBS}/${action}'})`)
    .join(' AND ');
  const LISTS = `!(ActionMatches{'${BLOBS}/read'} AND SubOperationMatches{'Blob.List'})`;
  const within = (attribute: string, name: string) =>
    `${attribute} StringStartsWith '${name}/' OR ${attribute} StringEquals '${name}'`;
  const below = (...names: string[]) =>
    [
      `((${READS} AND ${WRITES}) OR ${names.map((name) => within(`@Resource[${BLOBS}:path]`, name)).join(' OR ')})`,
      `((${LISTS}) OR ${names.map((name) => within(`@Request[${BLOBS}:prefix]`, name)).join(' OR ')})`,
    ].join(' AND ');

  /** The roles of a workload that is granted parts of a zone. */
  const grantedOf = (grant: (zone: core.IDataZone, workload: azure.IWorkload) => void) => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
      grant(lake.zone('raw'), azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL));
    });
    return all(json, 'azurerm_role_assignment').map(
      ({ role_definition_name, condition, condition_version }) => [
        role_definition_name,
        condition,
        condition_version,
      ],
    );
  };

  test('of a folder have a condition: reading, writing and listing below it', () => {
    expect(grantedOf((zone, workload) => zone.folder('team-a').grantReadWrite(workload))).toEqual([
      ['Storage Blob Data Contributor', below('team-a'), '2.0'],
    ]);
  });

  test('of several folders are one role, because Azure takes no second one on the container', () => {
    expect(
      grantedOf((zone, workload) => {
        for (const path of ['team-b', 'shared/images', 'team-b/']) zone.folder(path).grantRead(workload);
        zone.folder('team-a').grantReadWrite(workload);
      }),
    ).toEqual([
      ['Storage Blob Data Contributor', below('team-a'), '2.0'],
      ['Storage Blob Data Reader', below('shared/images', 'team-b'), '2.0'],
    ]);
  });

  test.each(['before', 'after'])('of a folder add nothing to those of its zone, granted %s', (order) => {
    const whole = (zone: core.IDataZone, workload: azure.IWorkload) => zone.grantRead(workload);
    const part = (zone: core.IDataZone, workload: azure.IWorkload) => zone.folder('a').grantRead(workload);
    expect(
      grantedOf((...given) =>
        (order === 'before' ? [whole, part] : [part, whole]).forEach((grant) => grant(...given)),
      ),
    ).toEqual([['Storage Blob Data Reader', undefined, undefined]]);
  });

  test('reach native principals of one zone, and of a folder', () => {
    const { json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake');
      lake.grants.read(PRINCIPAL, { zone: 'curated' });
      lake.grants.readWrite(PRINCIPAL, { zone: 'raw', folder: 'team-a/' });
      refusal(() => lake.grants.read(PRINCIPAL, { zone: 'gold' }), 'CMC-012');
      refusal(() => lake.grants.read(PRINCIPAL, { zone: 'raw', folder: "a' OR '" }), 'CMC-006');
    });
    expect(
      all(json, 'azurerm_role_assignment').map(({ id, role_definition_name: role, condition }) => [
        id.slice(0, 16),
        role,
        condition,
      ]),
    ).toEqual([
      ['Lake_Zone-curate', 'Storage Blob Data Reader', undefined],
      ['Lake_Zone-raw_Ro', 'Storage Blob Data Contributor', below('team-a')],
    ]);
  });

  const twoStacks = (app: App) => ({
    foundation: platform('foundation', {}, app),
    serving: platform('serving', {}, app),
  });

  test('go forward between stacks: written in the grantee’s', () => {
    const app = newApp();
    const { foundation, serving } = twoStacks(app);
    const lake = new azure.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] });
    const before = JSON.stringify(foundation.toTerraform().resource);
    lake.grantRead(azure.Workload.fromPrincipalId(serving, 'Workload', PRINCIPAL));
    expect(JSON.stringify(foundation.toTerraform().resource)).toBe(before);
    const json = synthesized(app);
    expect(roles(json.serving)).toMatchObject([{ role: 'Storage Blob Data Reader' }]);
    expect(json.foundation.resource!.azurerm_role_assignment).toBeUndefined();
  });

  test('never go backwards', () => {
    const { foundation, serving } = twoStacks(newApp());
    serving.addDependency(foundation);
    const lake = new azure.DataLake(serving, 'Lake');
    const workload = azure.Workload.fromPrincipalId(foundation, 'Workload', PRINCIPAL);
    refusal(() => lake.grantRead(workload), 'CMC-013');
  });

  test('a key, a network of another stack are used in their order', () => {
    const app = newApp();
    const { foundation, serving } = twoStacks(app);
    new azure.DataLake(serving, 'Lake', {
      network: new azure.PrivateNetwork(foundation, 'Network'),
      encryptionKey: new azure.EncryptionKey(foundation, 'Key'),
    });
    expect(serving.dependencies).toEqual([foundation]);
    synthesized(app);
  });
});

describe('refusals', () => {
  const refused = (props: object, ...codes: string[]) => {
    const stack = platform('platform');
    const message = refusal(() => new azure.DataLake(stack, 'Lake', props), ...codes);
    expect(stack.node.children).toEqual([]);
    return message;
  };

  test('discovery names the tenant’s catalog', () => {
    expect(refused({ discovery: true }, 'CMC-040')).toContain('Microsoft Purview');
    expect(lakeWith({ discovery: false }).made.discoverCommand).toBeUndefined();
  });

  test('nothing is restorable for longer than a year', () => {
    expect(refused({ zones: [{ name: 'raw', keepOldVersionsDays: 366 }] }, 'CMC-040')).toContain('365');
  });

  test('all faults at once', () => {
    refused(
      { zones: [{ name: 'raw', coldAfterDays: 9, expireAfterDays: 9 }, { name: 'RAW' }], zone: [] },
      'CMC-001',
      'CMC-006',
      'CMC-031',
    );
  });

  test('a zone that is not there', () => {
    refusal(() => new azure.DataLake(platform(), 'Lake').zone('gold'), 'CMC-012');
  });

  test('under REGULATED a network is needed', () => {
    const stack = platform('platform', REGULATED);
    expect(refusal(() => new azure.DataLake(stack, 'Lake'), 'CMC-009')).toContain('network is required');
  });
});

test('one zone less moves no other', () => {
  const accounts = (zones: core.DataZoneProps[]) => {
    const found = lakeWith({ zones }).json.resource!.azurerm_storage_account;
    return Object.entries(found).map(([id, { name }]) => `${id} ${name}`);
  };
  const both = accounts([{ name: 'raw' }, { name: 'curated' }]);
  expect(both).toEqual(expect.arrayContaining(accounts([{ name: 'curated' }])));
});
