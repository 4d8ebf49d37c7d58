import type { aws, azure, google } from 'cloud-ml-constructs';
import { core } from 'cloud-ml-constructs';
import type { Construct } from 'constructs';

/** The clouds that this program runs on: the same classes with the same props, in a namespace each. */
export type Cloud = typeof aws | typeof google | typeof azure;

/** The version of the model and the tags of the images to deploy first; later ones are given at deployment. */
export const FIRST = { model: '1', train: '1', serve: '1', embed: '1' };

/** The version of the model that is tried next to the first one. */
export const NEXT = '2';

/** What comes first: data, a registry, somewhere to train. */
export function foundation(ml: Cloud, stack: Construct) {
  const lake = new ml.DataLake(stack, 'Lake', {
    zones: [{ name: 'raw', expireAfterDays: 365 }, { name: 'curated' }],
  });
  const registry = new ml.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud-detector', approvalRequired: true }],
    images: ['train', 'serve', 'embed'],
  });
  const training = new ml.GpuTrainingCluster(stack, 'Training', {
    datasets: [lake],
    registry,
    image: registry.image('train', FIRST.train),
    command: ['torchrun', 'train.py', '--dataset', 'raw'],
    // The first one that this cloud offers.
    accelerators: ['L4:1', 'T4:1'],
    maxNodes: 2,
    capacity: core.Capacity.spot(),
  });
  return { lake, registry, training };
}

/** What comes when the images are pushed and a version is published: endpoints. */
export function serving(ml: Cloud, stack: Construct, { registry }: ReturnType<typeof foundation>) {
  // Versions are given at deployment by the model's own pipeline, without touching code.
  const variant = (name: string, parameter: string, weight: number) => ({
    name,
    weight,
    container: { image: registry.image('serve', FIRST.serve) },
    model: registry.model('fraud-detector').version(core.DeployParameter.of(parameter, FIRST.model)),
  });
  const endpoint = new ml.AutoScalingEndpoint(stack, 'Fraud', {
    // A new version is deployed as `next`, and gets traffic by `shiftCommand`.
    variants: [variant('main', 'FraudVersion', 100), variant('next', 'FraudNext', 0)],
    accelerators: ['L4:1', 'T4:1'],
    scaling: { minInstances: 1, maxInstances: 4, requestsPerMinutePerInstance: 600 },
    alarms: { notify: ['ml-oncall@example.com'], p99LatencyMs: 300, errorPercent: 1 },
  });
  const thumbnails = new ml.ServerlessInference(stack, 'Thumbnails', {
    container: { image: registry.image('embed', FIRST.embed) },
    memoryMiB: 4096,
    maxInstances: 5,
  });
  endpoint.grantInvoke(thumbnails);
  return { endpoint, thumbnails };
}

/** The shell commands that go with what was deployed, by the names of the outputs that print them. */
export function commandsOf(
  { lake, registry, training }: ReturnType<typeof foundation>,
  { endpoint, thumbnails }: ReturnType<typeof serving>,
) {
  return {
    foundation: {
      Upload: lake.uploadCommand,
      PushTrain: registry.pushCommand('train', FIRST.train),
      PushServe: registry.pushCommand('serve', FIRST.serve),
      PushEmbed: registry.pushCommand('embed', FIRST.embed),
      Submit: training.submitCommand,
      Output: training.outputUri,
      Publish: registry.publishCommand('fraud-detector', FIRST.model, registry.image('serve', FIRST.serve)),
      Approve: registry.approveCommand('fraud-detector', FIRST.model),
      PublishNext: registry.publishCommand('fraud-detector', NEXT, registry.image('serve', FIRST.serve)),
      ApproveNext: registry.approveCommand('fraud-detector', NEXT),
    },
    serving: {
      InvokeEndpoint: endpoint.invokeCommand,
      Shift: endpoint.shiftCommand,
      InvokeThumbnails: thumbnails.invokeCommand,
    },
  };
}
