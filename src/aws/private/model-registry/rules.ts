import { text } from '../../../core/private/schema';

export const ACCOUNT = text({ pattern: /^\d{12}$/, means: 'an AWS account id of 12 digits' });
