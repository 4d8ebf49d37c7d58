import { aws_ec2 as ec2, aws_kms as kms, aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ResolvedContainer } from './container';
import { networkPermissions } from './network';
import { INetwork } from '../../private-network';
import { Permission, PlatformRole, servicePrincipal } from '../platform-role';
import { arn } from '../storage';

/** What every endpoint needs of the services around it. */
export interface ServiceQuestion {
  readonly key: kms.IKey;
  readonly logGroupArn: string;
  readonly rolloutAlarmNames: string[];
}

/** What an endpoint's execution role is for. */
export interface RoleQuestion extends ServiceQuestion {
  readonly endpointName: string;
  readonly captureTo?: s3.IBucket;
  readonly network?: INetwork;
  readonly securityGroup?: ec2.ISecurityGroup;
  readonly containers: Iterable<ResolvedContainer>;
}

/** The execution role of an endpoint. */
export function executionRole(scope: Construct, question: RoleQuestion): PlatformRole {
  const { captureTo, endpointName, network, securityGroup, containers } = question;
  return new PlatformRole(scope, 'Role', {
    assumedBy: servicePrincipal(scope, 'sagemaker.amazonaws.com'),
    description: `Execution role of the endpoint ${endpointName}`,
    permissions: [
      ...endpointPermissions(scope, question),
      ...(captureTo ? capturePermissions(captureTo, endpointName) : []),
      ...(network ? networkPermissions(scope, network, securityGroup!) : []),
      ...[...containers].flatMap(({ permissions }) => permissions),
    ],
  });
}

/** The permissions of every endpoint's execution role: logs, metrics, the volumes' key, the alarms of a rollout. */
export function endpointPermissions(
  scope: Construct,
  { key, logGroupArn, rolloutAlarmNames }: ServiceQuestion,
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

/** SageMaker only adds objects; nothing is read back or deleted. */
function capturePermissions(bucket: s3.IBucket, prefix: string): Permission[] {
  const { encryptionKey } = bucket;
  return [
    {
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: [bucket.arnForObjects(`${prefix}/*`)],
      wildcard: "SageMaker names the objects below the endpoint's prefix.",
    },
    ...(encryptionKey
      ? [{ actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [encryptionKey.keyArn] }]
      : []),
  ];
}
