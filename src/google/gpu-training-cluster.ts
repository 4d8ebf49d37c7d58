import { ComputeNetworkAttachment } from '@cdktf/provider-google/lib/compute-network-attachment';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { WorkflowsWorkflow } from '@cdktf/provider-google/lib/workflows-workflow';
import { Aspects, TerraformResource, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { IEncryptionKey } from './encryption-key';
import { IModelRegistry } from './model-registry';
import { apis } from './private/apis';
import { trainingAlarms } from './private/gpu-training-cluster/alarms';
import { jobEnvironment, VERTEX_ENTRY } from './private/gpu-training-cluster/environment';
import { gkeEngine } from './private/gpu-training-cluster/gke';
import { letJobsAttach } from './private/gpu-training-cluster/interface';
import { judgeTraining, TrainingPlan } from './private/gpu-training-cluster/judge';
import { processesPerNode } from './private/gpu-training-cluster/machine';
import { tellTraining } from './private/gpu-training-cluster/report';
import { Json } from './private/gpu-training-cluster/request';
import { Scratch, SCRATCH_DIR } from './private/gpu-training-cluster/scratch';
import { vertexSteps, workflow } from './private/gpu-training-cluster/workflow';
import { giveOnce, Grantee, ofMember, ofWorkload } from './private/grants';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { encryptedBy, keyFor } from './private/keys';
import { Labelling, stackLabels } from './private/labels';
import { LogStore } from './private/logs';
import { physicalName, RFC1035 } from './private/names';
import { placeOf } from './private/place';
import { profileOf } from './private/profile';
import { WorkloadAccount } from './private/service-account';
import { usesSubnetwork } from './private/shared-network';
import { giveBucket, READ_WRITE, storageBucket } from './private/storage';
import { INetwork } from './private-network';
import { TrainingEngine } from './training-engine';
import { IWorkload } from './workload';
import { exportAlways } from '../terraform/exports';
import { KUBERNETES_ENTRY } from '../terraform/kubernetes/entry';
import { text } from '../terraform/text';

/** Props of a training cluster on Google Cloud. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /**
   * The e-mail of the service account that jobs run as, which gets the roles that it needs. It takes one of its own.
   *
   * @default - one is made
   */
  readonly serviceAccountEmail?: string;

  /**
   * The e-mail of the service account that the workflow runs as, which starts the jobs and gets the roles that it needs.
   *
   * @default - one is made
   */
  readonly workflowServiceAccountEmail?: string;

  /**
   * The service that runs the jobs. GKE needs `network`, or a cluster that exists.
   *
   * @default TrainingEngine.vertexAi()
   */
  readonly engine?: TrainingEngine;
}

/** A training cluster on Google Cloud. */
export interface IGpuTrainingCluster extends core.IGpuTrainingCluster, IWorkload {
  /** The native workflow that runs one job for each execution. */
  readonly workflow: TerraformResource;

  /** The native service account that jobs run as; undefined where it was given. */
  readonly serviceAccount?: TerraformResource;

  /** The native bucket of checkpoints and outputs. */
  readonly jobBucket: TerraformResource;

  /**
   * Lets a workload start jobs: choose command, number of nodes and name of the run, nothing else. Workflows have no
   * permissions of their own on Google Cloud: it may start every workflow of the project.
   *
   * @param workload who starts jobs
   */
  grantSubmit(workload: core.IWorkload): void;
}

/** Lets native members start the jobs of a training cluster. */
export class GpuTrainingClusterGrants {
  /** @internal */
  constructor(private readonly cluster: Construct) {}

  /**
   * Lets a native member start jobs: choose command, number of nodes and name of the run, nothing else. It may start
   * every workflow of the project.
   *
   * @param member a member of an IAM policy, such as `group:ml@example.com`
   */
  public submit(member: string): TerraformResource {
    return this._give(ofMember(this.cluster, member));
  }

