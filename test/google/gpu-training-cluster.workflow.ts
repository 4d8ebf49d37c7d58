import { only, Synthesized, synthesizedStack } from './support';
import * as google from '../../src/google';

export const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/images/train:3';
export const minimal: google.GpuTrainingClusterProps = {
  image: IMAGE,
  accelerators: ['L4:1'],
  command: ['torchrun', 'train.py'],
};

export const cluster = (
  props: Partial<google.GpuTrainingClusterProps> = {},
  stack: Partial<google.PlatformStackProps> = {},
) =>
  synthesizedStack(
    (scope) => new google.GpuTrainingCluster(scope, 'Training', { ...minimal, ...props }),
    stack,
  );

/** What Terraform makes of a text with references to resources of the same stack. */
export function deployed(json: Synthesized, text: string): string {
  return text
    .replace(/(?<!\$)\$\{base64encode\((?:"([^"]*)"|(.*?))\)\}/g, (_, value, reference) =>
      Buffer.from(deployed(json, value ?? `\${${reference}}`)).toString('base64'),
    )
    .replace(
      /(?<!\$)\$\{element\(google_filestore_instance\.\w+\.networks\[0\]\.ip_addresses, 0\)\}/g,
      '10.1.2.3',
    )
    .replace(/(?<!\$)\$\{([\w-]+)\.([\w-]+)\.(\w+)\}/g, (_, type, id, attribute) => {
      const found = json.resource?.[type]?.[id] ?? {};
      const account = `${found.account_id}@ml-project.iam.gserviceaccount.com`;
      return found[attribute] ?? (attribute === 'email' ? account : `${type}/${id}/${attribute}`);
    })
    .replace(/([$%])\1\{/g, '$1{');
}

/** The definition that Google Workflows is given. */
export const definitionOf = (json: Synthesized): any =>
  JSON.parse(deployed(json, only(json, 'google_workflows_workflow').source_contents));

/** Every expression of a definition. */
export const expressions = (value: any): string[] =>
  typeof value === 'string'
    ? /^\$\{[^]*\}$/.test(value)
      ? [value]
      : []
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(expressions)
      : [];

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: any;
  /** Seconds since the start. */
  readonly at: number;
}

export interface Ended {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly result?: any;
  readonly error?: any;
  readonly calls: Call[];
  readonly steps: number;
  readonly seconds: number;
}

/** A job as Vertex AI tells of it, `age` seconds after it was made; `asked` is the request. */
export type Job = (age: number, asked: any, cancelled: boolean) => object;

/** An error of a call, as Workflows raises it. */
export class Raised extends Error {
  constructor(public readonly value: any) {
    super(JSON.stringify(value));
  }
}

const START = Date.parse('2026-11-23T00:00:00Z') / 1000;
export const at = (seconds: number) => new Date((START + seconds) * 1000).toISOString();

/**
 * Runs a workflow as Google Workflows does, as far as the definition uses it: its steps, its expressions, a clock that
 * only sleeping moves. The nth job that is made is told of by the nth of `jobs`, the last one for all after it.
 */
export function execute(
  definition: any,
  input: any,
  jobs: Job[] = [done(600)],
  connectors: { readonly [call: string]: undefined | ((args: any, seconds: number) => any) } = {},
): Ended {
  const calls: Call[] = [];
  const made: { asked: any; at: number; cancelled: boolean }[] = [];
  const scope: Record<string, any> = { [definition.main.params[0]]: input };
  let seconds = 0;
  let steps = 0;

  const http: Record<string, (args: any) => any> = {
    'http.post': ({ url, body, auth }) => {
      expect(auth).toEqual({ type: 'OAuth2' });
      calls.push({ method: 'POST', url, body, at: seconds });
      const [, cancelled] = /\/(\d+):cancel$/.exec(url) ?? [];
      if (cancelled) {
        made[Number(cancelled)].cancelled = true;
        return { body: {} };
      }
      made.push({ asked: body, at: seconds, cancelled: false });
      return { body: { name: `projects/1/locations/europe-west4/customJobs/${made.length - 1}` } };
    },
    'http.get': ({ url, auth }) => {
      expect(auth).toEqual({ type: 'OAuth2' });
      const id = Number(/customJobs\/(\d+)$/.exec(url)![1]);
      const { asked, at: since, cancelled } = made[id];
      const shift = (time?: number) => (time === undefined ? undefined : at(since + time));
      const { start, end, ...rest } = (jobs[id] ?? jobs[jobs.length - 1])(
        seconds - since,
        asked,
        cancelled,
      ) as any;
      return {
        body: JSON.parse(
          JSON.stringify({ startTime: shift(start), endTime: shift(end), updateTime: at(seconds), ...rest }),
        ),
      };
    },
    'sys.sleep': ({ seconds: more }) => {
      seconds += more;
    },
  };

  const evaluate = (value: any): any => {
    if (typeof value === 'string') {
      const [, expression] = /^\$\{([^]*)\}$/.exec(value) ?? [];
      return expression === undefined ? value : run(expression, scope, START + seconds);
    }
    if (Array.isArray(value)) return value.map(evaluate);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, evaluate(inner)]));
  };

  type Outcome = { next?: string; value?: any } | undefined;
  const perform = (step: any): Outcome => {
    if (++steps > 100000) throw new Error('more steps than Workflows takes');
    if (step.assign) {
      step.assign.forEach((one: any) => {
        const [[name, value]] = Object.entries(one);
        const path = name.split('.');
        const [last] = path.splice(-1);
        path.reduce((found, key) => found[key], scope)[last] = evaluate(value);
      });
    }
    if (step.call) {
      const args = evaluate(step.args);
      const connector = connectors[step.call];
      if (connector) calls.push({ method: args.method, url: args.path, body: args.body, at: seconds });
      const answer = connector ? connector(args, seconds) : http[step.call](args);
      if (step.result) scope[step.result] = answer;
    }
    if (step.try) {
      try {
        perform(step.try);
      } catch (error) {
        if (!(error instanceof Raised) || !step.except) throw error;
        scope[step.except.as] = error.value;
        sequence(step.except.steps);
      }
    }
    if (step.for) {
      for (const value of evaluate(step.for.in)) {
        scope[step.for.value] = value;
        const left = sequence(step.for.steps);
        if (left) throw new Error('a step in a loop leads out of it');
      }
    }
    if (step.switch) {
      const found = step.switch.find(({ condition }: any) => evaluate(condition) === true);
      if (found) {
        const { condition: _, ...then } = found;
        const outcome = perform(then);
        if (outcome) return outcome;
        return undefined;
      }
    }
    if (step.steps) {
      const outcome = sequence(step.steps);
      if (outcome) return outcome;
    }
    if (step.raise) throw new Raised(evaluate(step.raise));
    if ('return' in step) return { value: evaluate(step.return) };
    return step.next ? { next: step.next } : undefined;
  };
  const sequence = (list: any[]): Outcome => {
    const names = list.map((one) => Object.keys(one)[0]);
    for (let i = 0; i < list.length;) {
      const outcome = perform(list[i][names[i]]);
      if (outcome?.next === undefined && outcome) return outcome;
      if (outcome?.next) {
        const target = names.indexOf(outcome.next);
        if (target < 0) return outcome;
        i = target;
      } else {
        i += 1;
      }
    }
    return undefined;
  };
  try {
    const outcome = sequence(definition.main.steps);
    if (!outcome || outcome.next) throw new Error(`no step ${outcome?.next}`);
    return { status: 'SUCCEEDED', result: outcome.value, calls, steps, seconds };
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    return { status: 'FAILED', error: error.value, calls, steps, seconds };
  }
}

