import { spawn } from 'child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { createServer } from 'http';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { delimiter, dirname, join } from 'path';

/** A call of an executable that a test stands in for. */
export interface Call {
  readonly name: string;
  readonly args: string[];
  readonly cwd: string;
  readonly env: { readonly [variable: string]: string | undefined };
  /** What it is given to read. */
  readonly input: string;
}

/** What the executable does: what it prints; an error thrown goes to the standard error and fails it. */
export type StandIn = (call: Call) => string | void | Promise<string | void>;

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Shell {
  /** Every call so far, in order: the name and its arguments. */
  readonly calls: string[][];
  /** Runs a command with bash, as who copies it from the terminal; `started` gets the process. */
  run(
    command: string,
    variables?: { readonly [variable: string]: string },
    started?: (kill: (signal: NodeJS.Signals) => void) => void,
  ): Promise<Finished>;
}

/** Asks the test what to do, and does it. */
const EXECUTABLE = (name: string, port: number) => `#!${process.execPath}
const { request } = require('http');
const input = require('fs').readFileSync(0, 'utf8');
const body = JSON.stringify({ name: ${JSON.stringify(name)}, args: process.argv.slice(2), cwd: process.cwd(), env: process.env, input });
request({ host: '127.0.0.1', port: ${port}, method: 'POST' }, (answer) => {
  let text = '';
  answer.on('data', (data) => (text += data)).on('end', () => {
    const { out, err } = JSON.parse(text);
    process.stdout.write(out ?? '');
    process.stderr.write(err ?? '');
    process.exitCode = err === undefined ? 0 : 1;
  });
}).end(body);
`;

/**
 * A shell in which executables are stood in for: they come first in PATH, ask this process by HTTP on 127.0.0.1, and print
 * what it answers. Whatever else a command calls is the real one of this machine.
 */
export async function inShell<T>(
  standIns: { readonly [name: string]: StandIn },
  use: (shell: Shell) => Promise<T>,
): Promise<T> {
  const calls: string[][] = [];
  const answerTo = async (call: Call): Promise<{ out?: string; err?: string }> => {
    calls.push([call.name, ...call.args]);
    try {
      return { out: (await standIns[call.name](call)) || '' };
    } catch (error) {
      return { err: `${(error as Error).message}\n` };
    }
  };
  const server = createServer((request, response) => {
    let body = '';
    request
      .on('data', (data) => (body += data))
      .on('end', async () => response.end(JSON.stringify(await answerTo(JSON.parse(body)))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  for (const name of Object.keys(standIns)) {
    writeFileSync(join(folder, name), EXECUTABLE(name, (server.address() as AddressInfo).port));
    chmodSync(join(folder, name), 0o755);
  }
  const PATH = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
  try {
    return await use({
      calls,
      run: (command, variables = {}, started) =>
        new Promise((done, fail) => {
          const child = spawn('bash', ['-c', command], {
            env: { ...process.env, ...variables, PATH },
            stdio: ['ignore', 'pipe', 'pipe'],
            detached: true,
          });
          let [out, err] = ['', ''];
          child.stdout.on('data', (data) => (out += data));
          child.stderr.on('data', (data) => (err += data));
          child.on('error', fail);
          child.on('close', (code) => done({ code, out, err }));
          // As a terminal does it: to the command and all that it has started.
          started?.((signal) => void process.kill(-child.pid!, signal));
        }),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}
