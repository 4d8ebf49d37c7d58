import { App } from 'aws-cdk-lib';
import { aws } from 'cloud-ml-constructs';

/** `ENDPOINTS` endpoints in eight stacks (CloudFormation takes 500 resources in one), and a registry in a ninth. */
const STACKS = 8;
const app = new App();
const foundation = new aws.PlatformStack(app, 'foundation');
const registry = new aws.ModelRegistry(foundation, 'Registry', {
  models: [{ name: 'fraud-detector', approvalRequired: true }],
  images: ['serve'],
});
const stacks = Array.from({ length: STACKS }, (_, i) => new aws.PlatformStack(app, `serving-${i}`));
for (let i = 0; i < Number(process.env.ENDPOINTS); i++) {
  new aws.AutoScalingEndpoint(stacks[i % STACKS], `Fraud${i}`, {
    variants: [
      {
        name: 'main',
        container: { image: registry.image('serve', '1') },
        model: registry.model('fraud-detector').version('1'),
      },
    ],
    accelerators: ['L4:1', 'T4:1'],
    scaling: { minInstances: 1, maxInstances: 4, requestsPerMinutePerInstance: 600 },
    alarms: { notify: ['ml-oncall@example.com'], p99LatencyMs: 300, errorPercent: 1 },
  });
}
app.synth();
