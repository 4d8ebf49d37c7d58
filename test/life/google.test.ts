import { quickstartOf, terraformOf } from './platform';
import { account, walk, Walked } from './walk';
import * as google from '../../src/google';
import { platformStack, PROJECT, REGION } from '../google/support';
import { TOKEN, Vertex } from '../google/vertex';
import { serving } from '../support/service';
import { Call, StandIn } from '../support/stand-ins';

const WHERE = [`--region=${REGION}`, `--project=${PROJECT}`];

/** Google Cloud as gcloud, curl and docker show it; models and endpoints are those that Terraform sees. */
class GoogleCloud implements Walked {
  public readonly cloud = 'google';
  public readonly files = new Map<string, string[]>();
  public readonly images: string[] = [];
  public readonly runs: string[] = [];
  public readonly predictions: string[] = [];
  public readonly unapproved = /@approved-1 is not found/;
  public readonly tooMuch: [string, RegExp] = [
    'terraform -chdir=google/cdktf.out/stacks/foundation destroy',
    /prevent_destroy/,
  ];
  public ringing: string[] = [];

  private readonly gcloud: StandIn = ({ args }) => {
    const [group, , verb] = args;
    switch (group === 'ai' ? `${args[1]} ${verb}` : args.slice(0, 2).join(' ')) {
      case 'auth print-access-token':
      case 'auth print-identity-token':
        return TOKEN;
      case 'auth configure-docker':
        expect(args.slice(2)).toEqual([`${REGION}-docker.pkg.dev`, '--quiet']);
        return;
      case 'storage rsync': {
        const [, , recursive, from, to] = args;
        expect(recursive).toBe('--recursive');
        const files = from.startsWith('gs://') ? this.files.get(from) : ['transactions.csv'];
        if (!files) {
          throw new Error(`${from} matched no objects`);
        }
        this.files.set(to, files);
        return;
      }
      case 'workflows run': {
        const data = args.find((one) => one.startsWith('--data='))!.slice('--data='.length);
        const input = JSON.parse(data);
        expect(input).toEqual({
          command: ['torchrun', 'train.py', '--dataset', 'raw'],
          nodes: 2,
          run: expect.stringMatching(/^(first|second)$/),
        });
        this.runs.push(input.run);
        this.files.set(`${this.outputOf(args[2])}${input.run}/`, ['model.json']);
        return;
      }
      case 'models describe':
        return this.describe(args);
      case 'models upload':
        return this.upload(args);
      case 'endpoints describe': {
        const { trafficSplit } = this.vertex.endpoint(this.endpointOf(args[3]));
        return Object.entries(trafficSplit)
          .map(([id, percent]) => `${id}=${percent}`)
          .join(';');
      }
      case 'endpoints update': {
        const [, split] = /^--traffic-split=(.+)$/.exec(args.at(-1)!)!;
        const all = split.split(',').map((one) => one.split('='));
        this.vertex.split(
          this.endpointOf(args[3]),
          Object.fromEntries(all.map(([id, percent]) => [id, Number(percent)])),
        );
        return;
      }
      default:
        throw new Error(`gcloud ${args.join(' ')}`);
    }
  };

  private readonly curl: StandIn = ({ args, env }) => {
    const url = args.at(-1)!;
    expect(args).toContain(`Authorization: Bearer ${TOKEN}`);
    const { host, pathname } = new URL(url);
    if (host === 'monitoring.googleapis.com') {
      return JSON.stringify(this.ringing.length ? { alerts: this.ringing.map((name) => ({ name })) } : {});
    }
    if (host === `${REGION}-aiplatform.googleapis.com`) {
      const body = JSON.parse(args[args.indexOf('--data') + 1]);
      const headers = { authorization: `Bearer ${TOKEN}` };
      return JSON.stringify(this.vertex.service('POST', pathname, new URLSearchParams(), body, headers).body);
    }
    expect(args.slice(0, 1)).toEqual(['--fail-with-body']);
    expect(args).toContain(`@${env.REQUEST}`);
    this.predictions.push(pathname);
    return '{"predictions": [0.1]}';
  };

