/** What each change of a prop does to what runs: a table from the golden files that the tests of upgrades hold. */
import { readFileSync } from 'fs';
import { join } from 'path';
import { CloudName, CLOUDS } from './programs';
import type { Golden, Outcome } from '../../test/upgrades/golden';
import { table } from '../generated';

/** The construct of a page, as the golden files call it. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  'data-lake': 'DataLake',
  'model-registry': 'ModelRegistry',
  'gpu-training-cluster': 'GpuTrainingCluster',
  'auto-scaling-endpoint': 'AutoScalingEndpoint',
  'serverless-inference': 'ServerlessInference',
  workspace: 'Workspace',
  'residency-and-audit': 'AuditTrail',
  'private-network': 'PrivateNetwork',
  'encryption-key': 'EncryptionKey',
};

/** Rights and the order of deployment come and go with everything. */
const ASIDE =
  /(::IAM::|Policy$|Permission|_iam_|role_assignment|role_definition|time_sleep|terraform_data|service_identity|project_service)/;
const MOST = 3;

const outcomesOf = (cloud: CloudName): Golden['outcomes'] =>
  JSON.parse(readFileSync(join(__dirname, '..', '..', 'test', cloud, 'upgrades.golden.json'), 'utf8'))
    .outcomes;

function types(found: string[] = []): string {
  const told = found.filter((type) => !ASIDE.test(type.split(' ')[0]));
  const shown = told.slice(0, MOST).map((type) => `\`${type.split(' ')[0]}\``);
  return [...shown, ...(told.length > MOST ? [`${told.length - MOST} more`] : [])].join(', ');
}

const withFate = (found: string[] = [], fate?: string) =>
  found.filter((type) => (/\((\w+)\)$/.exec(type)?.[1] ?? undefined) === fate);

/** A cell: the worst comes first. */
function cell(outcome: Outcome | undefined): string {
  if (!outcome) {
    return '–';
  }
  const { refused, replaced, removed, added, changed } = outcome;
  const gone = [...(replaced ?? []), ...(removed ?? [])];
  const [renewed, leaving] = [types(withFate(replaced)), types(withFate(removed))];
  const parts = [
    ['stops the deployment, for the sake of', types(withFate(gone, 'refused'))],
    ['destroys', types(withFate(gone, 'lost'))],
    ['leaves behind', types(withFate(gone, 'kept'))],
    ['replaces', renewed],
    ['adds or removes', [...new Set([leaving, types(added)])].filter(Boolean).join(', ')],
  ]
    .filter(([, told]) => told)
    .map((words) => words.join(' '));
  const isTouched = gone.length + (added?.length ?? 0) + (changed?.length ?? 0) > 0;
  return [
    ...(parts.length ? parts : isTouched ? ['in place'] : refused ? [] : ['nothing that is deployed']),
    ...(refused ? [isTouched ? 'some values refused' : 'refused'] : []),
  ].join('; ');
}

/** The table of a page. */
export function changesBlock(page: string): string {
  const construct = CONSTRUCTS[page];
  const clouds = (Object.keys(CLOUDS) as CloudName[]).map((cloud) => outcomesOf(cloud)[construct] ?? {});
  // What becomes of data when the whole of it goes is on a page of its own.
  const changes = [...new Set(clouds.flatMap((outcomes) => Object.keys(outcomes)))].filter(
    (change) => change !== 'the whole construct',
  );
  const rows = changes.map((change) => {
    const [prop, called] = change.split(': ');
    const name = prop.includes('tags of') ? prop : `\`${prop}\``;
    return { name: [name, called].filter(Boolean).join(': '), cells: clouds.map((one) => cell(one[change])) };
  });
  // What all of them do alike needs no row.
  const isPlain = (cells: string[]) => cells.every((one) => one === 'in place' || one === '–');
  const plain = rows.filter(({ cells }) => isPlain(cells)).map(({ name }) => name);
  return [
    table(
      ['change', ...Object.values(CLOUDS)],
      rows.filter(({ cells }) => !isPlain(cells)).map(({ name, cells }) => [name, ...cells]),
    ),
    ...(plain.length ? ['', `In place everywhere: ${plain.join(', ')}.`] : []),
  ].join('\n');
}
