import { App, TerraformOutput } from 'cdktf';
import { commandsOf, foundation, serving } from './platform';
import { google } from 'cloud-ml-constructs';

const app = new App();
const place = { project: process.env.GOOGLE_PROJECT ?? 'your-project', region: 'europe-west4' };

const first = new google.PlatformStack(app, 'llm-foundation', place);
const registry = foundation(google, first);

const second = new google.PlatformStack(app, 'llm-serving', place);
const hubToken = google.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
const served = serving(google, second, registry, hubToken, {
  scaleBy: { requestsPerMinutePerInstance: 60 },
  // Accelerators exchange what they know through shared memory, of which Vertex AI gives little by itself.
  container: { requestTimeoutSeconds: 600, sharedMemoryMiB: 16384 },
});

const commands = commandsOf(registry, served);
for (const [stack, outputs] of [
  [first, commands.foundation],
  [second, commands.serving],
] as const) {
  for (const [name, value] of Object.entries(outputs)) {
    new TerraformOutput(stack, name, { value });
  }
}

app.synth();
