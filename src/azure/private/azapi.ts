import { ITerraformDependable, TerraformResourceLifecycle, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { requirePlace } from './resource-group';
import {
  configurationOf,
  GenericProvider,
  GenericResource,
  providerIn,
  ProviderForm,
} from '../../terraform/generic';
import { text } from '../../terraform/text';

/** What azurerm lacks: a resource by its ARM type, checked by the provider against ARM's own schema. */
export const AZAPI: ProviderForm = { name: 'azapi', source: 'Azure/azapi', version: '~> 2.5' };

/** The version of the Azure Machine Learning API; azurerm uses the same. */
export const ML_API = '2025-06-01';

export interface AzapiConfig {
  /** `Microsoft.…/type@version` */
  readonly type: string;
  readonly name: string;
  readonly parentId: string;
  readonly location?: string;
  /** Resource ids of user-assigned identities. */
  readonly identityIds?: string[];
  /** As ARM spells it. Text of users passes `text` first. */
  readonly body: { readonly [key: string]: unknown };
  /** What of the answer is read: `output.<path>`. */
  readonly responseExportValues?: string[];
  /** Arguments of azapi_resource that are seldom needed, by Terraform's names. */
  readonly more?: { readonly [argument: string]: unknown };
  readonly dependsOn?: ITerraformDependable[];
  readonly lifecycle?: TerraformResourceLifecycle;
}

/** An `azapi_resource`. */
export function azapiResource(scope: Construct, id: string, config: AzapiConfig): GenericResource {
  return azapi(
    scope,
    id,
    'azapi_resource',
    {
      type: config.type,
      name: config.name,
      parent_id: config.parentId,
      location: config.location,
      identity: config.identityIds && [{ type: 'UserAssigned', identity_ids: config.identityIds }],
      body: config.body,
      response_export_values: config.responseExportValues ?? [],
      ...config.more,
    },
    config,
  );
}

/** Any resource of the azapi provider: `azapi_update_resource`, `azapi_resource_action`. */
export function azapi(
  scope: Construct,
  id: string,
  type: string,
  args: { readonly [argument: string]: unknown },
  meta: { readonly dependsOn?: ITerraformDependable[]; readonly lifecycle?: TerraformResourceLifecycle } = {},
): GenericResource {
  withAzapi(scope);
  return new GenericResource(scope, id, {
    type,
    form: AZAPI,
    arguments: args,
    dependsOn: meta.dependsOn,
    lifecycle: meta.lifecycle,
  });
}

/** Brings the azapi provider to the stack of a construct, unless it is there. It signs in as azurerm does. */
export function withAzapi(construct: IConstruct): void {
  const { subscriptionId, tags } = requirePlace(construct);
  const stack = TerraformStack.of(construct);
  GenericProvider.of(stack, AZAPI, () => {
    const azurerm = configurationOf(providerIn(stack, 'azurerm'));
    const { ado_pipeline_service_connection_id: connection } = azurerm;
    return {
      ...Object.fromEntries(SIGN_IN.map((name) => [name, azurerm[name]])),
      oidc_azure_service_connection_id: connection,
      subscription_id: text(subscriptionId),
      default_tags: tags && text(tags),
    };
  });
}

/** How azurerm signs in, by arguments that both providers have. */
const SIGN_IN = [
  'auxiliary_tenant_ids',
  'client_certificate',
  'client_certificate_password',
  'client_certificate_path',
  'client_id',
  'client_id_file_path',
  'client_secret',
  'client_secret_file_path',
  'environment',
  'oidc_request_token',
  'oidc_request_url',
  'oidc_token',
  'oidc_token_file_path',
  'tenant_id',
  'use_aks_workload_identity',
  'use_cli',
  'use_msi',
  'use_oidc',
];
