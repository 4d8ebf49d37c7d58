import { App, aws_iam as iam, CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CONTEXT,
  only,
  platform,
  refusal,
  staleExplanations,
  statements,
  synthesized,
  templateOf,
  unexplained,
} from './support';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';

const IMAGE = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/notebooks:1';

const team = (props: Partial<aws.WorkspaceProps> = {}) =>
  synthesized((stack) => new aws.Workspace(stack, 'Team', { users: [{ name: 'ada' }], ...props }));

const withNetwork = (props: Partial<aws.WorkspaceProps> = {}) =>
  synthesized(
    (stack) =>
      new aws.Workspace(stack, 'Team', {
        users: [{ name: 'ada' }],
        network: new aws.PrivateNetwork(stack, 'Network'),
        ...props,
      }),
  );

const refused = (props: object, ...codes: string[]) => {
  const { stack } = platform();
  const message = refusal(
    () => new aws.Workspace(stack, 'Team', { users: [{ name: 'ada' }], ...props } as aws.WorkspaceProps),
    ...codes,
  );
  expect(stack.node.children).toEqual([]);
  return message;
};

const settingsOf = (template: Template) =>
  only(template, 'AWS::SageMaker::Domain').Properties.DefaultUserSettings;

/** The variables that the script of notebooks sets. */
const variablesOf = (template: Template) => {
  const { StudioLifecycleConfigContent: content } = only(template, 'AWS::SageMaker::StudioLifecycleConfig')
    .Properties as { StudioLifecycleConfigContent: any };
  const parts: unknown[] = [content['Fn::Base64']['Fn::Join']?.[1] ?? content['Fn::Base64']].flat();
  const text = parts.map((part) => (typeof part === 'string' ? part : '<reference>')).join('');
  return JSON.parse(text.split('\n').find((line) => line.startsWith('{'))!);
};

/** What a role or user may do to notebooks. */
const opens = (template: Template) =>
  statements(template).filter(({ actions }) => actions.includes('sagemaker:CreatePresignedDomainUrl'));

