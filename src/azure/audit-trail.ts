import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IDataZone } from './data-lake';
import type { IEncryptionKey } from './encryption-key';
import { CHANGES, DATA, KEYS, Records } from './private/audit-trail/records';
import { groupOf, nameIn, subscriptionOf } from './private/ids';
import { CLOUD, judgeConstruct, usesAll } from './private/judge';
import { judgePrivacy } from './private/private-access';
import { requirePlace } from './private/resource-group';
import { INetwork } from './private-network';
import { judgeKept, keptAs, zonesOf } from '../core/private/audit';
import { construct } from '../core/private/brand';
import { Faults } from '../core/private/faults';
import { report } from '../core/private/report';
import { auditTrailRules } from '../core/private/rules/data';
import { judgeProps, list, Schema, struct } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of an audit trail on Azure. */
export interface AuditTrailProps extends core.AuditTrailProps {
  /**
   * Keys whose use is recorded too, with all that is done to their vaults.
   *
   * @default - none
   */
  readonly keys?: core.IEncryptionKey[];
}

const PROPS: Schema<AuditTrailProps> = {
  ...auditTrailRules(CLOUD),
  keys: list(
    construct(
      CLOUD,
      'EncryptionKey',
      'take new azure.EncryptionKey(…), or import one with azure.EncryptionKey.from…',
    ),
    { unique: 'itself' },
  ),
};

/**
 * Records of who read and wrote data on Azure: a diagnostic setting of its own on the storage account of each zone, beside
 * those that are there, and a storage account of the same region that Azure Monitor appends the records to, immutable
 * for as long as they are kept. Of an account that several share, all containers are recorded.
 */
export class AuditTrail extends Construct implements core.IAuditTrail {
  public readonly recordsId: string;
  /** The shell command that copies the records of the day `$DAY` into the directory `$RECORDS`. It needs `az login`. */
  public readonly readCommand: string;
  /** The native storage account of the records. */
  public readonly storageAccount: TerraformResource;
  /** The native diagnostic settings. */
  public readonly diagnosticSettings: TerraformResource[];

  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    judgeConstruct(this, 'AuditTrail', (faults) => judgeTrail(this, props, faults));

    const { datasets, keys = [], managementEvents, retention, encryptionKey } = props;
    const records = new Records(this, 'Records', {
      ...keptAs(this, props),
      network: props.network as INetwork | undefined,
      encryptionKey,
      retention,
    });
    this.diagnosticSettings = [
      ...accountsOf(datasets).map(([zone, account]) =>
        records.take(`Data-${zone.node.addr.slice(-8)}`, `${account}/blobServices/default`, DATA),
      ),
      ...keys.map((key) =>
        records.take(`Key-${key.node.addr.slice(-8)}`, (key as IEncryptionKey).keyVaultId, KEYS),
      ),
      ...(managementEvents ? [records.take('Changes', subscriptionIn(this), CHANGES)] : []),
    ];
    this.storageAccount = records.account;
    this.node.defaultChild = records.account;
    this.recordsId = records.account.id;
    this.readCommand = readCommand(records);
    exportAlways(this, this.recordsId);
    report(this, 'command', 'Read the records of a day', this.readCommand);
    report(
      this,
      'note',
      'Audit trail',
      'Each read, write and deletion is a record that bills by its size. A resource has at most five diagnostic settings, of which this is one.',
    );
  }
}

function judgeTrail(trail: Construct, props: AuditTrailProps, faults: Faults): void {
  judgeProps(faults, struct(PROPS), props);
  judgeKept(trail, props, faults);
  judgePrivacy(trail, props.network, faults);
  const { network, encryptionKey, datasets, keys } = props;
  usesAll(trail, { network, encryptionKey, datasets, keys }, faults);
}

/** The storage accounts of datasets, each once, with a zone that is in it. */
function accountsOf(datasets: core.IDataset[]): [IDataZone, string][] {
  const zones = zonesOf<IDataZone>(datasets).map((zone) => [zone.storageAccountName, zone] as const);
  // Of several zones the first one.
  return [...new Map([...zones].reverse()).values()]
    .reverse()
    .map((zone) => [zone, accountOf(zone.containerId)]);
}

/** The account that a container is in, by their resource ids. */
const accountOf = (containerId: string): string =>
  `/subscriptions/${subscriptionOf(containerId)}/resourceGroups/${groupOf(containerId)}/providers/Microsoft.Storage/storageAccounts/${nameIn(containerId)}`;

const subscriptionIn = (scope: Construct): string =>
  text(`/subscriptions/${requirePlace(scope).subscriptionId}`);

/** Azure Monitor files records by the hour: `…/y=2026/m=11/d=30/h=…/m=00/PT1H.json`. */
const readCommand = ({ account, containers }: Records): string =>
  `for container in ${containers.join(' ')}; do az storage blob download-batch --auth-mode login --account-name ${account.nameInput} --source "$container" --destination "$RECORDS" --pattern "*/$(echo "$DAY" | sed 's|^|y=|; s|-|/m=|; s|-|/d=|')/*"; done`;
