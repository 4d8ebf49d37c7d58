import { foundation, serving } from '../../examples/quickstart/platform';
import * as azure from '../../src/azure';
import * as google from '../../src/google';
import { platform } from '../azure/support';
import { platformStack } from '../google/support';
import { newApp, Synthesized, synthesized } from '../terraform/support';

const typesOf = ({ resource = {} }: Synthesized) => Object.keys(resource);

// On AWS it is deployed to an emulator, and test/aws/upgrades.test.ts holds what it names.
describe('the quickstart synthesizes to what Terraform takes', () => {
  test('on Google Cloud', () => {
    const app = newApp();
    const [first, second] = ['foundation', 'serving'].map((id) =>
      platformStack(app, id, { enableApis: true }),
    );
    serving(google, second, foundation(google, first));
    const stacks = synthesized(app);
    expect(typesOf(stacks.foundation)).toEqual(
      expect.arrayContaining([
        'google_storage_bucket',
        'google_artifact_registry_repository',
        'google_workflows_workflow',
      ]),
    );
    expect(typesOf(stacks.serving)).toEqual(
      expect.arrayContaining([
        'google_vertex_ai_endpoint',
        'restful_operation',
        'google_cloud_run_v2_service',
      ]),
    );
  });

  test('on Azure', () => {
    const app = newApp();
    const [first, second] = ['foundation', 'serving'].map((id) =>
      platform(id, { resourceGroupName: undefined }, app),
    );
    serving(azure, second, foundation(azure, first));
    const stacks = synthesized(app);
    expect(typesOf(stacks.foundation)).toEqual(
      expect.arrayContaining(['azurerm_storage_account', 'azurerm_machine_learning_compute_cluster']),
    );
    expect(typesOf(stacks.serving)).toEqual(
      expect.arrayContaining(['azapi_resource', 'azurerm_container_app']),
    );
  });
});
