import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { containerIn, nameIn } from './private/ids';
import { CLOUD, grantee, judgeConstruct, usesAll } from './private/judge';
import { keyFor } from './private/keys';
import { judgePrivacy } from './private/private-access';
import { privateEndpoint } from './private/private-endpoint';
import { grantRole, grantRoleTo, RoleGrant } from './private/roles';
import {
  blobUri,
  CONTAINER_ID,
  copyCommand,
  READ,
  READ_WRITE,
  storageAccount,
  storageContainer,
} from './private/storage';
import { INetwork } from './private-network';
import { findDeclared } from '../core/private/declared';
import { Faults } from '../core/private/faults';
import { folderIn, lakeParts } from '../core/private/folders';
import { report } from '../core/private/report';
import { dataLakeRules } from '../core/private/rules/data';
import { judgeProps, record, required, Schema, struct } from '../core/private/schema';
import { isToken } from '../core/private/tokens';
import { judgeZones } from '../core/private/zones';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a data lake on Azure. */
export interface DataLakeProps extends core.DataLakeProps {}

/** A data lake on Azure. */
export interface IDataLake extends core.IDataLake {
  /**
   * The resource id of the container that a zone is.
   *
   * @param zone the zone's name
   */
  containerId(zone: string): string;
}

/** One zone of a data lake on Azure. */
export interface IDataZone extends core.IDataZone {
  /** The resource id of the container that the zone is. */
  readonly containerId: string;

  /** The name of the storage account that the container is in. */
  readonly storageAccountName: string;

  /** The container's name. */
  readonly containerName: string;
}

/** Props of a data lake whose containers exist already. */
export interface FromContainersProps {
  /** The resource ids of the containers, of accounts with hierarchical namespace, by zone name. */
  readonly containers: { [zone: string]: string };
}

/** Grants of data to native principals. */
export class DataGrants {
  /** @internal */
  constructor(private readonly lake: IDataLake) {}

  /**
   * Lets a native principal read.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   * @param part what it reads; without it all zones
   */
  public read(principalId: string, part?: core.DataLakePart): void {
    this.give(principalId, READ, part);
  }

  /**
   * Lets a native principal read, write and delete.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   * @param part what it reads and writes; without it all zones
   */
  public readWrite(principalId: string, part?: core.DataLakePart): void {
    this.give(principalId, READ_WRITE, part);
  }

  private give(principalId: string, role: string, part?: core.DataLakePart): void {
    for (const one of lakeParts(this.lake, part) as (DataZone | DataFolder)[]) {
      grantRoleTo(one._zone, principalId, one._role(role));
    }
  }
}

type ZoneParts = Pick<IDataZone, 'containerId' | 'storageAccountName' | 'containerName'>;

/** One zone of a lake: a container in a storage account of its own. */
class DataZone extends Construct implements IDataZone {
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly containerId: string;
  public readonly storageAccountName: string;
  public readonly containerName: string;

  constructor(
    scope: Construct,
    id: string,
    public readonly zoneName: string,
    make: (self: Construct) => ZoneParts,
  ) {
    super(scope, id);
    judgeConstruct(this, 'DataZone', () => undefined);
    const { containerId, storageAccountName, containerName } = make(this);
    this.containerId = containerId;
    this.storageAccountName = storageAccountName;
    this.containerName = containerName;
    this.uri = `abfss://${this.containerName}@${this.storageAccountName}.dfs.core.windows.net/`;
    this.uris = { [zoneName]: this.uri };
  }

  public folder(path: string): core.IDataFolder {
    return folderIn(this, path, (id, folder) => new DataFolder(this, id, folder));
  }

  public grantRead(workload: core.IWorkload): void {
    grantRole(grantee(this, workload), this, this._role(READ));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    grantRole(grantee(this, workload), this, this._role(READ_WRITE));
  }

  /** @internal */
  public get _zone(): DataZone {
    return this;
  }

  /** @internal */
  public _role(role: string): RoleGrant {
    return { role, scope: this.containerId };
  }
}

