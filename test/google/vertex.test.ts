import { all, newApp, platformStack, PROJECT, REGION, synthesized } from './support';
import { Vertex } from './vertex';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { serving } from '../support/service';
import { TerraformRun } from '../terraform/run';
import type { Synthesized } from '../terraform/support';

const PLACE = `projects/${PROJECT}/locations/${REGION}`;

/** Vertex AI and a Terraform that talks to it. */
async function onVertex<T>(use: (run: TerraformRun, vertex: Vertex, url: string) => Promise<T>): Promise<T> {
  const vertex = new Vertex();
  return serving(vertex.service, (url) => use(new TerraformRun(vertex.world(url)), vertex, url));
}

interface Program {
  readonly variants?: { readonly [name: string]: number };
  readonly blueVersion?: string;
  readonly approvalRequired?: boolean;
  readonly minInstances?: number;
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
  blueVersion = '1',
  approvalRequired,
  minInstances,
}: Program): Synthesized {
  const app = newApp();
  const stack = platformStack(app);
  const registry = new google.ModelRegistry(stack, 'Registry', {
    models: [{ name: 'fraud', approvalRequired }],
    images: ['serve'],
    retention: core.DataRetention.DESTROY,
  });
  const versions: { [variant: string]: string | core.DeployParameter } = {
    blue: blueVersion,
    green: core.DeployParameter.of('Green', '1'),
  };
  new google.AutoScalingEndpoint(stack, 'Fraud', {
    accelerators: ['L4'],
    scaling: { minInstances },
    variants: Object.entries(variants).map(([name, weight]) => ({
      name,
      weight,
      container: { image: registry.image('serve', '1') },
      model: registry.model('fraud').version(versions[name] ?? '1'),
    })),
  });
  return synthesized(app).platform;
}

/** Calls without their place and the looks at operations, with what tells which one it is. */
const callsOf = (run: TerraformRun, from = 0): string[] =>
  run.calls
    .slice(from)
    .filter(({ path }) => !path.includes('/operations/'))
    .map(({ method, path, body }) => {
      const about =
        body?.deployedModel?.displayName ?? body?.model?.displayName ?? (body?.trafficSplit && 'traffic');
      const short = path.replace(`/v1/${PLACE}`, '').replace(/endpoints\/\d+/, 'endpoints/E');
      return [method, short.replace(/\?.*/, ''), about].filter(Boolean).join(' ');
    })
    .map((call) => call.replace(/models\/[\w-]*variant-(\w+)-[0-9a-f]{8}/, 'models/$1'));

const shares = (vertex: Vertex): { [variant: string]: number } => {
  const [{ deployedModels, trafficSplit }] = [...vertex.endpoints.values()];
  return Object.fromEntries(
    deployedModels.map(({ id, displayName }) => [displayName, trafficSplit[id] ?? 0]).sort(),
  );
};

test('a model is uploaded, deployed, then gets traffic, each when the one before is done', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    const calls = callsOf(run);
    for (const variant of ['blue', 'green']) {
      expect(calls.indexOf(`POST /models:upload Fraud ${variant}`)).toBeLessThan(
        calls.indexOf(`POST /endpoints/E:deployModel ${variant}`),
      );
    }
    expect(calls.filter((call) => !call.startsWith('GET')).sort()).toEqual([
      'PATCH /endpoints/E traffic',
      'POST /endpoints/E:deployModel blue',
      'POST /endpoints/E:deployModel green',
      'POST /endpoints/E:mutateDeployedModel',
      'POST /endpoints/E:mutateDeployedModel',
      'POST /models:upload Fraud blue',
      'POST /models:upload Fraud green',
    ]);
    expect(calls.at(-1)).toBe('PATCH /endpoints/E traffic');
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
    // Each of the six long operations was looked at until it was done.
    expect(run.calls.filter(({ path }) => path.includes('/operations/'))).toHaveLength(12);
  }));

