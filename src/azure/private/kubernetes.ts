import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { DiskEncryptionSet } from '@cdktf/provider-azurerm/lib/disk-encryption-set';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { MonitorDataCollectionRule } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import { MonitorDataCollectionRuleAssociation } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { ITerraformDependable, TerraformElement, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { report } from '../../core/private/report';
import { text } from '../../terraform/text';
import { IEncryptionKey } from '../encryption-key';
import { INetwork } from '../private-network';
import { groupOf, nameIn, subscriptionOf } from './ids';
import { after } from './judge';
import { readyOf } from './keys';
import { logWorkspace } from './logs';
import { nameOf, NAMES } from './names';
import { needServices } from './quotas';
import { deploymentOf, homeOf, resourceGroupId } from './resource-group';
import { assignRole, settled } from './roles';

/** The id of a stack's Kubernetes cluster is part of the API: it decides its address and name. */
const KUBERNETES = 'MlKubernetes';

/** An AKS cluster as constructs use it. */
export interface AksCluster {
  readonly id: string;
  /** As the command line takes it; no references. */
  readonly address: {
    readonly name: string;
    readonly resourceGroupName: string;
    readonly subscriptionId: string;
  };
  /** The resource id of its resource group. */
  readonly groupId: string;
  /** Who signs the tokens of its service accounts. */
  readonly issuer: string;
  /** The object id of the identity that its machines pull images as. */
  readonly kubeletObjectId: string;
  /** The resource; none where it is imported. */
  readonly resource?: KubernetesCluster;
  /** What machines wait for. */
  readonly ready: ITerraformDependable[];
  /** Brings the driver by which pods mount containers of Blob Storage; one that is imported has it, or has not. */
  readonly mountsBlobs: () => void;
}

/** A cluster that exists already, or the one of a stack in a network and with a key, made on first need. */
export function kubernetesFor(
  user: Construct,
  network: INetwork | undefined,
  key: IEncryptionKey | undefined,
  clusterId?: string,
): AksCluster {
  if (clusterId) {
    const found = new DataAzurermKubernetesCluster(user, 'Kubernetes', {
      name: text(nameIn(clusterId)),
      resourceGroupName: text(groupOf(clusterId)),
    });
    return {
      id: text(clusterId),
      address: text({
        name: nameIn(clusterId),
        resourceGroupName: groupOf(clusterId),
        subscriptionId: subscriptionOf(clusterId),
      }),
      groupId: text(`/subscriptions/${subscriptionOf(clusterId)}/resourceGroups/${groupOf(clusterId)}`),
      issuer: found.oidcIssuerUrl,
      kubeletObjectId: found.kubeletIdentity.get(0).objectId,
      ready: [],
      mountsBlobs: () => undefined,
    };
  }
  const stack = TerraformStack.of(user);
  const id = [KUBERNETES, network!, key].map(named).join('');
  return (stack.node.tryFindChild(id) as OwnCluster | undefined) ?? new OwnCluster(stack, id, network!, key);
}

/** The machines of its own services, and how many there are at most. */
const SERVICES = { type: 'Standard_D2s_v5', vcpu: 2, family: 'standardDSv5Family' };
const MOST_SERVICES = 3;

const named = (part: string | IConstruct | undefined) =>
  typeof part === 'string' ? part : part ? `-${part.node.addr.slice(-8)}` : '';

/** Whether a network was made here, and how it leads out then. */
export const exitOf = (network: INetwork): 'nat' | 'none' | 'unknown' =>
  network.node.tryFindChild('Network')
    ? network.node.tryFindChild('NatGateway')
      ? 'nat'
      : 'none'
    : 'unknown';

/** What joins the machines of a network made here with its gateway: AKS refuses a subnet without. */
const wayOut = (network: INetwork) =>
  [network.node.tryFindChild('Nat-workloads')].filter((found) => found !== undefined) as TerraformElement[];

class OwnCluster extends Construct implements AksCluster {
  public readonly id: string;
  public readonly address: AksCluster['address'];
  public readonly groupId: string;
  public readonly issuer: string;
  public readonly kubeletObjectId: string;
  public readonly resource: KubernetesCluster;
  public readonly ready: ITerraformDependable[];

  constructor(scope: Construct, id: string, network: INetwork, key?: IEncryptionKey) {
    super(scope, id);
    const home = homeOf(this);
    const identity = new UserAssignedIdentity(this, 'Identity', {
      ...home,
      name: nameOf(this, NAMES.identity),
    });
    const joins = assignRole(this, 'NetworkRole', identity.principalId, {
      role: 'Network Contributor',
      scope: network.workloadSubnetId,
    });
    // It links the private DNS zone of its address to the network, which a role on the subnet does not let it: this is
    // the built-in role that may join a network, and change nothing of it.
    const links = assignRole(this, 'NetworkLinkRole', identity.principalId, {
      role: 'Private DNS Zone Contributor',
      scope: network.networkId,
    });
    const disks = key && this.encryptDisks(key, identity);
    const logs = logWorkspace(this, 'Logs', { tables: ['ContainerLogV2'] });
    const name = nameOf(this, { maxLength: 54 });
    this.resource = new KubernetesCluster(this, 'Cluster', {
      ...home,
      name,
      dnsPrefix: name,
      skuTier: 'Standard',
      automaticUpgradeChannel: 'stable',
      nodeOsUpgradeChannel: 'NodeImage',
      privateClusterEnabled: true,
      privateClusterPublicFqdnEnabled: false,
      privateDnsZoneId: 'System',
      roleBasedAccessControlEnabled: true,
      // The workflow's way in. A cluster with Microsoft Entra ID would ask it for a token of its own, which it cannot get.
      runCommandEnabled: true,
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      diskEncryptionSetId: disks?.set.id,
      defaultNodePool: {
        name: 'services',
        vmSize: SERVICES.type,
        autoScalingEnabled: true,
        minCount: 1,
        maxCount: MOST_SERVICES,
        maxPods: 50,
        osDiskSizeGb: 64,
        vnetSubnetId: network.workloadSubnetId,
        nodePublicIpEnabled: false,
        // Without a taint: pods of the run command tolerate none.
        temporaryNameForRotation: 'servicesnew',
        upgradeSettings: { maxSurge: '10%' },
      },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        // No address of its own.
        outboundType: exitOf(network) === 'nat' ? 'userAssignedNATGateway' : 'userDefinedRouting',
        podCidr: '100.64.0.0/14',
        serviceCidr: '100.68.0.0/16',
        dnsServiceIp: '100.68.0.10',
      },
      omsAgent: { logAnalyticsWorkspaceId: logs.id, msiAuthForMonitoringEnabled: true },
      dependsOn: [
        settled(this, 'RolesSettled', disks ? [joins, links, disks.reads] : [joins, links]),
        ...after(this, ...wayOut(network)),
      ],
    });
    this.sendPodLogs(logs.id);
    this.node.defaultChild = this.resource;
    // One more while they are upgraded.
    needServices(this, SERVICES, { amount: MOST_SERVICES + 1, open: false });
    this.id = this.resource.id;
    const [subscriptionId, resourceGroupName] = deploymentOf(this).map(text);
    this.address = { name, resourceGroupName, subscriptionId };
    this.groupId = resourceGroupId(this);
    this.issuer = this.resource.oidcIssuerUrl;
    this.kubeletObjectId = this.resource.kubeletIdentity.objectId;
    this.ready = [this.resource];
    report(
      this,
      'idle-cost',
      'Kubernetes cluster',
      'The control plane bills per hour, and so does one Standard_D2s_v5 that Kubernetes runs its own services on.',
    );
  }

  public mountsBlobs(): void {
    this.resource.putStorageProfile({ blobDriverEnabled: true });
  }

  /** The disks of all machines have the key. */
  private encryptDisks(key: IEncryptionKey, identity: UserAssignedIdentity) {
    const set = new DiskEncryptionSet(this, 'Disks', {
      ...homeOf(this),
      name: nameOf(this, { maxLength: 80 }),
      keyVaultKeyId: key.keyId,
      autoKeyRotationEnabled: true,
      identity: { type: 'UserAssigned', identityIds: [key.identityId] },
      dependsOn: after(this, ...readyOf(key)),
    });
    const reads = assignRole(this, 'DisksRole', identity.principalId, { role: 'Reader', scope: set.id });
    return { set, reads };
  }

  private sendPodLogs(workspaceResourceId: string): void {
    const streams = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents'];
    const rule = new MonitorDataCollectionRule(this, 'PodLogs', {
      ...homeOf(this),
      name: nameOf(this, { maxLength: 64 }),
      kind: 'Linux',
      destinations: { logAnalytics: [{ name: 'logs', workspaceResourceId }] },
      dataFlow: [{ streams, destinations: ['logs'] }],
      dataSources: {
        extension: [
          {
            name: 'ContainerInsightsExtension',
            extensionName: 'ContainerInsights',
            // Else the agent writes logs as ContainerLog, which nothing here takes.
            extensionJson: JSON.stringify({
              dataCollectionSettings: {
                interval: '1m',
                namespaceFilteringMode: 'Off',
                enableContainerLogV2: true,
              },
            }),
            streams,
          },
        ],
      },
    });
    new MonitorDataCollectionRuleAssociation(this, 'PodLogsOfCluster', {
      // The agent takes no other name.
      name: 'ContainerInsightsExtension',
      targetResourceId: this.resource.id,
      dataCollectionRuleId: rule.id,
    });
  }
}
