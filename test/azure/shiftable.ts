import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { MachineLearning } from './machine-learning';
import { SUBSCRIPTION } from './support';
import * as azure from '../../src/azure';
import { only, sharesOf, Shiftable } from '../support/shift';
import { ProgramRun } from '../terraform/run';
import { synthesized } from '../terraform/support';

const variantOf = (deployment: string): string => deployment.replace(/-[0-9a-f]{7}$/, '');

/** An endpoint of Azure ML with the variants blue and green. */
export async function shiftable(made: azure.AutoScalingEndpoint): Promise<Shiftable> {
  const ml = new MachineLearning();
  const stack = TerraformStack.of(made);
  new TerraformOutput(stack, 'Shift', { value: made.shiftCommand });
  const program = new ProgramRun(synthesized(made.node.root as App), ml);
  await program.apply();
  const [, group, workspace, name] =
    /resourceGroups\/([^/]+)\/.*\/workspaces\/([^/]+)\/onlineEndpoints\/([^/]+)$/.exec(ml.endpointId)!;
  const endpoint = [
    ...['--name', name, '--workspace-name', workspace],
    ...['--resource-group', group, '--subscription', SUBSCRIPTION],
  ];
  const variants = () => Object.fromEntries(ml.deployments.map((one) => [one, variantOf(one)]));
  const rule = (alarm: string) =>
    `contains\\(properties.essentials.alertRule, '[\\w-]+-fraud-${alarm}alarm-\\w+'\\)`;
  return {
    command: program.output(stack.node.id, 'Shift'),
    async deployAgain({ weights }, parameters) {
      const before = Object.entries(variants()).map(([one, variant]) => [one, weights[variant]]);
      ml.split(ml.endpointId, Object.fromEntries(before));
      await program.apply(parameters);
      const { traffic } = ml.endpoint.properties;
      return Object.fromEntries(ml.deployments.map((one) => [variantOf(one), traffic[one] ?? 0]));
    },
    standIns: (running) => ({
      az: ({ args }) => {
        switch (args[2]) {
          case 'show':
            only(args, [
              ...['ml', 'online-endpoint', 'show', ...endpoint],
              ...['--query', 'traffic', '--output', 'json'],
            ]);
            return `${JSON.stringify(
              Object.fromEntries(
                Object.entries(variants()).map(([one, variant]) => [one, running.weights[variant]]),
              ),
              undefined,
              2,
            )}\n`;
          case 'update': {
            const [[traffic]] = only(args, [
              ...['ml', 'online-endpoint', 'update', ...endpoint, '--traffic'],
              /^[\w-]+=\d+( [\w-]+=\d+)*$/,
              ...['--output', 'none'],
            ]);
            return running.move(sharesOf(traffic.split(' '), variants()));
          }
          default:
            only(args, [
              ...['rest', '--method', 'get', '--url'],
              `https://management.azure.com/subscriptions/${SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts`,
              ...['--url-parameters', 'api-version=2019-05-05-preview', 'monitorCondition=Fired'],
              /^customTimeRange=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
              '--query',
              new RegExp(`^value\\[\\?${rule('latency')} \\|\\| ${rule('error')}\\].name$`),
              ...['--output', 'tsv'],
            ]);
            return running.look().join('\n');
        }
      },
    }),
  };
}
