import { IConstruct } from 'constructs';
import { judgeVariant } from './container';
import { EndpointProps } from './judge';
import { purchaseOf } from './machine';
import { judgeScaling } from './scaling';
import * as core from '../../../core';
import { variantMachines } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { isToken } from '../../../core/private/tokens';
import { VERTEX_PREDICTION } from '../machines';

/** A variant as it was judged. */
export interface VariantPlan {
  readonly variant: core.EndpointVariant;
  readonly machine: MachineChoice;
  /** Why it is this machine. */
  readonly machineWhy: string;
  /** Percent of the traffic. */
  readonly weight: number;
}

/** Judges what only Vertex AI decides. */
export function judgeVertexAi(
  endpoint: IConstruct,
  props: EndpointProps,
  weights: number[],
  faults: Faults,
): VariantPlan[] {
  const purchase = purchaseOf(props.capacity?.kind ?? core.CapacityKind.ON_DEMAND);
  const machines = variantMachines(props, VERTEX_PREDICTION, faults, purchase);
  props.variants.forEach((variant, i) => judgeVariant(endpoint, variant, `variants[${i}]`, faults));
  judgeScaling(props.scaling, machines, faults);
  judgeCapacity(props.capacity, faults);
  if (props.diskGiB !== undefined) {
    faults.add(
      'CMC-040',
      'diskGiB',
      'cannot be set on Vertex AI, which sizes the disks of its machines itself: leave it out, and let the container read larger files from MODEL_URI as it needs them, or take EndpointEngine.cloudRun(), which mounts them',
    );
  }
  if (props.capture?.zone) {
    faults.add(
      'CMC-040',
      'capture.zone',
      'cannot take what Vertex AI captures, which goes to BigQuery: leave zone out, and a dataset is made; export its table where files are needed',
    );
  }
  return props.variants
    .map((variant, i) => ({
      variant,
      machine: machines[i].choice!,
      machineWhy: machines[i].why,
      weight: weights[i],
    }))
    .sort((a, b) => (a.variant.name < b.variant.name ? -1 : 1));
}

/** What `Capacity.spot()` has where nobody said how long to wait. */
const WAIT_UNSAID = core.Capacity.spot().maxWaitHours;

const RESERVATION = /^projects\/[^/]+\/zones\/[^/]+\/reservations\/[^/]+$/;

function judgeCapacity(capacity: core.Capacity | undefined, faults: Faults): void {
  switch (capacity?.kind) {
    case core.CapacityKind.QUEUED:
      faults.add(
        'CMC-040',
        'capacity',
        'is queued, which Vertex AI endpoints do not have: use Capacity.onDemand() with scaling, spot() or reserved()',
      );
      break;
    case core.CapacityKind.SPOT:
      if (capacity.fallback) {
        faults.add(
          'CMC-040',
          'capacity',
          'falls back to on demand, which Vertex AI does not do: add a variant on an endpoint of its own with Capacity.onDemand(), or leave fallback out',
        );
      }
      if (capacity.maxWaitHours !== WAIT_UNSAID) {
        faults.add(
          'CMC-040',
          'capacity',
          `waits ${capacity.maxWaitHours} hours for machines, which endpoints on Vertex AI do not: leave maxWaitHours out`,
        );
      }
      break;
    case core.CapacityKind.RESERVED:
      if (!isToken(capacity.reservationId) && !RESERVATION.test(capacity.reservationId!)) {
        faults.add(
          'CMC-006',
          'capacity',
          `(${show(capacity.reservationId)}) must be the full name of a reservation that is shared with Vertex AI: 'projects/…/zones/…/reservations/…'`,
        );
      }
  }
}
