import {
  aws_ec2 as ec2,
  aws_route53 as route53,
  aws_route53_targets as targets,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { exportAlways } from './private/exports';
import { PRIVATE_NETWORK } from './private/findings';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { logGroup, logRetentionRule } from './private/logs';
import { PlatformRole, servicePrincipal } from './private/platform-role';
import { needNetwork } from './private/quotas';
import { explain } from './private/suppressions';
import { PrivateDns } from './private-dns';
import { judgeProfile } from '../core/private/profile';
import { report } from '../core/private/report';
import { privateDnsRule, privateNetworkRules } from '../core/private/rules/stack';
import { commonRules } from '../core/private/rules/values';
import { judgeProps, struct } from '../core/private/schema';

/** A private network on AWS: a VPC and the subnets that workloads run in. */
export interface INetwork extends core.INetwork {
  /** The native VPC. */
  readonly vpc: ec2.IVpc;

  /** The subnets that workloads run in. */
  readonly workloadSubnets: ec2.ISubnet[];

  /**
   * The interface endpoint of a service, made when it is first asked for. It bills per hour and zone. Undefined where the
   * owner of shared subnets makes it.
   *
   * @param service the service's short name, such as `sagemaker.runtime`, `lambda` or `ecr.api`
   */
  endpoint(service: string): ec2.IInterfaceVpcEndpoint | undefined;
}

/** Props of a private network on AWS. */
export interface PrivateNetworkProps extends core.PrivateNetworkProps {
  /**
   * The key that encrypts the flow logs.
   *
   * @default - the default key of the root stack
   */
  readonly encryptionKey?: core.IEncryptionKey;
}

/** Props of a VPC that exists already. */
export interface FromVpcProps {
  /** The native VPC: one of this app, or an imported one. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets that workloads run in.
   *
   * @default - the isolated subnets, else the private ones
   */
  readonly subnets?: ec2.SubnetSelection;

  /**
   * The interface endpoints that the VPC has already, by short name: none of these is made.
   *
   * @default - none
   */
  readonly existingEndpoints?: { [service: string]: ec2.IInterfaceVpcEndpoint };

  /**
   * Whether the VPC has a gateway endpoint for S3 already; else one is made for the subnets' route tables.
   *
   * @default true
   */
  readonly hasS3Endpoint?: boolean;

  /**
   * Whether the subnets belong to another account, which shares them: only their owner makes endpoints there. Those that
   * constructs need stand in the report, and in `existingEndpoints` where grants are to name them.
   *
   * @default false
   */
  readonly sharedSubnets?: boolean;

  /**
   * Where private names of the interface endpoints that are made come from.
   *
   * @default PrivateDns.create()
   */
  readonly privateDns?: core.PrivateDns;
}

/**
 * A VPC without a way in: isolated subnets, free gateway endpoints for S3 and DynamoDB, flow logs. Interface
 * endpoints are made when a construct asks for one, a NAT gateway only with `internetEgress`.
 */
export class PrivateNetwork extends Construct implements INetwork {
  /**
   * A VPC of this app, or an imported one.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the VPC and its subnets
   */
  public static fromVpc(scope: Construct, id: string, props: FromVpcProps): INetwork {
    return new ImportedNetwork(scope, id, props);
  }

  public readonly vpc: ec2.IVpc;
  public readonly networkId: string;
  public readonly workloadSubnets: ec2.ISubnet[];
  private readonly endpoints: Endpoints;

  constructor(scope: Construct, id: string, props: PrivateNetworkProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'PrivateNetwork', (faults) => {
      judgeProps(
        faults,
        struct<PrivateNetworkProps>({
          ...privateNetworkRules(CLOUD, logRetentionRule),
          encryptionKey: commonRules(CLOUD).encryptionKey,
        }),
        props,
      );
      const stack = Stack.of(this);
      if ((props.zones ?? 2) > stack.availabilityZones.length) {
        faults.add(
          'CMC-009',
          'zones',
          `(${props.zones}) needs the stack's account and region: give env, or take 2`,
        );
      }
      usesAll(this, { encryptionKey: props.encryptionKey }, faults);
      judgeProfile(this, props, faults);
    });

    const { cidr = '10.0.0.0/16', zones = 2, internetEgress = false } = props;
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(cidr),
      maxAzs: zones,
      natGateways: internetEgress ? 1 : 0,
      subnetConfiguration: internetEgress
        ? [
            { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 28 },
            { name: 'Workload', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
          ]
        : [{ name: 'Workload', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
      // The flag that closes the default security group adds a custom resource; nothing here uses that group.
      restrictDefaultSecurityGroup: false,
    });
    const logs = logGroup(this, 'FlowLogGroup', {
      logRetentionDays: props.logRetentionDays,
      encryptionKey: keyFor(this, props.encryptionKey),
    });
    vpc.addFlowLog('FlowLog', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(logs, flowLogRole(this, logs.logGroupArn)),
    });
    explain(vpc, PRIVATE_NETWORK.defaultGroup);
    needNetwork(this, internetEgress ? 1 : 0);
    if (internetEgress) {
      explain(vpc, PRIVATE_NETWORK.wayOut);
      report(this, 'idle-cost', 'NAT gateway', 'One NAT gateway bills per hour, used or not.');
    }

    this.vpc = vpc;
    this.networkId = vpc.vpcId;
    this.workloadSubnets = internetEgress ? vpc.privateSubnets : vpc.isolatedSubnets;
    this.endpoints = new Endpoints(this, {
      vpc,
      subnets: this.workloadSubnets,
      cidr,
      privateDns: props.privateDns,
    });
    this.node.defaultChild = vpc.node.defaultChild;
    exportAlways(this, vpc.vpcId, ...this.workloadSubnets.map((subnet) => subnet.subnetId));
  }

  public endpoint(service: string): ec2.IInterfaceVpcEndpoint | undefined {
    return this.endpoints.get(service);
  }
}

