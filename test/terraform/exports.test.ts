import { GcsBackend, TerraformOutput } from 'cdktf';
import { newApp, synthesized, TestStack } from './support';
import { exportAlways } from '../../src/terraform/exports';
import { GenericProvider, GenericResource } from '../../src/terraform/generic';

const random = { name: 'random', source: 'hashicorp/random', version: '~> 3.9' };

function platform({ used }: { used: boolean }) {
  const app = newApp();
  const [foundation, serving] = ['foundation', 'serving'].map((id) => new TestStack(app, id));
  GenericProvider.of(foundation, random);
  const made = new GenericResource(foundation, 'Made', {
    type: 'random_id',
    form: random,
    arguments: { byte_length: 4 },
  });
  const uri = `gs://${made.getStringAttribute('hex')}/`;
  exportAlways(made, uri, 'a literal');
  if (used) {
    new TerraformOutput(serving, 'Uri', { value: uri });
  }
  return synthesized(app);
}

test('what another stack uses or not changes nothing in the stack that exports', () => {
  const [used, unused] = [platform({ used: true }), platform({ used: false })];
  expect(used.foundation).toEqual(unused.foundation);
  expect(Object.keys(used.foundation.output)).toEqual(['cross-stack-output-random_idMadehex']);
  expect(used.serving.output.Uri.value).toBe(
    'gs://${data.terraform_remote_state.cross-stack-reference-input-foundation.outputs.cross-stack-output-random_idMadehex}/',
  );
});

test('state is where cdktf keeps it, by a path that every machine has', () => {
  const { foundation, serving } = platform({ used: true });
  const path = '../../../terraform.foundation.tfstate';
  expect(foundation.terraform.backend).toEqual({ local: { path } });
  expect(serving.data!.terraform_remote_state['cross-stack-reference-input-foundation'].config).toMatchObject(
    { path },
  );
});

test('a backend of the user’s own is taken, whenever it was given', () => {
  const app = newApp();
  const stack = new TestStack(app, 'stack');
  new GcsBackend(stack, { bucket: 'states', prefix: 'ml' });
  expect(synthesized(app).stack.terraform.backend).toEqual({ gcs: { bucket: 'states', prefix: 'ml' } });
});
