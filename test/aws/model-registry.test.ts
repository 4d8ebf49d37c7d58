import {
  App,
  aws_ecr as ecr,
  aws_iam as iam,
  aws_s3 as s3,
  aws_sagemaker as sagemaker,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { filledIn } from './probe';
import {
  CONTEXT,
  only,
  platform,
  refusal,
  staleExplanations,
  statements,
  synthesized,
  unexplained,
} from './support';
import * as aws from '../../src/aws';
import { PlatformRole } from '../../src/aws/private/platform-role';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const MODEL = [{ name: 'fraud-detector' }];
const workload = (stack: aws.PlatformStack) =>
  aws.Workload.fromRole(
    stack,
    'Workload',
    new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }),
  );

/** A command as a shell would see it after deployment, references shown as <LogicalId>. */
function shell(stack: aws.PlatformStack, command: string): string {
  const show = (value: any): string =>
    typeof value === 'string'
      ? value
      : 'Fn::Join' in value
        ? value['Fn::Join'][1].map(show).join('')
        : reference(value);
  const reference = (value: any): string =>
    'Ref' in value
      ? `<${value.Ref}>`
      : 'Fn::Select' in value
        ? '<part of an ARN>'
        : `<${value['Fn::GetAtt'][0]}>`;
  return show(stack.resolve(command));
}

describe('a registry with one model and one image', () => {
  const {
    stack,
    made: registry,
    template,
  } = synthesized((scope) => new aws.ModelRegistry(scope, 'Registry', { models: MODEL, images: ['serve'] }));

  test('has the bucket as default child', () => {
    expect((registry.node.defaultChild as s3.CfnBucket).cfnResourceType).toBe('AWS::S3::Bucket');
    const group = registry.node.findChild('Model-fraud-detector').node
      .defaultChild as sagemaker.CfnModelPackageGroup;
    expect(group.cfnResourceType).toBe('AWS::SageMaker::ModelPackageGroup');
  });

  test('keeps a group per model', () => {
    expect(only(template, 'AWS::SageMaker::ModelPackageGroup')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { ModelPackageGroupName: 'platform-registry-model-fraud-detector-8946c09f' },
    });
  });

  test('keeps files versioned, encrypted, for ever', () => {
    const bucket = template.findResources('AWS::S3::Bucket').RegistryArtifacts7C2929DE;
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true }] },
    });
    expect(JSON.stringify(bucket.Properties.LifecycleConfiguration)).not.toContain('ExpirationInDays');
  });

  test('has images scanned, immutable, encrypted, and leftovers deleted', () => {
    const { Properties, DeletionPolicy } = only(template, 'AWS::ECR::Repository');
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(Properties).toMatchObject({
      ImageScanningConfiguration: { ScanOnPush: true },
      ImageTagMutability: 'IMMUTABLE',
      EncryptionConfiguration: { EncryptionType: 'KMS' },
    });
    expect(Properties.RepositoryName).toBeUndefined();
    expect(JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText).rules).toEqual([
      expect.objectContaining({
        selection: expect.objectContaining({ tagStatus: 'untagged', countNumber: 14 }),
      }),
    ]);
  });

  test('admits functions of its own account to images, whichever there are', () => {
    const [statement] = only(template, 'AWS::ECR::Repository').Properties.RepositoryPolicyText.Statement;
    expect(statement).toMatchObject({
      Principal: { Service: 'lambda.amazonaws.com' },
      Condition: {
        ArnLike: {
          'aws:SourceArn': [
            {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':lambda:*:', { Ref: 'AWS::AccountId' }, ':function:*'],
              ],
            },
          ],
        },
      },
    });
  });

  test('tells nobody and shares with nobody', () => {
    template.resourceCountIs('AWS::SNS::Topic', 0);
    expect(
      only(template, 'AWS::SageMaker::ModelPackageGroup').Properties.ModelPackageGroupPolicy,
    ).toBeUndefined();
  });

  test('publishes a version by uploading and registering it', () => {
    const command = shell(
      stack,
      registry.publishCommand('fraud-detector', '7', registry.image('serve', '3')),
    );
    const files = 's3://<RegistryArtifacts7C2929DE>/models/fraud-detector/7/';
    const [upload, register] = command.split(' && ');
    expect(upload).toBe(`aws s3 sync "$MODEL_FILES" ${files}`);
    expect(register).toContain('--model-package-group-name platform-registry-model-fraud-detector-8946c09f ');
    expect(register).toContain('--model-approval-status Approved ');
    expect(register).toContain(
      `:3,ModelDataSource={S3DataSource={S3Uri=${files},S3DataType=S3Prefix,CompressionType=None}}}]`,
    );
  });

  test('pushes images that AWS Lambda takes too', () => {
    const command = shell(stack, registry.pushCommand('serve', '3'));
    expect(command).toContain('docker build --platform linux/amd64 --provenance=false --tag ');
    expect(command).toMatch(/docker push .*:3$/);
  });

  test('declares what it gives out', () => {
    expect(refusal(() => registry.model('fraud'), 'CMC-012')).toContain(
      "model 'fraud' was not declared; declared are fraud-detector",
    );
    expect(refusal(() => registry.image('train', '1'), 'CMC-012')).toContain(
      "image 'train' was not declared; declared are serve",
    );
    expect(refusal(() => registry.image('serve', 'a b'), 'CMC-006')).toContain("tag ('a b') must be a tag");
    expect(registry.image('serve', core.DeployParameter.of('Tag', '1'))).toBeInstanceOf(core.ContainerImage);
  });

  test('exports what other stacks may need before they need it', () => {
    expect(
      Object.keys(template.findOutputs('*')).filter((name) =>
        /RegistryImageserve|RegistryArtifacts/.test(name),
      ),
    ).toHaveLength(4);
  });
});

