import { copyCommand } from '../storage';
import { Workspace } from '../workspace';

/** Where a workspace is, as the command line takes it. */
export type WorkspaceAddress = Pick<Workspace, 'name' | 'resourceGroupName' | 'subscriptionId'>;

export const inWorkspace = ({ name, resourceGroupName, subscriptionId }: WorkspaceAddress) =>
  `--workspace-name ${name} --resource-group ${resourceGroupName} --subscription ${subscriptionId}`;

export interface Publication {
  /** Where the files go: `https://…/`, and as the workspace sees it. */
  readonly files: string;
  readonly datastorePath: string;
  readonly assetName: string;
  readonly version: string;
  readonly imageUri: string;
  readonly approved: boolean;
  readonly workspace: WorkspaceAddress;
}

/** Uploads the files and registers the version. */
export const publish = (publication: Publication): string => {
  const { files, datastorePath, assetName, version, imageUri, approved, workspace } = publication;
  return [
    copyCommand('$MODEL_FILES', files),
    `az ml model create --name ${assetName} --version ${version} --type custom_model --path ${datastorePath}` +
      ` --set tags.approval=${approved ? 'approved' : 'pending'} tags.image=${imageUri} ${inWorkspace(workspace)}`,
  ].join(' && ');
};

export const approve = (assetName: string, version: string, workspace: WorkspaceAddress): string =>
  `az ml model update --name ${assetName} --version ${version} --set tags.approval=approved ${inWorkspace(workspace)}`;

/** `image` is its name in the container registry, with the tag. */
export const push = (uri: string, containerRegistry: string, image: string): string =>
  [
    `az acr login --name ${containerRegistry}`,
    `docker build --platform linux/amd64 --provenance=false --tag ${uri} .`,
    `docker push ${uri}`,
    // Azure has no immutable tags for a repository, but a lock for each.
    `az acr repository update --name ${containerRegistry} --image ${image} --write-enabled false`,
  ].join(' && ');
