import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { platform } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { QuotaNeed } from '../../src/core/private/quotas';
import { reportOf } from '../../src/core/private/report';

const IMAGE = '763104351884.dkr.ecr.eu-central-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312';
const PLACE = { env: { account: '111122223333', region: 'eu-central-1' } };

function needs(build: (stack: aws.PlatformStack) => void): QuotaNeed[] {
  const { stack } = platform('platform', PLACE);
  build(stack);
  return reportOf(stack).flatMap(({ entry }) => entry.quota ?? []);
}

const told = (all: QuotaNeed[]) =>
  all.map(({ service, name, amount, unit, note }) => [service, name, amount, unit, ...(note ? [note] : [])]);

const train = (props: Partial<aws.GpuTrainingClusterProps>) => (stack: aws.PlatformStack) =>
  new aws.GpuTrainingCluster(stack, 'Training', {
    image: IMAGE,
    ...(props.machineType ? {} : { accelerators: ['L4:1'] }),
    ...props,
  });

/** Without what its network needs. */
const needsOnBatch = (props: Partial<aws.GpuTrainingClusterProps>) =>
  needs((stack) => {
    const network = new aws.PrivateNetwork(stack, 'Network');
    train({ engine: aws.TrainingEngine.BATCH, network, ...props })(stack);
  }).filter(({ service }) => service !== 'VPC');

