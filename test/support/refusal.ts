import { isValidationError, ValidationError } from '../../src/core/private/faults';

/** The error that a call must raise: the library's own, with these codes, and no other. */
export function refusal(call: () => unknown, ...codes: string[]): string {
  let error: unknown;
  try {
    call();
  } catch (caught) {
    error = caught;
  }
  if (!isValidationError(error)) {
    throw error ?? new Error('nothing was refused');
  }
  expect((error as ValidationError).faults.map(({ code }) => code)).toEqual(
    codes.length ? codes : expect.anything(),
  );
  return (error as ValidationError).message;
}
