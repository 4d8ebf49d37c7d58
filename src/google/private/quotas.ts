import { IConstruct } from 'constructs';
import { placeOf } from './place';
import { CapacityKind } from '../../core';
import { isGpu, Machine } from '../../core/private/catalog';
import { Count, countOf, needQuota, Quota } from '../../core/private/quotas';

/** Where `id` is not given, the metric finds it. */
interface Found {
  readonly service: string;
  readonly api: string;
  readonly name: string;
  /** @default accelerators */
  readonly unit?: string;
  readonly id?: string;
  readonly dimensions?: Record<string, string>;
  /** Whether it holds for all regions together. */
  readonly global?: boolean;
  readonly note?: string;
}

function quota(
  scope: IConstruct,
  { service, api, name, unit = 'accelerators', id, dimensions, global, note }: Found,
): Quota {
  const { project, region } = placeOf(scope);
  const where = `--service=${api} --project=${project}`;
  const which = id ? `quotaId=${id}` : `metric=${api}/${name}`;
  const wanted = Object.entries({ ...(global ? {} : { region }), ...dimensions });
  const matching = [
    which,
    ...(global ? [] : [`dimensionsInfos.applicableLocations:${region}`]),
    ...Object.entries(dimensions ?? {}).map(([key, value]) => `dimensionsInfos.dimensions.${key}=${value}`),
  ].join(' AND ');
  const given = wanted.map(([key, value]) => `${key}=${value}`).join(',');
  const quotaId =
    id ??
    `"$(gcloud beta quotas info list ${where} --filter='${which}' --format='value(quotaId)' --limit=1)"`;
  return {
    ...{ service, name, unit, ...(note && { note }) },
    check: `gcloud beta quotas info list ${where} --flatten='dimensionsInfos[]' --filter='${matching}' --format='table(quotaId,dimensionsInfos.dimensions,dimensionsInfos.details.value)'`,
    request: `gcloud beta quotas preferences create ${where} --quota-id=${quotaId} --preferred-value="$AMOUNT"${given && ` --dimensions=${given}`} --email="$(gcloud config get-value account)"`,
  };
}

/** As Vertex AI's metrics name accelerators, by their type in its API. */
const VERTEX: Record<string, { readonly metric: string; readonly note?: string }> = {
  NVIDIA_TESLA_P4: { metric: 'nvidia_p4_gpus' },
  NVIDIA_TESLA_P100: { metric: 'nvidia_p100_gpus' },
  NVIDIA_TESLA_V100: { metric: 'nvidia_v100_gpus' },
  NVIDIA_TESLA_T4: { metric: 'nvidia_t4_gpus' },
  NVIDIA_L4: { metric: 'nvidia_l4_gpus' },
  NVIDIA_TESLA_A100: { metric: 'nvidia_a100_gpus' },
  NVIDIA_A100_80GB: { metric: 'nvidia_a100_80gb_gpus' },
  NVIDIA_H100_80GB: { metric: 'nvidia_h100_gpus' },
  NVIDIA_H100_MEGA_80GB: { metric: 'nvidia_h100_mega_gpus' },
  NVIDIA_H200_141GB: { metric: 'nvidia_h200_gpus' },
  NVIDIA_B200: { metric: 'nvidia_b200_gpus', note: 'check the name' },
  TPU_V3: { metric: 'tpu_v3', note: 'check whether chips or cores are counted' },
  TPU_V5_LITEPOD: { metric: 'tpu_v5e', note: 'check whether chips or cores are counted' },
};

/** Accelerators of Vertex AI: a quota for each use, kind and region; spot apart, which queued machines count against too. */
export function needVertex(
  scope: IConstruct,
  use: 'training' | 'serving',
  machine: Machine | undefined,
  capacity: CapacityKind | undefined,
  count: Count,
): void {
  const found = VERTEX[machine?.google?.vertexAcceleratorType ?? ''];
  if (machine && found) {
    const name = `custom_model_${use}_${preemptible(capacity) ? 'preemptible_' : ''}${found.metric}`;
    const note = reservedNote(capacity) ?? found.note;
    needQuota(
      scope,
      quota(scope, { service: 'Vertex AI', api: 'aiplatform.googleapis.com', name, note }),
      count,
      machine.count,
    );
  }
}

