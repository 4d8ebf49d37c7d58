import {
  aws_athena as athena,
  aws_glue as glue,
  aws_iam as iam,
  aws_lakeformation as lakeformation,
  aws_s3 as s3,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DataRetention } from '../../../core';
import { IEncryptionKey } from '../../encryption-key';
import { physicalName } from '../names';
import { PlatformRole } from '../platform-role';
import { arn, readPermissions } from '../storage';

/** A zone whose files are tables. */
export interface CatalogZone {
  readonly zoneName: string;
  readonly uri: string;
  readonly bucket: s3.IBucket;
}

export interface CatalogProps {
  readonly key: IEncryptionKey;
  readonly zones: readonly CatalogZone[];
  readonly retention?: DataRetention;
  readonly discoverySchedule?: string;
  readonly queryScanLimitMiB?: number;
  readonly lakeFormation?: boolean;
}

/** The tables of a lake: found by a crawler, queried with Athena. */
export class Catalog extends Construct {
  public readonly database: glue.CfnDatabase;
  public readonly crawler: glue.CfnCrawler;
  public readonly workgroup: athena.CfnWorkGroup;
  public readonly governed: boolean;

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    const { key, zones } = props;
    const kmsKeyArn = key.key.keyArn;
    this.governed = props.lakeFormation ?? false;
    this.database = new glue.CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: physicalName(this, { maxLength: 64, separator: '_' }) },
    });
    const securityConfiguration = new glue.CfnSecurityConfiguration(this, 'SecurityConfiguration', {
      name: physicalName(this, { maxLength: 255 }),
      encryptionConfiguration: {
        s3Encryptions: [{ s3EncryptionMode: 'SSE-KMS', kmsKeyArn }],
        cloudWatchEncryption: { cloudWatchEncryptionMode: 'SSE-KMS', kmsKeyArn },
        jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn },
      },
    });
    const role = this.crawlerRole(props);
    this.crawler = new glue.CfnCrawler(this, 'Crawler', {
      role: role.roleArn,
      databaseName: this.database.ref,
      crawlerSecurityConfiguration: securityConfiguration.ref,
      targets: { s3Targets: zones.map(({ uri }) => ({ path: uri })) },
      schedule: props.discoverySchedule ? { scheduleExpression: props.discoverySchedule } : undefined,
      // A file that vanishes does not take its table with it.
      schemaChangePolicy: { deleteBehavior: 'LOG', updateBehavior: 'UPDATE_IN_DATABASE' },
      lakeFormationConfiguration: this.governed ? { useLakeFormationCredentials: false } : undefined,
    });
    this.crawler.node.addDependency(...role.ready);
    allowQueries(this, key);
    this.workgroup = new athena.CfnWorkGroup(this, 'Workgroup', {
      name: physicalName(this, { maxLength: 128 }),
      recursiveDeleteOption: props.retention === DataRetention.DESTROY,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: (props.queryScanLimitMiB ?? 1024 * 1024) * 1024 * 1024,
        managedQueryResultsConfiguration: { enabled: true, encryptionConfiguration: { kmsKey: kmsKeyArn } },
      },
    });
    if (this.governed) {
      this.crawler.node.addDependency(...this.governance(role, zones));
    }
  }

  private crawlerRole({ key, zones }: CatalogProps): PlatformRole {
    const glueArn = (resource: string, name: string) => arn(this, 'glue', resource, name);
    // Neither service is known to say for which account it takes a role.
    const crawls = new iam.ServicePrincipal('glue.amazonaws.com');
    return new PlatformRole(this, 'CrawlerRole', {
      // Where Lake Formation governs, it reads the zones for who queries them, as the same role.
      assumedBy: this.governed
        ? new iam.CompositePrincipal(crawls, new iam.ServicePrincipal('lakeformation.amazonaws.com'))
        : crawls,
      permissions: [
        ...zones.flatMap(({ bucket }) => readPermissions(bucket)),
        {
          actions: [
            'glue:GetDatabase',
            'glue:GetTable',
            'glue:GetTables',
            'glue:CreateTable',
            'glue:UpdateTable',
            'glue:GetPartition',
            'glue:GetPartitions',
            'glue:BatchGetPartition',
            'glue:BatchCreatePartition',
            'glue:UpdatePartition',
          ],
          resources: [
            Stack.of(this).formatArn({ service: 'glue', resource: 'catalog' }),
            glueArn('database', this.database.ref),
            glueArn('table', `${this.database.ref}/*`),
          ],
          wildcard: 'The tables of the one database are what the crawler finds.',
        },
        {
          actions: ['glue:GetSecurityConfiguration'],
          resources: ['*'],
          wildcard: 'The action takes no resource.',
        },
        {
          actions: [
            'logs:CreateLogGroup',
            'logs:CreateLogStream',
            'logs:PutLogEvents',
            'logs:AssociateKmsKey',
          ],
          resources: [arn(this, 'logs', 'log-group', '/aws-glue/crawlers*', true)],
          wildcard:
            'AWS Glue appends the name of the security configuration to the group, and streams to that.',
        },
        { actions: ['kms:GenerateDataKey', 'kms:Encrypt'], resources: [key.key.keyArn] },
      ],
    });
  }

  /** The permissions of Lake Formation that the crawler needs besides those of IAM. */
  private governance(role: PlatformRole, zones: readonly CatalogZone[]): Construct[] {
    const catalogId = Stack.of(this).account;
    const name = this.database.ref;
    const database = permit(this, 'CrawlerOnDatabase', role.roleArn, { database: { catalogId, name } }, [
      'CREATE_TABLE',
      'ALTER',
      'DESCRIBE',
    ]);
    const locations = zones.flatMap(({ zoneName, bucket: { bucketArn: resourceArn } }) => {
      const location = new lakeformation.CfnResource(this, `Location-${zoneName}`, {
        resourceArn,
        useServiceLinkedRole: false,
        roleArn: role.roleArn,
      });
      const permission = permit(
        this,
        `CrawlerOnLocation-${zoneName}`,
        role.roleArn,
        { dataLocation: { catalogId, resourceArn } },
        ['DATA_LOCATION_ACCESS'],
      );
      permission.node.addDependency(location);
      return [location, permission];
    });
    return [database, ...locations];
  }
}

/** Lets Athena encrypt the results of this account's queries with a key: the same statement for each workgroup. */
function allowQueries(scope: Construct, { key }: IEncryptionKey): void {
  const workgroups = arn(scope, 'athena', 'workgroup', '*');
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'QueryResults',
      principals: [new iam.ServicePrincipal('encryption.athena.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
        ArnLike: { 'kms:EncryptionContext:aws:athena:arn': workgroups, 'aws:SourceArn': workgroups },
      },
    }),
  );
}

/** A permission of Lake Formation. */
export function permit(
  scope: Construct,
  id: string,
  principalArn: string,
  resource: lakeformation.CfnPrincipalPermissions.ResourceProperty,
  permissions: string[],
): lakeformation.CfnPrincipalPermissions {
  return new lakeformation.CfnPrincipalPermissions(scope, id, {
    principal: { dataLakePrincipalIdentifier: principalArn },
    resource,
    permissions,
    permissionsWithGrantOption: [],
  });
}
