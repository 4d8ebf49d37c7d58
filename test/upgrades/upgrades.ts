/**
 * What an upgrade does to what runs. A cloud's test gives its probe; what its constructs hold, and what each change of a
 * prop does, is in `upgrades.golden.json` beside that test, which the documentation is written from.
 */
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { isDeepStrictEqual } from 'util';
import { Construct } from 'constructs';
import { changesOf, Given, NamedChange, Subject, withValue } from './changes';
import { Effects, effectsOf, Engine, Resources } from './effects';
import { Golden, Held, Outcome } from './golden';
import type * as aws from '../../src/aws';
import type * as azure from '../../src/azure';
import type * as core from '../../src/core';
import { isValidationError } from '../../src/core/private/faults';
import type * as google from '../../src/google';

/** What the tests know of a cloud. */
export interface UpgradesProbe {
  readonly ml: typeof aws | typeof google | typeof azure;
  /** The folder of the cloud's test. */
  readonly folder: string;
  readonly newStack: (props?: object) => Construct;
  /** The props of a stack whose resources have a tag. */
  readonly tagged: (value: string) => object;
  /** What networks of the cloud have. */
  readonly network?: core.PrivateNetworkProps;
  readonly secret: (scope: Construct, id: string) => core.ISecret;
  readonly channel: (scope: Construct, id: string) => core.INotificationChannel;
  readonly resourcesOf: (stack: Construct) => Resources;
  readonly engine: Engine;
  /** What a resource that holds data holds, by its type. */
  readonly data: { readonly [type: string]: string };
  /** Types whose name or address others know. */
  readonly addresses: readonly string[];
  /** The constructs, by what the golden file calls them. */
  readonly subjects: { readonly [called: string]: Subject };
  /** Changes by which what holds data is made anew, or goes; each with the reason. It is kept, or the engine refuses it. */
  readonly reasons: { readonly [change: string]: string };
  /** Changes by which the user takes something away, and the engine what it held, whatever the program says; with the reason. */
  readonly destroyed?: { readonly [change: string]: string };
}

interface Tried extends NamedChange {
  /** What each step synthesizes to, or the code of its refusal. */
  readonly programs: (Resources | string)[];
  readonly effects: Effects[];
}

const BASE: NamedChange = { name: 'base', place: '', steps: [] };
/** Of the stack, not of the construct. */
const TAGS: NamedChange = { name: 'tags of its stack', place: '', steps: [undefined, 'one', 'other'] };

/** The program has the construct no longer, and all else as it was. */
const GONE: NamedChange = { name: 'the whole construct', place: '', steps: [true, false], identity: true };

/** Constructs that others are given, made at first use. */
function givenIn({ ml, secret, channel, network = {} }: UpgradesProbe, stack: Construct): Given {
  const all = ml as any;
  const made = new Map<string, unknown>();
  const once = <T>(id: string, make: (id: string) => T): T => {
    made.set(id, made.get(id) ?? make(id));
    return made.get(id) as T;
  };
  const lake = (id: string, zones: string[]) =>
    new all.DataLake(stack, id, { zones: zones.map((name) => ({ name })), discovery: false });
  return {
    get network() {
      return once('Network', (id) => new all.PrivateNetwork(stack, id, network));
    },
    get otherNetwork() {
      const props = { ...network, cidr: '10.9.0.0/16' };
      return once('OtherNetwork', (id) => new all.PrivateNetwork(stack, id, props));
    },
    get key() {
      return once('Key', (id) => new all.EncryptionKey(stack, id));
    },
    get otherKey() {
      return once('OtherKey', (id) => new all.EncryptionKey(stack, id));
    },
    get secret() {
      return once('Secret', (id) => secret(stack, id));
    },
    get channel() {
      return once('Pager', (id) => channel(stack, id));
    },
    get lake() {
      return once('Lake', (id) => lake(id, ['raw', 'curated']));
    },
    get otherLake() {
      return once('OtherLake', (id) => lake(id, ['events', 'labels']));
    },
    get registry() {
      const props = { models: [{ name: 'fraud' }], images: ['train', 'serve'] };
      return once('Registry', (id) => new all.ModelRegistry(stack, id, props));
    },
    get cluster() {
      const { registry } = this;
      const props = { image: registry.image('train', '1'), accelerators: ['T4:4'] };
      return once('Cluster', (id) => new all.GpuTrainingCluster(stack, id, props));
    },
  };
}

const resolved = <T>(value: T | ((given: Given) => T), given: Given): T =>
  typeof value === 'function' ? (value as (given: Given) => T)(given) : value;

