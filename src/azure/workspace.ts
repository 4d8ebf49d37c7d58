import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IGpuTrainingCluster } from './gpu-training-cluster';
import { workspaceStorageId } from './private/gpu-training-cluster/compute';
import { resolveImage } from './private/images';
import { CLOUD, judgeConstruct } from './private/judge';
import { nameOf, NAMES } from './private/names';
import { homeOf } from './private/resource-group';
import { assignRole, grantRole } from './private/roles';
import { READ_WRITE } from './private/storage';
import { workspaceFor } from './private/workspace';
import { admit, HOME_FILES, openRole } from './private/workspace/access';
import { computeInstance, INSTANCE_API, publishedPort } from './private/workspace/instance';
import { InstanceApp, judgeWorkspace } from './private/workspace/judge';
import { tellWorkspace } from './private/workspace/report';
import { INetwork } from './private-network';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';
import { judgeCall } from '../core/private/faults';
import { aWorkload } from '../core/private/rules/workload';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a workspace on Azure. */
export interface WorkspaceProps extends core.WorkspaceProps {
  /**
   * The hour of the day, in UTC, at which every notebook is stopped, also one that is in use.
   *
   * @default - none: what is idle is stopped anyway
   */
  readonly stopHourUtc?: number;
}

/** A workspace on Azure. Not a workspace of Azure Machine Learning, which is what it is part of. */
export interface IWorkspace extends core.IWorkspace, IWorkload {
  /**
   * The resource id of the native compute instance of a user.
   *
   * @param user the user's name
   */
  instanceId(user: string): string;
}

/** Props of notebooks that exist already. */
export interface FromInstanceIdsProps {
  /** The resource ids of the compute instances of Azure Machine Learning, by user: `/subscriptions/…/computes/…`. */
  readonly instanceIds: { [user: string]: string };

  /** The object id of the managed identity that they run as, not its client id. */
  readonly principalId: string;
}

/** What a workspace is, made or imported. */
abstract class WorkspaceBase extends Construct implements IWorkspace {
  public abstract readonly identityId: string;
  public abstract readonly userNames: string[];
  /** @internal */
  protected abstract readonly _instances: ReadonlyMap<string, string>;

  public instanceId(user: string): string {
    return findDeclared(this, this._instances, 'user', user);
  }

  public openCommand(user: string): string {
    const id = this.instanceId(user);
    return `az rest --method post --url '${id}/start?api-version=${INSTANCE_API}'; ${this._addressCommand(user, id)}`;
  }

  public grantOpen(workload: core.IWorkload): void {
    judgeCall(this, (faults) => {
      aWorkload(CLOUD)(workload, 'workload', faults);
      faults.add(
        'CMC-040',
        'workload',
        'cannot open notebooks, each of which Azure ML opens for its person only: name the person in users, as principalId',
      );
    });
  }

  /** @internal */
  protected _addressCommand(_user: string, id: string): string {
    const query = `properties.properties.applications[?contains(displayName, 'Lab')].endpointUri | [0]`;
    return `az rest --method get --url '${id}?api-version=${INSTANCE_API}' --query "${query}" --output tsv`;
  }
}

/**
 * Notebooks on Azure: a compute instance of Azure Machine Learning for each user, open to that person alone, without
 * SSH, whose machine stops when nobody uses it. The Azure ML workspace is the one of the stack, made on first need. With
 * `network`, machines have no public address.
 *
 * Homes are on the file share of the Azure ML workspace and stay when a machine is made anew, which every change of its
 * props does; `encryptionKey` is for the share. Azure encrypts the disks of machines with keys of its own. All notebooks
 * run as one identity. Secrets are handed on as `NAME_SECRET_ID`, which notebooks may read.
 *
 * An `image` runs beside the machine's own editors, with the homes below `/home/azureuser/cloudfiles`: JupyterLab must
 * listen at port 8888, RStudio at 8787. Variables and secrets reach the machine's own editors. With VS_CODE, the
 * command prints the page of the machine, from which VS Code opens.
 *
 * @example
 * import { App } from 'cdktf';
 * import { azure, core } from 'cloud-ml-constructs';
 *
 * const stack = new azure.PlatformStack(new App(), 'platform', {
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   location: 'westeurope',
 * });
 * const workspace = new azure.Workspace(stack, 'Team', {
 *   users: [{ name: 'ada', principalId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }],
 *   network: new azure.PrivateNetwork(stack, 'Network'),
 *   editor: core.WorkspaceEditor.VS_CODE,
 *   accelerators: ['T4:1'],
 *   stopHourUtc: 22,
 * });
 */
