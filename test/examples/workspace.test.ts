import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { team } from '../../examples/workspace/platform';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import * as google from '../../src/google';
import { CONTEXT, staleExplanations, unexplained } from '../aws/support';
import { PERSON, platform, PRINCIPAL } from '../azure/support';
import { platformStack } from '../google/support';
import { all, newApp, synthesized } from '../terraform/support';

describe('notebooks of a team', () => {
  test('on AWS', () => {
    const app = new App({ context: CONTEXT });
    const stack = new aws.PlatformStack(app, 'notebooks');
    team(aws, stack, [{ name: 'ada' }, { name: 'grace' }]);
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::SageMaker::Space'))).toHaveLength(2);
    expect(unexplained(app)).toEqual([]);
    expect(staleExplanations(app)).toEqual([]);
  });

  test('on Google Cloud', () => {
    const app = newApp();
    const users = ['ada', 'grace'].map((name) => ({ name, principalId: `${name}@example.com` }));
    team(google, platformStack(app, 'notebooks', { enableApis: true }), users);
    const { notebooks } = synthesized(app);
    expect(all(notebooks, 'google_workbench_instance').map(({ instance_owners }) => instance_owners)).toEqual(
      [['ada@example.com'], ['grace@example.com']],
    );
  });

  test('on Azure', () => {
    const app = newApp();
    team(azure, platform('notebooks', { resourceGroupName: undefined }, app), [
      { name: 'ada', principalId: PRINCIPAL },
      { name: 'grace', principalId: PERSON },
    ]);
    const { notebooks } = synthesized(app);
    const instances = all(notebooks, 'azapi_resource').filter(({ type }) => type.includes('/computes@'));
    expect(instances).toHaveLength(2);
  });
});
