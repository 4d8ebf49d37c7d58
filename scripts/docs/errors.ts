/** The page of validation codes: cause and fix from the code, and the message that a faulty program really gets. */
import { App as CdkApp, aws_iam as iam, aws_kms as kms, Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import { App as CdktfApp } from 'cdktf';
import * as aws from '../../src/aws';
import * as core from '../../src/core';
import { Code, CODES } from '../../src/core/private/codes';
import * as google from '../../src/google';

const IMAGE = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve:1';
const awsStack = (props: aws.PlatformStackProps = {}) =>
  new aws.PlatformStack(new CdkApp(), 'platform', props);
const googleStack = () =>
  new google.PlatformStack(new CdktfApp(), 'platform', { project: 'your-project', region: 'europe-west4' });
const lake = (props: object) => new aws.DataLake(awsStack(), 'Lake', props);
const training = (props: object) =>
  new aws.GpuTrainingCluster(awsStack(), 'Training', { image: IMAGE, accelerators: ['L4'], ...props });
const endpoint = (props: object, variant: object = {}) =>
  new aws.AutoScalingEndpoint(awsStack(), 'Fraud', {
    variants: [{ name: 'main', container: { image: IMAGE }, ...variant }],
    machineType: 'ml.c5.large',
    scaling: { minInstances: 1, maxInstances: 2, cpuPercent: 60 },
    ...props,
  });

/** A program with the fault, as users make it. */
const FAULTY: Readonly<Record<Code, () => unknown>> = {
  'CMC-001': () => lake({ zone: ['raw'] }),
  'CMC-002': () => training({ image: undefined }),
  'CMC-003': () => lake({ discovery: 'yes' }),
  'CMC-004': () => lake({ zones: [{ name: 'raw', expireAfterDays: 0 }] }),
  'CMC-005': () => lake({ retention: 'KEEP' }),
  'CMC-006': () => lake({ zones: [{ name: 'Raw_Data' }] }),
  'CMC-007': () => lake({ zones: [{ name: 'raw' }, { name: 'raw' }] }),
  'CMC-008': () => lake({ discovery: false, lakeFormation: true }),
  'CMC-009': () => awsStack({ allowedRegions: ['eu-central-1'] }),
  'CMC-010': () => training({ datasets: [new google.DataLake(googleStack(), 'Lake')] }),
  'CMC-011': () => new aws.DataLake(googleStack() as any, 'Lake'),
  'CMC-012': () => new aws.DataLake(awsStack(), 'Lake').zone('rwa'),
  'CMC-013': () => backwards(),
  'CMC-014': () => {
    const stack = awsStack();
    const registry = new aws.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }] });
    const variant = (name: string, first: string) => ({
      name,
      weight: 50,
      container: { image: IMAGE },
      model: registry.model('fraud').version(core.DeployParameter.of('FraudVersion', first)),
    });
    return new aws.AutoScalingEndpoint(stack, 'Fraud', {
      variants: [variant('main', '1'), variant('next', '2')],
      machineType: 'ml.c5.large',
      scaling: { minInstances: 1, maxInstances: 2, cpuPercent: 60 },
    });
  },
  'CMC-015': () => {
    const stack = awsStack();
    return new aws.DataLake(stack, 'Lake', {
      zones: [{ name: new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }).roleName }],
    });
  },
  'CMC-020': () => training({ accelerators: ['A10O'] }),
  'CMC-021': () => training({ accelerators: ['L4:3'] }),
  'CMC-022': () => training({ accelerators: undefined, machineType: 'ml.g4ad.xlarge' }),
  'CMC-023': () =>
    training({ engine: aws.TrainingEngine.BATCH, capacity: core.Capacity.spot(), maxNodes: 2 }),
  'CMC-030': () => endpoint({}, { weight: 90 }),
  'CMC-031': () => endpoint({ scaling: { minInstances: 4, maxInstances: 2, cpuPercent: 60 } }),
  'CMC-032': () => endpoint({ rollout: core.Rollout.canary({ percent: 80, bakeMinutes: 10 }) }),
  'CMC-040': () =>
    new aws.ServerlessInference(awsStack(), 'Thumbnails', {
      container: { image: IMAGE },
      accelerators: ['L4'],
    }),
  'CMC-050': () => awsStack({ allowedRegions: ['eu-central-1'], env: { region: 'us-east-1' } }),
  'CMC-051': () => synthesized((stack) => new kms.Key(stack, 'Key', { multiRegion: true })),
  'CMC-052': () =>
    synthesized(
      (stack) =>
        new ssm.StringParameter(stack, 'Model', { stringValue: 'us.anthropic.claude-sonnet-4-v1:0' }),
    ),
  'CMC-060': () => training({ image: 'docker.io/library/python:3.12' }),
};

/** A stack of the European Union, whose resources are judged at synthesis. */
function synthesized(build: (stack: Stack) => unknown): unknown {
  const app = new CdkApp();
  const props = { allowedRegions: ['eu-central-1'], env: { region: 'eu-central-1' } };
  build(new aws.PlatformStack(app, 'platform', props));
  return app.synth();
}

function backwards(): unknown {
  const app = new CdkApp();
  const [first, second] = ['first', 'second'].map((id) => new aws.PlatformStack(app, id));
  const cluster = new aws.GpuTrainingCluster(first, 'Training', {
    image: IMAGE,
    accelerators: ['L4'],
    datasets: [new aws.DataLake(first, 'Lake')],
  });
  second.addStackDependency(first);
  return new aws.DataLake(second, 'Late').grantRead(cluster);
}

function messageOf(code: string, program: () => unknown): string {
  try {
    program();
  } catch (error) {
    const { message } = error as Error;
    if (message.includes(`[${code}]`)) {
      // How many tokens a program has made is no matter of the page.
      return message.replace(/TOKEN\.\d+/g, 'TOKEN.1');
    }
    throw new Error(`the program for ${code} fails with: ${message}`);
  }
  throw new Error(`the program for ${code} has no fault`);
}

/** The page. */
export function errorsPage(): string {
  const sections = Object.entries(CODES).map(([code, { cause, fix }]) =>
    [`## ${code}: ${cause}`, '', fix, '', '```text', messageOf(code, FAULTY[code as Code]), '```'].join('\n'),
  );
  return `${HEAD}\n\n${sections.join('\n\n')}\n`;
}

const HEAD = `# Validation codes

Bad input is refused when a construct is made, before anything of it is half-built. All faults of a props object are told at once, each
with the construct's path, the prop, what was given, what is allowed and the way out, and a code that never changes its meaning. In
TypeScript \`core.Errors.isValidationError(error)\` tells these errors from others; in Python they are \`RuntimeError\` with the whole message, and
\`core.Errors.is_validation_error(str(error))\` tells them.

This page is generated: below each code stands the message of a program that has the fault.`;
