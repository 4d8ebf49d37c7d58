import { WorkbenchInstance, WorkbenchInstanceGceSetup } from '@cdktf/provider-google/lib/workbench-instance';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { WorkspacePlan } from './judge';
import { environmentScript, workspaceVariables } from '../../../core/private/workspace';
import { keep } from '../../../terraform/kept';
import { text } from '../../../terraform/text';
import { IEncryptionKey } from '../../encryption-key';
import { INetwork, PrivateNetwork } from '../../private-network';
import type { WorkspaceProps } from '../../workspace';
import { apis } from '../apis';
import { after } from '../judge';
import { encryptedBy } from '../keys';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';

/** What the notebooks of all users have in common. */
export interface InstanceProps {
  readonly zone: string;
  readonly email: string;
  readonly network: INetwork;
  readonly key?: IEncryptionKey;
  /** The address of the image; none for the service's own. */
  readonly imageUri?: string;
  /** What must stand before an instance starts. */
  readonly ready: ITerraformDependable[];
}

/** The name of a user's notebook. */
export const instanceName = (user: Construct): string => physicalName(user, RFC1035);

/** The notebook of a user, open to the person alone, or to whoever may act as the service account. */
export function workbenchInstance(
  user: Construct,
  person: string | undefined,
  props: WorkspaceProps,
  plan: WorkspacePlan,
  made: InstanceProps,
): WorkbenchInstance {
  const { key } = made;
  const instance = new WorkbenchInstance(user, 'Instance', {
    name: instanceName(user),
    location: made.zone,
    instanceOwners: person === undefined ? undefined : [text(person)],
    gceSetup: setup(user, props, plan, made),
    dependsOn: [
      ...apis(user, 'notebooks', 'compute'),
      ...encryptedBy(user, key, 'compute'),
      ...encryptedBy(user, key, 'notebooks'),
      ...after(user, ...((made.network as Partial<PrivateNetwork>)._waysOut?.() ?? [])),
      ...made.ready,
    ],
  });
  keep(instance, props.retention);
  return instance;
}

function setup(
  user: Construct,
  props: WorkspaceProps,
  { choice, diskGiB, idleShutdownMinutes, datasetVariables }: WorkspacePlan,
  { email, network, key, imageUri }: InstanceProps,
): WorkbenchInstanceGceSetup {
  const { machine } = choice;
  const encryption = key ? { diskEncryption: 'CMEK', kmsKey: key.keyId } : { diskEncryption: 'GMEK' };
  const [, repository, tag] = /^(.*?)(?::([\w.-]+|\$\{TfToken\[[^\]]*\]\}))?$/.exec(imageUri ?? '')!;
  const { project, region } = placeOf(user);
  const variables = {
    ...workspaceVariables({ ...props, environment: text(props.environment) }, datasetVariables),
    GOOGLE_CLOUD_PROJECT: project,
    GOOGLE_CLOUD_REGION: region,
  };
  return {
    machineType: text(choice.type),
    acceleratorConfigs: machine && [
      { type: machine.google!.vertexAcceleratorType!, coreCount: `${machine.count}` },
    ],
    containerImage: repository ? { repository, tag } : undefined,
    disablePublicIp: true,
    networkInterfaces: [{ network: network.networkId, subnet: network.subnetworkId }],
    serviceAccounts: [{ email }],
    bootDisk: { diskType: 'PD_BALANCED', diskSizeGb: '150', ...encryption },
    dataDisks: { diskType: 'PD_BALANCED', diskSizeGb: `${diskGiB}`, ...encryption },
    shieldedInstanceConfig: {
      enableVtpm: true,
      enableIntegrityMonitoring: true,
      // The drivers of accelerators are not signed for it.
      enableSecureBoot: !machine,
    },
    metadata: {
      'idle-timeout-seconds': `${idleShutdownMinutes * 60}`,
      'enable-guest-attributes': 'true',
      'notebook-disable-root': 'true',
      'serial-port-enable': 'false',
      'block-project-ssh-keys': 'true',
      'startup-script': script(variables),
    },
  };
}

/** What the machine runs as root at each start, when the disk of the home is there. */
const script = (variables: Record<string, string>): string =>
  [
    '#!/bin/sh',
    'export HOME=/home/jupyter',
    'n=0',
    'until mountpoint -q "$HOME" || [ $n -ge 300 ]; do n=$((n+1)); sleep 1; done',
    ...environmentScript(JSON.stringify(variables)),
    'chown -R jupyter "$HOME/.ipython" "$HOME/.bashrc" "$HOME"/.workspace-environment.*',
    '',
  ].join('\n');
