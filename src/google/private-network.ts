import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeRoute } from '@cdktf/provider-google/lib/compute-route';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router';
import { ComputeRouterNat } from '@cdktf/provider-google/lib/compute-router-nat';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { DnsManagedZone } from '@cdktf/provider-google/lib/dns-managed-zone';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { apis } from './private/apis';
import { CLOUD, judgeConstruct } from './private/judge';
import { logRetentionRule, LogStore } from './private/logs';
import { physicalName, RFC1035 } from './private/names';
import { NETWORK_ID, RANGE_NAME, SUBNETWORK_ID } from './private/network-ids';
import { placeOf } from './private/place';
import { needNetwork } from './private/quotas';
import { PrivateDns } from './private-dns';
import { judgeProfile } from '../core/private/profile';
import { report } from '../core/private/report';
import { privateNetworkRules } from '../core/private/rules/stack';
import { flag, judgeProps, struct } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';

/** A private network on Google Cloud: a VPC network and the subnetwork that workloads run in. */
export interface INetwork extends core.INetwork {
  /** The subnetwork that workloads run in: `projects/…/regions/…/subnetworks/…`. */
  readonly subnetworkId: string;

  /**
   * Whether service agents may use the subnetwork already, where another project shares it.
   *
   * @default true
   */
  readonly serviceAgentsGranted?: boolean;

  /**
   * The secondary range of the subnetwork that pods of GKE get addresses from.
   *
   * @default - GKE adds one
   */
  readonly podsRangeName?: string;

  /**
   * The secondary range of the subnetwork that services of GKE get addresses from.
   *
   * @default - GKE adds one
   */
  readonly servicesRangeName?: string;
}

/** What Google's APIs, images and services are called. */
const DOMAINS = ['googleapis.com', 'pkg.dev', 'run.app', 'gcr.io'];

/** Props of a private network on Google Cloud. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps {}

/** Props of a network that exists already. */
export interface FromNetworkProps {
  /** The network, also one that a host project shares: `projects/…/global/networks/…`. */
  readonly networkId: string;

  /** The subnetwork that workloads run in, with Private Google Access: `projects/…/regions/…/subnetworks/…`. */
  readonly subnetworkId: string;

  /**
   * Whether the service agents of Cloud Run and GKE may use the subnetwork already, or are allowed to by the project that
   * shares it: what they need stands in the report. False lets this program allow it, for which who deploys needs rights
   * there. Of no meaning for a network of the own project.
   *
   * @default true
   */
  readonly serviceAgentsGranted?: boolean;

  /**
   * The name of the subnetwork's secondary range that pods of GKE get addresses from. GKE needs it, and
   * `servicesRangeName`, where another project shares the subnetwork.
   *
   * @default - GKE adds one
   */
  readonly podsRangeName?: string;

  /**
   * The name of the subnetwork's secondary range that services of GKE get addresses from.
   *
   * @default - GKE adds one
   */
  readonly servicesRangeName?: string;
}

/**
 * A VPC network without a way in: one subnetwork, which spans the region, reaches Google's APIs by their private
 * addresses and writes flow logs. There is no route to the internet, unless `internetEgress` makes Cloud NAT.
 */
export class PrivateNetwork extends Construct implements INetwork {
  /**
   * A network that exists already; its DNS and routes are taken as they are.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the network and its subnetwork
   */
  public static fromNetwork(scope: Construct, id: string, props: FromNetworkProps): INetwork {
    return new ImportedNetwork(scope, id, props);
  }

  public readonly networkId: string;
  public readonly subnetworkId: string;
  /** The native network. */
  public readonly network: TerraformResource;
  /** The native subnetwork. */
  public readonly subnetwork: TerraformResource;
  /** None where there is a way to the internet. */
  private readonly privateDns?: core.PrivateDns;

  constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) => {
      judgeProps(faults, struct<PrivateNetworkProps>(privateNetworkRules(CLOUD, logRetentionRule)), props);
      judgeProfile(this, { logRetentionDays: props.logRetentionDays }, faults);
    });

    const { cidr = '10.0.0.0/16', internetEgress = false } = props;
    const name = physicalName(this, RFC1035);
    const network = new ComputeNetwork(this, 'Network', {
      name,
      autoCreateSubnetworks: false,
      deleteDefaultRoutesOnCreate: !internetEgress,
      routingMode: 'REGIONAL',
      dependsOn: apis(this, 'compute'),
    });
    const subnetwork = new ComputeSubnetwork(this, 'Subnetwork', {
      name,
      network: network.id,
      ipCidrRange: cidr,
      privateIpGoogleAccess: true,
      logConfig: {
        aggregationInterval: 'INTERVAL_10_MIN',
        flowSampling: 0.5,
        metadata: 'INCLUDE_ALL_METADATA',
      },
    });
    new LogStore(this, 'FlowLogs', {
      filter: `log_id("compute.googleapis.com/vpc_flows") AND resource.labels.subnetwork_name="${name}"`,
      retentionDays: props.logRetentionDays,
    });
    this.node.defaultChild = network;
    this.network = network;
    this.subnetwork = subnetwork;
    this.networkId = network.id;
    this.subnetworkId = subnetwork.id;
    this.privateDns = internetEgress ? undefined : (props.privateDns ?? core.PrivateDns.create());
    if (internetEgress) {
      this.leadOut(network, name);
    } else {
      this.leadToGoogle(network, name);
      this._nameGoogle(...DOMAINS);
    }
    needNetwork(this);
    exportAlways(this, this.networkId, this.subnetworkId);
  }

  /** @internal */
  public _waysOut(): TerraformResource[] {
    return this.node
      .findAll()
      .filter((one): one is TerraformResource => TerraformResource.isTerraformResource(one))
      .filter(({ terraformResourceType }) => WAYS.includes(terraformResourceType));
  }

  private leadOut(network: ComputeNetwork, name: string): void {
    const { region } = placeOf(this);
    const router = new ComputeRouter(this, 'Router', { name, network: network.id, region });
    new ComputeRouterNat(this, 'Nat', {
      name,
      router: router.name,
      region,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
      logConfig: { enable: true, filter: 'ERRORS_ONLY' },
    });
    report(this, 'idle-cost', 'Cloud NAT', 'One NAT gateway bills per hour, used or not.');
  }

  /** Google's APIs, images and services by the private addresses that no other route is needed for. */
  private leadToGoogle(network: ComputeNetwork, name: string): void {
    new ComputeRoute(this, 'GoogleApis', {
      name,
      network: network.id,
      destRange: '199.36.153.8/30',
      nextHopGateway: 'default-internet-gateway',
    });
  }

  /**
   * Lets domains of Google and all below them lead to its private addresses, once, unless there is a way to the internet.
   * @internal
   */
  public _nameGoogle(...asked: string[]): void {
    const { privateDns } = this;
    const domains = asked.filter((domain) => !this.node.tryFindChild(`Dns-${domain}`));
    if (privateDns && !privateDns.creates) {
      return report(
        this,
        'note',
        'Private names',
        `Someone else must let the names of ${domains.join(', ')} and all below lead to 199.36.153.8/30 in the network.`,
      );
    }
    const hub = (privateDns as Partial<PrivateDns> | undefined)?.networkId;
    for (const domain of privateDns ? domains : []) {
      const scope = new Construct(this, `Dns-${domain}`);
      const zone = new DnsManagedZone(scope, 'Zone', {
        name: physicalName(scope, RFC1035),
        dnsName: `${domain}.`,
        visibility: 'private',
        privateVisibilityConfig: { networks: [{ networkUrl: this.networkId }] },
        peeringConfig: hub ? { targetNetwork: { networkUrl: hub } } : undefined,
        dependsOn: apis(this, 'dns'),
      });
      if (hub) {
        continue;
      }
      const record = (id: string, type: string, host: string, rrdatas: string[]) =>
        new DnsRecordSet(scope, id, { managedZone: zone.name, name: host, type, ttl: 300, rrdatas });
      record(
        'Addresses',
        'A',
        `${domain}.`,
        [8, 9, 10, 11].map((last) => `199.36.153.${last}`),
      );
      record('Names', 'CNAME', `*.${domain}.`, [`${domain}.`]);
    }
  }
}

/** What must stand before a machine in a network gets to Google; nothing where the network was there before. */
const WAYS = [
  'google_compute_route',
  'google_compute_router_nat',
  'google_dns_managed_zone',
  'google_dns_record_set',
];

class ImportedNetwork extends Construct implements INetwork {
  public readonly networkId: string;
  public readonly subnetworkId: string;
  public readonly serviceAgentsGranted: boolean;
  public readonly podsRangeName?: string;
  public readonly servicesRangeName?: string;

  constructor(scope: Construct, id: string, props: FromNetworkProps) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) => {
      judgeProps(
        faults,
        struct<FromNetworkProps>({
          networkId: NETWORK_ID,
          subnetworkId: SUBNETWORK_ID,
          serviceAgentsGranted: flag,
          podsRangeName: RANGE_NAME,
          servicesRangeName: RANGE_NAME,
        }),
        props,
      );
      const { podsRangeName: pods, servicesRangeName: services } = props;
      if ((pods === undefined) !== (services === undefined)) {
        faults.add(
          'CMC-009',
          pods === undefined ? 'podsRangeName' : 'servicesRangeName',
          'needs the other range too: name both, or none, and GKE adds them',
        );
      }
    });
    this.networkId = props.networkId;
    this.subnetworkId = props.subnetworkId;
    this.serviceAgentsGranted = props.serviceAgentsGranted ?? true;
    this.podsRangeName = props.podsRangeName;
    this.servicesRangeName = props.servicesRangeName;
  }
}
