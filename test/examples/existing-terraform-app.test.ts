import { readdirSync, readFileSync, statSync } from 'fs';
import { homedir, hostname, tmpdir } from 'os';
import { basename, join } from 'path';
import * as azure from '../../examples/existing-terraform-app/azure';
import * as google from '../../examples/existing-terraform-app/google';
import { newApp, only, Synthesized, synthesized } from '../terraform/support';

const apps = [google.FraudStack, azure.FraudStack].map((Stack) => {
  const app = newApp();
  new Stack(app, 'fraud');
  return app;
});
const [onGoogle, onAzure] = apps.map((app) => synthesized(app).fraud);

const all = (json: Synthesized, type: string): any[] => Object.values(json.resource?.[type] ?? {});

describe('on Google Cloud', () => {
  const provider = {
    project: 'acme-fraud',
    region: 'europe-west4',
    default_labels: { team: 'fraud', cost_centre: '4711' },
    impersonate_service_account: 'terraform@acme-fraud.iam.gserviceaccount.com',
    user_project_override: true,
    billing_project: 'acme-fraud',
  };

  test('the state and the provider are the team’s, and other providers act and bill as it does', () => {
    expect(onGoogle.terraform.backend).toEqual({
      gcs: { bucket: 'acme-terraform-state', prefix: 'fraud/fraud' },
    });
    expect(onGoogle.provider).toMatchObject({
      google: [provider],
      'google-beta': [provider],
      restful: [{ header: { 'x-goog-user-project': 'acme-fraud' } }],
    });
  });

  test('no API is enabled and no network, DNS or key is made: the landing zone has them', () => {
    // The agent of a service is none of these: its API is on already.
    const types = Object.keys(onGoogle.resource!);
    expect(types.filter((type) => /project_service$|_network$|subnetwork$|_dns_|_kms_/.test(type))).toEqual(
      [],
    );
    expect(only(onGoogle, 'google_compute_network_attachment').subnetworks).toEqual([
      'projects/acme-host/regions/europe-west4/subnetworks/fraud',
    ]);
    expect(only(onGoogle, 'google_compute_address').subnetwork).toBe(
      'projects/acme-host/regions/europe-west4/subnetworks/fraud',
    );
  });

  test('buckets of others are read by the jobs, and told to them', () => {
    const readers = all(onGoogle, 'google_storage_bucket_iam_member')
      .filter(({ role }) => role === 'roles/storage.objectViewer')
      .map(({ bucket }) => bucket);
    expect(readers).toEqual(
      expect.arrayContaining(['acme-transactions', '${google_storage_bucket.Events.name}']),
    );
    const workflow = only(onGoogle, 'google_workflows_workflow').source_contents;
    expect(workflow).toContain('gs://acme-transactions/');
  });

  test('the team’s own members are granted to, and its overrides hold', () => {
    expect(only(onGoogle, 'google_vertex_ai_endpoint_iam_member').member).toBe(
      '${google_service_account.Analyst.member}',
    );
    expect(only(onGoogle, 'google_vertex_ai_endpoint').labels).toMatchObject({ owner: 'fraud' });
    const features = onGoogle.resource!.google_storage_bucket['Lake_Zone-features_Bucket_0C247A51'];
    expect(features.labels).toEqual({ dataset: '${google_bigquery_dataset.Reports.dataset_id}' });
  });
});

describe('on Azure', () => {
  const signIn = {
    client_id: 'dddddddd-2222-3333-4444-555555555555',
    tenant_id: 'cccccccc-2222-3333-4444-555555555555',
    subscription_id: '11111111-2222-3333-4444-555555555555',
    use_oidc: true,
  };

  test('the state and the provider are the team’s, and azapi signs in as it does', () => {
    expect(onAzure.terraform.backend.azurerm.key).toBe('fraud/fraud.tfstate');
    expect(onAzure.provider).toMatchObject({
      azurerm: [{ ...signIn, storage_use_azuread: true }],
      azapi: [{ ...signIn, default_tags: { team: 'fraud', costCentre: '4711' } }],
    });
  });

  test('no group, workspace, registry, network or DNS zone is made: the landing zone has them', () => {
    const types = Object.keys(onAzure.resource!);
    expect(
      types.filter((type) => /resource_group|container_registry|_network$|subnet$|_dns_/.test(type)),
    ).toEqual([]);
    const made = all(onAzure, 'azapi_resource').map(({ type }) => type.split('@')[0]);
    expect(made).not.toContain('Microsoft.MachineLearningServices/workspaces');
    const workspace =
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/ml-shared/providers/Microsoft.MachineLearningServices/workspaces/acme-ml';
    expect(only(onAzure, 'azurerm_machine_learning_compute_cluster')).toMatchObject({
      machine_learning_workspace_id: workspace,
      subnet_resource_id: expect.stringContaining('/virtualNetworks/fraud/subnets/workloads'),
    });
  });

  test('private endpoints are found by the names of the hub', () => {
    const endpoints = all(onAzure, 'azurerm_private_endpoint');
    expect(endpoints.length).toBeGreaterThan(1);
    for (const { subnet_id, private_dns_zone_group, private_service_connection } of endpoints) {
      expect(subnet_id).toContain('/virtualNetworks/fraud/subnets/endpoints');
      const [service] = private_service_connection.subresource_names;
      expect(private_dns_zone_group.private_dns_zone_ids).toEqual([
        `/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/hub-network/providers/Microsoft.Network/privateDnsZones/privatelink.${service}.core.windows.net`,
      ]);
    }
  });

  test('tags are on what the constructs made, and not on what the team made', () => {
    const { Events, ...made } = onAzure.resource!.azurerm_storage_account;
    expect(Events.tags).toBeUndefined();
    expect(Object.values(made)).toHaveLength(3);
    for (const { tags } of Object.values(made)) {
      expect(tags).toMatchObject({ team: 'fraud', costCentre: '4711' });
    }
    expect(onAzure.resource!.azurerm_log_analytics_workspace).toMatchObject({
      MlAccessLogs_Workspace_B804CBC5: { tags: { team: 'fraud' } },
    });
  });

  test('the team’s own principals are granted to', () => {
    const principals = all(onAzure, 'azurerm_role_assignment').map(({ principal_id }) => principal_id);
    expect(
      principals.filter((id) => id === '${azurerm_user_assigned_identity.Analyst.principal_id}'),
    ).toHaveLength(2);
  });
});

test('nothing that is written names the machine', () => {
  const files = apps.flatMap(({ outdir }) =>
    readdirSync(outdir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(outdir, name))
      .filter((path) => statSync(path).isFile()),
  );
  expect(files.map((path) => basename(path)).sort()).toEqual([
    ...['cdk.tf.json', 'cdk.tf.json'],
    ...['manifest.json', 'manifest.json'],
    ...['html', 'json', 'md'].flatMap((type) => [`report.${type}`, `report.${type}`]),
  ]);
  const written = files.map((path) => readFileSync(path, 'utf8')).join('\n');
  const ofThisMachine = [process.cwd(), tmpdir(), homedir(), hostname()].filter(({ length }) => length > 3);
  expect(ofThisMachine.filter((one) => written.includes(one))).toEqual([]);
});
