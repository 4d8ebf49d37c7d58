import { ITerraformDependable, TerraformResource } from 'cdktf';
import { ofWorkload } from './grants';
import { ResolvedModel } from './images';
import * as core from '../../core';
import { IWorkload } from '../workload';

/** Every IAM member that a workload was given so far: what starts with its identity has them as its `dependsOn`. */
export const givenTo = (workload: IWorkload): ITerraformDependable[] =>
  workload.node
    .findAll()
    .filter((child): child is TerraformResource => TerraformResource.isTerraformResource(child))
    .filter(({ terraformResourceType }) => terraformResourceType.endsWith('_iam_member'));

/** Lets a workload read the model, where the container fetches it, and the secrets of a container that runs as it. */
export function allowContainer(
  workload: IWorkload,
  { secrets = {} }: core.ServingContainer,
  model?: ResolvedModel,
): ITerraformDependable[] {
  // Models of one registry are granted each by itself.
  model?.grantRead({ ...ofWorkload(workload), id: `-${model.prefix.split('/')[1]}` });
  Object.values(secrets).forEach((secret) => secret.grantRead(workload));
  return givenTo(workload);
}
