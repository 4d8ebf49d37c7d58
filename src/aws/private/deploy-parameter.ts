import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { rootOf } from './judge';
import { DeployParameter } from '../../core';
import { judgeCall } from '../../core/private/faults';

/** The parameter of a construct's stack, made at its first use there. */
function parameterOf(construct: IConstruct, { name, defaultValue, isNumber }: DeployParameter): CfnParameter {
  const stack: Construct = rootOf(Stack.of(construct));
  const found = stack.node.tryFindChild(name) as CfnParameter | undefined;
  if (!found) {
    return new CfnParameter(stack, name, {
      type: isNumber ? 'Number' : 'String',
      default: defaultValue,
      description: 'Given at deployment by the platform',
      ...(isNumber ? {} : { allowedPattern: '[A-Za-z0-9][A-Za-z0-9._-]{0,127}' }),
    });
  }
  judgeCall(construct, (faults) => {
    if (!CfnParameter.isCfnElement(found) || String(found.default) !== defaultValue) {
      faults.add(
        'CMC-014',
        '',
        `uses the deploy parameter '${name}', whose name is taken in ${stack.node.path} with another default`,
      );
    }
  });
  return found;
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
