import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { javascript, JsonFile, Project, SampleFile } from 'projen';

/** Options of a platform of your own. */
export interface PlatformProjectOptions {
  /** The name of the project. */
  readonly name: string;

  /**
   * Where it is made.
   *
   * @default - the working directory
   */
  readonly outdir?: string;

  /**
   * The cloud: `aws`, `google` or `azure`.
   *
   * @default aws
   */
  readonly cloud?: string;

  /**
   * The language of the program: `typescript` or `python`.
   *
   * @default typescript
   */
  readonly language?: string;

  /**
   * Packages of npm that the project needs at development.
   *
   * @default - none
   */
  readonly devDeps?: string[];
}

const CLOUDS = ['aws', 'google', 'azure'];
const LANGUAGES = ['typescript', 'python'];

/** The package that this file is part of. */
const home = join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
const samples = join(__dirname, 'samples');

/**
 * An app with a machine-learning platform that synthesizes as it is: data lake, model registry, training and serving in two
 * stacks, with the containers that they run. Made by `npx projen new --from cloud-ml-constructs`.
 */
export class PlatformProject extends Project {
  constructor(options: PlatformProjectOptions) {
    super({ ...options, commitGenerated: true });
    const { cloud = 'aws', language = 'typescript' } = options;
    oneOf('cloud', cloud, CLOUDS);
    oneOf('language', language, LANGUAGES);
    const python = language === 'python';
    new javascript.Projenrc(this);
    this.addPackages(cloud, python, options.devDeps);
    this.addProgram(cloud, python);
    this.addTasks(cloud, python);
    this.gitignore.exclude(
      'node_modules',
      'cdk.out',
      'cdktf.out',
      '*.tfstate*',
      '.terraform*',
      '.venv',
      '__pycache__',
    );
  }

  /** Packages of npm: those of the program, or in Python those that make the project and deploy. */
  private addPackages(cloud: string, python: boolean, devDeps: string[] = []): void {
    const { version, name, peerDependencies, devDependencies } = manifest;
    const node = new javascript.NodePackage(this, {
      packageManager: javascript.NodePackageManager.NPM,
      entrypoint: '',
      licensed: false,
    });
    node.addField('private', true);
    const sdk = cloud === 'aws' ? 'aws-cdk-lib' : 'cdktf';
    // A package that was not taken from the registry is needed from where it was taken.
    const own = devDeps.find((spec) => /\.tgz$/.test(spec));
    const range = version === '0.0.0' ? '*' : `^${version}`;
    const library = `${name}@${own ? `file:${own}` : range}`;
    node.addDevDeps('projen', ...devDeps.filter((spec) => spec !== own && spec !== name));
    if (cloud === 'aws') {
      node.addDevDeps(`aws-cdk@${devDependencies['aws-cdk']}`);
    }
    if (python) {
      node.addDevDeps(library);
      return;
    }
    node.addDeps(library, `${sdk}@${peerDependencies[sdk]}`, `constructs@${peerDependencies.constructs}`);
    node.addDevDeps('typescript@~5.9.0', 'ts-node@^10', '@types/node@^20');
    new JsonFile(this, 'tsconfig.json', {
      obj: {
        compilerOptions: {
          target: 'ES2022',
          module: 'CommonJS',
          strict: true,
          esModuleInterop: true,
          skipLibCheck: true,
          noEmit: true,
          types: ['node'],
        },
        include: ['*.ts'],
      },
    });
  }

  /** The quickstart, for one cloud. */
  private addProgram(cloud: string, python: boolean): void {
    const sample = (file: string, change = (text: string) => text) =>
      new SampleFile(this, file.replace(/^python\//, ''), {
        contents: change(readFileSync(join(samples, file), 'utf8')),
      });
    sample('request.json');
    sample('image.json');
    if (python) {
      [`python/${cloud}_app.py`, 'python/ml_platform.py'].forEach((file) => sample(file));
      const pin = manifest.version === '0.0.0' ? '' : `>=${manifest.version}`;
      new SampleFile(this, 'requirements.txt', { contents: `cloud-ml-constructs[${cloud}]${pin}\n` });
    } else {
      sample(`${cloud}.ts`);
      sample('platform.ts', (text) =>
        text
          .replace('import type { aws, azure, google }', `import type { ${cloud} }`)
          .replace('typeof aws | typeof google | typeof azure', `typeof ${cloud}`)
          .replace(
            /^\/\*\* The clouds that .*$/m,
            '/** The classes of the cloud; another one has the same. */',
          ),
      );
    }
    if (cloud === 'aws') {
      const app = python ? '.venv/bin/python aws_app.py' : 'npx ts-node --prefer-ts-exts aws.ts';
      // What CDK does by default, and warns of where nobody says it.
      const context = { '@aws-cdk/core:defaultCrossStackReferences': 'strong' };
      new JsonFile(this, 'cdk.json', { obj: { app, context } });
    }
    new SampleFile(this, 'README.md', { contents: readme(this.name, cloud) });
  }

