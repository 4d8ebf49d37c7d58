import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork } from '../../private-network';
import { Permission } from '../platform-role';
import { networkPermissions } from '../sagemaker-role';
import { arn } from '../storage';

/** SageMaker's apps of the whole account log here; no stack can own it. */
const LOGS = '/aws/sagemaker/studio';

/** IAM fills these in: each user is one session of the one role. */
const USER = '${sagemaker:UserProfileName}';

/** What SageMaker does as the role of notebooks before and beside the user's own programs. */
export const appPermissions = (
  scope: IConstruct,
  { key }: IEncryptionKey,
  network?: INetwork,
  securityGroup?: ec2.ISecurityGroup,
): Permission[] => [
  {
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [arn(scope, 'logs', 'log-group', `${LOGS}:*`, true)],
    wildcard: 'Each notebook makes its own stream in the one group of the account.',
  },
  {
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext'],
    resources: [key.keyArn],
  },
  {
    // SageMaker encrypts the disks of homes with the key.
    actions: ['kms:CreateGrant'],
    resources: [key.keyArn],
    conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  },
  ...(network && securityGroup ? networkPermissions(scope, network, securityGroup) : []),
];

/** What Studio's pages do as the role of the user who looks at them: his own space and app, nothing of another's. */
export function studioPermissions(scope: IConstruct, domainId: string): Permission[] {
  const resource = (type: string, ...name: string[]) =>
    arn(scope, 'sagemaker', type, [domainId, ...name].join('/'));
  const owner = resource('user-profile', USER);
  const own = {
    StringEquals: {
      'sagemaker:OwnerUserProfileArn': owner,
      'sagemaker:SpaceSharingType': 'Private',
    },
  };
  const apps = resource('app', USER, '*');
  const numbered = 'The types of apps in the one space of the user.';
  return [
    {
      actions: ['sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces'],
      resources: ['*'],
      wildcard: 'Lists take no resource.',
    },
    {
      actions: ['sagemaker:DescribeDomain'],
      resources: [arn(scope, 'sagemaker', 'domain', domainId)],
    },
    { actions: ['sagemaker:CreatePresignedDomainUrl', 'sagemaker:DescribeUserProfile'], resources: [owner] },
    { actions: ['sagemaker:DescribeSpace'], resources: [resource('space', USER)] },
    { actions: ['sagemaker:UpdateSpace'], resources: [resource('space', USER)], conditions: own },
    { actions: ['sagemaker:DescribeApp'], resources: [apps], wildcard: numbered },
    {
      actions: ['sagemaker:CreateApp', 'sagemaker:DeleteApp'],
      resources: [apps],
      conditions: own,
      wildcard: numbered,
    },
    {
      actions: ['sagemaker:AddTags'],
      resources: [apps],
      conditions: { Null: { 'sagemaker:TaggingAction': 'false' } },
      wildcard: numbered,
    },
  ];
}

/** What printing the address of users' notebooks takes. */
export const openPermission = (scope: IConstruct, domainId: string, users: string[]): Permission => ({
  actions: ['sagemaker:CreatePresignedDomainUrl'],
  resources: users.map((user) => arn(scope, 'sagemaker', 'user-profile', `${domainId}/${user}`)),
});
