import { aws_ecr as ecr, aws_events as events, aws_iam as iam, aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../../../core';
import { toldOf } from '../../../core/private/alarms';
import { report } from '../../../core/private/report';
import { PULL, PUSH } from '../images';
import { tell, toldTopics } from '../notifications';
import { Permission } from '../platform-role';
import { arn, readPermissions, writePermissions } from '../storage';

/** The accounts that a registry is shared with. */
export interface Sharing {
  readonly readers?: string[];
  readonly publishers?: string[];
}

const principals = (accounts: string[]) => accounts.map((account) => new iam.AccountPrincipal(account));

/** Lets other accounts pull and push images. */
export function shareImages(repository: ecr.Repository, { readers = [], publishers = [] }: Sharing): void {
  const share = (sid: string, accounts: string[], actions: string[]) => {
    if (accounts.length) {
      repository.addToResourcePolicy(
        new iam.PolicyStatement({ sid, principals: principals(accounts), actions }),
      );
    }
  };
  share('Readers', readers, PULL);
  share('Publishers', publishers, [...PULL, ...PUSH]);
}

/** The policy that lets other accounts read and publish the versions of a model; none where there are no others. */
export function groupPolicy(
  registry: Construct,
  group: string,
  { readers = [], publishers = [] }: Sharing,
): iam.PolicyDocument | undefined {
  const all = [...readers, ...publishers];
  if (all.length === 0) {
    return undefined;
  }
  const packages = arn(registry, 'sagemaker', 'model-package', `${group}/*`);
  const statement = (sid: string, accounts: string[], actions: string[], resource: string) =>
    new iam.PolicyStatement({ sid, principals: principals(accounts), actions, resources: [resource] });
  return new iam.PolicyDocument({
    statements: [
      statement(
        'Group',
        all,
        ['sagemaker:DescribeModelPackageGroup'],
        arn(registry, 'sagemaker', 'model-package-group', group),
      ),
      statement(
        'Read',
        all,
        ['sagemaker:DescribeModelPackage', 'sagemaker:ListModelPackages', 'sagemaker:CreateModel'],
        packages,
      ),
      ...(publishers.length
        ? [
            statement(
              'Publish',
              publishers,
              ['sagemaker:CreateModelPackage', 'sagemaker:UpdateModelPackage'],
              packages,
            ),
          ]
        : []),
    ],
  });
}

/** Other accounts need the bucket and the key too, or deployments there fail late. */
export function shareFiles(
  registry: Construct,
  bucket: s3.Bucket,
  { readers = [], publishers = [] }: Sharing,
): void {
  const read = readPermissions(bucket, 'models/');
  const share = (name: string, accounts: string[], permissions: Permission[]) =>
    permissions.forEach(({ actions, resources, conditions }, i) => {
      const ofKey = actions[0].startsWith('kms:');
      const statement = new iam.PolicyStatement({
        sid: `${name}${i}${registry.node.addr.slice(-8)}`,
        principals: principals(accounts),
        actions,
        resources: ofKey ? ['*'] : resources,
        conditions: conditions as never,
      });
      (ofKey ? bucket.encryptionKey! : bucket).addToResourcePolicy(statement);
    });
  if (readers.length) {
    share('Readers', readers, read);
  }
  if (publishers.length) {
    share('Publishers', publishers, [...read, ...writePermissions(bucket, 'models/')]);
  }
}

/** Tells changes of the approval of versions. */
export function notifyOfApprovals(
  registry: Construct,
  groups: string[],
  props: core.ModelRegistryProps,
): void {
  const { topics } = toldTopics(registry, 'Approvals', props, props.encryptionKey);
  new events.Rule(registry, 'ApprovalRule', {
    description: 'Changes of the approval of model versions',
    eventPattern: {
      source: ['aws.sagemaker'],
      detailType: ['SageMaker Model Package State Change'],
      detail: {
        ModelPackageGroupName: groups,
        ModelApprovalStatus: ['PendingManualApproval', 'Approved', 'Rejected'],
      },
    },
    targets: tell(topics, approvalMessage()),
  });
  report(
    registry,
    'note',
    'Approvals',
    `Changes are told to ${toldOf(props)}; each address once it has confirmed.`,
  );
}

function approvalMessage(): string {
  const field = (name: string) => events.EventField.fromPath(`$.detail.${name}`);
  return `Version ${field('ModelPackageVersion')} of ${field('ModelPackageGroupName')} is now ${field('ModelApprovalStatus')}.`;
}
