import { IConstruct } from 'constructs';
import * as core from '../../../core';
import { judgeAlarms } from '../../../core/private/alarms';
import { Faults } from '../../../core/private/faults';
import { judgeProfile } from '../../../core/private/profile';
import { serverlessInferenceRules } from '../../../core/private/rules/serving';
import { integer, judgeProps, Schema, struct } from '../../../core/private/schema';
import { isToken } from '../../../core/private/tokens';
import { ContainerTimes, judgeContainer } from '../cloud-run/container';
import { InstanceSize, judgeSize } from '../cloud-run/machine';
import { CLOUD, usesAll } from '../judge';
import { logRetentionRule } from '../logs';
import { SERVICE_ACCOUNT_EMAIL } from '../service-account';

/** The props as the rules see them: the public interface is the same. */
export interface ServerlessProps extends core.ServerlessInferenceProps {
  readonly serviceAccountEmail?: string;
}

/** The props with every default decided. */
export interface ServerlessSettings extends ContainerTimes {
  readonly size: InstanceSize;
  readonly predictPath: string;
  readonly minInstances: number;
  readonly maxInstances: number;
}

const ELSEWHERE = 'AutoScalingEndpoint';

const PROPS: Schema<ServerlessProps> = {
  ...serverlessInferenceRules(CLOUD, logRetentionRule),
  serviceAccountEmail: SERVICE_ACCOUNT_EMAIL,
  memoryMiB: integer({ min: 512, max: 32768, because: 'AutoScalingEndpoint has machines with more' }),
  maxInstances: integer({ min: 1, max: 1000 }),
  concurrentRequestsPerInstance: integer({ min: 1, max: 1000, because: 'Cloud Run takes no more' }),
};

/** Judges the props of a serverless inference and decides its defaults. */
export function judgeServerless(
  inference: IConstruct,
  props: ServerlessProps,
  faults: Faults,
): ServerlessSettings {
  judgeProps(faults, struct(PROPS), props);
  const { container, model, minInstances = 0, maxInstances = 10 } = props;
  if (![minInstances, maxInstances].some(isToken) && minInstances > maxInstances) {
    faults.add('CMC-031', 'minInstances', `(${minInstances}) must be at most maxInstances (${maxInstances})`);
  }
  const { accelerators, cpu, memoryMiB } = props;
  const size = judgeSize(
    { accelerators, cpu, memoryMiB, acceleratorsAt: 'accelerators', sizeAt: '', elsewhere: ELSEWHERE },
    faults,
  );
  judgeAlarms(props.alarms, faults);
  judgeProfile(inference, props, faults, 'the service has a URL on the internet');
  usesAll(
    inference,
    {
      network: props.network,
      encryptionKey: props.encryptionKey,
      'alarms.channels': props.alarms?.channels,
    },
    faults,
  );
  const asked = { container, model, gpu: props.accelerators !== undefined, at: '', elsewhere: ELSEWHERE };
  const times = judgeContainer(inference, asked, faults);
  return { size, predictPath: container.predictPath ?? '/invocations', minInstances, maxInstances, ...times };
}
