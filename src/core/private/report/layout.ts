import { orderRows } from './order';
import { spread } from './spread';

/** What is to be placed: in a band from side to side, perhaps in an area of it. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Bands lie below each other, by their numbers. */
  readonly band: number;
  readonly area?: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** How much room its label takes. */
  readonly label?: { readonly width: number; readonly height: number };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Rectangle>;
  readonly bands: readonly Rectangle[];
  readonly areas: ReadonlyMap<string, Rectangle>;
  /** One for each arrow: where it goes through, from its tail to its head, and the middle of its label. */
  readonly arrows: readonly { readonly points: readonly Point[]; readonly label?: Point }[];
}

/** What has a place in a row: a box, or an arrow on its way through. */
export interface Slot {
  readonly row: number;
  readonly width: number;
  /** Whose bounds it stays in. */
  readonly area?: string;
  /** Its box; none where an arrow passes. */
  readonly box?: Box;
  /** Its neighbours in the rows above and below. */
  readonly up: Slot[];
  readonly down: Slot[];
  x: number;
}

interface Route {
  readonly arrow: Arrow;
  /** From top to bottom. */
  readonly slots: readonly Slot[];
  /** Whether the arrow points upwards. */
  readonly turned: boolean;
}

/** More boxes beside each other are too small to read; beside a network there are others. */
const MOST_IN_A_LINE = { all: 4, withNetwork: 3 };
/** Room at the sides of boxes and labels, and of arrows that pass. */
const GAP = { box: 28, label: 14, arrow: 14 };
const MARGIN = 12;
const BAND = { top: 46, bottom: 26, gap: 22 };
const AREA = { top: 32, side: 2, bottom: 14 };
const ROOM = { plain: 40, labelled: 66 };

/**
 * Places boxes in rows, so that arrows go down as far as they can, and leads the arrows around what is in their
 * way. It is at least as wide as asked for.
 */
export function layOut(boxes: readonly Box[], arrows: readonly Arrow[], least = 0): Layout {
  const ranks = ranksOf(boxes, arrows);
  const slots = new Map(boxes.map((box) => [box.id, slotOf(box, ranks.get(box.id)!)]));
  const routes = arrows.map((arrow) => routeOf(arrow, slots));
  const rows = rowsOf([...slots.values(), ...routes.flatMap((route) => route.slots.slice(1, -1))]);
  orderRows(rows);
  const inside = spread(rows, AREA.side, least - 2 * MARGIN);
  const labelled = labelledRows(routes);
  const heights = heightsOf(rows, labelled);
  const placed = new Map(boxes.map((box) => [box.id, rectangleOf(slots.get(box.id)!, heights)]));
  const bands = bandsOf(boxes, placed, inside + 2 * MARGIN);
  return {
    width: inside + 2 * MARGIN,
    height: Math.max(0, ...bands.map(({ y, height }) => y + height)),
    boxes: placed,
    bands,
    areas: areasOf(boxes, placed),
    arrows: routes.map((route) => lineOf(route, placed, heights, labelled)),
  };
}

/** Boxes by how far they are from what nothing points at, band by band. */
function ranksOf(boxes: readonly Box[], arrows: readonly Arrow[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  let first = 0;
  for (const band of [...new Set(boxes.map((box) => box.band))].sort((a, b) => a - b)) {
    const layers = layersOf(
      boxes.filter((box) => box.band === band),
      arrows,
    );
    layers.forEach((layer, i) => layer.forEach((id) => ranks.set(id, first + i)));
    first += layers.length;
  }
  return ranks;
}

function layersOf(boxes: readonly Box[], arrows: readonly Arrow[]): string[][] {
  const ids = boxes.map(({ id }) => id);
  const down = acyclic(ids, arrows);
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) {
      return known;
    }
    const above = ids.filter((other) => down.get(other)!.has(id));
    const depth = Math.max(-1, ...above.map(depthOf)) + 1;
    depths.set(id, depth);
    return depth;
  };
  ids.forEach(depthOf);
  // What nothing points at comes down to what it points at; a network stays above what runs in it.
  const highest = boxes.filter(({ id, area }) => area !== id && depths.get(id) === 0).map(({ id }) => id);
  for (const id of highest.filter((one) => down.get(one)!.size)) {
    depths.set(id, Math.min(...[...down.get(id)!].map((to) => depths.get(to)!)) - 1);
  }
  const layers = [...Array(Math.max(-1, ...depths.values()) + 1).keys()].map((depth) =>
    boxes.filter(({ id }) => depths.get(id) === depth),
  );
  return layers.flatMap(inLines).map((line) => line.map(({ id }) => id));
}

