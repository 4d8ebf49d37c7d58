import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { BigqueryDataset } from '@cdktf/provider-google/lib/bigquery-dataset';
import { CloudRunV2Service } from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeSnapshot } from '@cdktf/provider-google/lib/compute-snapshot';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { KmsKeyRing } from '@cdktf/provider-google/lib/kms-key-ring';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { PubsubTopic } from '@cdktf/provider-google/lib/pubsub-topic';
import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SpannerInstance } from '@cdktf/provider-google/lib/spanner-instance';
import { SqlDatabaseInstance } from '@cdktf/provider-google/lib/sql-database-instance';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { VertexAiEndpoint } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { TerraformHclModule, TerraformStack, TerraformVariable } from 'cdktf';
import { all, newApp, only, platformStack, PROJECT, refusal, REGION, synthesized } from './support';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { GenericResource } from '../../src/terraform/generic';
import { TestStack } from '../terraform/support';

const allowedRegions = [REGION];
const key = (location: string) => `projects/${PROJECT}/locations/${location}/keyRings/ring/cryptoKeys/key`;

/** A stack that may only be in its region, with what `build` puts into it, synthesized. */
function inside(build: (stack: google.PlatformStack) => void, allowed = allowedRegions) {
  const app = newApp();
  const stack = platformStack(app, 'platform', { allowedRegions: allowed });
  build(stack);
  return { stack, synth: () => synthesized(app).platform };
}

const container =
  (image: string, env: { name: string; value: string }[] = []) =>
  (stack: TerraformStack) => {
    new CloudRunV2Service(stack, 'Own', {
      name: 'own',
      location: REGION,
      template: { containers: [{ image, env }] },
    });
  };

