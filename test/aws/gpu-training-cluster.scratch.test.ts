import { CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { minimal, requestFor } from './gpu-training-cluster.states';
import { only, platform, refusal, staleExplanations, statements, synthesized, unexplained } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const sharing = (
  scratch: (stack: Stack) => core.ScratchProps,
  props: Partial<aws.GpuTrainingClusterProps> = {},
) =>
  synthesized(
    (stack) =>
      new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        network: new aws.PrivateNetwork(stack, 'Network'),
        scratch: scratch(stack),
        ...props,
      }),
  );
const lake = (stack: Stack) =>
  new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false });

describe('a file system that nodes share', () => {
  const made = sharing(() => ({ sizeGiB: 2400 }));

  test('is one of FSx for Lustre, encrypted with the key of the cluster, that is kept', () => {
    const { id, ...found } = only(made.template, 'AWS::FSx::FileSystem');
    expect(made.made.scratchFileSystem).toBe(made.made.node.findChild('Scratch').node.defaultChild);
    expect(made.stack.getLogicalId(made.made.scratchFileSystem as CfnResource)).toBe(id);
    expect(found).toEqual({
      Type: 'AWS::FSx::FileSystem',
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        FileSystemType: 'LUSTRE',
        FileSystemTypeVersion: '2.15',
        StorageType: 'SSD',
        StorageCapacity: 2400,
        KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
        SubnetIds: [{ Ref: 'NetworkVpcWorkloadSubnet1Subnet6CA2CA3C' }],
        SecurityGroupIds: [{ 'Fn::GetAtt': ['TrainingScratchSecurityGroup8DF514CF', 'GroupId'] }],
        LustreConfiguration: {
          DeploymentType: 'PERSISTENT_2',
          PerUnitStorageThroughput: 250,
          DataCompressionType: 'LZ4',
        },
      },
    });
  });

  test('is a channel of every job, whose folder SCRATCH_DIR names, in the subnet of the job', async () => {
    const request = await requestFor(made.template);
    const [subnet] = only(made.template, 'AWS::FSx::FileSystem').Properties.SubnetIds;
    expect(request.InputDataConfig).toEqual([
      {
        ChannelName: 'scratch',
        DataSource: {
          FileSystemDataSource: {
            FileSystemId: expect.stringContaining('trainingscratchfilesystem'),
            FileSystemType: 'FSxLustre',
            DirectoryPath: expect.stringMatching(/^\/sg-/),
            FileSystemAccessMode: 'rw',
          },
        },
      },
    ]);
    expect(request.Environment.SCRATCH_DIR).toBe('/opt/ml/input/data/scratch');
    expect(subnet.Ref).toContain('Subnet1');
    expect(request.VpcConfig.Subnets).toHaveLength(1);
  });

  test('talks by the ports of Lustre, with the machines and within itself, and with nothing else', () => {
    const rules = (type: string) =>
      Object.values(made.template.findResources(type))
        .map(({ Properties: p }) => ({
          of: p.GroupId['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, ''),
          peer: (p.SourceSecurityGroupId ?? p.DestinationSecurityGroupId)['Fn::GetAtt'][0].replace(
            /[0-9A-F]{8}$/,
            '',
          ),
          ports: `${p.IpProtocol}:${p.FromPort}-${p.ToPort}`,
        }))
        .filter(({ of, peer }) => `${of}${peer}`.includes('Scratch'))
        .map(({ of, peer, ports }) => `${of} ${peer} ${ports}`)
        .sort();
    const both = ['tcp:1018-1023', 'tcp:988-988'];
    const pairs = [
      'TrainingScratchSecurityGroup TrainingScratchSecurityGroup',
      'TrainingScratchSecurityGroup TrainingSecurityGroup',
      'TrainingSecurityGroup TrainingScratchSecurityGroup',
    ].flatMap((pair) => both.map((ports) => `${pair} ${ports}`));
    expect(rules('AWS::EC2::SecurityGroupIngress')).toEqual(pairs);
    expect(rules('AWS::EC2::SecurityGroupEgress')).toEqual(pairs);
    const [group] = Object.entries(made.template.findResources('AWS::EC2::SecurityGroup'))
      .filter(([id]) => id.includes('Scratch'))
      .map(([, found]) => found);
    expect(group.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(group.Properties.SecurityGroupIngress).toBeUndefined();
    expect(group.Properties.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '255.255.255.255/32' }),
    ]);
  });

  test('stands in the report with what it bills', () => {
    const told = reportOf(made.made)
      .filter(({ entry }) => entry.title === 'Scratch')
      .map(({ entry }) => `${entry.kind}: ${entry.text}`);
    expect(told).toEqual([
      'idle-cost: 2400 GiB of FSx for Lustre at 250 MB/s for each TiB bill per hour while the cluster exists, used or not, and after it too: retention is RETAIN, which keeps its network.',
      'choice: Jobs run in the first subnet of the network, beside their file system.',
    ]);
  });

  test('may be described by jobs', () => {
    const [found] = statements(made.template).filter(({ actions }) => `${actions}`.startsWith('fsx:'));
    expect(found).toMatchObject({ actions: ['fsx:DescribeFileSystems'], resources: ['*'] });
  });

  test('has no unexplained finding and no stale explanation', () => {
    expect(unexplained(made.app)).toEqual([]);
    expect(staleExplanations(made.app)).toEqual([]);
  });

  test('goes with the cluster where its data may', () => {
    const gone = sharing(() => ({ sizeGiB: 1200 }), { retention: core.DataRetention.DESTROY });
    expect(only(gone.template, 'AWS::FSx::FileSystem').DeletionPolicy).toBe('Delete');
    expect(reportOf(gone.made).find(({ entry }) => entry.title === 'Scratch')!.entry.text).toMatch(
      /used or not\.$/,
    );
  });

  test('is what jobs of a queue have too', () => {
    const queued = sharing(() => ({ sizeGiB: 1200 }), { capacity: core.Capacity.queued() });
    expect(JSON.stringify(queued.template.toJSON())).toContain('FSxLustre');
  });
});

