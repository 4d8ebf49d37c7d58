import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { CloudRun } from './cloud-run';
import { PROJECT, REGION } from './support';
import { TOKEN, Vertex } from './vertex';
import * as google from '../../src/google';
import { only, RunningEndpoint, Shares, sharesOf, Shiftable } from '../support/shift';
import { StandIn } from '../support/stand-ins';
import { ProgramRun, Served } from '../terraform/run';
import { synthesized } from '../terraform/support';

/** The program of an endpoint, deployed as Terraform would, and the endpoint's command as it is put out. */
export async function deployed(
  endpoint: google.AutoScalingEndpoint,
  served: Served,
): Promise<{ readonly program: ProgramRun; readonly command: string }> {
  const stack = TerraformStack.of(endpoint);
  new TerraformOutput(stack, 'Shift', { value: endpoint.shiftCommand });
  const program = new ProgramRun(synthesized(endpoint.node.root as App), served);
  await program.apply();
  return { program, command: program.output(stack.node.id, 'Shift') };
}

const PLACE = [`--project=${PROJECT}`, `--region=${REGION}`];
const GLOBAL = [`--project=${PROJECT}`, '--global'];

/** The alerts of one label's value, asked from Cloud Monitoring. */
export const alerts =
  (running: RunningEndpoint, label: string, value: string): StandIn =>
  ({ args }) => {
    const policies = ['Latency', 'Error'].map(
      (one) => `policy.name="<google_monitoring_alert_policy.Fraud_${one}Alarm_\\w+.name>"`,
    );
    only(args, [
      ...['--fail-with-body', '--silent', '--show-error', '--get'],
      ...['--header', `Authorization: Bearer ${TOKEN}`],
      '--data-urlencode',
      new RegExp(`^filter=state="OPEN" AND ${label}="${value}" AND \\(${policies.join(' OR ')}\\)$`),
      ...['--data-urlencode', 'fields=alerts(name,policy.displayName)'],
      `https://monitoring.googleapis.com/v3/projects/${PROJECT}/alerts`,
    ]);
    const found = running.look().map((displayName) => ({ name: 'n', policy: { displayName } }));
    return JSON.stringify(found.length ? { alerts: found } : {}, undefined, 2);
  };

/** An endpoint of Vertex AI with the variants blue and green. */
async function onVertex(endpoint: google.AutoScalingEndpoint): Promise<Shiftable> {
  const vertex = new Vertex();
  const { program, command } = await deployed(endpoint, vertex);
  const [[name]] = [...vertex.endpoints];
  const at = [name.split('/').at(-1)!, ...PLACE];
  const models = () => vertex.endpoint(name).deployedModels;
  const idOf = (variant: string) => models().find(({ displayName }) => displayName === variant)!.id;
  return {
    command,
    async deployAgain(running, parameters) {
      const before = Object.entries(running.weights).filter(([, percent]) => percent);
      vertex.split(name, Object.fromEntries(before.map(([variant, percent]) => [idOf(variant), percent])));
      await program.apply(parameters);
      const { trafficSplit } = vertex.endpoint(name);
      return Object.fromEntries(models().map(({ id, displayName }) => [displayName, trafficSplit[id] ?? 0]));
    },
    standIns: (running) => ({
      gcloud: ({ args }) => {
        switch (args[0] === 'auth' ? args[1] : args[2]) {
          case 'print-access-token':
            return TOKEN;
          case 'describe':
            only(args, ['ai', 'endpoints', 'describe', ...at, '--format=value(trafficSplit)']);
            return Object.entries(running.weights)
              .filter(([, weight]) => weight)
              .map(([variant, weight]) => `${idOf(variant)}=${weight}`)
              .join(';');
          default: {
            const [[, split]] = only(args, [
              ...['ai', 'endpoints', 'update', ...at, '--quiet'],
              /^--traffic-split=(\d+=[1-9]\d*(?:,\d+=[1-9]\d*)*)$/,
            ]);
            const variants = Object.fromEntries(models().map(({ id, displayName }) => [id, displayName]));
            return running.move(sharesOf(split.split(','), variants));
          }
        }
      },
      curl: alerts(running, 'metric.labels.deployed_model_id', idOf('green')),
    }),
  };
}

/** An endpoint on Cloud Run with the variants blue and green behind a load balancer. */
async function onCloudRun(endpoint: google.AutoScalingEndpoint): Promise<Shiftable> {
  const run = new CloudRun();
  const { program, command } = await deployed(endpoint, run);
  const [[urlMap, weighted]] = [...run.urlMaps];
  const variantOf = (text: string) => /-(blue|green)-[0-9a-f]{8}$/.exec(text)![1];
  const backendOf = (variant: string) =>
    weighted.find(({ backendService }) => variantOf(backendService) === variant)!.backendService;
  const [service] = [...run.services.keys()].filter((one) => variantOf(one) === 'green');
  const key = 'defaultRouteAction.weightedBackendServices';
  const route = (weights: Shares) =>
    run.route(
      urlMap,
      Object.entries(weights).map(([variant, weight]) => ({ backendService: backendOf(variant), weight })),
    );
  const shares = (): Shares =>
    Object.fromEntries(
      run.urlMaps.get(urlMap)!.map(({ backendService, weight }) => [variantOf(backendService), weight]),
    );
  return {
    command,
    async deployAgain({ weights }, parameters) {
      route(weights);
      await program.apply(parameters);
      return shares();
    },
    standIns: (running) => ({
      gcloud: ({ args, input }) => {
        switch (args[0] === 'auth' ? args[1] : args[2]) {
          case 'print-access-token':
            return TOKEN;
          case 'describe':
            only(args, [
              ...['compute', 'url-maps', 'describe', urlMap, ...GLOBAL, `--flatten=${key}`],
              `--format=csv[no-heading](${key}.backendService.basename(),${key}.weight)`,
            ]);
            // What is 0 is not said.
            return Object.entries(running.weights)
              .map(([variant, weight]) => `${backendOf(variant).split('/').at(-1)},${weight || ''}\n`)
              .join('');
          default: {
            only(args, ['compute', 'url-maps', 'import', urlMap, ...GLOBAL, '--quiet']);
            const { name, defaultRouteAction, ...others } = JSON.parse(input);
            expect([name, others]).toEqual([urlMap, {}]);
            run.route(urlMap, defaultRouteAction.weightedBackendServices);
            return running.move(shares());
          }
        }
      },
      curl: alerts(running, 'resource.labels.service_name', service),
    }),
  };
}

/** An endpoint of either engine with the variants blue and green. */
export const shiftable = (endpoint: google.AutoScalingEndpoint): Promise<Shiftable> =>
  endpoint.deployment('green').terraformResourceType === 'google_cloud_run_v2_service'
    ? onCloudRun(endpoint)
    : onVertex(endpoint);
