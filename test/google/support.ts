import { App, TerraformStack } from 'cdktf';
import * as google from '../../src/google';
import { newApp, Synthesized, synthesized } from '../terraform/support';

export { all, newApp, only, refusal, synthesized } from '../terraform/support';
export type { Synthesized } from '../terraform/support';

export const PROJECT = 'ml-project';
export const REGION = 'europe-west4';

/** A platform stack as tests take it. */
export const platformStack = (
  app: App,
  id = 'platform',
  props: Partial<google.PlatformStackProps> = {},
): google.PlatformStack =>
  new google.PlatformStack(app, id, { project: PROJECT, region: REGION, enableApis: false, ...props });

/** What a platform stack with what `build` puts into it synthesizes to. */
export function synthesizedStack<T>(
  build: (stack: google.PlatformStack) => T,
  props: Partial<google.PlatformStackProps> = {},
): { made: T; json: Synthesized } {
  const app = newApp();
  const made = build(platformStack(app, 'platform', props));
  return { made, json: synthesized(app).platform };
}

/** Two stacks of one program, the second deployed after the first. */
export function twoStacks(props: Partial<google.PlatformStackProps> = {}): {
  app: App;
  foundation: google.PlatformStack;
  serving: google.PlatformStack;
} {
  const app = newApp();
  const [foundation, serving] = ['foundation', 'serving'].map((id) => platformStack(app, id, props));
  return { app, foundation, serving };
}

/** Whose constructs need no key and no project: the e-mail of a service account. */
export const EMAIL = 'job@ml-project.iam.gserviceaccount.com';

/** Roles that a stack gives to a member, as `role on resource`. */
export const rolesOf = (json: Synthesized, member: string): string[] =>
  Object.entries(json.resource ?? {})
    .filter(([type]) => type.endsWith('_iam_member'))
    .flatMap(([, resources]) => Object.values(resources))
    .filter((resource) => resource.member === member)
    .map(({ role }) => role)
    .sort();

export const names = (stack: TerraformStack): string[] => stack.node.children.map(({ node }) => node.id);
