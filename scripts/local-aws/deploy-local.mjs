/**
 * Deploys CDK stacks to a local AWS emulator with the unmodified `cdk` command line, reads them back, and destroys them.
 *
 *   node scripts/local-aws/deploy-local.mjs --app cdk.out [--verify module.mjs] [--scenario module.mjs] [--keep] [--verbose] [--region R]
 *
 * --app      an assembly folder (cdk.out) or the command of an app; given again, it is deployed over the first, as an update
 * --verify   a module that exports `async verify(aws, { resources, region, account })`; `aws(service, operation, params)` calls
 *            the emulator. It throws an Error listing what it missed and returns what it found, one line each. One per --app
 * --scenario  a module that exports `async scenario(session)`, which deploys and destroys by itself, in the same emulator, once the
 *            apps are destroyed; like verify it throws an Error or returns what it found
 * --parameters  STACK:NAME=VALUE, as of `cdk deploy`; given to the last deployment only
 * --keep     leaves everything deployed until Ctrl-C, and prints the environment to use it with
 * --region   of stacks that name none; us-east-1 by default
 * --verbose  shows the output of every command (else only of failing ones)
 *
 * Needs python3 with venv and pip; the packages go to `.venv-local-aws` in the root (LOCAL_AWS_VENV overrides that).
 * Nothing reaches AWS: credentials, profiles and endpoints of the caller are replaced. What a green run proves stands in emulator.py.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '..', '..');
const TOOLKIT = 'CDKToolkit';
const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1'].filter(Boolean).join(',');
const UNPROXIED = { NO_PROXY: noProxy, no_proxy: noProxy };
const PATIENCE = 20_000; // how long a command may go on after the emulator has failed: the SDK retries for minutes

const { values: options } = parseArgs({
  options: {
    app: { type: 'string', multiple: true, default: ['cdk.out'] },
    verify: { type: 'string', multiple: true, default: [] },
    scenario: { type: 'string', multiple: true, default: [] },
    parameters: { type: 'string', multiple: true, default: [] },
    region: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const work = mkdtempSync(join(tmpdir(), 'local-aws-'));
const log = join(work, 'emulator.log');
const running = new Set();

/** Ends a process and its children. */
function kill(child, signal = 'SIGTERM') {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

/** Starts a command in a process group of its own, so that it can be ended with its children. */
function start(command, args, settings) {
  const child = spawn(command, args, { detached: true, ...settings });
  running.add(child);
  for (const event of ['close', 'error']) child.on(event, () => running.delete(child));
  return child;
}

/** Runs a command to its end; returns its output, or throws an Error with it. */
function run(title, command, args, environment = process.env) {
  return new Promise((done, fail) => {
    const began = Date.now();
    const child = start(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const watch = setInterval(() => {
      if (!faultsInLog().length) return;
      clearInterval(watch);
      setTimeout(() => kill(child), PATIENCE).unref();
    }, 1000).unref();
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
        if (options.verbose) process.stdout.write(data);
      });
    }
    child.on('error', (error) => fail(new Error(`${title}: ${error.message}`)));
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (code !== 0) return fail(new Error(`${title} failed (${signal ?? `exit code ${code}`})\n${output}`));
      console.log(`${title}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
      return done(output);
    });
  });
}

/** The python of the virtual environment, made anew when requirements.txt has changed. */
async function python() {
  const venv = resolve(process.env.LOCAL_AWS_VENV ?? join(root, '.venv-local-aws'));
  const executable = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const requirements = join(here, 'requirements.txt');
  const stamp = join(venv, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    await run('create virtual environment', process.env.PYTHON ?? 'python3', ['-m', 'venv', '--clear', venv]);
    await run('install emulator', executable, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ]);
    writeFileSync(stamp, wanted);
  }
  return executable;
}

/** Starts an emulator for an account; it ends when this process does, whatever the reason. */
async function emulator(executable, account) {
  const output = openSync(log, 'a');
  const child = start(executable, [join(here, 'emulator.py'), '--exit-with-stdin'], {
    env: { ...process.env, ...UNPROXIED, MOTO_ACCOUNT_ID: account, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', output],
  });
  closeSync(output);
  const url = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) =>
      fail(new Error(`the emulator ended (exit code ${code})\n${readFileSync(log, 'utf8')}`)),
    );
    child.stdout.on('data', (data) => done(String(data).trim()));
  });
  return { url, child };
}

/** The environment for the cdk command line: only the emulator can be reached, with no identity of the caller's. */
function environmentFor(url, account, region) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  return {
    ...Object.fromEntries(kept),
    ...UNPROXIED,
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: url,
    // the emulator takes the bucket of a template from this form of address only; nothing contacts that host
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `https://s3.${region}.amazonaws.com`,
    AWS_ACCESS_KEY_ID: `local${account}`, // the CLI remembers which account a key belongs to
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: join(work, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(work, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_HOME: work,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    NO_COLOR: '1',
    CI: 'true',
  };
}

/** The cdk command line of the nearest node_modules, upwards from the working directory, then from the root. */
function cdkCommand() {
  for (const begin of [process.cwd(), root]) {
    for (let folder = begin; ; folder = dirname(folder)) {
      const command = join(folder, 'node_modules', '.bin', 'cdk');
      if (existsSync(command)) return command;
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error('no node_modules/.bin/cdk found; run npm install first');
}

function isAssembly(app) {
  const found = existsSync(join(app, 'manifest.json'));
  if (!found && (existsSync(app) || /(^|[\\/])cdk\.out$/.test(app)))
    throw new Error(`${app} is no assembly; synthesize first`);
  return found;
}

/** Names and environments of the stacks of an assembly. */
function stacksOf(assembly, defaultRegion) {
  const { artifacts } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8'));
  return Object.entries(artifacts)
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => {
      const [account, region] = artifact.environment.slice('aws://'.length).split('/');
      return {
        name: artifact.properties.stackName ?? id,
        account: account === 'unknown-account' ? undefined : account,
        region: region === 'unknown-region' ? defaultRegion : region,
      };
    });
}

async function extra(url, path, body) {
  const response = await fetch(
    `${url}/_extra/${path}`,
    body && { method: 'POST', body: JSON.stringify(body) },
  );
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.code });
  return answer;
}

/** What the emulator's own log says went wrong. */
function faultsInLog() {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) =>
    /^\w*(Error|Exception)\b|Traceback|Tried to parse|No Moto CloudFormation support|" 5\d\d /.test(line),
  );
}

