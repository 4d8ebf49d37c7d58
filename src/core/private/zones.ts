import { Faults } from './faults';
import type { DataZoneProps } from '../data-lake';

const DEFAULT_ZONES: DataZoneProps[] = [{ name: 'raw' }, { name: 'curated' }, { name: 'features' }];

/** The zones of a lake, by default three; objects must grow cold before they expire. */
export function judgeZones(zones = DEFAULT_ZONES, faults: Faults): DataZoneProps[] {
  zones.forEach(({ coldAfterDays: cold, expireAfterDays: expire }, i) => {
    if (cold !== undefined && expire !== undefined && cold >= expire) {
      faults.add(
        'CMC-031',
        `zones[${i}].coldAfterDays`,
        `(${cold}) must be less than expireAfterDays (${expire})`,
      );
    }
  });
  return zones;
}
