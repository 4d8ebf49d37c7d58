import { MonitorDiagnosticSetting } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainerImmutabilityPolicy } from '@cdktf/provider-azurerm/lib/storage-container-immutability-policy';
import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { Construct } from 'constructs';
import { DataRetention, IEncryptionKey } from '../../../core';
import { Kept } from '../../../core/private/audit';
import { INetwork } from '../../private-network';
import { keyFor } from '../keys';
import { nameOf, NAMES } from '../names';
import { privateEndpoint } from '../private-endpoint';
import { storageAccount, storageContainer } from '../storage';

/** What Azure Monitor calls the logs of one kind of resource. */
export interface Recorded {
  readonly categories: readonly string[];
  /** The containers that it writes them to. */
  readonly containers: readonly string[];
}

const logsOf = (...categories: string[]): Recorded => ({
  categories,
  containers: categories.map((category) => `insights-logs-${category.toLowerCase()}`),
});

export const DATA = logsOf('StorageRead', 'StorageWrite', 'StorageDelete');
export const KEYS = logsOf('AuditEvent');
/** The activity log has one container for all of its categories. */
export const CHANGES: Recorded = {
  categories: ['Administrative', 'Security', 'Policy'],
  containers: ['insights-activity-logs'],
};

/** A container for each kind, recorded or not: one that came and went would take its records along. */
const CONTAINERS: readonly string[] = [DATA, KEYS, CHANGES].flatMap(({ containers }) => containers);

export interface RecordsOptions extends Kept {
  readonly network?: INetwork;
  readonly encryptionKey?: IEncryptionKey;
  readonly retention?: DataRetention;
}

/** Where records are kept: a storage account with the containers that Azure Monitor appends to, and nobody changes. */
export class Records extends Construct {
  public readonly account: StorageAccount;
  public readonly containers = CONTAINERS;
  private readonly policies: StorageContainerImmutabilityPolicy[];

  constructor(scope: Construct, id: string, options: RecordsOptions) {
    super(scope, id);
    const { network, days, locked, retention, encryptionKey } = options;
    this.account = storageAccount(this, 'Account', {
      // Azure Monitor writes to no account with a hierarchy of folders.
      hierarchical: false,
      key: keyFor(this, encryptionKey),
      retention,
      isPrivate: () => network !== undefined,
      takesLogs: true,
    });
    this.node.defaultChild = this.account;
    if (network) {
      privateEndpoint(this, network, { resourceId: this.account.id, service: 'blob' });
    }
    this.policies = this.containers.map((name) => {
      const container = storageContainer(this, `Container-${name}`, this.account, name, retention);
      return new StorageContainerImmutabilityPolicy(this, `Immutable-${name}`, {
        storageContainerResourceManagerId: container.id,
        immutabilityPeriodInDays: days,
        protectedAppendWritesEnabled: true,
        locked,
      });
    });
    new StorageManagementPolicy(this, 'Lifecycle', {
      storageAccountId: this.account.id,
      rule: [
        {
          name: 'age',
          enabled: true,
          filters: { blobTypes: ['appendBlob'] },
          actions: {
            baseBlob: { deleteAfterDaysSinceModificationGreaterThan: days },
            version: { deleteAfterDaysSinceCreation: days },
          },
        },
      ],
    });
  }

  /** Records what is done to a resource, beside what is recorded of it already. */
  public take(id: string, resourceId: string, { categories }: Recorded): MonitorDiagnosticSetting {
    const holder = new Construct(this, id);
    return new MonitorDiagnosticSetting(holder, 'Setting', {
      name: nameOf(holder, NAMES.endpoint),
      targetResourceId: resourceId,
      storageAccountId: this.account.id,
      enabledLog: categories.map((category) => ({ category })),
      // What comes before them could be changed.
      dependsOn: this.policies,
    });
  }
}
