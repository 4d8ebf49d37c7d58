import { Fn, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { INetwork } from '../../private-network';
import { Permission } from '../platform-role';
import { callersInside } from '../private-access';
import { ServerlessProps } from './limits';
import { ServingParts } from './parts';

interface Target {
  readonly name: string;
  readonly qualifier?: string;
  /** @default - that of the stack */
  readonly region?: string;
}

/** Both actions are needed since October 2025; the condition keeps the second one to the URL. */
export const urlPermissions = (functionArn: string): Permission[] => [
  {
    actions: ['lambda:InvokeFunctionUrl'],
    resources: [functionArn],
    conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  },
  {
    actions: ['lambda:InvokeFunction'],
    resources: [functionArn],
    conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  },
];

/** The Invoke API: what a private function answers, and one that was imported without its URL. */
function invokeApi(scope: Construct, { name, qualifier, region = Stack.of(scope).region }: Target) {
  const [query, option] = qualifier ? [`?Qualifier=${qualifier}`, ` --qualifier ${qualifier}`] : ['', ''];
  return {
    url: `https://lambda.${region}.${Stack.of(scope).urlSuffix}/2015-03-31/functions/${name}/invocations${query}`,
    invokeCommand: `aws lambda invoke --region ${region} --function-name ${name}${option} --payload "fileb://$REQUEST" /dev/stdout`,
  };
}

/** Callers reach the Invoke API through the network's own endpoint; the container reaches secrets through another. */
export function privateAccess(
  scope: Construct,
  target: Target,
  functionArn: string,
  network: INetwork,
  { container }: ServerlessProps,
) {
  const conditions = callersInside(network, 'lambda');
  if (Object.keys(container.secrets ?? {}).length) {
    network.endpoint('secretsmanager');
  }
  return {
    ...invokeApi(scope, target),
    invoke: [{ actions: ['lambda:InvokeFunction'], resources: [functionArn], conditions }],
  };
}

/** A request with the signature of AWS's identity, without a tool besides curl and the AWS CLI. */
export const signedRequest = (url: string, region: string): string =>
  [
    'eval "$(aws configure export-credentials --format env)"',
    [
      `curl --fail-with-body --aws-sigv4 aws:amz:${region}:lambda`,
      // A user's own keys have no token; one word, because zsh does not split what it expands.
      '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${AWS_SESSION_TOKEN:+-H"x-amz-security-token: $AWS_SESSION_TOKEN"}',
      `--header 'content-type: application/json' --data-binary "@$REQUEST" ${url}`,
    ].join(' '),
  ].join(' && ');

/** How something is asked. */
export type Access = Pick<ServingParts, 'endpointName' | 'url' | 'invokeCommand' | 'invoke'>;

/** How a function is asked that exists already. */
export function importedFunction(scope: Construct, functionArn: string, url?: string): Access {
  const known = Token.isUnresolved(functionArn) ? undefined : functionArn.split(':');
  const part = (i: number) => known?.[i] ?? Fn.select(i, Fn.split(':', functionArn));
  const [region, name, qualifier] = [part(3), part(6), known?.[7]];
  return {
    endpointName: name,
    ...(url
      ? { url, invokeCommand: signedRequest(url, region), invoke: urlPermissions(functionArn) }
      : {
          ...invokeApi(scope, { name, qualifier, region }),
          invoke: [{ actions: ['lambda:InvokeFunction'], resources: [functionArn] }],
        }),
  };
}
