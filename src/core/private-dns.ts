import { mark } from './private/brand';

/**
 * Where the private names of a network come from, by which its workloads find services at private addresses. Each cloud's
 * own class of this name also takes what was made elsewhere.
 */
export class PrivateDns {
  /** Made in the network when a construct asks for one. The default everywhere. */
  public static create(): PrivateDns {
    return new PrivateDns(true);
  }

  /** Entered by someone else: the platform team of a landing zone, or a policy. What is needed stands in the report. */
  public static none(): PrivateDns {
    return new PrivateDns(false);
  }

  protected constructor(
    /** Whether missing names are made in the network. */
    public readonly creates: boolean,
  ) {
    mark(this, 'PrivateDns');
  }
}
