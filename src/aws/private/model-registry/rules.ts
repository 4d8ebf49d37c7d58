import { versionRule } from '../../../core/private/registry';
import { text } from '../../../core/private/schema';

/** Versions of models in SageMaker. */
export const VERSION = versionRule();

export const ACCOUNT = text({ pattern: /^\d{12}$/, means: 'an AWS account id of 12 digits' });
