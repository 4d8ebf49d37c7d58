import { IConstruct } from 'constructs';
import { Faults } from '../../core/private/faults';
import { terraformRules } from '../../terraform/judge';
import { IWorkload } from '../workload';
import { placeOf } from './place';

/** The cloud's name in brands and messages. */
export const CLOUD = 'azure';

const rules = terraformRules<IWorkload>(CLOUD);

export const { grantee, comesBefore, usesAll, after } = rules;

/** As every cloud's, and the stack must say where on Azure it is. */
export function judgeConstruct<T>(construct: IConstruct, kind: string, find: (faults: Faults) => T): T {
  return rules.judgeConstruct(construct, kind, (faults) => {
    if (!placeOf(construct)) {
      faults.add(
        'CMC-011',
        '',
        `is azure.${kind} in a stack that says neither its location nor its resource group: use azure.PlatformStack, or call azure.PlatformStack.adopt(stack, { subscriptionId, location, resourceGroupName })`,
      );
      return undefined as T;
    }
    return find(faults);
  });
}
