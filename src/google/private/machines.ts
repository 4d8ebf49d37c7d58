import { CLOUD } from './judge';
import { isGpu } from '../../core/private/catalog';
import { MachineService } from '../../core/private/machines';

const TYPES = {
  cloud: CLOUD,
  form: /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/,
  example: 'n1-standard-4',
  wayOut: 'another capacity may have more',
};

/** How the chips of one host are joined. Vertex AI takes these TPUs by their machine type. */
export const TOPOLOGIES: Record<string, string> = {
  'ct5lp-hightpu-1t': '1x1',
  'ct5lp-hightpu-4t': '2x2',
  'ct5lp-hightpu-8t': '2x4',
};

export const VERTEX_TRAINING: MachineService = {
  ...TYPES,
  title: 'Vertex AI training',
  offered: (machine) =>
    Boolean(machine.google!.vertexAcceleratorType) && (isGpu(machine) || machine.name in TOPOLOGIES),
};

export const GKE: MachineService = {
  ...TYPES,
  title: 'GKE',
  // Other processors need another image of the library's containers.
  offered: (machine) => isGpu(machine) && machine.arch === 'amd64',
  wayOut: 'TPUs are for google.TrainingEngine.vertexAi()',
};

export const VERTEX_PREDICTION: MachineService = {
  ...TYPES,
  title: 'Vertex AI prediction',
  offered: (machine) => Boolean(machine.google!.vertexAcceleratorType) && isGpu(machine),
  // 2 vCPU and 7.5 GB.
  usual: 'n1-standard-2',
};
