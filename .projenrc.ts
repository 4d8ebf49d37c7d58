import { cdk, javascript, JsonFile, release } from 'projen';
import { holdLayers } from './projenrc/layers';

/** Submodules of the package: each is a folder of `src` and an entry of its own. */
const submodules = ['core', 'aws', 'google', 'azure'];

const project = new cdk.JsiiProject({
  name: 'cloud-ml-constructs',
  description:
    'Machine learning (MLOps) platform constructs, multi-cloud: data lakes, GPU training, model registries and autoscaling endpoints with one vocabulary and native resources',
  author: 'Cloud ML Constructs contributors',
  authorAddress: 'maintainers@cloud-ml-constructs.dev',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cloud-ml-constructs/cloud-ml-constructs.git',
  homepage: 'https://github.com/cloud-ml-constructs/cloud-ml-constructs',
  bugsUrl: 'https://github.com/cloud-ml-constructs/cloud-ml-constructs/issues',
  license: 'Apache-2.0',
  copyrightOwner: 'Cloud ML Constructs contributors',
  stability: 'experimental',
  keywords: ['aws-cdk', 'cdk', 'cdktf', 'terraform', 'mlops', 'machine-learning', 'sagemaker', 'multi-cloud'],
  defaultReleaseBranch: 'main',
  // By hand, once the change log is headed by a version; npm and PyPI know the workflow and ask for no secret.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  nextVersionCommand:
    'ts-node --transpile-only --project test/tsconfig.json scripts/release/compare.ts --next',
  npmTrustedPublishing: true,
  bumpPackage: 'commit-and-tag-version@^12', // 13 is for Node 22
  workflowNodeVersion: '24', // whose npm can publish without a secret
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.9.0',
  jsiiVersion: '~5.9.0',
  typescriptVersion: '~5.9.0',

  // The floor of a range is what devDependencies pin and what the tests run against.
  peerDeps: ['aws-cdk-lib@^2.275.0', 'cdktf@^0.21.0', 'constructs@^10.5.1'],
  devDeps: [
    // The last ones of npm: google 6.50.0, azurerm 4.55.0. scripts/vendor-bindings.ts puts the used modules into lib.
    '@cdktf/provider-azurerm@14.23.1',
    '@cdktf/provider-google@16.12.1',
    '@types/node@^20',
    'aws-cdk@2.1148.1',
    'cdk-nag@^3.0.2',
    'fast-check@^4',
    'jest-environment-node@^30',
    'jsonata@^2',
    'projen@~0.103.25',
    'semver@^7',
    '@types/semver@^7',
  ],
  publishToPypi: {
    distName: 'cloud-ml-constructs',
    module: 'cloud_ml_constructs',
    trustedPublishing: true,
  },

  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', 'scripts', 'bench'],
    prettier: true,
    projectService: false,
    tsconfigPath: './test/tsconfig.json',
  },
  prettier: true,
  prettierOptions: { settings: { singleQuote: true, printWidth: 110 } },
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    configFilePath: 'jest.config.json',
    junitReporting: false,
    jestConfig: {
      testEnvironment: '<rootDir>/test/support/environment.ts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      moduleNameMapper: {
        '^@aws/cloudformation-validate$': '<rootDir>/test/support/cloudformation-validate.ts',
        '^cloud-ml-constructs$': '<rootDir>/src',
        '^cloud-ml-constructs/(.*)$': '<rootDir>/src/$1',
      },
      testTimeout: 60_000,
      modulePathIgnorePatterns: ['<rootDir>/dist/'],
      collectCoverage: false,
    },
    extraCliOptions: ['--maxWorkers=2'],
    passWithNoTests: false,
  },
  tsconfig: { compilerOptions: { inlineSourceMap: false, inlineSources: false } },
  sampleCode: false,
  docgen: false,
  githubOptions: { mergify: false, pullRequestLint: false },
  pullRequestTemplate: false,
  depsUpgrade: false,
  vscode: false,
  gitignore: [
    'cdk.out',
    'cdk.context.json',
    'cdktf.out',
    '*.tfstate*',
    '.terraform*',
    '__pycache__',
    '.pytest_cache',
    '.venv*',
    '/dist/',
    '/coverage/',
    '.jsii.tabl.json',
    '/examples/quickstart/foundation.json',
    '/examples/quickstart/serving.json',
    '/THIRD-PARTY-NOTICES',
  ],
});