/** A folder of a zone. Its roles are those of the zone, with a condition: Azure takes a role once for each container. */
class DataFolder extends Construct implements core.IDataFolder {
  public readonly zoneName: string;
  public readonly uri: string;
  public readonly uris: { [name: string]: string };
  public readonly storageAccountName: string;
  public readonly containerName: string;

  constructor(
    /** @internal */
    public readonly _zone: DataZone,
    id: string,
    public readonly folderPath: string,
  ) {
    super(_zone, id);
    judgeConstruct(this, 'DataFolder', () => undefined);
    this.zoneName = _zone.zoneName;
    this.storageAccountName = _zone.storageAccountName;
    this.containerName = _zone.containerName;
    this.uri = `${_zone.uri}${folderPath}`;
    this.uris = { [this.zoneName]: this.uri };
  }

  public grantRead(workload: core.IWorkload): void {
    grantRole(grantee(this, workload), this._zone, this._role(READ));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    grantRole(grantee(this, workload), this._zone, this._role(READ_WRITE));
  }

  /** @internal */
  public _role(role: string): RoleGrant {
    return { ...this._zone._role(role), folder: this.folderPath };
  }
}

/** What a lake is, made or imported. */
abstract class DataLakeBase extends Construct implements IDataLake {
  /** Grants to native principals: of all zones, or of a part. */
  public readonly grants: DataGrants = new DataGrants(this);
  /** @internal */
  protected abstract readonly _zones: ReadonlyMap<string, DataZone>;

  public get zoneNames(): string[] {
    return [...this._zones.keys()];
  }

  public get uris(): { [name: string]: string } {
    return Object.fromEntries([...this._zones.values()].map(({ zoneName, uri }) => [zoneName, uri]));
  }

  public zone(name: string): core.IDataZone {
    return this.find(name);
  }

  public containerId(zone: string): string {
    return this.find(zone).containerId;
  }

  public grantRead(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantRead(workload));
  }

  public grantReadWrite(workload: core.IWorkload): void {
    this._zones.forEach((zone) => zone.grantReadWrite(workload));
  }

  private find(name: string): DataZone {
    return findDeclared(this, this._zones, 'zone', name, 'zones');
  }
}

/** The one container of a zone's account. */
const CONTAINER = 'data';

/**
 * A data lake on Azure: per zone a storage account with hierarchical namespace (Azure Data Lake Storage Gen2) and a
 * container in it, reached by identities of Microsoft Entra alone, over private endpoints where there is a `network`.
 * Azure keeps no versions there: deleted files can be restored, overwritten ones cannot. Idle, it bills for the stored
 * bytes, and for the private endpoints.
 */
export class DataLake extends DataLakeBase {
  /**
   * A lake of containers that exist already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the containers by zone name
   */
  public static fromContainers(scope: Construct, id: string, props: FromContainersProps): IDataLake {
    return new ImportedLake(scope, id, props);
  }

  /** The shell command that uploads the directory `$DATA` to the first zone. It needs azcopy and `az login`. */
  public readonly uploadCommand: string;
  /** The shell command that discovers tables: undefined on Azure. */
  public readonly discoverCommand?: string;
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;

  constructor(scope: Construct, id: string, props: DataLakeProps = {}) {
    super(scope, id);
    const zones = judgeConstruct(this, 'DataLake', (faults) => judgeLake(this, props, faults));

    this._zones = new Map(
      zones.map((zone) => [
        zone.name,
        new DataZone(this, `Zone-${zone.name}`, zone.name, (self) => container(self, zone, props)),
      ]),
    );
    const [first] = this._zones.values();
    this.uploadCommand = copyCommand('$DATA', blobUri(first.storageAccountName, first.containerName));
    report(this, 'command', 'Upload data', this.uploadCommand);
    report(
      this,
      'note',
      'Overwritten files',
      'Azure Data Lake Storage keeps no versions: what is deleted can be restored, what is overwritten cannot.',
    );
  }

