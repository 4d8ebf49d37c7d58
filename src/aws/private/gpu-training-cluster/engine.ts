import {
  aws_batch as batch,
  aws_ec2 as ec2,
  aws_s3 as s3,
  aws_stepfunctions as sfn,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { secretVariables } from '../../../core/private/secrets';
import { IEncryptionKey } from '../../encryption-key';
import type { GpuTrainingClusterProps } from '../../gpu-training-cluster';
import { IModelRegistry } from '../../model-registry';
import { INetwork } from '../../private-network';
import { ISecret, SecretGrants } from '../../secret';
import { IWorkload } from '../../workload';
import { ResolvedImage } from '../images';
import { localDisk } from '../local-disks';
import { logGroup } from '../logs';
import { Permission, PlatformRole } from '../platform-role';
import { profileOf } from '../profile';
import { readWritePermissions } from '../storage';
import { allowMachineDisks, BATCH_ENDPOINTS, BatchCompute } from './batch';
import { SCRATCH_DIR } from './channels';
import { ENTRY_POINT, jobEnvironment } from './environment';
import { TrainingPlan } from './judge';
import { processesPerNode } from './machine';
import { containerPermissions, queuePermissions, trainPermissions } from './permissions';
import { arnsOf, chosenQueue, Queues, serviceQueues } from './queues';
import { ofRun, trainingRequest, TrainingRequestProps } from './request';
import { Scratch } from './scratch';
import { jobTags, queueTags } from './tags';
import { containerStates, JobStates, queuedStates, sageMakerStates } from './workflow';

/** Where jobs write: each `s3://…/`, below which runs have theirs. */
export interface Stores {
  readonly checkpoints: string;
  readonly models: string;
  readonly outputs: string;
  readonly permissions: Permission[];
}

/** A registry gets models below `training/<cluster>/`, and the cluster sees no other part of it. */
export function storesOf(jobPrefix: string, bucket: s3.Bucket, registry?: IModelRegistry): Stores {
  const below = (store: s3.IBucket, prefix: string) => `s3://${store.bucketName}/${prefix}`;
  const training = `training/${jobPrefix}/`;
  return {
    checkpoints: below(bucket, 'checkpoints/'),
    outputs: below(bucket, 'output/'),
    models: registry ? below(registry.artifactBucket, training) : below(bucket, 'output/'),
    permissions: [
      ...readWritePermissions(bucket, 'checkpoints/'),
      ...readWritePermissions(bucket, 'output/'),
      ...(registry ? readWritePermissions(registry.artifactBucket, training) : []),
    ],
  };
}

/** What stands before the engine. */
export interface EngineProps {
  readonly props: GpuTrainingClusterProps;
  readonly plan: TrainingPlan;
  readonly jobPrefix: string;
  readonly key: IEncryptionKey;
  readonly image: ResolvedImage;
  readonly stores: Stores;
  readonly role: PlatformRole;
  readonly network?: INetwork;
  readonly securityGroup?: ec2.ISecurityGroup;
  readonly scratch?: Scratch;
  /** Whose tags jobs have. Made after the engine. */
  readonly stateMachine: () => sfn.CfnStateMachine;
}

/** What an engine makes of a cluster: the states that run a job, and what they take. */
export interface Engine {
  readonly states: JobStates;
  readonly permissions: Permission[];
  readonly queues?: Queues;
  readonly serviceEnvironment?: batch.CfnServiceEnvironment;
  readonly compute?: BatchCompute;
}

/** SageMaker takes a key for network disks only; the hardware encrypts local ones. */
export const encryptsVolume = ({ onBatch, choice }: TrainingPlan): boolean =>
  !onBatch && localDisk(choice.type).present === false;

/** Whether AWS Batch hands jobs to SageMaker. */
export const isQueued = ({ capacity, queues, onBatch }: TrainingPlan): boolean =>
  !onBatch && (capacity.kind === core.CapacityKind.QUEUED || queues.length > 0);

export function sageMakerEngine(cluster: Construct & IWorkload, made: EngineProps): Engine {
  const { capacity } = made.plan;
  const request = requestOf(cluster, made);
  const pass: Permission = {
    actions: ['iam:PassRole'],
    resources: [made.role.roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
  };
  if (isQueued(made.plan)) {
    const line = serviceQueues(cluster, made.plan);
    return {
      ...line,
      states: queuedStates(
        cluster,
        chosenQueue(line.queues),
        trainingRequest(request),
        made.props.alarms?.noCapacityMinutes,
      ),
      permissions: [...queuePermissions(cluster, arnsOf(line.queues)), pass],
    };
  }
  const spot =
    capacity.kind === core.CapacityKind.SPOT ? { maxWaitHours: capacity.maxWaitHours! } : undefined;
  const fallback = capacity.fallback ? trainingRequest(request) : undefined;
  return {
    states: sageMakerStates(cluster, trainingRequest(request, spot), fallback),
    permissions: [...trainPermissions(cluster, made.jobPrefix, capacity.reservationId), pass],
  };
}

function requestOf(cluster: Construct & IWorkload, made: EngineProps): TrainingRequestProps {
  const { props, plan, key, network, scratch } = made;
  const secrets = Object.values(props.secrets ?? {});
  secrets.forEach((secret) => secret.grantRead(cluster));
  if (secrets.length) {
    network?.endpoint('secretsmanager');
  }
  return {
    ...made.stores,
    image: made.image.uri,
    roleArn: made.role.roleArn,
    machineType: plan.choice.type,
    diskGiB: plan.diskGiB,
    volumeKeyArn: encryptsVolume(plan) ? key.key.keyArn : undefined,
    outputKeyArn: key.key.keyArn,
    trainingPlanArn: plan.capacity.reservationId,
    environment: jobEnvironment({
      engine: 'sagemaker',
      ...environmentOf(cluster, made),
      secretReferences: secretVariables(props.secrets),
    }),
    // What goes through EFA passes by what SageMaker encrypts.
    nodesTalkEncrypted:
      (profileOf(cluster).nodesTalkEncrypted && plan.maxNodes > 1 && !plan.fabric) || undefined,
    timeLimitHours: plan.timeLimitHours,
    maxRetries: plan.maxRetries,
    tags: jobTags(made.stateMachine, plan.queues),
    network: network && {
      subnetIds: (scratch ? [scratch.subnet] : network.workloadSubnets).map(({ subnetId }) => subnetId),
      securityGroupId: made.securityGroup!.securityGroupId,
    },
    scratch,
    datasets: plan.datasets,
  };
}

export function batchEngine(cluster: Construct, made: EngineProps): Engine {
  const { props, plan, key, stores } = made;
  const network = made.network!;
  const secrets = Object.entries(props.secrets ?? {}) as [string, ISecret][];
  [...BATCH_ENDPOINTS, ...(secrets.length ? ['secretsmanager'] : [])].forEach((service) =>
    network.endpoint(service),
  );
  allowMachineDisks(cluster, key);
  const compute = new BatchCompute(cluster, 'Compute', {
    ...plan,
    plan,
    size: plan.size!,
    network,
    key,
    securityGroup: made.securityGroup!,
    capacity: plan.capacity.kind,
    maxWaitHours: plan.capacity.maxWaitHours,
    reservationId: plan.capacity.reservationId,
    capacityBlock: props.capacityBlock ?? false,
    machineImageId: props.machineImageId,
    image: made.image.uri,
    pull: made.image.permissions,
    jobRole: made.role,
    logGroup: logGroup(cluster, 'JobLogs', { logRetentionDays: props.logRetentionDays, encryptionKey: key }),
    environment: jobEnvironment({ engine: 'batch', ...environmentOf(cluster, made), secretReferences: {} }),
    secrets: Object.fromEntries(secrets.map(([name, secret]) => [name, secret.secretId])),
    secretPermissions: (to) =>
      secrets.forEach(([, { nativeSecret }]) => new SecretGrants(nativeSecret).read(to)),
    sharedMemoryMiB: props.sharedMemoryMiB,
  });
  const { queues } = compute;
  const tags = queueTags(plan.queues);
  return {
    compute,
    queues,
    states: containerStates(cluster, {
      queue: chosenQueue(queues),
      tags,
      definitionArn: compute.jobDefinition.ref,
      multiNode: plan.maxNodes > 1,
      entryPoint: ENTRY_POINT,
      timeLimitHours: plan.timeLimitHours,
      tellAfterMinutes: props.alarms?.noCapacityMinutes,
      uris: { CHECKPOINT_URI: ofRun(stores.checkpoints), MODEL_OUTPUT_URI: ofRun(stores.models) },
    }),
    permissions: containerPermissions(cluster, arnsOf(queues), compute.jobDefinition.ref, tags !== undefined),
  };
}

const environmentOf = (cluster: Construct, { props, plan, scratch }: EngineProps) => ({
  region: Stack.of(cluster).region,
  datasets: plan.datasetVariables,
  processesPerNode: processesPerNode(plan.choice),
  fabric: plan.fabric,
  multiNode: plan.maxNodes > 1,
  scratch: scratch && SCRATCH_DIR,
  environment: props.environment ?? {},
});
