import { Namespace, Probe, Program } from './contract';
import * as core from '../../src/core';

/** All constructs in one private network, with a secret, mail and a grant of each kind. */
export function everything(
  ml: Namespace,
  { foundation, serving }: Program,
  { secret, user }: { readonly secret: core.ISecret; readonly user: Probe['user'] },
): core.IGpuTrainingCluster {
  const network = new ml.PrivateNetwork(foundation, 'Network', { internetEgress: true });
  const secrets = { HUB_TOKEN: secret };
  const lake = new ml.DataLake(foundation, 'Lake', {
    network,
    zones: [{ name: 'raw' }, { name: 'curated' }],
  });
  new ml.AuditTrail(foundation, 'Audit', { network, datasets: [lake], managementEvents: true });
  const registry = new ml.ModelRegistry(foundation, 'Registry', {
    network,
    models: [{ name: 'fraud', approvalRequired: true }],
    images: ['train', 'serve', 'embed'],
    notify: ['ml@example.com'],
  });
  const training = new ml.GpuTrainingCluster(foundation, 'Training', {
    network,
    secrets,
    datasets: [lake],
    registry,
    image: registry.image('train', '1'),
    accelerators: ['L4:1', 'T4:1'],
    maxNodes: 2,
  });
  const endpoint = new ml.AutoScalingEndpoint(serving, 'Fraud', {
    network,
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '1'), secrets },
        model: registry.model('fraud').version('1'),
      },
    ],
    accelerators: ['L4:1', 'T4:1'],
    scaling: { maxInstances: 4, requestsPerMinutePerInstance: 600 },
    alarms: { notify: ['ml@example.com'], p99LatencyMs: 300, errorPercent: 1 },
  });
  const caller = new ml.ServerlessInference(serving, 'Caller', {
    network,
    container: { image: registry.image('embed', '1'), secrets },
  });
  new ml.Workspace(foundation, 'Team', {
    network,
    secrets,
    cluster: training,
    datasets: [lake],
    users: [user],
  });
  lake.grantReadWrite(training);
  lake.grantRead(caller);
  registry.grantPublish(training);
  endpoint.grantInvoke(caller);
  return training;
}
