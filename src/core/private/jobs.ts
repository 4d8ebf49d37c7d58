import { IDataset } from '../data-lake';
import { Faults } from './faults';

/** The variable that a job finds a dataset in. */
export const datasetVariable = (name: string) =>
  `DATASET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_URI`;

/** The variables of the portable job environment, which a user cannot set. */
export const JOB_VARIABLES = [
  'CHECKPOINT_URI',
  'MODEL_OUTPUT_URI',
  'NNODES',
  'NODE_RANK',
  'MASTER_ADDR',
  'MASTER_PORT',
];

/** The variables that tell a job where its datasets are. Two datasets of one name are a fault. */
export function datasetVariables(datasets: readonly IDataset[], faults: Faults): Record<string, string> {
  const variables: Record<string, string> = {};
  datasets.forEach((dataset, i) => {
    for (const [name, uri] of Object.entries(dataset.uris)) {
      const variable = datasetVariable(name);
      if (variable in variables) {
        faults.add(
          'CMC-007',
          `datasets[${i}]`,
          `brings a second dataset '${name}'; jobs find datasets by name: give single zones (lake.zone('…')), or name the zones differently`,
        );
      }
      variables[variable] = uri;
    }
  });
  return variables;
}

/** A user's variable may not hide one that the platform sets. */
export function reserveVariables(
  names: readonly string[],
  prop: string,
  reserved: readonly string[],
  faults: Faults,
): void {
  for (const name of names.filter((given) => reserved.includes(given) || /^DATASET_.*_URI$/.test(given))) {
    faults.add('CMC-008', `${prop}.${name}`, `is set by the platform: choose another name`);
  }
}
