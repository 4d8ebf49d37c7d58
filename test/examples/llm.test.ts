import { execFile } from 'child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { createServer } from 'http';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { promisify } from 'util';
import { App as CdkApp } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { foundation, serving, Tuning } from '../../examples/llm/platform';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import * as google from '../../src/google';
import { CONTEXT } from '../aws/support';
import { platform } from '../azure/support';
import { platformStack } from '../google/support';
import { newApp, synthesized } from '../terraform/support';

/** The small one first: the order of resources is no promise. */
const bySize = <T>(found: T[]): T[] =>
  [...found].sort((one) => (JSON.stringify(one).includes(SMALL.MODEL) ? -1 : 1));
const SMALL = { MODEL: 'Qwen/Qwen2.5-7B-Instruct', MAX_MODEL_LEN: '8192', ACCELERATOR_COUNT: '1' };
const LARGE = { MODEL: 'meta-llama/Llama-3.3-70B-Instruct', MAX_MODEL_LEN: '8192', ACCELERATOR_COUNT: '8' };
const perMinute = (container: Tuning['container']): Tuning => ({
  scaleBy: { requestsPerMinutePerInstance: 60 },
  container,
});

describe('a model on one accelerator, and one on eight', () => {
  test('on AWS', () => {
    const app = new CdkApp({ context: CONTEXT });
    const [first, second] = ['foundation', 'serving'].map((id) => new aws.PlatformStack(app, id));
    const token = aws.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
    serving(aws, second, foundation(aws, first), token, {
      scaleBy: { concurrentRequestsPerInstance: 16 },
      container: { requestTimeoutSeconds: 60 },
    });
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
    ]);
    expect(
      properties('AWS::SageMaker::Model').map(({ PrimaryContainer }) => PrimaryContainer.Environment),
    ).toEqual([SMALL, LARGE].map((given) => ({ ...given, HF_TOKEN_SECRET_ID: expect.anything() })));
    expect(
      properties('AWS::ApplicationAutoScaling::ScalingPolicy').map(
        ({ TargetTrackingScalingPolicyConfiguration: { TargetValue: target } }) => target,
      ),
    ).toEqual([16, 16]);
  });

  test('on Google Cloud', () => {
    const app = newApp();
    const [first, second] = ['foundation', 'serving'].map((id) =>
      platformStack(app, id, { enableApis: true }),
    );
    const token = google.Secret.fromSecretName(second, 'HubToken', 'hugging-face-token');
    serving(
      google,
      second,
      foundation(google, first),
      token,
      perMinute({ requestTimeoutSeconds: 600, sharedMemoryMiB: 16384 }),
    );
    const bodies = Object.values<any>(synthesized(app).serving.resource!.restful_operation).map(
      ({ body }) => body,
    );
    const containers = bySize(bodies.flatMap((body) => body?.model?.containerSpec ?? []));
    expect(
      containers.map(({ env }) =>
        Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value])),
      ),
    ).toEqual(
      [SMALL, LARGE].map((given) => ({
        ...given,
        HF_TOKEN_SECRET_ID: 'projects/ml-project/secrets/hugging-face-token',
      })),
    );
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
    serving(azure, second, foundation(azure, first), token, perMinute({ requestTimeoutSeconds: 180 }));
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
      [['Standard_NC24ads_A100_v4', SMALL] as const, ['Standard_ND96is_H100_v5', LARGE] as const].map(
        ([instanceType, given]) => ({
          instanceType,
          environmentVariables: {
            ...given,
            HF_TOKEN_SECRET_ID: 'https://acme.vault.azure.net/secrets/hugging-face-token',
            AZURE_CLIENT_ID: expect.stringMatching(/client_id/),
          },
          requestTimeout: 'PT180S',
          startupSeconds: 3600,
        }),
      ),
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
      'def client(service, region_name):',
      '    assert (service, region_name) == ("secretsmanager", "eu-west-1")',
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

  /** A server that gives fixed answers and remembers what it was asked. */
  async function asked(
    answers: { readonly [url: string]: object },
    environment: (address: string) => { readonly [name: string]: string },
  ) {
    const requests: { url?: string; headers: object }[] = [];
    const server = createServer(({ url, headers }, response) => {
      requests.push({ url, headers });
      const answer = answers[url!.split('?')[0]];
      response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return { requests, address, ...(await start({ MODEL: 'm', ...environment(address) })) };
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

  test('the image holds what the entrypoint needs, under one pinned version of vLLM', () => {
    const dockerfile = readFileSync(join(CONTAINER, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^ARG BASE=vllm\/vllm-openai:v\d+\.\d+\.\d+$/m);
    expect([...dockerfile.matchAll(/^COPY --chmod=\d+ (\S+)/gm)].map(([, file]) => file)).toEqual([
      'entry.sh',
      'secret.py',
    ]);
    expect(dockerfile).toContain('\nENTRYPOINT ["/app/entry.sh"]\n');
  });
});
