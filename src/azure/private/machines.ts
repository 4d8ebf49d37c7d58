import { CLOUD } from './judge';
import { MachineService } from '../../core/private/machines';

const SIZES = { cloud: CLOUD, form: /^Standard_[A-Z][A-Za-z0-9_-]*$/, example: 'Standard_NC4as_T4_v3' };

export const ML_COMPUTE: MachineService = {
  ...SIZES,
  title: 'Azure ML compute',
  offered: (machine) => machine.azure!.azureMlCompute,
};

export const AKS: MachineService = {
  ...SIZES,
  title: 'AKS',
  // NVIDIA's whole accelerators, whose driver AKS installs by itself.
  offered: ({ accelerator, arch, count, status }) =>
    !accelerator.startsWith('MI') && arch === 'amd64' && count >= 1 && status !== 'retired',
};

export const ML_ENDPOINT: MachineService = {
  ...SIZES,
  title: 'Azure ML online endpoints',
  offered: (machine) => machine.azure!.azureMlOnlineEndpoint,
  // 4 vCPU and 14 GiB.
  usual: 'Standard_DS3_v2',
};

export const ML_INSTANCE: MachineService = {
  ...ML_COMPUTE,
  title: 'Azure ML compute instances',
  // 4 vCPU and 14 GiB.
  usual: 'Standard_DS3_v2',
};
