import { mark } from './private/brand';
import { judgeValue } from './private/faults';
import { judgeProps, number, required, struct } from './private/schema';

/** How traffic moves to the new version of an endpoint. */
export enum RolloutKind {
  /** All at once, when the new version is healthy. */
  ALL_AT_ONCE = 'all-at-once',
  /** A first share, then the rest. */
  CANARY = 'canary',
  /** In equal steps. */
  LINEAR = 'linear',
}

/** Options of a rollout in steps. */
export interface RolloutOptions {
  /** Percent of the capacity that a step moves, from 1 to 99. Services narrow this further. */
  readonly percent: number;

  /** Minutes to watch the alarms after each step before the next one. */
  readonly bakeMinutes: number;
}

const OPTIONS = struct<RolloutOptions>({
  percent: required(number({ min: 1, max: 99 })),
  bakeMinutes: required(number({ min: 1 })),
});

/**
 * How a new version of an endpoint replaces the one that runs. With alarms, a version that trips one is taken back
 * automatically where the service can do that (AWS); elsewhere `endpoint.shiftCommand` moves the traffic.
 */
export class Rollout {
  /** The new version takes over when it is healthy; the old one is kept until then. The default. */
  public static allAtOnce(): Rollout {
    return new Rollout(RolloutKind.ALL_AT_ONCE);
  }

  /**
   * A first share of the capacity moves and is watched, then the rest.
   *
   * @param options the share and how long it is watched
   */
  public static canary(options: RolloutOptions): Rollout {
    return Rollout.inSteps(RolloutKind.CANARY, options);
  }

  /**
   * The capacity moves in equal steps, each one watched.
   *
   * @param options the step and how long it is watched
   */
  public static linear(options: RolloutOptions): Rollout {
    return Rollout.inSteps(RolloutKind.LINEAR, options);
  }

  private static inSteps(kind: RolloutKind, options: RolloutOptions): Rollout {
    judgeValue(`Rollout.${kind}`, (faults) => judgeProps(faults, OPTIONS, options));
    return new Rollout(kind, options.percent, options.bakeMinutes);
  }

  private constructor(
    /** Which of the three. */
    public readonly kind: RolloutKind,
    /** Percent of the capacity that a step moves. */
    public readonly percent?: number,
    /** Minutes between steps. */
    public readonly bakeMinutes?: number,
  ) {
    mark(this, 'Rollout');
  }
}
