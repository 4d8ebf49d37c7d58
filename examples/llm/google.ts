import { App, TerraformOutput } from 'cdktf';
import { google } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();
const place = { project: process.env.GOOGLE_PROJECT ?? 'your-project', region: 'europe-west4' };

const first = new google.PlatformStack(app, 'llm-foundation', place);
const registry = foundation(google, first);

const second = new google.PlatformStack(app, 'llm-serving', place);
const hubToken = google.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
// One L4 is what Cloud Run has, which counts requests at the same time; what is downloaded is in its memory.
const small = {
  engine: google.EndpointEngine.cloudRun({ cpu: 8, memoryMiB: 32768 }),
  scaleBy: { concurrentRequestsPerInstance: 16 },
  container: { requestTimeoutSeconds: 600, startupTimeoutSeconds: 1800 },
};
// More accelerators are Vertex AI's. They exchange what they know through shared memory, of which it gives little by itself.
const large = {
  scaleBy: { requestsPerMinutePerInstance: 60 },
  container: { requestTimeoutSeconds: 600, sharedMemoryMiB: 16384 },
};
const served = serving(google, second, registry, hubToken, { small, large }, process.env.WEIGHTS_VERSION);

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
