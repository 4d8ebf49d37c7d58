import { ContainerAppEnvironment } from '@cdktf/provider-azurerm/lib/container-app-environment';
import { IConstruct } from 'constructs';
import { deploymentOf, requirePlace } from './resource-group';
import { CapacityKind } from '../../core';
import { MachineChoice } from '../../core/private/machines';
import { Count, needQuota, Quota } from '../../core/private/quotas';

/** What counts vCPU: Azure ML has quotas of its own. */
interface Counter {
  readonly service: string;
  readonly provider: string;
  /** The one quota of all machines that are taken back at any time. */
  readonly spot: string;
  /** That of all others together, beside those of their families. */
  readonly all: string;
  readonly allNote?: string;
  /** Lists name, use and limit of all quotas. */
  readonly list: (scope: string, location: string) => string;
}

const AZURE_ML: Counter = {
  service: 'Azure ML',
  provider: 'Microsoft.MachineLearningServices',
  spot: 'TotalLowPriorityCores',
  all: 'TotalDedicatedCores',
  allNote: 'check whether it grows with those of the families',
  list: (scope) => `az quota list --scope ${scope} --query '[].[name,properties.limit.value]' --output tsv`,
};

const COMPUTE: Counter = {
  service: 'Compute',
  provider: 'Microsoft.Compute',
  spot: 'lowPriorityCores',
  all: 'cores',
  list: (_, location) =>
    `az vm list-usage --location ${location} --query '[].[name.value,currentValue,limit]' --output tsv`,
};

/** Machines by what counts against quotas. */
interface Machines {
  readonly type: string;
  readonly vcpu?: number;
  readonly family?: string | null;
}

const machinesOf = ({ type, machine }: MachineChoice): Machines => ({
  ...{ type, vcpu: machine?.vcpu, family: machine?.azure?.quotaFamily },
});

/** A family whose name nobody wrote down is found by its machine type. */
function familyOf({ type, family }: Machines, location: string): { name: string; shell: string } {
  return family
    ? named(family)
    : {
        name: `the family of ${type}`,
        shell: `"$(az vm list-skus --location ${location} --size ${type} --query "[?name=='${type}'].family | [0]" --output tsv)"`,
      };
}

function needCores(
  scope: IConstruct,
  { service, provider, list }: Counter,
  { name, shell }: { name: string; shell: string },
  kind: 'dedicated' | 'lowPriority',
  { type, vcpu }: Machines,
  count: Count,
  note?: string,
): void {
  const { subscriptionId, location } = requirePlace(scope);
  const id = `/subscriptions/${subscriptionId}/providers/${provider}/locations/${location}`;
  const quota: Quota = {
    ...{ service, name, unit: vcpu ? 'vCPU' : `times the vCPU of ${type}`, ...(note && { note }) },
    check: `${list(id, location)} | grep -i ${shell}`,
    request: `az quota update --scope ${id} --resource-name ${shell} --resource-type ${kind} --limit-object value="$AMOUNT"`,
  };
  needQuota(scope, quota, count, vcpu);
}

/** Machines of Azure ML: a quota for each family and one for all dedicated, and one for all at low priority. */
export function needAzureMl(
  scope: IConstruct,
  choice: MachineChoice,
  capacity: CapacityKind | undefined,
  count: Count,
): void {
  needMachines(scope, AZURE_ML, machinesOf(choice), capacity, count);
}

/** Machines of Compute, such as those of AKS: a quota for each family, one for all dedicated and one for all spot. */
export function needCompute(
  scope: IConstruct,
  choice: MachineChoice,
  capacity: CapacityKind | undefined,
  count: Count,
): void {
  const note =
    capacity === CapacityKind.RESERVED ? 'which the reservation counts against already' : undefined;
  needMachines(scope, COMPUTE, machinesOf(choice), capacity, count, note);
}

/** Machines of AKS that run its own services. */
export function needServices(scope: IConstruct, machines: Machines, count: Count): void {
  needMachines(scope, COMPUTE, machines, undefined, count);
}

function needMachines(
  scope: IConstruct,
  counter: Counter,
  machines: Machines,
  capacity: CapacityKind | undefined,
  count: Count,
  note?: string,
): void {
  const { location } = requirePlace(scope);
  if (capacity === CapacityKind.SPOT) {
    needCores(scope, counter, named(counter.spot), 'lowPriority', machines, count);
  } else {
    needCores(scope, counter, familyOf(machines, location), 'dedicated', machines, count, note);
    needCores(scope, counter, named(counter.all), 'dedicated', machines, count, note ?? counter.allNote);
  }
}

const named = (name: string) => ({ name, shell: `'${name}'` });

/** Machines of a deployment, with the fifth that Azure ML keeps to replace them. */
export const withReserve = ({ amount, open }: Count): Count => ({ amount: Math.ceil(1.2 * amount), open });

/** As Container Apps names what its accelerators count against. */
const CONTAINER_APPS: Record<string, string> = { T4: 'T4', 'A100-80GB': 'NCA100' };

function containerApps(name: string, unit: string, list: string, request: string): Quota {
  return {
    ...{ service: 'Container Apps', name, unit, request },
    check: `az containerapp ${list} --query 'value[].[name.localizedValue,currentValue,limit]' --output tsv | grep -i '${name}'`,
  };
}

/** An environment of Container Apps in the subscription and region. */
export function needEnvironment(scope: IConstruct): void {
  const { subscriptionId, location } = requirePlace(scope);
  const found = containerApps(
    'Managed Environment Count',
    'environments',
    `list-usages --location ${location} --subscription ${subscriptionId}`,
    'the page of quotas in the portal, with the provider Azure Container Apps: no command asks for more',
  );
  needQuota(scope, found, { amount: 1, open: false });
}

/** What instances have in an environment of Container Apps: accelerators, or processors where they have none. */
export function needContainerApps(
  scope: IConstruct,
  environment: ContainerAppEnvironment,
  { accelerator, cpu }: { readonly accelerator?: string; readonly cpu: number },
  count: Count,
): void {
  const [subscriptionId, resourceGroupName] = deploymentOf(environment);
  const what = accelerator ? `${CONTAINER_APPS[accelerator]} GPUs` : 'Cores';
  const found = containerApps(
    `Managed Environment Consumption ${what}`,
    accelerator ? 'accelerators' : 'vCPU',
    `env list-usages --name ${environment.nameInput} --resource-group ${resourceGroupName} --subscription ${subscriptionId}`,
    "the environment's page of quotas in the portal, once it stands: no command asks for more",
  );
  needQuota(scope, found, count, accelerator ? 1 : cpu);
}
