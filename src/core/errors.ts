import { isValidationError } from './private/faults';

/** How the message of a validation error ends. */
const MESSAGE = /\[CMC-\d{3}\]$/;

/**
 * Tells the errors of this library from others.
 */
export class Errors {
  /**
   * Whether an error says that props were refused: its message names the construct, each prop, what was given, what
   * is allowed and the way out, and ends with a stable code such as `[CMC-004]`. In Python a `RuntimeError` has the message:
   * give its text, `str(error)`.
   *
   * @param error what was caught, or its message
   */
  public static isValidationError(error: any): boolean {
    return isValidationError(error) || (typeof error === 'string' && MESSAGE.test(error));
  }

  private constructor() {}
}
