import { IConstruct } from 'constructs';
import { EndpointPlan } from './judge';
import { countOf, together } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import type { AutoScalingEndpointProps } from '../../auto-scaling-endpoint';
import { needAzureMl, withReserve } from '../quotas';

interface Reported extends IConstruct {
  readonly endpointName: string;
  readonly invokeCommand: string;
  readonly shiftCommand: string;
}

/** What was chosen, what bills, what to know, what comes next. */
export function reportEndpoint(
  endpoint: Reported,
  props: AutoScalingEndpointProps,
  { variants }: EndpointPlan,
): void {
  for (const { variant, machine, machineWhy } of variants) {
    report(endpoint, 'choice', `Machine of ${variant.name}`, `${machine.type}: ${machineWhy}.`);
  }
  report(
    endpoint,
    'idle-cost',
    'Machines',
    `${variants.map(({ machine }) => machine.type).join(' and ')} bill per hour without a request; a new deployment bills besides the old one until it has the traffic.`,
  );
  const least = countOf(props.scaling?.minInstances, 1);
  const most = countOf(props.scaling?.maxInstances ?? props.scaling?.minInstances, 1);
  variants.forEach(({ machine }) =>
    needAzureMl(endpoint, machine, undefined, together(withReserve(most), withReserve(least))),
  );
  report(endpoint, 'command', 'Send a request', endpoint.invokeCommand);
  report(endpoint, 'command', 'Shift traffic', endpoint.shiftCommand);
  const note = (title: string, text: string) => report(endpoint, 'note', title, text);
  note(
    'Third-party providers',
    'The endpoint is made by the providers Azure/azapi (by Microsoft) and hashicorp/time.',
  );
  if (props.capture) {
    note('Capture', `Requests and answers are kept below ${endpoint.endpointName}/ in the zone.`);
  }
}
