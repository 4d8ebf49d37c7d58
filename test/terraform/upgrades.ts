import { readFileSync } from 'fs';
import { join } from 'path';
import { App, TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { KEPT } from '../../src/terraform/kept';
import { Engine, Resource, Resources } from '../upgrades/effects';

const { types: TYPES }: { types: { readonly [type: string]: string } } = JSON.parse(
  readFileSync(join(__dirname, 'replacements.json'), 'utf8'),
);

/** What the providers' sources and references do not say in the place where it is read, and what other providers have. */
const BESIDES: { readonly [type: string]: string } = {
  azurerm_log_analytics_workspace_table: 'name workspace_id',
  azurerm_security_center_subscription_pricing: 'resource_type',
  azurerm_storage_container: 'storage_account_id storage_account_name',
  // Where it does not grow.
  google_compute_subnetwork: 'ip_cidr_range',
  // Of `node_config`, which is made elsewhere in the source, what the provider can only give to new machines.
  google_container_node_pool: [
    'initial_node_count max_pods_per_node name name_prefix',
    'network_config.additional_node_network_configs network_config.additional_pod_network_configs',
    'network_config.create_pod_range network_config.pod_cidr_overprovision_config',
    'network_config.pod_ipv4_cidr_block network_config.pod_range',
    'node_config.advanced_machine_features node_config.boot_disk_kms_key',
    'node_config.confidential_nodes.confidential_instance_type',
    'node_config.enable_confidential_storage node_config.ephemeral_storage_local_ssd_config',
    'node_config.flex_start node_config.guest_accelerator node_config.host_maintenance_policy',
    'node_config.local_nvme_ssd_block_config node_config.local_ssd_count',
    'node_config.local_ssd_encryption_mode node_config.max_run_duration node_config.metadata',
    'node_config.min_cpu_platform node_config.node_group node_config.oauth_scopes',
    'node_config.preemptible node_config.reservation_affinity node_config.secondary_boot_disks',
    'node_config.service_account node_config.shielded_instance_config node_config.sole_tenant_config',
    'node_config.spot placement_policy queued_provisioning',
  ].join(' '),
  google_logging_project_bucket_config: 'project location bucket_id',
  google_logging_project_sink: 'name project',
  google_project_iam_audit_config: 'project service',
  google_project_service_identity: 'project service',
  restful_operation: 'path',
  restful_resource: 'path',
  terraform_data: 'triggers_replace',
  time_sleep: 'triggers create_duration destroy_duration',
  azapi_resource_action: 'type resource_id action method',
  azapi_update_resource: 'type name parent_id resource_id',
};

/** Of azapi, whatever the type of ARM; and what ARM refuses to change in a body. */
const AZAPI = 'type name parent_id location';
const ARM: { readonly [type: string]: string } = {
  'Microsoft.MachineLearningServices/workspaces': 'body.properties.encryption',
};

const split = (text = '') => text.split(/\s+/).filter(Boolean);

/** `*` is every argument: who has which role on what. */
function replacingOf(type: string): string[] {
  if (type.endsWith('_iam_member')) {
    return ['*'];
  }
  if (!type.includes('_')) {
    return [AZAPI, ARM[type]].flatMap(split);
  }
  const found = [TYPES[type], BESIDES[type]].filter((text) => text !== undefined);
  if (found.length === 0) {
    throw new Error(
      `test/terraform/replacements.json has no ${type}: scripts/terraform-replacements.ts writes it`,
    );
  }
  return found.flatMap(split);
}

/** The values below a path; blocks may be lists. */
function at(value: any, [key, ...rest]: string[]): any {
  if (key === undefined || value === undefined || value === null) {
    return value;
  }
  return Array.isArray(value) ? value.map((one) => at(one, [key, ...rest])) : at(value[key], rest);
}

/** Attributes that a resource has from its arguments: they are known although it is made anew. */
const GIVEN = /^(name|project|location|region|resource_group_name|bucket)$/;

/** The resources that a value refers to by what only a new one tells. */
function unknown(value: unknown, replaced: ReadonlySet<string>): boolean {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/\b((?:[a-z0-9]+_)+[a-z0-9]+\.[\w-]+)\.([a-z_]+)/g)].some(
    ([, address, attribute]) => replaced.has(address) && !GIVEN.test(attribute),
  );
}

const isBlock = (value: unknown) => typeof value === 'object' && value !== null;
const address = ({ told }: Resource): string => told['//'];

/** What a new one must not be called like the one that it replaces. */
const NAMES = ['name', 'account_id', 'bucket_id', 'dataset_id', 'connection_id', 'data_scan_id', 'role_id'];
const WITHIN = [
  ...['parent_id', 'virtual_network_name', 'zone_name', 'storage_account_id', 'key_vault_id', 'cluster'],
  ...['kubernetes_cluster_id', 'managed_zone', 'machine_learning_workspace_id', 'target_resource_id'],
];

const addresses = (keys: ReadonlySet<string>) => new Set([...keys].map((key) => key.split(' ')[1]));

