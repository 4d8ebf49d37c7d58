import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { EndpointPlan } from './judge';
import { INetwork } from '../../private-network';
import { Permission } from '../platform-role';
import { arn } from '../storage';

/** The security group of the machines, none of whose ports is open: callers come in by the service's endpoint. */
export function endpointSecurityGroup(
  scope: Construct,
  network: INetwork,
  { variants }: EndpointPlan,
  endpointName: string,
): ec2.SecurityGroup {
  if (variants.some(({ variant }) => Object.keys(variant.container.secrets ?? {}).length)) {
    network.endpoint('secretsmanager');
  }
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc: network.vpc,
    description: `Machines of the endpoint ${endpointName}`,
    allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS to S3 and other services');
  return group;
}

/** SageMaker puts network interfaces into the subnets as the role. */
export function networkPermissions(
  scope: Construct,
  { vpc, workloadSubnets }: INetwork,
  securityGroup: ec2.ISecurityGroup,
): Permission[] {
  const of = (resource: string, id: string) => arn(scope, 'ec2', resource, id);
  const interfaces = of('network-interface', '*');
  const wildcard = 'The network interfaces are named by the service.';
  return [
    {
      actions: ['ec2:CreateNetworkInterface'],
      resources: [
        interfaces,
        ...workloadSubnets.map(({ subnetId }) => of('subnet', subnetId)),
        of('security-group', securityGroup.securityGroupId),
      ],
      wildcard,
    },
    {
      actions: [
        'ec2:CreateNetworkInterfacePermission',
        'ec2:DeleteNetworkInterface',
        'ec2:DeleteNetworkInterfacePermission',
      ],
      resources: [interfaces],
      conditions: { ArnEquals: { 'ec2:Vpc': vpc.vpcArn } },
      wildcard,
    },
    {
      actions: [
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
      ],
      resources: ['*'],
      wildcard: 'The actions take no resource.',
    },
  ];
}
