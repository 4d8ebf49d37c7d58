import { aws_ec2 as ec2, aws_fsx as fsx, aws_iam as iam, aws_kms as kms, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Mount } from './channels';
import { DataRetention, ScratchProps } from '../../../core';
import { IDataZone } from '../../data-lake';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork } from '../../private-network';
import { ENCRYPTION_KEY } from '../findings';
import { profileOf } from '../profile';
import { needLustre } from '../quotas';
import { removalPolicy } from '../retention';
import { explain } from '../suppressions';

export interface FileSystemProps extends ScratchProps {
  readonly network: INetwork;
  /** The machines that mount it. */
  readonly clients: ec2.ISecurityGroup;
  readonly key: IEncryptionKey;
  readonly retention?: DataRetention;
}

/** What servers and clients of Lustre talk by, each of them to the other. */
const PORTS = [ec2.Port.tcp(988), ec2.Port.tcpRange(1018, 1023)];

/** The file system of FSx for Lustre that all nodes of all jobs share. */
export class Scratch extends Construct implements Mount {
  public readonly fileSystem: fsx.CfnFileSystem;
  /** The one subnet that it is in, where jobs run beside it: between zones traffic bills, and is slower. */
  public readonly subnet: ec2.ISubnet;
  public readonly fileSystemId: string;
  public readonly mountName: string;

  constructor(scope: Construct, id: string, props: FileSystemProps) {
    super(scope, id);
    [this.subnet] = props.network.workloadSubnets;
    const group = this.makeSecurityGroup(props);
    this.fileSystem = new fsx.CfnFileSystem(this, 'FileSystem', {
      fileSystemType: 'LUSTRE',
      fileSystemTypeVersion: '2.15',
      storageType: 'SSD',
      storageCapacity: props.sizeGiB,
      // The kinds for scratch take no key of the customer.
      kmsKeyId: props.key.key.keyArn,
      subnetIds: [this.subnet.subnetId],
      securityGroupIds: [group.securityGroupId],
      lustreConfiguration: {
        deploymentType: 'PERSISTENT_2',
        perUnitStorageThroughput: 250,
        dataCompressionType: 'LZ4',
        // What is linked to a bucket takes no backups.
        automaticBackupRetentionDays: props.zone ? undefined : profileOf(this).backupDays,
      },
    });
    this.fileSystem.applyRemovalPolicy(removalPolicy(props.retention));
    needLustre(this, props.sizeGiB);
    this.node.defaultChild = this.fileSystem;
    this.fileSystemId = this.fileSystem.ref;
    this.mountName = this.fileSystem.attrLustreMountName;
    if (props.zone) {
      this.link(props.zone as IDataZone);
    }
  }

  private makeSecurityGroup({ network, clients, retention }: FileSystemProps): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: network.vpc,
      description: 'Servers of Lustre: among themselves, and with training machines',
      allowAllOutbound: false,
    });
    // A group that has rules of other resources only lets everything out.
    (group.node.defaultChild as ec2.CfnSecurityGroup).securityGroupEgress = [
      {
        ...{ ipProtocol: 'icmp', fromPort: 252, toPort: 86, cidrIp: '255.255.255.255/32' },
        description: 'Nothing but what is added',
      },
    ];
    // The file system cannot be without it.
    group.applyRemovalPolicy(removalPolicy(retention));
    for (const port of PORTS) {
      group.connections.allowInternally(port, 'Lustre');
      group.connections.allowFrom(clients, port, 'Lustre');
      group.connections.allowTo(clients, port, 'Lustre');
    }
    return group;
  }

  private link({ zoneName, bucket }: IDataZone): void {
    if (bucket.encryptionKey) {
      this.allowImport(bucket.encryptionKey);
    }
    new fsx.CfnDataRepositoryAssociation(this, 'Zone', {
      fileSystemId: this.fileSystemId,
      fileSystemPath: `/${zoneName}`,
      dataRepositoryPath: `s3://${bucket.bucketName}/`,
      batchImportMetaDataOnCreate: true,
      s3: { autoImportPolicy: { events: ['NEW', 'CHANGED', 'DELETED'] } },
    });
  }

  /** Lets the service-linked roles that read buckets for file systems use a bucket's key. They do not exist yet. */
  private allowImport(key: kms.IKey): void {
    const { partition, account } = Stack.of(this);
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'LustreImport',
        principals: [new iam.AnyPrincipal()],
        actions: ['kms:Decrypt', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:CallerAccount': account },
          ArnLike: {
            'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*`,
          },
        },
      }),
    );
    explain(key, ENCRYPTION_KEY.serviceLinkedRoles);
  }
}
