import { CloudUnderTest, Contract, ServerlessFacts } from './contract';
import * as core from '../../src/core';

function serve(
  { ml, probe }: CloudUnderTest,
  props: Partial<core.ServerlessInferenceProps> = {},
  isPrivate = false,
  requestTimeoutSeconds?: number,
): ServerlessFacts {
  const program = probe.program();
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['embed'],
  });
  const serverless = new ml.ServerlessInference(program.serving, 'Thumbnails', {
    container: { image: registry.image('embed', '1'), requestTimeoutSeconds },
    ...(isPrivate ? { network: new ml.PrivateNetwork(program.foundation, 'Network') } : {}),
    ...props,
  });
  expect(serverless.invokeCommand).toMatch(/\w/);
  expect(serverless.url).toMatch(/^(https:\/\/|\$\{)/);
  return probe.serverless(program, serverless);
}

export const serverlessInference: Contract = {
  construct: 'ServerlessInference',
  promises: [
    {
      title: 'Scales to zero, and no further up than asked',
      check: (cloud) =>
        expect(serve(cloud, { maxInstances: 5 })).toMatchObject({ leastInstances: 0, mostInstances: 5 }),
    },
    {
      title: 'Instances are kept ready where that is asked',
      check: (cloud) => expect(serve(cloud, { minInstances: 2, maxInstances: 5 }).leastInstances).toBe(2),
    },
    {
      title: 'Memory is as asked',
      check: (cloud) => expect(serve(cloud, { memoryMiB: 4096 }).memoryMiB).toBe(4096),
    },
    {
      title: 'The time that a request may take is as asked',
      check: (cloud) => expect(serve(cloud, {}, false, 30).timeoutSeconds).toBe(30),
    },
    {
      title: 'Nobody invokes it without the cloud’s identity',
      check: (cloud) => expect(serve(cloud).openToAnyone).toBe(false),
    },
    {
      title: 'In a private network it is not reachable from the internet',
      check: (cloud) =>
        expect(serve(cloud, {}, true)).toMatchObject({ openToAnyone: false, reachableFromInternet: false }),
    },
    {
      title: 'An instance has an accelerator',
      check: (cloud) =>
        expect(serve(cloud, { accelerators: ['L4:1', 'T4:1'] }).mostInstances).toBeGreaterThan(0),
    },
    {
      title: 'Logs of serverless inferences are kept as long as asked',
      check: (cloud) => expect(serve(cloud, { logRetentionDays: 30 }).logRetentionDays).toBe(30),
    },
    {
      title: 'A serverless inference with as many instances as it can have is told',
      check({ ml, probe }) {
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: [{ name: 'fraud' }],
          images: ['embed'],
        });
        const serverless = new ml.ServerlessInference(program.serving, 'Thumbnails', {
          container: { image: registry.image('embed', '1') },
          alarms: { notify: ['ml@example.com'], atMaximumMinutes: 15 },
        });
        expect(probe.alarms(program, serverless)).toEqual({
          alarms: 1,
          mailed: ['ml@example.com'],
          called: [],
          channels: 0,
        });
      },
    },
  ],
};