describe('linked to a zone of a lake', () => {
  const made = sharing((stack) => ({ sizeGiB: 1200, zone: lake(stack).zone('raw') }));

  test('shows what is in its bucket, and what comes, changes and goes, and writes nothing there', () => {
    expect(only(made.template, 'AWS::FSx::DataRepositoryAssociation').Properties).toEqual({
      FileSystemId: { Ref: only(made.template, 'AWS::FSx::FileSystem').id },
      FileSystemPath: '/raw',
      DataRepositoryPath: { 'Fn::Join': ['', ['s3://', { Ref: 'LakeZonerawBucketD7F34696' }, '/']] },
      BatchImportMetaDataOnCreate: true,
      S3: { AutoImportPolicy: { Events: ['NEW', 'CHANGED', 'DELETED'] } },
    });
  });

  test('lets only the roles of file systems read by the key of the bucket', () => {
    const { KeyPolicy } = only(made.template, 'AWS::KMS::Key').Properties;
    expect(KeyPolicy.Statement.filter(({ Sid }: any) => Sid === 'LustreImport')).toEqual([
      {
        Sid: 'LustreImport',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Decrypt', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:PrincipalArn': {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  ':iam::',
                  { Ref: 'AWS::AccountId' },
                  ':role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*',
                ],
              ],
            },
          },
        },
      },
    ]);
  });

  test('has no unexplained finding and no stale explanation', () => {
    expect(unexplained(made.app)).toEqual([]);
    expect(staleExplanations(made.app)).toEqual([]);
  });

  test('of an earlier stack', () => {
    const { app, stack: earlier } = platform('earlier');
    const zone = lake(earlier).zone('raw');
    const later = new aws.PlatformStack(app, 'later');
    new aws.GpuTrainingCluster(later, 'Training', {
      ...minimal,
      network: new aws.PrivateNetwork(later, 'Network'),
      scratch: { sizeGiB: 1200, zone },
    });
    const { Properties } = only(Template.fromStack(later), 'AWS::FSx::DataRepositoryAssociation');
    expect(JSON.stringify(Properties.DataRepositoryPath)).toContain('Fn::ImportValue');
    expect(JSON.stringify(only(Template.fromStack(earlier), 'AWS::KMS::Key').Properties)).toContain(
      'LustreImport',
    );
  });

  test('of a later stack is an error', () => {
    const { app, stack } = platform();
    const other = new aws.PlatformStack(app, 'other');
    other.addStackDependency(stack);
    const zone = lake(other).zone('raw');
    const network = new aws.PrivateNetwork(stack, 'Network');
    const make = () =>
      new aws.GpuTrainingCluster(stack, 'Training', {
        ...minimal,
        network,
        scratch: { sizeGiB: 1200, zone },
      });
    expect(refusal(make, 'CMC-009')).toContain('scratch.zone');
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
  });
});

describe('refused', () => {
  const refused = (props: Partial<aws.GpuTrainingClusterProps>, ...codes: string[]) => {
    const { stack } = platform();
    const network = new aws.PrivateNetwork(stack, 'Network');
    const make = () => new aws.GpuTrainingCluster(stack, 'Training', { ...minimal, network, ...props });
    const message = refusal(make, ...codes);
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
    return message;
  };

  test.each([
    [1000, '1200'],
    [1300, '1200 or 2400'],
    [2401, '2400 or 4800'],
    [100000, '98400 or 100800'],
  ])('%d GiB, with the sizes that there are', (sizeGiB, sizes) =>
    expect(refused({ scratch: { sizeGiB } }, 'CMC-005')).toContain(
      `scratch.sizeGiB (${sizeGiB}) is no size that FSx for Lustre has: take ${sizes} [CMC-005]`,
    ),
  );

  test('without a network', () =>
    expect(refused({ network: undefined, scratch: { sizeGiB: 1200 } }, 'CMC-009')).toContain(
      'scratch needs network, in which FSx for Lustre is',
    ));

  test('with engine BATCH', () =>
    expect(refused({ engine: aws.TrainingEngine.BATCH, scratch: { sizeGiB: 1200 } }, 'CMC-040')).toContain(
      'leave engine out (SageMaker mounts it)',
    ));

  test('the variable that names it', () =>
    expect(refused({ environment: { SCRATCH_DIR: '/tmp' } }, 'CMC-008')).toContain(
      'environment.SCRATCH_DIR',
    ));
});
