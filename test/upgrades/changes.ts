/** How the props of constructs are changed, one at a time. */
import type * as core from '../../src/core';

/** What the constructs of a program may be given: made in the same stack at first use. */
export interface Given {
  readonly network: core.INetwork;
  readonly otherNetwork: core.INetwork;
  readonly key: core.IEncryptionKey;
  readonly otherKey: core.IEncryptionKey;
  readonly secret: core.ISecret;
  readonly channel: core.INotificationChannel;
  readonly lake: core.IDataLake;
  readonly otherLake: core.IDataLake;
  readonly registry: core.IModelRegistry;
  readonly cluster: core.IGpuTrainingCluster;
}

/** Values that a prop has one after the other; `undefined` is the prop left out. */
export type Steps<T> = readonly (T | undefined)[];

/** A change of a prop. */
export interface Change<T> {
  readonly steps: Steps<T> | ((given: Given) => Steps<T>);
  /** The user takes an identity away, or gives another one: what has it may go, if it is kept. */
  readonly identity?: true;
  /** Where the value is put, if not where the prop is: what changes with it is in the steps. */
  readonly place?: string;
  /** What else the construct has, before and after. */
  readonly having?: object | ((given: Given) => object);
}

type Way<T> = Steps<T> | ((given: Given) => Steps<T>) | Change<T>;

/** The changes of a prop: one, or several by what they are called. */
export type Ways<T> = Way<T> | { readonly [called: string]: Way<T> };

/** The changes of every prop of a struct: the compiler refuses a forgotten one. */
export type Changes<P> = { readonly [K in keyof Required<P>]: Ways<Exclude<P[K], undefined>> };

/** The props that a cloud adds to those of core. */
export type Native<P, Core> = Changes<Omit<P, keyof Core>> & Partial<Changes<P>>;

/** A construct with what it has before anything changes. */
export interface Subject {
  /** The class. */
  readonly construct: string;
  /** What it is given; the required props at least. */
  readonly base: (given: Given) => object;
  /** The changes of its props, and of structs in them by their place: `zones.0`. */
  readonly changes: { readonly [place: string]: { readonly [prop: string]: Ways<any> } };
}

/** A construct with the props that only a cloud has, and with other changes of those of core. */
export function withNative<P, Core>(
  subject: Subject,
  native: Native<P, Core>,
  base: Subject['base'] = () => ({}),
): Subject {
  return {
    construct: subject.construct,
    base: (given) => ({ ...subject.base(given), ...base(given) }),
    changes: { ...subject.changes, '': { ...subject.changes[''], ...native } },
  };
}

export interface NamedChange extends Change<unknown> {
  /** The prop, and what the change is called: `zones[].name`, `zones: one less`. */
  readonly name: string;
  /** The place of the prop: `zones.0.name`. */
  readonly place: string;
}

const isWay = (ways: Ways<unknown>): ways is Way<unknown> =>
  Array.isArray(ways) || typeof ways === 'function' || 'steps' in ways;

const asChange = (way: Way<unknown>): Change<unknown> =>
  Array.isArray(way) || typeof way === 'function' ? { steps: way } : (way as Change<unknown>);

/** All changes of a construct. */
export function changesOf({ changes }: Subject): NamedChange[] {
  return Object.entries(changes).flatMap(([struct, props]) =>
    Object.entries(props).flatMap(([prop, ways]) => {
      const place = [...(struct ? [struct] : []), prop].join('.');
      const shown = place.replace(/\.\d+(?=\.|$)/g, '[]');
      return isWay(ways)
        ? [{ place, ...asChange(ways), name: shown }]
        : Object.entries(ways).map(([called, way]) => ({
            ...{ place, ...asChange(way), name: `${shown}: ${called}` },
          }));
    }),
  );
}

/** The props with another value at a place. */
export function withValue(props: any, [key, ...rest]: string[], value: unknown): any {
  const copy = Array.isArray(props) ? [...props] : { ...props };
  copy[key] = rest.length ? withValue(copy[key], rest, value) : value;
  return copy;
}
