import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import {
  BATCH_ENTRY,
  ENTRY_POINT,
  SAGEMAKER_ENTRY,
} from '../../src/aws/private/gpu-training-cluster/environment';

/** What a job reads, as its program sees it. */
const SEEN = [
  'NNODES',
  'NODE_RANK',
  'MASTER_ADDR',
  'PET_NNODES',
  'PET_NODE_RANK',
  'PET_MASTER_ADDR',
  'NCCL_SOCKET_IFNAME',
];
const PROGRAM = `for v in ${SEEN.join(' ')}; do eval "echo $v=\\$$v"; done; for a in "$@"; do echo "arg=$a"; done`;

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'job-entry-'))));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs an entry script as the services do: entry point, then the command of the job. */
function run(script: string, environment: Record<string, string>, args: string[] = []) {
  const [shell, ...rest] = ENTRY_POINT;
  const done = spawnSync(shell, [...rest, 'sh', '-c', PROGRAM, 'program', ...args], {
    env: { PATH: process.env.PATH, ML_ENTRY: script, ...environment },
    encoding: 'utf8',
  });
  expect(done.stderr).toBe('');
  const lines = done.stdout.trimEnd().split('\n');
  return {
    status: done.status,
    args: lines.filter((line) => line.startsWith('arg=')).map((line) => line.slice(4)),
    seen: Object.fromEntries(
      lines.filter((line) => !line.startsWith('arg=')).map((line) => line.split(/=(.*)/)),
    ),
  };
}

/** SageMaker's file about the nodes of a job. */
function onSageMaker(resourceConfig: string, args?: string[]) {
  const file = join(directory, 'resourceconfig.json');
  writeFileSync(file, resourceConfig);
  const script = SAGEMAKER_ENTRY.replace('/opt/ml/input/config/resourceconfig.json', file);
  return run(script, { MASTER_ADDR: 'algo-1', PET_MASTER_ADDR: 'algo-1' }, args);
}

const hosts = (count: number) => Array.from({ length: count }, (_, i) => `algo-${i + 1}`).sort();
const config = (count: number, current: number) => ({
  current_host: `algo-${current}`,
  current_instance_type: 'ml.p4d.24xlarge',
  current_group_name: 'homogeneousCluster',
  hosts: hosts(count),
  instance_groups: [
    { instance_group_name: 'homogeneousCluster', instance_type: 'ml.p4d.24xlarge', hosts: hosts(count) },
  ],
  network_interface_name: 'eth0',
});

describe('the entry script of SageMaker', () => {
  test('node 0 of two', () => {
    expect(onSageMaker(JSON.stringify(config(2, 1))).seen).toEqual({
      NNODES: '2',
      NODE_RANK: '0',
      MASTER_ADDR: 'algo-1',
      PET_NNODES: '2',
      PET_NODE_RANK: '0',
      PET_MASTER_ADDR: 'algo-1',
      NCCL_SOCKET_IFNAME: 'eth0',
    });
  });

  test('node 1 of two', () => {
    expect(onSageMaker(JSON.stringify(config(2, 2))).seen).toMatchObject({ NNODES: '2', NODE_RANK: '1' });
  });

  test('one node', () => {
    expect(onSageMaker(JSON.stringify(config(1, 1))).seen).toMatchObject({ NNODES: '1', NODE_RANK: '0' });
  });

  test('twelve nodes, whose names do not sort as their numbers do', () => {
    expect(onSageMaker(JSON.stringify(config(12, 10))).seen).toMatchObject({ NNODES: '12', NODE_RANK: '9' });
    expect(onSageMaker(JSON.stringify(config(12, 2))).seen).toMatchObject({ NNODES: '12', NODE_RANK: '1' });
  });

  test('any layout of the file', () => {
    const { current_host, hosts: all, network_interface_name } = config(3, 3);
    const { seen } = onSageMaker(
      JSON.stringify({ network_interface_name, hosts: all, current_host }, null, 2),
    );
    expect(seen).toMatchObject({ NNODES: '3', NODE_RANK: '2', NCCL_SOCKET_IFNAME: 'eth0' });
  });

  test('a file without the name of the interface', () => {
    const { network_interface_name: _, ...rest } = config(2, 2);
    expect(onSageMaker(JSON.stringify(rest)).seen).toMatchObject({ NODE_RANK: '1', NCCL_SOCKET_IFNAME: '' });
  });

  test('the command keeps its arguments as they are', () => {
    const args = ['two words', '$HOME', "it's", '"quoted"', '*', ''];
    expect(onSageMaker(JSON.stringify(config(1, 1)), args).args).toEqual(args);
  });

  test('fits into a variable of SageMaker, and holds nothing that CloudFormation may take for a substitution', () => {
    expect(SAGEMAKER_ENTRY.length).toBeLessThanOrEqual(512);
    expect(SAGEMAKER_ENTRY).not.toContain('${');
    ENTRY_POINT.forEach((item) => expect(item.length).toBeLessThanOrEqual(256));
  });
});

describe('the entry script of AWS Batch', () => {
  test('the main node of two, which is not told its own address', () => {
    const { seen } = run(BATCH_ENTRY, {
      AWS_BATCH_JOB_NUM_NODES: '2',
      AWS_BATCH_JOB_NODE_INDEX: '0',
      AWS_BATCH_JOB_MAIN_NODE_INDEX: '0',
    });
    expect(seen).toMatchObject({ NNODES: '2', NODE_RANK: '0', PET_NNODES: '2', PET_NODE_RANK: '0' });
    expect(seen.MASTER_ADDR).toMatch(/^[0-9a-f.:]+$/);
    expect(seen.PET_MASTER_ADDR).toBe(seen.MASTER_ADDR);
  });

  test('node 1 of two', () => {
    const { seen } = run(BATCH_ENTRY, {
      AWS_BATCH_JOB_NUM_NODES: '2',
      AWS_BATCH_JOB_NODE_INDEX: '1',
      AWS_BATCH_JOB_MAIN_NODE_INDEX: '0',
      AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS: '10.0.1.7',
    });
    expect(seen).toMatchObject({
      NNODES: '2',
      NODE_RANK: '1',
      MASTER_ADDR: '10.0.1.7',
      PET_MASTER_ADDR: '10.0.1.7',
    });
  });

  test('a job of one container, which has none of the variables', () => {
    const { seen, args } = run(BATCH_ENTRY, {}, ['a b', '$X']);
    expect(seen).toMatchObject({ NNODES: '1', NODE_RANK: '0' });
    expect(seen.MASTER_ADDR).toMatch(/^[0-9a-f.:]+$/);
    expect(args).toEqual(['a b', '$X']);
  });
});

test('a program that fails ends the job with its code', () => {
  const file = join(directory, 'one.json');
  writeFileSync(file, JSON.stringify(config(1, 1)));
  const script = SAGEMAKER_ENTRY.replace('/opt/ml/input/config/resourceconfig.json', file);
  const [shell, ...rest] = ENTRY_POINT;
  const { status } = spawnSync(shell, [...rest, 'sh', '-c', 'exit 7'], {
    env: { PATH: process.env.PATH, ML_ENTRY: script },
  });
  expect(status).toBe(7);
});
