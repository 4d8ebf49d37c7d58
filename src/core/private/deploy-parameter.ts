import { IConstruct } from 'constructs';
import { DeployParameter } from '../deploy-parameter';
import { judgeCall } from './faults';

/** What every engine says of a parameter: what it is for, and the form of texts. */
export const GIVEN = {
  description: 'Given at deployment by the platform',
  form: '[A-Za-z0-9][A-Za-z0-9._-]{0,127}',
};

/** What gives a parameter in a stack, made at its first use there. Its name may not be taken with another default. */
export function givenIn<Given extends IConstruct>(
  stack: IConstruct,
  user: IConstruct,
  { name }: DeployParameter,
  isSame: (found: Given) => boolean,
  make: () => Given,
): Given {
  const found = stack.node.tryFindChild(name) as Given | undefined;
  if (!found) {
    return make();
  }
  judgeCall(user, (faults) => {
    if (!isSame(found)) {
      faults.add(
        'CMC-014',
        '',
        `uses the deploy parameter '${name}', whose name is taken in ${stack.node.path} with another default`,
      );
    }
  });
  return found;
}

/** The value for commands that are printed: a parameter's default. */
export const defaultText = (value: string | DeployParameter): string =>
  DeployParameter.isDeployParameter(value) ? (value as DeployParameter).defaultValue : (value as string);
