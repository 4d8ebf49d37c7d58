import { aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import * as core from '../../../core';
import type { Machine } from '../../../core/private/catalog';
import { ACCELERATOR_COUNT, machineVariables } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { judgeVersion } from '../../../core/private/registry';
import { isContainerImage } from '../../../core/private/rules/values';
import { text } from '../../../core/private/schema';
import { secretVariables } from '../../../core/private/secrets';
import { isToken } from '../../../core/private/tokens';
import { IModelRegistry } from '../../model-registry';
import { judgeImage, pullPermissions, resolveImage, resolveModel } from '../images';
import { comesBefore } from '../judge';
import { Permission } from '../platform-role';

/** Where SageMaker puts the files of a model. */
const MODEL_DIR = '/opt/ml/model';

/** What SageMaker fixes of the serving contract. */
const FIXED = { port: 8080, healthPath: '/ping', predictPath: '/invocations' } as const;

/** What a SageMaker model has no property for, and what to do instead. */
const LACKING = {
  command:
    "SageMaker runs the image's own entrypoint with the argument 'serve': set ENTRYPOINT in the image, or let it read its environment",
  args: "SageMaker runs the image's own entrypoint with the argument 'serve': let it read its environment",
  sharedMemoryMiB: 'SageMaker sizes /dev/shm by the machine: take a machineType with more memory',
} as const;

const SECONDS = {
  startupTimeoutSeconds: [60, 3600, 'SageMaker allows no other'],
  requestTimeoutSeconds: [
    1,
    60,
    'SageMaker waits no longer; let a longer answer be streamed, from streamUrl',
  ],
} as const;

const PACKAGE_VERSION = text({
  pattern: /^[1-9]\d{0,8}$/,
  means:
    'the number that SageMaker gave the version, since the model requires approval: registry.publishCommand prints it',
});

/** Judges what a variant runs: SageMaker's serving contract, the image and the model. */
export function judgeVariant(
  user: IConstruct,
  { container, model }: core.EndpointVariant,
  at: string,
  faults: Faults,
): void {
  judgeContract(container, `${at}.container`, faults);
  judgeEnvironment(container, Boolean(model), `${at}.container`, faults);
  judgeImage(user, container.image, `${at}.container.image`, faults);
  judgeRegion(user, container.image, `${at}.container.image`, faults);
  if (isContainerImage(container.image)) {
    judgeText(container.image.tag, `${at}.container.image.tag`, faults);
  }
  for (const [name, secret] of Object.entries(container.secrets ?? {})) {
    comesBefore(secret, user, `${at}.container.secrets.${name}`, faults);
  }
  if (model) {
    judgeModel(user, model, container, at, faults);
  }
}

function judgeContract(container: core.ServingContainer, at: string, faults: Faults): void {
  for (const [prop, fixed] of Object.entries(FIXED)) {
    const given = container[prop as keyof typeof FIXED] ?? fixed;
    if (given !== fixed && !isToken(given)) {
      faults.add(
        'CMC-040',
        `${at}.${prop}`,
        `(${show(given)}) must be ${show(fixed)}, which SageMaker fixes: let the container answer there`,
      );
    }
  }
  for (const [prop, wayOut] of Object.entries(LACKING)) {
    if (container[prop as keyof typeof LACKING] !== undefined) {
      faults.add('CMC-040', `${at}.${prop}`, `is nothing that SageMaker endpoints have: ${wayOut}`);
    }
  }
  for (const [prop, [min, max, because]] of Object.entries(SECONDS)) {
    const given = container[prop as keyof typeof SECONDS] ?? min;
    if ((given < min || given > max) && !isToken(given)) {
      faults.add(
        'CMC-004',
        `${at}.${prop}`,
        `(${given}) must be a whole number from ${min} to ${max}: ${because}`,
      );
    }
  }
}

/** The limits of the API: 100 variables, 1024 bytes each name and value, 32 KiB together. */
function judgeEnvironment(
  container: core.ServingContainer,
  hasModel: boolean,
  at: string,
  faults: Faults,
): void {
  const { environment = {}, secrets = {} } = container;
  const ours = [
    ...Object.keys(environmentOf({ ...container, environment: {} }, hasModel)),
    ACCELERATOR_COUNT,
  ];
  for (const name of Object.keys(environment).filter((given) => ours.includes(given))) {
    faults.add('CMC-008', `${at}.environment.${name}`, 'is set by the platform: choose another name');
  }
  const all = Object.entries({ ...environment, ...Object.fromEntries(ours.map((name) => [name, ''])) });
  if (all.length > 100) {
    faults.add(
      'CMC-004',
      `${at}.environment`,
      `makes ${all.length} variables with those of the platform and ${Object.keys(secrets).length} secrets; SageMaker takes 100`,
    );
  }
  const long = all
    .flatMap(([name, value]) => (isToken(value) ? [name] : [name, value]))
    .filter((one) => Buffer.byteLength(one) > 1024);
  long.forEach((one) =>
    faults.add(
      'CMC-006',
      `${at}.environment`,
      `holds ${show(one)}, of more than the 1024 bytes that SageMaker takes: put it into the image or the model's files`,
    ),
  );
  const total = all.reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}${value}`), 0);
  if (total > 32 * 1024) {
    faults.add(
      'CMC-006',
      `${at}.environment`,
      `has ${total} bytes together; SageMaker takes 32768: put them into the image or the model's files`,
    );
  }
}

