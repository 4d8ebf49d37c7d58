import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { brandOf } from '../../../core/private/brand';
import { ACCELERATOR_COUNT } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { judgeVersion } from '../../../core/private/registry';
import { integer } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import type { IModelRegistry } from '../../model-registry';
import { IWorkload } from '../../workload';
import { ofWorkload } from '../grants';
import { judgeImage, resolveModel, ResolvedModel } from '../images';
import { CLOUD, usesAll } from '../judge';
import { giveBucket, READ } from '../storage';

/** Seconds with every default decided. */
export interface ContainerTimes {
  readonly requestTimeoutSeconds: number;
  readonly startupTimeoutSeconds: number;
}

export interface ContainerQuestion {
  readonly container: core.ServingContainer;
  readonly model?: core.ModelVersion;
  readonly gpu: boolean;
  /** What stands before `container` and `model`. */
  readonly at: string;
  /** What can do what Cloud Run cannot. */
  readonly elsewhere: string;
}

/** Seconds that an instance may take to become ready. */
const STARTUP = { cpu: 240, gpu: 1800 };

/** What Cloud Run and the platform set themselves. */
const RESERVED = [
  'PORT',
  'K_SERVICE',
  'K_REVISION',
  'K_CONFIGURATION',
  'MODEL_URI',
  'MODEL_DIR',
  ACCELERATOR_COUNT,
];

/** Judges what an instance runs, puts in order what that uses, and decides its times. */
export function judgeContainer(
  user: IConstruct,
  question: ContainerQuestion,
  faults: Faults,
): ContainerTimes {
  const { container, model, at } = question;
  const times = judgeTimes(question, faults);
  judgeVariables(question, faults);
  judgeImage(user, container.image, `${at}container.image`, faults);
  const secrets = Object.entries(container.secrets ?? {}).map(([name, secret]) => [
    `${at}container.secrets.${name}`,
    secret,
  ]);
  usesAll(user, { [`${at}model`]: model?.registry, ...Object.fromEntries(secrets) }, faults);
  judgeModel(question, faults);
  return times;
}

function judgeTimes({ container, gpu, at, elsewhere }: ContainerQuestion, faults: Faults): ContainerTimes {
  const { requestTimeoutSeconds = 60, startupTimeoutSeconds } = container;
  const longest = gpu ? STARTUP.gpu : STARTUP.cpu;
  const startup = startupTimeoutSeconds ?? Math.min(600, longest);
  const limits = [
    ['requestTimeoutSeconds', requestTimeoutSeconds, 3600, 'Cloud Run ends longer requests'],
    [
      'startupTimeoutSeconds',
      startup,
      longest,
      `Cloud Run waits no longer${gpu ? '' : ` for instances without an accelerator: ${elsewhere} does`}`,
    ],
  ] as const;
  for (const [prop, given, max, because] of limits) {
    if (!isToken(given)) {
      integer({ min: 1, max, because })(given, `${at}container.${prop}`, faults);
    }
  }
  return { requestTimeoutSeconds, startupTimeoutSeconds: startup };
}

function judgeVariables({ container, at, elsewhere }: ContainerQuestion, faults: Faults): void {
  const { environment = {}, secrets = {}, sharedMemoryMiB } = container;
  if (sharedMemoryMiB !== undefined) {
    faults.add(
      'CMC-040',
      `${at}container.sharedMemoryMiB`,
      `cannot be set on Cloud Run: take ${elsewhere}, or keep shared files in /tmp, which is memory`,
    );
  }
  for (const [prop, names] of Object.entries({ environment, secrets })) {
    for (const name of Object.keys(names).filter(
      (one) => RESERVED.includes(one) || one.startsWith('X_GOOGLE_'),
    )) {
      faults.add('CMC-008', `${at}container.${prop}.${name}`, 'is set by the platform: choose another name');
    }
  }
  for (const name of Object.keys(secrets).filter((one) => one in environment)) {
    faults.add(
      'CMC-007',
      `${at}container.secrets.${name}`,
      'is a variable of environment too: rename one of them',
    );
  }
}

/** Nothing checks approval when an instance mounts a model. */
function judgeModel({ model, at, elsewhere }: ContainerQuestion, faults: Faults): void {
  if (brandOf(model?.registry)?.cloud !== CLOUD) {
    return;
  }
  judgeVersion(model!.version, `${at}model.version`, faults);
  if ((model!.registry as IModelRegistry).approvalRequired(model!.model)) {
    faults.add(
      'CMC-040',
      `${at}model`,
      `('${model!.model}') must be approved, which nothing checks when an instance of Cloud Run mounts it: take ${elsewhere}, or register the model without approvalRequired`,
    );
  }
}

/** Where the files of a version are, which the workload may read from now on. */
export function mountedModel(user: IWorkload, version: core.ModelVersion): ResolvedModel {
  const model = resolveModel(user, version);
  // What mounts a bucket looks at every folder on its way to the files.
  giveBucket(ofWorkload(user), version.registry, model.bucketName, READ);
  return model;
}
