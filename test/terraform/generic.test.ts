import { TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { only, synthesizedStack } from './support';
import { GenericDataSource, GenericProvider, GenericResource } from '../../src/terraform/generic';

const restful = { name: 'restful', source: 'magodo/restful', version: '~> 0.25' };
const azapi = { name: 'azapi', source: 'Azure/azapi', version: '~> 2.5' };
const beta = { name: 'google-beta', source: 'hashicorp/google-beta', version: '~> 6.50' };

test('resources and providers take Terraform’s own arguments and leave the keys of maps as they are', () => {
  const { json } = synthesizedStack((stack) => {
    new GenericProvider(stack, 'restful', {
      ...restful,
      arguments: { base_url: 'https://example.com', header: { 'X-maxAge': '1' } },
    });
    const model = new GenericResource(stack, 'Model', {
      type: 'restful_operation',
      form: restful,
      arguments: {
        path: '/models:upload',
        method: 'POST',
        body: { displayName: 'fraud', labels: { teamName: 'x' } },
      },
      lifecycle: { createBeforeDestroy: true },
    });
    new GenericResource(stack, 'Deploy', {
      type: 'restful_operation',
      form: restful,
      arguments: { path: `${model.getStringAttribute('id')}:deploy`, method: 'POST' },
      dependsOn: [model],
    });
    new GenericDataSource(stack, 'Read', {
      type: 'restful_resource',
      form: restful,
      arguments: { id: model.getStringAttribute('id') },
    });
  });
  expect(json.terraform.required_providers).toEqual({
    restful: { source: 'magodo/restful', version: '~> 0.25' },
  });
  expect(json.provider.restful).toEqual([{ base_url: 'https://example.com', header: { 'X-maxAge': '1' } }]);
  const { Model, Deploy } = json.resource!.restful_operation;
  expect(Model).toMatchObject({
    body: { displayName: 'fraud', labels: { teamName: 'x' } },
    lifecycle: { create_before_destroy: true },
  });
  expect(Deploy).toMatchObject({
    path: '${restful_operation.Model.id}:deploy',
    depends_on: ['restful_operation.Model'],
  });
  expect(json.data!.restful_resource.Read.id).toBe('${restful_operation.Model.id}');
});

test('a stack has one provider of a name, and more under aliases', () => {
  const { json } = synthesizedStack((stack) => {
    const europe = new GenericProvider(stack, 'Europe', {
      ...beta,
      alias: 'europe',
      arguments: { region: 'europe-west4' },
    });
    const one = GenericProvider.of(stack, beta, () => ({ project: 'acme-ml' }));
    expect(GenericProvider.of(one, beta)).toBe(one);
    new GenericResource(stack, 'Tpu', {
      type: 'google_tpu_v2_vm',
      form: beta,
      provider: europe,
      arguments: { name: 'tpu', runtime_version: 'tpu-vm-base', zone: 'europe-west4-a' },
    });
  });
  expect(json.provider['google-beta']).toEqual([
    { region: 'europe-west4', alias: 'europe' },
    { project: 'acme-ml' },
  ]);
  expect(only(json, 'google_tpu_v2_vm').provider).toBe('google-beta.europe');
});

test('a program’s own provider with an alias may have the plain name as its id', () => {
  const { json } = synthesizedStack((stack) => {
    new GenericProvider(stack, 'azapi', { ...azapi, alias: 'hub', arguments: { use_msi: true } });
    GenericProvider.of(stack, azapi, () => ({ use_oidc: true }));
  });
  expect(json.provider.azapi).toEqual([{ alias: 'hub', use_msi: true }, { use_oidc: true }]);
});

test('overrides reach them', () => {
  const { json } = synthesizedStack((stack) => {
    GenericProvider.of(stack, azapi).addOverride('tenant_id', 'x');
    const resource = new GenericResource(stack, 'Group', {
      type: 'azapi_resource',
      form: azapi,
      arguments: { type: 'Microsoft.Resources/resourceGroups@2024-03-01', name: 'ml' },
    });
    resource.addOverride('location', 'westeurope');
  });
  expect(json.provider.azapi).toEqual([{ tenant_id: 'x' }]);
  expect(only(json, 'azapi_resource')).toMatchObject({ name: 'ml', location: 'westeurope' });
});

test('without its provider a resource does not synthesize', () => {
  expect(() =>
    synthesizedStack(
      (stack) =>
        new GenericResource(stack, 'Id', {
          type: 'random_id',
          form: { ...azapi, name: 'random' },
          arguments: {},
        }),
    ),
  ).toThrow('without a matching provider');
});

test('HCL output says why it cannot be', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  GenericProvider.of(stack, azapi);
  expect(() => Testing.synthHcl(stack)).toThrow(
    'stack/MlProvider-azapi: has no prebuilt binding, which HCL output needs',
  );
});

test('outputs are read by attribute', () => {
  const { json } = synthesizedStack((stack) => {
    GenericProvider.of(stack, azapi);
    const client = new GenericDataSource(stack, 'Client', {
      type: 'azapi_client_config',
      form: azapi,
      arguments: {},
    });
    new TerraformOutput(stack, 'Tenant', { value: client.getStringAttribute('tenant_id') });
  });
  expect(json.output.Tenant.value).toBe('${data.azapi_client_config.Client.tenant_id}');
});
