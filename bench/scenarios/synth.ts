import { clock, hand, load, processFigures, Sample } from './measure';

/**
 * Runs a program that makes an App and synthesizes it, `RUNS` times in this process, and tells construction and
 * synthesis apart. The first run is cold. aws-cdk-lib's own validation of templates is what the program says it is
 * (on by default), or off with `VALIDATION=off`: the same as `new App({ builtinCloudFormationValidation: false })`.
 */
const [program, out] = process.argv.slice(2);
const runs: { readonly [name: string]: string }[] = JSON.parse(process.env.RUNS ?? '[{}]');

// The framework, and the index of the library where the program is one that uses it.
const { FRAMEWORK = 'aws-cdk-lib' } = process.env;
const framework = load(FRAMEWORK);
if (process.env.LIBRARY === 'yes') {
  load('cloud-ml-constructs');
}
const loadedMs = performance.now();
const ownFiles = new Set(Object.keys(load.cache));

let constructed: ReturnType<ReturnType<typeof clock>>;
let synthesized: ReturnType<ReturnType<typeof clock>>;
let read: ReturnType<typeof clock>;
/** Tells construction and synthesis apart. */
const watched = (synth: (...options: unknown[]) => unknown) =>
  function (this: unknown, ...options: unknown[]) {
    constructed = read();
    const assembly = synth.apply(this, options);
    synthesized = read();
    return assembly;
  };
if (FRAMEWORK === 'cdktf') {
  const { prototype } = framework.App;
  prototype.synth = watched(prototype.synth);
} else {
  (globalThis as any)[Symbol.for('@aws-cdk/core.App#initHook')] = (app: any) => {
    if (process.env.VALIDATION === 'off') {
      app._builtinCloudFormationValidation = false;
    }
    const { synth } = app;
    app.synth = watched((...options) => {
      app.synth = synth;
      return synth.apply(app, options);
    });
  };
}

const samples = runs.map((env, i): Sample => {
  Object.assign(process.env, env, { CDK_OUTDIR: `${out}/${i}`, CDKTF_OUTDIR: `${out}/${i}` });
  // The program runs again; what it imports from packages stays loaded.
  Object.keys(load.cache)
    .filter((file) => !ownFiles.has(file) && !/[\\/](node_modules|lib)[\\/]/.test(file))
    .forEach((file) => delete load.cache[file]);
  read = clock();
  load(program);
  return {
    ms: synthesized.ms,
    cpuMs: synthesized.cpuMs,
    constructMs: constructed.ms,
    constructCpuMs: constructed.cpuMs,
    synthMs: synthesized.ms - constructed.ms,
    synthCpuMs: synthesized.cpuMs - constructed.cpuMs,
    loadedMs,
    ...processFigures(),
  };
});
hand(samples);
