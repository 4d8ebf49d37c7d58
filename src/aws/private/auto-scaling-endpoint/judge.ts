import { IConstruct } from 'constructs';
import { alarmsPerVariant } from './alarms';
import { bucketOf } from './config';
import { judgeVariant } from './container';
import { judgeDisk } from './disk';
import { judgeRollout } from './rollout';
import { INTENTS, judgeScaling } from './scaling';
import * as core from '../../../core';
import { judgeEndpointAlarms } from '../../../core/private/alarms';
import { intentsOf, variantMachines, weightsOf } from '../../../core/private/endpoints';
import { Faults, show } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { judgeProfile } from '../../../core/private/profile';
import { autoScalingEndpointRules } from '../../../core/private/rules/serving';
import { flag, judgeProps, Schema, struct } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import type { INetwork } from '../../private-network';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { SAGEMAKER_HOSTING } from '../machines';

/** A variant as it was judged. */
export interface VariantPlan {
  readonly variant: core.EndpointVariant;
  readonly machine: MachineChoice;
  /** The prop that chose the machine, and why it is this one. */
  readonly machineAt: string;
  readonly machineWhy: string;
  readonly weight: number;
  /** What SageMaker attaches to its machines; as much as it likes where left out. */
  readonly volumeGiB?: number;
  readonly isolated: boolean;
}

/** An endpoint as it was judged. */
export interface EndpointPlan {
  /** By name: the order of the prop is nothing that should replace a configuration. */
  readonly variants: VariantPlan[];
  readonly scaled: boolean;
}

const PROPS: Schema<AutoScalingEndpointProps> = {
  ...autoScalingEndpointRules(CLOUD, logRetentionRule),
  networkIsolation: flag,
};

/** Judges the props of an endpoint. */
export function judgeEndpoint(
  endpoint: IConstruct,
  props: AutoScalingEndpointProps,
  faults: Faults,
): EndpointPlan {
  judgeProps(faults, struct(PROPS), props);
  const machines = variantMachines(props, SAGEMAKER_HOSTING, faults);
  const weights = weightsOf(props.variants, { title: 'SageMaker', wholePercents: false }, faults);
  const variants = props.variants.map((variant, i) => {
    const at = `variants[${i}]`;
    judgeVariant(endpoint, variant, at, faults);
    const hasSecrets = Object.keys(variant.container.secrets ?? {}).length > 0;
    if (hasSecrets && props.networkIsolation) {
      faults.add(
        'CMC-008',
        'networkIsolation',
        `keeps the container of ${at} from reading its secrets: leave it out, or leave out ${at}.container.secrets`,
      );
    }
    return {
      variant,
      machine: machines[i].choice!,
      machineAt: machines[i].at,
      machineWhy: machines[i].why,
      weight: weights[i],
      volumeGiB: judgeDisk(props.diskGiB, machines[i].choice, faults),
      isolated: props.networkIsolation ?? !hasSecrets,
    };
  });
  judgeScaling(props.scaling, machines, faults);
  judgeRollout(
    {
      rollout: props.rollout,
      minInstances: props.scaling?.minInstances ?? 1,
      machineTypes: machines.flatMap(({ choice }) => choice?.type ?? []),
      alarms: alarmsPerVariant(props.alarms) * variants.length,
    },
    faults,
  );
  judgeCapacity(props.capacity, faults);
  judgeEndpointAlarms(props, faults);
  judgeCapture(props, faults);
  judgeNetwork(props.network as INetwork | undefined, faults);
  judgeProfile(endpoint, props, faults, 'the containers are in a network of the service');
  usesAll(
    endpoint,
    {
      network: props.network,
      encryptionKey: props.encryptionKey,
      'capture.zone': props.capture?.zone,
      'alarms.channels': props.alarms?.channels,
    },
    faults,
  );
  variants.sort((a, b) => (a.variant.name < b.variant.name ? -1 : 1));
  return { variants, scaled: intentsOf(props.scaling, INTENTS).length > 0 };
}

const RESERVATION = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:[a-z0-9-]{1,14}\/.+$/;

function judgeCapacity(capacity: core.Capacity | undefined, faults: Faults): void {
  switch (capacity?.kind) {
    case core.CapacityKind.SPOT:
    case core.CapacityKind.QUEUED:
      faults.add(
        'CMC-040',
        'capacity',
        `is ${capacity.kind}, which SageMaker endpoints do not have: use Capacity.onDemand() with scaling, or Capacity.reserved()`,
      );
      break;
    case core.CapacityKind.RESERVED:
      if (!isToken(capacity.reservationId) && !RESERVATION.test(capacity.reservationId!)) {
        faults.add(
          'CMC-006',
          'capacity',
          `(${show(capacity.reservationId)}) must be the ARN of a SageMaker training plan whose target is endpoints: arn:aws:sagemaker:…:training-plan/…`,
        );
      }
  }
}

function judgeCapture({ capture, alarms }: AutoScalingEndpointProps, faults: Faults): void {
  if (capture && !capture.zone) {
    faults.add(
      'CMC-009',
      'capture.zone',
      "is required: SageMaker keeps requests in a bucket only, such as lake.zone('raw')",
    );
  } else if (capture?.zone && alarms?.captureSilentMinutes !== undefined && !isOfApp(bucketOf(capture))) {
    faults.add(
      'CMC-040',
      'alarms.captureSilentMinutes',
      'counts requests of S3, which the bucket of an imported lake must itself measure: capture to a lake of this app, or watch PutRequests there',
    );
  }
}

/** Metrics can be added to the bucket. */
const isOfApp = (bucket: object | undefined): boolean => 'addMetric' in (bucket ?? {});

function judgeNetwork(network: INetwork | undefined, faults: Faults): void {
  const subnets = network?.workloadSubnets;
  if (subnets && (subnets.length < 2 || subnets.length > 16)) {
    faults.add(
      'CMC-004',
      'network',
      `has ${subnets.length} subnets for workloads; SageMaker endpoints need 2 to 16, in different zones`,
    );
  }
}
