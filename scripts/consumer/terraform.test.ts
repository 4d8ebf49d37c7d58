import { readdirSync } from 'fs';
import { join } from 'path';
import {
  Consumer,
  json,
  NODE10,
  NODE16,
  packagesOfReadme,
  quickstartFor,
  read,
  SKIP,
  terraform,
} from './support';

const CLOUDS = ['google', 'azure'];
const STACKS = ['foundation', 'serving'];

/** What the README says to install for Google Cloud and Azure, and nothing else. */
const consumer = new Consumer(packagesOfReadme('cdktf'));
afterAll(() => consumer.leave());

function quickstart(of: Consumer): void {
  of.write('platform.ts', quickstartFor(...CLOUDS));
  of.copy('examples/quickstart', ...CLOUDS.map((cloud) => `${cloud}.ts`));
}

describe('with cdktf', () => {
  const out: Record<string, string> = {};

  test('nothing of AWS and no provider package is installed', () => {
    expect(consumer.installed).toEqual(
      expect.arrayContaining(['cdktf', 'cloud-ml-constructs', 'constructs']),
    );
    expect(consumer.installed.filter((name) => /aws|provider|projen|jsii$/.test(name))).toEqual([]);
  });

  test('the quickstart and an entry of its own compile, and the quickstart synthesizes', () => {
    quickstart(consumer);
    consumer.write(
      'entry.ts',
      `import { DataLake } from 'cloud-ml-constructs/google';
import { Capacity } from 'cloud-ml-constructs/core';
export const entries = { DataLake, spot: Capacity.spot() };
`,
    );
    consumer.compile([...NODE10, SKIP], 'entry');
    consumer.compile([...NODE16, SKIP], ...CLOUDS);
    for (const cloud of CLOUDS) {
      out[cloud] = consumer.synth(cloud);
      expect(readdirSync(join(out[cloud], 'stacks')).sort()).toEqual(STACKS);
    }
  });

  test('the declarations of an entry are without fault, read whole', () => {
    consumer.compile(NODE16, 'entry');
  });

  test('what is synthesized names neither this machine nor a package that a user has not', () => {
    for (const [cloud, folder] of Object.entries(out)) {
      for (const stack of STACKS) {
        expect(read(folder, 'stacks', stack, 'cdk.tf.json')).not.toMatch(consumer.dir);
        expect(Object.keys(json(folder, 'stacks', stack, 'cdk.tf.json').provider)).toContain(
          { google: 'google', azure: 'azurerm' }[cloud],
        );
      }
    }
  });

  test('its successor by the same name, as the README says, synthesizes the same', () => {
    const [, alias, constructs] = /`"cdktf": "(npm:cdktn@[\d.]+)"` and\s+`"constructs": "([^"]+)"`/.exec(
      read(__dirname, '../../README.md'),
    )!;
    const successor = new Consumer(
      { ...packagesOfReadme('cdktf'), cdktf: alias, constructs },
      { overrides: { cdktf: '$cdktf' } },
    );
    expect(json(successor.dir, 'node_modules', 'cdktf', 'package.json').name).toBe('cdktn');
    quickstart(successor);
    successor.compile([...NODE16, SKIP], ...CLOUDS);
    for (const cloud of CLOUDS) {
      const others = successor.synth(cloud);
      STACKS.forEach((stack) => expect(terraform(others, stack)).toEqual(terraform(out[cloud], stack)));
    }
    successor.leave();
  });
});

describe('with providers of the user’s own', () => {
  const other = new Consumer(packagesOfReadme('cdktf'));
  afterAll(() => other.leave());

  test('constructs are guests in stacks with the user’s own provider and resources', () => {
    for (const [cloud, provider] of Object.entries({ google: 'google', azure: 'azurerm' })) {
      other.copy('examples/existing-terraform-app', `${cloud}.ts`);
      const modules = [
        ...read(other.dir, `${cloud}.ts`).matchAll(/'@cdktf\/provider-\w+\/lib\/([\w-]+)'/g),
      ].map(([, module]) => module);
      other.borrow(`@cdktf/provider-${provider}`, ...modules);
    }
    other.borrow('@cdktf/provider-google', 'kms-crypto-key');
    other.write('mixed.ts', MIXED);
    other.compile([...NODE16, SKIP], ...CLOUDS, 'mixed');
    for (const [cloud, type] of Object.entries({
      google: 'google_bigquery_dataset.Reports',
      azure: 'azurerm_storage_account.Events',
    })) {
      const { provider, resource } = json(other.synth(cloud), 'stacks', `fraud-${cloud}`, 'cdk.tf.json');
      expect(provider[{ google: 'google', azure: 'azurerm' }[cloud]!]).toHaveLength(1);
      expect(resource).toHaveProperty(type);
    }
  });

  test('their aliases, keys and buckets stand together with ours', () => {
    const { provider, resource } = json(other.synth('mixed'), 'stacks', 'mixed', 'cdk.tf.json');
    expect(provider.google.map(({ alias }: { alias?: string }) => alias)).toEqual([undefined, 'us']);
    const { raw, theirs } = Object.fromEntries(
      Object.values<any>(resource.google_storage_bucket).map((bucket) => [bucket.labels?.who, bucket]),
    );
    expect(raw).toMatchObject({
      provider: 'google.us',
      encryption: { default_kms_key_name: expect.stringMatching(/google_kms_crypto_key\.Key\.id/) },
    });
    expect(theirs.depends_on).toEqual([expect.stringMatching(/^google_storage_bucket\.Lake_/)]);
  });
});

const MIXED = `import { App, TerraformStack } from 'cdktf';
import { KmsCryptoKey } from '@cdktf/provider-google/lib/kms-crypto-key';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { google } from 'cloud-ml-constructs';

const app = new App();
const stack = new TerraformStack(app, 'mixed');
new GoogleProvider(stack, 'google', { project: 'your-project', region: 'europe-west4' });
const us = new GoogleProvider(stack, 'us', { project: 'your-project', region: 'us-central1', alias: 'us' });
const key = new KmsCryptoKey(stack, 'Key', { name: 'lake', keyRing: 'projects/p/locations/l/keyRings/r' });
const lake = new google.DataLake(stack, 'Lake', {
  zones: [{ name: 'raw' }],
  encryptionKey: google.EncryptionKey.fromKeyId(stack, 'LakeKey', key.id),
});
lake.bucket('raw').provider = us;
lake.bucket('raw').addOverride('labels.who', 'raw');
new StorageBucket(stack, 'Theirs', {
  name: 'theirs',
  location: 'EU',
  labels: { who: 'theirs' },
  dependsOn: [lake.bucket('raw')],
});
app.synth();
`;