describe('approval', () => {
  test('is asked for model by model', () => {
    const { made } = synthesized(
      (stack) =>
        new aws.ModelRegistry(stack, 'Registry', {
          models: [...MODEL, { name: 'checked', approvalRequired: true }],
        }),
    );
    expect([made.approvalRequired('fraud-detector'), made.approvalRequired('checked')]).toEqual([
      false,
      true,
    ]);
  });

  test('is a command of its own, so that publishing is not approving', () => {
    const { stack, made } = synthesized(
      (scope) =>
        new aws.ModelRegistry(scope, 'Registry', {
          models: [{ name: 'checked', approvalRequired: true }],
          images: ['serve'],
        }),
    );
    expect(shell(stack, made.publishCommand('checked', '1', made.image('serve', '1')))).toContain(
      '--model-approval-status PendingManualApproval ',
    );
    expect(shell(stack, made.approveCommand('checked', '1'))).toMatch(
      /^aws sagemaker update-model-package --model-package-arn arn:<AWS::Partition>:sagemaker:.*:model-package\/platform-registry-model-checked-[0-9a-f]{8}\/1 --model-approval-status Approved$/,
    );
  });

  test('changes are told to topics that exist, where nobody is mailed by one of its own', () => {
    const { template } = synthesized((stack) => {
      const pager = new sns.Topic(stack, 'Pager');
      const channels = [aws.NotificationChannel.fromTopic(stack, 'Channel', pager)];
      return new aws.ModelRegistry(stack, 'Registry', { models: MODEL, channels });
    });
    const { id } = only(template, 'AWS::SNS::Topic');
    const { Targets } = only(template, 'AWS::Events::Rule').Properties;
    expect(Targets.map(({ Arn }: any) => Arn)).toEqual([{ Ref: id }]);
    template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  test('changes are mailed', () => {
    const { template } = synthesized(
      (stack) => new aws.ModelRegistry(stack, 'Registry', { models: MODEL, notify: ['ml@example.com'] }),
    );
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ml@example.com',
    });
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    expect(only(template, 'AWS::Events::Rule').Properties).toMatchObject({
      EventPattern: {
        source: ['aws.sagemaker'],
        'detail-type': ['SageMaker Model Package State Change'],
        detail: {
          ModelPackageGroupName: ['platform-registry-model-fraud-detector-8946c09f'],
          ModelApprovalStatus: ['PendingManualApproval', 'Approved', 'Rejected'],
        },
      },
    });
    const [topicPolicy] = Object.values(template.findResources('AWS::SNS::TopicPolicy'));
    const publishers = topicPolicy.Properties.PolicyDocument.Statement.filter(
      ({ Effect }: any) => Effect === 'Allow',
    );
    expect(publishers.map(({ Principal }: any) => Principal.Service)).toEqual([
      'cloudwatch.amazonaws.com',
      'events.amazonaws.com',
    ]);
    expect(publishers.map(({ Condition }: any) => Condition)).toEqual([
      { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      undefined,
    ]);
  });
});

describe('other accounts', () => {
  const { template } = synthesized(
    (stack) =>
      new aws.ModelRegistry(stack, 'Registry', {
        models: MODEL,
        images: ['serve'],
        readers: ['111122223333'],
        publishers: ['444455556666'],
      }),
  );
  const accounts = (statement: any) => JSON.stringify(statement.Principal.AWS).match(/\d{12}/g);

  test('read and publish models', () => {
    const { Statement } = only(template, 'AWS::SageMaker::ModelPackageGroup').Properties
      .ModelPackageGroupPolicy;
    expect(Statement.map((statement: any) => [statement.Sid, accounts(statement)])).toEqual([
      ['Group', ['111122223333', '444455556666']],
      ['Read', ['111122223333', '444455556666']],
      ['Publish', ['444455556666']],
    ]);
  });

  test('pull and push images, also for functions of theirs', () => {
    const { Statement } = only(template, 'AWS::ECR::Repository').Properties.RepositoryPolicyText;
    const [lambda, readers, publishers] = Statement;
    expect(JSON.stringify(lambda.Condition)).toMatch(
      /lambda:\*:111122223333:function.*lambda:\*:444455556666:function/,
    );
    expect(readers.Action).not.toContain('ecr:PutImage');
    expect(accounts(readers)).toEqual(['111122223333']);
    expect(publishers.Action).toContain('ecr:PutImage');
    expect(accounts(publishers)).toEqual(['444455556666']);
  });

  test('reach the files and the key, or nothing else would help', () => {
    const [policy] = Object.values(
      template.findResources('AWS::S3::BucketPolicy', {
        Properties: { Bucket: { Ref: 'RegistryArtifacts7C2929DE' } },
      }),
    );
    const shared = policy.Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Allow');
    const actionsOf = (account: string) =>
      shared
        .filter((statement: any) => accounts(statement)?.includes(account))
        .flatMap(({ Action }: any) => Action);
    expect(actionsOf('111122223333')).toContain('s3:GetObject');
    expect(actionsOf('111122223333')).not.toContain('s3:PutObject');
    expect(actionsOf('444455556666')).toContain('s3:PutObject');
    const keyStatements = only(template, 'AWS::KMS::Key').Properties.KeyPolicy.Statement;
    expect(JSON.stringify(keyStatements)).toContain('111122223333');
  });

  test('are accounts', () => {
    const { stack } = platform();
    expect(
      refusal(
        () => new aws.ModelRegistry(stack, 'R', { models: MODEL, readers: ['our-project'] }),
        'CMC-006',
      ),
    ).toContain('an AWS account id of 12 digits');
  });
});

describe('grants', () => {
  test('to read neither write nor publish', () => {
    const { template } = synthesized((stack) => {
      new aws.ModelRegistry(stack, 'Registry', { models: MODEL, images: ['serve'] }).grantRead(
        workload(stack),
      );
    });
    const actions = statements(template).flatMap((statement) => statement.actions);
    expect(actions).toEqual(
      expect.arrayContaining(['s3:GetObject', 'ecr:BatchGetImage', 'sagemaker:DescribeModelPackage']),
    );
    // Lists of versions are asked of the versions.
    const lists = statements(template).filter((one) => one.actions.includes('sagemaker:ListModelPackages'));
    expect(lists.flatMap((one) => one.resources.map(filledIn))).toEqual([
      expect.stringMatching(/:model-package\/platform-registry-model-[^/]+\/\*$/),
    ]);
    expect(actions.filter((action) => /Put|Create|Update|Delete|Upload/.test(action))).toEqual([]);
  });

  test('to publish write models and images, below models/ only', () => {
    const { template } = synthesized((stack) => {
      new aws.ModelRegistry(stack, 'Registry', { models: MODEL, images: ['serve'] }).grantPublish(
        workload(stack),
      );
    });
    const put = statements(template).filter(({ actions }) => actions.includes('s3:PutObject'));
    expect(put.map(({ resources }) => JSON.stringify(resources))).toEqual([
      expect.stringContaining('/models/*'),
    ]);
    expect(statements(template).flatMap(({ actions }) => actions)).toEqual(
      expect.arrayContaining(['ecr:PutImage', 'sagemaker:CreateModelPackage', 'kms:GenerateDataKey']),
    );
  });

  test('over two stacks go one way', () => {
    const app = new App({ context: CONTEXT });
    const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app, id));
    new aws.ModelRegistry(first, 'Registry', { models: MODEL }).grantRead(workload(second));
    expect(statements(Template.fromStack(second)).length).toBeGreaterThan(0);
    const backwards = new aws.ModelRegistry(second, 'Registry', { models: MODEL });
    refusal(() => backwards.grantRead(workload(first)), 'CMC-013');
  });
});

