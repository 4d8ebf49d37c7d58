import { App, CfnResource, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { atRestIn } from './at-rest';
import { Answer, explains, Explanation, explanationsIn, PACKS } from './packs';
import { probe } from './probe';
import { everyOption } from './regulated.programs';
import { platform, refusal } from './support';
import * as aws from '../../src/aws';
import * as findings from '../../src/aws/private/findings';
import { Finding } from '../../src/aws/private/suppressions';
import { SecurityProfile } from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { keptWithKeys } from '../support/at-rest';
import { constructOf, writeAnswers } from '../support/compliance';

const CONTAINER = { container: { image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/serve:1' } };
const VARIANT = { name: 'main', ...CONTAINER };
const PROFILES = [SecurityProfile.STANDARD, SecurityProfile.REGULATED];
const synthesized = PROFILES.map((profile) => {
  const program = probe.program();
  const app = program.foundation.node.root as App;
  profile.applyTo(app);
  everyOption(program);
  const { stacks } = app.synth();
  return {
    profile: profile.name,
    templates: stacks.map(({ template }) => template),
    answers: PACKS.flatMap(({ answersOf }) => answersOf(app)),
    explanations: explanationsIn(app),
    resources: app.node.findAll().filter((one) => CfnResource.isCfnResource(one)),
  };
});

const explanationOf = (answer: Answer, explanations: Explanation[]) =>
  explanations.find((one) => explains(one, answer));
/** Under STANDARD the packs of regulations are held against nothing. */
const isPromised = (profile: string, pack: string) => pack === 'AwsSolutions' || profile === 'regulated';

describe.each(synthesized)('under $profile', ({ profile, answers, explanations, resources }) => {
  test.each(PACKS.filter(({ pack }) => isPromised(profile, pack)))(
    '$pack finds nothing that is not explained',
    ({ pack }) => {
      const asked = answers.filter((one) => one.pack === pack);
      expect(asked.length).toBeGreaterThan(100);
      const open = asked.filter((one) => one.fails && !explanationOf(one, explanations));
      expect(open.map(({ rule, resource }) => `${rule} @ ${resource.node.path}`)).toEqual([]);
    },
  );

  test('no explanation is without a finding', () => {
    const stale = explanations.filter(
      (one) => !answers.some((answer) => answer.fails && explains(one, answer)),
    );
    expect(stale.map(({ id, construct }) => `${id} @ ${construct.node.path}`)).toEqual([]);
  });

  test('every class that makes resources is asked about', () => {
    const isConstruct = ([, made]: [string, any]) => made.prototype instanceof Construct;
    const classes = Object.entries(aws).filter(isConstruct);
    // These only take what exists, or hold the others.
    const others = ['NotificationChannel', 'PlatformStack', 'Secret', 'Workload'];
    const asked = new Set([...resources.map(constructOf), ...others]);
    expect(classes.filter(([name]) => !asked.has(name))).toEqual([]);
  });
});

describe('the table of explanations', () => {
  const all = Object.values(findings).flatMap((table) => Object.values(table) as Finding[]);

  test('has reasons in sentences, each once', () => {
    const reasons = all.map(({ because }) => because);
    expect(reasons.filter((one) => !/^[A-Z].{20,}\.$/.test(one))).toEqual([]);
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  test('is used: each rule by a finding of its pack', () => {
    const used = new Set(
      synthesized.flatMap(({ explanations }) => explanations.map(({ id, because }) => `${id} ${because}`)),
    );
    const told = all.flatMap(({ rules = {}, because }) =>
      Object.entries(rules).flatMap(([rule, packs]) => packs.map((pack) => `${pack}-${rule} ${because}`)),
    );
    expect(told.filter((one) => !used.has(one))).toEqual([]);
  });
});

keptWithKeys('aws', synthesized[1].templates.flatMap(atRestIn));

describe('REGULATED', () => {
  const regulated = () => platform('platform', { securityProfile: SecurityProfile.REGULATED }).stack;
  const refused = (make: (stack: aws.PlatformStack) => unknown) => refusal(() => make(regulated()));
  const training = (stack: aws.PlatformStack, props: Partial<aws.GpuTrainingClusterProps> = {}) =>
    new aws.GpuTrainingCluster(stack, 'Training', {
      network: new aws.PrivateNetwork(stack, 'Network'),
      image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/train:1',
      accelerators: ['L4:1'],
      ...props,
    });
  const definition = (cluster: aws.GpuTrainingCluster) =>
    JSON.stringify(Template.fromStack(Stack.of(cluster)).findResources('AWS::StepFunctions::StateMachine'));

  test('keeps logs for seven years, and old versions of files for a year, those of jobs for 90 days', () => {
    const stack = regulated();
    new aws.DataLake(stack, 'Lake', {
      zones: [{ name: 'raw' }, { name: 'short', keepOldVersionsDays: 5 }],
    });
    training(stack);
    const template = Template.fromStack(stack);
    const groups = Object.values(template.findResources('AWS::Logs::LogGroup'));
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([2557, 2557]);
    const days = Object.entries(template.findResources('AWS::S3::Bucket')).map(([id, { Properties }]) => {
      const [rule] = Properties.LifecycleConfiguration.Rules;
      return [
        id.replace(/Bucket.*|[0-9A-F]{8}$/, ''),
        rule.NoncurrentVersionExpiration.NoncurrentDays,
        rule.ExpirationInDays,
      ];
    });
    expect(days).toEqual([
      ['LakeZoneraw', 365, undefined],
      ['LakeZoneshort', 5, undefined],
      ['MlAccessLogs', 30, 2557],
      ['TrainingJobs', 90, undefined],
    ]);
    template.hasResourceProperties('AWS::KMS::Key', { RotationPeriodInDays: 90 });
  });

  test('takes no shorter retention of logs than a year', () => {
    const made = (logRetentionDays: number) => (stack: aws.PlatformStack) =>
      new aws.PrivateNetwork(stack, 'Network', { logRetentionDays });
    expect(refused(made(180))).toMatch(
      /logRetentionDays \(180\) must be at least 365 under SecurityProfile.REGULATED \[CMC-004\]/,
    );
    expect(() => made(365)(regulated())).not.toThrow();
  });

  test('lets nodes encrypt what they tell each other, unless a fabric joins them', () => {
    const encrypts = '\\"EnableInterContainerTrafficEncryption\\":true';
    expect(definition(training(regulated(), { maxNodes: 2 }))).toContain(encrypts);
    expect(definition(training(regulated()))).not.toContain(encrypts);
    expect(definition(training(platform().stack, { maxNodes: 2 }))).not.toContain(encrypts);
    const joined = training(regulated(), { maxNodes: 2, accelerators: ['A100:8'] });
    expect([joined.fabric, definition(joined).includes(encrypts)]).toEqual(['EFA', false]);
  });

  test('makes backups of file systems that are linked to no bucket', () => {
    const backups = (stack: aws.PlatformStack, zone?: string) => {
      const lake = new aws.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
      const cluster = training(stack, {
        scratch: { sizeGiB: 1200, zone: zone ? lake.zone(zone) : undefined },
      });
      return (cluster.scratchFileSystem!.lustreConfiguration as any).automaticBackupRetentionDays;
    };
    expect([backups(regulated()), backups(regulated(), 'raw'), backups(platform().stack)]).toEqual([
      90,
      undefined,
      undefined,
    ]);
  });

  test.each<[string, (stack: aws.PlatformStack) => unknown]>([
    ['jobs', (stack) => training(stack, { network: undefined })],
    ['notebooks', (stack) => new aws.Workspace(stack, 'Team', { users: [{ name: 'ada' }] })],
    ['containers', (stack) => new aws.AutoScalingEndpoint(stack, 'Fraud', { variants: [VARIANT] })],
    ['function', (stack) => new aws.ServerlessInference(stack, 'Thumbnails', CONTAINER)],
  ])('takes no %s without a network', (what, make) => {
    expect(refused(make)).toMatch(
      new RegExp(
        `network is required under SecurityProfile.REGULATED: without it (the )?${what} .*\\[CMC-009\\]`,
      ),
    );
    expect(() => make(platform().stack)).not.toThrow();
  });

  test('takes no engine that can be in no network', () => {
    expect(
      refused(
        (stack) =>
          new aws.ServerlessInference(stack, 'Thumbnails', {
            ...CONTAINER,
            engine: aws.ServerlessEngine.SAGEMAKER,
          }),
      ),
    ).toMatch(/engine is SAGEMAKER, .*ServerlessEngine.LAMBDA with network \[CMC-040\]/);
  });

  test('takes no alarm that tells nobody', () => {
    const endpoint = (stack: aws.PlatformStack, alarms: object) =>
      new aws.AutoScalingEndpoint(stack, 'Fraud', {
        network: new aws.PrivateNetwork(stack, 'Network'),
        variants: [VARIANT],
        alarms: { errorPercent: 1, ...alarms },
      });
    expect(refused((stack) => endpoint(stack, {}))).toMatch(
      /alarms needs alarms.notify or alarms.channels .*CMC-009/,
    );
    expect(() => endpoint(regulated(), { notify: ['ml@example.com'] })).not.toThrow();
  });

  test('gives persons and roles of others managed policies, and none to users', () => {
    const stack = regulated();
    const network = new aws.PrivateNetwork(stack, 'Network');
    const user = (name: string, kind: string) => ({
      name,
      principalId: `arn:aws:iam::111122223333:${kind}/${name}`,
    });
    const team = new aws.Workspace(stack, 'Team', { network, users: [user('ada', 'role')] });
    const role = new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
    team.grants.open(role);
    team.grants.open(role, 'ada');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    const granted = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).filter(
      ({ Properties }) => /"(ada|Ref":"Analysts\w+)"/.test(JSON.stringify(Properties.Roles)),
    );
    expect(granted.map(({ Properties }) => Properties.PolicyDocument.Statement.length)).toEqual([1, 1]);
    expect(
      refused(
        (other) => new aws.Workspace(other, 'Team', { network: undefined, users: [user('ada', 'user')] }),
      ),
    ).toMatch(
      /users\[0\].principalId must be the ARN of a role under SecurityProfile.REGULATED.*\[CMC-006\]/,
    );
  });

  test('leaves what a role of others is granted under STANDARD to CDK', () => {
    const { stack } = platform();
    const role = new iam.Role(stack, 'Analysts', { assumedBy: new iam.AccountRootPrincipal() });
    training(stack).grants.submit(role);
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toEqual([
      expect.stringMatching(/^AnalystsDefaultPolicy/),
    ]);
  });

  test('says what is kept and bills', () => {
    const stack = regulated();
    training(stack, { scratch: { sizeGiB: 1200 } });
    const costs = reportOf(stack).filter(({ entry }) => entry.kind === 'idle-cost');
    expect(costs.map(({ entry }) => entry.text).join()).toMatch(
      /for 2557 days.* for 365 .*backup of each day.*90 days/s,
    );
  });
});

test('what stands is said in the template, where checkov reads it', () => {
  const { stack } = platform();
  new aws.ServerlessInference(stack, 'Thumbnails', CONTAINER);
  const [{ Metadata }] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  expect(Metadata.checkov.skip).toEqual(
    [findings.SERVERLESS_INFERENCE.synchronous, findings.SERVERLESS_INFERENCE.noNetwork].map(
      ({ checkov: [id], because: comment }) => ({ id, comment }),
    ),
  );
});

afterAll(() =>
  writeAnswers('aws', [
    ...PACKS.flatMap(({ pack, rules }) =>
      [...rules].map((rule) => ({ profile: 'regulated', scanner: pack, rule })),
    ),
    ...synthesized.flatMap(({ profile, answers, explanations }) =>
      answers
        .filter(({ pack }) => isPromised(profile, pack))
        .map((answer) => ({
          profile,
          scanner: answer.pack,
          rule: answer.rule.replace(/\[.*$/, ''),
          construct: constructOf(answer.resource),
          because: answer.fails ? explanationOf(answer, explanations)?.because : undefined,
        })),
    ),
  ]),
);
