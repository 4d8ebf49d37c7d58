import { ComputeSubnetworkIamMember } from '@cdktf/provider-google/lib/compute-subnetwork-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { report } from '../../core/private/report';
import { isToken } from '../../core/private/tokens';
import { INetwork } from '../private-network';
import { after, providerOf } from './judge';
import { agentEmail, askNumber, serviceAgent } from './keys';
import { once, placeOf, projectNumber } from './place';

/** What a service agent needs in the project that shares a subnetwork. */
interface Agent {
  /** On the whole project. */
  readonly role?: string;
  /** Whether Google's own account of the project makes machines there too. */
  readonly makesMachines?: boolean;
}

const AGENTS = {
  aiplatform: {},
  run: { role: 'roles/compute.networkViewer' },
  container: {
    role: 'roles/container.hostServiceAgentUser',
    makesMachines: true,
  },
} as const satisfies { [api: string]: Agent };

const USE = 'roles/compute.networkUser';

const SUBNETWORK = /^projects\/([^/$]+)\/regions\/([^/$]+)\/subnetworks\/([^/$]+)$/;

/** Whether another project shares the subnetwork with that of a construct, as far as the program knows both. */
export function isShared(user: IConstruct, { subnetworkId }: INetwork): boolean {
  const [, host] = SUBNETWORK.exec(subnetworkId) ?? [];
  const { project } = (providerOf(TerraformStack.of(user)) ?? {}) as { project?: string };
  return host !== undefined && project !== undefined && !isToken(project) && host !== project;
}

/**
 * Lets the service agent of an API use the subnetwork of a network that another project shares, once per agent and next to
 * the network; or reports what its administrator does, where that is not for us. What is made in the subnetwork has this
 * as its `dependsOn`.
 */
export function usesSubnetwork(
  user: Construct,
  network: INetwork,
  api: keyof typeof AGENTS,
): ITerraformDependable[] {
  const [, host, region, subnetwork] = SUBNETWORK.exec(network.subnetworkId) ?? [];
  const { project } = placeOf(user);
  if (!host || host === project) {
    return [];
  }
  const agent: Agent = AGENTS[api];
  const { role } = agent;
  if (network.serviceAgentsGranted ?? true) {
    const email = agentEmail(project, api);
    const members = [
      email,
      ...(agent.makesMachines ? [`${askNumber(project)}@cloudservices.gserviceaccount.com`] : []),
    ];
    const commands = [
      ...members.map(
        (one) =>
          `gcloud compute networks subnets add-iam-policy-binding ${subnetwork} --project=${host} --region=${region} --role=${USE} --member="serviceAccount:${one}"`,
      ),
      ...(role
        ? [`gcloud projects add-iam-policy-binding ${host} --role=${role} --member="serviceAccount:${email}"`]
        : []),
    ];
    report(user, 'note', 'Shared network', `Whoever administers ${host} allows: ${commands.join('; ')}`);
    return [];
  }
  const scope = network as unknown as Construct;
  const use = (id: string, member: () => string) =>
    once(
      scope,
      id,
      () =>
        new ComputeSubnetworkIamMember(scope, id, {
          ...{ project: host, region, subnetwork },
          role: USE,
          member: member(),
        }),
    );
  return after(
    user,
    use(`Agent-${api}`, () => serviceAgent(scope, api)),
    ...(agent.makesMachines
      ? [
          use(
            'Agent-cloudservices',
            () => `serviceAccount:${projectNumber(scope)}@cloudservices.gserviceaccount.com`,
          ),
        ]
      : []),
    ...(role
      ? [
          once(
            scope,
            `Host-${api}`,
            () =>
              new ProjectIamMember(scope, `Host-${api}`, {
                project: host,
                role,
                member: serviceAgent(scope, api),
              }),
          ),
        ]
      : []),
  );
}
