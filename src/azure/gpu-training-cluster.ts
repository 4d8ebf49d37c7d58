import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IModelRegistry } from './model-registry';
import { azapiResource } from './private/azapi';
import { computeCluster, imageEnvironment, workspaceStorageId } from './private/gpu-training-cluster/compute';
import { jobEnvironment } from './private/gpu-training-cluster/environment';
import { JobProps } from './private/gpu-training-cluster/job';
import { judgeTraining, TrainingPlan } from './private/gpu-training-cluster/judge';
import { tellTraining } from './private/gpu-training-cluster/report';
import { jobStore, modelStore } from './private/gpu-training-cluster/stores';
import {
  allowSubmit,
  Submission,
  submitCommand,
  submitRole,
} from './private/gpu-training-cluster/submission';
import { workflow } from './private/gpu-training-cluster/workflow';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { logWorkspace, sendLogs } from './private/logs';
import { nameOf, NAMES } from './private/names';
import { homeOf, resourceGroupId } from './private/resource-group';
import { assignRole, grantRole } from './private/roles';
import { READ_WRITE } from './private/storage';
import { Workspace, workspaceFor } from './private/workspace';
import { INetwork } from './private-network';
import { IWorkload } from './workload';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a training cluster on Azure. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /**
   * Minutes after its last job when a machine is given back, from 1 to 1440. It bills until then.
   *
   * @default 5
   */
  readonly idleMinutes?: number;
}

/** A training cluster on Azure. */
export interface IGpuTrainingCluster extends core.IGpuTrainingCluster, IWorkload {
  /** The native compute cluster of Azure Machine Learning. */
  readonly computeCluster: TerraformResource;

  /** The native workflow of Logic Apps that runs one job for each request. */
  readonly workflow: TerraformResource;

  /** The native user-assigned identity that jobs run as. */
  readonly identity: TerraformResource;

  /** The native container of checkpoints and outputs. */
  readonly jobContainer: TerraformResource;

  /**
   * Lets a workload start jobs: choose command, number of nodes and name of the run, nothing else.
   *
   * @param workload who starts jobs
   */
  grantSubmit(workload: core.IWorkload): void;
}

/** Grants of a training cluster to native principals. */
export class GpuTrainingClusterGrants {
  /** @internal */
  constructor(
    private readonly cluster: Construct,
    private readonly workflowId: string,
    private readonly roleDefinitionId: string,
  ) {}

  /**
   * Lets a native principal start jobs: choose command, number of nodes and name of the run, nothing else.
   *
   * @param principalId the object id of a managed identity, service principal, group or user
   */
  public submit(principalId: string): void {
    const { cluster, workflowId, roleDefinitionId } = this;
    allowSubmit(cluster, cluster, text(principalId), { workflowId, roleDefinitionId }, false);
  }
}

/**
 * A place to run training jobs on Azure, with no machine between them: a compute cluster of Azure Machine Learning, and
 * a workflow of Logic Apps that is the only way to it for callers. The workspace is the one of the stack, made on first
 * need. Idle, it bills for stored bytes, and a workspace of the stack's own for its container registry.
 *
 * Azure Machine Learning fixes or lacks some of what the props can say: disks (`diskGiB`), capacity that is queued,
 * reserved or falls back. It encrypts the system disks of machines with keys of its own, and temporary disks where the
 * workspace is for data of high business impact, as under SecurityProfile.REGULATED; `encryptionKey` is for stored
 * files. It does not tell a failed program from a lost machine, so `maxRetries` counts both. `logRetentionDays` is for
 * the log of the workflow; logs of jobs are in the storage of the workspace. Secrets come as `NAME_SECRET_ID`, the id
 * of the secret, which the job reads from Key Vault as its identity. With `registry`, `MODEL_OUTPUT_URI` is an
 * `https://` address of Blob Storage, else `abfss://`.
 *
 * @example
 * import { App } from 'cdktf';
 * import { azure, core } from 'cloud-ml-constructs';
 *
 * const stack = new azure.PlatformStack(new App(), 'platform', {
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   location: 'westeurope',
 * });
 * const registry = new azure.ModelRegistry(stack, 'Registry', {
 *   models: [{ name: 'fraud-detector' }],
 *   images: ['train', 'serve'],
 * });
 * const training = new azure.GpuTrainingCluster(stack, 'Training', {
 *   registry,
 *   image: registry.image('train', '3'),
 *   accelerators: ['A100-80GB:8', 'A100:8'],
 *   maxNodes: 4,
 *   capacity: core.Capacity.spot(),
 *   fabric: core.Fabric.REQUIRED,
 * });
 */
export class GpuTrainingCluster extends Construct implements IGpuTrainingCluster {
  public readonly machineType: string;
  public readonly outputUri: string;
  public readonly submitCommand: string;
  public readonly identityId: string;
  public readonly computeCluster: TerraformResource;
  public readonly workflow: TerraformResource;
  public readonly identity: TerraformResource;
  public readonly jobContainer: TerraformResource;
  /** The native version of the environment that fixes the image of jobs. */
  public readonly environmentVersion: TerraformResource;
  /** The accelerators of each machine; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The fast network that joins the machines: `InfiniBand`; undefined where machine type or number of nodes have none. */
  public readonly fabric?: string;
  /** Grants to native principals. */
  public readonly grants: GpuTrainingClusterGrants;
  private readonly submission: Submission;

  constructor(scope: Construct, id: string, props: GpuTrainingClusterProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'GpuTrainingCluster', (faults) => judgeTraining(this, props, faults));

