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

  /** Customer-managed keys everywhere, private endpoints, long audit retention. */
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