function refuseFaults() {
  const faults = faultsInLog();
  if (faults.length) throw new Error(`the emulator's log shows faults:\n${faults.join('\n')}`);
}

/** The readable end of a run: how everything was made, and what the emulator did not take over. */
function report(resources, checks) {
  const counted = (mode) => resources.filter((resource) => resource.mode === mode);
  const listed = (items) =>
    [...new Map(items.map((item) => [item, items.filter((other) => other === item).length]))]
      .map(([item, count]) => (count > 1 ? `${item} x${count}` : item))
      .sort()
      .join(', ');
  const lost = (field) =>
    listed(resources.flatMap((resource) => resource[field].map((path) => `${resource.type} ${path}`))) ||
    'none';
  const stubs = listed(counted('stub').map((resource) => resource.type));
  const natives = listed(counted('native').map((resource) => resource.type));
  return [
    `deployed ${resources.length} resources: ${counted('native').length} native${natives && ` [${natives}]`}, ` +
      `${counted('api').length} by API, ${counted('stub').length} stubs${stubs && ` [${stubs}]`}`,
    `properties not sent to the emulator's API: ${lost('notSentToApi')}`,
    `sent, but not shown again by the emulator: ${lost('notReadBack')}`,
    `read-back checks passed: ${checks.length}`,
  ].join('\n');
}

/** Starts the emulator for the account that the apps name; their assemblies, synthesized against it where necessary. */
async function prepare() {
  const cdk = cdkCommand();
  const executable = await python();
  const region = options.region ?? 'us-east-1';
  const session = { account: '123456789012', work };
  session.environment = () => environmentFor(session.url, session.account, region);
  session.cdk = (title, ...args) =>
    run(title, process.execPath, [cdk, ...args, '--no-notices'], session.environment());
  session.node = (title, ...args) => run(title, process.execPath, args);
  // As who copies it from the terminal; `aws` is the one of the virtual environment.
  session.shell = (title, command) => {
    const environment = session.environment();
    const PATH = [dirname(executable), environment.PATH].join(delimiter);
    return run(title, 'bash', ['-c', command], { ...environment, PATH });
  };
  Object.assign(session, await emulator(executable, session.account));

  session.assemblies = [];
  for (const [index, app] of options.app.entries()) {
    const folder = isAssembly(app) ? resolve(app) : join(work, `cdk.out.${index}`);
    if (!isAssembly(app))
      await session.cdk('cdk synth', 'synth', '--quiet', '--app', app, '--output', folder);
    session.assemblies.push({ folder, stacks: stacksOf(folder, region) });
  }
  const named = session.assemblies
    .flatMap(({ stacks }) => stacks.map((stack) => stack.account))
    .find(Boolean);
  if (named && named !== session.account) {
    await end([session.child]);
    session.account = named;
    Object.assign(session, await emulator(executable, named));
  }
  session.region = session.assemblies[0].stacks[0]?.region ?? region;
  session.resources = async () =>
    (await extra(session.url, 'resources')).filter((resource) => resource.stack !== TOOLKIT);
  session.aws = (service, operation, params = {}, where = session.region) =>
    extra(session.url, 'call', { service, operation, params, region: where });
  console.log(`emulator: ${session.url}, account ${session.account}, log ${log}`);
  return session;
}