function judgeRegion(
  user: IConstruct,
  image: string | core.ContainerImage,
  prop: string,
  faults: Faults,
): void {
  const { region } = Stack.of(user);
  const [, of] =
    (typeof image === 'string' && /\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(image)) || [];
  if (of && of !== region && !isToken(region)) {
    faults.add(
      'CMC-060',
      prop,
      `(${show(image)}) is in ${of}; SageMaker pulls from the endpoint's own region (${region}) only: take the image of that region, or push a copy to a repository of a ModelRegistry`,
    );
  }
}

function judgeModel(
  user: IConstruct,
  { registry, model, version }: core.ModelVersion,
  container: core.ServingContainer,
  at: string,
  faults: Faults,
): void {
  comesBefore(registry, user, `${at}.model`, faults);
  judgeText(version, `${at}.model.version`, faults);
  const approval = (registry as IModelRegistry).approvalRequired(model);
  judgeVersion(version, `${at}.model.version`, faults, approval ? PACKAGE_VERSION : undefined);
  if (approval && !(isContainerImage(container.image) && container.image.registry === registry)) {
    faults.add(
      'CMC-060',
      `${at}.container.image`,
      `must be an image of the registry ${registry.node.path}: the model requires approval, so SageMaker runs the image that registry.publishCommand registered with the version`,
    );
  }
}

function judgeText(value: string | core.DeployParameter, prop: string, faults: Faults): void {
  if (core.DeployParameter.isDeployParameter(value) && (value as core.DeployParameter).isNumber) {
    faults.add('CMC-003', prop, 'must be made by DeployParameter.of()');
  }
}

/** Whether SageMaker checks the approval of what a variant runs. */
export const needsApproval = ({ model }: core.EndpointVariant): boolean =>
  model !== undefined && (model.registry as IModelRegistry).approvalRequired(model.model);

/** The environment of a container. */
function environmentOf(
  { environment, secrets }: core.ServingContainer,
  hasModel: boolean,
  machine?: Machine,
): Record<string, string> {
  return {
    ...environment,
    ...machineVariables(machine),
    ...(hasModel && { MODEL_DIR }),
    ...secretVariables(secrets),
  };
}

/** A container as SageMaker takes it, and what the execution role needs for it. */
export interface ResolvedContainer {
  readonly definition: sagemaker.CfnModel.ContainerDefinitionProperty;
  readonly permissions: Permission[];
}

/** The container of a judged variant, on the machine that the catalog knows. */
export function resolveContainer(
  user: IConstruct,
  variant: core.EndpointVariant,
  machine?: Machine,
): ResolvedContainer {
  const { container, model } = variant;
  const variables = environmentOf(container, Boolean(model), machine);
  const environment = Object.keys(variables).length ? variables : undefined;
  if (needsApproval(variant)) {
    const { packageArn, permissions } = resolveModel(user, model!);
    const { registry, name } = container.image as core.ContainerImage;
    return {
      definition: { modelPackageName: packageArn, environment },
      permissions: [
        ...permissions,
        ...pullPermissions([(registry as IModelRegistry).repository(name).repositoryArn]),
      ],
    };
  }
  const image = resolveImage(user, container.image);
  const files = model && resolveModel(user, model);
  return {
    definition: {
      image: image.uri,
      environment,
      modelDataSource: files && {
        s3DataSource: { s3Uri: files.uri, s3DataType: 'S3Prefix', compressionType: 'None' },
      },
    },
    permissions: [...image.permissions, ...(files?.permissions ?? [])],
  };
}
