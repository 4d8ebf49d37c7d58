import { CloudUnderTest, Contract, Program } from './contract';
import * as core from '../../src/core';

type Resource = { grant(workload: core.IWorkload): void };

/** Everything that grants, and something of each stack that can be granted to. */
const GRANTS: {
  title: string;
  make(cloud: CloudUnderTest, program: Program, where: keyof Program): Resource;
}[] = [
  {
    title: 'DataLake.grantRead',
    make: ({ ml }, program, where) => {
      const lake = new ml.DataLake(program[where], 'GrantedLake', { zones: [{ name: 'raw' }] });
      return { grant: (workload) => lake.grantRead(workload) };
    },
  },
  {
    title: 'DataLake.grantReadWrite',
    make: ({ ml }, program, where) => {
      const lake = new ml.DataLake(program[where], 'GrantedLake', { zones: [{ name: 'raw' }] });
      return { grant: (workload) => lake.grantReadWrite(workload) };
    },
  },
  {
    title: 'DataFolder.grantRead',
    make: ({ ml }, program, where) => {
      const lake = new ml.DataLake(program[where], 'GrantedLake', { zones: [{ name: 'raw' }] });
      return { grant: (workload) => lake.zone('raw').folder('team-a').grantRead(workload) };
    },
  },
  {
    title: 'DataFolder.grantReadWrite',
    make: ({ ml }, program, where) => {
      const lake = new ml.DataLake(program[where], 'GrantedLake', { zones: [{ name: 'raw' }] });
      return { grant: (workload) => lake.zone('raw').folder('team-a').grantReadWrite(workload) };
    },
  },
  {
    title: 'ModelRegistry.grantRead',
    make: ({ ml }, program, where) => {
      const registry = new ml.ModelRegistry(program[where], 'GrantedRegistry', {
        models: [{ name: 'fraud' }],
      });
      return { grant: (workload) => registry.grantRead(workload) };
    },
  },
  {
    title: 'ModelRegistry.grantPublish',
    make: ({ ml }, program, where) => {
      const registry = new ml.ModelRegistry(program[where], 'GrantedRegistry', {
        models: [{ name: 'fraud' }],
      });
      return { grant: (workload) => registry.grantPublish(workload) };
    },
  },
  {
    title: 'AutoScalingEndpoint.grantInvoke',
    make: ({ ml }, program, where) => {
      const registry = registryOf({ ml }, program);
      const endpoint = new ml.AutoScalingEndpoint(program[where], 'GrantedEndpoint', {
        variants: [{ name: 'main', container: { image: registry.image('serve', '1') } }],
      });
      return { grant: (workload) => endpoint.grantInvoke(workload) };
    },
  },
  {
    title: 'ServerlessInference.grantInvoke',
    make: ({ ml }, program, where) => {
      const registry = registryOf({ ml }, program);
      const serverless = new ml.ServerlessInference(program[where], 'GrantedServerless', {
        container: { image: registry.image('serve', '1') },
      });
      return { grant: (workload) => serverless.grantInvoke(workload) };
    },
  },
  {
    title: 'Workspace.grantOpen',
    make: ({ ml, probe }, program, where) => {
      const workspace = new ml.Workspace(program[where], 'GrantedWorkspace', { users: [probe.user] });
      return { grant: (workload) => workspace.grantOpen(workload) };
    },
  },
];

/** The registry of foundation, made once. */
function registryOf({ ml }: Pick<CloudUnderTest, 'ml'>, { foundation }: Program): core.IModelRegistry {
  return (
    (foundation.node.tryFindChild('Registry') as unknown as core.IModelRegistry | undefined) ??
    new ml.ModelRegistry(foundation, 'Registry', { models: [{ name: 'fraud' }], images: ['serve'] })
  );
}

/** Who is granted to: a serverless inference, which uses foundation's registry. */
function callerIn(cloud: CloudUnderTest, program: Program, where: keyof Program): core.IWorkload {
  const registry = registryOf(cloud, program);
  return new cloud.ml.ServerlessInference(program[where], 'Caller', {
    container: { image: registry.image('serve', '1') },
  });
}

export const grants: Contract = {
  construct: 'Grants',
  promises: GRANTS.flatMap(({ title, make }) => [
    {
      title: `${title} is written in the stack of the one who is granted to`,
      check(cloud: CloudUnderTest) {
        const facts = cloud.probe.grant((program) => {
          const resource = make(cloud, program, 'foundation');
          const caller = callerIn(cloud, program, 'serving');
          return () => resource.grant(caller);
        });
        expect(facts.stack).toBe('serving');
        expect(facts.actions.length).toBeGreaterThan(0);
        expect(facts.actions.filter((action) => action.includes('*'))).toEqual([]);
      },
    },
    {
      title: `${title} that would point backwards is an error`,
      check(cloud: CloudUnderTest) {
        const program = cloud.probe.program();
        const caller = callerIn(cloud, program, 'foundation');
        // Serving uses foundation: the order is settled.
        callerIn(cloud, program, 'serving');
        const resource = make(cloud, program, 'serving');
        if (cloud.lacks[`${title} that would point backwards is an error`]) {
          // An error of another kind, since the cloud lacks the grant itself.
          return resource.grant(caller);
        }
        expect(() => resource.grant(caller)).toThrow(/workload would make stack .* \[CMC-013\]/);
      },
    },
  ]),
};
