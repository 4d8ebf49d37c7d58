import { aws_iam as iam, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as core from '../core';
import { grantee, judgeConstruct } from './private/judge';
import { allow } from './private/platform-role';

/** A secret of AWS Secrets Manager. */
export interface ISecret extends core.ISecret {
  /** The native secret. */
  readonly nativeSecret: secretsmanager.ISecret;
}

/** Lets native principals read a secret. */
export class SecretGrants {
  /** @internal */
  constructor(private readonly secret: secretsmanager.ISecret) {}

  /**
   * Lets a native principal read the secret's value.
   *
   * @param to a role, user or service of your own
   */
  public read(to: iam.IGrantable): iam.Grant {
    const { secret } = this;
    if (secret.encryptionKey) {
      allow(to, { actions: ['kms:Decrypt'], resources: [secret.encryptionKey.keyArn] });
    }
    return allow(to, {
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
    });
  }
}

/**
 * A secret of AWS Secrets Manager, handed to containers and jobs by reference. AWS Batch jobs find its value in the
 * variable that it is given as; SageMaker and Lambda do not inject values: there a variable NAME becomes
 * `NAME_SECRET_ID`, the secret's ARN, and the container reads the secret itself.
 */
export class Secret extends Construct implements ISecret {
  /**
   * A secret of this app, or an imported one.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param secret the native secret
   */
  public static fromSecret(scope: Construct, id: string, secret: secretsmanager.ISecret): ISecret {
    return new Secret(scope, id, () => secret);
  }

  /**
   * A secret that exists already, by its name.
   *
   * @param scope where it belongs
   * @param id its name there
   * @param secretName the secret's name in this account and region
   */
  public static fromSecretName(scope: Construct, id: string, secretName: string): ISecret {
    return new Secret(scope, id, (self) =>
      secretsmanager.Secret.fromSecretNameV2(self, 'Resource', secretName),
    );
  }

  public readonly nativeSecret: secretsmanager.ISecret;
  public readonly secretId: string;
  /** Grants to native principals. */
  public readonly grants: SecretGrants;

  private constructor(scope: Construct, id: string, find: (self: Construct) => secretsmanager.ISecret) {
    super(scope, id);
    judgeConstruct(this, 'Secret', () => undefined);
    this.nativeSecret = find(this);
    this.secretId = this.nativeSecret.secretArn;
    this.grants = new SecretGrants(this.nativeSecret);
  }

  public grantRead(workload: core.IWorkload): void {
    this.grants.read(grantee(this, workload));
  }
}
