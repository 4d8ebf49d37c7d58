import { CloudUnderTest, Contract, WorkspaceFacts } from './contract';
import * as core from '../../src/core';

/** The notebooks of a team, and what they are. */
function team({ ml, probe }: CloudUnderTest, props: Partial<core.WorkspaceProps> = {}): WorkspaceFacts {
  const program = probe.program();
  const workspace = new ml.Workspace(program.foundation, 'Team', { users: [probe.user], ...props });
  expect(workspace.openCommand(probe.user.name)).toMatch(/^(aws|gcloud|az) /);
  return probe.workspace(program, workspace);
}

/** Notebooks in a program with data, images and somewhere to train. */
function atWork(
  { ml, probe }: CloudUnderTest,
  build: (made: {
    lake: core.IDataLake;
    registry: core.IModelRegistry;
    cluster: core.IGpuTrainingCluster;
  }) => Partial<core.WorkspaceProps>,
): WorkspaceFacts {
  const program = probe.program();
  const lake = new ml.DataLake(program.foundation, 'Lake', { zones: [{ name: 'raw' }] });
  const registry = new ml.ModelRegistry(program.foundation, 'Registry', {
    models: [{ name: 'fraud' }],
    images: ['train', 'rstudio'],
  });
  const cluster = new ml.GpuTrainingCluster(program.foundation, 'Training', {
    image: registry.image('train', '1'),
    accelerators: ['L4:1', 'T4:1'],
  });
  const workspace = new ml.Workspace(program.foundation, 'Team', {
    users: [probe.user],
    ...build({ lake, registry, cluster }),
  });
  return probe.workspace(program, workspace);
}

export const workspace: Contract = {
  construct: 'Workspace',
  promises: [
    {
      title: 'Each user has a notebook',
      check: (cloud) => {
        const { user } = cloud.probe;
        expect(team(cloud, { users: [user, { ...user, name: 'grace' }] }).notebooks).toBe(2);
      },
    },
    {
      title: 'A person may open the own notebook',
      check: (cloud) => {
        const { person } = cloud.probe;
        expect(team(cloud, { users: [{ name: 'ada', principalId: person }] }).persons).toEqual([person]);
      },
    },
    {
      title: 'A notebook that nobody uses is stopped',
      check: (cloud) => {
        expect(team(cloud).stoppedAfterIdleMinutes).toBe(60);
        expect(team(cloud, { idleShutdownMinutes: 90 }).stoppedAfterIdleMinutes).toBe(90);
      },
    },
    {
      title: 'Homes are encrypted, and stay when the workspace goes unless they were asked to go',
      check: (cloud) => {
        expect(team(cloud)).toMatchObject({ homesEncrypted: true, homesKept: true });
        expect(team(cloud, { retention: core.DataRetention.DESTROY }).homesKept).toBe(false);
      },
    },
    {
      title: 'A home has a disk of the size that was asked for',
      check: (cloud) => expect(team(cloud, { diskGiB: 200 }).homeGiB).toBe(200),
    },
    {
      title: 'Notebooks have the first accelerator that the cloud offers',
      check({ ml, probe }) {
        const typeOf = (...accelerators: string[]) =>
          new ml.Workspace(probe.program().foundation, 'Team', { users: [probe.user], accelerators })
            .machineType;
        const [first, second] = ['L4:1', 'T4:1'].map((accelerator) => {
          try {
            return typeOf(accelerator);
          } catch {
            return undefined;
          }
        });
        expect(typeOf('L4:1', 'T4:1')).toBe(first ?? second);
      },
    },
    {
      title: 'Notebooks in a private network have no public address',
      check({ ml, probe }) {
        const program = probe.program();
        const made = new ml.Workspace(program.foundation, 'Team', {
          users: [probe.user],
          network: new ml.PrivateNetwork(program.foundation, 'Network'),
        });
        expect(probe.workspace(program, made).publicAddress).toBe(false);
      },
    },
    {
      title: 'Notebooks find datasets, and the command that starts jobs, which they may',
      check: (cloud) => {
        const facts = atWork(cloud, ({ lake, cluster }) => ({
          datasets: [lake],
          cluster,
          environment: { STAGE: 'dev' },
        }));
        expect(facts.variables).toEqual(
          expect.arrayContaining(['DATASET_RAW_URI', 'SUBMIT_COMMAND', 'STAGE']),
        );
        expect(facts.may).toEqual(expect.arrayContaining(['read data', 'start jobs']));
      },
    },
    {
      title: 'Notebooks run in an image of the registry',
      check: (cloud) =>
        expect(atWork(cloud, ({ registry }) => ({ image: registry.image('train', '1') })).may).toContain(
          'pull images',
        ),
    },
    {
      title: 'Users work with VS Code',
      check: (cloud) =>
        expect(team(cloud, { editor: core.WorkspaceEditor.VS_CODE }).editor).toBe(
          core.WorkspaceEditor.VS_CODE,
        ),
    },
    {
      title: 'Users work with RStudio',
      check: (cloud) =>
        expect(
          atWork(cloud, ({ registry }) => ({
            editor: core.WorkspaceEditor.RSTUDIO,
            image: registry.image('rstudio', '1'),
          })).editor,
        ).toBe(core.WorkspaceEditor.RSTUDIO),
    },
  ],
};
