import { IConstruct } from 'constructs';
import { needsApproval } from './container';
import type { EndpointPlan } from './judge';
import * as core from '../../../core';
import { countOf, together } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import { needSageMaker, SageMakerUse } from '../quotas';

interface Reported extends IConstruct {
  readonly endpointName: string;
  readonly invokeCommand: string;
  readonly shiftCommand: string;
}

/** What was chosen, what bills, what to know, what comes next. */
export function reportEndpoint(
  endpoint: Reported,
  props: AutoScalingEndpointProps,
  { variants, scaled }: EndpointPlan,
): void {
  const { endpointName } = endpoint;
  const least = countOf(props.scaling?.minInstances, 1).amount;
  const machines = variants.map(({ machine }) => `${least} × ${machine.type}`).join(' and ');
  for (const { variant, machine, machineWhy } of variants) {
    report(endpoint, 'choice', `Machine of ${variant.name}`, `${machine.type}: ${machineWhy}.`);
  }
  report(
    endpoint,
    'idle-cost',
    'Machines',
    `${machines} bill per hour without a request; during a rollout the new machines bill besides the old ones.`,
  );
  const most = countOf(props.scaling?.maxInstances ?? props.scaling?.minInstances, 1);
  // A rollout makes all new machines before the old ones are gone.
  const planned =
    props.capacity?.reservationId && 'check whether the training plan counts against it already';
  variants.forEach(({ machine }) =>
    needSageMaker(endpoint, machine, SageMakerUse.ENDPOINT, together(most, most), planned),
  );
  report(endpoint, 'command', 'Send a request', endpoint.invokeCommand);
  report(endpoint, 'command', 'Shift traffic', endpoint.shiftCommand);
  const note = (title: string, text: string) => report(endpoint, 'note', title, text);
  if (variants.length > 1) {
    note(
      'Weights',
      'A deployment leaves the weights of a running endpoint as they are, whoever set them; new weights of the program are set by shiftCommand without VARIANT.',
    );
  }
  if (scaled) {
    note(
      'Machine types',
      'SageMaker refuses a new machine type for a variant that is scaled: give the variant a new name with it.',
    );
  }
  if (props.rollout && props.rollout.kind !== core.RolloutKind.ALL_AT_ONCE) {
    note(
      'Variants',
      `A ${props.rollout.kind} rollout needs the same names of variants before and after: add or remove one in a deployment of its own with Rollout.allAtOnce().`,
    );
    if (props.rollout.bakeMinutes! < 5) {
      note(
        'Baking',
        `The alarms look at 5 minutes; a rollout that bakes ${props.rollout.bakeMinutes} may be over before they ring.`,
      );
    }
  }
  if (props.capacity?.reservationId) {
    note(
      'Reservation',
      'A rollout needs the new machines besides the old ones: the reservation must hold both.',
    );
  }
  if (props.network) {
    note(
      'Private',
      'Grants hold for requests that come from the network, through its endpoint of sagemaker.runtime. IAM has no way to bind other administrators of the account to that.',
    );
  }
  if (props.capture) {
    note(
      'Capture',
      `Requests and answers are kept below ${endpointName}/${endpointName}/<variant>/yyyy/mm/dd/hh/ in the zone.`,
    );
  }
  for (const { variant } of variants.filter(({ variant: one }) => needsApproval(one))) {
    note(
      `Approval of ${variant.name}`,
      `SageMaker refuses versions of ${variant.model!.model} that are not approved. It runs the image that publishCommand registered with the version; container.image only says which repository that is in.`,
    );
  }
}
