import { CfnResource, aws_iam as iam, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isRegion } from './residency';
import { report } from '../../core/private/report';

/** The id of a stack's guard is part of the API: it decides the policy's logical id. */
const REGION_GUARD = 'MlRegionGuard';

/** What AWS answers from one place for the whole world, and what keeps no data of a platform. */
const WITHOUT_REGION = [
  'iam:*',
  'organizations:*',
  'route53:*',
  's3:GetBucketLocation',
  's3:ListAllMyBuckets',
  'sts:*',
  'support:*',
];

/**
 * The policy that denies the roles of a stack whatever is not asked of the allowed regions. A template is deployed to its
 * own region alone; what runs as its roles could call any other.
 */
export class RegionGuard extends Construct {
  constructor(stack: Stack, allowedRegions: readonly string[]) {
    super(stack, REGION_GUARD);
    const denied = {
      Sid: 'OutsideOfAllowedRegions',
      Effect: 'Deny',
      NotAction: WITHOUT_REGION,
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:RequestedRegion': allowedRegions.filter(isRegion) } },
    };
    const document = { Version: '2012-10-17', Statement: [denied] };
    this.node.defaultChild = new iam.CfnManagedPolicy(this, 'Policy', {
      description: 'Denies calls to regions that are not allowed',
      policyDocument: document,
      roles: Lazy.list({ produce: () => rolesOf(stack) }, { omitEmpty: true }),
    });
    report(
      this,
      'note',
      'Guard of regions',
      'Holds for the roles that the stack makes, not for those it was given, and takes one of the ten managed policies that a role may have. A whole account is guarded by a service control policy, which only the organization can attach.',
    );
    report(
      this,
      'command',
      'Guard a whole account, as the organization',
      `aws organizations create-policy --type SERVICE_CONTROL_POLICY --name allowed-regions --description 'Denies calls to regions that are not allowed' --content '${JSON.stringify(document)}'`,
    );
  }
}

/** Every role below a stack, by its name. */
const rolesOf = (stack: Stack): string[] =>
  stack.node
    .findAll()
    .filter(
      (one): one is CfnResource => CfnResource.isCfnResource(one) && one.cfnResourceType === 'AWS::IAM::Role',
    )
    .map(({ ref }) => ref);