// 1.13 depends on builds for platforms that are not published at that version: `npm ci` refuses such a lock file.
project.addFields({ overrides: { 'unrs-resolver': '~1.12.2' } });

// `import { DataLake } from 'cloud-ml-constructs/aws'`: `exports` for Node and TypeScript's node16 and bundler
// resolution, `typesVersions` for TypeScript's older one. The last three entries are jsii's.
project.addFields({
  exports: {
    '.': { types: './lib/index.d.ts', default: './lib/index.js' },
    ...Object.fromEntries(
      submodules.map((name) => [
        `./${name}`,
        { types: `./lib/${name}/index.d.ts`, default: `./lib/${name}/index.js` },
      ]),
    ),
    './package.json': './package.json',
    // For projen, which looks for types of projects there; jsii's own tools read the file at the root by its path.
    './.jsii': './lib/projects/.jsii',
    './.warnings.jsii.js': './.warnings.jsii.js',
  },
  typesVersions: { '*': Object.fromEntries(submodules.map((name) => [name, [`lib/${name}/index.d.ts`]])) },
  // npm installs only the SDK the user asks for; `constructs` stays required.
  peerDependenciesMeta: { 'aws-cdk-lib': { optional: true }, cdktf: { optional: true } },
});

// What is left of Node 20 after its end of life: jsii would say so at every call.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');

const run = (file: string) => `ts-node --transpile-only --project test/tsconfig.json ${file}.ts`;
// jsii leaves the output of deleted sources behind.
project.compileTask.prependExec('rm -rf lib');
// In the compile task itself, so that a package can never lack its bindings or hold an index that loads every SDK.
project.compileTask.exec(run('scripts/finish-lib'));
project.tasks.tryFind('package:python')!.reset('jsii-rosetta extract --strict');
project.tasks.tryFind('package:python')!.exec(run('scripts/python/package'));
// The registry is npm's own.
project
  .tryFindObjectFile('.github/workflows/release.yml')!
  .addDeletionOverride('jobs.release_npm.steps.9.env.NPM_REGISTRY');
