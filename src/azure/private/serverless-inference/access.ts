import { ContainerApp } from '@cdktf/provider-azurerm/lib/container-app';
import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { text } from '../../../terraform/text';
import type { EntraAuthentication } from '../../serverless-inference';
import { azapi, azapiResource } from '../azapi';
import { homeOf } from '../resource-group';

const APP = 'Microsoft.App/containerApps';
const APP_API = '2025-01-01';

/** Where an app is asked: below its environment's domain, with a level of its own for those of the environment only. */
export const urlOf = (name: string, domain: string, outside: boolean, path: string): string =>
  `https://${name}.${outside ? '' : 'internal.'}${domain}${text(path)}`;

/** Sends the file `$REQUEST`; with an app registration also a token of the caller's. */
export function requestCommand(url: string, clientId?: string): string {
  const token = `az account get-access-token --scope ${clientId}/.default --query accessToken --output tsv`;
  return [
    'curl --fail-with-body',
    ...(clientId ? [`--header "authorization: Bearer $(${token})"`] : []),
    `--header 'content-type: application/json' --data-binary "@$REQUEST" ${url}`,
  ].join(' ');
}

/**
 * Lets only tokens of Microsoft Entra in, of principals that are allowed. The app opens after that, and closes before
 * that ends: never does it answer anyone else.
 */
export function authenticate(
  scope: Construct,
  app: ContainerApp,
  { clientId, tenantId }: EntraAuthentication,
  allowedPrincipalIds: string[],
): TerraformResource {
  const id = text(clientId);
  const tenant = tenantId ? text(tenantId) : new DataAzurermClientConfig(scope, 'Tenant', {}).tenantId;
  const authentication = azapiResource(scope, 'Authentication', {
    type: `${APP}/authConfigs@${APP_API}`,
    parentId: app.id,
    // The service takes no other.
    name: 'current',
    body: {
      properties: {
        platform: { enabled: true },
        globalValidation: { unauthenticatedClientAction: 'Return401' },
        httpSettings: { requireHttps: true },
        login: { tokenStore: { enabled: false } },
        identityProviders: {
          azureActiveDirectory: {
            enabled: true,
            registration: {
              clientId: id,
              openIdIssuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
            },
            validation: {
              allowedAudiences: [id, `api://${id}`],
              // An empty list would let every principal of the tenant in.
              defaultAuthorizationPolicy: { allowedPrincipals: { identities: allowedPrincipalIds } },
            },
          },
        },
      },
    },
  });
  const type = `${APP}@${APP_API}`;
  const ingress = (external: boolean) => ({ properties: { configuration: { ingress: { external } } } });
  azapi(
    scope,
    'Open',
    'azapi_update_resource',
    { type, resource_id: app.id, body: ingress(true) },
    { dependsOn: [authentication] },
  );
  azapi(
    scope,
    'Close',
    'azapi_resource_action',
    {
      type,
      resource_id: app.id,
      method: 'PATCH',
      when: 'destroy',
      body: { location: homeOf(scope).location, ...ingress(false) },
    },
    { dependsOn: [authentication] },
  );
  return authentication;
}
