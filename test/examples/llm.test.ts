import { execFile, spawnSync } from 'child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { createServer } from 'http';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { promisify } from 'util';
import { App as CdkApp } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { foundation, serving, Tuning, Tunings } from '../../examples/llm/platform';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import * as google from '../../src/google';
import { CONTEXT } from '../aws/support';
import { platform } from '../azure/support';
import { platformStack } from '../google/support';
import { all, newApp, only, synthesized } from '../terraform/support';

/** The small one first, then the large one: the order of resources is no promise. */
const bySize = <T>(found: T[]): T[] => {
  const rank = (one: T) =>
    [SMALL, LARGE, OWN].findIndex(({ MODEL }) => JSON.stringify(one).includes(`"${MODEL}"`));
  return [...found].sort((one, other) => rank(one) - rank(other));
};
const SMALL = { MODEL: 'Qwen/Qwen2.5-7B-Instruct', MAX_MODEL_LEN: '8192', ACCELERATOR_COUNT: '1' };
const LARGE = { MODEL: 'meta-llama/Llama-3.3-70B-Instruct', MAX_MODEL_LEN: '8192', ACCELERATOR_COUNT: '8' };
const OWN = { MODEL: 'assistant', ACCELERATOR_COUNT: '1' };
const perMinute = (container: Tuning['container']): Tuning => ({
  scaleBy: { requestsPerMinutePerInstance: 60 },
  container,
});
const perRequest = (container: Tuning['container']): Tuning => ({
  scaleBy: { concurrentRequestsPerInstance: 16 },
  container,
});
const both = (tuning: Tuning): Tunings => ({ small: tuning, large: tuning });
const valuesOf = (env: { name: string; value?: string }[]) =>
  Object.fromEntries(env.map(({ name, value = 'injected' }) => [name, value]));

