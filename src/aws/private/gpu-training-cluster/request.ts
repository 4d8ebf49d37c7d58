import { IResolvable, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { inputChannels, Mount } from './channels';
import { ENTRY_POINT } from './environment';
import { DatasetPlan } from '../../../core/private/datasets';

/** Any JSON of the States language. */
export type Json = { readonly [key: string]: unknown };

/** An expression of JSONata. */
export const jsonata = (expression: string): string => `{% ${expression} %}`;

/** A text that is taken as it stands, also where it looks like an expression. */
export const literal = (value: string): string =>
  /^\{%[^]*%\}$/.test(value) ? jsonata(JSON.stringify(value)) : value;

/** Where a run's files are: a prefix, then the run's name. */
export const ofRun = (prefix: string): string => jsonata(`'${prefix}' & $run & '/'`);

export interface TrainingRequestProps {
  readonly image: string;
  readonly roleArn: string;
  readonly machineType: string;
  readonly diskGiB: number;
  /** None for machine types whose local disks are encrypted by their hardware. */
  readonly volumeKeyArn?: string;
  readonly outputKeyArn: string;
  readonly trainingPlanArn?: string;
  readonly environment: Record<string, string>;
  /** `s3://…/`, below which runs have theirs. */
  readonly checkpoints: string;
  readonly models: string;
  readonly outputs: string;
  /** Whether nodes encrypt what they tell each other. */
  readonly nodesTalkEncrypted?: boolean;
  readonly timeLimitHours: number;
  readonly maxRetries: number;
  readonly tags: IResolvable;
  readonly network?: { readonly subnetIds: string[]; readonly securityGroupId: string };
  readonly scratch?: Mount;
  readonly datasets: readonly DatasetPlan[];
}

/** How long a job waits for spot machines, on top of its time limit; nothing on demand. */
export interface SpotRequest {
  readonly maxWaitHours: number;
}

/** The request of SageMaker's CreateTrainingJob, but for the job's name. */
export function trainingRequest(props: TrainingRequestProps, spot?: SpotRequest): Json {
  const { network, scratch, timeLimitHours, maxRetries } = props;
  const seconds = (hours: number) => hours * 3600;
  return {
    RoleArn: props.roleArn,
    Tags: props.tags,
    AlgorithmSpecification: {
      TrainingImage: props.image,
      TrainingInputMode: 'File',
      ContainerEntrypoint: ENTRY_POINT,
      ContainerArguments: jsonata('$command'),
    },
    InputDataConfig: inputChannels(props.datasets, scratch),
    ResourceConfig: {
      InstanceType: props.machineType,
      InstanceCount: jsonata('$nodes'),
      VolumeSizeInGB: props.diskGiB,
      VolumeKmsKeyId: props.volumeKeyArn,
      TrainingPlanArn: props.trainingPlanArn,
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: seconds(timeLimitHours),
      MaxWaitTimeInSeconds: spot && seconds(timeLimitHours + spot.maxWaitHours),
    },
    EnableManagedSpotTraining: spot ? true : undefined,
    RetryStrategy: maxRetries ? { MaximumRetryAttempts: maxRetries } : undefined,
    CheckpointConfig: { S3Uri: ofRun(props.checkpoints), LocalPath: '/opt/ml/checkpoints' },
    // Uncompressed: endpoints serve it as it is.
    OutputDataConfig: {
      S3OutputPath: ofRun(props.outputs),
      KmsKeyId: props.outputKeyArn,
      CompressionType: 'NONE',
    },
    VpcConfig: network && { Subnets: network.subnetIds, SecurityGroupIds: [network.securityGroupId] },
    // The job's own code reads s3://…
    EnableNetworkIsolation: false,
    EnableInterContainerTrafficEncryption: props.nodesTalkEncrypted,
    Environment: {
      ...Object.fromEntries(Object.entries(props.environment).map(([name, value]) => [name, literal(value)])),
      CHECKPOINT_URI: ofRun(props.checkpoints),
      MODEL_OUTPUT_URI: ofRun(props.models),
    },
  };
}

/** The ARN of an integration of Step Functions. */
export const integration = (scope: IConstruct, name: string): string =>
  `arn:${Stack.of(scope).partition}:states:::${name}`;
