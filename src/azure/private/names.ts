import { IConstruct } from 'constructs';
import { deploymentOf } from './resource-group';
import { NameForm, physicalName } from '../../terraform/names';

/** A name that is unique to subscription, resource group and path. */
export const nameOf = (construct: IConstruct, form: NameForm): string =>
  physicalName(construct, deploymentOf(construct), form);

/** What the services allow. */
export const NAMES = {
  /** All over Azure. */
  storageAccount: { maxLength: 24, separator: '' },
  /** All over Azure, and a deleted one keeps its name. */
  keyVault: { maxLength: 24 },
  /** All over Azure. */
  containerRegistry: { maxLength: 50, separator: '' },
  workspace: { maxLength: 33 },
  identity: { maxLength: 64 },
  logWorkspace: { maxLength: 63 },
  network: { maxLength: 64 },
  endpoint: { maxLength: 64 },
} as const satisfies { [kind: string]: NameForm };
