import type { Slot } from './layout';
import { middleOf } from './order';

const PASSES = 4;

/** The columns that an area has, in the rows from its first to its last. */
interface Column {
  readonly area: string;
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly width: number;
}

/** Slots of a row that share a column, or are in none. */
interface Run {
  readonly slots: readonly Slot[];
  readonly left: number;
  readonly right: number;
}

/** Gives slots the middles that they have in their rows, near to those of their neighbours. The width of it all. */
export function spread(rows: readonly (readonly Slot[])[], side: number, least: number): number {
  const columns = columnsOf(rows, side);
  const width = Math.max(least, ...rows.map((row, i) => widthOf(row, i, columns)));
  const runs = rows.map((row, i) => runsOf(row, i, columns, width, side));
  runs.flat().forEach(({ slots, left, right }) => {
    let x = (left + right - lengthOf(slots)) / 2;
    for (const slot of slots) {
      slot.x = x + slot.width / 2;
      x += slot.width;
    }
  });
  for (let pass = 0; pass < PASSES; pass++) {
    const down = pass % 2 === 0;
    const near = (slot: Slot) =>
      pass >= PASSES - 2 ? [...slot.up, ...slot.down] : down ? slot.up : slot.down;
    (down ? runs : [...runs].reverse()).flat().forEach((run) =>
      place(
        run,
        run.slots.map((slot) => middleOf(near(slot), slot.x)),
      ),
    );
  }
  return width;
}

const lengthOf = (slots: readonly Slot[]) => slots.reduce((sum, { width }) => sum + width, 0);

function columnsOf(rows: readonly (readonly Slot[])[], side: number): Column[] {
  const columns: Column[] = [];
  for (const area of new Set(rows.flat().flatMap((slot) => slot.area ?? []))) {
    const inside = rows.map((row) => row.filter((slot) => slot.area === area));
    const held = [...inside.keys()].filter((i) => inside[i].length);
    const [first, last] = [held[0], held[held.length - 1]];
    const beside = columns.filter((other) => other.first <= last && first <= other.last);
    columns.push({
      area,
      first,
      last,
      left: Math.max(0, ...beside.map((other) => other.left + other.width)),
      width: Math.max(...inside.map((slots) => lengthOf(slots))) + 2 * side,
    });
  }
  return columns;
}

const columnsAt = (row: number, columns: readonly Column[]) =>
  columns.filter(({ first, last }) => first <= row && row <= last);

const free = (row: readonly Slot[]) => row.filter(({ area }) => area === undefined);

function widthOf(row: readonly Slot[], i: number, columns: readonly Column[]): number {
  const taken = Math.max(0, ...columnsAt(i, columns).map(({ left, width }) => left + width));
  return taken + lengthOf(free(row));
}

function runsOf(
  row: readonly Slot[],
  i: number,
  columns: readonly Column[],
  width: number,
  side: number,
): Run[] {
  const here = columnsAt(i, columns);
  const taken = Math.max(0, ...here.map((column) => column.left + column.width));
  return [
    ...here.map((column) => ({
      slots: row.filter(({ area }) => area === column.area),
      left: column.left + side,
      right: column.left + column.width - side,
    })),
    { slots: free(row), left: taken, right: width },
  ].filter(({ slots }) => slots.length);
}

/** Places the slots of a run as near to the wished middles as their order and their widths allow. */
function place({ slots, left, right }: Run, wishes: readonly number[]): void {
  // Without the widths between them, middles only have to ascend: neighbours that do not are put together.
  const offsets = slots.map((slot, i) => lengthOf(slots.slice(0, i + 1)) - slot.width / 2);
  const pools: { sum: number; count: number }[] = [];
  wishes.forEach((wish, i) => {
    let pool = { sum: wish - offsets[i], count: 1 };
    for (
      let before = pools[pools.length - 1];
      before && before.sum / before.count >= pool.sum / pool.count;
      before = pools[pools.length - 1]
    ) {
      pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  });
  const most = right - lengthOf(slots);
  const starts = pools.flatMap(({ sum, count }) =>
    Array<number>(count).fill(Math.min(Math.max(sum / count, left), most)),
  );
  slots.forEach((slot, i) => (slot.x = starts[i] + offsets[i]));
}
