import { ComputeSubnetworkIamMember } from '@cdktf/provider-google/lib/compute-subnetwork-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ITerraformDependable, TerraformResource, TerraformStack } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { report } from '../../core/private/report';
import { isToken } from '../../core/private/tokens';
import { INetwork } from '../private-network';
import { after, providerOf } from './judge';
import { serviceAgent } from './keys';
import { placeOf, projectNumber } from './place';

/** What a service agent needs in the project that shares a subnetwork. */
interface Agent {
  /** Where its e-mail is: `service-<number>@<domain>.iam.gserviceaccount.com`. */
  readonly domain: string;
  /** On the whole project. */
  readonly role?: string;
  /** Whether Google's own account of the project makes machines there too. */
  readonly makesMachines?: boolean;
}

const AGENTS = {
  aiplatform: { domain: 'gcp-sa-aiplatform' },
  run: { domain: 'serverless-robot-prod', role: 'roles/compute.networkViewer' },
  container: {
    domain: 'container-engine-robot',
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
    const number = `$(gcloud projects describe ${project} --format='value(projectNumber)')`;
    const email = `service-${number}@${agent.domain}.iam.gserviceaccount.com`;
    const members = [email, ...(agent.makesMachines ? [`${number}@cloudservices.gserviceaccount.com`] : [])];
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
  const once = (id: string, make: () => TerraformResource) =>
    (scope.node.tryFindChild(id) as TerraformResource | undefined) ?? make();
  const use = (id: string, member: () => string) =>
    once(
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