function replacing(
  before: Resource,
  after: Resource,
  replaced: ReadonlySet<string>,
  different: ReadonlySet<string>,
): string[] {
  const others = addresses(replaced);
  const touched = addresses(new Set([...replaced, ...different]));
  const ignores: string[] = [after.told.lifecycle?.ignore_changes ?? []].flat();
  const isIgnored = (path: string) => ignores.some((one) => `${path}.`.startsWith(`${one}.`));
  const paths = replacingOf(after.type).flatMap((path) =>
    path === '*'
      ? Object.keys(after.told).filter((key) => !/^(\/\/|lifecycle|depends_on)$/.test(key))
      : [path],
  );
  const changed = paths.filter((path) => {
    const [was, is] = [at(before.told, path.split('.')), at(after.told, path.split('.'))];
    // A block is told of as a whole where one of its arguments counts.
    return !isIgnored(path) && (differ(was, is) || (!isBlock(is) && unknown(is, others)));
  });
  const triggers: string[] = after.told.lifecycle?.replace_triggered_by ?? [];
  return [...changed, ...triggers.filter((one) => touched.has(one.split('.').slice(0, 2).join('.')))];
}

/** Of azapi's types, the version of the API may change. */
const plain = (value: unknown) => (JSON.stringify(value) ?? '').replace(/@\d{4}-\d\d-\d\d(-preview)?/g, '');
/** Of the kinds of replication, only those with copies in zones and those without are different accounts. */
const kindOf = (value: unknown) =>
  plain(value).replace(/^"(?:RA)?G?(LRS|RS|ZRS)"$/, (_, kind) => String(kind === 'ZRS'));
const differ = (one: unknown, other: unknown) => kindOf(one) !== kindOf(other);

function nameOf(resource: Resource): string | undefined {
  const key = NAMES.find((one) => typeof resource.told[one] === 'string');
  const within = WITHIN.map((one) => resource.told[one]).filter(Boolean);
  return key && JSON.stringify([resource.told[key], ...within]);
}

/** `create_before_destroy` is handed on to what a resource depends on. */
function madeFirst(resource: Resource, all: Resources): boolean {
  const [own] = [address(resource)];
  return (
    resource.told.lifecycle?.create_before_destroy === true ||
    [...all.values()].some(
      (other) =>
        other.told.lifecycle?.create_before_destroy === true &&
        other !== resource &&
        dependsOn(other, own, all, new Set()),
    )
  );
}

function dependsOn(resource: Resource, wanted: string, all: Resources, seen: Set<Resource>): boolean {
  seen.add(resource);
  const text = JSON.stringify(resource.told);
  if (new RegExp(`\\b${wanted}\\b(?!-)`).test(text.replace(address(resource), ''))) {
    return true;
  }
  return [...all.values()].some(
    (other) => !seen.has(other) && text.includes(`${address(other)}.`) && dependsOn(other, wanted, all, seen),
  );
}

/**
 * Terraform, as the providers' sources and references say it. `emptyOnly` are types that are never deleted
 * with data; `passing` finds what is gone with what it is of. */
export const terraform = (data: object, emptyOnly: readonly string[], passing: RegExp): Engine => ({
  replacing,
  name: nameOf,
  names: ({ told }) => NAMES.map((key) => told[key]).filter((name) => typeof name === 'string'),
  madeFirst,
  holdsData: ({ id, type }) => type in data && !passing.test(id),
  fate: (before, after) => {
    const isGuarded = after ? after.told.lifecycle?.prevent_destroy === true : before.kept === true;
    const isEmptyOnly = emptyOnly.includes(before.type) && before.told.force_destroy !== true;
    const isProtected = before.told.deletion_protection_enabled === true;
    return isGuarded || isEmptyOnly || isProtected ? 'refused' : 'lost';
  },
});

/** What a stack synthesizes to, by type and address. */
export function resourcesOf(stack: Construct): Resources {
  const { resource } = JSON.parse(Testing.synth(stack as TerraformStack));
  const kept = keptIn(resource);
  return new Map(
    Object.entries<any>(resource).flatMap(([type, resources]) =>
      Object.entries<any>(resources)
        .filter(([id]) => id !== KEPT)
        .map(([id, { '//': _, ...told }]): [string, Resource] => {
          const [own, armType] = [
            `${type}.${id}`,
            type === 'azapi_resource' ? String(told.type).split('@')[0] : type,
          ];
          return [
            `${armType} ${own}`,
            { id, type: armType, told: { '//': own, ...told }, kept: kept.includes(own) },
          ];
        }),
    ),
  );
}

/** The addresses that a stack keeps although the program has them no longer; `kept.test.ts` asks Terraform. */
export function keptIn({ terraform_data: { [KEPT]: block } }: any): string[] {
  if (block.lifecycle.prevent_destroy !== true) {
    throw new Error('what a stack kept may go');
  }
  return Object.keys(block.for_each);
}

export const newApp = (): App => Testing.app();
