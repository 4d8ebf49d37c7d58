import { DataGoogleClientConfig } from '@cdktf/provider-google/lib/data-google-client-config';
import {
  ITerraformDependable,
  TerraformProvider,
  TerraformResource,
  TerraformResourceLifecycle,
  TerraformStack,
} from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { report } from '../../../core/private/report';
import {
  Arguments,
  configurationOf,
  GenericProvider,
  GenericResource,
  ProviderForm,
} from '../../../terraform/generic';
import { warn } from '../../../terraform/warning';
import { providerOf } from '../judge';
import { once, placeOf } from '../place';

/** Google's own providers cannot deploy a model; this one calls the service's API. */
export const RESTFUL: ProviderForm = { name: 'restful', source: 'magodo/restful', version: '~> 0.25' };

const ALIAS = 'ml_vertex';

/** The provider that calls Vertex AI in the region of a stack, as who runs Terraform. Said once per stack. */
export function vertexProvider(construct: IConstruct): TerraformProvider {
  const stack = TerraformStack.of(construct);
  return once(stack, 'MlVertex', () => {
    const what = `The Terraform provider ${RESTFUL.source} (${RESTFUL.version}) deploys models to Vertex AI, for which Google has none. It is made by a third party, published under the MPL-2.0, and gets an access token of whoever runs Terraform: terraform init downloads it.`;
    warn(stack, what);
    report(stack, 'note', 'Third-party provider', what);
    const client = once(stack, 'MlClient', () => new DataGoogleClientConfig(stack, 'MlClient'));
    return new GenericProvider(stack, 'MlVertex', {
      ...RESTFUL,
      alias: ALIAS,
      arguments: () => ({
        // Operations are named relative to the version of the API.
        base_url: `https://${placeOf(construct).region}-aiplatform.googleapis.com/v1`,
        header: quotaProject(stack),
        security: { http: { token: { token: client.accessToken } } },
      }),
    });
  });
}

/** Where the Google provider names the project whose quota pays, this one does too. */
function quotaProject(stack: TerraformStack): Arguments | undefined {
  const { user_project_override: named, billing_project: billed } = configurationOf(providerOf(stack));
  return named === true ? { 'x-goog-user-project': billed ?? placeOf(stack).project } : undefined;
}

/** The service answers with the operation under way; an error, or a wrong end of it, fails the deployment. */
export const UNDER_WAY = {
  url_locator: 'body.name',
  status_locator: 'body.[done,error]',
  status: { success: '[true]', pending: ['[]', '[false]'] },
  default_delay_sec: 15,
};

export interface Operation {
  readonly arguments: Arguments;
  readonly dependsOn?: ITerraformDependable[];
  readonly lifecycle?: TerraformResourceLifecycle;
}

/** A call of Vertex AI, and the one that takes it back. */
export const operation = (scope: Construct, id: string, made: Operation): GenericResource =>
  new GenericResource(scope, id, {
    type: 'restful_operation',
    form: RESTFUL,
    provider: vertexProvider(scope),
    ...made,
  });

/** Terraform's own `terraform_data`, which needs no provider: what names it as a trigger is replaced when it changes. */
class Trigger extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly input: string,
  ) {
    super(scope, id, { terraformResourceType: 'terraform_data' });
  }

  protected synthesizeAttributes(): { [name: string]: any } {
    return { input: this.input };
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    return { input: { value: this.input, isBlock: false, type: 'simple', storageClassType: 'string' } };
  }
}

/**
 * A call that cannot be made twice for the same thing: replaced when the name of what it makes changes, which holds a
 * hash of everything else in it, and the new one is made before the old one is taken back.
 */
export function immutableOperation(
  scope: Construct,
  id: string,
  name: string,
  made: Operation,
): GenericResource {
  const trigger = new Trigger(scope, `${id}Name`, name);
  // In JSON, Terraform takes the plain address of a trigger only, and cdktf writes another.
  const address = `terraform_data.${TerraformStack.of(scope).getLogicalId(trigger)}`;
  return operation(scope, id, {
    ...made,
    lifecycle: { ...made.lifecycle, createBeforeDestroy: true, replaceTriggeredBy: [address] },
  });
}
