import {
  aws_applicationautoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
  aws_ec2 as ec2,
  aws_events as events,
  aws_iam as iam,
  aws_logs as logs,
  aws_sagemaker as sagemaker,
  aws_sns as sns,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import * as core from '../core';
import { endpointAlarms, requestMetric, rolloutAlarmNames } from './private/auto-scaling-endpoint/alarms';
import { invokeCommandOf, shiftCommandOf } from './private/auto-scaling-endpoint/commands';
import { bucketOf, endpointConfig } from './private/auto-scaling-endpoint/config';
import { resolveContainer } from './private/auto-scaling-endpoint/container';
import { judgeEndpoint } from './private/auto-scaling-endpoint/judge';
import { endpointSecurityGroup } from './private/auto-scaling-endpoint/network';
import { reportEndpoint } from './private/auto-scaling-endpoint/report';
import { executionRole } from './private/auto-scaling-endpoint/role';
import { deploymentConfig, retained } from './private/auto-scaling-endpoint/rollout';
import { Variant } from './private/auto-scaling-endpoint/variant';
import { numberValue } from './private/deploy-parameter';
import { grantee, judgeConstruct } from './private/judge';
import { keyFor } from './private/keys';
import { logGroup } from './private/logs';
import { physicalName } from './private/names';
import { allow } from './private/platform-role';
import { callersInside } from './private/private-access';
import { arn } from './private/storage';
import { INetwork } from './private-network';
import { IWorkload } from './workload';
import { findDeclared } from '../core/private/declared';
import { text } from '../core/private/schema';
import { isToken } from '../core/private/tokens';

/** Props of an endpoint on AWS. */
export interface AutoScalingEndpointProps extends core.AutoScalingEndpointProps {
  /**
   * Whether the containers can reach no network at all, S3 included; SageMaker brings the model's files itself. Give
   * `false` where a container calls other services: in the `network`, if there is one.
   *
   * @default - true, but false for a container with `secrets`, which it must fetch
   */
  readonly networkIsolation?: boolean;
}

/** An endpoint of SageMaker that can be asked for predictions. */
export interface IInvocableEndpoint extends IConstruct {
  /** The endpoint's name. */
  readonly endpointName: string;

  /** The endpoint's ARN. */
  readonly endpointArn: string;

  /** Where predictions are posted to, signed with Signature Version 4. */
  readonly url: string;

  /** The shell command that sends the file `$REQUEST` and prints the answer. */
  readonly invokeCommand: string;

  /** Grants to native principals. */
  readonly grants: AutoScalingEndpointGrants;

  /**
   * Lets a workload ask for predictions.
   *
   * @param workload who asks
   */
  grantInvoke(workload: core.IWorkload): void;
}

/** An endpoint on AWS; as a workload it is its execution role. */
export interface IAutoScalingEndpoint extends core.IAutoScalingEndpoint, IWorkload {
  /** The endpoint's ARN. */
  readonly endpointArn: string;

  /** Grants to native principals. */
  readonly grants: AutoScalingEndpointGrants;

  /** The native endpoint. */
  readonly endpoint: sagemaker.CfnEndpoint;

  /** The native endpoint configuration. */
  readonly endpointConfig: sagemaker.CfnEndpointConfig;

  /** The native execution role. */
  readonly role: iam.IRole;

  /**
   * The native model of a variant.
   *
   * @param variant the variant's name
   */
  model(variant: string): sagemaker.CfnModel;

  /**
   * What scales a variant; undefined where `scaling` names nothing to scale by.
   *
   * @param variant the variant's name
   */
  scalableTarget(variant: string): autoscaling.CfnScalableTarget | undefined;
}

/** Grants of an endpoint to native principals. */
export class AutoScalingEndpointGrants {
  /** @internal */
  constructor(
    private readonly endpointArn: string,
    private readonly conditions?: { [operator: string]: any },
  ) {}

  /**
   * Lets a native principal ask for predictions; where the endpoint has a `network`, only from inside of it.
   *
   * @param to a role, user or service of your own
   */
  public invoke(to: iam.IGrantable): iam.Grant {
    return allow(to, {
      actions: ['sagemaker:InvokeEndpoint', 'sagemaker:InvokeEndpointWithResponseStream'],
      resources: [this.endpointArn],
      conditions: this.conditions,
    });
  }
}

/** What can be said of an endpoint by its name alone. */
abstract class InvocableEndpoint extends Construct implements IInvocableEndpoint {
  public abstract readonly endpointName: string;
  public abstract readonly grants: AutoScalingEndpointGrants;

  public get endpointArn(): string {
    return arnOf(this, this.endpointName);
  }

  public get url(): string {
    const { region, urlSuffix } = Stack.of(this);
    return `https://runtime.sagemaker.${region}.${urlSuffix}/endpoints/${this.endpointName}/invocations`;
  }

  public get invokeCommand(): string {
    return invokeCommandOf(this.endpointName);
  }

  public grantInvoke(workload: core.IWorkload): void {
    this.grants.invoke(grantee(this, workload));
  }
}

/** SageMaker writes names in ARNs in lower case. */
const arnOf = (scope: IConstruct, name: string): string =>
  arn(scope, 'sagemaker', 'endpoint', Token.isUnresolved(name) ? name : name.toLowerCase());

/**
 * A managed endpoint on AWS: Amazon SageMaker real-time inference. Models and endpoint configurations are replaced by
 * CloudFormation with every change; the endpoint stays, keeps its name, and moves traffic between the old and the new
 * machines by SageMaker's deployment guardrails. It bills for its machines while idle, and for twice as many during a
 * rollout.
 *
 * What cannot be seen here: SageMaker takes a rollout in steps only while the names of the variants stay, so add or
 * remove a variant in a deployment of its own with `Rollout.allAtOnce()`; and it refuses to change the machine type of
 * a variant that is scaled, so give the variant a new name with the new machine.
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
 * const endpoint = new aws.AutoScalingEndpoint(stack, 'Fraud', {
 *   variants: [
 *     {
 *       name: 'main',
 *       container: { image: registry.image('serve', '7') },
 *       model: registry.model('fraud-detector').version('7'),
 *     },
 *   ],
 *   accelerators: ['L4'],
 *   scaling: { minInstances: 2, maxInstances: 8, requestsPerMinutePerInstance: 600 },
 *   rollout: core.Rollout.canary({ percent: 50, bakeMinutes: 10 }),
 *   alarms: { p99LatencyMs: 300, errorPercent: 1 },
 * });
 */
export class AutoScalingEndpoint extends InvocableEndpoint implements IAutoScalingEndpoint {
  /**
   * An endpoint of this account and region that exists already, to ask it for predictions. Its role is not known:
   * to grant something to it, wrap the role with `Workload.fromRole`.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param endpointName the endpoint's name
   */
  public static fromEndpointName(scope: Construct, id: string, endpointName: string): IInvocableEndpoint {
    return new ImportedEndpoint(scope, id, endpointName);
  }

  public readonly endpointName: string;
  public readonly shiftCommand: string;
  public readonly identityId: string;
  public readonly grantPrincipal: iam.IPrincipal;
  public readonly grants: AutoScalingEndpointGrants;
  public readonly endpoint: sagemaker.CfnEndpoint;
  public readonly endpointConfig: sagemaker.CfnEndpointConfig;
  public readonly role: iam.IRole;
  /** The native log group of the containers. */
  public readonly logGroup: logs.ILogGroup;
  /** The native alarms that notify people. */
  public readonly alarms: cloudwatch.AlarmBase[];
  /** The native rule that tells of machines that were not given; undefined without `alarms.noCapacity`. */
  public readonly noCapacityRule?: events.Rule;
  /**
   * The native alarms that take a rollout back. They see only what the rollout brings, so that a fix can be deployed
   * while those for people ring.
   */
  public readonly rolloutAlarms: cloudwatch.Alarm[];
  /** The native topic that mails people and calls webhooks; undefined without `alarms.notify`. */
  public readonly topic?: sns.ITopic;
  /** The native security group of the machines, for HTTPS to the outside only; undefined without `network`. */
  public readonly securityGroup?: ec2.SecurityGroup;
  private readonly variants: ReadonlyMap<string, Variant>;

  /**
   * @param scope where it belongs
   * @param id its name there
   * @param props what it serves and how
   * @throws ValidationError for props that SageMaker cannot honour
   */
  constructor(scope: Construct, id: string, props: AutoScalingEndpointProps) {
    super(scope, id);
    const plan = judgeConstruct(this, 'AutoScalingEndpoint', (faults) => judgeEndpoint(this, props, faults));

    const { alarms, scaling, capture } = props;
    const encryptionKey = keyFor(this, props.encryptionKey);
    const { key } = encryptionKey;
    const network = props.network as INetwork | undefined;
    // A literal: alarms name the endpoint, and the endpoint names the alarms.
    const endpointName = physicalName(this, { maxLength: 63 });
    this.endpointName = endpointName;
    this.grants = new AutoScalingEndpointGrants(
      this.endpointArn,
      network && callersInside(network, 'sagemaker.runtime'),
    );
    this.shiftCommand = shiftCommandOf(endpointName, plan.variants, alarms);
    this.logGroup = logGroup(this, 'LogGroup', {
      logGroupName: `/aws/sagemaker/Endpoints/${endpointName}`,
      logRetentionDays: props.logRetentionDays,
      encryptionKey,
    });
    const securityGroup = network && endpointSecurityGroup(this, network, plan, endpointName);
    this.securityGroup = securityGroup;

    const containers = new Map(
      plan.variants.map(({ variant, machine }) => [
        variant,
        resolveContainer(this, variant, machine.machine),
      ]),
    );
    const alarmNames = plan.variants.flatMap(({ variant: { name } }) =>
      rolloutAlarmNames({ endpointName, variant: name }, alarms),
    );
    const role = executionRole(this, {
      endpointName,
      key,
      logGroupArn: this.logGroup.logGroupArn,
      rolloutAlarmNames: alarmNames,
      captureTo: capture && bucketOf(capture),
      network,
      securityGroup,
      containers: containers.values(),
    });
    this.role = role;
    this.identityId = role.roleArn;
    this.grantPrincipal = role.grantPrincipal;
    plan.variants
      .flatMap(({ variant }) => Object.values(variant.container.secrets ?? {}))
      .forEach((secret) => secret.grantRead(this));

    // From here on grants wait for the role no more: the endpoint may be granted what depends on it.
    const roleReady = role.seal();
    const variants = plan.variants.map((one) => {
      const container = containers.get(one.variant)!;
      return new Variant(this, one, {
        endpointName,
        container,
        role,
        roleReady,
        network,
        securityGroup,
        alarms,
        mostMachines: scaling?.maxInstances && numberValue(this, scaling.maxInstances),
      });
    });
    this.variants = new Map(variants.map((one) => [one.plan.variant.name, one]));
    this.endpointConfig = endpointConfig(this, props, { variants, key, endpointName });
    const configName = this.endpointConfig.attrEndpointConfigName;
    const told = endpointAlarms(this, props, variants);
    this.alarms = told.alarms;
    this.noCapacityRule = told.noCapacityRule;
    this.topic = told.topic;
    this.rolloutAlarms = variants.flatMap((one) => one.watchRollout(configName));

    this.endpoint = new sagemaker.CfnEndpoint(this, 'Endpoint', {
      endpointName,
      endpointConfigName: configName,
      deploymentConfig: deploymentConfig(props.rollout, alarmNames),
      ...retained(plan),
    });
    this.endpoint.node.addDependency(this.logGroup, ...this.rolloutAlarms);
    this.node.defaultChild = this.endpoint;
    if (plan.scaled) {
      variants.forEach((one) => one.scale(this.endpoint, scaling!));
    }
    reportEndpoint(this, props, plan);
  }

  public get streamUrl(): string {
    return `${this.url}-response-stream`;
  }

  public model(variant: string): sagemaker.CfnModel {
    return this.find(variant).model;
  }

  public scalableTarget(variant: string): autoscaling.CfnScalableTarget | undefined {
    return this.find(variant).target;
  }

  /**
   * A metric of a variant's requests, in the namespace `AWS/SageMaker`.
   *
   * @param metricName the metric's name, such as `OverheadLatency`
   * @param variant the variant's name
   * @param options statistic, period and looks
   */
  public metric(
    metricName: string,
    variant: string,
    options: cloudwatch.MetricOptions = {},
  ): cloudwatch.Metric {
    return requestMetric(this.find(variant).source, metricName, options);
  }

  /**
   * The number of requests to a variant.
   *
   * @param variant the variant's name
   * @param options statistic, by default the sum, period and looks
   */
  public metricInvocations(variant: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.metric('Invocations', variant, { statistic: 'Sum', ...options });
  }

  /**
   * The time that a variant's model takes for a request, in microseconds.
   *
   * @param variant the variant's name
   * @param options statistic, by default the average, period and looks
   */
  public metricModelLatency(variant: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.metric('ModelLatency', variant, { statistic: 'Average', ...options });
  }

  private find(variant: string): Variant {
    return findDeclared(this, this.variants, 'variant', variant, 'variants');
  }
}

const NAME = text({
  pattern: /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
  means: "the name of a SageMaker endpoint: letters, digits and '-', at most 63",
});

class ImportedEndpoint extends InvocableEndpoint {
  public readonly grants: AutoScalingEndpointGrants;

  constructor(
    scope: Construct,
    id: string,
    public readonly endpointName: string,
  ) {
    super(scope, id);
    judgeConstruct(
      this,
      'InvocableEndpoint',
      (faults) => isToken(endpointName) || NAME(endpointName, 'endpointName', faults),
    );
    this.grants = new AutoScalingEndpointGrants(this.endpointArn);
  }
}
