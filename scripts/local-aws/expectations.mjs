/** What was found as it should be, and what was not. */
export class Expectations {
  passed = [];
  failed = [];

  expect = (what, condition, found) =>
    condition
      ? this.passed.push(what)
      : this.failed.push(
          found === undefined ? what : `${what}; found ${JSON.stringify(found).slice(0, 400)}`,
        );

  /** What passed; an Error where anything failed. */
  conclude() {
    const { passed, failed } = this;
    if (failed.length)
      throw new Error(
        `${failed.length} of ${failed.length + passed.length} expectations failed:\n- ${failed.join('\n- ')}`,
      );
    return passed;
  }
}
