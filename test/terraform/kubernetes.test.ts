import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { findMachine } from '../../src/core/private/catalog';
import { JOB_VARIABLES } from '../../src/core/private/jobs';
import { ENTRY_POINT, KUBERNETES_ENTRY, KUBERNETES_JOBS } from '../../src/terraform/kubernetes/entry';
import {
  COUNT_LOST,
  FAIL_PROGRAM,
  indexedJob,
  literal,
  placeManifests,
} from '../../src/terraform/kubernetes/job';

const SEEN = [...JOB_VARIABLES, ...KUBERNETES_JOBS.reserved].filter((name) =>
  /^(PET_|NNODES|NODE_|MASTER_ADDR)/.test(name),
);
const PROGRAM = `for v in ${SEEN.join(' ')}; do eval "[ -z \\"\\$$v\\" ] || echo $v=\\$$v"; done; for a in "$@"; do echo "arg=$a"; done`;

/** Runs the entry script as a pod does: with what Kubernetes sets, and what the manifest says. `hosts` are known names. */
function run(environment: Record<string, string>, args: string[] = [], hosts?: string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'entry-'));
  try {
    // Found at the second look.
    writeFileSync(
      join(dir, 'getent'),
      `#!/bin/sh\nif [ -e ${dir}/asked ]; then case " ${(hosts ?? []).join(' ')} " in *" $2 "*) exit 0;; esac; fi; touch ${dir}/asked; exit 2\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(dir, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
    const [shell, ...rest] = ENTRY_POINT;
    const ended = spawnSync(shell, [...rest, 'sh', '-c', PROGRAM, 'program', ...args], {
      env: {
        PATH: `${dir}:${process.env.PATH}`,
        ML_ENTRY: KUBERNETES_ENTRY,
        ML_JOB: 'job-1f2e',
        ML_SERVICE: 'nodes',
        ML_RESTARTS: '3',
        MASTER_PORT: '29500',
        HOSTNAME: `job-1f2e-${environment.JOB_COMPLETION_INDEX}`,
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
        ...environment,
      },
      encoding: 'utf8',
      timeout: 20000,
    });
    expect(ended.stderr).toBe('');
    const lines = ended.stdout.trimEnd().split('\n');
    return {
      args: lines.filter((line) => line.startsWith('arg=')).map((line) => line.slice(4)),
      seen: Object.fromEntries(
        lines.filter((line) => !line.startsWith('arg=')).map((line) => line.split(/=(.*)/)),
      ),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('the entry script makes the portable job environment', () => {
  const facts = (nodes: string, rank: string, address: string) => ({
    NNODES: nodes,
    NODE_RANK: rank,
    MASTER_ADDR: address,
    PET_NNODES: nodes,
    PET_NODE_RANK: rank,
    PET_MASTER_ADDR: address,
  });

  test('one node', () => {
    const { seen } = run({ JOB_COMPLETION_INDEX: '0', ML_NODES: '1', ML_LEAST_NODES: '1' });
    expect(seen).toEqual(facts('1', '0', '127.0.0.1'));
  });

  test.each(['0', '1', '11'])('node %s of twelve, once node 0 can be found', (index) => {
    const { seen } = run(
      { JOB_COMPLETION_INDEX: index, ML_NODES: '12', ML_LEAST_NODES: '12' },
      [],
      ['job-1f2e-0.nodes'],
    );
    expect(seen).toEqual(facts('12', index, 'job-1f2e-0.nodes'));
  });

  test.each([
    ['0', 'is_host=1'],
    ['3', 'is_host=0'],
  ])('node %s of a job that goes on with two of four meets at the store of node 0', (index, conf) => {
    const { seen } = run(
      { JOB_COMPLETION_INDEX: index, ML_NODES: '4', ML_LEAST_NODES: '2' },
      [],
      ['job-1f2e-0.nodes'],
    );
    expect(seen).toEqual({
      ...facts('2:4', index, 'job-1f2e-0.nodes'),
      PET_RDZV_BACKEND: 'c10d',
      PET_RDZV_ENDPOINT: 'job-1f2e-0.nodes:29500',
      PET_RDZV_ID: 'job-1f2e',
      PET_RDZV_CONF: conf,
      PET_MAX_RESTARTS: '3',
    });
  });

  test('the command keeps its arguments as they are', () => {
    const args = ['two words', '$HOME', "it's", '"quoted"', '*', ''];
    expect(run({ JOB_COMPLETION_INDEX: '0', ML_NODES: '1', ML_LEAST_NODES: '1' }, args).args).toEqual(args);
  });

  test('a program that fails ends the pod with its code', () => {
    const [shell, ...rest] = ENTRY_POINT;
    const { status } = spawnSync(shell, [...rest, 'sh', '-c', 'exit 7'], {
      env: {
        PATH: process.env.PATH,
        ML_ENTRY: KUBERNETES_ENTRY,
        JOB_COMPLETION_INDEX: '0',
        ML_NODES: '1',
        ML_LEAST_NODES: '1',
      },
    });
    expect(status).toBe(7);
  });

  test('it holds nothing that a language of workflows or Terraform may take for an expression', () => {
    expect(KUBERNETES_ENTRY).not.toMatch(/[$%@]\{/);
    expect(KUBERNETES_ENTRY).not.toContain('$$');
  });
});

/** As the kubelet replaces references in commands and values. */
const expanded = (value: string, variables: Record<string, string>): string =>
  value.replace(/\$\$|\$\(([^)]*)\)/g, (all, name) => (all === '$$' ? '$' : (variables[name] ?? all)));

test.each(['$(HOME)', '$$(HOME)', '$HOME', 'a $ b', '$$', '$(', 'plain'])(
  '%p reaches the program as it is',
  (value) => {
    expect(expanded(literal(value), { HOME: '/root' })).toBe(value);
  },
);

const place = { namespace: 'training-1a2b', serviceAccountAnnotations: { who: 'me' } };
const values = {
  name: 'job-1',
  run: 'r1',
  order: '1.5',
  nodes: 2,
  command: ['torchrun', 'train.py'],
  environment: [{ name: 'A', value: 'b' }],
  capacity: 'spot',
  backoffLimit: 6,
  podFailureRules: [COUNT_LOST],
  activeDeadlineSeconds: 3600,
};
const props = {
  ...place,
  image: 'registry/train:3',
  machine: findMachine('google', 'g2-standard-24'),
  tolerated: ['nvidia.com/gpu'],
  elastic: false,
};

test('the Job of a run', () => {
  expect(indexedJob({ ...props, sharedMemoryMiB: 4096 }, values)).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'job-1',
      namespace: 'training-1a2b',
      labels: { 'ml-cluster': 'training-1a2b' },
      annotations: { 'ml-run': 'r1', 'ml-order': '1.5' },
    },
    spec: {
      suspend: true,
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimit: 6,
      activeDeadlineSeconds: 3600,
      ttlSecondsAfterFinished: 3600,
      podFailurePolicy: {
        rules: [{ action: 'Count', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: {
          labels: { 'ml-cluster': 'training-1a2b' },
          annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: 'jobs',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          subdomain: 'nodes',
          nodeSelector: { 'ml-cluster': 'training-1a2b', 'ml-capacity': 'spot' },
          tolerations: [
            { key: 'ml-cluster', operator: 'Equal', value: 'training-1a2b', effect: 'NoSchedule' },
            { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
          ],
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  topologyKey: 'kubernetes.io/hostname',
                  labelSelector: { matchLabels: { 'ml-cluster': 'training-1a2b' } },
                },
              ],
            },
          },
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'job',
              image: 'registry/train:3',
              command: ['/bin/sh', '-c', 'eval "$$ML_ENTRY"', 'job'],
              args: ['torchrun', 'train.py'],
              env: [{ name: 'A', value: 'b' }],
              resources: { requests: { cpu: '18', memory: '67Gi' }, limits: { 'nvidia.com/gpu': '2' } },
              securityContext: { allowPrivilegeEscalation: false },
              volumeMounts: [{ name: 'shared-memory', mountPath: '/dev/shm' }],
            },
          ],
          volumes: [{ name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '4096Mi' } }],
        },
      },
    },
  });
});

test('machines that the catalog does not know have one pod each, without quantities', () => {
  const { template }: any = indexedJob({ ...props, machine: undefined }, values).spec;
  expect(template.spec.containers[0].resources).toEqual({});
  expect(template.spec.volumes[0].emptyDir).toEqual({ medium: 'Memory' });
});

test('a job that goes on with fewer nodes has succeeded with its node 0', () => {
  const { successPolicy }: any = indexedJob({ ...props, elastic: true }, values).spec;
  expect(successPolicy).toEqual({ rules: [{ succeededIndexes: '0' }] });
});

test('a program that fails by itself is told by the code of the container of that name', () => {
  const { template }: any = indexedJob(props, values).spec;
  const { onExitCodes }: any = FAIL_PROGRAM;
  expect(template.spec.containers.map(({ name }: any) => name)).toContain(onExitCodes.containerName);
});

test('what a job needs first: namespace, service account, a service without an address', () => {
  expect(placeManifests(place)).toEqual([
    {
      path: '/api/v1/namespaces',
      manifest: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'training-1a2b',
          labels: { 'ml-cluster': 'training-1a2b', 'pod-security.kubernetes.io/enforce': 'baseline' },
        },
      },
    },
    {
      path: '/api/v1/namespaces/training-1a2b/serviceaccounts',
      manifest: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'jobs', namespace: 'training-1a2b', annotations: { who: 'me' } },
      },
    },
    {
      path: '/api/v1/namespaces/training-1a2b/services',
      manifest: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'nodes', namespace: 'training-1a2b' },
        spec: {
          clusterIP: 'None',
          publishNotReadyAddresses: true,
          selector: { 'ml-cluster': 'training-1a2b' },
        },
      },
    },
  ]);
});
