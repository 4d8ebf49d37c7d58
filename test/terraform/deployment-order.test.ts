import { readFileSync } from 'fs';
import { join } from 'path';
import { App, TerraformStack } from 'cdktf';
import {
  creationOf,
  deployedInOrder,
  destructionOf,
  Graph,
  graphOf,
  Order,
  Planned,
  standsBeside,
} from './order';
import { newApp } from './support';
import * as azure from '../../src/azure';
import * as core from '../../src/core';
import * as google from '../../src/google';
import { PERSON, platform } from '../azure/support';
import { platformStack } from '../google/support';

interface Program {
  readonly variants?: string[];
  readonly version?: string;
  readonly accelerator?: string;
  /** Which of two networks everything is in. */
  readonly network?: 'First' | 'Second';
}

const PROFILE = { securityProfile: core.SecurityProfile.REGULATED };
const SECRETS = {
  google: (stack: TerraformStack) =>
    google.Secret.fromSecretId(stack, 'Hub', 'projects/ml-project/secrets/hub'),
  azure: (stack: TerraformStack) =>
    azure.Secret.fromSecretId(stack, 'Hub', {
      secretId: 'https://acme.vault.azure.net/secrets/hub',
      keyVaultId:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme',
    }),
};

/** Everything that is deployed in an order, under the profile that needs the most: keys, private names, private endpoints. */
function build(cloud: Cloud, foundation: TerraformStack, serving: TerraformStack, program: Program): void {
  const {
    variants = ['blue', 'green'],
    version = '1',
    accelerator = 'T4:1',
    network: which = 'First',
  } = program;
  const ml = cloud.ml as typeof google;
  const network = {
    First: new ml.PrivateNetwork(foundation, 'First'),
    Second: new ml.PrivateNetwork(foundation, 'Second'),
  }[which];
  const lake = new ml.DataLake(foundation, 'Lake', { network, zones: [{ name: 'raw' }] });
  const registry = new ml.ModelRegistry(foundation, 'Registry', {
    network,
    models: [{ name: 'fraud', approvalRequired: true }],
    images: ['serve'],
  });
  const image = registry.image('serve', '1');
  const hub = SECRETS[cloud.name](foundation);
  const training = new ml.GpuTrainingCluster(foundation, 'Training', {
    ...{ network, registry, image, datasets: [lake], accelerators: [accelerator] },
  });
  new ml.Workspace(foundation, 'Team', {
    ...{ network, image: cloud.notebook(registry), datasets: [lake], cluster: training },
    users: [{ name: 'ada', principalId: cloud.person }],
  });
  const endpoint = new ml.AutoScalingEndpoint(serving, 'Fraud', {
    network,
    accelerators: [accelerator],
    scaling: { minInstances: 1, maxInstances: 3, cpuPercent: 60 },
    capture: { samplePercent: 10, ...(cloud.name === 'azure' && { zone: lake.zone('raw') }) },
    variants: variants.map((name) => ({
      ...{ name, weight: 100 / variants.length, container: { image, secrets: { HUB: hub } } },
      model: registry.model('fraud').version(name === 'blue' ? version : '1'),
    })),
  });
  const thumbnails = new ml.ServerlessInference(serving, 'Thumbnails', {
    network,
    container: { image, secrets: { HUB: hub } },
  });
  endpoint.grantInvoke(thumbnails);
  lake.grantRead(thumbnails);
}

