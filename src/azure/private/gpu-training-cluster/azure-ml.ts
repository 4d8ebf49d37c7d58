import { MachineLearningComputeCluster } from '@cdktf/provider-azurerm/lib/machine-learning-compute-cluster';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { computeCluster, imageEnvironment, workspaceStorageId } from './compute';
import { Json } from './job';
import { TrainingPlan } from './judge';
import { workflow } from './workflow';
import { CapacityKind } from '../../../core';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { INetwork } from '../../private-network';
import { IWorkload } from '../../workload';
import { RunsAs } from '../identity';
import { ResolvedImage } from '../images';
import { nameOf } from '../names';
import { assignRole, grantRole } from '../roles';
import { READ_WRITE } from '../storage';
import { Workspace, workspaceFor } from '../workspace';

export interface AzureMlProps {
  readonly props: GpuTrainingClusterProps;
  readonly plan: TrainingPlan;
  readonly network?: INetwork;
  readonly identity: RunsAs;
  /** What the workflow runs as, and the construct that it belongs to. */
  readonly submitter: UserAssignedIdentity;
  readonly holder: Construct;
  readonly image: ResolvedImage;
  readonly environment: Record<string, string>;
  readonly checkpoints: string;
  readonly models: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AzureMlEngine {
  readonly compute: MachineLearningComputeCluster;
  readonly environmentVersion: TerraformResource;
  readonly workspace: Workspace;
  readonly definition: Json;
}

/** The machines of a training cluster in Azure ML, and the workflow that runs a job on them. */
export function azureMlEngine(cluster: Construct & IWorkload, made: AzureMlProps): AzureMlEngine {
  const { props, plan, network, identity, submitter, holder, image } = made;
  const workspace = workspaceFor(cluster, { network, encryptionKey: props.encryptionKey });
  const compute = computeCluster(cluster, { workspace, plan, identity, network });
  image.roles.forEach(({ resource, ...role }) => grantRole(cluster, resource, role));
  const environmentVersion = imageEnvironment(cluster, workspace, image.uri);
  // Nodes keep the service's own files in the storage of the workspace.
  assignRole(cluster, 'WorkspaceStorageRole', identity.principalId, {
    role: READ_WRITE,
    scope: workspaceStorageId(cluster, workspace),
  });
  // No narrower built-in role submits jobs. It is the workflow's alone.
  assignRole(holder, 'Role', submitter.principalId, {
    role: 'AzureML Data Scientist',
    scope: workspace.id,
  });
  return {
    compute,
    environmentVersion,
    workspace,
    definition: workflow({
      job: {
        experiment: nameOf(cluster, { maxLength: 64 }),
        environmentId: environmentVersion.getStringAttribute('id'),
        computeId: compute.id,
        identity: { resourceId: identity.id, clientId: identity.clientId },
        environment: made.environment,
        checkpoints: made.checkpoints,
        models: made.models,
        timeLimitHours: plan.timeLimitHours,
        sharedMemoryMiB: props.sharedMemoryMiB,
        datasets: plan.datasets,
        tags: made.tags,
      },
      workspaceId: workspace.id,
      identityId: submitter.id,
      jobPrefix: nameOf(cluster, { maxLength: 64 }),
      command: props.command,
      maxNodes: plan.maxNodes,
      maxRetries: plan.maxRetries,
      ...timesOf(plan),
    }),
  };
}

/** How long jobs on demand wait for others of the cluster. */
const QUEUE_HOURS = 168;

/** Spot machines are waited for on top of the time limit, lost ones too. On demand the time counts from the start. */
const timesOf = ({ capacity, timeLimitHours }: TrainingPlan) =>
  capacity.kind === CapacityKind.SPOT
    ? { giveUpAfterHours: timeLimitHours + capacity.maxWaitHours! }
    : { giveUpAfterHours: timeLimitHours + QUEUE_HOURS, limitHours: timeLimitHours };
