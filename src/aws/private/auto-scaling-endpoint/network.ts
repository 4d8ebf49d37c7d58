import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { EndpointPlan } from './judge';
import { INetwork } from '../../private-network';

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
