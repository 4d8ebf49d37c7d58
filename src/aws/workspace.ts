import {
  CfnDeletionPolicy,
  CfnResource,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_sagemaker as sagemaker,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { IGpuTrainingCluster } from './gpu-training-cluster';
import { exportAlways } from './private/exports';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { keyFor } from './private/keys';
import { physicalName } from './private/names';
import { allow, grantedTo, PlatformRole, servicePrincipal } from './private/platform-role';
import { removalPolicy } from './private/retention';
import { appSettings, startOf, untagged } from './private/workspace/app';
import { studioImage } from './private/workspace/image';
import { judgeWorkspace, principalOf, WorkspacePlan } from './private/workspace/judge';
import { appPermissions, openPermission, studioPermissions } from './private/workspace/permissions';
import { tellWorkspace } from './private/workspace/report';
import { INetwork, PrivateNetwork } from './private-network';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';

/** Props of a workspace on AWS. */
export interface WorkspaceProps extends core.WorkspaceProps {}

/** A workspace on AWS. */
export interface IWorkspace extends core.IWorkspace, IWorkload {
  /** The id of the native domain of SageMaker Studio. */
  readonly domainId: string;

  /** The native role that notebooks run as. */
  readonly role: iam.IRole;
}

/** Props of a domain of SageMaker Studio that exists already. */
export interface FromDomainProps {
  /** The id of the domain: `d-…`. */
  readonly domainId: string;

  /** The execution role of its user profiles. */
  readonly role: iam.IRole;

  /** The names of its user profiles. */
  readonly userNames: string[];
}

/** Grants of a workspace to native principals. */
export class WorkspaceGrants {
  /** @internal */
  constructor(private readonly workspace: IWorkspace) {}

  /**
   * Lets a native principal open notebooks.
   *
   * @param to a role, user or service of your own
   * @param users whose notebooks; those of every user where no name is given
   */
  public open(to: iam.IGrantable, ...users: string[]): iam.Grant {
    const { workspace } = this;
    const names = users.length ? users : workspace.userNames;
    const declared = new Map(workspace.userNames.map((name) => [name, name]));
    names.forEach((name) => findDeclared(workspace, declared, 'users', name));
    return allow(to, openPermission(workspace, workspace.domainId, names));
  }
}

/** What a workspace is, made or imported. */
abstract class WorkspaceBase extends Construct implements IWorkspace {
  public abstract readonly identityId: string;
  public abstract readonly grantPrincipal: iam.IPrincipal;
  public abstract readonly domainId: string;
  public abstract readonly role: iam.IRole;
  public abstract readonly userNames: string[];
  /** Grants to native principals. */
  public readonly grants: WorkspaceGrants = new WorkspaceGrants(this);

  public openCommand(user: string): string {
    const profile = findDeclared(this, new Map(this.userNames.map((name) => [name, name])), 'user', user);
    return `aws sagemaker create-presigned-domain-url --domain-id ${this.domainId} --user-profile-name ${profile} --landing-uri studio:: --query AuthorizedUrl --output text`;
  }

  public grantOpen(workload: core.IWorkload): void {
    this.grants.open(grantee(this, workload));
  }
}

/**
 * Notebooks on AWS: a domain of SageMaker Studio with a private space for each user, whose machine stops when nobody
 * uses it. Homes are encrypted network disks, one for each user; there is no shared file system. With `network`, all
 * traffic stays in it.
 *
 * Users sign in by an address that IAM lets them make: `openCommand` prints it. The profiles share one role; what
 * Studio does for a user is bound to the user's own space. Secrets are handed on as `NAME_SECRET_ID`, which notebooks may read.
 *
 * An `image` must hold the editor, and listen where Studio looks for it: JupyterLab at port 8888 below
 * `/jupyterlab/default`, Code Editor below `/codeeditor/default`.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws, core } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
 * const workspace = new aws.Workspace(stack, 'Team', {
 *   users: [{ name: 'ada' }, { name: 'grace', principalId: 'arn:aws:iam::111122223333:role/grace' }],
 *   network: new aws.PrivateNetwork(stack, 'Network'),
 *   datasets: [lake],
 *   editor: core.WorkspaceEditor.VS_CODE,
 *   accelerators: ['L4:1'],
 *   idleShutdownMinutes: 90,
 * });
 */
export class Workspace extends WorkspaceBase {
  /**
   * A domain of SageMaker Studio that exists already.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props the domain, its role and its users
   */
  public static fromDomain(scope: Construct, id: string, props: FromDomainProps): IWorkspace {
    return new ImportedWorkspace(scope, id, props);
  }

  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;
  public readonly domainId: string;
  public readonly role: iam.IRole;
  public readonly userNames: string[];
  /** The machine type that was chosen, or given. */
  public readonly machineType: string;
  /** The accelerators of each notebook; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The native domain. */
  public readonly domain: sagemaker.CfnDomain;
  /** The native security group of notebooks; undefined without `network`. */
  public readonly securityGroup?: ec2.ISecurityGroup;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'Workspace', (faults) => judgeWorkspace(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    const network = props.network as INetwork | undefined;
    const { machine, type } = plan.choice;
    this.machineType = type;
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    this.userNames = props.users.map(({ name }) => name);
    this.securityGroup = network && this.makeSecurityGroup(network, props);
    const image = props.image === undefined ? undefined : resolveImage(this, props.image);
    const role = new PlatformRole(this, 'Role', {
      assumedBy: servicePrincipal(this, 'sagemaker.amazonaws.com'),
      permissions: [...appPermissions(this, key, network, this.securityGroup), ...(image?.permissions ?? [])],
    });
    this.role = role;
    this.identityId = role.roleArn;
    this.grantPrincipal = role;
    const studio = image && studioImage(this, image, role, plan);
    // What is granted from here on may name what waits for the domain.
    const ready = role.seal();
    props.datasets?.forEach((dataset) => dataset.grantRead(this));
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
    (props.cluster as IGpuTrainingCluster | undefined)?.grantSubmit(this);

    const domain = new sagemaker.CfnDomain(this, 'Domain', {
      domainName: physicalName(this, { maxLength: 63 }),
      authMode: 'IAM',
      kmsKeyId: key.key.keyArn,
      homeEfsFileSystemCreation: 'Disabled',
      tagPropagation: 'ENABLED',
      ...this.place(network, key),
      defaultUserSettings: {
        executionRole: role.roleArn,
        securityGroups: this.securityGroup && [this.securityGroup.securityGroupId],
        studioWebPortal: 'ENABLED',
        defaultLandingUri: 'studio::',
        autoMountHomeEfs: 'Disabled',
        ...appSettings(plan, startOf(this, props, plan, studio), studio),
      },
    });
    domain.node.addDependency(...ready);
    this.domain = domain;
    this.domainId = domain.attrDomainId;
    this.node.defaultChild = domain;
    studioPermissions(this, this.domainId).forEach((permission) => role.allow(permission));
    props.users.forEach(({ name }) => this.addUser(name, plan));
    this.keep(props);
    // Not kept: who is taken from the list opens nothing any more.
    props.users.forEach((user) => this.admit(user));
    exportAlways(this, role.roleArn, this.domainId);
    tellWorkspace(this, props, plan);
  }

  /** The service's network still asks for subnets of the account, and leaves them alone. */
  private place(
    network: INetwork | undefined,
    encryptionKey: core.IEncryptionKey,
  ): Pick<sagemaker.CfnDomainProps, 'appNetworkAccessType' | 'vpcId' | 'subnetIds'> {
    const { vpc, workloadSubnets } = network ?? new PrivateNetwork(this, 'Network', { encryptionKey });
    return {
      appNetworkAccessType: network ? 'VpcOnly' : 'PublicInternetOnly',
      vpcId: vpc.vpcId,
      subnetIds: workloadSubnets.map(({ subnetId }) => subnetId),
    };
  }

  private makeSecurityGroup(network: INetwork, props: WorkspaceProps): ec2.SecurityGroup {
    [
      ...['sagemaker.api', 'sagemaker.runtime', 'sts', 'logs'],
      ...(props.image === undefined ? [] : ['ecr.api', 'ecr.dkr']),
      ...(Object.keys(props.secrets ?? {}).length ? ['secretsmanager'] : []),
      ...(props.cluster ? ['states'] : []),
    ].forEach((service) => network.endpoint(service));
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: network.vpc,
      description: 'Notebooks: to services by HTTPS',
      allowAllOutbound: false,
    });
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS');
    return group;
  }

  private addUser(name: string, { app, diskGiB }: WorkspacePlan): void {
    const user = new Construct(this, `User${name}`);
    const profile = new sagemaker.CfnUserProfile(user, 'Profile', {
      domainId: this.domainId,
      userProfileName: name,
    });
    untagged(profile);
    const space = new sagemaker.CfnSpace(user, 'Space', {
      domainId: this.domainId,
      spaceName: name,
      ownershipSettings: { ownerUserProfileName: name },
      spaceSharingSettings: { sharingType: 'Private' },
      spaceSettings: {
        // Machine, image and script are the domain's.
        appType: app.type,
        spaceStorageSettings: { ebsStorageSettings: { ebsVolumeSizeInGb: diskGiB } },
      },
    });
    space.node.addDependency(profile);
  }

  private admit({ name, principalId }: core.WorkspaceUserProps): void {
    if (principalId !== undefined) {
      this.grants.open(principal(this, `Principal${name}`, principalId), name);
    }
  }

  /** A home that is kept is one that can be opened: what a notebook starts with is kept too. */
  private keep({ retention }: WorkspaceProps): void {
    const policy = removalPolicy(retention);
    for (const resource of this.node.findAll().filter((child) => CfnResource.isCfnResource(child))) {
      const isHome = HOMES.includes(resource.cfnResourceType);
      resource.applyRemovalPolicy(policy, { applyToUpdateReplacePolicy: isHome });
      resource.cfnOptions.updateReplacePolicy ??= CfnDeletionPolicy.DELETE;
    }
  }
}

const HOMES = ['AWS::SageMaker::Domain', 'AWS::SageMaker::UserProfile', 'AWS::SageMaker::Space'];

class ImportedWorkspace extends WorkspaceBase {
  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;
  public readonly domainId: string;
  public readonly role: iam.IRole;
  public readonly userNames: string[];

  constructor(scope: Construct, id: string, { domainId, role, userNames }: FromDomainProps) {
    super(scope, id);
    judgeConstruct(this, 'Workspace', () => undefined);
    this.domainId = domainId;
    this.role = role;
    this.userNames = [...userNames];
    this.identityId = role.roleArn;
    this.grantPrincipal = role.grantPrincipal;
  }
}

const principal = (scope: Construct, id: string, arn: string): iam.IPrincipal =>
  principalOf(arn).isRole
    ? grantedTo(iam.Role.fromRoleArn(scope, id, arn))
    : iam.User.fromUserArn(scope, id, arn).grantPrincipal;
