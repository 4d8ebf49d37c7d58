import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { ITerraformDependable, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { once } from './place';

const KEPT_OUT = Symbol.for('cloud-ml-constructs.google.apisEnabledElsewhere');

/** Lets a stack take its project's APIs as enabled. */
export function enableNoApis(stack: TerraformStack): void {
  Object.defineProperty(stack, KEPT_OUT, { value: true });
}

/**
 * Enables APIs that a construct needs in the project of its stack, once per stack; they stay enabled when the stack goes,
 * because others may use them. What is made with an API has this as its `dependsOn`.
 *
 * @param apis their short names: `aiplatform`, `run`
 */
export function apis(construct: IConstruct, ...names: string[]): ITerraformDependable[] {
  const stack = TerraformStack.of(construct);
  if (KEPT_OUT in stack) {
    return [];
  }
  return names.map((name) =>
    once(
      stack,
      `MlApi-${name}`,
      () =>
        new ProjectService(stack, `MlApi-${name}`, {
          service: `${name}.googleapis.com`,
          disableOnDestroy: false,
        }),
    ),
  );
}
