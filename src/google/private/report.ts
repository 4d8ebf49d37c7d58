import { TerraformStack } from 'cdktf';
import { Meaning } from '../../core/private/report/model';
import { reportStack as reportTerraformStack } from '../../terraform/report';
import { Dialect } from '../../terraform/report/dialect';

/** Roles by what they come to; the first that matches. */
const ROLES: readonly (readonly [RegExp, readonly Meaning[]])[] = [
  [/cloudkms\./, ['encrypted by']],
  [/artifactregistry\.(writer|repoAdmin|admin)/, ['pushes images']],
  [/artifactregistry\./, ['pulls images']],
  [
    /storage\.(objectViewer|legacyObjectReader)|secretAccessor|bigquery\.dataViewer|dataplex\.discovery/,
    ['reads'],
  ],
  [/storage\.objectCreator|bigquery\.dataEditor/, ['writes']],
  [/storage\.(objectUser|objectAdmin|admin)|bigquery\.dataOwner/, ['reads', 'writes']],
  [/workflows\.invoker/, ['starts']],
  [/\.invoker|endpoints\.predict/, ['invokes']],
  [/pubsub\.publisher/, ['notifies']],
  [/logging\./, ['logs to']],
  [/compute\.network/, ['runs in']],
];

/** Types that say by themselves what they are used for. */
const TYPES: readonly (readonly [RegExp, Meaning])[] = [
  [/^google_kms_/, 'encrypted by'],
  [/^google_artifact_registry_/, 'pulls images'],
  [/^google_logging_/, 'logs to'],
  [/^google_monitoring_notification_channel$/, 'notifies'],
  [/^google_secret_manager_/, 'reads'],
  [/^google_compute_(network|subnetwork)$/, 'runs in'],
];

const DIALECT: Dialect = {
  cloud: 'Google Cloud',
  providers: ['google', 'google-beta'],
  placeOf: ({ content }, words) => {
    const { project, region } = content.provider?.google?.[0] ?? {};
    const place = (value: unknown) => (value === undefined ? [{ hole: 'of the environment' }] : words(value));
    return [
      ['Project', place(project)],
      ['Region', place(region)],
    ];
  },
  groupOf: (id) =>
    /^Ml(Api|Agent)-|^MlEndpointCaller$/.test(id) ? 'APIs and roles of the project' : undefined,
  grantOf: (type, { role }, find) => {
    const permissions = find(role).flatMap((block) => block.permissions ?? []);
    const allowed = [role, ...permissions].join(' ');
    return /_iam_(member|binding)$/.test(type)
      ? {
          who: 'member',
          what: ['role', 'project', 'location', 'condition'],
          meanings: ROLES.find(([roles]) => roles.test(allowed))?.[1] ?? ['uses'],
        }
      : undefined;
  },
  meaningOf: (argument, type) =>
    argument === 'logging' ? 'logs to' : TYPES.find(([types]) => types.test(type))?.[1],
};

/** Writes the report of a stack on Google Cloud. */
export const reportStack = (stack: TerraformStack): void => reportTerraformStack(stack, DIALECT);