/** The program of a change at a step, as resources; or the code of its refusal. */
function program(
  probe: UpgradesProbe,
  subject: Subject,
  change: NamedChange,
  step: number,
): Resources | string {
  const tag = change === TAGS ? ([] as unknown[]).concat(change.steps)[step] : undefined;
  const stack = probe.newStack(tag ? probe.tagged(tag as string) : {});
  const given = givenIn(probe, stack);
  const base = { ...subject.base(given), ...resolved(change.having ?? {}, given) };
  // All of them: the programs of a change differ in nothing else.
  const steps = resolved<readonly unknown[]>(change.steps as never, given);
  const props = change.place ? withValue(base, change.place.split('.'), steps[step]) : base;
  if (change === GONE && step > 0) {
    return probe.resourcesOf(stack);
  }
  try {
    return probe.resourcesOf(
      subject.construct === 'PlatformStack'
        ? platformWith(probe, props)
        : new (probe.ml as any)[subject.construct](stack, 'Subject', props) && stack,
    );
  } catch (error) {
    if (change === BASE || !isValidationError(error)) {
      throw error;
    }
    return [...new Set(error.faults.map(({ code }) => code))].join(' ');
  }
}

/** A stack with what holds data in it. */
function platformWith({ newStack, ml }: UpgradesProbe, props: object): Construct {
  const stack = newStack(props);
  const all = ml as any;
  new all.DataLake(stack, 'SubjectLake', { zones: [{ name: 'raw' }] });
  new all.ModelRegistry(stack, 'SubjectRegistry', { models: [{ name: 'fraud' }], images: ['train'] });
  return stack;
}

/** What each step synthesizes to, each different one once. */
function programsOf(probe: UpgradesProbe, subject: Subject, change: NamedChange, bare: Resources) {
  const given = givenIn(probe, probe.newStack());
  const steps = resolved<readonly unknown[]>(change.steps as never, given);
  const isLiteral = typeof change.steps !== 'function';
  const same = (one: unknown, other: unknown) => (isLiteral ? isDeepStrictEqual(one, other) : one === other);
  const isBare = (value: unknown) =>
    isLiteral &&
    change.having === undefined &&
    change.place !== '' &&
    same(valueAt(subject.base(given), change.place), value);
  const made: (Resources | string)[] = [];
  steps.forEach((value, step) => {
    const earlier = steps.findIndex((other) => same(other, value));
    made.push(earlier < step ? made[earlier] : isBare(value) ? bare : program(probe, subject, change, step));
  });
  return made;
}

const valueAt = (props: any, place: string) => place.split('.').reduce((value, key) => value?.[key], props);

function tried(probe: UpgradesProbe, subject: Subject, change: NamedChange, bare: Resources): Tried {
  const programs = programsOf(probe, subject, change, bare);
  const effects = programs.slice(1).flatMap((after, i) => {
    const before = programs[i];
    return typeof before === 'string' || typeof after === 'string' || before === after
      ? []
      : [effectsOf(probe.engine, before, after)];
  });
  return { ...change, programs, effects };
}

const isResources = (one: Resources | string): one is Resources => typeof one !== 'string';

/** Constructs that the one under test is given: they have tests of their own. */
const GIVEN = /^(Other)?(Network|Key|Secret|Pager|Lake|Registry|Cluster)/;

/** What holds data or has an address, in any of the programs. */
function heldIn({ data, addresses, engine }: UpgradesProbe, programs: (Resources | string)[]): Held {
  const found = programs
    .filter(isResources)
    .flatMap((resources) => [...resources.values()])
    .filter(({ id, type }) => (type in data || addresses.includes(type)) && !GIVEN.test(id))
    .map((resource) => [resource.id, [resource.type, ...engine.names(resource)].join(' ')]);
  const ids = [...new Set(found.map(([id]) => id))].sort();
  const textsOf = (id: string) => found.filter(([other]) => other === id).map(([, text]) => text);
  return Object.fromEntries(ids.map((id) => [id, [...new Set(textsOf(id))].sort().join(' | ')]));
}

const without = (held: Held, other: Held): Held =>
  Object.fromEntries(Object.entries(held).filter(([id, text]) => other[id] !== text));

function outcomeOf({ programs, effects }: Tried): Outcome {
  const refused = [...new Set(programs.filter((one) => !isResources(one)))].join(' ');
  const all = (kind: 'replaced' | 'removed' | 'added' | 'changed') => [
    ...new Set(effects.flatMap((effect) => effect[kind])),
  ];
  const kinds = Object.entries({
    replaced: all('replaced'),
    removed: all('removed'),
    added: all('added'),
    changed: all('changed'),
  }).filter(([, types]) => types.length > 0);
  return {
    ...(refused && { refused: refused as string }),
    ...Object.fromEntries(kinds.map(([kind, types]) => [kind, types.sort()])),
  };
}

