import { DeployParameter } from '../deploy-parameter';

/** The value for commands that are printed: a parameter's default. */
export const defaultText = (value: string | DeployParameter): string =>
  DeployParameter.isDeployParameter(value) ? (value as DeployParameter).defaultValue : (value as string);
