import { readFileSync } from 'fs';
import { join } from 'path';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { newApp } from './support';
import { Cloud, commandsOf, foundation, serving } from '../../examples/quickstart/platform';
import { Made, Reports, reportsIn } from '../support/report';

/** The reports of what `build` puts into an app. */
export function reportsOf(build: (app: App) => void): Reports {
  const app = newApp();
  build(app);
  app.synth();
  return reportsIn(app.outdir);
}

/** The quickstart, with some of its outputs. */
export function quickstart(ml: Cloud, stackOf: (id: string) => TerraformStack): void {
  const stacks = ['foundation', 'serving'].map(stackOf);
  const made = foundation(ml, stacks[0]);
  const { Submit, Output } = commandsOf(made, serving(ml, stacks[1], made)).foundation;
  new TerraformOutput(stacks[0], 'Submit', { value: Submit });
  new TerraformOutput(stacks[0], 'Output', { value: Output });
}

/** Arguments that are no use of what they name: an order, a hint for people, who makes it. */
const ASIDE = ['//', 'depends_on', 'lifecycle', 'provider'];

/**
 * What the stacks of an app hold, with the paths that cdktf says. A text refers to a resource by its address, and from
 * another stack by the output that hands it over.
 */
export function madeIn(outdir: string, stacks: readonly string[]): Made[] {
  const read = stacks.map((stack) => ({
    stack,
    json: JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8')),
  }));
  return read.flatMap(({ stack, json }) => {
    const blocks = (prefix: string, types: object = {}) =>
      Object.entries<any>(types).flatMap(([type, all]) =>
        Object.entries<any>(all)
          .filter(([, block]) => block['//'])
          .map(([id, block]) => {
            const address = `${prefix}${type}.${id}`;
            const outputs = Object.entries<any>(json.output ?? {})
              .filter(([, { value }]) => String(value).includes(`${address}.`))
              .map(([output]) => `reference-input-${stack}.outputs.${output}`);
            const said = Object.fromEntries(Object.entries(block).filter(([name]) => !ASIDE.includes(name)));
            return {
              path: block['//'].metadata.path,
              text: `${stack}: ${JSON.stringify(said)}`,
              isIn: (text: string) =>
                (text.startsWith(`${stack}: `) && new RegExp(`[{ (\\["]${address}\\b`).test(text)) ||
                outputs.some((output) => text.includes(output)),
            };
          }),
      );
    return [...blocks('', json.resource), ...blocks('data.', json.data)];
  });
}