/** What is particular to a cloud: whom its addresses name, and what may come later and why. */
interface Cloud {
  readonly name: 'google' | 'azure';
  readonly ml: typeof google | typeof azure;
  readonly stackOf: (app: App, id: string) => TerraformStack;
  readonly person: string;
  /** One that is offered besides T4. */
  readonly otherAccelerator: string;
  readonly notebook: (registry: core.IModelRegistry) => core.ContainerImage | undefined;
  /** What a variant is made of, in order, by parts of addresses. */
  readonly chain: (variant: string) => string[];
  readonly endpoint: string;
  readonly traffic: string;
  /** What takes the traffic away when all is destroyed. */
  readonly release: string;
  readonly identities: RegExp;
  /** Roles that are used at the first request or job, not when what runs as the identity is made. */
  readonly later: { readonly [grant: string]: RegExp };
  readonly key: RegExp;
  /** What lets a resource be encrypted. */
  readonly keyGrantOf: (user: Planned) => RegExp;
  /** What must stand before a resource is asked for, besides what it names. */
  readonly first: (user: Planned) => RegExp[];
}

const APIS: { readonly [prefix: string]: string[] } = {
  google_artifact_registry: ['artifactregistry'],
  google_bigquery: ['bigquery'],
  google_bigquery_connection: ['bigqueryconnection'],
  google_cloud_run: ['run'],
  google_compute: ['compute'],
  google_dataplex: ['dataplex'],
  google_dns: ['dns'],
  google_kms: ['cloudkms'],
  google_logging: ['logging'],
  google_monitoring: ['monitoring'],
  google_project_iam_custom_role: ['iam'],
  google_project_iam_member: ['cloudresourcemanager'],
  google_service_account: ['iam'],
  google_storage: ['storage'],
  google_vertex_ai: ['aiplatform'],
  google_workbench: ['notebooks', 'compute'],
  google_workflows: ['workflows'],
  restful_operation: ['aiplatform'],
};
const NO_API = /^google_(project_service|secret_manager_secret_iam_member)|^terraform_data/;

const agentOf = ({ type }: Planned): string =>
  ({
    ...{ google_artifact_registry_repository: 'artifactregistry', google_bigquery_dataset: 'bigquery' },
    ...{ google_cloud_run_v2_service: 'run', google_logging_project_bucket_config: 'logging' },
    ...{ google_storage_bucket: 'storage', google_workbench_instance: '(notebooks|compute)' },
    google_workflows_workflow: 'workflows',
  })[type] ?? 'aiplatform';

