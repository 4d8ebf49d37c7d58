import { IConstruct } from 'constructs';
import { InstanceSize, judgeSize } from './machine';
import * as core from '../../../core';
import { brandOf } from '../../../core/private/brand';
import { defaultText } from '../../../core/private/deploy-parameter';
import { Faults } from '../../../core/private/faults';
import { serverlessInferenceRules } from '../../../core/private/rules';
import { integer, judgeProps, Schema, struct, text } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import type { IModelRegistry } from '../../model-registry';
import { alarmChannelsRule, judgeAlarms } from '../alarms';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';

/** The props as the rules see them: the public interface is the same. */
export interface ServerlessProps extends core.ServerlessInferenceProps {
  readonly alarmChannels?: string[];
}

/** The props with every default decided. */
export interface ServerlessSettings {
  readonly size: InstanceSize;
  readonly predictPath: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly requestTimeoutSeconds: number;
  readonly startupTimeoutSeconds: number;
}

/** Seconds that an instance may take to become ready. */
const STARTUP = { cpu: 240, gpu: 1800 };

/** What Cloud Run and the platform set themselves. */
const RESERVED = ['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION', 'MODEL_URI', 'MODEL_DIR'];

const PROPS: Schema<ServerlessProps> = {
  ...serverlessInferenceRules(CLOUD, logRetentionRule),
  memoryMiB: integer({ min: 512, max: 32768, because: 'AutoScalingEndpoint has machines with more' }),
  maxInstances: integer({ min: 1, max: 1000 }),
  concurrentRequestsPerInstance: integer({ min: 1, max: 1000, because: 'Cloud Run takes no more' }),
  alarmChannels: alarmChannelsRule,
};

/** Judges the props of a serverless inference and decides its defaults. */
export function judgeServerless(
  inference: IConstruct,
  props: ServerlessProps,
  faults: Faults,
): ServerlessSettings {
  judgeProps(faults, struct(PROPS), props);
  const { container, model, minInstances = 0, maxInstances = 10 } = props;
  if (![minInstances, maxInstances].some(isToken) && minInstances > maxInstances) {
    faults.add('CMC-031', 'minInstances', `(${minInstances}) must be at most maxInstances (${maxInstances})`);
  }
  const size = judgeSize(props, faults);
  const times = judgeTimes(container, size.gpu, faults);
  judgeContainer(container, faults);
  judgeAlarms(props, faults);
  judgeImage(inference, container.image, 'container.image', faults);
  if (!props.network && core.SecurityProfile.of(inference) === core.SecurityProfile.REGULATED) {
    faults.add(
      'CMC-009',
      'network',
      'is required under SecurityProfile.REGULATED: without it the service has a URL on the internet',
    );
  }
  const secrets = Object.entries(container.secrets ?? {}).map(([name, secret]) => [
    `container.secrets.${name}`,
    secret,
  ]);
  usesAll(
    inference,
    {
      network: props.network,
      encryptionKey: props.encryptionKey,
      model: model?.registry,
      ...Object.fromEntries(secrets),
    },
    faults,
  );
  judgeModel(model, faults);
  return { size, predictPath: container.predictPath ?? '/invocations', minInstances, maxInstances, ...times };
}

function judgeTimes(
  { requestTimeoutSeconds = 60, startupTimeoutSeconds }: core.ServingContainer,
  gpu: boolean,
  faults: Faults,
) {
  const longest = gpu ? STARTUP.gpu : STARTUP.cpu;
  const startup = startupTimeoutSeconds ?? Math.min(600, longest);
  const limits = [
    ['requestTimeoutSeconds', requestTimeoutSeconds, 3600, 'Cloud Run ends longer requests'],
    [
      'startupTimeoutSeconds',
      startup,
      longest,
      `Cloud Run waits no longer${gpu ? '' : ' for instances without an accelerator: AutoScalingEndpoint does'}`,
    ],
  ] as const;
  for (const [prop, given, max, because] of limits) {
    if (!isToken(given)) {
      integer({ min: 1, max, because })(given, `container.${prop}`, faults);
    }
  }
  return { requestTimeoutSeconds, startupTimeoutSeconds: startup };
}

function judgeContainer(
  { environment = {}, secrets = {}, sharedMemoryMiB }: core.ServingContainer,
  faults: Faults,
): void {
  if (sharedMemoryMiB !== undefined) {
    faults.add(
      'CMC-040',
      'container.sharedMemoryMiB',
      'cannot be set on Cloud Run: take AutoScalingEndpoint, or keep shared files in /tmp, which is memory',
    );
  }
  for (const [prop, names] of Object.entries({ environment, secrets })) {
    for (const name of Object.keys(names).filter(
      (one) => RESERVED.includes(one) || one.startsWith('X_GOOGLE_'),
    )) {
      faults.add('CMC-008', `container.${prop}.${name}`, 'is set by the platform: choose another name');
    }
  }
  for (const name of Object.keys(secrets).filter((one) => one in environment)) {
    faults.add(
      'CMC-007',
      `container.secrets.${name}`,
      'is a variable of environment too: rename one of them',
    );
  }
}

const VERSION = text({
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
  means: "letters, digits, '.', '_' and '-', at most 128",
});

/** Nothing checks approval when an instance mounts a model. */
function judgeModel(model: core.ModelVersion | undefined, faults: Faults): void {
  if (brandOf(model?.registry)?.cloud !== CLOUD) {
    return;
  }
  const literal = defaultText(model!.version);
  if (!isToken(literal)) {
    VERSION(literal, 'model.version', faults);
  }
  if ((model!.registry as IModelRegistry).approvalRequired(model!.model)) {
    faults.add(
      'CMC-040',
      'model',
      `('${model!.model}') must be approved, which nothing checks when an instance mounts it: take AutoScalingEndpoint, or register the model without approvalRequired`,
    );
  }
}
