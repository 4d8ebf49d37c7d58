import type { Construct } from 'constructs';
import { Contract, Namespace } from './contract';
import * as core from '../../src/core';

const ZONES = [
  { name: 'raw', expireAfterDays: 365, coldAfterDays: 30 },
  { name: 'curated', keepOldVersionsDays: 7 },
];

const imageIn = (ml: Namespace, scope: Construct) =>
  new ml.ModelRegistry(scope, 'Registry', { models: [{ name: 'fraud' }], images: ['train'] }).image(
    'train',
    '1',
  );

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
      title: 'A folder of a zone is granted, and a cluster gets it, without the rest of the zone',
      check({ ml, probe }) {
        const reached = (give: (lake: core.IDataLake, cluster: core.IGpuTrainingCluster) => void) =>
          probe.grant(({ foundation }) => {
            const lake = new ml.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] });
            const cluster = new ml.GpuTrainingCluster(foundation, 'Training', {
              image: imageIn(ml, foundation),
              accelerators: ['L4:1', 'T4:1'],
            });
            return () => give(lake, cluster);
          }).folders;
        const folder = (lake: core.IDataLake) => lake.zone('raw').folder('team-a/images');
        expect(reached((lake, cluster) => folder(lake).grantRead(cluster))).toEqual(['team-a/images/']);
        expect(reached((lake, cluster) => folder(lake).grantReadWrite(cluster))).toEqual(['team-a/images/']);
        expect(reached((lake, cluster) => lake.zone('raw').grantRead(cluster))).toEqual(['']);
        expect(
          probe.grant(({ foundation }) => {
            const lake = new ml.DataLake(foundation, 'Lake', { zones: [{ name: 'raw' }] });
            const image = imageIn(ml, foundation);
            return () => {
              const cluster = new ml.GpuTrainingCluster(foundation, 'Training', {
                image,
                accelerators: ['L4:1', 'T4:1'],
                datasets: [folder(lake)],
              });
              expect(cluster.submitCommand).not.toBe('');
            };
          }).folders,
        ).toContain('team-a/images/');
      },
    },
    {
      title: 'A path that leads out of a zone is an error',
      check({ ml, probe }) {
        const zone = new ml.DataLake(probe.program().foundation, 'Lake').zone('raw');
        for (const path of ['/team-a', '../curated', 'team-a/../team-b', 'team-*', '']) {
          expect(() => zone.folder(path)).toThrow(/\[CMC-00[26]\]/);
        }
        expect(zone.folder('team-a').uri).toBe(`${zone.uri}team-a/`);
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
