import { aws_ec2 as ec2, aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ResolvedContainer } from './container';
import { INetwork } from '../../private-network';
import { Permission, PlatformRole, servicePrincipal } from '../platform-role';
import { HostingQuestion, hostingPermissions, networkPermissions } from '../sagemaker-role';

/** What an endpoint's execution role is for. */
export interface RoleQuestion extends HostingQuestion {
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
      ...hostingPermissions(scope, question),
      ...(captureTo ? capturePermissions(captureTo, endpointName) : []),
      ...(network ? networkPermissions(scope, network, securityGroup!) : []),
      ...[...containers].flatMap(({ permissions }) => permissions),
    ],
  });
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
