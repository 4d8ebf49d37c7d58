import {
  aws_batch as batch,
  aws_ec2 as ec2,
  aws_events as events,
  aws_fsx as fsx,
  aws_iam as iam,
  aws_s3 as s3,
  aws_sns as sns,
  aws_stepfunctions as sfn,
  Duration,
  Stack,
  Tags,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { IEncryptionKey } from './encryption-key';
import { IModelRegistry } from './model-registry';
import { exportAlways } from './private/exports';
import { GPU_TRAINING_CLUSTER } from './private/findings';
import { tellPermissions, trainingAlarms } from './private/gpu-training-cluster/alarms';
import { queueName } from '../core/private/queues';
import {
  batchEngine,
  encryptsVolume,
  sageMakerEngine,
  storesOf,
} from './private/gpu-training-cluster/engine';
import { judgeTraining, TrainingPlan } from './private/gpu-training-cluster/judge';
import {
  allowLogDelivery,
  sageMakerPermissions,
  workflowPermissions,
} from './private/gpu-training-cluster/permissions';
import { tellTraining } from './private/gpu-training-cluster/report';
import { Json } from './private/gpu-training-cluster/request';
import { Scratch } from './private/gpu-training-cluster/scratch';
import { JOB_PREFIX_LENGTH, workflow } from './private/gpu-training-cluster/workflow';
import { resolveImage } from './private/images';
import { grantee, judgeConstruct } from './private/judge';
import { keyFor } from './private/keys';
import { literalJson } from './private/literal-json';
import { logGroup } from './private/logs';
import { physicalName } from './private/names';
import { allow, Permission, PlatformRole, servicePrincipal } from './private/platform-role';
import { profileOf } from './private/profile';
import { emptyCommand } from './private/retention';
import { storageBucket } from './private/storage';
import { explain } from './private/suppressions';
import { INetwork } from './private-network';
import { IWorkload } from './workload';

/** The service that runs training jobs. */
export enum TrainingEngine {
  /** Amazon SageMaker training jobs: spot machines also for many nodes, nothing to keep in a network. */
  SAGEMAKER = 'sagemaker',
  /** AWS Batch on EC2 machines in your network: shared memory, secrets by value, reservations of EC2; spot for one node. */
  BATCH = 'batch',
}

/** Props of a training cluster on AWS. */
export interface GpuTrainingClusterProps extends core.GpuTrainingClusterProps {
  /**
   * The service that runs the jobs. AWS Batch needs `network`.
   *
   * @default TrainingEngine.SAGEMAKER
   */
  readonly engine?: TrainingEngine;

  /**
   * Whether the reservation of `Capacity.reserved('cr-…')` is a Capacity Block for ML. With engine BATCH.
   *
   * @default false
   */
  readonly capacityBlock?: boolean;

  /**
   * The machine image, `ami-…`, made from Amazon ECS's for the machine type. For EFA it must hold EFA's driver. With
   * engine BATCH.
   *
   * @default - the newest image of AWS Batch for Amazon Linux 2023
   */
  readonly machineImageId?: string;
}

/** A training cluster on AWS. */
export interface IGpuTrainingCluster extends core.IGpuTrainingCluster, IWorkload {
  /** The native state machine that runs one job for each execution. */
  readonly stateMachine: sfn.IStateMachine;

  /** The native role that jobs run as. */
  readonly role: iam.IRole;

  /** The native bucket of checkpoints and outputs. */
  readonly jobBucket: s3.IBucket;

  /**
   * Lets a workload start jobs: choose command, number of nodes, name of the run and one of the queues, nothing else.
   *
   * @param workload who starts jobs
   */
  grantSubmit(workload: core.IWorkload): void;
}

/** Grants of a training cluster to native principals. */
export class GpuTrainingClusterGrants {
  /** @internal */
  constructor(private readonly stateMachine: sfn.IStateMachine) {}

  /**
   * Lets a native principal start jobs: choose command, number of nodes, name of the run and one of the queues, nothing else.
   *
   * @param to a role, user or service of your own
   */
  public submit(to: iam.IGrantable): iam.Grant {
    return allow(to, { actions: ['states:StartExecution'], resources: [this.stateMachine.stateMachineArn] });
  }
}

/**
 * A place to run training jobs on AWS, with nothing that exists between them: a Step Functions state machine that
 * starts SageMaker training jobs (managed spot, several nodes, EFA), or jobs of AWS Batch. Idle, it bills for stored
 * bytes.
 *
 * `logRetentionDays` is for the log of executions, and with engine BATCH for that of jobs. SageMaker writes the logs of
 * all training jobs of an account to one group, `/aws/sagemaker/TrainingJobs`, which no stack can own.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws, core } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const lake = new aws.DataLake(stack, 'Lake');
 * const registry = new aws.ModelRegistry(stack, 'Registry', {
 *   models: [{ name: 'fraud-detector' }],
 *   images: ['train', 'serve'],
 * });
 * const datasets = [{ data: lake.zone('raw').folder('team-a'), mode: core.DatasetMode.MOUNT }];
 * const training = new aws.GpuTrainingCluster(stack, 'Training', {
 *   // DATASET_CURATED_URI; files of the team's folder below DATASET_RAW_DIR.
 *   datasets,
 *   registry,
 *   image: registry.image('train', '3'),
 *   accelerators: ['A100-80GB:8', 'A100:8'],
 *   maxNodes: 4,
 *   capacity: core.Capacity.spot({ fallback: true }),
 *   fabric: core.Fabric.REQUIRED,
 * });
 */
export class GpuTrainingCluster extends Construct implements IGpuTrainingCluster {
  public readonly machineType: string;
  public readonly outputUri: string;
  public readonly submitCommand: string;
  /**
   * The shell command that empties the bucket, without which CloudFormation refuses to destroy it; undefined where
   * data is retained.
   */
  public readonly emptyCommand?: string;
  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;
  public readonly stateMachine: sfn.IStateMachine;
  public readonly role: iam.IRole;
  public readonly jobBucket: s3.IBucket;
  /** The accelerators of each machine; undefined for machine types without, or ones that the catalog does not know. */
  public readonly accelerator?: core.Accelerator;
  /** The fast network that joins the machines: `EFA`; undefined where machine type or number of nodes have none. */
  public readonly fabric?: string;
  /** Grants to native principals. */
  public readonly grants: GpuTrainingClusterGrants;
  /** The native security group of the machines; undefined without `network`. */
  public readonly securityGroup?: ec2.ISecurityGroup;
  /** The native file system of FSx for Lustre that nodes share; undefined without `scratch`. */
  public readonly scratchFileSystem?: fsx.CfnFileSystem;
  /** The native queue of AWS Batch, the first one with `queues`; undefined unless jobs are queued or the engine is BATCH. */
  public readonly jobQueue?: batch.CfnJobQueue;
  /** The native queues of AWS Batch by the names of `queues`. */
  public readonly jobQueues: { readonly [name: string]: batch.CfnJobQueue };
  /** The native service environment of AWS Batch, that of the first queue; undefined unless SageMaker's jobs are queued. */
  public readonly serviceEnvironment?: batch.CfnServiceEnvironment;
  /** The native compute environment of AWS Batch, that of the first queue; undefined unless the engine is BATCH. */
  public readonly computeEnvironment?: batch.CfnComputeEnvironment;
  /** The native job definition of AWS Batch; undefined unless the engine is BATCH. */
  public readonly jobDefinition?: batch.CfnJobDefinition;
  /** The native launch template of AWS Batch's machines; undefined unless the engine is BATCH. */
  public readonly launchTemplate?: ec2.CfnLaunchTemplate;
  /** The native rules that tell of jobs; none without `alarms`. */
  public readonly alarmRules: events.Rule[];
  /** The native topic that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly topic?: sns.ITopic;

  constructor(scope: Construct, id: string, props: GpuTrainingClusterProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'GpuTrainingCluster', (faults) => judgeTraining(this, props, faults));

    const key = keyFor(this, props.encryptionKey);
    const jobPrefix = physicalName(this, { maxLength: JOB_PREFIX_LENGTH });
    const network = props.network as INetwork | undefined;
    this.machineType = plan.choice.type;
    const machine = plan.choice.machine;
    this.accelerator = machine && new core.Accelerator(machine.accelerator, machine.count, machine.memoryGiB);
    this.fabric = plan.fabric ? 'EFA' : undefined;
    this.securityGroup = network && this.makeSecurityGroup(network);
    const bucket = this.makeBucket(key, props);
    this.jobBucket = bucket;
    this.emptyCommand = emptyCommand(this, { retention: props.retention, buckets: [bucket] });
    const image = resolveImage(this, props.image);
    const stores = storesOf(jobPrefix, bucket, props.registry as IModelRegistry | undefined);
    const volumeKey = encryptsVolume(plan) ? key : undefined;
    const role = this.makeJobRole(plan.onBatch ? 'ecs-tasks.amazonaws.com' : 'sagemaker.amazonaws.com', [
      ...stores.permissions,
      ...(plan.onBatch
        ? []
        : [
            ...image.permissions,
            ...sageMakerPermissions(this, {
              ...{ volumeKey, network, securityGroup: this.securityGroup },
              scratch: props.scratch !== undefined,
            }),
          ]),
    ]);
    this.role = role;
    this.identityId = role.roleArn;
    this.grantPrincipal = role;
    plan.datasets.forEach(({ data }) => data.grantRead(this));

    const { securityGroup } = this;
    const scratch =
      props.scratch &&
      new Scratch(this, 'Scratch', {
        ...props.scratch,
        ...{ network: network!, clients: securityGroup!, key, retention: props.retention },
      });
    this.scratchFileSystem = scratch?.fileSystem;
    const made = { props, plan, jobPrefix, key, image, stores, role, network, securityGroup, scratch };
    const engine = (plan.onBatch ? batchEngine : sageMakerEngine)(this, {
      ...made,
      stateMachine: () => workflowResource,
    });
    this.jobQueue = engine.queues?.values().next().value;
    this.jobQueues = Object.fromEntries([...(engine.queues ?? [])].filter(([name]) => name));
    this.serviceEnvironment = engine.serviceEnvironment;
    this.computeEnvironment = engine.compute?.computeEnvironment;
    this.jobDefinition = engine.compute?.jobDefinition;
    this.launchTemplate = engine.compute?.launchTemplate;
    const definition = workflow(
      { jobPrefix, maxNodes: plan.maxNodes, command: props.command, queues: plan.queues },
      engine.states,
    );
    const permissions = [...engine.permissions, ...tellPermissions(this, props)];
    const workflowResource = this.makeStateMachine(definition, permissions, key, props);
    const stateMachine = sfn.StateMachine.fromStateMachineArn(this, 'StateMachine', workflowResource.ref);
    this.stateMachine = stateMachine;
    this.grants = new GpuTrainingClusterGrants(stateMachine);
    this.node.defaultChild = workflowResource;
    this.outputUri = stores.models;
    this.submitCommand = submitCommand(stateMachine.stateMachineArn, plan, props.command);
    exportAlways(this, role.roleArn, stateMachine.stateMachineArn, bucket.bucketName, bucket.bucketArn);
    const { rules, topic } = trainingAlarms(this, props);
    this.alarmRules = rules;
    this.topic = topic;
    Object.entries(props.costTags ?? {}).forEach((tag) => Tags.of(this).add(...tag));
    tellTraining(this, props, plan, jobPrefix);
  }

  public grantSubmit(workload: core.IWorkload): void {
    this.grants.submit(grantee(this, workload));
  }

  private makeSecurityGroup({ vpc }: INetwork): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Training machines: among themselves, and to services by HTTPS',
      allowAllOutbound: false,
    });
    // EFA takes rules that name the group itself only.
    group.connections.allowInternally(ec2.Port.allTraffic(), 'The nodes of a job');
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS');
    explain(group, GPU_TRAINING_CLUSTER.nodes);
    return group;
  }

  private makeBucket(key: IEncryptionKey, props: GpuTrainingClusterProps): s3.Bucket {
    return storageBucket(this, 'Jobs', {
      key,
      retention: props.retention,
      keepOldVersionsDays: profileOf(this).oldJobVersionsDays,
      lifecycleRules: [
        { prefix: 'checkpoints/', expiration: Duration.days(props.checkpointExpireAfterDays ?? 30) },
      ],
    });
  }

  private makeJobRole(service: string, permissions: Permission[]): PlatformRole {
    return new PlatformRole(this, 'JobRole', { assumedBy: servicePrincipal(this, service), permissions });
  }

  private makeStateMachine(
    definition: Json,
    permissions: Permission[],
    key: IEncryptionKey,
    { logRetentionDays }: GpuTrainingClusterProps,
  ): sfn.CfnStateMachine {
    const stack = Stack.of(this);
    // Named, because the key's use is bound to the name before the state machine exists.
    const stateMachineName = physicalName(this, { maxLength: 80 });
    const logs = logGroup(this, 'WorkflowLogs', {
      // Groups below this path share one resource policy, which is limited in length.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      logRetentionDays,
      encryptionKey: key,
    });
    const role = new PlatformRole(this, 'WorkflowRole', {
      assumedBy: servicePrincipal(this, 'states.amazonaws.com'),
      permissions: [...permissions, ...workflowPermissions(this, stateMachineName, key)],
    });
    allowLogDelivery(this, key);
    const stateMachine = new sfn.CfnStateMachine(this, 'Workflow', {
      stateMachineName,
      stateMachineType: 'STANDARD',
      definitionString: literalJson(stack, definition),
      roleArn: role.roleArn,
      encryptionConfiguration: {
        type: 'CUSTOMER_MANAGED_KMS_KEY',
        kmsKeyId: key.key.keyArn,
        kmsDataKeyReusePeriodSeconds: 300,
      },
      tracingConfiguration: { enabled: true },
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: true,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
      },
    });
    stateMachine.node.addDependency(...role.ready);
    return stateMachine;
  }
}

/** The name of a run, for a shell: the user's, else the time. */
const RUN_NAME = '"${RUN:-$(date +%Y%m%d-%H%M%S)}"';

/** The command has the input in single quotes, but for the names of queue and run. */
function submitCommand(
  machineArn: string,
  { maxNodes: nodes, queues }: TrainingPlan,
  command = ['torchrun', 'train.py'],
): string {
  const quoted = (part: string) => `'${part.replace(/'/g, `'\\''`)}'`;
  const until = (input: object) => JSON.stringify(input).slice(0, -2);
  const input = queues.length
    ? `${quoted(until({ command, nodes, queue: '' }))}${queueName(queues)}${quoted('","run":"')}`
    : quoted(until({ command, nodes, run: '' }));
  return `aws stepfunctions start-execution --state-machine-arn ${machineArn} --input ${input}${RUN_NAME}'"}'`;
}
