import { App } from 'cdktf';
import { load } from './measure';

/** `ENDPOINTS` endpoints of a cloud in eight stacks, and a registry in a ninth. */
const STACKS = 8;
const { CLOUD, ENDPOINTS } = process.env;
const PLACES: { readonly [cloud: string]: object } = {
  google: { project: 'your-project', region: 'europe-west4' },
  azure: { subscriptionId: '00000000-0000-0000-0000-000000000000', location: 'westeurope' },
};
const place = PLACES[CLOUD!];
const ml = load('cloud-ml-constructs')[CLOUD!];
const app = new App();
const foundation = new ml.PlatformStack(app, 'foundation', place);
const registry = new ml.ModelRegistry(foundation, 'Registry', {
  models: [{ name: 'fraud-detector', approvalRequired: true }],
  images: ['serve'],
});
const stacks = Array.from({ length: STACKS }, (_, i) => new ml.PlatformStack(app, `serving-${i}`, place));
for (let i = 0; i < Number(ENDPOINTS); i++) {
  new ml.AutoScalingEndpoint(stacks[i % STACKS], `Fraud${i}`, {
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
