import { App } from 'aws-cdk-lib';
import { App as TerraformApp, TerraformOutput, TerraformStack } from 'cdktf';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { MachineLearning } from '../azure/machine-learning';
import { platform, SUBSCRIPTION } from '../azure/support';
import { platformStack, PROJECT, REGION } from '../google/support';
import { TOKEN, Vertex } from '../google/vertex';
import { serving } from '../support/service';
import { StandIn } from '../support/stand-ins';
import { TerraformRun } from '../terraform/run';
import { newApp, synthesized } from '../terraform/support';

/** A running endpoint of a cloud, as far as its command line shows it. */
export class RunningEndpoint {
  /** What each variant has. */
  public weights: { [variant: string]: number } = { blue: 90, green: 10 };
  /** Every move, in order. */
  public readonly moves: { [variant: string]: number }[] = [];
  /** Looks at the alarms since the last move. */
  public looks = 0;
  /** The alarms that ring, by how often the traffic was moved; an error where they cannot be read. */
  public ringing: (moves: number) => string[] = () => [];
  /** Fails moves. */
  public refuses: (weights: { [variant: string]: number }) => boolean = () => false;

  public move(weights: { [variant: string]: number }): void {
    if (this.refuses(weights)) {
      throw new Error('ServiceUnavailable');
    }
    this.weights = { ...Object.fromEntries(Object.keys(this.weights).map((name) => [name, 0])), ...weights };
    this.moves.push(this.weights);
    this.looks = 0;
  }

  public look(): string[] {
    this.looks += 1;
    return this.ringing(this.moves.length);
  }
}

/** An endpoint with two variants of a cloud, and the stand-ins of that cloud's command line around it. */
export interface Shiftable {
  readonly command: string;
  standIns(running: RunningEndpoint): { readonly [name: string]: StandIn };
}

const VARIANTS = (image: string) => [
  { name: 'blue', container: { image }, weight: 90 },
  { name: 'green', container: { image }, weight: 10 },
];
const ALARMS: core.AlarmProps = { p99LatencyMs: 300, errorPercent: 1 };

/** What must follow a call's first words, or an error: options by name, then what is left. */
export function options(args: string[], ...words: string[]): { readonly [option: string]: string } {
  if (words.some((word, i) => args[i] !== word)) {
    throw new Error(`unexpected: ${args.join(' ')}`);
  }
  const found: { [option: string]: string } = {};
  let last = '';
  for (const arg of args.slice(words.length)) {
    const [name, ...value] = arg.startsWith('--') ? arg.split('=') : [''];
    if (name) {
      last = name;
      found[name] = value.join('=');
    } else {
      found[last] = [found[last], arg].filter(Boolean).join(' ');
    }
  }
  return found;
}

export type OnCloud = (alarms?: core.AlarmProps) => Promise<Shiftable>;

export const onAws: OnCloud = async (alarms = ALARMS) => {
  const stack = new aws.PlatformStack(new App(), 'platform');
  const endpoint = new aws.AutoScalingEndpoint(stack, 'Fraud', {
    variants: VARIANTS('123456789012.dkr.ecr.eu-west-1.amazonaws.com/serve:1'),
    alarms,
  });
  const name = endpoint.endpointName;
  return {
    command: endpoint.shiftCommand,
    standIns: (running) => ({
      aws: ({ args }) => {
        switch (args[1]) {
          case 'describe-endpoint':
            expect(options(args, 'sagemaker', 'describe-endpoint')).toEqual({
              '--endpoint-name': name,
              '--query': 'ProductionVariants[].[VariantName,CurrentWeight]',
              '--output': 'text',
            });
            return Object.entries(running.weights)
              .map(([variant, weight]) => `${variant}\t${weight.toFixed(1)}\n`)
              .join('');
          case 'update-endpoint-weights-and-capacities': {
            const given = options(args, 'sagemaker', args[1]);
            expect(given['--endpoint-name']).toBe(name);
            running.move(
              Object.fromEntries(
                given['--desired-weights-and-capacities'].split(' ').map((one) => {
                  const [, variant, weight] = /^VariantName=(\w+),DesiredWeight=([\d.]+)$/.exec(one)!;
                  return [variant, Number(weight)];
                }),
              ),
            );
            return '{"EndpointArn": "arn"}';
          }
          case 'wait':
            expect(args).toEqual(['sagemaker', 'wait', 'endpoint-in-service', '--endpoint-name', name]);
            return '';
          default:
            expect(options(args, 'cloudwatch', 'describe-alarms')).toEqual({
              '--alarm-names': `${name}-green-p99-latency ${name}-green-error-percent`,
              '--state-value': 'ALARM',
              '--query': 'MetricAlarms[].AlarmName',
              '--output': 'text',
            });
            return running
              .look()
              .map((alarm) => `${name}-green-${alarm}`)
              .join('\t');
        }
      },
    }),
  };
};

/** Deploys an endpoint of two variants as Terraform would, and gives its command as it is put out. */
async function deployed(
  ml: { readonly AutoScalingEndpoint: new (scope: any, id: string, props: any) => core.IAutoScalingEndpoint },
  stack: TerraformStack,
  run: TerraformRun,
  props: { readonly image: string; readonly alarms: core.AlarmProps },
): Promise<string> {
  const { shiftCommand } = new ml.AutoScalingEndpoint(stack, 'Fraud', {
    variants: VARIANTS(props.image),
    alarms: props.alarms,
  });
  new TerraformOutput(stack, 'Shift', { value: shiftCommand });
  const [json] = Object.values(synthesized(stack.node.root as TerraformApp));
  await run.apply(json);
  return run.outputs().Shift;
}

