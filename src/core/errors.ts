import { isValidationError } from './private/faults';

/**
 * Tells the errors of this library from others.
 */
export class Errors {
  /**
   * Whether an error says that props were refused: its message names the construct, each prop, what was given, what
   * is allowed and the way out, and ends with a stable code such as `[CMC-004]`. In Python only the message arrives.
   *
   * @param error what was caught
   */
  public static isValidationError(error: any): boolean {
    return isValidationError(error);
  }

  private constructor() {}
}
