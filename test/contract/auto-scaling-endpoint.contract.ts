import { CloudUnderTest, Contract, EndpointFacts } from './contract';
import * as core from '../../src/core';
import { BLUE_AND_GREEN, RunningEndpoint, runShift, Shiftable } from '../support/shift';

type Props = Partial<core.AutoScalingEndpointProps> & {
  readonly version?: string | core.DeployParameter;
  readonly approvalRequired?: boolean;
};

/** An endpoint that serves a model of a registry in the other stack, and what it is. */
function serve(
  { ml, probe }: CloudUnderTest,
  build: (lake: core.IDataLake, variant: core.EndpointVariant) => Props = () => ({}),
): EndpointFacts {
  const program = probe.program();
  const lake = new ml.DataLake(program.foundation, 'Lake', { zones: [{ name: 'raw' }] });
  const { approvalRequired } = build(lake, {} as core.EndpointVariant);
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud', approvalRequired }],
    images: ['serve'],
  });
  const variant = (version: string | core.DeployParameter = '1'): core.EndpointVariant => ({
    name: 'main',
    container: { image: registry.image('serve', '1') },
    model: registry.model('fraud').version(version),
  });
  const { version, approvalRequired: _, ...props } = build(lake, variant());
  const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
    variants: [variant(version)],
    accelerators: ['L4:1', 'T4:1'],
    ...props,
  });
  const { invokeCommand, shiftCommand, url, endpointName } = endpoint;
  expect(url).toMatch(/^(https:\/\/|\$\{)/);
  expect([url, endpointName].some((address) => invokeCommand.includes(address))).toBe(true);
  expect(shiftCommand).toContain(endpointName);
  return probe.endpoint(program, endpoint);
}

/** The same with a container of its own. */
const serveContainer = (
  cloud: CloudUnderTest,
  container: Partial<core.ServingContainer>,
  props: Props = {},
): EndpointFacts =>
  serve(cloud, (_, main) => ({
    ...props,
    variants: [{ ...main, container: { ...main.container, ...container } }],
  }));

const ALARMS = { p99LatencyMs: 300, errorPercent: 1 };
const PEOPLE = { notify: ['ml@example.com'] };

/** A deployed endpoint with two variants, whose image is given at deployment. */
async function deployed({ ml, probe }: CloudUnderTest): Promise<Shiftable> {
  const program = probe.program();
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['serve'],
  });
  const image = registry.image('serve', core.DeployParameter.of('Tag', '1'));
  const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
    variants: BLUE_AND_GREEN(image),
    alarms: ALARMS,
  });
  return probe.shiftable(program, endpoint);
}

/** More machines by what the cloud measures. */
const scaled = ({ lacks }: CloudUnderTest): Props => ({
  scaling: {
    maxInstances: 8,
    ...('Machines become more and fewer by requests per minute' in lacks
      ? { concurrentRequestsPerInstance: 4 }
      : { requestsPerMinutePerInstance: 600 }),
  },
});

