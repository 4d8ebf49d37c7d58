import { ArnFormat, aws_logs as logs, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { integer, oneOf, Rule } from '../../core/private/schema';
import { IEncryptionKey } from '../encryption-key';
import { keyFor } from './keys';
import { profileOf } from './profile';

/** What CloudWatch Logs takes. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logRetentionRule: Rule = (value, prop, faults) =>
  (typeof value === 'number' ? oneOf(...RETENTION_DAYS) : integer())(value, prop, faults);

export interface LogGroupOptions {
  readonly logGroupName?: string;
  readonly logRetentionDays?: number;
  readonly encryptionKey?: IEncryptionKey;
  /** @default RemovalPolicy.DESTROY: gone with its construct */
  readonly removalPolicy?: RemovalPolicy;
}

/** The days that logs of a construct are kept. */
export const logRetention = (construct: IConstruct, days?: number): number =>
  days ?? profileOf(construct).logRetentionDays;

/** A log group of a construct: encrypted, with retention. */
export function logGroup(scope: Construct, id: string, options: LogGroupOptions): logs.LogGroup {
  return new logs.LogGroup(scope, id, {
    logGroupName: options.logGroupName,
    retention: logRetention(scope, options.logRetentionDays),
    encryptionKey: keyFor(scope, options.encryptionKey).key,
    removalPolicy: options.removalPolicy ?? RemovalPolicy.DESTROY,
  });
}

/** The ARN of a log group that the service makes, with its streams. */
export const logGroupArn = (scope: IConstruct, name: string): string =>
  Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
