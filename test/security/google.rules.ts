import { CREDENTIALS, Walker } from './rules';
import { Binding, bindingsOf, dataOfStack, Resource, resourcesOfStack, textsOfStack, isType } from './walk';
import { SynthesizedStack } from '../support/programs';

/** What holds of all stacks on Google Cloud. */
export function googleRules(stacks: SynthesizedStack[], { group, obey, explained, nowhere }: Walker): void {
  const resources = stacks.flatMap(resourcesOfStack);
  const bindings = stacks.flatMap(bindingsOf);

  group('roles', () => {
    obey<Binding>(bindings, [
      {
        title: 'are given to nobody at large',
        holds: ({ member }) =>
          !/\ball(Authenticated)?Users\b|^(domain|projectOwner|projectEditor|projectViewer):/.test(member),
        broken: { member: 'allAuthenticatedUsers' },
      },
      {
        title: 'are none of the basic ones',
        holds: ({ role }) => !/^roles\/(owner|editor|viewer)$/.test(role),
        broken: { role: 'roles/editor' },
      },
      {
        title: 'administrate nothing',
        holds: ({ role }) =>
          !/admin|owner|securityReviewer|serviceAccountTokenCreator|serviceAccountKey/i.test(role),
        broken: { role: 'roles/storage.objectAdmin' },
      },
      {
        title: 'take none away from others: only members are added',
        holds: ({ type }) => type.endsWith('_iam_member'),
        broken: { type: 'google_project_iam_binding' },
      },
      {
        title: 'let identities act as one other, never as all of a project',
        about: ({ role }) => role === 'roles/iam.serviceAccountUser',
        // A notebook opens for its person only if that may act as what the notebook runs as.
        holds: ({ on, member, where }) =>
          on === 'google_service_account' &&
          (member.startsWith('${google_service_account.') ||
            (member.startsWith('user:') && where.includes('/User-'))),
        broken: {
          role: 'roles/iam.serviceAccountUser',
          on: 'google_project',
          member: 'group:all@example.com',
        },
      },
      {
        title: 'let those who submit jobs start workflows, nothing else',
        about: ({ member }) => member === 'group:scientists@example.com',
        holds: ({ role }) => role === 'roles/workflows.invoker',
        broken: {
          member: 'group:scientists@example.com',
          role: 'roles/aiplatform.user',
          on: 'google_project',
        },
      },
    ]);

    explained(
      'on the whole project have a reason',
      bindings.filter(({ on }) => /^google_(project|folder|organization)$/.test(on)),
      [
        {
          of: ({ role }) => role === 'roles/aiplatform.user',
          because:
            'Vertex AI has no policy on jobs, models and experiments: who makes them needs the role on the project.',
        },
        {
          of: ({ role }) => role === 'roles/workflows.invoker',
          because: 'Workflows has no policy on one workflow: who starts one may start those of the project.',
        },
        {
          of: ({ role, member }) =>
            role === 'roles/container.developer' && member.includes('WorkflowAccount'),
          because:
            'Narrower roles of Kubernetes could be given only by someone with rights in the cluster: the workflow has this one, those who submit do not.',
        },
        {
          of: ({ role, member }) =>
            role === 'roles/container.defaultNodeServiceAccount' && member.includes('NodeAccount'),
          because:
            'Nodes write logs and measurements of the project: GKE asks this role of their identity, and no wider one.',
        },
        {
          of: ({ role }) => role === 'roles/logging.logWriter',
          because: 'Writing log entries can be allowed for a project only.',
        },
        {
          of: ({ role, member }) =>
            role === 'roles/dataplex.discoveryPublishingServiceAgent' && member.includes('MlAgent-dataplex'),
          because: "Dataplex's own agent publishes tables into datasets that it makes itself.",
        },
        {
          of: ({ role, member }) => role.includes('MlJobInterfaces') && member.includes('MlAgent-aiplatform'),
          because:
            "Vertex AI's own agent gives jobs an interface by network attachments, of which the provider has no policy.",
        },
      ],
      ({ role }) => role,
    );

    obey<Resource>(resources.filter(isType('google_project_iam_custom_role')), [
      {
        title: 'of our own name each permission, and none that hands on rights',
        holds: ({ body }) =>
          body.permissions.every(
            (one: string) =>
              /^\w+(\.\w+)+$/.test(one) && !/setIamPolicy|actAs|getAccessToken|signBlob/.test(one),
          ),
        broken: { body: { permissions: ['aiplatform.*'] } },
      },
    ]);
  });

  group('resources', () => {
    obey<Resource>(resources, [
      {
        title: 'buckets are closed to the public and have no lists of access of their own',
        about: isType('google_storage_bucket'),
        holds: ({ body }) =>
          body.public_access_prevention === 'enforced' && body.uniform_bucket_level_access === true,
        broken: { type: 'google_storage_bucket', body: { uniform_bucket_level_access: true } },
      },
      {
        title: 'Cloud Run asks every caller for an identity',
        about: isType('google_cloud_run_v2_service'),
        holds: ({ body }) => body.invoker_iam_disabled === false,
        broken: { type: 'google_cloud_run_v2_service', body: { invoker_iam_disabled: true } },
      },
      {
        title: 'in a network Cloud Run is reached from inside only',
        about: ({ type, body }) =>
          type === 'google_cloud_run_v2_service' && body.template?.vpc_access !== undefined,
        holds: ({ body }) => body.ingress === 'INGRESS_TRAFFIC_INTERNAL_ONLY',
        broken: {
          type: 'google_cloud_run_v2_service',
          body: { template: { vpc_access: {} }, ingress: 'INGRESS_TRAFFIC_ALL' },
        },
      },
      {
        title: 'what runs has an identity of its own',
        about: isType('google_cloud_run_v2_service', 'google_workflows_workflow'),
        holds: ({ body }) =>
          /^\$\{google_service_account\./.test(body.service_account ?? body.template?.service_account),
        broken: { type: 'google_workflows_workflow', body: { service_account: undefined } },
      },
      {
        title: 'deployed models have an identity of their own',
        about: ({ type, body }) => type === 'restful_operation' && /:deployModel$/.test(body.path),
        holds: ({ body }) => /^\$\{google_service_account\./.test(body.body.deployedModel.serviceAccount),
        broken: {
          type: 'restful_operation',
          body: { path: '/endpoints/1:deployModel', body: { deployedModel: {} } },
        },
      },
      {
        title: 'REST calls go to Google over TLS, as who deploys',
        about: isType('restful_operation'),
        holds: ({ body }) => body.path.startsWith('/projects/') && body.header === undefined,
        broken: { type: 'restful_operation', body: { path: 'http://example.com/' } },
      },
      {
        title: 'endpoints in a network are reached by Private Service Connect, from named projects',
        about: ({ type, body }) =>
          type === 'google_vertex_ai_endpoint' && body.private_service_connect_config !== undefined,
        holds: ({ body }) =>
          body.private_service_connect_config.enable_private_service_connect === true &&
          body.private_service_connect_config.project_allowlist.length > 0,
        broken: {
          type: 'google_vertex_ai_endpoint',
          body: {
            private_service_connect_config: { enable_private_service_connect: true, project_allowlist: [] },
          },
        },
      },
      {
        title: 'addresses are internal, but that of a load balancer whose name was asked for',
        about: isType('google_compute_address', 'google_compute_global_address'),
        // What is behind it is Cloud Run, which asks every caller for an identity.
        holds: ({ where, body }) => body.address_type === 'INTERNAL' || where.endsWith('/Balancer/Address'),
        broken: { where: 'nowhere', type: 'google_compute_address', body: { address_type: 'EXTERNAL' } },
      },
      {
        title: 'networks have no subnetworks but ours',
        about: isType('google_compute_network'),
        holds: ({ body }) => body.auto_create_subnetworks === false,
        broken: { type: 'google_compute_network', body: { auto_create_subnetworks: true } },
      },
      {
        title: 'no rule lets the internet in',
        about: isType('google_compute_firewall'),
        holds: ({ body }) =>
          body.direction === 'EGRESS' ||
          (body.source_ranges?.length > 0 &&
            !/"(0\.0\.0\.0|::)\/0"/.test(JSON.stringify(body.source_ranges))),
        broken: { type: 'google_compute_firewall', body: { source_ranges: ['0.0.0.0/0'] } },
        absent: !resources.some(isType('google_compute_firewall')),
      },
      {
        title: 'machines have no public address',
        about: isType(
          'google_compute_instance',
          'google_compute_instance_template',
          'google_compute_region_instance_template',
          'google_workbench_instance',
        ),
        holds: ({ body }) =>
          !JSON.stringify(body).includes('"access_config"') &&
          (body.gce_setup === undefined || body.gce_setup.disable_public_ip === true),
        broken: { type: 'google_compute_instance', body: { network_interface: [{ access_config: [{}] }] } },
        absent: !resources.some(({ type }) => /_(?!filestore_)\w+_instance(_template)?$/.test(type)),
      },
      {
        title: 'nodes of Kubernetes have no public address',
        about: isType('google_container_node_pool'),
        holds: ({ body }) => body.network_config?.enable_private_nodes === true,
        broken: { type: 'google_container_node_pool', body: {} },
        absent: !resources.some(isType('google_container_node_pool')),
      },
      {
        title: 'clusters of Kubernetes have private nodes, identities for workloads and no passwords',
        about: isType('google_container_cluster'),
        holds: ({ body }) =>
          body.private_cluster_config?.enable_private_nodes === true &&
          (body.enable_autopilot === true || body.workload_identity_config !== undefined) &&
          body.enable_legacy_abac !== true,
        broken: { type: 'google_container_cluster', body: { workload_identity_config: {} } },
        absent: !resources.some(isType('google_container_cluster')),
      },
    ]);
  });

  group('jobs', () => {
    const workflows = resources.filter(isType('google_workflows_workflow'));
    obey<Resource>(workflows, [
      {
        title: 'take command, nodes and the name of the run, nothing else',
        holds: ({ body: { source_contents: source } }) =>
          source.includes('key != \\"command\\" and key != \\"nodes\\" and key != \\"run\\"') &&
          [...source.matchAll(/map\.get\(input, \\"(\w+)\\"\)|\binput(?:\.|\[\\")(\w+)/g)].every(
            ([, got, other]) => ['command', 'nodes', 'run'].includes(got ?? other),
          ),
        broken: { body: { source_contents: 'key != \\"command\\" … map.get(input, \\"image\\")' } },
      },
      {
        title: 'run image and identity that the program names',
        holds: ({ body: { source_contents: source } }) => {
          const named = [
            ...source.matchAll(
              /"(?:imageUri|image|serviceAccount|serviceAccountName)":"((?:\\.|[^"\\]|(?<!\$)\$\{[^}]*\})*)"/g,
            ),
          ];
          return named.length > 0 && named.every(([, value]) => !value.includes('$${'));
        },
        broken: {
          body: { source_contents: '{"imageUri":"$${default(map.get(input, \\"image\\"), usual)}"}' },
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
          !/^(data )?(google_secret_manager(_regional)?_secret_version(_access)?|google_service_account_(key|access_token|jwt|id_token)|google_storage_hmac_key|google_apikeys_key|random_password|tls_private_key)$/.test(
            type,
          ),
        broken: { type: 'data google_secret_manager_secret_version' },
      },
      {
        title: 'come to containers by reference',
        about: ({ type, body }) =>
          type === 'google_cloud_run_v2_service' && JSON.stringify(body).includes('HUB_TOKEN'),
        holds: ({ body }) =>
          body.template.containers[0].env
            .filter(({ name }: any) => name === 'HUB_TOKEN')
            .every(
              ({ value, value_source }: any) =>
                value === undefined && value_source.secret_key_ref.secret.endsWith('hub-token'),
            ),
        broken: {
          type: 'google_cloud_run_v2_service',
          body: { template: { containers: [{ env: [{ name: 'HUB_TOKEN', value: 'x' }] }] } },
        },
      },
    ]);

    nowhere('are nowhere in clear', stacks.flatMap(textsOfStack), ({ value }) => CREDENTIALS.test(value), {
      value: 'AccountKey=x',
    });
    nowhere(
      'the token of who deploys goes to the provider that needs one, and nowhere else',
      stacks.flatMap(textsOfStack),
      ({ at, value }) =>
        /access_token|id_token/.test(value) && at !== 'provider.restful.0.security.http.token.token',
      { value: '${data.google_client_config.Token.access_token}', at: 'output.Token.value' },
    );
  });
}
