import { KEYS, Rows, serviceLinkedRole } from './row';

const BUCKET = ['s3:::{BucketName}'];
const TRAIL = ['cloudtrail:R:A:trail/{TrailName}'];
const TABLES = ['s3tables:R:A:bucket/*'];
const LOG_GROUP = ['logs:R:A:log-group:{LogGroupName}', 'logs:R:A:log-group:{LogGroupName}:*'];

/** What holds data, and what it is encrypted, told and catalogued with. */
export const STORAGE: Rows = {
  'AWS::S3::Bucket': {
    name: 'BucketName',
    lower: true,
    needs: [
      {
        may: `s3:CreateBucket s3:DeleteBucket s3:GetAccelerateConfiguration s3:GetAnalyticsConfiguration s3:GetBucketAbac
          s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLogging s3:GetBucketMetadataTableConfiguration s3:GetBucketNotification
          s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls s3:GetBucketPublicAccessBlock s3:GetBucketTagging
          s3:GetBucketVersioning s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetIntelligentTieringConfiguration
          s3:GetInventoryConfiguration s3:GetLifecycleConfiguration s3:GetMetricsConfiguration s3:GetReplicationConfiguration
          s3:ListBucket s3:ListTagsForResource s3:PutBucketTagging s3:TagResource s3:UntagResource`,
        on: BUCKET,
      },
      { may: 's3:PutAccelerateConfiguration', on: BUCKET, when: ['AccelerateConfiguration'] },
      { may: 's3:PutAnalyticsConfiguration', on: BUCKET, when: ['AnalyticsConfigurations'] },
      { may: 's3:PutBucketAbac', on: BUCKET, when: ['AbacStatus'] },
      { may: 's3:PutBucketAcl', on: BUCKET, when: ['AccessControl'] },
      { may: 's3:PutBucketCORS', on: BUCKET, when: ['CorsConfiguration'] },
      { may: 's3:PutBucketLogging', on: BUCKET, when: ['LoggingConfiguration'] },
      { may: 's3:PutBucketNotification', on: BUCKET, when: ['NotificationConfiguration'] },
      {
        may: 's3:PutBucketObjectLockConfiguration',
        on: BUCKET,
        when: ['ObjectLockConfiguration', 'ObjectLockEnabled'],
      },
      { may: 's3:PutBucketOwnershipControls', on: BUCKET, when: ['OwnershipControls'] },
      { may: 's3:PutBucketPublicAccessBlock', on: BUCKET, when: ['PublicAccessBlockConfiguration'] },
      {
        may: 's3:PutBucketVersioning',
        on: BUCKET,
        when: ['VersioningConfiguration', 'ObjectLockEnabled', 'ReplicationConfiguration'],
      },
      {
        may: 's3:DeleteBucketWebsite s3:PutBucketWebsite',
        on: BUCKET,
        when: ['WebsiteConfiguration'],
      },
      { may: 's3:PutEncryptionConfiguration', on: BUCKET, when: ['BucketEncryption'] },
      {
        may: 's3:PutIntelligentTieringConfiguration',
        on: BUCKET,
        when: ['IntelligentTieringConfigurations'],
      },
      { may: 's3:PutInventoryConfiguration', on: BUCKET, when: ['InventoryConfigurations'] },
      { may: 's3:PutLifecycleConfiguration', on: BUCKET, when: ['LifecycleConfiguration'] },
      { may: 's3:PutMetricsConfiguration', on: BUCKET, when: ['MetricsConfigurations'] },
      { may: 's3:PutReplicationConfiguration', on: BUCKET, when: ['ReplicationConfiguration'] },
      { pass: 'ReplicationConfiguration.Role', to: 's3' },
      {
        may: `s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketMetadataTableConfiguration
          s3:UpdateBucketMetadataAnnotationTableConfiguration s3:UpdateBucketMetadataInventoryTableConfiguration
          s3:UpdateBucketMetadataJournalTableConfiguration`,
        on: BUCKET,
        when: ['MetadataConfiguration', 'MetadataTableConfiguration'],
      },
      {
        may: `s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable
          s3tables:GetTableMetadataLocation s3tables:PutTableBucketPolicy s3tables:PutTableEncryption
          s3tables:PutTablePolicy s3tables:UpdateTableMetadataLocation`,
        on: TABLES,
        when: ['MetadataConfiguration', 'MetadataTableConfiguration'],
      },
    ],
  },
  'AWS::S3::BucketPolicy': {
    needs: [{ may: 's3:DeleteBucketPolicy s3:GetBucketPolicy s3:PutBucketPolicy', on: ['s3:::{Bucket}'] }],
  },
  'AWS::KMS::Key': {
    needs: [
      { may: 'kms:CreateKey', on: ['*'] },
      {
        may: `kms:DescribeKey kms:DisableKey kms:DisableKeyRotation kms:EnableKey kms:EnableKeyRotation kms:GetKeyPolicy
          kms:GetKeyRotationStatus kms:ListResourceTags kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:TagResource
          kms:UntagResource kms:UpdateKeyDescription`,
        on: KEYS,
      },
    ],
  },
  'AWS::ECR::Repository': {
    name: 'RepositoryName',
    lower: true,
    needs: [
      {
        may: `ecr:CreateRepository ecr:DeleteLifecyclePolicy ecr:DeleteRepository ecr:DeleteRepositoryPolicy
          ecr:DescribeRepositories ecr:GetLifecyclePolicy ecr:GetRepositoryPolicy ecr:ListTagsForResource
          ecr:PutImageScanningConfiguration ecr:PutImageTagMutability ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy
          ecr:TagResource ecr:UntagResource`,
        on: ['ecr:R:A:repository/{RepositoryName}'],
      },
      {
        may: 'kms:CreateGrant kms:DescribeKey kms:RetireGrant',
        on: KEYS,
        when: ['EncryptionConfiguration'],
      },
    ],
  },
  'AWS::CloudTrail::Trail': {
    name: 'TrailName',
    needs: [
      {
        may: `cloudtrail:AddTags cloudtrail:CreateTrail cloudtrail:DeleteTrail cloudtrail:GetEventConfiguration
          cloudtrail:GetEventSelectors cloudtrail:GetInsightSelectors cloudtrail:GetTrail cloudtrail:GetTrailStatus
          cloudtrail:ListTags cloudtrail:PutEventSelectors cloudtrail:RemoveTags cloudtrail:StartLogging
          cloudtrail:StopLogging cloudtrail:UpdateTrail`,
        on: TRAIL,
      },
      { may: 'cloudtrail:DescribeTrails', on: ['*'] },
      { may: 'cloudtrail:PutInsightSelectors', on: TRAIL, when: ['InsightSelectors'] },
      {
        may: 'cloudtrail:PutEventConfiguration',
        on: TRAIL,
        when: ['AggregationConfigurations', 'MaxEventSize'],
      },
      serviceLinkedRole('cloudtrail'),
      { pass: 'CloudWatchLogsRoleArn', to: 'cloudtrail' },
    ],
  },
  'AWS::Logs::LogGroup': {
    name: 'LogGroupName',
    needs: [
      {
        may: `logs:CreateLogGroup logs:DeleteLogGroup logs:DeleteRetentionPolicy
          logs:GetDataProtectionPolicy logs:ListTagsForResource logs:PutRetentionPolicy logs:TagResource logs:UntagResource`,
        on: LOG_GROUP,
      },
      { may: 'logs:DescribeIndexPolicies logs:DescribeLogGroups logs:DescribeResourcePolicies', on: ['*'] },
      {
        may: 'logs:AssociateKmsKey logs:DisassociateKmsKey',
        on: LOG_GROUP,
        when: ['KmsKeyId'],
      },
      {
        may: 'logs:DeleteDataProtectionPolicy logs:PutDataProtectionPolicy',
        on: LOG_GROUP,
        when: ['DataProtectionPolicy'],
      },
      {
        may: 'logs:CreateLogDelivery firehose:TagDeliveryStream',
        on: ['*'],
        when: ['DataProtectionPolicy'],
      },
      {
        may: 'logs:DeleteIndexPolicy logs:PutIndexPolicy',
        on: ['*'],
        when: ['FieldIndexPolicies'],
      },
      {
        may: 'logs:DeleteResourcePolicy logs:PutResourcePolicy',
        on: ['*'],
        when: ['ResourcePolicyDocument'],
      },
      {
        may: 'logs:PutBearerTokenAuthentication',
        on: LOG_GROUP,
        when: ['BearerTokenAuthenticationEnabled'],
      },
      {
        may: 'logs:PutLogGroupDeletionProtection',
        on: LOG_GROUP,
        when: ['DeletionProtectionEnabled'],
      },
    ],
  },
  'AWS::FSx::FileSystem': {
    needs: [
      {
        may: 'fsx:CreateFileSystem fsx:DeleteFileSystem fsx:TagResource fsx:UntagResource fsx:UpdateFileSystem',
        on: ['fsx:R:A:file-system/*'],
      },
      { may: 'fsx:DescribeFileSystems', on: ['*'] },
      {
        may: `ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeSubnets
          ec2:DescribeVpcs`,
        on: ['*'],
      },
      { may: 'kms:CreateGrant kms:DescribeKey', on: KEYS, when: ['KmsKeyId'] },
      serviceLinkedRole('fsx'),
    ],
  },
  'AWS::FSx::DataRepositoryAssociation': {
    needs: [
      {
        may: `fsx:CreateDataRepositoryAssociation fsx:DeleteDataRepositoryAssociation fsx:TagResource fsx:UntagResource
          fsx:UpdateDataRepositoryAssociation`,
        on: ['fsx:R:A:association/*', 'fsx:R:A:file-system/*'],
      },
      { may: 'fsx:DescribeDataRepositoryAssociations', on: ['*'] },
      {
        may: 's3:GetBucketPolicy s3:ListBucket s3:PutBucketPolicy',
        on: ['s3:::{DataRepositoryPath}'],
      },
      {
        may: 'iam:CreateServiceLinkedRole iam:PutRolePolicy',
        on: ['iam::A:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*'],
      },
    ],
  },
  'AWS::Glue::Database': {
    needs: [
      {
        may: 'glue:CreateDatabase glue:DeleteDatabase glue:GetDatabase glue:UpdateDatabase',
        on: [
          'glue:R:A:catalog',
          'glue:R:A:database/{DatabaseInput.Name}',
          'glue:R:A:table/{DatabaseInput.Name}/*',
          'glue:R:A:userDefinedFunction/{DatabaseInput.Name}/*',
        ],
      },
      {
        may: `lakeformation:DescribeLakeFormationIdentityCenterConfiguration lakeformation:DescribeResource
          lakeformation:ListResources`,
        on: ['*'],
      },
      {
        may: 'glue:CreateConnection glue:DeleteConnection glue:GetConnection glue:PassConnection glue:UpdateConnection',
        on: ['glue:R:A:catalog', 'glue:R:A:connection/*'],
        when: ['DatabaseInput.FederatedDatabase'],
      },
    ],
  },
  'AWS::Glue::Crawler': {
    name: 'Name',
    byLogicalId: true,
    needs: [
      {
        may: `glue:DeleteCrawler glue:GetCrawler glue:GetTags glue:StopCrawler glue:TagResource
          glue:UntagResource glue:UpdateCrawler`,
        on: ['glue:R:A:crawler/{Name}'],
      },
      { may: 'glue:CreateCrawler', on: ['*'] },
      { pass: 'Role', to: 'glue' },
    ],
  },
  'AWS::Glue::SecurityConfiguration': {
    needs: [
      {
        may: 'glue:CreateSecurityConfiguration glue:DeleteSecurityConfiguration glue:GetSecurityConfiguration',
        on: ['*'],
      },
    ],
  },
  'AWS::LakeFormation::Resource': {
    needs: [
      {
        may: `lakeformation:DeregisterResource lakeformation:DescribeResource lakeformation:RegisterResource
          lakeformation:UpdateResource`,
        on: ['*'],
      },
      { may: 'iam:GetRole', on: ['iam::A:role/{RoleArn}'] },
      { pass: 'RoleArn', to: 'lakeformation' },
    ],
  },
  'AWS::LakeFormation::PrincipalPermissions': {
    needs: [
      {
        may: 'lakeformation:GrantPermissions lakeformation:ListPermissions lakeformation:RevokePermissions',
        on: ['*'],
      },
      {
        may: 'glue:GetDatabase glue:GetTable',
        on: ['glue:R:A:catalog', 'glue:R:A:database/*', 'glue:R:A:table/*'],
      },
    ],
  },
  'AWS::Athena::WorkGroup': {
    name: 'Name',
    byLogicalId: true,
    needs: [
      {
        may: `athena:CreateWorkGroup athena:DeleteWorkGroup athena:GetWorkGroup athena:ListTagsForResource athena:TagResource
          athena:UntagResource athena:UpdateWorkGroup`,
        on: ['athena:R:A:workgroup/{Name}'],
      },
      { pass: 'WorkGroupConfiguration.ExecutionRole', to: 'athena' },
      {
        may: `s3:AbortMultipartUpload s3:GetBucketLocation s3:GetObject s3:ListBucket s3:ListBucketMultipartUploads
          s3:ListMultipartUploadParts s3:PutObject`,
        on: ['s3:::*'],
        when: ['WorkGroupConfiguration.ExecutionRole'],
      },
      {
        may: 'kms:Decrypt kms:GenerateDataKey',
        on: KEYS,
        when: ['WorkGroupConfiguration.ExecutionRole'],
      },
    ],
  },
};
