import {
  App,
  aws_bedrock as bedrock,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
  CfnWaitConditionHandle,
  Stack,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { atRestIn } from './at-rest';
import { shiftable } from './shiftable';
import { CONTEXT, statements } from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import {
  AlarmFacts,
  EndpointFacts,
  GrantFacts,
  Probe,
  Program,
  RegistryFacts,
  ScratchFacts,
  ServerlessFacts,
  StoreFacts,
  TrailFacts,
  TrainingFacts,
  WorkspaceFacts,
} from '../contract/contract';

/** A value as CloudFormation would fill it in, references shown as <LogicalId>. */
export function filledIn(value: any): string {
  if (typeof value !== 'object') {
    return String(value);
  }
  if ('Fn::Join' in value) {
    return value['Fn::Join'][1].map(filledIn).join(value['Fn::Join'][0]);
  }
  return `<${value.Ref ?? value['Fn::ImportValue'] ?? value['Fn::GetAtt']?.[0] ?? 'value'}>`;
}

const templateOf = (stack: unknown) => Template.fromStack(stack as Stack);

/** The resources of a type whose construct is below another one. */
function below(
  stack: unknown,
  path: string,
  type: string,
): { id: string; Properties: any; DeletionPolicy?: string }[] {
  const template = templateOf(stack);
  const ids = new Set(
    (stack as Stack).node
      .findAll()
      .filter(({ node }) => node.path === path || node.path.startsWith(`${path}/`))
      .filter((construct) => 'logicalId' in construct)
      .map((construct) =>
        (stack as Stack).resolve((construct as unknown as { logicalId: string }).logicalId),
      ),
  );
  return Object.entries(template.findResources(type))
    .filter(([id]) => ids.has(id))
    .map(([id, resource]) => ({ id, ...(resource as { Properties: any }) }));
}

function stores(stack: unknown, path: string): StoreFacts[] {
  const policies = Object.values(templateOf(stack).findResources('AWS::S3::BucketPolicy'));
  return below(stack, path, 'AWS::S3::Bucket').map(({ id, Properties: p, DeletionPolicy }) => {
    const policy = policies.find(({ Properties }) => Properties.Bucket.Ref === id);
    const rules: any[] = p.LifecycleConfiguration?.Rules ?? [];
    const find = (key: string) => rules.map((rule) => rule[key]).find((value) => value !== undefined);
    return {
      open: !Object.values(p.PublicAccessBlockConfiguration ?? { none: false }).every(Boolean),
      tlsOnly: JSON.stringify(policy?.Properties ?? {}).includes('"aws:SecureTransport":"false"'),
      encrypted:
        p.BucketEncryption?.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
          .SSEAlgorithm === 'aws:kms',
      customerKey:
        p.BucketEncryption?.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
          .KMSMasterKeyID !== undefined,
      restorableDays:
        p.VersioningConfiguration?.Status === 'Enabled'
          ? find('NoncurrentVersionExpiration')?.NoncurrentDays
          : 0,
      accessLogged: p.LoggingConfiguration !== undefined,
      expireAfterDays: find('ExpirationInDays'),
      coldAfterDays: find('Transitions')?.[0].TransitionInDays,
      kept: DeletionPolicy === 'RetainExceptOnCreate',
    };
  });
}

/** The requests that a state machine makes to SageMaker, in order. */
function requests(definition: any): any[] {
  const made: any[] = [];
  JSON.stringify(definition, (_, value) => {
    if (value?.ResourceConfig) made.push(value);
    return value;
  });
  return made;
}

/** SageMaker's machines bill as the job. */
function tagsOf(tags: any[] = []): TrainingFacts['costTags'] {
  const all = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  return { job: all, machines: all };
}

/** Channels of objects; the other is what nodes share. */
const files = ({ InputDataConfig: channels = [] }: any): TrainingFacts['files'] =>
  Object.fromEntries(
    channels
      .filter(({ DataSource }: any) => DataSource.S3DataSource)
      .map(({ ChannelName: name, InputMode: mode }: any) => [
        name.replace(/^dataset-/, ''),
        mode === 'FastFile' ? 'mounted' : 'downloaded',
      ]),
  );

function scratch(stack: unknown, path: string, request: any): ScratchFacts | undefined {
  const [system] = below(stack, path, 'AWS::FSx::FileSystem');
  const channel = request.InputDataConfig?.[0];
  return (
    system && {
      sizeGiB: system.Properties.StorageCapacity,
      encrypted: filledIn(system.Properties.KmsKeyId).startsWith('<Key'),
      directory: `/opt/ml/input/data/${channel.ChannelName}`,
      showsZone: below(stack, path, 'AWS::FSx::DataRepositoryAssociation').length === 1,
      kept: system.DeletionPolicy === 'RetainExceptOnCreate',
    }
  );
}

function training(stack: unknown, cluster: aws.GpuTrainingCluster): TrainingFacts {
  const { path } = cluster.node;
  const [machine] = below(stack, path, 'AWS::StepFunctions::StateMachine');
  const text = filledIn(machine.Properties.DefinitionString);
  const definition = JSON.parse(text);
  const [first, second] = requests(definition);
  const entry: string = first.Environment.ML_ENTRY;
  const most = /\$min\(\[(\d+),/.exec(text)!;
  return {
    // Instances, compute environments with machines of their own, warm pools.
    machinesWhileIdle:
      below(stack, path, 'AWS::EC2::Instance').length +
      below(stack, path, 'AWS::Batch::ComputeEnvironment').filter(
        ({ Properties }) => Properties.ComputeResources.MinvCpus > 0,
      ).length +
      (first.ResourceConfig.KeepAlivePeriodInSeconds ?? 0),
    mostMachines: Number(most[1]),
    machineType: first.ResourceConfig.InstanceType,
    spot: first.EnableManagedSpotTraining === true,
    onDemandAfterSpot: second !== undefined && !second.EnableManagedSpotTraining,
    startedAgain: first.RetryStrategy?.MaximumRetryAttempts > 0,
    checkpointed: first.CheckpointConfig !== undefined || 'CHECKPOINT_URI' in first.Environment,
    // Types with disks of their own encrypt them by hardware; SageMaker refuses a key there.
    encryptedDisks:
      first.ResourceConfig.VolumeKmsKeyId !== undefined ||
      /\.(p4|p5|g\d)/.test(first.ResourceConfig.InstanceType),
    publicAddress: first.VpcConfig === undefined,
    timeLimitHours: first.StoppingCondition.MaxRuntimeInSeconds / 3600,
    variables: [
      ...Object.keys(first.Environment),
      ...[...entry.matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name),
    ],
    callersChoose: [...new Set([...text.matchAll(/\$states\.input\.(\w+)/g)].map(([, name]) => name))].filter(
      // What the service answers, not what callers give.
      (name) => !['Error', 'Cause', 'Status', 'TrainingJobStatus'].includes(name),
    ),
    files: files(first),
    costTags: tagsOf(first.Tags),
    scratch: scratch(stack, path, first),
    queues: queuesOf(stack, path, text),
  };
}

function queuesOf(stack: unknown, path: string, definition: string): TrainingFacts['queues'] {
  const [, declared = ''] = /\$in\.queue in \[([^\]]*)\]/.exec(definition) ?? [];
  const names = declared.match(/[a-z0-9-]+/g) ?? [];
  const environments = templateOf(stack).findResources('AWS::Batch::ServiceEnvironment');
  return below(stack, path, 'AWS::Batch::JobQueue').map(({ Properties: queue }, i) => ({
    name: names[i],
    priority: queue.Priority,
    mostMachines:
      environments[queue.ServiceEnvironmentOrder[0].ServiceEnvironment['Fn::GetAtt'][0]].Properties
        .CapacityLimits[0].MaxCapacity,
  }));
}

function registry(stack: unknown, { node: { path } }: { node: { path: string } }): RegistryFacts {
  return {
    models: below(stack, path, 'AWS::SageMaker::ModelPackageGroup').length,
    files: stores(stack, path)[0],
    images: below(stack, path, 'AWS::ECR::Repository').map(({ Properties }) => ({
      scanned: Properties.ImageScanningConfiguration.ScanOnPush,
      immutable: Properties.ImageTagMutability === 'IMMUTABLE',
      encrypted: Properties.EncryptionConfiguration.EncryptionType === 'KMS',
    })),
  };
}

/** What tells, and whom: alarms that tell nobody are those of rollouts. */
function alarms(stack: unknown, { node: { path } }: { node: { path: string } }): AlarmFacts {
  const told: any[][] = [
    ...['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
      below(stack, path, type).flatMap(({ Properties }) =>
        Properties.AlarmActions ? [Properties.AlarmActions] : [],
      ),
    ),
    ...below(stack, path, 'AWS::Events::Rule').map(({ Properties }) =>
      Properties.Targets.map(({ Arn }: any) => Arn),
    ),
  ];
  const own = below(stack, path, 'AWS::SNS::Topic').map(({ id }) => id);
  const endpoints = (protocol: string) =>
    below(stack, path, 'AWS::SNS::Subscription').flatMap(({ Properties }) =>
      Properties.Protocol === protocol ? [Properties.Endpoint] : [],
    );
  return {
    alarms: told.length,
    mailed: endpoints('email'),
    called: endpoints('https'),
    channels: new Set(
      told
        .flat()
        .filter(({ Ref }) => !own.includes(Ref))
        .map((one) => JSON.stringify(one)),
    ).size,
  };
}

const MEASURES: { readonly [metric: string]: string } = {
  SageMakerVariantInvocationsPerInstance: 'requestsPerMinute',
  SageMakerVariantConcurrentRequestsPerModelHighResolution: 'concurrentRequests',
  CPUUtilization: 'cpu',
  GPUUtilization: 'gpu',
};

function endpoint(stack: unknown, made: aws.AutoScalingEndpoint): EndpointFacts {
  const { path } = made.node;
  const one = (type: string) => below(stack, path, type)[0]?.Properties;
  const { ProductionVariants: variants, DataCaptureConfig: capture } = one('AWS::SageMaker::EndpointConfig');
  const { DeploymentConfig: deployment } = one('AWS::SageMaker::Endpoint');
  const target = one('AWS::ApplicationAutoScaling::ScalableTarget');
  const policies = below(stack, path, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(({ Properties }) => {
    const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } =
      Properties.TargetTrackingScalingPolicyConfiguration;
    return MEASURES[predefined?.PredefinedMetricType ?? customized.MetricName];
  });
  const model = one('AWS::SageMaker::Model');
  const parameters = Object.keys(templateOf(stack).toJSON().Parameters ?? {}).filter(
    (name) => name !== 'BootstrapVersion',
  );
  return {
    traffic: Object.fromEntries(
      variants.map((variant: any) => [variant.VariantName, variant.InitialVariantWeight]),
    ),
    scaling: { least: target?.MinCapacity, most: target?.MaxCapacity, measures: policies },
    rollout: {
      inSteps: deployment.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type !== 'ALL_AT_ONCE',
      takenBackByAlarms: (deployment.AutoRollbackConfiguration?.Alarms ?? []).length > 0,
    },
    captured: capture && {
      percent: capture.InitialSamplingPercentage,
      inZone: /Zoneraw/.test(filledIn(capture.DestinationS3Uri)),
    },
    deploysApprovedOnly:
      model.PrimaryContainer.ModelPackageName !== undefined && model.PrimaryContainer.Image === undefined,
    alarms: made.alarms.length + (made.noCapacityRule ? 1 : 0),
    logRetentionDays: one('AWS::Logs::LogGroup').RetentionInDays,
    versionGivenAtDeployment: parameters.some((name) => JSON.stringify(model).includes(`"Ref":"${name}"`)),
    runsInNetwork: model.VpcConfig !== undefined,
    variables: model.PrimaryContainer.Environment ?? {},
    streamed: /\/endpoints\/[^/]+\/invocations-response-stream$/.test(made.streamUrl),
    diskGiB: variants[0].VolumeSizeInGB,
    startupSeconds: variants[0].ContainerStartupHealthCheckTimeoutInSeconds,
    // Fixed by the service.
    requestSeconds: 60,
  };
}

function serverless(stack: unknown, { node: { path } }: aws.ServerlessInference): ServerlessFacts {
  const one = (type: string) => below(stack, path, type)[0]?.Properties;
  const lambda = one('AWS::Lambda::Function');
  const url = one('AWS::Lambda::Url');
  return {
    leastInstances:
      one('AWS::Lambda::Alias')?.ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0,
    mostInstances: lambda.ReservedConcurrentExecutions,
    memoryMiB: lambda.MemorySize,
    timeoutSeconds: lambda.Timeout,
    openToAnyone:
      url?.AuthType === 'NONE' ||
      below(stack, path, 'AWS::Lambda::Permission').some(({ Properties }) => Properties.Principal === '*'),
    reachableFromInternet: url !== undefined,
    variables: Object.keys(lambda.Environment?.Variables ?? {}),
    logRetentionDays: one('AWS::Logs::LogGroup').RetentionInDays,
  };
}

const MAY: { readonly [action: string]: string } = {
  's3:GetObject': 'read data',
  'states:StartExecution': 'start jobs',
  'ecr:BatchGetImage': 'pull images',
};

function notebooks(stack: unknown, made: aws.Workspace): WorkspaceFacts {
  const { path } = made.node;
  const one = (type: string) => below(stack, path, type)[0];
  const { Properties: domain } = one('AWS::SageMaker::Domain');
  const { Properties: space, DeletionPolicy } = one('AWS::SageMaker::Space');
  const settings = domain.DefaultUserSettings;
  const { AppLifecycleManagement: lifecycle } =
    settings.JupyterLabAppSettings ?? settings.CodeEditorAppSettings;
  const content = one('AWS::SageMaker::StudioLifecycleConfig').Properties.StudioLifecycleConfigContent;
  const script = filledIn(content['Fn::Base64']);
  const actions = statements(templateOf(stack))
    .filter(({ policy }) => below(stack, path, 'AWS::IAM::ManagedPolicy').some(({ id }) => id === policy))
    .flatMap((statement) => statement.actions);
  return {
    notebooks: below(stack, path, 'AWS::SageMaker::Space').length,
    stoppedAfterIdleMinutes: lifecycle.IdleSettings.IdleTimeoutInMinutes,
    homeGiB: space.SpaceSettings.SpaceStorageSettings.EbsStorageSettings.EbsVolumeSizeInGb,
    homesEncrypted: domain.KmsKeyId !== undefined,
    homesKept: DeletionPolicy === 'RetainExceptOnCreate',
    publicAddress: domain.AppNetworkAccessType !== 'VpcOnly',
    persons: below(stack, path, 'AWS::IAM::Policy').map(
      ({ Properties }) => `arn:aws:iam::111122223333:role/${Properties.Roles[0]}`,
    ),
    variables: [...script.matchAll(/"(\w+)":/g)].map(([, name]) => name),
    may: actions.map((action) => MAY[action]),
    editor:
      space.SpaceSettings.AppType === 'CodeEditor'
        ? core.WorkspaceEditor.VS_CODE
        : core.WorkspaceEditor.JUPYTERLAB,
  };
}

function trail(stack: unknown, { node: { path } }: core.IAuditTrail): TrailFacts {
  const [{ Properties: made }] = below(stack, path, 'AWS::CloudTrail::Trail');
  const [{ Properties: bucket, DeletionPolicy }] = below(stack, path, 'AWS::S3::Bucket');
  const selectors: any[] = made.AdvancedEventSelectors;
  const fields = (category: string): any[] | undefined =>
    selectors
      .map(({ FieldSelectors }) => FieldSelectors)
      .find(([{ Field, Equals }]) => Field === 'eventCategory' && Equals.join() === category);
  const data = fields('Data')!;
  const { Mode, Days } = bucket.ObjectLockConfiguration.Rule.DefaultRetention;
  const both = !data.some(({ Field }) => Field === 'readOnly');
  return {
    zones: data.find(({ Field }) => Field === 'resources.ARN').StartsWith.length,
    reads: both,
    writes: both,
    encrypted: filledIn(made.KMSKeyId).startsWith('<Key'),
    unchangedDays: Days,
    locked: Mode === 'COMPLIANCE',
    kept: DeletionPolicy === 'RetainExceptOnCreate',
    managementEvents: fields('Management') !== undefined,
    // One of its own, of this region and not of the organization; each selector says what it is about.
    leavesAlone:
      made.TrailName.startsWith('foundation-audit-') &&
      !made.IsMultiRegionTrail &&
      !made.IsOrganizationTrail &&
      selectors.length === 1,
  };
}

const REGION = 'eu-west-1';

/** What a statement on objects or on their list is limited to. */
function folderOf({ actions, resources, raw }: ReturnType<typeof statements>[number]): string[] {
  if (actions.includes('s3:ListBucket')) {
    return [raw.Condition?.StringLike['s3:prefix'][0].replace(/\*$/, '') ?? ''];
  }
  return actions.some((action) => /^s3:\w+Object$/.test(action))
    ? resources.map((resource) => /^[^/]*\/(.*)\*$/.exec(filledIn(resource))![1])
    : [];
}

export const probe: Probe = {
  region: REGION,
  strays: {
    'another region': (scope) =>
      new sns.CfnSubscription(scope, 'Stray', {
        topicArn: 'arn:aws:sns:us-east-1:123456789012:pager',
        protocol: 'email',
      }),
    'copies elsewhere': (scope) =>
      new secretsmanager.CfnSecret(scope, 'Stray', { replicaRegions: [{ region: 'us-east-1' }] }),
    'models from anywhere': (scope) =>
      new bedrock.CfnApplicationInferenceProfile(scope, 'Stray', {
        inferenceProfileName: 'stray',
        modelSource: {
          copyFrom: `arn:aws:bedrock:${REGION}:123456789012:inference-profile/eu.amazon.nova-pro-v1:0`,
        },
      }),
  },
  guards: ({ foundation }) =>
    Object.values(templateOf(foundation).findResources('AWS::IAM::ManagedPolicy')).flatMap(
      ({ Properties: { Roles: roles, PolicyDocument: document } }) =>
        document.Statement.filter(({ Effect, NotAction }: any) => Effect === 'Deny' && NotAction).map(
          ({ Condition: { StringNotEquals: regions } }: any) =>
            roles.length > 0 && regions['aws:RequestedRegion'],
        ),
    ),
  person: 'arn:aws:iam::111122223333:role/ada',
  user: { name: 'ada' },
  workspace: ({ foundation }, made) => notebooks(foundation, made as aws.Workspace),
  program({ regionGuard, ...props } = {}): Program {
    const app = new App({ context: CONTEXT });
    const env = props.allowedRegions && { region: REGION };
    const foundation = new aws.PlatformStack(app, 'foundation', { ...props, env, regionGuard });
    const serving = new aws.PlatformStack(app, 'serving', { ...props, env });
    // A stack without any resource is no valid template.
    [foundation, serving].forEach((stack) => new CfnWaitConditionHandle(stack, 'Nothing'));
    return { foundation, serving };
  },
  stores: ({ foundation }, lake) => stores(foundation, lake.node.path),
  training: ({ foundation }, cluster) => training(foundation, cluster as aws.GpuTrainingCluster),
  registry: ({ foundation }, made) => registry(foundation, made),
  endpoint: ({ serving }, made) => endpoint(serving, made as aws.AutoScalingEndpoint),
  shiftable: async (_, made) => shiftable(made as aws.AutoScalingEndpoint),
  channel: ({ foundation }) =>
    aws.NotificationChannel.fromTopic(
      foundation,
      'Pager',
      sns.Topic.fromTopicArn(foundation, 'PagerTopic', 'arn:aws:sns:us-east-1:123456789012:pager'),
    ),
  alarms: (_, watched) => alarms(Stack.of(watched), watched),
  serverless: ({ serving }, made) => serverless(serving, made as aws.ServerlessInference),
  secret: (scope) => aws.Secret.fromSecretName(scope, 'HubToken', 'hub-token'),
  secrets(program) {
    const templates = Object.values(program).map(templateOf);
    return {
      readers: templates
        .flatMap(statements)
        .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue')).length,
      readByDeployment: JSON.stringify(templates.map((one) => one.toJSON())).split('{{resolve:').length - 1,
    };
  },
  // CloudFormation names the rest after the stack.
  names: ({ foundation, serving }) =>
    [foundation, serving].flatMap((stack) => [
      (stack as Stack).stackName,
      ...Object.values(templateOf(stack).toJSON().Resources).flatMap(({ Type, Properties = {} }: any) =>
        ['Name', 'BucketName', 'RoleName', 'EndpointName', `${Type.split('::')[2]}Name`]
          .map((key) => Properties[key])
          .filter((name) => typeof name === 'string')
          // Of a log group, what stands below the path that the service asks for.
          .map((name) => name.slice(name.lastIndexOf('/') + 1)),
      ),
    ]),
  trail: ({ foundation }, made) => trail(foundation, made),
  atRest: (program) => Object.values(program).flatMap((stack) => atRestIn(templateOf(stack).toJSON())),
  privateNames: ({ foundation }) =>
    Object.keys(
      templateOf(foundation).findResources('AWS::EC2::VPCEndpoint', {
        Properties: { PrivateDnsEnabled: true },
      }),
    ).length,
  grant(build): GrantFacts {
    const count = (give: boolean) => {
      const program = probe.program();
      const grant = build(program);
      if (give) {
        grant();
      }
      return Object.values(program).map((stack) => ({
        stack: stack.node.id,
        all: statements(templateOf(stack)),
      }));
    };
    const [before, after] = [count(false), count(true)];
    const [changed] = after.filter(({ all }, i) => all.length !== before[i].all.length);
    // Roles of others may have the same statement.
    const text = ({ policy, raw }: (typeof changed.all)[number]) => JSON.stringify([policy, raw]);
    const known = before.find(({ stack }) => stack === changed.stack)!.all.map(text);
    const added = changed.all.filter((one) => !known.includes(text(one)));
    return {
      stack: changed.stack,
      actions: added.flatMap(({ actions }) => actions),
      folders: [...new Set(added.flatMap(folderOf))],
    };
  },
};