/** A line for each change. */
function written(golden: Golden): string {
  const block = (of: object, line: (value: any) => string) =>
    Object.entries(of)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${line(value)}`)
      .join(',\n');
  const section = (of: object, line: (value: any) => string) =>
    Object.entries(of)
      .map(([subject, changes]) => `  ${JSON.stringify(subject)}: {\n${block(changes, line)}\n  }`)
      .join(',\n');
  const { held, outcomes } = golden;
  const lines = (value: object) => JSON.stringify(value, null, 2).replace(/\n/g, '\n    ');
  return `{\n"held": {\n${section(held, lines)}\n},\n"outcomes": {\n${section(outcomes, (value) => JSON.stringify(value))}\n}\n}\n`;
}

/** Makes the tests. */
export function upgrades(probe: UpgradesProbe): void {
  const { data, reasons, destroyed = {}, subjects } = probe;
  const file = join(probe.folder, 'upgrades.golden.json');
  const all = Object.entries(subjects).map(([called, subject]) => {
    const bare = program(probe, subject, BASE, 0) as Resources;
    return {
      called,
      bare,
      changes: [...changesOf(subject), ...(subject.construct === 'PlatformStack' ? [] : [TAGS, GONE])].map(
        (change) => tried(probe, subject, change, bare),
      ),
    };
  });
  const byName = <T>(of: (one: (typeof all)[number]) => { [change: string]: T }) =>
    Object.fromEntries(all.map((one) => [one.called, of(one)]));
  const current: Golden = {
    held: byName(({ bare, changes }) => {
      const base = heldIn(probe, [bare]);
      const more = changes
        .map(({ name, programs }) => [name, without(heldIn(probe, programs), base)] as const)
        .filter(([, held]) => Object.keys(held).length > 0);
      return { base, ...Object.fromEntries(more) };
    }),
    outcomes: byName(({ changes }) =>
      Object.fromEntries(changes.map((change) => [change.name, outcomeOf(change)])),
    ),
  };
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(file, written(current));
  }
  const golden: Golden = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { held: {}, outcomes: {} };

  describe.each(Object.keys(subjects))('%s', (called) => {
    const { changes } = all.find((one) => one.called === called)!;

    test('keeps the id, the address and the name of all that holds data or is called by others', () => {
      const lost = Object.entries(golden.held[called] ?? {}).flatMap(([change, held]) =>
        Object.entries(without(held, current.held[called][change] ?? {})).map(([id, text]) => {
          const [type] = text.split(' ');
          const loses = data[type] ? `a user loses ${data[type]}` : 'callers lose its address';
          return `${change}: ${id} (${text}) is another one now: ${loses}`;
        }),
      );
      expect(lost).toEqual([]);
      expect(current.held[called]).toEqual(golden.held[called]);
    });

    test('does with each change what the documentation says', () => {
      expect(current.outcomes[called]).toEqual(golden.outcomes[called]);
    });

    test.each(changes.map(({ name }) => name))('loses nothing by a change of %s', (name) => {
      const { identity, effects } = changes.find((one) => one.name === name)!;
      const change = `${called}.${name}`;
      const gone = effects.flatMap((effect) => effect.gone);
      const faults = gone
        .filter(({ fate }) => !(fate === 'lost' ? change in destroyed : identity || change in reasons))
        .map(({ what, fate }) => `${what}: its data is ${fate}`);
      expect([...faults, ...effects.flatMap(({ nameTaken }) => nameTaken)]).toEqual([]);
    });
  });

  const changesWhere = (is: (change: Tried) => boolean) =>
    all.flatMap(({ called, changes }) => changes.filter(is).map(({ name }) => `${called}.${name}`)).sort();

  test('what holds data is made anew, or goes, for a reason only', () => {
    const found = changesWhere(
      ({ identity, effects }) =>
        !identity && effects.some(({ gone }) => gone.some(({ fate }) => fate !== 'lost')),
    );
    expect(found).toEqual(Object.keys(reasons).sort());
  });

  test('what a user takes away is destroyed only where the engine leaves no choice', () => {
    const found = changesWhere(({ effects }) =>
      effects.some(({ gone }) => gone.some(({ fate }) => fate === 'lost')),
    );
    expect(found).toEqual(Object.keys(destroyed).sort());
  });
}
