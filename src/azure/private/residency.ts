import { isRegion, pairOf, regionName } from './regions';
import {
  anywhere,
  ArgumentRule,
  copied,
  COPIES,
  Meaning,
  NO_PLACE,
  PLACE,
  Places,
  Regions,
  Stray,
  TypeRule,
} from '../../core/private/residency';
import { REFERENCES } from '../../terraform/residency';

/** Alarms are told from everywhere, and hold no data. */
const EVERYWHERE =
  /^azurerm_monitor_(action_group|activity_log_alert|alert_processing_rule_\w+)$|^Microsoft\.Insights\/(actionGroups|activityLogAlerts)$/i;

const PLACE_OR_GLOBAL: Meaning = {
  ...PLACE,
  stray: (place, regions, resource) =>
    /^global$/i.test(String(place)) ? undefined : PLACE.stray(place, regions, resource),
};

/** What is geo-redundant goes to the pair of its region. */
const geoRedundant =
  (is: (value: unknown) => boolean, wayOut: string): Meaning['stray'] =>
  (value, regions, resource) =>
    is(value) ? toPair(value, resource?.location, regions, wayOut) : undefined;

function toPair(value: unknown, location: unknown, regions: Regions, wayOut: string): Stray | undefined {
  const pair = pairOf(String(location));
  return pair !== undefined && regions.isInside(pair)
    ? undefined
    : copied(value, regions, `${wayOut}${pair ? `, or allow ${pair}, where the copies lie` : ''}`);
}

const REPLICATION = /^(Standard_|Premium_)?(RA-?)?GZ?RS$/i;
const GEO = /^geo/i;
const copiesBy = (is: (value: unknown) => boolean, wayOut: string): Meaning => ({
  stray: geoRedundant(is, wayOut),
});
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isTrue = (value: unknown) => value === true || value === 'true';

/** Deployments of models that Azure answers from wherever there is room, in the world or in a zone of several countries. */
const TIER: Meaning = {
  stray: (sku, regions) =>
    matches(/^(Global|DataZone)/i)(sku)
      ? anywhere(
          sku,
          regions,
          'take Standard or ProvisionedManaged, which answer in the region of the account',
        )
      : undefined,
};

const ARGUMENTS: ArgumentRule[] = [
  { path: /(^|\.)(tags|labels|annotations)\./, means: NO_PLACE },
  // Zones of the region, names, and what only lets others copy.
  { path: /(^|[._])zones?(_\w+)?$|_zones_\w+$|time_?zone|dns_zone/i, means: NO_PLACE },
  { path: /replication_(enabled|frequency|role|mode|policy_id|group_name)$/, means: NO_PLACE },
  {
    path: /(^|\.)(upgrade_)?replica(ted)?_\w+$|replicated_locations_enabled$|_endpoint_enabled$/,
    means: NO_PLACE,
  },
  {
    path: /(^|\.)(max|min)_replicas$|_locations?_enabled$|residency_enabled$|geo_backup_(key|user)_/,
    means: NO_PLACE,
  },
  // Cities where lines meet, folders of certificates, sites of a recovery plan, and what is only filtered or watched.
  {
    path: /(^|\.)(peering|store|certificate|secrets|fabric|geo|custom)_?(location|mappings|filter)s?(_id)?$/,
    means: NO_PLACE,
  },
  {
    path: /(^|\.)(location_filters|geo_locations|(azure_query|filter|service_health)\.locations)$/,
    means: NO_PLACE,
  },
  { types: /^azurerm_traffic_manager_/, path: /(location|mappings)$/, means: NO_PLACE },

  { types: EVERYWHERE, path: /^location$/, means: PLACE_OR_GLOBAL },

  { path: /(^|\.)account_replication_type$/, means: copiesBy(matches(REPLICATION), 'take ZRS or LRS') },
  {
    path: /(^|\.)(storage_account_sku_name|storage_sku)$/,
    means: copiesBy(matches(REPLICATION), 'take ZRS or LRS'),
  },
  {
    types: /^Microsoft\.Storage\/storageAccounts$/i,
    path: /^body\.sku\.name$/,
    means: copiesBy(matches(REPLICATION), 'take Standard_ZRS or Standard_LRS'),
  },
  {
    path: /(^|\.)(redundancy|storage_redundancy|storage_mode_type|storage_account_type|backup_storage_redundancy)$/,
    means: copiesBy(
      (value) => matches(GEO)(value) || matches(REPLICATION)(value),
      'take the zone-redundant one',
    ),
  },
  {
    path: /(^|\.)(geo_redundant_backup_enabled|geo_backup_enabled|geo_backup_policy_enabled|cross_region_restore_enabled)$/,
    means: copiesBy(isTrue, 'turn it off'),
  },
  {
    types: /^azurerm_cognitive_deployment$|^Microsoft\.CognitiveServices\/accounts\/deployments$/i,
    path: /^(body\.)?sku\.name$/,
    means: TIER,
  },
  { path: /(^|\.)(georeplications|geo_location|additional_location|replica)\.location$/, means: COPIES },
  { path: /(^|\.)target_region\.name$/, means: COPIES },
  {
    types: /^azurerm_storage_object_replication$/,
    path: /^destination_storage_account_id$/,
    means: {
      stray: (id, regions) =>
        regions.isInside(String(id))
          ? undefined
          : copied(id, regions, 'copy to an account that the program makes or reads, whose place it knows'),
    },
  },
  { path: /(^|\.)(remote_volume|linked_redis_cache)_location$|(^|\.)replication_region$/, means: COPIES },

  { path: /(^|[._])(locations?|regions?)$/, means: PLACE },
  { path: /(^|\.)(location|region|locationName|\w+(Location|Region))s?$/, means: PLACE },
];

