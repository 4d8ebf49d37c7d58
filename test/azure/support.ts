import { App } from 'cdktf';
import * as azure from '../../src/azure';
import { all, newApp, Synthesized, synthesized } from '../terraform/support';

export { all, newApp, only, refusal, synthesized } from '../terraform/support';
export type { Synthesized } from '../terraform/support';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const OTHER_SUBSCRIPTION = '99999999-2222-3333-4444-555555555555';
export const PRINCIPAL = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
export const PERSON = 'cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee';

/** Where the tests' stacks are. */
export const PLACE = { subscriptionId: SUBSCRIPTION, location: 'westeurope', resourceGroupName: 'ml' };

/** A platform stack of its own app, or of a given one. */
export const platform = (
  id = 'platform',
  props: Partial<azure.PlatformStackProps> = {},
  app: App = newApp(),
): azure.PlatformStack => new azure.PlatformStack(app, id, { ...PLACE, ...props });

/** What a platform stack with what `build` puts into it synthesizes to. */
export function synthesizedPlatform<T>(
  build: (stack: azure.PlatformStack) => T,
  props: Partial<azure.PlatformStackProps> = {},
): { made: T; json: Synthesized; stack: azure.PlatformStack } {
  const app = newApp();
  const stack = platform('platform', props, app);
  const made = build(stack);
  return { made, stack, json: synthesized(app).platform };
}

/** Every role that a stack gives, as `role on scope to principal`. */
export const roles = (json: Synthesized): { role: string; scope: string; principal: string; id: string }[] =>
  all(json, 'azurerm_role_assignment').map(({ id, role_definition_name, scope, principal_id }) => ({
    id,
    role: role_definition_name,
    scope,
    principal: principal_id,
  }));
