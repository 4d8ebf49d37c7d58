import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Aspects, TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IModelRegistry } from './model-registry';
import { azapiResource } from './private/azapi';
import { aksEngine } from './private/gpu-training-cluster/aks';
import { trainingAlarms } from './private/gpu-training-cluster/alarms';
import { azureMlEngine } from './private/gpu-training-cluster/azure-ml';
import { aksEnvironment, jobEnvironment } from './private/gpu-training-cluster/environment';
import { Json } from './private/gpu-training-cluster/job';
import { judgeTraining, TrainingPlan } from './private/gpu-training-cluster/judge';
import { tellTraining } from './private/gpu-training-cluster/report';
import { jobStore, modelStore } from './private/gpu-training-cluster/stores';
import {
  allowSubmit,
  Submission,
  submitCommand,
  submitRole,
} from './private/gpu-training-cluster/submission';
import { runsAs } from './private/identity';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { logWorkspace, sendLogs } from './private/logs';
import { nameOf, NAMES } from './private/names';
import { homeOf, resourceGroupId } from './private/resource-group';
import { assignRole } from './private/roles';
import { READ_WRITE } from './private/storage';
import { stackTags, Tagging } from './private/tags';
import { INetwork } from './private-network';
import { TrainingEngine } from './training-engine';
import { IWorkload, ManagedIdentity } from './workload';
import { exportAlways } from '../terraform/exports';
import { text } from '../terraform/text';

/** Props of a training cluster on Azure. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /**
   * The user-assigned identity that jobs run as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly managedIdentity?: ManagedIdentity;

  /**
   * The service that runs the jobs. AKS needs `network`, or a cluster that exists.
   *
   * @default TrainingEngine.azureMl()
   */
  readonly engine?: TrainingEngine;

  /**
   * Minutes after its last job when a machine is given back, from 1 to 1440. It bills until then. With engine azureMl.
   *
   * @default 5
   */
  readonly idleMinutes?: number;
}

/** A training cluster on Azure. */
export interface IGpuTrainingCluster extends core.IGpuTrainingCluster, IWorkload {
  /** The native compute cluster of Azure Machine Learning; undefined with engine aks. */
  readonly computeCluster?: TerraformResource;

  /** The native workflow of Logic Apps that runs one job for each request. */
  readonly workflow: TerraformResource;

