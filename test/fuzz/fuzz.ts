/**
 * Whole platforms: random constructs with random options in one to three stacks. Each synthesizes to valid output of its
 * engine, the same each time, or is refused by a ValidationError. `FAST_CHECK_TIMES` tries more, `FAST_CHECK_SEED` others.
 */
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { CONSTRUCTS, Offer, platforms } from './arbitrary';
import { Builder, partsOf, Plan, Platform, printable } from './platform';
import { CODES } from '../../src/core/private/codes';
import { isValidationError, ValidationError } from '../../src/core/private/faults';
import { runs, SEED } from '../core/arbitraries';
import { runCommands } from '../core/hostile';
import { breachesOf, Walker } from '../security/rules';
import { SynthesizedStack } from '../support/programs';

/** What is written, by path: stacks, and reports. */
export interface Files {
  readonly [path: string]: string;
}

/** What the tests know of a cloud. */
export interface FuzzedCloud extends Builder {
  readonly offer: Offer;
  /** How many platforms are tried. */
  readonly tried: number;
  /** An empty app; valid output is asked of it unless it is made again. */
  newApp(again: boolean): Construct;
  /** What an app synthesizes to; an error where its engine would refuse it. */
  synthesize(app: Construct, program: () => string): Files;
  /** The same, without asking whether it is valid. */
  synthesizeAgain(app: Construct): Files;
  /** The outputs of a stack, with anything for what only deployment knows. */
  outputs(json: any): string[];
  /** Hostile text that has become more than text. */
  leaks(json: any): string[];
  /** The rules of security. */
  rules(stacks: SynthesizedStack[], walker: Walker): void;
}

/** The share of platforms that must be valid: a generator that is mostly refused tests nothing. */
const LEAST_VALID = 0.4;
/** One of so many valid ones is made again. */
const AGAIN = 3;
/** How long it may take, with making a failure smaller: some platforms take seconds. */
const { numRuns: MINUTES } = runs(5);
/** How many valid ones are held against the rules of security. */
const { numRuns: WALKED } = runs(20);

/** Makes the tests. */
export function fuzz(name: string, cloud: FuzzedCloud): void {
  const valid: Plan[] = [];
  const refusals = new Map<string, number>();

  /** Makes a platform, as far as it goes. */
  function make(plan: Plan, again = false): { app: Construct; program: string[]; refused?: unknown } {
    const app = cloud.newApp(again);
    const platform = new Platform(app, plan, cloud);
    try {
      platform.make();
      return { app, program: platform.program };
    } catch (refused) {
      return { app, program: platform.program, refused };
    }
  }

  /** What a plan synthesizes to, or the refusal; any other error is a defect. */
  function synthesized(plan: Plan): Files | ValidationError {
    const { app, program, refused } = make(plan);
    try {
      if (refused) {
        throw refused;
      }
      return cloud.synthesize(app, () => program.join('\n'));
    } catch (error) {
      if (!isValidationError(error)) {
        throw error;
      }
      return error;
    }
  }

  function mustStand(plan: Plan, files: Files): void {
    const stacks = stacksIn(files, `platform-${valid.length}`);
    expect(
      Object.entries(files).filter(([path, text]) => /html$/.test(path) && /<script/i.test(text)),
    ).toEqual([]);
    expect(stacks.flatMap(({ json }) => cloud.leaks(json))).toEqual([]);
    expect(runCommands(stacks.flatMap(({ json }) => cloud.outputs(json))).obeyed).toEqual([]);
    if (valid.length < WALKED) {
      expect(breachesOf((walker) => cloud.rules(stacks, walker))).toEqual([]);
    }
    if (valid.length % AGAIN === 0) {
      expect(cloud.synthesizeAgain(make(plan, true).app)).toEqual(files);
    }
  }

  describe(`whole platforms of ${name} (seed ${SEED})`, () => {
    const arbitrary = platforms(cloud.offer).map((plan) => printable(plan, () => make(plan).program));
    const { numRuns, seed } = runs(cloud.tried);

    test('are what the engine accepts, or are refused', () => {
      fc.assert(
        fc.property(arbitrary, (plan) => {
          const made = synthesized(plan);
          if (isValidationError(made)) {
            mustTell(made);
            refusals.set(toldBy(made), (refusals.get(toldBy(made)) ?? 0) + 1);
          } else {
            mustStand(plan, made as Files);
            valid.push(plan);
          }
        }),
        { numRuns, seed, skipAllAfterTimeLimit: MINUTES * 60_000 },
      );
    });

    test('are valid often enough, with every construct and every engine', () => {
      const parts = valid.flatMap(partsOf);
      const options = new Set(
        parts.flatMap(([kind, { props }]) => Object.keys(props).map((prop) => `${kind}.${prop}`)),
      );
      process.stdout.write(
        `${name}: ${numRuns} platforms, ${valid.length} valid; ${options.size} options in them; refused by ${refusals.size} kinds of faults${byCodes(refusals)}\n`,
      );
      expect(valid.length / numRuns).toBeGreaterThanOrEqual(LEAST_VALID);
      const seen = new Set(parts.map(([kind, { engine }]) => `${kind}: ${engine}`));
      const engines = CONSTRUCTS.flatMap((kind) =>
        cloud.offer.engines[kind].map((engine) => `${kind}: ${engine.name}`),
      );
      expect(engines.filter((engine) => !seen.has(engine))).toEqual([]);
    });
  });
}

/** A refusal says where, what and why. */
function mustTell({ constructPath, faults }: ValidationError): void {
  expect(constructPath).not.toBe('');
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.filter(({ code, prop, message }) => !(code in CODES && prop && message))).toEqual([]);
}

/** How often each code refused one, the most frequent first. */
function byCodes(refusals: ReadonlyMap<string, number>): string {
  const codes = new Map<string, number>();
  refusals.forEach((times, told) => {
    const [code] = told.split(' ');
    codes.set(code, (codes.get(code) ?? 0) + times);
  });
  const told = [...codes]
    .sort(([, one], [, other]) => other - one)
    .map(([code, times]) => `${code} ${times}`);
  return told.length ? `: ${told.join(', ')}` : '';
}

const toldBy = ({ faults: [{ code, prop }] }: ValidationError) => `${code} ${prop.replace(/\d+/g, 'n')}`;

const stacksIn = (files: Files, name: string): SynthesizedStack[] =>
  Object.entries(files)
    .filter(([path]) => /(\.template|cdk\.tf)\.json$/.test(path))
    .map(([path, text]) => ({
      name: `${name}/${path.replace(/(^stacks\/|\/cdk\.tf\.json$|\.template\.json$)/g, '')}`,
      json: JSON.parse(text),
    }));
