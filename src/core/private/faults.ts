import { Construct, IConstruct } from 'constructs';
import { Code } from './codes';

/** One thing that is wrong with a props object. */
export interface Fault {
  readonly code: Code;
  /** Where, from the props object: `scaling.minInstances`, `zones[0].name`. */
  readonly prop: string;
  /** What is wrong, what is allowed, what to do; continues the sentence that begins with the prop. */
  readonly message: string;
}

/** The one error of the library. Not exported from the package: jsii has no error classes. */
export class ValidationError extends Error {
  public readonly name = 'ValidationError';

  constructor(
    public readonly constructPath: string,
    public readonly faults: readonly Fault[],
  ) {
    const lines = faults.map(({ code, prop, message }) => `${prop ? `${prop} ` : ''}${message} [${code}]`);
    super(
      lines.length === 1
        ? `${constructPath}: ${lines[0]}`
        : `${constructPath}: ${lines.length} faults\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    Object.defineProperty(this, ERROR, { value: true });
    // The message says it all: an uncaught error is not to print it twice.
    for (const property of ['name', 'constructPath', 'faults']) {
      Object.defineProperty(this, property, { enumerable: false });
    }
  }
}

const ERROR = Symbol.for('cloud-ml-constructs.ValidationError');

export function isValidationError(error: unknown): error is ValidationError {
  return typeof error === 'object' && error !== null && ERROR in error;
}

/** Collects what is wrong, so that a user sees it all at once. */
export class Faults {
  private readonly list: Fault[] = [];

  public get none(): boolean {
    return this.list.length === 0;
  }

  public add(code: Code, prop: string, message: string): void {
    this.list.push({ code, prop, message });
  }

  public throwIfAny(constructPath: string): void {
    if (!this.none) {
      throw new ValidationError(constructPath, this.list);
    }
  }
}

/** A value as a user would write it, cut to a readable length. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return `'${value.length > 80 ? `${value.slice(0, 77)}…` : value}'`;
  }
  if (Construct.isConstruct(value)) {
    return `the construct ${value.node.path}`;
  }
  const json = typeof value === 'object' ? safeJson(value) : String(value);
  return json.length > 80 ? `${json.slice(0, 77)}…` : json;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'an object';
  }
}

/**
 * Judges the props of a construct before its first child is made: collects the faults of `find`, and throws them
 * with the construct taken out of the tree again, so that nothing half-built stays.
 */
export function judge<T>(construct: IConstruct, find: (faults: Faults) => T): T {
  const { node } = construct;
  try {
    const faults = new Faults();
    const result = collect(faults, () => find(faults));
    faults.throwIfAny(node.path);
    return result as T;
  } catch (error) {
    node.scope?.node.tryRemoveChild(node.id);
    throw error;
  }
}

/** As `judge`, for a call on a construct that already stands: nothing is removed. */
export function judgeCall<T>(construct: IConstruct, find: (faults: Faults) => T): T {
  return judgeValue(construct.node.path, find);
}

/** Resolving malformed props may fail in any way; the faults found before then say why. */
function collect<T>(faults: Faults, find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (faults.none) {
      throw error;
    }
    return undefined;
  }
}

/** As `judge`, for a value class that has no place in the tree. */
export function judgeValue<T>(name: string, find: (faults: Faults) => T): T {
  const faults = new Faults();
  const result = collect(faults, () => find(faults));
  faults.throwIfAny(name);
  return result as T;
}
