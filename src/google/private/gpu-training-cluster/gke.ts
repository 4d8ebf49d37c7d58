import { ContainerNodePool } from '@cdktf/provider-google/lib/container-node-pool';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { Construct } from 'constructs';
import { gkeSteps } from './gke-workflow';
import { TrainingPlan } from './judge';
import { mountsOf } from './mounts';
import { Scratch } from './scratch';
import { JobSteps } from './workflow';
import { CapacityKind } from '../../../core';
import { CAPACITY, CLUSTER, SERVICE_ACCOUNT } from '../../../terraform/kubernetes/job';
import { IEncryptionKey } from '../../encryption-key';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { INetwork } from '../../private-network';
import { ResolvedImage } from '../images';
import { encryptedBy } from '../keys';
import { guardedNode, KubernetesCluster, kubernetesFor, nodeAccount } from '../kubernetes';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';
import { WorkloadAccount } from '../service-account';

/** How long a job waits for machines that have no limit of their own. */
const WAIT_HOURS = 24;
/** Machines of Dynamic Workload Scheduler stay for a week. */
const QUEUED_SECONDS = 604800;

export interface GkeProps {
  readonly props: GpuTrainingClusterProps;
  readonly plan: TrainingPlan;
  readonly key?: IEncryptionKey;
  readonly image: ResolvedImage;
  readonly jobAccount: WorkloadAccount;
  readonly checkpoints: string;
  readonly models: string;
  readonly scratch?: Scratch;
  readonly labels: Readonly<Record<string, string>>;
}

export interface GkeEngine {
  readonly steps: JobSteps;
  readonly kubernetes: KubernetesCluster;
  readonly namespace: string;
  readonly nodePools: ContainerNodePool[];
  /** The log entries of jobs: a filter of Cloud Logging. */
  readonly logs: string;
}

/** The machines of a training cluster on GKE, and the steps that run a job on them. */
export function gkeEngine(cluster: Construct, made: GkeProps): GkeEngine {
  const { props, plan, key, image, jobAccount, scratch } = made;
  const { project } = placeOf(cluster);
  const kubernetes = kubernetesFor(cluster, props.network as INetwork | undefined, key, plan.gke!.cluster);
  const namespace = physicalName(cluster, RFC1035);
  const nodes = nodeAccount(cluster, `Training machines of ${cluster.node.path}`);
  image.grantPull({ scope: nodes.account, member: nodes.account.member, id: '' });
  new ServiceAccountIamMember(cluster, 'RunsJobs', {
    serviceAccountId: jobAccount.name,
    role: 'roles/iam.workloadIdentityUser',
    member: `serviceAccount:${project}.svc.id.goog[${namespace}/${SERVICE_ACCOUNT}]`,
    // The pool of identities comes with the first cluster of a project.
    dependsOn: kubernetes.ready,
  });
  const capacities = capacitiesOf(plan);
  const nodePools = capacities.map(
    (capacity) =>
      new ContainerNodePool(cluster, `Machines-${capacity}`, {
        ...pool(cluster, { ...made, kubernetes, namespace, capacity, account: nodes.account }),
        dependsOn: [...kubernetes.ready, ...encryptedBy(cluster, key, 'compute'), ...nodes.ready],
      }),
  );
  return {
    kubernetes,
    namespace,
    nodePools,
    logs: `resource.type="k8s_container" AND resource.labels.cluster_name="${kubernetes.clusterName}" AND resource.labels.namespace_name="${namespace}"`,
    steps: gkeSteps({
      cluster: { clusterName: kubernetes.clusterName, location: kubernetes.location, project },
      manifest: {
        namespace,
        serviceAccountAnnotations: { 'iam.gke.io/gcp-service-account': jobAccount.email },
        image: image.uri,
        machine: plan.choice.machine,
        tolerated: ['nvidia.com/gpu'],
        sharedMemoryMiB: props.sharedMemoryMiB,
        elastic: props.minNodes !== undefined,
        costTags: made.labels,
        ...mountsOf(plan, scratch),
      },
      checkpoints: made.checkpoints,
      models: made.models,
      maxNodes: plan.maxNodes,
      minNodes: props.minNodes,
      timeLimitHours: plan.timeLimitHours,
      maxRetries: plan.maxRetries,
      waitHours: plan.capacity.maxWaitHours ?? WAIT_HOURS,
      tellAfterMinutes: props.alarms?.noCapacityMinutes,
      capacities,
    }),
  };
}

/** A pool for each way to buy machines, in the order in which they are tried. */
const capacitiesOf = ({ capacity: { kind, fallback } }: TrainingPlan): string[] =>
  fallback ? [kind, CapacityKind.ON_DEMAND] : [kind];

interface PoolProps extends GkeProps {
  readonly kubernetes: KubernetesCluster;
  readonly namespace: string;
  readonly capacity: string;
  readonly account: WorkloadAccount;
}

/** Machines that exist while jobs run. What cannot be changed makes another pool first. */
function pool(
  cluster: Construct,
  { plan, key, kubernetes, namespace, capacity, account, labels: resourceLabels }: PoolProps,
) {
  const { machine, type } = plan.choice;
  const { reservationId } = plan.capacity;
  const queued = capacity === CapacityKind.QUEUED;
  const nodeConfig = {
    ...guardedNode(account.email, key),
    machineType: type,
    diskSizeGb: plan.diskGiB,
    spot: capacity === CapacityKind.SPOT ? true : undefined,
    ...(queued && { flexStart: true, maxRunDuration: `${QUEUED_SECONDS}s` }),
    guestAccelerator: machine && [
      {
        type: machine.google!.guestAcceleratorType!,
        count: machine.count,
        gpuDriverInstallationConfig: { gpuDriverVersion: 'DEFAULT' },
      },
    ],
    reservationAffinity: reservationOf(cluster, queued, reservationId),
    labels: { [CLUSTER]: namespace, [CAPACITY]: capacity },
    taint: [{ key: CLUSTER, value: namespace, effect: 'NO_SCHEDULE' }],
    gvnic: { enabled: true },
    shieldedInstanceConfig: { enableIntegrityMonitoring: true },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: 'FALSE' },
  };
  const nodeLocations = plan.gke!.zones ?? (reservationId ? [reservationId.split('/')[3]] : undefined);
  return {
    name: physicalName(cluster, {
      maxLength: 40,
      replacing: { ...nodeConfig, cluster: kubernetes.clusterName, location: kubernetes.location },
    }),
    cluster: kubernetes.resource?.name ?? kubernetes.clusterName,
    location: kubernetes.location,
    nodeLocations,
    initialNodeCount: 0,
    autoscaling: { totalMinNodeCount: 0, totalMaxNodeCount: plan.maxNodes, locationPolicy: 'ANY' },
    management: { autoRepair: !queued, autoUpgrade: true },
    networkConfig: { enablePrivateNodes: true },
    // Changed in place: no part of the name.
    nodeConfig: {
      ...nodeConfig,
      resourceLabels: Object.keys(resourceLabels).length ? resourceLabels : undefined,
    },
    lifecycle: { createBeforeDestroy: true },
  };
}

/** Reservations of other projects are named by their project too. */
function reservationOf(cluster: Construct, queued: boolean, reservationId?: string) {
  if (!reservationId) {
    return queued ? { consumeReservationType: 'NO_RESERVATION' } : undefined;
  }
  const [, project, , , , name] = reservationId.split('/');
  return {
    consumeReservationType: 'SPECIFIC_RESERVATION',
    key: 'compute.googleapis.com/reservation-name',
    values: [project === placeOf(cluster).project ? name : `projects/${project}/reservations/${name}`],
  };
}
