import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import * as fc from 'fast-check';
import { RUNS } from './arbitraries';
import { machine, refusalsOf } from './dummies/shared';
import { Accelerator } from '../../src/core';
import {
  catalog,
  chooseMachine,
  findMachine,
  Machine,
  MachineQuestion,
} from '../../src/core/private/catalog';
import { judgeValue } from '../../src/core/private/faults';

const { accelerators, machines } = catalog();
const NAMES = Object.keys(accelerators);
const CLOUDS = [...new Set(machines.map(({ cloud }) => cloud))].sort();

/** Who offers machines: SageMaker does not offer every machine type of EC2. */
const SERVICES: Pick<MachineQuestion, 'cloud' | 'service' | 'offered'>[] = [
  { cloud: 'aws', service: 'sagemaker-training', offered: ({ aws }) => aws!.sagemakerTraining },
  { cloud: 'aws', service: 'sagemaker-hosting', offered: ({ aws }) => aws!.sagemakerHosting },
  ...CLOUDS.map((cloud) => ({ cloud, service: cloud === 'aws' ? 'ec2' : 'any', offered: () => true })),
];

/** The machine type that is chosen; refusals are raised. */
const choose = (
  { cloud, service, offered }: Pick<MachineQuestion, 'cloud' | 'service' | 'offered'>,
  asked: string[],
  rows?: readonly Machine[],
) =>
  judgeValue('Here', (faults) => {
    const question = { cloud, service, offered, accelerators: asked, prop: 'accelerators' };
    return chooseMachine(question, faults, rows)?.name;
  });

const refusal = (request: string) => refusalsOf(() => Accelerator.parse(request))[0];

describe('NAME[:COUNT]', () => {
  test.each([
    ['L4', 'L4:1'],
    ['L4:1', 'L4:1'],
    ['A100-80GB:8', 'A100-80GB:8'],
    ['a100-80gb:8', 'A100-80GB:8'],
    [' h100:4 ', 'H100:4'],
    ['L4:0.5', 'L4:0.5'],
    ['L4:01', 'L4:1'],
    ['tpu-V5E:16', 'TPU-v5e:16'],
  ])('%p is %s', (request, expected) => {
    expect(`${Accelerator.parse(request)}`).toBe(expected);
  });

  test('says how much memory each accelerator has', () => {
    const { name, count, memoryGiB } = Accelerator.parse('A100:8');
    expect({ name, count, memoryGiB }).toEqual({ name: 'A100', count: 8, memoryGiB: 40 });
  });

  test.each([
    ['nvidia-tesla-t4', 'T4:1'],
    ['A100-40GB:2', 'A100:2'],
    ['h100nvl', 'H100-NVL:1'],
    ['rtx pro 6000:8', 'RTXPRO6000:8'],
    ['Trillium:4', 'TPU-v6e:4'],
    ['v5litepod', 'TPU-v5e:1'],
  ])('the alias %p is %s', (request, expected) => {
    expect(`${Accelerator.parse(request)}`).toBe(expected);
  });

  test('every name and alias of the catalog is read, in any case', () => {
    for (const name of NAMES) {
      for (const alias of [name, ...accelerators[name].aliases]) {
        const found = [alias.toLowerCase(), alias.toUpperCase()].map((written) =>
          Accelerator.parse(`${written}:2`),
        );
        expect(found.map(String)).toEqual([`${name}:2`, `${name}:2`]);
      }
    }
  });

  test.each(['L4:', 'L4:0', 'L4:0.0', 'L4:-1', 'L4:two', 'L4:1:2', 'L4 2', ':1', '', 'L4:1e3'])(
    '%p is refused',
    (request) => {
      expect(refusal(request)).toMatch(/is no known accelerator: write NAME or NAME:COUNT; .*\[CMC-020\]$/);
    },
  );

  test.each([
    ['L4O', 'L4'],
    ['A100-8OGB', 'A100-80GB'],
    ['H-100', 'H100'],
    ['Trainum2', 'Trainium2'],
    ['mi300', 'MI300X'],
  ])('%p is refused with %s as the nearest', (request, meant) => {
    expect(refusal(request)).toContain(`; nearest are ${meant}`);
  });

  test('a name like no other is refused with all that are known', () => {
    expect(refusal('Commodore64')).toContain(`; known are ${NAMES.join(', ')} [CMC-020]`);
  });

  test('what is no text is refused as such', () => {
    expect(refusal(5 as unknown as string)).toBe(
      'Accelerator.parse: request (5) must be a string: NAME or NAME:COUNT [CMC-003]',
    );
  });

  test('any text is read or refused, and what is read can be read again', () => {
    const written = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(...NAMES), fc.float()).map((pair) => pair.join(':')),
    );
    fc.assert(
      fc.property(written, (request) => {
        let read: Accelerator | undefined;
        const refused = refusalsOf(() => (read = Accelerator.parse(request))).length > 0;
        expect(refused).toBe(read === undefined);
        expect(read && `${Accelerator.parse(`${read}`)}`).toBe(read && `${read}`);
      }),
      RUNS,
    );
  });
});

