import { createHash } from 'crypto';

/**
 * Evaluates Terraform's expressions as they stand in what this project synthesizes: templates, references, conditions,
 * `for`, indexes and the functions below. Everything else is an error. `expressions.test.ts` compares it with Terraform
 * itself where that is installed.
 */

export type Value = any;
/** What only a later step knows; not even `try` makes a value of it. */
export class Unknown extends Error {}

/** What a root name stands for: `var`, `local`, `data`, or a type of resources. */
export type Names = (root: string) => Value;

const sum = (list: number[]) => {
  if (!list.length) {
    throw new Error('sum of nothing');
  }
  return list.reduce((all, one) => all + one, 0);
};
const string = (value: Value): string =>
  typeof value === 'object' ? fail(`no text: ${JSON.stringify(value)}`) : String(value);
const number = (value: Value): number =>
  Number.isNaN(Number(value)) ? fail(`no number: ${value}`) : Number(value);
const pattern = (text: string) => new RegExp(text.replace(/^\/|\/$/g, ''), 'g');

const FUNCTIONS: { readonly [name: string]: (...args: Value[]) => Value } = {
  abs: Math.abs,
  alltrue: (list) => list.every((one: Value) => one === true),
  base64encode: (text) => Buffer.from(string(text)).toString('base64'),
  concat: (...lists) => lists.flat(),
  element: (list, i) => list[i % list.length],
  flatten: (list) => list.flat(Infinity),
  join: (by, ...lists) => lists.flat().map(string).join(by),
  jsonencode: (value) =>
    JSON.stringify(sorted(value)).replace(
      /[<>&\u2028\u2029]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  jsondecode: (text) => JSON.parse(string(text)),
  length: (value) => (typeof value === 'object' ? Object.keys(value).length : value.length),
  lower: (text) => string(text).toLowerCase(),
  parseint: (text, base) => parseInt(text, base),
  regex: (text, value) => new RegExp(text).exec(string(value))?.[0] ?? fail(`no match of ${text}`),
  replace: (text, what, by) =>
    /^\/.*\/$/.test(what) ? string(text).replace(pattern(what), by) : string(text).split(what).join(by),
  sha1: (text) => createHash('sha1').update(string(text)).digest('hex'),
  sort: (list) => [...list].sort(),
  split: (by, text) => string(text).split(by),
  substr: (text, from, count) => string(text).slice(from, count < 0 ? undefined : from + count),
  sum,
  tostring: string,
  trimprefix: (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
};

const sorted = (value: Value): Value =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map((key) => [key, sorted(value[key])]),
        )
      : value;

function fail(why: string): never {
  throw new Error(why);
}

/** Thunks: `try`, `can` and conditions do not evaluate all that they hold. */
type Expression = (names: Names) => Value;

const OPERATORS: { readonly [operator: string]: [number, (a: Value, b: Value) => Value] } = {
  '==': [3, (a, b) => JSON.stringify(a) === JSON.stringify(b)],
  '!=': [3, (a, b) => JSON.stringify(a) !== JSON.stringify(b)],
  '<': [4, (a, b) => number(a) < number(b)],
  '>': [4, (a, b) => number(a) > number(b)],
  '<=': [4, (a, b) => number(a) <= number(b)],
  '>=': [4, (a, b) => number(a) >= number(b)],
  '+': [5, (a, b) => number(a) + number(b)],
  '-': [5, (a, b) => number(a) - number(b)],
  '*': [6, (a, b) => number(a) * number(b)],
  '/': [6, (a, b) => number(a) / number(b)],
  '%': [6, (a, b) => number(a) % number(b)],
};

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  /** Text with `${…}` in it; ends at `end`, or with the text. Alone, an expression keeps its type. */
  public template(end?: '"'): Expression {
    const parts: (string | Expression)[] = [];
    let literal = '';
    while (this.at < this.text.length && this.text[this.at] !== end) {
      if (this.skip('$${') || this.skip('%%{')) {
        literal += this.text.slice(this.at - 2, this.at);
      } else if (this.skip('${')) {
        parts.push(literal, this.expression());
        literal = '';
        this.expect('}');
      } else if (this.text.startsWith('%{', this.at)) {
        fail(`directives are not understood: ${this.text}`);
      } else if (end && this.text[this.at] === '\\') {
        const [whole] = /^\\(u.{4}|.)/.exec(this.text.slice(this.at))!;
        literal += JSON.parse(`"${whole}"`);
        this.at += whole.length;
      } else {
        literal += this.text[this.at++];
      }
    }
    const all = [...parts, literal].filter((part) => part !== '');
    if (all.length === 1 && typeof all[0] !== 'string') {
      return all[0];
    }
    return (names) => all.map((part) => (typeof part === 'string' ? part : string(part(names)))).join('');
  }

  private expression(): Expression {
    const condition = this.or();
    if (!this.token('?')) {
      return condition;
    }
    const yes = this.expression();
    this.expect(':');
    const no = this.expression();
    return (names) => (condition(names) ? yes(names) : no(names));
  }

  private or(): Expression {
    let left = this.and();
    while (this.token('||')) {
      const [a, b] = [left, this.and()];
      left = (names) => a(names) || b(names);
    }
    return left;
  }

  private and(): Expression {
    let left = this.binary(3);
    while (this.token('&&')) {
      const [a, b] = [left, this.binary(3)];
      left = (names) => a(names) && b(names);
    }
    return left;
  }

  private binary(least: number): Expression {
    let left = this.unary();
    for (;;) {
      const operator = Object.keys(OPERATORS)
        .sort((a, b) => b.length - a.length)
        .find((one) => OPERATORS[one][0] >= least && this.ahead(one));
      if (!operator) {
        return left;
      }
      this.expect(operator);
      const [a, b, of] = [left, this.binary(OPERATORS[operator][0] + 1), OPERATORS[operator][1]];
      left = (names) => of(a(names), b(names));
    }
  }

  private unary(): Expression {
    if (!this.ahead('!=') && this.token('!')) {
      const value = this.unary();
      return (names) => !value(names);
    }
    if (this.token('-')) {
      const value = this.unary();
      return (names) => -number(value(names));
    }
    return this.postfix(this.primary());
  }

  private postfix(value: Expression): Expression {
    for (;;) {
      const of = value;
      if (this.skip('[*]') || this.skip('.*')) {
        const rest = this.postfix((names) => names('*'));
        return (names) =>
          [of(names)].flat().map((one: Value) => rest((root) => (root === '*' ? one : names(root))));
      } else if (this.skip('[')) {
        const key = this.expression();
        this.expect(']');
        value = (names) => member(of(names), key(names));
      } else if (this.text[this.at] === '.' && !this.text.startsWith('...', this.at)) {
        this.at += 1;
        const key = this.word(/^[\w-]+/);
        value = (names) => member(of(names), key);
      } else {
        return value;
      }
    }
  }

  private primary(): Expression {
    if (this.token('"')) {
      const text = this.template('"');
      this.at += 1;
      return text;
    }
    if (this.token('(')) {
      const value = this.expression();
      this.expect(')');
      return value;
    }
    if (this.token('[')) {
      return this.forIn(']') ?? this.list(']');
    }
    if (this.token('{')) {
      return this.forIn('}') ?? this.object();
    }
    this.blanks();
    if (/^\d/.test(this.text.slice(this.at))) {
      const literal = Number(this.word(/^\d+(\.\d+)?/));
      return () => literal;
    }
    const name = this.word(/^[A-Za-z_][\w-]*/);
    if (['true', 'false', 'null'].includes(name)) {
      return () => JSON.parse(name);
    }
    return this.skip('(') ? this.call(name) : (names) => names(name);
  }

  private call(name: string): Expression {
    const args = this.listOf(')');
    const attempts = (names: Names) => {
      for (const arg of args) {
        try {
          return { value: arg(names) };
        } catch (error) {
          if (error instanceof Unknown) {
            throw error;
          }
        }
      }
      return undefined;
    };
    switch (name) {
      case 'try':
        return (names) => (attempts(names) ?? fail('nothing of try could be evaluated')).value;
      case 'can':
        return (names) => attempts(names) !== undefined;
      default:
        if (!FUNCTIONS[name]) {
          fail(`unknown function: ${name}`);
        }
        return (names) => FUNCTIONS[name](...args.map((arg) => arg(names)));
    }
  }

  private forIn(end: ']' | '}'): Expression | undefined {
    this.blanks();
    if (!/^for\s/.test(this.text.slice(this.at))) {
      return undefined;
    }
    this.at += 3;
    const variables = [this.name(), ...(this.token(',') ? [this.name()] : [])];
    this.expect('in');
    const over = this.expression();
    this.expect(':');
    const first = this.expression();
    const second = end === '}' ? (this.expect('=>'), this.expression()) : undefined;
    const condition = this.token('if') ? this.expression() : () => true;
    this.expect(end);
    return (names) => {
      const all = over(names);
      const entries = (Array.isArray(all) ? all.map((one, i) => [i, one]) : Object.entries(sorted(all))).map(
        ([key, value]) => {
          const own: { [name: string]: Value } =
            variables.length === 2
              ? { [variables[0]]: key, [variables[1]]: value }
              : { [variables[0]]: value };
          return (root: string) => (root in own ? own[root] : names(root));
        },
      );
      const kept = entries.filter((scope) => condition(scope));
      return second
        ? Object.fromEntries(kept.map((scope) => [first(scope), second(scope)]))
        : kept.map((scope) => first(scope));
    };
  }

  private object(): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.token('}')) {
      this.blanks();
      const bare = /^[A-Za-z_][\w-]*(?=\s*[=:])/.exec(this.text.slice(this.at))?.[0];
      const key = bare ? (this.word(/^[\w-]+/), () => bare) : this.expression();
      if (!this.token('=')) {
        this.expect(':');
      }
      entries.push([key, this.expression()]);
      this.token(',');
    }
    return (names) => Object.fromEntries(entries.map(([key, value]) => [key(names), value(names)]));
  }

  private list(end: string): Expression {
    const all = this.listOf(end);
    return (names) => all.map((one) => one(names));
  }

  private listOf(end: string): Expression[] {
    const all: Expression[] = [];
    while (!this.token(end)) {
      all.push(this.expression());
      this.token(',');
    }
    return all;
  }

  private name(): string {
    this.blanks();
    return this.word(/^[A-Za-z_]\w*/);
  }

  private word(form: RegExp): string {
    const found = form.exec(this.text.slice(this.at));
    if (!found) {
      throw new Error(`expected ${form} at ${this.at} of ${this.text}`);
    }
    this.at += found[0].length;
    return found[0];
  }

  private blanks(): void {
    this.word(/^\s*/);
  }

  private skip(token: string): boolean {
    const is = this.text.startsWith(token, this.at);
    this.at += is ? token.length : 0;
    return is;
  }

  private ahead(token: string): boolean {
    this.blanks();
    return this.text.startsWith(token, this.at);
  }

  private token(token: string): boolean {
    return this.ahead(token) && this.skip(token);
  }

  private expect(token: string): void {
    if (!this.token(token)) {
      fail(`expected ${token} at ${this.at} of ${this.text}`);
    }
  }
}

