import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import { containerMounts } from './aks-mounts';
import { aksWorkflow } from './aks-workflow';
import { Json } from './job';
import { TrainingPlan } from './judge';
import { CapacityKind } from '../../../core';
import { CAPACITY, CLUSTER, SERVICE_ACCOUNT } from '../../../terraform/kubernetes/job';
import { text } from '../../../terraform/text';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { INetwork } from '../../private-network';
import { RunsAs } from '../identity';
import { ResolvedImage } from '../images';
import { keyFor } from '../keys';
import { AksCluster, kubernetesFor } from '../kubernetes';
import { nameOf } from '../names';
import { assignRole } from '../roles';

/** How long a job waits for machines that have no limit of their own. */
const WAIT_HOURS = 24;
/** What AKS taints spot machines with, and asks for to be written down. */
const SPOT = { key: 'kubernetes.azure.com/scalesetpriority', value: 'spot' };

export interface AksProps {
  readonly props: GpuTrainingClusterProps;
  readonly plan: TrainingPlan;
  readonly identity: RunsAs;
  readonly submitter: UserAssignedIdentity;
  readonly image: ResolvedImage;
  readonly environment: Record<string, string>;
  readonly checkpoints: string;
  readonly models: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AksEngine {
  readonly kubernetes: AksCluster;
  readonly namespace: string;
  readonly nodePools: KubernetesClusterNodePool[];
  readonly definition: Json;
}

/** The machines of a training cluster on AKS, and the workflow that runs a job on them. */
export function aksEngine(cluster: Construct, made: AksProps): AksEngine {
  const { props, plan, identity, submitter, image } = made;
  const kubernetes = kubernetesFor(
    cluster,
    props.network as INetwork | undefined,
    keyFor(cluster, props.encryptionKey),
    plan.aks!.clusterId,
  );
  const namespace = nameOf(cluster, { maxLength: 58 });
  new FederatedIdentityCredential(cluster, 'RunsJobs', {
    // A given identity may have those of other clusters.
    name: identity.resource ? 'jobs' : namespace,
    resourceGroupName: identity.resourceGroupName,
    parentId: identity.id,
    audience: ['api://AzureADTokenExchange'],
    issuer: kubernetes.issuer,
    subject: `system:serviceaccount:${namespace}:${SERVICE_ACCOUNT}`,
  });
  image.roles.forEach(({ resource: _, ...role }, i) =>
    assignRole(cluster, `PullRole${i || ''}`, kubernetes.kubeletObjectId, role),
  );
  allowCommands(cluster, submitter, kubernetes);
  const { volumes, places } = containerMounts(plan.datasets, namespace, identity.clientId);
  if (volumes.length) {
    kubernetes.mountsBlobs();
  }
  const { kind, fallback, maxWaitHours } = plan.capacity;
  const capacities = fallback ? [kind, CapacityKind.ON_DEMAND] : [kind];
  return {
    kubernetes,
    namespace,
    nodePools: capacities.map((capacity) => pool(cluster, made, { kubernetes, namespace, capacity })),
    definition: aksWorkflow({
      clusterId: kubernetes.id,
      identityId: submitter.id,
      manifest: {
        namespace,
        serviceAccountAnnotations: { 'azure.workload.identity/client-id': identity.clientId },
        podLabels: { 'azure.workload.identity/use': 'true' },
        image: image.uri,
        machine: plan.choice.machine,
        tolerated: ['nvidia.com/gpu', SPOT.key],
        sharedMemoryMiB: props.sharedMemoryMiB,
        elastic: props.minNodes !== undefined,
        volumes,
        costTags: made.tags,
      },
      places,
      environment: made.environment,
      checkpoints: made.checkpoints,
      models: made.models,
      command: props.command,
      maxNodes: plan.maxNodes,
      minNodes: props.minNodes,
      timeLimitHours: plan.timeLimitHours,
      maxRetries: plan.maxRetries,
      waitHours: maxWaitHours ?? WAIT_HOURS,
      capacities,
    }),
  };
}

/** Lets the workflow run commands in the cluster: no built-in role is that narrow. */
function allowCommands(cluster: Construct, submitter: UserAssignedIdentity, kubernetes: AksCluster): void {
  const role = new RoleDefinition(cluster, 'CommandRole', {
    name: `${nameOf(cluster, { maxLength: 100 })}-commands`,
    scope: kubernetes.groupId,
    assignableScopes: [kubernetes.groupId],
    permissions: [
      {
        actions: [
          'Microsoft.ContainerService/managedClusters/read',
          'Microsoft.ContainerService/managedClusters/runCommand/action',
          'Microsoft.ContainerService/managedClusters/commandResults/read',
        ],
      },
    ],
  });
  new RoleAssignment(cluster, 'CommandRoleOfWorkflow', {
    scope: kubernetes.id,
    roleDefinitionId: role.roleDefinitionResourceId,
    principalId: submitter.principalId,
    principalType: 'ServicePrincipal',
  });
}

/** Machines that exist while jobs run. What cannot be changed makes another pool first. */
function pool(
  cluster: Construct,
  { props, plan }: AksProps,
  {
    kubernetes,
    namespace,
    capacity,
  }: { readonly kubernetes: AksCluster; readonly namespace: string; readonly capacity: string },
): KubernetesClusterNodePool {
  const spot = capacity === CapacityKind.SPOT;
  const machines = {
    vmSize: text(plan.choice.type),
    ...(spot && { priority: 'Spot', evictionPolicy: 'Delete', spotMaxPrice: -1 }),
    capacityReservationGroupId: plan.capacity.reservationId && text(plan.capacity.reservationId),
    gpuDriver: plan.choice.machine ? 'Install' : undefined,
    maxPods: 50,
    osDiskSizeGb: plan.diskGiB,
    osDiskType: 'Managed',
    vnetSubnetId: (props.network as INetwork | undefined)?.workloadSubnetId,
    nodeLabels: {
      [CLUSTER]: namespace,
      [CAPACITY]: capacity,
      ...(spot && { [SPOT.key]: SPOT.value }),
    },
    nodeTaints: [
      `${CLUSTER}=${namespace}:NoSchedule`,
      ...(spot ? [`${SPOT.key}=${SPOT.value}:NoSchedule`] : []),
    ],
  };
  return new KubernetesClusterNodePool(cluster, `Machines-${capacity}`, {
    // Twelve letters and digits at most.
    name: nameOf(cluster, {
      maxLength: 12,
      separator: '',
      replacing: { ...machines, cluster: kubernetes.id },
    }),
    kubernetesClusterId: kubernetes.id,
    ...machines,
    mode: 'User',
    autoScalingEnabled: true,
    minCount: 0,
    maxCount: plan.maxNodes,
    scaleDownMode: 'Delete',
    nodePublicIpEnabled: false,
    dependsOn: kubernetes.ready,
    lifecycle: { createBeforeDestroy: true },
  });
}
