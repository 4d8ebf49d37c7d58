import { IConstruct } from 'constructs';
import * as core from '../../core/private/profile';

/** What a profile decides on AWS, besides what it does everywhere. */
export interface Profile extends core.Profile {
  /** Whether what nodes of a job tell each other is encrypted, where their network is none of its own. */
  readonly nodesTalkEncrypted: boolean;
  /** Days that backups of file systems are kept; none are made where undefined. */
  readonly backupDays?: number;
  /** Whether what roles of others are granted goes to inline policies, as CDK does it. */
  readonly inlinePolicies: boolean;
}

const STANDARD = { nodesTalkEncrypted: false, inlinePolicies: true };

const REGULATED = {
  nodesTalkEncrypted: true,
  // As long as FSx keeps them.
  backupDays: 90,
  inlinePolicies: false,
};

/** What the profile in force decides for a construct. */
export const profileOf = (construct: IConstruct): Profile => ({
  ...core.profileOf(construct),
  ...(core.isRegulated(construct) ? REGULATED : STANDARD),
});
