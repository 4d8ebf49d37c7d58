import { MachineLearning } from './machine-learning';
import { newApp, platform, SUBSCRIPTION, synthesized } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import { serving } from '../support/service';
import { TerraformRun } from '../terraform/run';
import type { Synthesized } from '../terraform/support';

/** Azure and a Terraform that talks to it. */
async function onAzure<T>(use: (run: TerraformRun, ml: MachineLearning) => Promise<T>): Promise<T> {
  const ml = new MachineLearning();
  return serving(ml.service, (url) => use(new TerraformRun(ml.world(url)), ml));
}

interface Program {
  readonly variants?: { readonly [name: string]: number };
  readonly memory?: string;
  readonly tags?: { readonly [name: string]: string };
  readonly approvalRequired?: boolean;
  readonly inNetwork?: boolean;
}

const made = new Map<string, Synthesized>();

/** A program with an endpoint of two variants; the same again where it was asked for before. */
function program(asked: Program = {}): Synthesized {
  const key = JSON.stringify(asked);
  made.set(key, made.get(key) ?? synthesize(asked));
  return made.get(key)!;
}

function synthesize({
  variants = { blue: 90, green: 10 },
  memory = '1',
  tags,
  approvalRequired,
  inNetwork,
}: Program): Synthesized {
  const app = newApp();
  const stack = platform('platform', { tags }, app);
  const registry = new azure.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud', approvalRequired }],
    images: ['serve'],
    retention: core.DataRetention.DESTROY,
  });
  new azure.AutoScalingEndpoint(stack, 'Fraud', {
    network: inNetwork ? new azure.PrivateNetwork(stack, 'Network') : undefined,
    accelerators: ['T4'],
    variants: Object.entries(variants).map(([name, weight]) => ({
      name,
      weight,
      container: {
        image: registry.image('serve', '1'),
        environment: name === 'blue' ? { MEMORY: memory } : undefined,
      },
      model: registry.model('fraud').version(name === 'green' ? core.DeployParameter.of('Green', '1') : '1'),
    })),
  });
  return synthesized(app).platform;
}

/** Publishes versions of the model as the registry's commands do, once its workspace stands. */
function publish(ml: MachineLearning, json: Synthesized, workspace: string, tags: object = {}): void {
  const [model] = /\/models\/[^/]+/.exec(JSON.stringify(json.resource!.azapi_resource))!;
  for (const version of ['1', '2']) {
    ml.resources.set(`${workspace}${model}/versions/${version}`, { properties: { tags } });
  }
}

