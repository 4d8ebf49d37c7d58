import { Stack, StackProps, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { tellDeployPolicy } from './private/deploy-permissions/policies';
import { CLOUD } from './private/judge';
import { RegionGuard } from './private/region-guard';
import { reportStack } from './private/report';
import { keepInside } from './private/residency';
import { brand } from '../core/private/brand';
import { Faults, judge, judgeCall, judgeValue } from '../core/private/faults';
import { judgeRegions } from '../core/private/residency';
import { platformStackRules, residencyRules, stackReportRules } from '../core/private/rules/stack';
import { judgeProps, literal, struct, text } from '../core/private/schema';

/** What is done with a stack of your own. */
export interface AdoptProps extends core.ResidencyProps, core.StackReportProps {}

/** Props of a stack of a machine-learning platform on AWS. */
export interface PlatformStackProps extends StackProps, core.PlatformStackCommonProps {}

/**
 * A CloudFormation stack with what a platform wants everywhere: a security profile, the regions it may be in, a report next
 * to its template. Every construct works in a plain `cdk.Stack` too.
 */
export class PlatformStack extends Stack {
  /**
   * Keeps a stack of your own in the allowed regions, with all that is below it, and writes a report next to its template.
   *
   * @param stack your stack
   * @param props the regions, and whether there is a report
   */
  public static adopt(stack: Stack, props: AdoptProps = {}): void {
    judgeCall(stack, (faults) => {
      judgeProps(faults, struct({ ...residencyRules, ...stackReportRules }), props);
      judgeRegionOf(stack, props, faults);
    });
    settle(stack, props);
  }

  constructor(scope?: Construct, id?: string, props: PlatformStackProps = {}) {
    super(scope, id, { ...props, stackName: stackNameOf(scope, id, props) });
    brand(this, CLOUD, 'PlatformStack');
    judge(this, (faults) => judgeRegionOf(this, props, faults));
    props.securityProfile?.applyTo(this);
    settle(this, props);
    tellDeployPolicy(this);
  }
}

const judgeRegionOf = (stack: Stack, props: core.ResidencyProps, faults: Faults): void =>
  judgeRegions(props, 'env.region', Token.isUnresolved(stack.region) ? undefined : stack.region, faults);

function settle(stack: Stack, { allowedRegions, regionGuard, report = true }: AdoptProps): void {
  if (report) {
    reportStack(stack);
  }
  if (allowedRegions) {
    keepInside(stack, allowedRegions);
  }
  if (allowedRegions && regionGuard) {
    new RegionGuard(stack, allowedRegions);
  }
}

const NAME = text({
  pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
  means: "the name of a stack: letters, digits and '-', at most 128 characters, first a letter",
});

/**
 * CloudFormation names what is in a stack after it, and so do the names that are made here. Judged before the stack is
 * made: aws-cdk-lib has errors of its own.
 */
function stackNameOf(scope: Construct | undefined, id: string | undefined, props: PlatformStackProps) {
  const { namePrefix, stackName, securityProfile, allowedRegions, regionGuard, report } = props;
  const path = [scope?.node.path, id].filter(Boolean);
  judgeValue(path.join('/'), (faults) => {
    const named =
      namePrefix === undefined ? { stackName, id: (stackName ?? scope?.node.path) ? undefined : id } : {};
    const own = { securityProfile, allowedRegions, regionGuard, namePrefix, report, ...named };
    judgeProps(faults, struct({ ...platformStackRules, stackName: NAME, id: literal(NAME) }), own);
  });
  return namePrefix === undefined
    ? stackName
    : `${namePrefix}-${stackName ?? path.join('-')}`.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 128);
}
