import { App } from 'aws-cdk-lib';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { shiftable as onAws } from '../aws/shiftable';
import { shiftable as onAzure } from '../azure/shiftable';
import { platform } from '../azure/support';
import { shiftable as onGoogle } from '../google/shiftable';
import { platformStack, PROJECT, REGION } from '../google/support';
import { BLUE_AND_GREEN, RunningEndpoint, runShift, Shiftable, WATCHED } from '../support/shift';
import { newApp } from '../terraform/support';

type OnCloud = (alarms: core.AlarmProps) => Shiftable | Promise<Shiftable>;

const GOOGLE = BLUE_AND_GREEN(`${REGION}-docker.pkg.dev/${PROJECT}/serve/serve:1`);
const CLOUDS: [string, OnCloud][] = [
  [
    'AWS',
    (alarms) => {
      const variants = BLUE_AND_GREEN('123456789012.dkr.ecr.eu-west-1.amazonaws.com/serve:1');
      const stack = new aws.PlatformStack(new App(), 'platform');
      return onAws(new aws.AutoScalingEndpoint(stack, 'Fraud', { variants, alarms }));
    },
  ],
  [
    'Vertex AI',
    (alarms) =>
      onGoogle(
        new google.AutoScalingEndpoint(platformStack(newApp()), 'Fraud', { variants: GOOGLE, alarms }),
      ),
  ],
  [
    'Cloud Run',
    (alarms) =>
      onGoogle(
        new google.AutoScalingEndpoint(platformStack(newApp()), 'Fraud', {
          variants: GOOGLE,
          alarms,
          engine: google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }),
        }),
      ),
  ],
  [
    'Azure',
    (alarms) =>
      onAzure(
        new azure.AutoScalingEndpoint(platform(), 'Fraud', {
          variants: BLUE_AND_GREEN('acmeml.azurecr.io/serve:1'),
          alarms,
        }),
      ),
  ],
];

const split = (green: number) => ({ blue: 100 - green, green });

