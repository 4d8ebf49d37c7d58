import type { aws, azure, google } from 'cloud-ml-constructs';
import { core } from 'cloud-ml-constructs';
import type { Construct } from 'constructs';

/** The clouds that this program runs on. */
export type Cloud = typeof aws | typeof google | typeof azure;

/** Notebooks for a team, next to the data that they read and the cluster that they start jobs on. */
export function team(ml: Cloud, stack: Construct, users: core.WorkspaceUserProps[]) {
  const network = new ml.PrivateNetwork(stack, 'Network', { internetEgress: true });
  const lake = new ml.DataLake(stack, 'Lake', { network, zones: [{ name: 'raw' }, { name: 'curated' }] });
  // The team's own part of a zone that it shares with others.
  const ours = lake.zone('raw').folder('fraud-team');
  const registry = new ml.ModelRegistry(stack, 'Registry', {
    network,
    models: [{ name: 'fraud-detector' }],
    images: ['train'],
  });
  const training = new ml.GpuTrainingCluster(stack, 'Training', {
    network,
    registry,
    datasets: [lake.zone('curated'), { data: ours, mode: core.DatasetMode.MOUNT }],
    image: registry.image('train', '1'),
    accelerators: ['L4:1', 'T4:1'],
    capacity: core.Capacity.spot(),
  });
  const notebooks = new ml.Workspace(stack, 'Notebooks', {
    network,
    users,
    datasets: [lake.zone('curated')],
    cluster: training,
    idleShutdownMinutes: 90,
  });
  registry.grantRead(notebooks);
  ours.grantReadWrite(notebooks);
  return { lake, registry, training, notebooks };
}
