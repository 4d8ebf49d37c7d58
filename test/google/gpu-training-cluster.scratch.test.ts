import { done, Kubernetes, runOn, SHARED } from './gpu-training-cluster.kubernetes';
import { created, definitionOf, execute, minimal } from './gpu-training-cluster.workflow';
import { all, newApp, only, platformStack, refusal, synthesizedStack } from './support';
import * as core from '../../src/core';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const sharing = (
  props: Partial<google.GpuTrainingClusterProps> = {},
  stack: Partial<google.PlatformStackProps> = {},
) =>
  synthesizedStack(
    (scope) =>
      new google.GpuTrainingCluster(scope, 'Training', {
        ...minimal,
        network: new google.PrivateNetwork(scope, 'Network'),
        scratch: { sizeGiB: 2560 },
        ...props,
      }),
    stack,
  );

describe('a file system that nodes share', () => {
  const { made, json } = sharing();

  test('is one of Filestore in the region, for the addresses of the subnetwork alone, that is kept', () => {
    const { '//': _, depends_on, ...rest } = only(json, 'google_filestore_instance');
    expect(made.scratchInstance).toBe(made.node.findChild('Scratch').node.defaultChild);
    expect(depends_on).toEqual([]);
    expect(rest).toEqual({
      id: 'Training_Scratch_Instance_604E9EE3',
      name: 'platform-training-scratch-9474f16c',
      tier: 'REGIONAL',
      location: 'europe-west4',
      protocol: 'NFS_V3',
      file_shares: {
        name: 'scratch',
        capacity_gb: 2560,
        nfs_export_options: [
          {
            ip_ranges: [
              '${data.google_compute_subnetwork.Training_Scratch_Subnetwork_B45DCD4F.ip_cidr_range}',
            ],
            access_mode: 'READ_WRITE',
            squash_mode: 'NO_ROOT_SQUASH',
          },
        ],
      },
      networks: [
        {
          network: '${google_compute_network.Network_B499D968.id}',
          modes: ['MODE_IPV4'],
          connect_mode: 'DIRECT_PEERING',
        },
      ],
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  test('is mounted by all machines of a job on Vertex AI, where SCRATCH_DIR says', () => {
    const run = execute(definitionOf(sharing({ maxNodes: 3 }).json), { run: 'r1', nodes: 3 });
    const pools: any[] = created(run)[0].jobSpec.workerPoolSpecs;
    expect(pools.map(({ replicaCount, nfsMounts }) => ({ replicaCount, nfsMounts }))).toEqual(
      [1, 2].map((replicaCount) => ({
        replicaCount,
        nfsMounts: [{ server: '10.1.2.3', path: '/scratch', mountPoint: 'scratch' }],
      })),
    );
    expect(pools[0].containerSpec.env).toContainEqual({ name: 'SCRATCH_DIR', value: '/mnt/nfs/scratch' });
  });

  test('is mounted by all nodes of a job on GKE, where SCRATCH_DIR says', () => {
    const { json: own } = sharing({ engine: google.TrainingEngine.gke() });
    const { calls } = runOn(new Kubernetes([done(600)]), own);
    const job = calls.find(({ method, url }) => method === 'POST' && url.endsWith('/jobs'))!.body;
    const { containers, volumes } = job.spec.template.spec;
    expect(volumes).toContainEqual({ name: 'scratch', nfs: { server: '10.1.2.3', path: '/scratch' } });
    expect(containers[0].volumeMounts).toContainEqual({ name: 'scratch', mountPath: '/mnt/scratch' });
    expect(containers[0].env).toContainEqual({ name: 'SCRATCH_DIR', value: '/mnt/scratch' });
  });

  test('stands in the report with what it bills, and who reaches it', () => {
    expect(
      reportOf(made)
        .filter(({ entry }) => entry.title === 'Scratch')
        .map(({ entry }) => `${entry.kind}: ${entry.text}`),
    ).toEqual([
      'idle-cost: 2560 GiB of Filestore (regional) bill per hour while the cluster exists, used or not.',
      'note: Whatever has an address of the subnetwork can mount the share: NFS asks nobody who they are, and encrypts nothing on its way. With retention RETAIN no plan deletes it, not even for another key or network.',
    ]);
  });

  test('goes with the cluster where its data may', () => {
    const gone = sharing({ retention: core.DataRetention.DESTROY });
    expect(only(gone.json, 'google_filestore_instance').lifecycle).toBeUndefined();
    expect(reportOf(gone.made).map(({ entry }) => entry.text)).toContainEqual(
      expect.stringMatching(/nothing on its way\.$/),
    );
  });

  test('is encrypted with the key of the cluster, which the agent of Filestore may use', () => {
    const { json: regulated } = sharing({}, { securityProfile: core.SecurityProfile.REGULATED });
    const instance = only(regulated, 'google_filestore_instance');
    expect(instance.kms_key_name).toMatch(/^\$\{google_kms_crypto_key\.MlKey\w*\.id\}$/);
    expect(instance.depends_on).toContainEqual(expect.stringMatching(/iam_member\.MlKey_Agent-file/));
    expect(all(regulated, 'google_project_service_identity').map(({ service }) => service)).toContain(
      'file.googleapis.com',
    );
  });

  test('in a network of another project goes by private services access, which is reported', () => {
    const shared = synthesizedStack(
      (scope) =>
        new google.GpuTrainingCluster(scope, 'Training', {
          ...minimal,
          scratch: { sizeGiB: 1024 },
          network: google.PrivateNetwork.fromNetwork(scope, 'Network', {
            networkId: 'projects/host/global/networks/hub',
            subnetworkId: 'projects/host/regions/europe-west4/subnetworks/ml',
          }),
        }),
    );
    expect(only(shared.json, 'google_filestore_instance').networks).toEqual([
      {
        network: 'projects/host/global/networks/hub',
        modes: ['MODE_IPV4'],
        connect_mode: 'PRIVATE_SERVICE_ACCESS',
      },
    ]);
    expect(reportOf(shared.made).map(({ entry }) => entry.text)).toContainEqual(
      expect.stringContaining('whoever administers host sets up'),
    );
  });
});

describe('refused', () => {
  const refused = (
    props: (stack: google.PlatformStack) => Partial<google.GpuTrainingClusterProps>,
    ...codes: string[]
  ) => {
    const stack = platformStack(newApp());
    const network = new google.PrivateNetwork(stack, 'Network');
    const given = { ...minimal, network, ...props(stack) };
    const message = refusal(() => new google.GpuTrainingCluster(stack, 'Training', given), ...codes);
    expect(stack.node.tryFindChild('Training')).toBeUndefined();
    return message;
  };

  test.each([
    [1000, '1024'],
    [1300, '1280 or 1536'],
    [10000, '9984 or 10240'],
    [12000, '10240 or 12800'],
    [200000, '102400'],
  ])('%d GiB, with the sizes that there are', (sizeGiB, sizes) =>
    expect(refused(() => ({ scratch: { sizeGiB } }), 'CMC-005')).toContain(
      `scratch.sizeGiB (${sizeGiB}) is no size that Filestore has: take ${sizes} [CMC-005]`,
    ),
  );

  test('without a network', () =>
    expect(refused(() => ({ network: undefined, scratch: { sizeGiB: 1024 } }), 'CMC-009')).toContain(
      'scratch needs network',
    ));

  test('a zone of a lake', () =>
    expect(
      refused(
        (stack) => ({ scratch: { sizeGiB: 1024, zone: new google.DataLake(stack, 'Lake').zone('raw') } }),
        'CMC-040',
      ),
    ).toContain('let one job copy DATASET_<ZONE>_URI to SCRATCH_DIR'));

  test('on a Kubernetes cluster that exists', () =>
    expect(
      refused(() => ({ network: undefined, engine: SHARED, scratch: { sizeGiB: 1024 } }), 'CMC-040'),
    ).toContain('leave cluster out of gke()'));
});
