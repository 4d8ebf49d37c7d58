import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import {
  App,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_kms as kms,
  aws_sns as sns,
  CfnOutput,
  CfnWaitConditionHandle,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { files, one, trails, whole } from './arbitrary';
import { takeFrom } from './files';
import { Files, fuzz } from './fuzz';
import { Made } from './platform';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { CONTEXT, textOf } from '../aws/support';
import { awsRules } from '../security/aws.rules';

const REGION = 'eu-west-1';

function synthesize(app: Construct): Files {
  (app as App).synth();
  return takeFrom((app as App).outdir);
}

const inOneLine = one(core.Capacity.onDemand(), core.Capacity.queued({ maxWaitHours: 3 }));

fuzz('AWS', {
  ml: aws,
  tried: 40,
  newApp: (again) => new App({ context: again ? {} : CONTEXT, outdir: mkdtempSync(join(tmpdir(), 'cdk-')) }),
  stack: (app, id, props) => {
    const stack = new aws.PlatformStack(app, id, { env: { region: REGION }, ...props });
    // A stack without any resource is no valid template.
    new CfnWaitConditionHandle(stack, 'Nothing');
    return stack;
  },
  given: {
    network: (scope, id) => {
      const vpc = ec2.Vpc.fromVpcAttributes(scope, `${id}Vpc`, {
        vpcId: 'vpc-12345678',
        vpcCidrBlock: '10.0.0.0/16',
        availabilityZones: ['eu-west-1a', 'eu-west-1b'],
        isolatedSubnetIds: ['subnet-12345678', 'subnet-23456789'],
        isolatedSubnetRouteTableIds: ['rtb-12345678', 'rtb-23456789'],
      });
      return aws.PrivateNetwork.fromVpc(scope, id, { vpc });
    },
    key: (scope, id) => aws.EncryptionKey.fromKey(scope, id, new kms.Key(scope, `${id}Key`)),
    secret: (scope, id) => aws.Secret.fromSecretName(scope, id, 'hub-token'),
    channel: (scope, id) =>
      aws.NotificationChannel.fromTopic(
        scope,
        id,
        sns.Topic.fromTopicArn(scope, `${id}Topic`, `arn:aws:sns:${REGION}:123456789012:pager`),
      ),
    workload: (scope, id) =>
      aws.Workload.fromRole(
        scope,
        id,
        new iam.Role(scope, `${id}Role`, { assumedBy: new iam.AccountRootPrincipal() }),
      ),
  },
  output: (scope, value) => new CfnOutput(scope, `Output${scope.node.children.length}`, { value }),
  letSubmit: (cluster: aws.GpuTrainingCluster) =>
    cluster.grants.submit(new iam.Role(cluster, 'Scientists', { assumedBy: new iam.AccountRootPrincipal() })),
  offer: {
    region: REGION,
    account: '111122223333',
    image: '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312',
    users: [{ name: 'ada' }, { name: 'ada', principalId: 'arn:aws:iam::111122223333:role/ada' }],
    stack: { tags: one({ team: 'fraud' }) },
    elsewhere: { env: { region: 'eu-central-1' } },
    engines: {
      PrivateNetwork: [{ name: 'own', lacks: ['zones'] }],
      EncryptionKey: [{ name: 'own' }],
      DataLake: [
        { name: 'IAM' },
        {
          name: 'Lake Formation',
          always: { lakeFormation: one(true), discovery: one(true) },
          sometimes: { queryScanLimitMiB: whole(10, 1000) },
        },
      ],
      ModelRegistry: [{ name: 'SageMaker' }],
      AuditTrail: trails('CloudTrail', { cloudWatchLogs: one(true, false) }),
      GpuTrainingCluster: [
        {
          name: 'SageMaker',
          sometimes: {
            capacity: one(
              core.Capacity.spot(),
              core.Capacity.spot({ fallback: true }),
              core.Capacity.onDemand(),
            ),
            datasets: files(core.DatasetMode.MOUNT),
          },
          lacks: ['minNodes', 'sharedMemoryMiB', 'queues', 'scratch', 'fabric'],
        },
        {
          name: 'SageMaker with scratch',
          always: {
            scratch: one<unknown>({ sizeGiB: 1200 }, ({ lake }: Made) => ({
              sizeGiB: 2400,
              zone: lake?.zone('raw'),
            })),
          },
          sometimes: { capacity: inOneLine },
          lacks: ['minNodes', 'sharedMemoryMiB', 'fabric'],
          place: 'inside',
        },
        {
          name: 'AWS Batch',
          always: { engine: one(aws.TrainingEngine.BATCH) },
          sometimes: { capacity: inOneLine },
          lacks: ['minNodes', 'scratch', 'fabric'],
          place: 'inside',
        },
      ],
      AutoScalingEndpoint: [
        { name: 'SageMaker', sometimes: { networkIsolation: one(false) }, lacks: ['capacity', 'rollout'] },
        {
          name: 'SageMaker in steps',
          always: {
            scaling: one({ minInstances: 2 }),
            alarms: one({ errorPercent: 1, notify: ['ml@example.com'] }),
          },
          lacks: ['capacity'],
        },
      ],
      ServerlessInference: [
        {
          name: 'AWS Lambda',
          sometimes: { ephemeralStorageMiB: whole(512, 10240) },
          lacks: ['cpu', 'accelerators', 'concurrentRequestsPerInstance'],
        },
        {
          name: 'SageMaker',
          always: { engine: one(aws.ServerlessEngine.SAGEMAKER) },
          place: 'outside',
          lacks: ['cpu', 'accelerators', 'concurrentRequestsPerInstance'],
        },
      ],
      Workspace: [
        {
          name: 'SageMaker',
          sometimes: { editor: one(core.WorkspaceEditor.JUPYTERLAB, core.WorkspaceEditor.VS_CODE) },
        },
      ],
    },
  },
  synthesize,
  synthesizeAgain: synthesize,
  outputs: ({ Outputs = {} }) => Object.values<any>(Outputs).map(({ Value }) => textOf(Value)),
  // CloudFormation has no expressions in texts that are not asked for.
  leaks: () => [],
  rules: awsRules,
});