// The command is really run by bash; only the cloud's own command line, and time, are stood in for.
describe.each(CLOUDS)('shiftCommand on %s', (_, on) => {
  let running: RunningEndpoint;
  const made = new Map<core.AlarmProps, Shiftable | Promise<Shiftable>>();
  beforeEach(() => (running = new RunningEndpoint()));

  const shift = async (
    variables: { readonly [variable: string]: string },
    {
      alarms = WATCHED,
      started,
    }: { alarms?: core.AlarmProps; started?: (kill: (signal: NodeJS.Signals) => void) => void } = {},
  ) => {
    made.set(alarms, made.get(alarms) ?? on(alarms));
    return runShift(await made.get(alarms)!, running, variables, started);
  };

  test('moves the traffic in steps while no alarm rings', async () => {
    const { code, out, calls } = await shift({ VARIANT: 'green', WAIT_SECONDS: '90' });
    expect(running.moves).toEqual([split(50), split(100)]);
    expect(code).toBe(0);
    expect(out).toContain('done: blue:0 green:100');
    // At once after the step, then every 30 seconds.
    expect(running.looks).toBe(4);
    expect(calls.filter(([name]) => name === 'sleep').map(([, seconds]) => seconds)).toEqual([
      ...['30', '30', '30'],
      ...['30', '30', '30'],
    ]);
  });

  test('goes as far as it is told, by what steps it is told', async () => {
    running.weights = split(0);
    expect((await shift({ VARIANT: 'green', STEPS: '5 20', WAIT_SECONDS: '0' })).code).toBe(0);
    expect(running.moves).toEqual([split(5), split(20)]);
  });

  test('moves the traffic back as it was when an alarm rings after the second step, and fails', async () => {
    running.weights = split(3);
    running.ringing = (moves) => (moves === 2 ? ['error-percent'] : []);
    const { code, err } = await shift({ VARIANT: 'green' });
    expect(running.moves).toEqual([split(10), split(50), split(3)]);
    expect(code).toBe(1);
    expect(err).toMatch(/alarms ring: .*: the traffic goes back to/);
    expect(err).toContain('the traffic is as it was: blue:97');
  });

  test('moves the traffic back when the alarms cannot be read', async () => {
    running.ringing = (moves) => {
      if (moves === 1) {
        throw new Error('ExpiredToken');
      }
      return [];
    };
    const { code, err } = await shift({ VARIANT: 'green' });
    expect(running.moves).toEqual([split(50), split(10)]);
    expect([code, err]).toEqual([1, expect.stringContaining('ExpiredToken')]);
  });

  test('moves the traffic back when a step fails', async () => {
    running.refuses = ({ green }) => green === 100;
    const { code } = await shift({ VARIANT: 'green', WAIT_SECONDS: '0' });
    expect(running.moves).toEqual([split(50), split(10)]);
    expect(code).toBe(1);
  });

  test('says so when the traffic can be moved neither on nor back', async () => {
    running.refuses = () => running.moves.length > 0;
    const { code, err } = await shift({ VARIANT: 'green', WAIT_SECONDS: '0' });
    expect(running.moves).toEqual([split(50)]);
    expect([code, err]).toEqual([1, expect.stringContaining('could NOT be moved back')]);
  });

  test('moves the traffic back when it is interrupted', async () => {
    let interrupt: (signal: NodeJS.Signals) => void;
    running.ringing = (moves) => {
      if (moves === 1 && running.looks === 2) {
        interrupt('SIGINT');
      }
      return [];
    };
    const { code } = await shift({ VARIANT: 'green' }, { started: (kill) => (interrupt = kill) });
    expect(running.moves).toEqual([split(50), split(10)]);
    expect(code).toBe(1);
  });

  test('does not begin while alarms ring', async () => {
    running.ringing = () => ['p99-latency'];
    const { code, err } = await shift({ VARIANT: 'green' });
    expect(running.moves).toEqual([]);
    expect([code, err]).toEqual([1, expect.stringContaining('ring already, nothing was moved')]);
  });

  test('is taken back by hand: the declared weights at once, whatever rings', async () => {
    running.weights = split(100);
    running.ringing = () => ['error-percent'];
    const { code, out } = await shift({ VARIANT: '' });
    expect(running.moves).toEqual([split(10)]);
    expect([code, out]).toEqual([0, expect.stringContaining('as declared: blue:90 green:10')]);
    expect(running.looks).toBe(0);
  });

  test('moves nothing where the variant has that much', async () => {
    running.weights = split(60);
    const { code, out } = await shift({ VARIANT: 'green', STEPS: '10 50' });
    expect([running.moves, code]).toEqual([[], 0]);
    expect(out).toMatch(/done: blue:40(\.0)? green:60/);
  });

  test('says that nothing is watched where there are no alarms', async () => {
    const { code, err } = await shift({ VARIANT: 'green', WAIT_SECONDS: '0' }, { alarms: {} });
    expect([running.moves, running.looks, code]).toEqual([[split(50), split(100)], 0, 0]);
    expect(err).toContain('nothing is watched');
  });

  test.each([
    [{ VARIANT: 'gren' }, 'VARIANT must be empty (the declared weights) or one of blue, green'],
    [{ VARIANT: 'green', STEPS: '10 x' }, 'must be whole numbers'],
    [{ VARIANT: 'green', STEPS: '0 50' }, 'STEPS must be percents from 1 to 100'],
    [{ VARIANT: 'green', STEPS: '101' }, 'STEPS must be percents from 1 to 100'],
    [{ VARIANT: 'green', WAIT_SECONDS: '-5' }, 'must be whole numbers'],
  ])('refuses %j and calls nothing', async (variables, message) => {
    const { calls, code, err } = await shift(variables);
    expect([calls, code, err]).toEqual([[], 1, expect.stringContaining(message)]);
  });
});
