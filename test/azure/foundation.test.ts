import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { AzurermProvider, AzurermProviderConfig } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformStack, TerraformVariable } from 'cdktf';
import {
  all,
  newApp,
  only,
  OTHER_SUBSCRIPTION,
  PLACE,
  platform,
  PRINCIPAL,
  refusal,
  roles,
  SUBSCRIPTION,
  synthesized,
  synthesizedPlatform,
} from './support';
import * as azure from '../../src/azure';
import { subnetRanges } from '../../src/azure/private/subnet-ranges';
import { workspaceFor } from '../../src/azure/private/workspace';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import { TestStack } from '../terraform/support';

const REGULATED = { securityProfile: core.SecurityProfile.REGULATED };
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/mine`;
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub`;

describe('PlatformStack', () => {
  test('has an id that can name a folder, which is judged before cdktf does', () => {
    for (const id of ['a b', '..', '', '{a}', 'x'.repeat(65), '${TfToken[TOKEN.1]}']) {
      expect(refusal(() => platform(id))).toContain('id ');
    }
    const id = '日本語';
    expect(platform(id).node.id).toBe(id);
  });

  test('brings the provider, for identities alone, and keeps its state beside the output', () => {
    const { json } = synthesizedPlatform((stack) => new azure.PrivateNetwork(stack, 'Network'));
    expect(json.provider.azurerm).toEqual([
      {
        subscription_id: SUBSCRIPTION,
        storage_use_azuread: true,
        resource_providers_to_register: expect.arrayContaining(['Microsoft.MachineLearningServices']),
        features: [{ storage: [{ data_plane_available: false }] }],
      },
    ]);
    expect(json.terraform.backend.local.path).toBe('../../../terraform.platform.tfstate');
  });

  test('takes a provider of the program’s own', () => {
    const { json } = synthesizedPlatform((stack) => {
      new azure.PrivateNetwork(stack, 'Network');
      new AzurermProvider(stack, 'mine', { features: [{}], useOidc: true });
    });
    expect(json.provider.azurerm).toEqual([{ features: [{}], use_oidc: true }]);
  });

  describe('of the program’s own, with a provider that', () => {
    const adopted = (config: Partial<AzurermProviderConfig>) => {
      const app = newApp();
      const stack = new TestStack(app, 'plain');
      azure.PlatformStack.adopt(stack, PLACE);
      new azure.DataLake(stack, 'Lake');
      new AzurermProvider(stack, 'azurerm', { features: [{}], subscriptionId: SUBSCRIPTION, ...config });
      return { app, warnings: () => stack.node.metadata.filter(({ type }) => type === '@cdktf/warn') };
    };

    test('is of another subscription, is refused', () => {
      const { app } = adopted({ subscriptionId: OTHER_SUBSCRIPTION });
      expect(refusal(() => app.synth(), 'CMC-008')).toContain(OTHER_SUBSCRIPTION);
    });

    test('asks storage accounts with keys, is warned of', () => {
      const { app, warnings } = adopted({});
      synthesized(app);
      expect(warnings().map(({ data }) => data)).toEqual([
        expect.stringContaining('storageUseAzuread: true'),
      ]);
      expect(warnings()[0].trace).toBeUndefined();
    });

    test.each([{ storageUseAzuread: true }, { features: [{ storage: [{ dataPlaneAvailable: false }] }] }])(
      'says %j, is taken',
      (config) => {
        const { app, warnings } = adopted(config);
        synthesized(app);
        expect(warnings()).toEqual([]);
      },
    );
  });

  test('makes a resource group on first need, unless it was given one', () => {
    const build = (stack: azure.PlatformStack) => new azure.PrivateNetwork(stack, 'Network');
    const own = synthesizedPlatform(build, { resourceGroupName: undefined }).json;
    const { id, name, location } = only(own, 'azurerm_resource_group');
    expect(name).toMatch(/^platform-[0-9a-f]{8}$/);
    expect(location).toBe('westeurope');
    expect(only(own, 'azurerm_virtual_network').resource_group_name).toBe(
      `\${azurerm_resource_group.${id}.name}`,
    );
    const given = synthesizedPlatform(build).json;
    expect(given.resource!.azurerm_resource_group).toBeUndefined();
    expect(only(given, 'azurerm_virtual_network').resource_group_name).toBe('ml');
  });

  test('names differ between deployments and stay within one', () => {
    const nameIn = (props: Partial<azure.PlatformStackProps>, more = false) => {
      const { json } = synthesizedPlatform((stack) => {
        if (more) {
          new azure.DataLake(stack, 'Another');
        }
        new azure.PrivateNetwork(stack, 'Network');
      }, props);
      return only(json, 'azurerm_virtual_network').name;
    };
    const names = [
      nameIn({}),
      nameIn({ subscriptionId: PRINCIPAL }),
      nameIn({ resourceGroupName: 'other' }),
      nameIn({ resourceGroupName: undefined }),
      nameIn({ resourceGroupName: undefined, location: 'northeurope' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameIn({}, true)).toBe(names[0]);
  });

  test('puts its security profile in force below it, and its tags on every resource', () => {
    const { json, stack } = synthesizedPlatform(
      (scope) => new azure.DataLake(scope, 'Lake', { network: new azure.PrivateNetwork(scope, 'Network') }),
      { ...REGULATED, tags: { team: 'ml', cost: '${centre}' } },
    );
    expect(core.SecurityProfile.of(stack)).toBe(core.SecurityProfile.REGULATED);
    for (const { tags } of [
      ...all(json, 'azurerm_storage_account'),
      ...all(json, 'azurerm_private_endpoint'),
    ]) {
      expect(tags).toEqual({ team: 'ml', cost: '$${centre}' });
    }
  });

  test('turns on the scanning of images where it was asked to', () => {
    const { json } = synthesizedPlatform(() => undefined, { defenderForContainers: true });
    expect(only(json, 'azurerm_security_center_subscription_pricing')).toMatchObject({
      resource_type: 'Containers',
      tier: 'Standard',
    });
  });

  test('goes to allowed regions only', () => {
    const allowedRegions = ['northeurope'];
    expect(refusal(() => platform('platform', { allowedRegions }), 'CMC-050')).toContain(
      "location ('westeurope') must be one of allowedRegions: northeurope",
    );
    const storageReplication = azure.StorageReplication.GZRS;
    expect(
      refusal(() => platform('p', { allowedRegions: ['westeurope'], storageReplication }), 'CMC-050'),
    ).toContain('paired region');
  });

  test('refuses what is no place, all at once', () => {
    const message = refusal(() =>
      platform('p', { subscriptionId: 'mine', location: 'West Europe', containerRegistryId: 'acr' }),
    );
    for (const prop of ['subscriptionId', 'location', 'containerRegistryId']) {
      expect(message).toContain(prop);
    }
  });

  test('names are Terraform’s where the subscription is known at deployment only', () => {
    const app = newApp();
    const stack = new TerraformStack(app, 'own');
    new AzurermProvider(stack, 'azurerm', { features: [{}], storageUseAzuread: true });
    const subscription = new TerraformVariable(stack, 'subscription', { type: 'string' });
    azure.PlatformStack.adopt(stack, { ...PLACE, subscriptionId: subscription.stringValue });
    new azure.PrivateNetwork(stack, 'Network');
    stack.addOverride('terraform.backend.local.path', 'state');
    expect(only(synthesized(app).own, 'azurerm_virtual_network').name).toMatch(
      /^own-network-\$\{substr\(sha1\(join\("\/", \[var\.subscription, "ml", "own\/Network"\]\)\), 0, 8\)\}$/,
    );
  });

  test('constructs work in an adopted stack, and in no other', () => {
    const stack = new TerraformStack(newApp(), 'own');
    expect(refusal(() => new azure.PrivateNetwork(stack, 'Network'), 'CMC-011')).toContain(
      'azure.PlatformStack.adopt',
    );
    expect(stack.node.tryFindChild('Network')).toBeUndefined();
    azure.PlatformStack.adopt(stack, PLACE);
    new azure.PrivateNetwork(stack, 'Network');
    expect(stack.node.tryFindChild('azurerm')).toBeUndefined();
  });
});

describe('PrivateNetwork', () => {
  const minimal = synthesizedPlatform((stack) => new azure.PrivateNetwork(stack, 'Network'));

  test('default child is the virtual network', () => {
    const { '//': _, ...network } = only(minimal.json, 'azurerm_virtual_network');
    expect((minimal.made.node.defaultChild as { terraformResourceType?: string }).terraformResourceType).toBe(
      'azurerm_virtual_network',
    );
    expect(network).toEqual({
      id: expect.any(String),
      name: expect.stringMatching(/^platform-network-[0-9a-f]{8}$/),
      resource_group_name: 'ml',
      location: 'westeurope',
      address_space: ['10.0.0.0/16'],
    });
  });

  test('subnets have no way out of their own and only the network’s own way in', () => {
    const subnets = all(minimal.json, 'azurerm_subnet');
    expect(subnets.map(({ address_prefixes }) => address_prefixes[0]).sort()).toEqual([
      '10.0.0.0/17',
      '10.0.128.0/19',
      '10.0.160.0/19',
    ]);
    for (const { default_outbound_access_enabled } of subnets) {
      expect(default_outbound_access_enabled).toBe(false);
    }
    expect(all(minimal.json, 'azurerm_subnet_network_security_group_association')).toHaveLength(3);
    expect(all(minimal.json, 'azurerm_nat_gateway')).toEqual([]);
    expect(only(minimal.json, 'azurerm_log_analytics_workspace').retention_in_days).toBe(90);
  });

  test('subnets lie in the range and apart', () => {
    expect(subnetRanges('192.168.7.0/24')).toEqual({
      workloads: '192.168.7.0/25',
      endpoints: '192.168.7.128/27',
      containerApps: '192.168.7.160/27',
    });
  });

  test('the way to the internet is a NAT gateway, and costs', () => {
    const { json, made } = synthesizedPlatform(
      (stack) => new azure.PrivateNetwork(stack, 'Network', { internetEgress: true }),
    );
    expect(all(json, 'azurerm_subnet_nat_gateway_association')).toHaveLength(2);
    expect(reportOf(made).map(({ entry }) => entry.kind)).toContain('idle-cost');
  });

  test('private DNS zones are made once, or not at all', () => {
    const zonesWith = (props: azure.PrivateNetworkProps) => {
      const { json } = synthesizedPlatform((stack) => {
        const network = new azure.PrivateNetwork(stack, 'Network', props);
        new azure.DataLake(stack, 'Lake', { network });
      });
      return {
        zones: all(json, 'azurerm_private_dns_zone').map(({ name }) => name),
        groups: all(json, 'azurerm_private_endpoint').map(({ private_dns_zone_group: group }) => group),
      };
    };
    expect(zonesWith({}).zones).toEqual([
      'privatelink.blob.core.windows.net',
      'privatelink.dfs.core.windows.net',
    ]);
    const none = zonesWith({ privateDns: core.PrivateDns.none() });
    expect(none.zones).toEqual([]);
    expect(none.groups).toEqual(Array(6).fill(undefined));
    const hub = `/subscriptions/${OTHER_SUBSCRIPTION}/resourceGroups/dns`;
    const inHub = (zone: string) => `${hub}/providers/Microsoft.Network/privateDnsZones/${zone}`;
    const [blob, dfs] = ['blob', 'dfs'].map((service) => `privatelink.${service}.core.windows.net`);
    const given = zonesWith({ privateDns: azure.PrivateDns.fromZoneIds({ [blob]: inHub(blob) }) });
    expect(given.zones).toEqual([]);
    expect(given.groups.slice(0, 2)).toEqual([
      { name: 'default', private_dns_zone_ids: [inHub(blob)] },
      undefined,
    ]);
    const group = zonesWith({ privateDns: azure.PrivateDns.fromResourceGroup(hub) });
    expect(group.zones).toEqual([]);
    expect(group.groups.slice(0, 2).map(({ private_dns_zone_ids: ids }) => ids)).toEqual([
      [inHub(blob)],
      [inHub(dfs)],
    ]);
  });

  test('what private names someone else must enter is reported, and what is no zone is refused', () => {
    const stack = platform();
    const network = new azure.PrivateNetwork(stack, 'Network', { privateDns: core.PrivateDns.none() });
    ['One', 'Two'].forEach((id) => new azure.DataLake(stack, id, { network }));
    expect(
      reportOf(network)
        .map(({ entry }) => entry.title)
        .filter((title) => title.startsWith('Private names')),
    ).toEqual([
      'Private names in privatelink.blob.core.windows.net',
      'Private names in privatelink.dfs.core.windows.net',
    ]);
    refusal(() => azure.PrivateDns.fromZoneIds({ 'privatelink.blob.core.windows.net': 'blob' }), 'CMC-006');
    refusal(() => azure.PrivateDns.fromResourceGroup('hub'), 'CMC-006');
    expect(
      refusal(
        () => new azure.PrivateNetwork(stack, 'Bad', { privateDns: { creates: true } as never }),
        'CMC-003',
      ),
    ).toContain('azure.PrivateDns.from');
  });

  test('one that exists is brought by its ids', () => {
    const { json } = synthesizedPlatform((stack) => {
      const network = azure.PrivateNetwork.fromVirtualNetwork(stack, 'Hub', {
        virtualNetworkId: NETWORK,
        workloadSubnetId: `${NETWORK}/subnets/ml`,
        privateDns: core.PrivateDns.none(),
      });
      new azure.DataLake(stack, 'Lake', { network, zones: [{ name: 'raw' }] });
    });
    expect(all(json, 'azurerm_private_endpoint').map(({ subnet_id }) => subnet_id)).toEqual(
      Array(2).fill(`${NETWORK}/subnets/ml`),
    );
    expect(
      refusal(() =>
        azure.PrivateNetwork.fromVirtualNetwork(platform(), 'Hub', {
          virtualNetworkId: 'hub',
          workloadSubnetId: 'ml',
        }),
      ),
    ).toContain('the resource id of a subnet');
  });

  test('refuses what it cannot do', () => {
    expect(
      refusal(
        () =>
          new azure.PrivateNetwork(platform(), 'N', { cidr: '10.0.0.0/8', logRetentionDays: 7, zones: 4 }),
        'CMC-005',
        'CMC-006',
        'CMC-004',
      ),
    ).toContain('from 30 to 730');
  });
});

describe('EncryptionKey', () => {
  test('is rotated, cannot be purged, and has an identity that may use it', () => {
    const { json, made } = synthesizedPlatform((stack) => new azure.EncryptionKey(stack, 'Key'));
    expect((made.node.defaultChild as { terraformResourceType?: string }).terraformResourceType).toBe(
      'azurerm_key_vault_key',
    );
    expect(only(json, 'azurerm_key_vault')).toMatchObject({
      purge_protection_enabled: true,
      rbac_authorization_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
    expect(only(json, 'azurerm_key_vault_key')).toMatchObject({
      key_type: 'RSA',
      rotation_policy: { automatic: { time_after_creation: 'P365D' } },
      depends_on: [expect.stringMatching(/^time_sleep\./)],
    });
    expect(roles(json).map(({ role }) => role)).toEqual([
      'Key Vault Crypto Officer',
      'Key Vault Crypto Service Encryption User',
    ]);
  });

  test('is reached in its network alone', () => {
    const { json } = synthesizedPlatform(
      (stack) =>
        new azure.EncryptionKey(stack, 'Key', { network: new azure.PrivateNetwork(stack, 'Network') }),
    );
    expect(only(json, 'azurerm_key_vault')).toMatchObject({
      public_network_access_enabled: false,
      network_acls: { default_action: 'Deny' },
    });
    expect(only(json, 'azurerm_private_endpoint').private_service_connection.subresource_names).toEqual([
      'vault',
    ]);
  });

  test('is made once per stack under REGULATED, and not at all under STANDARD', () => {
    const keysUnder = (props: Partial<azure.PlatformStackProps>) =>
      all(
        synthesizedPlatform((stack) => {
          const network = new azure.PrivateNetwork(stack, 'Network');
          new azure.DataLake(stack, 'One', { network });
          new azure.DataLake(stack, 'Two', { network });
        }, props).json,
        'azurerm_key_vault_key',
      ).length;
    expect([keysUnder({}), keysUnder(REGULATED)]).toEqual([0, 1]);
  });

  test('one that exists is brought with the identity that may use it', () => {
    const { json } = synthesizedPlatform((stack) => {
      const encryptionKey = azure.EncryptionKey.fromKeyId(stack, 'Key', {
        keyId: 'https://mine.vault.azure.net/keys/ml',
        keyVaultId: VAULT,
        identityId: '/subscriptions/x/user',
        identityClientId: PRINCIPAL,
      });
      new azure.DataLake(stack, 'Lake', { encryptionKey, zones: [{ name: 'raw' }] });
    });
    expect(only(json, 'azurerm_storage_account')).toMatchObject({
      customer_managed_key: {
        key_vault_key_id: 'https://mine.vault.azure.net/keys/ml',
        user_assigned_identity_id: '/subscriptions/x/user',
      },
      identity: { type: 'UserAssigned', identity_ids: ['/subscriptions/x/user'] },
    });
  });
});

describe('Workload and Secret', () => {
  const SECRET = { secretId: 'https://mine.vault.azure.net/secrets/token', keyVaultId: VAULT };

  test('an identity of your own reads a secret, once', () => {
    const { json } = synthesizedPlatform((stack) => {
      const workload = azure.Workload.fromPrincipalId(stack, 'Workload', PRINCIPAL);
      const secret = azure.Secret.fromSecretId(stack, 'Secret', SECRET);
      secret.grantRead(workload);
      secret.grantRead(workload);
    });
    expect(roles(json)).toEqual([
      {
        id: expect.stringMatching(/^Workload_/),
        role: 'Key Vault Secrets User',
        scope: `${VAULT}/secrets/token`,
        principal: PRINCIPAL,
      },
    ]);
  });

  test('a principal that is no construct reads it too', () => {
    const { json } = synthesizedPlatform((stack) =>
      (azure.Secret.fromSecretId(stack, 'Secret', SECRET) as azure.Secret).grants.read(PRINCIPAL),
    );
    expect(roles(json)).toMatchObject([{ id: expect.stringMatching(/^Secret_/), principal: PRINCIPAL }]);
  });

  test('refuse what they are not', () => {
    const stack = platform();
    refusal(() => azure.Workload.fromPrincipalId(stack, 'W', 'me@example.com'), 'CMC-006');
    refusal(() => azure.Secret.fromSecretId(stack, 'S', { ...SECRET, secretId: 'token' }), 'CMC-006');
    expect(stack.node.children.map(({ node }) => node.id)).toEqual([]);
  });
});

describe('the workspace', () => {
  const workspaceIn = (props: Partial<azure.PlatformStackProps>, withNetwork: boolean[]) =>
    synthesizedPlatform((stack) => {
      const network = new azure.PrivateNetwork(stack, 'Network');
      withNetwork.forEach((yes) => workspaceFor(stack, { network: yes ? network : undefined }));
    }, props).json;

  test('is made once, takes no keys, and runs as an identity that was granted to before', () => {
    const json = workspaceIn({}, [false, false]);
    const { type, body, depends_on } = only(json, 'azapi_resource');
    expect(type).toBe('Microsoft.MachineLearningServices/workspaces@2025-06-01');
    expect(body.properties).toMatchObject({
      systemDatastoresAuthMode: 'Identity',
      publicNetworkAccess: 'Enabled',
    });
    expect(depends_on).toEqual([expect.stringMatching(/^time_sleep\./)]);
    expect(only(json, 'azurerm_storage_account')).toMatchObject({
      shared_access_key_enabled: false,
      is_hns_enabled: false,
    });
    expect(only(json, 'azurerm_container_registry')).toMatchObject({ sku: 'Standard', admin_enabled: false });
  });

  test('is private where everyone brings a network', () => {
    const json = workspaceIn({}, [true, true]);
    expect(only(json, 'azapi_resource').body.properties.publicNetworkAccess).toBe('Disabled');
    expect(only(json, 'azurerm_container_registry')).toMatchObject({
      sku: 'Premium',
      public_network_access_enabled: false,
    });
    expect(only(json, 'azurerm_storage_account').public_network_access_enabled).toBe(false);
    expect(all(json, 'azurerm_private_endpoint')).toHaveLength(5);
    const mixed = workspaceIn({}, [true, false]);
    expect(only(mixed, 'azapi_resource').body.properties.publicNetworkAccess).toBe('Enabled');
    expect(all(mixed, 'azurerm_private_endpoint')).toHaveLength(5);
  });

  test('is encrypted by the stack’s key under REGULATED', () => {
    const json = workspaceIn(REGULATED, [true]);
    expect(only(json, 'azapi_resource').body.properties.encryption).toMatchObject({ status: 'Enabled' });
    expect(only(json, 'azurerm_container_registry').encryption).toHaveLength(1);
  });

  test('one that exists is used as it is', () => {
    const workspaceId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/mine`;
    const { made, json } = synthesizedPlatform(
      (stack) => {
        new DataAzurermClientConfig(stack, 'Config', {});
        return workspaceFor(stack);
      },
      { workspaceId },
    );
    expect(made).toMatchObject({ id: workspaceId, name: 'mine', resourceGroupName: 'ml' });
    expect(Object.keys(json.resource!)).toEqual(['terraform_data']);
  });
});

describe('an identity that is given', () => {
  const managedIdentity = {
    resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/jobs`,
    principalId: PRINCIPAL,
    clientId: 'bbbbbbbb-2222-3333-4444-555555555555',
  };
  const image = 'images.azurecr.io/any:1';

  test('is what workloads run as and are granted as, and none is made for them', () => {
    const { made, json } = synthesizedPlatform((stack) => {
      const lake = new azure.DataLake(stack, 'Lake');
      const workloads = [
        new azure.GpuTrainingCluster(stack, 'Training', {
          ...{ image, machineType: 'Standard_D4s_v5', managedIdentity },
        }),
        new azure.AutoScalingEndpoint(stack, 'Fraud', {
          machineType: 'Standard_DS3_v2',
          variants: [{ name: 'main', container: { image } }],
          managedIdentity,
        }),
        new azure.ServerlessInference(stack, 'Thumbnails', { container: { image }, managedIdentity }),
      ];
      workloads.forEach((workload) => lake.grantRead(workload));
      return workloads;
    });
    expect(made.map(({ identityId, identity }) => [identityId, identity])).toEqual(
      Array(3).fill([PRINCIPAL, undefined]),
    );
    // Those of the workspace and of who submits jobs.
    expect(
      all(json, 'azurerm_user_assigned_identity').map(({ id }) => id.replace(/_[0-9A-F]+$/, '')),
    ).toEqual(['MlWorkspace_Identity', 'Training_Submitter_Identity']);
    expect(only(json, 'azurerm_machine_learning_compute_cluster').identity.identity_ids).toEqual([
      managedIdentity.resourceId,
    ]);
    expect(only(json, 'azurerm_container_app').identity.identity_ids).toEqual([managedIdentity.resourceId]);
    const reads = roles(json).filter(
      ({ role, scope }) => /Blob Data Reader/.test(role) && /Lake/.test(scope),
    );
    expect(reads.map(({ principal }) => principal)).toEqual(Array(9).fill(PRINCIPAL));
  });

  test('is named by its ids', () => {
    refusal(
      () =>
        new azure.ServerlessInference(platform(), 'Thumbnails', {
          container: { image },
          managedIdentity: { resourceId: 'jobs', principalId: 'jobs', clientId: 'jobs' },
        }),
      'CMC-006',
      'CMC-006',
      'CMC-006',
    );
  });
});

test('stacks refer forward only', () => {
  const app = newApp();
  const foundation = platform('foundation', {}, app);
  const serving = platform('serving', {}, app);
  const secretIn = (stack: azure.PlatformStack) =>
    azure.Secret.fromSecretId(stack, 'Secret', {
      secretId: 'https://mine.vault.azure.net/secrets/token',
      keyVaultId: VAULT,
    });
  secretIn(foundation).grantRead(azure.Workload.fromPrincipalId(serving, 'Workload', PRINCIPAL));
  const backwards = azure.Workload.fromPrincipalId(foundation, 'Workload', PRINCIPAL);
  refusal(() => secretIn(serving).grantRead(backwards), 'CMC-013');
  const json = synthesized(app);
  expect([roles(json.foundation), roles(json.serving)].map(({ length }) => length)).toEqual([0, 1]);
});