/** A layer as lines of nearly the same length. */
function inLines(layer: readonly Box[]): Box[][] {
  const { all, withNetwork } = MOST_IN_A_LINE;
  const lines = Math.ceil(layer.length / (layer.some(({ area }) => area) ? withNetwork : all));
  const length = Math.ceil(layer.length / lines);
  return [...Array(lines).keys()].map((i) => layer.slice(i * length, (i + 1) * length));
}

/** Where arrows lead to from each box, without those that would close a circle. */
function acyclic(ids: readonly string[], arrows: readonly Arrow[]): Map<string, Set<string>> {
  const down = new Map(ids.map((id) => [id, new Set<string>()]));
  const reaches = (from: string, to: string): boolean =>
    from === to || [...down.get(from)!].some((next) => reaches(next, to));
  for (const { from, to } of arrows) {
    if (down.has(from) && down.has(to) && !reaches(to, from)) {
      down.get(from)!.add(to);
    }
  }
  return down;
}

/** Boxes are in the even rows; arrows have their labels in the odd ones. */
const slotOf = (box: Box, rank: number): Slot => ({
  row: 2 * rank,
  width: box.width + GAP.box,
  area: box.area,
  box,
  up: [],
  down: [],
  x: 0,
});

function routeOf(arrow: Arrow, slots: ReadonlyMap<string, Slot>): Route {
  const ends = [slots.get(arrow.from)!, slots.get(arrow.to)!];
  const turned = ends[0].row > ends[1].row;
  const [top, bottom] = turned ? [ends[1], ends[0]] : ends;
  const middle = labelRow(top.row, bottom.row);
  const lanes = [...Array(bottom.row - top.row - 1).keys()].map((i): Slot => {
    const row = top.row + 1 + i;
    const width = row === middle && arrow.label ? arrow.label.width + GAP.label : GAP.arrow;
    return { row, width, area: top.area === bottom.area ? top.area : undefined, up: [], down: [], x: 0 };
  });
  const all = [top, ...lanes, bottom];
  all.slice(1).forEach((slot, i) => {
    all[i].down.push(slot);
    slot.up.push(all[i]);
  });
  return { arrow, slots: all, turned };
}

const labelRow = (top: number, bottom: number) => {
  const middle = (top + bottom) / 2;
  return middle % 2 === 1 ? middle : middle - 1;
};

function rowsOf(slots: readonly Slot[]): Slot[][] {
  const rows = [...Array(Math.max(-1, ...slots.map(({ row }) => row)) + 1).keys()].map((): Slot[] => []);
  slots.forEach((slot) => rows[slot.row].push(slot));
  return rows;
}

/** Where the rows begin and end. */
type Heights = readonly { readonly top: number; readonly bottom: number }[];

const labelledRows = (routes: readonly Route[]): ReadonlySet<number> =>
  new Set(routes.flatMap(({ arrow, slots }) => (arrow.label ? [labelRowOf(slots)] : [])));

const labelRowOf = (slots: readonly Slot[]) => labelRow(slots[0].row, slots[slots.length - 1].row);

function heightsOf(rows: readonly (readonly Slot[])[], labelled: ReadonlySet<number>): Heights {
  let y = BAND.top + capOf(rows[0] ?? []);
  return rows.map((row, i) => {
    const top = y;
    y += i % 2 ? roomOf(rows[i - 1], rows[i + 1], labelled.has(i)) : tallest(row);
    return { top, bottom: y };
  });
}

const tallest = (row: readonly Slot[]) => Math.max(0, ...row.map(({ box }) => box?.height ?? 0));
const boxesIn = (row: readonly Slot[]) => row.flatMap(({ box }) => box ?? []);

