import {
  CloudRunV2Service,
  CloudRunV2ServiceTemplateContainersEnv,
} from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ContainerTimes } from './container';
import { InstanceSize } from './machine';
import * as core from '../../../core';
import { machineVariables } from '../../../core/private/endpoints';
import { text } from '../../../terraform/text';
import type { IEncryptionKey } from '../../encryption-key';
import type { INetwork } from '../../private-network';
import { apis } from '../apis';
import { resolveImage, ResolvedModel } from '../images';
import { encryptedBy } from '../keys';
import { physicalName } from '../names';
import { placeOf } from '../place';
import { usesSubnetwork } from '../shared-network';

/** Where the bucket of a model is mounted. */
const MOUNT = '/mnt/models';

export interface RunServiceOptions extends ContainerTimes {
  readonly container: core.ServingContainer;
  readonly size: InstanceSize;
  readonly minInstances: number;
  readonly maxInstances: number;
  /** @default - what Cloud Run gives: 80 */
  readonly concurrentRequestsPerInstance?: number;
  readonly network?: INetwork;
  readonly key?: IEncryptionKey;
  /** The e-mail of the service account that the container runs as. */
  readonly email: string;
  readonly model?: ResolvedModel;
  /** What the service account must be allowed beforehand. */
  readonly allowed: ITerraformDependable[];
  /** The URL of the load balancer that requests come through, and no other way. */
  readonly balancerUrl?: string;
  /** Whether traffic stays where a command moved it. */
  readonly keepTraffic?: boolean;
}

/** The service of Cloud Run: callers need the invoker role, in a network they must be inside of it too. */
export function cloudRunService(scope: Construct, id: string, options: RunServiceOptions): CloudRunV2Service {
  const { container, size, network, key, model, balancerUrl } = options;
  const port = container.port ?? 8080;
  return new CloudRunV2Service(scope, id, {
    name: physicalName(scope, { maxLength: 49 }),
    location: placeOf(scope).region,
    ingress: network
      ? 'INGRESS_TRAFFIC_INTERNAL_ONLY'
      : balancerUrl
        ? 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER'
        : 'INGRESS_TRAFFIC_ALL',
    invokerIamDisabled: false,
    customAudiences: balancerUrl ? [text(balancerUrl)] : undefined,
    lifecycle: options.keepTraffic ? { ignoreChanges: ['traffic'] } : undefined,
    // It holds no data.
    deletionProtection: false,
    template: {
      serviceAccount: options.email,
      executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
      timeout: `${options.requestTimeoutSeconds}s`,
      maxInstanceRequestConcurrency: options.concurrentRequestsPerInstance,
      scaling: { minInstanceCount: options.minInstances, maxInstanceCount: options.maxInstances },
      encryptionKey: key?.keyId,
      nodeSelector: size.gpu && { accelerator: size.gpu.name },
      gpuZonalRedundancyDisabled: size.gpu ? true : undefined,
      vpcAccess: network && {
        egress: 'ALL_TRAFFIC',
        networkInterfaces: [{ network: network.networkId, subnetwork: network.subnetworkId }],
      },
      containers: [
        {
          image: resolveImage(scope, container.image).uri,
          command: text(container.command),
          args: text(container.args),
          ports: { containerPort: port },
          env: environment(container, size, model),
          resources: {
            // Processors of instances with accelerators are always on.
            cpuIdle: !size.gpu,
            startupCpuBoost: true,
            limits: {
              cpu: String(size.cpu),
              memory: `${size.memoryMiB}Mi`,
              ...(size.gpu && { 'nvidia.com/gpu': '1' }),
            },
          },
          startupProbe: {
            ...probeOver(options.startupTimeoutSeconds),
            httpGet: { path: text(container.healthPath ?? '/ping'), port },
          },
          volumeMounts: model && [{ name: 'models', mountPath: MOUNT }],
        },
      ],
      volumes: model && [{ name: 'models', gcs: { bucket: model.bucketName, readOnly: true } }],
    },
    dependsOn: [
      ...apis(scope, 'run'),
      ...encryptedBy(scope, key, 'run'),
      ...(network ? usesSubnetwork(scope, network, 'run') : []),
      ...options.allowed,
    ],
  });
}

/** Cloud Run gives secrets by value; names are sorted, so that their order replaces no revision. */
function environment(container: core.ServingContainer, { gpu }: InstanceSize, model?: ResolvedModel) {
  const values = {
    ...text(container.environment ?? {}),
    ...machineVariables(gpu && { count: 1 }),
    ...(model && { MODEL_DIR: `${MOUNT}/${model.prefix}`, MODEL_URI: model.uri }),
  };
  const variables: CloudRunV2ServiceTemplateContainersEnv[] = [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    ...Object.entries(container.secrets ?? {}).map(([name, { secretId }]) => ({
      name,
      valueSource: { secretKeyRef: { secret: secretId, version: 'latest' } },
    })),
  ];
  return variables.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Asks as often as fits: the time allowed is failures times period. */
function probeOver(seconds: number) {
  const periodSeconds = [10, 5, 2].find((period) => seconds % period === 0) ?? 1;
  return { periodSeconds, timeoutSeconds: periodSeconds, failureThreshold: seconds / periodSeconds };
}
