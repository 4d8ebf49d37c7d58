import { Code } from './codes';
import { Faults, show } from './faults';
import { nearest } from './nearest';
import { isToken } from './tokens';

/** Judges one value. `struct`, `list` and `record` give no rule an absent value, and no rule a token. */
export type Rule = (value: unknown, prop: string, faults: Faults) => void;

/** A rule for every key of a struct: the compiler refuses a forgotten or misspelt one. */
export type Schema<T> = { readonly [K in keyof Required<T>]: Rule };

const REQUIRED = Symbol('required');
const LITERAL = Symbol('literal');

const withMark = (rule: Rule, mark: symbol): Rule =>
  Object.assign((value: unknown, prop: string, faults: Faults) => rule(value, prop, faults), rule, {
    [mark]: true,
  });

/** The value must be there. */
export const required = (rule: Rule): Rule => withMark(rule, REQUIRED);

/** The program depends on the value: a token will not do. Structs, records, constructs, flags and lists of such are it by themselves. */
export const literal = (rule: Rule): Rule => withMark(rule, LITERAL);

const absent = (value: unknown) => value === undefined || value === null;

function apply(rule: Rule, value: unknown, prop: string, faults: Faults): void {
  if (absent(value)) {
    if (REQUIRED in rule) {
      faults.add('CMC-002', prop, 'is required');
    }
  } else if (!isToken(value)) {
    rule(value, prop, faults);
  } else if (LITERAL in rule) {
    faults.add(
      'CMC-015',
      prop,
      `(${show(value)}) is known only at deployment; it must be a value that the program knows`,
    );
  }
}

/** A refusal: what was given, what is allowed. */
const refuse = (faults: Faults, code: Code, prop: string, value: unknown, allowed: string) =>
  faults.add(code, prop, `(${show(value)}) must be ${allowed}`);

export const anything: Rule = () => undefined;

export const flag: Rule = literal((value, prop, faults) => {
  if (typeof value !== 'boolean') {
    refuse(faults, 'CMC-003', prop, value, 'true or false');
  }
});

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** @default 1 for integers */
  readonly step?: number;
  /** Why the limit stands, or the way out: continues the sentence. */
  readonly because?: string;
}

function ranged(noun: string, isNoun: (value: number) => boolean) {
  return ({ min = -Infinity, max = Infinity, step, because }: Range = {}): Rule =>
    (value, prop, faults) => {
      const reach =
        min > -Infinity && max < Infinity
          ? ` from ${min} to ${max}`
          : min > -Infinity
            ? ` of at least ${min}`
            : max < Infinity
              ? ` of at most ${max}`
              : '';
      const allowed = `${noun}${reach}${step ? ` in steps of ${step}` : ''}${because ? `: ${because}` : ''}`;
      if (typeof value !== 'number' || Number.isNaN(value)) {
        refuse(faults, 'CMC-003', prop, value, allowed);
      } else if (!isNoun(value) || value < min || value > max || (step && value % step !== 0)) {
        refuse(faults, 'CMC-004', prop, value, allowed);
      }
    };
}

export const integer = ranged('a whole number', Number.isInteger);
export const number = ranged('a number', Number.isFinite);

export interface TextForm {
  readonly pattern?: RegExp;
  /** What the pattern says, in words. */
  readonly means?: string;
  readonly maxLength?: number;
}

export function text({
  pattern = /[^]/,
  means = 'a text that is not empty',
  maxLength = Infinity,
}: TextForm = {}): Rule {
  return (value, prop, faults) => {
    if (typeof value !== 'string') {
      refuse(faults, 'CMC-003', prop, value, `a string: ${means}`);
    } else if (!pattern.test(value) || value.length > maxLength) {
      refuse(faults, 'CMC-006', prop, value, means);
    }
  };
}

export function oneOf(...allowed: (string | number)[]): Rule {
  return (value, prop, faults) => {
    if (!allowed.includes(value as string | number)) {
      refuse(faults, 'CMC-005', prop, value, `one of ${allowed.map(show).join(', ')}`);
    }
  };
}

export function list(rule: Rule, { min = 0, max = Infinity, unique }: ListForm = {}): Rule {
  const elements: Rule = (value, prop, faults) => {
    if (!Array.isArray(value)) {
      return refuse(faults, 'CMC-003', prop, value, 'a list');
    }
    if (value.length < min || value.length > max) {
      faults.add(
        'CMC-004',
        prop,
        `has ${value.length} elements; it takes ${max < Infinity ? `${min} to ${max}` : `at least ${min}`}`,
      );
    }
    value.forEach((element, i) => apply(required(rule), element, `${prop}[${i}]`, faults));
    if (unique) {
      const keys = value.map((element) => (unique === 'itself' ? element : element?.[unique]));
      keys.forEach((key, i) => {
        if (key !== undefined && keys.indexOf(key) !== i) {
          faults.add(
            'CMC-007',
            `${prop}[${i}]${unique === 'itself' ? '' : `.${unique}`}`,
            `(${show(key)}) occurs twice`,
          );
        }
      });
    }
  };
  return LITERAL in rule ? literal(elements) : elements;
}

export interface ListForm {
  readonly min?: number;
  readonly max?: number;
  /** The key of the elements that must differ, or `itself`. */
  readonly unique?: string;
}

export function record(rule: Rule, { keys, means }: { keys: RegExp; means: string }): Rule {
  return literal((value, prop, faults) => {
    if (typeof value !== 'object' || Array.isArray(value)) {
      return refuse(faults, 'CMC-003', prop, value, 'a map of names to values');
    }
    for (const [key, element] of Object.entries(value as object)) {
      if (!keys.test(key)) {
        faults.add('CMC-006', prop, `has the key ${show(key)}, which must be ${means}`);
      }
      apply(required(rule), element, `${prop}.${key}`, faults);
    }
  });
}

/** A struct with exactly the keys of its schema. */
export function struct<T>(schema: Schema<T>): Rule {
  const known = Object.keys(schema);
  return literal((value, prop, faults) => {
    const at = (key: string) => (prop ? `${prop}.${key}` : key);
    if (typeof value !== 'object' || Array.isArray(value)) {
      return refuse(faults, 'CMC-003', prop, value, `an object with ${known.join(', ')}`);
    }
    for (const key of Object.keys(value as object)) {
      if (!known.includes(key) && !absent((value as Record<string, unknown>)[key])) {
        const [hint] = nearest(
          key.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
          known,
        );
        faults.add(
          'CMC-001',
          at(key),
          `is no known prop${hint ? `; did you mean '${hint}'?` : '.'} Known are ${known.join(', ')}`,
        );
      }
    }
    for (const key of known) {
      apply(schema[key as keyof T], (value as Record<string, unknown>)[key], at(key), faults);
    }
  });
}

/** A value that was made by a class of the library, recognized by what `test` finds, not by `instanceof`. */
export function valueOf(test: (value: unknown) => boolean, means: string): Rule {
  return literal((value, prop, faults) => {
    if (!test(value)) {
      refuse(faults, 'CMC-003', prop, value, means);
    }
  });
}

/** Any of several rules that tell their values apart by type. */
export function either(isFirst: (value: unknown) => boolean, first: Rule, second: Rule): Rule {
  return (value, prop, faults) => (isFirst(value) ? first : second)(value, prop, faults);
}

/** Judges a whole props object. */
export function judgeProps(faults: Faults, rule: Rule, props: unknown): void {
  rule(props ?? {}, '', faults);
}
