/**
 * The programs that faults.mjs deploys, each into a folder of its own below the one that is given: `ts-node faults.app.ts OUT`.
 */
import { join } from 'path';
import { App, aws_logs as logs, CfnOutput } from 'aws-cdk-lib';
import { aws, core } from 'cloud-ml-constructs';

interface Program {
  readonly zones: core.DataZoneProps[];
  readonly memoryMiB: number;
  readonly version: string;
  /** A log group that is made when all else stands: where its name is taken, the deployment fails. */
  readonly lastName: string;
}

const synthesize = (folder: string, id: string, build: (stack: aws.PlatformStack) => void): void => {
  const app = new App({ outdir: join(process.argv[2], folder) });
  build(new aws.PlatformStack(app, id));
  app.synth();
};

const holding = (stack: aws.PlatformStack, zones: core.DataZoneProps[], retention?: core.DataRetention) => ({
  lake: new aws.DataLake(stack, 'Lake', { zones, retention, discovery: false }),
  registry: new aws.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['serve'],
    retention,
  }),
});

const platform = (folder: string, { zones, memoryMiB, version, lastName }: Program): void =>
  synthesize(folder, 'platform', (stack) => {
    const { lake, registry } = holding(stack, zones);
    const container = { image: registry.image('serve', '1') };
    const endpoint = new aws.AutoScalingEndpoint(stack, 'Fraud', {
      variants: [{ name: 'main', container, model: registry.model('fraud').version(version) }],
    });
    const thumbnails = new aws.ServerlessInference(stack, 'Thumbnails', { container, memoryMiB });
    const last = new logs.CfnLogGroup(stack, 'Last', { logGroupName: lastName, retentionInDays: 1 });
    last.node.addDependency(lake, registry, endpoint, thumbnails);
  });

const raw = (expireAfterDays: number): core.DataZoneProps => ({ name: 'raw', expireAfterDays });
const first = { memoryMiB: 2048, version: '1', lastName: '/faults/one' };
const changed = { memoryMiB: 4096, version: '2', lastName: '/faults/one' };
const again = { memoryMiB: 8192, version: '3', lastName: '/faults/two' };

platform('first', { zones: [raw(365), { name: 'curated' }], ...first });
platform('changed', { zones: [raw(30), { name: 'curated' }, { name: 'features' }], ...changed });
platform('again', { zones: [raw(10), { name: 'features' }, { name: 'extra' }], ...again });

synthesize('trial', 'trial', (stack) => {
  const { lake, registry } = holding(stack, [{ name: 'raw' }], core.DataRetention.DESTROY);
  new CfnOutput(stack, 'EmptyLake', { value: lake.emptyCommand! });
  new CfnOutput(stack, 'EmptyRegistry', { value: registry.emptyCommand! });
});
