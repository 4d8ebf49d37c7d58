/** One small program for each page of the documentation: what the page says is made is read from these. */
import type { IConstruct } from 'constructs';
import type { aws, azure, google } from '../../src';

/** The classes of a cloud, by the names that every cloud has. */
export type Cloud = typeof aws | typeof google | typeof azure;

/** The construct that a page is about, in a stack with what it needs. */
type Build = (ml: Cloud, stack: any, cloud: CloudName) => IConstruct;

export const CLOUDS = { aws: 'AWS', google: 'Google Cloud', azure: 'Azure' } as const;
export type CloudName = keyof typeof CLOUDS;

/** The ids of the constructs that the construct of a page needs. */
export const NEEDED: readonly string[] = ['Lake', 'Registry'];

const lakeIn = (ml: Cloud, stack: any) => new ml.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
const registryIn = (ml: Cloud, stack: any) =>
  new ml.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud-detector' }],
    images: ['train', 'serve'],
  });

/** By the name of the page. */
export const PROGRAMS: Readonly<Record<string, Build>> = {
  'data-lake': (ml, stack) => lakeIn(ml, stack),
  'model-registry': (ml, stack) => registryIn(ml, stack),
  'gpu-training-cluster': (ml, stack) => {
    const registry = registryIn(ml, stack);
    return new ml.GpuTrainingCluster(stack, 'Training', {
      datasets: [lakeIn(ml, stack)],
      image: registry.image('train', '1'),
      accelerators: ['L4:1', 'T4:1'],
      maxNodes: 2,
    });
  },
  'auto-scaling-endpoint': (ml, stack) => {
    const registry = registryIn(ml, stack);
    return new ml.AutoScalingEndpoint(stack, 'Fraud', {
      variants: [
        {
          name: 'main',
          container: { image: registry.image('serve', '1') },
          model: registry.model('fraud-detector').version('1'),
        },
      ],
      accelerators: ['L4:1', 'T4:1'],
      scaling: { minInstances: 1, maxInstances: 4, requestsPerMinutePerInstance: 600 },
      alarms: { notify: ['ml-oncall@example.com'], p99LatencyMs: 300, errorPercent: 1 },
    });
  },
  'serverless-inference': (ml, stack) =>
    new ml.ServerlessInference(stack, 'Thumbnails', {
      container: { image: registryIn(ml, stack).image('serve', '1') },
      maxInstances: 5,
    }),
  workspace: (ml, stack, cloud) =>
    new ml.Workspace(stack, 'Notebooks', {
      users: [{ name: 'ada', ...(cloud === 'azure' && { principalId: PERSON }) }],
    }),
  'residency-and-audit': (ml, stack) => new ml.AuditTrail(stack, 'Audit', { datasets: [lakeIn(ml, stack)] }),
  'private-network': (ml, stack) => new ml.PrivateNetwork(stack, 'Network'),
  'encryption-key': (ml, stack) => new ml.EncryptionKey(stack, 'Key'),
};

/** Azure ML opens a notebook for one person, who must be named. */
const PERSON = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
