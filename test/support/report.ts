import { readdirSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

/** What a picture shows, as its page says it. */
export interface Shown {
  readonly title: string;
  readonly boxes: string[];
  /** `from label to`, by the paths of constructs. */
  readonly arrows: { readonly from: string; readonly to: string; readonly says: string }[];
  /** The titles of the sections, in their order. */
  readonly sections: string[];
  /** All that a reader sees, without marks. */
  readonly text: string;
}

const ENTITIES: { readonly [entity: string]: string } = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};
const decoded = (text: string) => text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]);
const all = (html: string, pattern: RegExp) =>
  [...html.matchAll(pattern)].map((match) => match.slice(1).map(decoded));

/** Reads a page as a browser would show it, as far as tests ask. */
export function shownBy(html: string): Shown {
  return {
    title: all(html, /<h1>([^<]*)<\/h1>/g)[0][0],
    boxes: all(html, /data-part="([^"]*)"/g).map(([part]) => part),
    arrows: all(html, /data-from="([^"]*)" data-to="([^"]*)"><title>([^<]*)</g).map(([from, to, title]) => ({
      from,
      to,
      says: title.slice(from.length + 1, -to.length - 1),
    })),
    sections: all(html, /<h2>([^<]*)<\/h2>/g).map(([title]) => title),
    text: decoded(html.replace(/<style>[^]*?<\/style>/g, '').replace(/<[^>]*>/g, ' ')).replace(
      /[\s\u00a0]+/g,
      ' ',
    ),
  };
}

/** The files of reports, by their paths. */
export interface Reports {
  readonly [file: string]: string;
}

/** The reports in a folder. */
export const reportsIn = (folder: string): Reports =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|\/|\.)report\.(html|md|json)$/.test(file))
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );

/** A resource of what was synthesized: where it stands in the program, and what is written in it. */
export interface Made {
  readonly path: string;
  readonly text: string;
  /** Whether a text refers to it. */
  readonly isIn: (text: string) => boolean;
}

/**
 * Holds a picture against the output, read again without the report's help: each box has resources, each arrow stands for
 * a reference, and no reference between two boxes lacks its arrow.
 */
export function mustShow({ boxes, arrows }: Shown, made: readonly Made[]): void {
  const below = new Map(
    boxes.map((box) => [box, made.filter(({ path }) => path === box || path.startsWith(`${box}/`))]),
  );
  expect(boxes.filter((box) => below.get(box)!.length === 0)).toEqual([]);
  const refers = (from: string, to: string) =>
    below.get(from)!.some(({ text }) => below.get(to)!.some(({ isIn }) => isIn(text)));
  const found = boxes.flatMap((from) =>
    boxes.filter((to) => to !== from && refers(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(arrows.map(({ from, to }) => `${from} → ${to}`).sort()).toEqual(found.sort());
}

/** The sections of a stack that another one uses. */
export const SECTIONS = [
  'What was created',
  'Other stacks',
  'Chosen for you',
  'What bills while idle',
  'Quotas to have',
  'Addresses and next commands',
  'Good to know',
];

/** What a report tells, besides much else. */
export function mustTell(shown: Shown, of: { sections: readonly string[]; facts: readonly string[] }): void {
  expect(shown.sections).toEqual(of.sections);
  expect(of.facts.filter((fact) => !shown.text.includes(fact))).toEqual([]);
}

/** `from does to`, for each arrow. */
export const sentencesOf = ({ arrows }: Shown): string[] =>
  arrows.map(({ from, to, says }) => `${from} ${says} ${to}`).sort();

/** Whoever synthesizes on whatever machine gets the same. */
export function mustBeTheSame(files: Reports, again: Reports): void {
  expect(again).toEqual(files);
  const text = Object.values(files).join('\n');
  expect([process.cwd(), tmpdir()].filter((path) => text.includes(path))).toEqual([]);
  expect(text).not.toMatch(/\b20\d\d-\d\d-\d\d[T ]\d\d:/);
}
