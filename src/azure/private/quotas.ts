import { IConstruct } from 'constructs';
import { requirePlace } from './resource-group';
import { CapacityKind } from '../../core';
import { MachineChoice } from '../../core/private/machines';
import { Count, needQuota, Quota } from '../../core/private/quotas';

/** What counts vCPU: Azure ML has quotas of its own. */
interface Counter {
  readonly service: string;
  readonly provider: string;
  /** The one quota of all machines that are taken back at any time. */
  readonly spot: string;
  /** Lists name, use and limit of all quotas. */
  readonly list: (scope: string, location: string) => string;
}

const AZURE_ML: Counter = {
  service: 'Azure ML',
  provider: 'Microsoft.MachineLearningServices',
  spot: 'TotalLowPriorityCores',
  list: (scope) => `az quota list --scope ${scope} --query '[].[name,properties.limit.value]' --output tsv`,
};

const COMPUTE: Counter = {
  service: 'Compute',
  provider: 'Microsoft.Compute',
  spot: 'lowPriorityCores',
  list: (_, location) =>
    `az vm list-usage --location ${location} --query '[].[name.value,currentValue,limit]' --output tsv`,
};

/** A family whose name nobody wrote down is found by its machine type. */
function familyOf({ type, machine }: MachineChoice, location: string): { name: string; shell: string } {
  const known = machine?.azure?.quotaFamily;
  return known
    ? { name: known, shell: `'${known}'` }
    : {
        name: `the family of ${type}`,
        shell: `"$(az vm list-skus --location ${location} --size ${type} --query "[?name=='${type}'].family | [0]" --output tsv)"`,
      };
}

function needCores(
  scope: IConstruct,
  { service, provider, list }: Counter,
  { name, shell }: { name: string; shell: string },
  type: 'dedicated' | 'lowPriority',
  choice: MachineChoice,
  count: Count,
  note?: string,
): void {
  const { subscriptionId, location } = requirePlace(scope);
  const id = `/subscriptions/${subscriptionId}/providers/${provider}/locations/${location}`;
  const vcpu = choice.machine?.vcpu;
  const quota: Quota = {
    ...{ service, name, unit: vcpu ? 'vCPU' : `times the vCPU of ${choice.type}`, ...(note && { note }) },
    check: `${list(id, location)} | grep -i ${shell}`,
    request: `az quota update --scope ${id} --resource-name ${shell} --resource-type ${type} --limit-object value="$AMOUNT"`,
  };
  needQuota(scope, quota, count, vcpu);
}

/** Machines of Azure ML: a quota for each family, and one for all at low priority. */
export function needAzureMl(
  scope: IConstruct,
  choice: MachineChoice,
  capacity: CapacityKind | undefined,
  count: Count,
): void {
  needMachines(scope, AZURE_ML, choice, capacity, count);
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
  needMachines(scope, COMPUTE, choice, capacity, count, note);
  if (capacity !== CapacityKind.SPOT) {
    needCores(scope, COMPUTE, { name: 'cores', shell: "'cores'" }, 'dedicated', choice, count, note);
  }
}

function needMachines(
  scope: IConstruct,
  counter: Counter,
  choice: MachineChoice,
  capacity: CapacityKind | undefined,
  count: Count,
  note?: string,
): void {
  const { location } = requirePlace(scope);
  if (capacity === CapacityKind.SPOT) {
    const all = { name: counter.spot, shell: `'${counter.spot}'` };
    needCores(scope, counter, all, 'lowPriority', choice, count);
  } else {
    needCores(scope, counter, familyOf(choice, location), 'dedicated', choice, count, note);
  }
}

/** Machines of a deployment, with the fifth that Azure ML keeps to replace them. */
export const withReserve = ({ amount, open }: Count): Count => ({ amount: Math.ceil(1.2 * amount), open });

/** As Container Apps names what its accelerators count against. */
const CONTAINER_APPS: Record<string, string> = { T4: 'T4', 'A100-80GB': 'NCA100' };

/** Accelerators of Container Apps in the subscription and region; no command asks for more. */
export function needContainerApps(scope: IConstruct, accelerator: string, count: Count): void {
  const { location } = requirePlace(scope);
  const name = `Managed Environment Consumption ${CONTAINER_APPS[accelerator]} Gpus`;
  needQuota(
    scope,
    {
      ...{ service: 'Container Apps', name, unit: 'accelerators' },
      check: `az containerapp list-usages --location ${location} --query "value[?name.localizedValue=='${name}'].[currentValue,limit]" --output tsv`,
      request: 'a support request for quotas of Container Apps in the portal, which no command makes',
    },
    count,
  );
}
