import { IConstruct } from 'constructs';
import { judgeSharing } from './environment';
import { ServerlessMachine, serverlessMachine } from './machine';
import * as core from '../../../core';
import { judgeAlarms } from '../../../core/private/alarms';
import { brandOf } from '../../../core/private/brand';
import { ACCELERATOR_COUNT } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { judgeProfile } from '../../../core/private/profile';
import { judgeVersion } from '../../../core/private/registry';
import { serverlessInferenceRules } from '../../../core/private/rules/serving';
import { integer, judgeProps, list, required, Schema, struct, text } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import type { IModelRegistry } from '../../model-registry';
import type { INetwork } from '../../private-network';
import type { EntraAuthentication, ServerlessInferenceProps } from '../../serverless-inference';
import { identityRule } from '../identity';
import { judgeImage } from '../images';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { judgeWindow } from '../metric-alarm';
import { VERSION } from '../model-registry/rules';

const GUID = { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, means: 'a GUID' };

const AUTHENTICATION: Schema<EntraAuthentication> = {
  clientId: required(text({ ...GUID, means: 'the application (client) id of an app registration: a GUID' })),
  tenantId: text({ ...GUID, means: 'the id of a tenant: a GUID' }),
};

const PROPS: Schema<ServerlessInferenceProps> = {
  ...serverlessInferenceRules(CLOUD, logRetentionRule),
  managedIdentity: identityRule,
  maxInstances: integer({ min: 1, max: 1000, because: 'Container Apps has no more' }),
  authentication: struct(AUTHENTICATION),
  allowedPrincipalIds: list(text({ ...GUID, means: 'the object id of a principal: a GUID' }), {
    unique: 'itself',
  }),
};

/** What resources are made from: the props with every default decided. */
export interface ServerlessSettings {
  readonly container: core.ServingContainer;
  readonly predictPath: string;
  readonly machine: ServerlessMachine;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly startupTimeoutSeconds: number;
}

/** Judges the props of a serverless inference and decides its defaults. */
export function judgeServerless(
  inference: IConstruct,
  props: ServerlessInferenceProps,
  faults: Faults,
): ServerlessSettings {
  judgeProps(faults, struct(PROPS), props);
  const { container, model, network, minInstances = 0, maxInstances = 10 } = props;
  const machine = serverlessMachine(props, faults)!;
  if (minInstances > maxInstances && !isToken(maxInstances)) {
    faults.add('CMC-031', 'minInstances', `(${minInstances}) must be at most maxInstances (${maxInstances})`);
  }
  judgeContainer(container, faults);
  judgeImage(inference, container.image, 'container.image', faults);
  judgeModel(model, faults);
  const secrets = Object.entries(container.secrets ?? {}).map(([name, secret]) => [
    `container.secrets.${name}`,
    secret,
  ]);
  usesAll(
    inference,
    {
      network,
      model: model?.registry,
      'alarms.channels': props.alarms?.channels,
      ...Object.fromEntries(secrets),
    },
    faults,
  );
  judgeAccess(inference, props, faults);
  judgeLacking(props, faults);
  if (brandOf(network)?.cloud === CLOUD) {
    judgeSharing(network as INetwork, inference, props, faults);
  }
  return {
    container,
    machine,
    minInstances,
    maxInstances,
    predictPath: container.predictPath ?? '/invocations',
    startupTimeoutSeconds: container.startupTimeoutSeconds ?? 600,
  };
}

/** Nothing checks what a container fetches. */
function judgeModel(model: core.ModelVersion | undefined, faults: Faults): void {
  if (brandOf(model?.registry)?.cloud !== CLOUD) {
    return;
  }
  judgeVersion(model!.version, 'model.version', faults, VERSION);
  if ((model!.registry as IModelRegistry).approvalRequired(model!.model)) {
    faults.add(
      'CMC-040',
      'model',
      `('${model!.model}') must be approved, which nothing checks when a container fetches it: register the model without approvalRequired`,
    );
  }
}

