import { aws_sagemaker as sagemaker, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import { SERVERLESS_INFERENCE } from '../findings';
import { resolveImage } from '../images';
import { keyFor } from '../keys';
import { logGroup } from '../logs';
import { physicalName } from '../names';
import { PlatformRole, servicePrincipal } from '../platform-role';
import { needServerless } from '../quotas';
import { hostingPermissions } from '../sagemaker-role';
import { ServerlessProps } from './limits';
import { allowContainer, containerVariables, ServingParts } from './parts';
import { ServerlessSettings } from './rules';
import { arn } from '../storage';
import { explain } from '../suppressions';

/** The one variant that a serverless endpoint has. */
const VARIANT = 'main';

/** A serverless endpoint of SageMaker, for images that must stay as they are. */
export function sageMakerEngine(
  scope: Construct,
  props: ServerlessProps,
  settings: ServerlessSettings,
): ServingParts {
  const key = keyFor(scope, props.encryptionKey);
  // A literal: the alarms and the log group name the endpoint before it exists.
  const endpointName = physicalName(scope, { maxLength: 63 });
  const group = logGroup(scope, 'LogGroup', {
    logGroupName: `/aws/sagemaker/Endpoints/${endpointName}`,
    logRetentionDays: props.logRetentionDays,
    encryptionKey: key,
  });
  const image = resolveImage(scope, settings.container.image);
  const role = new PlatformRole(scope, 'Role', {
    assumedBy: servicePrincipal(scope, 'sagemaker.amazonaws.com'),
    permissions: [
      ...image.permissions,
      ...hostingPermissions(scope, { key: key.key, logGroupArn: group.logGroupArn }),
    ],
  });
  allowContainer(scope, role, props);
  const model = new sagemaker.CfnModel(scope, 'Model', {
    executionRoleArn: role.roleArn,
    primaryContainer: { image: image.uri, environment: containerVariables(scope, props) },
  });
  model.node.addDependency(...role.seal());
  explain(model, SERVERLESS_INFERENCE.notIsolated);
  const config = new sagemaker.CfnEndpointConfig(scope, 'EndpointConfig', {
    kmsKeyId: key.key.keyArn,
    productionVariants: [
      {
        variantName: VARIANT,
        modelName: model.attrModelName,
        serverlessConfig: {
          memorySizeInMb: settings.memoryMiB,
          maxConcurrency: settings.maxInstances,
          provisionedConcurrency: settings.minInstances || undefined,
        },
      },
    ],
  });
  const endpoint = new sagemaker.CfnEndpoint(scope, 'Endpoint', {
    endpointName,
    endpointConfigName: config.attrEndpointConfigName,
  });
  // Else SageMaker makes it, without retention and key.
  endpoint.node.addDependency(group);
  report(
    scope,
    'choice',
    'Engine',
    'SageMaker serverless: the image stays as it is, requests take up to 60 seconds and 4 MB.',
  );
  needServerless(scope, countOf(settings.maxInstances, 1));
  if (settings.minInstances) {
    report(
      scope,
      'idle-cost',
      'Ready instances',
      `${settings.minInstances} instances of ${settings.memoryMiB} MiB bill all the time.`,
    );
  }
  const { region, urlSuffix } = Stack.of(scope);
  return {
    main: endpoint,
    role,
    logGroup: group,
    endpoint,
    endpointName,
    url: `https://runtime.sagemaker.${region}.${urlSuffix}/endpoints/${endpointName}/invocations`,
    invokeCommand: `aws sagemaker-runtime invoke-endpoint --region ${region} --endpoint-name ${endpointName} --content-type application/json --body "fileb://$REQUEST" /dev/stdout`,
    invoke: [
      {
        actions: ['sagemaker:InvokeEndpoint'],
        resources: [arn(scope, 'sagemaker', 'endpoint', endpointName)],
      },
    ],
    metrics: {
      namespace: 'AWS/SageMaker',
      dimensions: { EndpointName: endpointName, VariantName: VARIANT },
      latency: { metricName: 'ModelLatency', perMillisecond: 1000 },
      failed: ['Invocation5XXErrors'],
      asked: ['Invocations'],
      // The service says it as a share of the maximum.
      instances: {
        metricName: 'ServerlessConcurrentExecutionsUtilization',
        dimensions: { EndpointName: endpointName, VariantName: VARIANT },
        most: 1,
      },
    },
    references: [role.roleArn],
  };
}
