import { IConstruct } from 'constructs';
import { placeOf } from './place';
import * as names from '../../terraform/names';

export type NameForm = names.NameForm;

const deploymentOf = (construct: IConstruct): names.Deployment => {
  const { project, region } = placeOf(construct);
  return [project, region];
};

/** A name that is unique to project, region and path, and stays for as long as they do. */
export const physicalName = (construct: IConstruct, form: NameForm): string =>
  names.physicalName(construct, deploymentOf(construct), form);

/** As `physicalName`, for the services that take only digits. */
export const numericName = (construct: IConstruct, replacing?: NameForm['replacing']): string =>
  names.numericName(construct, deploymentOf(construct), replacing);

/** Buckets' names are global, and Google refuses its own. */
export const BUCKET: NameForm = { maxLength: 63, without: /g[o0]+g(le)?/g };
export const SERVICE_ACCOUNT: NameForm = { maxLength: 30 };
/** What follows RFC 1035: networks, Cloud Run, workflows, repositories, scans, keys. */
export const RFC1035: NameForm = { maxLength: 63 };
export const CUSTOM_ROLE: NameForm = { maxLength: 64, separator: '_' };
