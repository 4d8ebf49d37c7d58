import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { basename, dirname, join, relative } from 'path';
import { IConstruct } from 'constructs';
import { constructOf, StackFacts, writeFacts } from './compliance';
import { SecurityProfile } from '../../src/core/security-profile';
import { Namespace, Probe, Program } from '../contract/contract';
import { CONTRACTS } from '../contract/contracts';

/** A stack as its engine takes it. */
export interface SynthesizedStack {
  /** The program and the stack, such as `examples/quickstart/google/serving`. */
  readonly name: string;
  readonly json: any;
  /** The profile of the program; STANDARD where nobody says. */
  readonly profile?: string;
  /** The construct of the library that each resource belongs to, by the id that its engine gives it. */
  readonly constructs?: { readonly [id: string]: string };
}

const ROOT = join(__dirname, '..', '..');

const isOutput = (folder: string) => /^(node_modules|cdk\.out|cdktf\.out|\..*)$/.test(folder);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return !entry.isDirectory() ? [path] : isOutput(entry.name) ? [] : filesBelow(path);
  });
}

/** The programs of the examples: what makes an app of its own, and the clouds that it takes from the package. */
export function examplePrograms(): { readonly file: string; readonly clouds: string[] }[] {
  return filesBelow(join(ROOT, 'examples'))
    .filter((file) => file.endsWith('.ts') && /\bnew App\(/.test(readFileSync(file, 'utf8')))
    .map((file) => {
      const source = readFileSync(file, 'utf8');
      const imports = [...source.matchAll(/import \{([^}]*)\} from '([^']*)'/g)]
        .filter(([, , from]) => from.startsWith('cloud-ml-constructs'))
        .map(([, names, from]) => `${names} ${basename(from)}`)
        .join(' ');
      return {
        file,
        clouds: ['aws', 'google', 'azure'].filter((cloud) => RegExp(`\\b${cloud}\\b`).test(imports)),
      };
    });
}

/** The stacks of the examples of a cloud, each program run as its users run it. */
export function stacksOfExamples(cloud: string): SynthesizedStack[] {
  return examplePrograms()
    .filter(({ clouds }) => clouds.includes(cloud))
    .flatMap(({ file }) => {
      const out = mkdtempSync(join(tmpdir(), 'example-'));
      const here = process.cwd();
      Object.assign(process.env, { CDK_OUTDIR: out, CDKTF_OUTDIR: out });
      process.chdir(dirname(file));
      try {
        mustReport(() => run(file, out));
        const stacks = stacksIn(out, relative(ROOT, file).replace(/\.ts$/, ''));
        if (stacks.length === 0) {
          throw new Error(`${file} makes no stack`);
        }
        return stacks;
      } finally {
        process.chdir(here);
        delete process.env.CDK_OUTDIR;
        delete process.env.CDKTF_OUTDIR;
        rmSync(out, { recursive: true });
      }
    });
}

/** A report that fails keeps no user from deploying; here it is a defect. */
function mustReport(synthesis: () => void): void {
  const warned = jest.spyOn(process, 'emitWarning');
  try {
    synthesis();
    const failed = warned.mock.calls.map(([warning]) => String(warning));
    if (failed.some((warning) => warning.startsWith('No report'))) {
      throw new Error(failed.join('\n'));
    }
  } finally {
    warned.mockRestore();
  }
}

/** A program that minds whether it is run or imported exports the stacks that it is made of. */
function run(file: string, out: string): void {
  const exported = Object.values(jest.requireActual<Record<string, unknown>>(file));
  const stacks = exported.filter(
    (one): one is new (app: unknown, id: string) => unknown => typeof one === 'function',
  );
  if (readdirSync(out).length > 0 || stacks.length === 0) {
    return;
  }
  const framework = /from 'cdktf'/.test(readFileSync(file, 'utf8')) ? 'cdktf' : 'aws-cdk-lib';
  const { App } = jest.requireActual<{ App: new (props: object) => { synth(): void } }>(framework);
  const app = new App({ outdir: out });
  stacks.forEach((Stack) => new Stack(app, Stack.name));
  app.synth();
}

/** The different stacks that the promises of the contract are tried on. */
export function stacksOfContract(ml: Namespace, probe: Probe): SynthesizedStack[] {
  const stacks = CONTRACTS.flatMap(({ promises }) => promises).flatMap(({ title, check }) =>
    recorded(probe, (recording) => check({ name: 'recorded', ml, probe: recording, lacks: {} })).flatMap(
      (program, i) => synthesize(program, `contract/${slug(title)}${i ? `-${i + 1}` : ''}`),
    ),
  );
  const texts = stacks.map(({ json }) => JSON.stringify(json));
  return stacks.filter((_, i) => texts.indexOf(texts[i]) === i);
}

/** The stacks of a program that `build` fills, under both profiles. */
export const stacksOfProgram = (
  name: string,
  probe: Probe,
  build: (program: Program) => void,
): SynthesizedStack[] =>
  [SecurityProfile.STANDARD, SecurityProfile.REGULATED].flatMap((profile) => {
    const program = probe.program();
    profile.applyTo(program.foundation.node.root);
    build(program);
    return synthesize(program, `${name}/${profile.name}`);
  });

