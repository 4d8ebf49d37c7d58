import { aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import * as core from '../../core';
import { imageJudge } from '../../core/private/images';
import { isContainerImage } from '../../core/private/rules/values';
import { IModelRegistry } from '../model-registry';
import { textValue } from './deploy-parameter';
import { comesBefore } from './judge';
import { Permission } from './platform-role';
import { arn, readPermissions } from './storage';

/** Repositories of Amazon ECR, private; AWS's own deep-learning containers are among them. */
const ECR =
  /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9][a-z0-9._/-]*?)(?::([\w.-]+)|@sha256:[0-9a-f]{64})?$/;

export const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
export const PUSH = [
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** What pulling from repositories takes. */
export const pullPermissions = (repositoryArns: string[]): Permission[] => [
  { actions: PULL, resources: repositoryArns },
  { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], wildcard: 'The action takes no resource.' },
];

/** An image as a construct uses it. */
export interface ResolvedImage {
  readonly uri: string;
  readonly permissions: Permission[];
  /** The declared image; none for an address. */
  readonly declared?: core.ContainerImage;
}

/** Judges an image: what SageMaker, AWS Batch and AWS Lambda pull without a password is in Amazon ECR. */
export const judgeImage = imageJudge({ address: ECR, title: 'Amazon ECR' }, comesBefore);

/** The address of a judged image and what pulling it takes. */
export function resolveImage(user: IConstruct, image: string | core.ContainerImage): ResolvedImage {
  if (isContainerImage(image)) {
    const repository = (image.registry as IModelRegistry).repository(image.name);
    return {
      uri: repository.repositoryUriForTag(textValue(user, image.tag)),
      permissions: pullPermissions([repository.repositoryArn]),
      declared: image,
    };
  }
  const [, account, region, name] = ECR.exec(image) ?? [];
  return {
    uri: image,
    // An address that only deployment knows names no repository: the user grants the pull.
    permissions: account
      ? pullPermissions([
          Stack.of(user).formatArn({
            service: 'ecr',
            region,
            account,
            resource: 'repository',
            resourceName: name,
          }),
        ])
      : [],
  };
}

/** A model version as a construct uses it. */
export interface ResolvedModel {
  readonly bucket: s3.IBucket;
  /** Where the version's files are: `s3://…/`. */
  readonly uri: string;
  /** The model package that must be approved; none where approval is not required. */
  readonly packageArn?: string;
  readonly permissions: Permission[];
}

/** Where the files of a version are. */
export function resolveModel(
  user: IConstruct,
  { registry, model, version }: core.ModelVersion,
): ResolvedModel {
  const native = registry as IModelRegistry;
  const bucket = native.artifactBucket;
  const number = textValue(user, version);
  const prefix = `models/${model}/`;
  return {
    bucket,
    uri: `s3://${bucket.bucketName}/${prefix}${number}/`,
    packageArn: native.approvalRequired(model)
      ? arn(registry, 'sagemaker', 'model-package', `${native.modelPackageGroupName(model)}/${number}`)
      : undefined,
    permissions: readPermissions(bucket, prefix),
  };
}
