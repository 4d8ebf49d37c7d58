import { auditTrail } from './audit-trail.contract';
import { autoScalingEndpoint } from './auto-scaling-endpoint.contract';
import { Contract } from './contract';
import { dataLake } from './data-lake.contract';
import { deployPermissions } from './deploy-permissions.contract';
import { gpuTrainingCluster } from './gpu-training-cluster.contract';
import { grants } from './grants.contract';
import { landingZone } from './landing-zone.contract';
import { modelRegistry } from './model-registry.contract';
import { residency } from './residency.contract';
import { secret } from './secret.contract';
import { securityProfile } from './security-profile.contract';
import { serverlessInference } from './serverless-inference.contract';
import { workspace } from './workspace.contract';

/** Every promise, construct by construct. */
export const CONTRACTS: Contract[] = [
  dataLake,
  gpuTrainingCluster,
  modelRegistry,
  autoScalingEndpoint,
  serverlessInference,
  workspace,
  secret,
  auditTrail,
  landingZone,
  residency,
  securityProfile,
  deployPermissions,
  grants,
];
