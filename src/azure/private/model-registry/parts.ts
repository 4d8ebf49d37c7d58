import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { Construct } from 'constructs';
import { keep } from '../../../terraform/kept';
import { text } from '../../../terraform/text';
import type { ModelRegistryProps } from '../../model-registry';
import type { INetwork } from '../../private-network';
import { azapiResource, ML_API } from '../azapi';
import { keyFor } from '../keys';
import { nameOf } from '../names';
import { privateEndpoint } from '../private-endpoint';
import { storageAccount } from '../storage';
import { Workspace } from '../workspace';

/** The container of the models' files. */
export const CONTAINER = 'models';

/** The storage account of the models' files, with versions. */
export function artifactAccount(registry: Construct, props: ModelRegistryProps): StorageAccount {
  const network = props.network as INetwork | undefined;
  const account = storageAccount(registry, 'Artifacts', {
    hierarchical: false,
    key: keyFor(registry, props.encryptionKey),
    retention: props.retention,
    keepOldVersionsDays: 365,
    isPrivate: () => network !== undefined,
  });
  new StorageManagementPolicy(registry, 'ArtifactsLifecycle', {
    storageAccountId: account.id,
    rule: [
      {
        name: 'old-versions',
        enabled: true,
        filters: { blobTypes: ['blockBlob'] },
        actions: { version: { deleteAfterDaysSinceCreation: 365 } },
      },
    ],
  });
  if (network) {
    privateEndpoint(registry, network, { resourceId: account.id, service: 'blob' });
  }
  return account;
}

/** Lets the workspace find the files, as its own identity. */
export function datastore(registry: Construct, workspace: Workspace, account: StorageAccount): string {
  const name = nameOf(registry, { maxLength: 60, separator: '_' });
  azapiResource(registry, 'Datastore', {
    type: `Microsoft.MachineLearningServices/workspaces/datastores@${ML_API}`,
    parentId: workspace.id,
    name,
    body: {
      properties: {
        datastoreType: 'AzureBlob',
        accountName: account.name,
        containerName: CONTAINER,
        protocol: 'https',
        endpoint: 'core.windows.net',
        credentials: { credentialsType: 'None' },
        serviceDataAccessAuthIdentity: 'WorkspaceUserAssignedIdentity',
      },
    },
  });
  return name;
}

/** A model of the workspace, without a version yet. */
export function modelAsset(
  registry: Construct,
  workspace: Workspace,
  model: string,
  props: ModelRegistryProps,
): string {
  const holder = new Construct(registry, `Model-${model}`);
  const name = nameOf(holder, { maxLength: 60 });
  const resource = azapiResource(holder, 'Model', {
    type: `Microsoft.MachineLearningServices/workspaces/models@${ML_API}`,
    parentId: workspace.id,
    name,
    body: { properties: { tags: { registry: text(registry.node.path), model } } },
  });
  keep(resource, props.retention);
  holder.node.defaultChild = resource;
  return name;
}