  /** The native user-assigned identity that jobs run as; undefined where it was given. */
  readonly identity?: TerraformResource;

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
 * A place to run training jobs on Azure, with no machine between them: a compute cluster of Azure Machine Learning, or
 * machines of AKS, and a workflow of Logic Apps that is the only way to it for callers. The workspace is the one of the
 * stack, made on first need. Idle, it bills for stored bytes, and a workspace of the stack's own for its container
 * registry; with engine aks a Kubernetes cluster of the stack's own for its control plane and one small machine.
 *
 * Azure Machine Learning fixes or lacks some of what the props can say: disks (`diskGiB`), capacity that is queued,
 * reserved or falls back. It encrypts the system disks of machines with keys of its own, and temporary disks where the
 * workspace is for data of high business impact, as under SecurityProfile.REGULATED; `encryptionKey` is for stored
 * files. It does not tell a failed program from a lost machine, so `maxRetries` counts both. `logRetentionDays` is for
 * the log of the workflow; logs of jobs are in the storage of the workspace. Secrets come as `NAME_SECRET_ID`, the id
 * of the secret, which the job reads from Key Vault as its identity. With `registry`, `MODEL_OUTPUT_URI` is an
 * `https://` address of Blob Storage, else `abfss://`.
 *
 * With engine aks, `encryptionKey` is for the disks of machines too, where the Kubernetes cluster is of the stack's own.
 * Logs of jobs are those of that cluster, in ContainerLogV2 of its own Log Analytics workspace, as long as the profile
 * says.
 *
 * @example
 * import { App } from 'cdktf';
 * import { azure, core } from 'cloud-ml-constructs';
 *
 * const stack = new azure.PlatformStack(new App(), 'platform', {
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   location: 'westeurope',
 * });
 * const lake = new azure.DataLake(stack, 'Lake');
 * const registry = new azure.ModelRegistry(stack, 'Registry', {
 *   models: [{ name: 'fraud-detector' }],
 *   images: ['train', 'serve'],
 * });
 * const datasets = [{ data: lake.zone('raw').folder('team-a'), mode: core.DatasetMode.MOUNT }];
 * const training = new azure.GpuTrainingCluster(stack, 'Training', {
 *   // DATASET_CURATED_URI; files of the team's folder below DATASET_RAW_DIR.
 *   datasets,
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
  public readonly computeCluster?: TerraformResource;
  public readonly workflow: TerraformResource;
  public readonly identity?: TerraformResource;
  public readonly jobContainer: TerraformResource;
  /** The native version of the environment that fixes the image of jobs; undefined with engine aks. */
  public readonly environmentVersion?: TerraformResource;
  /** The native Kubernetes cluster that was made; undefined unless the engine is aks, and where it is imported. */
  public readonly kubernetesCluster?: TerraformResource;
  /** The native node pools of jobs, in the order in which they are tried; none unless the engine is aks. */
  public readonly nodePools: TerraformResource[];
  /** The Kubernetes namespace of jobs; undefined unless the engine is aks. */
  public readonly kubernetesNamespace?: string;
  /** The accelerators of each machine; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The fast network that joins the machines: `InfiniBand`; undefined where machine type or number of nodes have none. */
  public readonly fabric?: string;
  /** The native alarms that tell of jobs; none without `alarms`. */
  public readonly alarms: TerraformResource[];
  /** The native action group that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly actionGroup?: TerraformResource;
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
    const identity = runsAs(this, props.managedIdentity);
    this.identity = identity.resource;
    this.identityId = identity.principalId;
    const store = jobStore(this, props);
    this.jobContainer = store.container;
    const models = modelStore(
      this,
      store,
      identity.principalId,
      props.registry as IModelRegistry | undefined,
    );
    const holder = new Construct(this, 'Submitter');
    const submitter = new UserAssignedIdentity(holder, 'Identity', {
      ...homeOf(this),
      name: nameOf(holder, NAMES.identity),
    });
    this.allowJobs(identity.principalId, store.container.id, plan, props);
    const made = {
      props,
      plan,
      network,
      identity,
      submitter,
      holder,
      checkpoints: store.checkpoints,
      models,
      tags: { ...stackTags(this), ...props.costTags },
    };
    const image = resolveImage(this, props.image);
    const variables = {
      environment: text(props.environment ?? {}),
      secrets: Object.fromEntries(
        Object.entries(props.secrets ?? {}).map(([name, secret]) => [name, secret.secretId]),
      ),
      datasets: plan.datasetVariables,
      processesPerNode: `${Math.max(1, Math.floor(machine?.count ?? 1))}`,
      clientId: identity.clientId,
    };
    const aks = plan.aks && aksEngine(this, { ...made, image, environment: aksEnvironment(variables) });
    const ml = aks
      ? undefined
      : azureMlEngine(this, { ...made, image, environment: jobEnvironment(variables) });
    this.computeCluster = ml?.compute;
    this.environmentVersion = ml?.environmentVersion;
    this.kubernetesCluster = aks?.kubernetes.resource;
    this.kubernetesNamespace = aks?.namespace;
    this.nodePools = aks?.nodePools ?? [];
    const native = this.makeWorkflow((aks ?? ml)!.definition, submitter, props);
    this.workflow = native;

    const { alarms, group } = trainingAlarms(this, native.getStringAttribute('id'), props.alarms);
    this.alarms = alarms;
    this.actionGroup = group;
    this.submission = {
      workflowId: native.getStringAttribute('id'),
      roleDefinitionId: submitRole(this).roleDefinitionResourceId,
    };
    this.grants = new GpuTrainingClusterGrants(
      this,
      this.submission.workflowId,
      this.submission.roleDefinitionId,
    );
    this.node.defaultChild = ml?.compute ?? this.nodePools[0];
    this.outputUri = models;
    this.submitCommand = submitCommand(this.submission.workflowId, plan.maxNodes, props.command);
    exportAlways(
      this,
      this.identityId,
      this.outputUri,
      this.submission.workflowId,
      this.submission.roleDefinitionId,
      ...(ml ? [ml.compute.id] : []),
    );
    if (props.costTags) {
      Aspects.of(this).add(new Tagging(props.costTags, true));
    }
    tellTraining(this, props, plan, { workspace: ml?.workspace, aks });
  }

  public grantSubmit(workload: core.IWorkload): void {
    const to = grantee(this, workload);
    allowSubmit(to, this, to.identityId, this.submission, true);
  }

  /** What jobs may do, as their identity. */
  private allowJobs(
    principalId: string,
    jobs: string,
    { datasets }: TrainingPlan,
    props: GpuTrainingClusterProps,
  ): void {
    assignRole(this, 'JobsRole', principalId, { role: READ_WRITE, scope: jobs });
    datasets.forEach(({ data }) => data.grantRead(this));
    Object.values(props.secrets ?? {}).forEach((secret) => secret.grantRead(this));
  }

  private makeWorkflow(
    definition: Json,
    submitter: UserAssignedIdentity,
    { logRetentionDays, costTags }: GpuTrainingClusterProps,
  ): TerraformResource & { getStringAttribute(name: string): string } {
    const made = azapiResource(this, 'Workflow', {
      type: 'Microsoft.Logic/workflows@2019-05-01',
      name: nameOf(this, { maxLength: 43 }),
      parentId: resourceGroupId(this),
      location: homeOf(this).location,
      identityIds: [submitter.id],
      body: { properties: { state: 'Enabled', definition } },
      // Over those of its provider.
      more: costTags && { tags: { ...stackTags(this), ...costTags } },
    });
    sendLogs(this, 'WorkflowLogs', {
      resourceId: made.getStringAttribute('id'),
      workspaceId: logWorkspace(this, 'Logs', { logRetentionDays, tables: ['AzureDiagnostics'] }).id,
      logs: [{ category: 'WorkflowRuntime' }],
    });
    return made;
  }
}
