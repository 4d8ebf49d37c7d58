import { readFileSync, writeFileSync } from 'fs';
import { cpus, loadavg } from 'os';

/** Two things side by side, measured in turn. */
export interface Pair {
  readonly what: string;
  /** The library's figures, in the order of the runs. */
  readonly ours: number[];
  /** The figures that it is compared with: the same index is the same pair. */
  readonly theirs: number[];
  readonly unit: 'ms' | 'MiB';
  /** Ratio by default; the difference of the medians, or the library's own figure, where the target is one of these. */
  readonly by?: 'ratio' | 'difference' | 'itself';
  readonly target?: number;
}

export interface Section {
  readonly title: string;
  readonly about: string;
  /** The names of the two columns. */
  readonly columns: [string, string];
  readonly pairs: Pair[];
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const digits = (value: number) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
const figure = (value: number) => value.toFixed(digits(value));
const spread = (values: number[]) =>
  `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;

/** One line of a table: medians with minimum and maximum, and the median of what each pair says. */
function row({ what, ours, theirs, unit, by = 'ratio', target }: Pair): string[] {
  const each = {
    ratio: () => ours.map((one, i) => one / theirs[i]),
    difference: () => ours.map((one, i) => one - theirs[i]),
    itself: () => ours,
  }[by]();
  const [low, mid, high] = [Math.min(...each), median(each), Math.max(...each)];
  const says = {
    ratio: () => `${mid.toFixed(2)}× (${low.toFixed(2)}–${high.toFixed(2)})`,
    difference: () => `${mid < 0 ? '−' : '+'}${figure(Math.abs(mid))} ${unit}`,
    itself: () => `${figure(mid)} ${unit}`,
  }[by]();
  return [
    `${what}, ${unit}`,
    spread(ours),
    spread(theirs),
    says,
    target === undefined ? '' : by === 'ratio' ? `≤ ${target.toFixed(2)}×` : `≤ ${target} ${unit}`,
    target === undefined ? '' : mid <= target ? 'yes' : '**no**',
  ];
}

const line = (cells: string[]) => `| ${cells.join(' | ')} |`;

export function table({ title, about, columns, pairs }: Section): string {
  const head = [`${pairs[0].ours.length} pairs`, ...columns, 'ratio of each pair', 'target', 'reached'];
  return [
    `### ${title}`,
    '',
    about,
    '',
    line(head),
    line(head.map(() => '---')),
    ...pairs.map((pair) => line(row(pair))),
  ].join('\n');
}

const marks = (group: string) => [`<!-- measured: ${group} -->`, `<!-- end of ${group} -->`];

/** Where and when, so that nobody compares figures of two machines. */
const circumstances = (kind: string, versions: string) =>
  `${kind}, ${new Date().toISOString().slice(0, 10)}, node ${process.version}, ${versions}, ${cpus().length} × ${cpus()[0].model.trim()}, ` +
  `load average ${loadavg()[0].toFixed(1)} at the end. Medians (minimum–maximum).`;

/** Replaces what was measured of a group; keeps the other groups, and what was written by hand. */
export function write(
  file: string,
  group: string,
  kind: string,
  versions: string,
  sections: Section[],
): void {
  const text = readFileSync(file, 'utf8');
  const [beginMark, endMark] = marks(group);
  const [begin, end] = [text.indexOf(beginMark), text.indexOf(endMark)];
  if (begin < 0 || end < begin) {
    throw new Error(`${file}: the marks of ${group} are missing`);
  }
  const measured = [beginMark, ...sections.map(table), circumstances(kind, versions)].join('\n\n');
  writeFileSync(file, `${text.slice(0, begin)}${measured}\n\n${text.slice(end)}`);
}
