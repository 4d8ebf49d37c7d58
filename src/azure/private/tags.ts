import { IAspect, TerraformResource, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { CLOUD } from './judge';
import { requirePlace } from './resource-group';
import { brandOf } from '../../core/private/brand';
import { text } from '../../terraform/text';

type Tags = Readonly<Record<string, string>>;

/** The tags of everything in the stack of a construct, as Terraform takes them. */
export const stackTags = (construct: IConstruct): Tags => text({ ...requirePlace(construct).tags });

interface Taggable {
  tags: { [name: string]: string };
  readonly tagsInput?: { [name: string]: string };
}

/**
 * Puts tags on the azurerm resources of the library that take them; those that one has already stay. azapi has tags of its
 * provider.
 */
export class Tagging implements IAspect {
  /** `winning` ones replace what a resource has. */
  constructor(
    private readonly tags: Tags,
    private readonly winning = false,
  ) {}

  public visit(node: IConstruct): void {
    if (
      TerraformResource.isTerraformResource(node) &&
      node.terraformResourceType.startsWith('azurerm_') &&
      'tagsInput' in node &&
      isOurs(node)
    ) {
      const resource = node as unknown as Taggable;
      resource.tags = this.winning
        ? { ...resource.tagsInput, ...this.tags }
        : { ...this.tags, ...resource.tagsInput };
    }
  }
}

/** Below a construct of the library, or what its constructs share in a stack, whose ids begin with `Ml`. */
const isOurs = ({ node }: IConstruct): boolean =>
  node.scopes.some(
    (scope) =>
      brandOf(scope)?.cloud === CLOUD ||
      (TerraformStack.isStack(scope.node.scope) && /^Ml[A-Z]/.test(scope.node.id)),
  );
