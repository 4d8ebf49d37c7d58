import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { SecurityCenterSubscriptionPricing } from '@cdktf/provider-azurerm/lib/security-center-subscription-pricing';
import { Aspects, TerraformBackend, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../core';
import { tellDeployRoles } from './private/deploy-permissions/role';
import { CLOUD } from './private/judge';
import { setPlace } from './private/place';
import { ProviderCheck, RESOURCE_PROVIDERS } from './private/provider';
import { RegionGuard } from './private/region-guard';
import { pairOf } from './private/regions';
import { reportStack } from './private/report';
import { PLACES } from './private/residency';
import { requirePlace } from './private/resource-group';
import { Tagging } from './private/tags';
import { brand } from '../core/private/brand';
import { Faults, judge, judgeCall } from '../core/private/faults';
import { report } from '../core/private/report';
import { judgeRegions } from '../core/private/residency';
import {
  namePrefixRules,
  platformStackRules,
  residencyRules,
  stackReportRules,
} from '../core/private/rules/stack';
import {
  flag,
  judgeProps,
  literal,
  oneOf,
  record,
  required,
  Schema,
  struct,
  text,
} from '../core/private/schema';
import { backendOf } from '../terraform/exports';
import { keepTrack } from '../terraform/kept';
import { setNamePrefix } from '../terraform/names';
import { keepInside } from '../terraform/residency';
import { stackId } from '../terraform/stack-id';
import { text as literally } from '../terraform/text';

/** How storage accounts keep copies. */
export enum StorageReplication {
  /** Three copies in one data centre. */
  LRS = 'LRS',
  /** Copies in three zones of the region. */
  ZRS = 'ZRS',
  /** As LRS, and copies in the paired region. */
  GRS = 'GRS',
  /** As ZRS, and copies in the paired region. */
  GZRS = 'GZRS',
}

/** Where a stack is on Azure, and what is there already. */
export interface PlaceProps extends core.NamePrefixProps, core.ResidencyProps, core.StackReportProps {
  /** The subscription: a GUID. */
  readonly subscriptionId: string;

  /** The region by its short name, such as `westeurope`. */
  readonly location: string;

  /**
   * The resource group that takes the resources, which exists already.
   *
   * @default - one of the stack's own, made on first need
   */
  readonly resourceGroupName?: string;

  /**
   * How storage accounts keep copies. `GRS` and `GZRS` keep some in the paired region.
   *
   * @default StorageReplication.ZRS
   */
  readonly storageReplication?: StorageReplication;

  /**
   * The resource id of an Azure Machine Learning workspace that exists already.
   *
   * @default - one of the stack's own, made on first need
   */
  readonly workspaceId?: string;

  /**
   * The resource id of the container registry that images are declared in. Needs `workspaceId`.
   *
   * @default - that of the stack's own workspace
   */
  readonly containerRegistryId?: string;

  /**
   * Tags of all resources of the library, in a PlatformStack of all resources.
   *
   * @default - none
   */
  readonly tags?: { [name: string]: string };
}

/** Props of a stack of a machine-learning platform on Azure. */
export interface PlatformStackProps extends PlaceProps, core.PlatformStackCommonProps {
  /**
   * Whether the stack turns on Microsoft Defender for Containers, which scans images when they are pushed. It bills for
   * the whole subscription, and goes when the stack goes: at most one stack of a subscription may have it.
   *
   * @default false - images are scanned where the subscription has it on already
   */
  readonly defenderForContainers?: boolean;
}

/**
 * A Terraform stack with what a platform wants everywhere: its place on Azure, a security profile, the regions it may be
 * in. It brings the azurerm provider, unless the program has one of its own in the stack, and keeps its state in a
 * local file, unless the program has a backend.
 */
export class PlatformStack extends TerraformStack {
  /**
   * Lets constructs of the library be made in a stack of your own, next to your resources and with your azurerm
   * provider, from which the azapi provider is made unless the stack has one. It must be of the same subscription and set
   * `storageUseAzuread`: no storage account of the library takes shared keys. The resource providers Microsoft.App,
   * Microsoft.ContainerRegistry, Microsoft.ContainerService, Microsoft.KeyVault, Microsoft.Logic, Microsoft.MachineLearningServices, Microsoft.OperationalInsights, Microsoft.Security and microsoft.insights must be
   * registered there.
   *
   * @param stack your stack
   * @param props where it is
   */
  public static adopt(stack: TerraformStack, props: PlaceProps): void {
    judgeCall(stack, (faults) => {
      judgeProps(faults, struct(PLACE), props);
      judgePlace(props, faults);
    });
    settle(stack, props);
  }

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, stackId(scope, id));
    brand(this, CLOUD, 'PlatformStack');
    judge(this, (faults) => judgeStack(props, faults));
    tellDeployRoles(this);
    settle(this, props);
    if (props.defenderForContainers) {
      scanImages(this);
    }
    props.securityProfile?.applyTo(this);
  }

  /** The backend of the program, else a local file by a path that is the same on every machine. */
  public ensureBackendExists(): TerraformBackend {
    return backendOf(this);
  }

  /** Brings the azurerm provider, unless the program has its own. */
  public prepareStack(): void {
    if (!this.allProviders().some((own) => own.terraformResourceType === 'azurerm' && !own.alias)) {
      new AzurermProvider(this, 'azurerm', {
        subscriptionId: literally(requirePlace(this).subscriptionId),
        // Of no storage account here do keys work, and none is asked for its contents: it may be private.
        storageUseAzuread: true,
        resourceProvidersToRegister: RESOURCE_PROVIDERS,
        features: [{ storage: [{ dataPlaneAvailable: false }] }],
      });
    }
    super.prepareStack();
  }
}

