import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { commandsOf, foundation, serving } from '../../examples/quickstart/platform';
import { CLOUDS, nextSteps } from '../../scripts/quickstart';
import { StandIn } from '../support/stand-ins';
import { TerraformRun, World } from '../terraform/run';
import { newApp, Synthesized, synthesized } from '../terraform/support';

/** The shell commands that `npm run quickstart` prints for a cloud, by what they are for. */
export const printedSteps = (cloud: string) => nextSteps(CLOUDS[cloud]);

/** What the quickstart synthesizes to on a cloud of Terraform, outputs included, by stack. */
export function quickstartOf(
  ml: Parameters<typeof foundation>[0],
  stackOf: (app: App, id: string) => TerraformStack,
): { readonly [stack: string]: Synthesized } {
  const app = newApp();
  const [first, second] = ['foundation', 'serving'].map((id) => stackOf(app, id));
  const made = foundation(ml, first);
  const commands = commandsOf(made, serving(ml, second, made));
  for (const [stack, outputs] of [
    [first, commands.foundation],
    [second, commands.serving],
  ] as const) {
    Object.entries(outputs).forEach(([name, value]) => new TerraformOutput(stack, name, { value }));
  }
  return synthesized(app);
}

/** Terraform's command line: what it applies are the stacks, and the providers' calls are really sent. */
export function terraformOf(
  cloud: string,
  stacks: { readonly [stack: string]: Synthesized },
  world: World,
): { readonly terraform: StandIn; readonly runs: { readonly [stack: string]: TerraformRun } } {
  const outputs: { [stack: string]: object } = {};
  const runs = Object.fromEntries(
    Object.keys(stacks).map((stack) => [stack, new TerraformRun({ ...world, outputs })]),
  );
  const terraform: StandIn = async ({ args: [folder, verb, ...args], cwd }) => {
    const [, path, stack] = /^-chdir=(.*?)([^/]+)$/.exec(folder)!;
    expect(`${cwd}/${path}`.replace(/\/containers\/\w+\/(\.\.\/)+/, '/')).toMatch(
      new RegExp(`/quickstart/${cloud}/cdktf.out/stacks/$`),
    );
    switch (verb) {
      case 'init':
        return '';
      case 'apply': {
        const variables = args.filter((_, i) => i % 2 === 1).map((one) => one.split('='));
        expect(args.filter((_, i) => i % 2 === 0).every((one) => one === '-var')).toBe(true);
        await runs[stack].apply(stacks[stack], Object.fromEntries(variables));
        outputs[stack] = runs[stack].outputs();
        return 'Apply complete!\n';
      }
      case 'output':
        expect(args[0]).toBe('-raw');
        return runs[stack].outputs()[args[1]] as string;
      case 'destroy':
        return runs[stack].destroy();
      default:
        throw new Error(`terraform ${verb}`);
    }
  };
  return { terraform, runs };
}
