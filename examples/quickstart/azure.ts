import { App, TerraformOutput } from 'cdktf';
import { azure } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();
const place = {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
};

const first = new azure.PlatformStack(app, 'foundation', place);
const made = foundation(azure, first);

const second = new azure.PlatformStack(app, 'serving', place);
const served = serving(azure, second, made);

// The commands that follow a deployment, where the deployment prints them.
const commands = commandsOf(made, served);
for (const [stack, outputs] of [
  [first, commands.foundation],
  [second, commands.serving],
] as const) {
  for (const [name, value] of Object.entries(outputs)) {
    new TerraformOutput(stack, name, { value });
  }
}

app.synth();