export class Workspace extends WorkspaceBase {
  /**
   * Compute instances of Azure Machine Learning that exist already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the instances and their identity
   */
  public static fromInstanceIds(scope: Construct, id: string, props: FromInstanceIdsProps): IWorkspace {
    return new ImportedWorkspace(scope, id, props);
  }

  public readonly identityId: string;
  public readonly userNames: string[];
  /** The machine type that was chosen, or given. */
  public readonly machineType: string;
  /** The accelerators of each notebook; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The native user-assigned identity that notebooks run as. */
  public readonly identity: TerraformResource;
  /** The native compute instances, in the order of the users. */
  public readonly instances: TerraformResource[];
  /** @internal */
  protected readonly _instances: ReadonlyMap<string, string>;
  private readonly workspaceId: string;
  private readonly app: InstanceApp;
  private readonly hasImage: boolean;
  private readonly names: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'Workspace', (faults) => judgeWorkspace(this, props, faults));

    const { machine, type } = plan.choice;
    this.machineType = text(type);
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    this.userNames = props.users.map(({ name }) => name);
    this.app = plan.app;
    this.hasImage = props.image !== undefined;
    const network = props.network as INetwork | undefined;
    const workspace = workspaceFor(this, { network, encryptionKey: props.encryptionKey });
    this.workspaceId = workspace.id;
    if (props.retention !== core.DataRetention.DESTROY) {
      workspace.retain();
    }
    const identity = new UserAssignedIdentity(this, 'Identity', {
      ...homeOf(this),
      name: nameOf(this, NAMES.identity),
    });
    this.identity = identity;
    this.identityId = identity.principalId;
    const storageId = workspaceStorageId(this, workspace);
    const image = props.image === undefined ? undefined : resolveImage(this, props.image);
    const ready = [
      assignRole(this, 'FilesRole', identity.principalId, { role: HOME_FILES, scope: storageId }),
      assignRole(this, 'WorkspaceStorageRole', identity.principalId, { role: READ_WRITE, scope: storageId }),
      ...(image?.roles ?? []).map(({ resource, ...role }) => grantRole(this, resource, role)),
    ];
    props.datasets?.forEach((dataset) => dataset.grantRead(this));
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
    (props.cluster as IGpuTrainingCluster | undefined)?.grantSubmit(this);

    const role = openRole(this, workspace);
    const made = { workspace, identity, network, imageUri: image?.uri, ready };
    const instances = props.users.map(({ name, principalId }) => {
      const user = new Construct(this, `User-${name}`);
      const instance = computeInstance(user, principalId!, props, plan, made);
      const instanceId = instance.getStringAttribute('id');
      admit(user, principalId!, { instanceId, workspace, storageId, role });
      return { name, instance, instanceId };
    });
    this.instances = instances.map(({ instance }) => instance);
    this._instances = new Map(instances.map(({ name, instanceId }) => [name, instanceId]));
    this.names = new Map(instances.map(({ name, instance }) => [name, instance.getStringAttribute('name')]));
    this.node.defaultChild = identity;
    exportAlways(this, this.identityId, ...this._instances.values());
    tellWorkspace(this, props, plan);
  }

  /** @internal */
  protected override _addressCommand(user: string, id: string): string {
    const name = this.names.get(user)!;
    if (this.hasImage && this.app.port) {
      return `echo 'https://${name}-${publishedPort(this.app.port)}.${homeOf(this).location}.instances.azureml.ms/'`;
    }
    return this.app.port
      ? super._addressCommand(user, id)
      : `echo 'https://ml.azure.com/compute/${name}/details?wsid=${this.workspaceId}'`;
  }
}

class ImportedWorkspace extends WorkspaceBase {
  public readonly identityId: string;
  public readonly userNames: string[];
  /** @internal */
  protected readonly _instances: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, { instanceIds, principalId }: FromInstanceIdsProps) {
    super(scope, id);
    judgeConstruct(this, 'Workspace', () => undefined);
    this.identityId = text(principalId);
    this.userNames = Object.keys(instanceIds);
    this._instances = new Map(Object.entries(text(instanceIds)));
  }
}
