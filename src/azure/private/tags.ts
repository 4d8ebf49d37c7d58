import { IAspect, TerraformResource } from 'cdktf';
import { IConstruct } from 'constructs';

interface Taggable {
  tags: { [name: string]: string };
  readonly tagsInput?: { [name: string]: string };
}

/** Puts tags on every azurerm resource that takes them; those that it has already stay. azapi has tags of its provider. */
export class Tagging implements IAspect {
  constructor(private readonly tags: { readonly [name: string]: string }) {}

  public visit(node: IConstruct): void {
    if (
      TerraformResource.isTerraformResource(node) &&
      node.terraformResourceType.startsWith('azurerm_') &&
      'tagsInput' in node
    ) {
      const resource = node as unknown as Taggable;
      resource.tags = { ...this.tags, ...resource.tagsInput };
    }
  }
}
