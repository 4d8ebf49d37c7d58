import { KEYS, Rows } from './row';

const ROLE = ['iam::A:role/{RoleName}'];

/** Identities, alarms and messages. */
export const OPERATIONS: Rows = {
  'AWS::IAM::Role': {
    name: 'RoleName',
    needs: [
      {
        may: `iam:CreateRole iam:DeleteRole iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies
          iam:TagRole iam:UntagRole iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription`,
        on: ROLE,
      },
      { may: 'iam:AttachRolePolicy iam:DetachRolePolicy', on: ROLE, when: ['ManagedPolicyArns'] },
      { may: 'iam:DeleteRolePolicy iam:PutRolePolicy', on: ROLE, when: ['Policies'] },
      {
        may: 'iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary',
        on: ROLE,
        when: ['PermissionsBoundary'],
      },
    ],
  },
  'AWS::IAM::ManagedPolicy': {
    name: 'ManagedPolicyName',
    needs: [
      {
        may: `iam:CreatePolicy iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion iam:GetPolicy
          iam:GetPolicyVersion iam:ListEntitiesForPolicy iam:ListPolicyVersions`,
        on: ['iam::A:policy/{ManagedPolicyName}'],
      },
      {
        may: 'iam:AttachRolePolicy iam:DetachRolePolicy',
        on: ['iam::A:role/{Roles}'],
        when: ['Roles'],
      },
      {
        may: 'iam:AttachGroupPolicy iam:DetachGroupPolicy',
        on: ['iam::A:group/{Groups}'],
        when: ['Groups'],
      },
      {
        may: 'iam:AttachUserPolicy iam:DetachUserPolicy',
        on: ['iam::A:user/{Users}'],
        when: ['Users'],
      },
    ],
  },
  'AWS::IAM::Policy': {
    needs: [
      {
        may: 'iam:DeleteRolePolicy iam:GetRolePolicy iam:PutRolePolicy',
        on: ['iam::A:role/{Roles}'],
        when: ['Roles'],
      },
      {
        may: 'iam:DeleteGroupPolicy iam:GetGroupPolicy iam:PutGroupPolicy',
        on: ['iam::A:group/{Groups}'],
        when: ['Groups'],
      },
      {
        may: 'iam:DeleteUserPolicy iam:GetUserPolicy iam:PutUserPolicy',
        on: ['iam::A:user/{Users}'],
        when: ['Users'],
      },
    ],
  },
  'AWS::IAM::InstanceProfile': {
    name: 'InstanceProfileName',
    needs: [
      {
        may: `iam:AddRoleToInstanceProfile iam:CreateInstanceProfile iam:DeleteInstanceProfile iam:GetInstanceProfile
          iam:RemoveRoleFromInstanceProfile`,
        on: ['iam::A:instance-profile/{InstanceProfileName}'],
      },
      { pass: 'Roles.*', to: 'ec2' },
    ],
  },
  'AWS::CloudWatch::Alarm': {
    name: 'AlarmName',
    needs: [
      {
        may: `cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:PutMetricAlarm
          cloudwatch:TagResource cloudwatch:UntagResource`,
        on: ['cloudwatch:R:A:alarm:{AlarmName}'],
      },
    ],
  },
  'AWS::CloudWatch::CompositeAlarm': {
    name: 'AlarmName',
    needs: [
      {
        may: `cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:PutCompositeAlarm
          cloudwatch:TagResource cloudwatch:UntagResource`,
        // One may hold others of any name.
        on: ['cloudwatch:R:A:alarm:*'],
      },
    ],
  },
  'AWS::Events::Rule': {
    name: 'Name',
    needs: [
      {
        may: `events:DeleteRule events:DescribeRule events:ListTagsForResource events:ListTargetsByRule events:PutRule
          events:PutTargets events:RemoveTargets events:TagResource events:UntagResource`,
        on: ['events:R:A:rule/{Name}'],
      },
      { pass: 'RoleArn', to: 'events' },
      { pass: 'Targets.*.RoleArn', to: 'events' },
    ],
  },
  'AWS::SNS::Topic': {
    name: 'TopicName',
    needs: [
      {
        may: `sns:CreateTopic sns:DeleteTopic sns:GetDataProtectionPolicy sns:GetTopicAttributes
          sns:ListSubscriptionsByTopic sns:ListTagsForResource sns:SetTopicAttributes sns:TagResource sns:UntagResource`,
        on: ['sns:R:A:{TopicName}'],
      },
      {
        may: 'sns:PutDataProtectionPolicy',
        on: ['sns:R:A:{TopicName}'],
        when: ['DataProtectionPolicy'],
      },
      {
        may: 'sns:Subscribe sns:Unsubscribe',
        on: ['sns:R:A:{TopicName}'],
        when: ['Subscription'],
      },
      {
        may: 'iam:GetRole',
        on: ['iam::A:role/*'],
        when: ['DeliveryStatusLogging'],
      },
      { pass: 'DeliveryStatusLogging.*.SuccessFeedbackRoleArn', to: 'sns' },
      { pass: 'DeliveryStatusLogging.*.FailureFeedbackRoleArn', to: 'sns' },
    ],
  },
  'AWS::SNS::Subscription': {
    needs: [
      {
        may: 'sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes sns:Subscribe sns:Unsubscribe',
        on: ['sns:R:A:{TopicArn}', 'sns:R:A:{TopicArn}:*'],
      },
      {
        may: 'iam:GetRole',
        on: ['iam::A:role/{SubscriptionRoleArn}'],
        when: ['SubscriptionRoleArn'],
      },
      { pass: 'SubscriptionRoleArn', to: 'sns' },
    ],
  },
  'AWS::SNS::TopicPolicy': {
    needs: [{ may: 'sns:SetTopicAttributes', on: ['sns:R:A:{Topics}'] }],
  },
  'AWS::StepFunctions::StateMachine': {
    name: 'StateMachineName',
    byLogicalId: true,
    needs: [
      {
        may: `states:CreateStateMachine states:DeleteStateMachine states:DescribeStateMachine states:ListTagsForResource
          states:TagResource states:UntagResource states:UpdateStateMachine`,
        on: ['states:R:A:stateMachine:{StateMachineName}'],
      },
      {
        may: 'kms:Decrypt kms:DescribeKey kms:GenerateDataKey',
        on: KEYS,
        when: ['EncryptionConfiguration'],
      },
      {
        may: 's3:GetObject s3:GetObjectVersion',
        on: ['s3:::{DefinitionS3Location.Bucket}/*'],
        when: ['DefinitionS3Location'],
      },
      { pass: 'RoleArn', to: 'states' },
    ],
  },
  'AWS::CloudFormation::WaitConditionHandle': { needs: [] },
};
