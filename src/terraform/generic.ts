import {
  TerraformDataSource,
  TerraformMetaArguments,
  TerraformProvider,
  TerraformResource,
  TerraformResourceConfig,
  TerraformStack,
} from 'cdktf';
import { Construct, IConstruct } from 'constructs';

/** A Terraform provider without prebuilt bindings. */
export interface ProviderForm {
  /** Its local name, which resources find it by: `azapi`, `google-beta`. */
  readonly name: string;
  /** Its address in the registry: `Azure/azapi`. */
  readonly source: string;
  /** Which versions will do: `~> 2.5`. */
  readonly version: string;
}

/** Arguments by Terraform's own names; blocks are lists. Text of users passes `text` first. */
export interface Arguments {
  readonly [argument: string]: unknown;
}

export interface GenericProviderConfig extends ProviderForm {
  readonly alias?: string;
  /** Read at synthesis where it is a function: when the providers that it looks at are complete. */
  readonly arguments?: Arguments | (() => Arguments);
}

/** What a provider is configured with, whoever made it; `{}` without one. To be read at synthesis. */
export function configurationOf(provider: TerraformProvider | undefined): Arguments {
  if (!provider) {
    return {};
  }
  const { alias: _, ...configuration } = provider.toTerraform().provider[provider.terraformResourceType][0];
  return configuration;
}

const metadata = ({ name, version }: ProviderForm) => ({
  providerName: name,
  providerVersion: version,
  providerVersionConstraint: version,
});

function noHcl(path: string): never {
  throw new Error(
    `${path}: has no prebuilt binding, which HCL output needs: synthesize to JSON, cdktf's default`,
  );
}

/** Those that were found, by their names: to look through all that a stack has takes long, and is asked for often. */
const found = new WeakMap<TerraformStack, Map<string, TerraformProvider>>();

/** The provider that the resources of a stack have when they name none. */
export function providerIn(stack: TerraformStack, name: string): TerraformProvider | undefined {
  const before = found.get(stack)?.get(name);
  if (before && !before.alias) {
    return before;
  }
  const provider = stack.allProviders().find((own) => own.terraformResourceType === name && !own.alias);
  if (provider) {
    found.set(stack, new Map(found.get(stack)).set(name, provider));
  }
  return provider;
}

/** A provider block. */
export class GenericProvider extends TerraformProvider {
  /** The provider of a construct's stack, without an alias: the user's own, else one made at its first use there. */
  public static of(
    construct: IConstruct,
    form: ProviderForm,
    args: () => Arguments = () => ({}),
  ): TerraformProvider {
    const stack = TerraformStack.of(construct);
    return (
      providerIn(stack, form.name) ??
      // Not the name alone: a program has its own `azapi` with an alias.
      new GenericProvider(stack, `MlProvider-${form.name}`, { ...form, arguments: args })
    );
  }

  constructor(
    scope: Construct,
    id: string,
    private readonly config: GenericProviderConfig,
  ) {
    super(scope, id, {
      terraformResourceType: config.name,
      terraformProviderSource: config.source,
      terraformGeneratorMetadata: metadata(config),
    });
  }

  public get alias(): string | undefined {
    return this.config.alias;
  }

  /** As cdktf's, but the keys of maps stay as they are. */
  public toTerraform(): any {
    const { terraform, provider } = super.toTerraform();
    const [block] = provider[this.config.name];
    const { name, arguments: given } = this.config;
    const args = typeof given === 'function' ? given() : given;
    return { terraform, provider: { [name]: [{ ...args, ...block }] } };
  }

  public toHclTerraform(): any {
    return noHcl(this.node.path);
  }
}

export interface GenericConfig extends TerraformMetaArguments {
  /** `azapi_resource`, `random_id`. */
  readonly type: string;
  /** Whose resource it is: of the stack's provider of that name, unless `provider` says which. */
  readonly form: ProviderForm;
  readonly arguments: Arguments;
}

const configOf = ({ type, form, arguments: _, ...meta }: GenericConfig): TerraformResourceConfig => ({
  ...meta,
  terraformResourceType: type,
  terraformGeneratorMetadata: metadata(form),
});

/** A resource block. What it gives back is read with `getStringAttribute` and its like. */
export class GenericResource extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: GenericConfig,
  ) {
    super(scope, id, configOf(config));
  }

  protected synthesizeAttributes(): { [name: string]: any } {
    return { ...this.config.arguments };
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    return noHcl(this.node.path);
  }
}

/** A data block. */
export class GenericDataSource extends TerraformDataSource {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: GenericConfig,
  ) {
    super(scope, id, configOf(config));
  }

  protected synthesizeAttributes(): { [name: string]: any } {
    return { ...this.config.arguments };
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    return noHcl(this.node.path);
  }
}
