import { Stack, StackProps, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { CLOUD } from './private/judge';
import { brand } from '../core/private/brand';
import { judge } from '../core/private/faults';
import { platformStackRules } from '../core/private/rules';
import { judgeProps, struct } from '../core/private/schema';

/** Props of a stack of a machine-learning platform on AWS. */
export interface PlatformStackProps extends StackProps, core.PlatformStackCommonProps {}

/**
 * A CloudFormation stack with what a platform wants everywhere: a security profile and the regions it may be in.
 * Every construct works in a plain `cdk.Stack` too.
 */
export class PlatformStack extends Stack {
  constructor(scope?: Construct, id?: string, props: PlatformStackProps = {}) {
    super(scope, id, { ...props, stackName: stackNameOf(scope, id, props) });
    brand(this, CLOUD, 'PlatformStack');
    const { securityProfile, allowedRegions, namePrefix } = props;
    judge(this, (faults) => {
      judgeProps(faults, struct(platformStackRules), { securityProfile, allowedRegions, namePrefix });
      if (allowedRegions && Token.isUnresolved(this.region)) {
        faults.add('CMC-009', 'allowedRegions', "needs the stack's own region: give env.region");
      } else if (allowedRegions && !allowedRegions.includes(this.region)) {
        faults.add(
          'CMC-050',
          'env.region',
          `('${this.region}') must be one of allowedRegions: ${allowedRegions.join(', ')}`,
        );
      }
    });
    securityProfile?.applyTo(this);
  }
}

/** CloudFormation names what is in a stack after it, and so do the names that are made here. */
function stackNameOf(scope: Construct | undefined, id: string | undefined, props: PlatformStackProps) {
  const { namePrefix, stackName = [scope?.node.path, id].filter(Boolean).join('-') } = props;
  return namePrefix === undefined
    ? props.stackName
    : `${namePrefix}-${stackName}`.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 128);
}
