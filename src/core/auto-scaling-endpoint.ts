import { EndpointAlarmProps } from './alarms';
import { Capacity } from './capacity';
import { CommonProps, IWorkload, LogProps } from './common';
import { ModelVersion, ServingContainer } from './container';
import { IDataZone } from './data-lake';
import { DeployParameter } from './deploy-parameter';
import { Rollout } from './rollout';

/** Something that answers predictions. */
export interface IInferenceEndpoint extends IWorkload {
  /** The endpoint's name. */
  readonly endpointName: string;

  /** Where predictions are posted to, with the cloud's identity. */
  readonly url: string;

  /** The shell command that sends a request. */
  readonly invokeCommand: string;

  /**
   * Lets a workload ask for predictions.
   *
   * @param workload who asks
   */
  grantInvoke(workload: IWorkload): void;
}

/** A managed, autoscaled endpoint. */
export interface IAutoScalingEndpoint extends IInferenceEndpoint {
  /**
   * Where predictions are posted to whose answers come as the container writes them, such as the words of a language
   * model: `url` on Azure and Cloud Run; on AWS `InvokeEndpointWithResponseStream`, on Vertex AI `streamRawPredict`.
   */
  readonly streamUrl: string;

  /**
   * The shell command that moves traffic to the variant in `$VARIANT`, in steps of the percents in `$STEPS` (`10 50 100`).
   * After each step it reads the alarms that were declared for `$WAIT_SECONDS` (10 to 15 minutes); it moves the traffic
   * back as it was, and fails, when one rings, when they cannot be read or when it is interrupted. Without `$VARIANT` it
   * gives every variant its declared weight at once, whatever rings. Later deployments leave what it did. It needs bash
   * and the cloud's own command line.
   */
  readonly shiftCommand: string;
}

/** One of the models that share an endpoint's traffic. */
export interface EndpointVariant {
  /** The variant's name: lower-case letters, digits and `-`, 1 to 24 characters, first a letter, last no `-`. */
  readonly name: string;

  /** The container that serves it. */
  readonly container: ServingContainer;

  /**
   * The model that the container loads.
   *
   * @default - none: the image holds what it needs
   */
  readonly model?: ModelVersion;

  /**
   * Percent of the traffic, from 0 to 100, when the endpoint is made. The weights of all variants add up to 100. What
   * `shiftCommand` did later stays until a deployment changes a weight here; on AWS, where CloudFormation cannot tell,
   * until `shiftCommand` is run without `$VARIANT`.
   *
   * @default - an equal share, where no variant has a weight
   */
  readonly weight?: number;

  /**
   * Accelerators of this variant's machines, instead of the endpoint's. A variant whose machine type must change
   * becomes a new variant with a new name.
   *
   * @default - the endpoint's
   */
  readonly accelerators?: string[];

  /**
   * The machine type of this variant, instead of the endpoint's.
   *
   * @default - the endpoint's
   */
  readonly machineType?: string;
}

/** How many machines serve a variant, and what makes them more or fewer. */
export interface ScalingProps {
  /**
   * Machines at least, from 1: endpoints bill while idle. Canary and linear rollouts need 2.
   *
   * @default 1
   */
  readonly minInstances?: number | DeployParameter;

  /**
   * Machines at most.
   *
   * @default - `minInstances`: not scaled
   */
  readonly maxInstances?: number | DeployParameter;

  /**
   * Requests per minute that one machine answers well.
   *
   * @default - not scaled by it
   */
  readonly requestsPerMinutePerInstance?: number;

  /**
   * Requests at the same time that one machine answers well: the measure for models that answer slowly.
   *
   * @default - not scaled by it
   */
  readonly concurrentRequestsPerInstance?: number;

  /**
   * Percent of a machine's processors to keep busy, from 1 to 100.
   *
   * @default - not scaled by it
   */
  readonly cpuPercent?: number;

  /**
   * Percent of a machine's accelerators to keep busy, from 1 to 100.
   *
   * @default - not scaled by it
   */
  readonly gpuPercent?: number;
}

/** Requests and answers kept for monitoring. */
export interface CaptureProps {
  /**
   * The zone that they are written to, below the endpoint's name. On Google Cloud they go to BigQuery: leave it out.
   *
   * @default - what the cloud has instead of a zone; an error where it has nothing
   */
  readonly zone?: IDataZone;

  /**
   * Percent of the requests that are kept, from 1 to 100.
   *
   * @default 100
   */
  readonly samplePercent?: number;
}

/** Props of an endpoint on every cloud. */
export interface AutoScalingEndpointProps extends CommonProps, LogProps {
  /** The models that share the traffic, 1 to 10. */
  readonly variants: EndpointVariant[];

  /**
   * Accelerators of each machine as `NAME[:COUNT]`, alternatives in the order of preference: the first one that this
   * cloud's service offers is taken.
   *
   * @default - none: a machine with 2 to 4 vCPU and no accelerator
   */
  readonly accelerators?: string[];

  /**
   * The machine type, by the cloud's own name, instead of `accelerators`.
   *
   * @default - the smallest one with the `accelerators`
   */
  readonly machineType?: string;

  /**
   * Disk of each machine in GiB, at least: for the image, the model's files and what the container writes. Machine types
   * with disks of their own have those alone. A service that sizes disks itself refuses it.
   *
   * @default - what the service gives
   */
  readonly diskGiB?: number;

  /**
   * How many machines serve each variant, and what makes them more or fewer.
   *
   * @default - one machine, not scaled
   */
  readonly scaling?: ScalingProps;

  /**
   * How a new version replaces the one that runs.
   *
   * @default Rollout.allAtOnce()
   */
  readonly rollout?: Rollout;

  /**
   * How the machines are bought.
   *
   * @default Capacity.onDemand()
   */
  readonly capacity?: Capacity;

  /**
   * Requests and answers kept for monitoring.
   *
   * @default - nothing is kept
   */
  readonly capture?: CaptureProps;

  /**
   * When people are told, and when a rollout is taken back.
   *
   * @default - no alarms
   */
  readonly alarms?: EndpointAlarmProps;
}
