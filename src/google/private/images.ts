import { IConstruct } from 'constructs';
import { Grantee } from './grants';
import { comesBefore } from './judge';
import { placeOf } from './place';
import { giveRepository, PULL } from './repositories';
import { giveBucket, READ } from './storage';
import * as core from '../../core';
import { imageJudge } from '../../core/private/images';
import { isContainerImage } from '../../core/private/rules/values';
import { textValue } from '../../terraform/deploy-parameter';
import { text } from '../../terraform/text';
import { IModelRegistry } from '../model-registry';

/** Artifact Registry, and what Container Registry left behind; Google's own containers are among them. */
const ARTIFACT_REGISTRY =
  /^(?:([a-z0-9-]+)-docker\.pkg\.dev\/([a-z0-9.:-]+)\/([a-z0-9-]+)|(?:[a-z]+\.)?gcr\.io\/[a-z0-9.:-]+)\/[^@:\s]+(:[\w.-]+|@sha256:[0-9a-f]{64})?$/;

/** An image as a construct uses it. */
export interface ResolvedImage {
  readonly uri: string;
  /** The declared image; none for an address. */
  readonly declared?: core.ContainerImage;
  /** Lets someone pull it: a no-op where its repository is not known, which the user grants then. */
  readonly grantPull: (to: Grantee) => void;
}

/** Judges an image: what Vertex AI and Cloud Run pull without a password is in Artifact Registry. */
export const judgeImage = imageJudge({ address: ARTIFACT_REGISTRY, title: 'Artifact Registry' }, comesBefore);

/** The address of a judged image and what pulling it takes. */
export function resolveImage(user: IConstruct, image: string | core.ContainerImage): ResolvedImage {
  if (isContainerImage(image)) {
    const registry = image.registry as IModelRegistry;
    return {
      uri: registry.imageUri(image.name, textValue(user, image.tag)),
      declared: image,
      grantPull: (to) => giveRepository(to, registry, registry.repositoryId(image.name), image.name, PULL),
    };
  }
  return { uri: text(image), grantPull: () => undefined };
}

/** A model version as a construct uses it. */
export interface ResolvedModel {
  readonly bucketName: string;
  /** Where the version's files are in the bucket, ending in `/`. */
  readonly prefix: string;
  /** Where the version's files are: `gs://…/`. */
  readonly uri: string;
  readonly version: string;
  /** Whether the version must be approved first: Google Cloud does not check it, commands do. */
  readonly approvalRequired: boolean;
  /** Lets someone read the files of the model. */
  readonly grantRead: (to: Grantee) => void;
}

/** Where the files of a version are. */
export function resolveModel(
  user: IConstruct,
  { registry, model, version }: core.ModelVersion,
): ResolvedModel {
  const native = registry as IModelRegistry;
  const number = textValue(user, version);
  const files = `models/${model}/`;
  const { artifactBucketName: bucketName } = native;
  return {
    bucketName,
    prefix: `${files}${number}/`,
    uri: `gs://${bucketName}/${files}${number}/`,
    version: number,
    approvalRequired: native.approvalRequired(model),
    grantRead: (to) => giveBucket(to, registry, bucketName, READ, files),
  };
}

/** The region and project that an address names, for the services that pull only from near; undefined for gcr.io. */
export const placeOfImage = (image: string): { region: string; project: string } | undefined => {
  const [, region, project] = ARTIFACT_REGISTRY.exec(image) ?? [];
  return region ? { region, project } : undefined;
};

/** Where images of a stack's own registry are. */
export const registryHost = (construct: IConstruct): string => `${placeOf(construct).region}-docker.pkg.dev`;
