/** What a deployment does to native resources when the program has changed. */

/** A native resource as its engine is told to make it. */
export interface Resource {
  /** Its logical id, or its address without the type. */
  readonly id: string;
  readonly type: string;
  /** All that the engine is told of it. */
  readonly told: any;
  /** Whether the engine refuses to take it away when the program has it no longer. */
  readonly kept?: boolean;
}

/** Native resources by type and id. */
export type Resources = ReadonlyMap<string, Resource>;

/** What becomes of data when its resource goes: it stays outside of the program; the engine refuses it; it is lost. */
export type Fate = 'kept' | 'refused' | 'lost';

/** How an engine takes changes. */
export interface Engine {
  /** What of a resource differs, such that it must be made anew. `replaced` are others that are, `changed` all that differ. */
  readonly replacing: (
    before: Resource,
    after: Resource,
    replaced: ReadonlySet<string>,
    changed: ReadonlySet<string>,
  ) => string[];
  /** The name that no two of its type may have, where it is given one that is known. */
  readonly name: (resource: Resource, replaced: ReadonlySet<string>) => string | undefined;
  /** The names that the program gives it, as they are shown. */
  readonly names: (resource: Resource) => string[];
  /** Whether the new one is made while the old one is still there. */
  readonly madeFirst: (resource: Resource, all: Resources) => boolean;
  /** Types that hold data. */
  readonly holdsData: (resource: Resource) => boolean;
  /** What becomes of the data when its resource is replaced, or goes. */
  readonly fate: (before: Resource, after: Resource | undefined, replaced: ReadonlySet<string>) => Fate;
}

/** What a change does, by types: each with the fate of the data where it holds some. */
export interface Effects {
  readonly replaced: string[];
  readonly removed: string[];
  readonly added: string[];
  readonly changed: string[];
  /** What holds data and goes, in words, with what becomes of the data. */
  readonly gone: { readonly what: string; readonly fate: Fate }[];
  /** New ones that cannot be made, in words: an old one has their name. */
  readonly nameTaken: string[];
}

/** What becomes of what was deployed. */
export function effectsOf(engine: Engine, before: Resources, after: Resources): Effects {
  const common = [...before.keys()].filter((key) => after.has(key));
  const gone = [...before.keys()].filter((key) => !after.has(key));
  const come = [...after.keys()].filter((key) => !before.has(key));
  const different = new Set(common.filter((key) => differs(before.get(key)!, after.get(key)!)));
  const replaced = new Map<string, string[]>();
  for (let grown = true; grown;) {
    const { size } = replaced;
    // What is refused is not made anew, and what refers to it stays.
    const others = new Set([...replaced.keys()].filter((key) => !isRefused(key)));
    common
      .filter((key) => !replaced.has(key))
      .map((key) => [key, engine.replacing(before.get(key)!, after.get(key)!, others, different)] as const)
      .filter(([, causes]) => causes.length > 0)
      .forEach(([key, causes]) => replaced.set(key, causes));
    grown = replaced.size > size;
  }
  // Whatever is removed is so when all else is done; what is kept stops all before it begins.
  const isStopped = [...replaced.keys()].some(isRefused) || gone.some((key) => before.get(key)!.kept);
  const typesOf = (keys: string[], all: Resources) => new Set(keys.map((key) => all.get(key)!.type));
  // A resource of the same type, by another id, takes its place.
  const [typesGone, typesCome] = [typesOf(gone, before), typesOf(come, after)];
  const moved = (key: string) => typesCome.has(before.get(key)!.type);
  const label = (key: string) => {
    const old = before.get(key)!;
    return engine.holdsData(old)
      ? `${old.type} (${engine.fate(old, after.get(key), new Set(replaced.keys()))})`
      : old.type;
  };
  const changed = [...different].filter((key) => !replaced.has(key));
  return {
    replaced: unique([...replaced.keys(), ...gone.filter(moved)].map(label)),
    removed: unique(gone.filter((key) => !moved(key)).map(label)),
    added: unique([...typesOf(come, after)].filter((type) => !typesGone.has(type))),
    changed: unique(changed.map((key) => before.get(key)!.type)),
    gone: [
      ...[...replaced].flatMap(([key, causes]) => loss(key, `replaced, because of ${causes.join(', ')}`)),
      ...gone.flatMap((key) => loss(key, 'removed')),
    ],
    nameTaken: [
      ...[...replaced.keys()].flatMap((key) => sameName(key, key)),
      ...come.flatMap((key) => gone.flatMap((old) => sameName(old, key))),
    ],
  };

  function isRefused(key: string): boolean {
    const old = before.get(key)!;
    return engine.holdsData(old) && engine.fate(old, after.get(key), new Set()) === 'refused';
  }

  function fateOf(key: string): Fate {
    const fate = engine.fate(before.get(key)!, after.get(key), new Set(replaced.keys()));
    return isStopped && fate === 'lost' ? 'refused' : fate;
  }

  function loss(key: string, how: string): Effects['gone'] {
    return engine.holdsData(before.get(key)!) ? [{ what: `${key} is ${how}`, fate: fateOf(key) }] : [];
  }

  function sameName(old: string, key: string): string[] {
    const [was, is] = [before.get(old)!, after.get(key)!];
    const others = new Set(replaced.keys());
    const name = was.type === is.type ? engine.name(is, others) : undefined;
    return name !== undefined &&
      name === engine.name(was, others) &&
      engine.madeFirst(is, after) &&
      !engine.holdsData(was)
      ? [`${key} is made while ${old} has its name: ${name}`]
      : [];
  }
}

const differs = (one: Resource, other: Resource) => JSON.stringify(one.told) !== JSON.stringify(other.told);

const unique = (types: string[]): string[] => [...new Set(types)].sort();
