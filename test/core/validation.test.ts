import { CfnParameter, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Construct, RootConstruct } from 'constructs';
import * as fc from 'fast-check';
import {
  faultyPropsOf,
  Fields,
  fieldsOf,
  junk,
  Made,
  propsOf,
  RUNS,
  TOKENS,
  whole,
  words,
} from './arbitraries';
import * as basalt from './dummies/basalt';
import * as ember from './dummies/ember';
import { codesOf, refusalsOf, resourcesOf } from './dummies/shared';
import * as core from '../../src/core';
import { Code, CODES } from '../../src/core/private/codes';
import { datasetVariable, planDatasets } from '../../src/core/private/datasets';
import { isValidationError, judge, judgeCall, judgeValue } from '../../src/core/private/faults';
import { JOB_VARIABLES, reserveVariables } from '../../src/core/private/jobs';
import { nearest } from '../../src/core/private/nearest';
import { report, reportOf } from '../../src/core/private/report';
import { auditTrailRules, dataLakeRules } from '../../src/core/private/rules/data';
import { modelRegistryRules } from '../../src/core/private/rules/registry';
import { autoScalingEndpointRules, serverlessInferenceRules } from '../../src/core/private/rules/serving';
import {
  encryptionKeyRules,
  platformStackRules,
  privateNetworkRules,
} from '../../src/core/private/rules/stack';
import { gpuTrainingClusterRules } from '../../src/core/private/rules/training';
import { commonRules, retention } from '../../src/core/private/rules/values';
import { workspaceRules } from '../../src/core/private/rules/workspace';
import * as schema from '../../src/core/private/schema';
import { isToken } from '../../src/core/private/tokens';

const { flag, integer, list, literal, number, oneOf, record, required, struct, text } = schema;

/** What a user reads about a prop called `it`. */
const refusalsFor = (rule: schema.Rule, it: unknown) =>
  refusalsOf(() =>
    judgeValue('Here', (faults) => schema.judgeProps(faults, struct<{ it: unknown }>({ it: rule }), { it })),
  ).map((line) => line.replace(/^Here: /, ''));

const NAME = { keys: /^[A-Z]+$/, means: 'capital letters' };

