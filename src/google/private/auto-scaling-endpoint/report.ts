import { IConstruct } from 'constructs';
import { EndpointProps } from './judge';
import { VariantPlan } from './vertex-judge';
import * as core from '../../../core';
import { countOf, together } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import { needVertex } from '../quotas';

interface Reported extends IConstruct {
  readonly invokeCommand: string;
  readonly shiftCommand: string;
}

/** What was chosen, what bills, what to know, what comes next. */
export function reportEndpoint(
  endpoint: Reported,
  { scaling, capacity }: EndpointProps,
  variants: VariantPlan[],
): void {
  const least = countOf(scaling?.minInstances, 1);
  const most = countOf(scaling?.maxInstances ?? scaling?.minInstances, 1);
  for (const { variant, machine, machineWhy } of variants) {
    report(endpoint, 'choice', `Machine of ${variant.name}`, `${machine.type}: ${machineWhy}.`);
  }
  report(
    endpoint,
    'idle-cost',
    'Machines',
    `${variants.map(({ machine }) => `${least.amount} × ${machine.type}`).join(' and ')} bill per hour without a request; while a variant is replaced its new machines bill besides the old ones.`,
  );
  variants.forEach(({ machine }) =>
    needVertex(endpoint, 'serving', machine.machine, capacity?.kind, together(most, least)),
  );
  report(
    endpoint,
    'note',
    'Changes',
    'A change of a variant deploys it anew with the fewest machines, then moves its traffic; other variants stay as they are. Scaling is changed in place. Terraform does not see what was changed outside of it.',
  );
  if (capacity?.kind === core.CapacityKind.SPOT) {
    report(endpoint, 'note', 'Spot', 'Spot machines are taken back at any time, all at once at worst.');
  }
  report(endpoint, 'command', 'Send a request', endpoint.invokeCommand);
  report(endpoint, 'command', 'Shift traffic', endpoint.shiftCommand);
}