/** A map of Workflows: a key that is not there is an error. */
const strict = (value: any): any =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : new Proxy(value, {
        get: (target, key) => {
          // What jest asks for.
          if (typeof key === 'symbol' || /^(toJSON|asymmetricMatch|\$\$typeof|nodeType|then)$/.test(key)) {
            return target[key];
          }
          if (!(key in target)) throw new Error(`KeyError: ${String(key)}`);
          return strict(target[key]);
        },
      });

const at_ = (map: any, path: string | string[]) =>
  [path].flat().reduce((found: any, key) => (found && key in found ? found[key] : null), map);

const LIBRARY = {
  get_type: (value: any) =>
    value === null || value === undefined
      ? 'null'
      : Array.isArray(value)
        ? 'list'
        : typeof value === 'object'
          ? 'map'
          : typeof value === 'number'
            ? Number.isInteger(value)
              ? 'integer'
              : 'double'
            : typeof value,
  default_: (value: any, other: any) => value ?? other,
  not: (value: boolean) => !value,
  keys: (map: any) => Object.keys(map),
  len: (value: any) =>
    (typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : value).length,
  int: (value: any) => Math.trunc(Number(value)),
  double: Number,
  string: String,
  map: { get: at_ },
  list: { concat: (list: any[], one: any) => [...list, one] },
  math: { min: Math.min, max: Math.max },
  text: {
    match_regex: (value: string, pattern: string) => new RegExp(pattern).test(value),
    to_lower: (value: string) => value.toLowerCase(),
    replace_all: (value: string, part: string, by: string) => value.split(part).join(by),
    decode: (value: Buffer) => value.toString('utf8'),
  },
  json: { encode_to_string: (value: any) => JSON.stringify(value) },
  base64: { decode: (value: string) => Buffer.from(value, 'base64') },
  time: { parse: (value: string) => Date.parse(value) / 1000 },
};

/** An expression of Workflows, whose words are other than JavaScript's. */
function run(expression: string, scope: Record<string, any>, now: number): any {
  const parts = expression.split(/("(?:[^"\\]|\\.)*")/);
  const script = parts
    .map((part, i) =>
      i % 2
        ? part
        : part
            .replace(/\band\b/g, '&&')
            .replace(/\bor\b/g, '||')
            .replace(/\bdefault\(/g, 'default_(')
            .replace(/==/g, '===')
            .replace(/!=/g, '!==')
            .replace(/>==/g, '>='),
    )
    .join('');
  const sys = { now: () => now, get_env: () => EXECUTION };
  const library = { ...LIBRARY, sys, ...scope };
  const names = Object.keys(library);
  return new Function(...names, `return (${script});`)(...Object.values(library).map(strictScope));
}
const strictScope = (value: any) => (typeof value === 'function' ? value : strict(value));

export const EXECUTION = '0f1e2d3c-1111-2222-3333-444455556666';

/** A job that starts at once and ends well. */
export const done =
  (seconds: number): Job =>
  (age) =>
    age < seconds
      ? { state: 'JOB_STATE_RUNNING', start: 10 }
      : { state: 'JOB_STATE_SUCCEEDED', start: 10, end: seconds };

/** A job that fails so many seconds after its start. */
export const failed =
  (code: number, seconds = 600, start: number | undefined = 0): Job =>
  (age) =>
    age < seconds
      ? { state: 'JOB_STATE_RUNNING', start }
      : { state: 'JOB_STATE_FAILED', start, end: seconds, error: { code, message: `code ${code}` } };

/** A job that nobody has machines for. */
export const pending: Job = (_age, _asked, cancelled) => ({
  state: cancelled ? 'JOB_STATE_CANCELLED' : 'JOB_STATE_PENDING',
});

export const created = ({ calls }: Ended): any[] =>
  calls.filter(({ url }) => url.endsWith('/customJobs')).map(({ body }) => body);
