import type { Slot } from './layout';

const SWEEPS = 4;

/** Puts the slots of each row into an order in which few arrows cross; what is in an area stays together. */
export function orderRows(rows: Slot[][]): void {
  const areas = [...new Set(rows.flat().flatMap(({ area }) => area ?? []))];
  const areaOf = ({ area }: Slot) => (area === undefined ? areas.length : areas.indexOf(area));
  const arrange = (row: Slot[], weight: (slot: Slot) => number) => {
    const weights = new Map(row.map((slot) => [slot, weight(slot)]));
    row.sort((a, b) => areaOf(a) - areaOf(b) || weights.get(a)! - weights.get(b)!);
    // Positions as parts of the row's length, to compare rows of different lengths.
    row.forEach((slot, i) => (slot.x = (i + 0.5) / row.length));
  };
  rows.forEach((row) => arrange(row, () => 0));
  let best = { rows: rows.map((row) => [...row]), crossings: crossingsOf(rows) };
  for (let sweep = 0; sweep < SWEEPS && best.crossings > 0; sweep++) {
    const down = sweep % 2 === 0;
    (down ? rows : [...rows].reverse()).forEach((row) =>
      arrange(row, (slot) => middleOf(down ? slot.up : slot.down, slot.x)),
    );
    const crossings = crossingsOf(rows);
    if (crossings < best.crossings) {
      best = { rows: rows.map((row) => [...row]), crossings };
    }
  }
  best.rows.forEach((row, i) => rows.splice(i, 1, row));
}

/** The mean position of neighbours. */
export const middleOf = (slots: readonly Slot[], otherwise: number): number =>
  slots.length ? slots.reduce((sum, { x }) => sum + x, 0) / slots.length : otherwise;

function crossingsOf(rows: readonly (readonly Slot[])[]): number {
  return rows.reduce((sum, row) => {
    const ends = row.flatMap((slot) => slot.down.map((next) => [slot.x, next.x] as const));
    let crossed = 0;
    for (let i = 0; i < ends.length; i++) {
      for (let j = 0; j < i; j++) {
        crossed += Number((ends[i][0] - ends[j][0]) * (ends[i][1] - ends[j][1]) < 0);
      }
    }
    return sum + crossed;
  }, 0);
}
