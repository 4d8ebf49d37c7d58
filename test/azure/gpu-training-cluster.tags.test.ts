import { run, unescaped } from './gpu-training-cluster.workflow';
import { all, only, SUBSCRIPTION, Synthesized, synthesizedPlatform } from './support';
import * as azure from '../../src/azure';

const SHARED = azure.TrainingEngine.aks({
  clusterId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/central/providers/Microsoft.ContainerService/managedClusters/shared`,
});
const STACK = { team: 'platform', 'Cost Center': '42 & up @{x}' };

const training = (props: Partial<azure.GpuTrainingClusterProps>, tags?: { [name: string]: string }) =>
  synthesizedPlatform(
    (stack) =>
      new azure.GpuTrainingCluster(stack, 'Training', {
        image: 'acmeml.azurecr.io/train:3',
        accelerators: ['T4:1'],
        command: ['torchrun', 'train.py'],
        ...props,
      }),
    { tags },
  ).json;

const workflowOf = (json: Synthesized) =>
  all(json, 'azapi_resource').find(({ type }) => type.startsWith('Microsoft.Logic/workflows@'))!;
const definitionOf = (json: Synthesized) => unescaped(workflowOf(json).body.properties.definition);
const jobOf = (json: Synthesized) =>
  run(definitionOf(json), { run: 'r1' }, () => ({
    status: 200,
    body: { properties: { status: 'Completed' } },
  })).calls[0].body.properties;

describe('tags of the stack', () => {
  test('are those of jobs of Azure ML, as they stand, and of its machines', () => {
    const json = training({}, STACK);
    expect(jobOf(json).tags).toEqual(STACK);
    expect(only(json, 'azurerm_machine_learning_compute_cluster').tags).toEqual(STACK);
  });

  test('are those of machines of AKS, and of jobs as far as Kubernetes takes them', () => {
    const json = training({ engine: SHARED }, STACK);
    const { tags, name } = only(json, 'azurerm_kubernetes_cluster_node_pool');
    expect(tags).toEqual(STACK);
    const { metadata, spec } = definitionOf(json).actions.Manifest.inputs;
    expect(metadata.labels).toEqual({ team: 'platform', 'ml-cluster': expect.any(String) });
    expect(spec.template.metadata.labels).toMatchObject(metadata.labels);
    // They change in place.
    expect(name).toBe(only(training({ engine: SHARED }), 'azurerm_kubernetes_cluster_node_pool').name);
  });

  test('are none where there are none', () => {
    const json = training({});
    expect(jobOf(json)).not.toHaveProperty('tags');
    expect(workflowOf(json).tags).toBeUndefined();
  });
});

test('cost tags of a cluster win over those of the stack: jobs, machines and stores have them', () => {
  const costTags = { team: 'vision', project: 'lidar' };
  const both = { ...STACK, ...costTags };
  const json = training({ costTags }, STACK);
  expect(jobOf(json).tags).toEqual(both);
  for (const type of ['azurerm_machine_learning_compute_cluster', 'azurerm_user_assigned_identity']) {
    all(json, type)
      .filter(({ id }) => id.startsWith('Training_'))
      .forEach(({ tags }) => expect(tags).toEqual(both));
  }
  expect(only(json, 'azurerm_storage_account', 'Training_JobStorage').tags).toEqual(both);
  expect(only(json, 'azurerm_storage_account', 'MlWorkspace').tags).toEqual(STACK);
  // Terraform takes `$${` and `%%{` for text; there is none here.
  expect(workflowOf(json).tags).toEqual(both);
  const aks = training({ costTags, engine: SHARED }, STACK);
  expect(only(aks, 'azurerm_kubernetes_cluster_node_pool').tags).toEqual(both);
  expect(definitionOf(aks).actions.Manifest.inputs.metadata.labels).toMatchObject(costTags);
});
