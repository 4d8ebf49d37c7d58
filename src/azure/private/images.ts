import { TerraformElement } from 'cdktf';
import { IConstruct } from 'constructs';
import * as core from '../../core';
import { imageJudge } from '../../core/private/images';
import { isContainerImage } from '../../core/private/rules/values';
import { textValue } from '../../terraform/deploy-parameter';
import { text } from '../../terraform/text';
import type { IModelRegistry, ModelRegistry } from '../model-registry';
import type { INetwork } from '../private-network';
import { comesBefore } from './judge';
import { RoleGrant } from './roles';
import { READ } from './storage';

/** Images that Azure pulls as an identity: those of Azure Container Registry; and Microsoft's own, open to all. */
const PULLED =
  /^([a-z0-9]{5,50}\.azurecr\.(io|cn|us)|mcr\.microsoft\.com)\/[a-z0-9][a-z0-9._/-]*(:[\w.-]+|@sha256:[0-9a-f]{64})?$/;

export const PULL = 'AcrPull';
export const PUSH = 'AcrPush';

/** A role that using something takes, and the construct that it is a role on. */
export interface NeededRole extends RoleGrant {
  readonly resource: IConstruct;
}

/** An image as a construct uses it. */
export interface ResolvedImage {
  readonly uri: string;
  /** `<name>.azurecr.io`, where the identity must log in; none where the image is open to all, or given as a token. */
  readonly server?: string;
  readonly roles: NeededRole[];
  /** The declared image; none for an address. */
  readonly declared?: core.ContainerImage;
}

/** Judges an image: only what an identity may pull, without a password. */
export const judgeImage = imageJudge(
  { address: PULLED, title: "Azure Container Registry or Microsoft's (mcr.microsoft.com)" },
  comesBefore,
);

/** The address of a judged image and the roles that pulling it takes. */
export function resolveImage(user: IConstruct, image: string | core.ContainerImage): ResolvedImage {
  if (isContainerImage(image)) {
    const registry = image.registry as IModelRegistry;
    return {
      uri: `${registry.repositoryUri(image.name)}:${textValue(user, image.tag)}`,
      server: registry.loginServer,
      roles: [{ resource: registry, role: PULL, scope: registry.containerRegistryId! }],
      declared: image,
    };
  }
  // Which registry an address names, Azure only tells its own subscription: the user grants the pull.
  const [, server] = /^([a-z0-9]+\.azurecr\.[a-z]+)\//.exec(image) ?? [];
  return { uri: text(image), server, roles: [] };
}

/** What must stand before an image is pulled from a network; nothing for one of a registry that exists already. */
export const pulledFrom = ({ declared }: ResolvedImage, network?: INetwork): TerraformElement[] =>
  (declared?.registry as Partial<ModelRegistry> | undefined)?._reachedFrom?.(network) ?? [];

/** A model version as a construct uses it. */
export interface ResolvedModel {
  /** Where the version's files are: `https://<account>.blob.core.windows.net/models/<model>/<version>/`. */
  readonly uri: string;
  /** The resource id of the version in the registry's workspace, that `publishCommand` makes. */
  readonly versionId: string;
  /** The workspace that knows the version: an endpoint is in the same. */
  readonly workspaceId: string;
  readonly approvalRequired: boolean;
  readonly roles: NeededRole[];
}

/** Where the files of a version are. */
export function resolveModel(
  user: IConstruct,
  { registry, model, version }: core.ModelVersion,
): ResolvedModel {
  const native = registry as IModelRegistry;
  const number = textValue(user, version);
  return {
    uri: `${native.artifactUri}${model}/${number}/`,
    versionId: `${native.workspaceId}/models/${native.modelAssetName(model)}/versions/${number}`,
    workspaceId: native.workspaceId,
    approvalRequired: native.approvalRequired(model),
    roles: [{ resource: native, role: READ, scope: native.artifactContainerId, part: 'artifacts' }],
  };
}
