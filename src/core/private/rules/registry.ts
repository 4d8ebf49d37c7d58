import { notification } from './alarms';
import type { ModelRegistryProps, RegisteredModelProps } from '../../model-registry';
import { Rule, Schema, flag, list, required, struct } from '../schema';
import { commonRules, name, retention } from './values';

const registeredModel: Schema<RegisteredModelProps> = {
  name: required(name(40)),
  approvalRequired: flag,
};

export const modelRegistryRules = (cloud: string, account: Rule): Schema<ModelRegistryProps> => ({
  ...commonRules(cloud),
  retention,
  models: required(list(struct(registeredModel), { min: 1, unique: 'name' })),
  images: list(name(40), { unique: 'itself' }),
  ...notification(cloud),
  readers: list(account, { unique: 'itself' }),
  publishers: list(account, { unique: 'itself' }),
});