describe('quotas on AWS', () => {
  test('SageMaker has one for each machine type; its code is found by name', () => {
    expect(needs(train({ maxNodes: 2 }))).toEqual([
      {
        service: 'SageMaker',
        name: 'ml.g6.xlarge for training job usage',
        unit: 'machines',
        amount: 2,
        open: false,
        check: `aws service-quotas list-service-quotas --service-code sagemaker --region eu-central-1 --query "Quotas[?QuotaName=='ml.g6.xlarge for training job usage'].[QuotaCode,Value]" --output text`,
        request: `aws service-quotas request-service-quota-increase --service-code sagemaker --region eu-central-1 --quota-code "$(aws service-quotas list-aws-default-service-quotas --service-code sagemaker --region eu-central-1 --query "Quotas[?QuotaName=='ml.g6.xlarge for training job usage'].QuotaCode" --output text)" --desired-value "$AMOUNT"`,
      },
    ]);
  });

  test('spot machines of SageMaker have their own, and both count where jobs fall back', () => {
    const spot = ['SageMaker', 'ml.g6.xlarge for spot training job usage', 4, 'machines'];
    expect(told(needs(train({ maxNodes: 4, capacity: core.Capacity.spot() })))).toEqual([spot]);
    expect(told(needs(train({ maxNodes: 4, capacity: core.Capacity.spot({ fallback: true }) })))).toEqual([
      spot,
      ['SageMaker', 'ml.g6.xlarge for training job usage', 4, 'machines'],
    ]);
  });

  test.each<[Partial<aws.GpuTrainingClusterProps>, (string | number)[]]>([
    [{ maxNodes: 2 }, ['Running On-Demand G and VT instances', 8]],
    [{ capacity: core.Capacity.spot() }, ['All G and VT Spot Instance Requests', 4]],
    [{ accelerators: ['A100:8'] }, ['Running On-Demand P instances', 96]],
    [
      { accelerators: ['A100:8'], capacity: core.Capacity.spot() },
      ['All P4, P3 and P2 Spot Instance Requests', 96],
    ],
    [{ accelerators: ['H100:8'], capacity: core.Capacity.spot() }, ['All P5 Spot Instance Requests', 192]],
    [{ accelerators: ['Trainium:16'] }, ['Running On-Demand Trn instances', 128]],
    [{ machineType: 'm5.xlarge' }, ['Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', 4]],
  ])('AWS Batch counts vCPU of EC2: %j', (props, [name, amount]) => {
    expect(told(needsOnBatch(props))).toEqual([['EC2', name, amount, 'vCPU']]);
  });

  test('a reservation counts against the quota already, a Capacity Block against none', () => {
    const capacity = core.Capacity.reserved('cr-0123456789abcdef0');
    expect(told(needsOnBatch({ capacity }))).toEqual([
      [
        'EC2',
        'Running On-Demand G and VT instances',
        4,
        'vCPU',
        'which the reservation counts against already',
      ],
    ]);
    expect(needsOnBatch({ capacity, accelerators: ['H100:8'], capacityBlock: true })).toEqual([]);
  });

  test('an endpoint needs its machines twice, for a rollout; a count of deployment is a least one', () => {
    const serve = (maxInstances: number | core.DeployParameter) =>
      needs((stack) => {
        new aws.AutoScalingEndpoint(stack, 'Fraud', {
          variants: [{ name: 'main', container: { image: IMAGE } }],
          accelerators: ['L4:1'],
          scaling: { maxInstances, requestsPerMinutePerInstance: 600 },
        });
      });
    expect(told(serve(8))).toEqual([['SageMaker', 'ml.g6.xlarge for endpoint usage', 16, 'machines']]);
    expect(serve(core.DeployParameter.ofNumber('Most', 8))).toMatchObject([{ amount: 16, open: true }]);
  });

  test('notebooks count as apps of Studio, functions as concurrent executions', () => {
    expect(
      told(
        needs((stack) => {
          new aws.Workspace(stack, 'Team', {
            users: [{ name: 'ada' }, { name: 'grace' }],
            accelerators: ['L4:1'],
          });
          const registry = new aws.ModelRegistry(stack, 'Registry', {
            models: [{ name: 'fraud' }],
            images: ['embed'],
          });
          new aws.ServerlessInference(stack, 'Thumbnails', {
            container: { image: registry.image('embed', '1') },
            maxInstances: 5,
          });
        }),
      ),
    ).toEqual([
      ['SageMaker', 'Studio JupyterLab Apps running on ml.g6.xlarge instances', 2, 'machines'],
      // The workspace's own network.
      ['VPC', 'VPCs per Region', 1, 'networks'],
      ['Lambda', 'Concurrent executions', 5, 'instances', '100 more must stay unreserved'],
    ]);
  });

  test('a file system counts by its size, a serverless endpoint of SageMaker by its requests at the same time', () => {
    const all = needs((stack) => {
      const network = aws.PrivateNetwork.fromVpc(stack, 'Network', {
        vpc: new ec2.Vpc(stack, 'Vpc', { natGateways: 0, restrictDefaultSecurityGroup: false }),
      });
      train({ network, scratch: { sizeGiB: 2400 } })(stack);
      const registry = new aws.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'fraud' }],
        images: ['embed'],
      });
      new aws.ServerlessInference(stack, 'Thumbnails', {
        container: { image: registry.image('embed', '1') },
        engine: aws.ServerlessEngine.SAGEMAKER,
        memoryMiB: 4096,
        maxInstances: 5,
      });
    });
    expect(told(all)).toEqual([
      ['SageMaker', 'ml.g6.xlarge for training job usage', 1, 'machines'],
      ['FSx', 'Lustre Persistent_2 storage capacity', 2400, 'GiB'],
      [
        'SageMaker',
        'Maximum total concurrency that can be allocated across all serverless endpoints',
        ...[5, 'requests at the same time'],
      ],
    ]);
    expect(all[1].check).toContain('--service-code fsx --region eu-central-1 ');
  });

  test('a network counts, and its way out', () => {
    const network = (internetEgress: boolean) =>
      told(needs((stack) => new aws.PrivateNetwork(stack, 'Network', { internetEgress })));
    const vpc = ['VPC', 'VPCs per Region', 1, 'networks'];
    expect(network(false)).toEqual([vpc]);
    expect(network(true)).toEqual([
      vpc,
      ['VPC', 'NAT gateways per Availability Zone', 1, 'gateways'],
      ['EC2', 'EC2-VPC Elastic IPs', 1, 'addresses'],
    ]);
  });
});