test('what is sent is what Vertex AI takes', () =>
  onVertex(async (run) => {
    await run.apply(program({ variants: { blue: 100 } }));
    const [upload, , , deploy] = run.calls;
    const { name } = run.attributes('google_vertex_ai_endpoint');
    const bucket = run.attributes('google_storage_bucket', 'Registry_Artifacts').name;
    const model = upload.body.modelId;
    const repository = run.attributes('google_artifact_registry_repository').repository_id;
    expect(upload).toEqual({
      method: 'POST',
      path: `/v1/${PLACE}/models:upload`,
      body: {
        modelId: expect.stringMatching(/^platform-fraud-variant-blue-[0-9a-f]{8}$/),
        model: {
          displayName: 'Fraud blue',
          artifactUri: `gs://${bucket}/models/fraud/1/`,
          containerSpec: {
            imageUri: `${REGION}-docker.pkg.dev/${PROJECT}/${repository}/serve:1`,
            env: [
              { name: 'ACCELERATOR_COUNT', value: '1' },
              { name: 'MODEL_URI', value: `gs://${bucket}/models/fraud/1/` },
            ],
            ports: [{ containerPort: 8080 }],
            healthRoute: '/ping',
            predictRoute: '/invocations',
            startupProbe: {
              httpGet: { path: '/ping', port: 8080 },
              periodSeconds: 10,
              failureThreshold: 60,
            },
            deploymentTimeout: '2400s',
          },
        },
      },
    });
    expect(deploy).toEqual({
      method: 'POST',
      path: `/v1/${PLACE}/endpoints/${name}:deployModel`,
      body: {
        deployedModel: {
          id: expect.stringMatching(/^[1-9]\d{0,9}$/),
          displayName: 'blue',
          model: `${PLACE}/models/${model}`,
          serviceAccount: expect.stringContaining('google_service_account.Fraud_Identity'),
          dedicatedResources: {
            machineSpec: {
              machineType: 'g2-standard-4',
              acceleratorType: 'NVIDIA_L4',
              acceleratorCount: 1,
            },
            minReplicaCount: 1,
            maxReplicaCount: 1,
          },
        },
      },
    });
    expect(run.calls.at(-1)).toMatchObject({
      method: 'PATCH',
      body: { trafficSplit: { [deploy.body.deployedModel.id]: 100 } },
    });
  }));

test('an identity that may read comes before what runs as it', () =>
  onVertex(async (run) => {
    await run.apply(program());
    const at = (part: string) => run.events.findIndex((event) => event.includes(part));
    const grant = at('create google_storage_bucket_iam_member.Fraud_Grant-storageobjectViewer');
    expect(at('create google_service_account.Fraud_Identity')).toBeGreaterThanOrEqual(0);
    expect(grant).toBeGreaterThan(at('create google_service_account.Fraud_Identity'));
    expect(grant).toBeLessThan(at('models:upload'));
    expect(at('create google_vertex_ai_endpoint.Fraud')).toBeLessThan(at(':deployModel'));
  }));

test('nothing is sent while nothing changes', () =>
  onVertex(async (run) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program());
    expect(callsOf(run, before).filter((call) => !call.startsWith('GET'))).toEqual([]);
  }));

test('a variant that changes stands before the traffic moves, and only then the old one goes', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ blueVersion: '2' }));
    expect(callsOf(run, before).filter((call) => !call.startsWith('GET'))).toEqual([
      'POST /models:upload Fraud blue',
      'POST /endpoints/E:deployModel blue',
      'POST /endpoints/E:mutateDeployedModel',
      'PATCH /endpoints/E traffic',
      'POST /endpoints/E:undeployModel',
      'DELETE /models/blue',
    ]);
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
    expect(vertex.models.size).toBe(2);
  }));

test('scaling that changes leaves the deployments where they are', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ minInstances: 2 }));
    expect(callsOf(run, before).filter((call) => !call.startsWith('GET'))).toEqual([
      'POST /endpoints/E:mutateDeployedModel',
      'POST /endpoints/E:mutateDeployedModel',
    ]);
    const [{ deployedModels }] = [...vertex.endpoints.values()];
    expect(deployedModels.map(({ dedicatedResources }) => dedicatedResources)).toEqual([
      expect.objectContaining({ minReplicaCount: 2, maxReplicaCount: 2 }),
      expect.objectContaining({ minReplicaCount: 2, maxReplicaCount: 2 }),
    ]);
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
  }));