describe('a model on one accelerator, and one on eight', () => {
  test('on AWS', () => {
    const app = new CdkApp({ context: CONTEXT });
    const [first, second] = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
    const token = aws.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
    serving(aws, second, foundation(aws, first), token, both(perRequest({ requestTimeoutSeconds: 60 })), '3');
    const template = Template.fromStack(second);
    const properties = (type: string) =>
      Object.values(template.findResources(type)).map(({ Properties }) => Properties);
    expect(
      properties('AWS::SageMaker::EndpointConfig').map(({ ProductionVariants: [variant] }) => [
        variant.InstanceType,
        variant.ContainerStartupHealthCheckTimeoutInSeconds,
      ]),
    ).toEqual([
      ['ml.g6.xlarge', 3600],
      ['ml.p5.48xlarge', 3600],
      ['ml.g6.xlarge', 3600],
    ]);
    expect(
      properties('AWS::SageMaker::Model').map(({ PrimaryContainer }) => PrimaryContainer.Environment),
    ).toEqual([
      { ...SMALL, HF_TOKEN_SECRET_ID: expect.anything() },
      { ...LARGE, HF_TOKEN_SECRET_ID: expect.anything() },
      { ...OWN, MODEL_DIR: '/opt/ml/model' },
    ]);
    expect(
      properties('AWS::ApplicationAutoScaling::ScalingPolicy').map(
        ({ TargetTrackingScalingPolicyConfiguration: { TargetValue: target } }) => target,
      ),
    ).toEqual([16, 16, 16]);
  });

  test('on Google Cloud', () => {
    const app = newApp();
    const [first, second] = ['foundation', 'serving'].map((id) =>
      platformStack(app, id, { enableApis: true }),
    );
    const token = google.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
    const small = {
      ...perRequest({ requestTimeoutSeconds: 600, startupTimeoutSeconds: 1800 }),
      engine: google.EndpointEngine.cloudRun({ cpu: 8, memoryMiB: 32768 }),
    };
    const large = perMinute({ requestTimeoutSeconds: 600, sharedMemoryMiB: 16384 });
    serving(google, second, foundation(google, first), token, { small, large }, '3');
    const json = synthesized(app).serving;

    const { template } = only(json, 'google_cloud_run_v2_service');
    expect(template.max_instance_request_concurrency).toBe(16);
    expect(template.containers[0].resources.limits).toEqual({
      ...{ cpu: '8', memory: '32768Mi' },
      'nvidia.com/gpu': '1',
    });
    expect(valuesOf(template.containers[0].env)).toEqual({ ...SMALL, HF_TOKEN: 'injected' });

    const bodies = all(json, 'restful_operation').map(({ body }) => body);
    const containers = bySize(bodies.flatMap((body) => body?.model?.containerSpec ?? []));
    expect(containers.map(({ env }) => valuesOf(env))).toEqual([
      { ...LARGE, HF_TOKEN_SECRET_ID: 'projects/ml-project/secrets/hugging-face-token' },
      // Vertex AI mounts nothing: the container fetches them.
      { ...OWN, MODEL_URI: expect.stringMatching(/^gs:\/\/.*\/models\/assistant\/3\/$/) },
    ]);
    expect(containers.map(({ sharedMemorySizeMb }) => sharedMemorySizeMb)).toEqual(['16384', '16384']);
    expect(
      bodies
        .flatMap((body) =>
          body?.deployedModel?.displayName ? [body.deployedModel.dedicatedResources.machineSpec] : [],
        )
        .sort((one, other) => one.acceleratorCount - other.acceleratorCount),
    ).toEqual([
      { machineType: 'g2-standard-4', acceleratorType: 'NVIDIA_L4', acceleratorCount: 1 },
      { machineType: 'a3-highgpu-8g', acceleratorType: 'NVIDIA_H100_80GB', acceleratorCount: 8 },
    ]);
    // Who runs them may read them.
    expect(
      all(json, 'google_storage_bucket_iam_member').filter(({ id }) => id.startsWith('Own_')),
    ).toMatchObject([{ role: 'roles/storage.objectViewer' }]);
  });

  test('on Azure', () => {
    const app = newApp();
    const [first, second] = ['foundation', 'serving'].map((id) =>
      platform(id, { resourceGroupName: undefined }, app),
    );
    const token = azure.Secret.fromSecretId(second, 'HubToken', {
      secretId: 'https://acme.vault.azure.net/secrets/hugging-face-token',
      keyVaultId:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme',
    });
    serving(
      azure,
      second,
      foundation(azure, first),
      token,
      both(perMinute({ requestTimeoutSeconds: 180 })),
      '3',
    );
    const deployments = bySize(
      Object.values<any>(synthesized(app).serving.resource!.azapi_resource)
        .filter(({ type }) => type.includes('/onlineEndpoints/deployments@'))
        .map(({ body }) => body.properties),
    );
    expect(
      deployments.map(({ instanceType, environmentVariables, requestSettings, startupProbe }) => ({
        instanceType,
        environmentVariables,
        requestTimeout: requestSettings.requestTimeout,
        startupSeconds: startupProbe.failureThreshold * 10,
      })),
    ).toEqual(
      [
        ['Standard_NC24ads_A100_v4', SMALL, true] as const,
        ['Standard_ND96is_H100_v5', LARGE, true] as const,
        ['Standard_NC24ads_A100_v4', OWN, false] as const,
      ].map(([instanceType, given, isDownloaded]) => ({
        instanceType,
        environmentVariables: {
          ...given,
          ...(isDownloaded
            ? { HF_TOKEN_SECRET_ID: 'https://acme.vault.azure.net/secrets/hugging-face-token' }
            : { MODEL_DIR: expect.stringContaining('/azureml-models/') }),
          AZURE_CLIENT_ID: expect.stringMatching(/client_id/),
        },
        requestTimeout: 'PT180S',
        startupSeconds: 3600,
      })),
    );
  });
});

