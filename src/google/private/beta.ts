import { TerraformProvider, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { providerOf } from './judge';
import { configurationOf, GenericProvider, ProviderForm } from '../../terraform/generic';

/** Google's own, for what its first provider lacks. */
export const BETA: ProviderForm = {
  name: 'google-beta',
  source: 'hashicorp/google-beta',
  version: '~> 6.50',
};

/** The beta provider of a construct's stack, which acts as the Google provider there does: for whom, billed to what. */
export function betaProvider(construct: IConstruct): TerraformProvider {
  const stack = TerraformStack.of(construct);
  return GenericProvider.of(stack, BETA, () => configurationOf(providerOf(stack)));
}
