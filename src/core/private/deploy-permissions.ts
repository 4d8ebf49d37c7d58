import { Construct, IConstruct } from 'constructs';
import { brandOf } from './brand';
import { judgeValue, show } from './faults';
import { report } from './report';

/** What a cloud's `DeployPermissions.of` must know of its engine. */
export interface ScopeForm {
  readonly cloud: string;
  readonly sdk: string;
  readonly isRoot: (root: IConstruct) => boolean;
}

/** Refuses what has no resources of a cloud's engine. */
export function judgeScope(scope: IConstruct, { cloud, sdk, isRoot }: ScopeForm): void {
  judgeValue(`${cloud}.DeployPermissions`, (faults) => {
    if (!Construct.isConstruct(scope)) {
      faults.add('CMC-003', 'scope', `is ${show(scope)}; it must be a construct, a stack or an app`);
    } else if (!isRoot(scope.node.root)) {
      faults.add(
        'CMC-011',
        'scope',
        `is ${show(scope)} of an app that is not one of ${sdk}: ask the cloud that it is of`,
      );
    } else if ((brandOf(scope)?.cloud ?? cloud) !== cloud) {
      const { cloud: other, kind } = brandOf(scope)!;
      faults.add('CMC-010', 'scope', `is ${other}.${kind} (${show(scope)}): ask ${other}.DeployPermissions`);
    }
  });
}

/** By which the entry of the report is found. */
export const DEPLOY_IDENTITY = 'Deploy identity';

/** The command that makes the identity's policy, with the types that it says nothing of. May be a token. */
export const reportDeployIdentity = (stack: IConstruct, command: string): void =>
  report(stack, 'command', DEPLOY_IDENTITY, command);

/** A command, and what to allow beside it, which a shell takes for a comment. */
export const told = (command: string, unknownTypes: string[]): string =>
  unknownTypes.length ? `${command} # and what these need: ${unknownTypes.join(', ')}` : command;

/** A word as a shell reads it back. */
export const quoted = (word: string) => `'${word.replace(/'/g, `'\\''`)}'`;

/** A command that uses a file, which is written first; `variable` is filled in by the shell. */
export const withFile = (file: string, content: string, command: string, variable?: string): string => {
  const written = variable ? quoted(content).replaceAll(variable, `'"${variable}"'`) : quoted(content);
  return `printf %s ${written} > ${file} && ${command}`;
};

/** The place of a scope in the tree, as a name: letters, digits and a separator, first a letter, at most 100 characters. */
export const nameOfScope = (scope: IConstruct, separator = '-'): string =>
  scope.node.path
    .replace(/[^A-Za-z0-9]+/g, separator)
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 100)
    .replace(/[^A-Za-z0-9]$/, '') || 'platform';
