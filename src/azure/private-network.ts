import { NatGateway } from '@cdktf/provider-azurerm/lib/nat-gateway';
import { NatGatewayPublicIpAssociation } from '@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association';
import { NetworkSecurityGroup } from '@cdktf/provider-azurerm/lib/network-security-group';
import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { PublicIp } from '@cdktf/provider-azurerm/lib/public-ip';
import { Subnet, SubnetConfig } from '@cdktf/provider-azurerm/lib/subnet';
import { SubnetNatGatewayAssociation } from '@cdktf/provider-azurerm/lib/subnet-nat-gateway-association';
import { SubnetNetworkSecurityGroupAssociation } from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import { ITerraformDependable, TerraformElement } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { CLOUD, judgeConstruct } from './private/judge';
import { logRetentionRule, logWorkspace, sendLogs } from './private/logs';
import { nameOf, NAMES } from './private/names';
import { homeOf } from './private/resource-group';
import { subnetRanges } from './private/subnet-ranges';
import { PrivateDns } from './private-dns';
import { judgeProfile } from '../core/private/profile';
import { report } from '../core/private/report';
import { privateDnsRule, privateNetworkRules } from '../core/private/rules/stack';
import { judgeProps, required, Rule, struct, text } from '../core/private/schema';
import { isToken } from '../core/private/tokens';
import { exportAlways } from '../terraform/exports';
import { text as literally } from '../terraform/text';

/** A private network on Azure: a virtual network, a subnet that workloads run in, one for private endpoints. */
export interface INetwork extends core.INetwork {
  /** The resource id of the subnet that workloads run in. */
  readonly workloadSubnetId: string;

  /** The resource id of the subnet that private endpoints are in. */
  readonly endpointSubnetId: string;

  /** The resource id of a subnet for Container Apps alone; undefined where an imported network has none. */
  readonly containerAppsSubnetId?: string;

  /**
   * Where the network's private names come from.
   */
  readonly privateDns: core.PrivateDns;

  /**
   * The resource id of a private DNS zone, made and linked when it is first asked for. Undefined where someone else, such
   * as a policy, enters private endpoints into zones made elsewhere.
   *
   * @param zone the zone's name, such as `privatelink.blob.core.windows.net`
   */
  privateDnsZoneId(zone: string): string | undefined;
}

/** Props of a private network on Azure. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps {}

/** Props of a virtual network that exists already. */
export interface FromVirtualNetworkProps {
  /** The resource id of the virtual network. */
  readonly virtualNetworkId: string;

  /** The resource id of the subnet that workloads run in. */
  readonly workloadSubnetId: string;

  /**
   * The resource id of the subnet that private endpoints are in.
   *
   * @default - that of the workloads
   */
  readonly endpointSubnetId?: string;

  /**
   * The resource id of a subnet delegated to Microsoft.App/environments, with at least 32 addresses.
   *
   * @default - none: ServerlessInference cannot run in the network
   */
  readonly containerAppsSubnetId?: string;

  /**
   * Where the network's private names come from.
   *
   * @default PrivateDns.create()
   */
  readonly privateDns?: core.PrivateDns;
}

const aResourceId = (type: RegExp, means: string): Rule =>
  text({ pattern: type, means: `the resource id of ${means}` });
const VIRTUAL_NETWORK = aResourceId(/^\/subscriptions\/.+\/virtualNetworks\/[^/]+$/, 'a virtual network');
const SUBNET = aResourceId(/^\/subscriptions\/.+\/subnets\/[^/]+$/, 'a subnet');

/**
 * A virtual network without a way in: a subnet for workloads, one for private endpoints and one for Container Apps,
 * none with a public address or a way out of its own. Private DNS zones are made when a construct asks for one, a NAT
 * gateway only with `internetEgress`. Its subnets span the region's zones.
 */
