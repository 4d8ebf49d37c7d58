import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { ROWS } from './rows';
import { brandOf } from '../../../core/private/brand';
import { isToken } from '../../../core/private/tokens';
import {
  actionsIn,
  Block,
  blocksBelow,
  Need,
  needsOf,
  unknownTypes,
} from '../../../terraform/deploy-permissions';
import { configurationOf, providerIn } from '../../../terraform/generic';
import { CLOUD } from '../judge';
import { placeOf } from '../place';
import { RESOURCE_PROVIDERS } from '../provider';

/** What is needed in a subscription, or in a resource group. */
export interface Needed {
  /** Its resource id. */
  readonly scope: string;
  readonly actions: string[];
  readonly dataActions: string[];
}

/** What a scope's resources need, those of azapi by their ARM types. */
export class Deployed {
  private readonly blocks: Block[];
  private known?: Needed[];

  constructor(
    private readonly scope: IConstruct,
    blocks = blocksBelow(scope),
  ) {
    this.blocks = blocks.map(called);
  }

  public get unknownTypes(): string[] {
    return unknownTypes(ROWS, this.blocks);
  }

  /** What is needed where; first where most is. */
  public get needed(): Needed[] {
    return (this.known ??= this.find());
  }

  private find(): Needed[] {
    const all = new Map<string, Need[]>();
    const add = (scope: string, need: Need) => all.set(scope, [...(all.get(scope) ?? []), need]);
    const subscriptions = new Map<TerraformStack, string>();
    for (const block of this.blocks) {
      const { stack } = block;
      subscriptions.set(stack, subscriptions.get(stack) ?? subscriptionOf(stack));
      const [group, subscription] = scopesOf(block, subscriptions.get(stack)!);
      needsOf(ROWS, block).forEach((need) => add(need.onSubscription ? subscription : group, need));
    }
    this.scope.node
      .findAll()
      .filter((one): one is TerraformStack => TerraformStack.isStack(one) && isPlatform(one))
      .forEach((stack) => add(subscriptionOf(stack), REGISTRATION));
    return [...all]
      .map(([scope, needs]) => ({
        scope,
        actions: actionsIn(needs.filter(({ onData }) => !onData)),
        dataActions: actionsIn(needs.filter(({ onData }) => onData)),
      }))
      .filter(({ actions, dataActions }) => actions.length + dataActions.length > 0)
      .sort((a, b) => b.actions.length - a.actions.length);
  }

  /** The roles that are given to someone, by name; `*` for one that is made. */
  public get rolesGiven(): string[] {
    const given = this.blocks
      .filter(({ type }) => type === 'azurerm_role_assignment')
      .map(({ body }) => String(body.role_definition_name ?? '*'));
    return [...new Set(given)].sort();
  }
}

/** What azurerm does by itself in a platform stack, before anything else. */
const REGISTRATION: Need = {
  may: [
    'Microsoft.Resources/subscriptions/providers/read',
    ...RESOURCE_PROVIDERS.map((name) => `${name}/register/action`),
  ].join(' '),
};

const isPlatform = (stack: TerraformStack) => {
  const { cloud, kind } = brandOf(stack) ?? {};
  return cloud === CLOUD && kind === 'PlatformStack';
};

/** Stands for the subscription that the provider finds in its environment. */
export const ENVIRONMENT = '$ARM_SUBSCRIPTION_ID';

function subscriptionOf(stack: TerraformStack): string {
  const { subscription_id: configured } = configurationOf(providerIn(stack, 'azurerm'));
  const id = placeOf(stack)?.subscriptionId ?? configured;
  return `/subscriptions/${typeof id === 'string' && !isToken(id) ? id : ENVIRONMENT}`;
}

/** Where a block is: the resource group, and the subscription. A group that is made is not there yet. */
function scopesOf(
  { type, body, stack }: Block,
  itsSubscription: string,
): [group: string, subscription: string] {
  const elsewhere = type === 'azurerm_role_assignment' ? body.scope : undefined;
  const [, named, in_] =
    /^((\/subscriptions\/[^/*$]+)\/resourceGroups\/[^/*$]+)/.exec(String(elsewhere)) ?? [];
  const subscription = in_ ?? itsSubscription;
  const group = placeOf(stack)?.resourceGroupName;
  const own =
    group === undefined || isToken(group) ? subscription : `${subscription}/resourceGroups/${group}`;
  return [named ?? own, subscription];
}

/** The version of an ARM type says nothing of what it is. */
export function called(block: Block): Block {
  const [, data = '', kind] = /^(data )?(azapi_\w+)$/.exec(block.type) ?? [];
  if (!kind || typeof block.body.type !== 'string') {
    return block;
  }
  const [arm] = block.body.type.split('@');
  return { ...block, type: `${data}${kind === 'azapi_resource' ? '' : `${kind} `}${arm}` };
}
