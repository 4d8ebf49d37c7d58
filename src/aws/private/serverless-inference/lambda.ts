import { Annotations, aws_ec2 as ec2, aws_lambda as lambda, aws_logs as logs, Fn, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { privateAccess, signedRequest, urlPermissions } from './access';
import { ServerlessProps } from './limits';
import { allowContainer, containerVariables, ServingParts } from './parts';
import { ServerlessSettings } from './rules';
import { LIVE, liveAlias } from './version';
import * as core from '../../../core';
import { countOf } from '../../../core/private/quotas';
import { report } from '../../../core/private/report';
import { IEncryptionKey } from '../../encryption-key';
import { IModelRegistry } from '../../model-registry';
import { INetwork } from '../../private-network';
import { SERVERLESS_INFERENCE } from '../findings';
import { ResolvedImage, resolveImage } from '../images';
import { keyFor } from '../keys';
import { logGroup } from '../logs';
import { Permission, PlatformRole, servicePrincipal } from '../platform-role';
import { needConcurrency } from '../quotas';
import { explain } from '../suppressions';

/** A function of AWS Lambda that runs the image, with a URL for the cloud's identities or private to a network. */
export function lambdaEngine(
  scope: Construct,
  props: ServerlessProps,
  settings: ServerlessSettings,
): ServingParts {
  const network = props.network as INetwork | undefined;
  const image = resolveImage(scope, settings.container.image);
  remindOfPolicy(scope, image);
  const key = keyFor(scope, props.encryptionKey);
  const group = logGroup(scope, 'LogGroup', { logRetentionDays: props.logRetentionDays, encryptionKey: key });
  const role = functionRole(scope, props, key, group);
  const securityGroup = network && functionSecurityGroup(scope, network);
  const main = new lambda.CfnFunction(scope, 'Function', {
    description: `Serverless inference ${scope.node.path}`.slice(0, 256),
    packageType: 'Image',
    architectures: ['x86_64'],
    code: { imageUri: image.uri },
    imageConfig: imageConfig(settings.container),
    environment: { variables: environment(scope, props, settings) },
    kmsKeyArn: key.key.keyArn,
    role: role.roleArn,
    memorySize: settings.memoryMiB,
    timeout: settings.requestTimeoutSeconds,
    ephemeralStorage: { size: props.ephemeralStorageMiB ?? (props.model ? 10240 : 512) },
    reservedConcurrentExecutions: settings.maxInstances,
    loggingConfig: { logGroup: group.logGroupName },
    tracingConfig: { mode: 'Active' },
    vpcConfig: network && {
      subnetIds: network.workloadSubnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [securityGroup!.securityGroupId],
    },
  });
  main.node.addDependency(...role.seal());
  explain(main, SERVERLESS_INFERENCE.synchronous, ...(network ? [] : [SERVERLESS_INFERENCE.noNetwork]));
  const native = lambda.Function.fromFunctionAttributes(scope, 'Native', {
    functionArn: main.attrArn,
    role,
    securityGroup,
    sameEnvironment: true,
  });
  const live = settings.minInstances !== 0 ? liveAlias(scope, main, native, props, settings) : undefined;
  const arn = live?.resource.ref ?? main.attrArn;
  const common = {
    main,
    role,
    logGroup: group,
    securityGroup,
    function: native,
    alias: live?.alias,
    endpointName: main.ref,
    metrics: {
      namespace: 'AWS/Lambda',
      dimensions: { FunctionName: main.ref, ...(live && { Resource: Fn.join(':', [main.ref, LIVE]) }) },
      latency: { metricName: 'Duration', perMillisecond: 1 },
      failed: ['Errors', 'Throttles'],
      asked: ['Invocations', 'Throttles'],
      // Of all versions together: that is what maxInstances bounds.
      instances: {
        metricName: 'ConcurrentExecutions',
        dimensions: { FunctionName: main.ref },
        most: settings.maxInstances,
      },
    },
    references: [main.ref, main.attrArn, role.roleArn, ...(live ? [live.resource.ref] : [])],
  };
  report(scope, 'choice', 'Engine', 'AWS Lambda: the image needs the line of the Lambda Web Adapter.');
  needConcurrency(scope, countOf(settings.maxInstances, 1));
  if (network) {
    return {
      ...common,
      ...privateAccess(scope, { name: main.ref, qualifier: live && LIVE }, arn, network, props),
    };
  }
  const functionUrl = new lambda.FunctionUrl(scope, 'Url', {
    function: live?.alias ?? native,
    authType: lambda.FunctionUrlAuthType.AWS_IAM,
    invokeMode: props.streaming ? lambda.InvokeMode.RESPONSE_STREAM : lambda.InvokeMode.BUFFERED,
  });
  if (live) {
    functionUrl.node.addDependency(live.resource);
  }
  const url = Fn.join('', [functionUrl.url, settings.predictPath.slice(1)]);
  return {
    ...common,
    functionUrl,
    url,
    invokeCommand: signedRequest(url, Stack.of(scope).region),
    invoke: urlPermissions(arn),
    references: [...common.references, functionUrl.url],
  };
}

/** A repository of this app admits AWS Lambda; what others do cannot be seen. */
function remindOfPolicy(scope: Construct, { uri, declared }: ResolvedImage): void {
  const repository = (declared?.registry as IModelRegistry | undefined)?.repository(declared!.name);
  if (!repository?.node.defaultChild) {
    Annotations.of(scope).addInfoV2(
      'cloud-ml-constructs:LambdaImage',
      `The policy of the repository of ${uri} must let lambda.amazonaws.com pull: ecr:BatchGetImage, ecr:GetDownloadUrlForLayer`,
    );
  }
}

function imageConfig({ command, args }: core.ServingContainer): lambda.CfnFunction.ImageConfigProperty {
  // What SageMaker gives every container, so that one image behaves the same on both.
  return { entryPoint: command, command: args ?? (command ? undefined : ['serve']) };
}

/** Sorted, because a version that differs in nothing else is refused. */
function environment(
  scope: Construct,
  props: ServerlessProps,
  settings: ServerlessSettings,
): { [name: string]: string } {
  const { container, predictPath, minInstances } = settings;
  const variables = {
    ...containerVariables(scope, props),
    AWS_LWA_PORT: String(container.port ?? 8080),
    AWS_LWA_READINESS_CHECK_PATH: container.healthPath ?? '/ping',
    AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '200-399',
    AWS_LWA_PASS_THROUGH_PATH: predictPath,
    AWS_LWA_INVOKE_MODE: props.streaming ? 'response_stream' : 'buffered',
    // Else a model's failures would be successes of the function, and no alarm would see them.
    AWS_LWA_ERROR_STATUS_CODES: '500-599',
    // A cold start of more than 10 seconds goes on in the first request; kept instances must be ready beforehand.
    AWS_LWA_ASYNC_INIT: String(minInstances === 0),
  };
  return Object.fromEntries(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function functionRole(
  scope: Construct,
  props: ServerlessProps,
  key: IEncryptionKey,
  group: logs.LogGroup,
): PlatformRole {
  const role = new PlatformRole(scope, 'Role', {
    assumedBy: servicePrincipal(scope, 'lambda.amazonaws.com'),
    permissions: [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [group.logGroupArn],
        wildcard: 'The streams of the one log group.',
      },
      { actions: ['kms:Decrypt'], resources: [key.key.keyArn] },
      {
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
        wildcard: 'The actions take no resource.',
      },
      ...(props.network ? [NETWORK_INTERFACES] : []),
    ],
  });
  allowContainer(scope, role, props);
  return role;
}

/** What AWS Lambda does with the role to put a function into a network; the function's own code may not. */
const NETWORK_INTERFACES: Permission = {
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
  conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
  wildcard:
    'AWS Lambda makes the network interfaces and shares them between functions; code of a function is excluded by condition.',
};

function functionSecurityGroup(scope: Construct, { vpc }: INetwork): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Serverless inference',
    allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS, as far as the network has routes');
  return group;
}
