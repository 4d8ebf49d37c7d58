import { TerraformStack, TerraformVariable } from 'cdktf';
import { IConstruct } from 'constructs';
import { DeployParameter } from '../core';
import { GIVEN, givenIn } from '../core/private/deploy-parameter';

/** The variable of a construct's stack. */
function variableOf(construct: IConstruct, parameter: DeployParameter): TerraformVariable {
  const { name, defaultValue, isNumber } = parameter;
  const stack = TerraformStack.of(construct);
  const value = isNumber ? Number(defaultValue) : defaultValue;
  return givenIn<TerraformVariable>(
    stack,
    construct,
    parameter,
    (found) => found.default === value,
    () =>
      new TerraformVariable(stack, name, {
        type: isNumber ? 'number' : 'string',
        default: value,
        nullable: false,
        description: GIVEN.description,
        validation: isNumber
          ? undefined
          : [
              {
                condition: `\${can(regex("^${GIVEN.form}$", var.${name}))}`,
                errorMessage:
                  'Letters, digits, dots, underscores and hyphens, at most 128, first a letter or digit.',
              },
            ],
      }),
  );
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
