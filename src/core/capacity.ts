import { mark } from './private/brand';
import { judgeValue } from './private/faults';
import { integer, judgeProps, flag, struct, text } from './private/schema';

/** How machines are bought. Which of them a service does stands in the support matrix. */
export enum CapacityKind {
  /** At the list price, while there are any. */
  ON_DEMAND = 'on-demand',
  /** Spare machines at a discount, taken back at any time. */
  SPOT = 'spot',
  /** Machines reserved beforehand. */
  RESERVED = 'reserved',
  /** Wait in line until there are machines. */
  QUEUED = 'queued',
}

/** Options of spot capacity. */
export interface SpotOptions {
  /**
   * Run on demand when no spot machine was found within `maxWaitHours`, from the last checkpoint.
   *
   * @default false
   */
  readonly fallback?: boolean;

  /**
   * Hours to wait for spot machines, on top of the time that the job may run.
   *
   * @default 24
   */
  readonly maxWaitHours?: number;
}

/** Options of queued capacity. */
export interface QueuedOptions {
  /**
   * Hours that a job may wait at the head of the line before it is ended.
   *
   * @default 24
   */
  readonly maxWaitHours?: number;
}

/**
 * How the machines of a construct are bought. Each construct says which kinds it takes; others are a ValidationError.
 */
export class Capacity {
  /** At the list price, while there are any. The default everywhere. */
  public static onDemand(): Capacity {
    return new Capacity(CapacityKind.ON_DEMAND);
  }

  /**
   * Spare machines at a discount; jobs that lose theirs are started again and resume from `CHECKPOINT_URI`.
   *
   * @param options what happens when there are none
   */
  public static spot(options: SpotOptions = {}): Capacity {
    judgeValue('Capacity.spot', (faults) =>
      judgeProps(
        faults,
        struct<SpotOptions>({ fallback: flag, maxWaitHours: integer({ min: 1, max: 648 }) }),
        options,
      ),
    );
    return new Capacity(CapacityKind.SPOT, options.maxWaitHours ?? 24, options.fallback ?? false);
  }

  /**
   * Machines reserved beforehand.
   *
   * @param reservationId the cloud's identifier of the reservation: on AWS the ARN of a SageMaker training plan, or the
   * id of an EC2 capacity reservation or capacity block; on Google Cloud the name of a reservation
   */
  public static reserved(reservationId: string): Capacity {
    judgeValue('Capacity.reserved', (faults) => text()(reservationId, 'reservationId', faults));
    return new Capacity(CapacityKind.RESERVED, undefined, undefined, reservationId);
  }

  /**
   * Jobs wait in line until there are machines, in the order of their submission.
   *
   * @param options how long they wait
   */
  public static queued(options: QueuedOptions = {}): Capacity {
    judgeValue('Capacity.queued', (faults) =>
      judgeProps(faults, struct<QueuedOptions>({ maxWaitHours: integer({ min: 1 }) }), options),
    );
    return new Capacity(CapacityKind.QUEUED, options.maxWaitHours ?? 24);
  }

  private constructor(
    /** Which of the four. */
    public readonly kind: CapacityKind,
    /** Hours to wait for machines; for spot and queued. */
    public readonly maxWaitHours?: number,
    /** Whether to run on demand when there is no spot machine. */
    public readonly fallback?: boolean,
    /** The cloud's identifier of the reservation. */
    public readonly reservationId?: string,
  ) {
    mark(this, 'Capacity');
  }
}
