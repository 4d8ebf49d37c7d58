import { CloudUnderTest, Contract } from './contract';
import * as core from '../../src/core';

/** How many private names a network gets, with a registry that is reached by it. */
function privateNames({ ml, probe }: CloudUnderTest, privateDns?: core.PrivateDns): number {
  const program = probe.program();
  const network = new ml.PrivateNetwork(program.foundation, 'Network', { privateDns });
  new ml.ModelRegistry(program.foundation, 'Registry', { network, models: [{ name: 'fraud' }] });
  return probe.privateNames(program);
}

function names({ ml, probe }: CloudUnderTest, namePrefix?: string): string[] {
  const program = probe.program({ namePrefix });
  const network = new ml.PrivateNetwork(program.foundation, 'Network');
  const lake = new ml.DataLake(program.foundation, 'Lake', { network });
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    network,
    models: [{ name: 'fraud' }],
    images: ['serve'],
  });
  new ml.GpuTrainingCluster(program.foundation, 'Training', {
    network,
    registry,
    image: registry.image('serve', '1'),
    datasets: [lake],
    accelerators: ['L4:1', 'T4:1'],
  });
  new ml.ServerlessInference(program.serving, 'Thumbnails', {
    container: { image: registry.image('serve', '1') },
  });
  return probe.names(program);
}

export const landingZone: Contract = {
  construct: 'landing zone',
  promises: [
    {
      title: 'Services are found at private addresses by names that are made in the network',
      check: (cloud) => expect(privateNames(cloud)).toBeGreaterThan(0),
    },
    {
      title: 'Private names can be left to someone else',
      check: (cloud) => expect(privateNames(cloud, core.PrivateDns.none())).toBe(0),
    },
    {
      title: 'Physical names begin with the prefix of their stack',
      check: (cloud) => {
        const led = (all: string[]) => all.filter((name) => name.replace(/-/g, '').startsWith('acmeml'));
        const prefixed = names(cloud, 'acme-ml');
        expect(led(prefixed)).toEqual(prefixed);
        const plain = names(cloud);
        expect([plain.length, led(plain)]).toEqual([prefixed.length, []]);
      },
    },
  ],
};
