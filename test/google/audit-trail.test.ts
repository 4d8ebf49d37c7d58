import {
  all,
  newApp,
  only,
  platformStack,
  PROJECT,
  refusal,
  REGION,
  Synthesized,
  synthesized,
  synthesizedStack,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { inShell } from '../support/stand-ins';
import { evaluate } from '../terraform/expressions';
import { outputsOf, testWithTerraform } from '../terraform/support';

const lakeOf = (stack: google.PlatformStack) =>
  new google.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }, { name: 'curated' }], discovery: false });

/** A lake with a trail. */
const audited = (
  props: Partial<google.AuditTrailProps> = {},
  stackProps: Partial<google.PlatformStackProps> = {},
) =>
  synthesizedStack(
    (stack) => new google.AuditTrail(stack, 'Audit', { datasets: [lakeOf(stack)], ...props }),
    stackProps,
  );

const records = (json: Synthesized) => only(json, 'google_logging_project_bucket_config');
const DATA_ACCESS = `logName="projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Fdata_access"`;

describe('AuditTrail', () => {
  test('has the native log bucket as default child', () => {
    const { made } = audited();
    expect(made.node.defaultChild).toBe(made.logBucket);
    expect(made.logBucket.terraformResourceType).toBe('google_logging_project_bucket_config');
  });

  test('is minimal: a log bucket, and the entries of the zones’ buckets alone', () => {
    const { json } = audited();
    const { '//': _, ...bucket } = records(json);
    expect(bucket).toEqual({
      id: expect.stringMatching(/^Audit_Records_Bucket_/),
      project: PROJECT,
      location: REGION,
      bucket_id: expect.stringMatching(/^platform-audit-records-[0-9a-f]{8}$/),
      retention_days: 365,
      locked: false,
      lifecycle: { prevent_destroy: true },
      depends_on: [],
    });
    const { filter, destination, unique_writer_identity: own } = only(json, 'google_logging_project_sink');
    const [curated, raw] = all(json, 'google_storage_bucket')
      .filter(({ id }) => id.includes('Zone-'))
      .map(({ id }) => `"\${google_storage_bucket.${id}.name}"`);
    expect(filter).toBe(
      `${DATA_ACCESS} AND resource.type="gcs_bucket" AND resource.labels.bucket_name=(${raw} OR ${curated})`,
    );
    expect(destination).toBe(
      `logging.googleapis.com/\${google_logging_project_bucket_config.${bucket.id}.id}`,
    );
    expect(own).toBe(true);
  });

  test('turns on Data Access logs once per stack, with reads and writes, and tells what that means', () => {
    const app = newApp();
    const stack = platformStack(app);
    const lake = lakeOf(stack);
    ['One', 'Two'].forEach((id) => new google.AuditTrail(stack, id, { datasets: [lake] }));
    expect(only(synthesized(app).platform, 'google_project_iam_audit_config')).toMatchObject({
      project: PROJECT,
      service: 'storage.googleapis.com',
      audit_log_config: [{ log_type: 'DATA_READ' }, { log_type: 'DATA_WRITE' }],
    });
    expect(reportOf(stack).map(({ entry }) => entry.title)).toContain('Data Access logs of Cloud Storage');
  });

  test('leaves alone what a project, its folder or its organization has on already', () => {
    const { json, made } = audited({ dataAccessLogs: google.DataAccessLogs.EXISTING });
    expect(all(json, 'google_project_iam_audit_config')).toEqual([]);
    expect(json.data?.google_project_iam_policy).toBeUndefined();
    expect(made.auditConfig).toBeUndefined();
    expect(only(json, 'google_logging_project_sink').filter).toContain(DATA_ACCESS);
  });

  describe('stops the plan where the project has an audit configuration of Cloud Storage of its own', () => {
    const storage = (...auditLogConfigs: object[]) => ({
      service: 'storage.googleapis.com',
      auditLogConfigs,
    });
    const READ = { logType: 'DATA_READ' };
    const WRITE = { logType: 'DATA_WRITE' };
    const CASES: [string, object, boolean][] = [
      ['none', {}, true],
      [
        'one of another service',
        { auditConfigs: [{ ...storage(READ), service: 'run.googleapis.com' }] },
        true,
      ],
      ['the one that is set here', { auditConfigs: [storage(WRITE, READ)] }, true],
      ['less', { auditConfigs: [storage(READ)] }, false],
      ['more', { auditConfigs: [storage(READ, WRITE, { logType: 'ADMIN_READ' })] }, false],
      [
        'exceptions',
        { auditConfigs: [storage(READ, { ...WRITE, exemptedMembers: ['user:ada@example.com'] })] },
        false,
      ],
    ];
    const [{ condition, error_message: message }] = only(audited().json, 'google_project_iam_audit_config')
      .lifecycle.precondition;
    const [, reference] = /jsondecode\(([^)]+)\.policy_data\)/.exec(condition)!;

    test.each(CASES)('%s', (_, policy, passes) => {
      const [, type, id] = reference.split('.');
      const data = { [type]: { [id]: { policy_data: JSON.stringify({ bindings: [], ...policy }) } } };
      expect(evaluate(condition, () => data)).toBe(passes);
    });

    testWithTerraform('as Terraform itself says', () => {
      const found = outputsOf({
        locals: Object.fromEntries(
          CASES.map(([, policy], i) => [`p${i}`, { policy_data: JSON.stringify(policy) }]),
        ),
        output: Object.fromEntries(
          CASES.map((_, i) => [`o${i}`, { value: condition.replace(reference, `local.p${i}`) }]),
        ),
      });
      expect(Object.values(found)).toEqual(CASES.map(([, , passes]) => passes));
    });

    test('and says what to do', () => {
      expect(message).toContain('dataAccessLogs: DataAccessLogs.EXISTING');
    });
  });

  test('records stay as long and as firmly as asked, or go with the trail', () => {
    expect(records(audited({ retainDays: 2557, locked: true }).json)).toMatchObject({
      retention_days: 2557,
      locked: true,
    });
    expect(records(audited({ retention: core.DataRetention.DESTROY }).json).lifecycle).toBeUndefined();
  });

  test('changes to resources are recorded where that is asked for', () => {
    const { filter } = only(audited({ managementEvents: true }).json, 'google_logging_project_sink');
    expect(filter).toMatch(
      /^\(logName=.*\) OR logName="projects\/ml-project\/logs\/cloudaudit\.googleapis\.com%2Factivity"$/,
    );
  });

  test('under REGULATED: seven years, locked, encrypted with a key', () => {
    const { json } = audited({}, { securityProfile: core.SecurityProfile.REGULATED });
    expect(records(json)).toMatchObject({
      retention_days: 2557,
      locked: true,
      cmek_settings: { kms_key_name: expect.stringContaining('google_kms_crypto_key.MlKey_') },
    });
  });

  test('a key of the user’s own encrypts buckets that exist already', () => {
    const key = `projects/${PROJECT}/locations/${REGION}/keyRings/ring/cryptoKeys/key`;
    const { json } = synthesizedStack((stack) => {
      const lake = google.DataLake.fromBucketNames(stack, 'Lake', { bucketNames: { raw: 'acme-raw' } });
      const encryptionKey = google.EncryptionKey.fromKeyId(stack, 'Key', key);
      return new google.AuditTrail(stack, 'Audit', { datasets: [lake.zone('raw'), lake], encryptionKey });
    });
    expect(records(json).cmek_settings).toEqual({ kms_key_name: key });
    expect(only(json, 'google_logging_project_sink').filter).toMatch(/bucket_name=\("acme-raw"\)$/);
  });

  test('records the data of another stack', () => {
    const { app, foundation, serving } = twoStacks();
    new google.AuditTrail(serving, 'Audit', { datasets: [lakeOf(foundation)] });
    const { filter } = only(synthesized(app).serving, 'google_logging_project_sink');
    expect(filter.match(/terraform_remote_state/g)).toHaveLength(2);
  });

  test('prints what reads the records of a day', async () => {
    const { json, made } = audited();
    const calls = await inShell({ gcloud: () => '[]' }, async (shell) => {
      await shell.run(made.readCommand, { DAY: '2026-11-30', RECORDS: '/tmp' });
      return shell.calls;
    });
    expect(calls).toEqual([
      [
        'gcloud',
        'logging',
        'read',
        'timestamp>="2026-11-30T00:00:00Z" AND timestamp<="2026-11-30T23:59:59.999Z"',
        `--project=${PROJECT}`,
        `--bucket=${records(json).bucket_id}`,
        `--location=${REGION}`,
        '--view=_AllLogs',
        '--format=json',
      ],
    ]);
  });

  test('refuses what cannot be, all at once', () => {
    const app = newApp();
    const stack = platformStack(app);
    const make = (props: object) => () => new google.AuditTrail(stack, 'Audit', props as never);
    const message = refusal(
      make({ retainDays: 4000, dataAccessLogs: 'on' }),
      'CMC-002',
      'CMC-004',
      'CMC-005',
    );
    expect(message).toContain('retainDays (4000) must be a whole number from 1 to 3650: Cloud Logging');
    expect(stack.node.tryFindChild('Audit')).toBeUndefined();
    const datasets = [lakeOf(stack)];
    const retention = core.DataRetention.DESTROY;
    expect(refusal(make({ datasets, retention, locked: true }), 'CMC-008')).toContain('locked: false');
  });
});
