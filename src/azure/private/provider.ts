import { IAspect, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { requirePlace } from './resource-group';
import { judgeCall } from '../../core/private/faults';
import { isToken } from '../../core/private/tokens';
import { Arguments, configurationOf, providerIn } from '../../terraform/generic';
import { warn } from '../../terraform/warning';

/**
 * What constructs are made of, besides what azurerm always registers: what else it does by itself differs between its
 * versions. The case matters.
 */
export const RESOURCE_PROVIDERS = [
  'Microsoft.App',
  'Microsoft.ContainerRegistry',
  'Microsoft.ContainerService',
  'Microsoft.KeyVault',
  'Microsoft.Logic',
  'Microsoft.MachineLearningServices',
  'Microsoft.OperationalInsights',
  'Microsoft.Security',
  'microsoft.insights',
];

/** Looks at the azurerm provider of a stack when it is complete: at synthesis. */
export class ProviderCheck implements IAspect {
  public visit(node: IConstruct): void {
    const provider = TerraformStack.isStack(node) ? providerIn(node, 'azurerm') : undefined;
    if (provider) {
      const configuration = configurationOf(provider);
      judgeSubscription(node, configuration);
      if (!reachesStorage(configuration)) {
        warn(
          node,
          'The azurerm provider of this stack may ask storage accounts for their contents with keys, which those of cloud-ml-constructs refuse: give it storageUseAzuread: true (or ARM_STORAGE_USE_AZUREAD), and features: [{ storage: [{ dataPlaneAvailable: false }] }] where they are private.',
        );
      }
    }
  }
}

function judgeSubscription(stack: IConstruct, { subscription_id: theirs }: Arguments): void {
  const { subscriptionId: ours } = requirePlace(stack);
  const same = theirs === undefined || isToken(theirs) || isToken(ours);
  if (!same && String(theirs).toLowerCase() !== ours.toLowerCase()) {
    judgeCall(stack, (faults) =>
      faults.add(
        'CMC-008',
        'subscriptionId',
        `('${ours}') is not that of the stack's azurerm provider ('${theirs}'): give the same`,
      ),
    );
  }
}

function reachesStorage({ storage_use_azuread: byEntra, features }: Arguments): boolean {
  const [{ storage = [] } = {}] = [features ?? []].flat() as { storage?: object }[];
  const [{ data_plane_available: asked = true } = {}] = [storage].flat() as {
    data_plane_available?: unknown;
  }[];
  return byEntra !== undefined || asked === false;
}
