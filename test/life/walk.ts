import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { printedSteps } from './platform';
import { inShell, StandIn } from '../support/stand-ins';

/** A cloud as its command line shows it: what the walk looks at. */
export interface Walked {
  /** As `npm run quickstart` names it. */
  readonly cloud: string;
  readonly standIns: { readonly [executable: string]: StandIn };
  /** Images that were pushed. */
  readonly images: string[];
  /** Files that were uploaded, by what they are in. */
  readonly files: ReadonlyMap<string, string[]>;
  /** Names of training runs. */
  readonly runs: string[];
  /** Where predictions were asked for. */
  readonly predictions: string[];
  /** Alarms that ring. */
  ringing: string[];
  /** Percents that variants have. */
  readonly shares: { readonly [variant: string]: number };
  /** Versions that variants serve. */
  readonly served: { readonly [variant: string]: string };
  /** What a deployment says of a version that is not approved. */
  readonly unapproved: RegExp;
  /** Whether an endpoint is there. */
  readonly serving: boolean;
  /** Approved versions of the model in the registry. */
  readonly versions: string[];
  /** A command that would take away what is to be retained, and what it is refused with. */
  readonly tooMuch?: [command: string, refusal: RegExp];
}

const DECLARED = { main: 100, next: 0 };

/**
 * The whole life of a model by the commands that `npm run quickstart` prints, in that order, each run by bash in a copy of
 * the example's folder.
 */
export async function walk(one: Walked): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'life-'));
  const folder = join(root, 'quickstart');
  try {
    cpSync(join(__dirname, '..', '..', 'examples', 'quickstart', 'containers'), join(folder, 'containers'), {
      recursive: true,
    });
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'transactions.csv'), 'amount,fraud\n');
    await inShell({ ...one.standIns, sleep: () => '' }, async (shell) => {
      const run = (command: string) => shell.run(`cd ${folder} && { ${command}\n}`);
      const all = async (commands: string[]) => {
        for (const command of commands) {
          expect([command, await run(command)]).toEqual([command, expect.objectContaining({ code: 0 })]);
        }
      };
      const [foundation, push, submit, publish, deploy, invoke, again, next, [shift], back, destroy] =
        printedSteps(one.cloud).map(([, commands]) => commands);
      const watched = shift.replace('VARIANT=next', 'VARIANT=next WAIT_SECONDS=30');

      await all(foundation);
      await all(push);
      const named = one.images.map((image) => /(train|serve|embed)\w*:1$/.exec(image)?.[1]);
      expect(named).toEqual(['train', 'serve', 'embed']);
      await all(submit);
      expect([...one.files.values()]).toContainEqual(['transactions.csv']);
      expect(one.runs).toEqual(['first']);

      // Registered, but not approved: refused, and nothing serves.
      await all(publish.slice(0, 1));
      const refused = await run(deploy.join(' && '));
      expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(one.unapproved)]);
      expect(one.serving).toBe(false);
      await all(publish.slice(1));
      expect(one.versions).toEqual(['1']);

      await all(deploy);
      expect([one.shares, one.served]).toEqual([DECLARED, { main: '1', next: '1' }]);
      await all(invoke);
      expect(one.predictions).toHaveLength(2);

      await all(again);
      expect([one.runs, one.versions]).toEqual([
        ['first', 'second'],
        ['1', '2'],
      ]);
      await all(next);
      expect([one.shares, one.served]).toEqual([DECLARED, { main: '1', next: '2' }]);

      one.ringing = ['error-percent'];
      expect([(await run(watched)).code, one.shares]).toEqual([1, DECLARED]);
      one.ringing = [];
      await all([watched]);
      expect(one.shares).toEqual({ main: 0, next: 100 });
      // A deployment does not undo it.
      await all(next);
      expect(one.shares).toEqual({ main: 0, next: 100 });
      await all(back);
      expect(one.shares).toEqual(DECLARED);

      await all(destroy);
      if (one.tooMuch) {
        const [command, refusal] = one.tooMuch;
        expect(await run(command)).toMatchObject({ code: 1, err: expect.stringMatching(refusal) });
      }
      expect([one.serving, one.versions]).toEqual([false, ['1', '2']]);
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Says at the end of a walk what was real, and what stood in. */
export function account(
  cloud: string,
  steps: { readonly [step: string]: [real: string, stoodIn: string] },
): void {
  const lines = Object.entries(steps).map(
    ([step, [real, stoodIn]]) => `  ${step}\n    real: ${real}\n    stood in: ${stoodIn}`,
  );
  process.stdout.write(`\nThe life of a model on ${cloud}:\n${lines.join('\n')}\n`);
}
