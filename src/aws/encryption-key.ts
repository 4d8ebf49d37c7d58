import { Aws, Duration, aws_iam as iam, aws_kms as kms, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { exportAlways } from './private/exports';
import { judgeConstruct, rootOf } from './private/judge';
import { profileOf } from './private/profile';
import { removalPolicy } from './private/retention';
import { encryptionKeyRules } from '../core/private/rules/stack';
import { judgeProps, struct } from '../core/private/schema';

/** A customer-managed key of AWS KMS. */
export interface IEncryptionKey extends core.IEncryptionKey {
  /** The native key. */
  readonly key: kms.IKey;
}

/** Props of a customer-managed key of AWS KMS. */
export interface EncryptionKeyProps extends core.EncryptionKeyProps {}

/**
 * A customer-managed key of AWS KMS, rotated, that also the services which write logs and send notifications for the
 * account may use. Constructs make one per root stack on first need, so most programs never name this class.
 */
export class EncryptionKey extends Construct implements IEncryptionKey {
  /**
   * A key of this app, or an imported one. What services need is added to the policy of a key of this app; the policy
   * of an imported key must itself let CloudWatch Logs, alarms and events use it, the delivery of logs read what state
   * machines write, Athena the results of queries, CloudTrail the records of audit trails, and, for training on AWS Batch,
   * the launching of machines encrypt their disks.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param key the native key
   */
  public static fromKey(scope: Construct, id: string, key: kms.IKey): IEncryptionKey {
    const imported = new ImportedKey(scope, id, key);
    allowServices(imported, key);
    return imported;
  }

  public readonly key: kms.IKey;
  public readonly keyId: string;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', (faults) => judgeProps(faults, struct(encryptionKeyRules), props));

    const key = new kms.Key(this, 'Key', {
      description: `Machine-learning platform ${rootOf(Stack.of(this)).node.id}`,
      enableKeyRotation: true,
      rotationPeriod: Duration.days(props.rotationDays ?? profileOf(this).keyRotationDays),
      removalPolicy: removalPolicy(props.retention),
    });
    allowServices(this, key);
    this.node.defaultChild = key.node.defaultChild;
    exportAlways(this, key.keyArn);
    this.key = key;
    this.keyId = key.keyArn;
  }
}

class ImportedKey extends Construct implements IEncryptionKey {
  public readonly keyId: string;

  constructor(
    scope: Construct,
    id: string,
    public readonly key: kms.IKey,
  ) {
    super(scope, id);
    judgeConstruct(this, 'EncryptionKey', () => undefined);
    this.keyId = key.keyArn;
  }
}

/**
 * The same statements on every key, whoever uses it: a key's policy does not grow with its users, and names no
 * resource of another stack.
 */
function allowServices(scope: Construct, key: kms.IKey): void {
  const { partition, region, account } = Stack.of(scope);
  const statement = (
    sid: string,
    service: string,
    actions: string[],
    condition?: { [operator: string]: object },
  ) =>
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        principals: [new iam.ServicePrincipal(service)],
        actions,
        resources: ['*'],
        conditions: condition,
      }),
    );
  const use = [
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'kms:DescribeKey',
  ];
  statement('Logs', `logs.${region}.${Aws.URL_SUFFIX}`, use, {
    ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*` },
  });
  const tell = ['kms:Decrypt', 'kms:GenerateDataKey'];
  statement('Alarms', 'cloudwatch.amazonaws.com', tell, { StringEquals: { 'aws:SourceAccount': account } });
  // EventBridge says of no message for whom it is: a condition would keep all of them from encrypted topics.
  statement('Events', 'events.amazonaws.com', tell);
}
