import {
  all,
  EMAIL,
  newApp,
  only,
  platformStack,
  refusal,
  synthesized,
  synthesizedStack,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const lakeOf = (props: google.DataLakeProps = {}) =>
  synthesizedStack((stack) => new google.DataLake(stack, 'Lake', props));

const bucketOf = (props: google.DataLakeProps, zone = 'raw') =>
  only(lakeOf(props).json, 'google_storage_bucket', `Zone-${zone}`);

describe('DataLake', () => {
  test('has zones whose default child is the native bucket', () => {
    const { made: lake } = lakeOf();
    expect(lake.zoneNames).toEqual(['raw', 'curated', 'features']);
    for (const zone of lake.zoneNames) {
      expect(lake.zone(zone).node.defaultChild).toBe(lake.bucket(zone));
      expect(lake.bucket(zone).terraformResourceType).toBe('google_storage_bucket');
    }
  });

  test('is minimal', () => {
    const { '//': _, ...bucket } = bucketOf({ zones: [{ name: 'raw' }], discovery: false });
    expect(bucket).toEqual({
      id: expect.stringMatching(/^Lake_Zone-raw_Bucket_/),
      name: 'platform-lake-zone-raw-4dddb513',
      location: 'europe-west4',
      storage_class: 'STANDARD',
      uniform_bucket_level_access: true,
      public_access_prevention: 'enforced',
      force_destroy: false,
      versioning: { enabled: true },
      soft_delete_policy: { retention_duration_seconds: 604800 },
      logging: {
        log_bucket: expect.stringMatching(/^\$\{google_storage_bucket\.MlAccessLogs_Bucket_\w+\.name\}$/),
        log_object_prefix: 'platform/Lake/Zone-raw',
      },
      lifecycle_rule: [
        { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 7 } },
        {
          action: { type: 'Delete' },
          condition: { days_since_noncurrent_time: 30, with_state: 'ARCHIVED' },
        },
      ],
      depends_on: [],
    });
  });

  test('takes buckets that exist already', () => {
    const { json, made: lake } = synthesizedStack((stack) => {
      const imported = google.DataLake.fromBucketNames(stack, 'Lake', {
        bucketNames: { raw: 'our-raw-data' },
      });
      imported.grantRead(google.Workload.fromServiceAccount(stack, 'Job', EMAIL));
      return imported;
    });
    expect(lake.uris).toEqual({ raw: 'gs://our-raw-data/' });
    expect(lake.bucketName('raw')).toBe('our-raw-data');
    expect(only(json, 'google_storage_bucket_iam_member')).toMatchObject({
      bucket: 'our-raw-data',
      role: 'roles/storage.objectViewer',
      member: `serviceAccount:${EMAIL}`,
    });
    expect(Object.keys(json.resource!)).toEqual(['google_storage_bucket_iam_member', 'terraform_data']);
  });

  test('takes a key of the user’s own', () => {
    const keyId = 'projects/keys/locations/europe-west4/keyRings/ml/cryptoKeys/ml';
    const { json } = synthesizedStack((stack) => {
      const encryptionKey = google.EncryptionKey.fromKeyId(stack, 'Key', keyId);
      new google.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], encryptionKey });
    });
    const { id } = only(json, 'google_kms_crypto_key_iam_member');
    expect(only(json, 'google_storage_bucket', 'Zone-raw')).toMatchObject({
      encryption: { default_kms_key_name: keyId },
      depends_on: [`google_kms_crypto_key_iam_member.${id}`],
    });
  });

  test('writes access logs to one bucket per stack, which takes none of its own', () => {
    const { json } = lakeOf();
    const logs = only(json, 'google_storage_bucket', 'MlAccessLogs');
    expect(logs).toMatchObject({ public_access_prevention: 'enforced', uniform_bucket_level_access: true });
    expect(logs.logging).toBeUndefined();
    expect(only(json, 'google_storage_bucket_iam_member', 'MlAccessLogs')).toMatchObject({
      role: 'roles/storage.objectCreator',
      member: 'group:cloud-storage-analytics@google.com',
    });
  });

  test('lets objects grow cold, expire and be restored zone by zone', () => {
    const zone = { name: 'raw', coldAfterDays: 30, expireAfterDays: 365, keepOldVersionsDays: 7 };
    const { lifecycle_rule: rules, soft_delete_policy: soft } = bucketOf({ zones: [zone] });
    expect(rules.slice(1)).toEqual([
      { action: { type: 'Delete' }, condition: { days_since_noncurrent_time: 7, with_state: 'ARCHIVED' } },
      { action: { type: 'Delete' }, condition: { age: 365, with_state: 'LIVE' } },
      {
        action: { type: 'SetStorageClass', storage_class: 'NEARLINE' },
        condition: { age: 30, matches_storage_class: ['STANDARD'] },
      },
    ]);
    expect(soft).toEqual({ retention_duration_seconds: 0 });
  });

  test('is deleted with its objects only when that was asked for', () => {
    expect(bucketOf({ retention: core.DataRetention.DESTROY }).force_destroy).toBe(true);
    expect(bucketOf({ retention: core.DataRetention.RETAIN }).force_destroy).toBe(false);
  });

  test('discovers tables zone by zone through one connection', () => {
    const { json, made: lake } = lakeOf({ zones: [{ name: 'raw' }, { name: 'curated' }] });
    expect(all(json, 'google_dataplex_datascan')).toHaveLength(2);
    const { id } = only(json, 'google_bigquery_connection');
    const scan = only(json, 'google_dataplex_datascan', 'Zone-raw');
    expect(scan).toMatchObject({
      execution_spec: { trigger: { on_demand: {} } },
      data_discovery_spec: {
        bigquery_publishing_config: {
          table_type: 'BIGLAKE',
          connection: `projects/ml-project/locations/europe-west4/connections/\${google_bigquery_connection.${id}.connection_id}`,
          location: 'europe-west4',
          project: 'projects/ml-project',
        },
      },
    });
    expect(scan.depends_on).toHaveLength(4);
    expect(lake.scan('raw')!.terraformResourceType).toBe('google_dataplex_datascan');
    expect(lake.discoverCommand).toMatch(
      /^gcloud dataplex datascans run platform-\S+ --location=europe-west4 --project=ml-project && gcloud/,
    );
  });

  test('discovers on a schedule, as it was written', () => {
    const { json } = lakeOf({ zones: [{ name: 'raw' }], discoverySchedule: 'TZ=Europe/Berlin 0 3 * * *' });
    expect(only(json, 'google_dataplex_datascan').execution_spec).toEqual({
      trigger: { schedule: { cron: 'TZ=Europe/Berlin 0 3 * * *' } },
    });
  });

  test('discovers nothing when asked not to', () => {
    const { json, made: lake } = lakeOf({ discovery: false });
    expect(Object.keys(json.resource!).sort()).toEqual([
      'google_storage_bucket',
      'google_storage_bucket_iam_member',
      'terraform_data',
    ]);
    expect([lake.connection, lake.discoverCommand, lake.scan('raw')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('says how to upload, without a reference', () => {
    const { made: lake } = lakeOf({ zones: [{ name: 'raw' }] });
    expect(lake.uploadCommand).toBe(
      'gcloud storage rsync --recursive "$DATA" gs://platform-lake-zone-raw-4dddb513/',
    );
    expect(reportOf(lake).map(({ entry }) => entry.title)).toEqual(['Upload data', 'Discover tables']);
  });

  test('removing one zone moves no other', () => {
    const [two, one] = [['raw', 'curated'], ['curated']].map((zones) =>
      lakeOf({ zones: zones.map((name) => ({ name })) }),
    );
    const curated = ({ json }: typeof one) => only(json, 'google_storage_bucket', 'Zone-curated');
    expect(curated(one)).toEqual(curated(two));
  });

  describe('grants', () => {
    test('to workloads are their children, each once', () => {
      const { app, foundation, serving } = twoStacks();
      const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
      const job = google.Workload.fromServiceAccount(serving, 'Job', EMAIL);
      [1, 2].forEach(() => lake.grantReadWrite(job));
      const json = synthesized(app);
      expect(only(json.serving, 'google_storage_bucket_iam_member').role).toBe('roles/storage.objectUser');
      expect(all(json.foundation, 'google_storage_bucket_iam_member')).toHaveLength(1);
      expect(job.node.children).toHaveLength(1);
    });

    test('cannot point backwards', () => {
      const { foundation, serving } = twoStacks();
      serving.addDependency(foundation);
      const lake = new google.DataLake(serving, 'Lake');
      const job = google.Workload.fromServiceAccount(foundation, 'Job', EMAIL);
      expect(refusal(() => lake.grantRead(job), ...Array(1).fill('CMC-013'))).toContain('serving');
      expect(job.node.children).toEqual([]);
    });

    test('to native members are children of the zones', () => {
      const { json } = synthesizedStack((stack) => {
        const lake = new google.DataLake(stack, 'Lake', { discovery: false });
        lake.grants.read('group:ml@example.com');
        expect(lake.grants.readWrite('user:a@example.com')).toHaveLength(3);
      });
      const given = all(json, 'google_storage_bucket_iam_member').filter(({ id }) => id.includes('Grant'));
      expect(given.map(({ id }) => id.slice(0, 10))).toEqual(expect.arrayContaining(['Lake_Zone-']));
      expect(given).toHaveLength(6);
    });

    test('of a folder are for what is below it, and for the lists of its bucket', () => {
      const { app, foundation, serving } = twoStacks();
      const lake = new google.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
      const job = google.Workload.fromServiceAccount(serving, 'Job', EMAIL);
      const before = JSON.stringify(foundation.toTerraform().resource);
      ['team-a', 'team-a/', 'team-b/images'].forEach((path) => lake.zone('raw').folder(path).grantRead(job));
      lake.zone('raw').folder('team-a').grantReadWrite(job);
      expect(JSON.stringify(foundation.toTerraform().resource)).toBe(before);
      const bucket = /\$\{data\.terraform_remote_state\.[^}]+\}/g;
      expect(
        all(synthesized(app).serving, 'google_storage_bucket_iam_member').map(({ role, condition }) => ({
          role,
          title: condition.title,
          expression: condition.expression.replace(bucket, 'BUCKET'),
        })),
      ).toEqual(
        [
          ['roles/storage.objectUser', 'team-a/'],
          ['roles/storage.objectViewer', 'team-a/'],
          ['roles/storage.objectViewer', 'team-b/images/'],
        ].map(([role, folder]) => ({
          role,
          title: `Below ${folder}`,
          expression: `resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("projects/_/buckets/BUCKET/objects/${folder}")`,
        })),
      );
    });

    test('reach native members of one zone, and of a folder', () => {
      const { json } = synthesizedStack((stack) => {
        const lake = new google.DataLake(stack, 'Lake', { discovery: false });
        expect(lake.grants.read('group:ml@example.com', { zone: 'raw' })).toHaveLength(1);
        lake.grants.readWrite('group:ml@example.com', { zone: 'raw', folder: 'team-a' });
        refusal(() => lake.grants.read('group:ml@example.com', { zone: 'gold' }), 'CMC-012');
        refusal(() => lake.grants.read('group:ml@example.com', { zone: 'raw', folder: '/a' }), 'CMC-006');
      });
      const given = all(json, 'google_storage_bucket_iam_member').filter(({ id }) => id.includes('Grant'));
      expect(given.map(({ role, condition }) => [role, condition?.title])).toEqual([
        ['roles/storage.objectUser', 'Below team-a/'],
        ['roles/storage.objectViewer', undefined],
      ]);
    });

    test('are no business of another cloud’s workload', () => {
      const lake = new google.DataLake(platformStack(newApp()), 'Lake');
      refusal(() => lake.grantRead({} as core.IWorkload), 'CMC-010');
    });
  });

  test('refuses everything that is wrong at once, and leaves nothing behind', () => {
    const stack = platformStack(newApp());
    refusal(
      () =>
        new google.DataLake(stack, 'Lake', {
          zones: [{ name: 'Raw' }, { name: 'cold', coldAfterDays: 30, expireAfterDays: 30 }],
          discovery: false,
          discoverySchedule: '0 3 * * *',
        }),
      'CMC-006',
      'CMC-031',
      'CMC-008',
    );
    expect(stack.node.tryFindChild('Lake')).toBeUndefined();
    refusal(() => google.DataLake.fromBucketNames(stack, 'None', { bucketNames: {} }), 'CMC-002');
    refusal(
      () => google.DataLake.fromBucketNames(stack, 'Bad', { bucketNames: { raw: 'gs://x' } }),
      'CMC-006',
    );
    const lake = new google.DataLake(stack, 'Lake');
    expect(refusal(() => lake.zone('gold'), 'CMC-012')).toContain('zones are raw, curated, features');
  });
});
