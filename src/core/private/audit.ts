import { IConstruct } from 'constructs';
import { Faults } from './faults';
import { isRegulated, profileOf } from './profile';
import type { AuditTrailProps } from '../audit-trail';
import { DataRetention } from '../common';
import type { IDataLake, IDataset, IDataZone } from '../data-lake';

/** How records are kept. */
export interface Kept {
  readonly days: number;
  readonly locked: boolean;
}

/** How long records are kept, and how firmly: as asked, else as the profile says. */
export function keptAs(construct: IConstruct, { retainDays, locked }: AuditTrailProps): Kept {
  return {
    days: retainDays ?? profileOf(construct).accessLogRetentionDays,
    locked: locked ?? isRegulated(construct),
  };
}

/** What is locked cannot go. */
export function judgeKept(construct: IConstruct, props: AuditTrailProps, faults: Faults): void {
  if (props.retention === DataRetention.DESTROY && keptAs(construct, props).locked) {
    faults.add(
      'CMC-008',
      'retention',
      '(destroy) and locked exclude each other: nobody can delete locked records; give locked: false, or leave retention out',
    );
  }
}

/** The zones of datasets, each once. */
export function zonesOf<Zone extends IDataZone>(datasets: readonly IDataset[]): Zone[] {
  const zones = datasets.flatMap((dataset) => {
    const { zoneNames } = dataset as Partial<IDataLake>;
    return zoneNames ? zoneNames.map((name) => (dataset as IDataLake).zone(name)) : [dataset];
  });
  return [...new Set(zones)] as Zone[];
}