/** The longest that Container Apps lets a probe fail: ten times, 240 seconds apart. */
const LONGEST_START = 2400;
/** What the ingress of Container Apps waits for an answer. */
const REQUEST_SECONDS = 240;
/** What the platform sets itself. */
const OURS = ['MODEL_URI', 'MODEL_DIR', ACCELERATOR_COUNT, 'AZURE_CLIENT_ID'];

function judgeContainer(container: core.ServingContainer, faults: Faults): void {
  const { startupTimeoutSeconds = 600, requestTimeoutSeconds, environment = {}, secrets = {} } = container;
  if (
    !isToken(startupTimeoutSeconds) &&
    (startupTimeoutSeconds < 10 || startupTimeoutSeconds > LONGEST_START)
  ) {
    faults.add(
      'CMC-004',
      'container.startupTimeoutSeconds',
      `(${startupTimeoutSeconds}) must be from 10 to ${LONGEST_START}, which Container Apps allows: make the image or the model smaller`,
    );
  }
  if (requestTimeoutSeconds !== undefined && requestTimeoutSeconds !== REQUEST_SECONDS) {
    faults.add(
      'CMC-040',
      'container.requestTimeoutSeconds',
      `(${requestTimeoutSeconds}) must be ${REQUEST_SECONDS}, or left out: the ingress of Container Apps waits that long for every answer; end a request earlier in the container, or answer a longer one with an id that callers ask for`,
    );
  }
  if (container.sharedMemoryMiB !== undefined) {
    faults.add(
      'CMC-040',
      'container.sharedMemoryMiB',
      'does not exist on Container Apps: keep shared files in a directory, or take AutoScalingEndpoint',
    );
  }
  for (const name of OURS) {
    for (const [prop, given] of Object.entries({ environment, secrets })) {
      if (name in given) {
        faults.add('CMC-008', `container.${prop}.${name}`, 'is set by the platform: choose another name');
      }
    }
  }
  for (const name of Object.keys(secrets).filter((one) => one in environment)) {
    faults.add('CMC-007', `container.secrets.${name}`, 'is in container.environment too: rename one of them');
  }
}

function judgeAccess(inference: IConstruct, props: ServerlessInferenceProps, faults: Faults): void {
  const { logRetentionDays, alarms } = props;
  judgeProfile(inference, { logRetentionDays, alarms }, faults);
  if (props.allowedPrincipalIds?.length && !props.authentication) {
    faults.add('CMC-009', 'allowedPrincipalIds', 'needs authentication: without it no caller is known');
  }
  if (
    props.authentication &&
    !props.network &&
    core.SecurityProfile.of(inference) === core.SecurityProfile.REGULATED
  ) {
    faults.add(
      'CMC-009',
      'network',
      'is required with authentication under SecurityProfile.REGULATED: without it the app has an address on the internet',
    );
  }
}

function judgeLacking({ encryptionKey, alarms }: ServerlessInferenceProps, faults: Faults): void {
  if (encryptionKey) {
    faults.add(
      'CMC-040',
      'encryptionKey',
      'cannot encrypt Container Apps, which keep no data besides logs, and those under keys of the platform: leave it out, or take AutoScalingEndpoint',
    );
  }
  if (alarms?.p99LatencyMs !== undefined) {
    faults.add(
      'CMC-040',
      'alarms.p99LatencyMs',
      'is nothing that Container Apps measures, whose metric ResponseTime has no percentiles: take AutoScalingEndpoint, or alert on ResponseTime of the containerApp',
    );
  }
  if (alarms?.errorPercent !== undefined) {
    faults.add(
      'CMC-040',
      'alarms.errorPercent',
      'is nothing that Container Apps measures, whose metric Requests counts failures but no share of them: take AutoScalingEndpoint, or alert on Requests of the containerApp by statusCodeCategory',
    );
  }
  judgeAlarms(alarms, faults);
  judgeWindow(alarms?.atMaximumMinutes, 'alarms.atMaximumMinutes', faults);
}