const CLOUDS: Cloud[] = [
  {
    name: 'google',
    ml: google,
    stackOf: (app, id) => platformStack(app, id, { ...PROFILE, enableApis: true }),
    person: 'ada@example.com',
    otherAccelerator: 'L4:1',
    notebook: (registry) => registry.image('serve', '1'),
    chain: (variant) => [`Variant-${variant}_Model_`, `Variant-${variant}_Deployment_`],
    endpoint: 'google_vertex_ai_endpoint.Fraud_Endpoint',
    traffic: 'Fraud_Traffic_',
    release: 'Fraud_Traffic_',
    identities: /^google_service_account$/,
    later: {
      'a workflow starts when a job is submitted': / google_workflows_workflow\.Training_Workflow/,
      'the app reads the lake, and asks the endpoint, at a request':
        /Thumbnails_Grant-(storageobjectViewer|caller)\S* google_cloud_run/,
    },
    key: /google_kms_crypto_key\.[\w-]+\.id/,
    keyGrantOf: (user) => RegExp(`Agent-${agentOf(user)}_`),
    first: ({ type }) => {
      const [, apis] = Object.entries(APIS)
        .filter(([prefix]) => type.startsWith(prefix))
        .sort(([one], [other]) => other.length - one.length)[0] ?? [
        undefined,
        NO_API.test(type) ? [] : ['unknown'],
      ];
      return [
        ...apis.map((api) => RegExp(`MlApi-${api}$`)),
        ...(type === 'google_workbench_instance'
          ? [/_Dns-googleapiscom_Names_/, /_Dns-pkgdev_Names_/, /_GoogleApis_/]
          : []),
      ];
    },
  },
  {
    name: 'azure',
    ml: azure,
    stackOf: (app, id) => platform(id, PROFILE, app),
    person: PERSON,
    otherAccelerator: 'A10:1',
    notebook: () => undefined,
    chain: (variant) => [`Variant-${variant}_Environment_Version_`, `Variant-${variant}_Deployment_`],
    endpoint: 'azapi_resource.Fraud_Endpoint',
    traffic: 'Fraud_Traffic_',
    release: 'Fraud_ReleaseTraffic_',
    identities: /^azurerm_user_assigned_identity$/,
    later: {
      'the vault takes the identity as a name': / azurerm_key_vault\.MlWorkspace_Vault/,
      'machines of a cluster start with a job': / azurerm_machine_learning_compute_cluster\./,
      'a workflow starts when a job is submitted': / azapi_resource\.Training_Workflow/,
      'datasets are read, and jobs submitted, by who opened the notebook':
        /Team_(Role|Submit)-\S+ azapi_resource\.Team_User/,
      'the app reads the lake, and asks the endpoint, at a request':
        /Thumbnails_(Invoke|Role-StorageBlobDataReader)\S* azurerm_container_app/,
    },
    key: /azurerm_key_vault_key\.[\w-]+\.(versionless_)?id/,
    keyGrantOf: () => /^time_sleep\.MlKey_IdentityRoleSettled/,
    first: ({ type, address }) =>
      ({
        azurerm_container_app: [
          /_Endpoint-registry_/,
          /_Link-privatelinkazurecrio_/,
          /^time_sleep\.Thumbnails_RolesSettled/,
        ],
        azurerm_private_endpoint: [/^azurerm_private_dns_zone_virtual_network_link\./],
        azurerm_key_vault_key: [/DeployerRoleSettled/],
      })[type] ??
      (/Team_User-ada_Instance/.test(address)
        ? [/_Endpoint-amlworkspace_/, /_Endpoint-file_/, /_Link-privatelinkapiazuremlms_/]
        : []),
  },
];

const isGrant = ({ type }: Planned) => /_iam_member$|_role_assignment$/.test(type);
const named = (value: unknown, address: string) => JSON.stringify(value).includes(`${address}.`);
const argsOf = ({ args }: Planned) => {
  const { depends_on: _, lifecycle: __, ...own } = args;
  return own;
};
const jsonOf = (app: App, id: string) => readFileSync(join(app.outdir, 'stacks', id, 'cdk.tf.json'), 'utf8');
const synthesizedGraph = (app: App, id: string): Graph => {
  app.synth();
  return graphOf(JSON.parse(jsonOf(app, id)));
};
const find = (graph: Graph, part: string): string => {
  const found = [...graph.keys()].filter((address) => address.includes(part));
  if (found.length !== 1) {
    throw new Error(`expected one ${part}, found ${found.join(', ') || 'none'}`);
  }
  return found[0];
};

