import { Construct } from 'constructs';
import { RunPlan } from './cloud-run-judge';
import { EndpointProps } from './judge';
import { LoadBalancer } from './load-balancer';
import { EndpointParts } from './parts';
import { shiftRevisions } from './shift';
import { countOf, together } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import { numberValue } from '../../../terraform/deploy-parameter';
import { text } from '../../../terraform/text';
import type { INetwork } from '../../private-network';
import type { IWorkload } from '../../workload';
import { giveInvoker, invokeCommandOf, logFilterOf, metricsOf, RunService } from '../cloud-run/access';
import { mountedModel } from '../cloud-run/container';
import { cloudRunService } from '../cloud-run/service';
import { keyFor } from '../keys';
import { allowContainer } from '../permissions';
import { placeOf } from '../place';
import { needCloudRun } from '../quotas';

/** A service of Cloud Run for each variant, and the load balancer that they share. */
export function cloudRunEngine(
  scope: Construct & IWorkload,
  props: EndpointProps,
  { variants, hostName }: RunPlan,
): EndpointParts {
  const { project, region } = placeOf(scope);
  const { scaling = {} } = props;
  const least = scaling.minInstances ?? 1;
  const balancerUrl = hostName && `https://${hostName}`;
  const key = keyFor(scope, props.encryptionKey);
  const models = variants.map(({ variant }) => variant.model && mountedModel(scope, variant.model));
  const shares = variants.map(({ variant, size, times, weight }, i) => {
    const { name, container } = variant;
    const service = cloudRunService(new Construct(scope, `Service-${name}`), 'Service', {
      ...times,
      ...{ container, size, key, balancerUrl },
      minInstances: numberValue(scope, least),
      maxInstances: numberValue(scope, scaling.maxInstances ?? least),
      concurrentRequestsPerInstance: scaling.concurrentRequestsPerInstance,
      network: props.network as INetwork | undefined,
      email: scope.identityId,
      model: models[i],
      allowed: allowContainer(scope, container),
      keepTraffic: true,
    });
    // Each look at an attribute is another reference.
    return { name, service, serviceName: service.name, weight };
  });
  const balancer = hostName ? new LoadBalancer(scope, 'Balancer', hostName, shares) : undefined;

  const [first] = shares;
  const names = shares.map(({ serviceName }) => serviceName);
  const url = `${balancerUrl ?? first.service.uri}${text(variants[0].variant.container.predictPath ?? '/invocations')}`;
  const asked = (name: string): RunService => ({ project, location: region, name });
  return {
    main: balancer?.forwardingRule ?? first.service,
    endpointName: shares.length > 1 ? balancer!.urlMapName : first.serviceName,
    url,
    streamUrl: url,
    invokeCommand: invokeCommandOf(url),
    shiftCommand: (policies) =>
      shares.length > 1
        ? balancer!.shiftCommand(policies)
        : shiftRevisions(asked(first.serviceName), policies),
    variants: new Map(shares.map(({ name, service }) => [name, { deployment: service }])),
    invoke: (to) =>
      shares.map(({ name, serviceName }) =>
        giveInvoker({ ...to, id: `-${name}${to.id}` }, scope, asked(serviceName)),
      )[0],
    logFilter: logFilterOf(...names),
    metrics: metricsOf(names, shares.length > 1 ? 'service_name' : 'revision_name'),
    references: [...names, first.service.uri],
    traffic: balancer?.urlMap,
    forwardingRule: balancer?.forwardingRule,
  };
}

/** What was chosen, what bills, what to know, what comes next. */
export function reportCloudRun(
  endpoint: Construct & { readonly invokeCommand: string; readonly shiftCommand: string },
  { scaling }: EndpointProps,
  { variants }: RunPlan,
): void {
  const least = countOf(scaling?.minInstances, 1);
  const most = countOf(scaling?.maxInstances ?? scaling?.minInstances, 1);
  const sizeOf = ({ size: { cpu, memoryMiB, gpu } }: RunPlan['variants'][number]) =>
    `${cpu} processors, ${memoryMiB} MiB${gpu ? ` and one ${gpu.accelerator}` : ''}`;
  for (const plan of variants) {
    report(endpoint, 'choice', `Instances of ${plan.variant.name}`, `${sizeOf(plan)}.`);
  }
  report(
    endpoint,
    'idle-cost',
    'Instances',
    `${variants.map((plan) => `${least.amount} × ${sizeOf(plan)}`).join(' and ')} bill all the time without a request; while a revision is replaced its new instances bill besides the old ones.`,
  );
  for (const { size } of variants.filter(({ size: { gpu } }) => gpu)) {
    needCloudRun(endpoint, size.gpu!.accelerator!, together(most, least));
  }
  report(
    endpoint,
    'note',
    'Traffic',
    variants.length > 1
      ? 'Traffic that shiftCommand moved stays through later deployments, until they declare other weights.'
      : 'Traffic that shiftCommand moved to a revision (VARIANT) stays there: later revisions get none until they are its VARIANT, or it is run without one.',
  );
  report(endpoint, 'command', 'Send a request', endpoint.invokeCommand);
  report(endpoint, 'command', 'Shift traffic', endpoint.shiftCommand);
}