class ImportedNetwork extends Construct implements INetwork {
  public readonly vpc: ec2.IVpc;
  public readonly networkId: string;
  public readonly workloadSubnets: ec2.ISubnet[];
  private readonly endpoints: Endpoints;

  constructor(scope: Construct, id: string, props: FromVpcProps) {
    super(scope, id);
    const { vpc, subnets, existingEndpoints, hasS3Endpoint = true, sharedSubnets = false } = props;
    this.workloadSubnets = judgeConstruct(this, 'PrivateNetwork', (faults) => {
      judgeProps(faults, struct({ privateDns: privateDnsRule(CLOUD) }), { privateDns: props.privateDns });
      if (sharedSubnets && !hasS3Endpoint) {
        faults.add(
          'CMC-008',
          'hasS3Endpoint',
          'is false, but only the owner of shared subnets makes endpoints',
        );
      }
      if (sharedSubnets && props.privateDns) {
        faults.add(
          'CMC-008',
          'privateDns',
          'is for endpoints that are made, which in shared subnets are none',
        );
      }
      const selected = vpc.selectSubnets(subnets ?? workloadSubnetsOf(vpc)).subnets;
      if (selected.length === 0) {
        faults.add('CMC-002', 'subnets', 'is required: the VPC has neither isolated nor private subnets');
      }
      return selected;
    });
    if (!hasS3Endpoint) {
      new ec2.GatewayVpcEndpoint(this, 'S3', {
        vpc,
        service: ec2.GatewayVpcEndpointAwsService.S3,
        subnets: [{ subnets: this.workloadSubnets }],
      });
    }
    this.vpc = vpc;
    this.networkId = vpc.vpcId;
    this.endpoints = new Endpoints(this, {
      vpc,
      subnets: this.workloadSubnets,
      existing: existingEndpoints,
      madeByOwner: sharedSubnets,
      privateDns: props.privateDns,
    });
  }

  public endpoint(service: string): ec2.IInterfaceVpcEndpoint | undefined {
    return this.endpoints.get(service);
  }
}

const workloadSubnetsOf = (vpc: ec2.IVpc): ec2.SubnetSelection => ({
  subnets: vpc.isolatedSubnets.length ? vpc.isolatedSubnets : vpc.privateSubnets,
});

interface EndpointsProps {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.ISubnet[];
  /** That of the VPC, where it is known literally. */
  readonly cidr?: string;
  readonly existing?: { readonly [service: string]: ec2.IInterfaceVpcEndpoint };
  /** Nobody else can. */
  readonly madeByOwner?: boolean;
  readonly privateDns?: core.PrivateDns;
}

/** The interface endpoints of a network, made on demand, behind one security group. */
class Endpoints {
  private readonly byService: Map<string, ec2.IInterfaceVpcEndpoint | undefined>;