project.tasks.tryFind('compat')!.reset(run('scripts/release/compare'));
project.addTask('docgen:api', {
  description: 'Generates API.md and docs/api from the compiled assembly',
  steps: [{ exec: run('scripts/api-docs'), receiveArgs: true }],
});
project.addTask('quickstart', {
  description: 'Synthesizes examples/quickstart and prints what it made and the commands that follow',
  steps: [{ spawn: 'compile' }, { exec: run('scripts/quickstart'), receiveArgs: true }],
});
project.addTask('matrix', {
  description: 'Runs the contract suite on every cloud and writes the support matrix into README.md from it',
  steps: [{ exec: 'jest contract.test' }, { exec: run('scripts/matrix'), receiveArgs: true }],
});
project.addTask('compliance', {
  description:
    'Asks cdk-nag, checkov and own tests about every construct; prints the table and writes docs/compliance.md and the summary in README.md',
  steps: [{ exec: run('scripts/compliance/write'), receiveArgs: true }],
});
project.addTask('fuzz', {
  description: 'Tries 2,000 whole platforms on the clouds together; other ones with FAST_CHECK_SEED',
  // The shell of projen knows no default of a variable.
  env: { FAST_CHECK_TIMES: '$(node -p "process.env.FAST_CHECK_TIMES || 10")' },
  steps: [{ exec: 'jest test/fuzz', receiveArgs: true }],
});
project.addTask('docs', {
  description: 'Writes the page of validation codes, and what pages of the documentation say is made',
  steps: [{ exec: run('scripts/docs/write'), receiveArgs: true }],
});
project.addTask('docs:compile', {
  description: 'Compiles the examples of docstrings, README.md and docs, once the package is compiled',
  steps: [{ exec: run('scripts/docs/compile') }],
});
project.addTask('docs:pictures', {
  description: 'Takes the pictures of the quickstart out of its reports into docs/images',
  steps: [{ spawn: 'quickstart' }, { exec: run('scripts/docs/pictures'), receiveArgs: true }],
});
project.addTask('bench', {
  description: 'Measures import and synthesis side by side with the bare frameworks',
  steps: [{ spawn: 'compile' }, { exec: run('bench/run'), receiveArgs: true }],
});
project.addTask('deploy:local', {
  description:
    'Deploys examples/quickstart to a local AWS emulator with the cdk command line, reads back, destroys; then tries faults',
  steps: [
    { spawn: 'compile', condition: 'test "$COMPILED" != true' },
    { exec: `${run('scripts/quickstart')} aws` },
    {
      exec: 'node scripts/local-aws/deploy-local.mjs --app examples/quickstart/cdk.out --verify scripts/local-aws/verify-quickstart.mjs --app examples/quickstart/cdk.out --parameters serving:FraudNext=2 --scenario scripts/local-aws/faults.mjs',
      receiveArgs: true,
    },
  ],
});
project.addDevDeps('jsii-docgen@^10.12.6', 'jsii-rosetta@~5.9.0');

// Tests and examples import the package by its name and are checked against its sources.
const typecheck = project.addTask('typecheck', {
  description: 'Checks the types of sources, tests, examples and scripts',
  exec: 'tsc --noEmit -p test/tsconfig.json',
});
project.testTask.prependSpawn(typecheck);
project.tsconfigDev.addInclude('../examples/**/*.ts');
project.tsconfigDev.addInclude('../scripts/**/*.ts');
project.tsconfigDev.addInclude('../bench/**/*.ts');
project.tryFindObjectFile('test/tsconfig.json')?.addOverride('compilerOptions.paths', {
  'cloud-ml-constructs': ['../src'],
  'cloud-ml-constructs/*': ['../src/*'],
});

// ts-node takes the tsconfig.json above what it runs.
for (const dir of ['examples', 'scripts', 'bench']) {
  new JsonFile(project, `${dir}/tsconfig.json`, {
    obj: { extends: '../test/tsconfig.json', include: ['**/*.ts'] },
  });
}
// All that is linted is in one program: typescript-eslint's project service makes one per folder, each with all SDKs.
['../src/**/*.ts', '../projenrc/**/*.ts', '../.projenrc.ts'].forEach((files) =>
  project.tsconfigDev.addInclude(files),
);

holdLayers(project);
project.eslint?.addRules({
  '@typescript-eslint/member-ordering': 'off',
  'max-lines': ['error', { max: 700, skipComments: false }],
  // Programs import the library by its name, like any package, whether it has been compiled or not.
  'import/order': [
    'warn',
    {
      groups: ['builtin', 'external'],
      pathGroups: [{ pattern: 'cloud-ml-constructs{,/**}', group: 'external' }],
      alphabetize: { order: 'asc', caseInsensitive: true },
    },
  ],
});
project.eslint?.addIgnorePattern('examples/**/cdk.out/');
project.prettier?.addIgnorePattern('API.md');
project.prettier?.addIgnorePattern('docs/api/');

project.npmignore?.exclude(
  '/.venv*/',
  '.jsii.tabl.json',
  '/cdk.out/',
  '/cdktf.out/',
  '/scripts/',
  '/examples/',
  '/bench/',
  '/docs/',
  '/.ci/',
  '/jest.config.json',
  '/API.md',
  '/CONTRIBUTING.md',
  '/SECURITY.md',
);
project.synth();
