import { spawnSync } from 'child_process';
import { ENTRY_POINT, VERTEX_ENTRY } from '../../src/google/private/gpu-training-cluster/environment';

/** What a job reads, as its program sees it. */
const SEEN = ['NNODES', 'NODE_RANK', 'MASTER_ADDR', 'PET_NNODES', 'PET_NODE_RANK', 'PET_MASTER_ADDR'];
const PROGRAM = `for v in ${SEEN.join(' ')}; do eval "echo $v=\\$$v"; done; for a in "$@"; do echo "arg=$a"; done`;

/** Runs the entry script as Vertex AI does: the command of the container, then its arguments. */
function run(environment: Record<string, string>, args: string[] = []) {
  const [shell, ...rest] = ENTRY_POINT;
  const ended = spawnSync(shell, [...rest, 'sh', '-c', PROGRAM, 'program', ...args], {
    env: { PATH: process.env.PATH, ML_ENTRY: VERTEX_ENTRY, ...environment },
    encoding: 'utf8',
  });
  expect(ended.stderr).toBe('');
  const lines = ended.stdout.trimEnd().split('\n');
  return {
    args: lines.filter((line) => line.startsWith('arg=')).map((line) => line.slice(4)),
    seen: Object.fromEntries(
      lines.filter((line) => !line.startsWith('arg=')).map((line) => line.split(/=(.*)/)),
    ),
  };
}

const host = (pool: number, index: number) => `cmle-training-workerpool${pool}-d604929a6a-${index}:2222`;

/** The variable of a node, as Vertex AI documents it. */
const spec = (workers: number, type: string, index: number, job: unknown = {}) => ({
  cluster: {
    workerpool0: [host(0, 0)],
    ...(workers && { workerpool1: Array.from({ length: workers }, (_, i) => host(1, i)) }),
  },
  environment: 'cloud',
  task: { type, index },
  job,
});

const onNode = (cluster: object, args?: string[]) => run({ CLUSTER_SPEC: JSON.stringify(cluster) }, args);

const facts = (nodes: number, rank: number, address = 'cmle-training-workerpool0-d604929a6a-0') => ({
  NNODES: String(nodes),
  NODE_RANK: String(rank),
  MASTER_ADDR: address,
  PET_NNODES: String(nodes),
  PET_NODE_RANK: String(rank),
  PET_MASTER_ADDR: address,
});

test('node 0 of two', () => {
  expect(onNode(spec(1, 'workerpool0', 0)).seen).toEqual(facts(2, 0));
});

test('node 1 of two', () => {
  expect(onNode(spec(1, 'workerpool1', 0)).seen).toEqual(facts(2, 1));
});

test.each([0, 9, 10, 11])('worker %d of twelve', (index) => {
  expect(onNode(spec(12, 'workerpool1', index)).seen).toEqual(facts(13, index + 1));
});

test('one node', () => {
  expect(onNode(spec(0, 'workerpool0', 0)).seen).toEqual(facts(1, 0, '127.0.0.1'));
});

test('no variable at all', () => {
  expect(run({}).seen).toEqual(facts(1, 0, '127.0.0.1'));
});

test('any layout of the JSON, keys in any order', () => {
  const { cluster, task, environment } = spec(2, 'workerpool1', 1);
  const turned = JSON.stringify(
    { task: { index: task.index, type: task.type }, environment, cluster },
    null,
    2,
  );
  expect(run({ CLUSTER_SPEC: turned }).seen).toEqual(facts(3, 2));
});

test('nothing that a user writes into the job is taken for the cluster', () => {
  const evil =
    '"task":{"type":"workerpool1","index":7},"workerpool1":["a:1","b:1","c:1"],"workerpool0":["x:1"]';
  const job = { workerPoolSpecs: [{ containerSpec: { args: [evil], env: [{ name: 'A', value: evil }] } }] };
  for (const asJob of [job, JSON.stringify(job)]) {
    const given = spec(1, 'workerpool0', 0, asJob);
    expect(onNode(given).seen).toEqual(facts(2, 0));
    const { job: first, ...rest } = given;
    expect(onNode({ job: first, ...rest }).seen).toEqual(facts(2, 0));
  }
});

test('the command keeps its arguments as they are', () => {
  const args = ['two words', '$HOME', "it's", '"quoted"', '*', ''];
  expect(onNode(spec(0, 'workerpool0', 0), args).args).toEqual(args);
});

test('a program that fails ends the job with its code', () => {
  const [shell, ...rest] = ENTRY_POINT;
  const { status } = spawnSync(shell, [...rest, 'sh', '-c', 'exit 7'], {
    env: { PATH: process.env.PATH, ML_ENTRY: VERTEX_ENTRY },
  });
  expect(status).toBe(7);
});

test('holds nothing that Workflows or Terraform may take for an expression', () => {
  expect(VERTEX_ENTRY).not.toMatch(/[$%]\{/);
  expect(VERTEX_ENTRY).not.toContain('$$');
});
