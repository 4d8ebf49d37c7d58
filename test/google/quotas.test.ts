import { TerraformStack } from 'cdktf';
import { newApp, platformStack } from './support';
import * as core from '../../src/core';
import { QuotaNeed } from '../../src/core/private/quotas';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';

const IMAGE = 'europe-west4-docker.pkg.dev/ml-project/ml/train:1';

function needs(build: (stack: TerraformStack) => void): QuotaNeed[] {
  const stack = platformStack(newApp());
  build(stack);
  return reportOf(stack).flatMap(({ entry }) => entry.quota ?? []);
}

const told = (all: QuotaNeed[]) =>
  all.map(({ service, name, amount, unit, note }) => [service, name, amount, unit, ...(note ? [note] : [])]);

/** What a cluster on GKE needs, without its network. */
const needsOnGke = (accelerator: string, capacity: core.Capacity) =>
  needs(train(accelerator, capacity, google.TrainingEngine.gke())).filter(({ name }) => name !== 'NETWORKS');

const train =
  (accelerator: string, capacity?: core.Capacity, engine?: google.TrainingEngine, maxNodes = 2) =>
  (stack: TerraformStack) =>
    new google.GpuTrainingCluster(stack, 'Training', {
      ...{ image: IMAGE, accelerators: [accelerator], maxNodes, capacity, engine },
      network: engine && new google.PrivateNetwork(stack, 'Network'),
    });

const ON_VERTEX = 'Vertex AI';

