import { CloudUnderTest, Contract, TrailFacts } from './contract';
import * as core from '../../src/core';

/** A trail of a lake with two zones. */
function audit({ ml, probe }: CloudUnderTest, props: Partial<core.AuditTrailProps> = {}): TrailFacts {
  const program = probe.program();
  const lake = new ml.DataLake(program.foundation, 'Lake', { zones: [{ name: 'raw' }, { name: 'curated' }] });
  const encryptionKey = new ml.EncryptionKey(program.foundation, 'Key');
  const trail = new ml.AuditTrail(program.foundation, 'Audit', { datasets: [lake], encryptionKey, ...props });
  expect(trail.readCommand).toMatch(/\$DAY.*\$RECORDS|\$RECORDS.*\$DAY/s);
  return probe.trail(program, trail);
}

export const auditTrail: Contract = {
  construct: 'AuditTrail',
  promises: [
    {
      title: 'Reads and writes of each zone of a lake are recorded',
      check: (cloud) => expect(audit(cloud)).toMatchObject({ zones: 2, reads: true, writes: true }),
    },
    {
      title: 'Records are encrypted, and kept unchanged for as long as asked',
      check(cloud) {
        expect(audit(cloud, { retainDays: 400 })).toMatchObject({
          encrypted: true,
          unchangedDays: 400,
          locked: false,
        });
        expect(audit(cloud, { locked: true }).locked).toBe(true);
      },
    },
    {
      title: 'Records stay when the trail goes, unless they were asked to go',
      check(cloud) {
        const { DESTROY } = core.DataRetention;
        expect([audit(cloud).kept, audit(cloud, { retention: DESTROY }).kept]).toEqual([true, false]);
      },
    },
    {
      title: 'A trail leaves alone what the account records already',
      check: (cloud) => expect(audit(cloud).leavesAlone).toBe(true),
    },
    {
      title: 'Changes to resources are recorded too where that is asked for',
      check(cloud) {
        const asked = audit(cloud, { managementEvents: true });
        expect([audit(cloud).managementEvents, asked.managementEvents]).toEqual([false, true]);
      },
    },
  ],
};
