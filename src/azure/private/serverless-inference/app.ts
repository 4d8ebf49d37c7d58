import { ContainerApp, ContainerAppTemplateContainer } from '@cdktf/provider-azurerm/lib/container-app';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { machineVariables } from '../../../core/private/endpoints';
import { contentHash } from '../../../terraform/names';
import { text } from '../../../terraform/text';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';
import { ServerlessSettings } from './rules';

export interface AppOptions {
  readonly settings: ServerlessSettings;
  readonly concurrentRequestsPerInstance?: number;
  readonly environmentId: string;
  readonly image: { readonly uri: string; readonly server?: string };
  readonly modelUri?: string;
  readonly identity: { readonly id: string; readonly clientId: string };
  /** Whether those outside of the environment reach it from the start. */
  readonly outside: boolean;
  /** Whether it is opened afterwards. */
  readonly openedLater: boolean;
  readonly dependsOn?: ITerraformDependable[];
}

/** The app: one container, scaled by its requests. */
export function containerApp(scope: Construct, id: string, options: AppOptions): ContainerApp {
  const { settings, identity, image } = options;
  const { container, machine } = settings;
  const secrets = Object.entries(container.secrets ?? {});
  return new ContainerApp(scope, id, {
    name: nameOf(scope, { maxLength: 32 }),
    resourceGroupName: homeOf(scope).resourceGroupName,
    containerAppEnvironmentId: options.environmentId,
    revisionMode: 'Single',
    workloadProfileName: machine.profile,
    identity: { type: 'UserAssigned', identityIds: [identity.id] },
    registry: image.server ? [{ server: image.server, identity: identity.id }] : undefined,
    secret: secrets.length
      ? secrets.map(([name, { secretId }]) => ({
          name: secretName(name),
          keyVaultSecretId: secretId,
          identity: identity.id,
        }))
      : undefined,
    ingress: {
      targetPort: container.port ?? 8080,
      externalEnabled: options.outside,
      allowInsecureConnections: false,
      transport: 'auto',
      trafficWeight: [{ latestRevision: true, percentage: 100 }],
    },
    template: {
      minReplicas: settings.minInstances,
      maxReplicas: settings.maxInstances,
      httpScaleRule: [
        { name: 'requests', concurrentRequests: String(options.concurrentRequestsPerInstance ?? 10) },
      ],
      container: [containerOf(options)],
    },
    dependsOn: options.dependsOn,
    lifecycle: options.openedLater ? { ignoreChanges: ['ingress[0].external_enabled'] } : undefined,
  });
}

function containerOf({ settings, image, modelUri, identity }: AppOptions): ContainerAppTemplateContainer {
  const { container, machine, startupTimeoutSeconds } = settings;
  const { command, args, environment = {}, secrets = {}, healthPath = '/ping', port = 8080 } = container;
  const probe = { transport: 'HTTP', port, path: text(healthPath), timeout: 5 };
  const values = {
    ...text(environment),
    // What Azure's SDKs take the identity from.
    AZURE_CLIENT_ID: identity.clientId,
    ...machineVariables(machine.accelerator ? { count: 1 } : undefined),
    ...(modelUri && { MODEL_URI: modelUri }),
  };
  return {
    name: 'serve',
    image: image.uri,
    cpu: machine.cpu,
    memory: `${machine.memoryMiB / 1024}Gi`,
    command: command && text(command),
    args: args && text(args),
    env: [
      ...Object.entries(values).map(([name, value]) => ({ name, value })),
      ...Object.keys(secrets).map((name) => ({ name, secretName: secretName(name) })),
    ],
    readinessProbe: [{ ...probe, intervalSeconds: 5, failureCountThreshold: 3, successCountThreshold: 1 }],
    // Ten failures in a row end a container, at the start too; a startup probe would let requests in no sooner.
    livenessProbe: [
      {
        ...probe,
        initialDelay: 1,
        intervalSeconds: Math.ceil(startupTimeoutSeconds / FAILURES),
        failureCountThreshold: FAILURES,
      },
    ],
  };
}

/** What azurerm allows at most. */
const FAILURES = 10;

/** Names of secrets have no upper case. */
const secretName = (variable: string) => `secret-${contentHash(variable)}`;
