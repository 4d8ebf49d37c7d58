import { MachineLearningComputeCluster } from '@cdktf/provider-azurerm/lib/machine-learning-compute-cluster';
import { Construct } from 'constructs';
import { CapacityKind } from '../../../core';
import { GenericDataSource, GenericResource } from '../../../terraform/generic';
import { contentHash } from '../../../terraform/names';
import type { INetwork } from '../../private-network';
import { azapiResource, ML_API } from '../azapi';
import { RunsAs } from '../identity';
import { after } from '../judge';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';
import { Workspace } from '../workspace';
import { TrainingPlan } from './judge';

export interface ComputeProps {
  readonly workspace: Workspace;
  readonly plan: TrainingPlan;
  readonly identity: RunsAs;
  readonly network?: INetwork;
}

/** Machines that exist while jobs run. All but their number is fixed, so a change makes a new cluster first. */
export function computeCluster(scope: Construct, props: ComputeProps): MachineLearningComputeCluster {
  const { workspace, plan, identity, network } = props;
  const subnetResourceId = network?.workloadSubnetId;
  const vmSize = plan.choice.type;
  const vmPriority = plan.capacity.kind === CapacityKind.SPOT ? 'LowPriority' : 'Dedicated';
  return new MachineLearningComputeCluster(scope, 'Compute', {
    name: nameOf(scope, { maxLength: 24, replacing: { vmSize, vmPriority, subnetResourceId } }),
    machineLearningWorkspaceId: workspace.id,
    location: homeOf(scope).location,
    vmSize,
    vmPriority,
    scaleSettings: {
      minNodeCount: 0,
      maxNodeCount: plan.maxNodes,
      scaleDownNodesAfterIdleDuration: `PT${plan.idleMinutes}M`,
    },
    identity: { type: 'UserAssigned', identityIds: [identity.id] },
    subnetResourceId,
    // The service takes machines without public address in a network only.
    nodePublicIpEnabled: !network,
    sshPublicAccessEnabled: false,
    localAuthEnabled: false,
    dependsOn: after(scope, ...workspace.ready),
    lifecycle: { createBeforeDestroy: true },
  });
}

/**
 * The storage account of a workspace, which nodes read and write as their identity: it takes no keys. Asked of the
 * workspace, made here or not.
 */
export function workspaceStorageId(scope: Construct, workspace: Workspace): string {
  return new GenericDataSource(scope, 'WorkspaceStorage', {
    type: 'azapi_resource',
    form: { name: 'azapi', source: 'Azure/azapi', version: '~> 2.5' },
    arguments: {
      type: `Microsoft.MachineLearningServices/workspaces@${ML_API}`,
      resource_id: workspace.id,
      response_export_values: ['properties.storageAccount'],
    },
  }).getStringAttribute('output.properties.storageAccount');
}

/** The image as a version of an environment, which is immutable: another image is another version. */
export function imageEnvironment(scope: Construct, workspace: Workspace, image: string): GenericResource {
  const environment = azapiResource(scope, 'Environment', {
    type: `Microsoft.MachineLearningServices/workspaces/environments@${ML_API}`,
    name: nameOf(scope, { maxLength: 64 }),
    parentId: workspace.id,
    body: { properties: { description: 'The image of training jobs' } },
    dependsOn: after(scope, ...workspace.ready),
  });
  return azapiResource(scope, 'EnvironmentVersion', {
    type: `Microsoft.MachineLearningServices/workspaces/environments/versions@${ML_API}`,
    name: contentHash({ image }),
    parentId: environment.getStringAttribute('id'),
    body: { properties: { image, osType: 'Linux' } },
    lifecycle: { createBeforeDestroy: true },
  });
}
