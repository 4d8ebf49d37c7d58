import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { newApp, refusal, synthesized, TestStack } from './support';
import { IWorkload } from '../../src/core';
import { brandOf } from '../../src/core/private/brand';
import { GenericProvider, GenericResource } from '../../src/terraform/generic';
import { terraformRules } from '../../src/terraform/judge';

const random = { name: 'random', source: 'hashicorp/random', version: '~> 3.9' };
const { judgeConstruct, grantee, usesAll, after } = terraformRules<IWorkload>('google');

/** Something of the cloud that another one may use, with one resource. */
class Thing extends Construct implements IWorkload {
  public readonly identityId = 'someone';
  public readonly resource: GenericResource;

  constructor(scope: Construct, id: string, uses: { [prop: string]: unknown } = {}, waitsFor: Thing[] = []) {
    super(scope, id);
    judgeConstruct(this, 'Workload', (faults) => usesAll(this, uses, faults));
    GenericProvider.of(this, random);
    this.resource = new GenericResource(this, 'Resource', {
      type: 'random_id',
      form: random,
      arguments: { byte_length: 4 },
      dependsOn: after(this, ...waitsFor.map(({ resource }) => resource)),
    });
  }
}

const twoStacks = (app: App = newApp()) =>
  ['foundation', 'serving'].map((id) => new TestStack(app, id)) as [TestStack, TestStack];

test('constructs are in a TerraformStack, and marked as their cloud’s', () => {
  const app = newApp();
  expect(refusal(() => new Thing(app, 'Thing'), 'CMC-011')).toBe(
    'Thing: is a google.Workload outside of a cdktf TerraformStack: put it into a google.PlatformStack or a TerraformStack [CMC-011]',
  );
  expect(app.node.children).toEqual([]);
  expect(brandOf(new Thing(new TerraformStack(app, 'stack'), 'Thing'))).toEqual({
    cloud: 'google',
    kind: 'Workload',
  });
});

test('what a construct uses is deployed before it', () => {
  const [foundation, serving] = twoStacks();
  new Thing(serving, 'User', { datasets: [new Thing(foundation, 'Used')] });
  expect(serving.dependencies).toEqual([foundation]);
});

test('an order that turns round is refused before cdktf sees it, over any number of stacks', () => {
  const app = newApp();
  const [foundation, serving] = twoStacks(app);
  const between = new TestStack(app, 'between');
  const [used, user] = [new Thing(foundation, 'Used'), new Thing(serving, 'User')];
  new Thing(between, 'Between', { used });
  serving.addDependency(between);
  expect(refusal(() => new Thing(foundation, 'Back', { datasets: [user] }), 'CMC-009')).toBe(
    'foundation/Back: datasets[0] would make stack foundation depend on serving, which already depends on it: put both into one stack, or turn the order [CMC-009]',
  );
  expect(foundation.node.tryFindChild('Back')).toBeUndefined();
});

test('grants go to workloads of the cloud, and not backwards', () => {
  const [foundation, serving] = twoStacks();
  const [lake, endpoint] = [new Thing(foundation, 'Lake'), new Thing(serving, 'Endpoint')];
  expect(grantee(lake, endpoint)).toBe(endpoint);
  refusal(() => grantee(endpoint, lake), 'CMC-013');
  refusal(() => grantee(lake, { identityId: 'x' }), 'CMC-010');
});

test('apps cannot refer to each other', () => {
  const used = new Thing(new TestStack(newApp(), 'other'), 'Used');
  expect(refusal(() => new Thing(new TestStack(newApp(), 'stack'), 'User', { used }), 'CMC-009')).toContain(
    'used is in another app (other): import what exists there with a from… method',
  );
});

test('a resource waits for those of its stack by depends_on, for those of another by the order of the stacks', () => {
  const app = newApp();
  const [foundation, serving] = twoStacks(app);
  const [far, near] = [new Thing(foundation, 'Far'), new Thing(serving, 'Near')];
  const made = new Thing(serving, 'Made', {}, [far, near]);
  const [id, nearId] = [made, near].map(({ resource }) => resource.friendlyUniqueId);
  expect(synthesized(app).serving.resource!.random_id[id].depends_on).toEqual([`random_id.${nearId}`]);
  expect(serving.dependencies).toEqual([foundation]);
  expect(refusal(() => after(foundation, made.resource), 'CMC-009')).toContain(
    'serving/Made/Resource would make stack foundation depend on serving',
  );
});
