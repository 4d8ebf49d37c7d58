import { aws_ec2 as ec2, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { exportAlways } from './private/exports';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { logGroup, logRetentionRule } from './private/logs';
import { PlatformRole, servicePrincipal } from './private/platform-role';
import { acknowledge } from './private/suppressions';
import { report } from '../core/private/report';
import { commonRules, privateNetworkRules } from '../core/private/rules';
import { judgeProps, struct } from '../core/private/schema';

/** A private network on AWS: a VPC and the subnets that workloads run in. */
export interface INetwork extends core.INetwork {
  /** The native VPC. */
  readonly vpc: ec2.IVpc;

  /** The subnets that workloads run in. */
  readonly workloadSubnets: ec2.ISubnet[];

  /**
   * The interface endpoint of a service, made when it is first asked for. It bills per hour and zone.
   *
   * @param service the service's short name, such as `sagemaker.runtime`, `lambda` or `ecr.api`
   */
  endpoint(service: string): ec2.IInterfaceVpcEndpoint;
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
          ...privateNetworkRules(logRetentionRule),
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
    if (internetEgress) {
      report(this, 'idle-cost', 'NAT gateway', 'One NAT gateway bills per hour, used or not.');
    }

    this.vpc = vpc;
    this.networkId = vpc.vpcId;
    this.workloadSubnets = internetEgress ? vpc.privateSubnets : vpc.isolatedSubnets;
    this.endpoints = new Endpoints(this, vpc, this.workloadSubnets, cidr);
    this.node.defaultChild = vpc.node.defaultChild;
    exportAlways(this, vpc.vpcId, ...this.workloadSubnets.map((subnet) => subnet.subnetId));
  }

  public endpoint(service: string): ec2.IInterfaceVpcEndpoint {
    return this.endpoints.get(service);
  }
}

class ImportedNetwork extends Construct implements INetwork {
  public readonly vpc: ec2.IVpc;
  public readonly networkId: string;
  public readonly workloadSubnets: ec2.ISubnet[];
  private readonly endpoints: Endpoints;

  constructor(
    scope: Construct,
    id: string,
    { vpc, subnets, existingEndpoints, hasS3Endpoint = true }: FromVpcProps,
  ) {
    super(scope, id);
    this.workloadSubnets = judgeConstruct(this, 'PrivateNetwork', (faults) => {
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
    this.endpoints = new Endpoints(this, vpc, this.workloadSubnets, undefined, existingEndpoints);
  }

  public endpoint(service: string): ec2.IInterfaceVpcEndpoint {
    return this.endpoints.get(service);
  }
}

const workloadSubnetsOf = (vpc: ec2.IVpc): ec2.SubnetSelection => ({
  subnets: vpc.isolatedSubnets.length ? vpc.isolatedSubnets : vpc.privateSubnets,
});

/** The interface endpoints of a network, made on demand, behind one security group. */
class Endpoints {
  private readonly byService: Map<string, ec2.IInterfaceVpcEndpoint>;

  constructor(
    private readonly network: Construct,
    private readonly vpc: ec2.IVpc,
    private readonly subnets: ec2.ISubnet[],
    /** That of the VPC, where it is known literally. */
    private readonly cidr: string | undefined,
    existing: { [service: string]: ec2.IInterfaceVpcEndpoint } = {},
  ) {
    this.byService = new Map(Object.entries(existing));
  }

  public get(service: string): ec2.IInterfaceVpcEndpoint {
    const found = this.byService.get(service) ?? this.make(service);
    this.byService.set(service, found);
    return found;
  }

  private make(service: string): ec2.IInterfaceVpcEndpoint {
    report(
      this.network,
      'idle-cost',
      `Endpoint ${service}`,
      `Bills per hour in each of ${this.subnets.length} zones.`,
    );
    return new ec2.InterfaceVpcEndpoint(this.network, `Endpoint-${service}`, {
      vpc: this.vpc,
      service: new ec2.InterfaceVpcEndpointAwsService(service),
      subnets: { subnets: this.subnets },
      securityGroups: [this.securityGroup],
      // The own group admits the VPC's addresses.
      open: false,
    });
  }

  private get securityGroup(): ec2.SecurityGroup {
    const id = 'EndpointSecurityGroup';
    const found = this.network.node.tryFindChild(id) as ec2.SecurityGroup | undefined;
    if (found) {
      return found;
    }
    const group = new ec2.SecurityGroup(this.network, id, {
      vpc: this.vpc,
      description: 'Service endpoints, for the addresses of the VPC',
      allowAllOutbound: false,
    });
    const cidr = this.cidr ?? this.vpc.vpcCidrBlock;
    group.addIngressRule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), 'HTTPS from the VPC');
    if (Token.isUnresolved(cidr)) {
      acknowledge(
        group,
        'AwsSolutions-EC23',
        'The addresses are those of the VPC, known to the template only by reference.',
      );
    }
    return group;
  }
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
