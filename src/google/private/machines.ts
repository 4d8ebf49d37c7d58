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

/** What the API of Vertex AI Workbench attaches, as the provider's schema lists it. */
const ATTACHABLE = [
  'NVIDIA_TESLA_P100',
  'NVIDIA_TESLA_V100',
  'NVIDIA_TESLA_P4',
  'NVIDIA_TESLA_T4',
  'NVIDIA_TESLA_A100',
  'NVIDIA_A100_80GB',
  'NVIDIA_L4',
];

export const WORKBENCH: MachineService = {
  ...TYPES,
  title: 'Vertex AI Workbench',
  offered: (machine) => ATTACHABLE.includes(machine.google!.vertexAcceleratorType ?? ''),
  wayOut: undefined,
  // 4 vCPU and 16 GB.
  usual: 'e2-standard-4',
};
