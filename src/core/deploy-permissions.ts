/**
 * What an identity needs that creates, reads, updates and deletes the native resources below a scope, and no more. It is
 * of the program as it stands when it is asked: what a deployment takes away, it may still delete only by what it was
 * allowed before.
 */
export interface IDeployPermissions {
  /** What the identity must be allowed, as the cloud names it: sorted, each once, none with a wildcard. */
  readonly actions: string[];

  /** The types of native resources below the scope of which nobody told what they need: to be allowed beside. */
  readonly unknownTypes: string[];

  /** The shell command that makes a policy or a role of them. */
  readonly command: string;
}
