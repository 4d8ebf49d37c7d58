import { DataRetention } from '../../common';
import type { ContainerImage } from '../../container';
import { DeployParameter } from '../../deploy-parameter';
import { construct, isMarked } from '../brand';
import { Rule, either, integer, list, literal, oneOf, record, text, valueOf } from '../schema';

/** A value class of the library. */
export const instance = (name: string, ways: string): Rule =>
  valueOf((value) => isMarked(value, name), `made by ${ways}`);

export const isText = (value: unknown) => typeof value === 'string';

export const isContainerImage = (value: unknown): value is ContainerImage =>
  isMarked(value, 'ContainerImage');

export const aRegistry = (cloud: string) =>
  construct(
    cloud,
    'ModelRegistry',
    `take new ${cloud}.ModelRegistry(…), or import one with ${cloud}.ModelRegistry.from…`,
  );

/** A value that a registry of this cloud gave. */
const ofRegistry =
  (cloud: string, rule: Rule, isOne: (value: unknown) => boolean): Rule =>
  (value, prop, faults) => {
    rule(value, prop, faults);
    if (isOne(value)) {
      aRegistry(cloud)((value as { registry: unknown }).registry, `${prop}.registry`, faults);
    }
  };

const imageOrAddress = either(
  isText,
  text(),
  valueOf(isContainerImage, "the address of an image, or registry.image('name', 'tag')"),
);

export const anImage = (cloud: string) => ofRegistry(cloud, imageOrAddress, isContainerImage);

export const aModelVersion = (cloud: string) =>
  literal(
    ofRegistry(cloud, instance('ModelVersion', "registry.model('name').version('1')"), (value) =>
      isMarked(value, 'ModelVersion'),
    ),
  );

const aNumberParameter: Rule = (value, prop, faults) => {
  if (!(value as DeployParameter).isNumber) {
    faults.add('CMC-003', prop, 'must be made by DeployParameter.ofNumber()');
  }
};

export const aCount = (rule: Rule) => either(DeployParameter.isDeployParameter, aNumberParameter, rule);

/** `name` is what the message calls it. */
export const kebabName = (maxLength: number, minLength = 2): Rule =>
  text({
    pattern: new RegExp(`^(?=.{${minLength},${maxLength}}$)[a-z]([a-z0-9-]*[a-z0-9])?$`),
    means: `lower-case letters, digits and '-', ${minLength} to ${maxLength} characters, first a letter, last no '-'`,
  });

/** Names that become ids of constructs. */
export const name = (maxLength: number, minLength?: number) => literal(kebabName(maxLength, minLength));

export const variables = {
  keys: /^[A-Za-z_][A-Za-z0-9_]*$/,
  means: "letters, digits and '_', first no digit",
};

export const days = (max = 36500) => integer({ min: 1, max });

export const path = text({ pattern: /^\/[\w\-./~%]*$/, means: "a path that begins with '/'" });

export const accelerators = list(literal(text()), { min: 1 });

export const retention = literal(oneOf(DataRetention.RETAIN, DataRetention.DESTROY));

/** The shared props of every construct of a cloud. */
export const commonRules = (cloud: string) => ({
  network: construct(
    cloud,
    'PrivateNetwork',
    `take new ${cloud}.PrivateNetwork(…), or import one with ${cloud}.PrivateNetwork.from…`,
  ),
  encryptionKey: construct(
    cloud,
    'EncryptionKey',
    `take new ${cloud}.EncryptionKey(…), or import one with ${cloud}.EncryptionKey.from…`,
  ),
});

export const workloadRules = (cloud: string, logRetentionDays: Rule) => ({
  ...commonRules(cloud),
  logRetentionDays,
});

export const secrets = (cloud: string) =>
  record(construct(cloud, 'Secret', `use the from… methods of ${cloud}.Secret`), variables);

export const aDataset = (cloud: string) =>
  construct(
    cloud,
    ['DataLake', 'DataZone', 'DataFolder'],
    `take new ${cloud}.DataLake(…), or import one with ${cloud}.DataLake.from…`,
  );

export const aZone = (cloud: string) => construct(cloud, 'DataZone', "take it from a lake: lake.zone('raw')");
