import { IConstruct } from 'constructs';
import { INTENTS, judgeScaling } from './scaling';
import * as core from '../../../core';
import { judgeEndpointAlarms } from '../../../core/private/alarms';
import { brandOf } from '../../../core/private/brand';
import { intentsOf, variantMachines, weightsOf } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { judgeProfile } from '../../../core/private/profile';
import { judgeVersion } from '../../../core/private/registry';
import { autoScalingEndpointRules } from '../../../core/private/rules/serving';
import { integer, judgeProps, Schema, struct } from '../../../core/private/schema';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import type { IModelRegistry } from '../../model-registry';
import { identityRule } from '../identity';
import { judgeImage } from '../images';
import { CLOUD, comesBefore, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { ML_ENDPOINT } from '../machines';
import { judgeWindow } from '../metric-alarm';
import { VERSION } from '../model-registry/rules';
import { judgePrivacy } from '../private-access';

/** A variant as it was judged. */
export interface VariantPlan {
  readonly variant: core.EndpointVariant;
  readonly machine: MachineChoice;
  readonly machineWhy: string;
  readonly weight: number;
}

/** An endpoint as it was judged. */
export interface EndpointPlan {
  /** By name: the order of the prop is nothing that should change what runs. */
  readonly variants: VariantPlan[];
  readonly predictPath: string;
  readonly scaled: boolean;
  /** Who knows the models, and so which workspace the endpoint is in. */
  readonly registry?: IModelRegistry;
}

const PROPS: Schema<AutoScalingEndpointProps> = {
  ...autoScalingEndpointRules(CLOUD, logRetentionRule),
  managedIdentity: identityRule,
  maxConcurrentRequestsPerInstance: integer({ min: 1, max: 1000 }),
};

/** Judges the props of an endpoint. */
export function judgeEndpoint(
  endpoint: IConstruct,
  props: AutoScalingEndpointProps,
  faults: Faults,
): EndpointPlan {
  judgeProps(faults, struct(PROPS), props);
  const machines = variantMachines(props, ML_ENDPOINT, faults);
  const weights = weightsOf(props.variants, { title: 'Azure ML', wholePercents: true }, faults);
  const variants = props.variants.map((variant, i): VariantPlan => {
    judgeVariant(endpoint, variant, `variants[${i}]`, faults);
    return { variant, machine: machines[i].choice!, machineWhy: machines[i].why, weight: weights[i] };
  });
  const [first, ...others] = props.variants.map(({ container }) => container.predictPath ?? '/invocations');
  if (others.some((path) => path !== first)) {
    faults.add(
      'CMC-008',
      'variants',
      'have different values of container.predictPath; an endpoint of Azure ML has one address: let all answer at the same path',
    );
  }
  judgeScaling(props.scaling, machines, faults);
  judgeLacking(props, faults);
  judgeEndpointAlarms(props, faults);
  judgeWindow(props.alarms?.atMaximumMinutes, 'alarms.atMaximumMinutes', faults);
  judgePrivacy(endpoint, props.network, faults);
  const { logRetentionDays, alarms } = props;
  judgeProfile(endpoint, { logRetentionDays, alarms }, faults);
  usesAll(
    endpoint,
    {
      network: props.network,
      encryptionKey: props.encryptionKey,
      'capture.zone': props.capture?.zone,
      'alarms.channels': props.alarms?.channels,
    },
    faults,
  );
  const registry = judgeRegistry(props, faults);
  variants.sort((a, b) => (a.variant.name < b.variant.name ? -1 : 1));
  return { variants, predictPath: first, scaled: intentsOf(props.scaling, INTENTS).length > 0, registry };
}

const LACKING = {
  command: "the image's own entrypoint runs: set ENTRYPOINT in the image, or let it read its environment",
  args: "the image's own entrypoint runs: let it read its environment",
  sharedMemoryMiB: 'they size /dev/shm themselves: take a machineType with more memory',
} as const;
/** What the platform and Azure ML set. */
const OURS = /^(ACCELERATOR_COUNT|MODEL_DIR|MODEL_URI|AZURE_CLIENT_ID|AZUREML_.*|UAI_CLIENT_ID)$/;

function judgeVariant(
  user: IConstruct,
  { container, model }: core.EndpointVariant,
  at: string,
  faults: Faults,
): void {
  const {
    environment = {},
    secrets = {},
    requestTimeoutSeconds = 60,
    startupTimeoutSeconds = 600,
  } = container;
  judgeImage(user, container.image, `${at}.container.image`, faults);
  for (const [prop, wayOut] of Object.entries(LACKING)) {
    if (container[prop as keyof typeof LACKING] !== undefined) {
      faults.add('CMC-040', `${at}.container.${prop}`, `is nothing that Azure ML endpoints have: ${wayOut}`);
    }
  }
  if (requestTimeoutSeconds > 180 && !isToken(requestTimeoutSeconds)) {
    faults.add(
      'CMC-004',
      `${at}.container.requestTimeoutSeconds`,
      `(${requestTimeoutSeconds}) must be at most 180: Azure ML waits no longer; ServerlessInference waits 240`,
    );
  }
  if ((startupTimeoutSeconds < 10 || startupTimeoutSeconds > 3600) && !isToken(startupTimeoutSeconds)) {
    faults.add(
      'CMC-004',
      `${at}.container.startupTimeoutSeconds`,
      `(${startupTimeoutSeconds}) must be from 10 to 3600`,
    );
  }
  const names = [...Object.keys(environment), ...Object.keys(secrets).map(secretVariable)];
  names.forEach((name, i) => {
    if (OURS.test(name)) {
      faults.add(
        'CMC-008',
        `${at}.container.environment.${name}`,
        'is set by the platform: choose another name',
      );
    }
    if (names.indexOf(name) !== i) {
      faults.add(
        'CMC-007',
        `${at}.container.secrets`,
        `become ${name}, which environment sets too: rename one`,
      );
    }
  });
  for (const [name, secret] of Object.entries(secrets)) {
    comesBefore(secret, user, `${at}.container.secrets.${name}`, faults);
  }
  if (model) {
    comesBefore(model.registry, user, `${at}.model`, faults);
    judgeParameter(model.version, `${at}.model.version`, faults);
    judgeVersion(model.version, `${at}.model.version`, faults, VERSION);
  }
}

function judgeParameter(version: string | core.DeployParameter, prop: string, faults: Faults): void {
  if (core.DeployParameter.isDeployParameter(version) && (version as core.DeployParameter).isNumber) {
    faults.add('CMC-003', prop, 'must be made by DeployParameter.of()');
  }
}

/** Azure ML only serves models of the endpoint's own workspace. */
function judgeRegistry(props: AutoScalingEndpointProps, faults: Faults): IModelRegistry | undefined {
  const registries = props.variants
    .map(({ model }) => model?.registry)
    .filter((registry): registry is IModelRegistry => brandOf(registry)?.cloud === CLOUD);
  const [registry, ...others] = registries;
  if (others.some(({ workspaceId }) => workspaceId !== registry.workspaceId)) {
    faults.add(
      'CMC-008',
      'variants',
      'have models of registries with different workspaces; Azure ML serves those of one: publish them to the same registry',
    );
  }
  if (registry && props.encryptionKey) {
    faults.add(
      'CMC-040',
      'encryptionKey',
      `cannot differ from that of the workspace that the models are in: give it to the ModelRegistry ${registry.node.path}`,
    );
  }
  if (registry && props.network && isToken(registry.workspaceId)) {
    // The workspace is made reachable from the network in the registry's stack.
    comesBefore(props.network, registry, 'network', faults);
  }
  return registry;
}

function judgeLacking(
  { rollout, capacity, diskGiB, capture, alarms }: AutoScalingEndpointProps,
  faults: Faults,
): void {
  if (rollout && rollout.kind !== core.RolloutKind.ALL_AT_ONCE) {
    faults.add(
      'CMC-040',
      'rollout',
      `is ${rollout.kind}, which Azure ML does not do: use Rollout.allAtOnce(), give the new version a variant of its own with a small weight, and move the traffic with endpoint.shiftCommand`,
    );
  }
  if (capacity && capacity.kind !== core.CapacityKind.ON_DEMAND) {
    faults.add(
      'CMC-040',
      'capacity',
      `is ${capacity.kind}, which Azure ML endpoints do not have: use Capacity.onDemand() with scaling`,
    );
  }
  if (diskGiB !== undefined) {
    faults.add(
      'CMC-040',
      'diskGiB',
      'cannot be set on Azure ML, whose machines have the disks of their size: leave it out, or take a machineType with a larger temporary disk',
    );
  }
  if (alarms?.captureSilentMinutes !== undefined) {
    faults.add(
      'CMC-040',
      'alarms.captureSilentMinutes',
      'is nothing that Azure ML measures, which counts what it dropped, not what it kept: alert on DataCollectionErrorsPerMinute of the endpoint',
    );
  }
  if (capture && !capture.zone) {
    faults.add(
      'CMC-009',
      'capture.zone',
      "is required: Azure keeps requests in a lake only, such as lake.zone('raw')",
    );
  }
}
