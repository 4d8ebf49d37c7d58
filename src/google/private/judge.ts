import { TerraformProvider, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { Faults } from '../../core/private/faults';
import { providerIn } from '../../terraform/generic';
import { terraformRules } from '../../terraform/judge';
import { IWorkload } from '../workload';

/** The cloud's name in brands and messages. */
export const CLOUD = 'google';

const rules = terraformRules<IWorkload>(CLOUD);

export const { grantee, comesBefore, usesAll, after } = rules;

/** The provider that the resources of a stack have when they name none. */
export const providerOf = (stack: TerraformStack): TerraformProvider | undefined =>
  providerIn(stack, 'google');

/**
 * Judges the props of a construct before its first child is made, and marks it as one of this cloud. `find` collects
 * every fault and returns what the props mean.
 */
export function judgeConstruct<T>(construct: IConstruct, kind: string, find: (faults: Faults) => T): T {
  return rules.judgeConstruct(construct, kind, (faults) => {
    if (!providerOf(TerraformStack.of(construct))) {
      faults.add(
        'CMC-009',
        '',
        'needs the Google provider of its stack: put it into a google.PlatformStack, or make new GoogleProvider(stack, …) before it',
      );
    }
    return find(faults);
  });
}
