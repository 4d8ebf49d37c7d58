import { TerraformStack, TerraformVariable } from 'cdktf';
import { IConstruct } from 'constructs';
import { DeployParameter } from '../core';
import { judgeCall } from '../core/private/faults';

/** The variable of a construct's stack, made at its first use there. */
function variableOf(
  construct: IConstruct,
  { name, defaultValue, isNumber }: DeployParameter,
): TerraformVariable {
  const stack = TerraformStack.of(construct);
  const value = isNumber ? Number(defaultValue) : defaultValue;
  const found = stack.node.tryFindChild(name) as TerraformVariable | undefined;
  if (!found) {
    return new TerraformVariable(stack, name, {
      type: isNumber ? 'number' : 'string',
      default: value,
      nullable: false,
      description: 'Given at deployment by the platform',
      validation: isNumber
        ? undefined
        : [
            {
              condition: `\${can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", var.${name}))}`,
              errorMessage:
                'Letters, digits, dots, underscores and hyphens, at most 128, first a letter or digit.',
            },
          ],
    });
  }
  judgeCall(construct, (faults) => {
    if (found.default !== value) {
      faults.add(
        'CMC-014',
        '',
        `uses the deploy parameter '${name}', whose name is taken in ${stack.node.path} with another default`,
      );
    }
  });
  return found;
}

/** A text, or the reference to the variable that gives it. */
export const textValue = (construct: IConstruct, value: string | DeployParameter): string =>
  DeployParameter.isDeployParameter(value)
    ? variableOf(construct, value as DeployParameter).stringValue
    : (value as string);

/** A number, or the reference to the variable that gives it. */
export const numberValue = (construct: IConstruct, value: number | DeployParameter): number =>
  DeployParameter.isDeployParameter(value)
    ? variableOf(construct, value as DeployParameter).numberValue
    : (value as number);
