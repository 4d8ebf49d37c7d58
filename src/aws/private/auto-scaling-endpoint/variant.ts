import {
  aws_applicationautoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_sagemaker as sagemaker,
} from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { atMaximumAlarm, MetricSource, variantAlarms } from './alarms';
import type { ResolvedContainer } from './container';
import type { VariantPlan } from './judge';
import { scaleVariant } from './scaling';
import * as core from '../../../core';
import { INetwork } from '../../private-network';
import { AUTO_SCALING_ENDPOINT } from '../findings';
import { explain } from '../suppressions';

/** What all variants of an endpoint share. */
export interface VariantOptions {
  readonly endpointName: string;
  readonly container: ResolvedContainer;
  readonly role: iam.IRole;
  /** What must stand before the role is used. */
  readonly roleReady: IDependable[];
  readonly network?: INetwork;
  readonly securityGroup?: ec2.ISecurityGroup;
  readonly alarms?: core.EndpointAlarmProps;
  /** What a machine count is at most, where that is watched. */
  readonly mostMachines?: number;
}

/** One variant of an endpoint: its model, the alarms that watch it, and what scales it. */
export class Variant extends Construct {
  public readonly model: sagemaker.CfnModel;
  public readonly alarms: cloudwatch.Alarm[];
  /** Undefined until `scale`, and where nothing scales it. */
  public target?: autoscaling.CfnScalableTarget;

  constructor(
    scope: Construct,
    public readonly plan: VariantPlan,
    private readonly options: VariantOptions,
  ) {
    super(scope, `Variant-${plan.variant.name}`);
    const { role, network, securityGroup } = options;
    // Unnamed: CloudFormation replaces it with every change.
    this.model = new sagemaker.CfnModel(this, 'Model', {
      executionRoleArn: role.roleArn,
      primaryContainer: options.container.definition,
      enableNetworkIsolation: plan.isolated,
      vpcConfig: network && {
        subnets: network.workloadSubnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [securityGroup!.securityGroupId],
      },
    });
    this.model.node.addDependency(...options.roleReady);
    if (!plan.isolated) {
      explain(this.model, AUTO_SCALING_ENDPOINT.container);
    }
    const { alarms, mostMachines: machines } = options;
    const minutes = alarms?.atMaximumMinutes;
    this.alarms = [
      ...variantAlarms(this, this.source, alarms),
      ...(minutes && machines ? [atMaximumAlarm(this, this.source, { minutes, machines })] : []),
    ];
  }

  /** Where its metrics are. */
  public get source(): MetricSource {
    return { endpointName: this.options.endpointName, variant: this.plan.variant.name };
  }

  /** Makes the alarms that take a rollout of a configuration back. */
  public watchRollout(endpointConfigName: string): cloudwatch.Alarm[] {
    const alarms = variantAlarms(this, { ...this.source, endpointConfigName }, this.options.alarms);
    alarms.forEach((alarm) => explain(alarm, AUTO_SCALING_ENDPOINT.rollbackAlarm));
    return alarms;
  }

  /** Scales it once the endpoint stands. */
  public scale(endpoint: sagemaker.CfnEndpoint, scaling: core.ScalingProps): void {
    this.target = scaleVariant(this, { ...this.source, scaling, machine: this.plan.machine });
    this.target.node.addDependency(endpoint);
  }
}
