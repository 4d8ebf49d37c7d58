import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { ACCELERATOR_COUNT } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { isRegulated, judgeProfile } from '../../../core/private/profile';
import { Range } from '../../../core/private/schema';
import { secretVariable } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';

/** The values of `ServerlessEngine`; the enum itself is public and cannot be imported from here without a circle. */
export const LAMBDA_ENGINE = 'lambda';
export const SAGEMAKER_ENGINE = 'sagemaker';

/** The props as the rules see them: the public interface is the same. */
export interface ServerlessProps extends core.ServerlessInferenceProps {
  readonly engine?: string;
  readonly streaming?: boolean;
  readonly ephemeralStorageMiB?: number;
}

/** What one engine allows where the other allows something else. */
export interface Limits {
  readonly title: string;
  readonly memoryMiB: Range;
  readonly maxInstances: Range;
  readonly requestTimeoutSeconds: Range;
  readonly judge: (inference: IConstruct, props: ServerlessProps, faults: Faults) => void;
}

export const ENGINES: Record<string, Limits> = {
  [LAMBDA_ENGINE]: {
    title: 'AWS Lambda',
    memoryMiB: { min: 128, max: 10240, because: 'AutoScalingEndpoint has machines with more' },
    maxInstances: { min: 1 },
    requestTimeoutSeconds: { max: 900, because: 'no request of AWS Lambda may take longer' },
    judge: judgeLambda,
  },
  [SAGEMAKER_ENGINE]: {
    title: 'SageMaker serverless',
    memoryMiB: {
      min: 1024,
      max: 6144,
      step: 1024,
      because: 'ServerlessEngine.LAMBDA takes any number up to 10240',
    },
    maxInstances: { min: 1, max: 200, because: 'ServerlessEngine.LAMBDA takes more' },
    requestTimeoutSeconds: { max: 60, because: 'ServerlessEngine.LAMBDA takes up to 900' },
    judge: judgeSageMaker,
  },
};

export const lacks = (faults: Faults, prop: string, message: string) => faults.add('CMC-040', prop, message);

