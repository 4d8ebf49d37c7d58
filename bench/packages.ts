/** What is measured of packages as they are installed: their size, and a package of others beside this one. */
import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Pair, Section } from './results';
import { compare, inTurn, loads, out, quick, root, run } from './runner';
import type { Sample } from './scenarios/measure';

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pinned = (...names: string[]) => Object.fromEntries(names.map((name) => [name, devDependencies[name]]));

/** Packs the package; returns the dependency that installs it. */
function packed(): { readonly [name: string]: string } {
  execFileSync('npx', ['projen', 'package:js'], { cwd: root, stdio: 'ignore' });
  const [tarball] = readdirSync(join(root, 'dist', 'js'));
  return { 'cloud-ml-constructs': `file:${join(root, 'dist', 'js', tarball)}` };
}

/** Installs packages into a folder of their own, outside of this tree. */
function installed(dependencies: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'installed', private: true, dependencies }),
  );
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
    cwd: folder,
  });
  return folder;
}

function sizeMiB(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
    statSync(join(folder, file)),
  );
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 2 ** 20;
}

/** The size of what is installed, which is then removed. */
function installedMiB(dependencies: object): number {
  const folder = installed(dependencies);
  const size = sizeMiB(folder);
  rmSync(folder, { recursive: true });
  return size;
}

export function installSections(): Section[] {
  const ours = packed();
  const pair = (what: string, sdk: string, target?: number) => ({
    what,
    ours: [installedMiB({ ...ours, ...pinned(sdk, 'constructs') })],
    theirs: [installedMiB(pinned(sdk, 'constructs'))],
    unit: 'MiB' as const,
    target,
  });
  return [
    {
      title: 'Installed size',
      about:
        'All files below a folder where npm installed the package with the SDK of its cloud and constructs, as the README says, against ' +
        'the SDK and constructs alone.',
      columns: ['library', 'framework'],
      pairs: [
        pair('AWS, with aws-cdk-lib', 'aws-cdk-lib', 1.05),
        pair('Google Cloud and Azure, with cdktf', 'cdktf'),
      ],
    },
  ];
}

/** Nobody promised anything against a peer. */
const untargeted = (pairs: Pair[]) => pairs.map((pair) => ({ ...pair, target: undefined }));

const PEER = '@cdklabs/generative-ai-cdk-constructs';
const VERSION = '0.1.318';

/** An endpoint of SageMaker on one machine with the files of a model in S3. */
const ENDPOINTS = {
  ours: `const { App } = require('aws-cdk-lib');
const { PlatformStack, ModelRegistry, AutoScalingEndpoint } = require('cloud-ml-constructs/aws');
const app = new App();
const stack = new PlatformStack(app, 'serving');
const registry = new ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud-detector' }] });
new AutoScalingEndpoint(stack, 'Fraud', {
  variants: [
    {
      name: 'main',
      container: { image: '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.4.0-gpu-py311' },
      model: registry.model('fraud-detector').version('1'),
    },
  ],
  machineType: 'ml.g5.xlarge',
});
app.synth();
`,
  theirs: `const { App, Stack } = require('aws-cdk-lib');
const { sagemaker_deployment: sagemaker } = require('${PEER}');
const app = new App();
new sagemaker.CustomSageMakerEndpoint(new Stack(app, 'serving', { env: { account: '111122223333', region: 'eu-west-1' } }), 'Fraud', {
  modelId: 'fraud-detector',
  endpointName: 'fraud',
  instanceType: sagemaker.SageMakerInstanceType.ML_G5_XLARGE,
  container: sagemaker.DeepLearningContainerImage.fromDeepLearningContainerImage('pytorch-inference', '2.4.0-gpu-py311'),
  modelDataUrl: 's3://models/fraud-detector/model.tar.gz',
});
app.synth();
`,
};

export function peerSections(): Section[] {
  const folder = installed({ ...packed(), ...pinned('aws-cdk-lib'), constructs: '^10.6.0', [PEER]: VERSION });
  const FROM = join(folder, 'program.js');
  const program = (side: 'ours' | 'theirs') => {
    const file = join(folder, `${side}.js`);
    writeFileSync(file, ENDPOINTS[side]);
    const to = join(out, side, 'peer');
    mkdirSync(to, { recursive: true });
    return () => run<Sample[]>('synth', [file, to], { FROM, VALIDATION: 'off' });
  };
  const load = (ENTRY: string) => () => run('entry', [], { FROM, ENTRY });
  const every = (MODULES: string) => () => run('modules', [], { FROM, MODULES });
  const pairs = quick ? 3 : 15;
  const [ours, theirs] = [program('ours'), program('theirs')];
  [ours, theirs].forEach((endpoint) => endpoint());
  const index = inTurn(pairs, load('cloud-ml-constructs'), load(PEER));
  const classes = inTurn(pairs, every('cloud-ml-constructs/aws'), load(PEER));
  const synth = inTurn(pairs, ours, theirs);
  rmSync(folder, { recursive: true });
  return [
    {
      title: `Beside ${PEER}`,
      about:
        `Version ${VERSION}, installed next to this package with the same aws-cdk-lib. \`index\` is \`require\` of the package; \`every class\` ` +
        'touches every class of `cloud-ml-constructs/aws`, which loads them at first use, against the same `require`. `endpoint` is an App with ' +
        'one endpoint of SageMaker on one GPU and the files of a model, from before `require` of the library to the end of ' +
        '`app.synth()`, without the validation of the framework, in a new process: here with a model registry, a customer-managed key, ' +
        'scaling, logs and private buckets; there with a model, a configuration, an endpoint and scaling.',
      columns: ['library', 'peer'],
      pairs: [
        ...untargeted(loads(index, 'index')),
        ...untargeted(loads(classes, 'every class')),
        compare(synth, ([{ ms }]) => ms, { what: 'endpoint: time', unit: 'ms' }),
        compare(synth, ([{ cpuMs }]) => cpuMs, { what: 'endpoint: processor time', unit: 'ms' }),
        compare(synth, ([{ rssMiB }]) => rssMiB, { what: 'endpoint: memory of the process', unit: 'MiB' }),
      ],
    },
  ];
}
