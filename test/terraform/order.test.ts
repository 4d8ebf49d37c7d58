import { changesOf, creationOf, destructionOf, graphOf, Order } from './order';

/** A stack of resources of one type, by id. */
const stack = (resources: { readonly [id: string]: object }, more: object = {}) =>
  graphOf({ resource: { t: resources }, ...more });
const at = (id: string) => `t.${id}`;
const of = (id: string) => `\${t.${id}.id}`;
const EARLY = { lifecycle: { create_before_destroy: true } };

test('what is needed is created first, and destroyed last', () => {
  const graph = stack({ a: {}, b: { of: of('a') }, c: { depends_on: [at('b')] }, d: {} });
  const [made, gone] = [creationOf(graph), destructionOf(graph)];
  for (const [first, then] of ['ab', 'bc', 'ac']) {
    expect(made.comesBefore(`apply ${at(first)}`, `apply ${at(then)}`)).toBe(true);
    expect(gone.comesBefore(`destroy ${at(then)}`, `destroy ${at(first)}`)).toBe(true);
  }
  expect(made.comesBefore(`apply ${at('b')}`, `apply ${at('a')}`)).toBe(false);
  expect(made.comesBefore(`apply ${at('a')}`, `apply ${at('d')}`)).toBe(false);
});

test('needs lead through locals and data sources', () => {
  const graph = stack(
    { a: {}, b: { of: '${local.x}' }, c: { of: '${data.d.one.value}' } },
    { locals: { x: '${local.y}', y: of('a') }, data: { d: { one: { of: of('b') } } } },
  );
  expect([...graph.get(at('b'))!.needs]).toEqual([at('a')]);
  expect([...graph.get(at('c'))!.needs].sort()).toEqual(['data.d.one', at('a'), at('b')].sort());
  expect(creationOf(graph).comesBefore(`apply ${at('a')}`, `apply ${at('c')}`)).toBe(true);
});

test('what is replaced goes first; what needs it is updated once the new one stands', () => {
  const order = new Order(
    stack({ a: { name: 'x' }, b: { of: of('a') } }),
    stack({ a: { name: 'y' }, b: { of: of('a') } }),
  );
  expect([...order.changes]).toEqual([
    [at('a'), 'replace'],
    [at('b'), 'update'],
  ]);
  expect(order.comesBefore(`destroy ${at('a')}`, `apply ${at('a')}`)).toBe(true);
  expect(order.comesBefore(`apply ${at('a')}`, `apply ${at('b')}`)).toBe(true);
});

test('with create_before_destroy the old one goes last', () => {
  const order = new Order(
    stack({ a: { name: 'x', ...EARLY }, b: { of: of('a') } }),
    stack({ a: { name: 'y', ...EARLY }, b: { of: of('a') } }),
  );
  expect(order.comesBefore(`apply ${at('a')}`, `apply ${at('b')}`)).toBe(true);
  expect(order.comesBefore(`apply ${at('b')}`, `destroy ${at('a')}`)).toBe(true);
});

test('create_before_destroy passes on to all that is needed, and to nothing else', () => {
  const graph = stack({ a: {}, b: { of: of('a') }, c: { of: of('b'), ...EARLY }, d: { of: of('c') } });
  const early = [...graph.values()].filter(({ createBeforeDestroy }) => createBeforeDestroy);
  expect(early.map(({ address }) => address)).toEqual([at('a'), at('b'), at('c')]);
});

test('what is removed goes before what needed it is updated, unless it was to be created before it is destroyed', () => {
  const removed = (more: object) =>
    new Order(stack({ a: { ...more }, b: { of: of('a') } }), stack({ b: { of: 'nothing' } }));
  expect(removed({}).comesBefore(`destroy ${at('a')}`, `apply ${at('b')}`)).toBe(true);
  expect(removed(EARLY).comesBefore(`apply ${at('b')}`, `destroy ${at('a')}`)).toBe(true);
});

test('order is kept over what does not change', () => {
  const chain = (of1: string, of3: string) =>
    stack({ a: { of: of1 }, b: { of: of('a') }, c: { x: of('b'), of: of3 } });
  const order = new Order(chain('1', '1'), chain('2', '2'));
  expect(order.changes.has(at('b'))).toBe(false);
  expect(order.comesBefore(`apply ${at('a')}`, `apply ${at('c')}`)).toBe(true);
});

test('a trigger replaces, what is ignored changes nothing, and a reference to a replaced thing in a name replaces', () => {
  const program = (input: string) =>
    stack({
      trigger: { input },
      a: { lifecycle: { replace_triggered_by: [at('trigger')] } },
      b: { input, lifecycle: { ignore_changes: ['input'] } },
      c: { parent_id: of('a') },
    });
  expect([...changesOf(program('1'), program('2'))]).toEqual([
    [at('trigger'), 'update'],
    [at('a'), 'replace'],
    [at('c'), 'replace'],
  ]);
});

test('a cycle is an error', () => {
  expect(() => stack({ a: { of: of('b') }, b: { of: of('a') } })).toThrow('t.a needs itself');
});
