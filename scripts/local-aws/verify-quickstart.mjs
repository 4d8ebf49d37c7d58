/**
 * What must exist after examples/quickstart was deployed: read back through the services' own APIs.
 * Things are found by what they are (type, tag, prefix, count), never by fixed ids.
 */
import { Expectations } from './expectations.mjs';

/** What examples/quickstart asks for. */
const ASKED = {
  zones: 2,
  rawExpiresAfterDays: 365,
  images: 3,
  model: 'fraud-detector',
  version: '1',
  tag: '1',
  instances: { min: 1, max: 4 },
  requestsPerMinutePerInstance: 600,
  weights: { main: 100, next: 0 },
  notify: 'ml-oncall@example.com',
  functionMemory: 4096,
  functionInstances: 5,
};

const list = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const document = (value) => (typeof value === 'string' ? JSON.parse(decodeURIComponent(value)) : value);

/** Calls `read`; undefined where the service answers that there is no such thing. */
const absent = (read) =>
  read.catch((error) => {
    if (/NoSuch|NotFound|does not exist/i.test(`${error.code} ${error.message}`)) return undefined;
    throw error;
  });

export async function verify(aws, { resources }) {
  const expectations = new Expectations();
  const { expect } = expectations;
  const ids = (type) =>
    resources
      .filter((r) => r.type === type && r.mode !== 'stub' && r.state !== 'deleted')
      .map((r) => r.physicalId);

  // -- stacks ---------------------------------------------------------------------------------------------------------
  const { Stacks: stacks } = await aws('cloudformation', 'DescribeStacks');
  const stack = (name) => stacks.find((each) => each.StackName.includes(name)) ?? {};
  const outputs = (name) => list(stack(name).Outputs).map((output) => String(output.OutputValue));
  expect(
    'foundation and serving are complete',
    ['foundation', 'serving'].every((name) => /^(CREATE|UPDATE)_COMPLETE$/.test(stack(name).StackStatus)),
    stacks.map((s) => s.StackStatus),
  );
  expect(
    'foundation exports values for serving',
    (await aws('cloudformation', 'ListExports')).Exports.length > 0,
  );
  expect(
    'the model version is a parameter of serving',
    list(stack('serving').Parameters).some((p) => p.ParameterValue === ASKED.version),
    stack('serving').Parameters,
  );
  expect(
    'foundation outputs the command that submits a job',
    outputs('foundation').some((value) => value.startsWith('aws stepfunctions start-execution')),
    outputs('foundation'),
  );

  // -- buckets and keys -----------------------------------------------------------------------------------------------
  const buckets = [];
  for (const Bucket of ids('AWS::S3::Bucket')) {
    const read = (operation) => absent(aws('s3', operation, { Bucket }));
    buckets.push({
      name: Bucket,
      block: (await read('GetPublicAccessBlock'))?.PublicAccessBlockConfiguration ?? {},
      encryption: (await read('GetBucketEncryption'))?.ServerSideEncryptionConfiguration.Rules[0],
      versioning: (await read('GetBucketVersioning'))?.Status,
      rules: (await read('GetBucketLifecycleConfiguration'))?.Rules ?? [],
      logsTo: (await read('GetBucketLogging'))?.LoggingEnabled?.TargetBucket,
      ownership: (await read('GetBucketOwnershipControls'))?.OwnershipControls.Rules[0].ObjectOwnership,
      statements: list(document((await read('GetBucketPolicy'))?.Policy)?.Statement),
    });
  }
  const logTargets = new Set(buckets.map((bucket) => bucket.logsTo));
  const data = buckets.filter((bucket) => !logTargets.has(bucket.name));
  const every = (what, some, condition) =>
    expect(
      `${what} (${some.length})`,
      some.length > 0 && some.every(condition),
      some.filter((each) => !condition(each)).map((each) => each.name),
    );
  expect(
    'the zones, the artifacts, and a log bucket',
    data.length > ASKED.zones && data.length < buckets.length,
    buckets.map((b) => b.name),
  );
  every('every bucket blocks public access', buckets, ({ block }) =>
    ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].every(
      (key) => block[key],
    ),
  );
  every('every bucket refuses requests without TLS', buckets, ({ statements }) =>
    statements.some(
      (s) => s.Effect === 'Deny' && String(s.Condition?.Bool?.['aws:SecureTransport']) === 'false',
    ),
  );
  every('every bucket is encrypted', buckets, ({ encryption }) => encryption !== undefined);
  every(
    'every data bucket has a customer-managed key, with bucket key',
    data,
    ({ encryption }) =>
      encryption?.ApplyServerSideEncryptionByDefault.SSEAlgorithm === 'aws:kms' &&
      encryption.ApplyServerSideEncryptionByDefault.KMSMasterKeyID &&
      encryption.BucketKeyEnabled,
  );
  every('every data bucket is versioned', data, ({ versioning }) => versioning === 'Enabled');
  every('every data bucket logs access', data, ({ logsTo }) => logsTo !== undefined);
  every('every data bucket ends unfinished uploads', data, ({ rules }) =>
    rules.some((rule) => rule.AbortIncompleteMultipartUpload),
  );
  every(
    'every data bucket has owner-enforced objects',
    data,
    ({ ownership }) => ownership === 'BucketOwnerEnforced',
  );
  expect(
    'the raw zone expires',
    data.some(({ rules }) => rules.some((rule) => rule.Expiration?.Days === ASKED.rawExpiresAfterDays)),
  );

  const keys = await Promise.all(
    ids('AWS::KMS::Key').map(async (KeyId) => ({
      name: KeyId,
      enabled: (await aws('kms', 'DescribeKey', { KeyId })).KeyMetadata.Enabled,
      rotated: (await aws('kms', 'GetKeyRotationStatus', { KeyId })).KeyRotationEnabled,
    })),
  );
  every('every key is enabled and rotates', keys, ({ enabled, rotated }) => enabled && rotated);

  // -- catalog --------------------------------------------------------------------------------------------------------
  const databases = ids('AWS::Glue::Database');
  const crawlers = await Promise.all(
    ids('AWS::Glue::Crawler').map(async (Name) => (await aws('glue', 'GetCrawler', { Name })).Crawler),
  );
  expect('one Glue database', databases.length === 1, databases);
  expect(
    'one crawler of that database over all zones',
    crawlers.length === 1 &&
      crawlers[0].DatabaseName === databases[0] &&
      crawlers[0].Targets.S3Targets.length >= ASKED.zones,
    crawlers,
  );
  const workgroups = await Promise.all(
    ids('AWS::Athena::WorkGroup').map(
      async (WorkGroup) => (await aws('athena', 'GetWorkGroup', { WorkGroup })).WorkGroup,
    ),
  );
  expect(
    'an Athena workgroup that enforces its settings',
    workgroups.some((group) => group.Configuration.EnforceWorkGroupConfiguration),
    workgroups,
  );

  // -- registry -------------------------------------------------------------------------------------------------------
  const { repositories } = await aws('ecr', 'DescribeRepositories');
  const ours = repositories
    .filter((repository) => ids('AWS::ECR::Repository').includes(repository.repositoryName))
    .map((r) => ({ name: r.repositoryName, ...r }));
  expect(
    'a repository per image',
    ours.length === ASKED.images,
    ours.map((repository) => repository.name),
  );
  every(
    'every repository scans on push and has immutable tags',
    ours,
    (r) => r.imageScanningConfiguration.scanOnPush && r.imageTagMutability.startsWith('IMMUTABLE'),
  );
  const groups = (await aws('sagemaker', 'ListModelPackageGroups')).ModelPackageGroupSummaryList.map(
    (group) => group.ModelPackageGroupName,
  );
  expect(
    'a model package group for the model',
    groups.some((name) => name.includes(ASKED.model)),
    groups,
  );
  // -- training -------------------------------------------------------------------------------------------------------
  const machines = await Promise.all(
    ids('AWS::StepFunctions::StateMachine').map((stateMachineArn) =>
      aws('stepfunctions', 'DescribeStateMachine', { stateMachineArn }),
    ),
  );
  const training = machines.find((machine) =>
    machine.definition.includes('sagemaker:createTrainingJob.sync'),
  );
  expect(
    'a state machine that starts training jobs',
    training !== undefined,
    machines.map((machine) => machine.name),
  );
  expect(
    'training uses an image of the registry',
    ours.some((repository) => training?.definition.includes(`${repository.repositoryUri}:${ASKED.tag}`)),
  );
  expect('training uses spot capacity', /"EnableManagedSpotTraining":\s*true/.test(training?.definition));
  expect('training writes checkpoints', /"CheckpointConfig"/.test(training?.definition));
  expect(
    'the state machine logs',
    list(training?.loggingConfiguration?.destinations).length > 0,
    training?.loggingConfiguration,
  );

  // -- endpoint -------------------------------------------------------------------------------------------------------
  const names = (await aws('sagemaker', 'ListEndpoints')).Endpoints.map((each) => each.EndpointName);
  expect('one endpoint', names.length === 1, names);
  const endpoint = names.length ? await aws('sagemaker', 'DescribeEndpoint', { EndpointName: names[0] }) : {};
  const config = endpoint.EndpointConfigName
    ? await aws('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: endpoint.EndpointConfigName })
    : {};
  const variants = list(config.ProductionVariants);
  const [variant = {}] = variants;
  expect(
    'its variants have the weights',
    JSON.stringify(variants.map((each) => [each.VariantName, each.InitialVariantWeight])) ===
      JSON.stringify(Object.entries(ASKED.weights)),
    variants,
  );
  expect('the endpoint is in service', endpoint.EndpointStatus === 'InService', endpoint.EndpointStatus);
  expect(
    'its variant starts with the least instances',
    variant.VariantName === 'main' && variant.InitialInstanceCount === ASKED.instances.min,
    variant,
  );
  expect(
    'its volumes are encrypted',
    config.KmsKeyId !== undefined || /^ml\.(g4dn|g5|g6|p4|p5)/.test(variant.InstanceType),
    config,
  );
  const model = variant.ModelName
    ? await aws('sagemaker', 'DescribeModel', { ModelName: variant.ModelName })
    : {};
  const container = model.PrimaryContainer ?? list(model.Containers)[0] ?? {};
  const [, group, version] = /:model-package\/([^/]+)\/([^/]+)$/.exec(container.ModelPackageName ?? '') ?? [];
  expect(
    'its model is a version of the registry, which must be approved',
    groups.includes(group) && group.includes(ASKED.model) && version === ASKED.version,
    container,
  );
  const { ScalableTargets: targets } = await aws('application-autoscaling', 'DescribeScalableTargets', {
    ServiceNamespace: 'sagemaker',
  });
  expect(
    'each variant scales between the asked instances',
    targets.length === variants.length &&
      targets.every(
        (each) => each.MinCapacity === ASKED.instances.min && each.MaxCapacity === ASKED.instances.max,
      ),
    targets,
  );
  const { ScalingPolicies: policies } = await aws('application-autoscaling', 'DescribeScalingPolicies', {
    ServiceNamespace: 'sagemaker',
  });
  expect(
    'by requests per minute and instance',
    policies.some(
      ({ TargetTrackingScalingPolicyConfiguration: tracking }) =>
        tracking?.TargetValue === ASKED.requestsPerMinutePerInstance &&
        tracking.PredefinedMetricSpecification.PredefinedMetricType ===
          'SageMakerVariantInvocationsPerInstance',
    ),
    policies,
  );
  const { MetricAlarms: alarms } = await aws('cloudwatch', 'DescribeAlarms');
  const { Subscriptions: subscriptions } = await aws('sns', 'ListSubscriptions');
  const paged = subscriptions
    .filter((each) => each.Protocol === 'email' && each.Endpoint === ASKED.notify)
    .map((each) => each.TopicArn);
  expect(
    'alarms for latency and errors go to the on-call address',
    alarms.filter((alarm) => alarm.AlarmActions.some((arn) => paged.includes(arn))).length >= 2,
    { alarms: alarms.map((alarm) => [alarm.AlarmName, alarm.AlarmActions]), paged },
  );

  // -- serverless inference -------------------------------------------------------------------------------------------
  const functions = await Promise.all(
    ids('AWS::Lambda::Function').map((FunctionName) => aws('lambda', 'GetFunction', { FunctionName })),
  );
  expect(
    'one function, from an image of the registry, with its memory',
    functions.length === 1 &&
      functions[0].Configuration.MemorySize === ASKED.functionMemory &&
      ours.some((repository) => functions[0].Code.ImageUri === `${repository.repositoryUri}:${ASKED.tag}`),
    functions,
  );
  expect(
    'no more instances of it than asked',
    functions[0]?.Concurrency?.ReservedConcurrentExecutions === ASKED.functionInstances,
    functions[0]?.Concurrency,
  );
  const urls = await Promise.all(
    ids('AWS::Lambda::Url').map((FunctionName) => aws('lambda', 'GetFunctionUrlConfig', { FunctionName })),
  );
  expect('its URL asks for AWS credentials', urls.length === 1 && urls[0].AuthType === 'AWS_IAM', urls);

  // -- logs and permissions -------------------------------------------------------------------------------------------
  const logGroups = (await aws('logs', 'DescribeLogGroups')).logGroups.map((group) => ({
    name: group.logGroupName,
    ...group,
  }));
  every('every log group has a retention', logGroups, (group) => group.retentionInDays > 0);
  expect(
    "the endpoint's log group is owned",
    logGroups.some((group) => group.name === `/aws/sagemaker/Endpoints/${names[0]}`),
    logGroups.map((group) => group.name),
  );
  const statements = [];
  const noted = (RoleName, policy) =>
    statements.push(...list(document(policy).Statement).map((statement) => ({ RoleName, ...statement })));
  for (const RoleName of ids('AWS::IAM::Role')) {
    for (const PolicyName of (await aws('iam', 'ListRolePolicies', { RoleName })).PolicyNames) {
      noted(RoleName, (await aws('iam', 'GetRolePolicy', { RoleName, PolicyName })).PolicyDocument);
    }
    for (const { PolicyArn } of (await aws('iam', 'ListAttachedRolePolicies', { RoleName }))
      .AttachedPolicies) {
      const { DefaultVersionId: VersionId } = (await aws('iam', 'GetPolicy', { PolicyArn })).Policy;
      noted(
        RoleName,
        (await aws('iam', 'GetPolicyVersion', { PolicyArn, VersionId })).PolicyVersion.Document,
      );
    }
  }
  const allowed = statements.filter((s) => s.Effect === 'Allow');
  const invokers = allowed.filter((s) =>
    list(s.Action).some(
      (action) => action === 'sagemaker:InvokeEndpoint' || action === 'sagemaker:InvokeEndpoint*',
    ),
  );
  const executor = functions[0]?.Configuration.Role.split('/').pop();
  expect(
    'the function may invoke the endpoint',
    invokers.some(
      (s) => s.RoleName === executor && list(s.Resource).some((arn) => arn.endsWith(`endpoint/${names[0]}`)),
    ),
    invokers,
  );
  const everything = allowed.filter((s) =>
    list(s.Action).some((action) => action === '*' || action.endsWith(':*')),
  );
  expect(
    'no role may do everything, of AWS or of a service',
    allowed.length > 0 && !everything.length,
    everything,
  );
  const passing = allowed.filter((s) => list(s.Action).includes('iam:PassRole'));
  expect(
    'roles are passed to named services only',
    passing.length > 0 &&
      passing.every((s) => s.Condition?.StringEquals?.['iam:PassedToService'] && s.Resource !== '*'),
    passing,
  );

  return expectations.conclude();
}
