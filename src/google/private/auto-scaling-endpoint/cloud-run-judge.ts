import { IConstruct } from 'constructs';
import { EndpointProps } from './judge';
import * as core from '../../../core';
import { judgeIntents } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { integer } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import { ContainerTimes, judgeContainer } from '../cloud-run/container';
import { InstanceSize, judgeSize } from '../cloud-run/machine';

/** A variant as it was judged. */
export interface RunVariantPlan {
  readonly variant: core.EndpointVariant;
  readonly size: InstanceSize;
  readonly times: ContainerTimes;
  /** Percent of the traffic. */
  readonly weight: number;
}

/** An endpoint on Cloud Run; the variants come by name. */
export interface RunPlan {
  readonly variants: RunVariantPlan[];
  /** Its name behind a load balancer. */
  readonly hostName?: string;
}

const ELSEWHERE = 'EndpointEngine.vertexAi()';
const CONCURRENCY = 'concurrentRequestsPerInstance';

/** Judges what only Cloud Run decides. */
export function judgeCloudRun(
  endpoint: IConstruct,
  props: EndpointProps,
  weights: number[],
  faults: Faults,
): RunPlan {
  const { cpu, memoryMiB, hostName } = props.engine!;
  const sizeOf = (accelerators: string[] | undefined, at: string) =>
    judgeSize(
      {
        ...{ accelerators, cpu, memoryMiB, defaultMemoryMiB: 8192 },
        ...{ acceleratorsAt: `${at}accelerators`, sizeAt: 'engine.', elsewhere: ELSEWHERE },
      },
      faults,
    );
  const base = sizeOf(props.accelerators, '');
  const variants = props.variants.map((variant, i) => {
    const at = `variants[${i}].`;
    const accelerators = variant.accelerators ?? props.accelerators;
    const size = variant.accelerators ? sizeOf(variant.accelerators, at) : base;
    const { container, model } = variant;
    const asked = { container, model, gpu: accelerators !== undefined, at, elsewhere: ELSEWHERE };
    const times = judgeContainer(endpoint, asked, faults);
    refuseMachine(variant.machineType, `${at}machineType`, faults);
    return { variant, size, times, weight: weights[i] };
  });
  refuseMachine(props.machineType, 'machineType', faults);
  judgeSharing(props, hostName, faults);
  judgeRunScaling(props.scaling, faults);
  if (props.capacity && props.capacity.kind !== core.CapacityKind.ON_DEMAND) {
    faults.add(
      'CMC-040',
      'capacity',
      `is ${props.capacity.kind}, and Cloud Run sells instances on demand only: ${ELSEWHERE} has spot() and reserved()`,
    );
  }
  if (props.diskGiB !== undefined) {
    faults.add(
      'CMC-040',
      'diskGiB',
      'is nothing that Cloud Run has, whose files are memory: raise EndpointEngine.cloudRun({ memoryMiB }), and give the model, whose files are mounted',
    );
  }
  if (props.capture) {
    faults.add(
      'CMC-040',
      'capture',
      `is nothing that Cloud Run does: ${ELSEWHERE} captures to BigQuery, or let the container write what it answers`,
    );
  }
  return { variants: variants.sort((a, b) => (a.variant.name < b.variant.name ? -1 : 1)), hostName };
}

function refuseMachine(machineType: string | undefined, prop: string, faults: Faults): void {
  if (machineType) {
    faults.add(
      'CMC-040',
      prop,
      `is nothing that Cloud Run has: give accelerators, and EndpointEngine.cloudRun({ cpu, memoryMiB }), or take ${ELSEWHERE}`,
    );
  }
}

/** Services share no address: what splits the traffic between them is a load balancer with a name of its own. */
function judgeSharing({ variants, network }: EndpointProps, hostName: string | undefined, faults: Faults) {
  if (network && (hostName || variants.length > 1)) {
    faults.add(
      'CMC-040',
      hostName ? 'engine.hostName' : 'variants',
      `needs a load balancer, which has no place in a network here: take ${ELSEWHERE}, or an endpoint for each variant`,
    );
  } else if (variants.length > 1 && !hostName) {
    faults.add(
      'CMC-009',
      'variants',
      `are several, and share the traffic by a load balancer: give it a name by EndpointEngine.cloudRun({ hostName: 'ml.example.com' }), or take ${ELSEWHERE}`,
    );
  }
}

function judgeRunScaling(scaling: core.ScalingProps = {}, faults: Faults): void {
  const { maxInstances, concurrentRequestsPerInstance: concurrency } = scaling;
  judgeIntents(
    scaling,
    { title: 'Cloud Run', measured: [CONCURRENCY], wayOut: `or take ${ELSEWHERE}` },
    [],
    faults,
  );
  if (concurrency !== undefined && !isToken(concurrency)) {
    integer({ min: 1, max: 1000, because: 'Cloud Run takes no other' })(
      concurrency,
      `scaling.${CONCURRENCY}`,
      faults,
    );
  }
  if (typeof maxInstances === 'number' && !isToken(maxInstances)) {
    integer({ max: 1000, because: `${ELSEWHERE} takes more` })(maxInstances, 'scaling.maxInstances', faults);
  }
}
