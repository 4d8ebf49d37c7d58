import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { rootOf } from './judge';
import { DeployParameter } from '../../core';
import { GIVEN, givenIn } from '../../core/private/deploy-parameter';

/** The parameter of a construct's stack. */
function parameterOf(construct: IConstruct, parameter: DeployParameter): CfnParameter {
  const { name, defaultValue, isNumber } = parameter;
  const stack: Construct = rootOf(Stack.of(construct));
  return givenIn<CfnParameter>(
    stack,
    construct,
    parameter,
    (found) => CfnParameter.isCfnElement(found) && String(found.default) === defaultValue,
    () =>
      new CfnParameter(stack, name, {
        type: isNumber ? 'Number' : 'String',
        default: defaultValue,
        description: GIVEN.description,
        ...(isNumber ? {} : { allowedPattern: GIVEN.form }),
      }),
  );
}

/** A text, or the reference to the parameter that gives it. */
export const textValue = (construct: IConstruct, value: string | DeployParameter): string =>
  DeployParameter.isDeployParameter(value)
    ? parameterOf(construct, value as DeployParameter).valueAsString
    : (value as string);

/** A number, or the reference to the parameter that gives it. */
export const numberValue = (construct: IConstruct, value: number | DeployParameter): number =>
  DeployParameter.isDeployParameter(value)
    ? parameterOf(construct, value as DeployParameter).valueAsNumber
    : (value as number);
