import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TerraformVariable } from 'cdktf';
import { done, Kubernetes, runOn, SHARED } from './gpu-training-cluster.kubernetes';
import { cluster, created, definitionOf, execute, minimal } from './gpu-training-cluster.workflow';
import { all, newApp, only, Synthesized, synthesized } from './support';
import * as google from '../../src/google';
import { TestStack } from '../terraform/support';

const STACK = { labels: { team: 'platform', project: 'lidar' } };
/** What every platform stack has besides. */
const OURS = { 'ml-platform': 'platform' };

const requestOf = (json: Synthesized) => created(execute(definitionOf(json), { run: 'r1' }))[0];
const jobOn = (json: Synthesized) =>
  runOn(new Kubernetes([done(600)]), json).calls.find(
    ({ method, url }) => method === 'POST' && url.endsWith('/jobs'),
  )!.body;

describe('labels of the stack', () => {
  test('are those of jobs of Vertex AI, which bill by them', () => {
    const { json } = cluster({}, STACK);
    expect(requestOf(json).labels).toEqual({
      ...OURS,
      ...STACK.labels,
      'ml-cluster': only(json, 'google_workflows_workflow').name,
      'ml-run': 'r1',
    });
  });

  test('are those of machines of GKE and their disks, and of jobs as far as Kubernetes takes them', () => {
    const { json } = cluster({ engine: SHARED }, { labels: { ...STACK.labels, odd: '-odd-', none: '' } });
    const { name, node_config: config } = only(json, 'google_container_node_pool');
    expect(config.resource_labels).toEqual({ ...OURS, ...STACK.labels, odd: '-odd-', none: '' });
    const { metadata, spec } = jobOn(json);
    const labels = { ...OURS, ...STACK.labels, 'ml-cluster': expect.any(String) };
    expect([metadata.labels, spec.template.metadata.labels]).toEqual([labels, labels]);
    // They change in place.
    expect(name).toBe(only(cluster({ engine: SHARED }).json, 'google_container_node_pool').name);
  });

  test('are those of the provider, where a program has its own, also what only deployment knows', () => {
    const app = newApp();
    const stack = new TestStack(app, 'platform');
    const team = new TerraformVariable(stack, 'team', { type: 'string', default: 'ml' });
    new GoogleProvider(stack, 'google', {
      project: 'ml-project',
      region: 'europe-west4',
      defaultLabels: { team: team.stringValue, odd: '${x}' },
    });
    new google.GpuTrainingCluster(stack, 'Training', minimal);
    const { source_contents: source } = only(synthesized(app).platform, 'google_workflows_workflow');
    expect(source).toContain('${base64encode(var.team)}');
    expect(source).toMatch(/"labels":\{"team":"\$\$\{text\.decode\(base64\.decode\(encoded\.t\d\)\)\}"/);
  });

  test('are none where there are none', () => {
    const app = newApp();
    const stack = new TestStack(app, 'platform');
    new GoogleProvider(stack, 'google', { project: 'ml-project', region: 'europe-west4' });
    new google.GpuTrainingCluster(stack, 'Training', { ...minimal, engine: SHARED });
    const json = synthesized(app).platform;
    expect(only(json, 'google_container_node_pool').node_config.resource_labels).toBeUndefined();
  });
});

describe('cost tags of a cluster', () => {
  const costTags = { team: 'vision' };

  test('win over labels of the stack: jobs, machines and stores have them', () => {
    const vertex = cluster({ costTags }, STACK);
    expect(requestOf(vertex.json).labels).toMatchObject({ team: 'vision', project: 'lidar' });
    const gke = cluster({ costTags, engine: SHARED }, STACK);
    expect(only(gke.json, 'google_container_node_pool').node_config.resource_labels).toMatchObject({
      team: 'vision',
      project: 'lidar',
    });
    expect(jobOn(gke.json).metadata.labels).toMatchObject({ team: 'vision', project: 'lidar' });
    const ofCluster = (type: string) => all(vertex.json, type).filter(({ id }) => id.startsWith('Training_'));
    for (const type of ['google_storage_bucket', 'google_workflows_workflow']) {
      expect(ofCluster(type).map(({ labels }) => labels)).toEqual([costTags]);
    }
  });

  test('are of no other construct', () => {
    const { json } = cluster({ costTags }, STACK);
    expect(all(json, 'google_storage_bucket').filter(({ labels }) => labels)).toHaveLength(1);
  });
});
