import { quickstartOf, terraformOf } from './platform';
import { account, walk, Walked } from './walk';
import * as azure from '../../src/azure';
import { MachineLearning } from '../azure/machine-learning';
import { platform, SUBSCRIPTION } from '../azure/support';
import { serving } from '../support/service';
import { Call, StandIn } from '../support/stand-ins';

/** Arguments by name; what has no name comes by its place. */
function named(args: string[]): { readonly [name: string]: string[] } {
  const found: { [name: string]: string[] } = { '': [] };
  let last = '';
  for (const arg of args) {
    if (arg.startsWith('--')) {
      last = arg;
      found[last] = [];
    } else {
      found[last].push(arg);
    }
  }
  return found;
}

/** Azure as az, azcopy, curl and docker show it; what is in the workspace is what Terraform sees. */
class Azure implements Walked {
  public readonly cloud = 'azure';
  public readonly files = new Map<string, string[]>();
  public readonly images: string[] = [];
  public readonly runs: string[] = [];
  public readonly predictions: string[] = [];
  public readonly unapproved = /the version of the model is not approved/;
  public readonly tooMuch: [string, RegExp] = [
    'terraform -chdir=azure/cdktf.out/stacks/foundation destroy',
    /prevent_destroy/,
  ];
  public ringing: string[] = [];
  private readonly locked = new Set<string>();

  private readonly az: StandIn = ({ args }) => {
    const given = named(args);
    const workspace = `/subscriptions/${given['--subscription']}/resourceGroups/${given['--resource-group']}/providers/Microsoft.MachineLearningServices/workspaces/${given['--workspace-name']}`;
    const endpoint = () => {
      expect(`${workspace}/onlineEndpoints/${given['--name']}`).toBe(this.ml.endpointId);
      return this.ml.endpoint.properties;
    };
    const verb = args.slice(
      0,
      args.findIndex((one) => one.startsWith('--')),
    );
    switch (verb.join(' ')) {
      case 'acr login':
        return;
      case 'acr repository update':
        expect(given['--write-enabled']).toEqual(['false']);
        this.locked.add(given['--image'][0]);
        return;
      case 'account get-access-token':
        expect(given['--resource']).toEqual(['https://ml.azure.com']);
        return 'entra';
      case 'ml model create': {
        const [, path] = /^azureml:\/\/datastores\/\w+\/paths\/(.+)$/.exec(given['--path'][0])!;
        expect([...this.files].filter(([to]) => to.endsWith(`/${path}`)).map(([, all]) => all)).toEqual([
          ['model.json'],
        ]);
        const tags = Object.fromEntries(
          given['--set'].map((one) => one.replace(/^tags\./, '').split(/=(.*)/)),
        );
        expect(this.images).toContain(tags.image);
        const id = `${workspace}/models/${given['--name']}`;
        expect(this.ml.resources.has(id)).toBe(true);
        this.ml.resources.set(`${id}/versions/${given['--version']}`, { properties: { tags } });
        return '{}';
      }
      case 'ml model update': {
        const version = this.ml.resources.get(
          `${workspace}/models/${given['--name']}/versions/${given['--version']}`,
        );
        expect(given['--set']).toEqual(['tags.approval=approved']);
        version.properties.tags.approval = 'approved';
        return '{}';
      }
      case 'ml online-endpoint show':
        return `${JSON.stringify(endpoint().traffic, undefined, 2)}\n`;
      case 'ml online-endpoint update': {
        endpoint();
        const all = given['--traffic'][0].split(' ').map((one) => one.split('='));
        this.ml.split(
          this.ml.endpointId,
          Object.fromEntries(all.map(([name, percent]) => [name, Number(percent)])),
        );
        return;
      }
      case 'rest':
        return this.rest(given);
      default:
        throw new Error(`az ${args.join(' ')}`);
    }
  };

  private readonly azcopy: StandIn = ({ args, env }) => {
    const [verb, from, to, recursive] = args;
    expect([verb, recursive, env.AZCOPY_AUTO_LOGIN_TYPE]).toEqual(['copy', '--recursive', 'AZCLI']);
    const files = from.startsWith('https:') ? this.files.get(from.slice(0, -1)) : ['transactions.csv'];
    if (!files) {
      throw new Error(`${from} matched nothing`);
    }
    this.files.set(to, files);
  };