function member(of: Value, key: Value): Value {
  const found = of === null || typeof of !== 'object' ? undefined : of[key];
  if (found === undefined) {
    throw new Error(`no ${key} in ${JSON.stringify(of)}`);
  }
  return found;
}

/** What a synthesized text, list or object is when all that it refers to is known. */
export function evaluate(value: Value, names: Names): Value {
  if (typeof value === 'string') {
    return new Parser(value).template()(names);
  }
  if (Array.isArray(value)) {
    return value.map((one) => evaluate(one, names));
  }
  return value && typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value).map(([key, one]) => [evaluate(key, names), evaluate(one, names)]),
      )
    : value;
}

/** What a value of a stack is before anything of it runs: data sources hold nothing, resources their names. */
export function beforeAnythingRuns(json: { readonly [block: string]: any }, value: Value): Value {
  const named = (prefix: string): Value => new Proxy({}, { get: (_, key) => `<${prefix}.${String(key)}>` });
  const names: Names = (root) => {
    switch (root) {
      case 'var':
        return Object.fromEntries(
          Object.entries(json.variable ?? {}).map(([name, one]: [string, any]) => [name, one.default]),
        );
      case 'local':
        return new Proxy({}, { get: (_, name) => evaluate(json.locals[name], names) });
      case 'data':
        return { terraform_remote_state: new Proxy({}, { get: () => ({ outputs: named('outputs') }) }) };
      default:
        return new Proxy({}, { get: (_, name) => named(`${root}.${String(name)}`) });
    }
  };
  return evaluate(value, names);
}
