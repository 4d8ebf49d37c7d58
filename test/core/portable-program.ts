/**
 * The quickstart over two clouds that exist only in tests: what a user writes once for every cloud. The compiler
 * checks it against the union of both.
 */
import { Construct } from 'constructs';
import * as basalt from './dummies/basalt';
import * as ember from './dummies/ember';
import * as core from '../../src/core';

export type Cloud = typeof ember | typeof basalt;

/** What differs between clouds: where a stack is. */
export const platforms = {
  ember: (app: Construct, id: string) => new ember.PlatformStack(app, id, { realm: 'north' }),
  basalt: (app: Construct, id: string) =>
    new basalt.PlatformStack(app, id, { project: 'ml-dev', region: 'b1' }),
};

export function foundation(ml: Cloud, stack: Construct) {
  const lake = new ml.DataLake(stack, 'Lake', {
    zones: [{ name: 'raw', expireAfterDays: 365 }, { name: 'curated' }],
  });
  const registry = new ml.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud-detector', approvalRequired: true }],
    images: ['train', 'serve', 'embed'],
  });
  const training = new ml.GpuTrainingCluster(stack, 'Training', {
    datasets: [
      lake,
      { data: lake.zone('raw').folder('team-a/images'), mode: core.DatasetMode.MOUNT, name: 'images' },
    ],
    registry,
    image: registry.image('train', '3'),
    accelerators: ['L4:1', 'T4:1'],
    maxNodes: 2,
    capacity: core.Capacity.spot(),
  });
  lake.zone('curated').grantReadWrite(training);
  registry.grantPublish(training);
  return { lake, registry, training };
}

export function serving(ml: Cloud, stack: Construct, { lake, registry }: ReturnType<typeof foundation>) {
  const version = core.DeployParameter.of('FraudVersion', '7');
  const endpoint = new ml.AutoScalingEndpoint(stack, 'Fraud', {
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '7') },
        model: registry.model('fraud-detector').version(version),
      },
    ],
    accelerators: ['L4:1', 'T4:1'],
    scaling: { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 },
    capture: { zone: lake.zone('raw'), samplePercent: 10 },
    alarms: { notify: ['ml-oncall@example.com'], p99LatencyMs: 300, errorPercent: 1 },
  });
  const thumbnails = new ml.ServerlessInference(stack, 'Thumbnails', {
    container: { image: registry.image('embed', '2') },
    memoryMiB: 4096,
    maxInstances: 5,
  });
  endpoint.grantInvoke(thumbnails);
  return { endpoint, thumbnails };
}

/** The compiler takes a native prop of either cloud; the one that lacks it refuses it at synthesis. */
export function withNativeProp(ml: Cloud, stack: Construct) {
  return new ml.DataLake(stack, 'Locked', { objectLock: true });
}

/** Programs that the compiler refuses. */
export function refused(ml: Cloud, stack: Construct): void {
  // @ts-expect-error a misspelt key of a zone
  new ml.DataLake(stack, 'A', { zones: [{ name: 'raw', expire: 3 }] });
  // @ts-expect-error models are required on every cloud
  new ml.ModelRegistry(stack, 'B', { images: ['train'] });
  // @ts-expect-error where a stack is differs: Basalt wants a project
  new basalt.PlatformStack(stack, 'C', { realm: 'north' });
  // @ts-expect-error a native member that only one of the clouds has
  new ml.DataLake(stack, 'D').bucket('raw');
}
