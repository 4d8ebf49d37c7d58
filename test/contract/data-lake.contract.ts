import { Contract } from './contract';
import * as core from '../../src/core';

const ZONES = [
  { name: 'raw', expireAfterDays: 365, coldAfterDays: 30 },
  { name: 'curated', keepOldVersionsDays: 7 },
];

export const dataLake: Contract = {
  construct: 'DataLake',
  promises: [
    {
      title: 'Zones are private, TLS only, encrypted, access-logged and restorable',
      check({ ml, probe }) {
        const program = probe.program();
        const lake = new ml.DataLake(program.foundation, 'Lake', { zones: ZONES });
        const facts = probe.stores(program, lake);
        expect(facts).toHaveLength(2);
        for (const store of facts) {
          expect(store).toMatchObject({ open: false, tlsOnly: true, encrypted: true, accessLogged: true });
        }
        expect(facts.map(({ restorableDays }) => restorableDays)).toEqual([30, 7]);
      },
    },
    {
      title: 'Objects grow cold and expire zone by zone',
      check({ ml, probe }) {
        const program = probe.program();
        const [raw, curated] = probe.stores(
          program,
          new ml.DataLake(program.foundation, 'Lake', { zones: ZONES }),
        );
        expect(raw).toMatchObject({ coldAfterDays: 30, expireAfterDays: 365 });
        expect(curated.expireAfterDays).toBeUndefined();
      },
    },
    {
      title: 'Data stays when the lake goes, unless it was asked to go',
      check({ ml, probe }) {
        const kept = (retention?: core.DataRetention) => {
          const program = probe.program();
          const lake = new ml.DataLake(program.foundation, 'Lake', { zones: [{ name: 'raw' }], retention });
          return probe.stores(program, lake)[0].kept;
        };
        expect([kept(), kept(core.DataRetention.DESTROY)]).toEqual([true, false]);
      },
    },
    {
      title: 'Zones have URIs that jobs can read',
      check({ ml, probe }) {
        const lake = new ml.DataLake(probe.program().foundation, 'Lake', { zones: ZONES });
        expect(lake.zoneNames).toEqual(['raw', 'curated']);
        expect(Object.keys(lake.uris)).toEqual(lake.zoneNames);
        expect(lake.uris.raw).toBe(lake.zone('raw').uri);
        expect(lake.zone('raw').uri).toMatch(/^\w+:\/\/.+\/$/s);
      },
    },
    {
      title: 'Tables are discovered and found in a catalog',
      check({ ml, probe }) {
        const lake = new ml.DataLake(probe.program().foundation, 'Lake', { discovery: true });
        expect(lake.discoverCommand).toMatch(/\w/);
      },
    },
  ],
};
