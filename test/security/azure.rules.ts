import { isDeepStrictEqual } from 'util';
import { CREDENTIALS, Walker } from './rules';
import {
  Binding,
  bindingsOf,
  dataOfStack,
  Resource,
  resourcesOfStack,
  texts,
  textsOfStack,
  isType,
} from './walk';
import { SynthesizedStack } from '../support/programs';

/** Who submits jobs in the programs that are walked. */
export const SCIENTISTS = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

/** What holds of all stacks on Azure. */
export function azureRules(stacks: SynthesizedStack[], { group, obey, explained, nowhere }: Walker): void {
  const ML = 'Microsoft.MachineLearningServices/workspaces';
  const resources = stacks.flatMap(resourcesOfStack);
  const bindings = stacks.flatMap(bindingsOf);

  /** The stacks of programs that give everything a network. */
  const isIsolated = ({ where }: { where: string }) => where.startsWith('everything/');
  /** Azure Monitor is let past the rules of a network, which takes a public address. */
  const takesLogs = ({ where }: { where: string }) => /\/Audit[^/]*\/Records\//.test(where);
  const hasIdentity = ({ identity }: any) =>
    [identity].flat().some((one) => one?.type === 'UserAssigned' && one.identity_ids.length > 0);

  group('roles', () => {
    obey<Binding>(bindings, [
      {
        title: 'are none of those that own, or hand on rights',
        holds: ({ role }) =>
          !/^(Owner|Contributor|User Access Administrator|Role Based Access Control Administrator)$/.test(
            role,
          ),
        broken: { role: 'Contributor' },
      },
      {
        title: 'are on one resource, never on a group of them or a subscription',
        holds: ({ on }) =>
          !/^\/(subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?)?$|^\$\{(azurerm_resource_group|data\.azurerm_subscription)\./.test(
            on,
          ),
        broken: { on: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/ml' },
      },
      {
        title: 'let those who submit jobs start the workflow alone',
        about: ({ member }) => member === SCIENTISTS,
        holds: ({ role, on }) =>
          /^\$\{azurerm_role_definition\.[\w-]+SubmitRole_/.test(role) &&
          /^\$\{azapi_resource\.[\w-]+Workflow/.test(on),
        broken: {
          member: SCIENTISTS,
          role: 'AzureML Data Scientist',
          on: '${azapi_resource.MlWorkspace.id}',
        },
      },
    ]);

    explained(
      'that administrate or contribute have a reason',
      bindings.filter(({ role }) =>
        /Administrator|Contributor|Officer|Owner|Data Scientist|Push$/.test(role),
      ),
      [
        {
          of: ({ role, member }) =>
            /^(Key Vault Administrator|Key Vault Contributor|Monitoring Contributor|Storage Account Contributor|Storage Blob Data Contributor|Storage File Data Privileged Contributor)$/.test(
              role,
            ) && member.includes('MlWorkspace_Identity'),
          because:
            'Azure Machine Learning asks these of the identity of a workspace, each on one of the resources that belong to it.',
        },
        {
          of: ({ role, member, on }) =>
            role === 'AzureML Data Scientist' &&
            /_Submitter_Identity|MlWorkspace|cross-stack-output-azapi_resource/.test(member + on),
          because:
            'No narrower built-in role submits jobs or registers models: who has it here is an identity of ours, on the workspace.',
        },
        {
          of: ({ role, on }) =>
            role === 'Storage Blob Data Contributor' &&
            /_Container_|_Jobs_|WorkspaceStorage|cross-stack-output-azurerm_storage_container/.test(on),
          because: 'Jobs, publishers and those who were granted writing write to one container.',
        },
        {
          of: ({ role, on }) =>
            role === 'Storage File Data Privileged Contributor' && /_WorkspaceStorage_/.test(on),
          because:
            'Homes are files of the storage of the workspace, which takes no keys: notebooks and their persons reach them by their identity.',
        },
        {
          of: ({ role, on }) =>
            role === 'Network Contributor' && /azurerm_subnet[.A-Z]|\/subnets\/[\w.-]+$/.test(on),
          because:
            'Azure Kubernetes Service asks it of the identity of a cluster, on the subnet that its machines join.',
        },
        {
          of: ({ role, on }) =>
            role === 'Private DNS Zone Contributor' && on.includes('azurerm_virtual_network.'),
          because:
            'A private cluster links the zone of its address to its network: on a network the role may read and join, and no more.',
        },
        {
          of: ({ role }) => role === 'AcrPush',
          because: 'Who publishes a model pushes its images to the registry of the workspace.',
        },
        {
          of: ({ role, member }) =>
            /^Key Vault Crypto Officer$/.test(role) && member.includes('azurerm_client_config'),
          because: 'Whoever deploys makes the key, in a vault that holds nothing but keys.',
        },
      ],
      ({ role, on, member }) => `${role} on ${on} to ${member}`,
    );

    obey<Resource>(resources.filter(isType('azurerm_role_definition')), [
      {
        title: 'of our own name each action, and none that hands on rights',
        holds: ({ body: { permissions } }) =>
          permissions
            .flatMap(({ actions = [], data_actions = [] }: any) => [...actions, ...data_actions])
            .every(
              (action: string) => !action.includes('*') && !/Microsoft\.Authorization|listKeys/i.test(action),
            ),
        broken: { body: { permissions: [{ actions: ['Microsoft.MachineLearningServices/*'] }] } },
      },
    ]);
  });

  group('what no scanner reads', () => {
    const plain = resources.filter(({ type }) => !type.startsWith('azapi_resource_action'));
    const changes = resources.filter(({ type }) => type === `azapi_resource_action ${ML}/onlineEndpoints`);

    obey<Resource>(plain, [
      {
        title: 'workspaces have an identity of their own and use it for data',
        about: isType(ML),
        holds: ({ body }) =>
          hasIdentity(body) &&
          body.body.properties.systemDatastoresAuthMode === 'Identity' &&
          body.body.properties.v1LegacyMode === false,
        broken: { type: ML, body: { body: { properties: { systemDatastoresAuthMode: 'AccessKey' } } } },
      },
      {
        title: 'workspaces in a network are not public',
        about: (one) => one.type === ML && isIsolated(one),
        holds: ({ body }) => body.body.properties.publicNetworkAccess === 'Disabled',
        broken: {
          where: 'everything/',
          type: ML,
          body: { body: { properties: { publicNetworkAccess: 'Enabled' } } },
        },
      },
      {
        title: 'endpoints take tokens of Entra ID only, and have an identity of their own',
        about: isType(`${ML}/onlineEndpoints`),
        holds: ({ body }) => hasIdentity(body) && body.body.properties.authMode === 'AADToken',
        broken: { type: `${ML}/onlineEndpoints`, body: { body: { properties: { authMode: 'Key' } } } },
      },
      {
        title: 'endpoints in a network are not public',
        about: (one) => one.type === `${ML}/onlineEndpoints` && isIsolated(one),
        holds: ({ body }) => body.body.properties.publicNetworkAccess === 'Disabled',
        broken: { where: 'everything/', type: `${ML}/onlineEndpoints`, body: { body: { properties: {} } } },
      },
      {
        title: 'datastores have no credentials',
        about: isType(`${ML}/datastores`),
        holds: ({ body }) => body.body.properties.credentials.credentialsType === 'None',
        broken: {
          type: `${ML}/datastores`,
          body: { body: { properties: { credentials: { credentialsType: 'AccountKey' } } } },
        },
      },
      {
        title: 'machines for training have no keys, no SSH and no passwords',
        about: isType(
          'azurerm_machine_learning_compute_cluster',
          'azurerm_machine_learning_compute_instance',
        ),
        holds: ({ body }) =>
          hasIdentity(body) &&
          body.local_auth_enabled === false &&
          body.ssh_public_access_enabled !== true &&
          body.ssh === undefined,
        broken: { type: 'azurerm_machine_learning_compute_cluster', body: { local_auth_enabled: true } },
      },
      {
        title: 'machines in a network have no public address',
        about: ({ type, body }) =>
          /^azurerm_machine_learning_compute_(cluster|instance)$/.test(type) &&
          body.subnet_resource_id !== undefined,
        holds: ({ body }) => body.node_public_ip_enabled === false,
        broken: {
          type: 'azurerm_machine_learning_compute_cluster',
          body: { subnet_resource_id: 'x', node_public_ip_enabled: true },
        },
      },
      {
        title: 'container apps pull images and read secrets with their identity',
        about: isType('azurerm_container_app'),
        holds: ({ body }) =>
          hasIdentity(body) &&
          body.registry.every(
            (one: any) => one.identity !== undefined && one.password_secret_name === undefined,
          ) &&
          (body.secret ?? []).every(
            (one: any) =>
              one.value === undefined && one.identity !== undefined && one.key_vault_secret_id !== undefined,
          ),
        broken: { type: 'azurerm_container_app', body: { registry: [{ password_secret_name: 'x' }] } },
      },
      {
        title: 'container apps that the internet reaches ask for a token',
        about: isType('azurerm_container_app'),
        holds: ({ where, body: { ingress, container_app_environment_id: environment } }) =>
          ingress.allow_insecure_connections === false &&
          (ingress.external_enabled !== true || isInternal(environment, where) || isAuthenticated(where)),
        broken: {
          where: 'nowhere App',
          type: 'azurerm_container_app',
          body: {
            ingress: { external_enabled: true, allow_insecure_connections: false },
            container_app_environment_id: 'x',
          },
        },
      },
      {
        title: 'tokens are of one tenant and for named principals, and without one there is no answer',
        about: isType('Microsoft.App/containerApps/authConfigs'),
        holds: ({ body: { body } }) =>
          body.properties.platform.enabled === true &&
          body.properties.globalValidation.unauthenticatedClientAction === 'Return401' &&
          body.properties.identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy
            .allowedPrincipals.identities.length > 0,
        broken: {
          type: 'Microsoft.App/containerApps/authConfigs',
          body: {
            body: {
              properties: {
                platform: { enabled: true },
                globalValidation: { unauthenticatedClientAction: 'AllowAnonymous' },
              },
            },
          },
        },
      },
      {
        title: 'registries of containers have no administrator and no anonymous readers',
        about: isType('azurerm_container_registry'),
        holds: ({ body }) => body.admin_enabled === false && body.anonymous_pull_enabled !== true,
        broken: { type: 'azurerm_container_registry', body: { admin_enabled: true } },
      },
      {
        title: 'accounts of storage, workspaces of logs and insights have no keys',
        about: isType(
          'azurerm_storage_account',
          'azurerm_log_analytics_workspace',
          'azurerm_application_insights',
        ),
        holds: ({ body }) =>
          body.shared_access_key_enabled === false ||
          body.local_authentication_enabled === false ||
          body.local_authentication_disabled === true,
        broken: { type: 'azurerm_storage_account', body: { shared_access_key_enabled: true } },
      },
      {
        title: 'vaults know roles only',
        about: isType('azurerm_key_vault'),
        holds: ({ body }) => body.rbac_authorization_enabled === true && body.access_policy === undefined,
        broken: { type: 'azurerm_key_vault', body: { rbac_authorization_enabled: false } },
      },
      {
        title: 'in a network, storage, vaults and registries of containers are not public',
        about: (one) =>
          isType('azurerm_storage_account', 'azurerm_key_vault', 'azurerm_container_registry')(one) &&
          isIsolated(one) &&
          !/MlKey/.test(one.where) &&
          !takesLogs(one),
        holds: ({ body }) => body.public_network_access_enabled === false,
        broken: {
          where: 'everything/',
          type: 'azurerm_key_vault',
          body: { public_network_access_enabled: true },
        },
      },
      {
        title:
          'in a network, nothing but Azure Monitor comes to the records of a trail over a public address',
        about: (one) => one.type === 'azurerm_storage_account' && isIsolated(one) && takesLogs(one),
        holds: ({ body: { network_rules: rules } }) =>
          rules.default_action === 'Deny' &&
          rules.bypass.join() === 'AzureServices' &&
          Object.keys(rules).length === 2,
        broken: {
          where: 'everything/standard/foundation foundation/Audit/Records/Account',
          type: 'azurerm_storage_account',
          body: { network_rules: { default_action: 'Allow', bypass: ['AzureServices'] } },
        },
      },
      {
        // With local accounts: a cluster without them asks the workflow for a token of Microsoft Entra ID, which it cannot get.
        title: 'clusters of Kubernetes are private, and have roles',
        about: isType('azurerm_kubernetes_cluster'),
        holds: ({ body }) =>
          body.private_cluster_enabled === true &&
          body.private_cluster_public_fqdn_enabled === false &&
          body.role_based_access_control_enabled === true,
        broken: { type: 'azurerm_kubernetes_cluster', body: { role_based_access_control_enabled: true } },
      },
      {
        title: 'nodes of Kubernetes have no public address',
        about: isType('azurerm_kubernetes_cluster', 'azurerm_kubernetes_cluster_node_pool'),
        holds: ({ body }) =>
          body.node_public_ip_enabled !== true && body.default_node_pool?.node_public_ip_enabled !== true,
        broken: { type: 'azurerm_kubernetes_cluster_node_pool', body: { node_public_ip_enabled: true } },
      },
    ]);

    obey<Resource>(plain.filter(isType('azurerm_private_endpoint')), [
      {
        title: 'what has a private endpoint is not public as well',
        // A workspace stays public while something without a network uses it too.
        about: (one) => (isIsolated(one) || !one.where.includes('MlWorkspace')) && !takesLogs(one),
        holds: ({ where, body }) => {
          const id: string = body.private_service_connection.private_connection_resource_id;
          const target = madeIn(where, id);
          return (
            (target?.body.public_network_access_enabled ??
              target?.body.body.properties.publicNetworkAccess !== 'Disabled') === false
          );
        },
        broken: {
          where: 'nowhere',
          body: { private_service_connection: { private_connection_resource_id: 'x' } },
        },
      },
    ]);

    const endpoints = plain.filter(isType(`${ML}/onlineEndpoints`));
    obey<Resource>(changes, [
      {
        title: 'a change of traffic changes nothing else of an endpoint than what it says of itself',
        holds: ({ where, body }) => {
          const endpoint = endpoints.find((one) => where.startsWith(one.where.replace(/Endpoint$/, '')));
          const { traffic, description, ...properties } = body.body.properties;
          return (
            endpoint !== undefined &&
            isDeepStrictEqual(properties, endpoint.body.body.properties) &&
            isDeepStrictEqual(
              Object.keys(body.body.identity.userAssignedIdentities),
              endpoint.body.identity[0].identity_ids,
            )
          );
        },
        broken: { where: 'nowhere', body: { body: { properties: { traffic: {}, authMode: 'Key' } } } },
      },
    ]);

    /** What stacks of the same program call a resource that an id names. */
    function madeIn(where: string, id: string): Resource | undefined {
      const program = where.split(' ')[0].replace(/\/[^/]*$/, '');
      const found = stacks
        .filter(({ name }) => name.startsWith(`${program}/`))
        .flatMap(({ name, json }) =>
          Object.entries<any>(json.resource ?? {}).flatMap(([type, all]) =>
            Object.keys(all)
              .filter(
                (key) => id.includes(`${type}.${key}.`) || id.includes(`cross-stack-output-${type}${key}`),
              )
              .map((key) => ({ where: name, type, body: all[key] })),
          ),
        );
      return found[0];
    }
    function isInternal(environment: string, where: string): boolean {
      return madeIn(where, environment)?.body.internal_load_balancer_enabled === true;
    }
    function isAuthenticated(where: string): boolean {
      const app = where.replace(/App$/, '');
      return plain.some(
        (one) => one.type === 'Microsoft.App/containerApps/authConfigs' && one.where.startsWith(app),
      );
    }
  });

  group('jobs', () => {
    const workflows = resources.filter(isType('Microsoft.Logic/workflows'));
    /** What workflows submit, found by a text that all of a kind have. */
    const submitted = (type: string, isSuch: (path: string[], value: string) => boolean) =>
      workflows.flatMap(({ body, ...of }) =>
        texts(body)
          .filter(({ path, value }) => isSuch(path, value))
          .map(({ path }) => ({
            ...of,
            type,
            body: path.slice(0, -1).reduce((value, key) => value[key], body),
          })),
      );
    const jobs = submitted('job', (path) => path.slice(-2).join('.') === 'properties.jobType');
    const manifests = submitted(
      'manifest',
      (path, value) => path[path.length - 1] === 'kind' && value === 'Job',
    );

    obey<Resource>(workflows, [
      {
        title: 'take command, nodes and the name of the run, nothing else',
        holds: ({ body }) => {
          const trigger = body.body.properties.definition.triggers.manual;
          const { schema } = trigger.inputs;
          return (
            trigger.operationOptions === 'EnableSchemaValidation' &&
            schema.additionalProperties === false &&
            Object.keys(schema.properties).every((name) => ['command', 'nodes', 'run'].includes(name)) &&
            [...JSON.stringify(body).matchAll(/trigger(?:Body|Outputs)\(\)(?:\?\['(\w+)'\])?/g)].every(
              ([, name]) => ['command', 'nodes', 'run'].includes(name),
            )
          );
        },
        broken: {
          body: {
            body: {
              properties: {
                definition: { triggers: { manual: { inputs: { schema: { properties: { image: {} } } } } } },
              },
            },
          },
        },
      },
      {
        title: 'are submitted with the identity of the workflow',
        holds: ({ body }) =>
          hasIdentity(body) &&
          texts(body)
            .filter(({ path }) => path.slice(-2).join('.') === 'authentication.type')
            .every(({ value }) => value === 'ManagedServiceIdentity'),
        broken: {
          body: {
            identity: [{ type: 'UserAssigned', identity_ids: ['x'] }],
            authentication: { type: 'Basic' },
          },
        },
      },
    ]);
    obey<Resource>(jobs, [
      {
        title: 'run image, machines and identity that the program names',
        holds: ({ body: { environmentId, computeId, identity } }) =>
          !/[@]/.test(`${environmentId}${computeId}${JSON.stringify(identity)}`),
        broken: { body: { environmentId: "@{triggerBody()?['image']}" } },
      },
      {
        title: 'have the variables that the program names',
        holds: ({ body }) =>
          Object.keys(body.environmentVariables).every((name) => /^[A-Z][A-Z0-9_]*$/.test(name)),
        broken: { body: { environmentVariables: { "@{triggerBody()?['name']}": 'x' } } },
      },
    ]);
    obey<Resource>(manifests, [
      {
        title: 'run image and identity that the program names on Kubernetes',
        holds: ({ body: { spec } }) => {
          const { containers, initContainers = [], serviceAccountName } = spec.template.spec;
          return (
            [serviceAccountName, ...[...containers, ...initContainers].map(({ image }) => image)].every(
              (one) => typeof one === 'string' && !one.includes('@'),
            ) && Array.isArray(containers)
          );
        },
        broken: {
          body: {
            spec: {
              template: {
                spec: { serviceAccountName: 'jobs', containers: [{ image: "@{triggerBody()?['image']}" }] },
              },
            },
          },
        },
      },
    ]);
  });

  group('secrets', () => {
    const all = [...resources, ...stacks.flatMap(dataOfStack)];
    obey<Resource>(all, [
      {
        title: 'have no value that Terraform knows',
        holds: ({ type }) =>
          !/^(data )?(azurerm_key_vault_(secret|certificate_data)s?|azurerm_storage_account_(blob_container_)?sas|random_password|tls_private_key)$/.test(
            type,
          ),
        broken: { type: 'data azurerm_key_vault_secret' },
      },
      {
        title: 'are not what an answer is read for',
        about: ({ body }) => Array.isArray(body.response_export_values),
        holds: ({ body, type }) =>
          !/"\*"|key|secret|token|password|connectionString/i.test(
            JSON.stringify(body.response_export_values),
          ) && !/listKeys/i.test(`${type}${body.action ?? ''}`),
        broken: { type: 'azapi_resource', body: { response_export_values: ['properties.primaryKey'] } },
      },
    ]);

    nowhere('are nowhere in clear', stacks.flatMap(textsOfStack), ({ value }) => CREDENTIALS.test(value), {
      value: 'AccountKey=x',
    });
    nowhere(
      'are nowhere taken from a resource',
      stacks.flatMap(textsOfStack),
      ({ value }) =>
        /\$\{[^}]*\.((primary|secondary)_(access_key|shared_key|blob_connection_string|connection_string|key)|connection_string|instrumentation_key|admin_password|kube_config(_raw)?|kube_admin_config(_raw)?)\b/.test(
          value,
        ),
      { value: '${azurerm_storage_account.Lake.primary_access_key}' },
    );
  });
}