const resourceId = (type: string) =>
  text({
    pattern: new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type}/[^/]+$`),
    means: `a resource id: /subscriptions/…/resourceGroups/…/providers/${type}/…`,
  });

const PLACE: Schema<PlaceProps> = {
  ...namePrefixRules,
  ...residencyRules,
  ...stackReportRules,
  subscriptionId: required(
    text({ pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, means: 'a subscription id: a GUID' }),
  ),
  location: required(
    literal(text({ pattern: /^[a-z][a-z0-9]*$/, means: "a region's short name such as westeurope" })),
  ),
  resourceGroupName: text({
    pattern: /^[\w.()-]{0,89}[\w()-]$/,
    means: "the name of a resource group: letters, digits and _-.(), at most 90, last no '.'",
  }),
  storageReplication: literal(oneOf(...Object.values(StorageReplication))),
  workspaceId: literal(resourceId('Microsoft.MachineLearningServices/workspaces')),
  containerRegistryId: literal(resourceId('Microsoft.ContainerRegistry/registries')),
  tags: record(text({ pattern: /^[^]{0,256}$/, means: 'at most 256 characters' }), {
    keys: /^[^<>%&\\?/]{1,512}$/,
    means: 'at most 512 characters without <>%&\\?/',
  }),
};

function judgePlace(props: PlaceProps, faults: Faults): void {
  if (props?.containerRegistryId && !props.workspaceId) {
    faults.add('CMC-009', 'containerRegistryId', 'needs workspaceId: the workspace of your own that uses it');
  }
  const { allowedRegions, location, storageReplication } = props ?? {};
  if (location) {
    judgeRegions(props, 'location', location, faults);
  }
  const pair = location && pairOf(location);
  if (storageReplication?.startsWith('G') && !(allowedRegions ?? [pair]).includes(pair!)) {
    faults.add(
      'CMC-050',
      'storageReplication',
      `('${storageReplication}') keeps copies in the paired region (${pair ?? 'unknown here'}), which is none of allowedRegions: take ZRS, or allow it`,
    );
  }
}

function judgeStack(props: PlatformStackProps, faults: Faults): void {
  judgeProps(
    faults,
    struct<PlatformStackProps>({ ...PLACE, ...platformStackRules, defenderForContainers: flag }),
    props,
  );
  judgePlace(props, faults);
}

function scanImages(stack: TerraformStack): void {
  new SecurityCenterSubscriptionPricing(stack, 'DefenderForContainers', {
    resourceType: 'Containers',
    tier: 'Standard',
    extension: [{ name: 'ContainerRegistriesVulnerabilityAssessments' }],
  });
  report(stack, 'idle-cost', 'Microsoft Defender for Containers', 'Bills for the whole subscription.');
}

/** Text of users is taken literally where the place is used. */
function settle(stack: TerraformStack, props: PlaceProps): void {
  setPlace(stack, props);
  setNamePrefix(stack, props.namePrefix);
  keepTrack(stack);
  if (props.allowedRegions) {
    keepInside(stack, props.allowedRegions, PLACES);
  }
  if (props.allowedRegions && props.regionGuard) {
    new RegionGuard(stack, props.allowedRegions);
  }
  Aspects.of(stack).add(new ProviderCheck());
  if (props.report ?? true) {
    reportStack(stack);
  }
  if (props.tags) {
    Aspects.of(stack).add(new Tagging(literally(props.tags)));
  }
}
