import { NETWORK } from './network';
import { Rows } from '../../../terraform/deploy-permissions';

/** A resource that is made, shown, changed and deleted by as many permissions. */
const made = (resource: string, more = '') =>
  `${['create', 'delete', 'get', 'update'].map((verb) => `${resource}.${verb}`).join(' ')} ${more}`;

/** A role that is given on a resource. */
const given = (resource: string, more = '') => `${resource}.getIamPolicy ${resource}.setIamPolicy ${more}`;

/** What runs as a service account is made by who may act as it. */
const ACT_AS = 'iam.serviceAccounts.actAs';
/** Who deploys an image must be able to pull it. */
const PULL = 'artifactregistry.repositories.downloadArtifacts artifactregistry.repositories.get';

/** What an identity needs that creates, reads, updates and deletes resources, by their types. */
export const ROWS: Rows = {
  ...NETWORK,

  // The project
  google_project_service: [
    {
      may: `resourcemanager.projects.get serviceusage.operations.get serviceusage.services.enable serviceusage.services.get
        serviceusage.services.list`,
    },
    { may: 'serviceusage.services.disable', when: ['disable_on_destroy=true'] },
  ],
  google_project_service_identity: [
    { may: 'serviceusage.operations.get serviceusage.services.enable serviceusage.services.get' },
  ],
  google_project_iam_member: [{ may: given('resourcemanager.projects', 'resourcemanager.projects.get') }],
  google_project_iam_audit_config: [
    { may: given('resourcemanager.projects', 'resourcemanager.projects.get') },
  ],
  'data google_project_iam_policy': [
    { may: 'resourcemanager.projects.get resourcemanager.projects.getIamPolicy' },
  ],
  google_project_iam_custom_role: [{ may: made('iam.roles', 'iam.roles.undelete') }],
  // What sets it is roles/orgpolicy.policyAdmin on the organization, which no role of a project has; the guard reports it.
  google_org_policy_policy: [{ may: 'orgpolicy.policy.get' }],
  google_service_account: [{ may: made('iam.serviceAccounts') }],
  google_service_account_iam_member: [{ may: given('iam.serviceAccounts') }],
  'data google_client_config': [],
  'data google_project': [{ may: 'resourcemanager.projects.get' }],

  // Data
  google_storage_bucket: [
    // Of a bucket that is deleted, it is asked first whether it is empty.
    { may: made('storage.buckets', 'storage.objects.list') },
    { may: given('storage.buckets'), when: ['public_access_prevention'] },
    { may: 'storage.objects.delete', when: ['force_destroy=true'] },
  ],
  google_storage_bucket_iam_member: [{ may: given('storage.buckets') }],
  'data google_storage_project_service_account': [{ may: 'resourcemanager.projects.get' }],
  google_bigquery_dataset: [
    { may: made('bigquery.datasets', 'bigquery.datasets.getIamPolicy bigquery.datasets.setIamPolicy') },
    { may: 'bigquery.tables.delete bigquery.tables.list', when: ['delete_contents_on_destroy=true'] },
  ],
  google_bigquery_connection: [{ may: made('bigquery.connections') }],
  google_bigquery_connection_iam_member: [{ may: given('bigquery.connections') }],
  'data google_bigquery_default_service_account': [{ may: 'resourcemanager.projects.get' }],
  google_dataplex_datascan: [{ may: made('dataplex.datascans', 'dataplex.operations.get') }],
  google_filestore_instance: [{ may: made('file.instances', 'file.operations.get') }],
  google_artifact_registry_repository: [{ may: made('artifactregistry.repositories') }],
  google_artifact_registry_repository_iam_member: [{ may: given('artifactregistry.repositories') }],

  // Keys and secrets
  google_kms_key_ring: [{ may: 'cloudkms.keyRings.create cloudkms.keyRings.get' }],
  google_kms_crypto_key: [
    {
      // Keys stay; their versions are destroyed.
      may: `cloudkms.cryptoKeyVersions.destroy cloudkms.cryptoKeyVersions.list cloudkms.cryptoKeys.create
        cloudkms.cryptoKeys.get cloudkms.cryptoKeys.update`,
    },
  ],
  google_kms_crypto_key_iam_member: [{ may: given('cloudkms.cryptoKeys') }],
  google_secret_manager_secret_iam_member: [{ may: given('secretmanager.secrets') }],

  // Logs and alarms
  google_logging_project_bucket_config: [{ may: made('logging.buckets', 'logging.operations.get') }],
  google_logging_project_sink: [{ may: made('logging.sinks') }],
  'data google_logging_project_cmek_settings': [{ may: 'logging.cmekSettings.get' }],
  google_monitoring_alert_policy: [{ may: made('monitoring.alertPolicies') }],
  google_monitoring_notification_channel: [{ may: made('monitoring.notificationChannels') }],

  // Training, serving and notebooks
  google_workflows_workflow: [{ may: made('workflows.workflows', `workflows.operations.get ${ACT_AS}`) }],
  google_container_cluster: [
    {
      may: made(
        'container.clusters',
        `compute.instanceGroupManagers.get container.operations.get container.operations.list ${ACT_AS}`,
      ),
    },
  ],
  google_container_node_pool: [
    {
      may: `compute.instanceGroupManagers.get container.clusters.get container.clusters.update container.operations.get
        container.operations.list ${ACT_AS}`,
    },
  ],
  google_vertex_ai_endpoint: [{ may: made('aiplatform.endpoints') }],
  google_vertex_ai_endpoint_iam_member: [{ may: given('aiplatform.endpoints') }],
  'restful_operation models:upload': [
    { may: `aiplatform.models.delete aiplatform.models.get aiplatform.models.upload ${PULL}` },
  ],
  'restful_operation endpoints:deployModel': [
    {
      may: `aiplatform.endpoints.deploy aiplatform.endpoints.get aiplatform.endpoints.undeploy aiplatform.models.get
        ${ACT_AS}`,
    },
  ],
  'restful_operation endpoints:mutateDeployedModel': [
    { may: 'aiplatform.endpoints.deploy aiplatform.endpoints.get aiplatform.endpoints.update' },
  ],
  'restful_operation PATCH endpoints': [{ may: 'aiplatform.endpoints.get aiplatform.endpoints.update' }],
  'data restful_resource': [{ may: 'aiplatform.endpoints.get aiplatform.models.get' }],
  google_cloud_run_v2_service: [
    { may: made('run.services', `run.operations.get ${ACT_AS} ${PULL}`) },
    { may: given('run.services'), when: ['invoker_iam_disabled=true'] },
  ],
  google_cloud_run_v2_service_iam_member: [{ may: given('run.services') }],
  google_workbench_instance: [
    {
      may: made(
        'notebooks.instances',
        `notebooks.instances.start notebooks.instances.stop notebooks.operations.get ${ACT_AS}`,
      ),
    },
  ],
  google_workbench_instance_iam_member: [{ may: given('notebooks.instances') }],

  // Where the state is
  'backend local': [],
  'backend gcs': [
    {
      may: 'storage.objects.create storage.objects.delete storage.objects.get storage.objects.list storage.objects.update',
    },
  ],
};
