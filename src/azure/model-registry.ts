import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { containerIn, groupOf, nameIn, subscriptionOf } from './private/ids';
import { NeededRole, PULL, PUSH } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import * as commands from './private/model-registry/commands';
import { judgeRegistry } from './private/model-registry/judge';
import { notifyOfVersions } from './private/model-registry/notifications';
import { artifactAccount, CONTAINER, datastore, modelAsset } from './private/model-registry/parts';
import { FROM_ATTRIBUTES, VERSION } from './private/model-registry/rules';
import { nameOf } from './private/names';
import { grantRole, grantRoleTo } from './private/roles';
import { blobUri, READ, READ_WRITE, storageContainer } from './private/storage';
import { Workspace, workspaceFor } from './private/workspace';
import { tellsAnybody } from '../core/private/alarms';
import { findDeclared } from '../core/private/declared';
import { defaultText } from '../core/private/deploy-parameter';
import { judgeCall } from '../core/private/faults';
import { imageOf, judgeTag, modelOf } from '../core/private/registry';
import { report } from '../core/private/report';
import { judgeProps, struct } from '../core/private/schema';
import { exportAlways } from '../terraform/exports';
import { text as literally } from '../terraform/text';

/** Props of a model registry on Azure. */
export interface ModelRegistryProps extends core.ModelRegistryProps {}

/** A model registry on Azure. */
export interface IModelRegistry extends core.IModelRegistry {
  /** The resource id of the Azure Machine Learning workspace that knows the models; endpoints of theirs are in it. */
  readonly workspaceId: string;

  /** The resource id of the container that holds the models' files, below `<model>/<version>/`. */
  readonly artifactContainerId: string;

  /** Where the models' files are: `https://<account>.blob.core.windows.net/<container>/`. */
  readonly artifactUri: string;

  /** The resource id of the container registry; undefined where an imported registry has none. */
  readonly containerRegistryId?: string;

  /** The host of the container registry: `<name>.azurecr.io`; undefined where an imported registry has none. */
  readonly loginServer?: string;

  /**
   * The address of a declared image, without a tag.
   *
   * @param image the repository's declared name
   */
  repositoryUri(image: string): string;

  /**
   * The name of a model's asset in the workspace.
   *
   * @param model the model's name
   */
  modelAssetName(model: string): string;

  /**
   * Whether endpoints only deploy approved versions of a model.
   *
   * @param model the model's name
   */
  approvalRequired(model: string): boolean;
}

/** Props of a registry that exists already. */
export interface FromRegistryProps {
  /** The resource id of the Azure Machine Learning workspace. */
  readonly workspaceId: string;

  /** The resource id of the container that holds the models' files, below `<model>/<version>/`. */
  readonly artifactContainerId: string;

  /** The name of the workspace's datastore for that container. */
  readonly datastoreName: string;

  /** The names of the workspace's model assets by the names that `model()` takes. */
  readonly modelAssets: { [model: string]: string };

  /**
   * The models whose versions must be approved.
   *
   * @default - none
   */
  readonly approvalRequired?: string[];

  /**
   * The resource id of the container registry, `<name>.azurecr.io`. Required with `repositories`.
   *
   * @default - none
   */
  readonly containerRegistryId?: string;

  /**
   * The repositories in the container registry by the names that `image()` takes.
   *
   * @default - none
   */
  readonly repositories?: { [image: string]: string };
}

/** Grants of a registry to native principals. */
export class ModelRegistryGrants {
  /** @internal */
  constructor(private readonly registry: IModelRegistry) {}

  /**
   * Lets a native principal read models and pull images.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   */
  public read(principalId: string): void {
    this.give(principalId, this.native._readRoles());
  }

  /**
   * Lets a native principal publish versions and push images. It becomes an AzureML Data Scientist of the workspace:
   * Azure has no narrower role for it.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   */
  public publish(principalId: string): void {
    this.give(principalId, this.native._publishRoles());
  }

  private get native(): ModelRegistryBase {
    return this.registry as ModelRegistryBase;
  }

  private give(principalId: string, roles: NeededRole[]): void {
    roles.forEach((role) => grantRoleTo(this.native, principalId, role));
  }
}

interface Model {
  readonly assetName: string;
  readonly approvalRequired: boolean;
}