describe('a minimal workspace', () => {
  const made = team();

  test('its default child is the domain', () => {
    expect((made.made.node.defaultChild as CfnResource).cfnResourceType).toBe('AWS::SageMaker::Domain');
    expect(made.stack.getLogicalId(made.made.node.defaultChild as CfnResource)).toBe('TeamDomain1507E804');
  });

  test('is a domain that IAM opens, without a shared file system, whose notebooks stop after an hour', () => {
    expect(only(made.template, 'AWS::SageMaker::Domain').Properties).toEqual({
      DomainName: 'platform-team-2f639ea4',
      AuthMode: 'IAM',
      AppNetworkAccessType: 'PublicInternetOnly',
      HomeEfsFileSystemCreation: 'Disabled',
      KmsKeyId: { 'Fn::GetAtt': ['MlKey732562E7', 'Arn'] },
      TagPropagation: 'ENABLED',
      VpcId: { Ref: 'TeamNetworkVpc3023CDCE' },
      SubnetIds: [
        { Ref: 'TeamNetworkVpcWorkloadSubnet1Subnet6F67F79F' },
        { Ref: 'TeamNetworkVpcWorkloadSubnet2Subnet38DF576A' },
      ],
      DefaultUserSettings: {
        ExecutionRole: { 'Fn::GetAtt': ['TeamRoleB4D0EDBC', 'Arn'] },
        StudioWebPortal: 'ENABLED',
        DefaultLandingUri: 'studio::',
        AutoMountHomeEFS: 'Disabled',
        SpaceStorageSettings: {
          DefaultEbsStorageSettings: { DefaultEbsVolumeSizeInGb: 100, MaximumEbsVolumeSizeInGb: 100 },
        },
        JupyterLabAppSettings: {
          AppLifecycleManagement: {
            IdleSettings: {
              LifecycleManagement: 'ENABLED',
              IdleTimeoutInMinutes: 60,
              MinIdleTimeoutInMinutes: 60,
              MaxIdleTimeoutInMinutes: 60,
            },
          },
          DefaultResourceSpec: {
            InstanceType: 'ml.t3.medium',
            LifecycleConfigArn: { 'Fn::GetAtt': ['TeamScriptF69E16A2', 'StudioLifecycleConfigArn'] },
          },
          LifecycleConfigArns: [{ 'Fn::GetAtt': ['TeamScriptF69E16A2', 'StudioLifecycleConfigArn'] }],
        },
      },
    });
  });

  test('each user has a profile, and a private space with a disk of its own', () => {
    expect(only(made.template, 'AWS::SageMaker::UserProfile').Properties).toEqual({
      DomainId: { 'Fn::GetAtt': ['TeamDomain1507E804', 'DomainId'] },
      UserProfileName: 'ada',
    });
    expect(only(made.template, 'AWS::SageMaker::Space').Properties).toEqual({
      DomainId: { 'Fn::GetAtt': ['TeamDomain1507E804', 'DomainId'] },
      SpaceName: 'ada',
      OwnershipSettings: { OwnerUserProfileName: 'ada' },
      SpaceSharingSettings: { SharingType: 'Private' },
      SpaceSettings: {
        AppType: 'JupyterLab',
        SpaceStorageSettings: { EbsStorageSettings: { EbsVolumeSizeInGb: 100 } },
      },
    });
  });

  test('runs nothing in the network that Studio asks for', () => {
    const endpoints = Object.values(made.template.findResources('AWS::EC2::VPCEndpoint'));
    expect(endpoints.map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway', 'Gateway']);
    expect(made.template.findResources('AWS::EC2::NatGateway')).toEqual({});
    expect(reportOf(made.stack).find(({ entry }) => entry.title === 'Network')?.entry.text).toBe(
      'Without network, notebooks reach the internet through a network of SageMaker; Studio asks for a VPC all the same, and gets one in which nothing runs.',
    );
  });

  test('tells what was chosen, what bills, and how to open it', () => {
    const told = reportOf(made.made).filter(({ path }) => path === 'platform/Team');
    expect(told.map(({ entry: { kind, text } }) => [kind, text]).slice(0, 2)).toEqual([
      ['choice', 'ml.t3.medium: the smallest of general use.'],
      [
        'idle-cost',
        'A notebook that was started bills for its machine until it was idle for 60 minutes; its disk of 100 GiB bills always.',
      ],
    ]);
    expect(told.find(({ entry }) => entry.kind === 'command')?.entry).toEqual({
      kind: 'command',
      title: 'Open the notebook of ada',
      text: made.made.openCommand('ada'),
    });
  });

  test('has no unexplained finding and no stale explanation', () => {
    expect(unexplained(made.app)).toEqual([]);
    expect(staleExplanations(made.app)).toEqual([]);
  });
});

describe('a domain that exists already', () => {
  const imported = () => {
    const { app, stack } = platform();
    const role = iam.Role.fromRoleArn(stack, 'Their', 'arn:aws:iam::111122223333:role/theirs');
    const workspace = aws.Workspace.fromDomain(stack, 'Team', {
      domainId: 'd-abc',
      role,
      userNames: ['ada', 'grace'],
    });
    return { app, stack, workspace };
  };

  test('is opened by the same command', () => {
    expect(imported().workspace.openCommand('grace')).toBe(
      'aws sagemaker create-presigned-domain-url --domain-id d-abc --user-profile-name grace --landing-uri studio:: --query AuthorizedUrl --output text',
    );
  });

  test('is a workload that data is granted to', () => {
    const { stack, workspace } = imported();
    new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false }).grantRead(workspace);
    const { Properties } = only(templateOf(stack), 'AWS::IAM::Policy');
    expect(Properties.Roles).toEqual(['theirs']);
    expect(workspace.identityId).toBe('arn:aws:iam::111122223333:role/theirs');
  });
});

test('users are opened by their names, and by no other', () => {
  const { made, stack } = team({ users: [{ name: 'ada' }, { name: 'grace' }] });
  expect(stack.resolve(made.openCommand('grace'))).toEqual({
    'Fn::Join': [
      '',
      [
        'aws sagemaker create-presigned-domain-url --domain-id ',
        { 'Fn::GetAtt': ['TeamDomain1507E804', 'DomainId'] },
        ' --user-profile-name grace --landing-uri studio:: --query AuthorizedUrl --output text',
      ],
    ],
  });
  expect(refusal(() => made.openCommand('eve'), 'CMC-012')).toBe(
    "platform/Team: user 'eve' was not declared; declared are ada, grace [CMC-012]",
  );
  expect(refusal(() => made.grants.open(made.role, 'eve'), 'CMC-012')).toContain("'eve' was not declared");
});

