import { KEYS, Need, Row, Rows, serviceLinkedRole } from './row';

const TAGS = 'sagemaker:AddTags sagemaker:DeleteTags sagemaker:ListTags';
const sageMaker = (may: string, ...on: string[]): Need => ({
  may: `${may} ${TAGS}`,
  on: on.map((one) => `sagemaker:R:A:${one}`),
});

/** A type whose resources SageMaker makes, shows and deletes by its name. */
const made = (type: string, name: string, arn: string, ...more: Row['needs']): Row => ({
  name,
  lower: true,
  byLogicalId: true,
  needs: [
    sageMaker(`sagemaker:Create${type} sagemaker:Delete${type} sagemaker:Describe${type}`, arn),
    ...more,
  ],
});

const updated = (type: string, ...on: string[]): Need => sageMaker(`sagemaker:Update${type}`, ...on);

const IMAGES: Need = {
  may: 'sagemaker:DescribeImage sagemaker:DescribeImageVersion',
  on: ['sagemaker:R:A:image/*', 'sagemaker:R:A:image-version/*'],
};

const FUNCTION = ['lambda:R:A:function:{FunctionName}', 'lambda:R:A:function:{FunctionName}:*'];

/** Training, serving and notebooks. */
export const MACHINE_LEARNING: Rows = {
  'AWS::SageMaker::Model': made('Model', 'ModelName', 'model/{ModelName}', {
    pass: 'ExecutionRoleArn',
    to: 'sagemaker',
  }),
  'AWS::SageMaker::EndpointConfig': made(
    'EndpointConfig',
    'EndpointConfigName',
    'endpoint-config/{EndpointConfigName}',
    { pass: 'ExecutionRoleArn', to: 'sagemaker' },
    {
      may: 'kms:CreateGrant kms:DescribeKey',
      on: KEYS,
      when: ['KmsKeyId'],
    },
  ),
  'AWS::SageMaker::Endpoint': {
    name: 'EndpointName',
    lower: true,
    byLogicalId: true,
    needs: [
      sageMaker('sagemaker:DeleteEndpoint sagemaker:DescribeEndpoint', 'endpoint/{EndpointName}'),
      {
        may: 'sagemaker:CreateEndpoint sagemaker:UpdateEndpoint',
        on: ['sagemaker:R:A:endpoint/{EndpointName}', 'sagemaker:R:A:endpoint-config/{EndpointConfigName}'],
      },
    ],
  },
  'AWS::SageMaker::ModelPackageGroup': made(
    'ModelPackageGroup',
    'ModelPackageGroupName',
    'model-package-group/{ModelPackageGroupName}',
    {
      may: 'sagemaker:GetModelPackageGroupPolicy',
      on: ['sagemaker:R:A:model-package-group/{ModelPackageGroupName}'],
    },
    {
      may: 'sagemaker:DeleteModelPackageGroupPolicy sagemaker:PutModelPackageGroupPolicy',
      on: ['sagemaker:R:A:model-package-group/{ModelPackageGroupName}'],
      when: ['ModelPackageGroupPolicy'],
    },
  ),
  'AWS::SageMaker::Domain': {
    needs: [
      sageMaker(
        'sagemaker:CreateDomain sagemaker:DeleteDomain sagemaker:DescribeDomain sagemaker:UpdateDomain',
        'domain/*',
      ),
      {
        may: 'sagemaker:DescribeUserProfile',
        on: ['sagemaker:R:A:user-profile/*'],
      },
      IMAGES,
      {
        may: 'kms:CreateGrant kms:Decrypt kms:DescribeKey kms:GenerateDataKeyWithoutPlaintext',
        on: KEYS,
        when: ['KmsKeyId'],
      },
      {
        may: 'sagemaker:CreateApp sagemaker:DeleteApp sagemaker:DescribeApp',
        on: ['sagemaker:R:A:app/*'],
        when: ['DomainSettings.RStudioServerProDomainSettings'],
      },
      { pass: 'DefaultUserSettings.ExecutionRole', to: 'sagemaker' },
      { pass: 'DefaultSpaceSettings.ExecutionRole', to: 'sagemaker' },
      serviceLinkedRole('sagemaker'),
    ],
  },
  'AWS::SageMaker::UserProfile': made(
    'UserProfile',
    'UserProfileName',
    'user-profile/*/{UserProfileName}',
    updated('UserProfile', 'user-profile/*/{UserProfileName}'),
    IMAGES,
    { pass: 'UserSettings.ExecutionRole', to: 'sagemaker' },
    {
      may: 'identitystore:DescribeUser identitystore:ListUsers sso:DescribeInstance sso:ListInstances',
      on: ['*'],
      when: ['SingleSignOnUserIdentifier'],
    },
  ),
  'AWS::SageMaker::Space': made(
    'Space',
    'SpaceName',
    'space/*/{SpaceName}',
    updated('Space', 'space/*/{SpaceName}'),
  ),
  'AWS::SageMaker::StudioLifecycleConfig': made(
    'StudioLifecycleConfig',
    'StudioLifecycleConfigName',
    'studio-lifecycle-config/{StudioLifecycleConfigName}',
  ),
  'AWS::SageMaker::AppImageConfig': made(
    'AppImageConfig',
    'AppImageConfigName',
    'app-image-config/{AppImageConfigName}',
    updated('AppImageConfig', 'app-image-config/{AppImageConfigName}'),
  ),
  'AWS::SageMaker::Image': made(
    'Image',
    'ImageName',
    'image/{ImageName}',
    updated('Image', 'image/{ImageName}'),
    { pass: 'ImageRoleArn', to: 'sagemaker' },
  ),
  'AWS::SageMaker::ImageVersion': {
    lower: true,
    needs: [
      {
        may: `sagemaker:CreateImageVersion sagemaker:DeleteImageVersion sagemaker:DescribeImageVersion sagemaker:ListAliases
          sagemaker:UpdateImageVersion`,
        on: ['sagemaker:R:A:image/{ImageName}', 'sagemaker:R:A:image-version/{ImageName}/*'],
      },
    ],
  },
  'AWS::ApplicationAutoScaling::ScalableTarget': {
    lower: true,
    needs: [
      {
        may: 'application-autoscaling:DeregisterScalableTarget application-autoscaling:RegisterScalableTarget',
        on: ['application-autoscaling:R:A:scalable-target/*'],
      },
      {
        may: 'application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScheduledActions',
        on: ['*'],
      },
      {
        may: 'application-autoscaling:DeleteScheduledAction application-autoscaling:PutScheduledAction',
        on: ['application-autoscaling:R:A:scalable-target/*'],
        when: ['ScheduledActions'],
      },
      {
        may: 'cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm',
        on: ['cloudwatch:R:A:alarm:TargetTracking-*'],
      },
      {
        // Who registers an endpoint must be allowed what is done to it then.
        may: `sagemaker:DescribeEndpoint sagemaker:DescribeEndpointConfig
          sagemaker:UpdateEndpointWeightsAndCapacities`,
        on: ['sagemaker:R:A:endpoint/{ResourceId}', 'sagemaker:R:A:endpoint-config/*'],
        when: ['ServiceNamespace=sagemaker'],
      },
      {
        may: `lambda:DeleteProvisionedConcurrencyConfig lambda:GetProvisionedConcurrencyConfig
          lambda:PutProvisionedConcurrencyConfig`,
        on: ['lambda:R:A:function:*'],
        when: ['ServiceNamespace=lambda'],
      },
      { pass: 'RoleARN', to: 'application-autoscaling' },
      serviceLinkedRole('{ServiceNamespace}.application-autoscaling'),
    ],
  },
  'AWS::ApplicationAutoScaling::ScalingPolicy': {
    needs: [
      {
        may: 'application-autoscaling:DeleteScalingPolicy application-autoscaling:PutScalingPolicy',
        on: ['application-autoscaling:R:A:scalable-target/*'],
      },
      { may: 'application-autoscaling:DescribeScalingPolicies cloudwatch:GetMetricData', on: ['*'] },
    ],
  },
  'AWS::Lambda::Function': {
    name: 'FunctionName',
    needs: [
      {
        may: `lambda:CreateFunction lambda:DeleteFunction lambda:GetFunction lambda:GetFunctionCodeSigningConfig
          lambda:GetFunctionRecursionConfig lambda:GetFunctionScalingConfig lambda:GetRuntimeManagementConfig
          lambda:TagResource lambda:UntagResource lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration`,
        on: FUNCTION,
      },
      {
        may: 'lambda:DeleteFunctionConcurrency lambda:PutFunctionConcurrency',
        on: FUNCTION,
        when: ['ReservedConcurrentExecutions'],
      },
      {
        may: 'ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs',
        on: ['*'],
        when: ['VpcConfig'],
      },
      {
        may: 'kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey',
        on: KEYS,
        when: ['KmsKeyArn'],
      },
      {
        // Lambda lets itself into the repository, unless its policy does already.
        may: 'ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy',
        on: ['ecr:R:*:repository/{Code.ImageUri}'],
        when: ['Code.ImageUri'],
      },
      { may: 's3:GetObject s3:GetObjectVersion', on: ['s3:::{Code.S3Bucket}/*'], when: ['Code.S3Bucket'] },
      { may: 'lambda:GetLayerVersion', on: ['lambda:*:*:layer:*'], when: ['Layers'] },
      {
        may: `lambda:DeleteFunctionCodeSigningConfig lambda:GetCodeSigningConfig lambda:PutFunctionCodeSigningConfig`,
        on: [...FUNCTION, 'lambda:R:A:code-signing-config:*'],
        when: ['CodeSigningConfigArn'],
      },
      { may: 'elasticfilesystem:DescribeMountTargets', on: ['*'], when: ['FileSystemConfigs'] },
      { may: 's3files:ListMountTargets', on: ['*'], when: ['FileSystemConfigs'] },
      {
        may: 'lambda:PassCapacityProvider',
        on: ['lambda:R:A:capacity-provider:*'],
        when: ['CapacityProviderConfig'],
      },
      { may: 'lambda:PublishVersion', on: FUNCTION, when: ['PublishToLatestPublished'] },
      { may: 'lambda:PutFunctionRecursionConfig', on: FUNCTION, when: ['RecursiveLoop'] },
      { may: 'lambda:PutFunctionScalingConfig', on: FUNCTION, when: ['FunctionScalingConfig'] },
      { may: 'lambda:PutRuntimeManagementConfig', on: FUNCTION, when: ['RuntimeManagementConfig'] },
      { pass: 'Role', to: 'lambda' },
    ],
  },
  'AWS::Lambda::Version': {
    needs: [
      {
        may: `lambda:DeleteFunction lambda:GetFunctionConfiguration lambda:GetFunctionScalingConfig
          lambda:GetProvisionedConcurrencyConfig lambda:GetRuntimeManagementConfig lambda:ListVersionsByFunction
          lambda:PublishVersion`,
        on: FUNCTION,
      },
      {
        may: 'lambda:PutProvisionedConcurrencyConfig',
        on: FUNCTION,
        when: ['ProvisionedConcurrencyConfig'],
      },
      { may: 'lambda:PutFunctionScalingConfig', on: FUNCTION, when: ['FunctionScalingConfig'] },
      { may: 'lambda:PutRuntimeManagementConfig', on: FUNCTION, when: ['RuntimePolicy'] },
    ],
  },
  'AWS::Lambda::Alias': {
    needs: [
      {
        may: `lambda:CreateAlias lambda:DeleteAlias lambda:GetAlias lambda:GetProvisionedConcurrencyConfig
          lambda:UpdateAlias`,
        on: FUNCTION,
      },
      {
        may: 'lambda:DeleteProvisionedConcurrencyConfig lambda:PutProvisionedConcurrencyConfig',
        on: FUNCTION,
        when: ['ProvisionedConcurrencyConfig'],
      },
    ],
  },
  'AWS::Lambda::Url': {
    needs: [
      {
        may: `lambda:CreateFunctionUrlConfig lambda:DeleteFunctionUrlConfig lambda:GetFunctionUrlConfig
          lambda:UpdateFunctionUrlConfig`,
        on: ['lambda:R:A:function:{TargetFunctionArn}', 'lambda:R:A:function:{TargetFunctionArn}:*'],
      },
    ],
  },
  'AWS::Batch::ComputeEnvironment': {
    name: 'ComputeEnvironmentName',
    byLogicalId: true,
    needs: [
      {
        may: `batch:CreateComputeEnvironment batch:DeleteComputeEnvironment batch:TagResource batch:UntagResource
          batch:UpdateComputeEnvironment`,
        on: ['batch:R:A:compute-environment/{ComputeEnvironmentName}'],
      },
      { may: 'batch:DescribeComputeEnvironments ec2:DescribeLaunchTemplateVersions', on: ['*'] },
      { may: 'eks:DescribeCluster', on: ['eks:R:A:cluster/*'], when: ['EksConfiguration'] },
      { pass: 'ComputeResources.InstanceRole', to: 'ec2' },
      { pass: 'ComputeResources.SpotIamFleetRole', to: 'spotfleet' },
      { pass: 'ServiceRole', to: 'batch' },
      serviceLinkedRole('batch'),
    ],
  },
  'AWS::Batch::JobQueue': {
    name: 'JobQueueName',
    byLogicalId: true,
    needs: [
      {
        may: 'batch:CreateJobQueue batch:DeleteJobQueue batch:TagResource batch:UntagResource batch:UpdateJobQueue',
        on: [
          'batch:R:A:job-queue/{JobQueueName}',
          'batch:R:A:compute-environment/*',
          'batch:R:A:scheduling-policy/*',
          'batch:R:A:service-environment/*',
        ],
      },
      { may: 'batch:DescribeJobQueues', on: ['*'] },
    ],
  },
  'AWS::Batch::JobDefinition': {
    name: 'JobDefinitionName',
    byLogicalId: true,
    needs: [
      {
        may: 'batch:DeregisterJobDefinition batch:RegisterJobDefinition batch:TagResource batch:UntagResource',
        on: [
          'batch:R:A:job-definition/{JobDefinitionName}',
          'batch:R:A:job-definition/{JobDefinitionName}:*',
        ],
      },
      { may: 'batch:DescribeJobDefinitions', on: ['*'] },
      { pass: 'ContainerProperties.ExecutionRoleArn', to: 'ecs-tasks' },
      { pass: 'ContainerProperties.JobRoleArn', to: 'ecs-tasks' },
      { pass: 'NodeProperties.NodeRangeProperties.*.Container.ExecutionRoleArn', to: 'ecs-tasks' },
      { pass: 'NodeProperties.NodeRangeProperties.*.Container.JobRoleArn', to: 'ecs-tasks' },
    ],
  },
  'AWS::Batch::ServiceEnvironment': {
    name: 'ServiceEnvironmentName',
    byLogicalId: true,
    needs: [
      {
        may: `batch:CreateServiceEnvironment batch:DeleteServiceEnvironment batch:TagResource batch:UntagResource
          batch:UpdateServiceEnvironment`,
        on: ['batch:R:A:service-environment/{ServiceEnvironmentName}'],
      },
      { may: 'batch:DescribeServiceEnvironments', on: ['*'] },
      serviceLinkedRole('batch'),
    ],
  },
};
