import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { brandOf } from '../../../core/private/brand';
import type { Machine } from '../../../core/private/catalog';
import { machineVariables } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { judgeVersion } from '../../../core/private/registry';
import { integer } from '../../../core/private/schema';
import { secretVariable, secretVariables } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { text } from '../../../terraform/text';
import { judgeImage, resolveImage, ResolvedModel } from '../images';
import { CLOUD, comesBefore } from '../judge';

/** Seconds that a deployment may take over the container's own start: machines, images. */
const MACHINE_SECONDS = 1800;
const LIMITS = { startupTimeoutSeconds: 7200 - MACHINE_SECONDS, requestTimeoutSeconds: 600 } as const;

/** Judges what a variant runs. */
export function judgeVariant(
  user: IConstruct,
  { container, model }: core.EndpointVariant,
  at: string,
  faults: Faults,
): void {
  judgeImage(user, container.image, `${at}.container.image`, faults);
  for (const [prop, max] of Object.entries(LIMITS)) {
    const given = container[prop as keyof typeof LIMITS];
    if (given !== undefined && !isToken(given)) {
      integer({ min: 1, max, because: 'Vertex AI waits no longer' })(
        given,
        `${at}.container.${prop}`,
        faults,
      );
    }
  }
  judgeVariables(container, `${at}.container`, faults);
  for (const [name, secret] of Object.entries(container.secrets ?? {})) {
    comesBefore(secret, user, `${at}.container.secrets.${name}`, faults);
  }
  if (brandOf(model?.registry)?.cloud === CLOUD) {
    comesBefore(model!.registry, user, `${at}.model`, faults);
    judgeVersion(model!.version, `${at}.model.version`, faults);
  }
}

function judgeVariables(
  { environment = {}, secrets = {} }: core.ServingContainer,
  at: string,
  faults: Faults,
): void {
  for (const [prop, names] of Object.entries({
    environment: Object.keys(environment),
    secrets: Object.keys(secrets),
  })) {
    for (const name of names.filter((one) => /^(AIP_.*|MODEL_URI|MODEL_DIR|ACCELERATOR_COUNT)$/.test(one))) {
      faults.add('CMC-008', `${at}.${prop}.${name}`, 'is set by the platform: choose another name');
    }
  }
  for (const name of Object.keys(secrets).filter((one) => secretVariable(one) in environment)) {
    faults.add(
      'CMC-007',
      `${at}.secrets.${name}`,
      `becomes ${secretVariable(name)}, which environment sets too: rename one of them`,
    );
  }
}

/** A container as Vertex AI's API takes it. */
export function containerSpec(
  user: IConstruct,
  container: core.ServingContainer,
  model?: ResolvedModel,
  machine?: Machine,
): object {
  const { command, args, port = 8080, healthPath = '/ping', sharedMemoryMiB } = container;
  const { predictPath = '/invocations', startupTimeoutSeconds = 600 } = container;
  const variables: Record<string, string> = {
    ...text(container.environment ?? {}),
    ...machineVariables(machine),
    ...secretVariables(container.secrets),
    ...(model && { MODEL_URI: model.uri }),
  };
  return {
    imageUri: resolveImage(user, container.image).uri,
    ...(command && { command: text(command) }),
    ...(args && { args: text(args) }),
    env: Object.entries(variables)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name, value })),
    ports: [{ containerPort: port }],
    healthRoute: text(healthPath),
    predictRoute: text(predictPath),
    // The API takes 64-bit numbers as texts.
    ...(sharedMemoryMiB !== undefined && { sharedMemorySizeMb: String(sharedMemoryMiB) }),
    startupProbe: {
      httpGet: { path: text(healthPath), port },
      periodSeconds: 10,
      failureThreshold: Math.ceil(startupTimeoutSeconds / 10),
    },
    deploymentTimeout: `${startupTimeoutSeconds + MACHINE_SECONDS}s`,
  };
}
