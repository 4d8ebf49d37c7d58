import { execFileSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { environmentScript } from '../../src/core/private/workspace';

describe('the script that gives variables to notebooks', () => {
  const homes: string[] = [];
  afterEach(() => homes.splice(0).forEach((home) => rmSync(home, { recursive: true, force: true })));

  const newHome = () => {
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    homes.push(home);
    return home;
  };
  const run = (home: string, command: string[], input?: string) =>
    execFileSync(command[0], command.slice(1), {
      input,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home },
    });
  const start = (home: string, variables: object) =>
    run(home, ['sh', '-eu'], environmentScript(JSON.stringify(variables)).join('\n'));

  /** What a terminal and what a kernel find. */
  const found = (home: string, name: string) => {
    const print = `import json, os; print(json.dumps(os.environ.get('${name}')))`;
    writeFileSync(join(home, 'print.py'), print);
    const kernel = [
      'import os, sys',
      "exec(open(os.path.expanduser('~/.ipython/profile_default/startup/00-workspace-environment.py')).read())",
      print,
    ].join('\n');
    return [
      run(home, ['bash', '-c', `. "$HOME/.bashrc"; python3 "$HOME/print.py"`]),
      run(home, ['python3', '-c', kernel]),
    ].map((text) => JSON.parse(text));
  };

  test('terminals and kernels find them, whatever is in their values', () => {
    const home = newHome();
    const value = `it's "$HOME" \`date\` \\ END\nEND\n\${X} ü`;
    start(home, { HARD: value, DATASET_RAW_URI: 's3://lake/raw/' });
    expect(found(home, 'HARD')).toEqual([value, value]);
    expect(found(home, 'DATASET_RAW_URI')).toEqual(['s3://lake/raw/', 's3://lake/raw/']);
  });

  test('those of an earlier run are gone', () => {
    const home = newHome();
    start(home, { OLD: '1' });
    start(home, { NEW: '2' });
    expect([found(home, 'OLD'), found(home, 'NEW')]).toEqual([
      [null, null],
      ['2', '2'],
    ]);
    expect(run(home, ['grep', '-c', 'workspace-environment', `${home}/.bashrc`]).trim()).toBe('1');
  });
});
