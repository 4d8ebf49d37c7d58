import type { IConstruct } from 'constructs';
import type { IDataFolder, IDataLake, IDataset, IDataZone } from '../data-lake';
import { DatasetMode, TrainingDataset } from '../gpu-training-cluster';
import { brandOf } from './brand';
import { Faults } from './faults';
import { report } from './report';

/** What a job is given of one zone or folder. */
export interface DatasetPlan {
  /** What jobs find it by. */
  readonly name: string;
  readonly uri: string;
  readonly mode: DatasetMode;
  readonly data: IDataZone | IDataFolder;
  readonly sizeGiB?: number;
  /** The prop that brought it. */
  readonly prop: string;
}

type Given = IDataset | TrainingDataset;

const isData = (given: Given): given is IDataset => brandOf(given) !== undefined;

/** The construct of a dataset, however it was given. */
export const dataOf = (given: Given): IDataset => (isData(given) ? given : given.data);

const isLake = (data: IDataset): data is IDataLake => 'zoneNames' in data;

/** What datasets mean, zone by zone. Two of one name are a fault. */
export function planDatasets(datasets: readonly Given[] = [], faults: Faults): DatasetPlan[] {
  const plans = datasets.flatMap((given, i) => plansOf(given, `datasets[${i}]`, faults));
  plans.forEach(({ name, prop }, i) => {
    const same = (other: DatasetPlan) => datasetVariable(other.name) === datasetVariable(name);
    if (plans.findIndex(same) < i) {
      faults.add(
        'CMC-007',
        prop,
        `brings a second dataset '${name}'; jobs find datasets by name: give single zones (lake.zone('…')), call one { data, name }, or name the zones differently`,
      );
    }
  });
  return plans;
}

function plansOf(given: Given, prop: string, faults: Faults): DatasetPlan[] {
  const {
    data,
    mode = DatasetMode.URI,
    name,
    sizeGiB,
  } = isData(given) ? ({ data: given } as TrainingDataset) : given;
  if (name !== undefined && isLake(data)) {
    faults.add(
      'CMC-008',
      `${prop}.name`,
      "cannot call a whole lake, whose zones have names: give single zones (lake.zone('…'))",
    );
  }
  if (sizeGiB !== undefined && mode !== DatasetMode.DOWNLOAD) {
    faults.add('CMC-009', `${prop}.sizeGiB`, 'needs mode DOWNLOAD, which alone takes disk');
  }
  const parts = isLake(data)
    ? data.zoneNames.map((zone) => data.zone(zone))
    : [data as IDataZone | IDataFolder];
  return parts.map((part) => ({
    name: (!isLake(data) && name) || part.zoneName,
    uri: part.uri,
    mode,
    data: part,
    sizeGiB,
    prop,
  }));
}

/** The variable that a job finds a dataset in. */
export const datasetVariable = (name: string, what: 'URI' | 'DIR' = 'URI'): string =>
  `DATASET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${what}`;

/** Those that are files for jobs. */
export const filesOf = (plans: readonly DatasetPlan[]): DatasetPlan[] =>
  plans.filter(({ mode }) => mode !== DatasetMode.URI);

/** The variables that tell a job where its datasets are. */
export const datasetVariables = (
  plans: readonly DatasetPlan[],
  directoryOf?: (plan: DatasetPlan) => string,
): Record<string, string> =>
  Object.fromEntries([
    ...plans.map(({ name, uri }) => [datasetVariable(name), uri]),
    ...(directoryOf
      ? filesOf(plans).map((plan) => [datasetVariable(plan.name, 'DIR'), directoryOf(plan)])
      : []),
  ]);

/** Where a service has no such way to data. */
export function refuseModes(
  plans: readonly DatasetPlan[],
  title: string,
  wayOut: Partial<Record<DatasetMode, string>>,
  faults: Faults,
): void {
  const refused = new Map(plans.filter(({ mode }) => wayOut[mode]).map(({ prop, mode }) => [prop, mode]));
  refused.forEach((mode, prop) =>
    faults.add(
      'CMC-040',
      `${prop}.mode`,
      `is ${mode.toUpperCase()}, which ${title} has not: ${wayOut[mode]}`,
    ),
  );
}

/** GiB that downloads take, as far as somebody said. */
export const downloadedGiB = (plans: readonly DatasetPlan[]): number =>
  plans.reduce((sum, { sizeGiB = 0 }) => sum + sizeGiB, 0);

/** Says how jobs see data; `disk` is what downloads go to. */
export function tellDatasets(cluster: IConstruct, plans: readonly DatasetPlan[], disk: string): void {
  for (const { name, mode } of filesOf(plans)) {
    report(
      cluster,
      'choice',
      `Dataset ${name}`,
      mode === DatasetMode.DOWNLOAD
        ? `Copied to ${disk} before the program starts: machines bill meanwhile.`
        : 'Mounted: files are read from the store as the program asks for them.',
    );
  }
}
