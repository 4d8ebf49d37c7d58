import { BigqueryConnection } from '@cdktf/provider-google/lib/bigquery-connection';
import { BigqueryConnectionIamMember } from '@cdktf/provider-google/lib/bigquery-connection-iam-member';
import { DataplexDatascan } from '@cdktf/provider-google/lib/dataplex-datascan';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { apis } from '../apis';
import { serviceAgent } from '../keys';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';
import { READ } from '../storage';

export interface DiscoveryOptions {
  readonly zones: { readonly zoneName: string; readonly bucketName: string }[];
  readonly schedule?: string;
}

/** A scan per zone, which Dataplex runs and publishes to BigQuery as BigLake tables, read through one connection. */
export class Discovery extends Construct {
  public readonly connection: BigqueryConnection;
  public readonly scans: ReadonlyMap<string, DataplexDatascan>;
  public readonly command: string;

  constructor(scope: Construct, id: string, { zones, schedule }: DiscoveryOptions) {
    super(scope, id);
    const { project, region } = placeOf(this);
    const agent = serviceAgent(this, 'dataplex');

    this.connection = new BigqueryConnection(this, 'Connection', {
      connectionId: physicalName(this, RFC1035),
      location: region,
      cloudResource: {},
      dependsOn: apis(this, 'bigqueryconnection', 'bigquery'),
    });
    const publishing = [
      new BigqueryConnectionIamMember(this, 'UseConnection', {
        connectionId: this.connection.connectionId,
        location: region,
        role: 'roles/dataplex.discoveryBigLakePublishingServiceAgent',
        member: agent,
      }),
      // It makes a dataset for each bucket: no dataset is there yet that could be granted.
      new ProjectIamMember(this, 'Publish', {
        project,
        role: 'roles/dataplex.discoveryPublishingServiceAgent',
        member: agent,
        dependsOn: apis(this, 'cloudresourcemanager'),
      }),
    ];
    this.scans = new Map(
      zones.map(({ zoneName, bucketName }) => [
        zoneName,
        this.scan(zoneName, bucketName, agent, publishing, schedule),
      ]),
    );
    this.command = [...this.scans.values()]
      .map(
        (scan) =>
          `gcloud dataplex datascans run ${scan.dataScanIdInput} --location=${region} --project=${project}`,
      )
      .join(' && ');
  }

  private scan(
    zone: string,
    bucket: string,
    agent: string,
    publishing: ITerraformDependable[],
    schedule?: string,
  ): DataplexDatascan {
    const { project, region } = placeOf(this);
    const scope = new Construct(this, `Zone-${zone}`);
    const discover = new StorageBucketIamMember(scope, 'Discover', {
      bucket,
      role: 'roles/dataplex.discoveryServiceAgent',
      member: agent,
    });
    const read = new StorageBucketIamMember(scope, 'Read', {
      bucket,
      role: READ,
      member: `serviceAccount:${this.connection.cloudResource.serviceAccountId}`,
    });
    return new DataplexDatascan(scope, 'Scan', {
      dataScanId: physicalName(scope, RFC1035),
      location: region,
      data: { resource: `//storage.googleapis.com/projects/${project}/buckets/${bucket}` },
      executionSpec: { trigger: schedule ? { schedule: { cron: schedule } } : { onDemand: {} } },
      dataDiscoverySpec: {
        bigqueryPublishingConfig: {
          tableType: 'BIGLAKE',
          connection: `projects/${project}/locations/${region}/connections/${this.connection.connectionId}`,
          location: region,
          project: `projects/${project}`,
        },
      },
      dependsOn: [discover, read, ...publishing, ...apis(this, 'dataplex')],
    });
  }
}