describe('the container', () => {
  const CONTAINER = join(__dirname, '../../examples/llm/container');
  const folder = mkdtempSync(join(tmpdir(), 'llm-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // In place of vLLM, a program that says what it was given.
  writeFileSync(join(folder, 'vllm'), '#!/bin/sh\necho "token ${HF_TOKEN-none}"\nprintf "%s\\n" "$@"\n');
  chmodSync(join(folder, 'vllm'), 0o755);
  // In place of the SDK of AWS.
  writeFileSync(
    join(folder, 'boto3.py'),
    [
      'class Client:',
      '    def get_secret_value(self, SecretId):',
      '        return {"SecretString": f"value of {SecretId}"}',
      '    def get_paginator(self, call):',
      '        assert call == "list_objects_v2"',
      '        return self',
      '    def paginate(self, Bucket, Prefix):',
      '        yield {"Contents": [{"Key": f"{Prefix}config.json"}]}',
      '        yield {"Contents": [{"Key": f"{Prefix}more/"}, {"Key": f"{Prefix}more/a.safetensors"}]}',
      '    def download_file(self, bucket, key, path):',
      '        open(path, "w").write(f"{bucket} {key}")',
      'def client(service, region_name=None):',
      '    assert (service, region_name) in [("secretsmanager", "eu-west-1"), ("s3", None)]',
      '    return Client()',
    ].join('\n'),
  );

  /** What vLLM was given, and the token. */
  async function start(environment: { readonly [name: string]: string }, ...args: string[]) {
    const { stdout } = await promisify(execFile)('sh', [join(CONTAINER, 'entry.sh'), ...args], {
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        PYTHONPATH: folder,
        PYTHONDONTWRITEBYTECODE: '1',
        ...environment,
      },
    });
    const [token, ...given] = stdout.trim().split('\n');
    return { token, given: given.join(' ') };
  }

  type Given = object | string | ((query: URLSearchParams) => object | string);

  /** A server that gives fixed answers, texts as they are, and remembers what it was asked. */
  async function asked(
    answers: { readonly [path: string]: Given },
    environment: (address: string) => { readonly [name: string]: string },
  ) {
    const requests: { url?: string; headers: object }[] = [];
    const server = createServer(({ url, headers }, response) => {
      requests.push({ url, headers });
      const { pathname, searchParams } = new URL(url!, 'http://127.0.0.1');
      const found = answers[pathname];
      const answer = typeof found === 'function' ? found(searchParams) : (found ?? {});
      response.writeHead(found ? 200 : 404).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return { requests, ...(await start({ MODEL: 'm', ...environment(address) })) };
    } finally {
      server.close();
    }
  }

  test('splits the model over the accelerators, and takes no notice of the argument serve', async () => {
    const eight = { MODEL: 'org/model', MAX_MODEL_LEN: '8192', ACCELERATOR_COUNT: '8', HF_TOKEN: 'injected' };
    expect(await start(eight, 'serve')).toEqual({
      token: 'token injected',
      given: 'serve org/model --max-model-len 8192 --host 0.0.0.0 --port 8080 --tensor-parallel-size 8',
    });
  });

  test('runs on one accelerator without more, with the files that are mounted', async () => {
    expect(await start({ MODEL_DIR: '/opt/ml/model', PORT: '9000' }, '--dtype', 'half')).toEqual({
      token: 'token none',
      given:
        'serve /opt/ml/model --served-model-name model --dtype half --host 0.0.0.0 --port 9000 --tensor-parallel-size 1',
    });
  });

  test('does not start without a model, or when its secret cannot be read', async () => {
    await expect(start({})).rejects.toThrow(/MODEL/);
    await expect(start({ MODEL: 'm', HF_TOKEN_SECRET_ID: 'nothing' })).rejects.toThrow(/names no secret/);
  });

  test('reads a secret of AWS', async () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:hub';
    expect((await start({ MODEL: 'm', HF_TOKEN_SECRET_ID: arn })).token).toBe(`token value of ${arn}`);
  });

  test('reads a secret of Google Cloud as the service account', async () => {
    const { token, requests } = await asked(
      {
        '/computeMetadata/v1/instance/service-accounts/default/token': { access_token: 'who-i-am' },
        '/v1/projects/p/secrets/hub/versions/latest:access': {
          payload: { data: Buffer.from('hf-google').toString('base64') },
        },
      },
      (address) => ({
        GCE_METADATA_HOST: address,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `http://${address}/`,
        HF_TOKEN_SECRET_ID: 'projects/p/secrets/hub',
      }),
    );
    expect(token).toBe('token hf-google');
    expect(requests.map(({ headers }) => headers)).toMatchObject([
      { 'metadata-flavor': 'Google' },
      { authorization: 'Bearer who-i-am' },
    ]);
  });

  test('reads a secret of Azure as the identity that the platform names', async () => {
    const { token, requests } = await asked(
      { '/msi': { access_token: 'who-i-am' }, '/secrets/hub': { value: 'hf-azure' } },
      (address) => ({
        MSI_ENDPOINT: `http://${address}/msi`,
        MSI_SECRET: 'machine',
        AZURE_CLIENT_ID: 'client',
        HF_TOKEN_SECRET_ID: `http://${address}/secrets/hub`,
      }),
    );
    expect(token).toBe('token hf-azure');
    expect(requests).toMatchObject([
      {
        url: '/msi?resource=https%3A%2F%2Fvault.azure.net&api-version=2017-09-01&clientid=client',
        headers: { secret: 'machine' },
      },
      { url: '/secrets/hub?api-version=7.4', headers: { authorization: 'Bearer who-i-am' } },
    ]);
  });

  describe('weights of your own', () => {
    let weights: string;
    beforeEach(() => (weights = mkdtempSync(join(folder, 'weights-'))));
    const inFolder = () =>
      Object.fromEntries(
        (readdirSync(weights, { recursive: true }) as string[])
          .filter((name) => name.includes('.'))
          .map((name) => [name, readFileSync(join(weights, name), 'utf8')]),
      );
    const FILES = { 'config.json': '{}', 'more/a.safetensors': 'tensors' };
    const TOKEN = { '/computeMetadata/v1/instance/service-accounts/default/token': { access_token: 'me' } };
    const onVertex = (address: string) => ({
      GCE_METADATA_HOST: address,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `http://${address}/storage/v1/`,
      MODEL_URI: 'gs://models/assistant/3/',
      WEIGHTS_DIR: weights,
    });
    const objects = '/storage/v1/b/models/o';

    test('are read where they are mounted, whatever else names them', async () => {
      const mounted = { MODEL_DIR: '/mnt/models/assistant/3/', MODEL_URI: 'gs://models/assistant/3/' };
      expect((await start(mounted)).given).toContain('serve /mnt/models/assistant/3/ ');
    });

    test('are fetched from Cloud Storage, page by page, as the service account', async () => {
      const { given, requests } = await asked(
        {
          ...TOKEN,
          [objects]: (query) => {
            expect(query.get('prefix')).toBe('assistant/3/');
            return query.get('pageToken')
              ? { items: [{ name: 'assistant/3/more/a.safetensors' }] }
              : {
                  items: [{ name: 'assistant/3/' }, { name: 'assistant/3/config.json' }],
                  nextPageToken: 'next',
                };
          },
          [`${objects}/assistant%2F3%2Fconfig.json`]: '{}',
          [`${objects}/assistant%2F3%2Fmore%2Fa.safetensors`]: 'tensors',
        },
        onVertex,
      );
      expect(given).toBe(
        `serve ${weights} --served-model-name m --host 0.0.0.0 --port 8080 --tensor-parallel-size 1`,
      );
      expect(inFolder()).toEqual(FILES);
      const asking = requests.filter(({ url }) => url!.startsWith('/storage'));
      expect(asking.map(({ headers }) => headers)).toEqual(
        Array(4).fill(expect.objectContaining({ authorization: 'Bearer me' })),
      );
    });

    test('are fetched from a zone of a lake on Azure, as the identity that the platform names', async () => {
      const page = (names: string[], next: string) =>
        `<?xml version="1.0"?><R><Blobs>${names.map((name) => `<Blob><Name>${name}</Name></Blob>`).join('')}</Blobs><NextMarker>${next}</NextMarker></R>`;
      const { requests } = await asked(
        {
          '/msi': { access_token: 'me' },
          '/curated': (query) => {
            expect([query.get('comp'), query.get('prefix')]).toEqual(['list', 'llama/']);
            return query.get('marker')
              ? page(['llama/more/a.safetensors'], '')
              : page(['llama/config.json'], 'next');
          },
          '/curated/llama/config.json': '{}',
          '/curated/llama/more/a.safetensors': 'tensors',
        },
        (address) => ({
          MSI_ENDPOINT: `http://${address}/msi`,
          WEIGHTS_URI: `http://${address}/curated/llama`,
          WEIGHTS_DIR: weights,
        }),
      );
      expect(inFolder()).toEqual(FILES);
      expect(requests.find(({ url }) => url!.endsWith('config.json'))!.headers).toMatchObject({
        authorization: 'Bearer me',
        'x-ms-version': '2021-08-06',
      });
    });

    test('are fetched from S3', async () => {
      await start({ MODEL: 'm', WEIGHTS_URI: 's3://lake/llama/', WEIGHTS_DIR: weights });
      expect(inFolder()).toEqual({
        'config.json': 'lake llama/config.json',
        'more/a.safetensors': 'lake llama/more/a.safetensors',
      });
    });

    test('that are not there, or cannot be read, keep the server from starting', async () => {
      await expect(asked({ ...TOKEN, [objects]: {} }, onVertex)).rejects.toThrow(/no files below gs:/);
      const listed = { ...TOKEN, [objects]: { items: [{ name: 'assistant/3/config.json' }] } };
      await expect(asked(listed, onVertex)).rejects.toThrow(/404/);
      await expect(start({ MODEL: 'm', WEIGHTS_URI: 'ftp://x/' })).rejects.toThrow(/no address of S3/);
    });

    test('in a lake of Azure have the address that its zone says', () => {
      const print =
        'from weights import BlobStorage as B; b = B("abfss://raw@acme.dfs.core.windows.net/a/"); print(b.container, b.prefix)';
      const { stdout } = spawnSync('python3', ['-c', print], {
        cwd: CONTAINER,
        encoding: 'utf8',
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      });
      expect(stdout.trim()).toBe('https://acme.blob.core.windows.net/raw a/');
    });
  });

  test('the image holds what the entrypoint needs, under one pinned version of vLLM', () => {
    const dockerfile = readFileSync(join(CONTAINER, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^ARG BASE=vllm\/vllm-openai:v\d+\.\d+\.\d+$/m);
    expect([...dockerfile.matchAll(/^COPY --chmod=\d+ (\S+)/gm)].map(([, file]) => file)).toEqual([
      'entry.sh',
      'identity.py',
      'secret.py',
      'weights.py',
    ]);
    expect(dockerfile).toContain('\nENTRYPOINT ["/app/entry.sh"]\n');
  });
});