describe('a registry that exists already', () => {
  test('gives out its models and images', () => {
    const { stack, made } = synthesized((scope) => {
      new aws.EncryptionKey(scope, 'Key');
      return aws.ModelRegistry.fromAttributes(scope, 'Registry', {
        artifactBucket: s3.Bucket.fromBucketName(scope, 'Bucket', 'models-of-shared'),
        modelPackageGroups: { fraud: 'shared-fraud' },
        repositories: {
          serve: ecr.Repository.fromRepositoryArn(
            scope,
            'Serve',
            'arn:aws:ecr:eu-west-1:111122223333:repository/serve',
          ),
        },
        approvalRequired: ['fraud'],
      });
    });
    expect(made.model('fraud').version('3').version).toBe('3');
    expect(made.approvalRequired('fraud')).toBe(true);
    expect(shell(stack, made.publishCommand('fraud', '3', made.image('serve', '1')))).toContain(
      's3://models-of-shared/models/fraud/3/',
    );
  });
});

describe('a network', () => {
  test('reaches images and models through endpoints of its own', () => {
    const { template } = synthesized(
      (stack) =>
        new aws.ModelRegistry(stack, 'Registry', {
          models: MODEL,
          network: new aws.PrivateNetwork(stack, 'Network'),
        }),
    );
    const services = Object.values(template.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) =>
      JSON.stringify(Properties.ServiceName),
    );
    for (const service of ['ecr.api', 'ecr.dkr', 'sagemaker.api', '.s3']) {
      expect(services.join()).toContain(service);
    }
  });
});

