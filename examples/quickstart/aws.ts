import { App, CfnOutput } from 'aws-cdk-lib';
import { aws } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();

const first = new aws.PlatformStack(app, 'foundation');
const made = foundation(aws, first);

const second = new aws.PlatformStack(app, 'serving');
const served = serving(aws, second, made);

// The commands that follow a deployment, where the deployment prints them.
const commands = commandsOf(made, served);
for (const [stack, outputs] of [
  [first, commands.foundation],
  [second, commands.serving],
] as const) {
  for (const [name, value] of Object.entries(outputs)) {
    new CfnOutput(stack, name, { value });
  }
}

app.synth();
