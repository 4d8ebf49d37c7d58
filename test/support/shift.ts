import { Finished, inShell, Shell, StandIn } from './stand-ins';
import * as core from '../../src/core';

/** Percents by variant. */
export type Shares = { [variant: string]: number };

/** A running endpoint of a cloud, as far as its command line shows it. */
export class RunningEndpoint {
  /** What each variant has. */
  public weights: Shares = { blue: 90, green: 10 };
  /** Every move, in order. */
  public readonly moves: Shares[] = [];
  /** Looks at the alarms since the last move. */
  public looks = 0;
  /** The alarms that ring, by how often the traffic was moved; an error where they cannot be read. */
  public ringing: (moves: number) => string[] = () => [];
  /** Fails moves. */
  public refuses: (weights: Shares) => boolean = () => false;

  public move(weights: Shares): void {
    if (this.refuses(weights)) {
      throw new Error('ServiceUnavailable');
    }
    this.weights = { ...Object.fromEntries(Object.keys(this.weights).map((name) => [name, 0])), ...weights };
    this.moves.push(this.weights);
    this.looks = 0;
  }

  public look(): string[] {
    this.looks += 1;
    return this.ringing(this.moves.length);
  }
}

/** A deployed endpoint with the variants blue and green, and the stand-ins of its cloud's command line around it. */
export interface Shiftable {
  readonly command: string;
  standIns(running: RunningEndpoint): { readonly [name: string]: StandIn };
  /** Deploys the program once more, with the value of a parameter, and says what the variants have then. */
  deployAgain(running: RunningEndpoint, parameters?: { readonly [name: string]: string }): Promise<Shares>;
}

/** What a `Shiftable` is made of. */
export const BLUE_AND_GREEN = (image: core.ServingContainer['image']): core.EndpointVariant[] => [
  { name: 'blue', container: { image }, weight: 90 },
  { name: 'green', container: { image }, weight: 10 },
];
export const WATCHED: core.AlarmProps = { p99LatencyMs: 300, errorPercent: 1 };

/** Runs the command with bash; only the cloud's own command line, and time, are stood in for. */
export const runShift = (
  { command, standIns }: Shiftable,
  running: RunningEndpoint,
  variables: { readonly [variable: string]: string },
  started?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Finished & { readonly calls: string[][] }> =>
  inShell({ ...standIns(running), sleep: () => '' }, async (shell: Shell) => ({
    ...(await shell.run(command, { WAIT_SECONDS: '30', ...variables }, started)),
    calls: shell.calls,
  }));

/** The arguments are these; gives what the patterns among them found. */
export function only(args: string[], expected: (string | RegExp)[]): RegExpExecArray[] {
  expect(args).toHaveLength(expected.length);
  return expected.flatMap((one, i) => {
    if (typeof one === 'string') {
      expect(args[i]).toBe(one);
      return [];
    }
    expect(args[i]).toMatch(one);
    return [one.exec(args[i])!];
  });
}

/** `NAME=PERCENT` by variant, where variants are known by the names of their deployments. */
export const sharesOf = (all: string[], variants: { readonly [deployment: string]: string }): Shares =>
  Object.fromEntries(
    all.map((one) => {
      const [deployment, percent] = one.split('=');
      return [variants[deployment], Number(percent)];
    }),
  );
