import { CLOUD } from './judge';
import { MachineService } from '../../core/private/machines';

const NAME = '[a-z][a-z0-9-]*\\.(\\d*x?large|medium|small|micro|nano|metal)(-\\w+)?$';

const SAGEMAKER = {
  cloud: CLOUD,
  prefix: 'ml.',
  form: new RegExp(`^ml\\.${NAME}`),
  example: 'ml.g5.xlarge',
};

export const SAGEMAKER_TRAINING: MachineService = {
  ...SAGEMAKER,
  title: 'SageMaker training',
  offered: (machine) => machine.aws!.sagemakerTraining,
};

export const SAGEMAKER_HOSTING: MachineService = {
  ...SAGEMAKER,
  title: 'SageMaker hosting',
  offered: (machine) => machine.aws!.sagemakerHosting,
  // 2 vCPU and 8 GiB.
  usual: 'ml.m5.large',
};

export const SAGEMAKER_STUDIO: MachineService = {
  ...SAGEMAKER,
  title: 'SageMaker Studio',
  offered: (machine) => machine.aws!.sagemakerStudio,
  // 2 vCPU and 4 GiB.
  usual: 'ml.t3.medium',
};

export const BATCH: MachineService = {
  cloud: CLOUD,
  title: 'AWS Batch on EC2',
  form: new RegExp(`^(?!ml\\.)${NAME}`),
  example: 'g5.xlarge',
  offered: () => true,
};