describe('a refusal says what was given, what is allowed, and ends with its code', () => {
  test.each<[string, schema.Rule, unknown, string]>([
    ['a text for a flag', flag, 'yes', "it ('yes') must be true or false [CMC-003]"],
    ['a text for a number', integer(), '5', "it ('5') must be a whole number [CMC-003]"],
    ['no number', number(), NaN, 'it (NaN) must be a number [CMC-003]'],
    ['a number without end', number(), Infinity, 'it (Infinity) must be a number [CMC-004]'],
    ['a fraction', integer(), 1.5, 'it (1.5) must be a whole number [CMC-004]'],
    ['too little', integer({ min: 1 }), 0, 'it (0) must be a whole number of at least 1 [CMC-004]'],
    ['too much', number({ max: 2.5 }), 3, 'it (3) must be a number of at most 2.5 [CMC-004]'],
    ['out of range', integer({ min: 1, max: 9 }), 10, 'it (10) must be a whole number from 1 to 9 [CMC-004]'],
    [
      'between the steps',
      integer({ min: 0, max: 90, step: 30 }),
      45,
      'it (45) must be a whole number from 0 to 90 in steps of 30 [CMC-004]',
    ],
    [
      'a limit with a reason',
      integer({ min: 1, because: 'zero bills too' }),
      0,
      'it (0) must be a whole number of at least 1: zero bills too [CMC-004]',
    ],
    ['none of the allowed', oneOf('a', 'b'), 'c', "it ('c') must be one of 'a', 'b' [CMC-005]"],
    ['none of the allowed numbers', oneOf(1, 7), 2, 'it (2) must be one of 1, 7 [CMC-005]'],
    ['a number for a text', text(), 5, 'it (5) must be a string: a text that is not empty [CMC-003]'],
    ['an empty text', text(), '', "it ('') must be a text that is not empty [CMC-006]"],
    [
      'a text of another form',
      text({ pattern: /^v\d+$/, means: "'v' and a number" }),
      'seven',
      "it ('seven') must be 'v' and a number [CMC-006]",
    ],
    [
      'a text that is too long',
      text({ means: 'at most 3 letters', maxLength: 3 }),
      'four',
      "it ('four') must be at most 3 letters [CMC-006]",
    ],
    ['a text for a list', list(text()), 'a', "it ('a') must be a list [CMC-003]"],
    ['an empty list', list(text(), { min: 1 }), [], 'it has 0 elements; it takes at least 1 [CMC-004]'],
    ['a long list', list(integer(), { max: 1 }), [1, 2], 'it has 2 elements; it takes 0 to 1 [CMC-004]'],
    ['a wrong element', list(integer()), [1, 'b'], "it[1] ('b') must be a whole number [CMC-003]"],
    ['a missing element', list(integer()), [1, null], 'it[1] is required [CMC-002]'],
    [
      'one element twice',
      list(text(), { unique: 'itself' }),
      ['a', 'b', 'a'],
      "it[2] ('a') occurs twice [CMC-007]",
    ],
    [
      'two elements of one name',
      list(struct<{ name: string }>({ name: text() }), { unique: 'name' }),
      [{ name: 'a' }, { name: 'a' }],
      "it[1].name ('a') occurs twice [CMC-007]",
    ],
    [
      'a list for a map',
      record(text(), NAME),
      ['a'],
      'it (["a"]) must be a map of names to values [CMC-003]',
    ],
    [
      'a key of another form',
      record(text(), NAME),
      { a: 'x' },
      "it has the key 'a', which must be capital letters [CMC-006]",
    ],
    [
      'a wrong value in a map',
      record(text(), NAME),
      { A: 1 },
      'it.A (1) must be a string: a text that is not empty [CMC-003]',
    ],
    ['no value in a map', record(text(), NAME), { A: undefined }, 'it.A is required [CMC-002]'],
    [
      'a text for a struct',
      struct<{ a: number; b: number }>({ a: integer(), b: integer() }),
      'a=1',
      "it ('a=1') must be an object with a, b [CMC-003]",
    ],
    ['nothing where something must be', required(text()), undefined, 'it is required [CMC-002]'],
    ['null where something must be', required(text()), null, 'it is required [CMC-002]'],
    [
      'something that no class of the library made',
      gpuTrainingClusterRules('ember', integer()).capacity,
      'spot',
      "it ('spot') must be made by Capacity.onDemand(), spot(), reserved() or queued() [CMC-003]",
    ],
    [
      'a value of deployment where the program needs one',
      literal(text()),
      '${Token[TOKEN.1]}',
      "it ('${Token[TOKEN.1]}') is known only at deployment; it must be a value that the program knows [CMC-015]",
    ],
  ])('%s', (_, rule, value, message) => {
    expect(refusalsFor(rule, value)).toEqual([message]);
  });

  test('a long value is cut, a construct is named by its path, and what has no form is called an object', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    const shown = (value: unknown) => refusalsFor(flag, value)[0].replace(/^it \((.*)\) must be .*$/, '$1');
    expect(shown('x'.repeat(100))).toBe(`'${'x'.repeat(77)}…'`);
    expect(shown(new Construct(new RootConstruct(), 'Lake'))).toBe('the construct Lake');
    expect(shown(circular)).toBe('an object');
    expect(shown({ node: null })).toBe('{"node":null}');
    expect(shown(Symbol('s'))).toBe('Symbol(s)');
  });

  test('what is right is not mentioned', () => {
    expect(refusalsFor(integer({ min: 0, max: 90, step: 30 }), 60)).toEqual([]);
    expect(refusalsFor(list(text(), { unique: 'itself' }), ['a', 'b'])).toEqual([]);
    expect(refusalsFor(record(text(), NAME), { A: 'x' })).toEqual([]);
    expect(refusalsFor(text(), undefined)).toEqual([]);
  });

  test('every code has a cause and a way out', () => {
    const entries = Object.entries(CODES) as [Code, { cause: string; fix: string }][];
    expect(entries.filter(([code, { cause, fix }]) => !/^CMC-\d{3}$/.test(code) || !cause || !fix)).toEqual(
      [],
    );
    expect(new Set(entries.map(([, { cause }]) => cause)).size).toBe(entries.length);
  });
});

