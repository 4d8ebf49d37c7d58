import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { judgeAlarms } from '../../../core/private/alarms';
import { brandOf } from '../../../core/private/brand';
import { Faults, show } from '../../../core/private/faults';
import { judgeVersion } from '../../../core/private/registry';
import { serverlessInferenceRules } from '../../../core/private/rules/serving';
import { flag, integer, judgeProps, oneOf, Schema, struct } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import { IModelRegistry } from '../../model-registry';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { ENGINES, lacks, LAMBDA_ENGINE, Limits, SAGEMAKER_ENGINE, ServerlessProps } from './limits';

/** What an engine makes resources from: the props with every default decided. */
export interface ServerlessSettings {
  readonly container: core.ServingContainer;
  readonly predictPath: string;
  readonly memoryMiB: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly requestTimeoutSeconds: number;
}

const propsOf = (engine: Limits): Schema<ServerlessProps> => ({
  ...serverlessInferenceRules(CLOUD, logRetentionRule),
  memoryMiB: integer(engine.memoryMiB),
  maxInstances: integer(engine.maxInstances),
  engine: oneOf(LAMBDA_ENGINE, SAGEMAKER_ENGINE),
  streaming: flag,
  ephemeralStorageMiB: integer({ min: 512, max: 10240 }),
});

/** Judges the props of a serverless inference and decides its defaults. */
export function judgeServerless(
  inference: IConstruct,
  props: ServerlessProps,
  faults: Faults,
): ServerlessSettings {
  const engine = ENGINES[props.engine ?? LAMBDA_ENGINE] ?? ENGINES[LAMBDA_ENGINE];
  judgeProps(faults, struct(propsOf(engine)), props);
  const { container, model, minInstances = 0, maxInstances = 10, memoryMiB = 2048 } = props;
  const requestTimeoutSeconds = container.requestTimeoutSeconds ?? 60;

  if (!isToken(requestTimeoutSeconds)) {
    integer(engine.requestTimeoutSeconds)(requestTimeoutSeconds, 'container.requestTimeoutSeconds', faults);
  }
  if (minInstances > maxInstances && !isToken(maxInstances)) {
    faults.add('CMC-031', 'minInstances', `(${minInstances}) must be at most maxInstances (${maxInstances})`);
  }
  judgeMachine(engine.title, props, faults);
  judgeAlarms(props.alarms, faults);
  judgePlace(inference, container.image, faults);
  engine.judge(inference, props, faults);
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
      'alarms.channels': props.alarms?.channels,
      ...Object.fromEntries(secrets),
    },
    faults,
  );
  judgeApproval(model, faults);
  if (isOurs(model)) {
    judgeVersion(model.version, 'model.version', faults);
  }
  return {
    container,
    predictPath: container.predictPath ?? '/invocations',
    memoryMiB,
    minInstances,
    maxInstances,
    requestTimeoutSeconds,
  };
}

function judgeMachine(title: string, props: ServerlessProps, faults: Faults): void {
  if (props.accelerators) {
    lacks(faults, 'accelerators', `do not exist on ${title}: take AutoScalingEndpoint`);
  }
  if (props.cpu !== undefined) {
    lacks(faults, 'cpu', `cannot be chosen on ${title}: processors come with memoryMiB, one per 1769 MiB`);
  }
  if ((props.concurrentRequestsPerInstance ?? 1) !== 1) {
    lacks(
      faults,
      'concurrentRequestsPerInstance',
      `must be 1 on ${title}, where an instance answers one request at a time: raise maxInstances, or take AutoScalingEndpoint`,
    );
  }
}

/** What a service of AWS pulls for an instance must be in its own region. */
function judgePlace(inference: IConstruct, image: string | core.ContainerImage, faults: Faults): void {
  judgeImage(inference, image, 'container.image', faults);
  const region = isOurs(image)
    ? native(image).repository(image.name).env.region
    : /\.dkr\.ecr(-fips)?\.([^.]+)\./.exec(String(image))?.[2];
  const here = Stack.of(inference).region;
  if (region && ![region, here].some((one) => Token.isUnresolved(one)) && region !== here) {
    faults.add(
      'CMC-060',
      'container.image',
      `is in ${region}; it must be in the region of its stack, ${here}: push a copy to a registry there`,
    );
  }
  if (typeof image === 'string' && image.includes('.dkr.ecr-fips.')) {
    faults.add(
      'CMC-060',
      'container.image',
      `(${show(image)}) must name the repository without FIPS: write .dkr.ecr. instead`,
    );
  }
}

/** An image or a version of a registry of this cloud; others are judged already. */
const isOurs = <T extends core.ContainerImage | core.ModelVersion>(
  value: string | T | undefined,
): value is T => typeof value === 'object' && brandOf(value.registry)?.cloud === CLOUD;

const native = ({ registry }: core.ContainerImage | core.ModelVersion) => registry as IModelRegistry;

/** Only a SageMaker model with a model package checks approval, and neither engine can run one. */
function judgeApproval(model: core.ModelVersion | undefined, faults: Faults): void {
  if (isOurs(model) && native(model).approvalRequired(model.model)) {
    lacks(
      faults,
      'model',
      `('${model.model}') must be approved, which nothing checks when a container fetches it: take AutoScalingEndpoint, or register the model without approvalRequired`,
    );
  }
}
