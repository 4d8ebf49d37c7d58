import { VertexAiEndpoint } from '@cdktf/provider-google/lib/vertex-ai-endpoint';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { callerRole, giveCaller, invokeCommandOf, metricsOf, pathOf } from './access';
import { approvalOf } from './approval';
import { captureDataset, captureTo } from './capture';
import { EndpointProps } from './judge';
import { PrivateAccess } from './network';
import { EndpointParts } from './parts';
import { shiftCommandOf } from './shift';
import { trafficSplit } from './traffic';
import { Variant } from './variant';
import { VariantPlan } from './vertex-judge';
import { text } from '../../../terraform/text';
import type { INetwork } from '../../private-network';
import type { IWorkload } from '../../workload';
import { apis } from '../apis';
import { resolveModel } from '../images';
import { encryptedBy, keyFor } from '../keys';
import { numericName } from '../names';
import { allowContainer } from '../permissions';
import { placeOf } from '../place';

/** An endpoint of Vertex AI with its models, their deployments, and the traffic between them. */
export function vertexAiEngine(
  scope: Construct & IWorkload,
  props: EndpointProps,
  plans: VariantPlan[],
): EndpointParts {
  const { project, region } = placeOf(scope);
  const network = props.network as INetwork | undefined;
  const key = keyFor(scope, props.encryptionKey);
  const captured = props.capture && captureDataset(scope, key);
  const endpoint = new VertexAiEndpoint(scope, 'Endpoint', {
    name: numericName(scope, { key: key?.keyId, private: Boolean(network) }),
    displayName: text(scope.node.path.slice(-128)),
    location: region,
    encryptionSpec: key && { kmsKeyName: key.keyId },
    dedicatedEndpointEnabled: network ? undefined : true,
    privateServiceConnectConfig: network && {
      enablePrivateServiceConnect: true,
      projectAllowlist: [...new Set([project, ...hostOf(network)])],
    },
    predictRequestResponseLoggingConfig: captured && captureTo(captured, props.capture!),
    // Its traffic is set when models are deployed, and described then.
    lifecycle: { createBeforeDestroy: true, ignoreChanges: ['traffic_split', 'description'] },
    dependsOn: [...apis(scope, 'aiplatform'), ...encryptedBy(scope, key, 'aiplatform')],
  });
  const endpointName = endpoint.name;

  const variants = plans.map((plan) => {
    const { name, container, model: version } = plan.variant;
    const model = version && resolveModel(scope, version);
    const allowed = allowContainer(scope, container, model);
    const approved = version ? approvalOf(scope, name, version, model!) : [];
    return new Variant(scope, plan, {
      ...{ endpointName, model, email: scope.identityId, keyId: key?.keyId },
      ...{ scaling: props.scaling, capacity: props.capacity },
      ready: [...allowed, ...approved, ...encryptedBy(scope, key, 'aiplatform')],
    });
  });
  const traffic = trafficSplit(scope, endpoint, variants);
  const access = network && new PrivateAccess(scope, 'Private', network, endpointName, variants);

  const place = { project, location: region, endpoint: endpointName, role: callerRole(scope) };
  const host = access ? access.address.address : Fn.trimprefix(endpoint.dedicatedEndpointDns, 'https://');
  const url = `https://${host}${pathOf(place)}`;
  return {
    main: endpoint,
    endpointName,
    url,
    streamUrl: `https://${host}${pathOf(place, 'streamRawPredict')}`,
    invokeCommand: invokeCommandOf(url, Boolean(network)),
    shiftCommand: (policies) => shiftCommandOf(place, variants, policies),
    variants: new Map(variants.map((one) => [one.plan.variant.name, one])),
    invoke: (to) => giveCaller(to, scope, place),
    logFilter: `resource.type="aiplatform.googleapis.com/Endpoint" AND resource.labels.endpoint_id="${endpointName}"`,
    metrics: metricsOf(endpointName),
    references: [endpointName, endpoint.dedicatedEndpointDns, place.role],
    traffic,
    captureDataset: captured,
    forwardingRule: access?.forwardingRule,
  };
}

/** The project that shares a network, where its id says so. */
const hostOf = ({ networkId }: INetwork): string[] =>
  /^projects\/([a-z][^/$]*)\//.exec(networkId)?.slice(1) ?? [];
