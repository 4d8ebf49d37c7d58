import { createRequire } from 'module';
import { TestEnvironment } from 'jest-environment-node';

type Engine = new (config: unknown) => unknown;

/** The validator of templates that aws-cdk-lib brings. */
const validator = (): { readonly CompositeEngine: Engine } =>
  createRequire(require.resolve('aws-cdk-lib'))('@aws/cloudformation-validate');

const engines = new Map<string, unknown>();

/** Makes an engine per configuration and process: to read the rules takes longer than to validate a hundred templates. */
function engineOf(config: unknown): unknown {
  const key = JSON.stringify(config);
  const engine = engines.get(key) ?? new (validator().CompositeEngine)(config);
  engines.set(key, engine);
  return engine;
}

/** Node.js as tests see it, without what frameworks would do again for every test file or every token. */
export default class extends TestEnvironment {
  public async setup(): Promise<void> {
    await super.setup();
    const { global } = this;
    Object.assign(global, {
      // Where `cloudformation-validate.ts` finds it.
      [Symbol.for('cloudformation-validate')]: () => ({
        ...validator(),
        CompositeEngine: function (config: unknown) {
          return engineOf(config);
        },
      }),
    });
    // cdktf keeps a whole stack with every token; nobody reads it here.
    const { captureStackTrace } = global.Error;
    const capture: typeof captureStackTrace = (object, below = capture) =>
      below.name === 'captureStackTrace' ? undefined : captureStackTrace.call(global.Error, object, below);
    global.Error.captureStackTrace = capture;
    // Frameworks ask for a stack with every token and construct: those of errors alone are led back to the sources.
    global.Error.prepareStackTrace = (error, frames) =>
      [global.Error, Error].some((kind) => error instanceof kind)
        ? Error.prepareStackTrace!(error, frames)
        : ['Error', ...frames.slice(0, 10).map((frame) => `    at ${frame}`)].join('\n');
  }
}
