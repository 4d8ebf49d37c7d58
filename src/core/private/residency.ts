import { IConstruct } from 'constructs';
import { Code } from './codes';
import { Faults, judgeCall, show } from './faults';
import type { ResidencyProps } from '../common';

/** A resource as its engine takes it. */
export interface NativeResource {
  /** Where it is in the program: its path below the stack. */
  readonly at: string;
  /** `AWS::S3::Bucket`, `google_storage_bucket`, or an ARM type without its version. */
  readonly type: string;
  /** What deployment fills in stands as a text that `Places` tells apart. */
  readonly body: unknown;
}

/** What lies outside of the allowed regions, or may. */
export interface Stray {
  readonly code: Code;
  /** What lies where, and the way out: continues the sentence that begins with the argument. */
  readonly message: string;
}

/** What an argument says of a place; asked with the places of its cloud and the whole of its resource. */
export interface Meaning {
  readonly stray: (value: unknown, regions: Regions, resource: any) => Stray | undefined;
  /** Whether a value that only deployment knows leaves the place open. */
  readonly namesPlace?: boolean;
}

/** Where a native type says where it lies. The first rule that is about an argument counts. */
export interface ArgumentRule {
  /** The path to the argument, without indexes: `replication.user_managed.replicas.location`. */
  readonly path: RegExp;
  /** The native types. Every one where it is left out. */
  readonly types?: RegExp;
  readonly means: Meaning;
}

/** What lies outside of every region by what it is, or by what it leaves out. */
export interface TypeRule {
  readonly types: RegExp;
  readonly stray: (resource: any, regions: Regions) => Stray | undefined;
}

/** A place that a text names. */
export interface Named {
  readonly place: string;
  /** Where the place is all that a service answers from: what to call instead. */
  readonly instead?: string;
}

/** What a cloud knows of places. */
export interface Places {
  readonly arguments: readonly ArgumentRule[];
  readonly types: readonly TypeRule[];
  /** The places that a text names, wherever it stands: in an ARN, an address, a variable. */
  readonly namedIn: (text: string) => readonly Named[];
  /** Whether a place is one of the allowed ones, or lies in one. */
  readonly isInside: (place: string, allowed: readonly string[]) => boolean;
  /** What only deployment fills in. */
  readonly isReference: (text: string) => boolean;
  /** What whoever deploys may choose freely. */
  readonly isOpen: (text: string) => boolean;
}

/** The regions that everything below a stack must lie in. */
export interface Regions {
  readonly allowed: readonly string[];
  readonly isInside: (place: string) => boolean;
  /** The places that a text names, wherever it stands. */
  readonly namedIn: Places['namedIn'];
}

const listed = ({ allowed }: Regions) => `allowedRegions (${allowed.join(', ')})`;

export const outside = (value: unknown, regions: Regions): Stray => ({
  code: 'CMC-050',
  message: `(${show(value)}) lies outside of ${listed(regions)}: move it there, or allow this place by its name`,
});

export const copied = (value: unknown, regions: Regions, wayOut: string): Stray => ({
  code: 'CMC-051',
  message: `(${show(value)}) takes copies out of ${listed(regions)}: ${wayOut}`,
});

export const anywhere = (value: unknown, regions: Regions, wayOut: string): Stray => ({
  code: 'CMC-052',
  message: `(${show(value)}) may be served from outside of ${listed(regions)}: ${wayOut}`,
});

const naming = (stray: (place: string, regions: Regions) => Stray): Meaning => ({
  namesPlace: true,
  stray: (place, regions) =>
    typeof place === 'string' && !regions.isInside(place) ? stray(place, regions) : undefined,
});

/** Where a resource lies. */
export const PLACE = naming(outside);
/** Where copies of what it holds lie. */
export const COPIES = naming((place, regions) => copied(place, regions, 'copy to one of them, or to none'));
/** What sounds like a place and is none. */
export const NO_PLACE: Meaning = { stray: () => undefined };
/** What may name a place, as any text does. */
export const TEXT: Meaning = {
  stray: (text, regions) => (typeof text === 'string' ? named(text, regions) : undefined),
};

function named(text: string, regions: Regions): Stray | undefined {
  const found = regions.namedIn(text).find(({ place }) => !regions.isInside(place));
  if (found?.instead) {
    return anywhere(text, regions, found.instead);
  }
  return (
    found && {
      code: 'CMC-050',
      message: `(${show(text)}) names ${found.place}, which lies outside of ${listed(regions)}: use what lies there, or allow this place by its name`,
    }
  );
}

