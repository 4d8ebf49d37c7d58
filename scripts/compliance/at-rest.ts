/** What services keep of what users give them, and of what they do. */
export type Kind = 'files' | 'logs' | 'messages' | 'images' | 'models' | 'disks' | 'descriptions';

/** What a native type keeps, under SecurityProfile.REGULATED with a key of the customer. */
export interface Kept {
  /** That of the engine; those of azapi by their ARM types, of jobs what a workflow starts. */
  readonly type: string;
  readonly keeps: Kind;
  /** What of the type it is said of, by its place; all of it where left out. */
  readonly on?: RegExp;
  /** Why there is no key of the customer. */
  readonly because?: string;
}

/** By clouds. What is more special comes first. */
export const AT_REST: Readonly<Record<string, readonly Kept[]>> = {
  aws: [
    {
      type: 'AWS::S3::Bucket',
      keeps: 'logs',
      on: /MlAccessLogs/,
      because: 'S3 delivers access logs to buckets that it encrypts with keys of its own, and to no others.',
    },
    { type: 'AWS::S3::Bucket', keeps: 'files' },
    { type: 'AWS::Athena::WorkGroup', keeps: 'files' },
    { type: 'AWS::FSx::FileSystem', keeps: 'files' },
    { type: 'AWS::Logs::LogGroup', keeps: 'logs' },
    { type: 'AWS::CloudTrail::Trail', keeps: 'logs' },
    { type: 'AWS::Glue::SecurityConfiguration', keeps: 'logs' },
    { type: 'AWS::SNS::Topic', keeps: 'messages' },
    { type: 'AWS::ECR::Repository', keeps: 'images' },
    {
      type: 'AWS::SageMaker::ModelPackageGroup',
      keeps: 'models',
      because:
        'It has names, approvals and addresses, and takes no key; the files are in the bucket of the registry.',
    },
    { type: 'AWS::SageMaker::EndpointConfig', keeps: 'disks' },
    { type: 'AWS::SageMaker::Domain', keeps: 'disks' },
    {
      type: 'AWS::SageMaker::UserProfile',
      keeps: 'files',
      because: 'The key would be for outputs of notebooks that are shared by S3, which is off.',
    },
    { type: 'AWS::EC2::LaunchTemplate', keeps: 'disks' },
    {
      type: 'SageMaker training job',
      keeps: 'disks',
      on: /ml\.(g\d|p[4-6])/,
      because:
        'Machines with disks of their own encrypt them in hardware, and SageMaker takes no key for those.',
    },
    { type: 'SageMaker training job', keeps: 'disks' },
    { type: 'AWS::StepFunctions::StateMachine', keeps: 'descriptions' },
    { type: 'AWS::Lambda::Function', keeps: 'descriptions' },
    {
      type: 'AWS::Glue::Database',
      keeps: 'descriptions',
      because: 'The key of the Glue catalog is a setting of the whole account, which is the user’s to make.',
    },
  ],
  google: [
    { type: 'google_storage_bucket', keeps: 'files' },
    { type: 'google_filestore_instance', keeps: 'files' },
    { type: 'google_bigquery_dataset', keeps: 'files' },
    { type: 'google_logging_project_bucket_config', keeps: 'logs' },
    {
      type: 'google_monitoring_notification_channel',
      keeps: 'messages',
      because: 'A channel hands messages on and keeps none.',
    },
    { type: 'google_artifact_registry_repository', keeps: 'images' },
    { type: 'restful_operation', keeps: 'models', on: /\/Model$/ },
    { type: 'google_vertex_ai_endpoint', keeps: 'models' },
    { type: 'google_cloud_run_v2_service', keeps: 'disks' },
    { type: 'google_workbench_instance', keeps: 'disks' },
    { type: 'google_container_node_pool', keeps: 'disks' },
    { type: 'Vertex AI custom job', keeps: 'disks' },
    { type: 'google_container_cluster', keeps: 'descriptions' },
    { type: 'google_workflows_workflow', keeps: 'descriptions' },
    {
      type: 'google_bigquery_connection',
      keeps: 'descriptions',
      because:
        'A connection to Cloud resources acts as an identity of its own: there is no credential to encrypt.',
    },
    {
      type: 'google_dataplex_datascan',
      keeps: 'descriptions',
      because: 'It takes no key; what it finds are names of tables and of columns.',
    },
  ],
  azure: [
    { type: 'azurerm_storage_account', keeps: 'files' },
    {
      type: 'azurerm_log_analytics_workspace',
      keeps: 'logs',
      because:
        'A key of the customer takes a dedicated cluster, which is bought for many workspaces together.',
    },
    {
      type: 'azurerm_application_insights',
      keeps: 'logs',
      because: 'It writes into a workspace of Log Analytics, and is encrypted as that is.',
    },
    {
      type: 'azurerm_monitor_action_group',
      keeps: 'messages',
      because: 'A group hands messages on and keeps none.',
    },
    { type: 'azurerm_container_registry', keeps: 'images' },
    { type: 'Microsoft.MachineLearningServices/workspaces', keeps: 'models' },
    {
      type: 'azurerm_machine_learning_compute_cluster',
      keeps: 'disks',
      because:
        'Azure Machine Learning encrypts disks of its machines with keys of its own; the machines go after the job.',
    },
    {
      type: 'Microsoft.MachineLearningServices/workspaces/computes',
      keeps: 'disks',
      because:
        'Azure Machine Learning encrypts disks of its machines with keys of its own; homes are in the storage account.',
    },
    {
      type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments',
      keeps: 'disks',
      because:
        'Azure Machine Learning encrypts disks of its machines with keys of its own; models come from the storage account.',
    },
    {
      type: 'azurerm_container_app',
      keeps: 'disks',
      because: 'Container Apps takes no key; what a replica writes goes with it.',
    },
    { type: 'azurerm_kubernetes_cluster', keeps: 'disks' },
    { type: 'azurerm_disk_encryption_set', keeps: 'disks' },
    {
      type: 'Microsoft.Logic/workflows',
      keeps: 'descriptions',
      because:
        'Logic Apps takes no key outside of environments of its own; a run keeps its command and its name.',
    },
    {
      type: 'azurerm_key_vault',
      keeps: 'descriptions',
      because: 'Key Vault encrypts what it keeps with keys of its hardware, and takes no others.',
    },
  ],
};

/** The row that says what something keeps. */
export const rowOf = (cloud: string, type: string, at: string): Kept | undefined =>
  AT_REST[cloud].find((row) => row.type === type && (row.on?.test(at) ?? true));