/** Names that AWS Lambda sets itself. */
const LAMBDA_NAMES =
  /^(AWS_(LAMBDA_.*|REGION|DEFAULT_REGION|EXECUTION_ENV|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
/** What the longest MODEL_URI and the adapter's own variables take of the 4 KB. */
const LAMBDA_ENVIRONMENT_BYTES = 4096 - 768;

function judgeLambda(inference: IConstruct, props: ServerlessProps, faults: Faults): void {
  const { container, network } = props;
  judgeProfile(inference, props, faults, 'the function has a URL on the internet');
  if (props.streaming && network) {
    lacks(
      faults,
      'streaming',
      'needs a function URL, which a private function has not: leave out network, or take AutoScalingEndpoint',
    );
  }
  if (container.sharedMemoryMiB !== undefined) {
    lacks(
      faults,
      'container.sharedMemoryMiB',
      'does not exist on AWS Lambda: keep shared files in /tmp, see ephemeralStorageMiB',
    );
  }
  const { port = 8080, startupTimeoutSeconds = 1, requestTimeoutSeconds = 60 } = container;
  if (!isToken(port) && (port < 1024 || port === 9001)) {
    lacks(
      faults,
      'container.port',
      `(${port}) is not free on AWS Lambda: take another one from 1024, but not 9001`,
    );
  }
  if (startupTimeoutSeconds > requestTimeoutSeconds && !isToken(requestTimeoutSeconds)) {
    lacks(
      faults,
      'container.startupTimeoutSeconds',
      `(${startupTimeoutSeconds}) must be at most requestTimeoutSeconds (${requestTimeoutSeconds}): the first request waits for the container`,
    );
  }
  for (const prop of ['command', 'args'] as const) {
    const words = container[prop] ?? [];
    words.forEach((word, i) => {
      if (words.indexOf(word) !== i) {
        faults.add(
          'CMC-007',
          `container.${prop}[${i}]`,
          `(${show(word)}) occurs twice, which CloudFormation refuses: write --name=value`,
        );
      }
    });
  }
  const names = judgeVariables(container, faults);
  for (const { name, prop } of names) {
    if (LAMBDA_NAMES.test(name)) {
      faults.add('CMC-008', prop, 'is set by AWS Lambda: choose another name');
    } else if (name.startsWith('AWS_LWA_')) {
      faults.add(
        'CMC-008',
        prop,
        'is set from the props of the container; what they lack stands in the image (ENV)',
      );
    } else if (!/^[A-Za-z]\w+$/.test(name)) {
      faults.add('CMC-006', prop, 'must begin with a letter and have at least two characters on AWS Lambda');
    }
  }
  const bytes = names.reduce((sum, { name, value }) => sum + Buffer.byteLength(name + value), 0);
  if (bytes > LAMBDA_ENVIRONMENT_BYTES) {
    faults.add(
      'CMC-004',
      'container.environment',
      `has ${bytes} bytes of names and values; AWS Lambda takes ${LAMBDA_ENVIRONMENT_BYTES} besides its own: keep long values in the image or a secret`,
    );
  }
}

function judgeSageMaker(inference: IConstruct, props: ServerlessProps, faults: Faults): void {
  const { container } = props;
  judgeProfile(inference, props, faults);
  if (isRegulated(inference)) {
    lacks(
      faults,
      'engine',
      'is SAGEMAKER, whose containers can be in no private network, as SecurityProfile.REGULATED asks: take ServerlessEngine.LAMBDA with network',
    );
  }
  const fixed = { port: 8080, healthPath: '/ping', predictPath: '/invocations' } as const;
  for (const [prop, value] of Object.entries(fixed)) {
    const given = container[prop as keyof typeof fixed] ?? value;
    if (given !== value && !isToken(given)) {
      lacks(
        faults,
        `container.${prop}`,
        `(${show(given)}) is ${value} on SageMaker serverless: change the image, or take ServerlessEngine.LAMBDA`,
      );
    }
  }
  for (const prop of ['command', 'args'] as const) {
    if (container[prop]) {
      lacks(
        faults,
        `container.${prop}`,
        "cannot be given on SageMaker serverless, which runs the image with the argument 'serve': change the image, or take ServerlessEngine.LAMBDA",
      );
    }
  }
  if (props.network) {
    lacks(faults, 'network', 'cannot hold SageMaker serverless: take ServerlessEngine.LAMBDA');
  }
  for (const prop of ['streaming', 'ephemeralStorageMiB'] as const) {
    if (props[prop]) {
      lacks(faults, prop, 'does not exist on SageMaker serverless: take ServerlessEngine.LAMBDA');
    }
  }
  if (container.sharedMemoryMiB !== undefined) {
    lacks(faults, 'container.sharedMemoryMiB', 'cannot be set on SageMaker serverless: leave it out');
  }
  if ((container.startupTimeoutSeconds ?? 0) > 180) {
    lacks(
      faults,
      'container.startupTimeoutSeconds',
      `(${container.startupTimeoutSeconds}) is at most 180 on SageMaker serverless: take AutoScalingEndpoint`,
    );
  }
  const names = judgeVariables(container, faults);
  if (names.length > 99) {
    faults.add(
      'CMC-004',
      'container.environment',
      `has ${names.length} variables with the secrets; SageMaker takes 99 besides its own`,
    );
  }
  for (const { prop, value } of names) {
    if (value.length > 1024) {
      faults.add('CMC-004', prop, `has ${value.length} characters; SageMaker takes 1024`);
    }
  }
}

/** As long as they come. */
const SECRET_ID = 'arn:'.padEnd(128);

/** The variables that a user sets, with those for secrets. A value that only deployment knows counts as empty. */
function judgeVariables(
  { environment = {}, secrets = {} }: core.ServingContainer,
  faults: Faults,
): { readonly name: string; readonly prop: string; readonly value: string }[] {
  const variables = [
    ...Object.entries(environment).map(([name, value]) => ({
      name,
      prop: `container.environment.${name}`,
      value,
    })),
    ...Object.keys(secrets).map((name) => ({
      name: secretVariable(name),
      prop: `container.secrets.${name}`,
      value: SECRET_ID,
    })),
  ];
  variables.forEach(({ name, prop }, i) => {
    if (['MODEL_URI', 'MODEL_DIR', ACCELERATOR_COUNT].includes(name)) {
      faults.add('CMC-008', prop, 'is set by the platform: choose another name');
    }
    if (variables.findIndex((other) => other.name === name) !== i) {
      faults.add('CMC-007', prop, `becomes ${name}, which environment sets too: rename one of them`);
    }
  });
  return variables.map((variable) => ({ ...variable, value: isToken(variable.value) ? '' : variable.value }));
}