  /**
   * The native storage account of a zone.
   *
   * @param zone the zone's name
   */
  public storageAccount(zone: string): TerraformResource {
    return this.zone(zone).node.defaultChild as TerraformResource;
  }
}

function judgeLake(lake: Construct, props: DataLakeProps, faults: Faults): core.DataZoneProps[] {
  judgeProps(faults, struct<DataLakeProps>(dataLakeRules(CLOUD)), props);
  const zones = judgeZones(props.zones, faults);
  zones.forEach(({ keepOldVersionsDays: keep }, i) => {
    if (keep !== undefined && !isToken(keep) && keep > 365) {
      faults.add(
        'CMC-040',
        `zones[${i}].keepOldVersionsDays`,
        `(${keep}) must be at most 365, as long as Azure lets deleted files be restored: copy what must stay longer`,
      );
    }
  });
  if (props.discovery) {
    faults.add(
      'CMC-040',
      'discovery',
      'is not made on Azure, whose catalog (Microsoft Purview) is one for the whole tenant: leave it out, and register the storage accounts there',
    );
  }
  judgePrivacy(lake, props.network, faults);
  usesAll(lake, { network: props.network, encryptionKey: props.encryptionKey }, faults);
  return zones;
}

/** The container of a zone, in an account of its own: what can be restored for how long is a matter of accounts. */
function container(zone: Construct, props: core.DataZoneProps, lake: DataLakeProps): ZoneParts {
  const network = lake.network as INetwork | undefined;
  const account = storageAccount(zone, 'Account', {
    hierarchical: true,
    key: keyFor(zone, lake.encryptionKey),
    retention: lake.retention,
    keepOldVersionsDays: props.keepOldVersionsDays,
    isPrivate: () => network !== undefined,
  });
  if (network) {
    privateEndpoint(zone, network, { resourceId: account.id, service: 'blob' });
    privateEndpoint(zone, network, { resourceId: account.id, service: 'dfs' });
  }
  const { coldAfterDays, expireAfterDays } = props;
  if (coldAfterDays ?? expireAfterDays) {
    new StorageManagementPolicy(zone, 'Lifecycle', {
      storageAccountId: account.id,
      rule: [
        {
          name: 'age',
          enabled: true,
          filters: { blobTypes: ['blockBlob'] },
          actions: {
            baseBlob: {
              tierToCoolAfterDaysSinceModificationGreaterThan: coldAfterDays,
              deleteAfterDaysSinceModificationGreaterThan: expireAfterDays,
            },
          },
        },
      ],
    });
  }
  zone.node.defaultChild = account;
  const { id } = storageContainer(zone, 'Container', account, CONTAINER, lake.retention);
  exportAlways(zone, id);
  // The name itself, not a reference: commands and jobs are told of it.
  return { containerId: id, storageAccountName: account.nameInput!, containerName: CONTAINER };
}

const FROM_CONTAINERS: Schema<FromContainersProps> = {
  containers: required(
    record(CONTAINER_ID, { keys: /^[a-z][a-z0-9-]*$/, means: "a zone: lower-case letters, digits and '-'" }),
  ),
};

const partsOf = (containerId: string): ZoneParts => ({
  containerId,
  storageAccountName: nameIn(containerId),
  containerName: containerIn(containerId),
});

class ImportedLake extends DataLakeBase {
  /** @internal */
  protected readonly _zones: ReadonlyMap<string, DataZone>;

  constructor(scope: Construct, id: string, props: FromContainersProps) {
    super(scope, id);
    judgeConstruct(this, 'DataLake', (faults) => {
      judgeProps(faults, struct(FROM_CONTAINERS), props);
      if (faults.none && Object.keys(props.containers).length === 0) {
        faults.add('CMC-002', 'containers', 'is required: give at least one, by the name of its zone');
      }
    });
    this._zones = new Map(
      Object.entries(props.containers).map(([name, containerId]) => [
        name,
        new DataZone(this, `Zone-${name}`, name, () => partsOf(text(containerId))),
      ]),
    );
  }
}