export class PrivateNetwork extends Construct implements INetwork {
  /**
   * A virtual network that exists already, also one of another subscription.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its subnets and private DNS zones
   */
  public static fromVirtualNetwork(scope: Construct, id: string, props: FromVirtualNetworkProps): INetwork {
    return new ImportedNetwork(scope, id, props);
  }

  public readonly networkId: string;
  public readonly workloadSubnetId: string;
  public readonly endpointSubnetId: string;
  public readonly containerAppsSubnetId?: string;
  public readonly privateDns: core.PrivateDns;
  private readonly zones: PrivateDnsZones;

  constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) => {
      judgeProps(faults, struct<PrivateNetworkProps>(privateNetworkRules(CLOUD, logRetentionRule)), props);
      judgeProfile(this, { logRetentionDays: props.logRetentionDays }, faults);
    });

    const home = homeOf(this);
    const { cidr = '10.0.0.0/16', internetEgress = false } = props;
    const ranges = subnetRanges(cidr);
    const network = new VirtualNetwork(this, 'Network', {
      ...home,
      name: nameOf(this, NAMES.network),
      addressSpace: [cidr],
    });
    const group = this.securityGroup(props.logRetentionDays);
    const exit = internetEgress ? this.natGateway() : undefined;
    const subnet = (name: string, range: string, more: Partial<SubnetConfig> = {}) => {
      const made = new Subnet(this, `Subnet-${name}`, {
        resourceGroupName: home.resourceGroupName,
        virtualNetworkName: network.name,
        name,
        addressPrefixes: [range],
        defaultOutboundAccessEnabled: false,
        ...more,
      });
      new SubnetNetworkSecurityGroupAssociation(this, `SecurityGroup-${name}`, {
        subnetId: made.id,
        networkSecurityGroupId: group.id,
      });
      if (exit && name !== 'endpoints') {
        new SubnetNatGatewayAssociation(this, `Nat-${name}`, {
          subnetId: made.id,
          natGatewayId: exit.gateway.id,
          dependsOn: exit.ready,
        });
      }
      return made.id;
    };
    this.networkId = network.id;
    this.workloadSubnetId = subnet('workloads', ranges.workloads);
    this.endpointSubnetId = subnet('endpoints', ranges.endpoints, {
      privateEndpointNetworkPolicies: 'Enabled',
    });
    this.containerAppsSubnetId = subnet('container-apps', ranges.containerApps, {
      delegation: [
        {
          name: 'container-apps',
          serviceDelegation: {
            name: 'Microsoft.App/environments',
            actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
          },
        },
      ],
    });
    this.privateDns = props.privateDns ?? core.PrivateDns.create();
    this.zones = new PrivateDnsZones(this);
    this.node.defaultChild = network;
    exportAlways(
      this,
      this.networkId,
      this.workloadSubnetId,
      this.endpointSubnetId,
      this.containerAppsSubnetId,
    );
  }

  public privateDnsZoneId(zone: string): string | undefined {
    return this.zones.get(zone);
  }

  /** @internal */
  public _dnsLink(zone: string): TerraformElement | undefined {
    return this.zones.linkOf(zone);
  }

  /** What it does is logged. */
  private securityGroup(logRetentionDays?: number): NetworkSecurityGroup {
    // Azure's own rules are those: the network's addresses and load balancers in, nobody else.
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', {
      ...homeOf(this),
      name: nameOf(this, NAMES.network),
    });
    sendLogs(this, 'SecurityGroupLogs', {
      resourceId: group.id,
      workspaceId: logWorkspace(this, 'Logs', { logRetentionDays, tables: ['AzureDiagnostics'] }).id,
      logs: [{ categoryGroup: 'allLogs' }],
    });
    report(
      this,
      'note',
      'Flow logs',
      "Azure keeps them per region in Network Watcher, which the subscription owns: turn them on there for this network. Logged here: the security group's events.",
    );
    return group;
  }

  private natGateway(): { gateway: NatGateway; ready: ITerraformDependable[] } {
    const home = homeOf(this);
    const name = nameOf(this, NAMES.network);
    const address = new PublicIp(this, 'NatAddress', {
      ...home,
      name,
      allocationMethod: 'Static',
      sku: 'Standard',
    });
    const gateway = new NatGateway(this, 'NatGateway', { ...home, name, skuName: 'Standard' });
    const association = new NatGatewayPublicIpAssociation(this, 'NatGatewayAddress', {
      natGatewayId: gateway.id,
      publicIpAddressId: address.id,
    });
    report(this, 'idle-cost', 'NAT gateway', 'One NAT gateway bills per hour, used or not.');
    return { gateway, ready: [association] };
  }
}

