import { CloudUnderTest, Contract } from './contract';

/** What a container or job finds the secret HUB_TOKEN by: its value, injected, or its identifier. */
const NAMES = /^HUB_TOKEN(_SECRET_ID)?$/;

export const secret: Contract = {
  construct: 'Secret',
  promises: [
    {
      title: 'Secrets reach containers and jobs by reference',
      check({ ml, probe }: CloudUnderTest) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: [{ name: 'fraud' }],
          images: ['train', 'serve'],
        });
        const container = {
          image: registry.image('serve', '1'),
          secrets: { HUB_TOKEN: probe.secret(program.serving) },
        };
        const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
          variants: [{ name: 'main', container }],
          accelerators: ['L4:1', 'T4:1'],
        });
        const serverless = new ml.ServerlessInference(program.serving, 'Thumbnails', { container });
        const cluster = new ml.GpuTrainingCluster(program.foundation, 'Training', {
          image: registry.image('train', '1'),
          accelerators: ['L4:1', 'T4:1'],
          secrets: { HUB_TOKEN: probe.secret(program.foundation) },
        });
        for (const variables of [
          Object.keys(probe.endpoint(program, endpoint).variables),
          probe.serverless(program, serverless).variables,
          probe.training(program, cluster).variables,
        ]) {
          expect(variables.filter((name) => NAMES.test(name))).toHaveLength(1);
        }
        expect(probe.secrets(program)).toEqual({ readers: 3, readByDeployment: 0 });
      },
    },
  ],
};