describe('refuses', () => {
  test.each<[string, string, (stack: TerraformStack) => void, string]>([
    [
      'a bucket in another region',
      'CMC-050',
      (stack) => new StorageBucket(stack, 'Own', { name: 'own', location: 'US-CENTRAL1' }),
      "platform: Own location ('US-CENTRAL1') lies outside of allowedRegions (europe-west4): move it there",
    ],
    [
      'a bucket in a multi-region',
      'CMC-050',
      (stack) => new StorageBucket(stack, 'Own', { name: 'own', location: 'EU' }),
      "location ('EU')",
    ],
    [
      'a bucket in two regions of which one is allowed',
      'CMC-050',
      (stack) => new StorageBucket(stack, 'Own', { name: 'own', location: 'EUR4' }),
      "location ('EUR4')",
    ],
    [
      'a bucket placed in two regions by hand',
      'CMC-050',
      (stack) =>
        new StorageBucket(stack, 'Own', {
          name: 'own',
          location: 'EU',
          customPlacementConfig: { dataLocations: ['EUROPE-WEST4', 'EUROPE-WEST1'] },
        }),
      "custom_placement_config.data_locations[1] ('EUROPE-WEST1')",
    ],
    [
      'a repository of images in a multi-region',
      'CMC-050',
      (stack) =>
        new ArtifactRegistryRepository(stack, 'Own', {
          repositoryId: 'own',
          format: 'DOCKER',
          location: 'europe',
        }),
      "location ('europe')",
    ],
    [
      'a global key ring',
      'CMC-050',
      (stack) => new KmsKeyRing(stack, 'Own', { name: 'own', location: 'global' }),
      "location ('global')",
    ],
    [
      'a machine’s disk in a zone of another region',
      'CMC-050',
      (stack) => new ComputeDisk(stack, 'Own', { name: 'own', zone: 'us-east1-b' }),
      "zone ('us-east1-b')",
    ],
    [
      'a Spanner instance of several regions',
      'CMC-050',
      (stack) => new SpannerInstance(stack, 'Own', { displayName: 'own', config: 'eur3' }),
      "config ('eur3')",
    ],
    [
      'a secret that Google copies where it likes',
      'CMC-051',
      (stack) => new SecretManagerSecret(stack, 'Own', { secretId: 'own', replication: { auto: {} } }),
      'is kept where Google chooses, not in allowedRegions (europe-west4) alone: give the regions as replication.user_managed',
    ],
    [
      'a replica of a secret',
      'CMC-051',
      (stack) =>
        new SecretManagerSecret(stack, 'Own', {
          secretId: 'own',
          replication: { userManaged: { replicas: [{ location: REGION }, { location: 'us-east1' }] } },
        }),
      "replicas[1].location ('us-east1') takes copies out of allowedRegions (europe-west4)",
    ],
    [
      'a topic whose messages are kept where they come from',
      'CMC-051',
      (stack) => new PubsubTopic(stack, 'Own', { name: 'own' }),
      'give message_storage_policy.allowed_persistence_regions',
    ],
    [
      'a snapshot in the multi-region that is its default',
      'CMC-051',
      (stack) => new ComputeSnapshot(stack, 'Own', { name: 'own', sourceDisk: 'disk' }),
      'give storage_locations',
    ],
    [
      'backups of a database in the multi-region that is their default',
      'CMC-051',
      (stack) =>
        new SqlDatabaseInstance(stack, 'Own', {
          databaseVersion: 'POSTGRES_17',
          region: REGION,
          settings: { tier: 'db-f1-micro', backupConfiguration: { enabled: true } },
        }),
      'give settings.backup_configuration.location',
    ],
    [
      'the global location of Vertex AI',
      'CMC-052',
      (stack) => new VertexAiEndpoint(stack, 'Own', { name: '1', displayName: 'own', location: 'global' }),
      "location ('global') may be served from outside of allowedRegions (europe-west4): take a region",
    ],
    [
      'a container that calls models at the global location',
      'CMC-052',
      container('image', [{ name: 'GOOGLE_CLOUD_LOCATION', value: 'global' }]),
      "template.containers[0].env[0].value ('global')",
    ],
    [
      'a container that is told another region',
      'CMC-050',
      container('image', [{ name: 'PLACE', value: 'us-central1' }]),
      "env[0].value ('us-central1') names us-central1",
    ],
    [
      'an image of a repository elsewhere',
      'CMC-050',
      container('us-east1-docker.pkg.dev/ml-project/team/serve:1'),
      'names us-east1, which lies outside',
    ],
    ['an image of a multi-region', 'CMC-050', container('eu.gcr.io/ml-project/serve:1'), 'names eu, which'],
    [
      'the address of a service elsewhere',
      'CMC-050',
      container('image', [{ name: 'URL', value: 'https://us-east1-aiplatform.googleapis.com/v1' }]),
      'names us-east1, which',
    ],
    [
      'a second provider with another region',
      'CMC-050',
      (stack) => new GoogleProvider(stack, 'Other', { alias: 'other', project: PROJECT, region: 'us-east1' }),
      "platform: Other region ('us-east1')",
    ],
    [
      'a second provider whose region comes from the environment',
      'CMC-009',
      (stack) => new GoogleProvider(stack, 'Other', { alias: 'other', project: PROJECT }),
      'platform: Other needs a region that stands in the program',
    ],
    [
      'a module that is told another region',
      'CMC-050',
      (stack) =>
        new TerraformHclModule(stack, 'Own', {
          source: 'terraform-google-modules/network/google',
          variables: { region: 'us-east1' },
        }),
      "region ('us-east1')",
    ],
    [
      'a resource without a prebuilt binding',
      'CMC-050',
      (stack) =>
        new GenericResource(stack, 'Own', {
          type: 'google_workbench_instance',
          form: { name: 'google-beta', source: 'hashicorp/google-beta', version: '~> 6.50' },
          arguments: { name: 'own', location: 'us-east1-b' },
        }),
      "location ('us-east1-b')",
    ],
    [
      'an override',
      'CMC-050',
      (stack) =>
        new StorageBucket(stack, 'Own', { name: 'own', location: REGION }).addOverride('location', 'US'),
      "location ('US')",
    ],
    [
      'a key that was imported from another region',
      'CMC-050',
      (stack) =>
        new google.DataLake(stack, 'Lake', {
          encryptionKey: google.EncryptionKey.fromKeyId(stack, 'Key', key('us-east1')),
          discovery: false,
          zones: [{ name: 'raw' }],
        }),
      'Lake/Zone-raw/Bucket encryption.default_kms_key_name',
    ],
    [
      'a public name, whose load balancer ends TLS near the caller',
      'CMC-052',
      (stack) =>
        new google.AutoScalingEndpoint(stack, 'Fraud', {
          engine: google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }),
          variants: [
            { name: 'main', container: { image: `${REGION}-docker.pkg.dev/ml-project/team/serve:1` } },
          ],
        }),
      "ForwardingRule ('EXTERNAL_MANAGED') may be served from outside",
    ],
  ])('%s', (_, code, build, message) => {
    const { synth } = inside(build);
    const refused = refusal(synth);
    expect(refused).toContain(message);
    expect(refused).toContain(code);
  });

  test('several at once, each by its path', () => {
    const { synth } = inside((stack) => {
      new BigqueryDataset(stack, 'Reports', { datasetId: 'reports', location: 'US' });
      new KmsKeyRing(stack, 'Ring', { name: 'own', location: 'global' });
    });
    const message = refusal(synth, 'CMC-050', 'CMC-050');
    expect(message).toMatch(/platform: 2 faults\n {2}Reports location .*\n {2}Ring location/);
  });
});

