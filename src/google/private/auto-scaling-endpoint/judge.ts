import { IConstruct } from 'constructs';
import { judgeVariant } from './container';
import { purchaseOf } from './machine';
import { judgeScaling } from './scaling';
import * as core from '../../../core';
import { variantMachines, weightsOf } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { autoScalingEndpointRules } from '../../../core/private/rules';
import { judgeProps, Schema, struct } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import { alarmChannelsRule, judgeAlarms } from '../alarms';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { VERTEX_PREDICTION } from '../machines';

/** The props as the rules see them: the public interface is the same. */
export interface EndpointProps extends core.AutoScalingEndpointProps {
  readonly alarmChannels?: string[];
}

/** A variant as it was judged. */
export interface VariantPlan {
  readonly variant: core.EndpointVariant;
  readonly machine: MachineChoice;
  /** Why it is this machine. */
  readonly machineWhy: string;
  /** Percent of the traffic. */
  readonly weight: number;
}

const PROPS: Schema<EndpointProps> = {
  ...autoScalingEndpointRules(CLOUD, logRetentionRule),
  alarmChannels: alarmChannelsRule,
};

/** Judges the props of an endpoint; the variants come by name. */
export function judgeEndpoint(endpoint: IConstruct, props: EndpointProps, faults: Faults): VariantPlan[] {
  judgeProps(faults, struct(PROPS), props);
  const purchase = purchaseOf(props.capacity?.kind ?? core.CapacityKind.ON_DEMAND);
  const machines = variantMachines(props, VERTEX_PREDICTION, faults, purchase);
  const weights = weightsOf(props.variants, { title: 'Vertex AI', wholePercents: true }, faults);
  props.variants.forEach((variant, i) => judgeVariant(endpoint, variant, `variants[${i}]`, faults));
  judgeScaling(props.scaling, machines, faults);
  judgeRollout(props.rollout, faults);
  judgeCapacity(props.capacity, faults);
  judgeAlarms(props, faults);
  if (props.capture?.zone) {
    faults.add(
      'CMC-040',
      'capture.zone',
      'cannot take what Vertex AI captures, which goes to BigQuery: leave zone out, and a dataset is made; export its table where files are needed',
    );
  }
  if (!props.network && core.SecurityProfile.of(endpoint) === core.SecurityProfile.REGULATED) {
    faults.add(
      'CMC-009',
      'network',
      'is required under SecurityProfile.REGULATED: without it the endpoint has a name on the internet',
    );
  }
  usesAll(endpoint, { network: props.network, encryptionKey: props.encryptionKey }, faults);
  return props.variants
    .map((variant, i) => ({
      variant,
      machine: machines[i].choice!,
      machineWhy: machines[i].why,
      weight: weights[i],
    }))
    .sort((a, b) => (a.variant.name < b.variant.name ? -1 : 1));
}

function judgeRollout(rollout: core.Rollout | undefined, faults: Faults): void {
  if (rollout && rollout.kind !== core.RolloutKind.ALL_AT_ONCE) {
    faults.add(
      'CMC-040',
      'rollout',
      `is ${rollout.kind}, which Vertex AI does not do: add the new version as a variant of its own with a small weight, watch it, and move the traffic with endpoint.shiftCommand`,
    );
  }
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
