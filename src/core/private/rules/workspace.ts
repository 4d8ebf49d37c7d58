import { WorkspaceEditor, WorkspaceProps, WorkspaceUserProps } from '../../workspace';
import { construct } from '../brand';
import { Schema, integer, list, literal, oneOf, record, required, struct, text } from '../schema';
import { aDataset, accelerators, anImage, commonRules, name, retention, secrets, variables } from './values';

export const workspaceUser: Schema<WorkspaceUserProps> = {
  name: required(name(24)),
  principalId: text(),
};

export const workspaceRules = (
  cloud: string,
  user: Schema<WorkspaceUserProps> = workspaceUser,
): Schema<WorkspaceProps> => ({
  ...commonRules(cloud),
  retention,
  users: required(list(struct(user), { min: 1, unique: 'name' })),
  editor: literal(oneOf(WorkspaceEditor.JUPYTERLAB, WorkspaceEditor.VS_CODE, WorkspaceEditor.RSTUDIO)),
  image: anImage(cloud),
  datasets: list(aDataset(cloud)),
  cluster: construct(cloud, 'GpuTrainingCluster', `take new ${cloud}.GpuTrainingCluster(…)`),
  accelerators,
  machineType: text(),
  diskGiB: integer({ min: 10, max: 16384 }),
  idleShutdownMinutes: integer({ min: 10, max: 525600 }),
  environment: record(text({ pattern: /^[^]*$/ }), variables),
  secrets: secrets(cloud),
});