describe.each(CLOUDS.map((cloud) => [cloud.name, cloud] as const))('on %s', (_, cloud) => {
  /** One stack: nothing is in order because it is deployed by itself. */
  const graphs = new Map<string, Graph>();
  const graph = (program: Program = {}): Graph => {
    const key = JSON.stringify(program);
    if (!graphs.has(key)) {
      const app = newApp();
      const stack = cloud.stackOf(app, 'platform');
      build(cloud, stack, stack, program);
      graphs.set(key, synthesizedGraph(app, 'platform'));
    }
    return graphs.get(key)!;
  };
  const resources = () => [...graph().values()].filter(({ isData }) => !isData);

  /** At creation one after the other, at destruction the other way round. */
  const expectOrder = (pairs: [string, string][]) => {
    const [made, gone] = [creationOf(graph()), destructionOf(graph())];
    const wrong = pairs.filter(
      ([first, then]) =>
        !made.comesBefore(`apply ${first}`, `apply ${then}`) ||
        !gone.comesBefore(`destroy ${then}`, `destroy ${first}`),
    );
    expect(wrong).toEqual([]);
    expect(pairs).not.toEqual([]);
  };
  const chainOf = (variant: string, of = graph()) => cloud.chain(variant).map((part) => find(of, part));

  test('model, endpoint, deployment and traffic come in that order, and go the other way', () => {
    const [endpoint, traffic, release] = [cloud.endpoint, cloud.traffic, cloud.release].map((one) =>
      find(graph(), one),
    );
    expectOrder(
      ['blue', 'green'].flatMap((variant): [string, string][] => {
        const [model, deployment] = chainOf(variant);
        return [
          [model, deployment],
          [endpoint, deployment],
          [deployment, traffic],
          [deployment, release],
        ];
      }),
    );
  });

  test('an identity has its roles before what runs as it is made, and until that is gone', () => {
    const grants = resources().filter(isGrant);
    const pairs = resources()
      .filter(({ type }) => cloud.identities.test(type))
      .flatMap((identity) => {
        const given = grants.filter(({ args }) => named([args.member, args.principal_id], identity.address));
        return resources()
          .filter(
            (one) => !isGrant(one) && one.type !== 'terraform_data' && named(argsOf(one), identity.address),
          )
          .flatMap((user) => given.map(({ address }): [string, string] => [address, user.address]));
      });
    const isLater = ([grant, user]: [string, string]) =>
      Object.values(cloud.later).some((one) => one.test(`${grant} ${user}`));
    expectOrder(pairs.filter((pair) => !isLater(pair)));
    const stale = Object.entries(cloud.later).filter(
      ([, one]) =>
        !pairs.some((pair) => one.test(pair.join(' ')) && !graph().get(pair[1])!.needs.has(pair[0])),
    );
    expect(stale).toEqual([]);
  });

  test('a key may be used before something is encrypted with it, and until that is gone', () => {
    const users = resources().filter(
      (one) => !isGrant(one) && one.type !== 'terraform_data' && cloud.key.test(JSON.stringify(argsOf(one))),
    );
    expect(users.length).toBeGreaterThan(4);
    expectOrder(
      users.flatMap((user) => {
        const granted = [...user.needs].filter((need) => cloud.keyGrantOf(user).test(need));
        return (granted.length ? granted : [`a grant to ${cloud.keyGrantOf(user)}`]).map(
          (one): [string, string] => [one, user.address],
        );
      }),
    );
  });

  test('APIs are enabled, names known and ways open before who needs them', () => {
    expectOrder(
      resources().flatMap((user) =>
        cloud
          .first(user)
          .map((first): [string, string] => [
            [...user.needs].find((need) => first.test(need)) ?? `nothing like ${first}`,
            user.address,
          ]),
      ),
    );
  });

  test('a new version is deployed, gets the traffic, then the old one goes; the other variant stays', () => {
    const order = new Order(graph(), graph({ version: '2' }));
    const traffic = `apply ${find(graph(), cloud.traffic)}` as const;
    const [model, deployment] = chainOf('blue');
    expect(order.changes.get(deployment)).toBe('replace');
    expect(order.comesBefore(`apply ${deployment}`, traffic)).toBe(true);
    expect(order.comesBefore(traffic, `destroy ${deployment}`)).toBe(true);
    // On Azure the version of the model is the registry's.
    if (cloud.name === 'google') {
      expect(order.comesBefore(`apply ${model}`, `apply ${deployment}`)).toBe(true);
      expect(order.comesBefore(`destroy ${deployment}`, `destroy ${model}`)).toBe(true);
    }
    expect(chainOf('green').filter((one) => order.changes.has(one))).toEqual([]);
    expect(order.changes.has(find(graph(), cloud.endpoint))).toBe(false);
  });

  test('a variant that is removed loses the traffic before it goes; the other variant stays', () => {
    const less = graph({ variants: ['blue'] });
    const order = new Order(graph(), less);
    const [model, deployment] = chainOf('green');
    expect([model, deployment].map((one) => order.changes.get(one))).toEqual(['destroy', 'destroy']);
    expect(order.comesBefore(`apply ${find(less, cloud.traffic)}`, `destroy ${deployment}`)).toBe(true);
    expect(order.comesBefore(`destroy ${deployment}`, `destroy ${model}`)).toBe(true);
    expect(chainOf('blue', less).filter((one) => order.changes.has(one))).toEqual([]);
  });

  test('what is created before it is destroyed never has the name of the old one', () => {
    const replaced = new Set<string>();
    for (const program of [
      { version: '2' },
      { accelerator: cloud.otherAccelerator },
      { network: 'Second' } as const,
    ]) {
      const { changes, prior, next } = new Order(graph(), graph(program));
      const early = [...changes].filter(
        ([address, change]) => change === 'replace' && next.get(address)!.createBeforeDestroy,
      );
      const clashing = early.filter(([address]) => !standsBeside(prior.get(address)!, next.get(address)!));
      expect(clashing).toEqual([]);
      early.forEach(([address]) => replaced.add(address));
    }
    expect([...replaced].some((address) => address.includes('_Deployment_'))).toBe(true);
  });

  test('a stack comes after those that it reads, and goes before them', () => {
    const app = newApp();
    const [serving, foundation] = ['serving', 'foundation'].map((id) => cloud.stackOf(app, id));
    build(cloud, foundation, serving, {});
    app.synth();
    const order = deployedInOrder(app);
    expect(order).toEqual(['foundation', 'serving']);
    const readBy = (id: string) =>
      [...jsonOf(app, id).matchAll(/terraform\.(\w+)\.tfstate/g)].map(([, other]) => other);
    expect(new Set(readBy('serving'))).toEqual(new Set(['serving', 'foundation']));
    expect(new Set(readBy('foundation'))).toEqual(new Set(['foundation']));
  });
});

