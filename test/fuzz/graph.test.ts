import { faultsOf } from './graph';

const terraform = { required_providers: { azurerm: {} } };
const group = (name: string, more: object = {}) => ({ name, ...more });
const stack = (groups: object, more: object = {}) => ({
  terraform,
  resource: { azurerm_resource_group: groups },
  ...more,
});
const state = (of: string) => ({ terraform_remote_state: { [`cross-stack-reference-input-${of}`]: {} } });
const readOf = (of: string, output: string) =>
  `\${data.terraform_remote_state.cross-stack-reference-input-${of}.outputs.${output}}`;

test('stacks that hold together have no faults', () => {
  expect(
    faultsOf({
      one: stack(
        { A: group('${local.name}-$${var.x}'), B: group('b', { depends_on: ['azurerm_resource_group.A'] }) },
        {
          locals: { name: '${var.name}' },
          variable: { name: {} },
          output: { a: { value: '${azurerm_resource_group.A.id}' } },
        },
      ),
      two: stack({ C: group(readOf('one', 'a')) }, { data: state('one') }),
    }),
  ).toEqual([]);
});

test.each([
  ['a resource', { A: group('${azurerm_resource_group.No.name}') }, 'azurerm_resource_group.No'],
  ['a data source', { A: group('${data.azurerm_client_config.No.id}') }, 'data.azurerm_client_config.No'],
  ['a local', { A: group('a', { tags: { '${local.no}': 'x' } }) }, 'local.no'],
  ['a variable', { A: group('${upper(var.no)}') }, 'var.no'],
  ['an order', { A: group('a', { depends_on: ['azurerm_resource_group.No'] }) }, 'azurerm_resource_group.No'],
])('%s that is nowhere', (_, groups, address) => {
  expect(faultsOf({ one: stack(groups) })).toEqual([`one: ${address} is nowhere`]);
});

test('what another stack does not put out', () => {
  const two = stack({ C: group(readOf('one', 'a')) }, { data: state('one') });
  expect(faultsOf({ one: stack({}), two })).toEqual(['two: one puts out no a']);
});

test('circles of resources and of stacks', () => {
  const groups = {
    A: group('${azurerm_resource_group.B.name}'),
    B: group('b', { depends_on: ['azurerm_resource_group.A'] }),
  };
  expect(faultsOf({ one: stack(groups) })).toEqual([
    'one: a circle: azurerm_resource_group.A → azurerm_resource_group.B → azurerm_resource_group.A',
  ]);
  const reads = (of: string) =>
    stack({ A: group(readOf(of, 'a')) }, { data: state(of), output: { a: { value: 'a' } } });
  expect(faultsOf({ one: reads('two'), two: reads('one') })).toEqual(['a circle of stacks: one → two → one']);
});
