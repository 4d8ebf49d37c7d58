import {
  all,
  newApp,
  only,
  platform,
  refusal,
  SUBSCRIPTION,
  Synthesized,
  synthesized,
  synthesizedPlatform,
} from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { inShell } from '../support/stand-ins';

const SETTING = 'azurerm_monitor_diagnostic_setting';
const POLICY = 'azurerm_storage_container_immutability_policy';
const REGULATED = { securityProfile: core.SecurityProfile.REGULATED };

const lakeOf = (stack: azure.PlatformStack, props: azure.DataLakeProps = {}) =>
  new azure.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }, { name: 'curated' }], ...props });

/** A lake with a trail. */
const audited = (props: Partial<azure.AuditTrailProps> = {}) =>
  synthesizedPlatform(
    (stack) => new azure.AuditTrail(stack, 'Audit', { datasets: [lakeOf(stack)], ...props }),
  );

const account = (json: Synthesized) => only(json, 'azurerm_storage_account', 'Audit_Records');
/** The settings of the trail; those of the lake send to Log Analytics. */
const settings = (json: Synthesized) =>
  all(json, SETTING).filter(({ id }) => id.startsWith('Audit_Records_') && !id.includes('AccountLogs'));

describe('AuditTrail', () => {
  test('has the storage account of the records as default child', () => {
    const { made } = audited();
    expect(made.node.defaultChild).toBe(made.storageAccount);
    expect(made.storageAccount.terraformResourceType).toBe('azurerm_storage_account');
  });

  test('is minimal: reads, writes and deletions of each zone, to an account of its own', () => {
    const { json, made } = audited();
    const { id } = account(json);
    expect(settings(json).map(({ '//': _, ...one }) => one)).toEqual(
      ['raw', 'curated'].map((zone) => ({
        id: expect.stringMatching(/^Audit_Records_Data-\w{8}_Setting_/),
        name: expect.stringMatching(/^platform-audit-records-data-\w+-[0-9a-f]{8}$/),
        target_resource_id: expect.stringMatching(
          new RegExp(`azurerm_storage_container\\.Lake_Zone-${zone}_Container_.*/blobServices/default$`),
        ),
        storage_account_id: `\${azurerm_storage_account.${id}.id}`,
        enabled_log: ['StorageRead', 'StorageWrite', 'StorageDelete'].map((category) => ({ category })),
        depends_on: expect.arrayContaining(all(json, POLICY).map((policy) => `${POLICY}.${policy.id}`)),
      })),
    );
    expect(made.diagnosticSettings).toHaveLength(2);
  });

  test('keeps what the lake’s accounts sent already', () => {
    const { json } = audited();
    const before = synthesizedPlatform((stack) => lakeOf(stack)).json;
    const lake = (one: Synthesized) => all(one, SETTING).filter(({ id }) => id.startsWith('Lake_'));
    expect(lake(json)).toEqual(lake(before));
  });

  test('keeps records for a year where Azure Monitor appends them and nobody changes them, then lets them go', () => {
    const { json } = audited();
    expect(account(json)).toMatchObject({
      shared_access_key_enabled: false,
      infrastructure_encryption_enabled: true,
      is_hns_enabled: false,
      network_rules: { bypass: ['AzureServices'], default_action: 'Allow' },
      lifecycle: { prevent_destroy: true },
    });
    // For what is not recorded, too: records stay when their kind is recorded no longer.
    const names = [
      'insights-activity-logs',
      ...['auditevent', 'storagedelete', 'storageread', 'storagewrite'].map(
        (kind) => `insights-logs-${kind}`,
      ),
    ];
    const containers = all(json, 'azurerm_storage_container').filter(({ id }) => id.startsWith('Audit_'));
    expect(containers.map(({ name }) => name)).toEqual(names);
    expect(all(json, POLICY)).toEqual(
      containers.map(({ id }) =>
        expect.objectContaining({
          storage_container_resource_manager_id: `\${azurerm_storage_container.${id}.id}`,
          immutability_period_in_days: 365,
          protected_append_writes_enabled: true,
          locked: false,
        }),
      ),
    );
    expect(only(json, 'azurerm_storage_management_policy').rule[0]).toMatchObject({
      filters: { blob_types: ['appendBlob'] },
      actions: {
        base_blob: { delete_after_days_since_modification_greater_than: 365 },
        version: { delete_after_days_since_creation: 365 },
      },
    });
  });

  test('records stay as long and as firmly as asked, or go with the trail', () => {
    const { json } = audited({ retainDays: 2557, locked: true });
    expect(
      new Set(all(json, POLICY).map((one) => `${one.immutability_period_in_days} ${one.locked}`)),
    ).toEqual(new Set(['2557 true']));
    expect(account(audited({ retention: core.DataRetention.DESTROY }).json).lifecycle).toBeUndefined();
  });

  test('records changes to resources and the use of keys where that is asked for', () => {
    const { json } = synthesizedPlatform((stack) => {
      const key = new azure.EncryptionKey(stack, 'Key');
      return new azure.AuditTrail(stack, 'Audit', {
        datasets: [lakeOf(stack)],
        keys: [key],
        managementEvents: true,
      });
    });
    const of = (id: string) => only(json, SETTING, `Audit_Records_${id}`);
    const [ofKey, ofSubscription] = [of('Key-'), of('Changes_')];
    expect(ofKey).toMatchObject({
      target_resource_id: expect.stringMatching(/^\$\{azurerm_key_vault\.Key_Vault_/),
      enabled_log: [{ category: 'AuditEvent' }],
    });
    expect(ofSubscription).toMatchObject({
      target_resource_id: `/subscriptions/${SUBSCRIPTION}`,
      enabled_log: [{ category: 'Administrative' }, { category: 'Security' }, { category: 'Policy' }],
    });
  });

  test('in a network nothing but Azure Monitor reaches the records over a public address', () => {
    const { json } = synthesizedPlatform((stack) => {
      const network = new azure.PrivateNetwork(stack, 'Network');
      return new azure.AuditTrail(stack, 'Audit', { datasets: [lakeOf(stack, { network })], network });
    });
    expect(account(json)).toMatchObject({
      public_network_access_enabled: true,
      network_rules: { bypass: ['AzureServices'], default_action: 'Deny' },
    });
    expect(all(json, 'azurerm_private_endpoint').filter(({ id }) => id.startsWith('Audit_'))).toHaveLength(1);
  });

  test('under REGULATED: seven years, locked, encrypted with a key, in a network', () => {
    const app = newApp();
    const stack = platform('platform', REGULATED, app);
    const network = new azure.PrivateNetwork(stack, 'Network');
    const datasets = [lakeOf(stack, { network })];
    expect(refusal(() => new azure.AuditTrail(stack, 'Audit', { datasets }), 'CMC-009')).toContain('network');
    new azure.AuditTrail(stack, 'Audit', { datasets, network });
    const json = synthesized(app).platform;
    expect(account(json).customer_managed_key.key_vault_key_id).toContain('azurerm_key_vault_key.MlKey_');
    expect(all(json, POLICY).every((one) => one.locked && one.immutability_period_in_days === 2557)).toBe(
      true,
    );
  });

  test('accounts that several zones share are recorded once, also where they exist already', () => {
    const inAccount = (name: string) =>
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default/containers/${name}`;
    const { json } = synthesizedPlatform((stack) => {
      const lake = azure.DataLake.fromContainers(stack, 'Lake', {
        containers: { raw: inAccount('raw'), curated: inAccount('curated') },
      });
      return new azure.AuditTrail(stack, 'Audit', { datasets: [lake, lake.zone('raw')] });
    });
    expect(settings(json).map((one) => one.target_resource_id)).toEqual([
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default`,
    ]);
  });

  test('prints what reads the records of a day, and tells of the limit', async () => {
    const { json, made } = audited();
    const calls = await inShell({ az: () => undefined }, async (shell) => {
      await shell.run(made.readCommand, { DAY: '2026-11-30', RECORDS: '/tmp/r' });
      return shell.calls;
    });
    expect(calls).toHaveLength(5);
    expect(calls[0]).toEqual([
      ...'az storage blob download-batch --auth-mode login --account-name'.split(' '),
      account(json).name,
      ...'--source insights-logs-storageread --destination /tmp/r --pattern'.split(' '),
      '*/y=2026/m=11/d=30/*',
    ]);
    expect(reportOf(made).map(({ entry }) => entry.text)).toContainEqual(
      expect.stringContaining('at most five diagnostic settings'),
    );
  });

  test('refuses what cannot be, all at once', () => {
    const stack = platform();
    const make = (props: object) => () => new azure.AuditTrail(stack, 'Audit', props as never);
    refusal(make({ datasets: ['raw'], retainDays: 0.5, keys: ['key'] }), 'CMC-010', 'CMC-004', 'CMC-010');
    expect(stack.node.children).toEqual([]);
    const datasets = [lakeOf(stack)];
    const retention = core.DataRetention.DESTROY;
    expect(refusal(make({ datasets, retention, locked: true }), 'CMC-008')).toContain('locked: false');
  });
});
