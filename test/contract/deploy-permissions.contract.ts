import type { Construct } from 'constructs';
import { CloudUnderTest, Contract } from './contract';
import type * as core from '../../src/core';

interface Made {
  readonly foundation: Construct;
  readonly lake: Construct;
  readonly cluster?: Construct;
}

/** A lake in a network, with or without a cluster. */
function made({ ml, probe }: CloudUnderTest, trains: boolean): Made {
  const { foundation } = probe.program();
  const lake = new ml.DataLake(foundation, 'Lake');
  const registry = new ml.ModelRegistry(foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train'],
  });
  const cluster = trains
    ? new ml.GpuTrainingCluster(foundation, 'Training', {
        image: registry.image('train', '1'),
        accelerators: ['L4:1', 'T4:1'],
      })
    : undefined;
  return { foundation, lake: lake as unknown as Construct, cluster: cluster as unknown as Construct };
}

export const deployPermissions: Contract = {
  construct: 'deployment identity',
  promises: [
    {
      title: 'The permissions that a deployment needs are told, and no more',
      check(cloud) {
        const needs = (scope: Construct): core.IDeployPermissions => cloud.ml.DeployPermissions.of(scope);
        const [plain, trains] = [made(cloud, false), made(cloud, true)];
        const [before, after] = [needs(plain.foundation).actions, needs(trains.foundation).actions];
        const [ofLake, ofCluster] = [needs(trains.lake).actions, needs(trains.cluster!).actions];
        // Every type is known, and none is allowed by a wildcard, or said twice.
        expect(needs(trains.foundation).unknownTypes).toEqual([]);
        expect(after.filter((action) => action.includes('*'))).toEqual([]);
        expect(after).toEqual([...new Set(after)].sort());
        // What a construct needs, its stack needs.
        expect(after).toEqual(expect.arrayContaining([...ofLake, ...ofCluster]));
        // The cluster adds what it alone needs, and nothing else does.
        const added = after.filter((action) => !before.includes(action));
        expect(added.length).toBeGreaterThan(3);
        expect(added.filter((action) => ofCluster.includes(action)).length).toBeGreaterThan(3);
        expect(ofLake.filter((action) => added.includes(action))).toEqual([]);
        expect(before.filter((action) => !after.includes(action))).toEqual([]);
      },
    },
    {
      title: 'A command makes the policy or role that allows them',
      check(cloud) {
        const { foundation } = made(cloud, true);
        const { actions, command } = cloud.ml.DeployPermissions.of(foundation);
        expect(actions.filter((action) => !command.includes(`"${action}"`))).toEqual([]);
      },
    },
  ],
};
