import type { ISecret } from '../common';

/** Secrets by the names of the variables that they were asked as. */
export type Secrets = { readonly [name: string]: ISecret };

/** The variable that a container or job finds the identifier of a secret in, where the service injects no values. */
export const secretVariable = (name: string): string => `${name}_SECRET_ID`;

/** The variables that name secrets. */
export const secretVariables = (secrets: Secrets = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, { secretId }]) => [secretVariable(name), secretId]));
