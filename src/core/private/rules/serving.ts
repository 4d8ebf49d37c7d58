import { alarms, endpointAlarms } from './alarms';
import type {
  AutoScalingEndpointProps,
  CaptureProps,
  EndpointVariant,
  ScalingProps,
} from '../../auto-scaling-endpoint';
import type { ServingContainer } from '../../container';
import type { ServerlessInferenceProps } from '../../serverless-inference';
import { Rule, Schema, integer, list, number, record, required, struct, text } from '../schema';
import {
  aCount,
  aModelVersion,
  aZone,
  accelerators,
  anImage,
  instance,
  name,
  path,
  secrets,
  variables,
  workloadRules,
} from './values';

const servingContainer = (cloud: string): Schema<ServingContainer> => ({
  image: required(anImage(cloud)),
  command: list(text(), { min: 1 }),
  args: list(text({ pattern: /^[^]*$/ })),
  port: integer({ min: 1, max: 65535 }),
  healthPath: path,
  predictPath: path,
  environment: record(text({ pattern: /^[^]*$/ }), variables),
  secrets: secrets(cloud),
  sharedMemoryMiB: integer({ min: 64 }),
  startupTimeoutSeconds: integer({ min: 1 }),
  requestTimeoutSeconds: integer({ min: 1 }),
});

const scaling: Schema<ScalingProps> = {
  minInstances: aCount(
    integer({ min: 1, because: 'endpoints bill while idle; ServerlessInference scales to zero' }),
  ),
  maxInstances: aCount(integer({ min: 1, max: 10000 })),
  requestsPerMinutePerInstance: number({ min: 0.01 }),
  concurrentRequestsPerInstance: number({ min: 0.01 }),
  cpuPercent: number({ min: 1, max: 100 }),
  gpuPercent: number({ min: 1, max: 100 }),
};

const variant = (cloud: string): Schema<EndpointVariant> => ({
  name: required(name(24, 1)),
  container: required(struct(servingContainer(cloud))),
  model: aModelVersion(cloud),
  weight: number({ min: 0, max: 100 }),
  accelerators,
  machineType: text(),
});

export const autoScalingEndpointRules = (
  cloud: string,
  logRetentionDays: Rule,
): Schema<AutoScalingEndpointProps> => ({
  ...workloadRules(cloud, logRetentionDays),
  variants: required(list(struct(variant(cloud)), { min: 1, max: 10, unique: 'name' })),
  accelerators,
  machineType: text(),
  diskGiB: integer({ min: 10, max: 16384 }),
  scaling: struct(scaling),
  rollout: instance('Rollout', 'Rollout.allAtOnce(), canary() or linear()'),
  capacity: instance('Capacity', 'Capacity.onDemand(), spot(), reserved() or queued()'),
  capture: struct<CaptureProps>({
    zone: aZone(cloud),
    samplePercent: integer({ min: 1, max: 100 }),
  }),
  alarms: struct(endpointAlarms(cloud)),
});

export const serverlessInferenceRules = (
  cloud: string,
  logRetentionDays: Rule,
): Schema<ServerlessInferenceProps> => ({
  ...workloadRules(cloud, logRetentionDays),
  container: required(struct(servingContainer(cloud))),
  model: aModelVersion(cloud),
  memoryMiB: integer({ min: 128 }),
  cpu: number({ min: 0.1 }),
  accelerators,
  maxInstances: integer({ min: 1 }),
  minInstances: integer({ min: 0 }),
  concurrentRequestsPerInstance: integer({ min: 1 }),
  alarms: struct(alarms(cloud)),
});