/** What a registry is, made or imported. */
abstract class ModelRegistryBase extends Construct implements IModelRegistry {
  public abstract readonly workspaceId: string;
  public abstract readonly artifactContainerId: string;
  public abstract readonly artifactUri: string;
  public abstract readonly containerRegistryId?: string;
  public abstract readonly loginServer?: string;
  /** Grants to native principals. */
  public readonly grants: ModelRegistryGrants = new ModelRegistryGrants(this);
  /** @internal */
  protected abstract readonly _workspace: commands.WorkspaceAddress;
  /** @internal */
  protected abstract readonly _containerRegistryName?: string;
  /** @internal */
  protected abstract readonly _datastoreName: string;
  /** @internal */
  protected abstract readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected abstract readonly _models: ReadonlyMap<string, Model>;

  public model(name: string): core.RegisteredModel {
    return modelOf(this, this._models, name);
  }

  public image(name: string, tag: string | core.DeployParameter): core.ContainerImage {
    return imageOf(this, this._repositories, name, tag);
  }

  public repositoryUri(image: string): string {
    return `${this.loginServer}/${this.find(this._repositories, 'image', image)}`;
  }

  public modelAssetName(model: string): string {
    return this.find(this._models, 'model', model).assetName;
  }

  public approvalRequired(model: string): boolean {
    return this.find(this._models, 'model', model).approvalRequired;
  }

  public grantRead(workload: core.IWorkload): void {
    const to = grantee(this, workload);
    this._readRoles().forEach((role) => grantRole(to, this, role));
  }

  public grantPublish(workload: core.IWorkload): void {
    const to = grantee(this, workload);
    this._publishRoles().forEach((role) => grantRole(to, this, role));
  }

  public publishCommand(model: string, version: string, image: core.ContainerImage): string {
    judgeCall(this, (faults) => VERSION(version, 'version', faults));
    return commands.publish({
      files: `${this.artifactUri}${model}/${version}/`,
      datastorePath: `azureml://datastores/${this._datastoreName}/paths/${model}/${version}/`,
      assetName: this.modelAssetName(model),
      version,
      imageUri: `${this.repositoryUri(image.name)}:${defaultText(image.tag)}`,
      approved: !this.approvalRequired(model),
      workspace: this._workspace,
    });
  }

  public approveCommand(model: string, version: string): string {
    judgeCall(this, (faults) => VERSION(version, 'version', faults));
    return commands.approve(this.modelAssetName(model), version, this._workspace);
  }

  public pushCommand(image: string, tag: string): string {
    judgeTag(this, tag);
    return commands.push(
      `${this.repositoryUri(image)}:${tag}`,
      this._containerRegistryName!,
      `${this._repositories.get(image)}:${tag}`,
    );
  }

  /** @internal */
  public _readRoles(): NeededRole[] {
    return [
      ...this.rolesOn(PULL, this.containerRegistryId),
      ...this.rolesOn(READ, this.artifactContainerId),
      ...this.rolesOn('Reader', this.workspaceId),
    ];
  }

  /** @internal */
  public _publishRoles(): NeededRole[] {
    return [
      ...this.rolesOn(PUSH, this.containerRegistryId),
      ...this.rolesOn(READ_WRITE, this.artifactContainerId),
      ...this.rolesOn('AzureML Data Scientist', this.workspaceId),
    ];
  }

  private rolesOn(role: string, scope: string | undefined): NeededRole[] {
    return scope ? [{ resource: this, role, scope }] : [];
  }

  private find<T>(declared: ReadonlyMap<string, T>, what: string, name: string): T {
    return findDeclared(this, declared, what, name);
  }
}

/**
 * A model registry on Azure: models of an Azure Machine Learning workspace, a versioned storage container for their
 * files, repositories in the workspace's container registry. A version's tag `approval` says whether it is approved;
 * endpoints check it at deployment. The workspace is the stack's, made on first need.
 */
export class ModelRegistry extends ModelRegistryBase {
  /**
   * A registry that exists already, also one of another subscription.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its parts
   */
  public static fromAttributes(scope: Construct, id: string, props: FromRegistryProps): IModelRegistry {
    return new ImportedRegistry(scope, id, props);
  }

