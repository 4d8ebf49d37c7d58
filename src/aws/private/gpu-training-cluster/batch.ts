import {
  aws_batch as batch,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_logs as logs,
  aws_ssm as ssm,
  Lazy,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { TrainingPlan } from './judge';
import { MachineSize } from './machine';
import { makePlaces, makeQueues, Queues } from './queues';
import { pairs, tagsOf } from './tags';
import { CapacityKind } from '../../../core';
import { Machine } from '../../../core/private/catalog';
import { MachineChoice } from '../../../core/private/machines';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork } from '../../private-network';
import { ENCRYPTION_KEY } from '../findings';
import { physicalName } from '../names';
import { Permission, PlatformRole, servicePrincipal } from '../platform-role';
import { arn } from '../storage';
import { explain } from '../suppressions';

/** The interfaces of a machine's network cards. The first one is for addresses, too; some machines have no EFA there. */
function fabricInterfaces({ family, rdma }: Machine): ec2.CfnLaunchTemplate.NetworkInterfaceProperty[] {
  const count = rdma!.interfaces!;
  const behind = (networkCardIndex: number, deviceIndex: number) => ({
    ...{ networkCardIndex, deviceIndex, interfaceType: 'efa-only' },
  });
  return FIRST_CARD_WITHOUT_EFA.includes(family)
    ? [
        { networkCardIndex: 0, deviceIndex: 0, interfaceType: 'interface' },
        ...Array.from({ length: count }, (_, i) => behind(i + 1, 0)),
      ]
    : [
        { networkCardIndex: 0, deviceIndex: 0, interfaceType: 'efa' },
        ...Array.from({ length: count - 1 }, (_, i) => behind(i + 1, 1)),
      ];
}

const FIRST_CARD_WITHOUT_EFA = ['p6-b300'];

/** What the container agent of a private network talks to. */
export const BATCH_ENDPOINTS = ['ecs', 'ecs-agent', 'ecs-telemetry', 'ecr.api', 'ecr.dkr', 'logs'];

/** The path of Amazon ECS's machine image for Trainium; AWS Batch chooses none for it. */
const NEURON_IMAGE = '/aws/service/ecs/optimized-ami/amazon-linux-2023/neuron/recommended/image_id';

export interface BatchComputeProps {
  readonly network: INetwork;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly key: IEncryptionKey;
  readonly choice: MachineChoice;
  readonly plan: TrainingPlan;
  readonly size: MachineSize;
  readonly maxNodes: number;
  readonly fabric: boolean;
  readonly diskGiB: number;
  readonly capacity: CapacityKind;
  /** Hours that a job may wait at the head of the queue; as long as it takes where undefined. */
  readonly maxWaitHours?: number;
  readonly reservationId?: string;
  readonly capacityBlock: boolean;
  readonly machineImageId?: string;

  readonly image: string;
  readonly pull: Permission[];
  readonly jobRole: iam.IRole;
  readonly logGroup: logs.ILogGroup;
  readonly environment: Record<string, string>;
  readonly secrets: Record<string, string>;
  readonly secretPermissions: (to: iam.IGrantable) => void;
  readonly sharedMemoryMiB?: number;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
}

/** Machines of AWS Batch that exist while jobs run: compute environment, queue, and the definition of the one job. */
export class BatchCompute extends Construct {
  public readonly computeEnvironment: batch.CfnComputeEnvironment;
  public readonly queues: Queues;
  public readonly jobDefinition: batch.CfnJobDefinition;
  public readonly launchTemplate: ec2.CfnLaunchTemplate;

  constructor(scope: Construct, id: string, props: BatchComputeProps) {
    super(scope, id);
    this.launchTemplate = this.makeLaunchTemplate(props);
    const makeEnvironment = this.computeEnvironments(props);
    const environments = makePlaces(props.plan, 'ComputeEnvironment', makeEnvironment);
    this.computeEnvironment = environments.first;
    this.queues = makeQueues(
      props.plan.queues,
      (queueId, queue) =>
        new batch.CfnJobQueue(this, queueId, {
          jobQueueType: 'ECS',
          priority: queue?.priority ?? 1,
          computeEnvironmentOrder: [
            { order: 1, computeEnvironment: environments.of(queue).attrComputeEnvironmentArn },
          ],
          jobStateTimeLimitActions: props.maxWaitHours
            ? [
                {
                  action: 'CANCEL',
                  state: 'RUNNABLE',
                  reason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
                  maxTimeSeconds: props.maxWaitHours * 3600,
                },
              ]
            : undefined,
        }),
    );
    this.jobDefinition = this.makeJobDefinition(props);
  }