test('on Cloud Run a variant has its backend before the traffic, and loses the traffic before both go', () => {
  const program = (variants: string[]): Graph => {
    const app = newApp();
    const stack = platformStack(app, 'platform', { enableApis: true });
    new google.AutoScalingEndpoint(stack, 'Fraud', {
      engine: google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }),
      variants: variants.map((name) => ({
        ...{ name, weight: name === 'blue' ? 120 - 20 * variants.length : 20 },
        container: { image: 'europe-west4-docker.pkg.dev/ml-project/images/serve:1' },
      })),
    });
    return synthesizedGraph(app, 'platform');
  };
  const two = program(['blue', 'green']);
  const at = (part: string) => find(two, part);
  const urlMap = 'google_compute_url_map.';
  const chain = ['Service-red_', '_red_Backend_', urlMap, '_Proxy_', '_ForwardingRule_'];
  const three = program(['blue', 'green', 'red']);
  const made = creationOf(three);
  const all = chain.map((part) => find(three, part));
  all.slice(1).forEach((one, i) => expect(made.comesBefore(`apply ${all[i]}`, `apply ${one}`)).toBe(true));

  const order = new Order(three, two);
  const [service, backend, traffic, proxy] = all;
  expect([service, backend, traffic, proxy].map((one) => order.changes.get(one))).toEqual([
    ...['destroy', 'destroy', 'replace', 'update'],
  ]);
  expect(standsBeside(three.get(traffic)!, two.get(traffic)!)).toBe(true);
  expect(order.comesBefore(`apply ${traffic}`, `apply ${proxy}`)).toBe(true);
  expect(order.comesBefore(`apply ${proxy}`, `destroy ${traffic}`)).toBe(true);
  expect(order.comesBefore(`destroy ${traffic}`, `destroy ${backend}`)).toBe(true);
  expect(order.comesBefore(`destroy ${backend}`, `destroy ${service}`)).toBe(true);
  expect(order.changes.has(at('_green_Backend_'))).toBe(false);
});
