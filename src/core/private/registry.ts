import { IConstruct } from 'constructs';
import { ContainerImage } from '../container';
import { DeployParameter } from '../deploy-parameter';
import { IModelRegistry, RegisteredModel } from '../model-registry';
import { findDeclared } from './declared';
import { defaultText } from './deploy-parameter';
import { Faults, judgeCall } from './faults';
import { Rule, text } from './schema';
import { isToken } from './tokens';

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
  judgeTag(registry, tag);
  return new ContainerImage(registry, name, tag);
}

const TAG = text({
  pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
  means: 'a tag: letters, digits, . _ and -, at most 128',
});

/** Refuses what is no tag of an image, since it becomes a part of commands; a parameter is judged by its default. */
export const judgeTag = (registry: IConstruct, tag: string | DeployParameter): void =>
  judgeCall(registry, (faults) => TAG(defaultText(tag), 'tag', faults));

/** Versions of models, which become parts of addresses and commands. */
export const versionRule = (maxLength = 128): Rule =>
  text({
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    maxLength,
    means: `letters, digits, '.', '_' and '-', at most ${maxLength}`,
  });

/** Judges the version that something serves; a parameter by its default. */
export function judgeVersion(
  version: string | DeployParameter,
  prop: string,
  faults: Faults,
  rule = versionRule(),
): void {
  const literal = defaultText(version);
  if (!isToken(literal)) {
    rule(literal, prop, faults);
  }
}
