import { AlarmProps } from './alarms';
import { IInferenceEndpoint } from './auto-scaling-endpoint';
import { CommonProps, LogProps } from './common';
import { ModelVersion, ServingContainer } from './container';

/** A container that is scaled to zero. */
export interface IServerlessInference extends IInferenceEndpoint {}

/** Props of a serverless inference on every cloud. */
export interface ServerlessInferenceProps extends CommonProps, LogProps {
  /** The container. */
  readonly container: ServingContainer;

  /**
   * The model that the container loads.
   *
   * @default - none: the image holds what it needs
   */
  readonly model?: ModelVersion;

  /**
   * Memory of an instance in MiB. AWS Lambda takes 128 to 10240.
   *
   * @default 2048
   */
  readonly memoryMiB?: number;

  /**
   * Processors of an instance. AWS derives them from the memory.
   *
   * @default - what goes with the memory
   */
  readonly cpu?: number;

  /**
   * Accelerators of an instance as `NAME[:COUNT]`, alternatives in the order of preference. AWS has none here.
   *
   * @default - none
   */
  readonly accelerators?: string[];

  /**
   * Instances at most, at the same time: what bounds the cost.
   *
   * @default 10
   */
  readonly maxInstances?: number;

  /**
   * Instances that are kept ready, and billed. 0 scales to zero.
   *
   * @default 0
   */
  readonly minInstances?: number;

  /**
   * Requests that one instance answers at the same time. On AWS it is 1.
   *
   * @default - 1 on AWS; elsewhere what the service gives
   */
  readonly concurrentRequestsPerInstance?: number;

  /**
   * When people are told.
   *
   * @default - no alarms
   */
  readonly alarms?: AlarmProps;
}
