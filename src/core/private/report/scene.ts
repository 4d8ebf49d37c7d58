import type { Link, Meaning, Part } from './model';

/** What a picture shows: constructs by their stacks, and arrows between them. */
export interface Scene {
  readonly title: string;
  readonly bands: readonly Band[];
  readonly boxes: readonly SceneBox[];
  readonly arrows: readonly SceneArrow[];
}

/** A stack, from side to side of the picture. */
export interface Band {
  readonly name: string;
  /** Whether the picture is of it, and not of what it has to do with. */
  readonly own: boolean;
}

export interface SceneBox {
  readonly part: Part;
  readonly band: number;
  /** The network that it runs in, by its part's id. */
  readonly area?: string;
}

export interface SceneArrow {
  readonly from: Part;
  readonly to: Part;
  readonly label: string;
  /** Drawn finely, and told by the legend: nearly everything has one. */
  readonly quiet?: Quiet;
}

export type Quiet = 'key' | 'logs';

/** The picture of some stacks, with what of other stacks they have to do with. */
export function sceneOf(
  title: string,
  stacks: readonly string[],
  parts: readonly Part[],
  links: readonly Link[],
): Scene {
  const byId = new Map(parts.filter(({ drawn }) => drawn).map((part) => [part.id, part]));
  const isOwn = (id: string) => stacks.includes(byId.get(id)!.stack);
  const shown = links.filter(
    ({ from, to, meanings }) =>
      byId.has(from) && byId.has(to) && meanings[0] !== 'after' && (isOwn(from) || isOwn(to)),
  );
  const ends = new Set(shown.flatMap(({ from, to }) => [from, to]));
  const drawn = [...byId.values()].filter(({ id }) => isOwn(id) || ends.has(id));
  const bands = inOrder([...new Set(drawn.map(({ stack }) => stack))], shown, byId);
  const networks = networksOf(drawn, shown, byId);
  return {
    title,
    bands: bands.map((name) => ({ name, own: stacks.includes(name) })),
    boxes: drawn.map((part) => ({
      part,
      band: bands.indexOf(part.stack),
      area: networks.get(part.id),
    })),
    arrows: shown.flatMap(({ from, to, meanings }) => {
      const inside = networks.get(from) === to;
      const told = meanings.filter((meaning) => !(inside && meaning === 'runs in'));
      return told.length ? [arrowOf(byId.get(from)!, byId.get(to)!, told)] : [];
    }),
  };
}

/** Stacks, those that use others first. */
function inOrder(stacks: string[], links: readonly Link[], byId: ReadonlyMap<string, Part>): string[] {
  const [first] = stacks.filter((stack) =>
    links.every(({ from, to }) => {
      const [user, used] = [byId.get(from)!.stack, byId.get(to)!.stack];
      return used !== stack || user === stack || !stacks.includes(user);
    }),
  );
  const next = first ?? stacks[0];
  return next === undefined
    ? []
    : [
        next,
        ...inOrder(
          stacks.filter((stack) => stack !== next),
          links,
          byId,
        ),
      ];
}

/** The network that is drawn around each construct that runs in one of its own stack, and around the network itself. */
function networksOf(
  drawn: readonly Part[],
  links: readonly Link[],
  byId: ReadonlyMap<string, Part>,
): ReadonlyMap<string, string> {
  const networks = new Map<string, string>();
  for (const part of drawn) {
    const within = links.filter(({ from, meanings }) => from === part.id && meanings.includes('runs in'));
    const [network] = within.map(({ to }) => byId.get(to)!);
    if (within.length === 1 && network.role === 'network' && network.stack === part.stack) {
      networks.set(part.id, network.id).set(network.id, network.id);
    }
  }
  return networks;
}

const QUIET: { readonly [meaning in Meaning]?: Quiet } = {
  'encrypted by': 'key',
  'decrypts with': 'key',
  'logs to': 'logs',
};

const arrowOf = (from: Part, to: Part, meanings: readonly Meaning[]): SceneArrow => ({
  from,
  to,
  label: inWords(meanings),
  ...(meanings.every((meaning) => QUIET[meaning]) && { quiet: QUIET[meanings[0]] }),
});

/** `reads and writes, pulls images`. */
export const inWords = (meanings: readonly Meaning[]): string =>
  meanings.join(', ').replace('reads, writes', 'reads and writes');

/** What the picture shows, for who cannot see it: a sentence for each arrow and each network. */
export const sentencesOf = ({ arrows, boxes }: Scene): string[] => [
  ...arrows.map(({ from, to, label }) => `${from.id} ${label} ${to.id}`),
  ...boxes
    .filter(({ part, area }) => area !== undefined && area !== part.id)
    .map(({ part, area }) => `${part.id} runs in ${area}`),
];