class ImportedNetwork extends Construct implements INetwork {
  public readonly networkId: string;
  public readonly workloadSubnetId: string;
  public readonly endpointSubnetId: string;
  public readonly containerAppsSubnetId?: string;
  public readonly privateDns: core.PrivateDns;
  private readonly zones: PrivateDnsZones;

  constructor(scope: Construct, id: string, props: FromVirtualNetworkProps) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) =>
      judgeProps(
        faults,
        struct<FromVirtualNetworkProps>({
          privateDns: privateDnsRule(CLOUD),
          virtualNetworkId: required(VIRTUAL_NETWORK),
          workloadSubnetId: required(SUBNET),
          endpointSubnetId: SUBNET,
          containerAppsSubnetId: SUBNET,
        }),
        props,
      ),
    );
    const { virtualNetworkId, workloadSubnetId, endpointSubnetId, containerAppsSubnetId } = literally(props);
    this.networkId = virtualNetworkId;
    this.workloadSubnetId = workloadSubnetId;
    this.endpointSubnetId = endpointSubnetId ?? workloadSubnetId;
    this.containerAppsSubnetId = containerAppsSubnetId;
    this.privateDns = props.privateDns ?? core.PrivateDns.create();
    this.zones = new PrivateDnsZones(this);
  }

  public privateDnsZoneId(zone: string): string | undefined {
    return this.zones.get(zone);
  }

  /** @internal */
  public _dnsLink(zone: string): TerraformElement | undefined {
    return this.zones.linkOf(zone);
  }
}

/** The private DNS zones of a network, made on demand next to it: one that two constructs need is linked once. */
class PrivateDnsZones {
  private readonly missing = new Set<string>();

  constructor(private readonly network: Construct & INetwork) {}

  public get(name: string): string | undefined {
    const { privateDns } = this.network;
    if (privateDns.creates) {
      return this.make(name);
    }
    const found = (privateDns as Partial<PrivateDns>).zoneId?.(name);
    if (!found && !this.missing.has(name)) {
      this.missing.add(name);
      report(
        this.network,
        'note',
        `Private names in ${name}`,
        'Someone else, such as a policy, must enter private endpoints there.',
      );
    }
    return found;
  }

  /** What makes names of a zone known in the network; none where someone else does it. */
  public linkOf(name: string): TerraformElement | undefined {
    return this.network.node.tryFindChild(`Link-${name}`) as TerraformElement | undefined;
  }

  private make(name: string): string {
    const id = `Zone-${name}`;
    const found = this.network.node.tryFindChild(id) as PrivateDnsZone | undefined;
    if (found) {
      return found.id;
    }
    const { resourceGroupName } = homeOf(this.network);
    const { networkId } = this.network;
    const zone = new PrivateDnsZone(this.network, id, { resourceGroupName, name });
    new PrivateDnsZoneVirtualNetworkLink(this.network, `Link-${name}`, {
      resourceGroupName,
      // What waits for it may be made before it is destroyed, and so may it.
      name: nameOf(
        this.network,
        isToken(networkId) ? NAMES.network : { ...NAMES.network, replacing: { networkId } },
      ),
      privateDnsZoneName: zone.name,
      virtualNetworkId: this.network.networkId,
    });
    exportAlways(this.network, zone.id);
    return zone.id;
  }
}
