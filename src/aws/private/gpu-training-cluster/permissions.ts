import { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork } from '../../private-network';
import { Permission } from '../platform-role';
import { networkPermissions } from '../sagemaker-role';
import { arn } from '../storage';

/** SageMaker's training jobs of the whole account log here; no stack can own it. */
const LOGS = '/aws/sagemaker/TrainingJobs';

/** What SageMaker does as a job's role before and beside the job's own program. */
export function sageMakerPermissions(
  scope: IConstruct,
  use: {
    readonly volumeKey?: IEncryptionKey;
    readonly network?: INetwork;
    readonly securityGroup?: ec2.ISecurityGroup;
    readonly scratch: boolean;
  },
): Permission[] {
  const { volumeKey, network, securityGroup, scratch } = use;
  return [
    {
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
      ],
      resources: [arn(scope, 'logs', 'log-group', `${LOGS}:*`, true)],
      wildcard: 'Each node of a job makes its own stream in the one group of the account.',
    },
    {
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': LOGS } },
      wildcard: 'The action takes no resource; the condition names the namespace.',
    },
    ...(volumeKey
      ? [
          {
            actions: ['kms:CreateGrant'],
            resources: [volumeKey.key.keyArn],
            conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          },
        ]
      : []),
    ...(network && securityGroup ? networkPermissions(scope, network, securityGroup) : []),
    ...(scratch
      ? [
          {
            actions: ['fsx:DescribeFileSystems'],
            resources: ['*'],
            wildcard: 'The action takes no resource.',
          },
        ]
      : []),
  ];
}

/** What the state machine does with jobs of SageMaker, whose names begin with `jobPrefix`. */
export function trainPermissions(
  scope: IConstruct,
  jobPrefix: string,
  trainingPlanArn?: string,
): Permission[] {
  return [
    {
      actions: [
        'sagemaker:AddTags',
        'sagemaker:CreateTrainingJob',
        'sagemaker:DescribeTrainingJob',
        'sagemaker:ListTags',
        'sagemaker:StopTrainingJob',
      ],
      resources: [arn(scope, 'sagemaker', 'training-job', `${jobPrefix}-*`)],
      wildcard: 'Jobs of the cluster are named by their executions, behind the prefix of the cluster.',
    },
    ...(trainingPlanArn
      ? [
          {
            actions: ['sagemaker:CreateTrainingJob'],
            resources: [trainingPlanArn, arn(scope, 'sagemaker', 'reserved-capacity', '*')],
            wildcard: 'A training plan reserves capacity under names of its own.',
          },
        ]
      : []),
    {
      // The rule by which Step Functions hears that a job ended: one for the account, made by the service.
      actions: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
      resources: [arn(scope, 'events', 'rule', 'StepFunctionsGetEventsForSageMakerTrainingJobsRule')],
    },
  ];
}

/** What the state machine does with a service queue of AWS Batch. */
export const queuePermissions = (scope: IConstruct, queueArns: string[]): Permission[] => [
  {
    actions: ['batch:SubmitServiceJob', 'batch:DescribeServiceJob'],
    resources: [...queueArns, arn(scope, 'batch', 'service-job', '*')],
    wildcard: 'Jobs are numbered as they come.',
  },
];

/** What the state machine does with jobs of AWS Batch. */
export const containerPermissions = (
  scope: IConstruct,
  queueArns: string[],
  definitionArn: string,
  tagged: boolean,
): Permission[] => [
  { actions: ['batch:SubmitJob'], resources: [...queueArns, definitionArn] },
  { actions: ['batch:DescribeJobs'], resources: ['*'], wildcard: 'The action takes no resource.' },
  {
    actions: ['batch:TerminateJob', ...(tagged ? ['batch:TagResource'] : [])],
    resources: [arn(scope, 'batch', 'job', '*')],
    wildcard: 'Jobs are numbered as they come.',
  },
];

const logsOf = (scope: IConstruct) => Stack.of(scope).formatArn({ service: 'logs', resource: '*' });

/** What any state machine that is encrypted, logged and traced takes. */
export function workflowPermissions(scope: IConstruct, name: string, { key }: IEncryptionKey): Permission[] {
  const context = (entry: string, value: string) => ({
    StringEquals: { [`kms:EncryptionContext:${entry}`]: value },
  });
  return [
    {
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: context('aws:states:stateMachineArn', arn(scope, 'states', 'stateMachine', name, true)),
    },
    {
      actions: ['kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: context('SourceArn', logsOf(scope)),
    },
    {
      actions: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      resources: ['*'],
      wildcard: 'Delivery of logs and of traces takes no resource.',
    },
  ];
}

/** Lets the delivery of logs read what an encrypted state machine writes: the same statement for each of an account. */
export function allowLogDelivery(scope: IConstruct, { key }: IEncryptionKey): void {
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'LogDelivery',
      principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['kms:Decrypt'],
      resources: ['*'],
      conditions: { StringEquals: { 'kms:EncryptionContext:SourceArn': logsOf(scope) } },
    }),
  );
}