describe('quotas on Google Cloud', () => {
  test('Vertex AI has one for each accelerator and use; its id is found by the metric', () => {
    const metric = 'aiplatform.googleapis.com/custom_model_training_nvidia_l4_gpus';
    expect(needs(train('L4:1'))).toEqual([
      {
        service: ON_VERTEX,
        name: 'custom_model_training_nvidia_l4_gpus',
        unit: 'accelerators',
        amount: 2,
        open: false,
        check: `gcloud beta quotas info list --service=aiplatform.googleapis.com --project=ml-project --flatten='dimensionsInfos[]' --filter='metric=${metric} AND dimensionsInfos.applicableLocations:europe-west4' --format='table(quotaId,dimensionsInfos.dimensions,dimensionsInfos.details.value)'`,
        request: `gcloud beta quotas preferences create --service=aiplatform.googleapis.com --project=ml-project --quota-id="$(gcloud beta quotas info list --service=aiplatform.googleapis.com --project=ml-project --filter='metric=${metric}' --format='value(quotaId)' --limit=1)" --preferred-value="$AMOUNT" --dimensions=region=europe-west4 --email="$(gcloud config get-value account)"`,
      },
    ]);
  });

  test.each<[string, core.Capacity, (string | number)[]]>([
    ['L4:1', core.Capacity.spot(), ['custom_model_training_preemptible_nvidia_l4_gpus', 2]],
    ['A100-80GB:8', core.Capacity.onDemand(), ['custom_model_training_nvidia_a100_80gb_gpus', 16]],
    ['L4:1', core.Capacity.queued(), ['custom_model_training_preemptible_nvidia_l4_gpus', 2]],
  ])('Vertex AI counts accelerators: %s %j', (accelerator, capacity, [name, amount]) => {
    expect(told(needs(train(accelerator, capacity)))).toEqual([[ON_VERTEX, name, amount, 'accelerators']]);
  });

  test('TPUs have quotas of Vertex AI too', () => {
    expect(told(needs(train('TPU-v5e:8', undefined, undefined, 1)))).toEqual([
      [
        ON_VERTEX,
        'custom_model_training_tpu_v5e',
        8,
        'accelerators',
        'check whether chips or cores are counted',
      ],
    ]);
  });

  test('GKE has those of Compute Engine: of the kind in the region, and of all kinds everywhere', () => {
    const [kind, everywhere] = needsOnGke('L4:1', core.Capacity.onDemand());
    expect(told([kind, everywhere])).toEqual([
      ['Compute Engine', 'NVIDIA_L4_GPUS', 2, 'accelerators'],
      ['Compute Engine', 'GPUS_ALL_REGIONS', 2, 'accelerators'],
    ]);
    expect(kind.request).toBe(
      'gcloud beta quotas preferences create --service=compute.googleapis.com --project=ml-project --quota-id=NVIDIA-L4-GPUS-per-project-region --preferred-value="$AMOUNT" --dimensions=region=europe-west4 --email="$(gcloud config get-value account)"',
    );
    expect(everywhere.request).toBe(
      'gcloud beta quotas preferences create --service=compute.googleapis.com --project=ml-project --quota-id=GPUS-ALL-REGIONS-per-project --preferred-value="$AMOUNT" --email="$(gcloud config get-value account)"',
    );
  });

  test('spot machines of GKE have their own', () => {
    expect(told(needsOnGke('T4:1', core.Capacity.spot()))).toEqual([
      ['Compute Engine', 'PREEMPTIBLE_NVIDIA_T4_GPUS', 2, 'accelerators'],
      [
        'Compute Engine',
        'GPUS_ALL_REGIONS',
        2,
        'accelerators',
        'check whether spot machines count against it',
      ],
    ]);
  });

  test('newer kinds share a quota of Compute Engine, by its dimension', () => {
    const [kind] = needsOnGke('H100:8', core.Capacity.onDemand());
    expect(kind).toMatchObject({ name: 'GPUS_PER_GPU_FAMILY of NVIDIA_H100', amount: 16 });
    expect(kind.check).toContain(
      "--filter='quotaId=GPUS-PER-GPU-FAMILY-per-project-region AND dimensionsInfos.applicableLocations:europe-west4 AND dimensionsInfos.dimensions.gpu_family=NVIDIA_H100'",
    );
    expect(kind.request).toContain('--dimensions=region=europe-west4,gpu_family=NVIDIA_H100 ');
  });

  const serve = (engine?: google.EndpointEngine) =>
    told(
      needs((stack) => {
        new google.AutoScalingEndpoint(stack, 'Fraud', {
          variants: [{ name: 'main', container: { image: IMAGE } }],
          ...{ accelerators: ['L4:1'], engine },
          scaling: {
            minInstances: 2,
            maxInstances: 8,
            ...(engine ? { concurrentRequestsPerInstance: 4 } : { gpuPercent: 60 }),
          },
        });
      }),
    );

  test('an endpoint needs what it scales to, and the fewest once more for a new deployment', () => {
    expect(serve()).toEqual([[ON_VERTEX, 'custom_model_serving_nvidia_l4_gpus', 10, 'accelerators']]);
    expect(serve(google.EndpointEngine.cloudRun({ hostName: 'fraud.example.com' }))).toEqual([
      ['Cloud Run', 'nvidia_l4_gpu_allocation_no_zonal_redundancy', 10, 'accelerators'],
    ]);
  });

  test('serverless instances and notebooks count where they have accelerators', () => {
    const build = (accelerators?: string[]) =>
      told(
        needs((stack) => {
          new google.ServerlessInference(stack, 'Thumbnails', {
            ...{ container: { image: IMAGE }, accelerators, maxInstances: 5 },
          });
          new google.Workspace(stack, 'Team', {
            ...{ users: [{ name: 'ada', principalId: 'ada@example.com' }], accelerators },
          });
        }),
      );
    // The workspace's own.
    const network = ['Compute Engine', 'NETWORKS', 1, 'networks'];
    expect(build(['L4:1'])).toEqual([
      ['Cloud Run', 'nvidia_l4_gpu_allocation_no_zonal_redundancy', 5, 'accelerators'],
      ['Compute Engine', 'NVIDIA_L4_GPUS', 1, 'accelerators'],
      ['Compute Engine', 'GPUS_ALL_REGIONS', 1, 'accelerators'],
      network,
    ]);
    expect(build()).toEqual([network]);
  });

  test('a network counts, and a file system by its size', () => {
    const all = needs((stack) => {
      new google.GpuTrainingCluster(stack, 'Training', {
        ...{ image: IMAGE, accelerators: ['L4:1'], scratch: { sizeGiB: 1024 } },
        network: new google.PrivateNetwork(stack, 'Network'),
      });
    });
    expect(told(all.filter(({ service }) => service !== ON_VERTEX))).toEqual([
      ['Compute Engine', 'NETWORKS', 1, 'networks'],
      [
        'Filestore',
        'EnterpriseStorageGibPerRegion',
        ...[1024, 'GiB', 'check whether the regional tier counts against it'],
      ],
    ]);
  });
});
