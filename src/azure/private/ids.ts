import { Fn } from 'cdktf';
import { isToken } from '../../core/private/tokens';

/** A part of a resource id, counted from 0 after the first slash; where the id is a token, by Terraform. */
export const idPart = (id: string, part: number): string =>
  isToken(id) ? Fn.element(Fn.split('/', id), part + 1) : id.split('/')[part + 1];

/** Of `/subscriptions/<s>/resourceGroups/<g>/providers/<p>/<type>/<name>/…`. */
export const subscriptionOf = (id: string): string => idPart(id, 1);
export const groupOf = (id: string): string => idPart(id, 3);
export const nameIn = (id: string): string => idPart(id, 7);
/** Of `…/storageAccounts/<a>/blobServices/default/containers/<name>`. */
export const containerIn = (id: string): string => idPart(id, 11);