describe('the machine type for an accelerator', () => {
  const nimbus = { cloud: 'nimbus', service: 'Nimbus training', offered: () => true };
  const small = machine('nimbus', 'small', 'L4', 1);
  const large = machine('nimbus', 'large', 'L4', 4);

  test('is the one with exactly that count: nothing is rounded up', () => {
    expect(choose(nimbus, ['L4:4'], [small, large])).toBe('large');
    expect(refusalsOf(() => choose(nimbus, ['L4:2'], [small, large]))).toEqual([
      'Here: accelerators (L4:2): Nimbus training offers L4 in counts of 1, 4. Its accelerators are L4 [CMC-021]',
    ]);
  });

  test('is that of the first accelerator of the list that is there', () => {
    expect(choose(nimbus, ['H100:8', 'L4:2', 'L4:4', 'L4:1'], [small, large])).toBe('large');
  });

  test('none is there: the refusal says what of each there is, and the way out', () => {
    const question = {
      ...nimbus,
      accelerators: ['H100:8', 'L4:2'],
      prop: 'accelerators',
      wayOut: 'use another service',
    };
    const asking = () => judgeValue('Here', (faults) => chooseMachine(question, faults, [small, large]));
    expect(refusalsOf(asking)).toEqual([
      'Here: accelerators (H100:8, L4:2): Nimbus training offers no H100; L4 in counts of 1, 4. Its accelerators are L4; use another service [CMC-021]',
    ]);
    expect(refusalsOf(() => choose(nimbus, ['L4'], []))[0]).toContain('Its accelerators are none');
  });

  test('an unknown name is refused by its place, even where another of the list is there', () => {
    expect(refusalsOf(() => choose(nimbus, ['L4', 'L5'], [small]))).toEqual([
      expect.stringMatching(
        /^Here: accelerators\[1\] \('L5'\) is no known accelerator.*nearest are.*\[CMC-020\]$/,
      ),
    ]);
  });

  test('is one that the service offers', () => {
    expect(
      refusalsOf(() => choose({ ...nimbus, offered: ({ name }) => name !== 'small' }, ['L4'], [small])),
    ).toHaveLength(1);
  });

  test('is of the cloud that is asked', () => {
    expect(refusalsOf(() => choose({ ...nimbus, cloud: 'other' }, ['L4'], [small]))).toHaveLength(1);
  });

  test.each(['preview', 'retired'] as const)('is none that is in the state %s', (status) => {
    expect(refusalsOf(() => choose(nimbus, ['L4'], [{ ...small, status }]))).toHaveLength(1);
    expect(
      choose(
        nimbus,
        ['L4'],
        [
          { ...small, status },
          { ...small, name: 'other', vcpu: 99 },
        ],
      ),
    ).toBe('other');
  });

  test.each<[string, Partial<Machine>]>([
    ['the one that is generally available', { status: 'limited', vcpu: 1 }],
    ['the one with fewer processors', { vcpu: small.vcpu + 1, ramGiB: 1 }],
    ['the one with less memory', { ramGiB: small.ramGiB + 1 }],
    ['the first by name', { name: 'z' }],
  ])('among equally old ones is %s', (_, worse) => {
    const other = { ...small, name: 'other', ...worse };
    expect(choose(nimbus, ['L4'], [other, { ...small, name: 'm' }])).toBe('m');
    expect(choose(nimbus, ['L4'], [{ ...small, name: 'm' }, other])).toBe('m');
  });

  test('does not change because a better one comes later', () => {
    const better = { ...small, name: 'a-better', vcpu: 1, ramGiB: 1, since: '2027-06-01' };
    expect(choose(nimbus, ['L4'], [better, small])).toBe('small');
  });
});

type Golden = Record<string, Record<string, string>>;

