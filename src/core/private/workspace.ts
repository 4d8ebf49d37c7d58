import type { WorkspaceProps } from '../workspace';
import { secretVariables } from './secrets';

/** The variable that a notebook finds the command of its training cluster in. */
export const SUBMIT_VARIABLE = 'SUBMIT_COMMAND';

/** What a workspace refers to, by the props that name it. */
export const usedByWorkspace = ({
  network,
  encryptionKey,
  datasets,
  cluster,
  secrets = {},
}: WorkspaceProps): Record<string, unknown> => ({
  network,
  encryptionKey,
  datasets,
  cluster,
  ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [`secrets.${name}`, secret])),
});

/** The variables of a notebook. */
export const workspaceVariables = (
  { environment, secrets, cluster }: WorkspaceProps,
  datasets: Record<string, string>,
): Record<string, string> => ({
  ...environment,
  ...secretVariables(secrets),
  ...datasets,
  ...(cluster && { [SUBMIT_VARIABLE]: cluster.submitCommand }),
});

const FILE = '.workspace-environment.json';

const KERNELS = `import json, os
with open(os.path.expanduser('~/${FILE}')) as file:
    os.environ.update(json.load(file))`;

const TERMINALS = `import json, os, shlex
with open(os.path.expanduser('~/${FILE}')) as file:
    print('\\n'.join(f'export {k}={shlex.quote(v)}' for k, v in json.load(file).items()))`;

/**
 * The lines of a POSIX shell script that gives variables to the kernels and terminals of the user whose home is `$HOME`,
 * instead of those of an earlier run. In JSON on one line no text ends the here-document.
 *
 * @param json the variables, as JSON on one line
 */
export const environmentScript = (json: string): string[] => [
  `cat >"$HOME/${FILE}" <<'END'`,
  json,
  'END',
  'kernels="$HOME/.ipython/profile_default/startup"',
  'mkdir -p "$kernels"',
  `cat >"$kernels/00-workspace-environment.py" <<'END'`,
  KERNELS,
  'END',
  `cat >"$HOME/.workspace-environment.py" <<'END'`,
  TERMINALS,
  'END',
  `grep -qs workspace-environment "$HOME/.bashrc" || echo 'eval "$(python3 ~/.workspace-environment.py)"' >>"$HOME/.bashrc"`,
];
