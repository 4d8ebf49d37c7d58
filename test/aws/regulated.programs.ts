import { CfnParameter, aws_ec2 as ec2, aws_iam as iam } from 'aws-cdk-lib';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { Program } from '../contract/contract';

const ALARMS = { notify: ['ml-oncall@example.com'] };
const ACCELERATORS = ['L4:1', 'T4:1'];

/** Every construct with every option that adds resources, as far as the profile takes it. */
export function everyOption({ foundation, serving }: Program): void {
  const secrets = { HUB_TOKEN: aws.Secret.fromSecretName(foundation, 'HubToken', 'hub-token') };
  const network = new aws.PrivateNetwork(foundation, 'Network', { internetEgress: true });
  const lake = new aws.DataLake(foundation, 'Lake', {
    network,
    lakeFormation: true,
    zones: [{ name: 'raw', expireAfterDays: 30, coldAfterDays: 10 }, { name: 'curated' }],
  });
  new aws.AuditTrail(foundation, 'Audit', {
    ...{ network, datasets: [lake], managementEvents: true, cloudWatchLogs: true },
  });
  const registry = new aws.ModelRegistry(foundation, 'Registry', {
    network,
    models: [{ name: 'fraud', approvalRequired: true }, { name: 'free' }],
    images: ['train', 'serve', 'embed'],
    notify: ALARMS.notify,
    readers: ['444455556666'],
    publishers: ['555566667777'],
  });
  const parts = { foundation, serving, network, secrets, lake, registry };
  const training = trainEveryWay(parts);
  serveEveryWay(parts);
  new aws.Workspace(foundation, 'Team', {
    network,
    secrets,
    cluster: training,
    image: registry.image('train', '1'),
    datasets: [lake],
    users: [{ name: 'ada', principalId: 'arn:aws:iam::111122223333:role/ada' }],
  });
  if (core.SecurityProfile.of(foundation) === core.SecurityProfile.STANDARD) {
    withoutNetwork(parts);
  } else {
    // Where grants have policies of their own, their wildcards are explained there.
    lake.grants.read(foundation.node.tryFindChild('Scientists') as iam.Role);
  }
}

interface Parts extends Program {
  readonly network: aws.PrivateNetwork;
  readonly secrets: { readonly [name: string]: core.ISecret };
  readonly lake: aws.DataLake;
  readonly registry: aws.ModelRegistry;
}

function trainEveryWay({ foundation, network, secrets, lake, registry }: Parts): aws.GpuTrainingCluster {
  const common = {
    ...{ network, secrets, registry, datasets: [lake], image: registry.image('train', '1') },
    ...{ accelerators: ACCELERATORS, maxNodes: 2 },
  };
  const training = new aws.GpuTrainingCluster(foundation, 'Training', {
    ...common,
    alarms: ALARMS,
    capacity: core.Capacity.spot({ fallback: true }),
    scratch: { sizeGiB: 1200, zone: lake.zone('raw') },
  });
  new aws.GpuTrainingCluster(foundation, 'Sharing', { ...common, scratch: { sizeGiB: 1200 } });
  new aws.GpuTrainingCluster(foundation, 'Queued', {
    ...common,
    alarms: { ...ALARMS, noCapacityMinutes: 30 },
    queues: [
      { name: 'urgent', priority: 9 },
      { name: 'small', maxAccelerators: 1 },
    ],
  });
  new aws.GpuTrainingCluster(foundation, 'Plain', {
    ...{ network, image: common.image, machineType: 'ml.m5.xlarge' },
  });
  new aws.GpuTrainingCluster(foundation, 'Batch', { ...common, engine: aws.TrainingEngine.BATCH });
  new aws.GpuTrainingCluster(foundation, 'Fast', {
    ...common,
    engine: aws.TrainingEngine.BATCH,
    accelerators: ['A100:8'],
    fabric: core.Fabric.REQUIRED,
  });
  lake.grantReadWrite(training);
  registry.grantPublish(training);
  training.grants.submit(
    new iam.Role(foundation, 'Scientists', { assumedBy: new iam.AccountRootPrincipal() }),
  );
  return training;
}

function serveEveryWay({ serving, network, secrets, lake, registry }: Parts): void {
  const image = registry.image('serve', '1');
  const endpoint = new aws.AutoScalingEndpoint(serving, 'Fraud', {
    network,
    variants: [
      {
        name: 'main',
        container: { image, secrets },
        model: registry.model('fraud').version('1'),
        weight: 90,
      },
      { name: 'next', container: { image }, model: registry.model('free').version('2'), weight: 10 },
    ],
    accelerators: ACCELERATORS,
    scaling: { minInstances: 2, maxInstances: 4, requestsPerMinutePerInstance: 600 },
    capture: { zone: lake.zone('raw') },
    rollout: core.Rollout.canary({ percent: 50, bakeMinutes: 5 }),
    alarms: {
      ...ALARMS,
      ...{ p99LatencyMs: 300, errorPercent: 1, atMaximumMinutes: 10 },
      ...{ noCapacity: true, captureSilentMinutes: 15 },
    },
  });
  // A network of someone else, whose addresses are known at deployment only.
  const vpc = ec2.Vpc.fromVpcAttributes(serving, 'Vpc', {
    vpcId: 'vpc-12345678',
    vpcCidrBlock: new CfnParameter(serving, 'Addresses').valueAsString,
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    isolatedSubnetIds: ['subnet-12345678', 'subnet-23456789'],
    isolatedSubnetRouteTableIds: ['rtb-12345678', 'rtb-23456789'],
  });
  const elsewhere = aws.PrivateNetwork.fromVpc(serving, 'Elsewhere', { vpc, hasS3Endpoint: false });
  new aws.AutoScalingEndpoint(serving, 'Plain', {
    network: elsewhere,
    variants: [{ name: 'main', container: { image } }],
    accelerators: ACCELERATORS,
  });
  const container = { image: registry.image('embed', '1'), secrets };
  const caller = new aws.ServerlessInference(serving, 'Caller', {
    network,
    container,
    minInstances: 1,
    alarms: { ...ALARMS, p99LatencyMs: 300, errorPercent: 1, atMaximumMinutes: 10 },
  });
  new aws.ServerlessInference(serving, 'Thumbnails', { network: elsewhere, container });
  endpoint.grantInvoke(caller);
}

/** What REGULATED refuses. */
function withoutNetwork({ foundation, serving, registry }: Parts): void {
  const container = { image: registry.image('embed', '1') };
  new aws.ServerlessInference(serving, 'Open', { container });
  new aws.ServerlessInference(serving, 'Unchanged', { container, engine: aws.ServerlessEngine.SAGEMAKER });
  new aws.AutoScalingEndpoint(serving, 'OpenFraud', {
    variants: [{ name: 'main', container }],
    accelerators: ACCELERATORS,
  });
  new aws.GpuTrainingCluster(foundation, 'OpenTraining', {
    image: registry.image('train', '1'),
    accelerators: ACCELERATORS,
  });
  new aws.Workspace(foundation, 'OpenTeam', { users: [{ name: 'ada' }] });
}
