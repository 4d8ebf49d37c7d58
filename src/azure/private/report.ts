import { TerraformStack } from 'cdktf';
import { placeOf } from './place';
import { Meaning } from '../../core/private/report/model';
import { reportStack as reportTerraformStack } from '../../terraform/report';
import { Dialect } from '../../terraform/report/dialect';

/** Roles, and actions of custom ones, by what they come to; the first that matches. */
const ROLES: readonly (readonly [RegExp, readonly Meaning[]])[] = [
  [/Key Vault Crypto/, ['encrypted by']],
  [/AcrPush/, ['pushes images']],
  [/AcrPull/, ['pulls images']],
  [/Key Vault Secrets User|Storage \w+ Data Reader/, ['reads']],
  [/Storage \w+ Data (Privileged )?(Contributor|Owner)/, ['reads', 'writes']],
  [/score\/action|invoke/i, ['invokes']],
  [/AzureML Data Scientist|triggers|runCommand/, ['starts']],
  [/Network|subnets/, ['runs in']],
];

/** Types that say by themselves what they are used for. */
const TYPES: readonly (readonly [RegExp, Meaning])[] = [
  [/^azurerm_key_vault_key$|^azurerm_disk_encryption_set$/, 'encrypted by'],
  [/^azurerm_container_registry$/, 'pulls images'],
  [/^azurerm_log_analytics_workspace$/, 'logs to'],
  [/^azurerm_monitor_action_group$/, 'notifies'],
  [/^azurerm_(virtual_network|subnet|container_app_environment)$/, 'runs in'],
  // Where things are, which the picture's frame says.
  [/^azurerm_resource_group$/, 'after'],
];

const DIALECT: Dialect = {
  cloud: 'Azure',
  providers: ['azurerm'],
  placeOf: ({ stack, content }, words) => {
    const subscription = content.provider?.azurerm?.[0]?.subscription_id;
    const place = placeOf(stack);
    return [
      ['Subscription', words(subscription ?? place?.subscriptionId ?? '')],
      ['Region', words(place?.location ?? '')],
    ];
  },
  typeOf: (type, { type: native }) =>
    type === 'azapi_resource' && typeof native === 'string' ? native.replace(/@.*/, '') : undefined,
  groupOf: (id) => (id === 'MlResourceGroup' ? 'Resource group' : undefined),
  grantOf: (type, { role_definition_name: name, role_definition_id: custom }, find) => {
    const actions = find(custom).flatMap(({ permissions }) => JSON.stringify(permissions));
    const allowed = [name, ...actions].join(' ');
    return type === 'azurerm_role_assignment'
      ? {
          who: 'principal_id',
          what: ['role_definition_id', 'condition'],
          meanings: ROLES.find(([roles]) => roles.test(allowed))?.[1] ?? ['uses'],
        }
      : undefined;
  },
  meaningOf: (_, type) => TYPES.find(([types]) => types.test(type))?.[1],
};

/** Writes the report of a stack on Azure. */
export const reportStack = (stack: TerraformStack): void => reportTerraformStack(stack, DIALECT);