describe('an unknown key', () => {
  const zone = struct<{ name: string; expireAfterDays: number }>({
    name: text(),
    expireAfterDays: integer(),
  });

  test.each([
    ['misspelt', 'expireAfterDay', 'expireAfterDays'],
    ['in snake_case, as a Python dict has it', 'expire_after_days', 'expireAfterDays'],
    ['of another case', 'Name', 'name'],
  ])('%s is refused with the one that was meant', (_, key, meant) => {
    expect(refusalsFor(list(zone), [{ [key]: 3 }])).toEqual([
      `it[0].${key} is no known prop; did you mean '${meant}'? Known are name, expireAfterDays [CMC-001]`,
    ]);
  });

  test('far from any is refused with all that are known', () => {
    expect(refusalsFor(zone, { quantumFluxCapacitor: 1 })).toEqual([
      'it.quantumFluxCapacitor is no known prop. Known are name, expireAfterDays [CMC-001]',
    ]);
  });

  test('without a value is no fault', () => {
    expect(refusalsFor(zone, { name: 'raw', extra: undefined })).toEqual([]);
  });

  test.each([
    ['expireAfter', ['expireAfterDays']],
    ['daysKeepOldVersions', ['keepOldVersionsDays']],
    ['raw', []],
    ['', []],
    ['zzzzzzzzzz', []],
  ])('has as nearest to %p: %p', (written, expected) => {
    expect(nearest(written, ['expireAfterDays', 'keepOldVersionsDays', 'name'])).toEqual(expected);
  });
});

describe('a value that only deployment knows', () => {
  const stack = new Stack();
  const ofAwsCdk: [string, unknown][] = [
    ['a text', Token.asString({ Ref: 'A' })],
    ['a text inside of another', `s3://${stack.account}/x`],
    ['a number', Token.asNumber({ Ref: 'A' })],
    ['a list', Token.asList({ Ref: 'A' })],
    ['a lazy list', Lazy.list({ produce: () => ['a'] })],
    ['a split text', Fn.split(',', stack.region)],
    ['an object', Token.asAny({ Ref: 'A' })],
    ['a parameter', new CfnParameter(stack, 'P', { type: 'Number' }).valueAsNumber],
  ];

  test.each(ofAwsCdk)('is recognized as aws-cdk-lib writes it: %s', (_, value) => {
    expect(isToken(value)).toBe(true);
  });

  test.each(
    Object.values(TOKENS)
      .flat()
      .map((value) => [JSON.stringify(value), value]),
  )('is recognized as both engines encode it: %s', (_, value) => {
    expect(isToken(value)).toBe(true);
  });

  test.each([
    ['${HOME}', '#{x}', '$Token[1]', '', -1, -1e200, -Infinity, NaN, null, undefined, true],
    [['a'], ['#{Token[1]}', 'b'], ['${Token[TOKEN.1]}'], [], {}, { resolve: 1 }, { '&{x}': 1 }],
  ])('is not seen where there is none (%#)', (...values) => {
    expect(values.filter(isToken)).toEqual([]);
  });

  test.each([
    ['a text', text({ pattern: /^a$/, means: 'a' }), TOKENS.texts],
    ['a number', integer({ min: 1, max: 2 }), TOKENS.numbers],
    ['one of some values', oneOf(1, 2), TOKENS.numbers],
    ['a list of texts', list(text({ maxLength: 1 }), { min: 2 }), TOKENS.lists],
    ['an element of a list', list(text({ maxLength: 1 })), TOKENS.texts.map((token) => ['a', token])],
    ['a value of a map', record(text({ maxLength: 1 }), NAME), TOKENS.texts.map((token) => ({ A: token }))],
    ['an object for a text', text(), TOKENS.objects],
  ])('passes unjudged as %s', (_, rule, values) => {
    expect(values.flatMap((value) => refusalsFor(rule, value))).toEqual([]);
  });

  test.each([
    ['a flag', flag],
    ['a struct', struct<{ a: string }>({ a: text() })],
    ['a list of structs', list(struct<{ a: string }>({ a: text() }))],
    ['a map', record(text(), NAME)],
    ['a construct', commonRules('ember').network],
    ['a class of the library', platformStackRules.securityProfile],
    ['whether data stay', retention],
  ])('is refused as %s: the program itself depends on it', (_, rule) => {
    const values = [...TOKENS.objects, ...TOKENS.texts, ...TOKENS.lists];
    expect(
      values.flatMap((value) => refusalsFor(required(rule), value)).map((line) => line.slice(-9)),
    ).toEqual(values.map(() => '[CMC-015]'));
  });

  test('is refused as a name that becomes the id of a construct', () => {
    const lake = () =>
      new ember.DataLake(new Stack(), 'Lake', {
        zones: [{ name: Token.asString({ Ref: 'Zone' }), expireAfterDays: 1 }],
      });
    expect(codesOf(lake)).toEqual(['CMC-015']);
  });

  test('is passed on to the native resource as it is', () => {
    const region = Token.asString({ Ref: 'Region' });
    const platform = new basalt.PlatformStack(new RootConstruct(), 's', { project: 'ml-dev', region });
    expect(platform.region).toBe(region);
  });
});