/** The room between two rows of boxes, with the borders of what ends and begins there. */
function roomOf(above: readonly Slot[], below: readonly Slot[], labelled: boolean): number {
  const [upper, lower] = [boxesIn(above), boxesIn(below)];
  const areas = upper.concat(lower).some(({ area }) => area) ? AREA.top + AREA.bottom : 0;
  const bands = upper[0].band === lower[0].band ? 0 : BAND.bottom + BAND.gap + BAND.top;
  return Math.max(labelled ? ROOM.labelled : ROOM.plain, bands && bands + 16) + areas;
}

/** What the name of a network takes above its boxes. */
const capOf = (row: readonly Slot[]) => (boxesIn(row).some(({ area }) => area !== undefined) ? AREA.top : 0);

const rectangleOf = ({ x, row, box }: Slot, heights: Heights): Rectangle => ({
  x: MARGIN + x - box!.width / 2,
  y: heights[row].top,
  width: box!.width,
  height: box!.height,
});

function bandsOf(boxes: readonly Box[], placed: ReadonlyMap<string, Rectangle>, width: number): Rectangle[] {
  const numbers = [...new Set(boxes.map(({ band }) => band))].sort((a, b) => a - b);
  return numbers.map((band) => {
    const own = boxes.filter((box) => box.band === band);
    const inside = around(own.map(({ id }) => placed.get(id)!));
    const first = own.some((box) => box.area !== undefined && placed.get(box.id)!.y === inside.y);
    const top = BAND.top + (first ? AREA.top : 0);
    const bottom = BAND.bottom + (own.some(({ area }) => area !== undefined) ? AREA.bottom : 0);
    return { x: 0, width, y: inside.y - top, height: top + inside.height + bottom };
  });
}

function areasOf(boxes: readonly Box[], placed: ReadonlyMap<string, Rectangle>): Map<string, Rectangle> {
  const names = new Set(boxes.flatMap(({ area }) => area ?? []));
  return new Map(
    [...names].map((area) => {
      const inside = around(boxes.filter((box) => box.area === area).map(({ id }) => placed.get(id)!));
      return [
        area,
        {
          x: inside.x - GAP.box / 2 - AREA.side,
          y: inside.y - AREA.top,
          width: inside.width + GAP.box + 2 * AREA.side,
          height: inside.height + AREA.top + AREA.bottom,
        },
      ];
    }),
  );
}

function around(all: readonly Rectangle[]): Rectangle {
  const [x, y] = [Math.min(...all.map((one) => one.x)), Math.min(...all.map((one) => one.y))];
  return {
    x,
    y,
    width: Math.max(...all.map((one) => one.x + one.width)) - x,
    height: Math.max(...all.map((one) => one.y + one.height)) - y,
  };
}

function lineOf(
  { arrow, slots, turned }: Route,
  placed: ReadonlyMap<string, Rectangle>,
  heights: Heights,
  labelled: ReadonlySet<number>,
): Layout['arrows'][number] {
  const [top, bottom] = [slots[0], slots[slots.length - 1]];
  const [upper, lower] = [placed.get(top.box!.id)!, placed.get(bottom.box!.id)!];
  const middleOf = ({ x, row }: Slot) => ({
    x: MARGIN + x,
    y: (heights[row].top + heights[row].bottom) / 2,
  });
  // Straight beside boxes, between labels, and free to bend elsewhere.
  const lanes = slots
    .slice(1, -1)
    .flatMap((slot): Point[] =>
      slot.row % 2
        ? [...(labelled.has(slot.row) ? [middleOf(slot)] : [])]
        : [heights[slot.row].top, heights[slot.row].bottom].map((y) => ({ x: MARGIN + slot.x, y })),
    );
  const points = [
    { x: portOf(top, slots[1], top.down, upper), y: upper.y + upper.height },
    ...lanes,
    { x: portOf(bottom, slots[slots.length - 2], bottom.up, lower), y: lower.y },
  ];
  const label = slots.find(({ row }) => row === labelRowOf(slots))!;
  return {
    points: turned ? points.reverse() : points,
    ...(arrow.label && { label: middleOf(label) }),
  };
}

/** Where an arrow meets its box: beside the others there, in their order. */
function portOf({ x }: Slot, slot: Slot, all: readonly Slot[], { width }: Rectangle): number {
  const order = [...all].sort((a, b) => a.x - b.x);
  const step = Math.min(26, (width * 0.7) / order.length);
  return MARGIN + x + (order.indexOf(slot) - (order.length - 1) / 2) * step;
}