/** What Azure copies to the pair of a region, unless the resource says otherwise. */
const byDefault =
  (said: (resource: any) => unknown, wayOut: string): TypeRule['stray'] =>
  (resource, regions) =>
    said(resource) === undefined
      ? toPair('geo-redundant by default', resource.location, regions, wayOut)
      : undefined;

const first = (block: any): any => [block].flat()[0] ?? {};

const TYPES: TypeRule[] = [
  {
    types: /^azurerm_recovery_services_vault$/,
    stray: byDefault(({ storage_mode_type: mode }) => mode, 'give storage_mode_type'),
  },
  {
    types: /^azurerm_cosmosdb_account$/,
    stray: byDefault(({ backup }) => {
      const { type, storage_redundancy: redundancy } = first(backup);
      return type === 'Continuous' ? type : redundancy;
    }, 'give backup.storage_redundancy'),
  },
  {
    types: /^azurerm_mssql_managed_instance$/,
    stray: byDefault(({ storage_account_type: type }) => type, 'give storage_account_type'),
  },
  {
    // It has no location of its own, which is its server's.
    types: /^azurerm_mssql_database$/,
    stray: byDefault(({ storage_account_type: type }) => type, 'give storage_account_type'),
  },
  {
    types: /^azurerm_synapse_sql_pool$/,
    stray: byDefault(
      ({ geo_backup_policy_enabled: enabled }) => enabled,
      'give geo_backup_policy_enabled: false',
    ),
  },
  {
    types: /^azurerm_(cdn_(frontdoor_)?profile|frontdoor)$/,
    stray: ({ sku_name: sku, sku: old = sku }, regions) =>
      anywhere(sku ?? old ?? 'the edge', regions, 'take an application gateway, which answers in its region'),
  },
];

/** Parts of addresses: `https://jobs.westeurope.inference.ml.azure.com`. */
const LABELS = /[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi;

/** What Azure knows of places. */
export const PLACES: Places = {
  ...REFERENCES,
  arguments: ARGUMENTS,
  types: TYPES,
  isInside: (place, allowed) => allowed.map(regionName).includes(regionName(place)),
  namedIn: (text) =>
    isRegion(text)
      ? [{ place: text }]
      : [...text.matchAll(LABELS)]
          .flatMap(([name]) => (/\.(com|net|io|ms|cn|us)$/i.test(name) ? name.split('.') : []))
          .filter(isRegion)
          .map((place) => ({ place })),
};
