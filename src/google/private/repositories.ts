import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { IConstruct } from 'constructs';
import { giveOnce, Grantee } from './grants';

export const PULL = 'roles/artifactregistry.reader';
export const PUSH = 'roles/artifactregistry.writer';

/**
 * A role on a repository.
 *
 * @param registry the construct that is granted
 * @param repositoryId `projects/…/locations/…/repositories/…`
 * @param image its declared name
 */
export function giveRepository(
  to: Grantee,
  registry: IConstruct,
  repositoryId: string,
  image: string,
  role: string,
): void {
  giveOnce(
    { ...to, id: `-${image}${to.id}` },
    registry,
    role,
    (scope, id, given) =>
      new ArtifactRegistryRepositoryIamMember(scope, id, { repository: repositoryId, ...given }),
  );
}
