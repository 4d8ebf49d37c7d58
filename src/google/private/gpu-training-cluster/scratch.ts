import { DataGoogleComputeSubnetwork } from '@cdktf/provider-google/lib/data-google-compute-subnetwork';
import { FilestoreInstance } from '@cdktf/provider-google/lib/filestore-instance';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { DataRetention, ScratchProps } from '../../../core';
import { report } from '../../../core/private/report';
import { keep } from '../../../terraform/kept';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork } from '../../private-network';
import { apis } from '../apis';
import { encryptedBy } from '../keys';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';
import { needFilestore } from '../quotas';

export interface FileSystemProps extends ScratchProps {
  readonly network: INetwork;
  readonly key?: IEncryptionKey;
  readonly retention?: DataRetention;
}

/** The name of the share, and of the folder that it is mounted at. */
const SHARE = 'scratch';

/** Where services mount it: Vertex AI decides the folder above. */
export const SCRATCH_DIR = { vertex: `/mnt/nfs/${SHARE}`, gke: `/mnt/${SHARE}` };

/** The file system of Filestore that all nodes of all jobs share. */
export class Scratch extends Construct {
  public readonly instance: FilestoreInstance;
  public readonly path = `/${SHARE}`;
  public readonly mountPoint = SHARE;

  constructor(scope: Construct, id: string, { network, key, sizeGiB, retention }: FileSystemProps) {
    super(scope, id);
    const subnetwork = new DataGoogleComputeSubnetwork(this, 'Subnetwork', {
      selfLink: network.subnetworkId,
    });
    this.instance = new FilestoreInstance(this, 'Instance', {
      name: physicalName(this, RFC1035),
      // Jobs run in whichever zone of the region has machines.
      tier: 'REGIONAL',
      location: placeOf(this).region,
      protocol: 'NFS_V3',
      kmsKeyName: key?.keyId,
      fileShares: {
        name: SHARE,
        capacityGb: sizeGiB,
        // NFS asks nobody who they are: the addresses of machines are all that is between.
        nfsExportOptions: [
          { ipRanges: [subnetwork.ipCidrRange], accessMode: 'READ_WRITE', squashMode: 'NO_ROOT_SQUASH' },
        ],
      },
      networks: [
        {
          network: network.networkId,
          modes: ['MODE_IPV4'],
          connectMode: this.isShared(network) ? 'PRIVATE_SERVICE_ACCESS' : 'DIRECT_PEERING',
        },
      ],
      // Also of one that the program has no longer.
      deletionProtectionEnabled: retention !== DataRetention.DESTROY,
      dependsOn: [...apis(this, 'file'), ...encryptedBy(this, key, 'file')],
    });
    keep(this.instance, retention);
    this.node.defaultChild = this.instance;
    needFilestore(this, sizeGiB);
  }

  public get server(): string {
    return Fn.element(this.instance.networks.get(0).ipAddresses, 0);
  }

  /** Only the project of a network peers it with Filestore by itself. */
  private isShared({ networkId }: INetwork): boolean {
    const [, host] = /^projects\/([^/$]+)\/global\/networks\/[^/$]+$/.exec(networkId) ?? [];
    if (!host || host === placeOf(this).project) {
      return false;
    }
    report(
      this,
      'note',
      'Scratch',
      `Filestore reaches the network of ${host} by private services access, which whoever administers ${host} sets up.`,
    );
    return true;
  }
}
