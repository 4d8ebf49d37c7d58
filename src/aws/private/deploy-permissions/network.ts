import { Need, Row, Rows, serviceLinkedRole } from './row';

/** What EC2 makes has no names but ids; a subnet or a VPC may be shared by another account. */
const anywhere = (may: string, when?: string[]): Need => ({ may, on: ['ec2:R:*:*'], ...(when && { when }) });
/** What is asked for without saying of what. */
const seen = (may: string): Need => ({ may, on: ['*'] });
const tagged = (may: string, look: string): Row => ({
  needs: [anywhere(`${may} ec2:CreateTags ec2:DeleteTags`), seen(look)],
});

/** Networks, and what is in them. */
export const NETWORK: Rows = {
  'AWS::EC2::VPC': {
    needs: [
      anywhere(`ec2:CreateTags ec2:CreateVpc ec2:DeleteTags ec2:DeleteVpc ec2:DescribeVpcAttribute ec2:ModifyVpcAttribute
        ec2:ModifyVpcTenancy`),
      anywhere('ec2:CreateVpcEncryptionControl', ['VpcEncryptionControl']),
      seen(
        'ec2:DescribeNetworkAcls ec2:DescribeSecurityGroups ec2:DescribeVpcEncryptionControls ec2:DescribeVpcs',
      ),
    ],
  },
  'AWS::EC2::Subnet': {
    needs: [
      anywhere('ec2:CreateSubnet ec2:CreateTags ec2:DeleteSubnet ec2:DeleteTags ec2:ModifySubnetAttribute'),
      anywhere('ec2:AssociateSubnetCidrBlock ec2:DisassociateSubnetCidrBlock', [
        'Ipv6CidrBlock',
        'Ipv6CidrBlocks',
        'Ipv6IpamPoolId',
      ]),
      seen('ec2:DescribeAvailabilityZones ec2:DescribeNetworkAcls ec2:DescribeSubnets'),
    ],
  },
  'AWS::EC2::RouteTable': tagged('ec2:CreateRouteTable ec2:DeleteRouteTable', 'ec2:DescribeRouteTables'),
  'AWS::EC2::Route': {
    needs: [
      anywhere('ec2:CreateRoute ec2:DeleteRoute ec2:ReplaceRoute'),
      seen('ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables'),
    ],
  },
  'AWS::EC2::SubnetRouteTableAssociation': {
    needs: [
      anywhere('ec2:AssociateRouteTable ec2:DisassociateRouteTable ec2:ReplaceRouteTableAssociation'),
      seen('ec2:DescribeRouteTables ec2:DescribeSubnets'),
    ],
  },
  'AWS::EC2::InternetGateway': tagged(
    'ec2:CreateInternetGateway ec2:DeleteInternetGateway',
    'ec2:DescribeInternetGateways',
  ),
  'AWS::EC2::VPCGatewayAttachment': {
    needs: [
      anywhere('ec2:AttachInternetGateway ec2:DetachInternetGateway', ['InternetGatewayId']),
      anywhere('ec2:AttachVpnGateway ec2:DetachVpnGateway', ['VpnGatewayId']),
      seen('ec2:DescribeInternetGateways ec2:DescribeVpnGateways'),
    ],
  },
  'AWS::EC2::EIP': {
    needs: [
      anywhere(
        'ec2:AllocateAddress ec2:CreateTags ec2:DeleteTags ec2:DisassociateAddress ec2:ReleaseAddress',
      ),
      anywhere('ec2:AssociateAddress', ['InstanceId']),
      anywhere('ec2:AcceptAddressTransfer', ['TransferAddress']),
      seen('ec2:DescribeAddresses'),
    ],
  },
  'AWS::EC2::NatGateway': {
    needs: [
      anywhere(`ec2:AssociateNatGatewayAddress ec2:CreateNatGateway ec2:CreateTags ec2:DeleteNatGateway ec2:DeleteTags
        ec2:DisassociateNatGatewayAddress`),
      anywhere('ec2:AssignPrivateNatGatewayAddress ec2:UnassignPrivateNatGatewayAddress', [
        'SecondaryPrivateIpAddresses',
        'SecondaryPrivateIpAddressCount',
      ]),
      seen('ec2:DescribeNatGateways'),
    ],
  },
  'AWS::EC2::SecurityGroup': {
    needs: [
      anywhere(`ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:CreateSecurityGroup ec2:CreateTags
        ec2:DeleteSecurityGroup ec2:DeleteTags ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress
        ec2:UpdateSecurityGroupRuleDescriptionsEgress ec2:UpdateSecurityGroupRuleDescriptionsIngress`),
      seen('ec2:DescribeInstances ec2:DescribeSecurityGroups'),
    ],
  },
  'AWS::EC2::SecurityGroupEgress': {
    needs: [
      anywhere(`ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress
        ec2:UpdateSecurityGroupRuleDescriptionsEgress`),
      seen('ec2:DescribeSecurityGroupRules'),
    ],
  },
  'AWS::EC2::SecurityGroupIngress': {
    needs: [
      anywhere(`ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupIngress
        ec2:UpdateSecurityGroupRuleDescriptionsIngress`),
      seen('ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups'),
    ],
  },
  'AWS::EC2::VPCEndpoint': {
    needs: [
      anywhere(
        `ec2:CreateTags ec2:CreateVpcEndpoint ec2:DeleteTags ec2:DeleteVpcEndpoints ec2:ModifyVpcEndpoint`,
      ),
      { may: 'vpce:AllowMultiRegion', on: ['*'], when: ['ServiceRegion'] },
      {
        may: 'vpc-lattice:CreateServiceNetworkVpcEndpointAssociation',
        on: ['*'],
        when: ['ServiceNetworkArn'],
      },
      seen('ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcEndpoints ec2:DescribeVpcs'),
    ],
  },
  'AWS::EC2::FlowLog': {
    needs: [
      anywhere('ec2:CreateFlowLogs ec2:CreateTags ec2:DeleteFlowLogs ec2:DeleteTags'),
      seen('ec2:DescribeFlowLogs ec2:DescribeTags logs:CreateLogDelivery logs:DeleteLogDelivery'),
      {
        may: 's3:GetBucketPolicy s3:PutBucketPolicy',
        on: ['s3:::{LogDestination}'],
        when: ['LogDestination'],
      },
      { ...serviceLinkedRole('delivery.logs'), when: ['LogDestination'] },
      { pass: 'DeliverLogsPermissionArn', to: 'vpc-flow-logs' },
    ],
  },
  'AWS::EC2::LaunchTemplate': {
    needs: [
      anywhere(`ec2:CreateLaunchTemplate ec2:CreateLaunchTemplateVersion ec2:CreateTags ec2:DeleteLaunchTemplate
        ec2:DeleteTags`),
      seen('ec2:DescribeLaunchTemplates'),
    ],
  },
  'AWS::EC2::PlacementGroup': {
    needs: [
      anywhere('ec2:CreatePlacementGroup ec2:CreateTags ec2:DeletePlacementGroup'),
      seen('ec2:DescribePlacementGroups'),
    ],
  },
  'AWS::Route53::RecordSet': {
    needs: [
      {
        may: 'route53:ChangeResourceRecordSets route53:GetHostedZone route53:ListResourceRecordSets',
        on: ['route53:::hostedzone/{HostedZoneId}'],
      },
      { may: 'route53:GetChange', on: ['route53:::change/*'] },
    ],
  },
};