const only = (args: string[], expected: (string | RegExp)[]): RegExpExecArray[] => {
  expect(args).toHaveLength(expected.length);
  return expected.flatMap((one, i) => {
    if (typeof one === 'string') {
      expect(args[i]).toBe(one);
      return [];
    }
    expect(args[i]).toMatch(one);
    return [one.exec(args[i])!];
  });
};

const weightsOf = (all: [string, string][], variants: { readonly [deployment: string]: string }) =>
  Object.fromEntries(all.map(([deployment, weight]) => [variants[deployment], Number(weight)]));

export const onGoogle: OnCloud = (alarms = ALARMS) => {
  const vertex = new Vertex();
  return serving(vertex.service, async (url) => {
    const run = new TerraformRun(vertex.world(url));
    const command = await deployed(google, platformStack(newApp()), run, {
      image: `${REGION}-docker.pkg.dev/${PROJECT}/serve/serve:1`,
      alarms,
    });
    const [[name, { deployedModels }]] = [...vertex.endpoints];
    const variants = Object.fromEntries(deployedModels.map(({ id, displayName }) => [id, displayName]));
    const idOf = (variant: string) => deployedModels.find(({ displayName }) => displayName === variant)!.id;
    const endpoint = [name.split('/').at(-1)!, `--project=${PROJECT}`, `--region=${REGION}`];
    return {
      command,
      standIns: (running) => ({
        gcloud: ({ args }) => {
          switch (args[0] === 'auth' ? args[1] : args[2]) {
            case 'print-access-token':
              return TOKEN;
            case 'describe':
              only(args, ['ai', 'endpoints', 'describe', ...endpoint, '--format=value(trafficSplit)']);
              return Object.entries(running.weights)
                .filter(([, weight]) => weight)
                .map(([variant, weight]) => `${idOf(variant)}=${weight}`)
                .join(';');
            default: {
              const [[, split]] = only(args, [
                ...['ai', 'endpoints', 'update', ...endpoint, '--quiet'],
                /^--traffic-split=(\d+=[1-9]\d*(?:,\d+=[1-9]\d*)*)$/,
              ]);
              const all = split.split(',').map((one) => one.split('=') as [string, string]);
              return running.move(weightsOf(all, variants));
            }
          }
        },
        curl: ({ args }) => {
          only(args, [
            ...['--fail-with-body', '--silent', '--show-error', '--get'],
            ...['--header', `Authorization: Bearer ${TOKEN}`],
            '--data-urlencode',
            new RegExp(
              `^filter=state="OPEN" AND metric.labels.deployed_model_id="${idOf('green')}" AND \\(policy.name="<google_monitoring_alert_policy.Fraud_LatencyAlarm_\\w+.name>" OR policy.name="<google_monitoring_alert_policy.Fraud_ErrorAlarm_\\w+.name>"\\)$`,
            ),
            ...['--data-urlencode', 'fields=alerts(name,policy.displayName)'],
            `https://monitoring.googleapis.com/v3/projects/${PROJECT}/alerts`,
          ]);
          const found = running.look().map((displayName) => ({ name: 'n', policy: { displayName } }));
          return JSON.stringify(found.length ? { alerts: found } : {}, undefined, 2);
        },
      }),
    };
  });
};

export const onAzure: OnCloud = (alarms = ALARMS) => {
  const ml = new MachineLearning();
  return serving(ml.service, async (url) => {
    const run = new TerraformRun(ml.world(url));
    const command = await deployed(azure, platform(), run, { image: 'acmeml.azurecr.io/serve:1', alarms });
    const [, group, workspace, name] =
      /resourceGroups\/([^/]+)\/.*\/workspaces\/([^/]+)\/onlineEndpoints\/([^/]+)$/.exec(ml.endpointId)!;
    const endpoint = [
      ...['--name', name, '--workspace-name', workspace],
      ...['--resource-group', group, '--subscription', SUBSCRIPTION],
    ];
    const variants = Object.fromEntries(ml.deployments.map((one) => [one, one.replace(/-[0-9a-f]{7}$/, '')]));
    return {
      command,
      standIns: (running) => ({
        az: ({ args }) => {
          switch (args[2]) {
            case 'show':
              only(args, [
                'ml',
                'online-endpoint',
                'show',
                ...endpoint,
                '--query',
                'traffic',
                '--output',
                'json',
              ]);
              return `${JSON.stringify(
                Object.fromEntries(ml.deployments.map((one) => [one, running.weights[variants[one]]])),
                undefined,
                2,
              )}\n`;
            case 'update': {
              const [[traffic]] = only(args, [
                ...['ml', 'online-endpoint', 'update', ...endpoint, '--traffic'],
                /^[\w-]+=\d+( [\w-]+=\d+)*$/,
                ...['--output', 'none'],
              ]);
              const all = traffic.split(' ').map((one) => one.split('=') as [string, string]);
              return running.move(weightsOf(all, variants));
            }
            default:
              only(args, [
                ...['rest', '--method', 'get', '--url'],
                `https://management.azure.com/subscriptions/${SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts`,
                ...['--url-parameters', 'api-version=2019-05-05-preview', 'monitorCondition=Fired'],
                /^customTimeRange=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
                '--query',
                /^value\[\?contains\(properties.essentials.alertRule, 'platform-fraud-latencyalarm-\w+'\) \|\| contains\(properties.essentials.alertRule, 'platform-fraud-erroralarm-\w+'\)\].name$/,
                ...['--output', 'tsv'],
              ]);
              return running.look().join('\n');
          }
        },
      }),
    };
  });
};