export const autoScalingEndpoint: Contract = {
  construct: 'AutoScalingEndpoint',
  promises: [
    {
      title: 'Variants share the traffic by weight',
      check: (cloud) =>
        expect(
          serve(cloud, (_, main) => ({
            variants: [
              { ...main, name: 'blue', weight: 90 },
              { ...main, name: 'green', weight: 10 },
            ],
          })).traffic,
        ).toEqual({ blue: 90, green: 10 }),
    },
    {
      title: 'One command moves traffic in steps while it reads the alarms',
      async check(cloud) {
        const shiftable = await deployed(cloud);
        const running = new RunningEndpoint();
        const { code } = await runShift(shiftable, running, { VARIANT: 'green', STEPS: '20 100' });
        expect([code, running.moves]).toEqual([
          0,
          [
            { blue: 80, green: 20 },
            { blue: 0, green: 100 },
          ],
        ]);
        // At once after the step, and at its end.
        expect(running.looks).toBe(2);
      },
    },
    {
      title: 'Traffic is moved back when an alarm rings, and by hand to what is declared',
      async check(cloud) {
        const shiftable = await deployed(cloud);
        const running = new RunningEndpoint();
        running.ringing = (moves) => (moves === 2 ? ['error-percent'] : []);
        const { code } = await runShift(shiftable, running, { VARIANT: 'green', STEPS: '20 100' });
        expect([code, running.weights]).toEqual([1, { blue: 90, green: 10 }]);
        running.weights = { blue: 0, green: 100 };
        await runShift(shiftable, running, { VARIANT: '' });
        expect(running.weights).toEqual({ blue: 90, green: 10 });
      },
    },
    {
      title: 'Traffic that was moved stays when the endpoint is deployed again',
      async check(cloud) {
        const shiftable = await deployed(cloud);
        const running = new RunningEndpoint();
        await runShift(shiftable, running, { VARIANT: 'green', STEPS: '70', WAIT_SECONDS: '0' });
        const moved = { blue: 30, green: 70 };
        expect(await shiftable.deployAgain(running)).toEqual(moved);
        expect(await shiftable.deployAgain(running, { Tag: '2' })).toEqual(moved);
      },
    },
    {
      title: 'Machines become more and fewer by requests per minute',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({
            scaling: { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 },
          })).scaling,
        ).toEqual({ least: 2, most: 8, measures: ['requestsPerMinute'] }),
    },
    {
      title: 'Machines become more and fewer by concurrent requests',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({ scaling: { maxInstances: 8, concurrentRequestsPerInstance: 4 } })).scaling
            .measures,
        ).toEqual(['concurrentRequests']),
    },
    {
      title: 'Machines become more and fewer by the use of processors and accelerators',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({ scaling: { maxInstances: 8, cpuPercent: 60, gpuPercent: 70 } })).scaling
            .measures,
        ).toEqual(['cpu', 'gpu']),
    },
    {
      title: 'A rollout moves in steps and is taken back by alarms',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({
            scaling: { minInstances: 2 },
            rollout: core.Rollout.canary({ percent: 50, bakeMinutes: 10 }),
            alarms: ALARMS,
          })).rollout,
        ).toEqual({ inSteps: true, takenBackByAlarms: true }),
    },
    {
      title: 'Requests and answers are captured to a zone of the lake',
      check: (cloud) =>
        expect(
          serve(cloud, (lake) => ({ capture: { zone: lake.zone('raw'), samplePercent: 10 } })).captured,
        ).toEqual({
          percent: 10,
          inZone: true,
        }),
    },
    {
      title: 'A version that is not approved is refused at deployment',
      check: (cloud) =>
        expect(serve(cloud, () => ({ approvalRequired: true })).deploysApprovedOnly).toBe(true),
    },
    {
      title: 'A version is given at deployment without a change of code',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({ version: core.DeployParameter.of('FraudVersion', '1') }))
            .versionGivenAtDeployment,
        ).toBe(true),
    },
    {
      title: 'Alarms watch latency and errors',
      check: (cloud) => expect(serve(cloud, () => ({ alarms: ALARMS })).alarms).toBe(2),
    },
    {
      title: 'Alarms are told by e-mail, by webhook and through channels that exist',
      check(cloud) {
        const { ml, probe } = cloud;
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: [{ name: 'fraud' }],
          images: ['serve'],
        });
        const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
          variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
          alarms: {
            errorPercent: 1,
            notify: ['ml@example.com', 'https://chat.example.com/ml'],
            channels: [probe.channel(program)],
          },
        });
        expect(probe.alarms(program, endpoint)).toEqual({
          alarms: 1,
          mailed: ['ml@example.com'],
          called: ['https://chat.example.com/ml'],
          channels: 1,
        });
      },
    },
    {
      title: 'An endpoint with as many machines as it can have is told',
      check: (cloud) =>
        expect(serve(cloud, () => ({ ...scaled(cloud), alarms: { atMaximumMinutes: 15 } })).alarms).toBe(1),
    },
    {
      title: 'Machines that the service does not give to an endpoint are told',
      check: (cloud) =>
        expect(
          serve(cloud, () => ({ ...scaled(cloud), alarms: { ...PEOPLE, noCapacity: true } })).alarms,
        ).toBe(1),
    },
    {
      title: 'A capture that keeps nothing of the requests is told',
      check: (cloud) =>
        expect(
          serve(cloud, (lake) => ({
            capture: { zone: lake.zone('raw') },
            alarms: { ...PEOPLE, captureSilentMinutes: 30 },
          })).alarms,
        ).toBe(1),
    },
    {
      title: 'Logs of endpoints are kept as long as asked',
      check: (cloud) => expect(serve(cloud, () => ({ logRetentionDays: 30 })).logRetentionDays).toBe(30),
    },
    {
      title: 'A container knows how many accelerators its machine has',
      check: (cloud) => expect(serve(cloud).variables).toMatchObject({ ACCELERATOR_COUNT: '1' }),
    },
    {
      title: 'A container finds the files of its model, mounted or by their address',
      check(cloud) {
        const { MODEL_DIR: directory, MODEL_URI: uri } = serve(cloud).variables;
        expect(String(directory ?? uri)).toMatch(/\/[^ ]/);
      },
    },
    {
      title: 'Eight accelerators serve one model',
      check: (cloud) =>
        expect(serve(cloud, () => ({ accelerators: ['H100:8', 'A100-80GB:8'] })).variables).toMatchObject({
          ACCELERATOR_COUNT: '8',
        }),
    },
    {
      title: 'Answers are streamed',
      check: (cloud) => expect(serve(cloud).streamed).toBe(true),
    },
    {
      title: 'A container may take half an hour to become ready',
      check: (cloud) =>
        expect(serveContainer(cloud, { startupTimeoutSeconds: 1800 }).startupSeconds).toBe(1800),
    },
    {
      title: 'A request may take three minutes',
      check: (cloud) =>
        expect(serveContainer(cloud, { requestTimeoutSeconds: 180 }).requestSeconds).toBeGreaterThanOrEqual(
          180,
        ),
    },
    {
      title: 'A request may take ten minutes',
      check: (cloud) =>
        expect(serveContainer(cloud, { requestTimeoutSeconds: 600 }).requestSeconds).toBeGreaterThanOrEqual(
          600,
        ),
    },
    {
      title: 'Command and arguments of a container are as asked',
      check: (cloud) =>
        expect(serveContainer(cloud, { command: ['vllm'], args: ['serve', 'model'] })).toMatchObject({
          command: ['vllm'],
          args: ['serve', 'model'],
        }),
    },
    {
      title: 'Shared memory of a container is as asked',
      check: (cloud) => expect(serveContainer(cloud, { sharedMemoryMiB: 16384 }).sharedMemoryMiB).toBe(16384),
    },
    {
      title: 'The disk of a machine without disks of its own is as large as asked',
      check: (cloud) =>
        expect(serve(cloud, () => ({ accelerators: undefined, diskGiB: 200 })).diskGiB).toBe(200),
    },
    {
      title: 'Endpoints run in a private network',
      check(cloud) {
        const { ml, probe } = cloud;
        const program = probe.program();
        const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
          models: [{ name: 'fraud' }],
          images: ['serve'],
        });
        const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
          network: new ml.PrivateNetwork(program.foundation, 'Network'),
          variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
        });
        expect(probe.endpoint(program, endpoint).runsInNetwork).toBe(true);
      },
    },
  ],
};
