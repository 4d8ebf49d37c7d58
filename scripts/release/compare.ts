/**
 * Compares the compiled package with its last release: prints what breaks, fails where the change log does not tell it, or
 * names a version that is too low. With --next: prints the version to release.
 */
import { spawnSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';
import { Change, fault, grew, nextVersion, topSection } from './versions';

const root = join(__dirname, '..', '..');
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const section = topSection(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));

function npm(...args: string[]) {
  return spawnSync('npm', [...args, '--json', '--loglevel=silent'], { encoding: 'utf8', cwd: root });
}

function lastRelease(): string | undefined {
  const { stdout } = npm('view', name, 'version');
  const answer = JSON.parse(stdout || '{}');
  if (typeof answer === 'string') {
    return answer;
  }
  if (answer.error?.code !== 'E404') {
    throw new Error(`npm does not tell the last release: ${stdout}`);
  }
  return undefined;
}

/** Unpacked among the dependencies of this repository, whose assemblies both need. */
function changeSince(release: string): Change {
  const scratch = mkdtempSync(join(root, 'node_modules', '.last-release-'));
  try {
    const [{ filename }] = JSON.parse(
      npm('pack', `${name}@${release}`, '--pack-destination', scratch).stdout,
    );
    spawnSync('tar', ['-xzf', join(scratch, filename), '-C', scratch]);
    const last = join(scratch, 'package');
    const diff = spawnSync(
      'jsii-diff',
      [last, root, '--keys', '--error-on=all', '--ignore-file=.compatignore'],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    if (diff.status !== 0) {
      return 'breaking';
    }
    const assembly = (folder: string) => JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
    return grew(assembly(last), assembly(root)) ? 'addition' : 'none';
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv.includes('--next')) {
  console.log(nextVersion(section, lastRelease()));
} else {
  const last = lastRelease();
  const change = last === undefined ? 'none' : changeSince(last);
  console.log(last === undefined ? 'nothing is released yet' : `since ${last}: ${change}`);
  const found = fault(section, last, change);
  if (found) {
    console.error(found);
    process.exitCode = 1;
  }
}