  private readonly docker: StandIn = ({ args, cwd }: Call) => {
    const [verb] = args;
    if (verb === 'push') {
      expect(this.images).not.toContain(args[1]);
      this.images.push(args[1]);
    } else {
      expect(args.slice(0, 4)).toEqual(['build', '--platform', 'linux/amd64', '--tag']);
      expect(args[4].endsWith(`/${cwd.split('/').at(-1)}:1`)).toBe(true);
    }
  };

  public get standIns() {
    const { terraform, gcloud, curl, docker } = this;
    return { terraform, gcloud, curl, docker };
  }

  public get shares(): { [variant: string]: number } {
    const { deployedModels, trafficSplit } = this.endpoint!;
    return Object.fromEntries(
      deployedModels.map(({ id, displayName }) => [displayName, trafficSplit[id] ?? 0]),
    );
  }

  public get served(): { [variant: string]: string } {
    return Object.fromEntries(
      this.endpoint!.deployedModels.map(({ displayName, model }) => [
        displayName,
        this.vertex.version(model).artifactUri!.split('/').at(-2)!,
      ]),
    );
  }

  public get serving(): boolean {
    return this.endpoint !== undefined;
  }

  public get versions(): string[] {
    const [, all] = [...this.vertex.models].find(([name]) => name.includes('fraud-detector'))!;
    return all.filter(({ versionAliases }) => versionAliases.length === 2).map(({ versionId }) => versionId);
  }

  constructor(
    private readonly vertex: Vertex,
    private readonly terraform: StandIn,
    private readonly outputOf: (workflow: string) => string,
  ) {}

  private get endpoint() {
    return [...this.vertex.endpoints.values()].at(0);
  }

  private endpointOf = (name: string) => `projects/${PROJECT}/locations/${REGION}/endpoints/${name}`;

  private describe(args: string[]): string {
    expect(args.slice(4, 6)).toEqual(WHERE);
    const version = this.vertex.version(`projects/${PROJECT}/locations/${REGION}/models/${args[3]}`);
    return args[6] === undefined ? '' : version.versionId;
  }

  private upload(args: string[]): void {
    const given = Object.fromEntries(args.slice(3).map((one) => one.slice(2).split(/=(.*)/)));
    const parent = `projects/${PROJECT}/locations/${REGION}/models/${given['model-id'] ?? given['parent-model']?.split('/').at(-1)}`;
    expect(this.vertex.models.has(parent)).toBe('parent-model' in given);
    expect(this.files.get(given['artifact-uri'])).toEqual(['model.json']);
    expect(this.images).toContain(given['container-image-uri']);
    this.vertex.upload(parent, given['version-aliases'].split(','), given['artifact-uri']);
  }
}

test('a model lives on Google Cloud by the commands that the quickstart prints', async () => {
  const stacks = quickstartOf(google, (app, id) => platformStack(app, id, { enableApis: true }));
  const vertex = new Vertex();
  await serving(vertex.service, async (url) => {
    const { terraform, runs } = terraformOf('google', stacks, vertex.world(url));
    await walk(new GoogleCloud(vertex, terraform, () => runs.foundation.outputs().Output));
  });
  account('Google Cloud', {
    'upload, push, submit': ['the printed commands, by bash', 'gcloud storage, docker, gcloud workflows'],
    'publish, approve': ['the printed commands, by bash', 'gcloud ai models, curl to the registry'],
    'deploy, invoke': [
      'the synthesized stacks; their calls over HTTP to a Vertex AI of the test',
      'terraform and its providers, curl to the endpoint',
    ],
    'deploy version 2, shift, roll back': [
      'the printed script, by bash, on the traffic of that Vertex AI',
      'gcloud ai endpoints, alerts of Cloud Monitoring, time',
    ],
    destroy: ['the order of the calls', 'terraform and its providers'],
  });
}, 180_000);
