import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import {
  all,
  EMAIL,
  names,
  newApp,
  only,
  platformStack,
  PROJECT,
  refusal,
  rolesOf,
  REGION,
  synthesized,
  synthesizedStack,
  twoStacks,
} from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { physicalName } from '../../src/google/private/names';
import { TestStack } from '../terraform/support';

const KEY_ID = 'projects/keys/locations/europe-west4/keyRings/ml/cryptoKeys/ml';
const { REGULATED } = core.SecurityProfile;

describe('PlatformStack', () => {
  test('has an id that can name a folder, which is judged before cdktf does', () => {
    for (const id of ['a b', '..', '', '{a}', 'x'.repeat(65), '${TfToken[TOKEN.1]}']) {
      expect(refusal(() => platformStack(newApp(), id))).toContain('id ');
    }
    const id = '日本語';
    expect(platformStack(newApp(), id).node.id).toBe(id);
  });

  test('has the provider with project, region and labels, and state by a relative path', () => {
    const { json } = synthesizedStack(() => undefined, { labels: { team: 'ml' } });
    expect(json.provider.google).toEqual([
      { project: PROJECT, region: REGION, default_labels: { 'ml-platform': 'platform', team: 'ml' } },
    ]);
    expect(json.terraform.backend).toEqual({ local: { path: '../../../terraform.platform.tfstate' } });
  });

  test('puts its security profile in force below it', () => {
    const stack = platformStack(newApp(), 'platform', { securityProfile: REGULATED });
    expect(core.SecurityProfile.of(new Construct(stack, 'Anything'))).toBe(REGULATED);
  });

  test('goes to allowed regions only', () => {
    const message = refusal(
      () => platformStack(newApp(), 'platform', { allowedRegions: ['us-central1'] }),
      'CMC-050',
    );
    expect(message).toContain("region ('europe-west4') must be one of allowedRegions: us-central1");
  });

  test('refuses what is no project, region or label, all at once, and leaves nothing behind', () => {
    const app = newApp();
    refusal(
      () => platformStack(app, 'platform', { project: 'ML', region: 'europe', labels: { Team: 'ml' } }),
      'CMC-006',
      'CMC-006',
      'CMC-006',
    );
    expect(app.node.children).toEqual([]);
  });

  test('enables the APIs that constructs need, each once, and never disables them', () => {
    const { json } = synthesizedStack((stack) => ['One', 'Two'].map((id) => new google.DataLake(stack, id)), {
      enableApis: true,
    });
    const found = all(json, 'google_project_service');
    expect(found.map(({ service }) => service).sort()).toEqual([
      'bigquery.googleapis.com',
      'bigqueryconnection.googleapis.com',
      'cloudresourcemanager.googleapis.com',
      'dataplex.googleapis.com',
      'storage.googleapis.com',
    ]);
    expect(found.every(({ disable_on_destroy }) => disable_on_destroy === false)).toBe(true);
    expect(only(json, 'google_bigquery_connection', 'One').depends_on).toHaveLength(2);
  });

  test('constructs work in a plain stack with a provider of the user’s own', () => {
    const app = newApp();
    const stack = new TestStack(app, 'plain');
    new GoogleProvider(stack, 'google', {});
    new google.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });
    const { name, location } = only(synthesized(app).plain, 'google_storage_bucket', 'Zone-raw');
    expect(location).toBe('${data.google_client_config.MlClient.region}');
    expect(name).toMatch(/^plain-lake-zone-raw-\$\{substr\(sha1\(join\("\/", \[data\.google_client_config/);
  });

  test('a stack of the user’s own is told to take APIs as enabled', () => {
    const app = newApp();
    const stack = new TestStack(app, 'plain');
    new GoogleProvider(stack, 'google', { project: PROJECT, region: REGION });
    google.PlatformStack.adopt(stack, { enableApis: false });
    new google.DataLake(stack, 'Lake', { discovery: false });
    expect(all(synthesized(app).plain, 'google_project_service')).toEqual([]);
    refusal(() => google.PlatformStack.adopt(stack, { labels: {} } as never), 'CMC-001');
  });

  test('the beta provider acts for whom the user’s provider does, whatever is said of that later', () => {
    const app = newApp();
    const stack = new TestStack(app, 'plain');
    const own = new GoogleProvider(stack, 'google', { project: PROJECT, region: REGION });
    new google.DataLake(stack, 'Lake');
    own.impersonateServiceAccount = EMAIL;
    own.addOverride('request_reason', 'ticket');
    const { provider } = synthesized(app).plain;
    expect(provider['google-beta']).toEqual(provider.google);
    expect(provider.google).toEqual([
      { project: PROJECT, region: REGION, impersonate_service_account: EMAIL, request_reason: 'ticket' },
    ]);
  });

  test('constructs need a provider, and a stack of cdktf', () => {
    const stack = new TerraformStack(newApp(), 'plain');
    expect(refusal(() => new google.PrivateNetwork(stack, 'Network'), 'CMC-009')).toContain(
      'google.PlatformStack',
    );
    expect(refusal(() => new google.PrivateNetwork(newApp(), 'Network'), 'CMC-011')).toContain(
      'google.PlatformStack',
    );
    expect(names(stack)).toEqual([]);
  });
});

describe('names', () => {
  const nameIn = (project: string, region: string, id = 'Lake') =>
    physicalName(new Construct(platformStack(newApp(), 'platform', { project, region }), id), {
      maxLength: 30,
    });

  test('differ between projects and regions, and stay', () => {
    expect(nameIn('ml-project', 'europe-west4')).toBe('platform-lake-796fa737');
    const found = [
      nameIn('ml-project', 'europe-west4'),
      nameIn('ml-other', 'europe-west4'),
      nameIn('ml-project', 'us-central1'),
    ];
    expect(new Set(found).size).toBe(3);
  });

  test('of buckets are without what Google keeps for itself', () => {
    const { json } = synthesizedStack(
      (stack) =>
        new google.DataLake(new Construct(stack, 'GoogleGoods'), `${'Long'.repeat(20)}`, {
          discovery: false,
        }),
    );
    for (const { name } of all(json, 'google_storage_bucket')) {
      expect(name).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/);
      expect(name).not.toMatch(/goog|g00g/);
    }
  });
});

describe('EncryptionKey', () => {
  const { made, json: minimal } = synthesizedStack((stack) => new google.EncryptionKey(stack, 'Key'));

  test('has the native key as default child', () => {
    expect(made.node.defaultChild).toBe(made.cryptoKey);
    expect(made.cryptoKey!.terraformResourceType).toBe('google_kms_crypto_key');
  });

  test('is rotated and kept', () => {
    expect(only(minimal, 'google_kms_crypto_key')).toMatchObject({
      rotation_period: '31536000s',
      destroy_scheduled_duration: '2592000s',
      lifecycle: { prevent_destroy: true },
    });
    const { json: gone } = synthesizedStack(
      (stack) =>
        new google.EncryptionKey(stack, 'Key', { rotationDays: 90, retention: core.DataRetention.DESTROY }),
    );
    const key = only(gone, 'google_kms_crypto_key');
    expect(key.rotation_period).toBe('7776000s');
    expect(key.lifecycle).toBeUndefined();
  });

  test('has a ring whose name is new each time, because rings stay for ever', () => {
    const { id, lifecycle } = only(minimal, 'terraform_data', 'Key_Suffix');
    expect(lifecycle).toEqual({ ignore_changes: ['input'] });
    expect(only(minimal, 'google_kms_key_ring').name).toMatch(
      new RegExp(`^platform-key-[0-9a-f]{8}-\\$\\{substr\\(terraform_data\\.${id}\\.output, 0, 8\\)\\}$`),
    );
  });

  test('is made once per stack under REGULATED, never under STANDARD', () => {
    const lakes = (securityProfile?: core.SecurityProfile) =>
      synthesizedStack((stack) => ['One', 'Two'].map((id) => new google.DataLake(stack, id)), {
        securityProfile,
      }).json;
    expect(all(lakes(), 'google_kms_crypto_key')).toEqual([]);
    const json = lakes(REGULATED);
    const { id } = only(json, 'google_kms_crypto_key');
    expect(all(json, 'google_storage_bucket').map(({ encryption }) => encryption)).toEqual(
      Array(7).fill({ default_kms_key_name: `\${google_kms_crypto_key.${id}.id}` }),
    );
  });

  test('goes with access logs that are kept for seven years under REGULATED', () => {
    const kept = (securityProfile?: core.SecurityProfile) => {
      const { json } = synthesizedStack((stack) => new google.DataLake(stack, 'Lake'), { securityProfile });
      return only(json, 'google_storage_bucket', 'MlAccessLogs').lifecycle_rule[0].condition.age;
    };
    expect([kept(), kept(REGULATED)]).toEqual([365, 2557]);
  });

  test('lets a service agent use it once, in its own stack, before what it encrypts', () => {
    const { app, foundation, serving } = twoStacks();
    const key = new google.EncryptionKey(foundation, 'Key');
    [foundation, serving].forEach(
      (stack) => new google.DataLake(stack, 'Lake', { encryptionKey: key, discovery: false }),
    );
    const json = synthesized(app);
    const { id, role } = only(json.foundation, 'google_kms_crypto_key_iam_member');
    expect(role).toBe('roles/cloudkms.cryptoKeyEncrypterDecrypter');
    expect(only(json.foundation, 'google_storage_bucket', 'Zone-raw').depends_on).toEqual([
      `google_kms_crypto_key_iam_member.${id}`,
    ]);
    expect(only(json.serving, 'google_storage_bucket', 'Zone-raw').depends_on).toEqual([]);
    expect(serving.dependencies).toEqual([foundation]);
  });

  test('that exists already is taken by its id, with or without what service agents need', () => {
    const { json } = synthesizedStack((stack) => {
      const keys = [true, false].map((serviceAgentsGranted) =>
        google.EncryptionKey.fromKeyId(stack, `Key-${serviceAgentsGranted}`, KEY_ID, {
          serviceAgentsGranted,
        }),
      );
      keys.forEach(
        (encryptionKey, i) => new google.DataLake(stack, `Lake${i}`, { encryptionKey, discovery: false }),
      );
    });
    expect(only(json, 'google_kms_crypto_key_iam_member').crypto_key_id).toBe(KEY_ID);
    expect(only(json, 'google_storage_bucket', 'Lake0_Zone-raw').encryption.default_kms_key_name).toBe(
      KEY_ID,
    );
    const stack = platformStack(newApp());
    refusal(() => google.EncryptionKey.fromKeyId(stack, 'Key', 'ml'), 'CMC-006');
    expect(stack.node.tryFindChild('Key')).toBeUndefined();
  });

  test('refuses rotations that are too rare or too frequent', () => {
    const stack = platformStack(newApp());
    refusal(() => new google.EncryptionKey(stack, 'Key', { rotationDays: 30 }), 'CMC-004');
  });
});

describe('PrivateNetwork', () => {
  const { made: network, json } = synthesizedStack((stack) => new google.PrivateNetwork(stack, 'Network'));

  test('has the native network as default child', () => {
    expect(network.node.defaultChild).toBe(network.network);
    expect(network.network.terraformResourceType).toBe('google_compute_network');
    expect(network.subnetwork.terraformResourceType).toBe('google_compute_subnetwork');
  });

  test('has one subnetwork, no way in and no way out but to Google', () => {
    expect(only(json, 'google_compute_network')).toMatchObject({
      auto_create_subnetworks: false,
      delete_default_routes_on_create: true,
    });
    expect(only(json, 'google_compute_subnetwork')).toMatchObject({
      ip_cidr_range: '10.0.0.0/16',
      private_ip_google_access: true,
    });
    expect(only(json, 'google_compute_route').dest_range).toBe('199.36.153.8/30');
    expect(all(json, 'google_dns_managed_zone').map(({ dns_name }) => dns_name)).toEqual([
      'gcr.io.',
      'googleapis.com.',
      'pkg.dev.',
      'run.app.',
    ]);
    expect(Object.keys(json.resource!)).not.toContain('google_compute_firewall');
    expect(Object.keys(json.resource!)).not.toContain('google_compute_router_nat');
  });

  test('leaves private names to someone else, or asks a hub for them', () => {
    const zonesWith = (privateDns: core.PrivateDns) => {
      const { made, json: out } = synthesizedStack(
        (stack) => new google.PrivateNetwork(stack, 'Network', { privateDns }),
      );
      return { made, zones: all(out, 'google_dns_managed_zone'), records: all(out, 'google_dns_record_set') };
    };
    const none = zonesWith(core.PrivateDns.none());
    expect([none.zones, none.records]).toEqual([[], []]);
    expect(reportOf(none.made).map(({ entry }) => entry.title)).toContain('Private names');
    const hub = 'projects/host/global/networks/hub';
    const { zones, records } = zonesWith(google.PrivateDns.fromNetwork(hub));
    expect(records).toEqual([]);
    expect(zones.map(({ dns_name, peering_config }) => [dns_name, peering_config.target_network])).toEqual(
      ['gcr.io.', 'googleapis.com.', 'pkg.dev.', 'run.app.'].map((name) => [name, { network_url: hub }]),
    );
    refusal(() => google.PrivateDns.fromNetwork('hub'), 'CMC-006');
  });

  test('keeps flow logs as long as asked for', () => {
    const { name, log_config } = only(json, 'google_compute_subnetwork');
    expect(log_config.metadata).toBe('INCLUDE_ALL_METADATA');
    expect(only(json, 'google_logging_project_bucket_config').retention_days).toBe(90);
    expect(only(json, 'google_logging_project_sink')).toMatchObject({
      filter: `log_id("compute.googleapis.com/vpc_flows") AND resource.labels.subnetwork_name="${name}"`,
      unique_writer_identity: true,
    });
    const { json: regulated } = synthesizedStack((stack) => new google.PrivateNetwork(stack, 'Network'), {
      securityProfile: REGULATED,
    });
    expect(only(regulated, 'google_logging_project_bucket_config')).toMatchObject({
      retention_days: 2557,
      cmek_settings: { kms_key_name: expect.stringContaining('google_kms_crypto_key.MlKey') },
    });
  });

  test('reaches the internet only when asked to, and says that it costs', () => {
    const { made, json: out } = synthesizedStack(
      (stack) => new google.PrivateNetwork(stack, 'Network', { internetEgress: true }),
    );
    expect(only(out, 'google_compute_router_nat').nat_ip_allocate_option).toBe('AUTO_ONLY');
    expect(only(out, 'google_compute_network').delete_default_routes_on_create).toBe(false);
    expect(reportOf(made).map(({ entry }) => entry.kind)).toEqual(['idle-cost', 'quota']);
  });

  test('is imported by its ids, also from a host project', () => {
    const stack = platformStack(newApp());
    const ids = {
      networkId: 'projects/host/global/networks/shared',
      subnetworkId: 'projects/host/regions/europe-west4/subnetworks/ml',
    };
    expect(google.PrivateNetwork.fromNetwork(stack, 'Shared', ids)).toMatchObject(ids);
    refusal(
      () => google.PrivateNetwork.fromNetwork(stack, 'Bad', { networkId: 'shared', subnetworkId: 'ml' }),
      'CMC-006',
      'CMC-006',
    );
  });

  describe('of a host project', () => {
    const served = (serviceAgentsGranted?: boolean, host = 'host') =>
      synthesizedStack((stack) => {
        const shared = google.PrivateNetwork.fromNetwork(stack, 'Shared', {
          networkId: `projects/${host}/global/networks/shared`,
          subnetworkId: `projects/${host}/regions/europe-west4/subnetworks/ml`,
          serviceAgentsGranted,
        });
        return ['One', 'Two'].map(
          (id) =>
            new google.ServerlessInference(stack, id, {
              network: shared,
              container: { image: 'europe-west4-docker.pkg.dev/ml-project/images/embed:1' },
            }),
        );
      });
    const notes = ([one]: IConstruct[]) =>
      reportOf(one)
        .map(({ entry }) => entry)
        .filter(({ title }) => title === 'Shared network')
        .map(({ text }) => text);

    test('says what its administrator allows the service agents', () => {
      const { made, json: out } = served();
      expect(all(out, 'google_compute_subnetwork_iam_member')).toEqual([]);
      const member =
        '"serviceAccount:service-$(gcloud projects describe ml-project --format=\'value(projectNumber)\')@serverless-robot-prod.iam.gserviceaccount.com"';
      expect(notes(made)).toEqual([
        `Whoever administers host allows: gcloud compute networks subnets add-iam-policy-binding ml --project=host --region=europe-west4 --role=roles/compute.networkUser --member=${member}; gcloud projects add-iam-policy-binding host --role=roles/compute.networkViewer --member=${member}`,
      ]);
    });

    test('lets them use it where that is for this program', () => {
      const { made, json: out } = served(false);
      expect(notes(made)).toEqual([]);
      const { id, ...use } = only(out, 'google_compute_subnetwork_iam_member');
      expect(use).toMatchObject({
        project: 'host',
        region: 'europe-west4',
        subnetwork: 'ml',
        role: 'roles/compute.networkUser',
        member: expect.stringContaining('google_project_service_identity.MlAgent-run'),
      });
      for (const { depends_on } of all(out, 'google_cloud_run_v2_service')) {
        expect(depends_on).toContain(`google_compute_subnetwork_iam_member.${id}`);
      }
    });

    test('lets Vertex AI attach its jobs to it', () => {
      const attached = (serviceAgentsGranted: boolean) =>
        synthesizedStack(
          (stack) =>
            new google.GpuTrainingCluster(stack, 'Training', {
              image: 'europe-west4-docker.pkg.dev/ml-project/images/train:1',
              accelerators: ['L4'],
              network: google.PrivateNetwork.fromNetwork(stack, 'Shared', {
                networkId: 'projects/host/global/networks/shared',
                subnetworkId: 'projects/host/regions/europe-west4/subnetworks/ml',
                serviceAgentsGranted,
              }),
            }),
        );
      const { made, json: out } = attached(false);
      const use = only(out, 'google_compute_subnetwork_iam_member');
      expect(use.member).toContain('google_project_service_identity.MlAgent-aiplatform');
      expect(only(out, 'google_compute_network_attachment').depends_on).toContain(
        `google_compute_subnetwork_iam_member.${use.id}`,
      );
      expect(notes([made])).toEqual([]);
      expect(notes([attached(true).made])).toEqual([
        expect.stringMatching(
          /subnets add-iam-policy-binding ml [^;]*@gcp-sa-aiplatform\.iam\.gserviceaccount\.com"$/,
        ),
      ]);
    });

    test('is of no matter where it is the own one', () => {
      const { made, json: out } = served(false, PROJECT);
      expect([notes(made), all(out, 'google_compute_subnetwork_iam_member')]).toEqual([[], []]);
    });
  });

  test('refuses ranges and retentions that do not exist', () => {
    const stack = platformStack(newApp());
    refusal(
      () => new google.PrivateNetwork(stack, 'Network', { cidr: '10.0.0.0/8', logRetentionDays: 4000 }),
      'CMC-004',
      'CMC-006',
    );
    expect(stack.node.tryFindChild('Network')).toBeUndefined();
  });
});

describe('Secret', () => {
  test('is read by whom it is granted to, as their child', () => {
    const { app, foundation, serving } = twoStacks();
    const secret = google.Secret.fromSecretName(foundation, 'Token', 'hf-token');
    const job = google.Workload.fromServiceAccount(serving, 'Job', EMAIL);
    secret.grantRead(job);
    secret.grantRead(job);
    expect(only(synthesized(app).serving, 'google_secret_manager_secret_iam_member')).toMatchObject({
      secret_id: `projects/${PROJECT}/secrets/hf-token`,
      role: 'roles/secretmanager.secretAccessor',
      member: `serviceAccount:${EMAIL}`,
    });
    expect(job.node.children).toHaveLength(1);
  });

  test('is read by native members, as a child of the secret', () => {
    const { json } = synthesizedStack((stack) => {
      const account = new ServiceAccount(stack, 'Own', { accountId: 'own-account' });
      const secret = google.Secret.fromSecretId(stack, 'Token', 'projects/other/secrets/hf') as google.Secret;
      ['group:ml@example.com', account.member, account.member].forEach((member) =>
        secret.grants.read(member),
      );
    });
    expect(all(json, 'google_secret_manager_secret_iam_member').map(({ member }) => member)).toEqual([
      'group:ml@example.com',
      '${google_service_account.Own.member}',
    ]);
  });

  test('refuses what names no secret', () => {
    const stack = platformStack(newApp());
    expect(refusal(() => google.Secret.fromSecretId(stack, 'A', 'hf'), 'CMC-006')).toContain('secretId');
    expect(refusal(() => google.Secret.fromSecretName(stack, 'B', 'a/b'), 'CMC-006')).toContain('secretName');
  });
});

describe('a service account that is given', () => {
  const [jobs, workflow, serves] = ['jobs', 'workflow', 'serves'].map(
    (name) => `${name}@acme-identities.iam.gserviceaccount.com`,
  );

  test('is what workloads run as and are granted as, and none is made', () => {
    const { made, json } = synthesizedStack((stack) => {
      const lake = new google.DataLake(stack, 'Lake', { discovery: false });
      const image = 'europe-west4-docker.pkg.dev/ml-project/images/any:1';
      const training = new google.GpuTrainingCluster(stack, 'Training', {
        image,
        accelerators: ['L4:1'],
        serviceAccountEmail: jobs,
        workflowServiceAccountEmail: workflow,
      });
      const endpoint = new google.AutoScalingEndpoint(stack, 'Fraud', {
        machineType: 'n2-standard-4',
        variants: [{ name: 'main', container: { image } }],
        serviceAccountEmail: serves,
      });
      const thumbnails = new google.ServerlessInference(stack, 'Thumbnails', {
        container: { image },
        serviceAccountEmail: serves,
      });
      lake.grantRead(training);
      endpoint.grantInvoke(thumbnails);
      return { training, endpoint, thumbnails };
    });
    expect(all(json, 'google_service_account')).toEqual([]);
    expect(Object.values(made).map(({ identityId, serviceAccount }) => [identityId, serviceAccount])).toEqual(
      [
        [jobs, undefined],
        [serves, undefined],
        [serves, undefined],
      ],
    );
    expect(only(json, 'google_workflows_workflow')).toMatchObject({
      // A path that names no project would differ from what is read back, at every plan.
      service_account: workflow,
      source_contents: expect.stringContaining(jobs),
    });
    expect(only(json, 'google_service_account_iam_member')).toMatchObject({
      service_account_id: `projects/-/serviceAccounts/${jobs}`,
      member: `serviceAccount:${workflow}`,
    });
    expect(only(json, 'google_cloud_run_v2_service').template.service_account).toBe(serves);
    expect(rolesOf(json, `serviceAccount:${jobs}`)).toContain('roles/storage.objectViewer');
  });

  test('is the e-mail of one', () => {
    const stack = platformStack(newApp());
    refusal(
      () =>
        new google.ServerlessInference(stack, 'Thumbnails', {
          container: { image: 'europe-west4-docker.pkg.dev/ml-project/images/any:1' },
          serviceAccountEmail: 'ml@example.com',
        }),
      'CMC-006',
    );
  });
});

describe('Workload', () => {
  test('takes a service account of this app, or an existing one', () => {
    const stack = platformStack(newApp());
    const account = new ServiceAccount(stack, 'Own', { accountId: 'own-account' });
    google.Workload.fromServiceAccount(stack, 'A', account.email);
    expect(google.Workload.fromServiceAccount(stack, 'B', EMAIL)).toMatchObject({
      identityId: EMAIL,
      member: `serviceAccount:${EMAIL}`,
    });
    refusal(() => google.Workload.fromServiceAccount(stack, 'C', 'ml@example.com'), 'CMC-006');
  });
});