  constructor(
    private readonly network: Construct,
    private readonly props: EndpointsProps,
  ) {
    this.byService = new Map(Object.entries(props.existing ?? {}));
  }

  public get(service: string): ec2.IInterfaceVpcEndpoint | undefined {
    if (!this.byService.has(service)) {
      this.byService.set(service, this.props.madeByOwner ? this.askFor(service) : this.make(service));
    }
    return this.byService.get(service);
  }

  private askFor(service: string): undefined {
    report(
      this.network,
      'note',
      `Endpoint ${service}`,
      'Is needed in the shared subnets, with private DNS: only their owner can make it.',
    );
  }

  private make(service: string): ec2.IInterfaceVpcEndpoint {
    const { vpc, subnets, privateDns = core.PrivateDns.create() } = this.props;
    report(
      this.network,
      'idle-cost',
      `Endpoint ${service}`,
      `Bills per hour in each of ${subnets.length} zones.`,
    );
    const endpoint = new ec2.InterfaceVpcEndpoint(this.network, `Endpoint-${service}`, {
      vpc,
      service: new ec2.InterfaceVpcEndpointAwsService(service),
      subnets: { subnets },
      securityGroups: [this.securityGroup],
      // The own group admits the VPC's addresses.
      open: false,
      privateDnsEnabled: privateDns.creates,
    });
    if (!privateDns.creates) {
      this.enter(service, endpoint, (privateDns as Partial<PrivateDns>).hostedZones?.[service]);
    }
    return endpoint;
  }

  /** Some services have names of their own for each account below the zone's. */
  private enter(service: string, endpoint: ec2.InterfaceVpcEndpoint, zone?: route53.IHostedZone): void {
    if (!zone) {
      return report(
        this.network,
        'note',
        `Private name ${service}`,
        `Someone else must let the names of ${service} lead to its endpoint: the network has no zone for them.`,
      );
    }
    const target = route53.RecordTarget.fromAlias(new targets.InterfaceVpcEndpointTarget(endpoint));
    for (const recordName of ['', '*']) {
      new route53.ARecord(this.network, `Name-${recordName}${service}`, { zone, recordName, target });
    }
  }

  private get securityGroup(): ec2.SecurityGroup {
    const id = 'EndpointSecurityGroup';
    const found = this.network.node.tryFindChild(id) as ec2.SecurityGroup | undefined;
    if (found) {
      return found;
    }
    const group = new ec2.SecurityGroup(this.network, id, {
      vpc: this.props.vpc,
      description: 'Service endpoints, for the addresses of the VPC',
      allowAllOutbound: false,
    });
    const cidr = this.props.cidr ?? this.props.vpc.vpcCidrBlock;
    group.addIngressRule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), 'HTTPS from the VPC');
    addedTo(cidr, this.props.subnets).forEach((added) =>
      group.addIngressRule(ec2.Peer.ipv4(added), ec2.Port.tcp(443), 'HTTPS from a subnet of the VPC'),
    );
    if (Token.isUnresolved(cidr)) {
      explain(group, PRIVATE_NETWORK.addresses);
    }
    return group;
  }
}

/** The addresses of subnets which a VPC got besides its first ones, as far as they are known. */
function addedTo(cidr: string, subnets: ec2.ISubnet[]): string[] {
  const known = (subnet: ec2.ISubnet) => {
    try {
      return subnet.ipv4CidrBlock;
    } catch {
      // Of a subnet that is imported by its id alone nobody knows them.
      return cidr;
    }
  };
  const outside = (one: string) => !Token.isUnresolved([cidr, one].join()) && !contains(cidr, one);
  return [...new Set(subnets.map(known).filter(outside))];
}

function contains(outer: string, inner: string): boolean {
  const [[first, bits], [other, otherBits]] = [outer, inner].map((cidr) => {
    const [address, length] = cidr.split('/');
    return [address.split('.').reduce((number, part) => number * 256 + Number(part), 0), Number(length)];
  });
  const size = 2 ** (32 - bits);
  return otherBits >= bits && Math.floor(first / size) === Math.floor(other / size);
}

function flowLogRole(scope: Construct, logGroupArn: string): PlatformRole {
  return new PlatformRole(scope, 'FlowLogRole', {
    assumedBy: servicePrincipal(scope, 'vpc-flow-logs.amazonaws.com'),
    permissions: [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [logGroupArn],
        wildcard: 'The streams of the one log group.',
      },
    ],
  });
}
