import { Faults, show } from './faults';
import { literal, Rule } from './schema';

const BRAND = Symbol.for('cloud-ml-constructs.brand');

interface Brand {
  readonly cloud: string;
  readonly kind: string;
}

/** Marks an object as made by a class of the library, across copies of the package. */
export function brand(object: object, cloud: string, kind: string): void {
  Object.defineProperty(object, BRAND, { value: { cloud, kind } satisfies Brand });
}

export function brandOf(value: unknown): Brand | undefined {
  return typeof value === 'object' && value !== null ? (value as { [BRAND]?: Brand })[BRAND] : undefined;
}

/** A construct of one cloud and of one of some kinds; `wayOut` says how else to bring one. */
export function construct(cloud: string, kinds: string | string[], wayOut: string): Rule {
  const allowed = [kinds].flat();
  return literal((value, prop, faults: Faults) => {
    const found = brandOf(value);
    if (!found || found.cloud !== cloud || !allowed.includes(found.kind)) {
      const what = found ? `${found.cloud}.${found.kind} (${show(value)})` : show(value);
      faults.add(
        'CMC-010',
        prop,
        `is ${what}; it must be made by ${allowed.map((kind) => `${cloud}.${kind}`).join(' or ')}: ${wayOut}`,
      );
    }
  });
}

const markOf = (name: string) => Symbol.for(`cloud-ml-constructs.${name}`);

/** Marks a value as made by the library's class of that name, across copies of the package. */
export function mark(value: object, name: string): void {
  Object.defineProperty(value, markOf(name), { value: true });
}

export function isMarked(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && markOf(name) in value;
}