describe('the network', () => {
  const { template, app } = withNetwork({ image: IMAGE });

  test('takes all traffic, by HTTPS to the endpoints of what notebooks use', () => {
    const domain = only(template, 'AWS::SageMaker::Domain').Properties;
    expect(domain.AppNetworkAccessType).toBe('VpcOnly');
    expect(domain.VpcId).toEqual({ Ref: 'NetworkVpc7FB7348F' });
    expect(domain.DefaultUserSettings.SecurityGroups).toEqual([
      { 'Fn::GetAtt': ['TeamSecurityGroupF19D596F', 'GroupId'] },
    ]);
    expect(template.findResources('AWS::EC2::SecurityGroup').TeamSecurityGroupF19D596F.Properties).toEqual({
      GroupDescription: 'Notebooks: to services by HTTPS',
      SecurityGroupEgress: [
        { CidrIp: '0.0.0.0/0', Description: 'HTTPS', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' },
      ],
      VpcId: { Ref: 'NetworkVpc7FB7348F' },
    });
    const services = Object.keys(template.findResources('AWS::EC2::VPCEndpoint')).map(
      (id) => /^NetworkEndpoint([a-z]+)/.exec(id)?.[1],
    );
    expect(services.filter(Boolean).sort()).toEqual([
      'ecrapi',
      'ecrdkr',
      'logs',
      'sagemakerapi',
      'sagemakerruntime',
      'sts',
    ]);
  });

  test('lets SageMaker put interfaces into its subnets as the role', () => {
    expect(statements(template).some(({ actions }) => actions.includes('ec2:CreateNetworkInterface'))).toBe(
      true,
    );
  });

  test('has no unexplained finding and no stale explanation', () => {
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });
});

describe('who opens a notebook', () => {
  test('what Studio does for a user is bound to the space of that user', () => {
    const of = (name: string) =>
      statements(team().template).find(({ actions }) => actions.includes(`sagemaker:${name}`))!;
    const user = '/${sagemaker:UserProfileName}';
    const last = (value: any) => value['Fn::Join'][1].at(-1);
    expect(last(of('CreatePresignedDomainUrl').resources[0])).toBe(user);
    expect(last(of('CreateApp').resources[0])).toBe(`${user}/*`);
    const { Condition } = of('CreateApp').raw;
    expect(Condition.StringEquals['sagemaker:SpaceSharingType']).toBe('Private');
    expect(last(Condition.StringEquals['sagemaker:OwnerUserProfileArn'])).toBe(user);
    expect(statements(team().template).flatMap(({ actions }) => actions)).not.toContain(
      'sagemaker:CreateSpace',
    );
  });

  test('the person of a user may open that notebook, and no longer when taken from the list', () => {
    const { template } = team({
      users: [
        { name: 'ada', principalId: 'arn:aws:iam::111122223333:role/teams/ada' },
        { name: 'grace', principalId: 'arn:aws:iam::111122223333:user/grace' },
      ],
    });
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies.map(({ Properties }) => Properties.Roles ?? Properties.Users)).toEqual([
      ['ada'],
      ['grace'],
    ]);
    expect(policies.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([undefined, undefined]);
    const resources = opens(template)
      .map(({ resources: [resource] }: any) => resource['Fn::Join'][1].at(-1))
      .sort();
    expect(resources).toEqual(['/${sagemaker:UserProfileName}', '/ada', '/grace']);
  });

  test('a native principal opens those that are named', () => {
    const { template } = synthesized((stack) => {
      const workspace = new aws.Workspace(stack, 'Team', { users: [{ name: 'ada' }, { name: 'grace' }] });
      const portal = new iam.User(stack, 'Portal');
      workspace.grants.open(portal, 'grace');
    });
    const { Properties } = only(template, 'AWS::IAM::Policy');
    const [statement] = Properties.PolicyDocument.Statement;
    expect(statement.Action).toBe('sagemaker:CreatePresignedDomainUrl');
    expect(statement.Resource['Fn::Join'][1].at(-1)).toBe('/grace');
  });

  test('a workload of a later stack opens them all; an earlier one is refused', () => {
    const app = new App({ context: CONTEXT });
    const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app, id));
    const workspace = new aws.Workspace(first, 'Team', { users: [{ name: 'ada' }, { name: 'grace' }] });
    const portal = new iam.Role(second, 'Portal', { assumedBy: new iam.AccountRootPrincipal() });
    workspace.grantOpen(aws.Workload.fromRole(second, 'PortalWorkload', portal));
    const [statement] = opens(templateOf(second));
    expect(statement.resources.map((resource: any) => resource['Fn::Join'][1].at(-1))).toEqual([
      '/ada',
      '/grace',
    ]);
    const early = new iam.Role(first, 'Early', { assumedBy: new iam.AccountRootPrincipal() });
    const later = new aws.Workspace(second, 'Later', { users: [{ name: 'ada' }] });
    const workload = aws.Workload.fromRole(first, 'EarlyWorkload', early);
    expect(refusal(() => later.grantOpen(workload), 'CMC-013')).toContain('which already depends on it');
  });
});

