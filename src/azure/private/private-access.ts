import { IConstruct } from 'constructs';
import { INetwork, SecurityProfile } from '../../core';
import { Faults } from '../../core/private/faults';

/** Under REGULATED nothing is reached over a public address: who has no network could not be reached at all. */
export function judgePrivacy(construct: IConstruct, network: INetwork | undefined, faults: Faults): void {
  if (!network && SecurityProfile.of(construct) === SecurityProfile.REGULATED) {
    faults.add(
      'CMC-009',
      'network',
      'is required under SecurityProfile.REGULATED, where only private endpoints lead to it: give a PrivateNetwork',
    );
  }
}