/** The rule that is about an argument. */
export const ruleOf = ({ arguments: rules }: Places, type: string, path: string): ArgumentRule | undefined =>
  rules.find((rule) => (rule.types?.test(type) ?? true) && rule.path.test(path));

/** An argument, or a part of one: the elements of lists, not the lists. */
export interface Argument {
  /** As it is read: `replicas[0].location`. */
  readonly shown: string;
  /** Without indexes. */
  readonly path: string;
  readonly value: unknown;
}

/** Every argument of a resource. The value of a variable in a list is found by the variable's name. */
export function* argumentsOf(body: unknown, shown = '', path = ''): Generator<Argument> {
  if (Array.isArray(body)) {
    for (const [i, value] of body.entries()) {
      yield* argumentsOf(value, `${shown}[${i}]`, path);
    }
    return;
  }
  yield { shown, path, value: body };
  if (typeof body === 'object' && body !== null) {
    const { name, Name = name } = body as { name?: unknown; Name?: unknown };
    for (const [key, value] of Object.entries(body)) {
      const step = /^value$/i.test(key) && typeof Name === 'string' ? Name : key;
      yield* argumentsOf(value, shown ? `${shown}.${key}` : key, path ? `${path}.${step}` : step);
    }
  }
}

/** What of some resources strays, and which of their places only deployment knows. */
export interface Looked {
  readonly strays: readonly { readonly prop: string; readonly stray: Stray }[];
  readonly open: readonly string[];
}

/** Looks at resources. */
export function look(
  resources: readonly NativeResource[],
  places: Places,
  allowed: readonly string[],
): Looked {
  const regions: Regions = {
    allowed,
    isInside: (place) => places.isReference(place) || places.isInside(place, allowed),
    namedIn: places.namedIn,
  };
  const looks = resources.map((resource) => lookAt(resource, places, regions));
  return {
    strays: looks.flatMap(({ strays }) => strays),
    open: looks.flatMap(({ open }) => open),
  };
}

function lookAt({ at, type, body }: NativeResource, places: Places, regions: Regions): Looked {
  const ofType = places.types
    .filter(({ types }) => types.test(type))
    .flatMap(({ stray }) => stray(body, regions) ?? [])
    .map((stray) => ({ prop: at, stray }));
  const looks = [...argumentsOf(body)].map(({ shown, path, value }) => {
    const means = ruleOf(places, type, path)?.means ?? TEXT;
    const stray = means.stray(value, regions, body);
    const open = means.namesPlace && typeof value === 'string' && places.isOpen(value);
    return { prop: `${at} ${shown}`, stray, open };
  });
  return {
    strays: [...ofType, ...looks.flatMap(({ prop, stray }) => (stray ? [{ prop, stray }] : []))],
    open: looks.filter(({ open }) => open).map(({ prop }) => prop),
  };
}

/**
 * Judges what a stack synthesizes to.
 *
 * @returns what is to be told of places that only deployment knows
 */
export function judgeResidency(
  stack: IConstruct,
  resources: readonly NativeResource[],
  places: Places,
  allowed: readonly string[],
): string | undefined {
  const { strays, open } = look(resources, places, allowed);
  judgeCall(stack, (faults: Faults) =>
    strays.forEach(({ prop, stray: { code, message } }) => faults.add(code, prop, message)),
  );
  return open.length
    ? `Only deployment knows where these lie, which allowedRegions cannot judge: ${open.join('; ')}. Write the places themselves, or let regionGuard refuse them.`
    : undefined;
}

/** A guard needs what it guards. */
export function judgeGuard({ allowedRegions, regionGuard }: ResidencyProps, faults: Faults): void {
  if (regionGuard && !allowedRegions) {
    faults.add('CMC-009', 'regionGuard', 'needs allowedRegions: what it guards');
  }
}

/**
 * Judges where a stack itself lies.
 *
 * @param prop the prop that says its region
 * @param region undefined where only deployment knows
 */
export function judgeRegions(
  props: ResidencyProps,
  prop: string,
  region: string | undefined,
  faults: Faults,
): void {
  judgeGuard(props, faults);
  const { allowedRegions } = props;
  if (allowedRegions && region === undefined) {
    faults.add('CMC-009', 'allowedRegions', `needs the stack's own region: give ${prop}`);
  } else if (allowedRegions && !allowedRegions.includes(region!)) {
    faults.add('CMC-050', prop, `('${region}') must be one of allowedRegions: ${allowedRegions.join(', ')}`);
  }
}
