import { IConstruct } from 'constructs';
import { judgeCloudRun, RunPlan } from './cloud-run-judge';
import { judgeVertexAi, VariantPlan } from './vertex-judge';
import * as core from '../../../core';
import { judgeEndpointAlarms } from '../../../core/private/alarms';
import { isMarked } from '../../../core/private/brand';
import { weightsOf } from '../../../core/private/endpoints';
import { Faults } from '../../../core/private/faults';
import { judgeProfile } from '../../../core/private/profile';
import { autoScalingEndpointRules } from '../../../core/private/rules/serving';
import { judgeProps, Schema, struct, valueOf } from '../../../core/private/schema';
import { EndpointEngine, EndpointEngineKind } from '../../endpoint-engine';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { SERVICE_ACCOUNT_EMAIL } from '../service-account';

/** The props as the rules see them: the public interface is the same. */
export interface EndpointProps extends core.AutoScalingEndpointProps {
  readonly serviceAccountEmail?: string;
  readonly engine?: EndpointEngine;
}

/** What the engine makes; the variants come by name. */
export interface EndpointPlan {
  readonly vertexAi?: VariantPlan[];
  readonly cloudRun?: RunPlan;
}

const PROPS: Schema<EndpointProps> = {
  ...autoScalingEndpointRules(CLOUD, logRetentionRule),
  serviceAccountEmail: SERVICE_ACCOUNT_EMAIL,
  engine: valueOf(
    (value) => isMarked(value, 'EndpointEngine'),
    'made by EndpointEngine.vertexAi() or cloudRun()',
  ),
};

/** Judges the props of an endpoint. */
export function judgeEndpoint(endpoint: IConstruct, props: EndpointProps, faults: Faults): EndpointPlan {
  judgeProps(faults, struct(PROPS), props);
  const onCloudRun = props.engine?.kind === EndpointEngineKind.CLOUD_RUN;
  const title = onCloudRun ? 'Cloud Run' : 'Vertex AI';
  const weights = weightsOf(props.variants, { title, wholePercents: true }, faults);
  const plan = onCloudRun
    ? { cloudRun: judgeCloudRun(endpoint, props, weights, faults) }
    : { vertexAi: judgeVertexAi(endpoint, props, weights, faults) };
  judgeRollout(props.rollout, title, faults);
  judgeEndpointAlarms(props, faults);
  judgeMeasured(props.alarms, onCloudRun, faults);
  judgeProfile(endpoint, props, faults, 'the endpoint has a name on the internet');
  usesAll(
    endpoint,
    {
      network: props.network,
      encryptionKey: props.encryptionKey,
      'alarms.channels': props.alarms?.channels,
    },
    faults,
  );
  return plan;
}

/** What nothing of Google Cloud measures in time. */
function judgeMeasured(
  { noCapacity, captureSilentMinutes }: core.EndpointAlarmProps = {},
  onCloudRun: boolean,
  faults: Faults,
): void {
  if (noCapacity && onCloudRun) {
    faults.add(
      'CMC-040',
      'alarms.noCapacity',
      'is nothing that Cloud Run says: it refuses the requests that have no instance, so take alarms.errorPercent, or EndpointEngine.vertexAi()',
    );
  }
  if (captureSilentMinutes !== undefined) {
    faults.add(
      'CMC-040',
      'alarms.captureSilentMinutes',
      'cannot be watched on Google Cloud, where the count of rows that came to BigQuery is up to six hours late: ask the table of captureDataset by a scheduled query',
    );
  }
}

function judgeRollout(rollout: core.Rollout | undefined, service: string, faults: Faults): void {
  if (rollout && rollout.kind !== core.RolloutKind.ALL_AT_ONCE) {
    faults.add(
      'CMC-040',
      'rollout',
      `is ${rollout.kind}, which ${service} does not do: add the new version as a variant of its own with a small weight, watch it, and move the traffic with endpoint.shiftCommand`,
    );
  }
}
