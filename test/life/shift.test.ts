import { onAws, onAzure, OnCloud, onGoogle, RunningEndpoint, Shiftable } from './endpoints';
import * as core from '../../src/core';
import { Finished, inShell, Shell } from '../support/stand-ins';

const CLOUDS: [string, OnCloud][] = [
  ['AWS', onAws],
  ['Google Cloud', onGoogle],
  ['Azure', onAzure],
];

const split = (green: number) => ({ blue: 100 - green, green });

// The command is really run by bash; only the cloud's own command line, and time, are stood in for.
describe.each(CLOUDS)('shiftCommand on %s', (_, on) => {
  let running: RunningEndpoint;
  let calls: string[][];
  const made = new Map<core.AlarmProps | undefined, Promise<Shiftable>>();
  beforeEach(() => (running = new RunningEndpoint()));

  const shift = async (
    variables: { readonly [variable: string]: string },
    {
      alarms,
      started,
    }: { alarms?: core.AlarmProps; started?: (kill: (signal: NodeJS.Signals) => void) => void } = {},
  ): Promise<Finished> => {
    made.set(alarms, made.get(alarms) ?? on(alarms));
    const { command, standIns } = await made.get(alarms)!;
    return inShell({ ...standIns(running), sleep: () => '' }, (shell: Shell) => {
      calls = shell.calls;
      return shell.run(command, { WAIT_SECONDS: '30', ...variables }, started);
    });
  };

  test('moves the traffic in steps while no alarm rings', async () => {
    const { code, out } = await shift({ VARIANT: 'green', WAIT_SECONDS: '90' });
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
    const { code, err } = await shift(variables);
    expect([calls, code, err]).toEqual([[], 1, expect.stringContaining(message)]);
  });
});
