import { aws_ecr as ecr, Stack } from 'aws-cdk-lib';

export interface Publication {
  /** Where the files go: `s3://…/`. */
  readonly files: string;
  readonly groupName: string;
  readonly version: string;
  readonly imageUri: string;
  readonly approved: boolean;
}

/** Uploads the files and registers the version, which SageMaker numbers. */
export function publish({ files, groupName, version, imageUri, approved }: Publication): string {
  const source = `ModelDataSource={S3DataSource={S3Uri=${files},S3DataType=S3Prefix,CompressionType=None}}`;
  const types = 'SupportedContentTypes=[application/json],SupportedResponseMIMETypes=[application/json]';
  return [
    `aws s3 sync "$MODEL_FILES" ${files}`,
    `aws sagemaker create-model-package --model-package-group-name ${groupName}` +
      ` --model-approval-status ${approved ? 'Approved' : 'PendingManualApproval'}` +
      ` --customer-metadata-properties version=${version}` +
      ` --inference-specification 'Containers=[{Image=${imageUri},${source}}],${types}'`,
  ].join(' && ');
}

export const approve = (packageArn: string): string =>
  `aws sagemaker update-model-package --model-package-arn ${packageArn} --model-approval-status Approved`;

export function push(repository: ecr.IRepository, tag: string): string {
  const { account, region } = repository.env;
  const registryHost = `${account}.dkr.ecr.${region}.${Stack.of(repository).urlSuffix}`;
  const uri = repository.repositoryUriForTag(tag);
  return [
    `aws ecr get-login-password | docker login --username AWS --password-stdin ${registryHost}`,
    // AWS Lambda refuses an index of several manifests, which provenance makes.
    `docker build --platform linux/amd64 --provenance=false --tag ${uri} .`,
    `docker push ${uri}`,
  ].join(' && ');
}
