import { CREDENTIALS, Walker } from './rules';
import {
  filledIn,
  Resource,
  resourcesOfTemplate,
  Statement,
  statementsOf,
  textsOfStack,
  values,
  isType,
} from './walk';
import { SynthesizedStack } from '../support/programs';

/** What holds of all stacks on AWS. */
export function awsRules(stacks: SynthesizedStack[], { group, obey, explained, nowhere }: Walker): void {
  const resources = stacks.flatMap(resourcesOfTemplate);
  const statements = stacks.flatMap(statementsOf);
  const allowed = statements.filter(({ allows }) => allows);
  const none = (...types: string[]) => !resources.some(isType(...types));

  /** What identities may do; a resource's own policy says `*` of the resource itself. */
  const ofIdentities = allowed.filter(
    ({ resources: on, principals }) => on.length > 0 && principals.length === 0,
  );
  const has =
    (...actions: string[]) =>
    (one: Statement) =>
      one.actions.every((action) => actions.includes(action));
  const on =
    (pattern: RegExp) =>
    ({ resources: named }: Statement) =>
      named.filter((name) => name.includes('*')).every((name) => pattern.test(name));

  group('statements', () => {
    obey<Statement>(allowed, [
      {
        title: 'say what is allowed, not what is not',
        holds: ({ raw }) => !('NotAction' in raw || 'NotResource' in raw || 'NotPrincipal' in raw),
        broken: { raw: { NotAction: 'iam:*' } },
      },
      {
        title: 'allow nothing to everybody',
        // Roles of services that do not exist yet can only be named by a condition.
        holds: ({ principals, raw }) =>
          !principals.some((one) => /^(AWS|Service|Federated|CanonicalUser):\*$/.test(one)) ||
          (raw.Condition?.StringEquals?.['kms:CallerAccount'] !== undefined &&
            [raw.Condition.ArnLike?.['aws:PrincipalArn'] ?? '*']
              .flat()
              .every((one) => filledIn(one).includes(':role/aws-service-role/'))),
        broken: { principals: ['AWS:*'], raw: { Condition: { ArnLike: { 'aws:PrincipalArn': '*' } } } },
      },
      {
        title: 'name the account or the thing that a service acts for',
        // EventBridge says neither to topics nor, for encrypted ones, to their keys.
        about: ({ type, principals }) =>
          type !== 'AWS::IAM::Role' &&
          principals.some((one) => one.startsWith('Service:') && one !== 'Service:events.amazonaws.com'),
        holds: ({ raw }) =>
          /aws:SourceAccount|aws:SourceArn|kms:EncryptionContext/.test(JSON.stringify(raw.Condition ?? {})),
        broken: { type: 'AWS::S3::BucketPolicy', principals: ['Service:logging.s3.amazonaws.com'], raw: {} },
      },
      {
        title: 'hand over named roles, to named services',
        about: ({ actions }) => actions.includes('iam:PassRole'),
        holds: ({ resources: roles, raw }) =>
          roles.every((role) => !role.includes('*')) &&
          'iam:PassedToService' in (raw.Condition?.StringEquals ?? {}),
        broken: { actions: ['iam:PassRole'], resources: ['arn:aws:iam::<AWS::AccountId>:role/*'], raw: {} },
      },
      {
        title: 'hand on no rights',
        holds: ({ actions }) =>
          !actions.some((one) => /^(iam:(?!PassRole$|GetRole$)|organizations:)/.test(one)),
        broken: { actions: ['iam:PutRolePolicy'] },
      },
      {
        title: 'let those who submit jobs start the state machine alone',
        about: ({ where, actions }) =>
          /Scientists|Analysts/.test(where) && actions.some((one) => one.startsWith('states:')),
        holds: ({ actions, resources: machines }) =>
          actions.join() === 'states:StartExecution' && machines.every((one) => !one.includes('*')),
        broken: { where: 'Scientists', actions: ['states:StartExecution', 'states:UpdateStateMachine'] },
      },
    ]);

    explained(
      'with a wildcard for actions have a reason',
      allowed.filter(({ actions }) => actions.some((one) => one.includes('*'))),
      [
        {
          of: ({ type, actions, principals }) =>
            type === 'AWS::KMS::Key' &&
            actions.join() === 'kms:*' &&
            principals.join() === 'AWS:arn:<AWS::Partition>:iam::<AWS::AccountId>:root',
          because:
            'Without the account itself in its policy a key could be lost for good, and policies of IAM would not count.',
        },
      ],
      ({ actions, type }) => `${actions.join()} ${type}`,
    );

    explained(
      'on all resources have a reason',
      ofIdentities.filter(({ resources: named }) => named.includes('*')),
      [
        {
          of: ({ actions, raw }) =>
            actions.join() === 'cloudwatch:PutMetricData' &&
            /cloudwatch:namespace/.test(JSON.stringify(raw.Condition)),
          because: 'CloudWatch knows no resource for metrics; the condition names the namespace.',
        },
        {
          of: has('ecr:GetAuthorizationToken'),
          because:
            'The token is of the account: IAM knows no resource for it. What is pulled is named elsewhere.',
        },
        {
          of: has('glue:GetSecurityConfiguration'),
          because: 'Glue knows no resource for security configurations.',
        },
        {
          of: ({ actions }) =>
            actions.every(
              (one) =>
                /^logs:.*(LogDelivery|LogDeliveries|LogGroups|ResourcePolic(y|ies))$/.test(one) ||
                /^xray:(Put(TraceSegments|TelemetryRecords)|GetSampling(Rules|Targets))$/.test(one),
            ),
          because:
            'Step Functions and Lambda deliver logs and traces through these, for which no resource can be named.',
        },
        {
          of: has('sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces'),
          because: 'SageMaker knows no resource for what only lists.',
        },
        {
          of: has('fsx:DescribeFileSystems'),
          because: 'FSx knows no resource for what only describes.',
        },
        {
          of: ({ actions }) => actions.every((one) => /^(ec2|batch):Describe/.test(one)),
          because: 'EC2 and AWS Batch know no resource for what only describes.',
        },
        {
          of: has('ecs:DiscoverPollEndpoint', 'ec2:DescribeTags'),
          because:
            'The agent of containers asks where to poll, and the tags of its machine: both take no resource.',
        },
        {
          of: ({ actions, raw }) =>
            actions.every((one) => one.startsWith('ec2:')) &&
            raw.Condition?.Null?.['lambda:SourceFunctionArn'] === 'true',
          because:
            'Lambda makes network interfaces before there is a resource to name; the condition keeps the function from it.',
        },
      ],
      ({ actions }) => actions.join(),
    );

    explained(
      'with a wildcard in a resource have a reason',
      ofIdentities.filter(({ resources: named }) => named.some((one) => one !== '*' && one.includes('*'))),
      [
        {
          of: (one) =>
            one.actions.every((action) => action.startsWith('s3:')) &&
            on(/^(<[^>]+>|arn:<AWS::Partition>:s3:::[\w-]+)\/([\w<>-]+\/)*\*$/)(one),
          because: 'The objects of one bucket, or of one folder in it, have no names yet.',
        },
        {
          of: on(/:(training-job|transform-job|service-job|job|model-package)\/([\w-]+[-/])?\*$/),
          because:
            'Jobs and versions of models are named when they are made; the prefix is of what makes them, where the service takes one.',
        },
        {
          of: on(/:log-group:\/aws[\w/-]+(:?\*|:log-stream:\*)$/),
          because:
            'Streams of logs are named by the service that writes them, in a group that the service fixes.',
        },
        {
          of: (one) =>
            has('logs:CreateLogStream', 'logs:PutLogEvents')(one) &&
            on(/:log-group:<[^>]+>:log-stream:<AWS::AccountId>_CloudTrail_(<AWS::Region>|[a-z0-9-]+)\*$/)(
              one,
            ),
          because: 'CloudTrail numbers its streams of logs, in the group of one trail.',
        },
        {
          of: (one) =>
            one.actions.every((action) => action.startsWith('glue:')) && on(/:table\/<[^>]+>\/\*$/)(one),
          because: 'The crawler finds the tables of one database.',
        },
        {
          of: on(/:app\/<[^>]+>\/\$\{sagemaker:UserProfileName\}\/\*$/),
          because:
            'Apps are named when they start: the policy names the domain, and of its users the one who starts them.',
        },
        {
          of: (one) =>
            one.actions.every((action) => action.startsWith('ec2:')) &&
            on(/:network-interface\/\*$|:\*:subnet\/(<[^>]+>|subnet-\w+)$|:\*:security-group\/<[^>]+>$/)(one),
          because:
            'Network interfaces have no names before they are made; subnets are named, in whichever account shares them.',
        },
        {
          of: (one) =>
            one.actions.every((action) => action.startsWith('ecs:')) &&
            on(/:(cluster|container-instance)\/\*$/)(one),
          because:
            'AWS Batch makes the cluster of its machines, which register themselves; both it names itself.',
        },
      ],
      ({ actions, resources: named }) =>
        `${actions.join()} on ${named.filter((one) => one.includes('*')).join()}`,
    );
  });

  group('resources', () => {
    obey<Resource>(resources, [
      {
        title: 'roles have no policy of AWS, which nobody here reviews',
        about: isType('AWS::IAM::Role'),
        holds: ({ body }) =>
          body.ManagedPolicyArns === undefined ||
          !JSON.stringify(body.ManagedPolicyArns).includes(':iam::aws:'),
        broken: {
          type: 'AWS::IAM::Role',
          body: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
        },
      },
      {
        title: 'there are no users and no access keys',
        holds: ({ type }) => !/^AWS::IAM::(User|AccessKey|Group)/.test(type),
        broken: { type: 'AWS::IAM::AccessKey' },
      },
      {
        title: 'buckets are closed to the public',
        about: isType('AWS::S3::Bucket'),
        holds: ({ body }) =>
          body.AccessControl === undefined &&
          Object.values(body.PublicAccessBlockConfiguration ?? {}).filter((one) => one === true).length === 4,
        broken: { type: 'AWS::S3::Bucket', body: {} },
      },
      {
        title: 'URLs of functions take signed calls only',
        about: isType('AWS::Lambda::Url'),
        holds: ({ body }) => body.AuthType === 'AWS_IAM',
        broken: { type: 'AWS::Lambda::Url', body: { AuthType: 'NONE' } },
      },
      {
        title: 'functions are open to named callers only',
        about: isType('AWS::Lambda::Permission'),
        holds: ({ body }) => filledIn(body.Principal) !== '*' && body.FunctionUrlAuthType !== 'NONE',
        broken: { type: 'AWS::Lambda::Permission', body: { Principal: '*' } },
        absent: none('AWS::Lambda::Permission'),
      },
      {
        title: 'no rule lets the internet in',
        about: isType('AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'),
        holds: ({ type, body }) =>
          !JSON.stringify(
            type === 'AWS::EC2::SecurityGroup' ? (body.SecurityGroupIngress ?? []) : body,
          ).match(/"(0\.0\.0\.0|::)\/0"/),
        broken: {
          type: 'AWS::EC2::SecurityGroup',
          body: { SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0' }] },
        },
      },
      {
        title: 'machines have no public address',
        about: ({ type }) =>
          /^AWS::EC2::(Instance|LaunchTemplate)$|^AWS::Batch::ComputeEnvironment$/.test(type),
        holds: ({ body }) => !JSON.stringify(body).includes('"AssociatePublicIpAddress":true'),
        broken: {
          type: 'AWS::EC2::LaunchTemplate',
          body: { NetworkInterfaces: [{ AssociatePublicIpAddress: true }] },
        },
        absent: none('AWS::EC2::Instance', 'AWS::EC2::LaunchTemplate', 'AWS::Batch::ComputeEnvironment'),
      },
      {
        title: 'in a network, what runs is in its subnets',
        about: ({ where, type }) =>
          where.startsWith('everything/') && /^AWS::(SageMaker::Model|Lambda::Function)$/.test(type),
        holds: ({ body }) => body.VpcConfig?.Subnets?.length > 0 || body.VpcConfig?.SubnetIds?.length > 0,
        broken: { where: 'everything/', type: 'AWS::Lambda::Function', body: {} },
      },
      {
        title: 'notebooks in a network reach the internet through it alone',
        about: ({ where, type }) => where.startsWith('notebooks/') && type === 'AWS::SageMaker::Domain',
        holds: ({ body }) => body.AppNetworkAccessType === 'VpcOnly',
        broken: { where: 'notebooks/', type: 'AWS::SageMaker::Domain', body: {} },
      },
      {
        title: 'messages of topics are encrypted',
        about: isType('AWS::SNS::Topic'),
        holds: ({ body }) => body.KmsMasterKeyId !== undefined,
        broken: { type: 'AWS::SNS::Topic', body: {} },
      },
    ]);
  });

  group('jobs', () => {
    const machines = resources.filter(isType('AWS::StepFunctions::StateMachine'));
    const text = ({ body }: Resource) => filledIn(body.DefinitionString);
    /** What is said of a name anywhere in a definition. */
    const said = (machine: Resource, ...names: string[]) =>
      [...values(JSON.parse(text(machine)))].filter(({ path }) => names.includes(path[path.length - 1]));

    obey<Resource>(machines, [
      {
        title: 'take command, nodes, the name of the run and one of the declared queues, nothing else',
        holds: (machine) =>
          /\$not\(\$k in \['command', 'nodes', 'run', ('queue', )?'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID'\]\)/.test(
            text(machine),
          ) &&
          text(machine).includes("'queue'") ===
            /\$not\(\$in\.queue in \[('[a-z0-9-]+'(, )?)+\]\)\) \? true/.test(text(machine)) &&
          [...text(machine).matchAll(/\$(?:states\.input|in)\.(\w+)/g)].every(([, name]) =>
            // The last five are what the services answer.
            [
              'command',
              'nodes',
              'run',
              'queue',
              'Error',
              'Cause',
              'Status',
              'StartedAt',
              'TrainingJobStatus',
            ].includes(name),
          ),
        broken: { body: { DefinitionString: '{"TrainingImage":"{% $states.input.image %}"}' } },
      },
      {
        title: 'run image and identity that the program names',
        holds: (machine) => {
          const named = said(
            machine,
            'TrainingImage',
            'RoleArn',
            'Image',
            'JobRoleArn',
            'ExecutionRoleArn',
            'JobDefinition',
          );
          return named.length > 0 && named.every(({ value }) => !String(value).includes('{%'));
        },
        broken: { body: { DefinitionString: '{"TrainingImage":"{% $states.input.image %}"}' } },
      },
      {
        title: 'have the variables that the program names',
        holds: (machine) =>
          said(machine, 'Environment').every(
            ({ value }) =>
              typeof value === 'object' &&
              (Array.isArray(value) ? value.map(({ Name }) => Name) : Object.keys(value)).every((name) =>
                /^[A-Z][A-Z0-9_]*$/.test(name),
              ),
          ),
        broken: { body: { DefinitionString: '{"Environment":"{% $states.input.environment %}"}' } },
      },
    ]);
  });

  group('secrets', () => {
    obey<Resource>(resources, [
      {
        title: 'have no value in a template',
        holds: ({ type, body }) =>
          !(type === 'AWS::SecretsManager::Secret' && body.SecretString !== undefined) &&
          !JSON.stringify(body).includes('{{resolve:secretsmanager') &&
          !JSON.stringify(body).includes('{{resolve:ssm-secure'),
        broken: { type: 'AWS::SecretsManager::Secret', body: { SecretString: 'x' } },
      },
      {
        title: 'come to containers by reference',
        about: ({ type, body }) =>
          /^AWS::(SageMaker::Model|Lambda::Function)$/.test(type) &&
          JSON.stringify(body).includes('HUB_TOKEN'),
        holds: ({ body }) => {
          const variables = body.Environment?.Variables ?? body.PrimaryContainer.Environment;
          return (
            variables.HUB_TOKEN === undefined &&
            /secret:hub-token|secret\/|hub-token/.test(filledIn(variables.HUB_TOKEN_SECRET_ID))
          );
        },
        broken: { type: 'AWS::Lambda::Function', body: { Environment: { Variables: { HUB_TOKEN: 'x' } } } },
      },
    ]);

    nowhere('are nowhere in clear', stacks.flatMap(textsOfStack), ({ value }) => CREDENTIALS.test(value), {
      value: 'AccountKey=x',
    });
  });
}
