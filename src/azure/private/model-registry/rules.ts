import { versionRule } from '../../../core/private/registry';
import { list, record, required, Schema, text } from '../../../core/private/schema';
import type { FromRegistryProps } from '../../model-registry';
import { CONTAINER_ID } from '../storage';

/** Versions of models in Azure ML. */
export const VERSION = versionRule(30);

const REPOSITORY = text({
  pattern: /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/,
  means: 'the path of a repository in the container registry: lower-case letters, digits and . _ - /',
});

/** The props of a registry that exists already. */
export const FROM_ATTRIBUTES: Schema<FromRegistryProps> = {
  workspaceId: required(text()),
  artifactContainerId: required(CONTAINER_ID),
  datastoreName: required(text({ pattern: /^\w{1,255}$/, means: 'letters, digits and _' })),
  modelAssets: required(
    record(text({ pattern: /^[\w.-]{1,255}$/, means: 'letters, digits and . _ -' }), {
      keys: /^[^]+$/,
      means: 'the name of a model',
    }),
  ),
  approvalRequired: list(text()),
  containerRegistryId: text({
    pattern: /\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/,
    means: 'the resource id of a container registry',
  }),
  repositories: record(REPOSITORY, { keys: /^[^]+$/, means: 'the name of an image' }),
};