  private addTasks(cloud: string, python: boolean): void {
    const program = python ? `.venv/bin/python ${cloud}_app.py` : `ts-node ${cloud}.ts`;
    const synth = this.addTask('synth', {
      description: 'Writes the templates, and a report of each stack next to them',
      exec: cloud === 'aws' ? 'cdk synth --quiet' : program,
    });
    if (python) {
      const install = this.addTask('install:python', {
        description: 'Makes the virtual environment .venv from requirements.txt',
        steps: [
          { exec: 'python3 -m venv .venv' },
          { exec: '.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt' },
        ],
      });
      synth.prependSpawn(install, {
        condition: `node -e "process.exit(require('fs').existsSync('.venv') ? 1 : 0)"`,
      });
    }
  }

  /** The containers that the stacks run: a folder of yours from then on. */
  public override postSynthesize(): void {
    super.postSynthesize();
    const target = join(this.outdir, 'containers');
    if (!existsSync(target)) {
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(samples, 'containers'), target, { recursive: true });
    }
  }
}

function oneOf(option: string, value: string, allowed: string[]): void {
  if (!allowed.includes(value)) {
    throw new Error(`${option} ('${value}') must be one of ${allowed.join(', ')}`);
  }
}

function readme(name: string, cloud: string): string {
  const deploy =
    cloud === 'aws'
      ? ['npx cdk bootstrap', 'npx cdk deploy foundation --outputs-file foundation.json']
      : ['init', 'apply'].map((verb) => `terraform -chdir=cdktf.out/stacks/foundation ${verb}`);
  return `# ${name}

A machine-learning platform: data lake, model registry, training and serving.

\`\`\`sh
npx projen synth
${deploy.join('\n')}
\`\`\`

The stack then prints the commands that build and push the images of \`containers\`, train, publish and approve a model; deploy
\`serving\` when that is done. \`.projenrc.js\` makes the files that say so in their first line; the program is yours.
`;
}

/** Writes what projen reads of a package: its types of projects and their options. */
export function writeInventory(file: string): void {
  writeFileSync(file, JSON.stringify(inventory(), undefined, 2));
}

function inventory(): object {
  const { name, version, devDependencies } = manifest;
  const fqn = `${name}.projects.PlatformProject`;
  const text = { primitive: 'string' };
  const property = (option: string, type: object, summary: string, fallback?: string) => ({
    name: option,
    optional: fallback !== undefined,
    immutable: true,
    abstract: true,
    type,
    docs: { summary, ...(fallback && { default: fallback }) },
  });
  return {
    schema: 'jsii/0.10.0',
    // By another name than the assembly of the package, for which no tool may take it.
    name: `${name}-projects`,
    version,
    fingerprint: `${name}@${version}`,
    // Nothing but projen: what programs need is not needed to make one.
    dependencies: { projen: devDependencies.projen },
    types: {
      [fqn]: {
        assembly: name,
        base: 'projen.Project',
        kind: 'class',
        fqn,
        name: 'PlatformProject',
        namespace: 'projects',
        docs: {
          custom: { pjid: 'ml-platform' },
          summary: 'An app with a machine-learning platform that synthesizes as it is.',
        },
        initializer: { parameters: [{ name: 'options', type: { fqn: `${fqn}Options` } }] },
      },
      [`${fqn}Options`]: {
        assembly: name,
        datatype: true,
        kind: 'interface',
        fqn: `${fqn}Options`,
        name: 'PlatformProjectOptions',
        namespace: 'projects',
        docs: { summary: 'Options of a platform of your own.' },
        properties: [
          {
            ...property('name', text, 'The name of the project.'),
            docs: { summary: 'The name of the project.', default: '$BASEDIR' },
          },
          property('outdir', text, 'Where it is made.', '- the working directory'),
          property('cloud', text, 'The cloud: aws, google or azure.', '"aws"'),
          property('language', text, 'The language of the program: typescript or python.', '"typescript"'),
          property(
            'devDeps',
            { collection: { elementtype: text, kind: 'array' } },
            'Packages of npm that the project needs at development.',
            '- none',
          ),
        ],
      },
    },
  };
}
