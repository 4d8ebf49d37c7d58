import { IConstruct } from 'constructs';
import { mark } from './private/brand';

const PROFILE = Symbol.for('cloud-ml-constructs.SecurityProfile');

/**
 * What constructs do where security costs money or freedom. Encryption, private access and least privilege are not a
 * matter of profile: they are always on.
 */
export class SecurityProfile {
  /** Good for most platforms, with nothing left behind by a first trial. The default. */
  public static readonly STANDARD = new SecurityProfile('standard');

  /**
   * For data that laws or contracts have rules for: customer-managed keys everywhere, which turn every 90 days; what has
   * an address is reached in a private network only, and a construct without one is refused; logs and records of access
   * are kept for seven years; deleted and overwritten files can be restored for a year. Keeping them costs.
   *
   * What the constructs of a stack share, its key and its records of access, goes by the profile of the stack.
   */
  public static readonly REGULATED = new SecurityProfile('regulated');

  /**
   * The profile in force for a construct: the nearest one above it.
   *
   * @param construct any construct
   */
  public static of(construct: IConstruct): SecurityProfile {
    const scopes = [...construct.node.scopes].reverse() as { [PROFILE]?: SecurityProfile }[];
    return scopes.find((scope) => scope[PROFILE])?.[PROFILE] ?? SecurityProfile.STANDARD;
  }

  private constructor(
    /** `standard` or `regulated`. */
    public readonly name: string,
  ) {
    mark(this, 'SecurityProfile');
  }

  /**
   * Puts the profile in force for everything that is made below a scope from now on: an app, a stage, a stack.
   *
   * @param scope where it holds
   */
  public applyTo(scope: IConstruct): void {
    Object.defineProperty(scope, PROFILE, { value: this, configurable: true });
  }
}
