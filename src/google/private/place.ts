import { DataGoogleClientConfig } from '@cdktf/provider-google/lib/data-google-client-config';
import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { providerOf } from './judge';

/** Where the resources of a stack are made. */
export interface Place {
  readonly project: string;
  readonly region: string;
}

/** The child of a scope, a stack above all, that is made at its first use there. */
export function once<T>(scope: IConstruct, id: string, make: () => T): T {
  return (scope.node.tryFindChild(id) as T | undefined) ?? make();
}

/** The place of a construct: as the provider of its stack says, else as Terraform finds it in its environment. */
export function placeOf(construct: IConstruct): Place {
  const stack = TerraformStack.of(construct);
  const { project, region } = providerOf(stack) as Partial<Place>;
  const found = () => once(stack, 'MlClient', () => new DataGoogleClientConfig(stack, 'MlClient'));
  return { project: project ?? found().project, region: region ?? found().region };
}

/** The number of a project: service agents are named after it. */
export function projectNumber(construct: IConstruct, project = placeOf(construct).project): string {
  const stack = TerraformStack.of(construct);
  const id = project === placeOf(construct).project ? 'MlProject' : `MlProject-${project}`;
  return once(stack, id, () => new DataGoogleProject(stack, id, { projectId: project })).number;
}