/** A Terraform that has made the workspace, with two versions of the model in it. */
async function withModels(
  use: (run: TerraformRun, ml: MachineLearning) => Promise<void>,
  first: Program = {},
  tags?: object,
): Promise<void> {
  await onAzure(async (run, ml) => {
    const json = program(first);
    const workspaceOnly = Object.entries(json.resource!.azapi_resource).filter(([id]) =>
      id.startsWith('MlWorkspace'),
    );
    const [{ name }] = workspaceOnly.map(([, one]) => one).filter(({ type }) => /\/workspaces@/.test(type));
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/${name}`;
    publish(ml, json, id, tags);
    await use(run, ml);
  });
}

/** Writing calls, without what leads to the workspace. */
const callsOf = (run: TerraformRun, from = 0): string[] =>
  run.calls
    .slice(from)
    .filter(({ method, path }) => method !== 'GET' && path.includes('/workspaces/'))
    .map(({ method, path, body }) => {
      const short = path
        .replace(/^.*\/workspaces\/[^/?]+/, '')
        .replace(/\?.*/, '')
        .replace(/onlineEndpoints\/[^/]+/, 'E')
        .replace(/-[0-9a-f]{7,8}(?=\/|$)/g, '')
        .replace(/versions\/[0-9a-f]{8}/, 'versions/V');
      return `${method} ${short}${method === 'PUT' && body.properties?.traffic ? ' traffic' : ''}`;
    });

const shares = ({ endpoint }: MachineLearning): { [variant: string]: number } =>
  Object.fromEntries(
    Object.entries(endpoint.properties.traffic).map(([name, percent]) => [
      name.replace(/-[0-9a-f]{7}$/, ''),
      percent as number,
    ]),
  );

test('an endpoint stands before its deployments, and gets traffic when they do', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const calls = callsOf(run).filter((call) => / \/E/.test(call));
    expect([...calls].sort()).toEqual([
      'PUT /E',
      'PUT /E traffic',
      'PUT /E/deployments/blue',
      'PUT /E/deployments/green',
    ]);
    expect([calls[0], calls[3]]).toEqual(['PUT /E', 'PUT /E traffic']);
    expect(shares(ml)).toEqual({ blue: 90, green: 10 });
  }));

test('what is sent is what Azure ML takes', () =>
  withModels(async (run, ml) => {
    await run.apply(program({ variants: { blue: 100 } }));
    const workspace = ml.endpointId.replace(/\/onlineEndpoints.*/, '');
    const bodyOf = (part: RegExp) =>
      run.calls.find(({ method, path }) => method === 'PUT' && part.test(path))!.body;
    const identity = {
      type: 'UserAssigned',
      userAssignedIdentities: { [run.attributes('azurerm_user_assigned_identity', 'Fraud').id]: {} },
    };
    expect(bodyOf(/onlineEndpoints\/[^/]+\?/)).toEqual({
      kind: 'Managed',
      location: 'westeurope',
      identity,
      properties: { authMode: 'AADToken', publicNetworkAccess: 'Enabled' },
    });
    const environmentId = [...ml.resources.keys()].find((id) => /environments\/.*\/versions\//.test(id));
    const model = [...ml.resources.keys()].find((id) => /models\/.*\/versions\/1$/.test(id))!;
    const probe = { period: 'PT10S', timeout: 'PT5S', initialDelay: 'PT10S' };
    expect(bodyOf(/deployments/)).toEqual({
      kind: 'Managed',
      location: 'westeurope',
      sku: { name: 'Default', capacity: 1 },
      properties: {
        endpointComputeType: 'Managed',
        instanceType: 'Standard_NC4as_T4_v3',
        environmentId,
        model,
        environmentVariables: {
          ACCELERATOR_COUNT: '1',
          MEMORY: '1',
          MODEL_DIR: `/var/azureml-app/azureml-models/${model.split('/').at(-3)}/1`,
          AZURE_CLIENT_ID: expect.stringContaining('client_id'),
        },
        requestSettings: { maxConcurrentRequestsPerInstance: 10, requestTimeout: 'PT60S' },
        startupProbe: { ...probe, failureThreshold: 60 },
        readinessProbe: { ...probe, failureThreshold: 30 },
        livenessProbe: { ...probe, failureThreshold: 30 },
        scaleSettings: { scaleType: 'Default' },
        egressPublicNetworkAccess: 'Enabled',
      },
    });
    expect(model.startsWith(workspace)).toBe(true);
    expect(run.calls.filter(({ method }) => method === 'PUT').at(-1)!.body).toMatchObject({
      kind: 'Managed',
      location: 'westeurope',
      identity,
      properties: {
        authMode: 'AADToken',
        publicNetworkAccess: 'Enabled',
        traffic: { [ml.deployments[0]]: 100 },
      },
    });
  }));

test('the identity and its roles stand, and are given time, before the endpoint is made', () =>
  withModels(async (run) => {
    await run.apply(program());
    const at = (part: RegExp) => run.events.findIndex((event) => part.test(event));
    const endpoint = at(/^PUT .*onlineEndpoints/);
    const roles = run.events.filter((event) => /^create azurerm_role_assignment.Fraud_Role/.test(event));
    expect(roles).toHaveLength(2);
    roles.forEach((role) => {
      expect(run.events.indexOf(role)).toBeGreaterThan(at(/^create azurerm_user_assigned_identity.Fraud/));
      expect(run.events.indexOf(role)).toBeLessThan(at(/^create time_sleep.Fraud/));
    });
    expect(at(/^create time_sleep.Fraud/)).toBeLessThan(endpoint);
  }));

test('nothing is sent while nothing changes', () =>
  withModels(async (run) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program());
    expect(callsOf(run, before)).toEqual([]);
  }));

test('a variant that changes stands before the traffic moves, and only then the old one goes', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ memory: '2' }));
    expect(callsOf(run, before)).toEqual([
      'PUT /E/deployments/blue',
      'PUT /E traffic',
      'DELETE /E/deployments/blue',
    ]);
    expect(shares(ml)).toEqual({ blue: 90, green: 10 });
  }));

test('a version given at deployment is a variant that changes', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program(), { Green: '2' });
    expect(callsOf(run, before)).toEqual([
      'PUT /E/deployments/green',
      'PUT /E traffic',
      'DELETE /E/deployments/green',
    ]);
    expect(shares(ml)).toEqual({ blue: 90, green: 10 });
  }));

test('a variant that is removed loses its traffic before it goes', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ variants: { blue: 100 } }));
    const calls = callsOf(run, before);
    expect(calls.slice(0, 2)).toEqual(['PUT /E traffic', 'DELETE /E/deployments/green']);
    expect(shares(ml)).toEqual({ blue: 100 });
  }));

describe('what was shifted', () => {
  /** As `shiftCommand` does it. */
  const shift = (ml: MachineLearning, green: number) =>
    ml.split(
      ml.endpointId,
      Object.fromEntries(ml.deployments.map((one) => [one, one.startsWith('green') ? green : 100 - green])),
    );

  test.each<[string, Program, object]>([
    ['nothing changed', {}, {}],
    ['a variant is deployed anew', { memory: '2' }, {}],
    ['what has the traffic is deployed anew', {}, { Green: '2' }],
  ])('stays when %s', (_, change, variables) =>
    withModels(async (run, ml) => {
      await run.apply(program());
      shift(ml, 100);
      await run.apply(program(change), variables);
      expect(shares(ml)).toEqual({ blue: 0, green: 100 });
      expect(ml.endpoint.properties.description).toBe('Declared traffic: blue 90, green 10');
    }),
  );

  test('goes when the program declares other weights', () =>
    withModels(async (run, ml) => {
      await run.apply(program());
      shift(ml, 100);
      await run.apply(program({ variants: { blue: 50, green: 50 } }));
      expect(shares(ml)).toEqual({ blue: 50, green: 50 });
    }));
});

test('an endpoint that changes itself is put with its traffic', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ inNetwork: true, tags: { team: 'fraud' } }));
    expect(callsOf(run, before).filter((call) => / \/E/.test(call))).toEqual(['PUT /E traffic']);
    expect(ml.endpoint).toMatchObject({
      properties: { publicNetworkAccess: 'Disabled' },
      tags: { team: 'fraud' },
    });
    expect(shares(ml)).toEqual({ blue: 90, green: 10 });
  }));

test('destruction releases the traffic, then takes deployments away, then the endpoint', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.destroy();
    const calls = callsOf(run, before).filter((call) => / \/E/.test(call));
    expect([calls[0], calls[3]]).toEqual(['PUT /E traffic', 'DELETE /E']);
    expect(calls.slice(1, 3).sort()).toEqual(['DELETE /E/deployments/blue', 'DELETE /E/deployments/green']);
    expect(ml.deployments).toEqual([]);
    const roles = run.events.findIndex((event) => event.startsWith('delete azurerm_role_assignment.Fraud'));
    expect(roles).toBeGreaterThan(
      run.events.findIndex((event) => /^DELETE .*onlineEndpoints\/[^/]+\?/.test(event)),
    );
  }));

test('a deployment that fails leaves the traffic where it is', () =>
  withModels(async (run, ml) => {
    await run.apply(program());
    ml.failing = { deployments: 'the container did not answer' };
    await expect(run.apply(program({ memory: '2' }))).rejects.toThrow('the container did not answer');
    expect(shares(ml)).toEqual({ blue: 90, green: 10 });
  }));

test.each([
  ['refused', {}, /not approved/],
  ['deployed', { approval: 'approved' }, undefined],
])('a version with approval required is %s by its tag', (_, tags, error) =>
  withModels(
    async (run, ml) => {
      const applied = run.apply(program({ approvalRequired: true }));
      if (error) {
        await expect(applied).rejects.toThrow(error);
        expect(ml.deployments).toEqual([]);
      } else {
        await applied;
        expect(shares(ml)).toEqual({ blue: 90, green: 10 });
      }
    },
    { approvalRequired: true },
    tags,
  ),
);