test('what is destroyed with the stack is destroyed whole', () => {
  const { stack, made, template } = synthesized(
    (scope) =>
      new aws.ModelRegistry(scope, 'Registry', {
        models: MODEL,
        images: ['serve'],
        retention: core.DataRetention.DESTROY,
      }),
  );
  expect(only(template, 'AWS::ECR::Repository')).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { EmptyOnDelete: true },
  });
  const { DeletionPolicy } = only(template, 'AWS::SageMaker::ModelPackageGroup');
  expect(DeletionPolicy).toBe('Delete');
  // The versions too: SageMaker deletes empty groups only.
  const command = JSON.stringify(stack.resolve(made.emptyCommand));
  expect(command).toContain('aws s3api delete-objects');
  expect(command).toContain('aws sagemaker delete-model-package');
  expect(reportOf(made).map(({ entry }) => entry.title)).toContain('Empty before the stack is destroyed');
});

test('faults name the prop', () => {
  const { stack } = platform();
  const message = refusal(
    () =>
      new aws.ModelRegistry(stack, 'Registry', {
        models: [{ name: 'Fraud' }],
        images: ['a', 'serve', 'serve'],
        notify: ['ml'],
      }),
    'CMC-006',
    'CMC-006',
    'CMC-007',
    'CMC-006',
  );
  expect(message).toContain("images[0] ('a') must be lower-case letters");
  expect(message).toContain("notify[0] ('ml') must be an e-mail address");
  expect(refusal(() => new aws.ModelRegistry(stack, 'Registry', {} as never), 'CMC-002')).toContain(
    'models is required',
  );
  expect(stack.node.children).toEqual([]);
});

test('cdk-nag finds nothing that is not explained, and no explanation is stale', () => {
  const { app, stack } = platform();
  const registry = new aws.ModelRegistry(stack, 'Registry', {
    models: MODEL,
    images: ['serve'],
    notify: ['a@example.com'],
  });
  const role = new PlatformRole(stack, 'Role', {
    assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com'),
  });
  registry.grantPublish(aws.Workload.fromRole(stack, 'Workload', role));
  expect(unexplained(app)).toEqual([]);
  expect(staleExplanations(app)).toEqual([]);
});
