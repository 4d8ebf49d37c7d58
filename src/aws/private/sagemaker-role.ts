import { aws_ec2 as ec2, aws_kms as kms, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Permission } from './platform-role';
import { arn } from './storage';
import { INetwork } from '../private-network';

/** What every endpoint needs of the services around it. */
export interface HostingQuestion {
  readonly key: kms.IKey;
  readonly logGroupArn: string;
  /** @default - none */
  readonly rolloutAlarmNames?: string[];
}

/** The permissions of every endpoint's execution role: logs, metrics, the volumes' key, the alarms of a rollout. */
export function hostingPermissions(
  scope: IConstruct,
  { key, logGroupArn, rolloutAlarmNames = [] }: HostingQuestion,
): Permission[] {
  const alarmArns = rolloutAlarmNames.map((name) => arn(scope, 'cloudwatch', 'alarm', name, true));
  return [
    {
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
      ],
      resources: [logGroupArn],
      wildcard: 'The streams of the one log group.',
    },
    {
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker*', '/aws/sagemaker/*'] } },
      wildcard: 'The action takes no resource; the namespace is a condition.',
    },
    { actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'], resources: [key.keyArn] },
    {
      // SageMaker encrypts the machines' volumes with the key.
      actions: ['kms:CreateGrant'],
      resources: [key.keyArn],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    ...(alarmArns.length ? [{ actions: ['cloudwatch:DescribeAlarms'], resources: alarmArns }] : []),
  ];
}

/** SageMaker puts network interfaces into the subnets as the role. */
export function networkPermissions(
  scope: IConstruct,
  network: INetwork,
  securityGroup: ec2.ISecurityGroup,
): Permission[] {
  const resource = (type: string, name: string, account?: string) =>
    Stack.of(scope).formatArn({ service: 'ec2', resource: type, resourceName: name, account });
  const interfaces = resource('network-interface', '*');
  // A shared subnet belongs to another account; its id is unique.
  const subnets = network.workloadSubnets.map(({ subnetId }) => resource('subnet', subnetId, '*'));
  return [
    {
      actions: ['ec2:CreateNetworkInterface'],
      resources: [interfaces, ...subnets, resource('security-group', securityGroup.securityGroupId)],
      wildcard:
        'Interfaces are named as they come; a subnet, named by its id, may belong to another account.',
    },
    {
      actions: [
        'ec2:CreateNetworkInterfacePermission',
        'ec2:DeleteNetworkInterface',
        'ec2:DeleteNetworkInterfacePermission',
      ],
      resources: [interfaces],
      wildcard: 'Interfaces are named as they come.',
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
