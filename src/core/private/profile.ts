import { IConstruct } from 'constructs';
import type { NotificationProps } from '../alarms';
import type { INetwork } from '../common';
import { tellers } from './alarms';
import { Faults } from './faults';
import { report } from './report';
import { isToken } from './tokens';
import { SecurityProfile } from '../security-profile';

/** What a profile decides on every cloud alike. */
export interface Profile {
  /** Days that logs are kept, where nothing else was asked. */
  readonly logRetentionDays: number;
  /** Days that accesses to files are kept on record. */
  readonly accessLogRetentionDays: number;
  /** Days that deleted and overwritten files can be restored, where nothing else was asked. */
  readonly oldVersionsDays: number;
  /** The same of what jobs write: large, and soon of no use. */
  readonly oldJobVersionsDays: number;
  /** Days between rotations of a key, where nothing else was asked. */
  readonly keyRotationDays: number;
}

const STANDARD: Profile = {
  logRetentionDays: 90,
  accessLogRetentionDays: 365,
  oldVersionsDays: 30,
  oldJobVersionsDays: 7,
  keyRotationDays: 365,
};

const REGULATED: Profile = {
  // Seven years: HIPAA asks for six, and the clouds take whole years.
  logRetentionDays: 2557,
  accessLogRetentionDays: 2557,
  oldVersionsDays: 365,
  oldJobVersionsDays: 90,
  keyRotationDays: 90,
};

/** PCI DSS asks for a year. */
const LEAST_LOG_RETENTION_DAYS = 365;

export const isRegulated = (construct: IConstruct): boolean =>
  SecurityProfile.of(construct).name === SecurityProfile.REGULATED.name;

/** What the profile in force decides for a construct. */
export const profileOf = (construct: IConstruct): Profile => (isRegulated(construct) ? REGULATED : STANDARD);

/** Tells what the profile in force lets a stack bill for; said once for each. */
export function reportProfile(stack: IConstruct): void {
  const days = profileOf(stack);
  if (isRegulated(stack)) {
    report(
      stack,
      'idle-cost',
      'SecurityProfile.REGULATED',
      `Logs and records of access are kept for ${days.logRetentionDays} days, overwritten and deleted files for ${days.oldVersionsDays} (those of jobs for ${days.oldJobVersionsDays}), and bill as long.`,
    );
  }
}

/** The props that the profile has a say in. */
export interface ProfileProps {
  readonly network?: INetwork;
  readonly logRetentionDays?: number;
  readonly alarms?: NotificationProps;
}

/**
 * Judges props by the profile in force.
 *
 * @param without what is without a network; where it is left out, none is needed
 */
export function judgeProfile(
  construct: IConstruct,
  { network, logRetentionDays: days, alarms }: ProfileProps,
  faults: Faults,
  without?: string,
): void {
  if (!isRegulated(construct)) {
    return;
  }
  if (without && !network) {
    faults.add('CMC-009', 'network', `is required under SecurityProfile.REGULATED: without it ${without}`);
  }
  if (typeof days === 'number' && !isToken(days) && days < LEAST_LOG_RETENTION_DAYS) {
    faults.add(
      'CMC-004',
      'logRetentionDays',
      `(${days}) must be at least ${LEAST_LOG_RETENTION_DAYS} under SecurityProfile.REGULATED`,
    );
  }
  if (alarms && tellers(alarms).length === 0) {
    faults.add(
      'CMC-009',
      'alarms',
      'needs alarms.notify or alarms.channels under SecurityProfile.REGULATED: nobody would be told',
    );
  }
}