  private readonly curl: StandIn = ({ args, env }) => {
    expect(args[0]).toBe('--fail-with-body');
    expect(args).toContain(`@${env.REQUEST}`);
    const url = new URL(args.at(-1)!);
    if (url.host.endsWith('.inference.ml.azure.com')) {
      expect(args).toContain('authorization: Bearer entra');
    }
    this.predictions.push(url.href);
    return '{"predictions": [0.1]}';
  };

  private readonly docker: StandIn = ({ args, cwd }: Call) => {
    if (args[0] === 'push') {
      expect(this.locked.has(args[1].replace(/^[^/]+\//, ''))).toBe(false);
      this.images.push(args[1]);
    } else {
      expect(args.slice(0, 5)).toEqual(['build', '--platform', 'linux/amd64', '--provenance=false', '--tag']);
      expect(args[5].endsWith(`/${cwd.split('/').at(-1)}:1`)).toBe(true);
    }
  };

  public get standIns() {
    const { terraform, az, azcopy, curl, docker } = this;
    return { terraform, az, azcopy, curl, docker };
  }

  public get shares(): { [variant: string]: number } {
    const { traffic } = this.ml.endpoint.properties;
    return Object.fromEntries(this.ml.deployments.map((one) => [variantOf(one), traffic[one] ?? 0]));
  }

  public get served(): { [variant: string]: string } {
    const { deployments, endpointId, resources } = this.ml;
    return Object.fromEntries(
      deployments.map((one) => [
        variantOf(one),
        resources.get(`${endpointId}/deployments/${one}`).properties.model.split('/').at(-1),
      ]),
    );
  }

  public get serving(): boolean {
    return [...this.ml.resources.keys()].some((id) => id.includes('/deployments/'));
  }

  public get versions(): string[] {
    return [...this.ml.resources]
      .filter(
        ([id, { properties }]) =>
          /\/models\/[^/]+\/versions\//.test(id) && properties.tags.approval === 'approved',
      )
      .map(([id]) => id.split('/').at(-1)!);
  }

  constructor(
    private readonly ml: MachineLearning,
    private readonly terraform: StandIn,
    private readonly output: () => string,
  ) {}

  private rest(given: ReturnType<typeof named>): string {
    const [url] = given['--url'];
    if (url.endsWith('/alerts')) {
      expect(url).toContain(`/subscriptions/${SUBSCRIPTION}/`);
      return this.ringing.join('\n');
    }
    if (url.includes('listCallbackUrl')) {
      return 'https://submit.logic.azure.com/';
    }
    expect(url).toBe('https://submit.logic.azure.com/');
    const { run, ...input } = JSON.parse(given['--body'][0]);
    expect(input).toEqual({ command: ['torchrun', 'train.py', '--dataset', 'raw'], nodes: 2 });
    this.runs.push(run);
    this.files.set(`${this.output()}${run}/`, ['model.json']);
    return '';
  }
}

const variantOf = (deployment: string): string => deployment.replace(/-[0-9a-f]{7}$/, '');

test('a model lives on Azure by the commands that the quickstart prints', async () => {
  const stacks = quickstartOf(azure, (app, id) => platform(id, { resourceGroupName: undefined }, app));
  const ml = new MachineLearning();
  await serving(ml.service, async (url) => {
    const { terraform, runs } = terraformOf('azure', stacks, ml.world(url));
    await walk(new Azure(ml, terraform, () => runs.foundation.outputs().Output));
  });
  account('Azure', {
    'upload, push, submit': ['the printed commands, by bash', 'azcopy, docker, az rest to the workflow'],
    'publish, approve': ['the printed commands, by bash', 'azcopy, az ml model'],
    'deploy, invoke': [
      'the synthesized stacks; their calls over HTTP to a resource manager of the test',
      'terraform and its providers, curl to the endpoint',
    ],
    'deploy version 2, shift, roll back': [
      'the printed script, by bash, on the traffic of that resource manager',
      'az ml online-endpoint, alerts of Azure Monitor, time',
    ],
    destroy: ['the order of the calls', 'terraform and its providers'],
  });
}, 180_000);
