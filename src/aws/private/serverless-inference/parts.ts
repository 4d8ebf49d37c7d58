import {
  aws_ec2 as ec2,
  aws_lambda as lambda,
  aws_logs as logs,
  aws_sagemaker as sagemaker,
  CfnResource,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { secretVariables } from '../../../core/private/secrets';
import { Secret } from '../../secret';
import { resolveModel } from '../images';
import { Permission, PlatformRole } from '../platform-role';
import { ServingMetrics } from './alarms';
import { ServerlessProps } from './limits';

/** What an engine made. */
export interface ServingParts {
  readonly main: CfnResource;
  readonly role: PlatformRole;
  readonly logGroup: logs.LogGroup;
  readonly endpointName: string;
  readonly url: string;
  readonly invokeCommand: string;
  /** What asking it takes. */
  readonly invoke: Permission[];
  readonly metrics: ServingMetrics;
  /** What other stacks may refer to. */
  readonly references: string[];
  readonly function?: lambda.IFunction;
  readonly alias?: lambda.IAlias;
  readonly functionUrl?: lambda.IFunctionUrl;
  readonly securityGroup?: ec2.SecurityGroup;
  readonly endpoint?: sagemaker.CfnEndpoint;
}

/** The variables that every engine gives the container. */
export function containerVariables(
  scope: Construct,
  { container, model }: ServerlessProps,
): { [name: string]: string } {
  return {
    ...container.environment,
    ...secretVariables(container.secrets),
    ...(model && { MODEL_URI: resolveModel(scope, model).uri }),
  };
}

/** What every engine's container may do. */
export function allowContainer(
  scope: Construct,
  role: PlatformRole,
  { container, model }: ServerlessProps,
): void {
  (model ? resolveModel(scope, model).permissions : []).forEach((permission) => role.allow(permission));
  Object.values(container.secrets ?? {}).forEach((secret) => (secret as Secret).grants.read(role));
}