test('a version given at deployment is a variant that changes', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    await run.apply(program(), { Green: '2' });
    expect([...vertex.models.values()].map(([one]) => one.artifactUri!.slice(-3)).sort()).toEqual([
      '/1/',
      '/2/',
    ]);
  }));

test('a variant that is removed loses its traffic before it goes', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.apply(program({ variants: { blue: 100 } }));
    expect(callsOf(run, before).filter((call) => !call.startsWith('GET'))).toEqual([
      'PATCH /endpoints/E traffic',
      'POST /endpoints/E:undeployModel',
      'DELETE /models/green',
    ]);
    expect(shares(vertex)).toEqual({ blue: 100 });
  }));

test('a variant that comes gets traffic when it stands', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program({ variants: { blue: 100 } }));
    await run.apply(program());
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
  }));

describe('what was shifted', () => {
  /** As `shiftCommand` does it. */
  const shift = (vertex: Vertex, green: number) => {
    const [[name, { deployedModels }]] = [...vertex.endpoints];
    const share = { blue: 100 - green, green } as { [variant: string]: number };
    vertex.split(name, Object.fromEntries(deployedModels.map((one) => [one.id, share[one.displayName]])));
  };

  test.each([
    ['nothing changed', {}],
    ['a variant is deployed anew', { blueVersion: '2' }],
  ])('stays when %s', (_, change) =>
    onVertex(async (run, vertex) => {
      await run.apply(program());
      shift(vertex, 100);
      await run.apply(program(change));
      expect(shares(vertex)).toEqual({ blue: 0, green: 100 });
      expect(run.calls.filter(({ method }) => method === 'PATCH').at(-1)!.body.description).toBe(
        'Declared traffic: blue 90, green 10',
      );
    }),
  );

  test('stays when what has the traffic is deployed anew', () =>
    onVertex(async (run, vertex) => {
      await run.apply(program());
      shift(vertex, 100);
      await run.apply(program(), { Green: '2' });
      expect(shares(vertex)).toEqual({ blue: 0, green: 100 });
    }));

  test('goes when the program declares other weights', () =>
    onVertex(async (run, vertex) => {
      await run.apply(program());
      shift(vertex, 100);
      await run.apply(program({ variants: { blue: 50, green: 50 } }));
      expect(shares(vertex)).toEqual({ blue: 50, green: 50 });
    }));
});

test('destruction releases the traffic, takes deployments back, then models and the endpoint', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    const before = run.calls.length;
    await run.destroy();
    const calls = callsOf(run, before);
    expect(calls[0]).toBe('PATCH /endpoints/E traffic');
    expect([...calls].sort()).toEqual([
      'DELETE /models/blue',
      'DELETE /models/green',
      'PATCH /endpoints/E traffic',
      'POST /endpoints/E:undeployModel',
      'POST /endpoints/E:undeployModel',
    ]);
    expect([vertex.endpoints.size, vertex.models.size]).toEqual([0, 0]);
    expect(run.events.at(-1)).toMatch(/^delete google_/);
  }));

test('a deployment that fails leaves the traffic where it is', () =>
  onVertex(async (run, vertex) => {
    await run.apply(program());
    vertex.failing = { deployModel: 'the container did not answer' };
    await expect(run.apply(program({ blueVersion: '2' }))).rejects.toThrow('the container did not answer');
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
  }));

test('a version that is not approved is refused before anything is sent', () =>
  onVertex(async (run, vertex) => {
    const approved = program({ approvalRequired: true });
    const [, model] = /^\/(projects\/.*)@approved-/.exec(
      (Object.values(approved.data!.restful_resource) as any[])[0].id,
    )!;
    vertex.upload(model, ['version-1']);
    await expect(run.apply(approved)).rejects.toThrow('@approved-1 is not found');
    expect(run.calls.every(({ method }) => method === 'GET')).toBe(true);
    expect(all(approved, 'restful_operation')).toHaveLength(7);
    vertex.version(`${model}@version-1`).versionAliases.push('approved-1');
    await run.apply(approved);
    expect(shares(vertex)).toEqual({ blue: 90, green: 10 });
  }));
