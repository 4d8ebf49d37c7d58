import { ContainerCluster } from '@cdktf/provider-google/lib/container-cluster';
import { ContainerNodePool } from '@cdktf/provider-google/lib/container-node-pool';
import { ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { report } from '../../core/private/report';
import { contentHash } from '../../terraform/names';
import { text } from '../../terraform/text';
import { IEncryptionKey } from '../encryption-key';
import { INetwork } from '../private-network';
import { GkeClusterReference } from '../training-engine';
import { apis } from './apis';
import { encryptedBy } from './keys';
import { physicalName } from './names';
import { once, placeOf } from './place';
import { WorkloadAccount } from './service-account';
import { usesSubnetwork } from './shared-network';

/** The id of a stack's Kubernetes cluster is part of the API: it decides its address and name. */
const KUBERNETES = 'MlKubernetes';

/** A GKE cluster as constructs use it. */
export interface KubernetesCluster {
  readonly clusterName: string;
  readonly location: string;
  /** The resource; none where it is imported. */
  readonly resource?: ContainerCluster;
  /** What its machines and their permissions wait for. */
  readonly ready: ITerraformDependable[];
}

/** A cluster that exists already, or the one of a stack in a network, made on first need. */
export function kubernetesFor(
  user: Construct,
  network: INetwork | undefined,
  key: IEncryptionKey | undefined,
  given?: GkeClusterReference,
): KubernetesCluster {
  if (given) {
    const { clusterName, location = placeOf(user).region } = given;
    return { clusterName: text(clusterName), location: text(location), ready: [] };
  }
  const stack = TerraformStack.of(user);
  const id = `${KUBERNETES}-${network!.node.addr.slice(-8)}`;
  return once(stack, id, () => new OwnCluster(stack, id, network!, key));
}

/** What holds for the machines of every pool. */
export const guardedNode = (serviceAccount: string, key: IEncryptionKey | undefined) => ({
  serviceAccount,
  oauthScopes: ['https://www.googleapis.com/auth/cloud-platform'],
  imageType: 'COS_CONTAINERD',
  bootDiskKmsKey: key?.keyId,
  metadata: { 'disable-legacy-endpoints': 'true' },
  workloadMetadataConfig: { mode: 'GKE_METADATA' },
});

/** The service account of machines: they write logs and metrics as it. Jobs have another one. */
export function nodeAccount(scope: Construct, displayName: string) {
  const account = new WorkloadAccount(scope, 'NodeAccount', displayName);
  return { account, ready: account.onProject('roles/container.defaultNodeServiceAccount') };
}

class OwnCluster extends Construct implements KubernetesCluster {
  public readonly clusterName: string;
  public readonly location: string;
  public readonly resource: ContainerCluster;
  public readonly ready: ITerraformDependable[];

  constructor(scope: Construct, id: string, network: INetwork, key?: IEncryptionKey) {
    super(scope, id);
    const { project, region } = placeOf(this);
    const nodes = nodeAccount(this, `Services of ${this.node.path}`);
    const keys = [...encryptedBy(this, key, 'container'), ...encryptedBy(this, key, 'compute')];
    const node = guardedNode(nodes.account.email, key);
    this.clusterName = physicalName(this, { maxLength: 40 });
    this.location = region;
    this.resource = new ContainerCluster(this, 'Cluster', {
      name: this.clusterName,
      location: region,
      network: network.networkId,
      subnetwork: network.subnetworkId,
      // It holds no data.
      deletionProtection: false,
      releaseChannel: { channel: 'REGULAR' },
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: node,
      networkingMode: 'VPC_NATIVE',
      ipAllocationPolicy: network.podsRangeName
        ? {
            clusterSecondaryRangeName: network.podsRangeName,
            servicesSecondaryRangeName: network.servicesRangeName,
          }
        : {},
      defaultMaxPodsPerNode: 32,
      datapathProvider: 'ADVANCED_DATAPATH',
      dnsConfig: {
        clusterDns: 'CLOUD_DNS',
        clusterDnsScope: 'CLUSTER_SCOPE',
        clusterDnsDomain: 'cluster.local',
      },
      enableIntranodeVisibility: true,
      enableShieldedNodes: true,
      privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true },
      masterAuthorizedNetworksConfig: {},
      // People reach it by this name, which IAM guards; there is no address to reach.
      controlPlaneEndpointsConfig: { dnsEndpointConfig: { allowExternalTraffic: true } },
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
      workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
      databaseEncryption: key && { state: 'ENCRYPTED', keyName: key.keyId },
      loggingConfig: { enableComponents: ['SYSTEM_COMPONENTS', 'WORKLOADS'] },
      monitoringConfig: { enableComponents: ['SYSTEM_COMPONENTS'] },
      addonsConfig: { httpLoadBalancing: { disabled: true }, gcsFuseCsiDriverConfig: { enabled: true } },
      clusterAutoscaling: { autoscalingProfile: 'OPTIMIZE_UTILIZATION' },
      // Of the pool that is removed.
      lifecycle: { ignoreChanges: ['node_config', 'initial_node_count'] },
      dependsOn: [
        // Names in the cluster, and jobs that act as their service account.
        ...apis(this, 'container', 'compute', 'dns', 'iamcredentials'),
        ...keys,
        ...nodes.ready,
        ...usesSubnetwork(this, network, 'container'),
      ],
    });
    const nodeConfig = {
      ...node,
      machineType: 'e2-standard-2',
      diskSizeGb: 50,
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
      kubeletConfig: { insecureKubeletReadonlyPortEnabled: 'FALSE' },
    };
    const pool = new ContainerNodePool(this, 'Services', {
      // Pools of jobs depend on it, and are made before they are destroyed: so is this one.
      name: `services-${contentHash(nodeConfig)}`,
      cluster: this.resource.name,
      location: region,
      // Pods of the cluster's own services bring the first machine.
      initialNodeCount: 0,
      autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 3, locationPolicy: 'ANY' },
      management: { autoRepair: true, autoUpgrade: true },
      networkConfig: { enablePrivateNodes: true },
      nodeConfig,
    });
    this.node.defaultChild = this.resource;
    this.ready = [this.resource, pool];
    report(
      this,
      'idle-cost',
      'Kubernetes cluster',
      'The control plane bills per hour, and so does one e2-standard-2 that Kubernetes runs its own services on.',
    );
  }
}