const preemptible = (capacity?: CapacityKind) =>
  capacity === CapacityKind.SPOT || capacity === CapacityKind.QUEUED;

const reservedNote = (capacity?: CapacityKind) =>
  capacity === CapacityKind.RESERVED ? 'check whether the reservation counts against it already' : undefined;

/** Kinds that Compute Engine has quotas of their own for; newer ones share one with a dimension. */
const OWN_QUOTA: Record<string, string> = {
  ...{ P4: 'P4', P100: 'P100', V100: 'V100', T4: 'T4', L4: 'L4', A100: 'A100' },
  'A100-80GB': 'A100_80GB',
};

/** Kinds of the shared quota, as its dimension names them. */
const FAMILIES: Record<string, string> = { RTXPRO6000: 'NVIDIA_RTX_PRO_6000' };

/** Accelerators of Compute Engine: of the kind in the region, spot apart, and all kinds in all regions together. */
export function needCompute(
  scope: IConstruct,
  machine: Machine | undefined,
  capacity: CapacityKind | undefined,
  count: Count,
): void {
  if (!machine || !isGpu(machine)) {
    return;
  }
  const compute = { service: 'Compute Engine', api: 'compute.googleapis.com' };
  const spot = preemptible(capacity);
  const need = (found: Omit<Found, 'service' | 'api'>) =>
    needQuota(scope, quota(scope, { ...compute, ...found }), count, machine.count);
  const idOf = (metric: string) => `${metric.replace(/_/g, '-')}-per-project-region`;
  const note = reservedNote(capacity);
  const own = OWN_QUOTA[machine.accelerator];
  const family = FAMILIES[machine.accelerator] ?? `NVIDIA_${machine.accelerator}`;
  if (own || spot) {
    const kind = own ? `NVIDIA_${own}` : family;
    const name = `${spot ? 'PREEMPTIBLE_' : ''}${kind}_GPUS`;
    need({ name, id: idOf(name), note: own ? note : 'check the name' });
  } else {
    need({
      name: `GPUS_PER_GPU_FAMILY of ${family}`,
      id: idOf('GPUS_PER_GPU_FAMILY'),
      dimensions: { gpu_family: family },
      note,
    });
  }
  need({
    ...{ name: 'GPUS_ALL_REGIONS', id: 'GPUS-ALL-REGIONS-per-project', global: true },
    note: spot ? 'check whether spot machines count against it' : note,
  });
}

/** Accelerators of Cloud Run in a region, without zonal redundancy. */
export function needCloudRun(scope: IConstruct, accelerator: string, count: Count): void {
  const name = `nvidia_${accelerator.toLowerCase()}_gpu_allocation_no_zonal_redundancy`;
  needQuota(scope, quota(scope, { service: 'Cloud Run', api: 'run.googleapis.com', name }), count);
}

/** GiB of file systems of Filestore in a region. */
export function needFilestore(scope: IConstruct, sizeGiB: number): void {
  const id = 'EnterpriseStorageGibPerRegion';
  const found = quota(scope, {
    ...{ service: 'Filestore', api: 'file.googleapis.com', name: id, id, unit: 'GiB' },
    note: 'check whether the regional tier counts against it',
  });
  needQuota(scope, found, countOf(sizeGiB, 0));
}

/** A network: new projects have few. */
export function needNetwork(scope: IConstruct): void {
  const found = quota(scope, {
    ...{ service: 'Compute Engine', api: 'compute.googleapis.com' },
    ...{ name: 'NETWORKS', id: 'NETWORKS-per-project', unit: 'networks', global: true },
  });
  needQuota(scope, found, { amount: 1, open: false });
}