  /** @internal */
  public _give(to: Grantee): TerraformResource {
    const { project } = placeOf(this.cluster);
    // One for all clusters of a stack: the removal of one must not take it from the others.
    return giveOnce(
      to,
      TerraformStack.of(this.cluster),
      'roles/workflows.invoker',
      (scope, id, given) =>
        new ProjectIamMember(scope, id, {
          project,
          ...given,
          dependsOn: apis(scope, 'cloudresourcemanager'),
        }),
    );
  }
}

/**
 * A place to run training jobs on Google Cloud, with nothing that exists between them: a workflow that starts custom
 * jobs of Vertex AI (spot machines, several nodes, Dynamic Workload Scheduler, reservations, TPUs of one host) and
 * starts them again when machines are lost; or jobs of Kubernetes, on machines of GKE that exist as long as they. Idle,
 * it bills for stored bytes, and a Kubernetes cluster of the stack's own for its control plane and one small machine.
 *
 * `logRetentionDays` is for the log of executions, and with engine gke for that of jobs. Vertex AI writes the logs of all jobs of a project to the project's own
 * log bucket, which no stack can own. Secrets are handed on as `NAME_SECRET_ID`, the id of the secret, which jobs may read.
 */
export class GpuTrainingCluster extends Construct implements IGpuTrainingCluster {
  public readonly machineType: string;
  public readonly outputUri: string;
  public readonly submitCommand: string;
  public readonly identityId: string;
  public readonly member: string;
  public readonly workflow: TerraformResource;
  public readonly serviceAccount?: TerraformResource;
  public readonly jobBucket: TerraformResource;
  /** The accelerators of each machine; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** Lets native members start jobs. */
  public readonly grants: GpuTrainingClusterGrants;
  /** The native alert policies that tell of jobs; none without `alarms`. */
  public readonly alarms: TerraformResource[];
  /** The native notification channels of the addresses in `alarms.notify`. */
  public readonly channels: TerraformResource[];
  /** The native service account that the workflow runs as; undefined where it was given. */
  public readonly workflowServiceAccount?: TerraformResource;
  /** The native network attachment by which jobs reach the network; undefined without `network`, and with engine gke. */
  public readonly networkAttachment?: TerraformResource;
  /** The native instance of Filestore that nodes share; undefined without `scratch`. */
  public readonly scratchInstance?: TerraformResource;
  /** The native Kubernetes cluster that was made; undefined unless the engine is gke, and where it is imported. */
  public readonly kubernetesCluster?: TerraformResource;
  /** The native node pools of jobs, in the order in which they are tried; none unless the engine is gke. */
  public readonly nodePools: TerraformResource[];
  /** The Kubernetes namespace of jobs; undefined unless the engine is gke. */
  public readonly kubernetesNamespace?: string;

