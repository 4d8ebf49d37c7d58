import {
  anywhere,
  ArgumentRule,
  COPIES,
  Meaning,
  NO_PLACE,
  outside,
  PLACE,
  Places,
  TypeRule,
} from '../../core/private/residency';
import { REFERENCES } from '../../terraform/residency';

/** A region, or a zone of one. */
export const REGION = /^((africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+\d+)(-[a-z])?$/;

/** The places that are two regions, by their names in Cloud Storage. */
const DUAL_REGIONS: { readonly [place: string]: readonly string[] } = {
  asia1: ['asia-northeast1', 'asia-northeast2'],
  eur4: ['europe-north1', 'europe-west4'],
  eur5: ['europe-west1', 'europe-west2'],
  eur7: ['europe-west2', 'europe-west3'],
  eur8: ['europe-west3', 'europe-west6'],
  nam4: ['us-central1', 'us-east1'],
};

/** A zone lies in its region, two regions where both are allowed; multi-regions and `global` are allowed by their names. */
function isInside(place: string, allowed: readonly string[]): boolean {
  const name = place.toLowerCase().replace(/^.*\//, '');
  const [, region = name] = REGION.exec(name) ?? [];
  const names = allowed.map((one) => one.toLowerCase());
  return names.includes(region) || (DUAL_REGIONS[name]?.every((one) => names.includes(one)) ?? false);
}

/** Services of models answer from any region where they are called at the global location. */
const MODELS = /^(data )?google_(vertex_ai|discovery_engine|dialogflow|contact_center|document_ai|ces)_/;

const PLACE_OF_MODELS: Meaning = {
  ...PLACE,
  stray: (place, regions, resource) =>
    place === 'global' && !regions.isInside(place)
      ? anywhere(place, regions, 'take a region')
      : PLACE.stray(place, regions, resource),
};

/** Spanner says `regional-europe-west4`, or the name of several regions. */
const SPANNER_CONFIG: Meaning = {
  namesPlace: true,
  stray: (config, regions) => {
    const place = String(config)
      .replace(/^.*\//, '')
      .replace(/^regional-/, '');
    return regions.isInside(place) ? undefined : outside(config, regions);
  },
};

/** With `custom_placement_config` the multi-region is that of the two regions which are said there. */
const BUCKET_LOCATION: Meaning = {
  ...PLACE,
  stray: (place, regions, bucket) =>
    bucket.custom_placement_config ? undefined : PLACE.stray(place, regions, bucket),
};

/** What programs call in a place is often said to them by a variable. */
const VARIABLE: Meaning = {
  stray: (value, regions) =>
    /^(global|us|eu|europe|asia)$/i.test(String(value)) && !regions.isInside(String(value))
      ? anywhere(value, regions, 'take a region')
      : REGION.test(String(value))
        ? PLACE.stray(value, regions, {})
        : undefined,
};

const ARGUMENTS: ArgumentRule[] = [
  { path: /(^|\.)(\w*labels|tags|annotations)\./, means: NO_PLACE },
  { path: /\.[A-Z0-9_]*(LOCATION|REGION|ZONE)$/, means: VARIABLE },
  // Where an expression was written, for errors.
  {
    path: /(^|\.)(\w*condition|\w*expr|value_expression|predicate|actions|match)\.location$/,
    means: NO_PLACE,
  },
  // Who asks, and from where: not what answers.
  { path: /(^|\.)(\w*region_codes?|sms_region_config\..*|basic\.conditions\.regions)$/, means: NO_PLACE },
  {
    types: /^google_dns_record_set$/,
    path: /^routing_policy\..*\.?(backup_)?geo\.location$/,
    means: NO_PLACE,
  },
  { types: /^google_access_context_manager_/, path: /(^|\.)regions$/, means: NO_PLACE },
  { types: /^google_monitoring_/, path: /(^|\.)(location|selected_regions)$/, means: NO_PLACE },
  { types: /^google_cloudbuild_trigger$/, path: /^build\.artifacts\.objects\.location$/, means: NO_PLACE },
  // Selections of what exists.
  { path: /(^|\.)((in|ex)cluded?_cloud_storage_locations|location_selector)\./, means: NO_PLACE },
  { types: /^google_migration_center_/, path: /preferred_regions$/, means: NO_PLACE },
  // Names, counts, and what merely sounds like a place.
  { path: /(^|[._])(managed|dns|time|dataplex|azure_availability)_zones?(_id)?$/, means: NO_PLACE },
  { path: /(^|\.)(temp|gcs|manifest|http_element|request)(_gcs)?_location$/, means: NO_PLACE },
  {
    path: /_locator$|location_(policy|type|uri)$|(^|\.)collocation$|(^|\.)allow_fewer_zones_/,
    means: NO_PLACE,
  },
  { path: /(^|\.)(web_)?region_\w+$|(^|_)inter_region_cost$|geo_fencing/, means: NO_PLACE },
  {
    path: /redundan|(^|[._])(replication|replicas?)(_\w+)?$|_replica(_name)?$|replica_?count$/i,
    means: NO_PLACE,
  },

  { types: /^google_storage_bucket$/, path: /^location$/, means: BUCKET_LOCATION },
  { types: /^google_spanner_instance$/, path: /^config$/, means: SPANNER_CONFIG },
  { types: MODELS, path: /^(location|region)$/, means: PLACE_OF_MODELS },

  { path: /(^|\.)storage_locations$/, means: COPIES },
  { path: /(^|\.)(backup|snapshot|secondary)_(location|region)$/, means: COPIES },
  { path: /(^|\.)\w*backup\w*\.location$/, means: COPIES },
  { path: /(^|\.)\w*replicas?\.location$/, means: COPIES },
  {
    types: /^google_(filestore|alloydb|backup_dr|gke_backup)_\w*backup/,
    path: /^(location|region)$/,
    means: COPIES,
  },

  { path: /(^|[._])(locations?|location_id|regions?)$/, means: PLACE },
  { path: /(^|[._])zones?$/, means: PLACE },
];

/** What goes where Google chooses, unless the resource says where. */
const kept =
  (said: (resource: any) => unknown, wayOut: string): TypeRule['stray'] =>
  (resource, { allowed }) =>
    [said(resource)].flat().some(Boolean)
      ? undefined
      : {
          code: 'CMC-051',
          message: `is kept where Google chooses, not in allowedRegions (${allowed.join(', ')}) alone: ${wayOut}`,
        };

const blocks = (value: any): any[] => (value === undefined ? [] : [value].flat());

const TYPES: TypeRule[] = [
  {
    types: /^provider google(-beta)?$/,
    stray: ({ region }, { allowed }) =>
      region === undefined
        ? {
            code: 'CMC-009',
            message: `needs a region that stands in the program: where resources name none, they lie in it (allowedRegions: ${allowed.join(', ')})`,
          }
        : undefined,
  },
  {
    types: /^google_secret_manager_secret$/,
    stray: kept(
      ({ replication }) => blocks(replication).map(({ user_managed: managed }) => managed),
      'give the regions as replication.user_managed, or take google_secret_manager_regional_secret',
    ),
  },
  {
    types: /^google_pubsub_topic$/,
    stray: kept(
      ({ message_storage_policy: policy }) => policy,
      'give message_storage_policy.allowed_persistence_regions',
    ),
  },
  {
    types: /^google_compute_(snapshot|image)$/,
    stray: kept(({ storage_locations: places }) => places, 'give storage_locations'),
  },
  {
    types: /^google_sql_database_instance$/,
    stray: kept(
      ({ settings }) =>
        blocks(settings).every(({ backup_configuration: backups }) =>
          blocks(backups).every(({ enabled, location }) => !enabled || location),
        ),
      'give settings.backup_configuration.location',
    ),
  },
  {
    // It ends TLS wherever the caller is near.
    types: /^google_compute_global_forwarding_rule$/,
    stray: ({ load_balancing_scheme: scheme = 'EXTERNAL' }, regions) =>
      /^EXTERNAL/.test(scheme)
        ? anywhere(scheme, regions, 'take a private address (network), or a regional load balancer')
        : undefined,
  },
];

/** How ids and addresses name a place. */
const NAMED = [
  /\b(?:locations|regions|zones)\/([a-z][a-z0-9-]*)\b(?!\/work(?:load|force))/g,
  /\b([a-z][a-z0-9-]*)-(?:apt|docker|generic|go|kfp|maven|npm|python|yum)\.pkg\.dev\b/g,
  /\b(asia|eu|us)\.gcr\.io\b/g,
  /\b([a-z]+-[a-z]+\d+)-[a-z]+\.googleapis\.com\b/g,
  /\b([a-z]+-[a-z]+\d+)\.rep\.googleapis\.com\b/g,
];

/** What Google Cloud knows of places. */
export const PLACES: Places = {
  ...REFERENCES,
  arguments: ARGUMENTS,
  types: TYPES,
  isInside,
  namedIn: (text) => [
    ...(REGION.test(text) ? [{ place: text }] : []),
    ...NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map(([, place]) => ({ place }))),
  ],
};
