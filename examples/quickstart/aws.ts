import { App, CfnOutput } from 'aws-cdk-lib';
import { FIRST, foundation, serving } from './platform';
import { aws } from 'cloud-ml-constructs';

const app = new App();

const first = new aws.PlatformStack(app, 'foundation');
const made = foundation(aws, first);

const second = new aws.PlatformStack(app, 'serving');
const served = serving(aws, second, made);

// The commands that follow a deployment, where the deployment prints them.
const { lake, registry, training } = made;
const serve = registry.image('serve', FIRST.serve);
const commands = {
  Upload: lake.uploadCommand,
  PushTrain: registry.pushCommand('train', FIRST.train),
  PushServe: registry.pushCommand('serve', FIRST.serve),
  PushEmbed: registry.pushCommand('embed', FIRST.embed),
  Submit: training.submitCommand,
  Output: training.outputUri,
  Publish: registry.publishCommand('fraud-detector', FIRST.model, serve),
  Approve: registry.approveCommand('fraud-detector', FIRST.model),
};
for (const [name, value] of Object.entries(commands)) {
  new CfnOutput(first, name, { value });
}
for (const [name, { invokeCommand }] of Object.entries(served)) {
  new CfnOutput(second, `Invoke${name[0].toUpperCase()}${name.slice(1)}`, { value: invokeCommand });
}

app.synth();