  private makeLaunchTemplate(props: BatchComputeProps): ec2.CfnLaunchTemplate {
    const { fabric, choice, securityGroup, reservationId } = props;
    return new ec2.CfnLaunchTemplate(this, 'LaunchTemplate', {
      launchTemplateData: {
        tagSpecifications: Lazy.any({
          produce: () => {
            const tags = pairs(tagsOf(this.computeEnvironment));
            return tags.length
              ? ['instance', 'volume'].map((resourceType) => ({ resourceType, tags }))
              : undefined;
          },
        }),
        blockDeviceMappings: [
          {
            deviceName: '/dev/xvda',
            ebs: {
              volumeSize: props.diskGiB,
              volumeType: 'gp3',
              encrypted: true,
              kmsKeyId: props.key.key.keyArn,
              deleteOnTermination: true,
            },
          },
        ],
        // Containers reach the metadata of jobs through the agent, not those of the machine.
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
        ...(fabric && {
          networkInterfaces: fabricInterfaces(choice.machine!).map((one) => ({
            ...one,
            groups: [securityGroup.securityGroupId],
            deleteOnTermination: true,
          })),
        }),
        ...(reservationId && {
          capacityReservationSpecification: {
            capacityReservationTarget: { capacityReservationId: reservationId },
          },
          ...(props.capacityBlock && { instanceMarketOptions: { marketType: 'capacity-block' } }),
        }),
      },
    });
  }