/** Deploys one assembly after the other, each over the one before, and reads it back; returns the checks that passed. */
async function deploy({ assemblies, account, region, cdk, aws, resources }) {
  const checks = [];
  for (const [index, { folder, stacks }] of assemblies.entries()) {
    const targets = [...new Set(stacks.map((stack) => `aws://${account}/${stack.region}`))];
    if (index === 0) await cdk('cdk bootstrap', 'bootstrap', '--app', folder, ...targets);
    const last = index === assemblies.length - 1;
    const parameters = last ? options.parameters.flatMap((parameter) => ['--parameters', parameter]) : [];
    const silent = ['--require-approval', 'never', '--progress', 'events'];
    await cdk(
      index === 0 ? 'cdk deploy' : 'cdk deploy (update)',
      'deploy',
      '--app',
      folder,
      '--all',
      ...silent,
      ...parameters,
    );
    for (const stack of stacks) {
      const { Stacks: found } = await aws(
        'cloudformation',
        'DescribeStacks',
        { StackName: stack.name },
        stack.region,
      );
      const state = found[0].StackStatus;
      if (!['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(state))
        throw new Error(`stack ${stack.name} is ${state}`);
    }
    if (options.verify[index]) {
      const { verify } = await import(pathToFileURL(resolve(options.verify[index])));
      const passed = (await verify(aws, { resources: await resources(), region, account })) ?? [];
      console.log(`read-back: ${passed.length} checks passed`);
      checks.push(...passed);
    }
  }
  return checks;
}

/** Destroys the stacks; returns what they were told to retain. Anything else that is left is an error. */
async function destroy({ assemblies, cdk, aws, resources }) {
  const { folder, stacks } = assemblies.at(-1);
  await cdk('cdk destroy', 'destroy', '--app', folder, '--all', '--force');
  const left = [];
  for (const region of new Set(stacks.map((stack) => stack.region))) {
    const { StackSummaries: summaries } = await aws('cloudformation', 'ListStacks', {}, region);
    const alive = summaries.filter(
      (stack) => stack.StackName !== TOOLKIT && stack.StackStatus !== 'DELETE_COMPLETE',
    );
    left.push(...alive.map((stack) => `stack ${stack.StackName}`));
  }
  const after = await resources();
  const alive = after.filter((resource) => !['deleted', 'retained'].includes(resource.state));
  left.push(...alive.map((resource) => `${resource.stack}/${resource.logicalId}`));
  if (left.length) throw new Error(`left after cdk destroy: ${left.join(', ')}`);
  return after.filter((resource) => resource.state === 'retained');
}

async function main() {
  const session = await prepare();
  const checks = await deploy(session);
  const live = (await session.resources()).filter((resource) => resource.state !== 'deleted');

  if (options.keep) {
    const environment = {
      ...session.environment(),
      AWS_REGION: session.region,
      AWS_DEFAULT_REGION: session.region,
    };
    const shown = Object.entries(environment).filter(([name]) =>
      /^AWS_(ENDPOINT|ACCESS|SECRET|REGION|DEFAULT)/.test(name),
    );
    console.log(`\n${report(live, checks)}`);
    console.log(
      `\nkept until Ctrl-C; to use it:\n${shown.map(([name, value]) => `export ${name}=${value}`).join('\n')}`,
    );
    await new Promise(() => setInterval(() => {}, 2 ** 30));
  }

  const retained = await destroy(session);
  refuseFaults();
  const kept = retained.map((resource) => `${resource.type} ${resource.physicalId}`).join(', ') || 'none';
  console.log(`\n${report(live, checks)}\ndestroyed; retained by policy: ${kept}\n`);

  for (const module of options.scenario) {
    const { scenario } = await import(pathToFileURL(resolve(module)));
    const passed = await scenario(session);
    console.log(passed.map((what) => `- ${what}`).join('\n'));
    console.log(`${basename(module)}: ${passed.length} passed, 0 failed`);
  }
  refuseFaults();
}

/** Ends processes, politely first. */
async function end(children) {
  const closed = children.map(
    (child) => new Promise((done) => (running.has(child) ? child.once('close', done) : done())),
  );
  children.forEach((child) => kill(child));
  await Promise.race([Promise.all(closed), new Promise((done) => setTimeout(done, 5000).unref())]);
  children.filter((child) => running.has(child)).forEach((child) => kill(child, 'SIGKILL'));
}

/** Ends everything that this process started; its folder with the log is kept only after a failure. */
async function stop(code) {
  await end([...running]);
  if (code === 0 || interrupted) rmSync(work, { recursive: true, force: true });
  process.exit(code);
}

let interrupted = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => {
    interrupted = true;
    stop(code);
  });
}
process.on('exit', () => running.forEach((child) => kill(child, 'SIGKILL')));
main().then(
  () => stop(0),
  (error) => {
    if (interrupted) return undefined;
    console.error(`\nFAILED: ${error.message}`);
    if (existsSync(log)) console.error(`the emulator's log: ${log}`);
    return stop(1);
  },
);