const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60);

/** The programs that a promise makes. Whether it holds is contract.test's business: here facts are anything. */
function recorded(probe: Probe, check: (recording: Probe) => void | Promise<void>): Program[] {
  const programs: Program[] = [];
  const program: Probe['program'] = (props) => {
    programs.push(probe.program(props));
    return programs[programs.length - 1];
  };
  const facts = () => ANYTHING;
  try {
    // What a promise makes, it makes before it waits for anything.
    void Promise.resolve(
      check({
        program,
        // What strays is refused: it leaves nothing to look at.
        strays: {},
        region: probe.region,
        guards: facts,
        stores: facts,
        training: facts,
        registry: facts,
        endpoint: facts,
        shiftable: facts,
        serverless: facts,
        workspace: facts,
        person: probe.person,
        user: probe.user,
        names: facts,
        secret: (scope) => probe.secret(scope),
        secrets: facts,
        trail: facts,
        atRest: facts,
        privateNames: facts,
        channel: (made) => probe.channel(made),
        alarms: facts,
        grant(build) {
          build(program())();
          return ANYTHING;
        },
      }),
    ).catch(() => undefined);
  } catch {
    // No promise holds of facts that are none, and what the cloud lacks is refused.
  }
  return programs;
}

/** A value that has every property and can be called. */
const ANYTHING: any = new Proxy(() => ANYTHING, {
  get: (_, key) =>
    key === Symbol.iterator
      ? () => [ANYTHING, ANYTHING][Symbol.iterator]()
      : key === Symbol.toPrimitive
        ? () => ''
        : ANYTHING,
});

function synthesize({ foundation }: Program, name: string): SynthesizedStack[] {
  const app = foundation.node.root as unknown as { readonly outdir: string; synth(): void };
  mustReport(() => app.synth());
  const { name: profile } = SecurityProfile.of(foundation);
  try {
    return stacksIn(app.outdir, name).map((stack) => ({
      ...stack,
      profile,
      constructs: constructsIn(foundation.node.root),
    }));
  } finally {
    rmSync(app.outdir, { recursive: true });
  }
}

function stacksIn(out: string, name: string): SynthesizedStack[] {
  return filesBelow(out)
    .filter((file) => /(\.template|^cdk\.tf)\.json$/.test(basename(file)))
    .map((file) => ({
      name: `${name}/${basename(file) === 'cdk.tf.json' ? basename(dirname(file)) : basename(file, '.template.json')}`,
      json: JSON.parse(readFileSync(file, 'utf8')),
    }));
}

/** The parts of both engines that say what a resource is called. */
interface Named {
  readonly friendlyUniqueId?: string;
  readonly logicalId?: string;
  readonly stack: { resolve(value: unknown): string };
}

/** The constructs that resources belong to. Two stacks may give one id to resources of one kind. */
function constructsIn(root: IConstruct): Record<string, string> {
  return Object.fromEntries(
    root.node.findAll().flatMap((one) => {
      const { friendlyUniqueId, logicalId, stack } = one as unknown as Named;
      const id = friendlyUniqueId ?? (logicalId && stack.resolve(logicalId));
      return id ? [[id, constructOf(one)]] : [];
    }),
  );
}

/**
 * Writes what scripts/checkov.sh scans: coverage/synthesized/<cloud>/<program>/<file>, a folder for each stack, `__` for
 * `/` in its name, because long paths look like secrets to checkov. What templates say to checkov stands apart, beside
 * what else is known of the stacks, in coverage/compliance/<cloud>.stacks.json: the scan is to find what is explained.
 */
export function writeStacks(cloud: string, file: string, stacks: SynthesizedStack[]): void {
  const folder = join(ROOT, 'coverage', 'synthesized', cloud);
  rmSync(folder, { recursive: true, force: true });
  const known = stacks.map(({ name, json, profile = 'standard', constructs = {} }): StackFacts => {
    const place = join(folder, name.replace(/\//g, '__'));
    mkdirSync(place, { recursive: true });
    const [scanned, skips] = withoutSkips(json);
    writeFileSync(join(place, file), `${JSON.stringify(scanned, null, 1)}\n`);
    return { stack: name, profile, constructs, skips };
  });
  writeFacts(`${cloud}.stacks`, known);
}

/** A stack as checkov is shown it, and what it tells checkov to skip. */
function withoutSkips(json: any): [any, StackFacts['skips']] {
  const skips = Object.entries<any>(json.Resources ?? {}).flatMap(([id, { Type, Metadata }]) =>
    (Metadata?.checkov?.skip ?? []).map((one: any) => ({
      check: one.id,
      resource: `${Type} ${id}`,
      because: one.comment,
    })),
  );
  // Nor can checkov read `moved`, which makes nothing.
  const { moved: _, ...read } = json;
  const scanned = JSON.stringify(read, (key, value) => (key === 'checkov' ? undefined : value));
  return [JSON.parse(scanned), skips];
}
