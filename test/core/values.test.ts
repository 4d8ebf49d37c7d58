import { Construct, RootConstruct } from 'constructs';
import * as ember from './dummies/ember';
import { refusalsOf } from './dummies/shared';
import {
  Accelerator,
  Capacity,
  CapacityKind,
  ContainerImage,
  DeployParameter,
  ModelVersion,
  RegisteredModel,
  Rollout,
  RolloutKind,
  SecurityProfile,
} from '../../src/core';
import { isMarked } from '../../src/core/private/brand';

describe('Capacity', () => {
  test('is on demand, without anything to wait for', () => {
    const { kind, maxWaitHours, fallback, reservationId } = Capacity.onDemand();
    expect([kind, maxWaitHours, fallback, reservationId]).toEqual([
      CapacityKind.ON_DEMAND,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('of spot machines waits a day for them and does not fall back', () => {
    const { kind, maxWaitHours, fallback } = Capacity.spot();
    expect([kind, maxWaitHours, fallback]).toEqual([CapacityKind.SPOT, 24, false]);
  });

  test('of spot machines falls back, and waits, as it was told', () => {
    const { maxWaitHours, fallback } = Capacity.spot({ fallback: true, maxWaitHours: 3 });
    expect([maxWaitHours, fallback]).toEqual([3, true]);
  });

  test('that waits in line waits a day, or as long as it was told', () => {
    expect(
      [Capacity.queued(), Capacity.queued({ maxWaitHours: 500 })].map(({ maxWaitHours }) => maxWaitHours),
    ).toEqual([24, 500]);
    expect(Capacity.queued().kind).toBe(CapacityKind.QUEUED);
  });

  test('that is reserved names the reservation', () => {
    const { kind, reservationId } = Capacity.reserved('cr-1');
    expect([kind, reservationId]).toEqual([CapacityKind.RESERVED, 'cr-1']);
  });

  test.each<[string, () => Capacity, string[]]>([
    [
      'no time at all',
      () => Capacity.spot({ maxWaitHours: 0 }),
      ['Capacity.spot: maxWaitHours (0) must be a whole number from 1 to 648 [CMC-004]'],
    ],
    [
      'a month',
      () => Capacity.spot({ maxWaitHours: 720, fallback: 'yes' as unknown as boolean }),
      [
        "fallback ('yes') must be true or false [CMC-003]",
        'maxWaitHours (720) must be a whole number from 1 to 648 [CMC-004]',
      ],
    ],
    [
      'half an hour in line',
      () => Capacity.queued({ maxWaitHours: 0.5 }),
      ['Capacity.queued: maxWaitHours (0.5) must be a whole number of at least 1 [CMC-004]'],
    ],
    [
      'an unknown option',
      () => Capacity.queued({ fallback: true } as object),
      ['Capacity.queued: fallback is no known prop. Known are maxWaitHours [CMC-001]'],
    ],
    [
      'a reservation without a name',
      () => Capacity.reserved(''),
      ["Capacity.reserved: reservationId ('') must be a text that is not empty [CMC-006]"],
    ],
  ])('refuses %s', (_, make, refusals) => {
    expect(refusalsOf(make)).toEqual(refusals);
  });
});

describe('Rollout', () => {
  test('all at once has no steps', () => {
    const { kind, percent, bakeMinutes } = Rollout.allAtOnce();
    expect([kind, percent, bakeMinutes]).toEqual([RolloutKind.ALL_AT_ONCE, undefined, undefined]);
  });

  test.each([
    [RolloutKind.CANARY, Rollout.canary({ percent: 10, bakeMinutes: 30 })],
    [RolloutKind.LINEAR, Rollout.linear({ percent: 10, bakeMinutes: 30 })],
  ])('%s moves the given share and watches it', (kind, rollout) => {
    expect([rollout.kind, rollout.percent, rollout.bakeMinutes]).toEqual([kind, 10, 30]);
  });

  test.each<[string, () => Rollout, string[]]>([
    [
      'a step of everything',
      () => Rollout.canary({ percent: 100, bakeMinutes: 5 }),
      ['Rollout.canary: percent (100) must be a number from 1 to 99 [CMC-004]'],
    ],
    [
      'nothing to move and no time to watch',
      () => Rollout.linear({ percent: 0, bakeMinutes: 0 }),
      [
        'percent (0) must be a number from 1 to 99 [CMC-004]',
        'bakeMinutes (0) must be a number of at least 1 [CMC-004]',
      ],
    ],
    [
      'missing options',
      () => Rollout.canary(undefined as never),
      ['percent is required [CMC-002]', 'bakeMinutes is required [CMC-002]'],
    ],
    [
      'options as Python dicts have them',
      () => Rollout.canary({ percent: 5, bake_minutes: 5 } as never),
      [
        "bake_minutes is no known prop; did you mean 'bakeMinutes'? Known are percent, bakeMinutes [CMC-001]",
        'bakeMinutes is required [CMC-002]',
      ],
    ],
  ])('refuses %s', (_, make, refusals) => {
    expect(refusalsOf(make)).toEqual(refusals);
  });
});

describe('DeployParameter', () => {
  test('is a text with a default', () => {
    const { name, defaultValue, isNumber } = DeployParameter.of('FraudVersion', '7');
    expect([name, defaultValue, isNumber]).toEqual(['FraudVersion', '7', false]);
  });

  test('is a whole number with a default', () => {
    const { name, defaultValue, isNumber } = DeployParameter.ofNumber('MinInstances', 2);
    expect([name, defaultValue, isNumber]).toEqual(['MinInstances', '2', true]);
  });

  test('is told from its value', () => {
    expect(DeployParameter.isDeployParameter(DeployParameter.of('A', 'b'))).toBe(true);
    expect(
      ['A', 2, undefined, null, {}, Capacity.spot()].filter((value) =>
        DeployParameter.isDeployParameter(value),
      ),
    ).toEqual([]);
  });

  const named = (name: string) =>
    `DeployParameter: name ('${name}') must be letters and digits, at most 64, first a letter [CMC-006]`;

  test.each<[string, () => DeployParameter, string[]]>([
    ['a name with a dash', () => DeployParameter.of('fraud-version', '7'), [named('fraud-version')]],
    ['a name that begins with a digit', () => DeployParameter.of('7th', '7'), [named('7th')]],
    ['a name of 65 letters', () => DeployParameter.of('a'.repeat(65), '7'), [named('a'.repeat(65))]],
    [
      'a fraction',
      () => DeployParameter.ofNumber('Count', 1.5),
      ['DeployParameter: defaultValue (1.5) must be a whole number [CMC-004]'],
    ],
    [
      'nothing as its default',
      () => DeployParameter.of('Tag', ''),
      ["DeployParameter: defaultValue ('') must be a text that is not empty [CMC-006]"],
    ],
    [
      'a default that only deployment knows',
      () => DeployParameter.of('Tag', '${Token[TOKEN.1]}'),
      [
        "DeployParameter: defaultValue ('${Token[TOKEN.1]}') is known only at deployment; it must be a value that the program knows [CMC-015]",
      ],
    ],
  ])('refuses %s', (_, make, refusals) => {
    expect(refusalsOf(make)).toEqual(refusals);
  });
});

describe('SecurityProfile', () => {
  const tree = () => {
    const app = new RootConstruct();
    const stack = new Construct(app, 'stack');
    return { app, stack, construct: new Construct(stack, 'construct') };
  };

  test('is STANDARD where nobody says otherwise', () => {
    expect(SecurityProfile.of(tree().construct)).toBe(SecurityProfile.STANDARD);
  });

  test('holds for a scope and all below it, made before or after', () => {
    const { app, stack, construct } = tree();
    SecurityProfile.REGULATED.applyTo(stack);
    const later = new Construct(construct, 'later');
    expect([stack, construct, later].map((found) => SecurityProfile.of(found).name)).toEqual(
      Array(3).fill('regulated'),
    );
    expect(SecurityProfile.of(app)).toBe(SecurityProfile.STANDARD);
  });

  test('is the nearest one above', () => {
    const { app, stack, construct } = tree();
    SecurityProfile.REGULATED.applyTo(app);
    SecurityProfile.STANDARD.applyTo(construct);
    expect(SecurityProfile.of(stack)).toBe(SecurityProfile.REGULATED);
    expect(SecurityProfile.of(construct)).toBe(SecurityProfile.STANDARD);
  });

  test('can be changed', () => {
    const { stack } = tree();
    SecurityProfile.REGULATED.applyTo(stack);
    SecurityProfile.STANDARD.applyTo(stack);
    expect(SecurityProfile.of(stack)).toBe(SecurityProfile.STANDARD);
  });

  test('is applied by a platform stack', () => {
    const { app } = tree();
    const securityProfile = SecurityProfile.REGULATED;
    const platform = new ember.PlatformStack(app, 'platform', { realm: 'north', securityProfile });
    expect(SecurityProfile.of(new Construct(platform, 'Child'))).toBe(securityProfile);
  });
});

describe('images and versions of models', () => {
  const app = new RootConstruct();
  const registry = new ember.ModelRegistry(app, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['serve'],
  });
  const parameter = DeployParameter.of('Version', '7');

  test('an image knows its registry, its declared name and its tag', () => {
    const image = registry.image('serve', '7');
    expect([image.registry, image.name, image.tag]).toEqual([registry, 'serve', '7']);
    expect(isMarked(image, 'ContainerImage')).toBe(true);
  });

  test('a version knows its registry and its model', () => {
    const version = registry.model('fraud').version('7');
    expect([version.registry, version.model, version.version]).toEqual([registry, 'fraud', '7']);
    expect(isMarked(version, 'ModelVersion')).toBe(true);
  });

  test('both can be left to the deployment', () => {
    expect(registry.image('serve', parameter).tag).toBe(parameter);
    expect(new RegisteredModel(registry, 'fraud').version(parameter).version).toBe(parameter);
  });

  test('one is not taken for the other', () => {
    const image = new ContainerImage(registry, 'serve', '7');
    const version = new ModelVersion(registry, 'fraud', '7');
    expect([isMarked(version, 'ContainerImage'), isMarked(image, 'ModelVersion')]).toEqual([false, false]);
  });

  test('rolling back is an earlier version of the same model', () => {
    const model = registry.model('fraud');
    expect([model.version('7'), model.version('6')].map(({ version }) => version)).toEqual(['7', '6']);
  });
});

describe('Accelerator', () => {
  test('is written as it is read', () => {
    expect(String(new Accelerator('L4', 2, 24))).toBe('L4:2');
  });
});
