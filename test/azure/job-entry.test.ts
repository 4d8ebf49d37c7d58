import { spawnSync } from 'child_process';
import { ENTRY, entryOf } from '../../src/azure/private/gpu-training-cluster/environment';
import * as core from '../../src/core';

/** What a job reads, as its program sees it. */
const SEEN = [
  'NNODES',
  'NODE_RANK',
  'MASTER_ADDR',
  'MASTER_PORT',
  'PET_NNODES',
  'PET_NODE_RANK',
  'PET_MASTER_ADDR',
  'PET_MASTER_PORT',
  'RANK',
  'LOCAL_RANK',
  'WORLD_SIZE',
  'ML_COMMAND',
];
const FOLDERS = ['DATASET_RAW_DIR', 'DATASET_TEAM_A_DIR'];
const PROGRAM = `for v in ${[...SEEN, ...FOLDERS].join(' ')}; do eval "echo $v=\\$$v"; done; for a in "$@"; do printf 'arg=%s\\n' "$a"; done`;

/** The words as the workflow quotes them. */
const words = (command: string[]) => command.map((word) => `'${word.replace(/'/g, `'\\''`)}'`).join(' ');

/** Runs the entry script as the service does on each node: as a shell's command line. */
function run(environment: Record<string, string>, args: string[] = [], shell = 'sh', script = ENTRY) {
  const command = ['sh', '-c', PROGRAM, 'program', ...args];
  const done = spawnSync(shell, ['-c', script], {
    env: {
      PATH: process.env.PATH,
      ML_COMMAND: Buffer.from(words(command)).toString('base64'),
      ...environment,
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(done.stderr).toBe('');
  const lines = done.stdout.trimEnd().split('\n');
  return {
    args: lines.filter((line) => line.startsWith('arg=')).map((line) => line.slice(4)),
    seen: Object.fromEntries(
      lines.filter((line) => !line.startsWith('arg=')).map((line) => line.split(/=(.*)/)),
    ),
  };
}

/** What Azure ML tells the one process of a node of a PyTorch job; the workflow adds NNODES. */
const node = (rank: number, nodes: number) => ({
  NNODES: `${nodes}`,
  AZUREML_RUN_ID: 'training-1',
  AZUREML_PROCESS_NAME: `rank_${rank}`,
  MASTER_ADDR: '10.0.0.4',
  MASTER_PORT: '6105',
  NODE_RANK: `${rank}`,
  RANK: `${rank}`,
  LOCAL_RANK: '0',
  WORLD_SIZE: `${nodes}`,
});

describe.each(['sh', 'bash'])('the entry script in %s', (shell) => {
  test('node 0 of two', () => {
    expect(run(node(0, 2), [], shell).seen).toEqual({
      NNODES: '2',
      NODE_RANK: '0',
      MASTER_ADDR: '10.0.0.4',
      MASTER_PORT: '6105',
      PET_NNODES: '2',
      PET_NODE_RANK: '0',
      PET_MASTER_ADDR: '10.0.0.4',
      PET_MASTER_PORT: '6105',
      RANK: '',
      LOCAL_RANK: '',
      WORLD_SIZE: '',
      ML_COMMAND: '',
      DATASET_RAW_DIR: '',
      DATASET_TEAM_A_DIR: '',
    });
  });

  test('node 1 of two', () => {
    expect(run(node(1, 2), [], shell).seen).toMatchObject({
      NNODES: '2',
      NODE_RANK: '1',
      PET_NODE_RANK: '1',
      MASTER_ADDR: '10.0.0.4',
      RANK: '',
    });
  });

  test('one node that is told nothing but their number', () => {
    expect(run({ NNODES: '1' }, [], shell).seen).toMatchObject({
      NNODES: '1',
      NODE_RANK: '0',
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: '29500',
    });
  });

  test('the command keeps its words as they are', () => {
    const args = ['two words', '$HOME', "it's", '"quoted"', '*', '', '@{x}', '${y}', 'a\\b', '-n'];
    expect(run(node(0, 1), args, shell).args).toEqual(args);
  });
});

describe('datasets as files', () => {
  const dataset = (name: string, mode: core.DatasetMode) => ({
    ...{ name, mode, uri: 'abfss://data@ours.dfs.core.windows.net/', prop: 'datasets[0]' },
    data: undefined as never,
  });
  /** Azure ML puts the folder of each input into the command. */
  const onNode = (script: string) =>
    script.replace(/\$\{\{inputs\.(\w+)\}\}/g, '/mnt/azureml/cr/j/0a1b2c/cap/data-capability/wd/INPUT_$1');
  const script = entryOf([
    dataset('raw', core.DatasetMode.MOUNT),
    dataset('team-a', core.DatasetMode.DOWNLOAD),
    dataset('curated', core.DatasetMode.URI),
  ]);

  test.each(['sh', 'bash'])('are where the service put them, in %s', (shell) => {
    expect(run(node(0, 1), ['two words'], shell, onNode(script))).toMatchObject({
      args: ['two words'],
      seen: {
        DATASET_RAW_DIR: '/mnt/azureml/cr/j/0a1b2c/cap/data-capability/wd/INPUT_dataset_raw',
        DATASET_TEAM_A_DIR: '/mnt/azureml/cr/j/0a1b2c/cap/data-capability/wd/INPUT_dataset_team_a',
        NODE_RANK: '0',
      },
    });
  });

  test('are inputs by names that the service takes', () => {
    expect([...script.matchAll(/\$\{\{inputs\.([^}]*)\}\}/g)].map(([, name]) => name)).toEqual([
      'dataset_raw',
      'dataset_team_a',
    ]);
    expect(entryOf([])).toBe(ENTRY);
  });
});

test('the address of the main node, where only Azure Batch says it', () => {
  expect(run({ NNODES: '2', RANK: '1', AZ_BATCH_MASTER_NODE: '10.0.0.9:6000' }).seen).toMatchObject({
    MASTER_ADDR: '10.0.0.9',
    NODE_RANK: '1',
  });
});

test('a program that fails ends the job with its code', () => {
  const { status } = spawnSync('sh', ['-c', ENTRY], {
    env: {
      PATH: process.env.PATH,
      ML_COMMAND: Buffer.from(words(['sh', '-c', 'exit 7'])).toString('base64'),
    },
  });
  expect(status).toBe(7);
});

test('holds nothing that Azure ML takes for an input of the job', () => {
  expect(ENTRY).not.toContain('${{');
});
