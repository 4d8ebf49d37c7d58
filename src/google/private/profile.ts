import { IConstruct } from 'constructs';
import * as core from '../../core/private/profile';

/** What a profile decides on Google Cloud, besides what it does everywhere. */
export interface Profile extends core.Profile {
  /** Days that what is gone can still be brought back; Cloud Storage takes 7 to 90. */
  readonly softDeleteDays: number;
}

/** What the profile in force decides for a construct. */
export const profileOf = (construct: IConstruct): Profile => ({
  ...core.profileOf(construct),
  softDeleteDays: core.isRegulated(construct) ? 90 : 7,
});
