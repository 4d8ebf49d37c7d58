import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { IResolvable, Lazy, TerraformElement, TerraformResource, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import * as core from '../../core';
import { report } from '../../core/private/report';
import { exportAlways } from '../../terraform/exports';
import { keep } from '../../terraform/kept';
import { text } from '../../terraform/text';
import { IEncryptionKey } from '../encryption-key';
import { INetwork } from '../private-network';
import { azapiResource, ML_API } from './azapi';
import { groupOf, nameIn, subscriptionOf } from './ids';
import { after } from './judge';
import { keyFor, readyOf } from './keys';
import { accessLogs } from './logs';
import { nameOf, NAMES } from './names';
import { privateEndpoint } from './private-endpoint';
import { deploymentOf, homeOf, requirePlace, resourceGroupId } from './resource-group';
import { assignRole, settled } from './roles';
import { READ_WRITE, storageAccount } from './storage';

/** The ids of a stack's workspace are part of the API: they decide its address and name. */
const WORKSPACE = 'MlWorkspace';

/** A container registry as constructs use it. */
export interface Registry {
  readonly id: string;
  /** `<name>.azurecr.io` */
  readonly loginServer: string;
  readonly name: string;
}

/** An Azure Machine Learning workspace as constructs use it. */
export interface Workspace {
  /** The construct that it belongs to: who uses it from another stack comes after. */
  readonly owner: IConstruct;
  readonly id: string;
  /** Not references: commands are made of them. */
  readonly name: string;
  readonly resourceGroupName: string;
  readonly subscriptionId: string;
  /** None where an imported workspace says none. */
  readonly containerRegistry?: Registry;
  /** Where it puts logs and traces; none where it is imported. */
  readonly applicationInsightsConnectionString?: string;
  /** The resource; none where it is imported. */
  readonly resource?: TerraformResource;
  /** What a child of the workspace waits for, before `after`. */
  readonly ready: TerraformElement[];
  /** What must stand before it, its registry and its files are reached from a network. */
  reachedFrom(network?: INetwork): TerraformElement[];
  /** Keeps what it holds: models, images, files. */
  retain(): void;
}

/**
 * The workspace of a construct's stack, made on first need or the one that the stack was told of. It is reached by
 * private endpoints alone where everyone who needed it brought a network.
 */
export function workspaceFor(
  user: IConstruct,
  { network, encryptionKey }: { network?: core.INetwork; encryptionKey?: core.IEncryptionKey } = {},
): Workspace {
  const stack = TerraformStack.of(user);
  const found = stack.node.tryFindChild(WORKSPACE) as OwnWorkspace | ImportedWorkspace | undefined;
  const workspace =
    found ??
    (requirePlace(stack).workspaceId
      ? new ImportedWorkspace(stack, WORKSPACE)
      : new OwnWorkspace(stack, WORKSPACE, keyFor(user, encryptionKey)));
  workspace.joinedBy(network as INetwork | undefined);
  return workspace;
}

class OwnWorkspace extends Construct implements Workspace {
  public readonly owner: IConstruct = this;
  public readonly id: string;
  public readonly name: string;
  public readonly resourceGroupName: string;
  public readonly subscriptionId: string;
  public readonly containerRegistry: Registry;
  public readonly applicationInsightsConnectionString: string;
  public readonly resource: TerraformResource;
  public readonly ready: TerraformElement[];
  private readonly networks = new Set<INetwork | undefined>();
  private readonly endpoints: [INetwork, TerraformElement][] = [];
  private readonly storage: StorageAccount;
  private readonly vault: KeyVault;
  /** What holds data, if anybody keeps some there. */
  private readonly holding: TerraformResource[];

  constructor(scope: Construct, id: string, key?: IEncryptionKey) {
    super(scope, id);
    const home = homeOf(this);
    const regulated = core.SecurityProfile.of(this) === core.SecurityProfile.REGULATED;
    const identity = new UserAssignedIdentity(this, 'Identity', {
      ...home,
      name: nameOf(this, NAMES.identity),
    });
    this.storage = storageAccount(this, 'Storage', {
      key,
      // Azure Machine Learning keeps its own files in an account without a hierarchy of folders.
      hierarchical: false,
      retention: core.DataRetention.DESTROY,
      isPrivate: () => this.isPrivate,
    });
    this.vault = new KeyVault(this, 'Vault', {
      ...home,
      name: nameOf(this, NAMES.keyVault),
      tenantId: identity.tenantId,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      // What is protected so stays for 90 days after its destruction: a first trial is to leave nothing.
      purgeProtectionEnabled: regulated,
      softDeleteRetentionDays: regulated ? 90 : 7,
      publicNetworkAccessEnabled: this.whenPublic(true, false),
      networkAcls: { bypass: 'AzureServices', defaultAction: this.whenPublicText('Allow', 'Deny') },
    });
    const registry = this.makeRegistry(key);
    const insights = new ApplicationInsights(this, 'Insights', {
      ...home,
      name: nameOf(this, NAMES.workspace),
      applicationType: 'web',
      workspaceId: accessLogs(this).id,
      localAuthenticationDisabled: true,
    });
    const roles = (
      [
        ['Storage', READ_WRITE, this.storage.id],
        ['StorageAccount', 'Storage Account Contributor', this.storage.id],
        ['Files', 'Storage File Data Privileged Contributor', this.storage.id],
        ['Vault', 'Key Vault Administrator', this.vault.id],
        ['VaultAccount', 'Key Vault Contributor', this.vault.id],
        ['Pull', 'AcrPull', registry.id],
        ['Insights', 'Monitoring Contributor', insights.id],
      ] as const
    ).map(([part, role, on]) => assignRole(this, `${part}Role`, identity.principalId, { role, scope: on }));
    const workspace = azapiResource(this, 'Workspace', {
      type: `Microsoft.MachineLearningServices/workspaces@${ML_API}`,
      parentId: resourceGroupId(this),
      location: home.location,
      name: nameOf(this, NAMES.workspace),
      identityIds: key ? [identity.id, key.identityId] : [identity.id],
      body: {
        kind: 'Default',
        sku: { name: 'Basic', tier: 'Basic' },
        properties: {
          friendlyName: text(scope.node.id),
          primaryUserAssignedIdentity: identity.id,
          storageAccount: this.storage.id,
          keyVault: this.vault.id,
          containerRegistry: registry.id,
          applicationInsights: insights.id,
          publicNetworkAccess: this.whenPublicText('Enabled', 'Disabled'),
          // Its storage takes no keys.
          systemDatastoresAuthMode: 'Identity',
          v1LegacyMode: false,
          hbiWorkspace: regulated,
          encryption: key && {
            status: 'Enabled',
            identity: { userAssignedIdentity: key.identityId },
            keyVaultProperties: { keyVaultArmId: key.keyVaultId, keyIdentifier: key.keyId },
          },
        },
      },
      more: {
        // A deleted workspace keeps its name otherwise.
        delete_query_parameters: { forceToPurge: ['true'] },
        schema_validation_enabled: true,
      },
      dependsOn: after(this, settled(this, 'RolesSettled', roles), ...readyOf(key)),
    });
    report(this, 'idle-cost', 'Container registry', 'Bills per day for its tier, used or not.');
    report(
      this,
      'note',
      'Third-party providers',
      'The workspace is made by the providers Azure/azapi (by Microsoft) and hashicorp/time.',
    );

    this.resource = workspace;
    this.holding = [workspace, this.storage, registry];
    this.holding.forEach((one) => keep(one, core.DataRetention.DESTROY));
    this.node.defaultChild = workspace;
    this.id = workspace.getStringAttribute('id');
    this.name = nameOf(this, NAMES.workspace);
    [this.subscriptionId, this.resourceGroupName] = deploymentOf(this).map(text);
    const registryName = nameOf(this, NAMES.containerRegistry);
    this.containerRegistry = {
      id: registry.id,
      loginServer: `${registryName}.azurecr.io`,
      name: registryName,
    };
    this.applicationInsightsConnectionString = insights.connectionString;
    this.ready = [workspace];
    exportAlways(this, this.id, registry.id);
  }

  public joinedBy(network?: INetwork): void {
    if (this.networks.has(network)) {
      return;
    }
    this.networks.add(network);
    if (network) {
      const id = [...this.networks].filter(Boolean).length === 1 ? '' : `-${network.node.id}`;
      for (const [service, resourceId] of [
        ['amlworkspace', this.id],
        ['blob', this.storage.id],
        ['file', this.storage.id],
        ['vault', this.vault.id],
        ['registry', this.containerRegistry.id],
      ] as const) {
        this.endpoints.push([
          network,
          privateEndpoint(this, network, { resourceId, service, id: `Endpoint-${service}${id}` }),
        ]);
      }
    }
  }

  public reachedFrom(network?: INetwork): TerraformElement[] {
    return this.endpoints.filter(([from]) => from === network).map(([, endpoint]) => endpoint);
  }

  public retain(): void {
    this.holding.forEach((one) => keep(one));
  }

  /** Known when everyone has asked: at synthesis. */
  private get isPrivate(): boolean {
    const regulated = core.SecurityProfile.of(this) === core.SecurityProfile.REGULATED;
    return regulated || (this.networks.size > 0 && !this.networks.has(undefined));
  }

  private whenPublic(one: boolean, other: boolean): boolean | IResolvable {
    return Lazy.anyValue({ produce: () => (this.isPrivate ? other : one) }) as unknown as IResolvable;
  }

  private whenPublicText(one: string, other: string): string {
    return Lazy.stringValue({ produce: () => (this.isPrivate ? other : one) });
  }

  private makeRegistry(key?: IEncryptionKey): ContainerRegistry {
    const premium = () => Boolean(key) || [...this.networks].some(Boolean) || this.isPrivate;
    return new ContainerRegistry(this, 'Registry', {
      ...homeOf(this),
      name: nameOf(this, NAMES.containerRegistry),
      // Private endpoints and keys of the customer take Premium.
      sku: Lazy.stringValue({ produce: () => (premium() ? 'Premium' : 'Standard') }),
      adminEnabled: false,
      anonymousPullEnabled: false,
      publicNetworkAccessEnabled: this.whenPublic(true, false),
      networkRuleBypassOption: 'AzureServices',
      identity: key && { type: 'UserAssigned', identityIds: [key.identityId] },
      encryption: key && [{ identityClientId: key.identityClientId, keyVaultKeyId: key.keyId }],
      dependsOn: after(this, ...readyOf(key)),
    });
  }
}

/** A workspace that was there before the stack. */
class ImportedWorkspace extends Construct implements Workspace {
  public readonly owner: IConstruct = this;
  public readonly id: string;
  public readonly name: string;
  public readonly resourceGroupName: string;
  public readonly subscriptionId: string;
  public readonly containerRegistry?: Registry;
  public readonly applicationInsightsConnectionString = undefined;
  public readonly resource = undefined;
  public readonly ready = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { workspaceId, containerRegistryId } = requirePlace(this);
    this.id = text(workspaceId!);
    this.subscriptionId = subscriptionOf(this.id);
    this.resourceGroupName = groupOf(this.id);
    this.name = nameIn(this.id);
    const name = containerRegistryId && text(nameIn(containerRegistryId));
    this.containerRegistry = name
      ? { id: text(containerRegistryId), loginServer: `${name}.azurecr.io`, name }
      : undefined;
  }

  public joinedBy(): void {
    // Who made it says how it is reached.
  }

  public reachedFrom(): TerraformElement[] {
    return [];
  }

  public retain(): void {
    // And what becomes of it.
  }
}
