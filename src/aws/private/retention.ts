import { aws_s3 as s3, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DataRetention } from '../../core';
import { report } from '../../core/private/report';

/**
 * What becomes of data, as CloudFormation says it. What a deployment made that then failed is empty: it goes when that is
 * rolled back, else its name would be taken at the next try.
 */
export const removalPolicy = (retention?: DataRetention): RemovalPolicy =>
  retention === DataRetention.DESTROY ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** What CloudFormation refuses to delete while there is something in it. */
export interface Holding {
  readonly retention?: DataRetention;
  readonly buckets: s3.IBucket[];
  /** Whether objects of the buckets are protected, though not from who may bypass it. */
  readonly governed?: boolean;
  readonly modelPackageGroups?: string[];
}

/** The shell command that empties what a construct holds and may lose, reported; none where data is retained. */
export function emptyCommand(construct: IConstruct, holding: Holding): string | undefined {
  if (holding.retention !== DataRetention.DESTROY) {
    return undefined;
  }
  const { buckets, governed = false, modelPackageGroups = [] } = holding;
  const names = buckets.map(({ bucketName }) => bucketName);
  const command = `(${[emptyBuckets(names, governed), ...modelPackageGroups.map(emptyGroup)].join('; ')})`;
  report(construct, 'command', 'Empty before the stack is destroyed', command);
  return command;
}

/** Every version of every object, a page after the other; ends with an error at the first refusal. */
const emptyBuckets = (names: string[], governed: boolean): string =>
  [
    `for BUCKET in ${names.join(' ')}; do while :;`,
    `do OBJECTS="$(aws s3api list-object-versions --bucket "$BUCKET" --max-items 1000 --output json`,
    `--query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}')" || exit 1;`,
    `printf %s "$OBJECTS" | grep -q VersionId || break;`,
    `REFUSED="$(printf %s "$OBJECTS" | aws s3api delete-objects --bucket "$BUCKET" --delete file:///dev/stdin`,
    `${governed ? '--bypass-governance-retention ' : ''}--query Errors --output text)" || exit 1;`,
    `[ "$REFUSED" = None ] || { echo "$REFUSED" >&2; exit 1; }; done; done`,
  ].join(' ');

const emptyGroup = (name: string): string =>
  [
    `PACKAGES="$(aws sagemaker list-model-packages --model-package-group-name ${name}`,
    `--query 'ModelPackageSummaryList[].ModelPackageArn' --output text)" || exit 1;`,
    `for PACKAGE in $(echo "$PACKAGES"); do aws sagemaker delete-model-package --model-package-name "$PACKAGE" || exit 1; done`,
  ].join(' ');