    const { machine, type } = plan.choice;
    this.machineType = text(type);
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    this.fabric = plan.fabric ? 'InfiniBand' : undefined;

    const network = props.network as INetwork | undefined;
    const workspace = workspaceFor(this, { network, encryptionKey: props.encryptionKey });
    const identity = new UserAssignedIdentity(this, 'Identity', {
      ...homeOf(this),
      name: nameOf(this, NAMES.identity),
    });
    this.identity = identity;
    this.identityId = identity.principalId;
    const store = jobStore(this, props);
    this.jobContainer = store.container;
    const models = modelStore(
      this,
      store,
      identity.principalId,
      props.registry as IModelRegistry | undefined,
    );
    const compute = computeCluster(this, { workspace, plan, identity, network });
    this.computeCluster = compute;
    const image = resolveImage(this, props.image);
    image.roles.forEach(({ resource, ...role }) => grantRole(this, resource, role));
    this.environmentVersion = imageEnvironment(this, workspace, image.uri);
    this.allowJobs(identity.principalId, [store.container.id, workspaceStorageId(this, workspace)], props);
    const made = this.makeWorkflow(workspace, props, plan, {
      experiment: nameOf(this, { maxLength: 64 }),
      environmentId: this.environmentVersion.getStringAttribute('id'),
      computeId: compute.id,
      identity: { resourceId: identity.id, clientId: identity.clientId },
      environment: jobEnvironment({
        environment: text(props.environment ?? {}),
        secrets: Object.fromEntries(
          Object.entries(props.secrets ?? {}).map(([name, secret]) => [name, secret.secretId]),
        ),
        datasets: plan.datasetVariables,
        processesPerNode: `${Math.max(1, Math.floor(machine?.count ?? 1))}`,
        clientId: identity.clientId,
      }),
      checkpoints: store.checkpoints,
      models,
      timeLimitHours: plan.timeLimitHours,
      sharedMemoryMiB: props.sharedMemoryMiB,
    });
    this.workflow = made;

    this.submission = {
      workflowId: made.getStringAttribute('id'),
      roleDefinitionId: submitRole(this).roleDefinitionResourceId,
    };
    this.grants = new GpuTrainingClusterGrants(
      this,
      this.submission.workflowId,
      this.submission.roleDefinitionId,
    );
    this.node.defaultChild = compute;
    this.outputUri = models;
    this.submitCommand = submitCommand(this.submission.workflowId, plan.maxNodes, props.command);
    exportAlways(
      this,
      this.identityId,
      this.outputUri,
      this.submission.workflowId,
      this.submission.roleDefinitionId,
      compute.id,
    );
    tellTraining(this, props, plan, workspace.id);
  }

  public grantSubmit(workload: core.IWorkload): void {
    const to = grantee(this, workload);
    allowSubmit(to, this, to.identityId, this.submission, true);
  }

  /** What jobs may do, as their identity. Nodes keep the service's own files in the storage of the workspace. */
  private allowJobs(principalId: string, [jobs, workspace]: string[], props: GpuTrainingClusterProps): void {
    assignRole(this, 'JobsRole', principalId, { role: READ_WRITE, scope: jobs });
    assignRole(this, 'WorkspaceStorageRole', principalId, { role: READ_WRITE, scope: workspace });
    props.datasets?.forEach((dataset) => dataset.grantRead(this));
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
  }

  private makeWorkflow(
    workspace: Workspace,
    { command, logRetentionDays }: GpuTrainingClusterProps,
    plan: TrainingPlan,
    job: JobProps,
  ): TerraformResource & { getStringAttribute(name: string): string } {
    const holder = new Construct(this, 'Submitter');
    const submitter = new UserAssignedIdentity(holder, 'Identity', {
      ...homeOf(this),
      name: nameOf(holder, NAMES.identity),
    });
    // No narrower built-in role submits jobs. It is the workflow's alone.
    assignRole(holder, 'Role', submitter.principalId, {
      role: 'AzureML Data Scientist',
      scope: workspace.id,
    });
    const made = azapiResource(this, 'Workflow', {
      type: 'Microsoft.Logic/workflows@2019-05-01',
      name: nameOf(this, { maxLength: 43 }),
      parentId: resourceGroupId(this),
      location: homeOf(this).location,
      identityIds: [submitter.id],
      body: {
        properties: {
          state: 'Enabled',
          definition: workflow({
            job,
            workspaceId: workspace.id,
            identityId: submitter.id,
            jobPrefix: nameOf(this, { maxLength: 64 }),
            command,
            maxNodes: plan.maxNodes,
            maxRetries: plan.maxRetries,
            ...timesOf(plan),
          }),
        },
      },
    });
    sendLogs(this, 'WorkflowLogs', {
      resourceId: made.getStringAttribute('id'),
      workspaceId: logWorkspace(this, 'Logs', { logRetentionDays, tables: ['AzureDiagnostics'] }).id,
      logs: [{ category: 'WorkflowRuntime' }],
    });
    return made;
  }
}

/** How long jobs on demand wait for others of the cluster. */
const QUEUE_HOURS = 168;

/** Spot machines are waited for on top of the time limit, lost ones too. On demand the time counts from the start. */
const timesOf = ({ capacity, timeLimitHours }: TrainingPlan) =>
  capacity.kind === core.CapacityKind.SPOT
    ? { giveUpAfterHours: timeLimitHours + capacity.maxWaitHours! }
    : { giveUpAfterHours: timeLimitHours + QUEUE_HOURS, limitHours: timeLimitHours };
