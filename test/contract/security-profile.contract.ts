import { Contract, Namespace, Probe, Program } from './contract';
import { everything } from './everything';
import * as core from '../../src/core';
import { faultsIn, kindsIn } from '../support/at-rest';

/** A program under the profile, and a network of its own. */
function regulated({ ml, probe }: { ml: Namespace; probe: Probe }): Program & { network: core.INetwork } {
  const program = probe.program();
  core.SecurityProfile.REGULATED.applyTo(program.foundation.node.root);
  return { ...program, network: new ml.PrivateNetwork(program.foundation, 'Network') };
}

const registryOf = (ml: Namespace, { foundation, network }: Program & { network: core.INetwork }) =>
  new ml.ModelRegistry(foundation, 'Registry', {
    network,
    models: [{ name: 'fraud' }],
    images: ['train', 'serve'],
  });

const ACCELERATORS = ['L4:1', 'T4:1'];
const REFUSED = /network is required under SecurityProfile.REGULATED/;

export const securityProfile: Contract = {
  construct: 'SecurityProfile',
  promises: [
    {
      title: 'Under REGULATED files have a key of the customer, and can be restored for a year',
      check({ ml, probe }) {
        const program = regulated({ ml, probe });
        const lake = new ml.DataLake(program.foundation, 'Lake', {
          network: program.network,
          zones: [{ name: 'raw' }],
        });
        const registry = registryOf(ml, program);
        const stores = [...probe.stores(program, lake), probe.registry(program, registry).files];
        expect(stores.map(({ customerKey }) => customerKey)).toEqual([true, true]);
        expect(stores.filter(({ restorableDays }) => restorableDays < 365)).toEqual([]);
      },
    },
    {
      title:
        'Under REGULATED logs, messages, images, models and disks have a key of the customer where the service takes one',
      check({ name, ml, probe }) {
        const program = probe.program();
        core.SecurityProfile.REGULATED.applyTo(program.foundation.node.root);
        everything(ml, program, { secret: probe.secret(program.foundation), user: probe.user });
        const kept = probe.atRest(program);
        expect(kindsIn(name, kept)).toEqual(
          expect.arrayContaining(['files', 'logs', 'messages', 'images', 'models', 'disks']),
        );
        expect(faultsIn(name, kept)).toEqual([]);
      },
    },
    {
      title: 'Under REGULATED logs are kept for seven years',
      check({ ml, probe }) {
        const program = regulated({ ml, probe });
        const image = registryOf(ml, program).image('serve', '1');
        const endpoint = new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
          network: program.network,
          variants: [{ name: 'main', container: { image } }],
          accelerators: ACCELERATORS,
        });
        // Azure counts years of 365 days and a quarter, rounded down.
        expect(probe.endpoint(program, endpoint).logRetentionDays).toBeGreaterThanOrEqual(2556);
      },
    },
    {
      title: 'Under REGULATED nothing keeps logs for less than a year',
      check({ ml, probe }) {
        const { foundation } = regulated({ ml, probe });
        expect(() => new ml.PrivateNetwork(foundation, 'Short', { logRetentionDays: 180 })).toThrow(
          /logRetentionDays \(180\) must be at least 365/,
        );
      },
    },
    {
      title: 'Under REGULATED jobs and endpoints without a private network are refused',
      check({ ml, probe }) {
        const program = regulated({ ml, probe });
        const registry = registryOf(ml, program);
        expect(
          () =>
            new ml.GpuTrainingCluster(program.foundation, 'Training', {
              image: registry.image('train', '1'),
              accelerators: ACCELERATORS,
            }),
        ).toThrow(REFUSED);
        expect(
          () =>
            new ml.AutoScalingEndpoint(program.serving, 'Fraud', {
              variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
              accelerators: ACCELERATORS,
            }),
        ).toThrow(REFUSED);
      },
    },
  ],
};