/** Every answer of the catalog. */
function answers(rows: readonly Machine[]): Golden {
  const golden: Golden = {};
  for (const service of SERVICES) {
    const here = rows.filter((row) => row.cloud === service.cloud && service.offered(row));
    const requests = [...new Set(here.map(({ accelerator, count }) => `${accelerator}:${count}`))].sort();
    const found = requests.flatMap((request) => {
      const [name] = [() => choose(service, [request], rows)].flatMap((ask) =>
        refusalsOf(ask).length ? [] : [ask()!],
      );
      return name ? [[request, name]] : [];
    });
    golden[`${service.cloud} ${service.service}`] = Object.fromEntries(found);
  }
  return golden;
}

describe('every answer of the catalog', () => {
  const file = join(__dirname, 'accelerators.golden.json');
  const current = answers(machines);
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(file, `${JSON.stringify(current, null, 2)}\n`);
  }
  const golden: Golden = JSON.parse(readFileSync(file, 'utf8'));

  test.each(Object.keys(golden))('of %s is what it was: a changed line replaces what runs', (service) => {
    const asked = Object.keys(golden[service]);
    expect(Object.fromEntries(asked.map((request) => [request, current[service]?.[request]]))).toEqual(
      golden[service],
    );
  });

  test('is in accelerators.golden.json: UPDATE_GOLDEN=1 adds what is new', () => {
    const lines = (all: Golden) =>
      Object.entries(all).flatMap(([service, found]) => Object.keys(found).map((key) => `${service} ${key}`));
    expect(lines(current).filter((line) => !lines(golden).includes(line))).toEqual([]);
  });

  test('stays when a better machine type comes later for each of them', () => {
    const better = machines.map((row) => ({
      ...row,
      ...{ name: `a-better-${row.name}`, status: 'ga' as const, vcpu: 1, ramGiB: 1, since: '2099-01-01' },
    }));
    const later = answers([...better, ...machines]);
    for (const [service, found] of Object.entries(current)) {
      expect(later[service]).toMatchObject(found);
    }
  });

  test('of a service has exactly the count that was asked for', () => {
    for (const { cloud, service } of SERVICES) {
      for (const [request, name] of Object.entries(current[`${cloud} ${service}`])) {
        const rows = machines.filter((row) => row.cloud === cloud && row.name === name);
        expect(rows.map(({ accelerator, count }) => `${accelerator}:${count}`)).toContain(request);
      }
    }
  });

  test('of the quickstart is there on every cloud', () => {
    const asked = ['L4:1', 'T4:1', 'L40S:1', 'A10:1'];
    expect(SERVICES.filter((service) => refusalsOf(() => choose(service, asked)).length > 0)).toEqual([]);
  });
});

describe('the catalog', () => {
  test('has each machine type once per accelerator and count', () => {
    const keys = machines.map(
      ({ cloud, name, accelerator, count }) => `${cloud} ${name} ${accelerator}:${count}`,
    );
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  test('knows the accelerator of each machine type, and its memory', () => {
    expect(machines.filter(({ accelerator }) => !(accelerator in accelerators))).toEqual([]);
  });

  test('has a machine type for each accelerator', () => {
    expect(NAMES.filter((name) => !machines.some(({ accelerator }) => accelerator === name))).toEqual([]);
  });

  test('says of each row since when it is there, and whether it can be had', () => {
    const states = ['ga', 'limited', 'preview', 'legacy', 'retired'];
    const wrong = machines.filter(
      ({ since, status }) => !/^\d{4}-\d\d-\d\d$/.test(since) || !states.includes(status),
    );
    expect(wrong).toEqual([]);
  });

  test('has sensible figures in each row', () => {
    const wrong = machines.filter(
      ({ count, memoryGiB, vcpu, ramGiB }) => ![count, memoryGiB, vcpu, ramGiB].every((figure) => figure > 0),
    );
    expect(wrong).toEqual([]);
  });

  test('says of each machine type of AWS what SageMaker does with it', () => {
    const wrong = machines.filter(
      ({ cloud, aws }) =>
        cloud === 'aws' &&
        (typeof aws?.sagemakerTraining !== 'boolean' || typeof aws?.sagemakerHosting !== 'boolean'),
    );
    expect(wrong).toEqual([]);
  });

  test('gives no name and no alias to two accelerators', () => {
    const all = NAMES.flatMap((name) => [
      ...new Set([name, ...accelerators[name].aliases].map((alias) => alias.toLowerCase())),
    ]);
    expect(all.filter((alias, i) => all.indexOf(alias) !== i)).toEqual([]);
  });

  test('finds a machine type that was pinned by hand', () => {
    expect(findMachine('aws', 'g6.xlarge')).toMatchObject({ accelerator: 'L4', count: 1 });
    expect(findMachine('google', 'g6.xlarge')).toBeUndefined();
  });
});
