import { App, CfnOutput } from 'aws-cdk-lib';
import { aws } from 'cloud-ml-constructs';
import { commandsOf, foundation, serving } from './platform';

const app = new App();

const first = new aws.PlatformStack(app, 'llm-foundation');
const registry = foundation(aws, first);

const second = new aws.PlatformStack(app, 'llm-serving');
const hubToken = aws.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
const tuning = {
  scaleBy: { concurrentRequestsPerInstance: 16 },
  // The longest; longer answers are streamed.
  container: { requestTimeoutSeconds: 60 },
};
const served = serving(
  aws,
  second,
  registry,
  hubToken,
  { small: tuning, large: tuning },
  process.env.WEIGHTS_VERSION,
);

const commands = commandsOf(registry, served);
for (const [stack, outputs] of [
  [first, commands.foundation],
  [second, commands.serving],
] as const) {
  for (const [name, value] of Object.entries(outputs)) {
    new CfnOutput(stack, name, { value });
  }
}

app.synth();