describe('what notebooks work with', () => {
  const made = synthesized((stack) => {
    const registry = new aws.ModelRegistry(stack, 'Registry', {
      models: [{ name: 'fraud' }],
      images: ['train'],
    });
    return new aws.Workspace(stack, 'Team', {
      users: [{ name: 'ada' }],
      datasets: [new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }], discovery: false })],
      cluster: new aws.GpuTrainingCluster(stack, 'Training', {
        image: registry.image('train', '1'),
        accelerators: ['L4:1'],
      }),
      image: registry.image('train', '1'),
      environment: { STAGE: 'dev' },
      secrets: { TOKEN: aws.Secret.fromSecretName(stack, 'Secret', 'token') },
    });
  });
  const actions = statements(made.template)
    .filter(({ policy }) => policy.startsWith('TeamRole'))
    .flatMap((statement) => statement.actions);

  test('datasets, secrets and the command of the cluster are in variables', () => {
    expect(variablesOf(made.template)).toEqual({
      STAGE: 'dev',
      TOKEN_SECRET_ID: 'arn:<reference>:secretsmanager:<reference>:<reference>:secret:token',
      DATASET_RAW_URI: 's3://<reference>/',
      SUBMIT_COMMAND: expect.stringMatching(/^aws stepfunctions start-execution /),
    });
  });

  test('the role reads datasets and secrets, and starts jobs', () => {
    expect(actions).toEqual(
      expect.arrayContaining([
        's3:GetObject',
        'secretsmanager:GetSecretValue',
        'states:StartExecution',
        'ecr:BatchGetImage',
      ]),
    );
    expect(actions).not.toContain('s3:PutObject');
  });

  test('an image is known to Studio, and the one that spaces start with', () => {
    expect(only(made.template, 'AWS::SageMaker::Image').Properties.ImageRoleArn).toEqual({
      'Fn::GetAtt': ['TeamRoleB4D0EDBC', 'Arn'],
    });
    expect(settingsOf(made.template).JupyterLabAppSettings.CustomImages).toEqual([
      {
        AppImageConfigName: { Ref: 'TeamImageConfig6C1D6EA1' },
        ImageName: 'platform-team-2f639ea4',
        ImageVersionNumber: { 'Fn::GetAtt': ['TeamImageVersionDE7F92D9', 'Version'] },
      },
    ]);
    expect(settingsOf(made.template).JupyterLabAppSettings.DefaultResourceSpec).toMatchObject({
      SageMakerImageVersionArn: { 'Fn::GetAtt': ['TeamImageVersionDE7F92D9', 'ImageVersionArn'] },
    });
  });

  test('another content is another script, since scripts are never changed', () => {
    const name = (STAGE: string) =>
      only(team({ environment: { STAGE } }).template, 'AWS::SageMaker::StudioLifecycleConfig').Properties
        .StudioLifecycleConfigName;
    expect(name('dev')).toMatch(/^platform-team-2f639ea4-[0-9a-f]{8}$/);
    expect(name('dev')).toBe(name('dev'));
    expect(name('dev')).not.toBe(name('prod'));
  });

  test('has no unexplained finding and no stale explanation', () => {
    expect(unexplained(made.app)).toEqual([]);
    expect(staleExplanations(made.app)).toEqual([]);
  });
});

