import { MACHINE_LEARNING } from './machine-learning';
import { NETWORK } from './network';
import { OPERATIONS } from './operations';
import { Rows } from './row';
import { STORAGE } from './storage';

/** What an identity needs that creates, reads, updates and deletes resources, by their types. */
export const ROWS: Rows = { ...STORAGE, ...NETWORK, ...OPERATIONS, ...MACHINE_LEARNING };