const made = (
  ml: typeof ember | typeof basalt,
  stack: Construct,
  secret: core.ISecret,
  channel: core.INotificationChannel,
): Made => ({
  network: new ml.PrivateNetwork(stack, 'Network'),
  encryptionKey: new ml.EncryptionKey(stack, 'Key'),
  secret,
  lake: new ml.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] }),
  registry: new ml.ModelRegistry(stack, 'Registry', { models: [{ name: 'fraud' }], images: ['serve'] }),
  cluster: new ml.GpuTrainingCluster(stack, 'Training', { image: 'i', accelerators: ['T4'] }),
  channel,
});
const emberStack = (id = 'stack') => new ember.PlatformStack(new RootConstruct(), id, { realm: 'north' });
const [here, there] = [emberStack('here'), emberStack('there')];
const ofEmber = made(
  ember,
  here,
  ember.Secret.fromSecretName(here, 'Secret', 'token'),
  ember.NotificationChannel.fromChannelId(here, 'Pager', 'pager'),
);
const ofBasalt = made(
  basalt,
  there,
  basalt.Secret.fromVault(there, 'Secret', 'vault', 'token'),
  basalt.NotificationChannel.fromBellId(there, 'Pager', 'pager'),
);

describe('a whole props object', () => {
  const logDays = integer({ min: 1, max: 3650 });
  const fields = fieldsOf(ofEmber, ofBasalt, whole(1, 3650), words);
  const sets: [string, schema.Rule, Fields<any>, string[]][] = [
    ['a platform stack', struct(platformStackRules), fields.platformStack, []],
    ['a private network', struct(privateNetworkRules('ember', logDays)), fields.privateNetwork, []],
    ['a key', struct(encryptionKeyRules), fields.encryptionKey, []],
    ['a data lake', struct(dataLakeRules('ember')), fields.dataLake, []],
    ['an audit trail', struct(auditTrailRules('ember')), fields.auditTrail, ['datasets']],
    ['a model registry', struct(modelRegistryRules('ember', text())), fields.modelRegistry, ['models']],
    [
      'a training cluster',
      struct(gpuTrainingClusterRules('ember', logDays)),
      fields.gpuTrainingCluster,
      ['image'],
    ],
    [
      'an endpoint',
      struct(autoScalingEndpointRules('ember', logDays)),
      fields.autoScalingEndpoint,
      ['variants'],
    ],
    [
      'a serverless inference',
      struct(serverlessInferenceRules('ember', logDays)),
      fields.serverlessInference,
      ['container'],
    ],
    ['a workspace', struct(workspaceRules('ember')), fields.workspace, ['users']],
  ];
  const judged = (rule: schema.Rule, props: unknown) => () =>
    judgeValue('Here', (faults) => schema.judgeProps(faults, rule, props));

  /** The props that the error names, or what else was thrown. */
  const namedBy = (run: () => unknown): unknown => {
    try {
      run();
      return [];
    } catch (error) {
      return isValidationError(error)
        ? [...new Set(error.faults.map(({ prop }) => /^\w*/.exec(prop)![0]))].sort()
        : error;
    }
  };

  test.each(sets)('of %s with random right values is taken', (_, rule, of, requiredKeys) => {
    fc.assert(
      fc.property(propsOf(of, requiredKeys), (props) => {
        expect(namedBy(judged(rule, props))).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each(sets)(
    'of %s with random faults is refused by the props that are wrong, and no other',
    (_, rule, of, requiredKeys) => {
      fc.assert(
        fc.property(faultyPropsOf(of, requiredKeys), ({ props, wrong }) => {
          expect(namedBy(judged(rule, props))).toEqual([...wrong].sort());
        }),
        RUNS,
      );
    },
  );

  test.each(sets)('of %s without what is required is refused by that', (_, rule, __, requiredKeys) => {
    expect(namedBy(judged(rule, {}))).toEqual(requiredKeys);
    expect(namedBy(judged(rule, undefined))).toEqual(requiredKeys);
  });

  test('is refused with all its faults at once, each by the path of its prop', () => {
    const make = () =>
      new ember.AutoScalingEndpoint(emberStack(), 'Fraud', {
        variants: [
          { name: 'Main', container: { image: 'i', port: 0, environment: { '1A': 'x' } }, weight: 60 },
          { name: 'b', container: {} as core.ServingContainer, weight: 60 },
        ],
        scaling: { minInstances: 4, maxInstances: 2, cpuPercent: 200 },
        alarms: { notify: ['nobody'] },
      });
    expect(make).toThrow(/^stack\/Fraud: 9 faults\n/);
    expect(refusalsOf(make)).toEqual([
      "variants[0].name ('Main') must be lower-case letters, digits and '-', 1 to 24 characters, first a letter, last no '-' [CMC-006]",
      'variants[0].container.port (0) must be a whole number from 1 to 65535 [CMC-004]',
      "variants[0].container.environment has the key '1A', which must be letters, digits and '_', first no digit [CMC-006]",
      'variants[1].container.image is required [CMC-002]',
      'scaling.cpuPercent (200) must be a number from 1 to 100 [CMC-004]',
      "alarms.notify[0] ('nobody') must be an e-mail address [CMC-006]",
      'variants have the weights 60, 60; those of all variants must add up to 100 [CMC-030]',
      'scaling.maxInstances (2) must be at least scaling.minInstances (4) [CMC-031]',
      'variants[0].container.port (0) must be 8080 on Ember [CMC-040]',
    ]);
  });
});

describe('a construct that was refused', () => {
  test('leaves nothing in the tree, and its id can be used again', () => {
    const stack = emberStack();
    const make = (name: string) => new ember.DataLake(stack, 'Lake', { zones: [{ name }] });
    expect(codesOf(() => make('RAW'))).toEqual(['CMC-006']);
    expect(stack.node.children).toEqual([]);
    expect(make('raw').node.path).toBe('stack/Lake');
  });

  test('is taken out of the tree whatever judging throws', () => {
    const scope = new RootConstruct();
    const construct = new Construct(scope, 'Child');
    const judging = () =>
      judge(construct, () => {
        throw new TypeError('cannot read');
      });
    expect(judging).toThrow(new TypeError('cannot read'));
    expect(scope.node.children).toEqual([]);
  });

  test('says its faults, not what the program stumbled over because of them', () => {
    const judging = () =>
      judgeValue('Here', (faults) => {
        faults.add('CMC-002', 'zones', 'is required');
        return (undefined as unknown as unknown[]).length;
      });
    expect(judging).toThrow('Here: zones is required [CMC-002]');
  });

  test('in a call on a construct that stands: nothing is removed', () => {
    const stack = emberStack();
    const lake = new ember.DataLake(stack, 'Lake');
    expect(refusalsOf(() => lake.zone('gold'))).toEqual([
      "stack/Lake: name ('gold') must be one of raw, curated, features [CMC-012]",
    ]);
    expect(judgeCall(lake, () => stack.node.children)).toEqual([lake]);
  });

  test('grants nothing', () => {
    const stack = emberStack();
    const lake = new ember.DataLake(stack, 'Lake');
    const make = () =>
      new ember.GpuTrainingCluster(stack, 'Training', {
        image: 'i',
        accelerators: ['T4'],
        datasets: [lake],
        maxNodes: 0,
      });
    expect(codesOf(make)).toEqual(['CMC-004']);
    expect(resourcesOf(stack, 'grant')).toEqual([]);
  });

  const fields = fieldsOf(ofEmber, ofBasalt, whole(1, 3650), words);
  const anyProps = (of: Fields<any>) =>
    fc
      .tuple(propsOf<any>(of), fc.dictionary(fc.constantFrom(...Object.keys(of)), junk))
      .map(([right, wrong]) => ({ ...right, ...wrong }));

  test.each<[string, (stack: Construct, props: any) => Construct, Fields<any>]>([
    ['DataLake', (stack, props) => new ember.DataLake(stack, 'Id', props), fields.dataLake],
    ['ModelRegistry', (stack, props) => new ember.ModelRegistry(stack, 'Id', props), fields.modelRegistry],
    [
      'GpuTrainingCluster',
      (stack, props) => new ember.GpuTrainingCluster(stack, 'Id', props),
      fields.gpuTrainingCluster,
    ],
    [
      'AutoScalingEndpoint',
      (stack, props) => new ember.AutoScalingEndpoint(stack, 'Id', props),
      fields.autoScalingEndpoint,
    ],
    [
      'ServerlessInference',
      (stack, props) => new ember.ServerlessInference(stack, 'Id', props),
      fields.serverlessInference,
    ],
  ])('whatever props %s is given, it stands, or it raised a ValidationError and is gone', (_, make, of) => {
    fc.assert(
      fc.property(anyProps(of), (props) => {
        const stack = emberStack();
        const refused = codesOf(() => make(stack, props)).length > 0;
        expect(stack.node.tryFindChild('Id') === undefined).toBe(refused);
      }),
      RUNS,
    );
  });
});

describe('the error', () => {
  const raised = (): unknown => {
    try {
      return core.Accelerator.parse('L5');
    } catch (error) {
      return error;
    }
  };

  test('is told from others by Errors.isValidationError', () => {
    expect(core.Errors.isValidationError(raised())).toBe(true);
    // Only the message arrives in Python.
    expect(core.Errors.isValidationError(`${raised()}`)).toBe(true);
    expect(core.Errors.isValidationError('Error: no such file')).toBe(false);
    expect(
      [new Error('x'), { name: 'ValidationError' }, undefined, null, 'x'].filter(
        core.Errors.isValidationError,
      ),
    ).toEqual([]);
  });

  test('is told from others by another copy of the package', () => {
    let copy: typeof core | undefined;
    jest.isolateModules(() => {
      copy = jest.requireActual<typeof core>('../../src/core');
    });
    expect(copy!.Errors).not.toBe(core.Errors);
    expect(copy!.Errors.isValidationError(raised())).toBe(true);
  });

  test('is an Error called ValidationError', () => {
    expect(raised()).toBeInstanceOf(Error);
    expect(String(raised())).toMatch(
      /^ValidationError: Accelerator\.parse: request \('L5'\) is no known accelerator/,
    );
  });
});

describe('values and constructs of another copy of the package', () => {
  test('are taken as those of this one', () => {
    let copy: { core: typeof core; ember: typeof ember } | undefined;
    jest.isolateModules(() => {
      copy = {
        core: jest.requireActual<typeof core>('../../src/core'),
        ember: jest.requireActual<typeof ember>('./dummies/ember'),
      };
    });
    const stack = emberStack();
    const lake = new copy!.ember.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
    expect(lake).not.toBeInstanceOf(ember.DataLake);
    const training = new ember.GpuTrainingCluster(stack, 'Training', {
      image: 'registry.example.com/train:1',
      accelerators: ['T4'],
      capacity: copy!.core.Capacity.spot(),
      datasets: [lake],
    });
    expect(training.machineType).toBe('flare.t4');
  });
});

describe('the job environment', () => {
  test.each([
    ['raw', 'DATASET_RAW_URI'],
    ['gold-2024', 'DATASET_GOLD_2024_URI'],
  ])('finds the dataset %s in %s', (name, variable) => {
    expect(datasetVariable(name)).toBe(variable);
  });

  test('takes no two datasets of one name', () => {
    const { lake } = ofEmber;
    const both = () => judgeValue('Here', (faults) => planDatasets([lake, lake.zone('raw')], faults));
    expect(refusalsOf(both)).toEqual([
      "Here: datasets[1] brings a second dataset 'raw'; jobs find datasets by name: give single zones (lake.zone('…')), call one { data, name }, or name the zones differently [CMC-007]",
    ]);
  });

  test.each([...JOB_VARIABLES, 'DATASET_RAW_URI', 'DATASET_RAW_DIR'])('keeps %s for the platform', (name) => {
    const set = () =>
      judgeValue('Here', (faults) => reserveVariables([name, 'MINE'], 'environment', JOB_VARIABLES, faults));
    expect(refusalsOf(set)).toEqual([
      `Here: environment.${name} is set by the platform: choose another name [CMC-008]`,
    ]);
  });
});

describe('the report', () => {
  test('gathers the facts about all constructs below a scope, by path', () => {
    const stack = emberStack();
    report(new Construct(stack, 'A'), 'choice', 'Machine type', 'flare.t4');
    report(stack, 'idle-cost', 'Gateway', 'bills per hour');
    stack.node.addMetadata('aws:cdk:info', 'of somebody else');
    expect(reportOf(stack)).toEqual([
      { path: 'stack', entry: { kind: 'idle-cost', title: 'Gateway', text: 'bills per hour' } },
      { path: 'stack/A', entry: { kind: 'choice', title: 'Machine type', text: 'flare.t4' } },
    ]);
    expect(reportOf(new RootConstruct())).toEqual([]);
  });
});
