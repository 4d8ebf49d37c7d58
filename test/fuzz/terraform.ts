import { App, TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import { takeFrom } from './files';
import { FuzzedCloud } from './fuzz';
import { faultsOf } from './graph';
import { asDeployed, interpolationsIn } from '../core/hostile';
import { newApp, synthesized } from '../terraform/support';

/** What the Terraform clouds have in common. */
export const TERRAFORM: Pick<
  FuzzedCloud,
  'newApp' | 'output' | 'synthesize' | 'synthesizeAgain' | 'outputs' | 'leaks'
> = {
  newApp,
  output: (scope, value) => new TerraformOutput(scope, `Output${scope.node.children.length}`, { value }),
  // What the providers' schemas refuse is told when all are made.
  synthesize(app: Construct, program) {
    expect(faultsOf(synthesized(app as App, program()))).toEqual([]);
    return takeFrom((app as App).outdir);
  },
  synthesizeAgain(app: Construct) {
    (app as App).synth();
    return takeFrom((app as App).outdir);
  },
  outputs: ({ output = {} }) =>
    Object.values<any>(output)
      .map(({ value }) => value)
      .filter((value) => typeof value === 'string')
      .map(asDeployed),
  leaks: interpolationsIn,
};
