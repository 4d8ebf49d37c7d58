import { Found, Text } from './walk';
import type { Told } from '../../scripts/compliance/cells';
import { writeAnswers } from '../support/compliance';

/** What holds of everything of a kind. */
export interface Rule<T> {
  readonly title: string;
  /** What it is about; everything where it is left out. */
  readonly about?: (one: T) => boolean;
  readonly holds: (one: T) => boolean;
  /** What the rule must find fault with: a rule that lets everything pass guards nothing. */
  readonly broken: Partial<T>;
  /** Whether the constructs make nothing of its kind today. */
  readonly absent?: boolean;
}

/** Why something that would be a fault is none. */
export interface Exception<T> {
  readonly of: (one: T) => boolean;
  readonly because: string;
}

/** What is done with rules: tests are made of them, or what breaks them is gathered. */
export interface Walker {
  group(title: string, rules: () => void): void;
  /** All things obey all rules. */
  obey<T extends Found>(things: T[], rules: Rule<T>[]): void;
  /** Every suspect has a reason, and every reason a suspect. */
  explained<T extends Found>(
    title: string,
    suspects: T[],
    exceptions: Exception<T>[],
    show: (one: T) => string,
  ): void;
  /** No text of a stack is such a one. */
  nowhere(title: string, all: Text[], isSuch: (text: Text) => boolean, such: Partial<Text>): void;
}

/** Makes tests of rules. */
export const TESTS: Walker = {
  group: describe,
  obey,
  explained,
  nowhere: (title, all, isSuch, such) =>
    test(title, () => {
      expect(all.filter(isSuch).map(({ where }) => where)).toEqual([]);
      expect(isSuch(such as Text)).toBe(true);
    }),
};

/** What breaks rules. Of a few stacks nobody asks that each rule and each reason has its case. */
export function breachesOf(rules: (walker: Walker) => void): string[] {
  const found: string[] = [];
  rules({
    group: (_, those) => those(),
    obey: (things, all) => {
      for (const { title, about = () => true, holds } of all) {
        found.push(
          ...things.filter((one) => about(one) && !holds(one)).map(({ where }) => `${title}: ${where}`),
        );
      }
    },
    explained: (title, suspects, exceptions, show) =>
      found.push(
        ...suspects
          .filter((one) => !exceptions.some(({ of }) => of(one)))
          .map((one) => `${title}: ${show(one)} at ${one.where}`),
      ),
    nowhere: (title, all, isSuch) =>
      found.push(...all.filter(isSuch).map(({ where }) => `${title}: ${where}`)),
  });
  return found;
}

/** One test for each rule: something is there that it is about, all of that obeys, and what is broken is found. */
function obey<T extends Found>(things: T[], rules: Rule<T>[]): void {
  test.each(rules.map((rule) => [rule.title, rule] as const))(
    '%s',
    (_, { about = () => true, holds, broken, absent }) => {
      const judged = things.filter(about);
      expect(judged.length > 0).toBe(!absent);
      expect(judged.filter((one) => !holds(one)).map(({ where }) => where)).toEqual([]);
      expect({ judged: about(broken as T), holds: holds(broken as T) }).toEqual({
        judged: true,
        holds: false,
      });
      tell(judged);
    },
  );
}

function explained<T extends Found>(
  title: string,
  suspects: T[],
  exceptions: Exception<T>[],
  show: (one: T) => string,
): void {
  test(title, () => {
    expect(suspects).not.toEqual([]);
    const unexplained = suspects.filter((one) => !exceptions.some(({ of }) => of(one)));
    // The first place of each.
    const places = new Map(unexplained.reverse().map((one) => [show(one), one.where]));
    expect(Object.fromEntries(places)).toEqual({});
    tell(suspects, (one) => exceptions.find(({ of }) => of(one))!.because);
  });
  test(`${title}: no reason without a case`, () => {
    expect(exceptions.filter(({ of }) => !suspects.some(of)).map(({ because }) => because)).toEqual([]);
    expect(exceptions.filter(({ because }) => !/^[A-Z].{20,}\.$/s.test(because))).toEqual([]);
  });
}

/** What looks like a credential, whatever it is called. */
export const CREDENTIALS =
  /-----BEGIN|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b|\bhf_[A-Za-z]{30,}|\bgh[pousr]_\w{30,}|AccountKey=|SharedAccessSignature|[?&]sig=|\beyJ[\w-]+\.eyJ|"(password|secret_?value|api_?key)":"[^"$<{]/i;

const told: Told[] = [];

/** Keeps what the running rule says of things, once for each construct and reason. */
function tell<T extends Found>(
  things: T[],
  becauseOf: (one: T) => string | undefined = () => undefined,
): void {
  const rule = expect.getState().currentTestName!;
  const said = things.map((one): Told => {
    const { profile = 'standard', construct } = one;
    return { profile, scanner: 'own tests', rule, construct, because: becauseOf(one) };
  });
  told.push(...new Map(said.map((one) => [JSON.stringify(one), one])).values());
}

/** Writes what the rules of a file say of the constructs of a cloud. */
export const writeRules = (cloud: string): void => afterAll(() => writeAnswers(`${cloud}.own`, told));