  /** The native storage account of the models' files. */
  public readonly artifactAccount: TerraformResource;
  public readonly workspaceId: string;
  public readonly artifactContainerId: string;
  public readonly artifactUri: string;
  public readonly containerRegistryId?: string;
  public readonly loginServer?: string;
  /** @internal */
  public readonly _reachedFrom: Workspace['reachedFrom'];
  /** @internal */
  protected readonly _workspace: commands.WorkspaceAddress;
  /** @internal */
  protected readonly _containerRegistryName?: string;
  /** @internal */
  protected readonly _datastoreName: string;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _models: ReadonlyMap<string, Model>;

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => judgeRegistry(this, props, faults));

    const workspace = workspaceFor(this, props);
    if (props.retention !== core.DataRetention.DESTROY) {
      workspace.retain();
    }
    const account = artifactAccount(this, props);
    const container = storageContainer(this, 'Container', account, CONTAINER, props.retention);

    this.artifactAccount = account;
    this.node.defaultChild = account;
    this._workspace = workspace;
    this._reachedFrom = (network) => workspace.reachedFrom(network);
    this._containerRegistryName = workspace.containerRegistry?.name;
    this.workspaceId = workspace.id;
    this.artifactContainerId = container.id;
    this.artifactUri = blobUri(account.nameInput!, CONTAINER);
    this.containerRegistryId = workspace.containerRegistry?.id;
    this.loginServer = workspace.containerRegistry?.loginServer;
    this._datastoreName = datastore(this, workspace, account);
    // Other registries may use the same container registry.
    const prefix = nameOf(this, { maxLength: 60 });
    this._repositories = new Map((props.images ?? []).map((name) => [name, `${prefix}/${name}`]));
    this._models = new Map(
      props.models.map(({ name, approvalRequired = false }) => [
        name,
        { approvalRequired, assetName: modelAsset(this, workspace, name, props) },
      ]),
    );
    if (tellsAnybody(props)) {
      notifyOfVersions(this, workspace, props);
    }
    if (props.images?.length) {
      report(
        this,
        'note',
        'Scanning of images',
        'Azure scans images where Microsoft Defender for Containers is on: give one stack of the subscription defenderForContainers, or turn it on there. Tags are locked one by one, by pushCommand.',
      );
    }
    exportAlways(this, this.artifactContainerId);
  }
}

class ImportedRegistry extends ModelRegistryBase {
  public readonly workspaceId: string;
  public readonly artifactContainerId: string;
  public readonly artifactUri: string;
  public readonly containerRegistryId?: string;
  public readonly loginServer?: string;
  /** @internal */
  protected readonly _workspace: commands.WorkspaceAddress;
  /** @internal */
  protected readonly _containerRegistryName?: string;
  /** @internal */
  protected readonly _datastoreName: string;
  /** @internal */
  protected readonly _repositories: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _models: ReadonlyMap<string, Model>;

  constructor(scope: Construct, id: string, props: FromRegistryProps) {
    super(scope, id);
    judgeConstruct(this, 'ModelRegistry', (faults) => {
      judgeProps(faults, struct(FROM_ATTRIBUTES), props);
      if (faults.none && Object.keys(props.modelAssets).length === 0) {
        faults.add('CMC-002', 'modelAssets', 'is required: give at least one, by the name of its model');
      }
      if (props.repositories && !props.containerRegistryId) {
        faults.add('CMC-009', 'repositories', 'need containerRegistryId: the registry that they are in');
      }
    });
    const { workspaceId, artifactContainerId, containerRegistryId, datastoreName } = literally(props);
    this._workspace = {
      name: nameIn(workspaceId),
      resourceGroupName: groupOf(workspaceId),
      subscriptionId: subscriptionOf(workspaceId),
    };
    this._containerRegistryName = containerRegistryId && nameIn(containerRegistryId);
    this.workspaceId = workspaceId;
    this.artifactContainerId = artifactContainerId;
    this.artifactUri = blobUri(nameIn(artifactContainerId), containerIn(artifactContainerId));
    this.containerRegistryId = containerRegistryId;
    this.loginServer = containerRegistryId && `${nameIn(containerRegistryId)}.azurecr.io`;
    this._datastoreName = datastoreName;
    this._repositories = new Map(Object.entries(props.repositories ?? {}));
    this._models = new Map(
      Object.entries(props.modelAssets).map(([name, assetName]) => [
        name,
        { assetName, approvalRequired: props.approvalRequired?.includes(name) ?? false },
      ]),
    );
  }
}
