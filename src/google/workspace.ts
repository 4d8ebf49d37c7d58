import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { WorkbenchInstanceIamMember } from '@cdktf/provider-google/lib/workbench-instance-iam-member';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IGpuTrainingCluster } from './gpu-training-cluster';
import { apis } from './private/apis';
import { giveOnce, Grantee, ofMember, ofWorkload } from './private/grants';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { keyFor } from './private/keys';
import { CUSTOM_ROLE, physicalName } from './private/names';
import { givenTo } from './private/permissions';
import { placeOf } from './private/place';
import { WorkloadAccount } from './private/service-account';
import { instanceName, workbenchInstance } from './private/workspace/instance';
import { judgeWorkspace } from './private/workspace/judge';
import { tellWorkspace } from './private/workspace/report';
import { INetwork, PrivateNetwork } from './private-network';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';
import { judgeCall } from '../core/private/faults';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a workspace on Google Cloud. */
export interface WorkspaceProps extends core.WorkspaceProps {
  /**
   * The zone of the region that notebooks are in, by its letter: not every zone has every accelerator.
   *
   * @default b
   */
  readonly zone?: string;
}

/** A workspace on Google Cloud. */
export interface IWorkspace extends core.IWorkspace, IWorkload {
  /** The zone that notebooks are in. */
  readonly zone: string;

  /**
   * The name of the native instance of a user.
   *
   * @param user the user's name
   */
  instanceName(user: string): string;
}

/** Props of notebooks that exist already. */
export interface FromInstanceNamesProps {
  /** The names of the instances of Vertex AI Workbench, in access mode service account, by user. */
  readonly instanceNames: { [user: string]: string };

  /** The zone that they are in. */
  readonly zone: string;

  /** The e-mail of the service account that they run as. */
  readonly serviceAccountEmail: string;
}

/** Lets native members open the notebooks of a workspace. */
export class WorkspaceGrants {
  private readonly workspace: WorkspaceBase;

  /** @internal */
  constructor(workspace: Construct) {
    this.workspace = workspace as WorkspaceBase;
  }

  /**
   * Lets a native member open, start and stop the notebooks of users without `principalId`.
   *
   * @param member a member of an IAM policy, such as `user:ada@example.com`; Vertex AI Workbench takes no groups
   */
  public open(member: string): void {
    this._give(ofMember(this.workspace, member));
  }

  /** @internal */
  public _give(to: Grantee): void {
    const { workspace } = this;
    const shared = judgeCall(workspace, (faults) => {
      const users = workspace.userNames.filter((user) => !workspace._persons.has(user));
      if (users.length === 0) {
        faults.add(
          'CMC-040',
          'workload',
          'cannot open notebooks that belong to a person, which are all of this workspace: leave principalId out for those that others open',
        );
      }
      return users;
    });
    workspace._actAs(to);
    shared.forEach((user) => workspace._operate(to, user));
  }
}

/** What a workspace is, made or imported. */
abstract class WorkspaceBase extends Construct implements IWorkspace {
  public abstract readonly identityId: string;
  public abstract readonly member: string;
  public abstract readonly zone: string;
  public abstract readonly userNames: string[];
  /** Lets native members open notebooks. */
  public readonly grants: WorkspaceGrants = new WorkspaceGrants(this);
  /** Users whose notebook is a person's. @internal */
  public readonly _persons: ReadonlySet<string> = new Set();

  /** The names of the instances, by user: not references. @internal */
  protected abstract readonly _instances: ReadonlyMap<string, string>;
  /** @internal */
  protected abstract readonly _serviceAccountId: string;

  public instanceName(user: string): string {
    return findDeclared(this, this._instances, 'user', user);
  }

  public openCommand(user: string): string {
    const instance = `${this.instanceName(user)} --location=${this.zone} --project=${placeOf(this).project}`;
    return `gcloud workbench instances start ${instance}; echo "https://$(gcloud workbench instances describe ${instance} --format='value(proxyUri)')"`;
  }

  public grantOpen(workload: core.IWorkload): void {
    this.grants._give(ofWorkload(grantee(this, workload)));
  }

  /** @internal */
  public _actAs(to: Grantee): void {
    giveOnce(
      to,
      this,
      'roles/iam.serviceAccountUser',
      (scope, id, given) =>
        new ServiceAccountIamMember(scope, id, { serviceAccountId: this._serviceAccountId, ...given }),
    );
  }

  /** The name of an instance, once it is there. @internal */
  protected _reference(user: string): string {
    return this.instanceName(user);
  }

  /** @internal */
  public _operate(to: Grantee, user: string): void {
    const project = placeOf(this).project;
    giveOnce(
      { ...to, id: `-${user}${to.id}` },
      this,
      'open',
      (scope, id, { member }) =>
        new WorkbenchInstanceIamMember(scope, id, {
          ...{ project, location: this.zone, name: this._reference(user), member },
          role: this.openRole.name,
        }),
    );
  }

  /** Starts, stops and finds an instance, and no more: no predefined role is that narrow. */
  private get openRole(): ProjectIamCustomRole {
    return (
      (this.node.tryFindChild('OpenRole') as ProjectIamCustomRole | undefined) ??
      new ProjectIamCustomRole(this, 'OpenRole', {
        project: placeOf(this).project,
        roleId: physicalName(this, CUSTOM_ROLE),
        title: text(`Opens notebooks of ${this.node.path}`.slice(0, 100)),
        permissions: ['get', 'start', 'stop'].map((action) => `notebooks.instances.${action}`),
        dependsOn: apis(this, 'iam'),
      })
    );
  }
}

