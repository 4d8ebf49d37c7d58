import { App, TerraformOutput } from 'cdktf';
import { google } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();
const place = { project: process.env.GOOGLE_PROJECT ?? 'your-project', region: 'europe-west4' };

const first = new google.PlatformStack(app, 'foundation', place);
const made = foundation(google, first);

const second = new google.PlatformStack(app, 'serving', place);
const served = serving(google, second, made);

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
