import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { Construct } from 'constructs';
import { profileOf } from '../../../core/private/profile';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import type { IModelRegistry } from '../../model-registry';
import type { INetwork } from '../../private-network';
import { belowFolder } from '../conditions';
import { keyFor } from '../keys';
import { nameOf } from '../names';
import { privateEndpoint } from '../private-endpoint';
import { READ_WRITE, storageAccount, storageContainer } from '../storage';

/** The name of the container of jobs; the account is the cluster's own. */
const CONTAINER = 'jobs';

/** Where jobs keep what they write. */
export interface JobStore {
  readonly account: StorageAccount;
  readonly container: StorageContainer;
  /** `abfss://…/`, below which runs have theirs. */
  readonly checkpoints: string;
  readonly outputs: string;
}

/** The cluster's own store, in which checkpoints expire. */
export function jobStore(cluster: Construct, props: GpuTrainingClusterProps): JobStore {
  const network = props.network as INetwork | undefined;
  const account = storageAccount(cluster, 'JobStorage', {
    key: keyFor(cluster, props.encryptionKey),
    retention: props.retention,
    hierarchical: true,
    keepOldVersionsDays: profileOf(cluster).oldJobVersionsDays,
    isPrivate: () => network !== undefined,
  });
  const container = storageContainer(cluster, 'Jobs', account, CONTAINER, props.retention);
  new StorageManagementPolicy(cluster, 'JobsLifecycle', {
    storageAccountId: account.id,
    rule: [
      {
        name: 'checkpoints',
        enabled: true,
        filters: { prefixMatch: [`${CONTAINER}/checkpoints/`], blobTypes: ['blockBlob', 'appendBlob'] },
        actions: {
          baseBlob: {
            deleteAfterDaysSinceModificationGreaterThan: props.checkpointExpireAfterDays ?? 30,
          },
        },
      },
    ],
  });
  if (network) {
    privateEndpoint(cluster, network, { resourceId: account.id, service: 'blob' });
    privateEndpoint(cluster, network, { resourceId: account.id, service: 'dfs' });
  }
  const root = `abfss://${CONTAINER}@${account.name}.dfs.core.windows.net/`;
  return { account, container, checkpoints: `${root}checkpoints/`, outputs: `${root}output/` };
}

/** Where jobs leave models: in the registry's store below `training/<cluster>/`, of which they see no more; else in their own. */
export function modelStore(
  cluster: Construct,
  own: JobStore,
  principalId: string,
  registry?: IModelRegistry,
): string {
  if (!registry) {
    return own.outputs;
  }
  const folder = `training/${nameOf(cluster, { maxLength: 64 })}/`;
  new RoleAssignment(cluster, 'ModelsRole', {
    scope: registry.artifactContainerId,
    roleDefinitionName: READ_WRITE,
    principalId,
    principalType: 'ServicePrincipal',
    conditionVersion: '2.0',
    condition: belowFolder(folder),
  });
  return `${registry.artifactUri}${folder}`;
}
