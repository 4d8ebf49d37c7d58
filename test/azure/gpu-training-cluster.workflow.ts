/** A small interpreter of the language of Logic Apps, as much of it as the cluster's workflow uses. */

type Status = 'Succeeded' | 'Failed' | 'Skipped';
type Action = {
  readonly type: string;
  readonly runAfter?: { [action: string]: string[] };
  readonly [key: string]: any;
};

/** A call to a service, and what it answers; a status from 400 on fails the action. */
export interface Call {
  readonly method: string;
  readonly uri: string;
  readonly body?: any;
}
export type Service = (call: Call, hours: number) => { readonly status: number; readonly body?: unknown };

export interface Outcome {
  readonly calls: Call[];
  readonly response?: { readonly statusCode: number; readonly body: any };
  readonly failure?: string;
  readonly hours: number;
}

class Terminated extends Error {}

/** Runs a definition with an input, its trigger already passed. */
export function run(definition: any, input: object, service: Service): Outcome {
  const calls: Call[] = [];
  const outputs: { [action: string]: any } = {};
  const variables: { [name: string]: any } = {};
  let response: Outcome['response'];
  let failure: string | undefined;
  let now = 0;
  let item: unknown;

  const FUNCTIONS: { [name: string]: (...args: any[]) => any } = {
    triggerBody: () => input,
    workflow: () => ({ run: { name: '0858EXAMPLE' } }),
    outputs: (name) => outputs[name],
    body: (name) => outputs[name]?.body ?? outputs[name],
    variables: (name) => variables[name],
    item: () => item,
    coalesce: (...values) => values.find((value) => value !== undefined && value !== null),
    max: Math.max,
    min: Math.min,
    int: Number,
    concat: (...texts) => texts.join(''),
    replace: (text: string, from: string, to: string) => text.split(from).join(to),
    join: (list: string[], by: string) => list.join(by),
    base64: (text: string) => Buffer.from(text).toString('base64'),
    createArray: (...values) => values,
    contains: (list: unknown[] | string, value) => (list as unknown[]).includes(value),
    or: (...values) => values.some(Boolean),
    and: (...values) => values.every(Boolean),
    equals: (a, b) => a === b,
    empty: (value) => value.length === 0,
    if: (test, yes, no) => (test ? yes : no),
    greater: (a, b) => a > b,
    lessOrEquals: (a, b) => a <= b,
    not: (value) => !value,
    greaterOrEquals: (a, b) => a >= b,
    add: (a, b) => a + b,
    mul: (a, b) => a * b,
    string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
    json: JSON.parse,
    split: (text: string, by: string) => text.split(by),
    trim: (text: string) => text.trim(),
    toLower: (text: string) => text.toLowerCase(),
    union: (one: unknown[], other: unknown[]) => [...one, ...other],
    // Moments are hours since the start.
    utcNow: () => `${now}`,
    addHours: (moment: string, hours: number) => `${Number(moment) + hours}`,
    ticks: Number,
  };

  function evaluate(expression: string): any {
    const tokens = expression.match(/'(?:[^']|'')*'|\d+|\w+|\?\[|[()\],]/g)!;
    if (tokens.join('') !== expression.replace(/(, )(?=(?:[^']*'[^']*')*[^']*$)/g, ',')) {
      throw new Error(`not understood: ${expression}`);
    }
    let at = 0;
    const next = (): any => {
      const token = tokens[at++];
      let value: any;
      if (token.startsWith("'")) {
        value = token.slice(1, -1).replace(/''/g, "'");
      } else if (/^\d/.test(token)) {
        value = Number(token);
      } else if (tokens[at] === '(') {
        const args: any[] = [];
        for (at++; tokens[at] !== ')';) {
          args.push(next());
          at += tokens[at] === ',' ? 1 : 0;
        }
        at++;
        value = FUNCTIONS[token](...args);
      } else {
        throw new Error(`unknown: ${token} in ${expression}`);
      }
      while (tokens[at] === '?[') {
        at++;
        const key = next();
        at++;
        value = value?.[key];
      }
      return value;
    };
    return next();
  }

  function resolve(value: any): any {
    if (typeof value === 'string') {
      if (value.startsWith('@@')) {
        return value.startsWith('@@{') ? interpolate(value) : value.slice(1);
      }
      return /^@(?!\{)/.test(value) ? evaluate(value.slice(1)) : interpolate(value);
    }
    if (Array.isArray(value)) {
      return value.map(resolve);
    }
    return value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one)]))
      : value;
  }

  const interpolate = (text: string) =>
    text.replace(/@(@\{)|@\{((?:[^}'']|'(?:[^']|'')*')*)\}/g, (_, escaped, expression) =>
      escaped ? escaped : `${evaluate(expression)}`,
    );

  function perform(name: string, action: Action): Status {
    const { inputs } = action;
    switch (action.type) {
      case 'Compose':
        outputs[name] = resolve(inputs);
        return 'Succeeded';
      case 'Select':
        outputs[name] = resolve(inputs.from).map((one: unknown) => {
          item = one;
          return resolve(inputs.select);
        });
        return 'Succeeded';
      case 'InitializeVariable':
        inputs.variables.forEach(({ name: variable, value }: any) => (variables[variable] = resolve(value)));
        return 'Succeeded';
      case 'SetVariable':
        variables[inputs.name] = resolve(inputs.value);
        return 'Succeeded';
      case 'IncrementVariable':
        variables[inputs.name] += inputs.value;
        return 'Succeeded';
      case 'Wait':
        now += inputs.interval.count / 60;
        return 'Succeeded';
      case 'Http': {
        const { method, uri, body } = resolve(inputs);
        calls.push({ method, uri, body });
        const answer = service({ method, uri, body }, now);
        outputs[name] = { statusCode: answer.status, body: answer.body };
        return answer.status < 400 ? 'Succeeded' : 'Failed';
      }
      case 'Response':
        response = { statusCode: resolve(inputs.statusCode), body: resolve(inputs.body) };
        return 'Succeeded';
      case 'If':
        return performAll(resolve(action.expression) ? action.actions : (action.else?.actions ?? {}));
      case 'Until': {
        const start = now;
        for (
          let i = 0;
          i < action.limit.count && now - start < parseInt(action.limit.timeout.slice(2));
          i++
        ) {
          performAll(action.actions);
          if (resolve(action.expression)) {
            break;
          }
        }
        return 'Succeeded';
      }
      case 'Terminate':
        failure = resolve(inputs).runError.message;
        throw new Terminated();
      default:
        throw new Error(`unknown type: ${action.type}`);
    }
  }

  function performAll(actions: { [name: string]: Action }): Status {
    const done: { [name: string]: Status } = {};
    const ready = () =>
      Object.keys(actions).find(
        (name) =>
          !(name in done) && Object.keys(actions[name].runAfter ?? {}).every((before) => before in done),
      );
    for (let name = ready(); name; name = ready()) {
      const runs = Object.entries(actions[name].runAfter ?? {}).every(([before, statuses]) =>
        statuses.includes(done[before]),
      );
      done[name] = runs ? perform(name, actions[name]) : 'Skipped';
    }
    if (Object.keys(done).length !== Object.keys(actions).length) {
      throw new Error(`never run: ${Object.keys(actions).filter((name) => !(name in done))}`);
    }
    return Object.values(done).includes('Failed') ? 'Failed' : 'Succeeded';
  }

  try {
    performAll(definition.actions);
  } catch (error) {
    if (!(error instanceof Terminated)) {
      throw error;
    }
  }
  return { calls, response, failure, hours: now };
}

/** As Terraform hands text on. */
export const unescaped = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/\$\$\{/g, '${')
      .replace(/%%\{/g, '%{'),
  );
