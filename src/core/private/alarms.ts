import type { AlarmProps } from '../auto-scaling-endpoint';
import { Faults } from './faults';

/** Somebody to tell needs something to watch; who is told stands by the props that name them. */
export function judgeTold(
  alarms: AlarmProps | undefined,
  told: { readonly [prop: string]: readonly unknown[] | undefined },
  faults: Faults,
): void {
  if (alarms?.p99LatencyMs !== undefined || alarms?.errorPercent !== undefined) {
    return;
  }
  for (const prop of Object.keys(told).filter((one) => told[one]?.length)) {
    faults.add('CMC-009', prop, 'needs alarms.p99LatencyMs or alarms.errorPercent: nothing is watched');
  }
}
