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
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { judgeConstruct } from './private/judge';
import { logRetentionRule, logWorkspace, sendLogs } from './private/logs';
import { nameOf, NAMES } from './private/names';
import { homeOf } from './private/resource-group';
import { subnetRanges } from './private/subnet-ranges';
import { report } from '../core/private/report';
import { privateNetworkRules } from '../core/private/rules';
import { flag, judgeProps, record, required, Rule, Schema, struct, text } from '../core/private/schema';
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
   * The resource id of a private DNS zone, made and linked when it is first asked for. Undefined where Azure Policy
   * enters private endpoints into zones made elsewhere.
   *
   * @param zone the zone's name, such as `privatelink.blob.core.windows.net`
   */
  privateDnsZoneId(zone: string): string | undefined;
}

/** Where a network finds private DNS zones. */
export interface PrivateDnsProps {
  /**
   * Resource ids of private DNS zones that exist already and are linked to the network, by name: none of these is made.
   *
   * @default - none
   */
  readonly privateDnsZoneIds?: { [zone: string]: string };

  /**
   * Whether private DNS zones that are missing are made and linked. False in landing zones, whose policies enter
   * private endpoints into central zones.
   *
   * @default true
   */
  readonly createPrivateDnsZones?: boolean;
}

/** Props of a private network on Azure. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps, PrivateDnsProps {}

/** Props of a virtual network that exists already. */
export interface FromVirtualNetworkProps extends PrivateDnsProps {
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
}

const PRIVATE_DNS: Schema<PrivateDnsProps> = {
  privateDnsZoneIds: record(text(), {
    keys: /^[a-z0-9.-]+$/,
    means: 'the name of a zone such as privatelink.blob.core.windows.net',
  }),
  createPrivateDnsZones: flag,
};

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
  private readonly zones: PrivateDnsZones;

  constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) =>
      judgeProps(
        faults,
        struct<PrivateNetworkProps>({ ...privateNetworkRules(logRetentionRule), ...PRIVATE_DNS }),
        props,
      ),
    );

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
    this.zones = new PrivateDnsZones(this, props);
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
  private readonly zones: PrivateDnsZones;

  constructor(scope: Construct, id: string, props: FromVirtualNetworkProps) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) =>
      judgeProps(
        faults,
        struct<FromVirtualNetworkProps>({
          ...PRIVATE_DNS,
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
    this.zones = new PrivateDnsZones(this, props);
  }

  public privateDnsZoneId(zone: string): string | undefined {
    return this.zones.get(zone);
  }
}

/** The private DNS zones of a network, made on demand next to it: one that two constructs need is linked once. */
class PrivateDnsZones {
  constructor(
    private readonly network: Construct & core.INetwork,
    private readonly props: PrivateDnsProps,
  ) {}

  public get(name: string): string | undefined {
    const { privateDnsZoneIds, createPrivateDnsZones = true } = this.props;
    const given = privateDnsZoneIds?.[name];
    return given ? literally(given) : createPrivateDnsZones ? this.make(name) : undefined;
  }

  private make(name: string): string {
    const id = `Zone-${name}`;
    const found = this.network.node.tryFindChild(id) as PrivateDnsZone | undefined;
    if (found) {
      return found.id;
    }
    const { resourceGroupName } = homeOf(this.network);
    const zone = new PrivateDnsZone(this.network, id, { resourceGroupName, name });
    new PrivateDnsZoneVirtualNetworkLink(this.network, `Link-${name}`, {
      resourceGroupName,
      name: nameOf(this.network, NAMES.network),
      privateDnsZoneName: zone.name,
      virtualNetworkId: this.network.networkId,
    });
    exportAlways(this.network, zone.id);
    return zone.id;
  }
}
