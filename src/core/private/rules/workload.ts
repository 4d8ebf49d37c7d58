import { brandOf, construct } from '../brand';
import { Rule } from '../schema';

/** The workload that a grant is for. */
export const aWorkload =
  (cloud: string): Rule =>
  (value, prop, faults) => {
    const found = brandOf(value);
    if (found?.cloud !== cloud || !WORKLOADS.includes(found.kind)) {
      construct(cloud, WORKLOADS, `wrap a native identity with ${cloud}.Workload.from…`)(value, prop, faults);
    }
  };

const WORKLOADS = [
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
  'Workspace',
  'Workload',
];
