import { writeFileSync } from 'fs';
import { join } from 'path';
import { App, CfnOutput } from 'aws-cdk-lib';
import { account, walk, Walked } from './walk';
import { commandsOf, foundation, serving } from '../../examples/quickstart/platform';
import * as aws from '../../src/aws';
import { weightsAfter } from '../aws/shiftable';
import { Call, StandIn } from '../support/stand-ins';

const ACCOUNT: { readonly [name: string]: string } = {
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** What the quickstart synthesizes to, outputs included. */
function templates(): { readonly [stack: string]: any } {
  const app = new App();
  const [first, second] = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
  const made = foundation(aws, first);
  const commands = commandsOf(made, serving(aws, second, made));
  Object.entries(commands.foundation).forEach(([name, value]) => new CfnOutput(first, name, { value }));
  Object.entries(commands.serving).forEach(([name, value]) => new CfnOutput(second, name, { value }));
  const assembly = app.synth();
  return Object.fromEntries(assembly.stacks.map(({ stackName, template }) => [stackName, template]));
}

/** AWS as cdk, aws and docker show it. */
class Aws implements Walked {
  public readonly cloud = 'aws';
  public readonly files = new Map<string, string[]>();
  public readonly images: string[] = [];
  public readonly runs: string[] = [];
  public readonly predictions: string[] = [];
  public readonly unapproved = /ModelPackage .*\/1 is not approved/;
  public ringing: string[] = [];
  public shares: { [variant: string]: number } = {};
  public served: { [variant: string]: string } = {};
  private readonly packages: { arn: string; status: string }[] = [];
  private readonly templates = templates();
  private outputs: { [stack: string]: { [name: string]: string } } = {};

  private readonly npx: StandIn = ({ args, cwd }) => {
    const [cdk, verb, ...rest] = args;
    expect(cdk).toBe('cdk');
    if (verb === 'deploy') {
      const [stack, flag, file] = rest;
      expect([flag, file]).toEqual(['--outputs-file', `${stack}.json`]);
      const given = rest.filter((_, i) => rest[i - 1] === '--parameters').map((one) => one.split('='));
      this.deploy(stack, Object.fromEntries(given));
      writeFileSync(join(cwd, file), JSON.stringify({ [stack]: this.outputs[stack] }));
    } else if (verb === 'destroy') {
      expect(rest).toEqual(['serving', 'foundation']);
      this.shares = {};
      this.served = {};
    } else {
      expect(args).toEqual(['cdk', 'bootstrap']);
    }
  };

  private readonly aws: StandIn = ({ args, env }) => {
    const option = (name: string) => args[args.indexOf(`--${name}`) + 1];
    switch (args.slice(0, 2).join(' ')) {
      case 'ecr get-login-password':
        return 'password';
      case 's3 sync': {
        const [, , from, to] = args;
        const files = from.startsWith('s3:') ? this.files.get(from) : ['transactions.csv'];
        if (!files) {
          throw new Error(`${from} does not exist`);
        }
        this.files.set(to, files);
        return;
      }
      case 'stepfunctions start-execution': {
        const { run, ...input } = JSON.parse(option('input'));
        expect(input).toEqual({ command: ['torchrun', 'train.py', '--dataset', 'raw'], nodes: 2 });
        this.runs.push(run);
        this.files.set(`${this.outputs.foundation.Output}${run}/`, ['model.json']);
        return '{}';
      }
      case 'sagemaker create-model-package': {
        const [, image, uri] = /Image=(.+?),ModelDataSource=.*S3Uri=(.+?),/.exec(
          option('inference-specification'),
        )!;
        expect(this.images).toContain(image);
        expect(this.files.get(uri)).toEqual(['model.json']);
        expect(option('model-approval-status')).toBe('PendingManualApproval');
        const version = this.packages.length + 1;
        const group = option('model-package-group-name').split('/').at(-1);
        const arn = `arn:aws:sagemaker:eu-west-1:123456789012:model-package/${group}/${version}`;
        this.packages.push({ arn, status: 'PendingManualApproval' });
        return '{}';
      }
      case 'sagemaker update-model-package':
        this.packageOf(option('model-package-arn')).status = option('model-approval-status');
        return '{}';
      case 'sagemaker describe-endpoint':
        return Object.entries(this.shares)
          .map(([name, weight]) => `${name}\t${weight.toFixed(1)}\n`)
          .join('');
      case 'sagemaker update-endpoint-weights-and-capacities':
        for (const one of args.filter((arg) => arg.startsWith('VariantName='))) {
          const [, name, weight] = /^VariantName=(.+),DesiredWeight=(.+)$/.exec(one)!;
          expect(Object.keys(this.shares)).toContain(name);
          this.shares[name] = Number(weight);
        }
        return '{}';
      case 'sagemaker wait':
        expect(args[2]).toBe('endpoint-in-service');
        return;
      case 'cloudwatch describe-alarms':
        return this.ringing.join('\t');
      case 'sagemaker-runtime invoke-endpoint':
        expect(option('body')).toBe(`fileb://${env.REQUEST}`);
        this.predictions.push(option('endpoint-name'));
        return '{}';
      case 'lambda invoke':
        this.predictions.push(option('function-name'));
        return '{}';
      default:
        throw new Error(`aws ${args.join(' ')}`);
    }
  };

  private readonly curl: StandIn = ({ args, env }) => {
    expect(args.some((one) => one === `@${env.REQUEST}`)).toBe(true);
    this.predictions.push(args.at(-1)!);
    return '{}';
  };

  private readonly docker: StandIn = ({ args, cwd }: Call) => {
    if (args[0] === 'push') {
      this.images.push(args[1]);
    } else if (args[0] === 'build') {
      expect(args[args.indexOf('--tag') + 1].endsWith(':1')).toBe(true);
      expect(cwd).toContain('/containers/');
    } else {
      expect(args[0]).toBe('login');
    }
  };

  public get standIns() {
    const { npx, aws: cli, curl, docker } = this;
    return { npx, aws: cli, curl, docker };
  }

  public get serving(): boolean {
    return Object.keys(this.shares).length > 0;
  }

  public get versions(): string[] {
    return this.packages
      .filter(({ status }) => status === 'Approved')
      .map(({ arn }) => arn.split('/').at(-1)!);
  }

  private packageOf(arn: string) {
    const found = this.packages.find((one) => one.arn === arn);
    if (!found) {
      throw new Error(`ModelPackage ${arn} does not exist`);
    }
    return found;
  }

  /** As CloudFormation does it, for what serves. */
  private deploy(stack: string, parameters: { readonly [name: string]: string }): void {
    const { Resources, Outputs, Parameters = {} } = this.templates[stack];
    const known = (value: any): any => this.resolve(value, { Parameters, given: parameters });
    const of = (type: string) => Object.entries<any>(Resources).filter(([, one]) => one.Type === type);
    const [config] = of('AWS::SageMaker::EndpointConfig').map(([, one]) => one.Properties);
    if (config) {
      const packages = Object.fromEntries(
        of('AWS::SageMaker::Model').map(([id, one]) => [
          id,
          this.packageOf(known(one.Properties.PrimaryContainer.ModelPackageName)),
        ]),
      );
      const refused = Object.values(packages).find(({ status }) => status !== 'Approved');
      if (refused) {
        throw new Error(`ModelPackage ${refused.arn} is not approved`);
      }
      this.shares = weightsAfter(Resources, this.shares);
      this.served = Object.fromEntries(
        config.ProductionVariants.map((one: any) => [
          one.VariantName,
          packages[one.ModelName['Fn::GetAtt'][0]].arn.split('/').at(-1),
        ]),
      );
    }
    this.outputs[stack] = Object.fromEntries(
      Object.entries<any>(Outputs).map(([name, { Value }]) => [name, known(Value)]),
    );
  }

  private resolve(value: any, about: { Parameters: any; given: { readonly [name: string]: string } }): any {
    if (typeof value !== 'object') {
      return value;
    }
    const known = (one: any) => this.resolve(one, about);
    const [[name, of]] = Object.entries<any>(value);
    switch (name) {
      case 'Ref':
        return ACCOUNT[of] ?? about.given[of] ?? about.Parameters[of]?.Default ?? of;
      case 'Fn::Join':
        return of[1].map(known).join(of[0]);
      case 'Fn::GetAtt':
        return of[1] === 'ModelPackageGroupName' ? of[0] : of.join('.');
      case 'Fn::ImportValue': {
        const found = Object.values<any>(this.templates.foundation.Outputs).find(
          ({ Export }) => Export?.Name === of,
        );
        return this.resolve(found.Value, { Parameters: {}, given: {} });
      }
      case 'Fn::Select':
        return known(of[1])[of[0]];
      case 'Fn::Split':
        return known(of[1]).split(of[0]);
      default:
        throw new Error(`${name} is not understood`);
    }
  }
}

test('a model lives on AWS by the commands that the quickstart prints', async () => {
  await walk(new Aws());
  account('AWS', {
    'upload, push, submit': ['the printed commands, by bash', 'aws s3, docker, aws stepfunctions'],
    'publish, approve': ['the printed commands, by bash', 'aws sagemaker, with the state of the registry'],
    'deploy, invoke': [
      'the synthesized templates; deployed by the real cdk to an emulator in `npm run deploy:local`',
      'cdk, CloudFormation, the services',
    ],
    'deploy version 2, shift, roll back': [
      'the printed script, by bash; the parameter by the real cdk to the emulator',
      'aws sagemaker, alarms of CloudWatch, time',
    ],
    destroy: ['by the real cdk on the emulator', 'cdk here'],
  });
}, 180_000);
