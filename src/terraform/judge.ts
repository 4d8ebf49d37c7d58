import { ITerraformDependable, TerraformElement, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { IWorkload } from '../core';
import { EngineRules, engineRules } from '../core/private/engine';
import { judgeCall } from '../core/private/faults';

/** The rules of a Terraform cloud. */
export interface TerraformRules<Workload> extends EngineRules<Workload> {
  /**
   * What a resource of `user` must wait for, as its `dependsOn`: the resources of its own stack. Those of another stack
   * cannot stand in `depends_on`; there the order of the stacks is put right instead.
   */
  readonly after: (user: IConstruct, ...resources: TerraformElement[]) => ITerraformDependable[];
}

/** The rules of a Terraform cloud: its `private/judge.ts` names them once. */
export function terraformRules<Workload extends IWorkload>(cloud: string): TerraformRules<Workload> {
  const rules = engineRules<TerraformStack, Workload>({
    cloud,
    stack: { sdk: 'cdktf', name: 'TerraformStack' },
    isStack: (scope) => TerraformStack.isStack(scope),
    stackOf: (construct) => TerraformStack.of(construct),
    boundary: 'app',
    apart: (from, to) => from.node.root !== to.node.root,
    dependenciesOf: (stack) => stack.dependencies,
    addDependency: (from, to) => from.addDependency(to),
  });
  return {
    ...rules,
    after: (user, ...resources) =>
      judgeCall(user, (faults) => {
        resources.forEach((resource) => rules.comesBefore(resource, user, resource.node.path, faults));
        return resources.filter((resource) => resource.cdktfStack === TerraformStack.of(user));
      }),
  };
}
