import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { IResolvable, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../../core';
import { profileOf } from '../../core/private/profile';
import { Rule, text } from '../../core/private/schema';
import { keep } from '../../terraform/kept';
import { IEncryptionKey } from '../encryption-key';
import { StorageReplication } from '../platform-stack';
import { after } from './judge';
import { readyOf } from './keys';
import { accessLogs, sendLogs } from './logs';
import { nameOf, NAMES } from './names';
import { homeOf, requirePlace } from './resource-group';

export interface StorageOptions {
  readonly key?: IEncryptionKey;
  readonly retention?: core.DataRetention;
  /** With a hierarchy of folders (Azure Data Lake Storage), else with versions of blobs. */
  readonly hierarchical: boolean;
  /** Days that deleted blobs can be restored, and overwritten ones where there are versions. @default - as the profile says */
  readonly keepOldVersionsDays?: number;
  /** Whether it is reached by private endpoints only, which is asked at synthesis. */
  readonly isPrivate: () => boolean;
  /** Whether Azure Monitor writes to it: let past the rules of its network, it needs a public address to come by. */
  readonly takesLogs?: boolean;
}

/** A storage account as every construct has it: no keys, nothing anonymous, TLS 1.2, encrypted, access-logged. */
export function storageAccount(scope: Construct, id: string, options: StorageOptions): StorageAccount {
  const { key, hierarchical, retention, keepOldVersionsDays } = options;
  const days = keepOldVersionsDays ?? profileOf(scope).oldVersionsDays;
  const account = new StorageAccount(scope, id, {
    ...homeOf(scope),
    name: nameOf(scope, NAMES.storageAccount),
    accountKind: 'StorageV2',
    accountTier: 'Standard',
    accountReplicationType: requirePlace(scope).storageReplication ?? StorageReplication.ZRS,
    isHnsEnabled: hierarchical,
    minTlsVersion: 'TLS1_2',
    httpsTrafficOnlyEnabled: true,
    sharedAccessKeyEnabled: false,
    defaultToOauthAuthentication: true,
    allowNestedItemsToBePublic: false,
    crossTenantReplicationEnabled: false,
    allowedCopyScope: 'AAD',
    localUserEnabled: false,
    infrastructureEncryptionEnabled: true,
    publicNetworkAccessEnabled: lazily(() => !options.isPrivate() || options.takesLogs === true),
    networkRules: {
      defaultAction: Lazy.stringValue({ produce: () => (options.isPrivate() ? 'Deny' : 'Allow') }),
      bypass: ['AzureServices'],
    },
    blobProperties: {
      // Azure refuses versions where there is a hierarchy of folders.
      versioningEnabled: hierarchical ? undefined : true,
      deleteRetentionPolicy: { days },
      containerDeleteRetentionPolicy: { days },
    },
    identity: key && { type: 'UserAssigned', identityIds: [key.identityId] },
    customerManagedKey: key && { keyVaultKeyId: key.keyId, userAssignedIdentityId: key.identityId },
    dependsOn: after(scope, ...readyOf(key)),
  });
  keep(account, retention);
  sendLogs(scope, `${id}Logs`, {
    resourceId: `${account.id}/blobServices/default`,
    workspaceId: accessLogs(scope).id,
    logs: ['StorageRead', 'StorageWrite', 'StorageDelete'].map((category) => ({ category })),
  });
  return account;
}

/** What only synthesis knows: whoever came with a network. */
const lazily = (produce: () => boolean) => Lazy.anyValue({ produce }) as unknown as boolean | IResolvable;

/** A container of an account. Made by Azure's control plane, it needs no way into the account's network. */
export function storageContainer(
  scope: Construct,
  id: string,
  account: StorageAccount,
  name: string,
  retention?: core.DataRetention,
): StorageContainer {
  const container = new StorageContainer(scope, id, {
    name,
    storageAccountId: account.id,
    containerAccessType: 'private',
  });
  keep(container, retention);
  return container;
}

/** The built-in roles for blobs. */
export const READ = 'Storage Blob Data Reader';
export const READ_WRITE = 'Storage Blob Data Contributor';

export const CONTAINER_ID: Rule = text({
  pattern:
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+\/blobServices\/default\/containers\/[^/]+$/,
  means:
    'the resource id of a container: /subscriptions/…/storageAccounts/…/blobServices/default/containers/…',
});

/** Where a container's blobs are. */
export const blobUri = (account: string, container: string): string =>
  `https://${account}.blob.core.windows.net/${container}/`;

/**
 * The shell command that copies a directory, or what is below a URL, as whoever is logged in. Azure takes two slashes for
 * a folder without a name.
 */
export const copyCommand = (from: string, to: string): string =>
  `AZCOPY_AUTO_LOGIN_TYPE=AZCLI azcopy copy "$(echo "${from}" | sed 's:/*$::')/*" "${to}" --recursive`;