  constructor(scope: Construct, id: string, props: GpuTrainingClusterProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'GpuTrainingCluster', (faults) => judgeTraining(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    const name = physicalName(this, RFC1035);
    this.machineType = plan.choice.type;
    const { machine } = plan.choice;
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    const jobAccount = new WorkloadAccount(
      this,
      'JobAccount',
      `Training jobs of ${this.node.path}`,
      props.serviceAccountEmail,
    );
    this.serviceAccount = jobAccount.account;
    this.identityId = jobAccount.email;
    this.member = jobAccount.member;
    const bucket = this.makeBucket(key, props);
    this.jobBucket = bucket;
    this.outputUri = this.giveStores(bucket, name, props.registry as IModelRegistry | undefined);
    plan.datasets.forEach(({ data }) => data.grantRead(this));
    const attachment =
      props.network && !plan.gke ? this.makeAttachment(name, props.network as INetwork) : undefined;
    this.networkAttachment = attachment;

    const { project, region } = placeOf(this);
    const image = resolveImage(this, props.image);
    const checkpoints = `gs://${bucket.name}/checkpoints/`;
    const models = this.outputUri;
    const labels = { ...stackLabels(this), ...props.costTags };
    const scratch = this.makeScratch(key, props);
    this.scratchInstance = scratch?.instance;
    const gke =
      plan.gke &&
      gkeEngine(this, { props, plan, key, image, jobAccount, checkpoints, models, scratch, labels });
    this.kubernetesCluster = gke?.kubernetes.resource;
    this.nodePools = gke?.nodePools ?? [];
    this.kubernetesNamespace = gke?.namespace;
    const definition = workflow(
      {
        command: props.command,
        labels,
        environment: jobEnvironment({
          ...{ project, region, datasets: plan.datasetVariables, environment: props.environment ?? {} },
          entry: gke ? KUBERNETES_ENTRY : VERTEX_ENTRY,
          processesPerNode: processesPerNode(plan.choice),
          scratch: scratch && SCRATCH_DIR[gke ? 'gke' : 'vertex'],
          secrets: this.giveSecrets(props.secrets),
        }),
      },
      gke?.steps ??
        vertexSteps({
          ...{ plan, project, region, jobPrefix: name, image: image.uri, checkpoints, models, scratch },
          serviceAccount: jobAccount.email,
          kmsKeyName: key?.keyId,
          networkAttachment: attachment?.id,
          tellAfterMinutes: props.alarms?.noCapacityMinutes,
        }),
    );
    const workflowAccount = this.makeWorkflowAccount(
      jobAccount,
      gke !== undefined,
      props.workflowServiceAccountEmail,
    );
    this.workflowServiceAccount = workflowAccount.account;
    const native = this.makeWorkflow(
      name,
      definition,
      workflowAccount,
      key,
      gke ? 'container' : 'aiplatform',
    );
    this.workflow = native;
    this.node.defaultChild = native;
    const executions = `resource.type="workflows.googleapis.com/Workflow" AND resource.labels.workflow_id="${name}"`;
    new LogStore(this, 'WorkflowLogs', {
      filter: gke ? `(${executions}) OR (${gke.logs})` : executions,
      retentionDays: props.logRetentionDays,
    });
    const { alarms, channels } = trainingAlarms(this, name, props.alarms);
    this.alarms = alarms;
    this.channels = channels;
    this.grants = new GpuTrainingClusterGrants(this);
    this.submitCommand = submitCommand(name, { project, region }, plan, props.command);
    exportAlways(this, this.identityId, this.member, native.id, bucket.name);
    if (props.costTags) {
      Aspects.of(this).add(new Labelling(props.costTags));
    }
    tellTraining(this, props, plan, { jobPrefix: name, image: image.uri, gke });
  }

  public grantSubmit(workload: core.IWorkload): void {
    this.grants._give(ofWorkload(grantee(this, workload)));
  }

  private makeBucket(key: IEncryptionKey | undefined, props: GpuTrainingClusterProps): StorageBucket {
    return storageBucket(this, 'Jobs', {
      key,
      retention: props.retention,
      keepOldVersionsDays: profileOf(this).oldJobVersionsDays,
      // Checkpoints are many and large, and their old versions are kept already.
      softDelete: false,
      lifecycleRules: [
        {
          action: { type: 'Delete' },
          condition: { age: props.checkpointExpireAfterDays ?? 30, matchesPrefix: ['checkpoints/'] },
        },
      ],
    });
  }

  /** Where models go: a registry gets them below `training/<cluster>/`, and jobs write to no other part of it. */
  private giveStores(bucket: StorageBucket, name: string, registry?: IModelRegistry): string {
    giveBucket(ofWorkload(this), bucket, bucket.name, READ_WRITE);
    if (!registry) {
      return `gs://${bucket.name}/output/`;
    }
    const { artifactBucketName: store } = registry;
    const training = `training/${name}/`;
    // With an id of its own: the name of the folder may be known only at deployment.
    new StorageBucketIamMember(this, 'ModelStore', {
      bucket: store,
      role: READ_WRITE,
      member: this.member,
      condition: {
        title: 'Below the folder of the cluster',
        // Who writes below a prefix lists the bucket.
        expression: `resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("projects/_/buckets/${store}/objects/${training}")`,
      },
    });
    return `gs://${store}/${training}`;
  }

  private makeScratch(
    key: IEncryptionKey | undefined,
    { scratch, network, retention }: GpuTrainingClusterProps,
  ): Scratch | undefined {
    return (
      scratch && new Scratch(this, 'Scratch', { ...scratch, network: network as INetwork, key, retention })
    );
  }

  private giveSecrets(secrets: { [name: string]: core.ISecret } = {}): Record<string, string> {
    return Object.fromEntries(
      Object.entries(secrets).map(([name, secret]) => {
        secret.grantRead(this);
        return [name, secret.secretId];
      }),
    );
  }

  private makeAttachment(name: string, network: INetwork): ComputeNetworkAttachment {
    letJobsAttach(this);
    return new ComputeNetworkAttachment(this, 'NetworkAttachment', {
      name,
      region: placeOf(this).region,
      // The project that jobs run in is Google's, and not known before.
      connectionPreference: 'ACCEPT_AUTOMATIC',
      subnetworks: [network.subnetworkId],
      dependsOn: [...apis(this, 'compute'), ...usesSubnetwork(this, network, 'aiplatform')],
    });
  }

  private makeWorkflowAccount(
    jobAccount: WorkloadAccount,
    onKubernetes: boolean,
    existing?: string,
  ): WorkloadAccount {
    const account = new WorkloadAccount(
      this,
      'WorkflowAccount',
      `Starts training jobs of ${this.node.path}`,
      existing,
    );
    if (onKubernetes) {
      // Kubernetes has narrower roles, which only someone with rights in the cluster could give.
      account.onProject('roles/container.developer', 'roles/logging.logWriter');
      return account;
    }
    // Jobs that do not exist yet take no permissions, and an own role cannot be made again for weeks after it was deleted.
    account.onProject('roles/aiplatform.user', 'roles/logging.logWriter');
    new ServiceAccountIamMember(account, 'RunsAs', {
      serviceAccountId: jobAccount.name,
      role: 'roles/iam.serviceAccountUser',
      member: account.member,
    });
    return account;
  }

  private makeWorkflow(
    name: string,
    definition: Json,
    account: WorkloadAccount,
    key: IEncryptionKey | undefined,
    service: string,
  ): WorkflowsWorkflow {
    return new WorkflowsWorkflow(this, 'Workflow', {
      name,
      region: placeOf(this).region,
      // By its e-mail: of one that exists the project is not known, and the provider takes another path for a change.
      serviceAccount: account.email,
      sourceContents: text(JSON.stringify(definition)),
      callLogLevel: 'LOG_ALL_CALLS',
      cryptoKeyName: key?.keyId,
      deletionProtection: false,
      dependsOn: [
        ...apis(this, 'workflows', service),
        ...encryptedBy(this, key, 'workflows'),
        ...encryptedBy(this, key, service),
      ],
    });
  }
}

/** The name of a run, for a shell: the user's, else the time. Without `${`, so that the command can be an output. */
const RUN_NAME = '"$(echo "$RUN" | grep . || date +%Y%m%d-%H%M%S)"';

/** The command has the input in single quotes, but for the name of the run. */
function submitCommand(
  name: string,
  { project, region }: { readonly project: string; readonly region: string },
  { maxNodes: nodes }: TrainingPlan,
  command = ['torchrun', 'train.py'],
): string {
  const input = JSON.stringify({ command, nodes, run: '' })
    .replace(/\$\{(?!TfToken)/g, '\\u0024{')
    .replace(/%\{/g, '\\u0025{')
    .replace(/'/g, `'\\''`);
  const [before, after] = [input.slice(0, -2), input.slice(-2)];
  return `gcloud workflows run ${name} --project=${project} --location=${region} --data='${before}'${RUN_NAME}'${after}'`;
}
