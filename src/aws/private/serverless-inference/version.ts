import { createHash } from 'crypto';
import { aws_lambda as lambda, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { textValue } from '../deploy-parameter';
import { ServerlessProps } from './limits';
import { ServerlessSettings } from './rules';
import * as core from '../../../core';
import { report } from '../../../core/private/report';

/** The alias that instances are kept ready for. */
export const LIVE = 'live';

/**
 * The version that instances are kept ready for. Its description changes with everything that a version keeps, deploy
 * parameters included, and so replaces it: CloudFormation publishes the next one before it moves the alias.
 */
export function liveAlias(
  scope: Construct,
  main: lambda.CfnFunction,
  native: lambda.IFunction,
  props: ServerlessProps,
  settings: ServerlessSettings,
) {
  const { image } = settings.container;
  const given = [typeof image === 'string' ? undefined : image.tag, props.model?.version]
    .filter((value) => core.DeployParameter.isDeployParameter(value))
    .map((value) => textValue(scope, value!));
  const version = new lambda.CfnVersion(scope, 'Version', {
    functionName: main.ref,
    description: Fn.join(' ', [Lazy.uncachedString({ produce: () => contentHash(main) }), ...given]),
  });
  const resource = new lambda.CfnAlias(scope, 'Live', {
    name: LIVE,
    functionName: main.ref,
    functionVersion: version.attrVersion,
    provisionedConcurrencyConfig: { provisionedConcurrentExecutions: settings.minInstances },
  });
  report(
    scope,
    'idle-cost',
    'Ready instances',
    `${settings.minInstances} instances of ${settings.memoryMiB} MiB bill all the time.`,
  );
  const alias = lambda.Alias.fromAliasAttributes(scope, 'NativeAlias', {
    aliasName: LIVE,
    aliasVersion: lambda.Version.fromVersionAttributes(scope, 'NativeVersion', {
      lambda: native,
      version: version.attrVersion,
    }),
  });
  return { resource, alias };
}

/** What publishing a version does not keep. */
const NOT_IN_VERSIONS = ['ReservedConcurrentExecutions', 'Tags', 'CodeSigningConfigArn'];

/** A hash over what a version keeps, as the template has it. */
function contentHash(main: lambda.CfnFunction): string {
  const template = Stack.of(main).resolve(
    (main as unknown as { _toCloudFormation(): object })._toCloudFormation(),
  );
  const [{ Properties }] = Object.values(template.Resources) as { Properties: Record<string, unknown> }[];
  const kept = Object.entries(Properties).filter(([name]) => !NOT_IN_VERSIONS.includes(name));
  return createHash('sha256')
    .update(JSON.stringify(sorted(Object.fromEntries(kept))))
    .digest('hex')
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, child]) => [name, sorted(child)]));
  }
  return value;
}
