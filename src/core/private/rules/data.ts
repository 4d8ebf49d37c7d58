import type { AuditTrailProps } from '../../audit-trail';
import type { DataLakeProps, DataZoneProps } from '../../data-lake';
import { construct } from '../brand';
import { Schema, flag, list, literal, required, struct } from '../schema';
import { commonRules, days, name, retention } from './values';

const dataZone: Schema<DataZoneProps> = {
  name: required(name(24)),
  expireAfterDays: days(),
  coldAfterDays: days(),
  keepOldVersionsDays: days(),
};

export const dataLakeRules = (cloud: string): Schema<DataLakeProps> => ({
  ...commonRules(cloud),
  retention,
  zones: list(struct(dataZone), { min: 1, unique: 'name' }),
  discovery: flag,
});

export const auditTrailRules = (cloud: string, retainDays = days()): Schema<AuditTrailProps> => ({
  ...commonRules(cloud),
  retention,
  datasets: required(
    list(
      construct(
        cloud,
        ['DataLake', 'DataZone'],
        `take new ${cloud}.DataLake(…), import one with ${cloud}.DataLake.from…, or take one of its zones`,
      ),
      { min: 1, unique: 'itself' },
    ),
  ),
  retainDays: literal(retainDays),
  locked: flag,
  managementEvents: flag,
});