  /** How an environment is made of as many machines as it is told; what they have in common is made once. */
  private computeEnvironments(
    props: BatchComputeProps,
  ): (id: string, machines: number) => batch.CfnComputeEnvironment {
    const { network, choice, size, fabric } = props;
    const spot = props.capacity === CapacityKind.SPOT;
    const profile = new iam.CfnInstanceProfile(this, 'InstanceProfile', {
      roles: [this.instanceRole().roleName],
    });
    // Neighbours are in one zone, so their network is too. A reservation has its own place: what is reserved in no group
    // of ours is never given in it, and a Capacity Block takes none.
    const group =
      fabric && !props.reservationId
        ? new ec2.CfnPlacementGroup(this, 'PlacementGroup', { strategy: 'cluster' })
        : undefined;
    const subnets = fabric ? network.workloadSubnets.slice(0, 1) : network.workloadSubnets;
    return (id, machines) =>
      new batch.CfnComputeEnvironment(this, id, {
        type: 'MANAGED',
        // Updated in place: a replacement could not take the queue along.
        replaceComputeEnvironment: false,
        updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 360 },
        computeResources: {
          type: spot ? 'SPOT' : 'EC2',
          allocationStrategy: spot ? 'SPOT_PRICE_CAPACITY_OPTIMIZED' : 'BEST_FIT_PROGRESSIVE',
          minvCpus: 0,
          maxvCpus: size.vcpu * machines,
          instanceTypes: [choice.type],
          instanceRole: profile.attrArn,
          subnets: subnets.map(({ subnetId }) => subnetId),
          securityGroupIds: fabric ? undefined : [props.securityGroup.securityGroupId],
          placementGroup: group?.ref,
          ec2Configuration: [
            {
              imageType: size.gpus ? 'ECS_AL2023_NVIDIA' : 'ECS_AL2023',
              imageIdOverride:
                props.machineImageId ?? (size.neuronDevices ? this.neuronImageId() : undefined),
            },
          ],
          launchTemplate: {
            launchTemplateId: this.launchTemplate.ref,
            version: this.launchTemplate.attrLatestVersionNumber,
          },
          updateToLatestImageVersion: true,
        },
      });
  }

  private neuronImageId(): string {
    return ssm.StringParameter.valueForTypedStringParameterV2(
      this,
      NEURON_IMAGE,
      ssm.ParameterValueType.AWS_EC2_IMAGE_ID,
    );
  }

  /** What the container agent of a machine may do: register itself in the cluster that AWS Batch makes, and report. */
  private instanceRole(): PlatformRole {
    return new PlatformRole(this, 'InstanceRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      permissions: [
        {
          actions: [
            'ecs:RegisterContainerInstance',
            'ecs:DeregisterContainerInstance',
            'ecs:SubmitAttachmentStateChanges',
            'ecs:SubmitContainerStateChange',
            'ecs:SubmitTaskStateChange',
          ],
          resources: [arn(this, 'ecs', 'cluster', '*')],
          wildcard: 'AWS Batch makes the cluster and names it.',
        },
        {
          actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
          resources: [arn(this, 'ecs', 'container-instance', '*')],
          wildcard: 'Machines register themselves under names of their own.',
        },
        {
          actions: ['ecs:DiscoverPollEndpoint', 'ec2:DescribeTags'],
          resources: ['*'],
          wildcard: 'The actions take no resource.',
        },
      ],
    });
  }

  private makeJobDefinition(props: BatchComputeProps): batch.CfnJobDefinition {
    const multiNode = props.maxNodes > 1;
    const container = this.container(props);
    return new batch.CfnJobDefinition(this, 'JobDefinition', {
      jobDefinitionName: physicalName(this, { maxLength: 128 }),
      type: multiNode ? 'multinode' : 'container',
      // To the tasks that bills are split by.
      propagateTags: true,
      platformCapabilities: multiNode ? undefined : ['EC2'],
      ...(multiNode
        ? {
            nodeProperties: {
              mainNode: 0,
              numNodes: props.maxNodes,
              nodeRangeProperties: [{ targetNodes: '0:', container }],
            },
          }
        : { containerProperties: container }),
      timeout: { attemptDurationSeconds: props.timeLimitHours * 3600 },
      retryStrategy: {
        attempts: props.maxRetries + 1,
        // A lost machine is tried again, a program that fails is not.
        evaluateOnExit: props.maxRetries
          ? [
              { action: 'RETRY', onStatusReason: 'Host EC2*' },
              { action: 'EXIT', onReason: '*' },
            ]
          : undefined,
      },
    });
  }

  private container(props: BatchComputeProps): batch.CfnJobDefinition.ContainerPropertiesProperty {
    const { size, fabric } = props;
    const pair = (Type: string, value: number) => ({ type: Type, value: String(value) });
    const device = (path: string) => ({
      hostPath: path,
      containerPath: path,
      permissions: ['READ', 'WRITE', 'MKNOD'],
    });
    const devices = [
      ...Array.from({ length: size.neuronDevices }, (_, i) => device(`/dev/neuron${i}`)),
      ...Array.from({ length: fabric ? props.choice.machine!.rdma!.interfaces! : 0 }, (_, i) =>
        device(`/dev/infiniband/uverbs${i}`),
      ),
    ];
    return {
      image: props.image,
      jobRoleArn: props.jobRole.roleArn,
      executionRoleArn: this.startRole(props).roleArn,
      resourceRequirements: [
        pair('VCPU', size.vcpu),
        pair('MEMORY', size.memoryMiB),
        ...(size.gpus ? [pair('GPU', size.gpus)] : []),
      ],
      environment: Object.entries(props.environment).map(([name, value]) => ({ name, value })),
      secrets: Object.entries(props.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
      linuxParameters: {
        sharedMemorySize: props.sharedMemoryMiB,
        devices: devices.length ? devices : undefined,
      },
      // The fabric registers the memory that it sends from.
      ulimits: fabric ? [{ name: 'memlock', hardLimit: -1, softLimit: -1 }] : undefined,
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': props.logGroup.logGroupName,
          'awslogs-region': Stack.of(this).region,
          'awslogs-stream-prefix': 'job',
        },
      },
    };
  }

  /** What starting a container takes: its image, its log, its secrets. */
  private startRole(props: BatchComputeProps): PlatformRole {
    const role = new PlatformRole(this, 'StartRole', {
      assumedBy: servicePrincipal(this, 'ecs-tasks.amazonaws.com'),
      permissions: [
        ...props.pull,
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [props.logGroup.logGroupArn],
          wildcard: 'The streams of the one log group.',
        },
      ],
    });
    props.secretPermissions(role);
    return role;
  }
}

/**
 * Lets the service-linked roles that launch machines for AWS Batch use a key for their disks. No role is named: one
 * that does not exist yet would make the policy invalid.
 */
export function allowMachineDisks(scope: Construct, { key }: IEncryptionKey): void {
  const { partition, account } = Stack.of(scope);
  const launchers = ['autoscaling', 'batch', 'ec2fleet', 'spot', 'spotfleet'].map(
    (service) => `arn:${partition}:iam::${account}:role/aws-service-role/${service}.amazonaws.com/*`,
  );
  const statement = (sid: string, actions: string[], conditions: { [operator: string]: object } = {}) =>
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        principals: [new iam.AnyPrincipal()],
        actions,
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:CallerAccount': account },
          ArnLike: { 'aws:PrincipalArn': launchers },
          ...conditions,
        },
      }),
    );
  statement('MachineDisks', [
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:DescribeKey',
  ]);
  statement('MachineDiskGrants', ['kms:CreateGrant'], { Bool: { 'kms:GrantIsForAWSResource': true } });
  explain(key, ENCRYPTION_KEY.serviceLinkedRoles);
}