describe('takes', () => {
  test('what lies inside, and what is no place', () => {
    inside((stack) => {
      new StorageBucket(stack, 'Bucket', { name: 'own', location: 'EUROPE-WEST4' });
      new ComputeDisk(stack, 'Disk', { name: 'own', zone: 'europe-west4-b', labels: { region: 'emea' } });
      new SpannerInstance(stack, 'Spanner', { displayName: 'own', config: 'regional-europe-west4' });
      new PubsubTopic(stack, 'Topic', {
        name: 'own',
        messageStoragePolicy: { allowedPersistenceRegions: [REGION] },
      });
      new DnsRecordSet(stack, 'Record', { name: 'a.example.com.', type: 'A', managedZone: 'us-east1' });
      new google.DataLake(stack, 'Lake', {
        encryptionKey: google.EncryptionKey.fromKeyId(stack, 'Key', key(REGION)),
      });
    }).synth();
  });

  test('larger places that are allowed by their names, and two regions that both are', () => {
    inside(
      (stack) => {
        new BigqueryDataset(stack, 'Reports', { datasetId: 'reports', location: 'EU' });
        new StorageBucket(stack, 'Two', { name: 'own', location: 'EUR4' });
      },
      [REGION, 'europe-north1', 'eu'],
    ).synth();
  });

  test('a place that only deployment knows, and tells of it', () => {
    const { stack, synth } = inside((here) => {
      const place = new TerraformVariable(here, 'Place', { type: 'string' });
      new StorageBucket(here, 'Own', { name: 'own', location: place.stringValue });
      const bucket = new StorageBucket(here, 'First', { name: 'first', location: REGION });
      new StorageBucket(here, 'Second', { name: 'second', location: bucket.location });
    });
    synth();
    const warnings = stack.node.metadata.filter(({ type }) => type === '@cdktf/warn');
    expect(warnings.map(({ data }) => data)).toEqual([
      expect.stringContaining('allowedRegions cannot judge: Own location. Write'),
    ]);
  });

  test('everything, where no regions are said', () => {
    const app = newApp();
    new KmsKeyRing(platformStack(app), 'Own', { name: 'own', location: 'global' });
    expect(only(synthesized(app).platform, 'google_kms_key_ring').location).toBe('global');
  });
});

describe('a guard', () => {
  test('is an organization policy of the project', () => {
    const app = newApp();
    const stack = platformStack(app, 'platform', {
      enableApis: true,
      allowedRegions: [REGION, 'EU'],
      regionGuard: true,
    });
    const json = synthesized(app).platform;
    expect(only(json, 'google_org_policy_policy')).toMatchObject({
      name: `projects/${PROJECT}/policies/gcp.resourceLocations`,
      parent: `projects/${PROJECT}`,
      spec: {
        inherit_from_parent: false,
        rules: [{ values: { allowed_values: ['in:europe-west4-locations', 'eu'] } }],
      },
    });
    expect(all(json, 'google_project_service').map(({ service }) => service)).toEqual([
      'orgpolicy.googleapis.com',
    ]);
    expect(reportOf(stack).map(({ entry }) => entry.text)).toContainEqual(
      expect.stringContaining('roles/orgpolicy.policyAdmin'),
    );
  });

  test('needs regions, and in a stack of the user’s own a provider', () => {
    expect(refusal(() => platformStack(newApp(), 'platform', { regionGuard: true }), 'CMC-009')).toContain(
      'regionGuard needs allowedRegions',
    );
    const app = newApp();
    const stack = new TestStack(app, 'plain');
    const props = { allowedRegions, regionGuard: true };
    expect(refusal(() => google.PlatformStack.adopt(stack, props), 'CMC-009')).toContain(
      'needs the Google provider',
    );
    new GoogleProvider(stack, 'google', { project: PROJECT, region: 'us-east1' });
    google.PlatformStack.adopt(stack, props);
    expect(stack.node.tryFindChild('MlRegionGuard')).toBeDefined();
    expect(refusal(() => app.synth(), 'CMC-050')).toContain("plain: google region ('us-east1')");
  });
});
