import { App, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { Synthesized, synthesized } from './support';

const synths = new WeakMap<App, ReturnType<typeof synthesized>>();

/** What the program of a construct synthesizes to, once. */
export function synthOf(construct: IConstruct): ReturnType<typeof synthesized> {
  const app = construct.node.root as App;
  const found = synths.get(app) ?? synthesized(app);
  synths.set(app, found);
  return found;
}

/** The program of a construct has changed. */
export const synthAgain = (construct: IConstruct): boolean => synths.delete(construct.node.root as App);

/** What the stack of a construct synthesizes to. */
export const jsonOf = (construct: IConstruct): Synthesized =>
  synthOf(construct)[TerraformStack.of(construct).node.id];

export const pathOf = (resource: any): string => resource['//'].metadata.path;

/** The resources of a type whose construct is below another one, in the order of the program. */
export function below(construct: IConstruct, type: string): any[] {
  const paths = construct.node.findAll().map(({ node }) => node.path);
  const order = (resource: any) => paths.indexOf(pathOf(resource));
  return Object.values(jsonOf(construct).resource?.[type] ?? {})
    .filter((resource) => order(resource) >= 0)
    .sort((one, other) => order(one) - order(other));
}