describe('machines', () => {
  test('the first accelerator that Studio offers is taken', () => {
    const { made, template } = team({ accelerators: ['B300:8', 'L4:1'] });
    expect([made.machineType, made.accelerator?.toString()]).toEqual(['ml.g6.xlarge', 'L4:1']);
    expect(settingsOf(template).JupyterLabAppSettings.DefaultResourceSpec.InstanceType).toBe('ml.g6.xlarge');
  });

  test('disk and time are as asked', () => {
    const { template } = team({ diskGiB: 500, idleShutdownMinutes: 240 });
    const { JupyterLabAppSettings: app, SpaceStorageSettings: storage } = settingsOf(template);
    expect(storage.DefaultEbsStorageSettings.MaximumEbsVolumeSizeInGb).toBe(500);
    expect(app.AppLifecycleManagement.IdleSettings).toEqual({
      LifecycleManagement: 'ENABLED',
      IdleTimeoutInMinutes: 240,
      MinIdleTimeoutInMinutes: 60,
      MaxIdleTimeoutInMinutes: 240,
    });
  });

  test('VS Code is Code Editor', () => {
    const { template } = team({ editor: core.WorkspaceEditor.VS_CODE, image: IMAGE });
    expect(settingsOf(template)).toHaveProperty('CodeEditorAppSettings.AppLifecycleManagement');
    expect(only(template, 'AWS::SageMaker::Space').Properties.SpaceSettings.AppType).toBe('CodeEditor');
    expect(only(template, 'AWS::SageMaker::AppImageConfig').Properties).toHaveProperty(
      'CodeEditorAppImageConfig',
    );
    expect(
      only(template, 'AWS::SageMaker::StudioLifecycleConfig').Properties.StudioLifecycleConfigAppType,
    ).toBe('CodeEditor');
  });
});

describe('homes', () => {
  const policies = (retention?: core.DataRetention) =>
    Object.values(team({ retention }).template.toJSON().Resources as Record<string, any>)
      .filter(({ Type }) => /^AWS::(SageMaker|IAM::Role)/.test(Type))
      .map(({ DeletionPolicy }) => DeletionPolicy);

  test('are kept when the workspace goes, with all that opens them', () => {
    expect(new Set(policies())).toEqual(new Set(['RetainExceptOnCreate']));
  });

  test('go where that was asked', () => {
    expect(new Set(policies(core.DataRetention.DESTROY))).toEqual(new Set(['Delete']));
  });

  test('are kept when the domain is replaced; scripts are not', () => {
    const { template } = team();
    expect(only(template, 'AWS::SageMaker::Space').UpdateReplacePolicy).toBe('Retain');
    expect(only(template, 'AWS::SageMaker::StudioLifecycleConfig').UpdateReplacePolicy).toBe('Delete');
  });
});

describe('what is refused', () => {
  test('RStudio, which takes a licence', () => {
    expect(refused({ editor: core.WorkspaceEditor.RSTUDIO }, 'CMC-040')).toContain('take JUPYTERLAB');
  });

  test('less than an hour, which SageMaker does not take', () => {
    expect(refused({ idleShutdownMinutes: 30 }, 'CMC-004')).toContain('from 60 to 525600');
  });

  test('an image of another registry', () => {
    expect(refused({ image: 'docker.io/jupyter/base-notebook' }, 'CMC-060')).toContain('Amazon ECR');
  });

  test('persons that take no policy', () => {
    refused({ users: [{ name: 'ada', principalId: 'ada@example.com' }] }, 'CMC-006');
    const sso = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_1';
    expect(refused({ users: [{ name: 'ada', principalId: sso }] }, 'CMC-040')).toContain('permission set');
  });

  test('persons of another account', () => {
    const { stack } = platform('platform', { env: { account: '111122223333', region: 'eu-central-1' } });
    const users = [{ name: 'ada', principalId: 'arn:aws:iam::444455556666:role/ada' }];
    expect(refusal(() => new aws.Workspace(stack, 'Team', { users }), 'CMC-006')).toContain('444455556666');
  });

  test('variables of the platform, and two that become one', () => {
    refused({ environment: { SUBMIT_COMMAND: 'x', DATASET_RAW_URI: 'y' } }, 'CMC-008', 'CMC-008');
    const { stack } = platform();
    const secrets = { TOKEN: aws.Secret.fromSecretName(stack, 'Secret', 'token') };
    expect(
      refusal(
        () =>
          new aws.Workspace(stack, 'Team', {
            users: [{ name: 'ada' }],
            secrets,
            environment: { TOKEN_SECRET_ID: 'x' },
          }),
        'CMC-007',
      ),
    ).toContain('secrets.TOKEN becomes the variable TOKEN_SECRET_ID');
  });

  test('nobody, and the same name twice', () => {
    refused({ users: [] }, 'CMC-004');
    refused({ users: [{ name: 'ada' }, { name: 'ada' }] }, 'CMC-007');
  });

  test('accelerators and machine type that Studio lacks', () => {
    expect(refused({ accelerators: ['B300:8'] }, 'CMC-021')).toContain('SageMaker Studio offers');
    refused({ machineType: 'ml.trn2.48xlarge' }, 'CMC-022');
  });
});