/**
 * Notebooks on Google Cloud: an instance of Vertex AI Workbench for each user, without a public address, whose machine
 * stops when nobody uses it. Homes are disks of their own. Colab Enterprise, which shares runtimes, has neither images of
 * your own nor homes that stay.
 *
 * With `principalId` a notebook is that person's alone; without, it opens for whoever is granted. All notebooks run as
 * one service account, and who opens one may act as it. Secrets are handed on as `NAME_SECRET_ID`, which notebooks may
 * read. An `image` must be made from Google's containers for Vertex AI Workbench.
 *
 * Terraform refuses to destroy notebooks, or to replace one for a change of what cannot change, unless `retention` is
 * DataRetention.DESTROY: their disks would go with them.
 *
 * @example
 * import { App } from 'cdktf';
 * import { google, core } from 'cloud-ml-constructs';
 *
 * const stack = new google.PlatformStack(new App(), 'platform', { project: 'ml-dev', region: 'europe-west4' });
 * const workspace = new google.Workspace(stack, 'Team', {
 *   users: [{ name: 'ada', principalId: 'ada@example.com' }],
 *   network: new google.PrivateNetwork(stack, 'Network', { internetEgress: true }),
 *   editor: core.WorkspaceEditor.JUPYTERLAB,
 *   accelerators: ['L4:1'],
 * });
 */
export class Workspace extends WorkspaceBase {
  /**
   * Instances of Vertex AI Workbench that exist already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the instances and their service account
   */
  public static fromInstanceNames(scope: Construct, id: string, props: FromInstanceNamesProps): IWorkspace {
    return new ImportedWorkspace(scope, id, props);
  }

  public readonly identityId: string;
  public readonly member: string;
  public readonly zone: string;
  public readonly userNames: string[];
  /** The machine type that was chosen, or given. */
  public readonly machineType: string;
  /** The accelerators of each notebook; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The native service account that notebooks run as. */
  public readonly serviceAccount: TerraformResource;
  /** The native instances, in the order of the users. */
  public readonly instances: TerraformResource[];
  /** @internal */
  public readonly _persons: ReadonlySet<string>;
  /** @internal */
  protected readonly _instances: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _serviceAccountId: string;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'Workspace', (faults) => judgeWorkspace(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    const { machine, type } = plan.choice;
    this.machineType = text(type);
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    this.zone = `${placeOf(this).region}-${props.zone ?? 'b'}`;
    this.userNames = props.users.map(({ name }) => name);
    this._persons = new Set(props.users.filter(({ principalId }) => principalId).map(({ name }) => name));
    const account = new WorkloadAccount(this, 'Account', `Notebooks of ${this.node.path}`);
    this.serviceAccount = account.account!;
    this._serviceAccountId = account.name;
    this.identityId = account.email;
    this.member = account.member;
    // Logs take no narrower resource than the project.
    account.onProject('roles/logging.logWriter');
    const image = props.image === undefined ? undefined : resolveImage(this, props.image);
    image?.grantPull(ofWorkload(this));
    props.datasets?.forEach((dataset) => dataset.grantRead(this));
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
    (props.cluster as IGpuTrainingCluster | undefined)?.grantSubmit(this);

    const users = props.users.map((user) => ({ ...user, scope: new Construct(this, `User-${user.name}`) }));
    this._instances = new Map(users.map((user) => [user.name, instanceName(user.scope)]));
    const network = this.networkOf(props);
    const ready = givenTo(this);
    const made = { zone: this.zone, email: this.identityId, network, key, imageUri: image?.uri, ready };
    this.instances = users.map((user) => workbenchInstance(user.scope, user.principalId, props, plan, made));
    users.forEach((user) => this.admit(user));
    this.node.defaultChild = account.account;
    exportAlways(this, this.identityId, this.member, this._serviceAccountId);
    tellWorkspace(this, props, plan);
  }

  /** @internal */
  protected override _reference(user: string): string {
    return this.instances[this.userNames.indexOf(user)].getStringAttribute('name');
  }

  /** Notebooks register at domains besides those of Google's other services. */
  private networkOf({ network }: WorkspaceProps): INetwork {
    const found = (network as INetwork | undefined) ?? new PrivateNetwork(this, 'Network');
    (found as Partial<PrivateNetwork>)._nameGoogle?.(
      'notebooks.cloud.google.com',
      'notebooks.googleusercontent.com',
    );
    return found;
  }

  private admit({ name, principalId, scope }: core.WorkspaceUserProps & { scope: Construct }): void {
    if (principalId !== undefined) {
      const person = { scope, member: `user:${text(principalId)}`, id: '' };
      this._actAs(person);
      this._operate(person, name);
    }
  }
}

class ImportedWorkspace extends WorkspaceBase {
  public readonly identityId: string;
  public readonly member: string;
  public readonly zone: string;
  public readonly userNames: string[];
  /** @internal */
  protected readonly _instances: ReadonlyMap<string, string>;
  /** @internal */
  protected readonly _serviceAccountId: string;

  constructor(
    scope: Construct,
    id: string,
    { instanceNames, zone, serviceAccountEmail }: FromInstanceNamesProps,
  ) {
    super(scope, id);
    judgeConstruct(this, 'Workspace', () => undefined);
    this.identityId = text(serviceAccountEmail);
    this.member = `serviceAccount:${this.identityId}`;
    this.zone = text(zone);
    this.userNames = Object.keys(instanceNames);
    this._instances = new Map(Object.entries(text(instanceNames)));
    this._serviceAccountId = `projects/${placeOf(this).project}/serviceAccounts/${this.identityId}`;
  }
}
