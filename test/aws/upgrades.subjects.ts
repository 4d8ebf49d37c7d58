import { StackProps } from 'aws-cdk-lib';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { Changes, Native, Subject, withNative } from '../upgrades/changes';
import * as portable from '../upgrades/portable';

const { setAndUnset } = portable;
const flag = [undefined, true, false, undefined];

const VALUES: portable.Values = {
  training: { accelerators: [['T4:4'], ['H100:8']], machineTypes: ['ml.g4dn.xlarge', 'ml.g5.xlarge'] },
  serving: { accelerators: [['T4:1'], ['A10G:1']], machineTypes: ['ml.c5.large', 'ml.c5.xlarge'] },
  notebooks: { accelerators: [['T4:1'], ['A10G:1']], machineTypes: ['ml.t3.medium', 'ml.t3.large'] },
  accounts: ['444455556666', '555566667777'],
  persons: ['ada', 'grace', 'joan'].map((name) => `arn:aws:iam::111122223333:role/${name}`) as never,
  reservation: 'arn:aws:sagemaker:eu-central-1:111122223333:training-plan/plan',
  namesPersons: false,
  scratchGiB: [1200, 2400],
  waiting: { capacity: core.Capacity.queued() },
  capture: ({ lake }) => ({ zone: lake.zone('raw') }),
};

const training = portable.gpuTrainingCluster(VALUES);
const machineTypes = { steps: ['g4dn.xlarge', 'g5.xlarge'], having: { accelerators: undefined } };
const EC2: Native<aws.GpuTrainingClusterProps, core.GpuTrainingClusterProps> = {
  engine: [aws.TrainingEngine.BATCH, undefined],
  capacityBlock: { steps: flag, having: { capacity: core.Capacity.reserved('cr-0123456789abcdef0') } },
  machineImageId: setAndUnset('ami-11111111', 'ami-22222222'),
  machineType: machineTypes,
  capacity: {
    spot: { steps: [undefined, core.Capacity.spot(), undefined], having: { maxNodes: 1 } },
    reserved: [undefined, core.Capacity.reserved('cr-0123456789abcdef0')],
    queued: [undefined, core.Capacity.queued(), undefined],
  },
};

/** What a stack of AWS has beside what all platform stacks have is of aws-cdk-lib. */
const platformStack: Changes<Omit<aws.PlatformStackProps, keyof StackProps>> = {
  namePrefix: { steps: [undefined, 'team', 'other', undefined], identity: true },
  allowedRegions: setAndUnset(['eu-central-1'], ['eu-central-1', 'eu-west-1']),
  regionGuard: { steps: flag, having: { allowedRegions: ['eu-central-1'] } },
  report: flag,
  securityProfile: {
    stricter: [core.SecurityProfile.STANDARD, core.SecurityProfile.REGULATED],
    'less strict': [core.SecurityProfile.REGULATED, core.SecurityProfile.STANDARD],
  },
};

export const SUBJECTS: { readonly [called: string]: Subject } = {
  DataLake: withNative<aws.DataLakeProps, core.DataLakeProps>(portable.dataLake, {
    discoverySchedule: setAndUnset('cron(0 3 * * ? *)', 'cron(0 4 * * ? *)'),
    queryScanLimitMiB: setAndUnset(100, 200),
    lakeFormation: flag,
  }),
  AuditTrail: withNative<aws.AuditTrailProps, core.AuditTrailProps>(portable.auditTrail, {
    cloudWatchLogs: flag,
    logRetentionDays: { steps: setAndUnset(60, 90), having: { cloudWatchLogs: true } },
  }),
  ModelRegistry: portable.modelRegistry(VALUES),
  GpuTrainingCluster: withNative<aws.GpuTrainingClusterProps, core.GpuTrainingClusterProps>(training, {
    engine: { steps: [undefined, aws.TrainingEngine.BATCH], having: ({ network }) => ({ network }) },
    capacityBlock: [undefined, true],
    machineImageId: [undefined, 'ami-11111111'],
  }),
  'GpuTrainingCluster on Batch': withNative(training, EC2, ({ network }) => ({
    engine: aws.TrainingEngine.BATCH,
    network,
  })),
  AutoScalingEndpoint: withNative<aws.AutoScalingEndpointProps, core.AutoScalingEndpointProps>(
    portable.autoScalingEndpoint(VALUES),
    { networkIsolation: flag },
  ),
  ServerlessInference: withNative<aws.ServerlessInferenceProps, core.ServerlessInferenceProps>(
    portable.serverlessInference(),
    {
      engine: [undefined, aws.ServerlessEngine.SAGEMAKER],
      streaming: flag,
      ephemeralStorageMiB: setAndUnset(1024, 2048),
    },
  ),
  'ServerlessInference on SageMaker': withNative<aws.ServerlessInferenceProps, core.ServerlessInferenceProps>(
    portable.serverlessInference(),
    {
      engine: [aws.ServerlessEngine.SAGEMAKER, undefined],
      streaming: flag,
      ephemeralStorageMiB: setAndUnset(1024, 2048),
    },
    () => ({ engine: aws.ServerlessEngine.SAGEMAKER }),
  ),
  Workspace: portable.workspace(VALUES),
  PrivateNetwork: withNative<aws.PrivateNetworkProps, core.PrivateNetworkProps>(portable.privateNetwork, {
    encryptionKey: ({ key, otherKey }) => setAndUnset(key, otherKey),
  }),
  EncryptionKey: portable.encryptionKey,
  PlatformStack: { construct: 'PlatformStack', base: () => ({}), changes: { '': platformStack } },
};
