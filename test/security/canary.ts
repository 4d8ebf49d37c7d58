import { readdirSync, readFileSync, rmSync, statSync } from 'fs';
import { join } from 'path';

/** The value of a secret that a program of the user has in clear. */
export const CANARY = 'canary-7f3a-value-of-a-secret';

/** A program with such a secret, and constructs that are given it. */
export interface Caged {
  /** Writes all of it. */
  readonly synth: () => void;
  readonly outdir: string;
  /** What the user's own resource is called in what is written. */
  readonly own: string;
  /** The constructs that are given the secret, by the beginning of the ids of what they make. */
  readonly given: readonly string[];
  /** What says of a resource that it names the secret. */
  readonly named: RegExp;
}

/**
 * The value of a secret is in the resource that the user wrote it into, and nowhere else: in no other resource, so in no
 * state, in no output, report, or other file, and in nothing that is printed. Each construct names the secret.
 */
export function cage(make: () => Caged): void {
  test('the value of a secret is where the user wrote it, and nowhere else', () => {
    const printed: string[] = [];
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      jest.spyOn(process[stream], 'write').mockImplementation((text) => printed.push(String(text)) > 0),
    );
    const caged = make();
    caged.synth();
    spies.forEach((spy) => spy.mockRestore());
    const files = filesIn(caged.outdir);
    const stacks = files.filter(({ path }) => /(cdk\.tf|\.template)\.json$/.test(path));
    const resources = stacks.flatMap(({ text }) => resourcesIn(JSON.parse(text)));
    rmSync(caged.outdir, { recursive: true });

    expect(printed.filter((text) => text.includes(CANARY))).toEqual([]);
    const others = files.filter((file) => !stacks.includes(file));
    expect(others.filter(({ text }) => text.includes(CANARY)).map(({ path }) => path)).toEqual([]);
    expect(others.some(({ path }) => path.endsWith('report.html'))).toBe(true);
    expect(resources.filter(([, text]) => text.includes(CANARY)).map(([id]) => id)).toEqual([caged.own]);
    // Nor in an output, or elsewhere in a stack.
    expect(stacks.map(({ text }) => text.split(CANARY).length - 1)).toEqual([1]);

    const naming = (id: string) =>
      resources.filter(([other, text]) => other.startsWith(id) && caged.named.test(text) && !isGrant(other));
    expect(caged.given.filter((id) => naming(id).length === 0)).toEqual([]);
  });
}

const isGrant = (id: string) => /Policy|Grant|Role/.test(id);

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

/** A text with all in it that is Base64, such as scripts, in clear besides. */
const decoded = (text: string): string =>
  [
    text,
    ...(text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? []).map((one) => Buffer.from(one, 'base64').toString()),
  ].join('\n');

/** The resources of a template or of a stack of Terraform, with their texts. */
const resourcesIn = ({ Resources, resource = {} }: any): [id: string, text: string][] =>
  [
    ...Object.entries(Resources ?? {}),
    ...Object.values<any>(resource).flatMap((one) => Object.entries(one)),
  ].map(([id, body]) => [id, decoded(JSON.stringify(body))]);
