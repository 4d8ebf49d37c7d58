import { ContainerImage } from '../container';
import { DeployParameter } from '../deploy-parameter';
import { IModelRegistry, RegisteredModel } from '../model-registry';
import { findDeclared } from './declared';
import { judgeCall } from './faults';
import { text } from './schema';

const TAG = text({
  pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
  means: 'a tag: letters, digits, . _ and -, at most 128',
});

/** A model that a registry declared. */
export function modelOf(
  registry: IModelRegistry,
  declared: ReadonlyMap<string, unknown>,
  name: string,
): RegisteredModel {
  findDeclared(registry, declared, 'model', name);
  return new RegisteredModel(registry, name);
}

/** An image of a repository that a registry declared. */
export function imageOf(
  registry: IModelRegistry,
  declared: ReadonlyMap<string, unknown>,
  name: string,
  tag: string | DeployParameter,
): ContainerImage {
  findDeclared(registry, declared, 'image', name);
  judgeCall(registry, (faults) => {
    if (!DeployParameter.isDeployParameter(tag)) {
      TAG(tag, 'tag', faults);
    }
  });
  return new ContainerImage(registry, name, tag);
}
