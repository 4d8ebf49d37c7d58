import {
  CloudRunV2Service,
  CloudRunV2ServiceTemplateContainersEnv,
} from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ServerlessProps, ServerlessSettings } from './rules';
import { text } from '../../../terraform/text';
import type { INetwork } from '../../private-network';
import { apis } from '../apis';
import { resolveImage, ResolvedModel } from '../images';
import { encryptedBy, keyFor } from '../keys';
import { physicalName } from '../names';
import { placeOf } from '../place';

/** Where the bucket of a model is mounted. */
const MOUNT = '/mnt/models';

export interface ServiceOptions {
  readonly settings: ServerlessSettings;
  /** The e-mail of the service account that the container runs as. */
  readonly email: string;
  readonly model?: ResolvedModel;
  /** What the service account must be allowed beforehand. */
  readonly allowed: ITerraformDependable[];
}

/** The service of Cloud Run: callers need the invoker role, in a network they must be inside of it too. */
export function cloudRunService(
  scope: Construct,
  props: ServerlessProps,
  { settings, email, model, allowed }: ServiceOptions,
): CloudRunV2Service {
  const { container } = props;
  const { size } = settings;
  const network = props.network as INetwork | undefined;
  const key = keyFor(scope, props.encryptionKey);
  const port = container.port ?? 8080;
  return new CloudRunV2Service(scope, 'Service', {
    name: physicalName(scope, { maxLength: 49 }),
    location: placeOf(scope).region,
    ingress: network ? 'INGRESS_TRAFFIC_INTERNAL_ONLY' : 'INGRESS_TRAFFIC_ALL',
    invokerIamDisabled: false,
    // It holds no data.
    deletionProtection: false,
    template: {
      serviceAccount: email,
      executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
      timeout: `${settings.requestTimeoutSeconds}s`,
      maxInstanceRequestConcurrency: props.concurrentRequestsPerInstance,
      scaling: { minInstanceCount: settings.minInstances, maxInstanceCount: settings.maxInstances },
      encryptionKey: key?.keyId,
      nodeSelector: size.gpu ? { accelerator: 'nvidia-l4' } : undefined,
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
          env: environment(props, model),
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
            ...probeOver(settings.startupTimeoutSeconds),
            httpGet: { path: text(container.healthPath ?? '/ping'), port },
          },
          volumeMounts: model && [{ name: 'models', mountPath: MOUNT }],
        },
      ],
      volumes: model && [{ name: 'models', gcs: { bucket: model.bucketName, readOnly: true } }],
    },
    dependsOn: [...apis(scope, 'run'), ...encryptedBy(scope, key, 'run'), ...allowed],
  });
}

/** Cloud Run gives secrets by value; names are sorted, so that their order replaces no revision. */
function environment({ container }: ServerlessProps, model?: ResolvedModel) {
  const values = {
    ...text(container.environment ?? {}),
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
