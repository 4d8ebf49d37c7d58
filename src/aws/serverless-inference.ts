import {
  aws_cloudwatch as cloudwatch,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  aws_sagemaker as sagemaker,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { exportAlways } from './private/exports';
import { grantee, judgeConstruct } from './private/judge';
import { allow, Permission } from './private/platform-role';
import { importedFunction } from './private/serverless-inference/access';
import { servingAlarms } from './private/serverless-inference/alarms';
import { lambdaEngine } from './private/serverless-inference/lambda';
import { SAGEMAKER_ENGINE } from './private/serverless-inference/limits';
import { judgeServerless } from './private/serverless-inference/rules';
import { sageMakerEngine } from './private/serverless-inference/sagemaker';
import { IWorkload } from './workload';
import { report } from '../core/private/report';
import { judgeProps, required, Schema, struct, text } from '../core/private/schema';

/** The service of AWS that runs the container. */
export enum ServerlessEngine {
  /** AWS Lambda, from a container image that holds the Lambda Web Adapter: up to 10240 MiB, 900 seconds and 6 MB per request. */
  LAMBDA = 'lambda',
  /** A serverless endpoint of SageMaker, for images that must stay as they are: up to 6144 MiB, 60 seconds and 4 MB per request. */
  SAGEMAKER = 'sagemaker',
}

/** Props of a serverless inference on AWS. */
export interface ServerlessInferenceProps extends core.ServerlessInferenceProps {
  /**
   * The service that runs the container.
   *
   * @default ServerlessEngine.LAMBDA
   */
  readonly engine?: ServerlessEngine;

  /**
   * Whether answers are sent while the container still makes them, through the function URL. Not with `network`.
   *
   * @default false
   */
  readonly streaming?: boolean;

  /**
   * Space for files in `/tmp` in MiB, from 512 to 10240: the only place that a container on AWS Lambda can write to.
   *
   * @default - 10240 with a `model`, which is fetched there; else 512
   */
  readonly ephemeralStorageMiB?: number;
}

/** A function that exists already: it can be asked. */
export interface IInvocableFunction extends IConstruct {
  /** The function's name. */
  readonly endpointName: string;

  /** Where predictions are posted to, signed with Signature Version 4. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST`, JSON, and prints the answer. */
  readonly invokeCommand: string;

  /** Grants to native principals. */
  readonly grants: ServerlessInferenceGrants;

  /**
   * Lets a workload ask for predictions.
   *
   * @param workload who asks
   */
  grantInvoke(workload: core.IWorkload): void;
}

/** A serverless inference on AWS; as a workload it is its execution role. */
export interface IServerlessInference extends core.IServerlessInference, IWorkload {
  /** Grants to native principals. */
  readonly grants: ServerlessInferenceGrants;

  /** The native role that the container runs as. */
  readonly role: iam.IRole;

  /** The native function; undefined on SageMaker. Its L1 is `node.defaultChild`. */
  readonly function?: lambda.IFunction;

  /** The native endpoint; undefined on AWS Lambda. */
  readonly endpoint?: sagemaker.CfnEndpoint;
}

/** Props of a function that exists already. */
export interface FromFunctionProps {
  /** The ARN of the function, or of its alias. */
  readonly functionArn: string;

  /**
   * The function URL, which takes the identities of AWS, with the path that predictions are posted to:
   * `https://….lambda-url.eu-west-1.on.aws/invocations`.
   *
   * @default - none: it is asked through the Invoke API
   */
  readonly url?: string;
}

/** Grants of a serverless inference to native principals. */
export class ServerlessInferenceGrants {
  /** @internal */
  constructor(private readonly inference: IInvocableFunction) {}

  /**
   * Lets a native principal of the same account ask for predictions; where it has a `network`, only from inside of it.
   *
   * @param to a role, user or service of your own
   */
  public invoke(to: iam.IGrantable): iam.Grant {
    return (this.inference as InvocableInference)._invoke
      .map((permission) => allow(to, permission))
      .reduce((all, grant) => all.combine(grant));
  }
}

/** What a serverless inference is, made or imported. */
abstract class InvocableInference extends Construct implements IInvocableFunction {
  public abstract readonly endpointName: string;
  public abstract readonly url: string;
  public abstract readonly invokeCommand: string;
  /** Grants to native principals. */
  public readonly grants: ServerlessInferenceGrants = new ServerlessInferenceGrants(this);
  /**
   * What asking it takes.
   *
   * @internal
   */
  public abstract readonly _invoke: Permission[];

  public grantInvoke(workload: core.IWorkload): void {
    this.grants.invoke(grantee(this, workload));
  }
}

/**
 * A container scaled to zero on AWS. By default a function of AWS Lambda: its image needs one line, which copies the
 * Lambda Web Adapter, and can write to `/tmp` only; requests and answers hold up to 6 MB. A model is fetched by the
 * container from `MODEL_URI`.
 *
 * Without `network` it has a function URL that takes the identities of AWS only. With `network` it has none: callers
 * inside ask the Invoke API through the network's endpoint, where a request is the JSON itself. Idle, it bills nothing
 * but `minInstances`, and in a network the hours of the endpoint.
 *
 * `maxInstances` reserves concurrency of the account. `minInstances` are kept ready behind the alias `live`, so going
 * from 0 to more, or back, changes the URL. Cold starts count as part of the first request: `startupTimeoutSeconds`
 * can be at most `requestTimeoutSeconds`.
 *
 * `alarms.p99LatencyMs` watches the duration of the function (SageMaker: the model's latency), `errorPercent` what
 * failed (answers from 500 to 599, which callers of the URL see as 502, crashes, timeouts) or was throttled at
 * `maxInstances`; `atMaximumMinutes` whether as many requests run as instances are allowed.
 *
 * @example
 * import { App } from 'aws-cdk-lib';
 * import { aws, core } from 'cloud-ml-constructs';
 *
 * const stack = new aws.PlatformStack(new App(), 'platform');
 * const registry = new aws.ModelRegistry(stack, 'Registry', {
 *   models: [{ name: 'fraud-detector' }],
 *   images: ['train', 'serve'],
 * });
 * const thumbnails = new aws.ServerlessInference(stack, 'Thumbnails', {
 *   container: { image: registry.image('serve', core.DeployParameter.of('Tag', '2')), requestTimeoutSeconds: 30 },
 *   memoryMiB: 4096,
 *   maxInstances: 5,
 * });
 */
export class ServerlessInference extends InvocableInference implements IServerlessInference {
  /**
   * A function of AWS Lambda that exists already, to ask it for predictions through the Invoke API. An endpoint of
   * SageMaker is imported with `AutoScalingEndpoint.fromEndpointName`.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param functionArn the ARN of the function, or of its alias
   */
  public static fromFunctionArn(scope: Construct, id: string, functionArn: string): IInvocableFunction {
    return new ImportedFunction(scope, id, { functionArn });
  }

  /**
   * A function of AWS Lambda that exists already, to ask it for predictions through its URL.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param props its ARN and URL
   */
  public static fromAttributes(scope: Construct, id: string, props: FromFunctionProps): IInvocableFunction {
    return new ImportedFunction(scope, id, props);
  }

  public readonly endpointName: string;
  public readonly url: string;
  /** The shell command that sends the file `$REQUEST`, JSON, with the identity of the AWS CLI. */
  public readonly invokeCommand: string;
  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;
  public readonly role: iam.IRole;
  /** The native log group. */
  public readonly logGroup: logs.ILogGroup;
  /** The native alarms that `alarms` asked for. */
  public readonly alarms: cloudwatch.Alarm[];
  /** The native topic that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly topic?: sns.ITopic;
  public readonly function?: lambda.IFunction;
  /** The native alias that instances are kept ready behind; undefined without `minInstances`, and on SageMaker. */
  public readonly alias?: lambda.IAlias;
  /** The native function URL; undefined with `network`, and on SageMaker. */
  public readonly functionUrl?: lambda.IFunctionUrl;
  /** The native security group; undefined without `network`. It lets the container reach port 443 only. */
  public readonly securityGroup?: ec2.ISecurityGroup;
  public readonly endpoint?: sagemaker.CfnEndpoint;
  /** @internal */
  public readonly _invoke: Permission[];

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it runs and how
   * @throws ValidationError for props that the engine cannot honour
   */
  constructor(scope: Construct, id: string, props: ServerlessInferenceProps) {
    super(scope, id);
    const settings = judgeConstruct(this, 'ServerlessInference', (faults) =>
      judgeServerless(this, props, faults),
    );

    const make = props.engine === SAGEMAKER_ENGINE ? sageMakerEngine : lambdaEngine;
    const parts = make(this, props, settings);
    this.node.defaultChild = parts.main;
    this.role = parts.role;
    this.identityId = parts.role.roleArn;
    this.grantPrincipal = parts.role.grantPrincipal;
    this.logGroup = parts.logGroup;
    this.endpointName = parts.endpointName;
    this.url = parts.url;
    this.invokeCommand = parts.invokeCommand;
    this._invoke = parts.invoke;
    const { alarms, topic } = servingAlarms(this, parts.metrics, props);
    this.alarms = alarms;
    this.topic = topic;
    this.function = parts.function;
    this.alias = parts.alias;
    this.functionUrl = parts.functionUrl;
    this.securityGroup = parts.securityGroup;
    this.endpoint = parts.endpoint;
    exportAlways(this, ...parts.references);
    report(this, 'command', 'Ask for a prediction', this.invokeCommand);
  }
}

const FROM_FUNCTION: Schema<FromFunctionProps> = {
  functionArn: required(
    text({
      pattern: /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]+)?$/,
      means: 'the ARN of a function of AWS Lambda, or of its alias',
    }),
  ),
  url: text({
    pattern: /^https:\/\/[^/]+\/.*$/,
    means: 'a function URL with the path that predictions are posted to',
  }),
};

class ImportedFunction extends InvocableInference {
  public readonly endpointName: string;
  public readonly url: string;
  public readonly invokeCommand: string;
  /** @internal */
  public readonly _invoke: Permission[];

  constructor(scope: Construct, id: string, props: FromFunctionProps) {
    super(scope, id);
    judgeConstruct(this, 'InvocableFunction', (faults) => judgeProps(faults, struct(FROM_FUNCTION), props));
    const access = importedFunction(this, props.functionArn, props.url);
    this.endpointName = access.endpointName;
    this.url = access.url;
    this.invokeCommand = access.invokeCommand;
    this._invoke = access.invoke;
  }
}
