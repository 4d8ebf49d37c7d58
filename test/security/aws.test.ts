import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import {
  App,
  aws_iam as iam,
  aws_route53 as route53,
  aws_secretsmanager as secretsmanager,
  CfnResource,
  SecretValue,
  Stack,
} from 'aws-cdk-lib';
import { awsRules } from './aws.rules';
import { CANARY, cage } from './canary';
import { stayInside } from './places';
import { cover } from './rows';
import { TESTS, writeRules } from './rules';
import { resourcesOfTemplate } from './walk';
import * as aws from '../../src/aws';
import { ROWS } from '../../src/aws/private/deploy-permissions/rows';
import { filledIn as filled } from '../../src/aws/private/filled-in';
import { placesIn } from '../../src/aws/private/residency';
import * as core from '../../src/core';
import { probe } from '../aws/probe';
import { everyOption } from '../aws/regulated.programs';
import { CONTEXT } from '../aws/support';
import { everything } from '../contract/everything';
import { stacksOfContract, stacksOfExamples, stacksOfProgram, writeStacks } from '../support/programs';

const stacks = [
  ...stacksOfExamples('aws'),
  ...stacksOfContract(aws, probe),
  ...stacksOfProgram('everything', probe, (program) => {
    const { foundation } = program;
    const secret = aws.Secret.fromSecretName(foundation, 'HubToken', 'hub-token');
    const scientists = new iam.Role(foundation, 'Scientists', { assumedBy: new iam.AccountRootPrincipal() });
    const training = everything(aws, program, { secret, user: probe.user }) as aws.GpuTrainingCluster;
    training.grants.submit(scientists);
  }),
  ...stacksOfProgram('notebooks', probe, ({ foundation }) => {
    new aws.Workspace(foundation, 'Notebooks', {
      network: new aws.PrivateNetwork(foundation, 'Network', { internetEgress: true }),
      datasets: [new aws.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] })],
      users: [{ name: 'ada' }],
    });
  }),
  ...stacksOfProgram('options', probe, everyOption),
];
writeStacks('aws', 'stack.template.json', stacks);
writeRules('aws');
awsRules(stacks, TESTS);

describe('places', () =>
  stayInside(
    stacks.flatMap((stack) =>
      resourcesOfTemplate(stack).map(({ where, type, body }) => ({
        at: where,
        type,
        body: filled(body, Object.keys(stack.json.Parameters ?? {})),
      })),
    ),
    placesIn(new Stack()),
    'eu-west-1',
    // A topic that the contract imports.
    ["('arn:aws:sns:us-east-1:123456789012:pager') names us-east-1"],
  ));

describe('secrets', () =>
  cage(() => {
    const outdir = mkdtempSync(join(tmpdir(), 'cdk-'));
    // Which CDK copies its own resources into.
    const app = new App({ context: CONTEXT, outdir, treeMetadata: false });
    const stack = new aws.PlatformStack(app, 'platform', { env: { region: 'eu-west-1' } });
    const own = new secretsmanager.Secret(stack, 'Own', {
      secretStringValue: SecretValue.unsafePlainText(CANARY),
    });
    const secrets = { HUB_TOKEN: aws.Secret.fromSecret(stack, 'HubToken', own) };
    const network = new aws.PrivateNetwork(stack, 'Network', { internetEgress: true });
    const image = '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312';
    const [accelerators, container] = [['T4:4'], { image, secrets }];
    const { BATCH } = aws.TrainingEngine;
    const { SAGEMAKER } = aws.ServerlessEngine;
    new aws.GpuTrainingCluster(stack, 'Jobs', { image, accelerators, secrets });
    new aws.GpuTrainingCluster(stack, 'Batch', { image, accelerators, secrets, network, engine: BATCH });
    new aws.AutoScalingEndpoint(stack, 'Served', { variants: [{ name: 'main', container }], accelerators });
    new aws.ServerlessInference(stack, 'Called', { container });
    new aws.ServerlessInference(stack, 'Hosted', { container, engine: SAGEMAKER });
    new aws.Workspace(stack, 'Team', { users: [{ name: 'ada' }], network, secrets });
    return {
      synth: () => app.synth(),
      outdir: app.outdir,
      own: stack.getLogicalId(own.node.defaultChild as CfnResource),
      given: ['Jobs', 'Batch', 'Served', 'Called', 'Hosted', 'Team'],
      named: /"Ref":"Own/,
    };
  }));

/** Of types that neither examples nor contract make. */
const rare = stacksOfProgram('rare', probe, ({ foundation }) => {
  const zone = route53.HostedZone.fromHostedZoneAttributes(foundation, 'Zone', {
    hostedZoneId: 'Z1',
    zoneName: 'lambda.eu-west-1.amazonaws.com',
  });
  const privateDns = aws.PrivateDns.fromHostedZones({ lambda: zone });
  const network = new aws.PrivateNetwork(foundation, 'Network', { privateDns });
  network.endpoint('lambda');
  new aws.DataLake(foundation, 'Governed', { lakeFormation: true });
  new aws.GpuTrainingCluster(foundation, 'Training', {
    network,
    image: '763104351884.dkr.ecr.eu-central-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312',
    engine: aws.TrainingEngine.BATCH,
    accelerators: ['A100:8'],
    fabric: core.Fabric.REQUIRED,
    maxNodes: 2,
  });
});
cover(
  ROWS,
  [...stacks, ...rare].flatMap(resourcesOfTemplate).map(({ type }) => type),
);
